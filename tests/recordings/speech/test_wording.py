"""What a machine heard, as it is written down."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from recordings.speech import as_written, chinese_number, said_amount


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("退我三千五百元", "退我3500元"),
        ("一共交了一万二千八百块钱", "一共交了12800块钱"),
        ("我付了三百二十块", "我付了320块"),
        ("二零二六年十一月三号买的", "2026年11月3号买的"),
        ("最多退百分之六十五", "最多退65%"),
        ("利息是百分之三点五", "利息是3.5%"),
        ("重三点五公斤", "重3.5公斤"),
        ("电话是一三八零零一三八零零零", "电话是13800138000"),
        ("大家一起坐一块儿谈一谈", "大家一起坐一块儿谈一谈"),
        ("万一有一点问题", "万一有一点问题"),
        ("千万不要一概而论", "千万不要一概而论"),
        ("依照第十六条", "依照第十六条"),
        ("三十多天了", "30多天了"),
        ("故事康,目前 工厂产量以下降超50%", "故事康，目前工厂产量以下降超50%"),
        ("好的. 谢谢!", "好的。谢谢！"),
        ("", ""),
    ],
)
def test_numbers_that_count_something_are_figures_and_words_stay_words(heard: str, written: str) -> None:
    assert as_written(heard) == written


@pytest.mark.speech
def test_traditional_script_is_simplified() -> None:
    assert as_written("我買的電視機壞了,要求退貨") == "我买的电视机坏了，要求退货"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("十", 10), ("十二", 12), ("二十", 20), ("一百零五", 105), ("三千五", 3500), ("两万三", 23_000),
        ("一万零五十", 10_050), ("三亿零二万", 300_020_000), ("二零二六", 2026), ("百", None), ("万", None), ("", None),
    ],
)  # fmt: skip
def test_a_chinese_number_is_read(text: str, value: int | None) -> None:
    assert chinese_number(text) == value


@given(st.text("零〇一二两三四五六七八九十百千万亿点元块百分之第号", max_size=30))
def test_no_row_of_number_words_breaks_it(text: str) -> None:
    assert isinstance(as_written(text), str)


def test_the_amount_that_was_said_is_found_in_yuan() -> None:
    assert str(said_amount(as_written("那我退你三千五百元吧"))) == "3500"
    assert str(said_amount("赔1.5万元")) == "15000.0"
    assert said_amount("没有数") is None
