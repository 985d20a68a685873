"""The page of figures: its period, its comparisons, what stands behind a figure, and the workbook."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from complaints.statistics import current
from complaints.statistics.facts import Fact
from tests.complaints.statistics.test_figures import BARE
from tests.web.client import AiohttpClient, Answer, Browser, another, browser, heading_of
from tests.web.fakes import ADMIN, LIN, STRANGER, ZHOU, World
from web.i18n import day

ZONE = ZoneInfo("Asia/Shanghai")
JUNE = "from=2026-06-01&to=2026-06-30&lang=en"


def fact(id: str, **more: object) -> Fact:
    return replace(BARE, id=id, **more)  # type: ignore[arg-type]


def of_june(number: int) -> date:
    return date(2026, 6, number)


@pytest.fixture
def world() -> World:
    made = World()
    made.statistics.facts = [
        fact("c0", accepted=of_june(3), decided=of_june(3), settled=of_june(9), handled=of_june(9),
             concluded=of_june(9), recovered=Decimal("2000.00"), days_to_decision=2, days_to_handling=8),
        fact("c1", accepted=of_june(4), decided=of_june(4), days_to_decision=3, channel="window"),
        fact("c2", received=date(2026, 5, 20)),
        fact("c3", received=date(2025, 6, 20)),
        fact("d1", office="o2"),
    ]  # fmt: skip
    return made


@pytest.fixture
async def zhou(world: World, aiohttp_client: AiohttpClient) -> Browser:
    person = await browser(aiohttp_client, world.app())
    person.sign_in(world.identity.token(ZHOU.login))
    return person


def row(page: Answer, title: str) -> list[str]:
    """The cells of a statistic's row."""
    found = re.search(rf"<tr><th scope=\"row\"><a[^>]*>{title}</a></th>(.*?)</tr>", page.text, re.S)
    assert found, page.text
    cells = re.findall(r"<td[^>]*>(.*?)</td>", found[1], re.S)
    return [" ".join(unescape(re.sub(r"<[^>]+>", "", cell)).split()) for cell in cells]


async def test_a_month_stands_beside_the_month_before_and_the_same_month_a_year_before(zhou: Browser) -> None:
    page = await zhou.get(f"/statistics?{JUNE}")
    assert row(page, "Complaints received") == ["2", "", "1", "+100.0%", "1", "+100.0%"]
    assert row(page, "Success rate") == ["50.0%", "1 / 2", "–", "", "–", ""]
    assert row(page, "Loss recovered") == ["¥2,000.00", "", "¥0.00", "", "¥0.00", ""]
    assert row(page, "Median days to the decision")[0] == "2.5 days"


async def test_without_a_word_it_is_this_month_where_the_office_is(zhou: Browser, world: World) -> None:
    world.clock.now = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)  # midnight there: the next month has begun
    assert (await zhou.get("/statistics")).status == 200
    asked = world.statistics.asked[-1]
    assert (asked.period.first, asked.today, asked.as_of) == (date(2026, 7, 1), date(2026, 7, 1), None)


async def test_every_figure_leads_to_as_many_complaints_as_it_counts(zhou: Browser) -> None:
    page = await zhou.get(f"/statistics?{JUNE}&by=channel")
    links = {
        (unescape(address), int(number))
        for address, number in re.findall(r'<a href="(/statistics/[^"]+)">(\d+)</a>', page.text)
    }
    assert len(links) > 8
    for address, number in links:
        behind = await zhou.get(address)
        listed = re.findall(r'href="/complaints/(\w+)"', behind.text)
        assert len(listed) == number, address


async def test_behind_a_sum_each_complaint_says_what_it_adds(zhou: Browser) -> None:
    page = await zhou.get(f"/statistics/loss_recovered/records?{JUNE}")
    assert heading_of(page) == "Loss recovered"
    assert "¥2,000.00" in page.text
    assert 'href="/complaints/c0"' in page.text
    assert day(of_june(9), "en", ZONE) in page.text


async def test_an_earlier_version_has_its_records_too_and_an_unknown_one_does_not_exist(zhou: Browser) -> None:
    assert (await zhou.get(f"/statistics/on_time_decision@1/records?{JUNE}")).status == 200
    for unknown in ("on_time_decision@9", "happiness"):
        assert (await zhou.get(f"/statistics/{unknown}/records?{JUNE}")).status == 404


async def test_a_long_list_has_pages(zhou: Browser, world: World) -> None:
    world.statistics.facts = [fact(f"c{n:03d}") for n in range(120)]
    page = await zhou.get(f"/statistics/received/records?{JUNE}&page=3")
    assert "Page 3 of 3" in page.text
    assert len(re.findall(r'href="/complaints/c', page.text)) == 20
    assert "from=2026-06-01" in page.text


async def test_a_supervisor_chooses_among_their_offices_and_a_mediator_sees_their_own(
    zhou: Browser, world: World
) -> None:
    lin = await another(zhou)
    lin.sign_in(world.identity.token(LIN.login))
    assert row(await lin.get(f"/statistics?{JUNE}"), "Complaints received")[0] == "3"
    assert row(await lin.get(f"/statistics?{JUNE}&office=o2"), "Complaints received")[0] == "1"
    grouped = await lin.get(f"/statistics?{JUNE}&by=office")
    assert "二所" in grouped.text
    for path in ("/statistics?", "/statistics/received/records?", "/statistics/figures.xlsx?"):
        assert (await zhou.get(f"{path}{JUNE}&office=o2")).status == 404
    stranger = await another(zhou)
    stranger.sign_in(world.identity.token(STRANGER.login))
    assert row(await stranger.get(f"/statistics?{JUNE}"), "Complaints received")[0] == "1"
    admin = await another(zhou)
    admin.sign_in(world.identity.token(ADMIN.login))
    assert (await admin.get("/statistics")).status == 403


