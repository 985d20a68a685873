"""Change points and slopes against closed-form cases and every possible cut; words; what a month has that is new."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import combinations, pairwise

import numpy as np
import pytest

from complaints import PROBLEMS
from complaints.insight import WORD, Counts
from complaints.insight.months import (
    SHORTEST_STRETCH,
    change_points,
    dispersion,
    fit_slope,
    new_terms,
    partition,
    pieces,
    shifted_classes,
    stands_alone,
    terms,
)
from complaints.insight.warnings import ADVICE_EN, ADVICE_ZH, OwnAdvice, WarnedMatter, advice_on, draft

FLAT = np.ones(104)


def test_a_step_is_found_at_its_week_with_both_rates() -> None:
    seen = np.array([20.0] * 60 + [30.0] * 44)
    [one] = change_points(seen, FLAT)
    assert (one.at, one.before, one.after) == (60, 20.0, 30.0)


def test_a_steady_class_has_no_change_a_hundred_times() -> None:
    generator = np.random.default_rng(1)
    assert sum(len(change_points(generator.poisson(20, 104).astype(float), FLAT)) for _ in range(100)) <= 2


def test_a_holiday_week_is_no_change_when_it_draws_less() -> None:
    seen, exposure = np.full(52, 30.0), np.ones(52)
    seen[20:24], exposure[20:24] = 10.0, 1 / 3
    assert not change_points(seen, exposure)


def brute(seen: np.ndarray, exposure: np.ndarray, price: float) -> list[int]:
    """Every way to cut, the cheapest."""

    def cost(cuts: tuple[int, ...]) -> float:
        edges = [0, *cuts, len(seen)]
        if any(b - a < SHORTEST_STRETCH for a, b in pairwise(edges)):
            return np.inf
        total = price * len(cuts)
        for a, b in pairwise(edges):
            y, e = seen[a:b].sum(), exposure[a:b].sum()
            total -= y * np.log(y / e) if y else 0.0
        return float(total)

    ways = [cuts for k in range(4) for cuts in combinations(range(1, len(seen)), k)]
    return list(min((cost(cuts), cuts) for cuts in ways)[1])


@pytest.mark.parametrize("seed", range(6))
def test_the_cuts_are_the_best_of_all(seed: int) -> None:
    generator = np.random.default_rng(seed)
    seen = generator.poisson(np.repeat(generator.integers(2, 20, 4), 5)).astype(float)
    exposure = generator.uniform(0.5, 1.5, 20)
    assert partition(seen, exposure, 3.0) == brute(seen, exposure, 3.0)


def test_a_slope_is_the_growth_that_was_put_in() -> None:
    seen = 50 * 1.05 ** (np.arange(40) / 4)
    found = fit_slope(seen, np.ones(40))
    assert found is not None
    assert found.by == pytest.approx(0.05, abs=1e-6)
    assert found.sure


def test_a_flat_class_has_no_sure_slope_and_little_data_none() -> None:
    found = fit_slope(np.random.default_rng(2).poisson(12, 40).astype(float), np.ones(40))
    assert found is not None
    assert not found.sure
    assert fit_slope(np.ones(4), np.ones(4)) is None
    assert fit_slope(np.zeros(40), np.ones(40)) is None


def test_spread_beyond_chance_is_seen_and_a_step_is_not_taken_for_it() -> None:
    generator = np.random.default_rng(3)
    assert dispersion(np.concatenate([generator.poisson(20, 52), generator.poisson(60, 52)]).astype(float), FLAT) < 2
    assert dispersion(generator.negative_binomial(4, 0.1, 104).astype(float), FLAT) > 4


def test_a_change_of_long_ago_is_no_news() -> None:
    long_ago = np.repeat(np.array([20.0] * 10 + [40.0] * 60) / 7, 7)
    lately = np.repeat(np.array([20.0] * 60 + [40.0] * 10) / 7, 7)
    both = np.stack([long_ago, lately])
    found = shifted_classes("industry", ["F52", "O80"], both, np.ones(both.shape), date(2026, 6, 21))
    assert [(one.key, one.week) for one in found] == [("O80", date(2026, 4, 13))]


def test_words_come_apart_as_the_dictionary_has_them_and_new_ones_as_pairs() -> None:
    found = terms("店家说空调是小病大修，知遇桥公司不予退款")
    assert {"空调", "小病大修", "知遇桥"} <= found
    assert not {"公司", "不予", "退款"} & found


def test_no_term_names_the_person_who_complains() -> None:
    found = terms("王小明反映健身房关门，王女士要求退卡", ["王小明"])
    assert "健身房" in found
    assert not any("王" in term for term in found)


def test_what_the_year_before_hardly_had_is_new_and_the_longer_word_stands() -> None:
    cells = [(0, 391 - n % 28) for n in range(9)] + [(1, 391 - n % 28) for n in range(9)]
    cells += [(2, 10 * n) for n in range(39)] + [(2, 390)] * 6
    cells += [(3, 391)] * 4
    series, day = (np.array(part) for part in zip(*cells, strict=True))
    counts = Counts.of(WORD, ["先息", "先息后本", "退卡", "少见"], np.zeros(4, int), series, day)
    assert [(one.key, one.seen, one.before) for one in new_terms(counts, 391)] == [("先息后本", 9, 0)]


def test_in_the_first_month_of_all_nothing_is_called_new() -> None:
    counts = Counts.of(WORD, ["退卡"], np.zeros(1, int), np.zeros(9, int), np.arange(9))
    assert not new_terms(counts, 20)


def test_a_draft_has_advice_for_every_problem_in_both_languages() -> None:
    assert set(ADVICE_ZH) == set(ADVICE_EN) <= {*PROBLEMS, ""}
    for language in ("zh", "en"):
        for problem in PROBLEMS:
            matter = WarnedMatter("健身", problem, date(2026, 6, 1), date(2026, 6, 21), 17, "一所", "027-0000 1201")
            text = draft(matter, language)
            assert "17" in text.body
            assert "027-0000 1201" in text.body


def test_what_an_office_wrote_is_told_of_its_class_and_of_any_that_has_none() -> None:
    at = datetime(2026, 6, 1, tzinfo=UTC)
    own = {"contract": OwnAdvice(("先查备案。",), (), 1, at, "林督"), "": OwnAdvice(("先留凭证。",), (), 1, at, "林督")}
    assert advice_on("contract", "zh", own) == ("先查备案。",)
    assert advice_on("contract", "en", own) == ADVICE_EN["contract"]
    assert advice_on("price", "zh", own) == ADVICE_ZH["price"], (
        "the program’s own of a class comes before what is of any"
    )
    assert advice_on("dignity", "zh", own) == ("先留凭证。",)
    assert advice_on("dignity", "zh", {}) == ADVICE_ZH[""]
    matter = WarnedMatter("健身", "contract", date(2026, 6, 1), date(2026, 6, 21), 17, "一所", "027-0000 1201", own)
    assert "1．先查备案。" in draft(matter, "zh").body


def test_a_phrase_that_is_nearly_always_part_of_a_longer_one_is_no_word() -> None:
    said = ["办了悦动健身卡。", "充了悦动健身课。", "买了悦动健身套餐。", "在悦动健身，办卡"]
    assert not stands_alone("动健身", said), "always behind the same character"
    assert stands_alone("悦动健身", said)
    assert stands_alone("健身卡", ["健身卡不退"] * 3), "a word of the dictionary is one wherever it stands"


def test_a_term_that_is_nearly_always_said_in_a_longer_one_is_a_piece_of_it() -> None:
    assert pieces({"后本": 9, "先息后本": 9, "退卡": 9, "退卡费": 3}) == {"后本"}
