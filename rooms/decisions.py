"""What follows from asking something of a session: facts, or a refusal.

`decide` is pure. It checks rights and the session's status once for every command, lets the topic decide
(invitations, joining, floor, outcome, recording), and adds what follows by itself: whoever may no longer be
heard stops speaking, whoever may no longer be recorded is no longer recorded, changed routes are stated.
Asking for what is already so yields nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from journal import Actor
from journal.refusals import NotAllowed, UnknownSession, WrongState
from law.orders import ELSEWHERE
from rooms import AlreadyClosed, NotInRoom, commands as c, events as e
from rooms.agreement import outcome
from rooms.agreement.outcome import decide_outcome
from rooms.agreement.rules import decide_agreement, decide_held_elsewhere
from rooms.apart.rules import ACTS, APART, check_may_act, decide_apart
from rooms.caucus.rules import (
    GapCommand,
    SlipCommand,
    caucus_ended,
    decide_circles,
    decide_gap,
    decide_slip,
    stop_screens,
)
from rooms.events import SessionEntry, SessionEvent
from rooms.exhibits.rules import decide_exhibit, exhibits_following
from rooms.floor.rules import decide_floor, may_speak
from rooms.floor.state import decide_law, decide_script, decide_typical
from rooms.joining.invitations import decide_assistance, decide_invitation, schedule
from rooms.joining.rules import decide_joining, decide_telephone
from rooms.media.rules import decide_captions, decide_network, decide_recording, matrix
from rooms.record.rules import decide_record
from rooms.session import IN_ROOM, RIGHTS, Asker, Session, apart_on, asker, evolve, scheduler
from rooms.signing.rules import decide_signing, voided
from rooms.vocabulary import OutcomeKind, SeatStatus, Status

_ABOUT_THE_RECORD = (
    c.NoteExport, c.NoteView, c.GrantViewing, c.NoteViewing,
    c.AddNote, c.CorrectEntry, c.CorrectTranscript, c.PlaceHold, c.LiftHold, c.OrderErasure, c.NoteErased,
    c.DecideStatements, c.TakeBackStatements, c.AnswerStatement, c.OfferRecord,
)  # fmt: skip


def decide(command: c.Command, session: Session | None, actor: Actor, now: datetime) -> list[SessionEvent]:
    """The events to append, none when it is so already. DomainError."""
    if isinstance(command, c.Schedule):
        _right(command, scheduler(command.office, actor))
        return schedule(command, session)
    if session is None:
        raise UnknownSession
    who = asker(session, actor)
    _right(command, who)
    if isinstance(command, c.Observe) and command.officer != actor.id:
        raise NotAllowed
    _open(command, session)
    by_link = _without_a_room(session) and isinstance(command, c.SigningCommand)
    if type(command) in IN_ROOM and who.seat and not by_link and not session.seats[who.seat].in_room:
        if type(command) not in ACTS:
            raise NotInRoom
        check_may_act(session, session.seats[who.seat], now)
    events = _decided(command, session, who, now)
    return [*events, *_following(session, events, actor, now)] if events else []


def _right(command: c.Command, who: Asker) -> None:
    if not RIGHTS[type(command)] & who.standings:
        raise NotAllowed


def _open(command: c.Command, session: Session) -> None:
    """A session that is over takes only what is about its record; one that is held elsewhere has no room to come to."""
    if session.mode in ELSEWHERE and isinstance(
        command, c.JoiningCommand | c.OpenLink | c.IssueLink | c.HandOverLink | c.BeginCall
    ):
        raise WrongState(status=session.mode)
    if apart_on(session) is not None and isinstance(command, c.Arrive | c.CheckDevice | c.Observe | c.BeginCall):
        raise WrongState(status=APART)  # there is nobody in the room
    if not session.over or isinstance(command, _ABOUT_THE_RECORD):
        return
    if session.status is Status.CANCELLED:
        raise WrongState(status=session.status.value)
    if _without_a_room(session) and isinstance(command, c.SigningCommand):
        return  # what was agreed without a room is signed afterwards, and so is the record of any
    ebbing = (isinstance(command, c.NoteConnection) and not command.connected) or isinstance(command, c.EndCall)
    if not (ebbing or isinstance(command, c.Correct | c.NoteRecording | c.NoteExhibit | c.SealDocument | c.NoteCopy)):
        raise AlreadyClosed


def _without_a_room(session: Session) -> bool:
    """There was none, or its record is signed when it is over."""
    return session.held is not None or (session.signing is not None and session.signing.of_record)


def _decided(command: c.Later, session: Session, who: Asker, now: datetime) -> list[SessionEvent]:
    if isinstance(command, c.InvitationCommand):
        return decide_invitation(command, session, who, now)
    if isinstance(command, c.JoiningCommand):
        return decide_joining(command, session, who, now)
    if isinstance(command, c.TelephoneCommand):
        return decide_telephone(command, session, who)
    if isinstance(command, c.FloorCommand):
        return decide_floor(command, session, who, now)
    if isinstance(command, c.CirclesCommand):
        return decide_circles(command, session, who, now)
    if isinstance(command, SlipCommand):
        return decide_slip(command, session, who)
    if isinstance(command, GapCommand):
        return decide_gap(command, session, who)
    if isinstance(command, c.NetworkCommand):
        return decide_network(command, session)
    if isinstance(command, c.CaptionsCommand):
        return decide_captions(command, session, who)
    if isinstance(command, c.RecordingCommand):
        return decide_recording(command, session)
    if isinstance(command, c.OutcomeCommand):
        return decide_outcome(command, session, who, now)
    if isinstance(command, c.RecordCommand):
        return decide_record(command, session, who)
    if isinstance(command, c.AgreementCommand):
        return decide_agreement(command, session, who, now)
    if isinstance(command, c.LawCommand):
        return decide_law(command, session.shown_law)
    if isinstance(command, c.TypicalCommand):
        return decide_typical(command, session.shown_typical)
    if isinstance(command, c.ScriptCommand):
        return decide_script(command, session.checked, session.card)
    if isinstance(command, c.AssistanceCommand):
        return decide_assistance(command, session, who)
    if isinstance(command, c.ExhibitCommand):
        return decide_exhibit(command, session, who)
    if isinstance(command, c.ElsewhereCommand):
        return decide_held_elsewhere(command, session, now)
    if isinstance(command, c.SigningCommand):
        return decide_signing(command, session, who)
    if isinstance(command, c.ApartCommand):
        return decide_apart(command, session, who, now)
    assert_never(command)


def _following(session: Session, events: Sequence[SessionEvent], actor: Actor, now: datetime) -> list[SessionEvent]:
    after = _evolved(session, events, actor, now)
    following = caucus_ended(after)
    after = _evolved(after, following, actor, now)
    stopped = stop_screens(session, after)
    after = _evolved(after, stopped, actor, now)
    following += stopped
    voided = void_signing(after)
    after = _evolved(after, voided, actor, now)
    following += voided
    routes = matrix(after)
    if overtaken(after):
        following.append(e.OutcomeTakenBack())
    for seat in after.seats.values():
        if seat.speaking_since is not None and not may_speak(after, seat):
            following.append(e.SpeakingStopped(seat.id))
        if seat.recording and seat.id not in routes.recorded:
            following.append(e.RecordingStopped(seat.id, _cause(after, seat.id)))
    following += exhibits_following(after)
    if routes != after.routed:
        following.append(e.Routed(dict(routes.hears), dict(routes.sees), routes.recorded, routes.captioned))
    return following


def _evolved(session: Session, events: Sequence[SessionEvent], actor: Actor, now: datetime) -> Session:
    for event in events:
        session = evolve(session, SessionEntry(session.id, session.version + 1, event, now, actor))
    return session


def _cause(after: Session, seat: str) -> str:
    if after.over:
        return "closed"
    if after.status is Status.RECESS:
        return "recess"
    if after.caucus is not None:
        return "caucus"
    if seat in after.circles.partners:
        return "consulting"
    if after.seats[seat].status in (SeatStatus.LEFT, SeatStatus.REMOVED, SeatStatus.REFUSED):
        # Withdrawing from taking part withdraws from being recorded; leaving does not.
        return "consent" if after.seats[seat].participate is False else "left"
    return "consent"


def void_signing(session: Session) -> list[SessionEvent]:
    """What follows when the draft is no longer what lies there to be signed, or there is nobody left to sign it."""
    signing = session.signing
    if signing is None or not signing.open:
        return []
    if signing.of_record:
        return voided(signing, "edited") if signing.document != session.statements.digest else []
    if session.over and session.held is None:
        return voided(signing, "closed")
    if signing.document != outcome.digest(session) or not outcome.agreed(session):
        return voided(signing, "edited")
    return []


def overtaken(session: Session) -> bool:
    """Whether a settlement lies before both that is no longer what they have agreed to."""
    proposed, draft = session.proposed, session.draft
    if proposed is None or proposed.kind is not OutcomeKind.SETTLED or not (draft.clauses or draft.removed):
        return False
    return not outcome.agreed(session) or draft.terms != proposed.terms
