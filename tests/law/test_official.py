"""Official texts come as people keep them; what is no statute is refused with its place. All are invented."""

from __future__ import annotations

import contextlib
import json
from datetime import date

import pytest
from hypothesis import given, strategies as st

from law.library import ArticleText, BadText, OfficialText, known_statute, library, number_of, plain_title, read
from law.orders import chinese_number

MESSY = """\ufeff　　**某市预付卡管理办法**
（2026年1月5日某市市场监督管理局公布）

目　录
第一章　总则
第二章 发卡
附则

第一章　总　则

**第一条**　为了试一试，写了这一条。
　　第二款在下一行，第二条里也提到它。

## 第二条 卡里的钱要存到\u00a0银行。
（一）每月一次；
（二）写明余额。
第二章 发卡
> 第三条之二：丢了的卡要补。
第十条　自公布之日起施行。
"""


def test_a_messy_text_is_read() -> None:
    found = read(MESSY)
    assert found.title == "某市预付卡管理办法"
    assert [(each.number, each.suffix) for each in found.articles] == [(1, 0), (2, 0), (3, 2), (10, 0)]
    assert found.articles[0].text == "为了试一试，写了这一条。\n第二款在下一行，第二条里也提到它。"
    assert found.articles[1].text.splitlines() == ["卡里的钱要存到 银行。", "（一）每月一次；", "（二）写明余额。"]
    assert [each.chapter for each in found.articles] == ["第一章 总 则", "第一章 总 则", "第二章 发卡", "第二章 发卡"]


def test_json_and_csv_say_the_same() -> None:
    rows = [
        ("第一条", "第一章", "甲说明。"),
        ("第二条之一", "第一章", "乙说明，“带逗号,引号”。"),
        ("第十二条", "", "丙。"),
    ]
    as_json = json.dumps(
        {"title": "某办法", "articles": [{"article": a, "chapter": c, "text": t} for a, c, t in rows]},
        ensure_ascii=False,
    )
    lines = ["名称,条,章,内容", *(f'某办法,{a},{c},"{t}"' for a, c, t in rows), ",,,", ""]
    assert read(as_json) == read("\r\n".join(lines))
    tabbed = "\n".join(["条文\t正文", *(f"{a}\t{t}" for a, _, t in rows)])
    assert [each.text for each in read(tabbed).articles] == [row[2] for row in rows]


def test_numbers_may_be_digits() -> None:
    assert [each.number for each in read("标题\n第1条 甲。\n第 23 条 乙。").articles] == [1, 23]


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "empty", ""),
        (" \n ", "empty", ""),
        ("只有一句话，没有条。", "empty", ""),
        ("标题\n第二条 甲。\n第一条 乙。", "order", "第1条"),
        ("标题\n第一条 甲。\n第一条 乙。", "order", "第1条"),
        ("标题\n第一条 " + "长" * 8_001, "long", "第1条"),
        ("条,附注\n第一条,甲", "columns", "text"),
        ("内容,附注\n第一条,甲", "columns", "article"),
        ("条,内容\n没有号,甲", "shape", "2"),
        ("条,内容\n第一条,", "empty", "第1条"),
        ("[1, 2]", "shape", ""),
        ('{"title": "x", "articles": [7]}', "shape", "1"),
        ("{" * 100_000, "shape", ""),
        ("名" * 121 + "\n第一条 甲。", "title", ""),
    ],
)
def test_what_is_no_statute_is_refused(text: str, code: str, place: str) -> None:
    with pytest.raises(BadText) as refused:
        read(text)
    assert (refused.value.code, refused.value.place) == (code, place)


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(BadText):
        assert isinstance(read(text), OfficialText)


@given(st.integers(1, 999))
def test_numbers_are_read_as_they_are_written(number: int) -> None:
    assert number_of(chinese_number(number)) == number == number_of(str(number))


@pytest.mark.parametrize(
    ("title", "id"),
    [
        ("中华人民共和国消费者权益保护法", "consumer"),
        ("《中华人民共和国价格法》（1997年12月29日公布）", "price"),
        ("中华人民共和国民法典 合同编", "civil"),
        ("中华人民共和国食品安全法(2021修正)", "food-safety"),
        ("反不正当竞争法", "competition"),
        ("某市预付卡管理办法", None),
        ("", None),
    ],
)
def test_a_statute_is_known_by_its_name(title: str, id: str | None) -> None:
    found = known_statute(title)
    assert (found and found.id) == id


def test_a_name_is_the_same_in_any_dress() -> None:
    assert plain_title("《中华人民共和国 广告法》（2021年修正）") == "广告法"


def test_the_wording_is_the_one_of_the_day() -> None:
    shelf = library(
        [
            ArticleText("consumer", "消费者权益保护法", 26, 0, "旧的写法。", date(2014, 3, 15), date(2026, 5, 31)),
            ArticleText("consumer", "消费者权益保护法", 26, 0, "新的写法。", date(2026, 6, 1)),
            ArticleText("local-1", "某办法", 3, 2, "本地的写法。", date(2026, 1, 1)),
        ]
    )
    wordings = [shelf.official("consumer-26", day) for day in (date(2014, 3, 14), date(2026, 5, 31), date(2026, 6, 1))]
    assert [each and each.text for each in wordings] == [None, "旧的写法。", "新的写法。"]
    own = shelf.article("local-1-3.2")
    assert own.citation("zh") == "《某办法》第三条之二"
    assert (own.gist("zh"), own.in_force(date(2026, 1, 1)), own.in_force(date(2025, 12, 31))) == ("", True, False)
    assert shelf.article("consumer-26").gist("zh").startswith("格式条款")
