"""An import from the command line: the part of the program it needs, run beside a server or without one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select

from complaints.channels import said
from complaints.channels.mapping import ChannelMapping
from complaints.service import ComplaintService
from journal import Actor
from law import OrderRule
from offices import Office
from server import serving
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.postponed_indexes import drop_indexes, restore_indexes
from server.db.projections import projectors
from server.db.schema import complaints
from server.identity import installation_seal
from server.identity.store import IdentityStore
from server.imports.batches import Batches, Preview
from server.imports.encoding import one_arena, seldom_collected
from server.imports.importing import EncoderPool
from server.imports.store import Batch, IntakeStore
from server.serving import installation_absent
from server.serving.settings import Settings

GREAT: Final = 8_000_000  # bytes of a file; below it there is little to be had
_OF_A_ROW: Final = 500  # bytes, in an export
_TIMES: Final = 10  # as many complaints may be there already: their entries are made anew too


class Postponing:
    """A great file that is read by a process that has the database to itself: indexes are left out until its end.

    Of the installation in this data folder.
    """

    def __init__(self, database: Database, data: Path, great: int = GREAT) -> None:
        self._database, self._data, self._great = database, data, great

    @asynccontextmanager
    async def reading(self, size: int) -> AsyncIterator[None]:
        """`size`: bytes of the file that is read meanwhile."""
        if size >= self._great and not serving.is_locked(self._data) and await self._many(size // _OF_A_ROW):
            await drop_indexes(self._database)
            if serving.is_locked(self._data):  # a server has started meanwhile, and found all of them
                await restore_indexes(self._database)
        try:
            yield
        finally:
            await restore_indexes(self._database)

    async def _many(self, rows: int) -> bool:
        """Beside those there are."""
        async with self._database.read() as connection:
            there: int = (await connection.execute(select(func.count()).select_from(complaints))).scalar_one()
        return there <= rows * _TIMES


COMMAND: Final = Actor("system", "command", "yuntiao import")
# That make rows. One more writes them, and takes longer: on two cores a second maker is 177 MB for nothing.
PROCESSES: Final = max(1, min(2, (os.cpu_count() or 1) - 1))
TOLD_SECONDS: Final = 5.0
Told = Callable[[Batch], None]
_REPORTED: Final = 200  # refused rows named on the terminal; every one is on the page


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[tuple[Batches, IdentityStore]]:
    """The part of the program an import needs, on the installation's own database."""
    one_arena()
    settings.data.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    await database.migrate()
    await restore_indexes(database)
    journal, seal = SqlJournal(database, projectors()), installation_seal(settings.data)
    complaints = ComplaintService(journal, seal, _now, OrderRule(settings.order_rule))
    seals, reading = partial(installation_seal, settings.data), Postponing(database, settings.data).reading
    pool = EncoderPool(PROCESSES, seals, reading)
    batches = Batches(complaints, journal, IntakeStore(database), seal, settings.data, _now, pool, settings.reserve())
    try:
        with seldom_collected():
            yield batches, IdentityStore(database)
    finally:
        await database.close()


async def run(
    settings: Settings, file: Path, channel: str, office: str, own: ChannelMapping | None, preview: bool, told: Told
) -> dict[str, Any]:
    """`told` hears every few seconds how far it is. LookupError, also where there is no installation."""
    _required(settings)
    async with opened(settings) as (batches, identity):
        place = await office_of(identity, office)
        mapping = own or await batches.mapping(place.id, channel)
        if mapping.channel != channel:
            raise LookupError(f"the mapping is one of {mapping.channel}, not of {channel}")
        if preview:
            return _previewed(await batches.preview(file, mapping, place))
        batch = await batches.begin(place, COMMAND, mapping, file, file.name, "command")
        async with _followed(batches, batch.id, told):
            batch = await batches.run(batch, place)
        return await _reported(batches, batch)


async def resume(settings: Settings, told: Told) -> list[dict[str, Any]]:
    """Read on in whatever a process left that died, on the command line or elsewhere; not in what another one reads."""
    _required(settings)
    async with opened(settings) as (batches, identity):
        reports = []
        for left in await batches.store.unfinished():
            office = await identity.office(left.office)
            if office is None:
                continue
            async with _followed(batches, left.id, told):
                batch = await batches.run(left, office, again=True)
            if batch.state not in ("queued", "running"):
                reports.append(await _reported(batches, batch))
        return reports


@asynccontextmanager
async def _followed(batches: Batches, batch: str, told: Told) -> AsyncIterator[None]:
    async def follow() -> None:
        row = 0
        while True:
            await asyncio.sleep(TOLD_SECONDS)
            now = await batches.store.batch(batch)
            if now is not None and now.last_row > row:
                row = now.last_row
                told(now)

    following = asyncio.create_task(follow())
    try:
        yield
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


def _required(settings: Settings) -> None:
    if sentence := installation_absent(settings):
        raise LookupError(sentence)


async def office_of(identity: IdentityStore, wanted: str) -> Office:
    offices = await identity.offices()
    found = [one for one in offices if not wanted or wanted in (one.id, one.short, one.name)]
    if len(found) != 1:
        known = ", ".join(f"{one.id} ({one.short})" for one in offices) or "none yet"
        raise LookupError(f"which office? --office with one of: {known}")
    return found[0]


def _previewed(preview: Preview) -> dict[str, Any]:
    header = preview.header
    return {
        "header_row": header.last,
        "columns": {field: header.names[index] for field, index in header.columns.items()},
        "kept": [header.names[index] for index in header.kept],
        "unused": header.unused,
        "rows": [
            {
                "row": row.row,
                "number": row.number,
                "title": row.filing.title if row.filing else "",
                "business": row.filing.business.organisation if row.filing else "",
                "received": dated.received.isoformat() if (dated := preview.dated.get(row.row)) else "",
                "decide_by": dated.due.isoformat() if dated else "",
                "problems": [said(one.code, one.params, one.column) for one in row.problems],
                "notes": [said(one.code, one.params, one.column) for one in row.notes],
            }
            for row in preview.rows
        ],
        "refused": sum(row.filing is None for row in preview.rows),
    }


async def _reported(batches: Batches, batch: Batch) -> dict[str, Any]:
    rows, _ = await batches.store.rows(batch.id, ("refused",), 1, _REPORTED)
    return {
        "batch": batch.id,
        "state": batch.state,
        "taken": batch.taken,
        "updated": batch.updated,
        "duplicate": batch.duplicate,
        "refused": batch.refused,
        "error": said(batch.error["code"], batch.error["params"]) if batch.error else None,
        "rows": [
            {
                "row": row.row,
                "problems": [said(one["code"], one["params"], one["column"]) for one in row.problems or ()],
            }
            for row in rows
        ],
    }


def _now() -> datetime:
    return datetime.now(UTC)
