"""A day somebody names is one that can be counted from, or it is none."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from web.http.forms import BAD_DATE, YEARS, Form, typed_day


@pytest.mark.parametrize("text", ["", "x", "2026-13-01", "0001-01-01", "1989-12-31", "2101-01-01", "9999-12-31"])
def test_what_is_no_day_or_none_that_can_be_counted_in_is_none(text: str) -> None:
    assert typed_day(text) is None


def test_every_day_taken_has_one_before_and_after_in_every_zone() -> None:
    for day in (date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31)):
        assert typed_day(day.isoformat()) == day
        for zone in ("Asia/Shanghai", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
            datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)
            datetime.combine(day - timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def test_a_form_says_of_such_a_day_that_it_is_none() -> None:
    form = Form({"until": "9999-12-31", "starts_day": "0001-01-01", "starts_time": "00:00"})
    assert form.day("until") is None
    assert form.moment("starts", "Asia/Shanghai") is None
    assert form.errors == {"until": BAD_DATE, "starts": BAD_DATE}
