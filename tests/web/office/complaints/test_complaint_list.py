"""The list of complaints as a page: its filters are a form whose state is the address."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pytest
from openpyxl import load_workbook

from complaints.views import ComplaintFilter, ShownDeadline
from tests.web.client import Browser
from tests.web.fakes import World


async def test_every_filter_in_the_address_is_asked_for_and_stands_in_the_form(world: World, zhou: Browser) -> None:
    page = await zhou.get(
        "/complaints?search=健身&channel=hotline&state=accepted&problem=price&industry=f52&since=2026-01-02"
        "&until=2026-03-04&due=late&page=2&before=99"
    )
    assert world.reads.wanted == ComplaintFilter(
        "健身", "hotline", "accepted", "price", "F52", "", date(2026, 1, 2), date(2026, 3, 4), "late", 2, 99
    )
    for kept in ('value="健身"', '"hotline" selected', '"price" selected', 'value="2026-01-02"', '"late" selected'):
        assert kept in page.text


@pytest.mark.parametrize(
    "query",
    [
        "channel=nowhere&state=x&problem=%27&due=never&industry=%27&since=2026-13-01&until=soon&before=-5&page=x",
        "since=0001-01-01&until=9999-12-31",
    ],
)
async def test_what_cannot_be_read_is_not_filtered_by(world: World, zhou: Browser, query: str) -> None:
    assert (await zhou.get(f"/complaints?{query}")).status == 200
    assert world.reads.wanted in (ComplaintFilter(), ComplaintFilter(before=1))


async def test_a_list_cut_short_says_so_and_leads_on(world: World, zhou: Browser) -> None:
    world.reads.older = 4711
    page = await zhou.get("/complaints?channel=12315")
    assert "More than 1 complaints" in page.text
    assert "channel=12315&amp;before=4711" in page.text


async def test_the_list_is_saved_as_it_is_narrowed_and_says_what_is_overdue(world: World, zhou: Browser) -> None:
    page = world.complaints.pages["c0"]
    row = replace(page.row, deadline=ShownDeadline("accept", date(2026, 6, 1), date(2026, 5, 20), "第十五条"))
    world.complaints.keep(replace(page, row=row))
    assert ">overdue</span>" in (await zhou.get("/complaints")).text
    answer = await zhou.client.get("/complaints/register.xlsx?channel=hotline", cookies=zhou.cookies)
    assert world.reads.wanted.channel == "hotline"
    sheet = load_workbook(io.BytesIO(await answer.read())).active
    assert sheet is not None
    heads, first = list(sheet.iter_rows(values_only=True))[:2]
    assert (heads[0], first[0]) == ("Number", row.number)
    assert str(first[9]).endswith("overdue")


async def test_what_the_list_is_narrowed_by_is_kept_by_name_and_forgotten(zhou: Browser) -> None:
    assert 'name="name"' not in (await zhou.get("/complaints")).text
    assert 'name="name"' in (await zhou.get("/complaints?channel=hotline&due=late")).text
    answer = await zhou.post("/complaints/views", {"name": "逾期热线", "channel": "hotline", "due": "late", "x": "y"})
    assert answer.location == "/complaints?channel=hotline&due=late"
    page = (await zhou.get("/complaints")).text
    assert 'href="/complaints?channel=hotline&amp;due=late">逾期热线</a>' in page
    assert (await zhou.post("/complaints/views/drop", {"name": "逾期热线"})).location == "/complaints"
    assert "逾期热线" not in (await zhou.get("/complaints")).text
