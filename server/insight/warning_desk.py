"""Warnings as pages ask for them. Implements `Warnings`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from complaints.insight.views import PublicWarning, WarningDraft, WarningPage
from complaints.insight.warnings import WarningCommand, WarningService, fold, stream
from journal import Journal
from offices.people import Officer
from offices.refusal import Refused
from server.complaints.refusals import refusal_of
from server.db.engine import Database
from server.db.journal import stream_events
from server.insight import hotspot_store, warning_store
from server.insight.service import HotspotService


class OfficeWarnings:
    """`spots` says who may know of a hot spot."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        spots: HotspotService,
        now: Callable[[], datetime],
    ) -> None:
        self._database, self._spots = database, spots
        self._warnings = WarningService(journal, now)

    async def one(self, officer: Officer, spot: str) -> WarningPage:
        await self._spots.known(officer, spot)
        async with self._database.read() as connection:
            told = await stream_events(connection, stream(spot))
            old = await hotspot_store.warning(connection, spot)
        kept = WarningDraft(old.title, old.body, 0, old.by, old.changed) if old else None
        return WarningPage(fold(told), told, kept)

    async def ask(self, officer: Officer, spot: str, command: WarningCommand) -> None:
        await self._spots.known(officer, spot)
        with refusal_of():
            await self._warnings.submit(spot, command, officer.actor)

    async def public(self) -> Sequence[PublicWarning]:
        return await warning_store.standing(self._database)

    async def published(self, warning: str) -> PublicWarning:
        found = await warning_store.one(self._database, warning)
        if found is None:
            raise Refused("not_found", 404)
        return found
