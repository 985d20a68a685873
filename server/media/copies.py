"""Copies of recordings for officers: asked for as a job, handed out once they are ready, journaled as they leave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO
from zoneinfo import ZoneInfo

from offices.people import Officer
from offices.refusal import Refused
from recordings.composing import progress
from recordings.composing.progress import COPIES_KEPT, Copy
from recordings.composing.wording import LANGUAGES
from recordings.errors import VaultError
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.views import VideoCopy
from rooms.commands import NoteExport
from rooms.live.sessions import Sessions
from rooms.record.access import RecordUse
from server.complaints.store import SqlReads
from server.jobs.queue import JobQueue

_OPEN = ("queued", "making")


class Copies:
    """The state lies beside the recordings, as `recordings.composing.progress` has it."""

    def __init__(
        self,
        shelf: EncryptedFileStore,
        queue: JobQueue,
        reads: SqlReads,
        sessions: Sessions,
        now: Callable[[], datetime],
    ) -> None:
        self._recordings, self._shelf, self._queue = shelf.folder, shelf, queue
        self._reads, self._sessions, self._now = reads, sessions, now

    async def ask(self, officer: Officer, session: str) -> None:
        await self._reads.record(officer, session, RecordUse.TAKE)
        recording = await self._reads.recording(officer, session)
        state = await self._sessions.state(session)
        composed = state.composed
        if recording.state != "ready" or composed is None or state.erasure is not None:
            raise Refused("no_recording", 409)
        own = await self._own(officer, session)
        if own and own[0].state in _OPEN:
            return
        now = self._now()
        copy = Copy(progress.new_copy_id(), session, officer.id, composed.path, words(officer, now), now)
        await asyncio.to_thread(progress.write_copy, self._recordings, copy)
        await self._queue.enqueue("copy", session=session, copy=copy.id)
        await self._queue.enqueue("forget_copy", after=COPIES_KEPT.total_seconds(), session=session, copy=copy.id)

    async def newest(self, officer: Officer, session: str) -> VideoCopy | None:
        await self._reads.record(officer, session, RecordUse.TAKE)
        own = await self._own(officer, session)
        return _shown(own[0]) if own else None

    async def take(self, officer: Officer, session: str, copy: str) -> tuple[VideoCopy, BinaryIO]:
        await self._reads.record(officer, session, RecordUse.TAKE)
        found = next((one for one in await self._own(officer, session) if one.id == copy), None)
        if found is None or found.state != "ready":
            raise Refused("not_found", 404)
        try:
            file = await asyncio.to_thread(self._shelf.open, session, found.path)
        except VaultError as fault:  # erased, or removed by hand
            raise Refused("not_found", 404) from fault
        try:
            note = NoteExport("video", found.id, found.sha256, found.size)
            await self._sessions.submit(session, note, officer.actor)
        except BaseException:
            file.close()
            raise
        return _shown(found), file

    async def _own(self, officer: Officer, session: str) -> list[Copy]:
        """The newest first."""
        now = self._now()
        found = await asyncio.to_thread(progress.copies_of, self._recordings, session)
        return [copy for copy in found if copy.officer == officer.id and not copy.expired(now)]


def words(officer: Officer, at: datetime) -> str:
    """What is burned into the picture."""
    local = at.astimezone(ZoneInfo(officer.office.zone))
    return LANGUAGES[officer.language].copy_of.format(
        name=officer.name, office=officer.office.name, time=f"{local:%Y-%m-%d %H:%M}"
    )


def _shown(copy: Copy) -> VideoCopy:
    return VideoCopy(copy.id, copy.state, copy.progress, copy.words, copy.asked, copy.asked + COPIES_KEPT, copy.size)
