"""The job `compose`: a session's plan becomes its video, and everybody can read how far it is."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from recordings import progress
from recordings.composition import Composed, Composition
from recordings.composition_plan import Plan, from_json
from recordings.encrypted_file_store import EncryptedFileStore
from recordings.errors import BlobError, CompositionError, Missing
from recordings.progress import Progress
from server.jobs.runner import Again

# Faults that may pass by themselves are tried again after so many seconds.
PATIENCE = (10.0, 60.0, 300.0)
PASSING = {"io", "encoder"}
# A full disk is no fault of the recording: it is waited for as long as it takes.
FULL_SECONDS = 30.0
# A second composition waits: one takes what there is to take.
BUSY_SECONDS = 2.0
TOLD_SECONDS = 0.3

log = logging.getLogger(__name__)


class Composing:
    """Handler of `compose(session)`; `turn` is held while a film is made, of whatever kind."""

    def __init__(
        self, shelf: EncryptedFileStore, turn: threading.Lock, live: Callable[[], bool] = lambda: False
    ) -> None:
        self._recordings, self._shelf, self._live = shelf.folder, shelf, live
        self._turn = turn

    async def __call__(self, session: str) -> None:
        state = progress.read_progress(self._recordings, session)
        if state is None or state.state in ("ready", "failed"):
            return  # done by an earlier run of the same job
        if not self._turn.acquire(blocking=False):
            raise Again(BUSY_SECONDS)
        try:
            begun = replace(state, state="composing", error="", tries=state.tries + 1)
            await self._compose(session, _Told(self._recordings, session, begun))
        except OSError as fault:  # not even how far it is can be written down
            log.warning("Composition of %s: %s", session, fault)
            raise Again(FULL_SECONDS) from fault
        finally:
            self._turn.release()

    async def _compose(self, session: str, told: _Told) -> None:
        told.write()
        composition: Composition | None = None
        try:
            composition = Composition(self._plan(session), self._shelf, live=self._live)
            if told.state.tries > len(PATIENCE) + 1:  # also when each try ended with the whole process
                raise CompositionError("encoder", "given up")
            made = await composition.make(await asyncio.to_thread(self._target, session), told, told.kept)
        except CompositionError as fault:
            log.warning("Composition of %s: %s", session, fault)
            waits = replace(told.state, state="queued", error=fault.code)
            if fault.code == "disk_full":
                told.write(replace(waits, tries=waits.tries - 1))
                raise Again(FULL_SECONDS) from fault
            if fault.code in PASSING and waits.tries <= len(PATIENCE):
                told.write(waits)
                raise Again(PATIENCE[max(0, waits.tries - 1)]) from fault
            if composition is not None:
                await asyncio.to_thread(composition.forget)
            told.write(replace(waits, state="failed"))
        else:
            told.write(_ready(told.state, made))

    def _plan(self, session: str) -> Plan:
        try:
            return from_json(progress.plan_file(self._recordings, session).read_bytes())
        except OSError as fault:
            raise CompositionError("bad_plan", str(fault)) from fault

    def _target(self, session: str) -> str:
        """A name that is free: a composition the journal knows is never written over."""
        number, path = 1, f"{session}/composed.mp4"
        try:
            while True:
                self._shelf.require(path)
                number += 1
                path = f"{session}/composed-{number}.mp4"
        except Missing:
            return path
        except BlobError as fault:  # whether the archive has it cannot be said now
            raise CompositionError("io", str(fault)) from fault


def _ready(state: Progress, made: Composed) -> Progress:
    stored = made.stored
    return replace(
        state, state="ready", progress=1.0, path=made.path, sha256=stored.sha256, size=stored.size,
        duration_ms=made.duration_ms, origin=made.origin,
        stored_sha256=stored.stored_sha256, stored_size=stored.stored_size, sm3=stored.sm3,
    )  # fmt: skip


class _Told:
    """Writes progress down, not more often than a page asks."""

    def __init__(self, recordings: Path, session: str, state: Progress) -> None:
        self.state = state
        self._recordings, self._session = recordings, session
        self._at = 0.0

    def __call__(self, share: float) -> None:
        now = time.monotonic()
        if now - self._at >= TOLD_SECONDS and share < 1.0:
            self._at = now
            self.write(replace(self.state, progress=round(share, 3)))

    def kept(self) -> None:
        """Something was done for good: whoever ends this process now has not made it a vain try."""
        self.write(replace(self.state, tries=1))

    def write(self, state: Progress | None = None) -> None:
        self.state = state or self.state
        progress.write_progress(self._recordings, self._session, self.state)


def interrupted(recordings: Path) -> list[str]:
    """Sessions whose composition was asked for and is neither ready nor given up."""
    return [
        session
        for session in progress.sessions(recordings)
        if (state := progress.read_progress(recordings, session)) is not None and state.state in ("queued", "composing")
    ]
