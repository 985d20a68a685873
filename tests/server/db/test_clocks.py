"""A clock in a complaint's row is short, and says every day of its count again when it is read."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given, strategies as st

from law import (
    ORDER_20,
    ORDER_121,
    Day,
    Deadline,
    Pause,
    WorkingCalendar,
    accept_by,
    competence_by,
    mediate_by,
    tell_end_by,
    verify_by,
)
from server.complaints import clock_row, days_of
from server.db import compact
from server.db.rows import deadline_of
from tests.server.imports.quick import NOTICE

_days = st.dates(date(2020, 1, 1), date(2027, 12, 31))
_orders = st.sampled_from([ORDER_20, ORDER_121])
_calendars = st.sampled_from([WorkingCalendar(), WorkingCalendar(notices=(NOTICE,))])
_word = st.sampled_from(["周六", "检测鉴定", "3", ""])


@st.composite
def counted(draw: st.DrawFn) -> Deadline:
    """Any clock the law starts, with testing in it or without, over or still standing."""
    day, order, calendar = draw(_days), draw(_orders), draw(_calendars)
    until = draw(st.none() | st.integers(0, 30).map(lambda n: day + timedelta(n)))
    pauses = draw(st.sampled_from([(), (Pause(day + timedelta(3), until),)]))
    return draw(
        st.sampled_from(
            [
                accept_by(day, order, calendar),
                mediate_by(day, order, calendar, pauses),
                tell_end_by(day, order, calendar),
                competence_by(day, order, calendar),
                verify_by(day, order, calendar, reported=True, extended=True),
            ]
        )
    )


@given(counted())
def test_every_day_of_a_count_is_read_again_as_it_was_counted(clock: Deadline) -> None:
    row = json.loads(json.dumps(clock_row(clock)))
    assert tuple(days_of(row)) == clock.days
    for language in ("zh-CN", "en"):
        shown = deadline_of(row, language)
        assert (shown.code, shown.due, shown.start) == (clock.code, clock.due, clock.start)
        assert (shown.estimated, shown.standing, shown.left) == (clock.estimated, clock.standing, clock.left)
        assert shown.article == clock.article(language)
        assert shown.days == tuple((day.date, day.label(language), day.counted) for day in clock.days)
        assert shown.labels_en == tuple(day.en for day in clock.days)


@given(st.lists(st.builds(Day, _days, st.integers(0, 40), _word, _word), min_size=1, max_size=8))
def test_days_that_do_not_follow_one_another_and_words_nobody_expects_are_kept_too(days: list[Day]) -> None:
    clock = replace(accept_by(days[0].date, ORDER_121, WorkingCalendar()), days=tuple(days))
    assert list(days_of(json.loads(json.dumps(clock_row(clock))))) == days


def test_a_clock_takes_half_a_thousand_bytes_in_a_row_at_most() -> None:
    clock = accept_by(date(2026, 7, 6), ORDER_20, WorkingCalendar())
    assert len(compact(clock_row(clock)).encode()) <= 500


def test_a_row_from_before_is_read_as_it_was_written() -> None:
    clock = accept_by(date(2026, 9, 30), ORDER_121, WorkingCalendar())
    old: dict[str, Any] = {
        **asdict(clock),
        "due": clock.due.isoformat(),
        "start": clock.start.isoformat(),
        "days": [{"date": d.date.isoformat(), "number": d.number, "zh": d.zh, "en": d.en} for d in clock.days],
    }
    assert deadline_of(old, "zh-CN") == deadline_of(clock_row(clock), "zh-CN")
