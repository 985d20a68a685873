"""The case machine under arbitrary commands: nothing is published that a person did not approve place by place."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from casebook import CHECKS, HIDDEN, KEPT, PENDING, TEXTS, CaseState, MarkedSpan, commands as c, events as e, masked
from casebook.commands import RIGHTS, BadSpan, OwnApproval, TextChanged, Undecided
from casebook.decisions import decide
from casebook.events import KINDS, CaseBegun, Sheet, plain, typed
from casebook.file import CaseFile, evolve, published, working
from journal import SYSTEM, Actor
from journal.refusals import DomainError, NotAllowed

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
MEDIATOR = Actor("officer", "zhou", "周明", "mediator", "one")
BOARD = Actor("officer", "lin", "林督", "supervisor", "one")
LAWYER = Actor("party", "inv-1", "吴律师", "lawyer", "one")
INSPECTOR = Actor("officer", "cha", "查办", "inspector", "one")
SECRET = "丁小禾"
RAW = f"消费者{SECRET}办卡。{SECRET}要求退款。"
SHEET = Sheet(date(2026, 3, 1))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def spans(text: str) -> tuple[MarkedSpan, ...]:
    found, at = [], text.find(SECRET)
    while at >= 0:
        found.append(MarkedSpan(at, at + len(SECRET), "name", "丁某"))
        at = text.find(SECRET, at + 1)
    return tuple(found)


class Work:
    """A case and its raw texts, driven as the service does it."""

    def __init__(self, sample: bool = False) -> None:
        self.file: CaseFile | None = None
        self.raw: dict[str, str] = {}
        self.log: list[e.CaseEvent] = []
        origin = "sample" if sample else "complaint"
        by = SYSTEM if sample else MEDIATOR
        self.ask(c.BeginCase(CaseBegun("one", "云案〔2026〕0001号", origin, "c1", SHEET, sample)), by)

    @property
    def now(self) -> CaseFile:
        assert self.file is not None
        return self.file

    def ask(self, command: c.CaseCommand, by: Actor = MEDIATOR) -> None:
        for event in decide(command, self.file, by, NOW):
            again = typed(KINDS[type(event).__name__], plain(event))
            assert again == event, "what the journal keeps is what happened"
            self.file = evolve(self.file, event, NOW, by)
            self.log.append(event)

    def write(self, field: str = "facts", text: str = RAW, by: Actor = MEDIATOR) -> None:
        self.ask(c.WriteText(field, text, digest(text), spans(text)), by)
        self.raw[field] = text

    def written(self) -> Work:
        for field in ("title_zh", "facts", "outcome"):
            self.write(field)
        return self

    def decided(self, verdict: str = HIDDEN) -> Work:
        for field, original in list(self.now.originals.items()):
            for span in original.spans:
                self.ask(c.DecideSpan(field, span.id, verdict))
        return self

    def approve(self, by: Actor = MEDIATOR) -> None:
        self.ask(c.Approve({name: (text, digest(text)) for name, text in self.raw.items()}), by)

    def in_review(self) -> Work:
        self.written().decided().approve()
        self.ask(c.SendToBoard(CHECKS))
        return self

    def on_the_shelf(self) -> Work:
        self.in_review().ask(c.Publish(), BOARD)
        return self


def test_from_a_complaint_to_the_shelf() -> None:
    work = Work().on_the_shelf()
    case = published("k1", work.now)
    assert case is not None
    assert (case.state, case.edition, case.facts) == ("published", 1, "消费者丁某办卡。丁某要求退款。")
    assert SECRET not in repr(plain(work.now.editions[-1]))


def test_a_draft_shows_no_text_and_what_nobody_looked_at_is_never_approved() -> None:
    work = Work().written()
    assert working("k1", work.now).facts == ""
    with pytest.raises(Undecided):
        work.approve()
    assert published("k1", work.now) is None


def test_a_text_changed_under_the_approvers_eyes_is_not_approved() -> None:
    work = Work().written().decided()
    work.raw["facts"] = RAW + "电话写在这里。"
    with pytest.raises(TextChanged):
        work.approve()


def test_several_places_are_decided_together_or_not_at_all() -> None:
    work = Work().written()
    every = [c.DecideSpan("facts", span.id, HIDDEN) for span in work.now.originals["facts"].spans]
    with pytest.raises(BadSpan):
        work.ask(c.DecideSpans((*every, c.DecideSpan("facts", "0-1", HIDDEN))))
    assert work.now.originals["facts"].pending == len(every)
    work.ask(c.DecideSpans(tuple(every)))
    assert work.now.originals["facts"].pending == 0
    with pytest.raises(BadSpan):
        work.ask(c.DecideSpans((every[0], every[0])))


def test_the_next_open_place_comes_after_the_one_that_was_decided_and_goes_round_once() -> None:
    work = Work().written()
    first, second = work.now.originals["facts"].spans
    assert work.now.open_after("facts", first.id) == ("facts", second.id)
    title = work.now.originals["title_zh"].spans[0].id
    assert work.now.open_after("outcome", work.now.originals["outcome"].spans[-1].id) == ("title_zh", title)
    assert work.decided().now.open_after("facts", first.id) is None


def test_who_approved_a_case_does_not_publish_it_as_well() -> None:
    work = Work().written().decided()
    work.approve(BOARD)
    work.ask(c.SendToBoard(CHECKS), BOARD)
    with pytest.raises(OwnApproval):
        work.ask(c.Publish(), BOARD)
    with pytest.raises(NotAllowed):
        work.ask(c.Publish(), MEDIATOR)


def test_words_that_were_kept_stay_and_a_decision_is_taken_back() -> None:
    work = Work().written().decided(KEPT)
    span = work.now.originals["facts"].spans[0]
    work.ask(c.DecideSpan("facts", span.id, PENDING))
    assert work.now.pending == 1
    work.ask(c.DecideSpan("facts", span.id, HIDDEN, "当事人"))
    work.approve()
    assert work.now.texts["facts"] == f"消费者当事人办卡。{SECRET}要求退款。"


def test_what_a_person_marks_is_hidden_at_once() -> None:
    work = Work().written().decided()
    at = RAW.index("办卡")
    work.ask(c.MarkSpan("facts", at, at + 2, "消费", digest(RAW)))
    work.approve()
    assert "办卡" not in work.now.texts["facts"]
    work.ask(c.TakeBackApproval())
    work.ask(c.UnmarkSpan("facts", f"{at}-{at + 2}"))
    work.approve()
    assert "办卡" in work.now.texts["facts"]


def test_while_a_new_edition_is_made_the_old_one_stands() -> None:
    work = Work().on_the_shelf()
    work.ask(c.BeginRevision("结果有误"))
    work.raw = {}
    assert published("k1", work.now) is not None
    for name, text in work.now.editions[-1].texts.items():
        work.write(name, text + "（订正）")
    work.approve()
    work.ask(c.SendToBoard(CHECKS))
    work.ask(c.Publish(), BOARD)
    case = published("k1", work.now)
    assert case is not None
    assert case.edition == 2
    assert case.facts.endswith("（订正）")
    assert "订正" not in work.now.editions[0].texts["facts"]


def test_a_withdrawn_case_keeps_its_trail_and_comes_back_only_through_the_board() -> None:
    work = Work().on_the_shelf()
    work.ask(c.WithdrawCase("当事人提出异议"), BOARD)
    assert published("k1", work.now) is None
    assert [edition.number for edition in work.now.editions] == [1]
    work.ask(c.UndoWithdrawal("异议不成立"), BOARD)
    assert published("k1", work.now) is None, "the board looks at it first"
    work.ask(c.Publish(), BOARD)
    assert published("k1", work.now) is not None


def test_a_revision_of_a_withdrawn_case_dropped_leaves_it_withdrawn() -> None:
    work = Work().on_the_shelf()
    work.ask(c.WithdrawCase("异议"), BOARD)
    work.ask(c.UndoWithdrawal("再看"), BOARD)
    work.ask(c.DropRevision())
    assert work.now.state is CaseState.WITHDRAWN
    assert published("k1", work.now) is None


def test_a_lawyer_comments_on_what_is_approved_until_the_link_ends() -> None:
    work = Work().written().decided()
    with pytest.raises(DomainError, match="wrong_state"):
        work.ask(c.InviteLawyer("inv-1", "吴律师", "明理所", NOW + timedelta(days=14)))
    work.approve()
    work.ask(c.InviteLawyer("inv-1", "吴律师", "明理所", NOW + timedelta(days=14)))
    work.ask(c.GiveComment("inv-1", "定金与订金不同。"), LAWYER)
    work.ask(c.TakeComment("inv-1", "定金与订金不同。"))
    work.ask(c.WithdrawInvitation("inv-1"))
    with pytest.raises(DomainError, match="link_expired"):
        work.ask(c.GiveComment("inv-1", "再说一句。"), LAWYER)
    work.ask(c.SendToBoard(CHECKS))
    work.ask(c.Publish(), BOARD)
    case = published("k1", work.now)
    assert case is not None
    assert (case.comment, case.comment_by) == ("定金与订金不同。", "明理所 吴律师")


def test_what_ships_with_the_program_is_put_on_the_shelf_by_the_system_and_nothing_else_is() -> None:
    sample = Work(sample=True)
    for field in ("title_zh", "facts", "outcome"):
        sample.ask(c.WriteText(field, "某甲办卡。", digest("某甲办卡。")), SYSTEM)
        sample.raw[field] = "某甲办卡。"
    sample.approve(SYSTEM)
    sample.ask(c.SendToBoard(CHECKS), SYSTEM)
    sample.ask(c.Publish(), SYSTEM)
    assert sample.now.standing is not None
    with pytest.raises(NotAllowed):
        Work().in_review().ask(c.Publish(), SYSTEM)


def test_every_command_has_a_line_of_rights_and_an_inspector_has_none() -> None:
    assert set(RIGHTS) == set(c.CaseCommand.__args__)
    assert not any("inspector" in who for who in RIGHTS.values())


@given(text=st.text("丁小禾办卡退款", max_size=60))
def test_hiding_puts_something_for_every_place_and_touches_nothing_else(text: str) -> None:
    found = tuple(span for index, span in enumerate(spans(text)) if index % 1 == 0)
    clean: list[MarkedSpan] = []
    for span in found:
        if not clean or span.start >= clean[-1].end:
            clean.append(span)
    out = masked(text, clean)
    assert SECRET not in out or not clean
    assert len(out) == len(text) - len(clean)


MOVES: list[c.CaseCommand] = [
    c.TakeBackApproval(),
    c.SendToBoard(CHECKS),
    c.SendToBoard(()),
    c.TakeFromBoard(),
    c.SendBack("再看"),
    c.Publish(),
    c.WithdrawCase("异议"),
    c.UndoWithdrawal("无误"),
    c.BeginRevision(),
    c.DropRevision(),
    c.FillSheet(Sheet(date(2026, 4, 1), tags=("prepaid",))),
    c.InviteLawyer("inv-1", "吴", "", NOW + timedelta(days=1)),
    c.GiveComment("inv-1", "意见"),
    c.TakeComment("inv-1", "意见"),
    c.DropComment("不用"),
]


class AnyCommands(RuleBasedStateMachine):
    """Whoever asks whatever in whatever order."""

    def __init__(self) -> None:
        super().__init__()
        self.work = Work()

    def try_(self, command: c.CaseCommand, by: Actor) -> None:
        try:
            self.work.ask(command, by)
        except DomainError:
            return
        if isinstance(command, c.WriteText):
            self.work.raw[command.field] = command.text
        if isinstance(command, c.BeginRevision):
            self.work.raw = {}

    @rule(
        field=st.sampled_from(TEXTS),
        text=st.sampled_from([RAW, "没有名字。", SECRET, ""]),
        by=st.sampled_from([MEDIATOR, BOARD, LAWYER, INSPECTOR, SYSTEM]),
    )
    def write(self, field: str, text: str, by: Actor) -> None:
        self.try_(c.WriteText(field, text, digest(text), spans(text)), by)

    @rule(verdict=st.sampled_from([HIDDEN, HIDDEN, PENDING]), every=st.booleans())
    def decide_spans(self, verdict: str, every: bool) -> None:
        for field, original in list(self.work.now.originals.items()):
            for span in original.spans if every else original.spans[:1]:
                self.try_(c.DecideSpan(field, span.id, verdict), MEDIATOR)

    @rule(by=st.sampled_from([MEDIATOR, BOARD, INSPECTOR]), tampered=st.booleans())
    def approve(self, by: Actor, tampered: bool) -> None:
        raw = dict(self.work.raw)
        if tampered and raw:
            raw[next(iter(raw))] += SECRET
        self.try_(c.Approve({name: (text, digest(text)) for name, text in raw.items()}), by)

    @rule(
        command=st.sampled_from(
            MOVES
        ),
        by=st.sampled_from([MEDIATOR, BOARD, BOARD, LAWYER, INSPECTOR, SYSTEM]),
    )  # fmt: skip
    def anything(self, command: c.CaseCommand, by: Actor) -> None:
        self.try_(command, by)

    @invariant()
    def what_readers_get_was_approved_as_it_is(self) -> None:
        case = published("k1", self.work.now)
        if case is None:
            return
        assert SECRET not in "".join(getattr(case, name) for name in TEXTS)
        approved = [dict(event.texts) for event in self.work.log if isinstance(event, e.CaseApproved)]
        assert dict(self.work.now.editions[-1].texts) in approved

    @invariant()
    def nothing_was_published_between_an_approval_and_a_later_change(self) -> None:
        good = False
        for event in self.work.log:
            match event:
                case e.CaseApproved():
                    good = True
                case e.TextWritten() | e.SpanDecided() | e.SpanMarked() | e.SpanUnmarked() | e.ApprovalTakenBack():
                    good = False
                case e.RevisionBegun():
                    good = False
                case e.RevisionDropped() | e.WithdrawalUndone():
                    good = True  # back to what was approved before
                case e.CasePublished():
                    assert good
                case _:
                    pass

    @invariant()
    def texts_are_there_exactly_when_approved(self) -> None:
        assert (self.work.now.state is CaseState.DRAFT) is (not self.work.now.texts)

    @invariant()
    def no_raw_text_is_in_the_journal(self) -> None:
        assert SECRET not in "".join(repr(plain(event)) for event in self.work.log)


AnyCommands.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
TestAnyCommands = AnyCommands.TestCase
