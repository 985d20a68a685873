"""The jobs `compose` (a session's video), `copy` (it once more, with somebody's name in it) and `forget_copy`.

Everybody can read how far each is.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from recordings import CompositionError
from recordings.composing import composition_plan, pieces
from recordings.composing.composition import Composition, Watermark
from recordings.composing.composition_plan import CompositionPlan, Copy, FilmProgress, from_json
from recordings.files.encrypted_file_store import EncryptedFileStore
from server.serving.jobs import Attempt, in_turn

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
            return  # done by an earlier run of the same job, or erased meanwhile
        with in_turn(self._turn, f"Composition of {session}"):
            file = composition_plan.progress_file(self._recordings, session)
            write = partial(composition_plan.write_progress, self._recordings, session)
            await self._compose(session, Attempt(replace(state, state="composing", error=""), file, write))

    async def _compose(self, session: str, attempt: Attempt[FilmProgress]) -> None:
        composition: Composition | None = None
        try:
            composition = Composition(self._plan(session), self._shelf, live=self._live)
            if attempt.vain:
                raise CompositionError("encoder", "given up")
            target = await asyncio.to_thread(pieces.free_path, self._shelf, f"{session}/composed.mp4")
            made = await composition.make(target, attempt, attempt.kept)
        except CompositionError as fault:
            log.warning("Composition of %s: %s", session, fault)
            attempt.put_off(fault.code, PASSING)
            if composition is not None:
                await asyncio.to_thread(composition.forget)
            attempt.put(state="failed", error=fault.code)
        else:
            stored = made.stored
            attempt.put(
                state="ready", progress=1.0, path=made.path, sha256=stored.sha256, size=stored.size,
                duration_ms=made.duration_ms, origin=made.origin,
                stored_sha256=stored.stored_sha256, stored_size=stored.stored_size, sm3=stored.sm3,
            )  # fmt: skip

    def _plan(self, session: str) -> CompositionPlan:
        try:
            return from_json(composition_plan.plan_file(self._recordings, session).read_bytes())
        except OSError as fault:
            raise CompositionError("bad_plan", str(fault)) from fault


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
        with in_turn(self._turn, f"Copy of {session}"):
            file = composition_plan.copy_file(self._recordings, session, copy)
            write = partial(composition_plan.write_copy, self._recordings)
            await self._make(Attempt(replace(wanted, state="making"), file, write))

    async def _make(self, attempt: Attempt[Copy]) -> None:
        copy = attempt.state
        mark = Watermark(self._shelf, copy.session, copy.film, copy.words, live=self._live)
        try:
            if attempt.vain:
                raise CompositionError("encoder", "given up")
            stored = await mark.make(copy.path, attempt, attempt.kept)
        except CompositionError as fault:
            log.warning("Copy of %s: %s", copy.session, fault)
            attempt.put_off(fault.code, PASSING)
            await asyncio.to_thread(mark.forget)
            attempt.put(state="failed", error=fault.code)
        else:
            attempt.put(state="ready", progress=1.0, sha256=stored.sha256, size=stored.size)


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
