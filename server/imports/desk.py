"""Imports as the office's pages ask for them. Implements `Imports`; the job process does the reading."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

from complaints.channels.errors import ChannelError, ImportBatch, ImportPreview, ImportReason, ImportRow
from complaints.channels.mapping import IMPORTED, from_plain, from_text
from complaints.channels.reading import ChannelRow
from complaints.complaint import local_day
from journal.refusals import Refused
from offices.people import Officer, require_role
from server.imports.batches import Batches, Dated
from server.imports.store import Batch
from server.serving.jobs.queue import JobQueue

PAGE: Final = 50
AT_ONCE: Final = 200  # complaints undone while the officer waits; more are a job


class ImportService:
    def __init__(self, batches: Batches, queue: JobQueue, folder: Path) -> None:
        self._batches, self._queue, self._folder = batches, queue, folder

    async def upload(self, officer: Officer, channel: str, name: str, file: IO[bytes]) -> str:
        mapping = await self._batches.mapping(officer.office.id, _channel(channel))
        with tempfile.NamedTemporaryFile(dir=self._folder) as kept:
            await asyncio.to_thread(self._batches.reserve.copy, file, kept.file)
            kept.flush()
            path = Path(kept.name)
            batch = await self._batches.begin(officer.office, officer.actor, mapping, path, name, state="preview")
        return batch.id

    async def preview(self, officer: Officer, batch: str) -> ImportPreview:
        """Read with the mapping as it is now, which is how it will be imported."""
        found = await self._own(officer, batch)
        mapping = await self._batches.mapping(officer.office.id, found.channel)
        try:
            seen = await self._batches.preview(self._batches.path(batch), mapping, officer.office)
        except ChannelError as no:
            raise Refused("unreadable", 422, reason=ImportReason(no.code, "", no.params)) from None
        except FileNotFoundError:
            raise Refused("unreadable", 422, reason=ImportReason("gone")) from None
        header = seen.header
        return ImportPreview(
            header.last,
            [(field, header.names[index]) for field, index in header.columns.items()],
            [header.names[index] for index in header.kept],
            header.unused,
            [_row(row, seen.dated.get(row.row), officer.office.zone) for row in seen.rows],
        )

    async def start(self, officer: Officer, batch: str) -> None:
        found = await self._own(officer, batch)
        mapping = await self._batches.mapping(officer.office.id, found.channel)
        if not await self._batches.store.begin(batch, mapping.plain()):
            raise Refused("wrong_state", 409)
        await self._queue.enqueue("import", batch=batch)

    async def discard(self, officer: Officer, batch: str) -> None:
        found = await self._own(officer, batch)
        if found.state != "preview":
            raise Refused("wrong_state", 409)
        await self._batches.store.change(batch, state="discarded")
        await asyncio.to_thread(self._batches.path(batch).unlink, missing_ok=True)

    async def batches(self, officer: Officer, page: int) -> tuple[Sequence[ImportBatch], int]:
        found, total = await self._batches.store.batches(require_role(officer, "mediator").office.id, page, PAGE)
        return [_shown(one) for one in found], total

    async def batch(self, officer: Officer, batch: str) -> ImportBatch:
        return _shown(await self._own(officer, batch))

    async def refused(self, officer: Officer, batch: str, page: int) -> Sequence[ImportRow]:
        await self._own(officer, batch)
        rows, _ = await self._batches.store.rows(batch, ("refused",), page, PAGE)
        return [ImportRow(row.row, row.number, _reasons(row.problems)) for row in rows]

    async def row(self, officer: Officer, batch: str, row: int) -> tuple[ImportRow, Mapping[str, str]]:
        found = await self._own(officer, batch)
        handled = await self._batches.store.row(batch, row)
        if handled is None or handled.outcome != "refused":
            raise Refused("not_found", 404)
        cells = await self._batches.cells(found, row)
        named = [one["column"] for one in handled.problems or () if one["column"]]
        return ImportRow(row, handled.number, _reasons(handled.problems)), {
            **cells,
            **{n: cells.get(n, "") for n in named},
        }

    async def mend(self, officer: Officer, batch: str, row: int, cells: Mapping[str, str]) -> Sequence[ImportReason]:
        found = await self._own(officer, batch)
        try:
            handled = await self._batches.mend(found, row, officer.office, officer.actor, dict(cells))
        except LookupError:
            raise Refused("not_found", 404) from None
        return _reasons(handled.problems)

    async def drop(self, officer: Officer, batch: str, row: int, reason: str) -> None:
        found = await self._own(officer, batch)
        if not await self._batches.drop(found, row, officer.actor, reason):
            raise Refused("not_found", 404)

    async def undo(self, officer: Officer, batch: str, reason: str) -> None:
        found = await self._own(officer, batch)
        if found.state not in ("done", "failed"):
            raise Refused("wrong_state", 409)
        if found.taken + found.apart <= AT_ONCE:
            await self._batches.undo(found, officer.actor, reason)
            return
        await self._batches.store.change(batch, state="undoing")
        who = {"id": officer.id, "name": officer.name, "role": officer.role, "office": officer.office.id}
        await self._queue.enqueue("undo_import", batch=batch, by=who, reason=reason)

    async def mapping(self, officer: Officer, channel: str) -> tuple[str, bool]:
        mapping, own = await self._batches.own_mapping(require_role(officer, "mediator").office.id, _channel(channel))
        return json.dumps(mapping.plain(), ensure_ascii=False, indent=2), own

    async def set_mapping(self, officer: Officer, channel: str, text: str | None) -> None:
        require_role(officer, "mediator")
        try:
            mapping = from_text(text) if text is not None else None
            if mapping is not None and mapping.channel != _channel(channel):
                from_plain({**mapping.plain(), "channel": f"{mapping.channel} ≠ {channel}"})
        except ChannelError as no:
            raise Refused("bad_mapping", 422, reason=ImportReason(no.code, "", no.params)) from None
        await self._batches.set_mapping(officer.office.id, mapping, _channel(channel), officer.actor)

    async def _own(self, officer: Officer, batch: str) -> Batch:
        found = await self._batches.store.batch(batch)
        if found is None or found.office != officer.office.id:
            raise Refused("not_found", 404)
        require_role(officer, "mediator")
        return found


def _row(row: ChannelRow, dated: Dated | None, zone: str) -> ImportRow:
    problems = [ImportReason(one.code, one.column, one.params) for one in row.problems]
    if row.apart is not None:
        said = row.apart
        day = local_day(said.received, zone)
        return ImportRow(row.row, row.number, problems, said.title, said.about, day, apart=said.kind)
    if row.filing is None or dated is None:
        return ImportRow(row.row, row.number, problems)
    filing = row.filing
    return ImportRow(
        row.row, row.number, problems, filing.title, filing.business.organisation, dated.received, dated.due
    )


def _channel(channel: str) -> str:
    if channel not in IMPORTED:
        raise Refused("not_found", 404)
    return channel


def _reasons(problems: list[dict[str, Any]] | None) -> list[ImportReason]:
    return [ImportReason(one["code"], one["column"], one["params"]) for one in problems or ()]


def _shown(batch: Batch) -> ImportBatch:
    error = ImportReason(batch.error["code"], "", batch.error["params"]) if batch.error else None
    return ImportBatch(
        batch.id, batch.channel, batch.source, batch.name, batch.size, batch.by["name"], batch.created, batch.state,
        batch.last_row, batch.taken, batch.updated, batch.duplicate, batch.refused, error, batch.ended, batch.apart,
    )  # fmt: skip
