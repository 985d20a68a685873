"""A review's life: a state machine under arbitrary commands, and each of its rules by name."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from journal import Actor, Event, sealed
from journal.refusals import BadChoice, DomainError, Missing, NotAllowed, WrongState
from rooms.supervision import draft, reviewing as r, reviews as e
from rooms.supervision.drawing import NoEvidence, NothingToUndo, Unanswered
from rooms.supervision.reviewing import EVERY, ITEMS, checklist_items
from rooms.supervision.reviews import Evidence, Reply, Review, fold

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LIN = Actor("officer", "u-lin", "林岚", "supervisor", "o1")
GU = Actor("officer", "u-gu", "顾青", "supervisor", "o1")
ZHOU = Actor("officer", "u-zhou", "周敏", "mediator", "o1")
OTHER = Actor("officer", "u-he", "何平", "mediator", "o1")
AT = (Evidence("second", 61_000),)
OPENED = e.ReviewOpened(
    "m1", "o1", "东高一投〔2026〕0917号", 1, "u-zhou", "settled", "2026-W48", checklist_items("settled")
)


@dataclass
class Desk:
    """A review as its stream has it."""

    events: list[Event] = field(default_factory=list)

    def ask(self, command: r.ReviewCommand, by: Actor = LIN) -> list[str]:
        made = r.decide(command, self.state if self.events else None, by)
        at = NOW + timedelta(seconds=len(self.events))
        drafts = [draft(event, at, by) for event in made]  # type: ignore[arg-type]
        previous = self.events[-1].hash if self.events else ""
        self.events += sealed("review/m1", len(self.events), previous, drafts)
        return [one.type for one in drafts]

    @property
    def state(self) -> Review:
        review = fold(self.events)
        assert review is not None
        return review

    def answer_all(self) -> None:
        for item in self.state.left:
            self.ask(r.AnswerItem(item, "yes", "", AT))


@pytest.fixture
def desk() -> Desk:
    begun = Desk()
    begun.ask(r.OpenReview(OPENED))
    return begun


def handed_on(desk: Desk, severity: str = "minor") -> Desk:
    desk.answer_all()
    desk.ask(r.NoteFinding(severity, "balance", "消费者只说了三分钟", AT, "下次先问一句"))
    desk.ask(r.HandOn("总体规范"))
    return desk


def test_every_outcome_has_its_list_and_only_a_settlement_has_terms() -> None:
    assert ITEMS.keys() == {"settled", "not_settled", "ended", "adjourned"}
    assert all(set(one) <= set(EVERY) for one in ITEMS.values())
    assert [kind for kind, one in ITEMS.items() if "terms" in one] == ["settled"]
    assert [kind for kind, one in ITEMS.items() if "ground" in one] == ["ended"]
    for outcome in ITEMS:  # nobody is asked about the recording of a telephone call
        held = checklist_items(outcome, without_room=True)
        assert set(held) <= set(EVERY)
        assert not {"consent", "balance", "concessions", "record"} & set(held)
        assert {"identity", "agreed", "notices", "papers"} <= set(held)


def test_it_is_closed_only_when_the_mediator_has_answered(desk: Desk) -> None:
    with pytest.raises(Unanswered):
        desk.ask(r.HandOn())  # not gone through
    handed_on(desk)
    assert desk.state.state == "replying"
    with pytest.raises(WrongState):
        desk.ask(r.CloseReview())
    with pytest.raises(Unanswered):
        desk.ask(r.AnswerFindings(()), ZHOU)
    desk.ask(r.AnswerFindings((Reply(1, True, "以后注意"),)), ZHOU)
    desk.ask(r.CloseReview("已沟通"))
    assert desk.state.state == "closed"
    with pytest.raises(WrongState):
        desk.ask(r.AnswerItem("rights", "no", "", AT))


def test_an_objection_is_decided_with_a_reason_before_closing(desk: Desk) -> None:
    handed_on(desk)
    with pytest.raises(Missing):
        desk.ask(r.AnswerFindings((Reply(1, False, " "),)), ZHOU)
    desk.ask(r.AnswerFindings((Reply(1, False, "他请人代说"),)), ZHOU)
    with pytest.raises(Unanswered):
        desk.ask(r.CloseReview())
    desk.ask(r.DecideFinding(1, False, "录像里确有代理人"))
    desk.ask(r.CloseReview())
    assert desk.state.worst == ""  # what does not stand counts for nothing
    assert desk.state.findings[0].text == "消费者只说了三分钟"  # and stays readable


def test_praise_asks_for_no_answer(desk: Desk) -> None:
    handed_on(desk, "praise")
    assert desk.state.state == "replied"
    desk.ask(r.CloseReview())


def test_a_no_needs_a_finding_and_every_answer_evidence(desk: Desk) -> None:
    for answer in ("yes", "no"):
        with pytest.raises(NoEvidence):
            desk.ask(r.AnswerItem("rights", answer))
    with pytest.raises(Missing):
        desk.ask(r.AnswerItem("rights", "none"))  # why does it not apply?
    with pytest.raises(NoEvidence):
        desk.ask(r.NoteFinding("minor", "rights", "没有讲权利", ()))
    desk.answer_all()
    desk.ask(r.AnswerItem("rights", "no", "", AT))
    with pytest.raises(NoEvidence):
        desk.ask(r.HandOn())
    desk.ask(r.NoteFinding("praise", "rights", "语气很好", AT))
    with pytest.raises(NoEvidence):
        desk.ask(r.HandOn())  # praise does not say what is wrong
    desk.ask(r.NoteFinding("major", "rights", "没有讲权利", AT))
    assert desk.ask(r.HandOn()) == ["HandedOn"]


@pytest.mark.parametrize(
    "evidence",
    [
        (Evidence("second", -1),),
        (Evidence("entry", 0),),
        (Evidence("<script>", 1),),
        (Evidence("second", 10**12),),
        tuple(Evidence("entry", n) for n in range(1, 12)),
    ],
)
def test_evidence_points_at_something_that_can_be(desk: Desk, evidence: tuple[Evidence, ...]) -> None:
    with pytest.raises(BadChoice):
        desk.ask(r.AnswerItem("rights", "yes", "", evidence))


def test_undoing_brings_back_what_stood_there(desk: Desk) -> None:
    desk.ask(r.AnswerItem("rights", "yes", "", AT))
    desk.ask(r.AnswerItem("rights", "no", "", AT))
    desk.ask(r.NoteFinding("minor", "rights", "没有讲", AT))
    desk.ask(r.DropFinding(1))
    desk.ask(r.Undo())
    assert [one.text for one in desk.state.findings] == ["没有讲"]
    desk.ask(r.Undo())
    assert not desk.state.findings
    desk.ask(r.Undo())
    assert desk.state.answers["rights"].answer == "yes"
    desk.ask(r.Undo())
    assert not desk.state.answers
    with pytest.raises(NothingToUndo):
        desk.ask(r.Undo())
    desk.ask(r.NoteFinding("minor", "rights", "再看一遍", AT))
    assert [one.n for one in desk.state.findings] == [2]  # a number is never given twice


def test_a_second_opinion_is_somebody_elses_and_holds_up_the_handing_on(desk: Desk) -> None:
    desk.answer_all()
    for of in (LIN.id, ZHOU.id, ""):
        with pytest.raises(BadChoice):
            desk.ask(r.AskOpinion(of, "谁", "这样写可以吗？"))
    desk.ask(r.AskOpinion(GU.id, GU.name, "这样写可以吗？"))
    with pytest.raises(Unanswered):
        desk.ask(r.HandOn())
    for somebody in (LIN, ZHOU):
        with pytest.raises(NotAllowed):
            desk.ask(r.GiveOpinion(True, "可以"), somebody)
    desk.ask(r.GiveOpinion(False, "轻了些"), GU)
    assert desk.ask(r.HandOn()) == ["HandedOn"]


def test_an_opinion_that_does_not_come_is_waived_with_a_reason(desk: Desk) -> None:
    desk.answer_all()
    desk.ask(r.AskOpinion(GU.id, GU.name, "？"))
    desk.ask(r.WaiveOpinion("她休假"))
    assert desk.ask(r.HandOn()) == ["HandedOn"]


def test_another_supervisor_takes_over_with_a_reason_and_the_first_has_no_more_say(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        desk.ask(r.AnswerItem("rights", "yes", "", AT), GU)
    desk.ask(r.TakeOver("林岚休假"), GU)
    desk.ask(r.AnswerItem("rights", "yes", "", AT), GU)
    with pytest.raises(NotAllowed):
        desk.ask(r.Undo(), LIN)


@pytest.mark.parametrize("by", [OTHER, ZHOU])
def test_no_mediator_reviews(desk: Desk, by: Actor) -> None:
    for command in (r.AnswerItem("rights", "yes", "", AT), r.HandOn(), r.CloseReview(), r.TakeOver("我来")):
        with pytest.raises(NotAllowed):
            desk.ask(command, by)
    with pytest.raises(NotAllowed):
        Desk().ask(r.OpenReview(OPENED), by)


def test_only_the_mediator_of_the_mediation_replies_and_keeps_training_cases(desk: Desk) -> None:
    handed_on(desk)
    for by in (OTHER, LIN, replace(ZHOU, id="u-else")):
        with pytest.raises(NotAllowed):
            desk.ask(r.AnswerFindings((Reply(1, True, "好"),)), by)
        with pytest.raises(NotAllowed):
            desk.ask(r.MarkTraining(True), by)
    desk.ask(r.MarkTraining(True, "开场值得看"), ZHOU)
    assert desk.ask(r.MarkTraining(True, "开场值得看"), ZHOU) == []
    assert desk.state.training


def test_remedies_are_noted_also_after_closing(desk: Desk) -> None:
    handed_on(desk)
    desk.ask(r.AnswerFindings((Reply(1, True, "好"),)), ZHOU)
    desk.ask(r.CloseReview())
    desk.ask(r.NoteRemedy(1, "已在例会讲过"))
    assert desk.state.findings[0].done == ("已在例会讲过",)


def test_texts_are_bounded(desk: Desk) -> None:
    with pytest.raises(Missing):
        desk.ask(r.NoteFinding("minor", "", "长" * 2001, AT))


ACTORS = st.sampled_from([LIN, GU, ZHOU, OTHER])
TEXTS = st.sampled_from(["", " ", "写了什么", "<script>alert(1)</script>"])
EVIDENCE = st.lists(
    st.builds(Evidence, st.sampled_from(["second", "entry", "else"]), st.integers(-1, 9)), max_size=3
).map(tuple)
REPLIES = st.builds(Reply, st.integers(0, 4), st.booleans(), TEXTS)
COMMANDS: st.SearchStrategy[Any] = st.one_of(
    st.builds(r.TakeOver, TEXTS),
    st.builds(r.AnswerItem, st.sampled_from(EVERY), st.sampled_from(["yes", "no", "none", "x"]), TEXTS, EVIDENCE),
    st.builds(
        r.NoteFinding,
        st.sampled_from(["praise", "minor", "grave", "x"]),
        st.sampled_from(["", *EVERY]),
        TEXTS,
        EVIDENCE,
        TEXTS,
    ),
    st.builds(r.DropFinding, st.integers(0, 4)),
    st.just(r.Undo()),
    st.builds(r.AskOpinion, st.sampled_from([LIN.id, GU.id, ZHOU.id]), st.just("名"), TEXTS),
    st.builds(r.GiveOpinion, st.booleans(), TEXTS),
    st.builds(r.WaiveOpinion, TEXTS),
    st.builds(r.HandOn, TEXTS),
    st.builds(
        r.AnswerFindings, st.lists(st.builds(Reply, st.integers(0, 4), st.booleans(), TEXTS), max_size=4).map(tuple)
    ),
    st.builds(r.DecideFinding, st.integers(0, 4), st.booleans(), TEXTS),
    st.builds(r.NoteRemedy, st.integers(0, 4), TEXTS),
    st.builds(r.CloseReview, TEXTS),
    st.builds(r.MarkTraining, st.booleans(), TEXTS),
)


class Machine(RuleBasedStateMachine):
    """Anybody asks anything at any time; what is promised holds all the same."""

    asked = Bundle("asked")

    @initialize()
    def begin(self) -> None:
        self.desk = Desk()
        self.desk.ask(r.OpenReview(OPENED))

    @rule(command=COMMANDS, by=ACTORS)
    def ask(self, command: r.ReviewCommand, by: Actor) -> None:
        before = self.desk.state
        try:
            made = self.desk.ask(command, by)
        except DomainError:
            assert self.desk.state == before
            return
        after = self.desk.state
        if isinstance(command, r.Undo):
            assert len(after.acts) == len(before.acts) - 1
        if by.role == "mediator":
            assert set(made) <= {"MediatorReplied", "TrainingMarked"}
            assert by == ZHOU
        if before.state == "closed":
            assert set(made) <= {"RemedyNoted", "TrainingMarked"}

    @rule()
    def go_on(self) -> None:
        """Otherwise chance hardly ever comes to the end."""
        state = self.desk.state
        reviewer = LIN if state.reviewer == LIN.id else GU
        if state.state == "open" and state.opinion is None:
            for item in state.left:
                self.desk.ask(r.AnswerItem(item, "yes", "", AT), reviewer)
        elif state.state == "replying":
            self.desk.ask(r.AnswerFindings(tuple(Reply(one.n, False, "不同意") for one in state.asking)), ZHOU)

    @invariant()
    def what_is_promised(self) -> None:
        state = self.desk.state
        numbers = [one.n for one in state.findings]
        assert numbers == sorted(set(numbers))
        assert all(n <= state.noted for n in numbers)
        assert all(one.evidence for one in state.findings)
        assert all(said.evidence or said.note for said in state.answers.values())
        if state.state != "open":
            assert not state.left
            assert all(
                any(one.item == item for one in state.findings)
                for item, said in state.answers.items()
                if said.answer == "no"
            )
        if state.state in ("replied", "closed"):
            assert all(one.accepted is not None for one in state.asking)
        if state.state == "closed":
            assert not any(one.disputed for one in state.findings)
            assert state.opinion is None
        assert state.reviewer in (LIN.id, GU.id)


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
