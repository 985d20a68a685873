"""Reports as a machine: registered, interrupted by testing, joined, disputed, decided, told; and consultations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from complaints import BadChoice, BadDay, Missing, NotAllowed, WrongState
from complaints.consultations import (
    AnswerConsultation,
    CloseConsultation,
    Consultation,
    ConsultationCommand,
    ConsultationRegistered,
    RegisterConsultation,
    TakeBackConsultation,
    UndoConsultation,
    decide as decide_consultation,
    evolve as evolve_consultation,
)
from complaints.events import drafted, typed
from complaints.leads import (
    REPORT,
    BeginLeadTesting,
    DecideLead,
    DisputeCompetence,
    EndLeadTesting,
    ExtendVerification,
    HoldLead,
    JoinInto,
    KeepJoined,
    Lead,
    LeadCommand,
    LeadOpened,
    NoteInformantWithdrew,
    OpenLead,
    ReferLead,
    ReportRecord,
    SeparateReport,
    SettleLeadCompetence,
    TakeBackJoin,
    TakeBackLeadNote,
    TellInformant,
    UndoReportImport,
    WithdrawLead,
    check_same_informant,
    decide,
    evolve,
)
from complaints.leads.events import KINDS, LeadDecided
from journal import Actor
from journal.refusals import DomainError
from law import WorkingCalendar

CALENDAR, ZONE = WorkingCalendar(), "Asia/Shanghai"
INSPECTOR = Actor("officer", "cha", "何静", "inspector", "office-1")
SUPERVISOR = Actor("officer", "lu", "陆平", "supervisor", "office-1")
MEDIATOR = Actor("officer", "zhou", "周敏", "mediator", "office-1")
RECEIVED = datetime(2026, 6, 12, 2, tzinfo=UTC)
TODAY = date(2026, 9, 30)


def opened(key: str = "key", order: str = "121", named: bool = True, found: datetime = RECEIVED) -> LeadOpened:
    record = ReportRecord("12315", "phone", named, informant_key=key)
    name = "丁小禾" if named else ""
    return LeadOpened(
        "office-1", "", "", REPORT, found, order, "虚构原价", "标注的原价从未成交", "甲超市", name, report=record
    )


def report(*commands: LeadCommand, begun: LeadOpened | None = None, at: datetime = RECEIVED) -> Lead:
    """After these, by whoever may."""
    lead: Lead | None = None
    for command in (OpenLead(begun or opened()), *commands):
        lead = after(lead, command, at)
    assert lead is not None
    return lead


def after(lead: Lead | None, command: LeadCommand, at: datetime = RECEIVED) -> Lead:
    by = SUPERVISOR if isinstance(command, ExtendVerification | HoldLead | WithdrawLead) else INSPECTOR
    if isinstance(command, SettleLeadCompetence) and command.how == "designated":
        by = SUPERVISOR
    for event in decide(command, lead, by):
        stored = drafted(event, at, by)  # as the journal keeps it
        lead = evolve(lead, typed(KINDS[stored.type], stored.data), at)
    assert lead is not None
    return lead


DECIDED = DecideLead("case", approver="陆平", document="东市监立〔2026〕12号", competence="29")
OLDER = replace(DECIDED, competence="25")  # Order 20


# ---------------------------------------------------------------- who registers


def test_a_report_is_registered_by_who_takes_it_in_and_by_who_verifies_it_and_by_no_supervisor() -> None:
    for who in (MEDIATOR, INSPECTOR):
        assert decide(OpenLead(opened()), None, who) == [opened()]
    with pytest.raises(NotAllowed):
        decide(OpenLead(opened()), None, SUPERVISOR)


def test_a_report_by_name_needs_the_name() -> None:
    nameless = replace(opened(), informant="")
    with pytest.raises(Missing):
        decide(OpenLead(nameless), None, INSPECTOR)
    assert report(begun=opened(named=False)).real_name is False


def test_a_split_report_from_before_there_was_a_register_still_folds_and_counts_as_by_name() -> None:
    old = drafted(replace(opened(), report=None), RECEIVED, MEDIATOR).data
    del old["report"], old["own_number"]
    lead = evolve(None, typed(LeadOpened, old), RECEIVED)
    assert (lead.report, lead.real_name, lead.state) == (True, True, "open")
    decided = evolve(lead, typed(KINDS["LeadDecided"], {"outcome": "no_case", "note": "查无实据"}), RECEIVED)
    assert (decided.outcome, list(decided.clocks(ZONE, CALENDAR))) == ("no_case", [])
    earlier = replace(decided, opened=replace(decided.opened, order="20"))
    assert [clock.code for clock in earlier.clocks(ZONE, CALENDAR)] == ["tell_filing"]


# ---------------------------------------------------------------- the period


def test_testing_stops_the_clock_and_its_days_do_not_count() -> None:
    plain = report().deadline(ZONE, CALENDAR)
    tested = report(BeginLeadTesting(date(2026, 6, 15), "testing", "省质检院", TODAY))
    assert tested.deadline(ZONE, CALENDAR).standing
    ended = after(tested, EndLeadTesting(date(2026, 6, 18), TODAY)).deadline(ZONE, CALENDAR)
    assert ended.due == date(2026, 7, 9)
    assert plain.due == date(2026, 7, 6)
    assert [(day.date.day, day.label("zh")) for day in ended.days[3:7]] == [
        (15, "1"), (16, "检测鉴定"), (17, "检测鉴定"), (18, "检测鉴定"),
    ]  # fmt: skip


def test_testing_ends_no_earlier_than_it_began_and_not_in_the_future() -> None:
    tested = report(BeginLeadTesting(date(2026, 6, 15), "identification", "", TODAY))
    with pytest.raises(BadDay):
        after(tested, EndLeadTesting(date(2026, 6, 14), TODAY))
    with pytest.raises(BadDay):
        after(tested, EndLeadTesting(TODAY + timedelta(days=1), TODAY))
    with pytest.raises(WrongState):
        after(tested, BeginLeadTesting(date(2026, 6, 16), "testing", "", TODAY))


def test_it_is_extended_once_and_once_more_after_new_facts_began_the_period_anew() -> None:
    lead = report(ExtendVerification("取证困难"))
    with pytest.raises(WrongState):
        after(lead, ExtendVerification("还是困难"))
    later = RECEIVED + timedelta(days=20)
    joined = after(lead, KeepJoined("b", "东高一投举〔2026〕0002号", later, "facts"))
    assert (joined.extended, joined.deadline(ZONE, CALENDAR).start) == (False, date(2026, 7, 2))
    assert after(joined, ExtendVerification("仍需取证")).extended


# ---------------------------------------------------------------- Order 121 Art 35


def test_a_repeated_report_changes_no_date_and_new_facts_begin_the_period_anew_from_the_last_report() -> None:
    lead, later = report(), RECEIVED + timedelta(days=9)
    repeated = after(lead, KeepJoined("b", "0002", later, "repeat"))
    assert repeated.deadline(ZONE, CALENDAR) == lead.deadline(ZONE, CALENDAR)
    anew = after(repeated, KeepJoined("c", "0003", later + timedelta(days=1), "facts"))
    assert anew.deadline(ZONE, CALENDAR).start == date(2026, 6, 22)


@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["repeat", "facts"])), max_size=6))
def test_the_period_always_counts_from_the_last_report_with_new_facts(joins: list[tuple[int, str]]) -> None:
    lead = report()
    for n, (days, how) in enumerate(joins):
        lead = after(lead, KeepJoined(f"lead-{n}", "", RECEIVED + timedelta(days=days), how))
    last = max((days for days, how in joins if how == "facts"), default=0)
    assert lead.deadline(ZONE, CALENDAR).start == date(2026, 6, 12) + timedelta(days=last)


def test_what_is_joined_has_no_clock_and_nothing_is_decided_of_it() -> None:
    ended = report(JoinInto("a", "0001", "repeat"))
    assert (ended.state, list(ended.clocks(ZONE, CALENDAR))) == ("joined", [])
    with pytest.raises(WrongState):
        after(ended, DECIDED)
    separated = after(ended, SeparateReport("不是同一违法事实"))
    assert (separated.state, len(separated.clocks(ZONE, CALENDAR))) == ("open", 1)


def test_new_facts_open_no_decided_report_again_and_a_mere_repetition_may_be_joined_to_it() -> None:
    decided = report(DECIDED)
    with pytest.raises(WrongState):
        after(decided, KeepJoined("b", "0002", RECEIVED, "facts"))
    assert after(decided, KeepJoined("b", "0002", RECEIVED, "repeat")).state == "decided"


def test_a_joining_taken_back_gives_the_period_and_its_extension_back() -> None:
    lead = report(ExtendVerification("取证困难"))
    joined = after(lead, KeepJoined("b", "0002", RECEIVED + timedelta(days=9), "facts"))
    back = after(joined, TakeBackJoin("b", "并错了"))
    assert back.deadline(ZONE, CALENDAR) == lead.deadline(ZONE, CALENDAR)


def test_only_one_person_s_reports_are_joined_and_only_to_an_earlier_one() -> None:
    first, second = report(), report(begun=opened(found=RECEIVED + timedelta(days=3)))
    check_same_informant(second, first)
    with pytest.raises(BadChoice):
        check_same_informant(first, second)  # the earlier one into the later one
    with pytest.raises(BadChoice):
        check_same_informant(report(begun=opened("other", found=RECEIVED + timedelta(days=3))), first)
    anonymous = report(begun=opened("", named=False, found=RECEIVED + timedelta(days=3)))
    with pytest.raises(BadChoice):
        check_same_informant(anonymous, first)


def test_what_somebody_has_worked_on_goes_with_no_import() -> None:
    assert [type(one).__name__ for one in decide(UndoReportImport("选错了文件"), report(), MEDIATOR)] == [
        "LeadWithdrawn"
    ]
    with pytest.raises(WrongState):
        decide(UndoReportImport("选错了文件"), report(NoteInformantWithdrew(TODAY, "", TODAY)), MEDIATOR)


# ---------------------------------------------------------------- competence, referral, withdrawal


def test_a_dispute_over_competence_has_its_seven_working_days_and_a_designation_is_the_superior_s() -> None:
    lead = report(DisputeCompetence(date(2026, 6, 15), "西湖区局", "行为发生地不在本辖区", TODAY))
    clocks = {clock.code: clock for clock in lead.clocks(ZONE, CALENDAR)}
    assert clocks["competence"].due == date(2026, 6, 25)
    assert "第三十三条" in clocks["competence"].article("zh")
    with pytest.raises(NotAllowed):
        decide(SettleLeadCompetence("designated", True), lead, INSPECTOR)
    with pytest.raises(NotAllowed):
        decide(SettleLeadCompetence("agreed", True), lead, SUPERVISOR)
    assert after(lead, SettleLeadCompetence("agreed", False, "由西湖区局处理")).disputed is None


def test_what_an_informant_takes_back_is_verified_all_the_same() -> None:
    lead = report(NoteInformantWithdrew(date(2026, 6, 20), "来电撤回", TODAY))
    assert (lead.state, lead.deadline(ZONE, CALENDAR)) == ("open", report().deadline(ZONE, CALENDAR))
    with pytest.raises(WrongState):
        after(lead, NoteInformantWithdrew(date(2026, 6, 21), "", TODAY))


def test_a_hand_over_to_the_police_is_noted_beside_the_verification_and_can_be_taken_back() -> None:
    handed = report(ReferLead(date(2026, 6, 20), "police", "东湖公安分局", "涉嫌敲诈勒索", "移送〔2026〕3号", TODAY))
    assert (handed.state, len(handed.standing_referrals)) == ("open", 1)
    assert after(handed, TakeBackLeadNote("referral", 1, "写错了单位")).standing_referrals == ()


# ---------------------------------------------------------------- decided and told


def test_whether_a_case_is_filed_is_decided_by_who_is_in_charge_and_says_who() -> None:
    with pytest.raises(Missing):
        report(DecideLead("case"))
    lead = report(DECIDED)
    assert lead.decision is not None
    assert (lead.decision.approver, lead.decision.document) == ("陆平", "东市监立〔2026〕12号")
    assert report(DecideLead("moved", "西湖区局")).outcome == "moved"


def test_a_report_is_decided_only_by_a_rule_that_makes_it_ours_or_a_dispute_settled_so() -> None:
    with pytest.raises(Missing):
        report(DecideLead("unfounded", approver="陆平"))
    for other in ("30", "31.2", "25", "dispute"):  # an outpost's part, of a seller, of Order 20, none was settled
        with pytest.raises(BadChoice):
            report(replace(DECIDED, competence=other))
    assert report(DECIDED).decision == LeadDecided("case", "", "陆平", "东市监立〔2026〕12号", (), "29")
    raised = report(DisputeCompetence(date(2026, 6, 16), "西湖区局", "辖区", TODAY))
    ours = after(after(raised, SettleLeadCompetence("agreed", True)), replace(DECIDED, competence="dispute"))
    assert (ours.outcome, ours.decision and ours.decision.competence) == ("case", "dispute")
    theirs = after(raised, SettleLeadCompetence("agreed", False))
    with pytest.raises(BadChoice):
        after(theirs, replace(DECIDED, competence="dispute"))
    handed = report(DecideLead("moved", "西湖区局", competence="29"))
    assert handed.decision is not None
    assert handed.decision.competence == ""  # what is handed on is nobody's claim


def test_a_decision_from_before_says_no_rule_and_is_read_as_it_was() -> None:
    assert typed(LeadDecided, {"outcome": "case", "note": "", "approver": "陆平"}) == LeadDecided("case", "", "陆平")


def test_under_order_20_who_reported_by_name_is_told_of_the_filing_in_five_working_days() -> None:
    spring = datetime(2026, 4, 1, 2, tzinfo=UTC)
    lead = report(OLDER, begun=opened(order="20", found=spring), at=spring)
    (clock,) = lead.clocks(ZONE, CALENDAR)
    assert (clock.code, clock.due) == ("tell_filing", date(2026, 4, 9))  # the 6th is Tomb-Sweeping
    told = after(lead, TellInformant(date(2026, 4, 3), "decision", "phone", "已立案", TODAY))
    assert list(told.clocks(ZONE, CALENDAR)) == []
    unheard = after(told, TakeBackLeadNote("told", 1, "没有接通"))
    assert [one.code for one in unheard.clocks(ZONE, CALENDAR)] == ["tell_filing"]


@pytest.mark.parametrize(
    ("order", "named", "outcome"), [("121", True, "case"), ("20", False, "case"), ("20", True, "moved")]
)
def test_that_clock_runs_for_nobody_else(order: str, named: bool, outcome: str) -> None:
    competence = {"121": "29", "20": "25"}[order]
    lead = report(
        DecideLead(outcome, "西湖区局", "陆平", competence=competence), begun=opened(order=order, named=named)
    )
    assert list(lead.clocks(ZONE, CALENDAR)) == []


def test_what_a_law_says_the_informant_is_told_stays_owed_until_it_is_noted_how_and_when() -> None:
    lead = report(DecideLead("case", "", "陆平", "", ("result", "reward"), "29"))
    assert lead.owed == ("result", "reward")
    told = after(lead, TellInformant(TODAY, "result", "letter", "挂号信", TODAY))
    assert told.owed == ("reward",)
    with pytest.raises(BadChoice):
        report(DecideLead("case", "", "陆平", "", ("dinner",), "29"))


# ---------------------------------------------------------------- any order of commands

_DAY = st.integers(0, 60).map(lambda n: date(2026, 6, 12) + timedelta(days=n))
COMMANDS: st.SearchStrategy[LeadCommand] = st.one_of(
    st.builds(BeginLeadTesting, _DAY, st.sampled_from(["testing", "odd"]), st.just(""), st.just(TODAY)),
    st.builds(EndLeadTesting, _DAY, st.just(TODAY)),
    st.builds(DisputeCompetence, _DAY, st.just("西湖区局"), st.just("辖区"), st.just(TODAY)),
    st.builds(SettleLeadCompetence, st.sampled_from(["agreed", "designated"]), st.booleans()),
    st.builds(
        KeepJoined, st.sampled_from("bcd"), st.just(""), st.just(RECEIVED + timedelta(days=5)),
        st.sampled_from(["repeat", "facts"]),
    ),
    st.builds(TakeBackJoin, st.sampled_from("bcd"), st.just("并错了")),
    st.builds(JoinInto, st.just("a"), st.just(""), st.just("repeat")),
    st.builds(SeparateReport, st.just("不是一回事")),
    st.builds(NoteInformantWithdrew, _DAY, st.just(""), st.just(TODAY)),
    st.builds(ExtendVerification, st.just("取证困难")),
    st.just(DECIDED),
    st.just(WithdrawLead("误登记")),
    st.builds(
        TakeBackLeadNote, st.sampled_from(["decision", "withdrew", "testing", "dispute"]), st.just(0), st.just("错了")
    ),
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(COMMANDS, max_size=25))
def test_whatever_is_asked_in_whatever_order_a_report_is_in_one_state_with_the_clocks_of_that_state(
    commands: Sequence[LeadCommand],
) -> None:
    lead = report()
    for command in commands:
        try:
            lead = after(lead, command)
        except DomainError:
            continue
        codes = [clock.code for clock in lead.clocks(ZONE, CALENDAR)]
        assert (codes[:1] == ["verify"]) is (lead.state == "open")
        assert ("competence" in codes) is (lead.state == "open" and lead.disputed is not None)
        assert lead.tested is not None or not lead.deadline(ZONE, CALENDAR).standing
        assert lead.counted_from >= lead.opened.found


# ---------------------------------------------------------------- consultations


def asked(kind: str = "consultation") -> ConsultationRegistered:
    return ConsultationRegistered(
        "office-1",
        "东高一投询〔2026〕0001号",
        kind,
        RECEIVED,
        "121",
        "hotline",
        "phone",
        "问办证",
        "食品经营许可证怎么办",
    )


def consultation(*commands: ConsultationCommand) -> Consultation:
    state: Consultation | None = None
    for command in (RegisterConsultation(asked()), *commands):
        for event in decide_consultation(command, state, MEDIATOR):
            state = evolve_consultation(state, event)
    assert state is not None
    return state


ANSWER = AnswerConsultation(TODAY, "phone", "到政务大厅二楼办理", TODAY)


def test_a_consultation_is_registered_answered_and_closed() -> None:
    assert consultation().state == "registered"
    assert consultation(ANSWER).state == "answered"
    assert consultation(ANSWER, CloseConsultation()).state == "closed"


def test_nobody_s_consultation_is_closed_without_an_answer_and_no_answer_is_given_tomorrow() -> None:
    with pytest.raises(WrongState):
        consultation(CloseConsultation())
    with pytest.raises(BadDay):
        consultation(replace(ANSWER, day=TODAY + timedelta(days=1)))
    with pytest.raises(Missing):
        consultation(replace(ANSWER, answer=" "))


def test_an_answer_noted_by_mistake_is_taken_back_and_what_was_answered_is_not_undone() -> None:
    back = consultation(ANSWER, TakeBackConsultation("answer", "没有接通"))
    assert (back.state, back.answer) == ("registered", None)
    with pytest.raises(WrongState):
        consultation(ANSWER, UndoConsultation("误登记"))


def test_inspectors_and_supervisors_change_no_consultation() -> None:
    for who in (INSPECTOR, SUPERVISOR):
        with pytest.raises(NotAllowed):
            decide_consultation(ANSWER, consultation(), who)


@pytest.mark.parametrize("kind", ["consultation", "disclosure", "review", "petition", "discipline", "elsewhere"])
def test_every_kind_is_taken_and_an_unknown_one_is_not(kind: str) -> None:
    assert decide_consultation(RegisterConsultation(asked(kind)), None, MEDIATOR)
    with pytest.raises(BadChoice):
        decide_consultation(RegisterConsultation(asked(f"{kind}?")), None, MEDIATOR)
