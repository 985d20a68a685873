"""Who may ask what of a session: one table.

Whether it can be done *now* is for the decisions; a right only says that this kind of person may ask it at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from journal import Actor
from rooms import commands as c
from rooms.caucus.state import CONFERRING
from rooms.errors import NotAllowed
from rooms.session import Session
from rooms.vocabulary import WATCHING, Role


class OutsideRole(StrEnum):
    """Those who ask without sitting in the room."""

    OFFICE = "office"  # a mediator or administrator of the session's office
    KEEPER = "keeper"  # a supervisor, scoped likewise, or an administrator of the session's office
    OFFICER = "officer"  # any officer; what they may look at is scoped where they look
    SUPERVISOR = "overseer"  # scoped likewise; spelled otherwise than the role of one who looks on
    SYSTEM = "system"


Standing = Role | OutsideRole

_EVERYBODY: frozenset[Standing] = frozenset(Role) - {Role.SUPERVISOR}
"""Who takes part. A supervisor who looks on may come and go, and nothing else."""
_MEDIATOR: frozenset[Standing] = frozenset({Role.MEDIATOR})
_PARTIES = _EVERYBODY - _MEDIATOR
_OFFICE: frozenset[Standing] = frozenset({OutsideRole.OFFICE, OutsideRole.SYSTEM})
_KEEPER: frozenset[Standing] = frozenset({OutsideRole.KEEPER})
_SYSTEM: frozenset[Standing] = frozenset({OutsideRole.SYSTEM})
_CONFERRING: frozenset[Standing] = CONFERRING
SENDING = frozenset(Role) - WATCHING
"""Who has a microphone and a camera in the room."""
SHARING: frozenset[Standing] = frozenset(
    {Role.MEDIATOR, Role.CONSUMER, Role.BUSINESS, Role.REPRESENTATIVE, Role.LAWYER}
)

DECIDING: frozenset[Standing] = frozenset({Role.CONSUMER, Role.BUSINESS, Role.REPRESENTATIVE, Role.LAWYER})
"""Who can answer for a side: a party, or who acts for them under an authority that the mediator has recorded."""

ASSISTED: frozenset[Standing] = frozenset({Role.CONSUMER, Role.BUSINESS, Role.REPRESENTATIVE})
"""Beside whom a helper may sit."""

RIGHTS: Mapping[type[c.Command], frozenset[Standing]] = {
    c.Schedule: _OFFICE,
    c.Cancel: _OFFICE,
    c.AddSeat: _OFFICE,
    c.CorrectPhone: _OFFICE,
    c.IssueLink: _OFFICE,
    c.RevokeLink: _OFFICE,
    c.OpenLink: _PARTIES,
    c.AnswerConsent: _PARTIES,
    c.WithdrawConsent: _PARTIES,
    c.GiveConsent: _PARTIES,
    c.AskOtherTime: _PARTIES,
    c.NoteCodeSent: _PARTIES,
    c.ConfirmIdentity: _PARTIES,
    c.StateAge: _PARTIES,
    c.ConfirmByVoice: frozenset({OutsideRole.OFFICE}),
    c.AskHelp: _PARTIES,
    c.ChooseName: _PARTIES,
    c.CheckDevice: _EVERYBODY,
    c.Arrive: _EVERYBODY,
    c.Admit: _MEDIATOR,
    c.SendBack: _MEDIATOR,
    c.Leave: _EVERYBODY | {Role.SUPERVISOR},
    c.Observe: frozenset({OutsideRole.SUPERVISOR}),
    c.Remove: _MEDIATOR,
    c.CoverOpening: _MEDIATOR,
    c.EnterPhase: _MEDIATOR,
    c.StartRecess: _MEDIATOR | _SYSTEM,  # a request for recusal interrupts
    c.EndRecess: _MEDIATOR,
    c.SetDoor: _MEDIATOR,
    c.Mute: _EVERYBODY,
    c.Unmute: _EVERYBODY,
    c.AskUnmute: _MEDIATOR,
    c.SetHand: _PARTIES,
    c.SetCamera: SENDING,
    c.SetScreen: SHARING,
    c.Say: _EVERYBODY,
    c.StartCaucus: _MEDIATOR,
    c.EndCaucus: _MEDIATOR | _SYSTEM,  # the media did not follow
    c.StartConsulting: _CONFERRING,
    c.EndConsulting: _CONFERRING | _SYSTEM,
    c.WriteSlip: _CONFERRING,
    c.MarkSlip: _CONFERRING,
    c.WithdrawSlip: _CONFERRING,
    c.ShowSlip: _MEDIATOR,
    c.OpenGap: _MEDIATOR,
    c.AgreeGap: _CONFERRING,
    c.EnterFigure: _CONFERRING,
    c.DropGap: _MEDIATOR,
    c.ChooseChannel: _EVERYBODY - {Role.INTERPRETER},
    c.ProposeOutcome: _MEDIATOR,
    c.TakeBackOutcome: _MEDIATOR,
    c.SeeOutcome: _PARTIES,
    c.Close: _MEDIATOR,
    c.RecordHeld: _MEDIATOR,
    c.PutClause: _MEDIATOR,
    c.RemoveClause: _MEDIATOR,
    c.MoveClause: _MEDIATOR,
    c.AskConfirmation: _MEDIATOR,
    c.AnswerClause: DECIDING,
    c.QueryClause: _PARTIES - {Role.OBSERVER},
    c.ExplainClause: _MEDIATOR,
    c.PutFact: _MEDIATOR,
    c.RemoveFact: _MEDIATOR,
    c.AnswerFact: DECIDING,
    c.ShowLaw: _MEDIATOR,
    c.PutLawAway: _MEDIATOR,
    c.ShowTypical: _MEDIATOR,
    c.PutTypicalAway: _MEDIATOR,
    c.CheckItem: _MEDIATOR,
    c.Assist: ASSISTED | _MEDIATOR,
    c.EndAssistance: ASSISTED | _MEDIATOR,
    c.PutClaim: _MEDIATOR,
    c.RecordAuthority: _MEDIATOR,
    c.WaiveAgreement: DECIDING,
    c.ProposeAgreed: _MEDIATOR,
    c.OfferSigning: _MEDIATOR,
    c.CallOffSigning: _MEDIATOR,
    c.ReadThrough: DECIDING,
    c.AgreeElectronicForm: DECIDING,
    c.ConsentHandwriting: DECIDING | _MEDIATOR,
    c.ConfirmSigner: DECIDING | _MEDIATOR,
    c.ConfirmSignerByVoice: _MEDIATOR,
    c.Sign: DECIDING | _MEDIATOR,
    c.RefuseSigning: DECIDING,
    c.WithdrawSignature: DECIDING | _MEDIATOR,
    c.SealDocument: _MEDIATOR,
    c.NoteCopy: _PARTIES | frozenset({OutsideRole.OFFICER}),
    c.Correct: frozenset({Role.MEDIATOR, OutsideRole.OFFICE}),
    c.AddNote: frozenset({OutsideRole.SUPERVISOR}),
    c.CorrectEntry: frozenset({OutsideRole.SUPERVISOR}),
    c.NoteConnection: _SYSTEM,
    c.NoteSpeaking: _SYSTEM,
    c.NotePictures: _SYSTEM,
    c.NoteQuality: _SYSTEM,
    c.NoteMediaAwaited: _SYSTEM,
    c.NoteMediaConnected: _SYSTEM,
    c.NoteRecording: _SYSTEM,
    c.NoteExport: frozenset({OutsideRole.OFFICER}),
    c.NoteView: frozenset({OutsideRole.OFFICER}),
    c.GrantViewing: frozenset({OutsideRole.SUPERVISOR}),
    c.NoteViewing: frozenset({OutsideRole.OFFICER}),
    c.PlaceHold: _KEEPER,
    c.LiftHold: _KEEPER,
    c.OrderErasure: _KEEPER | _SYSTEM,
    c.NoteErased: _SYSTEM,
    c.Resume: _SYSTEM,
    c.OfferExhibit: SHARING,
    c.NoteExhibit: _SYSTEM,
    c.WithdrawExhibit: SHARING,
    c.ReleaseExhibit: SHARING,
    c.ShowExhibit: SHARING,
    c.PutAwayExhibit: SHARING,
    c.TurnPage: SHARING,
    c.MarkExhibit: SHARING,
    c.UnmarkExhibit: SHARING,
    c.LetShow: _MEDIATOR,
    c.AskExhibit: _MEDIATOR,
    c.AcceptExhibit: SHARING - _MEDIATOR,
    c.DisputeExhibit: SHARING - _MEDIATOR,
    c.TakeBackAnswer: SHARING - _MEDIATOR,
}

IN_ROOM: frozenset[type[c.Command]] = frozenset(
    {
        c.Admit,
        c.SendBack,
        c.Remove,
        c.CoverOpening,
        c.EnterPhase,
        c.StartRecess,
        c.EndRecess,
        c.SetDoor,
        c.Mute,
        c.Unmute,
        c.AskUnmute,
        c.SetHand,
        c.SetCamera,
        c.SetScreen,
        c.Say,
        c.StartCaucus,
        c.EndCaucus,
        c.StartConsulting,
        c.EndConsulting,
        c.ChooseChannel,
        c.WriteSlip,
        c.MarkSlip,
        c.WithdrawSlip,
        c.ShowSlip,
        c.OpenGap,
        c.AgreeGap,
        c.EnterFigure,
        c.DropGap,
        c.ProposeOutcome,
        c.TakeBackOutcome,
        c.SeeOutcome,
        c.Close,
        c.PutClause,
        c.RemoveClause,
        c.MoveClause,
        c.AskConfirmation,
        c.AnswerClause,
        c.QueryClause,
        c.ExplainClause,
        c.PutFact,
        c.RemoveFact,
        c.AnswerFact,
        c.ShowLaw,
        c.PutLawAway,
        c.ShowTypical,
        c.PutTypicalAway,
        c.CheckItem,
        c.PutClaim,
        c.RecordAuthority,
        c.WaiveAgreement,
        c.ProposeAgreed,
        c.OfferExhibit,
        c.WithdrawExhibit,
        c.ReleaseExhibit,
        c.ShowExhibit,
        c.PutAwayExhibit,
        c.TurnPage,
        c.MarkExhibit,
        c.UnmarkExhibit,
        c.LetShow,
        c.AskExhibit,
        c.AcceptExhibit,
        c.DisputeExhibit,
        c.TakeBackAnswer,
        c.OfferSigning,
        c.CallOffSigning,
        c.ReadThrough,
        c.AgreeElectronicForm,
        c.ConsentHandwriting,
        c.ConfirmSigner,
        c.ConfirmSignerByVoice,
        c.Sign,
        c.RefuseSigning,
        c.WithdrawSignature,
    }
)
"""Asked only by somebody who is in the room."""


@dataclass(frozen=True, slots=True)
class Asker:
    """An actor as the session sees them: their seat ("" without one) and what they are."""

    seat: str
    standings: frozenset[Standing]

    @property
    def mediator(self) -> bool:
        return Role.MEDIATOR in self.standings


def asker(session: Session, actor: Actor) -> Asker:
    """NotAllowed for a party whose seat is not of this session."""
    if actor.kind == "system":
        return Asker("", frozenset({OutsideRole.SYSTEM}))
    if actor.kind == "party":
        seat = session.seats.get(actor.id)
        if seat is None or seat.signs_in:
            raise NotAllowed
        return Asker(actor.id, frozenset({seat.role}))
    if actor.id == session.mediator:
        return Asker(session.mediator_seat, frozenset({Role.MEDIATOR, OutsideRole.OFFICE, OutsideRole.OFFICER}))
    watches = session.observing_seat(actor.id)
    return Asker(watches, _officer(session.office, actor) | (frozenset({Role.SUPERVISOR}) if watches else frozenset()))


def scheduler(office: str, actor: Actor) -> Asker:
    """Somebody asking before there is a session."""
    if actor.kind == "party":
        raise NotAllowed
    return Asker("", frozenset({OutsideRole.SYSTEM}) if actor.kind == "system" else _officer(office, actor))


def _officer(office: str, actor: Actor) -> frozenset[Standing]:
    colleague = actor.office == office and actor.role in ("mediator", "administrator")
    supervisor = actor.role == "supervisor"
    keeper = supervisor or (actor.office == office and actor.role == "administrator")
    standings = {OutsideRole.OFFICE: colleague, OutsideRole.KEEPER: keeper, OutsideRole.SUPERVISOR: supervisor}
    return frozenset({OutsideRole.OFFICER, *(standing for standing, holds in standings.items() if holds)})
