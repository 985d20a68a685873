"""Sentences of a bulletin: terms of official statistics, industries by name, a range only between two figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, cast

import pytest

from casebook import Outcomes, QuarterSpread
from casebook.views import ChapterPart as BookPart
from complaints.insight.aftermath import Aftermath
from complaints.insight.bulletin import Bulletin, BulletinFigure, LeadsTold, Mover, period_of
from complaints.insight.spots import ExpectedWeek, SpotFigures, Trait
from complaints.insight.warnings import WarnedMatter, draft
from complaints.statistics import find_statistic
from complaints.statistics.figures import Figure, Period
from complaints.statistics.views import Dashboard, FigureGroup
from server.casebook.yearbook import part_line
from web import i18n
from web.i18n import span
from web.office.insight import ways
from web.office.insight.bulletin_paper import bulletin_paper
from web.office.insight.hot_spots import apart
from web.office.leads import within
from web.office.statistics import dashboard_sentence, group_name

ZH, EN = i18n.words_of("zh"), i18n.words_of("en")


def received(many: int) -> Figure:
    return Figure(find_statistic("received"), Decimal(many), many)


WEEK = Bulletin(
    "week",
    period_of("week", date(2026, 6, 24)),
    "一所",
    public=False,
    figures=[
        ("received@1", BulletinFigure(received(45), received(40), received(50))),
        ("success_rate@2", BulletinFigure(Figure(find_statistic("success_rate"), Decimal("20.0"), 2, 10), None, None)),
    ],
    trend=[("2026-W23", 9), ("2026-W24", 12), ("2026-W25", 40), ("2026-W26", 45)],
    tables={"industry": [("L", 30, 4)]},
    movers=[Mover("industry", "L", 30, 4, 4.0, 0.0001)],
    leads=LeadsTold(0, []),
)


def said(bulletin: Bulletin, words: i18n.Words) -> str:
    made = bulletin_paper(bulletin, "一所", words)
    return "\n".join([made.lead, *(sentence for section in made.sections for sentence in section.sentences)])


def test_a_bulletin_compares_with_the_period_before_and_the_year_before_by_their_terms() -> None:
    text = said(WEEK, ZH)
    assert "环比上升12.5%。同比下降10.0%。" in text
    assert "相比：" not in text
    same = replace(WEEK, figures=[("received@1", BulletinFigure(received(40), received(40), None))])
    assert "环比持平。" in said(same, ZH)
    assert "Up 12.5% on the period before." in said(WEEK, EN)


def test_no_sentence_and_no_table_of_a_bulletin_prints_an_industrys_code() -> None:
    text = said(WEEK, ZH)
    assert "变化最显著的行业为租赁和商务服务业。" in text
    assert "租赁和商务服务业从4件升到30件" in text
    cells = [
        cell for one in bulletin_paper(WEEK, "一所", ZH).sections if one.sheet for row in one.sheet.rows for cell in row
    ]
    assert "租赁和商务服务业" in cells
    assert not [line for line in (text, *cells) if "L 租" in line]


def test_the_middle_of_earlier_periods_is_their_median() -> None:
    assert "此前各期中位数为12件" in said(WEEK, ZH)
    even = replace(WEEK, trend=[("2026-W24", 9), ("2026-W25", 12), ("2026-W26", 45)])
    assert "中位数为10.5件" in said(even, ZH)


def test_a_rate_that_still_grows_says_so_beside_its_figure() -> None:
    assert "调解成功率按本期的投诉截至统计日的情况计算" in said(WEEK, ZH)


@pytest.mark.parametrize(("low", "high", "told"), [("100", "100", "100"), ("80", "100", "80–100")])
def test_a_range_whose_ends_are_the_same_is_one_figure(low: str, high: str, told: str) -> None:
    assert span(low, high, "–") == told


def test_a_period_of_one_day_is_that_day() -> None:
    assert str(Period(date(2026, 6, 1), date(2026, 6, 1))) == "2026-06-01"
    assert str(Period(date(2026, 6, 1), date(2026, 6, 2))) == "2026-06-01 – 2026-06-02"


def test_two_numbers_that_differ_are_written_so_that_they_do() -> None:
    assert apart(3.0, 9.0) == ("3", "9")
    assert apart(3.1, 3.4) == ("3.1", "3.4")


def test_a_warning_is_the_offices_own_and_claims_no_comparison_with_former_years() -> None:
    text = draft(
        WarnedMatter("健身·合同", "contract", date(2026, 6, 1), date(2026, 6, 20), 12, "东湖一所", "027-1"), "zh"
    ).body
    assert "东湖一所收到有关健身·合同的投诉12件，按以往情况和季节推算，明显偏多" in text
    assert "我局" not in text
    assert "往年同期" not in text


SPOT = SpotFigures(
    "s", "street", "关山大道", "", date(2026, 6, 20), 9, 1.0, 7, 9, 1.0, 1e-6, "new", True,
    (ExpectedWeek(date(2026, 6, 15), 2, 1.0, 0, 3), ExpectedWeek(date(2026, 6, 22), 9, 1.0, 0, 3)),
)  # fmt: skip


def test_one_name_is_listed_once_among_those_that_share_a_phone() -> None:
    twice = (Trait("respondent", "a", 3, "悦动健身"), Trait("respondent", "b", 2, "悦动健身"))
    assert not ways(replace(SPOT, shared=twice), ZH), "one name is nothing that shares"
    three = (*twice, Trait("respondent", "c", 1, "快修"))
    assert "2个被投诉名称登记了同一电话：悦动健身、快修。" in ways(replace(SPOT, shared=three), ZH)[-1]


def test_the_confidence_of_an_aftermath_names_no_range_between_the_same_figure_and_no_endless_one() -> None:
    measured = Aftermath(date(2026, 5, 1), (9, 9), (3, 3), 80, 90, "fell", 0.3, 0.3, 0.3)
    once = within(measured, ZH)
    assert once == "30%"
    assert within(replace(measured, high=None), ZH) == "30%以上"
    assert within(replace(measured, high=0.5), ZH) == "30%至50%"


def test_the_years_book_says_no_range_from_a_hundred_to_a_hundred_per_cent() -> None:
    share = QuarterSpread(100, 100, 100, 5)
    part = BookPart(cast(Any, None), (), Outcomes(5, 5, share, None, ()))
    assert part_line(part) == "5例，谈成5例。谈成的数额多为请求的100%。"
    wider = replace(part, came_to=replace(part.came_to, share=QuarterSpread(80, 90, 100, 5)))
    assert part_line(wider).endswith("谈成的数额多在请求的80%到100%之间。")


@pytest.mark.parametrize(
    ("by", "label", "named"), [("industry", "L", "租赁和商务服务业"), ("industry2", "R88", "文化艺术业")]
)
def test_a_chart_names_an_industry_in_its_sentence_without_the_code(by: str, label: str, named: str) -> None:
    seen = Dashboard((), received(9), None, [FigureGroup(label, received(9), None)], 1, {})
    name = partial(group_name, by, offices={}, words=ZH)
    assert dashboard_sentence(seen, find_statistic("received"), name, "", False, ZH)[-1] == f"最多的是{named}：9件。"
    assert name(label) == f"{label} {named}", "a table has the code"
