"""Charts of a business, of a bulletin and of the overview, taken along as a picture and as a workbook."""

from __future__ import annotations

import io
from datetime import date

import pytest
from openpyxl import load_workbook

from complaints.insight.views import BulletinChart, BulletinPaper, BulletinSection
from tests.web.client import AiohttpClient
from tests.web.fakes import STRANGER, ZHOU, World
from tests.web.fakes.figures.respondents import KNOWN
from tests.web.office.insight.test_pages import signed_in
from web.office.insight import of_bulletin

MONTHS = "from=2026-01-01&to=2026-06-30"


@pytest.mark.parametrize(
    ("page", "chart", "bars"),
    [
        (f"/respondents/{KNOWN}?{MONTHS}", f"/respondents/{KNOWN}/months.{{}}?{MONTHS}", 6),
        ("/statistics", "/statistics/months.{}", 12),
        ("/bulletins/month/2026-05-01", "/bulletins/month/2026-05-01/chart.{}", 1),
    ],
)
async def test_a_page_s_chart_is_a_picture_and_a_workbook_too(
    aiohttp_client: AiohttpClient, page: str, chart: str, bars: int
) -> None:
    world = World()
    lin = await signed_in(aiohttp_client, world)
    assert (await lin.get(page)).status == 200
    assert (await lin.get(chart.format("png"))).headers["Content-Type"] == "image/png"
    poster = world.dashboards.posters[-1]
    assert (len(poster.bars) >= bars, poster.upright, bool(poster.sentence)) == (True, True, True)
    assert (await lin.get(chart.format("xlsx"))).headers["Content-Type"].endswith("spreadsheetml.sheet")
    assert (await lin.get(chart.format("svg"))).status == 404


async def test_a_page_names_its_files_and_who_may_not_read_it_gets_neither(aiohttp_client: AiohttpClient) -> None:
    world = World()
    bulletin = (await (await signed_in(aiohttp_client, world)).get("/bulletins/month/2026-05-01?public=1")).text
    for ending in ("png", "xlsx"):
        assert f'href="/bulletins/month/2026-05-01/chart.{ending}?public=1"' in bulletin
    zhou = await signed_in(aiohttp_client, world, ZHOU)
    assert (await zhou.get("/bulletins/month/2026-05-01/chart.png")).status == 403
    unknown = f"/respondents/{'0' * 24}/months.png"
    assert (await (await signed_in(aiohttp_client, world, STRANGER)).get(unknown)).status == 404


def test_what_a_public_bulletin_keeps_back_is_kept_back_in_its_chart() -> None:
    bars = BulletinChart("May: *; June: 9", [("26-05", None), ("26-06", 9)])
    paper = BulletinPaper(
        "en", "First office", "Monthly", "June", date(2026, 6, 30), "", [BulletinSection("Months", (), bars)], "", True
    )
    chart = of_bulletin(paper)
    assert chart is not None
    assert [(bar.text, bar.length) for bar in chart.poster().bars] == [("*", 0.0), ("9", 1.0)]
    sheet = load_workbook(io.BytesIO(chart.workbook())).active
    assert sheet is not None
    assert [row[1].value for row in list(sheet.rows)[4:]] == ["*", 9]
    assert of_bulletin(BulletinPaper("en", "", "", "", date(2026, 6, 30), "", [BulletinSection("x")], "")) is None
