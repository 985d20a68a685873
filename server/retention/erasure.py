"""Records are erased when their time has come or somebody with the right ordered it, and never while they are held.

Owns the order of it: the journal says first that it is to be done, then the key is destroyed, the files are removed,
what people wrote is erased from the journal, and the journal says that it is done. Whatever comes in between, a
restart or a day later it is taken up again; every step may be done twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from journal import SYSTEM, Event
from journal.events import stamp
from journal.refusals import DomainError
from recordings.files.durable import safe_id
from recordings.files.encrypted_file_store import EncryptedFileStore
from rooms.caucus.state import CONFIDENTIAL
from rooms.codec import stream
from rooms.commands import NoteErased, OrderErasure
from rooms.events import ErasureOrdered
from rooms.live.sessions import Sessions
from rooms.record.retention import Retention, later
from rooms.session import RecordErasure
from server.db.journal import SqlJournal
from server.retention.store import SqlRecords

log = structlog.get_logger(__name__)

DAY = 24 * 3600.0  # seconds
AGAIN_AFTER = 60.0
DUE = "retention"

PERSONAL = frozenset({"Said", "NameChosen", "OtherTimeAsked", "DeviceChecked", "SigningRefused"}) | {
    kind.__name__ for kind in CONFIDENTIAL
}
"""Types of entries of a session whose content is erased with it: what people wrote, and what their phones told of
themselves. Who took part, how it ended and who decided what is the file of the complaint, not of the recording."""


@dataclass(frozen=True, slots=True)
class RemovedFiles:
    files: int = 0
    bytes: int = 0

    def __add__(self, other: RemovedFiles) -> RemovedFiles:
        return RemovedFiles(self.files + other.files, self.bytes + other.bytes)


Remove = Callable[[str], Awaitable[RemovedFiles]]
"""Removes everything of a session from one more place. Done again it finds nothing."""


class Erasures:
    """One per web process. `rule`: the one in force. `elsewhere`: other places that hold files of sessions; `also`:
    what is looked at besides. `keep` takes what stays out of a session before its key goes."""

    def __init__(
        self,
        shelf: EncryptedFileStore,
        journal: SqlJournal,
        sessions: Sessions,
        records: SqlRecords,
        rule: Callable[[], Awaitable[Retention]],
        now: Callable[[], datetime],
        elsewhere: Iterable[Remove] = (),
        also: Callable[[], Awaitable[bool]] | None = None,
        keep: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self._shelf, self._journal, self._sessions, self._records = shelf, journal, sessions, records
        self._rule, self._now, self._elsewhere, self._also = rule, now, tuple(elsewhere), also
        self._keep = keep
        self._ordered = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        following = self._journal.follow(["session"])
        self._tasks = [
            asyncio.create_task(self._hear(following), name="erasures ordered"),
            asyncio.create_task(self._work(), name="erasures"),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def look(self) -> bool:
        """Erase what is due or ordered; whether everything could be."""
        good = True
        oldest = later(self._now(), -(await self._rule()).least)
        for session in {*await self._records.closed_before(oldest), *await self._records.ordered()}:
            try:
                await self._settle(session)
            except Exception:
                # One that cannot be erased must not keep the others from it.
                log.exception("record not erased, trying again", session=session)
                good = False
        return (self._also is None or await self._also()) and good

    async def _settle(self, session: str) -> None:
        state = await self._sessions.state(session)
        if state.erasure is None:
            rule = await self._rule()  # which may have changed since the look began
            until = rule.until(state)
            if until is None or until > self._now() or state.hold is not None or state.outcome is None:
                return
            years = rule.kept(state.outcome.kind, rule.promise(state))
            try:
                await self._sessions.submit(
                    session, OrderErasure(DUE, due=True, years=years, rule=rule.version), SYSTEM
                )
            except DomainError as no:  # somebody placed a hold meanwhile
                log.info("record not erased", session=session, code=no.code)
                return
            state = await self._sessions.state(session)
        if state.erasure is not None and state.erasure.done is None:
            await self._carry_out(session, state.erasure)

    async def _carry_out(self, session: str, erasure: RecordErasure) -> None:
        if self._keep is not None:
            await self._keep(session)
        await asyncio.to_thread(self._shelf.keys.destroy, session, stamp(self._now()))
        removed = await asyncio.to_thread(remove, self._shelf.folder / safe_id(session))
        for place in self._elsewhere:
            removed += await place(session)
        entries = await self._forget(stream(session), erasure)
        await self._sessions.submit(session, NoteErased(removed.files, removed.bytes, entries), SYSTEM)
        log.info("record erased", session=session, files=removed.files, entries=entries)

    async def _forget(self, told: str, erasure: RecordErasure) -> int:
        """How many entries say nothing any more, also when an earlier try had come that far."""
        personal = [event for event in await self._journal.read(told) if event.type in PERSONAL]
        left = [event.version for event in personal if not event.erased]
        if left:
            await self._journal.erase(told, left, erasure.by, self._now(), erasure.reason)
        return len(personal)

    async def _hear(self, following: AsyncIterator[Event]) -> None:
        while True:
            try:
                async for event in following:
                    if event.type == ErasureOrdered.__name__:
                        self._ordered.set()
            except Exception:
                log.exception("following the journal failed, going on")
            following = self._journal.follow(["session"])
            self._ordered.set()

    async def _work(self) -> None:
        while True:
            self._ordered.clear()
            try:
                good = await self.look()
            except Exception:
                log.exception("records to be erased not found, trying again")
                good = False
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ordered.wait(), DAY if good else AGAIN_AFTER)


def remove(folder: Path) -> RemovedFiles:
    """A folder and everything in it; OSError when something stays."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    removed = RemovedFiles(len(files), sum(file.stat().st_size for file in files))
    if folder.exists():
        shutil.rmtree(folder)
    return removed
