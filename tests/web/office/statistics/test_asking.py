"""A question in words on the page: it opens the dashboard that answers it, or says what was not understood."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from html import unescape
from typing import Any
from unittest.mock import AsyncMock
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from openpyxl import load_workbook

from offices import Office
from tests.web.client import AiohttpClient, Browser, browser
from tests.web.fakes import LIN, ZHOU, World
from tests.web.fakes.people import ELSEWHERE
from tests.web.office.statistics.test_boards import body, fact
from web.office.statistics.asking import EXAMPLES


@pytest.fixture
def world() -> World:
    made = World()
    gym: dict[str, Any] = {"industry": "R", "industry_code": "R8930", "problem": "contract"}
    made.statistics.facts = [
        *(fact(f"g{n}", **gym) for n in range(6)),
        *(fact(f"h{n}", **gym, division="420106") for n in range(2)),
        *(fact(f"q{n}") for n in range(5)),
    ]
    return made


@pytest.fixture
async def zhou(world: World, aiohttp_client: AiohttpClient) -> Browser:
    person = await browser(aiohttp_client, world.app())
    person.sign_in(world.identity.token(ZHOU.login))
    return person


async def asked(person: Browser, question: str, language: str = "zh") -> tuple[str, dict[str, list[str]]]:
    """Where it leads."""
    answer = await person.get(f"/statistics/ask?{urlencode({'q': question, 'lang': language})}")
    assert answer.status == 303
    led = urlsplit(answer.headers["Location"])
    return led.path, parse_qs(led.query)


async def test_a_question_opens_the_dashboard_that_answers_it(zhou: Browser) -> None:
    path, query = await asked(zhou, "2026年6月健身房投诉比去年多吗，哪个区最多？")
    assert path == "/statistics/dashboard"
    assert {name: value for name, (value,) in query.items() if name != "q"} == {
        "statistic": "received", "from": "2026-06-01", "to": "2026-06-24", "by": "division", "against": "year",
        "only": "industry:R89",
    }  # fmt: skip
    page = await zhou.get(f"{path}?{urlencode({name: value for name, (value,) in query.items()} | {'lang': 'zh'})}")
    text = unescape(page.text)
    assert "接收投诉" in text
    assert "“健身房”按行业“体育”统计。" in text
    assert "改为统计提到“健身房”的投诉" in text
    assert "行业：体育" in text
    assert ">8</a>" in text, "the five that are no gym's are not counted"


async def test_two_groupings_open_the_table_of_both(zhou: Browser) -> None:
    path, query = await asked(zhou, "今年各行业各渠道投诉")
    assert (path, query["by"]) == ("/statistics/cross", ["industry2|channel"])


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_example_is_understood(zhou: Browser, language: str) -> None:
    page = unescape((await zhou.get(f"/statistics/ask?lang={language}")).text)
    links = [part.split('"')[0] for part in page.split('href="') if "/statistics/ask?q=" in part[:40]]
    assert len(links) == len(EXAMPLES)
    for link in links:
        assert (await zhou.get(link)).status == 303


async def test_what_is_not_understood_is_named_and_can_be_looked_for_as_words(zhou: Browser) -> None:
    page = unescape((await zhou.get(f"/statistics/ask?q={quote('今年空气币投诉')}&lang=zh")).text)
    assert "没有看懂“空气币”" in page
    assert 'aria-invalid="true"' in page
    assert "按文字在投诉中查找" in page
    path, query = await asked(zhou, "今年“空气币”投诉")
    assert (path, query["only"]) == ("/statistics/dashboard", ["said:空气币"])


async def test_words_of_a_question_are_shown_as_words(zhou: Browser) -> None:
    page = (await zhou.get(f"/statistics/ask?q={quote('<b>“</b>')}")).text
    assert "<b>" not in page.split("<main")[1]


async def test_a_filter_goes_with_every_page_and_can_be_taken_away(zhou: Browser) -> None:
    for path in (
        "/statistics",
        "/statistics/dashboard",
        "/statistics/cross",
        "/statistics/mediation",
        "/statistics/offices",
    ):
        page = unescape((await zhou.get(f"{path}?from=2026-06-01&to=2026-06-30&only=industry:R89&lang=zh")).text)
        assert "行业：体育" in page, path
        assert "取消这一项" in page, path
        (link,) = re.findall(r'href="([^"]*)">行业：体育', page)
        led = urlsplit(link)
        assert led.path == path
        assert parse_qs(led.query)["from"] == ["2026-06-01"], "what else was asked stays"
        assert "行业：体育" not in unescape((await zhou.get(f"{link}&lang=zh")).text), path
    records = "/statistics/received@1/records?from=2026-06-01&to=2026-06-30&only=industry:R89&lang=zh"
    page = unescape((await zhou.get(records)).text)
    assert "行业：体育" in page
    assert "8件投诉" in page


async def test_what_leaves_a_narrowed_page_says_what_it_is_narrowed_to(world: World, zhou: Browser) -> None:
    only = "from=2026-06-01&to=2026-06-30&only=industry:R89&lang=zh"
    for path in ("figures.xlsx", "dashboard.xlsx", "cross.xlsx", "mediation.xlsx", "months.xlsx", "offices.xlsx"):
        book = load_workbook(io.BytesIO(await body(zhou, f"/statistics/{path}?{only}")))
        first = [str(cell.value) for sheet in book for row in sheet.iter_rows(max_row=4) for cell in row]
        assert any("行业：体育" in text for text in first), path
    for path in ("dashboard.png", "cross.png", "mediation.png"):
        await zhou.get(f"/statistics/{path}?{only}")
        assert "行业：体育" in world.dashboards.posters[-1].note, path


async def test_another_office_is_asked_about_by_who_sees_it_alone(world: World, aiohttp_client: AiohttpClient) -> None:
    lin = await browser(aiohttp_client, world.app())
    lin.sign_in(world.identity.token(LIN.login))
    _, query = await asked(lin, "二所今年投诉")
    assert query["office"] == ["o2"]


async def test_a_bureau_is_asked_about_with_all_below_it_and_a_name_of_two_about_neither(
    world: World, aiohttp_client: AiohttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau = Office("b1", "江岸区市场监督管理局", "江岸区局", "027-0000 3303", "江局投", level="county")
    offices = [bureau, replace(ELSEWHERE, superior="b1"), replace(ELSEWHERE, id="o3", name="硚口区市场监管二所")]
    monkeypatch.setattr(world.statistics, "offices", AsyncMock(return_value=offices))
    lin = await browser(aiohttp_client, world.app())
    lin.sign_in(world.identity.token(LIN.login))
    _, query = await asked(lin, "江岸区局今年受理多少")
    assert query["office"] == ["below:b1"]
    page = unescape((await lin.get(f"/statistics/ask?q={quote('二所今年受理多少')}&lang=zh")).text)
    assert "“二所”不是统计指标，或者有几种理解" in page
    _, query = await asked(lin, "硚口区市场监管二所今年受理多少")
    assert query["office"] == ["o3"]


async def test_an_office_that_is_not_seen_is_not_known(zhou: Browser) -> None:
    page = unescape((await zhou.get(f"/statistics/ask?q={quote('二所今年投诉')}&lang=zh")).text)
    assert "没有看懂" in page
