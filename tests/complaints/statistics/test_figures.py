"""Figures from facts: what each means, and that dividing and rounding happen as they are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from statistics import median as reference

import pytest
from hypothesis import given, strategies as st

from complaints.events import KINDS
from complaints.statistics import DEFINITIONS, Share, UnknownStatistic, current, find_statistic
from complaints.statistics.facts import Fact
from complaints.statistics.figures import (
    Figure,
    Period,
    belongs,
    change,
    each_month,
    figure,
    median,
    month,
    months_to,
    quarter,
    tallies,
    year,
)

JUNE = month(date(2026, 6, 10))
TODAY = date(2026, 6, 20)


def day(number: int) -> date:
    return date(2026, 6, number)


BARE = Fact(
    id="c1", office="o1", channel="12315", problem="", industry="F", counted=True, amount=Decimal("10.00"),
    recovered=Decimal("0.00"), received=day(1), accepted=None, refused=None, decided=None, settled=None, ended=None,
    concluded=None, handled=None, told=None, closed=None, lead=None, accept_due=day(10), mediate_due=None,
    tell_due=None, days_to_decision=None, days_to_handling=None, changed=datetime(2026, 6, 1, tzinfo=UTC),
)  # fmt: skip


def counted(name: str, *facts: Fact, period: Period = JUNE, today: date = TODAY, by: str = "") -> dict[str, Figure]:
    statistic = find_statistic(name)
    found = tallies(facts, statistic.measures, period, today, by)
    return {group: figure(statistic, found, group) for group in {group for _, group in found} or {""}}


def value(name: str, *facts: Fact, period: Period = JUNE, today: date = TODAY) -> Decimal | None:
    return counted(name, *facts, period=period, today=today)[""].value


def decided(on: int, **more: object) -> Fact:
    return replace(BARE, accepted=day(on), decided=day(on), decision_told=day(on), days_to_decision=on - 1, **more)  # type: ignore[arg-type]


def test_a_complaint_counts_in_the_period_of_its_day_both_edges_included() -> None:
    for on, expected in ((date(2026, 5, 31), 0), (day(1), 1), (day(30), 1), (date(2026, 7, 1), 0)):
        assert value("received", replace(BARE, received=on)) == expected


def test_what_was_merged_into_another_complaint_counts_with_that_one_only() -> None:
    assert value("received", BARE, replace(BARE, id="c2", counted=False)) == 1


def test_success_is_of_those_accepted_in_the_period_and_never_above_a_hundred_per_cent() -> None:
    accepted_before = replace(BARE, accepted=date(2026, 5, 20), settled=day(2))
    settled_later = decided(3, settled=date(2026, 7, 5))
    assert value("success_rate", accepted_before, settled_later, decided(4), decided(5)) == Decimal("33.3")
    assert value("success_rate", accepted_before) is None
    assert value("success_rate", accepted_before, settled_later) == 100
    twice = accepted_before, replace(accepted_before, id="c2")
    assert value("success_rate@1", *twice, settled_later) == 200, "what was published can still be computed"


def test_there_is_one_success_rate_and_no_share_in_force_can_exceed_a_hundred_per_cent() -> None:
    shares = [one for one in current() if isinstance(one.formula, Share)]
    assert [one.name for one in shares if one.zh == "调解成功率" or "success" in one.en.lower()] == ["success_rate"]
    for one in shares:
        top, bottom = one.measures
        within = top.by == bottom.by and set(bottom.tests) <= set(top.tests)
        assert within or one.name in STEPS_WITHIN, f"{one.id}: what is above the line must be among what is below it"


STEPS_WITHIN = {"settled_share", "felt_heard", "satisfaction"}
"""Counted by a day that only those below the line have, and that is the same day."""


@pytest.mark.parametrize("name", sorted(STEPS_WITHIN))
def test_what_is_above_the_line_has_its_day_on_the_day_of_what_is_below(name: str) -> None:
    top, bottom = find_statistic(name).measures
    facts = [
        replace(BARE, settled=day(3), concluded=day(3)),
        replace(BARE, ended=day(2), concluded=day(2)),
        replace(BARE, answered=day(4), heard=day(4), rated=day(5), satisfied=day(5)),
        replace(BARE, answered=day(4), rated=day(5)),
    ]
    for fact in facts:
        assert not belongs(fact, top, JUNE, TODAY) or getattr(fact, top.by) == getattr(fact, bottom.by)
    found = value(name, *facts)
    assert found is not None
    assert found <= 100


def test_a_rate_that_still_grows_is_not_said_to_have_fallen() -> None:
    now, before = decided(3), replace(BARE, accepted=date(2026, 5, 20), settled=day(2))
    newer = counted("success_rate", now)[""]
    older = counted("success_rate", before, period=month(date(2026, 5, 1)))[""]
    assert (newer.value, older.value) == (Decimal(0), Decimal(100))
    assert change(newer, older) is None


def test_money_is_added_to_the_fen() -> None:
    one, two = (
        replace(BARE, settled=day(2), recovered=Decimal("0.10")),
        replace(BARE, settled=day(3), recovered=Decimal("0.20")),
    )
    assert value("loss_recovered", one, two) == Decimal("0.30")
    assert value("disputed_amount", one, two) == Decimal("20.00")
    assert value("loss_recovered") == Decimal("0.00")


def test_a_decision_nobody_made_is_late_once_its_day_is_over() -> None:
    on_time, late, never = decided(10), decided(11), BARE
    assert value("on_time_decision", on_time, late, never) == Decimal("33.3")
    assert value("on_time_decision", never, today=day(10)) is None  # it may still be made today
    assert value("on_time_decision", never, today=day(11)) == Decimal("0.0")


def test_the_earlier_version_is_still_computable_and_saw_only_what_was_done() -> None:
    assert value("on_time_decision@1", decided(10), decided(11), BARE) == Decimal("50.0")
    assert find_statistic("on_time_decision").version == 3


def test_a_decision_nobody_was_told_of_is_late_once_its_day_is_over() -> None:
    untold, told_late = replace(decided(2), decision_told=None), replace(decided(2), decision_told=day(11))
    assert value("on_time_decision@2", decided(2), untold, told_late) == Decimal("100.0")
    assert value("on_time_decision", decided(2), untold, told_late) == Decimal("33.3")


def test_refusals_are_not_mediations_that_came_late() -> None:
    refused = replace(BARE, refused=day(3), decided=day(3), handled=day(3))
    assert value("on_time_mediation@1", refused) is None
    assert value("on_time_mediation", refused) is None


def test_halves_are_rounded_up() -> None:
    facts = [decided(2)] * 15 + [decided(12)]
    assert value("on_time_decision@1", *facts) == Decimal("93.8")  # 93.75


def test_a_figure_by_month_goes_by_the_day_it_counts_by() -> None:
    whole = Period(date(2026, 5, 1), date(2026, 6, 30))
    facts = [replace(BARE, accepted=date(2026, 5, 31)), replace(BARE, accepted=day(1)), replace(BARE, accepted=day(2))]
    found = counted("accepted", *facts, period=whole, by="month")
    assert {group: one.top for group, one in found.items()} == {"2026-05": 1, "2026-06": 2}


def test_groups_are_of_the_facts_own_words() -> None:
    facts = [BARE, replace(BARE, channel="window"), replace(BARE, channel="window")]
    assert {group: one.value for group, one in counted("received", *facts, by="channel").items()} == {
        "12315": 1,
        "window": 2,
    }


@given(st.dictionaries(st.integers(0, 400), st.integers(1, 5), min_size=1))
def test_a_median_of_counted_days_is_the_median_of_the_days(days: dict[int, int]) -> None:
    spread = [taken for taken, count in days.items() for _ in range(count)]
    assert median(days) == Decimal(str(reference(spread)))


def test_no_days_have_no_median() -> None:
    assert median({}) is None


# ---------------------------------------------------------------- definitions


def test_every_version_has_a_name_of_its_own_and_words_in_both_languages() -> None:
    assert len({one.id for one in DEFINITIONS}) == len(DEFINITIONS)
    assert all(one.zh and one.en and one.words_zh and one.words_en for one in DEFINITIONS)
    assert not any(ord(char) > 0x2E7F for one in DEFINITIONS for char in one.words_en)
    assert all(any(ord(char) > 0x2E7F for char in one.words_zh) for one in DEFINITIONS)


def test_what_moves_a_figure_are_events_a_complaint_has() -> None:
    assert {event for one in DEFINITIONS for event in one.events} <= set(KINDS)
    assert all(one.events for one in DEFINITIONS)


def test_the_newest_version_of_each_is_in_force_and_others_are_found_by_number() -> None:
    for one in DEFINITIONS:
        assert find_statistic(one.id) is one
        assert find_statistic(one.name).version == max(other.version for other in DEFINITIONS if other.name == one.name)
    assert len(current()) == len({one.name for one in DEFINITIONS})
    for unknown in ("received@2", "nothing", "", "received@"):
        with pytest.raises(UnknownStatistic):
            find_statistic(unknown)


# ---------------------------------------------------------------- periods


def test_a_month_is_compared_with_the_month_before_and_the_same_a_year_earlier() -> None:
    march = month(date(2028, 3, 5))
    assert march.previous() == Period(date(2028, 2, 1), date(2028, 2, 29))
    assert march.previous().year_before() == Period(date(2027, 2, 1), date(2027, 2, 28))
    assert quarter(date(2026, 5, 1)).previous() == quarter(date(2026, 1, 31))
    assert year(date(2026, 5, 1)).previous() == year(date(2025, 1, 1))


def test_any_days_are_compared_with_as_many_before() -> None:
    ten = Period(day(6), day(15))
    assert ten.previous() == Period(date(2026, 5, 27), day(5))
    assert ten.year_before() == Period(date(2025, 6, 6), date(2025, 6, 15))
    assert Period(date(2028, 2, 29), date(2028, 2, 29)).year_before().first == date(2027, 2, 28)


def test_twelve_months_end_with_the_one_a_day_is_in() -> None:
    span = months_to(day(3))
    assert span == Period(date(2025, 7, 1), date(2026, 6, 30))
    assert (each_month(span)[0], each_month(span)[-1], len(each_month(span))) == ("2025-07", "2026-06", 12)


def test_a_period_does_not_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="ends before"):
        Period(day(2), day(1))
