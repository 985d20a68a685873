"""Dashboards and how mediation goes: what they say, what each number opens, what is taken along."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from openpyxl import load_workbook
from PIL import Image

from complaints.statistics.facts import Fact
from complaints.statistics.figures import GROUPS
from complaints.statistics.views import FigureChange, taken
from tests.complaints.statistics.test_figures import BARE
from tests.web.client import AiohttpClient, Answer, Browser, another, browser
from tests.web.fakes import ADMIN, LIN, ZHOU, World
from web.office.statistics.boards import STATISTICS
from web.office.statistics.drawing import heat

JUNE = "from=2026-06-01&to=2026-06-30&lang=en"


def fact(id: str, day: int = 3, month: int = 6, **more: Any) -> Fact:
    received = date(2026, month, day)
    return replace(BARE, id=id, **{"received": received, "problem": "quality", "division": "420115", **more})


def settled(id: str, after: int, office: str = "o1", **more: Any) -> Fact:
    day = date(2026, 6, 20)
    return fact(
        id, office=office, accepted=date(2026, 6, 3), settled=day, concluded=day, handled=day,
        recovered=Decimal("100.00"), days_to_settlement=after, travel=200, **more,
    )  # fmt: skip


@pytest.fixture
def world() -> World:
    made = World()
    made.statistics.facts = [
        *(fact(f"q{n}") for n in range(14)),
        *(fact(f"p{n}", problem="price", division="420106", respondent="ab" * 12) for n in range(4)),
        *(fact(f"m{n}", month=5) for n in range(9)),
        fact("e1", office="o2"),
    ]
    made.dashboards.names = {"ab" * 12: "=橙果超市"}
    return made


@pytest.fixture
async def zhou(world: World, aiohttp_client: AiohttpClient) -> Browser:
    person = await browser(aiohttp_client, world.app())
    person.sign_in(world.identity.token(ZHOU.login))
    return person


async def body(person: Browser, path: str) -> bytes:
    response = await person.client.get(path, headers=person.headers, cookies=person.cookies)
    assert response.status == 200
    return await response.read()


def rows(page: Answer) -> dict[str, list[str]]:
    """Cells of the table's rows by their head."""
    found = re.findall(r'<tr[^>]*><th scope="row">(.*?)</th>(.*?)</tr>', page.text, re.S)
    return {
        unescape(re.sub(r"<[^>]+>", "", head)): [
            " ".join(unescape(re.sub(r"<[^>]+>", "", cell)).split())
            for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)
        ]
        for head, row in found
    }


async def test_a_dashboard_says_in_words_what_there_is_most_of_and_what_grew(zhou: Browser) -> None:
    page = await zhou.get(f"/statistics/dashboard?{JUNE}&by=problem")
    assert "Complaints received: 18 in all. Against the period before: +100.0%. Most: Quality, 14." in page.text
    assert "Grown most: Quality, by +5 complaints." in page.text
    assert rows(page) == {
        "Quality": ["14", "9", "+55.6%"], "Price": ["4", "0", ""], "In all": ["18", "9", "+100.0%"],
    }  # fmt: skip
    assert page.text.count('class="c-seal"') == 1  # nine became fourteen
    assert '<tr data-now="14" data-other="9">' in page.text  # what a script draws


async def test_every_number_opens_as_many_records_as_it_counts(zhou: Browser) -> None:
    page = await zhou.get(f"/statistics/dashboard?{JUNE}&by=problem")
    links = re.findall(r'<td[^>]*><a href="([^"]+)">([\d,]+)</a>', page.text)
    assert len(links) == 5
    for address, number in links:
        behind = await zhou.get(unescape(address))
        words = "one complaint" if number == "1" else f"{number} complaints"
        assert words in behind.text, address


async def test_every_figure_can_be_seen_by_everything(zhou: Browser) -> None:
    for by in GROUPS:
        assert (await zhou.get(f"/statistics/dashboard?{JUNE}&by={by}")).status == 200
        assert (await zhou.get(f"/statistics/dashboard.png?{JUNE}&by={by}")).status == 200
    for name in STATISTICS:
        for against in ("previous", "year", "none"):
            page = await zhou.get(f"/statistics/dashboard?{JUNE}&statistic={name}&against={against}")
            assert page.status == 200


async def test_nothing_counted_is_said_and_drawn_as_nothing(zhou: Browser, world: World) -> None:
    world.statistics.facts = []
    page = await zhou.get(f"/statistics/dashboard?{JUNE}")
    assert "Nothing was counted in this period." in page.text
    assert 'class="bars"' not in page.text
    assert (await zhou.get(f"/statistics/dashboard.png?{JUNE}")).status == 200
    assert "No mediation was concluded in this period." in (await zhou.get(f"/statistics/mediation?{JUNE}")).text


