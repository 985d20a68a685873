"""Messages about the agreement: clauses, facts, how the mediation came out, reading through and signing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from rooms import commands as c
from rooms.vocabulary import Capacity, Outcome, OutcomeKind, Performance, Side, Term
from signaling.messages.shape import Body, CommandMessage, Id, Money, Nothing, Text

Edition = Annotated[int, Field(ge=0, le=100_000)]


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
    terms: Annotated[tuple[TermBody, ...], Field(max_length=50)] = ()
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


class SeenBody(Body):
    """Which of the outcomes that were shown: another may have taken its place meanwhile."""

    number: Annotated[int, Field(ge=1, le=100_000)]


class CloseBody(Body):
    anyway: Text = ""


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


AGREEMENT_COMMANDS: Mapping[str, CommandMessage] = {
    "propose_outcome": CommandMessage(ProposeBody, lambda b: c.ProposeOutcome(b.outcome.outcome())),
    "take_back_outcome": CommandMessage(Nothing, lambda b: c.TakeBackOutcome()),
    "see_outcome": CommandMessage(SeenBody, lambda b: c.SeeOutcome(b.number)),
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
    "close": CommandMessage(CloseBody, lambda b: c.Close(b.anyway)),
}


# ------------------------------------------------------------ reading through and signing


Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class TextBody(Body):
    """Which text it is about, by its hash."""

    text: Digest


class RefuseBody(TextBody):
    reason: Text


class VoiceBody(TextBody):
    seat: Id
    recognised: Text


class ReasonBody(Body):
    reason: Text = ""


SIGNING_COMMANDS: Mapping[str, CommandMessage] = {
    "call_off_signing": CommandMessage(ReasonBody, lambda b: c.CallOffSigning(b.reason)),
    "read_through": CommandMessage(TextBody, lambda b: c.ReadThrough(b.text)),
    "agree_electronic_form": CommandMessage(TextBody, lambda b: c.AgreeElectronicForm(b.text)),
    "consent_handwriting": CommandMessage(TextBody, lambda b: c.ConsentHandwriting(b.text)),
    "confirm_signer_by_voice": CommandMessage(
        VoiceBody, lambda b: c.ConfirmSignerByVoice(b.seat, b.text, b.recognised)
    ),
    "refuse_signing": CommandMessage(RefuseBody, lambda b: c.RefuseSigning(b.text, b.reason)),
    "withdraw_signature": CommandMessage(TextBody, lambda b: c.WithdrawSignature(b.text)),
}
