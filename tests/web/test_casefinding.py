"""Finding cases, reading one, the year's book; and what the cockpit of a mediator is given."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from tests.web.client import AiohttpClient, Browser, browser
from tests.web.fakes import World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def page(aiohttp_client: AiohttpClient, world: World) -> Browser:
    opened = await browser(aiohttp_client, world.app())
    opened.sign_in(world.identity.token("zhou"))
    return opened


def told(world: World, facts: str, title: str = "") -> None:
    kept = world.complaints.pages["c0"]
    record = replace(kept.record, facts=facts, title=title, request="退还剩余卡款", industry_code="R8930")
    world.complaints.keep(replace(kept, record=replace(record, problem_class="contract")))


async def suggested(page: Browser, world: World, words: str = "") -> dict[str, Any]:
    answer = await page.get(f"/api/sessions/{world.session}/cases?lang=zh&q={words}")
    assert answer.status == 200
    found: dict[str, Any] = json.loads(answer.text)
    return found


async def test_a_session_about_a_gym_card_is_given_the_nearest_cases_what_they_came_to_and_their_articles(
    page: Browser, world: World
) -> None:
    told(world, "在健身会所办了年卡，上个月关门停业，老板失联。", "健身房停业退卡")
    found = await suggested(page, world)
    assert found["suggested"] is True
    assert found["cases"][0]["id"] == "sample-gym-closed"
    assert "健身房" in found["cases"][0]["why"]
    assert found["cases"][0]["settled"] == "5186.40"
    came = found["range"]
    assert came["cases"] >= came["settled"] > 0
    assert came["share"]["low"] <= came["share"]["middle"] <= came["share"]["high"] <= 100
    assert any(article["id"].startswith("prepaid-") and article["cases"] > 1 for article in came["articles"])


async def test_words_typed_in_the_cockpit_are_searched_and_give_no_range(page: Browser, world: World) -> None:
    found = await suggested(page, world, "二手车事故")
    assert found["cases"][0]["id"] == "sample-used-car-accident"
    assert found["range"] is None


@pytest.mark.parametrize("login", ["lin", "admin"])
async def test_only_a_mediator_is_given_suggestions(page: Browser, world: World, login: str) -> None:
    page.sign_in(world.identity.token(login))
    assert (await page.get(f"/api/sessions/{world.session}/cases")).status == 403


async def test_a_search_shows_what_was_settled_and_why_it_was_found(page: Browser) -> None:
    text = (await page.get("/casebook/find?q=健身房跑路&lang=zh")).text
    assert "健身房换老板后关门" in text
    assert "达成¥5186.40" in text
    assert "因为：" in text
    assert "样例，人物为虚构" in text


async def test_filters_narrow_and_what_is_no_code_is_left_out(page: Browser) -> None:
    text = (await page.get("/casebook/find?q=退款&problem=price&industry=ZZ&year=20x6&lang=zh")).text
    assert "健身房换老板后关门" not in text
    assert (await page.get("/casebook/find?settled=no&lang=zh")).text.count("<article") == 1


async def test_what_is_typed_comes_back_as_text(page: Browser) -> None:
    text = (await page.get('/casebook/find?q="><script>alert(1)</script>{{7*7}}')).text
    assert "<script>alert" not in text
    assert "{{7*7}}" in text


async def test_a_sample_is_read_whole_and_says_what_it_is(page: Browser) -> None:
    text = (await page.get("/casebook/read/sample-gym-closed?lang=zh")).text
    assert "人物和商家均为虚构" in text
    assert "预付式消费民事纠纷" in text
    assert (await page.get("/casebook/read/sample-nothing")).status == 404


async def test_the_book_is_a_page_with_links_that_lead_somewhere(page: Browser) -> None:
    text = (await page.get("/casebook/book?year=2026&samples=1&lang=zh")).text
    assert "2026年这本书里有62个案例" in text
    ids = set(re.findall(r'id="([\w-]+)"', text))
    assert set(re.findall(r'href="#([\w-]+)"', text)) - {"main"} <= ids
    empty = (await page.get("/casebook/book?year=2025&lang=zh")).text
    assert "2025年还没有发布过案例" in empty


@pytest.mark.parametrize(
    ("form", "kind", "begins"),
    [
        ("pdf", "application/pdf", "%PDF a4"),
        ("phone", "application/pdf", "%PDF phone"),
        ("epub", "application/epub+zip", "PK"),
    ],
)
async def test_the_book_is_taken_along_in_three_forms(page: Browser, form: str, kind: str, begins: str) -> None:
    answer = await page.get(f"/casebook/book/2026/{form}?samples=1")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == kind
    assert "filename=casebook-2026" in answer.headers["Content-Disposition"]
    assert answer.text.startswith(begins)


@pytest.mark.parametrize("path", ["1999/pdf", "2026/pdf", "x/epub", "2026/doc"])
async def test_no_book_is_no_file(page: Browser, path: str) -> None:
    assert (await page.get(f"/casebook/book/{path}")).status == 404
