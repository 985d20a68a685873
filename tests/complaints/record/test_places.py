"""The place that a typed address names."""

from __future__ import annotations

import pytest

from complaints import BadChoice
from complaints.record.places import all_divisions, division_named as division_name, place_code, place_in, within


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("武汉市洪山区珞喻路1号", "420111"),
        ("湖北武汉东湖高新区", "420100"),  # a development zone is no division
        ("武汉洪山", "420111"),
        ("江西九江", "360400"),
        ("北京市朝阳区", "110105"),
        ("南京鼓楼区中山路", "320106"),
        ("新疆乌鲁木齐", "650100"),
        ("恩施州利川市", "422802"),
        ("黔东南州", "522600"),
        ("湖北长阳", "420528"),
        ("海南", "460000"),  # the province, not the prefecture in Qinghai
        ("黑龙江齐齐哈尔", "230200"),  # 龙江 is a county of its own
        ("福建宁德", "350900"),  # and so is 建宁
        ("牡丹江西安", "231005"),  # and 江西 a province
        ("哈尔滨道里", "230102"),  # 道 is no road here
        ("吉林", "220000"),
        ("吉林省吉林市船营区", "220204"),
        ("南昌市东湖区北京路", "360102"),
        ("湖北省恩施土家族苗族自治州利川市", "422802"),
        ("上海浦东新区张江", "310115"),
    ],
)
def test_an_address_names_the_narrowest_division_it_leaves_no_doubt_about(text: str, code: str) -> None:
    assert place_code(text) == code


@pytest.mark.parametrize("text", ["朝阳区建国路", "鼓楼区", "西湖区文三路", "没有地名", "999999", "420199"])
def test_a_name_that_many_cities_have_is_asked_about_again(text: str) -> None:
    with pytest.raises(BadChoice):
        place_code(text)


def test_a_code_has_a_name_and_lies_within_wider_ones() -> None:
    assert division_name("420111") == "湖北省武汉市洪山区"
    assert place_code(" 420111 ") == "420111"
    assert place_code("") == ""
    assert within("420111", "420100")
    assert within("420111", "420000")
    assert not within("420111", "430000")
    assert not within("420111", "")


def test_the_place_says_where_in_the_text_it_was_read() -> None:
    place = place_in("在武汉市洪山区的一家店")
    assert place is not None
    assert (place.start, place.end) == (4, 7)


def test_every_division_is_found_by_its_whole_name() -> None:
    wrong = [one.whole for one in all_divisions().values() if (p := place_in(one.whole)) is None or not p.sure]
    assert wrong == []
