"""What figures are grouped by, read out of a record; and how far people did not have to travel."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from math import pi

import pytest
from hypothesis import given, strategies as st

from complaints.record import PartyRecord
from complaints.record.places import all_divisions
from complaints.state import Complaint
from complaints.statistics.facts import (
    BANDS,
    EARTH,
    EDGES,
    age_band,
    band,
    centroids,
    cities_apart,
    code_of,
    distance_between,
    industry,
    platform,
    prefecture,
    respondent,
    street,
    travel,
)
from tests.complaints.statistics.lives import RECORD

points = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def known(name: str, code_key: str = "", division: str = "420115") -> str:
    business = PartyRecord("", organisation=name, code_key=code_key)
    return respondent(replace(RECORD, business=business, division=division))


def test_a_business_has_one_key_however_its_name_is_written_and_the_key_is_no_name() -> None:
    key = known("武汉市江夏区橙果健身服务有限公司")
    assert key == known("橙果健身服务（江夏店）")
    assert len(key) == 24
    assert int(key, 16) >= 0
    assert key != known("橙果健身服务", division="420106")
    assert known("甲", "0f" * 32) == known("乙", "0f" * 32, "110101")
    assert known("") == ""


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("湖北省武汉市江夏区云桥路12号", "云桥路"),
        ("东桥街道知遇街3号", "东桥街道"),
        ("武汉市洪山区朱家镇", "朱家镇"),
        ("新乡路3号", "新乡路"),
        ("上海市浦东新区张江镇科苑路", "张江镇"),
        ("县前街5号", "县前街"),
        ("3栋2单元", ""),
        ("", ""),
    ],
)
def test_the_street_is_what_follows_the_divisions(address: str, found: str) -> None:
    assert street(address) == found


@given(st.text(max_size=200))
def test_whatever_was_typed_fits_its_column(text: str) -> None:
    assert len(street(text)) <= 32
    assert len(platform(text)) <= 40
    assert len(industry(text)) <= 5


def test_one_platform_has_one_spelling() -> None:
    assert platform("拼多多 ＡＰＰ") == platform("拼多多app") == "拼多多"
    assert platform("平台") == "平台"


def test_ages_are_told_in_three_bands() -> None:
    assert [age_band(PartyRecord("甲", age_band=age)) for age in ("", "under_18", "18_39", "40_59", "60_over")] == [
        "", "minor", "adult", "adult", "elder",
    ]  # fmt: skip


@given(st.decimals(0, 10**7, places=2))
def test_an_amount_is_in_the_band_whose_edges_hold_it(amount: Decimal) -> None:
    edges = (0, *EDGES, 10**9)
    found = band(amount)
    if amount == 0:
        assert found == ""
    else:
        at = BANDS.index(found)
        assert edges[at] <= amount < edges[at + 1]


def test_a_code_that_cannot_be_keeps_its_section() -> None:
    assert [industry(code) for code in ("F5211", "5211", "F", "F99", "x", "")] == ["F5211", "F5211", "F", "F", "", ""]


# ---------------------------------------------------------------- distances


def test_a_quarter_of_the_equator_and_the_way_to_the_pole_are_what_they_are() -> None:
    quarter = pi / 2 * EARTH
    assert distance_between((0, 0), (0, 90)) == pytest.approx(quarter)
    assert distance_between((0, 17), (90, 100)) == pytest.approx(quarter)
    assert distance_between((0, 0), (0, 180)) == pytest.approx(2 * quarter)


@given(points, points, points)
def test_a_distance_is_the_same_both_ways_and_no_detour_is_shorter(
    a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]
) -> None:
    assert distance_between(a, b) == pytest.approx(distance_between(b, a), abs=1e-3)
    assert distance_between(a, c) <= distance_between(a, b) + distance_between(b, c) + 1e-3
    assert distance_between(a, a) == 0


def test_every_prefecture_has_a_place_on_the_map() -> None:
    whole = {code for code in all_divisions() if code.endswith("00") and not code.endswith("0000") and code.isdigit()}
    assert {code for code in whole if not prefecture(code)} == set()
    assert all(17 <= lat <= 54 or code == "4603" for code, (lat, _) in centroids().items())
    assert all(73 <= lon <= 136 for _, lon in centroids().values())


def test_distances_between_cities_are_about_right() -> None:
    assert cities_apart("420115", "420106") == 0
    assert cities_apart("500101", "500236") == 0  # one municipality
    for one, other, about in (("420100", "110101", 1050), ("440300", "440106", 105), ("230100", "460100", 3230)):
        found = cities_apart(one, other)
        assert found is not None
        assert abs(found - about) <= 60
    assert cities_apart("429004", "420100") is None  # governed by the province itself
    assert cities_apart("", "420100") is None


def test_a_journey_is_saved_once_they_have_met_and_counts_both_ways() -> None:
    consumer, business = PartyRecord("甲", city="北京"), PartyRecord("乙", city="武汉")
    complaint = Complaint(replace(RECORD, consumer=consumer, business=business))
    one_way = cities_apart(code_of("北京"), code_of("武汉"))
    assert one_way is not None
    assert travel(complaint) == 0
    assert travel(replace(complaint, held=2, held_online=2)) == 2 * one_way
    assert travel(replace(complaint, held=1, held_online=1, record=replace(complaint.record, division="110105"))) == 0
    nowhere = replace(complaint.record, consumer=PartyRecord("甲", city="乡下"))
    assert travel(replace(complaint, held=1, held_online=1, record=nowhere)) is None
