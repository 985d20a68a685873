"""What offices share beside cases: topics of their own, and the preface of the year's book; by the pages."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

from casebook import CHECKS
from casebook.commands import Publish, SendToBoard
from casebook.search import Filters
from law.catalogue import Days
from server.app.demo import MEDIATOR, OFFICE, SUPERVISOR
from server.app.parts import PARTS
from server.casebook import case_index_store
from server.casebook.store import kept_preface
from server.casebook.word import paragraphs
from tests.server.casebook.test_casebook import app, office, officer, signed_in, to_the_board
from tests.web.client import Browser
from web.office.casebook import CASE_FILES, CASE_FINDER, CASE_SHELVES, CASEBOOK, COMPENDIUM

WORDS = "这一年，我们把话谈到了一处。\n感谢每一位调解员。"

__all__ = ["office"]


async def test_a_topic_is_added_ticked_found_by_and_withdrawn(office: Browser) -> None:
    case = await to_the_board(office)
    board, zhou = await signed_in(office, SUPERVISOR), await signed_in(office, MEDIATOR)
    assert (await zhou.get("/casebook/topics")).status == 200
    form = {"do": "add", "under": "prepaid", "zh": "门店转让", "en": "Shop handed over"}
    assert (await zhou.post("/casebook/topics", form)).status == 403
    assert (await board.get("/casebook/topics")).status == 200
    assert (await board.post("/casebook/topics", form)).location == "/casebook/topics"
    again = await board.post("/casebook/topics", form)
    assert again.status == 422
    (topic,) = (await app(office)[CASE_SHELVES].topics()).values()  # type: ignore[index]
    await zhou.post(f"/casebook/cases/{case}/ask/take-from-board")
    sheet = (await zhou.get(f"/casebook/cases/{case}/sheet")).text
    assert f"tag_{topic.id}" in sheet
    desk, me = app(office)[CASEBOOK], await officer(office, MEDIATOR)  # type: ignore[index]
    now = (await desk.page(me, case)).file.sheet
    await desk.fill(me, case, replace(now, tags=(topic.id,)))
    tags = (await desk.page(me, case)).file.sheet.tags
    assert tags == ("prepaid", topic.id), "the law's topic above it, too"
    assert "门店转让" in (await zhou.get(f"/casebook/cases/{case}")).text
    sent = await app(office)[CASE_FILES].give_out(me, case, "json", public=False)  # type: ignore[index]
    (told_case,) = json.loads(sent[1])["cases"]
    assert told_case["tags"] == ["prepaid"]
    assert told_case["topics"] == [{"under": "prepaid", "zh": "门店转让", "en": "Shop handed over"}]
    (back,) = await app(office)[CASE_FILES].take_in(me, "x.json", sent[1])  # type: ignore[index]
    assert (await desk.page(me, back)).file.sheet.tags == ("prepaid", topic.id), "ours is called the same"
    strange = sent[1].replace("门店转让".encode(), "换了东家".encode())
    (back,) = await app(office)[CASE_FILES].take_in(me, "x.json", strange)  # type: ignore[index]
    assert (await desk.page(me, back)).file.sheet.tags == ("prepaid",), "only the law's above it"
    word = await app(office)[CASE_FILES].give_out(me, case, "docx", public=False)  # type: ignore[index]
    assert any("门店转让" in one.text for one in paragraphs(word[1]))
    await board.post("/casebook/topics", {"do": "withdraw", "topic": topic.id, "reason": "并入停业"})
    told = (await zhou.get("/casebook/topics")).text
    assert "并入停业" in told
    await desk.fill(me, case, replace(now, tags=(topic.id,), days=3))
    assert topic.id in (await desk.page(me, case)).file.sheet.tags, "what has it keeps it"


async def test_a_published_case_is_found_by_the_name_of_an_own_topic(office: Browser) -> None:
    case = await to_the_board(office)
    board, zhou = await signed_in(office, SUPERVISOR), await signed_in(office, MEDIATOR)
    await board.get("/casebook/topics")
    await board.post("/casebook/topics", {"do": "add", "under": "prepaid", "zh": "盘店易手", "en": "Handed over"})
    (topic,) = (await app(office)[CASE_SHELVES].topics()).values()  # type: ignore[index]
    desk, me, lin = app(office)[CASEBOOK], await officer(office, MEDIATOR), await officer(office, SUPERVISOR)  # type: ignore[index]
    finder, days = app(office)[CASE_FINDER], Days.both(date.today())  # type: ignore[index]

    async def ids() -> list[str]:
        return [one.case.id for one in await finder.find("盘店易手", Filters(samples=False), days, 5)]

    await zhou.get("/casebook/making")
    await zhou.post(f"/casebook/cases/{case}/ask/take-from-board")
    await desk.fill(me, case, replace((await desk.page(me, case)).file.sheet, tags=(topic.id,)))
    await desk.ask(me, case, SendToBoard(tuple(CHECKS)))
    assert await ids() == []
    await desk.ask(lin, case, Publish())
    assert await ids() == [case]
    narrowed = (await zhou.get(f"/casebook/find?tag={topic.id}")).text
    assert f"/casebook/read/{case}" in narrowed
    assert narrowed.count("/casebook/read/") == 1, "the filter knows it, too"
    database = app(office)[PARTS].database  # type: ignore[index]
    async with database.write() as connection:
        await case_index_store.rebuild(connection)
    assert await ids() == [case], "and from an index made anew"


async def test_a_preface_is_kept_by_editions_and_printed(office: Browser) -> None:
    zhou, board = await signed_in(office, MEDIATOR), await signed_in(office, SUPERVISOR)
    year = date.today().year
    page = f"/casebook/preface/{year}"
    assert (await zhou.get(page)).status == 200
    kept = await zhou.post(page, {"text": WORDS, "why": "初稿", "seen": "0"})
    assert kept.location == page
    await board.get(page)
    late = await board.post(page, {"text": "另一篇", "seen": "0"})
    assert late.status == 422, "somebody wrote meanwhile"
    assert "另一篇" in late.text
    shown = (await zhou.get(f"/casebook/book?year={year}")).text
    assert shown
    compendium, me = app(office)[COMPENDIUM], await officer(office, MEDIATOR)  # type: ignore[index]
    book = await compendium.book(me, year, False, False)
    assert book.preface == ("这一年，我们把话谈到了一处。", "感谢每一位调解员。")
    (edition,) = await compendium.prefaces(me, year, False)
    assert (edition.number, edition.why) == (1, "初稿")
    assert (await zhou.post(f"{page}?all=1", {"text": "各单位", "seen": "0"})).status == 403
    await board.get(f"{page}?all=1")
    assert (await board.post(f"{page}?all=1", {"text": "各单位合编", "seen": "0"})).location == f"{page}?all=1"
    assert (await compendium.book(me, year, True, False)).preface == ("各单位合编",)
    database = app(office)[PARTS].database  # type: ignore[index]
    assert await kept_preface(database, year, [OFFICE.id]) == "这一年，我们把话谈到了一处。\n感谢每一位调解员。", (
        "the command line's too"
    )
    assert await kept_preface(database, year - 1, None) == ""
