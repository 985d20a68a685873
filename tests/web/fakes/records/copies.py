"""Copies that are made when a test says so."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import BinaryIO

from journal.refusals import Refused
from offices import Officer
from recordings.views import VideoCopy
from rooms import events as e
from tests.web.fakes.desk.reads import FakeReads
from tests.web.fakes.people import Clock
from tests.web.fakes.records.sessions import FakeSessions
from web.office.audit import Copies


class FakeCopies(Copies):
    def __init__(self, reads: FakeReads, sessions: FakeSessions, clock: Clock) -> None:
        self.reads, self.sessions, self.clock = reads, sessions, clock
        self.made: dict[tuple[str, str], VideoCopy] = {}
        self.data = b"the film with a name in it"

    async def ask(self, officer: Officer, session: str) -> None:
        if (await self.reads.recording(officer, session)).state != "ready":
            raise Refused("no_recording", 409)
        now = self.clock()
        words, until = f"{officer.name} {officer.office.name}", now + timedelta(days=7)
        self.made[officer.id, session] = VideoCopy(f"copy-{len(self.made)}", "queued", 0.0, words, now, until)

    def finish(self, officer: Officer, session: str) -> None:
        copy = self.made[officer.id, session]
        self.made[officer.id, session] = replace(copy, state="ready", progress=1.0, size=len(self.data))

    async def newest(self, officer: Officer, session: str) -> VideoCopy | None:
        await self.reads.recording(officer, session)
        return self.made.get((officer.id, session))

    async def take(self, officer: Officer, session: str, copy: str) -> tuple[VideoCopy, BinaryIO]:
        found = await self.newest(officer, session)
        if found is None or found.id != copy or found.state != "ready":
            raise Refused("not_found", 404)
        self.sessions.append(session, e.Exported("video", found.id, "0" * 64, found.size), actor=officer.actor)
        return found, io.BytesIO(self.data)
