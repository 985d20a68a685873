"""Which times of a mediator are free, and what speaks against one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from law import WorkingCalendar
from rooms.scheduling import STANDARD, BadHours, Booking, Diary, MediatorAbsence, ObjectionKind, read_spans, write_spans

ZONE = ZoneInfo("Asia/Shanghai")


def at(day: int, hour: int, minute: int = 0, month: int = 9) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def diary(*booked: datetime, absences: tuple[MediatorAbsence, ...] = ()) -> Diary:
    return Diary(
        ZONE, WorkingCalendar(), STANDARD, absences, tuple(Booking(str(n), one) for n, one in enumerate(booked))
    )


def troubles(diary: Diary, starts: datetime) -> list[ObjectionKind]:
    return [one.trouble for one in diary.objections(starts)]


def test_a_free_hour_has_nothing_against_it_and_a_booked_one_says_so() -> None:
    monday = at(7, 10)
    assert troubles(diary(), monday) == []
    assert troubles(diary(monday), monday) == [ObjectionKind.BOOKED]
    assert troubles(diary(monday), monday + timedelta(minutes=15)) == [ObjectionKind.BOOKED]
    assert troubles(diary(monday), monday + timedelta(minutes=30)) == []


@pytest.mark.parametrize("hour", [8, 12, 13, 17, 21])
def test_outside_of_the_offices_hours_is_said(hour: int) -> None:
    assert troubles(diary(), at(7, hour)) == [ObjectionKind.CLOSED]


def test_a_holiday_is_named_in_both_languages_and_a_worked_weekend_is_none() -> None:
    (found,) = diary().objections(at(1, 10, month=10))
    assert (found.trouble, found.zh) == (ObjectionKind.HOLIDAY, "国庆节")
    assert found.en
    assert troubles(diary(), at(12, 10)) == [ObjectionKind.HOLIDAY]  # a Saturday
    worked = next(
        day
        for day in (date(2026, 9, 1) + timedelta(days=n) for n in range(60))
        if day.weekday() >= 5 and WorkingCalendar().worked(day)
    )
    assert troubles(diary(), at(worked.day, 10, month=worked.month)) == []


def test_whoever_is_away_is_not_offered() -> None:
    away = MediatorAbsence("a", at(7, 9), at(7, 12), "培训")
    assert troubles(diary(absences=(away,)), at(7, 10)) == [ObjectionKind.AWAY]
    assert diary(absences=(away,)).free(at(6, 9), 1) == [at(7, 13, 30)]


def test_the_next_free_times_begin_two_hours_from_now_and_leave_out_what_is_booked() -> None:
    free = diary(at(7, 11)).free(at(7, 8), 3)
    assert free == [at(7, 10), at(7, 10, 30), at(7, 11, 30)]
    assert diary().free(at(11, 16), 1) == [at(14, 9)]  # Friday evening: Monday


def test_hours_are_read_as_they_are_written() -> None:
    assert read_spans("9:00-12:00, 13:30-17:00") == ((540, 720), (810, 1020))
    assert read_spans("09：00—12：00、14:00至17:30") == ((540, 720), (840, 1050))
    assert read_spans("") == ()
    assert write_spans(read_spans("9:00-12:00")) == "09:00-12:00"
    for wrong in ("9-12", "12:00-9:00", "9:00-12:00 11:00-13:00", "9:00-24:30", "上午"):
        with pytest.raises(BadHours):
            read_spans(wrong)
