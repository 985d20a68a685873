"""Bulletins: their periods, what counts as having moved, and what of them may be published."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from math import comb
from random import Random

import pytest
from hypothesis import given, strategies as st

from complaints.insight.bulletin import (
    LEAST,
    Bulletin,
    BulletinFigure,
    LeadsTold,
    Mover,
    chance,
    earlier,
    latest,
    made_public,
    movers,
    period_of,
)
from complaints.statistics import find_statistic
from complaints.statistics.figures import Figure, Period


def test_a_week_begins_on_monday_and_the_newest_is_the_one_that_is_over() -> None:
    assert period_of("week", date(2026, 11, 25)) == Period(date(2026, 11, 23), date(2026, 11, 29))
    assert latest("week", date(2026, 11, 23)) == Period(date(2026, 11, 16), date(2026, 11, 22))
    assert latest("month", date(2026, 3, 1)) == Period(date(2026, 2, 1), date(2026, 2, 28))
    assert [one.first for one in earlier(latest("month", date(2026, 3, 1)), "month", 3)] == [
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
    ]


@given(st.integers(0, 60), st.integers(0, 60))
def test_chance_is_twice_the_smaller_tail_as_counted_with_whole_numbers(hits: int, misses: int) -> None:
    of = hits + misses
    lower = sum(comb(of, k) for k in range(hits + 1)) / 2**of
    upper = sum(comb(of, k) for k in range(hits, of + 1)) / 2**of
    assert chance(hits, of, 0.5) == pytest.approx(min(1.0, 2 * min(lower, upper)))


def test_many_complaints_are_judged_as_few_are() -> None:
    assert chance(10_200, 20_000, 0.5) == pytest.approx(chance(10_201, 20_001 + 1, 0.5), rel=0.05)


def test_only_what_moved_by_more_than_chance_and_by_a_fifth_is_told() -> None:
    now = {"problem": {"price": 60, "contract": 40, "quality": 5_400, "safety": 3}}
    before = {"problem": {"price": 20, "contract": 41, "quality": 5_000, "safety": 1}}
    assert [one.label for one in movers(now, before, (7, 7))] == ["price"]
    assert movers({"problem": {"price": 31}}, {"problem": {"price": 28}}, (31, 28)) == []
    assert movers({}, {}, (7, 7)) == []


def test_of_weeks_in_which_nothing_changed_few_name_a_mover() -> None:
    random, named = Random(7), 0
    for _ in range(200):
        weeks = [
            {"problem": {str(k): sum(random.random() < 0.3 for _ in range(100)) for k in range(12)}} for _ in range(2)
        ]
        named += bool(movers(weeks[0], weeks[1], (7, 7)))
    assert named / 200 <= 0.1


def figure(name: str, top: int, bottom: int | None = None) -> Figure:
    return Figure(find_statistic(name), Decimal(top), top, bottom)


def bulletin(counts: dict[str, tuple[int, int]]) -> Bulletin:
    whole = figure("received", sum(now for now, _ in counts.values()))
    return Bulletin(
        "month",
        Period(date(2026, 6, 1), date(2026, 6, 30)),
        "一所",
        public=False,
        figures=[
            ("received@1", BulletinFigure(whole, whole, None)),
            ("success_rate@2", BulletinFigure(figure("success_rate", 48, 50), None, None)),
            ("refused@1", BulletinFigure(figure("refused", 9), None, None)),
        ],
        trend=[("2026-05", 3), ("2026-06", 40)],
        tables={"problem": [(label, now, before) for label, (now, before) in counts.items()]},
        movers=[Mover("problem", label, now, before, before, 0.01) for label, (now, before) in counts.items()],
        leads=LeadsTold(2, [("case", 3), ("unfounded", 6)], ()),
        respondents=[("k", "悦动健身", 9)],
    )


cells = st.dictionaries(st.sampled_from("ABCDEF"), st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1)


@given(cells)
def test_no_small_number_is_anywhere_in_what_is_published(counts: dict[str, tuple[int, int]]) -> None:
    made = made_public(bulletin(counts))
    rows = made.tables["problem"] or ()
    numbers = [number for _, *two in rows for number in two] + [count for _, count in made.trend]
    numbers += [number for one in made.movers for number in (one.now, one.before)]
    numbers += [made.leads.opened, *(many for _, many in made.leads.decided or ())]
    assert all(number is None or not 0 < number < LEAST for number in numbers)
    assert (made.respondents, made.leads.effects, made.public) == ((), (), True)


@given(cells)
def test_what_is_kept_back_cannot_be_subtracted_from_the_total(counts: dict[str, tuple[int, int]]) -> None:
    rows = made_public(bulletin(counts)).tables["problem"] or ()
    for side in (1, 2):
        kept = [row[0] for row in rows if row[side] is None]
        assert len(kept) != 1 or len(rows) == 1, "alone it is the total, which is kept back as well"


def test_a_share_that_would_tell_of_few_is_kept_back_and_only_named_statistics_are_published() -> None:
    figures = dict(made_public(bulletin({"A": (9, 9), "B": (30, 8)})).figures)
    assert figures["success_rate@2"].now is None, "two of fifty did not settle"
    assert figures["received@1"].now is not None
    assert "refused@1" not in figures
