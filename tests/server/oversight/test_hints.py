"""What is worth a second look: found where it is planted, and nowhere else."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from server.oversight.act_store import BURST, Act, hints

ZONE = "Asia/Shanghai"
MONDAY = date(2026, 6, 22)
_ids = iter(range(10**6))


def at(day: date, clock: time) -> datetime:
    """A time of day in the office, eight hours ahead."""
    return datetime.combine(day, clock, UTC) - timedelta(hours=8)


def act(when: datetime, what: str = "viewed", actor: str = "lin", office: str = "o1", subject: str = "m1") -> Act:
    return Act(f"s#{next(_ids)}", when, what, actor, "o1", office, subject)


def usual_days(per_day: int, days: int = 20) -> list[Act]:
    """Working days before the Monday, `per_day` looks each, spread over the morning."""
    found = []
    for back in range(1, days + 1):
        day = MONDAY - timedelta(days=back)
        if day.weekday() < 5:
            found += [act(at(day, time(9)) + timedelta(minutes=15 * n)) for n in range(per_day)]
    return found


def told(acts: list[Act], since: date = MONDAY, until: date = MONDAY) -> list[tuple[str, str, int]]:
    worked = lambda day: day.weekday() < 5  # noqa: E731
    return [(one.code, one.actor, one.number) for one in hints(acts, ZONE, worked, since, until)]


def test_a_usual_day_is_not_worth_a_word() -> None:
    acts = usual_days(6) + [act(at(MONDAY, time(9)) + timedelta(minutes=20 * n)) for n in range(6)]
    assert told(acts) == []


def test_many_more_than_their_own_usual_day_are() -> None:
    monday = [act(at(MONDAY, time(9)) + timedelta(minutes=20 * n)) for n in range(19)]
    assert told(usual_days(6) + monday) == [("volume", "lin", 19)]
    assert told(usual_days(7) + monday) == []  # not three times seven
    assert told(monday) == []  # nobody knows yet what is usual


def test_nights_and_days_off_are_another_time_to_look() -> None:
    night = [act(at(MONDAY, time(23, 10)) + timedelta(minutes=n), "unmasked") for n in range(3)]
    assert told(night) == [("off_hours", "lin", 3)]
    assert told(night[:2]) == []
    sunday = MONDAY - timedelta(days=1)
    assert told([act(at(sunday, time(10)), "exported") for _ in range(3)], sunday, sunday) == [("off_hours", "lin", 3)]
    evening = [act(at(MONDAY, time(20, 59)), "viewed") for _ in range(5)]
    assert told(evening) == []


def test_the_day_is_the_offices_not_greenwichs() -> None:
    late = [act(at(MONDAY, time(7, 30)) + timedelta(minutes=n)) for n in range(4)]  # still Sunday in Greenwich
    assert late[0].at.date() < MONDAY
    assert told(late) == []


def test_another_offices_things_are_named() -> None:
    assert told([act(at(MONDAY, time(10)), office="o2")]) == [("other_office", "lin", 1)]


def test_ten_full_numbers_in_ten_minutes_are_a_burst() -> None:
    fast = [act(at(MONDAY, time(10)) + timedelta(seconds=50 * n), "unmasked", subject=f"c{n}") for n in range(BURST)]
    slow = [act(at(MONDAY, time(10)) + timedelta(seconds=70 * n), "unmasked") for n in range(BURST)]
    assert told(fast) == [("burst", "lin", BURST)]
    assert told(slow) == []


def test_a_yes_within_a_minute_was_read_by_nobody() -> None:
    asked = act(at(MONDAY, time(10)), "asked", "lin", subject="a1")
    fast = act(asked.at + timedelta(seconds=20), "approved", "he", subject="a1")
    slow = act(asked.at + timedelta(seconds=90), "approved", "he", subject="a1")
    assert told([asked, fast]) == [("rushed", "he", 20)]
    assert told([asked, slow]) == []


def test_only_days_asked_for_are_told() -> None:
    acts = usual_days(6) + [act(at(MONDAY, time(9)) + timedelta(minutes=20 * n)) for n in range(19)]
    assert told(acts, MONDAY + timedelta(days=1), MONDAY + timedelta(days=7)) == []
