"""Exports that are ready at once and lie nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from journal.refusals import Refused
from offices import Officer
from recordings.views import ExportKind, ExportRow
from tests.web.fakes.people import Clock
from web.office.audit import Exports


class FakeExports(Exports):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.made: dict[str, list[ExportRow]] = {}

    async def ask(self, officer: Officer, session: str, kind: ExportKind) -> str:
        asked = self._clock()
        rows = self.made.setdefault(session, [])
        name = f"x{len(rows) + 1}"
        rows.insert(
            0, ExportRow(name, kind, "ready", 1.0, asked, officer.name, asked + timedelta(days=7), 10, "a" * 64)
        )
        return name

    async def of(self, session: str) -> Sequence[ExportRow]:
        return self.made.get(session, [])

    async def one(self, session: str, export: str) -> ExportRow:
        for row in await self.of(session):
            if row.id == export:
                return row
        raise Refused("not_found", 404)

    async def path(self, session: str, export: str) -> str:
        await self.one(session, export)
        return f"{session}/exports/{export}.zip"
