"""The procedure as data: no state is reached without a cited article, and the table says nothing that cannot be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given, strategies as st

from complaints import (
    BadChoice,
    NeedsConsent,
    NotAllowed,
    Recused,
    Suspended,
    UnknownComplaint,
    WrongState,
    commands as c,
    procedure as p,
)
from complaints.commands import ANYBODY, RIGHTS, check_right
from complaints.complaint import deadlines, evolve, local_day, open_clocks, pauses, running
from complaints.decisions import decide
from complaints.events import KINDS, ComplaintEvent, ComplaintRegistered, ContentErased, from_event, to_draft
from complaints.notices.messages import BY_HAND, NoteTold
from complaints.procedure.rules import proceed
from complaints.procedure.transitions import TRANSITIONS, from_here, prove, transition
from complaints.state import UNDER_WAY, Complaint, ComplaintState
from journal import SYSTEM, Actor, sealed
from journal.refusals import DomainError
from law import ORDER_20, ORDER_121, WorkingCalendar, accept_by
from law.orders import ORDERS
from tests.complaints.test_complaint import ACCEPTANCE_TOLD, AT, LATER, RECORD, ZONE, after, closed, scheduled

OLD = replace(RECORD, order="20")
MEDIATOR = Actor("officer", "zhou", "周敏", "mediator", RECORD.office)
SUPERVISOR = Actor("officer", "lin", "林督", "supervisor", RECORD.office)

REASON = st.just("见附件")
PROCEDURE = st.one_of(
    st.builds(p.BeginTesting, st.just("省质检院"), st.sampled_from(["agreed", "designated", "drawn"])),
    st.just(p.EndTesting()),
    st.builds(p.RequestRecusal, st.sampled_from(["consumer", "mediator"]), st.sampled_from(["zhou", "he"]), REASON),
    st.builds(p.DecideRecusal, st.booleans(), REASON),
    st.builds(p.EndMediation, st.integers(0, 9)),
    st.builds(
        p.DelegateMediation,
        st.just("区消费者协会"),
        st.sampled_from([(), ("consumer",), ("business",), ("business", "consumer")]),
    ),
    st.builds(p.EndDelegation, REASON),
    st.builds(p.RaiseCompetence, st.just("二所"), REASON),
    st.builds(p.SettleCompetence, st.sampled_from(["agreed", "designated"]), st.booleans()),
    st.builds(p.ChooseOrder, st.sampled_from(["20", "121", "7"]), REASON),
    st.builds(p.Dispatch, st.sampled_from(["donghu-1", "donghu-2"])),
    st.builds(p.ReturnToIntake, REASON),
    st.just(p.Supervise("请三日内报进展")),
    st.builds(p.SplitReport, st.sampled_from(["l1", "l2"])),
    st.builds(p.NoteLead, st.sampled_from(["l1", "l2"])),
)
SESSIONS = st.sampled_from(["s1", "s2"])
COMMANDS = st.one_of(
    PROCEDURE,
    st.just(c.Accept()),
    st.builds(c.Refuse, st.integers(1, 6)),
    SESSIONS.map(scheduled),
    st.builds(closed, st.sampled_from(["settled", "not_settled", "ended", "adjourned"]), SESSIONS),
    st.just(closed("settled", "s1", due=LATER)),
    st.builds(c.FollowCancelled, SESSIONS, st.just("改期")),
    st.just(c.NotePromisesKept()),
    st.builds(
        NoteTold,
        st.sampled_from(["acceptance", "refusal", "termination"]),
        st.sampled_from([("consumer",), ("business",), ("consumer", "business")]),
        st.sampled_from(BY_HAND),
        st.just(AT),
        st.just("本人"),
        st.just("周敏"),
    ),
    st.just(c.CloseFile()),
    st.builds(c.TakeBack, st.sampled_from(["kept", "told", "closed"]), REASON),
    st.just(c.RevealPhone("consumer", "短信没送达")),
)
STORY = st.lists(st.tuples(COMMANDS, st.integers(0, 9 * 24)), max_size=30)  # each with the hours that pass before it


def told(record: ComplaintRegistered, story: list[tuple[c.Command, int]]) -> list[tuple[ComplaintEvent, datetime]]:
    """What really happens when these are asked one after another."""
    complaint, at, happened = after(c.Register(record)), AT, list[tuple[ComplaintEvent, datetime]]()
    for command, hours in story:
        at += timedelta(hours=hours)
        try:
            events = decide(command, complaint, at)
        except DomainError:
            continue
        for event in events:
            complaint = evolve(complaint, event, at)
            happened.append((event, at))
    return happened


@given(st.sampled_from([RECORD, OLD]), STORY)
def test_no_state_is_reached_without_a_cited_article(
    record: ComplaintRegistered, story: list[tuple[c.Command, int]]
) -> None:
    complaint = after(c.Register(record))
    for event, at in told(record, story):
        before, complaint = complaint, evolve(complaint, event, at)
        found = transition(type(event).__name__, before.state, complaint.state)
        if before.state is not complaint.state or type(event).__name__ in {row.event for row in TRANSITIONS}:
            assert found is not None, event
            for order in (before.record.order, complaint.record.order):
                cited = found.cite(order)
                assert cited
                assert all(one.order is ORDERS[order] and one.text("zh") and one.text("en") for one in cited)


@given(STORY)
def test_folding_the_same_events_gives_the_same_complaint(story: list[tuple[c.Command, int]]) -> None:
    happened = told(RECORD, story)

    def fold() -> Complaint:
        complaint = after(c.Register(RECORD))
        for event, at in happened:
            (entry,) = sealed("complaint/1", 0, "", [to_draft(event, at, SYSTEM)])
            complaint = evolve(complaint, from_event(entry), entry.at)
        return complaint

    assert fold() == fold()


HOURS = st.integers(0, 20 * 24)


@given(st.sampled_from([RECORD, OLD]), HOURS, HOURS, STORY)
def test_a_day_of_testing_is_never_counted(
    record: ComplaintRegistered, before: int, during: int, story: list[tuple[c.Command, int]]
) -> None:
    complaint = after(c.Register(record))
    tested: list[tuple[c.Command, int]] = [
        (c.Accept(), 0),
        (p.BeginTesting("省质检院"), before),
        (p.EndTesting(), during),
    ]
    for event, at in told(record, [*tested, *story]):
        complaint = evolve(complaint, event, at)
        for clock in deadlines(complaint, ZONE):
            if clock.code != "mediate":
                continue
            counted = [day.date for day in clock.days if day.counted]
            assert not any(pause.covers(day) for pause in pauses(complaint, ZONE) for day in counted)
            wanted = ORDERS[complaint.record.order].mediate_days
            assert len(counted) + clock.left == wanted
            assert clock.standing or not clock.left
        if complaint.state not in UNDER_WAY:
            assert complaint.tested is None
            assert complaint.recusal is None


def test_every_line_of_the_table_can_be_read_and_is_of_an_event_that_exists() -> None:
    assert {row.event for row in TRANSITIONS} <= set(KINDS)
    assert len({(row.event, row.before, row.after) for row in TRANSITIONS}) == len(TRANSITIONS)
    for row in TRANSITIONS:
        for order in ORDERS:
            for cited in row.cite(order):
                assert cited.order.id == order
                assert 1 <= cited.article <= (46 if order == "121" else 40)
    for state in ComplaintState:
        assert from_here(state) or state is ComplaintState.UNDONE
    text = transition("MediationEnded", ComplaintState.ACCEPTED, ComplaintState.ENDED)
    assert text is not None
    assert text.cite("121")[0].text("zh") == "《市场监督管理投诉举报处理办法》（2026年4月15日起施行）第二十三条第一款"
    assert "2020-01-01, Art 21(1)" in text.cite("20")[0].text("en")


def test_what_the_table_does_not_know_changes_no_state() -> None:
    prove(ContentErased((1,)), ComplaintState.CLOSED, ComplaintState.CLOSED)
    with pytest.raises(WrongState):
        prove(ContentErased((1,)), ComplaintState.CLOSED, ComplaintState.ACCEPTED)


def test_every_command_says_whose_it_is() -> None:
    """A command without a line is nobody's: add it to complaints.commands."""
    assert {kind.__name__ for kind in get_args(c.Command)} == {kind.__name__ for kind in RIGHTS}
    assert all(roles <= ANYBODY for roles in RIGHTS.values())