async def test_two_offices_stand_side_by_side(world: World, zhou: Browser) -> None:
    lin = await another(zhou)
    lin.sign_in(world.identity.token(LIN.login))
    page = await lin.get(f"/statistics/dashboard?{JUNE}&by=problem&office=o1&against=o2")
    assert rows(page)["Quality"] == ["14", "1", "+1,300.0%"]
    other = re.findall(r'href="(/statistics/received[^"]*office=o2[^"]*)"', unescape(page.text))
    assert "one complaint" in (await lin.get(other[0])).text


@pytest.mark.parametrize("days", ["2026-02-01..2026-01-01", "0001-01-01..9999-12-31", "2020-01-01..2035-01-01", ".."])
async def test_days_that_no_page_shows_are_compared_with_nowhere(zhou: Browser, days: str) -> None:
    page = await zhou.get(f"/statistics/dashboard?{JUNE}&against={days}")
    assert '<option value="previous" selected>' in page.text
    assert f">{days}<" not in page.text


async def test_other_days_that_are_compared_with_stay_chosen(zhou: Browser) -> None:
    page = await zhou.get(f"/statistics/dashboard?{JUNE}&against=2025-01-01..2025-03-31")
    assert '<option value="2025-01-01..2025-03-31" selected>2025-01-01 – 2025-03-31</option>' in page.text


async def test_another_office_is_not_compared_with(zhou: Browser) -> None:
    assert (await zhou.get(f"/statistics/dashboard?{JUNE}&office=o2")).status == 404


async def test_places_are_tiles_until_the_office_has_a_map(zhou: Browser, world: World) -> None:
    page = await zhou.get(f"/statistics/dashboard?{JUNE}&by=division")
    assert '<li data-heat="1"><b>江夏区</b>' in page.text
    square = [[114.0, 30.0], [114.5, 30.0], [114.5, 30.4], [114.0, 30.4], [114.0, 30.0]]
    feature = {
        "type": "Feature", "properties": {"adcode": 420115, "name": "<script>"},
        "geometry": {"type": "Polygon", "coordinates": [square]},
    }  # fmt: skip
    world.dashboards.map = taken(json.dumps({"type": "FeatureCollection", "features": [feature]}).encode())
    page = await zhou.get(f"/statistics/dashboard?{JUNE}&by=division")
    assert "grid-map" not in page.text
    assert re.search(r'<path class="h-1" d="M[^"]+Z"><title>江夏区: 14 \+5</title>', page.text)
    assert "<script>" not in re.sub(r"<script[^>]+>", "", page.text)


async def test_two_things_at_once_and_every_number_opens_its_records(zhou: Browser, world: World) -> None:
    page = await zhou.get(f"/statistics/cross?{JUNE}&rows=problem&columns=division")
    assert "Most complaints: Quality · 江夏区, 14." in page.text
    address = re.search(r'href="([^"]+)">14</a>', page.text)
    assert address is not None
    behind = await zhou.get(unescape(address[1]))
    assert "14 complaints" in behind.text
    assert "Quality · 江夏区" in behind.text
    back = re.search(r'href="(/statistics/cross[^"]+)"', behind.text)
    assert back is not None
    assert "× Place" in (await zhou.get(unescape(back[1]))).text


async def test_two_things_are_taken_along_with_all_their_rows(zhou: Browser, world: World) -> None:
    query = f"{JUNE}&rows=problem&columns=month"
    assert (await zhou.get(f"/statistics/cross.png?{query}")).headers["Content-Type"] == "image/png"
    assert world.dashboards.posters[-1].bars[0].text == "14"
    assert (await zhou.get(f"/statistics/cross.xlsx?{query}")).headers["Content-Type"].endswith("spreadsheetml.sheet")


@pytest.mark.parametrize("query", ["rows=x&columns=y", "rows=problem&columns=problem", "by=a|b", "by=problem|channel"])
async def test_whatever_is_asked_for_there_are_two_things(zhou: Browser, world: World, query: str) -> None:
    assert (await zhou.get(f"/statistics/cross?{JUNE}&{query}")).status == 200
    assert (await zhou.get(f"/statistics/dashboard?{JUNE}&{query}")).status == 200
    assert (await zhou.get(f"/statistics?{JUNE}&{query}")).status == 200


