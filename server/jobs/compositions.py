"""The web process's side of composing: asks for a composition and hears when it is ready or given up.

The room is the sole writer of its journal, so facts are only handed out here: whoever iterates `watch` submits them
as `NoteRecording`. A fact is handed out again after a crash, until the one who took it has come back for the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from pathlib import Path

from recordings import progress
from recordings.composition_plan import to_json
from recordings.errors import CompositionError
from recordings.planning import composition_plan
from recordings.progress import Progress
from recordings.wording import LANGUAGES
from rooms.codec import SessionEntry
from rooms.events import CompositionFailed, RecordingComposed
from server.jobs.queue import JobQueue

LOOK_SECONDS = 0.3

Fact = RecordingComposed | CompositionFailed


class Compositions:
    """One per web process."""

    def __init__(self, recordings: Path, queue: JobQueue, language: str = "zh", zone: str = "Asia/Shanghai") -> None:
        self._recordings, self._queue = recordings, queue
        self._wording, self._zone = LANGUAGES[language], zone
        self._open: set[str] = set()

    async def start(self, session: str, history: Sequence[SessionEntry]) -> bool:
        """Ask for the composition of a session from its whole journal; False when nothing was recorded.

        Call it after the room's last SegmentSealed. Again after new segments: a further video is made.
        """
        try:
            planned = to_json(composition_plan(history, self._wording, self._zone))
        except CompositionError as fault:
            if fault.code == "nothing_recorded":
                return False
            failed = Progress("failed", error=fault.code)
            await asyncio.to_thread(progress.write_progress, self._recordings, session, failed)
        else:
            await asyncio.to_thread(self._ask, session, planned)
            await self._queue.enqueue("compose", session=session)
        self._open.add(session)
        return True

    async def state(self, session: str) -> Progress | None:
        """How far it is; None when none was asked for."""
        return await asyncio.to_thread(progress.read_progress, self._recordings, session)

    async def watch(self) -> AsyncGenerator[tuple[str, Fact], None]:
        """(session, fact) for every composition that ends, also of an earlier process. Never ends by itself."""
        self._open.update(await asyncio.to_thread(progress.sessions, self._recordings))
        while True:
            for session in sorted(self._open):
                state = await self.state(session)
                if state is None or state.noted:
                    self._open.discard(session)
                elif (fact := _fact(state)) is not None:
                    yield session, fact
                    # Unless it was asked for anew while the fact was being noted.
                    if await self.state(session) == state:
                        noted = replace(state, noted=True)
                        await asyncio.to_thread(progress.write_progress, self._recordings, session, noted)
                        self._open.discard(session)
            await asyncio.sleep(LOOK_SECONDS)

    def _ask(self, session: str, planned: bytes) -> None:
        progress.replace_file(progress.plan_file(self._recordings, session), planned)
        progress.write_progress(self._recordings, session, Progress("queued"))


def _fact(state: Progress) -> Fact | None:
    if state.state == "failed":
        return CompositionFailed(state.error)
    if state.state == "ready" and state.origin is not None:
        return RecordingComposed(
            state.path, state.sha256, state.size, state.duration_ms, state.origin,
            state.stored_sha256, state.stored_size, state.sm3,
        )  # fmt: skip
    return None
