"""The cases the program brings along hold to the law, to the vocabularies and to their own figures."""

from __future__ import annotations

import itertools
import re
from collections import Counter

import pytest

from casebook.starter import PREFIX, BadStarter, sample_case, starter
from complaints import PROBLEMS
from complaints.record.industries import industry_code
from law.catalogue import article

CASES = list(starter().values())


def test_a_new_office_finds_at_least_thirty_cases_across_the_trades() -> None:
    assert len(CASES) >= 30
    assert len({case.industry[:3] for case in CASES}) >= 16
    assert len({case.problem for case in CASES}) >= 6


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_each_is_whole_marked_as_a_sample_and_cites_what_was_in_force(case) -> None:  # type: ignore[no-untyped-def]
    assert (case.sample, case.office, case.state) == (True, "", "published")
    assert case.id.startswith(PREFIX)
    assert case.problem in PROBLEMS
    assert industry_code(case.industry) == case.industry
    assert all(article(id).in_force(case.event_date) for id in case.articles)
    assert case.title_en.isascii() or "“" in case.title_en or "’" in case.title_en
    assert 8 <= len(case.title_zh) <= 40
    for name, least in (("facts", 50), ("process", 30), ("outcome", 15), ("experience", 15), ("comment", 40)):
        assert len(getattr(case, name)) >= least, name


@pytest.mark.parametrize("case", [case for case in CASES if case.settled is not None], ids=lambda case: case.id)
def test_what_was_settled_for_stands_in_the_outcome_or_its_reckoning(case) -> None:  # type: ignore[no-untyped-def]
    assert case.claimed >= case.settled > 0
    told = case.outcome + case.claims + case.process + case.facts
    sums = {f"{case.settled:.0f}", f"{case.settled:f}", f"{case.settled / 10000:f}".rstrip("0").rstrip(".") + "万"}
    parts = any(total in told for total in sums)
    assert parts or case.settled == case.claimed or sum_of_parts(case.outcome, int(case.settled))


def test_titles_and_ids_are_each_its_own() -> None:
    for name in ("id", "number", "title_zh", "title_en", "facts", "comment"):
        assert max(Counter(getattr(case, name) for case in CASES).values()) == 1, name


def test_a_case_that_cites_what_was_not_yet_law_is_refused() -> None:
    entry = {
        "id": "early", "zh": "题", "en": "t", "industry": "R8930", "problem": "contract", "tags": ["prepaid"],
        "event_date": CASES[0].event_date.replace(year=2024), "claimed": "2.00", "settled": "1.00", "days": 1,
        "articles": ["prepaid-15"], "facts": "一", "claims": "一", "process": "一", "outcome": "一",
        "experience": "一", "comment": "一",
    }  # fmt: skip
    with pytest.raises(BadStarter, match="not in force"):
        sample_case(entry)
    with pytest.raises(BadStarter, match="more was settled"):
        sample_case({**entry, "articles": ["consumer-53"], "settled": "3.00"})
    with pytest.raises(BadStarter, match="no topic"):
        sample_case({**entry, "tags": ["nothing"]})


def sum_of_parts(text: str, total: int) -> bool:
    """Two or three sums of the text make up the whole, within the fen that were rounded."""
    sums = [float(found) for found in re.findall(r"(\d+(?:\.\d+)?)元", text)]
    return any(abs(sum(some) - total) < 1 for count in (1, 2, 3) for some in itertools.combinations(sums, count))
