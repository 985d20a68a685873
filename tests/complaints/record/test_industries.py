"""Industries: the table of facts, codes in one written form, and the official table an office imports."""

from __future__ import annotations

import pytest

from complaints import BadChoice
from complaints.record.industries import (
    DIVISIONS,
    ENGLISH,
    SECTIONS,
    BadIndustryTable,
    industry_code,
    industry_name,
    official_table,
)


def test_there_are_the_standards_twenty_sections_and_97_divisions() -> None:
    assert (len(SECTIONS), len(DIVISIONS)) == (20, 97)
    assert {code[0] for code in DIVISIONS} == set(SECTIONS)
    assert [code[1:] for code in DIVISIONS] == [f"{number:02d}" for number in range(1, 98)]


@pytest.mark.parametrize(
    ("typed", "code"), [("f52", "F52"), ("52", "F52"), ("5211", "F5211"), (" F 5211", "F5211"), ("F", "F"), ("", "")]
)
def test_a_code_is_written_with_its_sections_letter(typed: str, code: str) -> None:
    assert industry_code(typed) == code


@pytest.mark.parametrize("typed", ["A52", "Z", "F98", "98", "F521199", "餐饮"])
def test_a_code_whose_division_does_not_exist_is_refused(typed: str) -> None:
    with pytest.raises(BadChoice):
        industry_code(typed)


def test_a_finer_code_has_its_divisions_name_until_the_official_table_is_there() -> None:
    assert industry_name("H6210", "zh") == "餐饮业"
    assert industry_name("H6210", "zh", {"H6210": "正餐服务"}) == "正餐服务"
    assert industry_name("H", "en") == "Lodging and catering"


def test_english_readers_find_no_chinese_in_the_name_of_an_industry() -> None:
    names = {code: industry_name(code, "en") for code in (*SECTIONS, *DIVISIONS)}
    assert all(name.isascii() or "’" in name for name in names.values())
    assert len({names[code] for code in DIVISIONS}) == len(DIVISIONS)
    assert (names["H62"], industry_name("H6210", "en"), industry_name("H6299", "en")) == (
        "Catering",
        "Restaurants",
        "Other catering",
    )
    assert industry_name("H6210", "en", {"H6210": "正餐服务"}) == "Restaurants"
    assert {code[:3] for code in ENGLISH} == set(DIVISIONS)


def whole(*more: str) -> str:
    return "\n".join(["code,name,level", *(f"{code},{name},大类" for code, name in DIVISIONS.items()), *more])


def test_the_official_table_may_leave_letters_and_headers_out() -> None:
    table = official_table("\ufeff" + whole("6210,正餐服务", "", "A,农、林、牧、渔业".replace("、", "及")))
    assert table["H6210"] == "正餐服务"
    assert table["F52"] == "零售业"


@pytest.mark.parametrize("row", ["F5211,", "F98,什么", "F52,批发业", "不是代码,什么"])
def test_a_row_that_cannot_be_right_is_named(row: str) -> None:
    with pytest.raises(BadIndustryTable) as refused:
        official_table(whole(row))
    assert refused.value.row == 99


def test_a_table_that_lacks_a_division_is_refused() -> None:
    with pytest.raises(BadIndustryTable) as refused:
        official_table("F52,零售业")
    assert (refused.value.row, refused.value.missing) == (0, "A01")
