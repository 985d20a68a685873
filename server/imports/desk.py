"""Imports as the office's pages ask for them. Implements `Imports`; the job process does the reading."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, Final

from complaints.channels import (
    ChannelError,
    ImportBatch,
    ImportedRow,
    ImportPreview,
    ImportReason,
    ImportRow,
    ImportToSettle,
    ImportValue,
)
from complaints.channels.mapping import IMPORTED, from_plain, from_text, meanings
from complaints.channels.reading import ChannelRow
from complaints.complaint import local_day
from complaints.leads import STREAM as LEADS
from journal.refusals import Refused, refusal_of
from offices import Officer, require_role
from server.imports.batches import Batches, Dated
from server.imports.encoding import RowOutcome
from server.imports.store import Batch, FiledRow
from server.imports.values import suggested_businesses
from server.serving.jobs.store import JobQueue

PAGE: Final = 50
NAMES: Final = 20  # complaints without a business's name on one page
TAKEN: Final = ("taken", "fixed", "updated", "duplicate", "apart")
AT_ONCE: Final = 200  # complaints undone or corrected while the officer waits; more are a job


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
        await self._queue.enqueue("import", needs="disk", batch=batch)

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

    async def taken(self, officer: Officer, batch: str, page: int) -> tuple[Sequence[ImportedRow], int]:
        await self._own(officer, batch)
        rows, total = await self._batches.store.rows(batch, TAKEN, page, PAGE)
        filed = await self._batches.store.filed([row.filed for row in rows if row.filed])
        return [_taken(row, filed.get(row.filed)) for row in rows], total

    async def to_settle(self, officer: Officer, batch: str) -> ImportToSettle:
        """What a person is asked about it."""
        await self._own(officer, batch)
        noted = await self._batches.values.noted(batch)
        many = {one.note: one.rows for one in noted if one.note != "unknown_value"}
        names = await self._batches.values.unnamed(batch, NAMES) if many.get("unnamed") else ()
        return ImportToSettle(
            [
                ImportValue(one.field, one.said, one.rows, one.value, meanings(one.field))
                for one in noted
                if one.note == "unknown_value"
            ],
            many.get("unnamed", 0),
            many.get("no_facts", 0),
            names,
        )

    async def map_values(self, officer: Officer, batch: str, wanted: Mapping[tuple[str, str], str]) -> None:
        """(field, word) -> what it means from now on, and in this batch."""
        found = await self._own(officer, batch)
        rows = {(one.field, one.said): one.rows for one in await self._batches.values.noted(batch)}
        for (field, said), value in wanted.items():
            if (field, said) not in rows:
                raise Refused("not_found", 404)
            with refusal_of():
                await self._batches.values.learn(found.office, field, said, value, officer.actor)
        for (field, said), value in wanted.items():
            if found.taken <= AT_ONCE:
                await self._batches.values.apply(batch, field, said, value, officer.actor)
                continue
            who = {"id": officer.id, "name": officer.name, "role": officer.role, "office": officer.office.id}
            asked: dict[str, Any] = {"batch": batch, "field": field, "said": said, "value": value, "by": who}
            await self._queue.enqueue("map_import_value", needs="nothing", **asked)

    async def name(self, officer: Officer, names: Mapping[str, str]) -> int:
        """Complaint -> the business it is about, as a person confirmed it; how many were named."""
        require_role(officer, "mediator")
        for complaint in names:
            with refusal_of():
                state = await self._batches.complaints.state(complaint)
            if state.record.office != officer.office.id:
                raise Refused("not_found", 404)
        with refusal_of():
            return await self._batches.values.name(names, officer.actor)

    async def suggested(self, facts: str) -> Sequence[str]:
        """Names of businesses that stand in a text."""
        return await asyncio.to_thread(suggested_businesses, facts)

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
        await self._queue.enqueue("undo_import", of=batch, needs="nothing", batch=batch, by=who, reason=reason)

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


def _taken(row: RowOutcome, filed: FiledRow | None) -> ImportedRow:
    kind, _, id_ = row.complaint.rpartition("/")
    made = ImportedRow(
        row.row,
        row.number,
        row.outcome,
        {"": "complaint", LEADS: "report"}.get(kind, "consultation"),
        id_,
        notes=_reasons(row.problems),
    )
    if filed is None:
        return made
    if filed.business:  # somebody has named it since
        made = replace(made, notes=[one for one in made.notes if one.code != "unnamed"])
    return replace(made, filed=filed.number, title=filed.title, business=filed.business, state=filed.state)


def _row(row: ChannelRow, dated: Dated | None, zone: str) -> ImportRow:
    problems = [ImportReason(one.code, one.column, one.params) for one in row.problems]
    if row.apart is not None:
        said = row.apart
        day = local_day(said.received, zone)
        return ImportRow(row.row, row.number, problems, said.title, said.about, day, apart=said.kind)
    if row.filing is None or dated is None:
        return ImportRow(row.row, row.number, problems)
    filing = row.filing
    notes = [ImportReason(one.code, one.column, one.params) for one in row.notes]
    state = filing.earlier.state if filing.earlier else "received"
    over, under_way = state not in ("received", "accepted"), state == "accepted"
    return ImportRow(
        row.row, row.number, problems, filing.title, filing.business.organisation, dated.received,
        dated.due if state == "received" else None, notes=notes, over=over, under_way=under_way,
    )  # fmt: skip


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
