"""A business's profile: figures by the one standard, what repeats, promises and willingness, and what it shares."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, strategies as st

from complaints.insight.respondents import ADDRESS, NAME, PHONE, Conduct, marks, profile, repeated, written_address
from complaints.record import PartyRecord
from complaints.statistics.facts import Fact
from complaints.statistics.figures import Period
from tests.complaints.insight.facts import fact as made

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
TODAY = date(2026, 7, 1)


def fact(id: str, received: date, problem: str = "contract", settled: date | None = None, counted: bool = True) -> Fact:
    return made(id, received, problem=problem, settled=settled, counted=counted)


def test_every_number_of_a_profile_is_as_many_records_as_open_behind_it() -> None:
    facts = [fact(f"c{n}", date(2026, 3, n), settled=date(2026, 4, n) if n % 2 else None) for n in range(1, 8)]
    made = profile(facts, {"c1": Conduct(willing="yes", held=1)}, YEAR, TODAY)
    for one in made.figures:
        assert len(made.parts[one.statistic.id]) == one.top
    assert made.count("all") == sum(count for _, count in made.months) == sum(count for _, count in made.problems) == 7
    assert made.parts["willing:yes"] == made.parts["came"] == ("c1",)


def test_what_was_merged_or_taken_back_is_in_no_number() -> None:
    made = profile([fact("a", TODAY), fact("b", TODAY, counted=False)], {}, YEAR, TODAY)
    assert made.parts["all"] == ("a",)
    assert profile([], {}, YEAR, TODAY).count("all") == 0


def test_a_problem_repeats_from_three_on_and_again_means_after_a_settlement() -> None:
    first, second = fact("a", date(2026, 2, 1), settled=date(2026, 3, 1)), fact("b", date(2026, 2, 20))
    assert repeated([first, second]) is None
    found = repeated([first, second, fact("c", date(2026, 3, 2)), fact("d", date(2026, 5, 1), "price")])
    assert found is not None
    assert (found.problem, found.records, found.again) == ("contract", ("c", "b", "a"), ("c",))


@pytest.mark.parametrize(
    ("promised", "kept", "standing"),
    [
        (None, None, ""),
        (date(2026, 6, 30), None, "overdue"),
        (date(2026, 7, 1), None, "open"),
        (date(2026, 6, 30), date(2026, 6, 30), "kept"),
        (date(2026, 6, 30), date(2026, 7, 1), "late"),
    ],
)
def test_a_promise_is_judged_by_its_day(promised: date | None, kept: date | None, standing: str) -> None:
    assert Conduct(promised=promised, kept=kept).standing(TODAY) == standing


days = st.dates(date(2025, 6, 1), date(2027, 6, 1))


@given(st.lists(st.tuples(days, st.sampled_from(["price", "contract", ""])), max_size=20))
def test_whatever_the_complaints_the_parts_of_the_problems_make_the_whole(told: list[tuple[date, str]]) -> None:
    made = profile([fact(str(n), day, kind) for n, (day, kind) in enumerate(told)], {}, YEAR, TODAY)
    by_problem = [id_ for kind, _ in made.problems for id_ in made.parts[f"problem:{kind}"]]
    assert sorted(by_problem) == sorted(made.parts["all"])


SHOP = PartyRecord("陈立", organisation="武汉悦动健身服务有限公司", address="湖北省武汉市洪山区珞喻路 1 号A座")


def test_an_address_is_the_same_in_every_spelling_and_none_without_a_door() -> None:
    assert (
        written_address("湖北省武汉市洪山区珞喻路 1 号A座") == written_address("洪山区珞喻路１号a座") == "珞喻路1号a座"
    )
    assert written_address("湖北省武汉市洪山区") == written_address("珞喻路") == ""


def test_marks_hold_neither_number_nor_address_and_a_name_only_beside_a_code() -> None:
    assert [one.kind for one in marks(SHOP, "420111")] == [ADDRESS]
    whole = replace(SHOP, phone_key="ab" * 32, code_key="cd" * 32)
    assert [one.kind for one in marks(whole, "420111")] == [PHONE, ADDRESS, NAME]
    assert marks(whole, "420111")[1] != marks(whole, "420106")[1], "the same street of another district"
    assert all(0 <= one.mark < 2**63 for one in marks(whole, "420111"))
