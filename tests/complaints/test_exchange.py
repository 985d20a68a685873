"""What goes back to where a complaint came from, a settlement tried first, and the sender's own limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from complaints import BadDay, Missing, WrongState
from complaints.channels.platforms import FEEDBACK, FINISH, SETTLE, SIGN, clock, sender_clocks
from complaints.commands import Accept, Register
from complaints.complaint import deadlines
from complaints.decisions import decide
from complaints.exchange import (
    BeginPriorSettlement,
    EndPriorSettlement,
    NoteSenderTold,
    PriorSettlementEnded,
    SenderTold,
)
from complaints.procedure.rules import ComplaintWithdrawn
from complaints.state import Complaint, ComplaintState
from law import WorkingCalendar
from tests.complaints.test_complaint import AT, RECORD, ZONE, after

CALENDAR = WorkingCalendar()
ASKED = replace(RECORD, sign_due="1个工作日", feedback_due="2026-06-18 17:00", channel_due="15个工作日")
TOLD = SenderTold("hotline", "12345", "received", 1, "GD2026", "R1")
UNTIL = AT.date() + timedelta(days=7)


def due(complaint: Complaint) -> dict[str, date]:
    return {one.code: one.due for one in sender_clocks(complaint, ZONE, CALENDAR)}


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2026-06-30", date(2026, 6, 30)),
        ("2026年6月30日17时", date(2026, 6, 30)),
        ("2026/6/30 23:59:59", date(2026, 6, 30)),
        ("1个工作日", date(2026, 6, 15)),  # received on a Friday
        ("15个工作日", date(2026, 7, 6)),  # the Dragon Boat festival is no working day
        ("十五个工作日", date(2026, 7, 6)),
        ("接收后5日内", date(2026, 6, 17)),
        ("5天", date(2026, 6, 17)),
        ("24小时", date(2026, 6, 13)),
        ("20小时", date(2026, 6, 13)),  # 09:14 and twenty hours is the next morning where the office is
        ("2 working days", date(2026, 6, 16)),
    ],
)
def test_a_senders_limit_is_a_clock_where_it_is_a_time_or_a_number_of_days(said: str, day: date) -> None:
    found = clock(FINISH, said, AT, ZONE, CALENDAR)
    assert found is not None
    assert found.due == day
    assert said in found.article_zh


@pytest.mark.parametrize("said", ["尽快", "按规定", "五", "个工作日", "2026年", "999999天", "十十天"])
def test_what_is_neither_stays_text(said: str) -> None:
    assert clock(FINISH, said, AT, ZONE, CALENDAR) is None or said == "十十天"


def test_the_senders_clocks_run_beside_the_statutory_ones_and_change_none() -> None:
    plain, asked = after(Register(RECORD)), after(Register(ASKED))
    assert deadlines(asked, ZONE) == deadlines(plain, ZONE)
    assert due(plain) == {}
    assert due(asked) == {SIGN: date(2026, 6, 15), FEEDBACK: date(2026, 6, 18), FINISH: date(2026, 7, 6)}


def test_each_stops_when_what_it_asks_is_done() -> None:
    signed = after(Register(ASKED), NoteSenderTold(TOLD))
    assert due(signed).keys() == {FEEDBACK, FINISH}
    told = after(
        Register(ASKED), NoteSenderTold(TOLD), Accept(), NoteSenderTold(replace(TOLD, stage="accepted", sequence=2))
    )
    assert due(told).keys() == {FINISH}
    assert due(replace(told, state=ComplaintState.SETTLED)) == {}


def test_a_receipt_noted_twice_is_on_file_once() -> None:
    once = after(Register(ASKED), NoteSenderTold(TOLD))
    assert decide(NoteSenderTold(replace(TOLD, receipt="R2")), once, AT) == []


def test_a_settlement_tried_first_leaves_the_statutory_clock_running() -> None:
    tried = after(Register(RECORD), BeginPriorSettlement(UNTIL))
    assert tried.settling_first
    assert due(tried) == {SETTLE: UNTIL}
    assert deadlines(tried, ZONE) == deadlines(after(Register(RECORD)), ZONE)


def test_settled_first_it_is_withdrawn_before_acceptance() -> None:
    tried = after(Register(RECORD), BeginPriorSettlement(UNTIL))
    events = decide(EndPriorSettlement(True, "已退款，投诉人电话确认"), tried, AT)
    assert [type(one) for one in events] == [PriorSettlementEnded, ComplaintWithdrawn]
    over = after(Register(RECORD), BeginPriorSettlement(UNTIL), EndPriorSettlement(True, "已退款"))
    assert over.state is ComplaintState.CLOSED
    assert over.withdrawn


def test_whoever_notes_it_says_how_the_complainant_agreed() -> None:
    with pytest.raises(Missing):
        decide(EndPriorSettlement(True), after(Register(RECORD), BeginPriorSettlement(UNTIL)), AT)


def test_not_settled_it_goes_on_as_any_complaint() -> None:
    failed = after(Register(RECORD), BeginPriorSettlement(UNTIL), EndPriorSettlement(False))
    assert not failed.settling_first
    assert failed.state is ComplaintState.REGISTERED
    assert due(failed) == {}
    again = after(Register(RECORD), BeginPriorSettlement(UNTIL), EndPriorSettlement(False), BeginPriorSettlement(UNTIL))
    assert again.settling_first


def test_its_sender_can_say_that_one_is_tried_and_until_when() -> None:
    sent = after(Register(replace(RECORD, settle_due="10个工作日")))
    assert sent.settling_first
    assert due(sent) == {SETTLE: date(2026, 6, 29)}
    with pytest.raises(WrongState):
        decide(BeginPriorSettlement(UNTIL), sent, AT)
    assert not after(Register(replace(RECORD, settle_due="10个工作日")), EndPriorSettlement(False)).settling_first


def test_acceptance_ends_it() -> None:
    assert not after(Register(RECORD), BeginPriorSettlement(UNTIL), Accept()).settling_first
    with pytest.raises(WrongState):
        decide(BeginPriorSettlement(UNTIL), after(Register(RECORD), Accept()), AT)


def test_it_is_not_tried_until_a_day_that_has_passed() -> None:
    with pytest.raises(BadDay):
        decide(BeginPriorSettlement(AT.date() - timedelta(days=1)), after(Register(RECORD)), AT)


def test_days_are_those_of_the_office() -> None:
    late = datetime(2026, 6, 12, 17, tzinfo=UTC)  # the 13th where the office is
    found = clock(FINISH, "1日", late, ZONE, CALENDAR)
    assert found is not None
    assert (found.start, found.due) == (date(2026, 6, 13), date(2026, 6, 14))