@pytest.mark.parametrize(
    ("command", "actor", "refusal"),
    [
        (c.Accept(), SUPERVISOR, NotAllowed),
        (c.Accept(), SYSTEM, NotAllowed),
        (c.Accept(), Actor("party", "consumer", "丁小禾", "mediator", RECORD.office), NotAllowed),
        (c.Accept(), replace(MEDIATOR, office="donghu-2"), UnknownComplaint),
        (p.DecideRecusal(granted=True, reason="近亲属"), MEDIATOR, NotAllowed),
        (p.ChooseOrder("20", "4月14日收到"), MEDIATOR, NotAllowed),
        (p.SettleCompetence("designated", ours=True), MEDIATOR, NotAllowed),
        (p.SettleCompetence("agreed", ours=True), SUPERVISOR, NotAllowed),
        (closed("settled"), MEDIATOR, NotAllowed),
    ],
)
def test_nobody_but_the_competent_role_moves_it(command: c.Command, actor: Actor, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        check_right(command, actor, after(c.Register(RECORD)))
    check_right(c.Accept(), MEDIATOR, after(c.Register(RECORD)))


# ---------------------------------------------------------------- testing and recusal


def moment(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour - 8, tzinfo=UTC)


def with_testing(record: ComplaintRegistered, begun: date, ended: date | None) -> Complaint:
    complaint = after(c.Register(record), c.Accept(), ACCEPTANCE_TOLD)  # on Friday, 12 June 2026
    steps: list[tuple[c.Command, date | None]] = [(p.BeginTesting("省质检院"), begun), (p.EndTesting(), ended)]
    for command, day in steps:
        if day is not None:
            for event in decide(command, complaint, moment(day)):
                complaint = evolve(complaint, event, moment(day))
    return complaint


def test_ten_days_of_testing_end_the_sixty_days_ten_days_later() -> None:
    clock = running(with_testing(RECORD, date(2026, 6, 20), date(2026, 6, 30)), ZONE)
    assert clock is not None
    assert (clock.due, clock.standing) == (date(2026, 8, 21), False)
    assert [day.date.day for day in clock.days if day.zh == "检测鉴定"] == list(range(21, 31))
    assert "第二十三条第五项、第二十二条" in clock.article("zh")


def test_testing_that_begins_and_ends_on_one_day_takes_no_day_out() -> None:
    clock = running(with_testing(RECORD, date(2026, 6, 20), date(2026, 6, 20)), ZONE)
    assert clock is not None
    assert clock.due == date(2026, 8, 11)


def test_while_testing_lasts_the_clock_stands_still_and_says_how_much_is_left() -> None:
    clock = running(with_testing(RECORD, date(2026, 6, 20), None), ZONE)
    assert clock is not None
    assert (clock.standing, clock.left, clock.due) == (True, 52, date(2026, 8, 11))


def test_the_older_order_counts_working_days_around_testing_too() -> None:
    clock = running(with_testing(OLD, date(2026, 6, 22), date(2026, 6, 29)), ZONE)
    assert clock is not None
    without = running(after(c.Register(OLD), c.Accept(), ACCEPTANCE_TOLD), ZONE)
    assert without is not None
    skipped = [day.date for day in clock.days if day.zh == "检测鉴定"]
    assert skipped == [date(2026, 6, day) for day in range(23, 30)]
    worked = [day for day in skipped if WorkingCalendar().worked(day)]
    added = [day for day in clock.days if day.counted and day.date > without.due]
    assert len(added) == len(worked) == 5
    assert "暂行办法》第二十一条第五项、第二十条" in clock.article("zh")


def test_the_older_order_knows_no_designated_testing_body() -> None:
    old = after(c.Register(OLD), c.Accept())
    with pytest.raises(BadChoice):
        decide(p.BeginTesting("省质检院", "designated"), old, AT)
    assert decide(p.BeginTesting("省质检院", "designated"), after(c.Register(RECORD), c.Accept()), AT)


def test_a_request_for_recusal_suspends_mediation_until_it_is_decided_and_no_clock() -> None:
    asked = (c.Register(RECORD), c.Accept(), p.RequestRecusal("consumer", "zhou", "是商家的亲戚"))
    with pytest.raises(Suspended):
        decide(scheduled(), after(*asked), AT)
    refused = after(*asked, p.DecideRecusal(granted=False, reason="查无此事"), scheduled())
    assert refused.state is ComplaintState.MEDIATING
    granted = after(*asked, p.DecideRecusal(granted=True, reason="属实"))
    with pytest.raises(Recused):
        decide(scheduled(), granted, AT)
    assert decide(replace(scheduled(), mediator="he"), granted, AT)
    clock, before = running(after(*asked), ZONE), running(after(*asked[:2]), ZONE)
    assert clock == before


# ---------------------------------------------------------------- ending, delegation, competence, order, offices


def test_a_mediation_ends_outside_a_session_on_any_ground_of_its_order() -> None:
    ended = after(c.Register(RECORD), c.Accept(), p.EndMediation(1, "投诉人撤回"))
    assert (ended.state, ended.ended_at) == (ComplaintState.ENDED, AT)
    assert [clock.code for clock in open_clocks(ended, ZONE)] == ["tell_end"]
    for order, most in (("121", 8), ("20", 7)):
        accepted = after(c.Register(replace(RECORD, order=order)), c.Accept())
        for ground in range(1, most + 1):
            assert decide(p.EndMediation(ground), accepted, AT)
        with pytest.raises(DomainError):
            decide(p.EndMediation(most + 1), accepted, AT)
    with pytest.raises(WrongState):
        decide(p.EndMediation(1), after(c.Register(RECORD)), AT)


def test_delegation_needs_both_consents_under_the_newer_order_only() -> None:
    accepted, old = after(c.Register(RECORD), c.Accept()), after(c.Register(OLD), c.Accept())
    for agreed in ((), ("consumer",), ("business",)):
        with pytest.raises(NeedsConsent):
            decide(p.DelegateMediation("区消费者协会", agreed), accepted, AT)
    assert decide(p.DelegateMediation("区消费者协会", ()), old, AT)
    (event,) = decide(p.DelegateMediation("区消费者协会", ("business", "consumer")), accepted, AT)
    assert event == p.MediationDelegated("区消费者协会", ("consumer", "business"))


def test_a_dispute_over_competence_has_seven_working_days() -> None:
    disputed = after(c.Register(RECORD), p.RaiseCompetence("二所", "经营地在二所辖区"))
    clocks = {clock.code: clock for clock in open_clocks(disputed, ZONE)}
    assert clocks.keys() == {"accept", "competence"}
    assert clocks["competence"].due == date(2026, 6, 24)
    assert "第三十三条、第四十五条" in clocks["competence"].article("zh")
    settled = after(
        c.Register(RECORD), p.RaiseCompetence("二所", "经营地"), p.SettleCompetence("designated", ours=True)
    )
    assert [clock.code for clock in open_clocks(settled, ZONE)] == ["accept"]


def test_another_order_moves_the_clocks_and_says_why() -> None:
    accepted = (c.Register(RECORD), c.Accept(), ACCEPTANCE_TOLD)
    changed = after(*accepted, p.ChooseOrder("20", "4月14日已经收到，登记晚了"))
    clock = running(changed, ZONE)
    assert clock is not None
    assert sum(day.counted for day in clock.days) == ORDER_20.mediate_days != ORDER_121.mediate_days
    with pytest.raises(DomainError):
        decide(p.ChooseOrder("20", " "), after(*accepted), AT)
    with pytest.raises(WrongState):  # the room was made under the other order
        decide(p.ChooseOrder("20", "登记晚了"), after(*accepted, scheduled()), AT)


def test_a_dispatched_complaint_goes_back_where_it_came_from_and_never_sideways() -> None:
    sent = after(c.Register(RECORD), p.Dispatch("donghu-2"))
    assert (sent.record.office, sent.intake) == ("donghu-2", "donghu-1")
    with pytest.raises(WrongState):
        decide(p.Dispatch("donghu-3"), sent, AT)
    back = after(c.Register(RECORD), p.Dispatch("donghu-2"), p.ReturnToIntake("不在辖区"))
    assert (back.record.office, back.intake) == ("donghu-1", "")
    assert decide(p.Dispatch("donghu-3"), back, AT)
    with pytest.raises(WrongState):
        decide(p.ReturnToIntake("不在辖区"), back, AT)
    for command in (p.Dispatch("donghu-2"), p.ReturnToIntake("不在辖区")):
        with pytest.raises(WrongState):
            decide(command, after(c.Register(RECORD), c.Accept()), AT)


def test_the_period_for_accepting_begins_anew_with_the_bureau_a_complaint_is_dispatched_to() -> None:
    """Order 121 Art 15: a bureau decides within seven working days of receiving it itself."""
    registered = after(c.Register(RECORD))
    days = [timedelta(days=n) for n in (0, 3, 5, 10)]
    clocks, state = [], registered
    steps: tuple[c.Command, ...] = (p.Dispatch("donghu-2"), p.ReturnToIntake("不在辖区"), p.Dispatch("donghu-3"))
    for passed, command in zip(days[1:], steps, strict=True):
        for event in decide(command, state, AT + passed):
            state = evolve(state, event, AT + passed)
        clocks.append(deadlines(state, ZONE)[0])
    received = local_day(RECORD.received, ZONE)
    sent, again = (local_day(AT + passed, ZONE) for passed in (days[1], days[3]))
    assert [clock.start for clock in clocks] == [sent, received, again]
    for clock in clocks:
        assert clock.due == accept_by(clock.start, ORDER_121, WorkingCalendar()).due


def test_the_report_part_is_split_off_once() -> None:
    split = after(c.Register(RECORD), p.SplitReport("l1"))
    assert split.report == "l1"
    assert decide(p.SplitReport("l1"), split, AT) == []
    with pytest.raises(WrongState):
        decide(p.SplitReport("l2"), split, AT)


def test_loss_is_what_sessions_recovered_however_it_ended() -> None:
    complaint = after(
        c.Register(RECORD), scheduled(), p.EndMediation(1), closed("settled", loss_recovered=Decimal("10.00"))
    )
    assert (complaint.state, complaint.loss_recovered) == (ComplaintState.ENDED, Decimal("10.00"))


@pytest.mark.parametrize("payer", ["", "consumer", "business", "both"])
def test_who_pays_for_testing_is_on_file_and_may_be_open(payer: str) -> None:
    accepted = after(c.Register(RECORD), c.Accept())
    begun = proceed(p.BeginTesting("省质检院", "agreed", "", payer), accepted)
    assert begun == [p.TestingBegun("省质检院", "agreed", "", payer)]
    with pytest.raises(BadChoice):
        proceed(p.BeginTesting("省质检院", "agreed", "", "the office"), accepted)
