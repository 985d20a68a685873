"""Every message a client may send: its body, held to limits, and the command it stands for.

Names and bodies are those of docs/wire.md. No body says who is speaking: that comes from the connection.
Limits here only keep nonsense out; what a person is told about their own text is decided in rooms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from rooms import commands as c
from rooms.measurement import Measurement
from rooms.vocabulary import (
    Capacity,
    Channel,
    Consent,
    GapRule,
    MarkShape,
    Opening,
    Outcome,
    OutcomeKind,
    Performance,
    Phase,
    Purpose,
    Side,
    Term,
)

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Text = Annotated[str, StringConstraints(max_length=8_000)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Description = Annotated[str, StringConstraints(min_length=1, max_length=32_768)]


def _written(value: Any) -> Any:
    """Money comes as text: a binary fraction is not an amount."""
    if value is not None and not isinstance(value, str):
        raise ValueError("money is text")
    return value


Money = Annotated[Decimal, BeforeValidator(_written), Field(max_digits=14)]


class Body(BaseModel):
    """Nothing more than what is named."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Body):
    pass


class OnSeat(Body):
    seat: Id


class RemoveBody(Body):
    seat: Id
    reason: Text


class CoverOpeningBody(Body):
    item: Opening
    done: bool = True


class EnterPhaseBody(Body):
    phase: Phase


class DoorBody(Body):
    locked: bool


class HandBody(Body):
    raised: bool


class SwitchBody(Body):
    on: bool


class SayBody(Body):
    text: Text
    to: Annotated[str, StringConstraints(max_length=64)] = ""
    caucus: Annotated[int, Field(ge=0, le=100_000)] = 0


class CaucusBody(Body):
    side: Side
    interpreters: Annotated[list[Id], Field(max_length=8)] = []


class ChannelBody(Body):
    channel: Channel


Number = Annotated[int, Field(ge=1, le=100_000)]


class SlipBody(Body):
    text: Text
    amount: Money | None = None
    may_tell: bool = False


class Numbered(Body):
    number: Number


class MarkBody(Body):
    number: Number
    may_tell: bool


class GapBody(Body):
    rule: GapRule


class FigureBody(Body):
    number: Number
    amount: Money


class ConsentBody(Body):
    kind: Consent


class GiveConsentBody(Body):
    kind: Consent
    text: Text


class TermBody(Body):
    who: Side
    action: Text
    amount: Money | None = None
    due: AwareDatetime | None = None
    how: Text = ""
    performance: Performance = Performance.LATER

    def term(self) -> Term:
        return Term(self.who, self.action, self.amount, self.due, self.how, self.performance)


class OutcomeBody(Body):
    kind: OutcomeKind
    terms: Annotated[list[TermBody], Field(max_length=50)] = []
    loss_recovered: Money | None = None
    ground: int | None = None
    adjourned_to: AwareDatetime | None = None
    note: Text = ""

    def outcome(self) -> Outcome:
        return Outcome(
            self.kind,
            tuple(term.term() for term in self.terms),
            Decimal("0.00") if self.loss_recovered is None else self.loss_recovered,
            self.ground,
            self.adjourned_to,
            self.note,
        )


class ProposeBody(Body):
    outcome: OutcomeBody


class CloseBody(Body):
    anyway: Text = ""


Edition = Annotated[int, Field(ge=0, le=100_000)]


class PutClauseBody(Body):
    clause: Annotated[str, StringConstraints(max_length=64)] = ""
    edition: Edition = 0
    text: Text = ""
    plain: Text = ""
    gloss: Text = ""
    heading: Text = ""
    term: TermBody | None = None

    def command(self) -> c.PutClause:
        term = None if self.term is None else self.term.term()
        return c.PutClause(self.clause, self.edition, self.text, self.plain, self.gloss, self.heading, term)


class OnClause(Body):
    clause: Id


class OnEdition(Body):
    clause: Id
    edition: Edition


class MoveClauseBody(Body):
    clause: Id
    number: Annotated[int, Field(ge=1, le=100)]


class AnswerClauseBody(Body):
    clause: Id
    edition: Edition
    agrees: bool
    reason: Text = ""
    told: bool = False


