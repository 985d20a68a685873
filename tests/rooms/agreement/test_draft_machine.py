"""Clauses written, edited, moved and answered in any order by anybody: only what was agreed counts as agreed."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from journal import Actor, sealed
from journal.refusals import DomainError
from rooms import commands as c, events as codec, events as e
from rooms.agreement import outcome
from rooms.session import Session, fold
from rooms.vocabulary import PRINCIPALS, Capacity, OutcomeKind, Performance, Role, Seat, Side, Term
from tests.rooms.scene import BU, BUSINESS, CO, CONSUMER, MEDIATOR, OBSERVER, Scene, live, party

AGENT = party("s-r")
WORDS = ["甲。", "乙。", "丙。"]
CLAUSES = st.sampled_from(["c1", "c2", "c3", "c9"])
FACTS = st.sampled_from(["f1", "f2"])
EDITIONS = st.integers(0, 4)
PAYS = [
    None,
    *(Term(Side.BUSINESS, "退款", Decimal(sum_), performance=Performance.ON_THE_SPOT) for sum_ in ("1800", "2000")),
]
PARTIES = st.sampled_from([CONSUMER, BUSINESS, AGENT, OBSERVER])
COMMANDS: st.SearchStrategy[c.Command] = st.one_of(
    st.builds(c.PutClause, st.just(""), st.just(0), st.sampled_from(WORDS)),
    st.builds(c.PutClause, st.just(""), term=st.sampled_from(PAYS)),
    st.builds(c.PutClause, CLAUSES, EDITIONS, st.sampled_from(WORDS)),
    st.builds(c.RemoveClause, CLAUSES, EDITIONS),
    st.builds(c.MoveClause, CLAUSES, st.integers(1, 3)),
    st.builds(c.AskConfirmation, CLAUSES),
    st.builds(c.ExplainClause, CLAUSES),
    st.builds(c.PutFact, st.just(""), st.just(0), st.sampled_from(WORDS)),
    st.builds(c.PutFact, FACTS, EDITIONS, st.sampled_from(WORDS)),
    st.builds(c.RemoveFact, FACTS, EDITIONS),
    st.builds(
        c.RecordAuthority,
        st.sampled_from([BU, "s-r"]),
        st.sampled_from(Capacity),
        st.booleans(),
        st.sampled_from(["", "授权委托书"]),
    ),
    st.just(c.ProposeAgreed()),
    st.just(c.TakeBackOutcome()),
)
ANSWERS: st.SearchStrategy[c.Command] = st.one_of(
    st.builds(c.AnswerClause, CLAUSES, EDITIONS, st.booleans(), st.sampled_from(["", "太少"]), st.booleans()),
    st.builds(c.AnswerFact, FACTS, EDITIONS, st.booleans(), st.sampled_from(["", "不是这样"])),
    st.builds(c.QueryClause, CLAUSES),
    st.builds(c.WaiveAgreement, st.booleans()),
    st.just(c.Leave()),
)


def texts(session: Session) -> list[tuple[str, int, str]]:
    return [(clause.id, clause.edition, clause.text) for clause in session.draft.clauses]


class AnyDraft(RuleBasedStateMachine):
    @initialize()
    def sit_down(self) -> None:
        self.scene: Scene = live()
        self.scene.ask(c.AddSeat(Seat("s-r", Role.REPRESENTATIVE, "陈先生", Side.CONSUMER)))
        self.scene.bring("s-r")
        self.scene.ask(c.RecordAuthority(BU, Capacity.HEAD))
        # What each seat has said yes or no to, kept by hand: (clause, edition) -> seat -> the last word.
        self.said: dict[tuple[str, int], dict[str, bool]] = {}

    def _ask(self, command: c.Command, actor: Actor) -> None:
        before = self.scene.state
        self.scene.wait(seconds=1)
        try:
            events = self.scene.ask(command, actor)
        except DomainError:
            assert self.scene.state is before
            return
        for event in events:
            if isinstance(event, e.ClauseAnswered):
                current = next(clause for clause in before.draft.clauses if clause.id == event.clause)
                assert event.edition == current.edition, "only the present edition is answered"
                self.said.setdefault((event.clause, event.edition), {})[event.seat] = event.agrees
        self._only_what_changed(before, self.scene.state)

    def _only_what_changed(self, before: Session, after: Session) -> None:
        known = {clause.id: clause for clause in before.draft.clauses}
        for clause in after.draft.clauses:
            old = known.get(clause.id)
            if old is None or (old.text, old.plain, old.term) == (clause.text, clause.plain, clause.term):
                assert old is None or old.edition == clause.edition, "an edition is a change"
            else:
                assert clause.edition == old.edition + 1
                for side in Side:
                    assert outcome.stance(after, clause, side) is None, "an edit voids every answer to it"
        signed = (texts(before), outcome.undisputed(before), outcome.waived(before), before.draft.authorities)
        now = (texts(after), outcome.undisputed(after), outcome.waived(after), after.draft.authorities)
        same = outcome.digest(before) == outcome.digest(after)
        if signed[:3] == now[:3] and before.draft.authorities == after.draft.authorities:
            assert same, "the digest changes only with what is signed"
        if signed[:3] != now[:3]:
            assert not same, "whatever is signed changes the digest"

    @rule(command=COMMANDS)
    def the_mediator_drafts(self, command: c.Command) -> None:
        self._ask(command, MEDIATOR)

    @rule(command=ANSWERS, actor=PARTIES)
    def somebody_answers(self, command: c.Command, actor: Actor) -> None:
        self._ask(command, actor)

    @rule(command=st.one_of(COMMANDS, ANSWERS), actor=PARTIES)
    def somebody_asks_for_what_is_not_theirs(self, command: c.Command, actor: Actor) -> None:
        self._ask(command, actor)

    @rule(actor=st.sampled_from([CONSUMER, BUSINESS]))
    def a_side_agrees_to_all_that_is_there(self, actor: Actor) -> None:
        for clause in self.scene.state.draft.clauses:
            self._ask(c.AnswerClause(clause.id, clause.edition, True), actor)

    @rule(seat=st.sampled_from([CO, BU, "s-r"]))
    def somebody_comes_back(self, seat: str) -> None:
        self._ask(c.Arrive(), party(seat))
        self._ask(c.Admit(seat), MEDIATOR)

    @invariant()
    def agreed_is_only_what_each_side_said_yes_to_as_it_stands(self) -> None:
        state = self.scene.state
        if not outcome.agreed(state):
            return
        for clause in state.draft.clauses:
            said = self.said.get((clause.id, clause.edition), {})
            for side in Side:
                principal = next(seat.id for seat in state.seats.values() if PRINCIPALS.get(seat.role) is side)
                others = [
                    seat.id for seat in state.seats.values() if seat.role is Role.REPRESENTATIVE and seat.side is side
                ]
                assert said.get(principal) or (principal not in said and any(said.get(other) for other in others))

    @invariant()
    def numbers_are_places_and_ids_are_never_given_twice(self) -> None:
        draft = self.scene.state.draft
        assert [clause.number for clause in draft.clauses] == list(range(1, len(draft.clauses) + 1))
        ids = [clause.id for clause in (*draft.clauses, *draft.removed)]
        assert len(ids) == len(set(ids))

    @invariant()
    def a_settlement_lies_before_them_only_while_it_is_what_they_agreed_to(self) -> None:
        state = self.scene.state
        if state.proposed is not None and state.proposed.kind is OutcomeKind.SETTLED:
            assert outcome.agreed(state)
            assert state.proposed.terms == state.draft.terms

    @invariant()
    def folding_the_written_journal_gives_the_same_draft(self) -> None:
        if len(self.scene.history) % 4:
            return
        drafts = [codec.event_draft(entry.event, entry.at, entry.actor) for entry in self.scene.history]
        folded = fold(codec.history(sealed("session/x1", 0, "", drafts)))
        assert folded == self.scene.state


AnyDraft.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestAnyDraft = AnyDraft.TestCase
