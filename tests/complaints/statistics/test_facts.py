"""What is counted of a complaint, and on which day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings

from complaints.commands import Accept, CloseFile, FollowClosed, Refuse, ScheduleMediation, TakeBack
from complaints.complaint import evolve, local_day
from complaints.decisions import decide
from complaints.events import to_draft
from complaints.procedure import Dispatch
from complaints.statistics.facts import Fact, as_of, fact, fold_fact, section
from journal import SYSTEM, Draft, sealed
from law import ORDER_121, WorkingCalendar, accept_by
from tests.complaints.notices.telling import acceptance_told, end_told, refusal_told
from tests.complaints.statistics.lives import BEGIN, RECORD, lives, moments

ZONE = "Asia/Shanghai"
AT = datetime(2026, 6, 12, 1, 14, tzinfo=UTC)


def told(*steps: tuple[datetime, object]) -> Fact:
    """The fact of a complaint registered at `AT` and what was asked of it at these times."""
    record = replace(RECORD, received=AT)
    complaint, drafts = evolve(None, record, AT), [to_draft(record, AT, SYSTEM)]
    for at, command in steps:
        for event in decide(command, complaint, at):  # type: ignore[arg-type]
            complaint = evolve(complaint, event, at)
            drafts.append(to_draft(event, at, SYSTEM))
    followed = fold_fact(sealed("complaint/c1", 0, "", drafts))
    assert followed is not None
    return fact("c1", followed, ZONE)


def days(count: int) -> datetime:
    return AT + timedelta(days=count)


MEETING = ScheduleMediation("s1", AT, "zhou")


def test_a_step_counts_on_the_day_it_is_where_the_office_is() -> None:
    evening = datetime(2026, 6, 12, 16, 30, tzinfo=UTC)  # half past midnight in Wuhan
    assert told((evening, Accept())).accepted == date(2026, 6, 13)


def test_a_settlement_with_promises_counts_when_it_was_reached() -> None:
    settled = FollowClosed("s1", "settled", Decimal("2000.00"), due=days(30))
    one = told((days(1), Accept()), (days(2), MEETING), (days(5), settled))
    assert (one.settled, one.concluded, one.handled) == (date(2026, 6, 17),) * 3
    assert (one.recovered, one.days_to_decision, one.days_to_handling) == (Decimal("2000.00"), 1, 5)
    assert (one.ended, one.refused, one.tell_due) == (None, None, None)


def test_time_to_a_decision_is_counted_from_receipt_by_the_bureau_that_decides() -> None:
    """Order 121 Art 15: four days at the intake unit are not the other bureau's."""
    sent = (days(4), Dispatch("donghu-2"))
    one = told(sent, (days(6), Accept()), (days(7), MEETING), (days(9), FollowClosed("s1", "settled", Decimal(0))))
    assert (one.days_to_decision, one.days_to_handling) == (2, 5)
    assert one.accept_due == accept_by(date(2026, 6, 16), ORDER_121, WorkingCalendar()).due
    assert told((days(4), Accept())).days_to_decision == 4


def test_a_refusal_stays_counted_when_the_file_is_closed() -> None:
    one = told((days(3), Refuse(2)), (days(3), refusal_told(days(3))), (days(4), CloseFile()))
    assert (one.refused, one.decided, one.handled) == (date(2026, 6, 15),) * 3
    assert one.closed == date(2026, 6, 16)
    assert one.mediate_due is None


def test_a_note_taken_back_counts_no_more_and_a_later_one_on_its_own_day() -> None:
    ended = FollowClosed("s1", "ended", Decimal("0.00"), 5)
    steps = ((days(0), MEETING), (days(1), ended), (days(2), end_told(days(2))), (days(3), TakeBack("told", "没打通")))
    assert told(*steps).told is None
    assert told(*steps, (days(6), end_told(days(6)))).told == date(2026, 6, 18)
    assert told(*steps).tell_due == date(2026, 6, 24)  # 7 working days after the 13th; the 19th is a holiday


def test_a_decision_counts_as_made_on_time_only_on_the_day_the_complainant_was_told_of_it() -> None:
    assert told((days(1), Accept())).decision_told is None
    late = told((days(1), Accept()), (days(20), acceptance_told(days(20))))
    assert (late.decided, late.decision_told) == (date(2026, 6, 13), date(2026, 7, 2))
    assert late.accept_due is not None
    assert late.accept_due < date(2026, 7, 2)
    noted_later = told((days(1), Accept()), (days(5), acceptance_told(days(2))))
    assert noted_later.decision_told == date(2026, 6, 14)  # the day of the call, not of the entry


def test_a_settlement_is_counted_under_how_it_was_mediated_and_saves_travel_only_in_a_room() -> None:
    by_phone = FollowClosed("s1", "settled", Decimal("10.00"), mode="phone")
    one = told((days(1), Accept()), (days(2), MEETING), (days(5), by_phone))
    assert (one.mode, one.travel) == ("phone", 0)
    assert (
        told((days(1), Accept()), (days(2), MEETING), (days(5), FollowClosed("s1", "settled", Decimal("1")))).mode
        == "video"
    )


@given(lives(), moments)
@settings(max_examples=200, deadline=None)
def test_a_stream_as_of_a_moment_is_the_stream_had_it_been_stopped_then(life: list[Draft], moment: datetime) -> None:
    entries = sealed("complaint/c1", 0, "", life)
    stopped = [entry for entry in entries if entry.at <= moment]
    assert as_of(entries, moment) == fold_fact(stopped)
    assert as_of(entries, entries[-1].at) == fold_fact(entries)


@given(lives())
@settings(max_examples=200, deadline=None)
def test_whatever_happened_the_days_of_a_fact_fit_together(life: list[Draft]) -> None:
    followed = fold_fact(sealed("complaint/c1", 0, "", life))
    assert followed is not None
    one = fact("c1", followed, ZONE)
    assert one.counted == (one.dropped is None) == (one.dropped_as == "")
    assert one.entered == local_day(life[0].at, ZONE)
    assert one.changed == max(entry.at for entry in life)
    assert (one.decided is None) == (one.accepted is None and one.refused is None)
    assert not (one.refused and one.concluded)
    assert (one.handled is None) == (one.days_to_handling is None)
    assert (one.settled is None) or one.days_to_settlement is not None
    for day in (one.accepted, one.refused, one.settled, one.ended, one.told, one.closed):
        assert day is None or day >= one.received
    assert one.concluded is None or (one.accepted is not None and one.accepted <= one.concluded)
    assert one.received >= (BEGIN - timedelta(hours=100)).date()


def test_an_industry_is_counted_under_its_section_however_long_its_code() -> None:
    codes = {"F52": "F", "5211": "F", "O8080": "O", "8392": "P", "05": "A", "97": "T", "F": "F"}
    assert {code: section(code) for code in codes} == codes
    assert [section(code) for code in ("", "9", "98", "00", "服务", "１２")] == [""] * 6
