"""What became of promises, from days alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from complaints.procedure.rules import promise_standing

DUE = date(2026, 6, 10)


@pytest.mark.parametrize(
    ("days", "kept", "paid", "wanted"),
    [
        (-4, False, "", "waiting"),
        (-3, False, "", "due"),
        (0, False, "", "due"),
        (1, False, "", "late"),
        (7, False, "", "late"),
        (1, False, "partly", "escalated"),
        (8, False, "yes", "escalated"),
        (30, False, "", "escalated"),
        (31, False, "", "broken"),
        (1, False, "no", "broken"),
        (0, False, "no", "due"),  # the day is not over
        (31, True, "no", "kept"),  # the office has seen that it was done
    ],
)
def test_a_promise_stands_by_its_day(days: int, kept: bool, paid: str, wanted: str) -> None:
    assert promise_standing(DUE, DUE if kept else None, paid, DUE + timedelta(days=days)) == wanted
