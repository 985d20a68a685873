"""How connections were in each mediation, for the office's IT: a row for each seat and minute, gone with the record.

What clients report comes a few seconds apart and is kept in memory until its minute is over; a server that is killed
loses that minute. Nothing of it is in the journal, which is no graph, and nothing of it names anybody: seats, figures,
browser and system.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from journal.refusals import Refused
from offices import Officer
from recordings.views import LineReport
from rooms.events import history, stream
from rooms.media.diagnosis import LineMinute, MinuteReports, SeatReport
from rooms.session import Session, fold
from rooms.views import SessionRow
from server.complaints.store import SqlReads
from server.db.journal import SqlJournal
from server.retention.erasure import RemovedFiles
from server.rooms.store import LineStore

log = structlog.get_logger(__name__)

EVERY: Final = 20.0  # seconds between two looks for minutes that are over
MOST_REPORTS: Final = 60
"""Of a seat in a minute; clients may send one a second."""
MOST_MINUTES: Final = 720
"""Of a seat in a session: twelve hours. What comes after is not kept."""
MINUTE: Final = timedelta(minutes=1)


class LineLog:
    """Takes reports as they come (`take`), writes minutes that are over (`run`), and the rest when a session closes."""

    def __init__(self, store: LineStore, now: Callable[[], datetime]) -> None:
        self._store, self._now = store, now
        self._open: dict[tuple[str, str], MinuteReports] = {}
        self._over: list[tuple[str, LineMinute]] = []
        self._kept: dict[tuple[str, str], int] = {}

    def take(self, session: str, report: SeatReport) -> None:
        key = session, report.seat
        minute = report.at.replace(second=0, microsecond=0)
        current = self._open.get(key)
        if current is None or current.minute != minute:
            if self._kept.get(key, 0) >= MOST_MINUTES:
                return
            finding = ""
            if current is not None:
                finding = current.reports[-1].finding
                self._over.append((session, current.line()))
            current = self._open[key] = MinuteReports(minute, finding)
            self._kept[key] = self._kept.get(key, 0) + 1
        if len(current.reports) < MOST_REPORTS:
            current.reports.append(report)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            await self._write_safely()

    async def closed(self, session: str, _state: Session) -> None:
        """Nothing more comes of it."""
        for key in [key for key in self._open if key[0] == session]:
            self._over.append((session, self._open.pop(key).line()))
        for key in [key for key in self._kept if key[0] == session]:
            del self._kept[key]
        await self._write_safely()

    async def finish(self) -> None:
        """Write all there is: the server ends."""
        self._over += [(session, one.line()) for (session, _), one in self._open.items()]
        self._open.clear()
        await self._write_safely()

    async def forget(self, session: str) -> RemovedFiles:
        """The record is erased."""
        self._over = [one for one in self._over if one[0] != session]
        for key in [key for key in self._open if key[0] == session]:
            del self._open[key]
        await self._store.remove(session)
        return RemovedFiles()  # no files

    async def _write_safely(self) -> None:
        """What cannot be written is lost: a mediation goes on without its figures."""
        started = self._now().replace(second=0, microsecond=0)
        for key in [key for key, one in self._open.items() if one.minute < started - MINUTE]:
            self._over.append((key[0], self._open.pop(key).line()))  # who left reports no more
        if not self._over:
            return
        writing, self._over = self._over, []
        try:
            await self._store.write(writing)
        except Exception:
            log.exception("figures of connections were not kept", minutes=len(writing))


class LineReports:
    """What pages ask: implements `web.office.sessions.lines.Lines`."""

    def __init__(self, store: LineStore, journal: SqlJournal, reads: SqlReads) -> None:
        self._store, self._journal, self._reads = store, journal, reads

    async def listed(self, officer: Officer) -> Sequence[tuple[SessionRow, int]]:
        return await self._store.measured(officer)

    async def of(self, officer: Officer, session: str) -> LineReport:
        """Refused(404) where it is another office's, Refused(403) where it is another mediator's."""
        row = await self._reads.session(officer, session)
        if officer.role == "mediator" and row.mediator_id != officer.id:
            raise Refused("not_allowed", 403)
        entries = history(await self._journal.read(stream(session)))
        state = fold(entries)
        assert state is not None  # the row is its projection
        return LineReport(row, state, entries, await self._store.read(session))