async def test_figures_can_be_asked_for_as_they_were_known_on_a_day(zhou: Browser, world: World) -> None:
    page = await zhou.get(f"/statistics?{JUNE}&as_of=2026-06-05")
    asked = world.statistics.asked[-1]
    assert asked.today == of_june(5)
    assert asked.as_of == datetime(2026, 6, 5, 15, 59, 59, 999999, tzinfo=UTC)
    assert "As it was known at the end of 5 June 2026" in page.text
    assert "as_of=2026-06-05" in page.text  # the records behind it are asked for as of the same day


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=June", "This is not a day"),
        ("from=2026-06-30&to=2026-06-01", "ends before it begins"),
        ("from=1999-01-01&to=2026-01-01", "longer than ten years"),
        ("as_of=9999-99-99", "This is not a day"),
        ("from=0001-01-01", "This is not a day"),
    ],
)
async def test_what_is_no_period_is_said_at_its_field(zhou: Browser, query: str, said: str) -> None:
    page = await zhou.get(f"/statistics?{query}&lang=en")
    assert page.status == 200
    assert re.search(rf'class="error"[^>]*>.*{said}', page.text)
    assert 'aria-invalid="true"' in page.text


async def test_an_empty_office_has_figures_and_no_picture(zhou: Browser, world: World) -> None:
    world.statistics.facts = []
    page = await zhou.get(f"/statistics?{JUNE}&by=channel")
    assert row(page, "Complaints received")[0] == "0"
    assert '<svg class="chart"' not in page.text
    assert "Nothing happened in this period." in page.text


async def test_the_picture_says_in_words_what_it_shows(zhou: Browser) -> None:
    page = await zhou.get(f"/statistics?{JUNE}")
    assert "2026-06: Complaints received 2, Complaints handled 1" in page.text


# ---------------------------------------------------------------- the workbook


async def sheets(person: Browser, query: str) -> dict[str, list[tuple[object, ...]]]:
    response = await person.client.get(
        f"/statistics/figures.xlsx?{query}", headers=person.headers, cookies=person.cookies
    )
    assert response.status == 200
    assert response.headers["Content-Disposition"].startswith('attachment; filename="yuntiao-statistics-')
    book = load_workbook(io.BytesIO(await response.read()))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


async def test_the_workbook_has_figures_groups_months_and_what_they_mean(zhou: Browser) -> None:
    found = await sheets(zhou, f"{JUNE}&by=channel")
    assert list(found) == ["Figures", "Groups", "Months", "Definitions"]
    received = next(row for row in found["Figures"] if row[0] == "Complaints received")
    assert received == ("Complaints received", 1, "complaints", 2, None, 1, 1)
    assert next(row for row in found["Figures"] if row[0] == "Loss recovered")[3] == 2000
    assert [row[0] for row in found["Groups"]] == ["Channel", "National 12315 platform", "Window"]
    assert found["Months"][-1][0] == "2026-06"
    assert [row[0] for row in found["Definitions"]][1:] == [one.en for one in current()]


async def test_a_text_that_looks_like_a_formula_stays_a_text(zhou: Browser, world: World) -> None:
    world.statistics.facts = [fact("c9", channel='=HYPERLINK("http://evil")'), fact("c8", channel="+1\x00")]
    response = await zhou.client.get(
        f"/statistics/figures.xlsx?{JUNE}&by=channel", headers=zhou.headers, cookies=zhou.cookies
    )
    book = load_workbook(io.BytesIO(await response.read()))
    cells = [row[0] for row in book["Groups"].iter_rows(min_row=2)]
    assert {cell.value for cell in cells} == {'=HYPERLINK("http://evil")', "+1"}
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in cells)


async def test_offices_stand_side_by_side_with_their_sum_and_lead_on(
    world: World, zhou: Browser, aiohttp_client: AiohttpClient
) -> None:
    lin = await another(zhou)
    lin.sign_in(world.identity.token(LIN.login))
    page = await lin.get(f"/statistics/offices?{JUNE}")
    assert heading_of(page) == "Offices compared"
    rows = re.findall(r'<tr><th scope="row">(.*?)</tr>', page.text, re.S)
    received = [re.findall(r'data-label="Complaints received"[^>]*>(.*?)</td>', one, re.S)[0] for one in rows]
    assert [re.sub(r"<[^>]+>", "", one) for one in received] == ["2", "1", "3"]
    assert "office=o2" in rows[1]
    assert 'href="/statistics/offices?' in (await lin.get(f"/statistics?{JUNE}")).text
    chart = await lin.get(f"/statistics/offices.xlsx?{JUNE}&statistic=success_rate")
    assert chart.status == 200
    assert 'href="/statistics/offices?' not in (await zhou.get(f"/statistics?{JUNE}")).text  # there is one office
    assert (await zhou.get(f"/statistics/offices?{JUNE}&office=o2")).status == 404
