"""What goes on beside the pages: films that were prepared are noted in the room, files of what was withdrawn go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

import structlog

from journal import SYSTEM, Event
from journal.refusals import DomainError
from recordings.files.encrypted_file_store import EncryptedFileStore
from rooms.commands import NoteExhibit
from rooms.events import ExhibitConfided, ExhibitOffered, ExhibitWithdrawn
from rooms.live.sessions import Sessions
from rooms.vocabulary import ExhibitKind
from server.exhibits import preparing
from server.exhibits.desk import ExhibitService

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 0.3
_BROUGHT: Final = (ExhibitOffered.__name__, ExhibitConfided.__name__)


class ExhibitUpkeep:
    """One per web process. `follow` gives the sessions' events as they come."""

    def __init__(
        self,
        shelf: EncryptedFileStore,
        sessions: Sessions,
        desk: ExhibitService,
        follow: Callable[[], AsyncIterator[Event]],
    ) -> None:
        self._shelf, self._sessions, self._desk, self._follow = shelf, sessions, desk, follow
        self._open: set[tuple[str, str]] = set()
        self._more = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        found = await asyncio.to_thread(lambda: list(preparing.preparations_under_way(self._shelf.folder)))
        self._open = {(session, one.exhibit) for session, one in found}
        following = self._follow()
        self._tasks = [
            asyncio.create_task(self._hear(following), name="exhibits offered and withdrawn"),
            asyncio.create_task(self._watch(), name="films prepared"),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def _hear(self, following: AsyncIterator[Event]) -> None:
        while True:
            try:
                async for event in following:
                    session = event.stream.partition("/")[2]
                    if event.type == ExhibitWithdrawn.__name__:
                        await self._desk.withdrawn(session, event.data["exhibit"])
                    elif event.type in _BROUGHT and event.data["kind"] == ExhibitKind.FILM:
                        self._open.add((session, event.data["exhibit"]))
                        self._more.set()
            except Exception:
                log.exception("following the journal failed, going on")
            following = self._follow()

    async def _watch(self) -> None:
        while True:
            for session, exhibit in sorted(self._open):
                try:
                    await self._look(session, exhibit)
                except Exception:
                    log.exception("a prepared film is not noted yet", session=session, exhibit=exhibit)
            self._more.clear()
            if self._open:
                await asyncio.sleep(LOOK_SECONDS)
            else:
                await self._more.wait()

    async def _look(self, session: str, exhibit: str) -> None:
        wanted = await asyncio.to_thread(preparing.read_preparation, self._shelf.folder, session, exhibit)
        if wanted is None:
            self._open.discard((session, exhibit))
        elif wanted.fact is not None:
            try:
                await self._sessions.submit(session, NoteExhibit(wanted.fact), SYSTEM)
            except DomainError as no:
                log.warning("a prepared film is not noted", session=session, exhibit=exhibit, code=no.code)
            await asyncio.to_thread(preparing.preparation_done, self._shelf.folder, session, exhibit)
            self._open.discard((session, exhibit))
