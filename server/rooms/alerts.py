"""Alerts as they happen, to every window an officer has open; and their history. Implements `Alerts`.

Owns the task that follows the journal, and the queues of open windows, which are bounded: the oldest is let go of.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from complaints.procedure.messages import Assigned
from journal import Event
from offices.people import Officer
from rooms.views import SHOWN_EVENTS, Alert, Change
from server.complaints.officer_store import HandlerStore
from server.db.engine import FollowerTooSlow
from server.db.journal import SqlJournal
from server.outbox.store import StoredMessage
from server.rooms.agenda_store import KEPT, AlertStore, alert_of

BACKLOG: Final = 64
WINDOWS_MOST: Final = 20  # of one officer
log = structlog.get_logger(__name__)


@dataclass(eq=False, slots=True)
class OpenWindow:
    officer: Officer
    news: asyncio.Queue[Alert | Change | None] = field(default_factory=lambda: asyncio.Queue(BACKLOG))

    def tell(self, one: Alert | Change | None) -> None:
        if self.news.full():
            self.news.get_nowait()  # the oldest: what it misses the history has
        self.news.put_nowait(one)


class AlertService:
    def __init__(
        self, journal: SqlJournal, store: AlertStore, handlers: HandlerStore, now: Callable[[], datetime]
    ) -> None:
        self._journal, self._store, self._handlers, self._now = journal, store, handlers, now
        self._windows: set[OpenWindow] = set()

    @asynccontextmanager
    async def window(self, officer: Officer) -> AsyncIterator[asyncio.Queue[Alert | Change | None] | None]:
        """What happens from now on; None when they have too many open."""
        if sum(one.officer.id == officer.id for one in self._windows) >= WINDOWS_MOST:
            yield None
            return
        opened = OpenWindow(officer)
        self._windows.add(opened)
        try:
            yield opened.news
        finally:
            self._windows.discard(opened)

    def look_again(self, officer: str, _session: str = "", _seat: str = "") -> None:
        """What they may do has changed, or they have signed out: their windows ask anew whether they may stay."""
        for window in self._windows:
            if window.officer.id == officer:
                window.tell(None)

    async def history(self, officer: Officer) -> list[Alert]:
        now = self._now()
        assigned = await self._handlers.assigned(officer, now - KEPT)
        told = [*await self._store.history(officer, now - KEPT), *assigned, *await self.clocks(officer)]
        return sorted(told, key=lambda one: (one.at, one.id), reverse=True)

    async def clocks(self, officer: Officer) -> list[Alert]:
        now, zone = self._now(), ZoneInfo(officer.office.zone)
        return await self._store.clocks(officer, now.astimezone(zone).date(), now, zone)

    async def read_until(self, officer: Officer) -> datetime:
        return await self._store.read_until(officer.id) or self._now() - timedelta(days=1)

    async def note_read(self, officer: Officer) -> None:
        await self._store.note_read(officer.id, self._now())

    def message_moved(self, message: StoredMessage) -> None:
        """A message about a session came a step further."""
        if message.session:
            for window in self._windows:
                if window.officer.office.id == message.office:
                    window.tell(Change(session=message.session))

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                async for event in self._journal.follow(["session", "complaint"]):
                    if self._windows:
                        await self._tell(event)
            except FollowerTooSlow:
                log.warning("alerts fell behind the journal")
            except Exception:
                log.exception("alerts failed, going on")
                await asyncio.sleep(1)

    async def _tell(self, event: Event) -> None:
        kind, _, id_ = event.stream.partition("/")
        if kind == "complaint":
            office = await self._store.office_of(id_)
            for window in list(self._windows):
                if window.officer.office.id != office:
                    continue
                if event.type == Assigned.__name__ and event.data["to"] == window.officer.id != event.actor.id:
                    for assigned in await self._handlers.assigned(window.officer, event.at):
                        window.tell(assigned)
                window.tell(Change(complaint=id_))
            return
        if event.type not in SHOWN_EVENTS or (row := await self._store.session(id_)) is None:
            return
        alert = alert_of(row, event.type, event.version, event.at, event.data)
        for window in self._windows:
            if window.officer.office.id != row.office:
                continue
            if alert is not None and window.officer.id == row.mediator_id:
                window.tell(alert)
            window.tell(Change(session=row.id, complaint=row.complaint))
