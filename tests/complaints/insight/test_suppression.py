"""Nothing that is kept back can be worked out: not by subtracting, nor by knowing how the choice is made."""

from __future__ import annotations

from collections import defaultdict
from itertools import product

import pytest
from hypothesis import given, strategies as st

from complaints.insight.bulletin import LEAST, Cells, published_counts, published_total

counts = st.dictionaries(st.sampled_from("ABCDEFGH"), st.integers(0, 40), min_size=1)


@given(counts)
def test_no_small_cell_is_published_and_nothing_published_is_changed(table: dict[str, int]) -> None:
    for label, shown in published_counts(table) or ():
        assert shown is None or (shown == table[label] and not 0 < shown < LEAST)


@given(counts)
def test_what_is_kept_back_is_never_one_cell_and_never_only_small_ones(table: dict[str, int]) -> None:
    cells = published_counts(table)
    if cells is None:
        return
    kept = [label for label, shown in cells if shown is None]
    assert len(kept) != 1
    assert not kept or any(table[label] >= LEAST for label in kept)


@given(counts)
def test_cells_stand_in_the_order_of_their_labels_so_that_places_tell_nothing(table: dict[str, int]) -> None:
    assert [label for label, _ in published_counts(table) or ()] in ([], sorted(table))


@pytest.mark.parametrize("least", [2, 3])
@pytest.mark.parametrize("kinds", [2, 3, 4])
def test_who_knows_the_rule_and_every_other_cell_cannot_tell_a_small_one(kinds: int, least: int) -> None:
    """Every table is made, and those that look alike once published are set side by side."""
    labels = "ABCD"[:kinds]
    alike: defaultdict[tuple[int, str], list[tuple[int, ...]]] = defaultdict(list)
    for values in product(range(4 * least + 1), repeat=kinds):
        cells = published_counts(dict(zip(labels, values, strict=True)), least)
        if cells is not None:
            alike[sum(values), str(cells)].append(values)
    for (whole, _), tables in alike.items():
        cells = published_counts(dict(zip(labels, tables[0], strict=True)), least)
        assert cells is not None
        kept = [n for n, (_, shown) in enumerate(cells) if shown is None]
        for n in kept:
            assert len({table[n] for table in tables}) > 1, (whole, cells, tables)


def test_tables_of_nothing_and_of_only_small_cells() -> None:
    assert published_counts({}) == []
    assert published_counts({"A": 0, "B": 9}) == [("A", 0), ("B", 9)]
    assert published_counts({"A": 1, "B": 4}) is None
    assert published_counts({"A": 2, "B": 30, "C": 9}) == [("A", None), ("B", 30), ("C", None)]
    assert (published_total(0), published_total(4), published_total(5)) == (0, None, 5)


def test_a_neighbour_s_change_is_no_way_round() -> None:
    before: Cells | None = published_counts({"A": 12, "B": 30, "C": 9})
    now: Cells | None = published_counts({"A": 3, "B": 30, "C": 9})
    assert dict(before or ())["A"] == 12
    assert dict(now or ())["A"] is None
