"""A mediator's own notes on a real database: sealed, theirs alone, in no journal, gone with the record, and durable."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from dataclasses import replace

import pytest
from sqlalchemy import text

from journal.refusals import Refused
from rooms.views import PrivateNote
from server.db.engine import Database
from server.rooms.service import LONGEST, PrivateNoteService
from server.rooms.store import NoteStore
from tests import ROOT
from tests.server.app.office import World

SECRET = "对方急着离开，底线大概两千五"


def notes(world: World) -> PrivateNoteService:
    return PrivateNoteService(NoteStore(world.database), world.rooms, world.seal, world.clock.now)


async def test_what_was_saved_is_there_after_everything_was_begun_anew(world: World) -> None:
    session = await world.session()
    assert await notes(world).read(world.zhou, session) == PrivateNote()
    first = await notes(world).write(world.zhou, session, 0, SECRET)
    await notes(world).write(world.zhou, session, first.edition, SECRET + "。")
    assert (await notes(world).read(world.zhou, session)).text == SECRET + "。"


async def test_two_pages_of_one_mediator_do_not_overwrite_each_other(world: World) -> None:
    session = await world.session()
    await notes(world).write(world.zhou, session, 0, "一")
    for seen in (0, 5):
        with pytest.raises(Refused, match="note_changed"):
            await notes(world).write(world.zhou, session, seen, "二")
    racing = [notes(world).write(world.zhou, session, 1, f"同时{n}") for n in range(8)]
    ended = await asyncio.gather(*racing, return_exceptions=True)
    assert sum(isinstance(each, PrivateNote) for each in ended) == 1


async def test_nobody_but_who_conducts_the_session_has_a_way_to_them(world: World) -> None:
    session = await world.session()
    await notes(world).write(world.zhou, session, 0, SECRET)
    colleague = replace(world.zhou, id="another", login="another")
    supervisor = replace(colleague, role="supervisor")
    for officer in (world.other, colleague, supervisor):
        with pytest.raises(Refused, match="not_found"):
            await notes(world).read(officer, session)
        with pytest.raises(Refused, match="not_found"):
            await notes(world).write(officer, session, 0, "x")


async def test_they_lie_sealed_and_in_no_journal(world: World) -> None:
    session = await world.session()
    await notes(world).write(world.zhou, session, 0, SECRET)
    async with world.database.read() as connection:
        sealed = (await connection.execute(text("SELECT sealed FROM mediator_notes"))).scalar_one()
        journalled = (await connection.execute(text("SELECT group_concat(data) FROM events"))).scalar_one()
    assert SECRET not in sealed
    assert SECRET not in journalled


async def test_they_go_with_the_record(world: World) -> None:
    session, other = await world.session(), await world.session()
    for one in (session, other):
        await notes(world).write(world.zhou, one, 0, SECRET)
    assert (await notes(world).forget(session)).bytes > 0
    assert (await notes(world).forget(session)).bytes == 0
    assert await notes(world).read(world.zhou, session) == PrivateNote()
    assert (await notes(world).read(world.zhou, other)).text == SECRET


async def test_a_note_has_an_end(world: World) -> None:
    session = await world.session()
    await notes(world).write(world.zhou, session, 0, "字" * LONGEST)
    with pytest.raises(Refused, match="too_long"):
        await notes(world).write(world.zhou, session, 1, "字" * (LONGEST + 1))


async def test_an_acknowledged_note_survives_kill_9(world: World) -> None:
    session = await world.session()
    url = world.database.engine.url.render_as_string(hide_password=False)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.server.rooms.note_taker", url, session, world.zhou.id, cwd=ROOT, stdout=PIPE
    )
    assert process.stdout is not None
    acknowledged = 0
    while acknowledged < 12:
        acknowledged = int(await process.stdout.readline())
    process.kill()
    rest = (await process.stdout.read()).split()
    await asyncio.wait_for(process.wait(), 30)
    acknowledged = max([acknowledged, *map(int, rest)])
    database = Database(url)
    kept = await NoteStore(database).read(session, world.zhou.id)
    await database.close()
    assert kept is not None
    assert acknowledged <= kept.edition <= acknowledged + 1
    assert kept.sealed == f"edition {kept.edition}"
