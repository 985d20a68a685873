"""Rows of cases, notes and collections follow their streams on both databases, and can be made anew."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import select

from casebook import CHECKS, commands as c
from casebook.collections import CaseCollected, CollectionBegun, CollectionService, NoteService
from casebook.decisions import CaseService
from casebook.events import CaseBegun, Sheet
from journal import Actor
from server.casebook.store import (
    CaseOriginals,
    Shelved,
    case_of_complaint,
    collection_rows,
    note_rows,
    published_cases,
    shelf_rows,
)
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors, rebuild
from server.db.schema import cases
from tests.server.db.history import Teller, scheduled

NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)
ZHOU = Actor("officer", "zhou", "周敏", "mediator", "one")
LIN = Actor("officer", "lin", "罗建国", "supervisor", "one")


async def shelved(service: CaseService, id: str, problem: str = "contract", articles: tuple[str, ...] = ()) -> None:
    sheet = Sheet(date(2026, 3, 1), "R89", problem, ("prepaid", "refund"), articles)
    await service.submit(id, c.BeginCase(CaseBegun("one", f"案{id}", "complaint", "c1", sheet)), ZHOU)
    texts = {"title_zh": "题", "facts": "某甲办卡。", "outcome": "退款。"}
    for name, text in texts.items():
        await service.submit(id, c.WriteText(name, text, "d"), ZHOU)
    await service.submit(id, c.Approve({name: (text, "d") for name, text in texts.items()}), ZHOU)
    await service.submit(id, c.SendToBoard(CHECKS), ZHOU)
    await service.submit(id, c.Publish(), LIN)


async def test_rows_follow_and_are_made_anew(database: Database) -> None:
    journal = SqlJournal(database, projectors())
    service = CaseService(journal, lambda: NOW)
    await shelved(service, "k1")
    await service.submit("k1", c.BeginRevision(), ZHOU)
    await NoteService(journal, lambda: NOW).write("contract-R89", "先看合同。", "", 0, ZHOU)
    collections = CollectionService(journal, lambda: NOW)
    await collections.submit("s1", CollectionBegun("预付卡", "one"), LIN)
    await collections.submit("s1", CaseCollected("k1"), LIN)

    async def told() -> object:
        async with database.read() as connection:
            rows = [dict(row) for row in (await connection.execute(select(cases))).mappings()]
        return rows, await note_rows(database), await collection_rows(database)

    before = await told()
    (row,) = before[0]  # type: ignore[index]
    assert (row["state"], row["work"], row["facts"]) == ("published", "draft", "某甲办卡。")
    await rebuild(database)
    assert await told() == before


async def test_a_tag_is_found_whole_and_a_complaints_case_by_its_id(database: Database) -> None:
    journal = SqlJournal(database, projectors())
    await shelved(CaseService(journal, lambda: NOW), "k1")
    for tag, count in (("prepaid", 1), ("pre", 0)):
        assert (await shelf_rows(database, Shelved(tag=tag), 1, 10))[1] == count
    assert [row.id for row in (await shelf_rows(database, Shelved(ids=["k1", "k9"]), 1, 10))[0]] == ["k1"]
    assert (await shelf_rows(database, Shelved(ids=[]), 1, 10))[1] == 0
    assert await case_of_complaint(database, "c1") == "k1"
    assert [case.id for case in await published_cases(database, ["k2", "k1"])] == ["k1"]


async def test_raw_texts_go_with_the_record_they_were_drawn_from(database: Database) -> None:
    journal = SqlJournal(database, projectors())
    await Teller(journal).session("m1", scheduled())
    await shelved(CaseService(journal, lambda: NOW), "k1")
    originals = CaseOriginals(database)
    await originals.keep("k1", {"facts": "sealed", "outcome": "sealed"}, NOW)
    await originals.keep("k1", {"facts": "sealed again"}, NOW)
    assert await originals.sealed("k1") == {"facts": "sealed again", "outcome": "sealed"}
    await originals.forget_session("m9")
    assert await originals.sealed("k1")
    await originals.forget_session("m1")
    assert not await originals.sealed("k1")
