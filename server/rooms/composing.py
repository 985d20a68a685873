"""The jobs `compose` (a session's video), `copy` (it once more, with somebody's name in it) and `forget_copy`.

Everybody can read how far each is.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from recordings import BlobError, CompositionError, FileMissing
from recordings.composing import composition_plan
from recordings.composing.composition import ComposedVideo, Composition, Watermark
from recordings.composing.composition_plan import CompositionPlan, Copy, FilmProgress, from_json
from recordings.files.encrypted_file_store import EncryptedFileStore
from server.serving.jobs import BUSY_SECONDS, FULL_SECONDS, PATIENCE, TOLD_SECONDS, RetryLater

PASSING = {"io", "encoder"}
"""Faults that may pass by themselves."""

log = logging.getLogger(__name__)


class ComposeJob:
    """Handler of `compose(session)`; `turn` is held while a film is made, of whatever kind."""

    def __init__(
        self, shelf: EncryptedFileStore, turn: threading.Lock, live: Callable[[], bool] = lambda: False
    ) -> None:
        self._recordings, self._shelf, self._live = shelf.folder, shelf, live
        self._turn = turn

    async def __call__(self, session: str) -> None:
        state = composition_plan.read_progress(self._recordings, session)
        if state is None or state.state in ("ready", "failed"):
            return  # done by an earlier run of the same job
        if not self._turn.acquire(blocking=False):
            raise RetryLater(BUSY_SECONDS)
        try:
            begun = replace(state, state="composing", error="", tries=state.tries + 1)
            await self._compose(session, _ComposeProgress(self._recordings, session, begun))
        except OSError as fault:  # not even how far it is can be written down
            log.warning("Composition of %s: %s", session, fault)
            raise RetryLater(FULL_SECONDS) from fault
        finally:
            self._turn.release()

    async def _compose(self, session: str, told: _ComposeProgress) -> None:
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
                raise RetryLater(FULL_SECONDS) from fault
            if fault.code in PASSING and waits.tries <= len(PATIENCE):
                told.write(waits)
                raise RetryLater(PATIENCE[max(0, waits.tries - 1)]) from fault
            if composition is not None:
                await asyncio.to_thread(composition.forget)
            told.write(replace(waits, state="failed"))
        else:
            told.write(_ready(told.state, made))

    def _plan(self, session: str) -> CompositionPlan:
        try:
            return from_json(composition_plan.plan_file(self._recordings, session).read_bytes())
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
        except FileMissing:
            return path
        except BlobError as fault:  # whether the archive has it cannot be said now
            raise CompositionError("io", str(fault)) from fault


def _ready(state: FilmProgress, made: ComposedVideo) -> FilmProgress:
    stored = made.stored
    return replace(
        state, state="ready", progress=1.0, path=made.path, sha256=stored.sha256, size=stored.size,
        duration_ms=made.duration_ms, origin=made.origin,
        stored_sha256=stored.stored_sha256, stored_size=stored.stored_size, sm3=stored.sm3,
    )  # fmt: skip


class _ComposeProgress:
    """Writes progress down, not more often than a page asks."""

    def __init__(self, recordings: Path, session: str, state: FilmProgress) -> None:
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

    def write(self, state: FilmProgress | None = None) -> None:
        self.state = state or self.state
        composition_plan.write_progress(self._recordings, self._session, self.state)


def interrupted_compositions(recordings: Path) -> list[str]:
    """Sessions whose composition was asked for and is neither ready nor given up."""
    return [
        session
        for session in composition_plan.sessions(recordings)
        if (state := composition_plan.read_progress(recordings, session)) is not None
        and state.state in ("queued", "composing")
    ]


class CopyJob:
    """Handler of `copy(session, copy)`; `turn` is held while a film is made, of whatever kind."""

    def __init__(self, shelf: EncryptedFileStore, turn: threading.Lock, live: Callable[[], bool]) -> None:
        self._recordings, self._shelf, self._live = shelf.folder, shelf, live
        self._turn = turn

    async def __call__(self, session: str, copy: str) -> None:
        wanted = composition_plan.read_copy(self._recordings, session, copy)
        if wanted is None or wanted.state in ("ready", "failed"):
            return
        if not self._turn.acquire(blocking=False):
            raise RetryLater(BUSY_SECONDS)
        try:
            await self._make(_CopyProgress(self._recordings, replace(wanted, state="making", tries=wanted.tries + 1)))
        except OSError as fault:  # not even how far it is can be written down
            log.warning("Copy of %s: %s", session, fault)
            raise RetryLater(FULL_SECONDS) from fault
        finally:
            self._turn.release()

    async def _make(self, told: _CopyProgress) -> None:
        told.write()
        copy = told.copy
        mark = Watermark(self._shelf, copy.session, copy.film, copy.words, live=self._live)
        try:
            if copy.tries > len(PATIENCE) + 1:
                raise CompositionError("encoder", "given up")
            stored = await mark.make(copy.path, told, told.kept)
        except CompositionError as fault:
            log.warning("Copy of %s: %s", copy.session, fault)
            waits = replace(told.copy, state="queued", error=fault.code)
            if fault.code == "disk_full":
                told.write(replace(waits, tries=waits.tries - 1))
                raise RetryLater(FULL_SECONDS) from fault
            if fault.code in PASSING and waits.tries <= len(PATIENCE):
                told.write(waits)
                raise RetryLater(PATIENCE[max(0, waits.tries - 1)]) from fault
            await asyncio.to_thread(mark.forget)
            told.write(replace(waits, state="failed"))
        else:
            told.write(replace(told.copy, state="ready", progress=1.0, sha256=stored.sha256, size=stored.size))


class _CopyProgress:
    def __init__(self, recordings: Path, copy: Copy) -> None:
        self.copy = copy
        self._recordings = recordings
        self._at = 0.0

    def __call__(self, share: float) -> None:
        now = time.monotonic()
        if now - self._at >= TOLD_SECONDS and share < 1.0:
            self._at = now
            self.write(replace(self.copy, progress=round(share, 3)))

    def kept(self) -> None:
        self.write(replace(self.copy, tries=1))

    def write(self, copy: Copy | None = None) -> None:
        self.copy = copy or self.copy
        composition_plan.write_copy(self._recordings, self.copy)


class ForgetCopyJob:
    """Handler of `forget_copy(session, copy)`."""

    def __init__(self, recordings: Path) -> None:
        self._recordings = recordings

    async def __call__(self, session: str, copy: str) -> None:
        if (found := composition_plan.read_copy(self._recordings, session, copy)) is not None:
            await asyncio.to_thread(composition_plan.forget_copy, self._recordings, found)


def unfinished_copies(recordings: Path, now: datetime | None = None) -> list[tuple[str, dict[str, str]]]:
    """Jobs that a process left behind: copies not ready, and such as are past their time."""
    now, found = now or datetime.now(UTC), []
    for copy in composition_plan.all_copies(recordings):
        name = {"session": copy.session, "copy": copy.id}
        if copy.expired(now):
            found.append(("forget_copy", name))
        elif copy.state in ("queued", "making"):
            found.append(("copy", name))
    return found
