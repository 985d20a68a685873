"""Looking articles up: on a page of its own for any officer, and as JSON for the cockpit by the complaint's own day."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from html import unescape
from typing import Any

import pytest

from complaints.record import ObjectRecord
from law.compliance import tables
from law.library import ArticleText
from tests.web.client import AiohttpClient, Browser, browser
from tests.web.fakes import World
from web.http import cookies


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def page(aiohttp_client: AiohttpClient, world: World) -> Browser:
    opened = await browser(aiohttp_client, world.app())
    opened.sign_in(world.identity.token("zhou"))
    return opened


async def asked(page: Browser, path: str) -> dict[str, Any]:
    answer = await page.get(path)
    assert answer.status == 200
    found: dict[str, Any] = json.loads(answer.text)
    return found


def happened(world: World, facts: str, bought: date | None = None) -> None:
    kept = world.complaints.pages["c0"]
    record = replace(kept.record, facts=facts, title="", request="", object=ObjectRecord(bought=bought))
    world.complaints.keep(replace(kept, record=record))


@pytest.mark.parametrize("login", ["zhou", "lin", "admin"])
async def test_any_officer_looks_articles_up(page: Browser, world: World, login: str) -> None:
    page.sign_in(world.identity.token(login))
    answer = await page.get("/law?q=退一赔三&lang=zh")
    assert answer.status == 200
    assert "《消费者权益保护法》第五十五条" in answer.text
    assert "不是法律原文" in answer.text
    assert (await asked(page, "/api/law?q=triple"))["hits"][0]["id"] == "consumer-55"


async def test_without_a_question_the_statutes_are_listed(page: Browser) -> None:
    text = (await page.get("/law?lang=zh")).text
    assert "电子签名法" in text
    assert "2025-10-14" in text  # the last day of one that ended


async def test_what_is_typed_comes_back_as_text(page: Browser) -> None:
    text = (await page.get('/law?q="><script>alert(1)</script>{{7*7}}')).text
    assert "<script>alert" not in text
    assert "{{7*7}}" in text


@pytest.mark.parametrize("day", ["2025-13-40", "yesterday", "", "9" * 40])
async def test_a_day_that_is_none_is_today(page: Browser, day: str) -> None:
    assert (await page.get(f"/law?q=退款&day={day}")).status == 200


async def test_the_day_decides_and_what_was_then_is_named(page: Browser) -> None:
    text = (await page.get("/law?q=反不正当竞争法第九条&day=2025-10-14&lang=zh")).text
    assert "那天还没有生效" in text
    assert "那天有效的是《反不正当竞争法》第八条" in text


async def test_an_official_text_stands_beside_the_gist(page: Browser, world: World) -> None:
    words = "官方的原文写在这里。"
    world.law.bring([ArticleText("consumer", "消费者权益保护法", 55, 0, words, date(2014, 3, 15))])
    assert words in (await page.get("/law?q=消法55条")).text
    hit = (await asked(page, "/api/law?q=消法55条"))["hits"][0]
    assert (hit["official"], bool(hit["gist"])) == (words, True)


async def test_a_complaint_suggests_by_its_account_with_the_reason(page: Browser, world: World) -> None:
    happened(world, "健身房关门跑路，卡里的钱不退。", date(2026, 3, 1))
    found = await asked(page, f"/api/sessions/{world.session}/law")
    assert (found["suggested"], found["event"], found["by"]) == (True, "2026-03-01", "purchase")
    ids = [hit["id"] for hit in found["hits"]]
    assert {"prepaid-23", "consumer-regulation-22"} <= set(ids)
    assert "关门跑路" in next(hit for hit in found["hits"] if hit["id"] == "prepaid-23")["why"]


async def test_the_day_of_purchase_decides_in_the_room(page: Browser, world: World) -> None:
    happened(world, "办卡", date(2025, 4, 30))
    found = await asked(page, f"/api/sessions/{world.session}/law?q=预付式消费解释第十四条")
    assert found["hits"][0]["standing"] == "not_yet"
    happened(world, "办卡", date(2025, 5, 1))
    found = await asked(page, f"/api/sessions/{world.session}/law?q=预付式消费解释第十四条")
    assert found["hits"][0]["standing"] == "in_force"


async def test_without_a_purchase_on_file_the_day_of_receipt_decides(page: Browser, world: World) -> None:
    happened(world, "办卡")
    assert (await asked(page, f"/api/sessions/{world.session}/law?q=办卡"))["by"] == "receipt"


@pytest.mark.parametrize(("login", "status"), [("other", 404), ("lin", 403), ("admin", 403)])
async def test_a_session_s_articles_are_its_mediator_s_office_s(
    page: Browser, world: World, login: str, status: int
) -> None:
    page.sign_in(world.identity.token(login))
    assert (await page.get(f"/api/sessions/{world.session}/law?q=退款")).status == status


async def test_any_officer_reads_how_each_article_is_held_and_every_page_named_is_there(
    page: Browser, world: World
) -> None:
    page.sign_in(world.identity.token("admin"))
    page.cookies[cookies.LANGUAGE] = "en"
    text = unescape((await page.get("/law/articles")).text)
    routes = {route.canonical for route in world.app().router.resources()}
    named = {row.page for one in tables() for row in one.rows}
    lost = [path for path in named if path not in routes and not any(route.startswith(f"{path}/") for route in routes)]
    assert not lost
    for one in tables():
        assert one.title["en"] in text
        for row in one.rows:
            assert row.held["en"] in text
    assert "/law/articles" in (await page.get("/law")).text