class PutFactBody(Body):
    fact: Annotated[str, StringConstraints(max_length=64)] = ""
    edition: Edition = 0
    text: Text


class OnFact(Body):
    fact: Id
    edition: Edition


class AnswerFactBody(Body):
    fact: Id
    edition: Edition
    agrees: bool


class ClaimBody(Body):
    side: Side
    text: Text = ""


class AuthorityBody(Body):
    seat: Id
    capacity: Capacity
    special: bool = False
    basis: Text = ""


class WaiveBody(Body):
    waived: bool


class PreviewBody(Body):
    """A promise, to see how it reads as a clause."""

    term: TermBody


class ProposeAgreedBody(Body):
    note: Text = ""


class ShowLawBody(Body):
    article: Id


class ShowTypicalBody(Body):
    case: Id


class CheckItemBody(Body):
    item: Id
    done: bool = True


class AssistBody(Body):
    helper: Text
    relation: Id
    agreed: bool
    seat: Annotated[str, StringConstraints(max_length=64)] = ""


class EndAssistanceBody(Body):
    seat: Annotated[str, StringConstraints(max_length=64)] = ""


class OnExhibit(Body):
    exhibit: Id


class ShowBody(Body):
    exhibit: Id
    page: Annotated[int, Field(ge=1, le=1_000)] = 1


class PageBody(Body):
    page: Annotated[int, Field(ge=1, le=1_000)]


Grain = Annotated[int, Field(ge=0, le=10_000)]


class MarkExhibitBody(Body):
    shape: MarkShape
    points: Annotated[list[tuple[Grain, Grain]], Field(min_length=2, max_length=120)]


class UnmarkBody(Body):
    n: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class LetShowBody(Body):
    seat: Annotated[str, StringConstraints(max_length=64)] = ""


class AskExhibitBody(Body):
    seat: Id
    purpose: Purpose = Purpose.EVIDENCE


class DisputeBody(Body):
    exhibit: Id
    reason: Text = ""


class PointBody(Body):
    """Where whoever shows an exhibit looks, in ten thousandths of the page; `zoom` in hundredths, `ms` of a film."""

    zoom: Annotated[int, Field(ge=100, le=1_000)] = 100
    x: Grain = 5_000
    y: Grain = 5_000
    pointer: tuple[Grain, Grain] | None = None
    ms: Annotated[int, Field(ge=0, le=3_600_000)] | None = None
    playing: bool = False


class TextBody(Body):
    """Which text it is about, by its hash."""

    text: Digest


class NoticeBody(TextBody):
    notice: Annotated[str, StringConstraints(max_length=64)]


class RefuseBody(TextBody):
    reason: Text


class ReasonBody(Body):
    reason: Text = ""


class PublishBody(Body):
    sdp: Description
    sources: Annotated[
        dict[Annotated[str, StringConstraints(max_length=16)], Literal["mic", "camera", "screen"]], Field(max_length=8)
    ]


class AnswerBody(Body):
    sdp: Description


class LookBody(Body):
    """Whom the page shows large; "" is nobody."""

    seat: Annotated[str, StringConstraints(max_length=64)]


Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, le=60, allow_inf_nan=False)]
Rate = Annotated[int, Field(ge=0, le=1_000_000)]


class MeasurementBody(Body):
    """What a client measured in the last seconds; numbers, each within what can be."""

    loss_up: Share = 0.0
    loss_down: Share = 0.0
    rtt: Seconds = 0.0
    jitter: Seconds = 0.0
    concealed: Share = 0.0
    frozen: Share = 0.0
    frames: Annotated[float, Field(ge=0, le=240, allow_inf_nan=False)] | None = None
    up: Rate = 0
    down: Rate = 0
    available: Rate | None = None
    relayed: bool = False

    def measurement(self) -> Measurement:
        return Measurement(**self.model_dump())


@dataclass(frozen=True, slots=True)
class CommandMessage:
    body: type[Body]
    build: Callable[[Any], c.Command]


