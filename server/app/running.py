"""What starts with the application, in this order, and stops in the opposite one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import structlog
from aiohttp import web

from server.app import demo
from server.app.parts import PARTS, utc_now
from server.casebook import case_index_store
from server.complaints import promise_store
from server.db.postponed_indexes import restore_indexes
from server.db.projections import catch_up
from server.insight.business_store import complete_respondents
from server.leads.store import catch_up_leads
from server.oversight import act_store
from server.rooms.store import sessions_under_way
from server.statistics import fact_store

log = structlog.get_logger(__name__)


def until_stopped(work: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[web.Application], AsyncIterator[None]]:
    """Work that goes on beside the pages, as a part of the application."""

    async def running(app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(work())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    return running


async def _database(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.database.migrate()
    if await restore_indexes(parts.database):
        log.info("indexes that an interrupted import had left out were made")
    await fact_store.complete_facts(parts.database)
    await catch_up(parts.database)
    await catch_up_leads(parts.database)
    await case_index_store.complete(parts.database)
    await complete_respondents(parts.database)
    await act_store.complete_acts(parts.database)
    await promise_store.complete_promises(parts.database)
    if parts.store.accounts is not None:
        await parts.store.accounts.count()
    if parts.settings.demo:
        password = demo.demo_password(parts.settings.data, parts.settings.demo_password.get_secret_value())
        await demo.seed(parts.store, parts.officers, parts.journal, parts.seal, utc_now(), password)
        if parts.seals.info(demo.OFFICE.id) is None:
            await asyncio.to_thread(parts.seals.create, demo.OFFICE.id, demo.OFFICE.issuer)
    else:
        await demo.require_real(parts.store)
    yield
    await parts.database.close()


async def _log(app: web.Application) -> AsyncIterator[None]:
    """Started before, and stopped after, whatever appends: the last thing that is signed is how it all ended."""
    async with app[PARTS].log.running():
        yield


async def _engine(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.engine.start()
    yield
    try:
        await parts.engine.stop()  # the rooms have stopped it already; this is for a start that failed midway
    except Exception:
        log.exception("the media engine did not end in order")


async def _rooms(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.rooms.start()
    await parts.rooms.recover(lambda: sessions_under_way(parts.database))
    yield
    # First the engine: it finishes the recordings, and rooms are still there to note their segments.
    live = await sessions_under_way(parts.database)
    await parts.engine.stop()
    for session in live:
        await parts.rooms.state(session)
    await parts.rooms.stop()


async def _outbox(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.outbox.start()
    yield
    await parts.outbox.stop()


async def _follow_up(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.follow_up.start()
    yield
    await parts.follow_up.stop()


async def _films(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.films.start()
    yield
    await parts.films.stop()


async def _exhibits(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.exhibit_keeping.start()
    yield
    await parts.exhibit_keeping.stop()


async def _erasures(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.retention.begin()  # before anything is erased by it
    await parts.erasures.start()
    yield
    await parts.erasures.stop()


async def _archive(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.archive.start()
    yield
    await parts.archive.stop()


async def _exports(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.exports.start()
    yield
    await parts.exports.stop()


ORDER = (_database, _log, _engine, _rooms, _outbox, _follow_up, _films, _exhibits, _archive, _erasures, _exports)
