"""Figures of connections that a test writes down."""

from __future__ import annotations

from collections.abc import Sequence

from journal.refusals import Refused
from offices import Officer
from recordings.views import LineReport
from rooms.events import history
from rooms.media.diagnosis import LineMinute
from rooms.session import fold
from rooms.views import SessionRow
from tests.web.fakes.desk.reads import FakeReads
from tests.web.fakes.records.sessions import FakeSessions
from web.office.sessions.lines import Lines


class FakeLines(Lines):
    def __init__(self, reads: FakeReads, sessions: FakeSessions) -> None:
        self.reads, self.sessions = reads, sessions
        self.minutes: dict[str, list[LineMinute]] = {}

    async def listed(self, officer: Officer) -> Sequence[tuple[SessionRow, int]]:
        found = []
        for session, minutes in self.minutes.items():
            row = await self.reads.session(officer, session)
            found.append((row, len({one.seat for one in minutes})))
        return found

    async def of(self, officer: Officer, session: str) -> LineReport:
        row = await self.reads.session(officer, session)
        if officer.role == "mediator" and row.mediator_id != officer.id:
            raise Refused("not_allowed", 403)
        entries = history(self.sessions.streams[session])
        state = fold(entries)
        assert state is not None
        return LineReport(row, state, entries, self.minutes.get(session, []))
