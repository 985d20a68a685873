"""The job `compose`: a session's plan becomes its video, and everybody can read how far it is."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from dataclasses import replace
from pathlib import Path

from recordings import progress
from recordings.composition import WORK_PREFIX, Composed, compose
from recordings.errors import CompositionError
from recordings.manifest import Plan, from_json
from recordings.progress import Progress
from recordings.shelf import Shelf
from server.jobs.runner import Again

# Faults that may pass by themselves are tried again after so many seconds.
PATIENCE = (10.0, 60.0, 300.0)
PASSING = {"io", "encoder"}
# A full disk is no fault of the recording: it is waited for as long as it takes.
FULL_SECONDS = 30.0
# A second composition waits: the cores belong to the room that is live.
BUSY_SECONDS = 2.0
TOLD_SECONDS = 0.3

log = logging.getLogger(__name__)


class Composing:
    """Handler of `compose(session)`; one per job process, one composition at a time."""

    def __init__(self, shelf: Shelf) -> None:
        self._recordings, self._shelf = shelf.folder, shelf
        self._busy = False

    async def __call__(self, session: str) -> None:
        state = progress.read(self._recordings, session)
        if state is None or state.state in ("ready", "failed"):
            return  # done by an earlier run of the same job
        if self._busy:
            raise Again(BUSY_SECONDS)
        self._busy = True
        try:
            await self._compose(session, Progress("composing", tries=state.tries + 1))
        except OSError as fault:  # not even how far it is can be written down
            log.warning("Composition of %s: %s", session, fault)
            raise Again(FULL_SECONDS) from fault
        finally:
            self._busy = False

    async def _compose(self, session: str, state: Progress) -> None:
        progress.write(self._recordings, session, state)
        for left in (self._recordings / session).glob(f"{WORK_PREFIX}*"):  # by a process that was killed
            await asyncio.to_thread(shutil.rmtree, left, ignore_errors=True)
        try:
            if state.tries > len(PATIENCE) + 1:  # also when each try ended with the whole process
                raise CompositionError("encoder", "given up")
            plan = self._plan(session)
            made = await compose(plan, self._shelf, self._target(session), _Told(self._recordings, session, state))
        except CompositionError as fault:
            log.warning("Composition of %s: %s", session, fault)
            if fault.code == "disk_full":
                progress.write(self._recordings, session, Progress("queued", error=fault.code, tries=state.tries - 1))
                raise Again(FULL_SECONDS) from fault
            if fault.code in PASSING and state.tries <= len(PATIENCE):
                progress.write(self._recordings, session, replace(state, state="queued", error=fault.code))
                raise Again(PATIENCE[state.tries - 1]) from fault
            progress.write(self._recordings, session, replace(state, state="failed", error=fault.code))
        else:
            progress.write(self._recordings, session, self._ready(state, made))

    def _plan(self, session: str) -> Plan:
        try:
            return from_json(progress.plan_of(self._recordings, session).read_bytes())
        except OSError as fault:
            raise CompositionError("bad_plan", str(fault)) from fault

    def _target(self, session: str) -> Path:
        """A name that is free: a composition the journal knows is never written over."""
        folder, number = self._recordings / session, 1
        while (target := folder / (f"composed-{number}.mp4" if number > 1 else "composed.mp4")).exists():
            number += 1
        return target

    def _ready(self, state: Progress, made: Composed) -> Progress:
        path = made.path.relative_to(self._recordings).as_posix()
        return replace(
            state, state="ready", progress=1.0, path=path, sha256=made.sha256, size=made.size,
            duration_ms=made.duration_ms, origin=made.origin,
        )  # fmt: skip


class _Told:
    """Writes progress down, not more often than a page asks."""

    def __init__(self, recordings: Path, session: str, state: Progress) -> None:
        self._recordings, self._session, self._state = recordings, session, state
        self._at = 0.0

    def __call__(self, share: float) -> None:
        now = time.monotonic()
        if now - self._at >= TOLD_SECONDS and share < 1.0:
            self._at = now
            progress.write(self._recordings, self._session, replace(self._state, progress=round(share, 3)))


def interrupted(recordings: Path) -> list[str]:
    """Sessions whose composition was asked for and is neither ready nor given up."""
    return [
        session
        for session in progress.sessions(recordings)
        if (state := progress.read(recordings, session)) is not None and state.state in ("queued", "composing")
    ]
