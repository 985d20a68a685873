"""The catalogue as it is, and notes in memory by the real rules of editions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from journal.refusals import Refused
from law.library import ArticleText, Library, library
from offices import Officer
from rooms.views import PrivateNote
from tests.web.fakes.people import Clock
from tests.web.fakes.records.sessions import FakeSessions
from web import LawShelf
from web.room import PrivateNotes


class FakeLaw(LawShelf):
    def __init__(self) -> None:
        self._library = library()

    def bring(self, texts: Iterable[ArticleText]) -> None:
        self._library = library(texts)

    async def library(self) -> Library:
        return self._library


class FakeNotes(PrivateNotes):
    def __init__(self, sessions: FakeSessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock
        self.kept: dict[tuple[str, str], PrivateNote] = {}

    async def read(self, officer: Officer, session: str) -> PrivateNote:
        await self._own(officer, session)
        return self.kept.get((session, officer.id), PrivateNote())

    async def write(self, officer: Officer, session: str, seen: int, text: str) -> PrivateNote:
        await self._own(officer, session)
        known = self.kept.get((session, officer.id), PrivateNote())
        if known.edition != seen:
            raise Refused("note_changed", 409)
        self.kept[session, officer.id] = replace(known, edition=seen + 1, text=text, changed=self._clock())
        return self.kept[session, officer.id]

    async def _own(self, officer: Officer, session: str) -> None:
        if (await self._sessions.state(session)).mediator != officer.id:
            raise Refused("not_found", 404)