async def test_what_changed_since_a_day_is_told_with_its_reasons(zhou: Browser, world: World) -> None:
    world.clock.pass_(days=30)
    world.dashboards.changed = FigureChange(before=14, now=18, entered=7, merged=1, undone=2, came=0, left=0)
    page = await zhou.get(f"/statistics/dashboard?{JUNE}&since=2026-07-01")
    text = " ".join(re.sub(r"<[^>]+>", " ", page.text).split())
    assert "Then 14 complaints were behind this figure, now it is 18." in text
    for said in ("7 were entered later", "one was merged with another", "2 were taken back with their import"):
        assert said in text
    world.dashboards.changed = None
    page = await zhou.get(f"/statistics/dashboard?{JUNE}&since=2020-07-01")
    assert "Choose a later day." in page.text


async def test_a_chart_is_taken_along_as_picture_and_as_workbook_without_formulas(zhou: Browser, world: World) -> None:
    picture = Image.open(io.BytesIO(await body(zhou, f"/statistics/dashboard.png?{JUNE}&by=respondent")))
    assert (picture.format, picture.width) == ("PNG", 1200)
    assert len(picture.convert("L").getcolors(256) or ()) > 10  # something is drawn
    assert [bar.label for bar in world.dashboards.posters[-1].bars] == ["not given", "=橙果超市"]
    sheet = load_workbook(io.BytesIO(await body(zhou, f"/statistics/dashboard.xlsx?{JUNE}&by=respondent"))).active
    assert sheet is not None
    cells = {row[0].value: row for row in sheet.iter_rows()}
    assert (cells["=橙果超市"][0].data_type, cells["=橙果超市"][1].value) == ("s", 4)
    assert cells["In all"][1].value == 18


async def test_what_there_are_too_many_of_for_all_figures_leads_to_a_dashboard(zhou: Browser) -> None:
    answer = await zhou.get(f"/statistics?{JUNE}&by=respondent")
    assert answer.status == 303
    assert answer.headers["Location"].startswith("/statistics/dashboard?")


# ---------------------------------------------------------------- mediation


async def test_offices_stand_beside_what_their_own_disputes_let_one_expect(zhou: Browser, world: World) -> None:
    ended: dict[str, Any] = {"accepted": date(2026, 6, 3), "ended": date(2026, 6, 9), "concluded": date(2026, 6, 9)}
    world.statistics.facts = [
        *(settled(f"a{n}", n) for n in range(12)),
        *(settled(f"b{n}", 40, office="o2") for n in range(4)),
        *(fact(f"c{n}", office="o2", **ended) for n in range(12)),
    ]
    lin = await another(zhou)
    lin.sign_in(world.identity.token(LIN.login))
    page = await lin.get(f"/statistics/mediation?{JUNE}")
    assert "Of 28 mediations concluded, 57.1% ended in a settlement." in page.text
    assert "Consumers got back ¥1,600.00, and 3,200 km of travel were not needed." in page.text
    mine = rows(page)
    high, low = [mine[name] for name in list(mine)[:2]]
    assert high[-1].startswith("57.1%")
    assert high[-1].endswith("more than chance explains")
    assert low[-1].endswith("fewer than chance explains")
    assert low[-2] == "too few"  # of four settlements no spread is drawn
    assert (await lin.get(f"/statistics/mediation.png?{JUNE}")).status == 200
    book = load_workbook(io.BytesIO(await body(lin, f"/statistics/mediation.xlsx?{JUNE}")))
    assert book.sheetnames == ["Offices", "Groups"]


async def test_a_number_of_mediations_opens_its_records(zhou: Browser, world: World) -> None:
    world.statistics.facts = [settled(f"a{n}", n) for n in range(3)]
    page = await zhou.get(f"/statistics/mediation?{JUNE}")
    links = {unescape(one) for one in re.findall(r'<td[^>]*><a href="([^"]+)"', page.text)}
    assert len(links) >= 10
    for address in links:
        assert "3 complaints" in (await zhou.get(address)).text, address


async def test_an_administrator_has_no_business_here(zhou: Browser, world: World) -> None:
    admin = await another(zhou)
    admin.sign_in(world.identity.token(ADMIN.login))
    for page in ("dashboard", "dashboard.png", "dashboard.xlsx", "mediation", "mediation.png", "mediation.xlsx"):
        assert (await admin.get(f"/statistics/{page}?{JUNE}")).status == 403


def test_heat_is_what_chance_would_rarely_do() -> None:
    assert [heat(now, 100) for now in (90, 100, 109, 110, 125, 140, 400)] == [0, 0, 0, 1, 2, 3, 3]
    assert heat(3, 0) == 2
    assert heat(50, None) == 0