COMMANDS: Mapping[str, CommandMessage] = {
    "arrive": CommandMessage(Nothing, lambda b: c.Arrive()),
    "leave": CommandMessage(Nothing, lambda b: c.Leave()),
    "admit": CommandMessage(OnSeat, lambda b: c.Admit(b.seat)),
    "send_back": CommandMessage(OnSeat, lambda b: c.SendBack(b.seat)),
    "remove": CommandMessage(RemoveBody, lambda b: c.Remove(b.seat, b.reason)),
    "cover_opening": CommandMessage(CoverOpeningBody, lambda b: c.CoverOpening(b.item, b.done)),
    "enter_phase": CommandMessage(EnterPhaseBody, lambda b: c.EnterPhase(b.phase)),
    "start_recess": CommandMessage(Nothing, lambda b: c.StartRecess()),
    "end_recess": CommandMessage(Nothing, lambda b: c.EndRecess()),
    "set_door": CommandMessage(DoorBody, lambda b: c.SetDoor(b.locked)),
    "mute": CommandMessage(OnSeat, lambda b: c.Mute(b.seat)),
    "unmute": CommandMessage(Nothing, lambda b: c.Unmute()),
    "ask_unmute": CommandMessage(OnSeat, lambda b: c.AskUnmute(b.seat)),
    "set_hand": CommandMessage(HandBody, lambda b: c.SetHand(b.raised)),
    "set_camera": CommandMessage(SwitchBody, lambda b: c.SetCamera(b.on)),
    "set_screen": CommandMessage(SwitchBody, lambda b: c.SetScreen(b.on)),
    "say": CommandMessage(SayBody, lambda b: c.Say(b.text, b.to, b.caucus)),
    "start_caucus": CommandMessage(CaucusBody, lambda b: c.StartCaucus(b.side, tuple(b.interpreters))),
    "end_caucus": CommandMessage(Nothing, lambda b: c.EndCaucus()),
    "start_consulting": CommandMessage(OnSeat, lambda b: c.StartConsulting(b.seat)),
    "end_consulting": CommandMessage(Nothing, lambda b: c.EndConsulting()),
    "write_slip": CommandMessage(SlipBody, lambda b: c.WriteSlip(b.text, b.amount, b.may_tell)),
    "mark_slip": CommandMessage(MarkBody, lambda b: c.MarkSlip(b.number, b.may_tell)),
    "withdraw_slip": CommandMessage(Numbered, lambda b: c.WithdrawSlip(b.number)),
    "show_slip": CommandMessage(Numbered, lambda b: c.ShowSlip(b.number)),
    "open_gap": CommandMessage(GapBody, lambda b: c.OpenGap(b.rule)),
    "agree_gap": CommandMessage(Numbered, lambda b: c.AgreeGap(b.number)),
    "enter_figure": CommandMessage(FigureBody, lambda b: c.EnterFigure(b.number, b.amount)),
    "drop_gap": CommandMessage(Numbered, lambda b: c.DropGap(b.number)),
    "choose_channel": CommandMessage(ChannelBody, lambda b: c.ChooseChannel(b.channel)),
    "withdraw_consent": CommandMessage(ConsentBody, lambda b: c.WithdrawConsent(b.kind)),
    "give_consent": CommandMessage(GiveConsentBody, lambda b: c.GiveConsent(b.kind, b.text)),
    "propose_outcome": CommandMessage(ProposeBody, lambda b: c.ProposeOutcome(b.outcome.outcome())),
    "take_back_outcome": CommandMessage(Nothing, lambda b: c.TakeBackOutcome()),
    "see_outcome": CommandMessage(Nothing, lambda b: c.SeeOutcome()),
    "put_clause": CommandMessage(PutClauseBody, lambda b: b.command()),
    "remove_clause": CommandMessage(OnEdition, lambda b: c.RemoveClause(b.clause, b.edition)),
    "move_clause": CommandMessage(MoveClauseBody, lambda b: c.MoveClause(b.clause, b.number)),
    "ask_confirmation": CommandMessage(OnClause, lambda b: c.AskConfirmation(b.clause)),
    "answer_clause": CommandMessage(
        AnswerClauseBody, lambda b: c.AnswerClause(b.clause, b.edition, b.agrees, b.reason, b.told)
    ),
    "query_clause": CommandMessage(OnClause, lambda b: c.QueryClause(b.clause)),
    "explain_clause": CommandMessage(OnClause, lambda b: c.ExplainClause(b.clause)),
    "put_fact": CommandMessage(PutFactBody, lambda b: c.PutFact(b.fact, b.edition, b.text)),
    "remove_fact": CommandMessage(OnFact, lambda b: c.RemoveFact(b.fact, b.edition)),
    "answer_fact": CommandMessage(AnswerFactBody, lambda b: c.AnswerFact(b.fact, b.edition, b.agrees)),
    "put_claim": CommandMessage(ClaimBody, lambda b: c.PutClaim(b.side, b.text)),
    "record_authority": CommandMessage(
        AuthorityBody, lambda b: c.RecordAuthority(b.seat, b.capacity, b.special, b.basis)
    ),
    "waive_agreement": CommandMessage(WaiveBody, lambda b: c.WaiveAgreement(b.waived)),
    "propose_agreed": CommandMessage(ProposeAgreedBody, lambda b: c.ProposeAgreed(b.note)),
    "call_off_signing": CommandMessage(ReasonBody, lambda b: c.CallOffSigning(b.reason)),
    "read_through": CommandMessage(TextBody, lambda b: c.ReadThrough(b.text)),
    "consent_handwriting": CommandMessage(NoticeBody, lambda b: c.ConsentHandwriting(b.text, b.notice)),
    "refuse_signing": CommandMessage(RefuseBody, lambda b: c.RefuseSigning(b.text, b.reason)),
    "withdraw_signature": CommandMessage(TextBody, lambda b: c.WithdrawSignature(b.text)),
    "close": CommandMessage(CloseBody, lambda b: c.Close(b.anyway)),
    "show_law": CommandMessage(ShowLawBody, lambda b: c.ShowLaw(b.article)),
    "put_law_away": CommandMessage(Nothing, lambda b: c.PutLawAway()),
    "show_typical": CommandMessage(ShowTypicalBody, lambda b: c.ShowTypical(b.case)),
    "put_typical_away": CommandMessage(Nothing, lambda b: c.PutTypicalAway()),
    "check_item": CommandMessage(CheckItemBody, lambda b: c.CheckItem(b.item, b.done)),
    "assist": CommandMessage(AssistBody, lambda b: c.Assist(b.helper, b.relation, b.agreed, b.seat)),
    "end_assistance": CommandMessage(EndAssistanceBody, lambda b: c.EndAssistance(b.seat)),
    "withdraw_exhibit": CommandMessage(OnExhibit, lambda b: c.WithdrawExhibit(b.exhibit)),
    "release_exhibit": CommandMessage(OnExhibit, lambda b: c.ReleaseExhibit(b.exhibit)),
    "show_exhibit": CommandMessage(ShowBody, lambda b: c.ShowExhibit(b.exhibit, b.page)),
    "put_away_exhibit": CommandMessage(Nothing, lambda b: c.PutAwayExhibit()),
    "turn_page": CommandMessage(PageBody, lambda b: c.TurnPage(b.page)),
    "mark_exhibit": CommandMessage(MarkExhibitBody, lambda b: c.MarkExhibit(b.shape, tuple(b.points))),
    "unmark_exhibit": CommandMessage(UnmarkBody, lambda b: c.UnmarkExhibit(b.n)),
    "let_show": CommandMessage(LetShowBody, lambda b: c.LetShow(b.seat)),
    "ask_exhibit": CommandMessage(AskExhibitBody, lambda b: c.AskExhibit(b.seat, b.purpose)),
    "accept_exhibit": CommandMessage(OnExhibit, lambda b: c.AcceptExhibit(b.exhibit)),
    "dispute_exhibit": CommandMessage(DisputeBody, lambda b: c.DisputeExhibit(b.exhibit, b.reason)),
    "take_back_answer": CommandMessage(OnExhibit, lambda b: c.TakeBackAnswer(b.exhibit)),
}

MEDIA: Mapping[str, type[Body]] = {
    "media_join": Nothing,
    "media_publish": PublishBody,
    "media_answer": AnswerBody,
    "media_restart": Nothing,
    "media_look": LookBody,
    "report_quality": MeasurementBody,
    "point_exhibit": PointBody,
}
