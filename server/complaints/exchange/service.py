"""Exchange with platforms as an office's pages ask for it. Implements `web.office.complaints.exchange.Exchange`.

What a platform is told goes by HTTP (`server.complaints.exchange.traffic`) or by files that somebody carries: a file
holds all that waits, and its statements are awaited until the platform's file of receipts, or whoever saw them there,
says so.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import IO, Any, Protocol

from complaints.channels import ChannelError, ImportReason
from complaints.channels.platforms import Reconciliation, TheirReceipt, reconcile, stages_said
from complaints.exchange import (
    BeginPriorSettlement,
    ComplaintExchange,
    EndPriorSettlement,
    LinePage,
    LineView,
    ReceiptsRead,
    ReconciliationView,
)
from journal.refusals import Refused, refusal_of
from offices import Officer, require_role
from server.complaints import exchange as wire
from server.complaints.exchange.store import MOST_COMPARED, MOST_IN_FILE, ExchangeStore
from server.complaints.exchange.traffic import ExchangeTraffic, check_period
from server.confinement.reader import in_thread
from server.connections import ConnectionFault
from server.connections.exchange import KIND, ExchangeLine
from server.imports.batches import ConfinedTable


class Seen(Protocol):
    """`server.complaints.store.SqlReads`."""

    async def require_seen(self, officer: Officer, complaint: str) -> None: ...


class ExchangeService:
    def __init__(self, traffic: ExchangeTraffic, store: ExchangeStore, reads: Seen, folder: Path) -> None:
        """`folder`: where a file of theirs lies while it is read."""
        self.traffic, self._store, self._reads, self._folder = traffic, store, reads, folder

    def known(self, name: str) -> bool:
        return name in self.traffic.lines

    async def answer(self, name: str, timestamp: str, given: str, body: bytes) -> tuple[int, str, Mapping[str, str]]:
        return await self.traffic.answer(name, timestamp, given, body)

    async def lines(self, officer: Officer) -> Sequence[LineView]:
        require_role(officer, "mediator")
        mine = [line for line in self.traffic.lines.values() if line.office == officer.office.id]
        return [await self._view(line) for line in sorted(mine, key=lambda one: one.name)]

    async def page(self, officer: Officer, name: str) -> LinePage:
        line = self._mine(officer, name)
        last = await self._store.last_reconciliation(name)
        return LinePage(
            await self._view(line),
            await self._store.list_of(name, ("queued", "failed", "handed")),
            await self._store.list_of(name, ("refused",)),
            await self._store.files(name),
            None if last is None else _shown(last),
        )

    async def again(self, officer: Officer, name: str, statement: str = "") -> None:
        """All that waits, or this one that was refused."""
        self._mine(officer, name)
        if not await self._store.again(name, self.traffic.now(), statement) and statement:
            raise Refused("not_found", 404)

    async def file(
        self, officer: Officer, name: str, file: str = ""
    ) -> tuple[str, Sequence[str], Sequence[Mapping[str, str]]]:
        """Its id, columns and rows: of all that waits, or of one that was handed out before."""
        line = self._mine(officer, name)
        found = await self._store.in_file(name, file) if file else await self._store.waiting(name)
        if not found:
            raise Refused("not_found", 404)
        if not file:
            said = ",".join(one.id for one in found)
            file = hashlib.sha256(f"{self.traffic.now().isoformat()}\n{said}".encode()).hexdigest()[:16]
            await self._store.hand([one.id for one in found], file, self.traffic.now())
        rows = [row for one in found if (row := await self.traffic.row(line, one)) is not None]
        return file, list(line.platform.rows["progress"]), rows

    async def take_receipts(self, officer: Officer, name: str, file: IO[bytes]) -> ReceiptsRead:
        """Refused: unreadable."""
        line = self._mine(officer, name)
        rows = await self._read(line, "receipt", file, MOST_IN_FILE)
        return await self.traffic.receipts(line, rows, "file", officer.actor)

    async def note_taken(self, officer: Officer, name: str, file: str, receipt: str) -> int:
        """A person has seen that the platform has what a file said; how many statements."""
        line = self._mine(officer, name)
        found = [one for one in await self._store.in_file(name, file) if one.state == "handed"]
        if not found:
            raise Refused("not_found", 404)
        for one in found:
            noted = TheirReceipt(one.number, one.sequence, receipt, True, "")
            await self.traffic.settle(line, one, noted, "hand", officer.actor)
        return len(found)

    async def reconcile(
        self, officer: Officer, name: str, first: date, last: date, file: IO[bytes] | None = None
    ) -> None:
        """Refused: bad_day, unreadable, not_reached (`why`)."""
        line = self._mine(officer, name)
        check_period(first, last)
        if file is not None:
            theirs = stages_said(line.platform, await self._read(line, "count", file, MOST_COMPARED))
        else:
            if not line.url:
                raise Refused("not_reached", 502, why="no_way")
            asked = wire.CountsRequest(**wire.head(self.traffic.now()), first=first, last=last)
            try:
                with self.traffic.connections.use(KIND, name):
                    answer = await self.traffic.client.ask(line, asked)
                    if not isinstance(answer, wire.Counts) or (answer.first, answer.last) != (first, last):
                        raise ConnectionFault("not_understood", type(answer).__name__)
            except ConnectionFault as fault:
                raise Refused("not_reached", 502, why=fault.code) from None
            theirs = stages_said(line.platform, answer.rows)
        report = reconcile(await self.traffic.ours(line, first, last), theirs)
        how = "file" if file is not None else "http"
        await self._store.reconciled(name, line.office, first, last, self.traffic.now(), officer.name, how, report)

    async def begin_prior(self, officer: Officer, complaint: str, due: date, note: str) -> None:
        await self._reads.require_seen(officer, complaint)
        with refusal_of():
            await self.traffic.complaints.submit(complaint, BeginPriorSettlement(due, note), officer.actor)

    async def end_prior(self, officer: Officer, complaint: str, settled: bool, note: str) -> None:
        await self._reads.require_seen(officer, complaint)
        with refusal_of():
            await self.traffic.complaints.submit(complaint, EndPriorSettlement(settled, note), officer.actor)

    async def of_complaint(self, officer: Officer, complaint: str) -> ComplaintExchange:
        """What its sender was told. For the complaint's page, whose reader sees it already."""
        statements = await self._store.of_complaint(complaint)
        versions = await self._store.versions(complaint)
        names = {one.connection for one in statements} | {one.connection for one in versions}
        lines = {name: self._names(name) for name in names}
        sent = [(one.connection, one.version, one.at, one.outcome) for one in versions]
        return ComplaintExchange(lines, statements, sent)

    def _names(self, name: str) -> tuple[str, str]:
        line = self.traffic.lines.get(name)
        return (line.platform.zh, line.platform.en) if line is not None else (name, name)

    async def _view(self, line: ExchangeLine) -> LineView:
        return LineView(
            line.name, line.platform.platform, (line.platform.zh, line.platform.en), line.channel, bool(line.url),
            line.where, await self._store.counts(line.name), await self._store.oldest(line.name),
        )  # fmt: skip

    def _mine(self, officer: Officer, name: str) -> ExchangeLine:
        line = self.traffic.lines.get(name)
        if line is None or line.office != require_role(officer, "mediator").office.id:
            raise Refused("not_found", 404)
        return line

    async def _read(self, line: ExchangeLine, table: str, file: IO[bytes], most: int) -> Sequence[Mapping[str, Any]]:
        """The rows of a file of theirs, read as any file from outside. Refused: unreadable."""
        second = "stage" if table == "count" else "accepted" if line.platform.columns(table, "accepted") else "sequence"
        columns = {
            "number": tuple(line.platform.columns(table, "number")),
            "facts": tuple(line.platform.columns(table, second)),
        }
        mapping = replace(await self.traffic.batches.mapping(line.office, line.channel), columns=columns, keep=())

        def read(path: Path) -> list[dict[str, Any]]:
            with ConfinedTable(path, mapping) as found:
                names = found.header.names
                rows = []
                for _, cells in found.rows:
                    rows.append(dict(zip(names, cells, strict=False)))
                    if len(rows) > most:
                        raise Refused("too_many", 422, most=most)
                return rows

        with tempfile.NamedTemporaryFile(dir=self._folder) as kept:
            await asyncio.to_thread(self.traffic.batches.reserve.copy, file, kept.file)
            kept.flush()
            try:
                return await in_thread(partial(read, Path(kept.name)), long=True)
            except ChannelError as no:
                raise Refused("unreadable", 422, reason=ImportReason(no.code, "", no.params)) from None


def _shown(row: Mapping[str, Any]) -> ReconciliationView:
    report: Reconciliation = row["report"]
    found = [(one.number, one.ours, one.theirs, one.complaint) for one in report.differences]
    return ReconciliationView(
        row["first"], row["last"], row["made"], row["by"], row["how"], report.ours, report.theirs, found
    )
