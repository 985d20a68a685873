"""A Word compendium is looked at before drafts are made of it: joined, split, left out, by the pages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from casebook import Paragraph, assembled, begins, cut, piece, said
from journal.refusals import Refused
from server.app.demo import MEDIATOR, SUPERVISOR
from server.app.parts import PARTS
from server.casebook.word import document
from server.db.schema import case_cuts, cases, events
from tests.server.casebook.test_casebook import app, office, officer, signed_in
from tests.web.client import Browser
from web.office.casebook import CASE_CUTTING, CASEBOOK

__all__ = ["office"]

BOOK = [
    Paragraph("某局典型案例汇编", 1),
    Paragraph("前言"),
    Paragraph("案例一：王大勇与初晴美容院退卡", 2),
    Paragraph("基本案情"),
    Paragraph("王大勇在初晴美容院办卡。"),
    Paragraph("处理结果：退款3760元。"),
    Paragraph("案例二：订金之争", 2),
    Paragraph("案情简介：消费者付了订金。"),
    Paragraph("调解结果：双方各让一步。"),
    Paragraph("又有一家干洗店把大衣洗坏了"),
    Paragraph("处理结果：赔了五百元。"),
    Paragraph("案例三：附录", 2),
]


async def sent_in(page: Browser) -> tuple[str, str]:
    """The preview's path and text."""
    await page.get("/casebook/take-in")
    sent = await page.upload("/casebook/take-in", "汇编.docx", document(BOOK))
    assert sent.status == 303
    return sent.location, (await page.get(sent.location)).text


def seen(text: str) -> str:
    return re.search(r'name="seen" value="(\d+)"', text)[1]  # type: ignore[index]


async def test_where_it_is_cut_is_mended_and_kept_before_drafts_are_made(office: Browser) -> None:
    zhou = await signed_in(office, MEDIATOR)
    path, text = await sent_in(zhou)
    assert "王大勇与初晴美容院退卡" in text
    assert await titles(office) == [], "no draft before somebody looked"
    assert (await zhou.get("/casebook/take-in")).text.count(path) == 1, "it is found again"
    assert (await zhou.post(path, {"do": "split", "at": "9", "seen": seen(text)})).location.endswith("#c-9")
    text = (await zhou.get(path)).text
    assert "又有一家干洗店把大衣洗坏了</h2>" in text
    await zhou.post(path, {"do": "join", "at": "11", "seen": seen(text)})
    text = (await zhou.get(path)).text
    await zhou.post(path, {"do": "leave", "at": "6", "seen": seen(text)})
    late = await zhou.post(path, {"do": "take", "at": "6", "seen": seen(text)})
    assert late.status == 409, "somebody changed it meanwhile"
    made = await zhou.post(path, {"do": "make", "at": "0", "seen": seen(late.text)})
    assert made.location == "/casebook/making"
    assert len(await titles(office)) == 2
    assert (await zhou.get(path)).status == 404
    assert path not in (await zhou.get("/casebook/take-in")).text


async def test_drafts_made_before_a_fall_are_not_made_twice(office: Browser) -> None:
    zhou = await signed_in(office, MEDIATOR)
    path, text = await sent_in(zhou)
    cutting, me = app(office)[CASE_CUTTING], await officer(office, MEDIATOR)  # type: ignore[index]
    database = app(office)[PARTS].database  # type: ignore[index]
    cut_id = path.rpartition("/")[2]
    async with database.read() as connection:
        kept = dict((await connection.execute(select(case_cuts))).mappings().one())
    first = await cutting.make(me, cut_id, int(seen(text)))
    async with database.write() as connection:  # as if the fall had come before it was forgotten
        await connection.execute(case_cuts.insert(), [kept])
    assert list(await cutting.make(me, cut_id, int(seen(text)))) == list(first)
    assert len(await titles(office)) == len(first) == 2
    for case in first:
        page = await app(office)[CASEBOOK].page(me, case)  # type: ignore[index]
        assert page.file is not None
        assert page.file.originals["facts"].length > 0


async def test_what_was_sent_in_is_sealed_in_no_journal_and_of_its_office(office: Browser) -> None:
    zhou = await signed_in(office, MEDIATOR)
    path, _ = await sent_in(zhou)
    database = app(office)[PARTS].database  # type: ignore[index]
    async with database.read() as connection:
        row = (await connection.execute(select(case_cuts))).mappings().one()
        told = [str(data) for data in (await connection.execute(select(events.c.data))).scalars()]
    assert "王大勇" not in str(dict(row))
    assert not any("王大勇" in data for data in told)
    me = await officer(office, MEDIATOR)
    other = replace(me, office=replace(me.office, id="another"))
    with pytest.raises(Refused, match="not_found"):
        await app(office)[CASE_CUTTING].look(other, path.rpartition("/")[2])  # type: ignore[index]
    assert (await (await signed_in(office, SUPERVISOR)).get(path)).status == 200
    assert (await zhou.post(path, {"do": "drop", "at": "0", "seen": "1"})).location == "/casebook/take-in"
    assert (await zhou.get(path)).status == 404


async def test_what_nobody_made_drafts_of_for_thirty_days_goes_with_the_next_look_for_what_is_due(
    office: Browser,
) -> None:
    path, _ = await sent_in(await signed_in(office, MEDIATOR))
    at = app(office)[PARTS]  # type: ignore[index]
    await at.erasures.look()
    async with at.database.write() as connection:
        row = (await connection.execute(select(case_cuts))).mappings().one()
        assert path.endswith(row["id"]), "not before its time"
        await connection.execute(case_cuts.update().values(at=row["at"] - timedelta(days=31)))
    await at.erasures.look()
    async with at.database.read() as connection:
        assert (await connection.execute(select(case_cuts))).first() is None


async def test_a_file_with_nothing_in_it_is_refused_on_the_page(office: Browser) -> None:
    zhou = await signed_in(office, MEDIATOR)
    await zhou.get("/casebook/take-in")
    sent = await zhou.upload("/casebook/take-in", "空.docx", document([]))
    assert sent.status == 422


def test_places_cases_begin_at_and_the_cases_from_there() -> None:
    told = said([Paragraph(" "), *BOOK])
    assert begins(told) == [2, 6, 11]
    assert [one["title_zh"] for one in cut(BOOK)] == ["王大勇与初晴美容院退卡", "订金之争"]
    joined = assembled(told, [2])
    assert len(joined) == 1
    assert "案例二：订金之争" in joined[0]["outcome"], "what was joined stays, heading and all"
    assert piece([Paragraph("处理结果：退了。")]) == {"outcome": "退了。"}


async def titles(office: Browser) -> list[str]:
    database = app(office)[PARTS].database  # type: ignore[index]
    async with database.read() as connection:
        rows = await connection.execute(select(cases.c.id).where(cases.c.origin == "document"))
        return list(rows.scalars())
