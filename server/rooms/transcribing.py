"""The job `transcribe`: a session's tracks into words, by an engine that comes last for the processor.

What the job hears is in an order that lies sealed beside the recordings, with the names that occur in the case; how
far it is, which says nothing of anybody, is in `<session>/transcript.json`. Until `ready` or `failed` the job process
writes that; afterwards the web process marks it as `noted` once the journal has the fact.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from pydantic import TypeAdapter, ValidationError

from recordings import BlobError, CompositionError, FileMissing, VaultError
from recordings.composing.composition_plan import replace_file
from recordings.files.durable import safe_id
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.speech import ModelIdentity, SpeechError
from recordings.speech.process import SpeechProcess
from recordings.transcripts.planning import HearingPlan, plan_from_json
from server.serving.jobs import BUSY_SECONDS, FULL_SECONDS, PATIENCE, TOLD_SECONDS, RetryLater

PASSING: Final = {"io", "speech_gone"}
"""Faults that may pass by themselves."""

log = logging.getLogger(__name__)

Stage = Literal["queued", "working", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class TranscriptProgress:
    """`progress` 0…1; `error` as of `rooms.events.TranscriptFailed`, also while a fault that may pass is waited for;
    the rest once it is ready."""

    state: Stage = "queued"
    progress: float = 0.0
    error: str = ""
    tries: int = 0
    noted: bool = False
    path: str = ""
    sha256: str = ""
    size: int = 0
    lines: int = 0
    model: tuple[str, str, str] = ("", "", "")  # kind, name, digest
    stored_sha256: str = ""
    stored_size: int = 0
    sm3: str = ""


_PROGRESS = TypeAdapter(TranscriptProgress)


def progress_file(recordings: Path, session: str) -> Path:
    return recordings / safe_id(session) / "transcript.json"


def order_path(session: str) -> str:
    """Relative to the recordings folder."""
    return f"{safe_id(session)}/transcript.order"


def read_progress(recordings: Path, session: str) -> TranscriptProgress | None:
    """None when none was begun, or when the file is not ours."""
    try:
        return _PROGRESS.validate_json(progress_file(recordings, session).read_bytes())
    except (OSError, ValidationError):
        return None


def write_progress(recordings: Path, session: str, progress: TranscriptProgress) -> None:
    replace_file(progress_file(recordings, session), _PROGRESS.dump_json(progress))


def sessions(recordings: Path) -> list[str]:
    """Ids of all sessions a transcript was asked for."""
    return sorted(file.parent.name for file in recordings.glob("*/transcript.json"))


def interrupted_transcripts(recordings: Path) -> list[str]:
    """Asked for and neither ready nor given up."""
    return [
        session
        for session in sessions(recordings)
        if (state := read_progress(recordings, session)) is not None and state.state in ("queued", "working")
    ]


class TranscribeJob:
    """Handler of `transcribe(session)`. `model`: the folder of the speech model; one transcript is made at a time."""

    def __init__(self, shelf: EncryptedFileStore, model: Path, turn: threading.Lock, threads: int = 1) -> None:
        self._shelf, self._recordings, self._model = shelf, shelf.folder, model
        self._turn, self._threads = turn, threads

    async def __call__(self, session: str) -> None:
        state = read_progress(self._recordings, session)
        if state is None or state.state in ("ready", "failed"):
            return  # done by an earlier run of the same job, or erased meanwhile
        if not self._turn.acquire(blocking=False):
            raise RetryLater(BUSY_SECONDS)
        try:
            await self._work(session, _Told(self._recordings, session, replace(state, state="working", error="")))
        except OSError as fault:  # not even how far it is can be written down
            if progress_file(self._recordings, session).exists():
                log.warning("Transcript of %s: %s", session, fault)
                raise RetryLater(FULL_SECONDS) from fault
        finally:
            self._turn.release()

    async def _work(self, session: str, told: _Told) -> None:
        told.write(replace(told.state, tries=told.state.tries + 1))
        speech = SpeechProcess(self._model, self._threads)
        try:
            await self._make(session, speech, told)
        except (CompositionError, SpeechError) as fault:
            log.warning("Transcript of %s: %s", session, fault)
            waits = replace(told.state, state="queued", error=fault.code)
            if fault.code == "disk_full":
                told.write(replace(waits, tries=waits.tries - 1))
                raise RetryLater(FULL_SECONDS) from fault
            if fault.code in PASSING and waits.tries <= len(PATIENCE):
                told.write(waits)
                raise RetryLater(PATIENCE[max(0, waits.tries - 1)]) from fault
            # What was heard so far stays: who asks once more, with a model that can be used, does not begin anew.
            told.write(replace(waits, state="failed"))
        finally:
            await speech.close()

    async def _make(self, session: str, speech: SpeechProcess, told: _Told) -> None:
        from recordings.transcripts.hearing import Hearing  # libav, which only this job needs

        plan = await asyncio.to_thread(self._plan, session)
        if told.state.tries > len(PATIENCE) + 1:  # also when each try ended with the whole process
            raise CompositionError("io", "given up")
        model = await speech.model()
        target = await asyncio.to_thread(self._target, session)
        made = await Hearing(plan, self._shelf, speech, model).make(target, told, told.kept)
        stored = made.stored
        told.write(
            replace(
                told.state, state="ready", progress=1.0, path=made.path, sha256=stored.sha256, size=stored.size,
                lines=made.lines, model=_named(model), stored_sha256=stored.stored_sha256,
                stored_size=stored.stored_size, sm3=stored.sm3,
            )
        )  # fmt: skip
        (self._recordings / order_path(session)).unlink(missing_ok=True)

    def _plan(self, session: str) -> HearingPlan:
        try:
            with self._shelf.open(session, order_path(session)) as file:
                return plan_from_json(file.read())
        except VaultError as fault:
            raise CompositionError("source_missing", str(fault)) from fault

    def _target(self, session: str) -> str:
        """A name that is free: a transcript the journal knows is never written over."""
        number, path = 1, f"{session}/transcript.sealed"
        try:
            while True:
                self._shelf.require(path)
                number += 1
                path = f"{session}/transcript-{number}.sealed"
        except FileMissing:
            return path
        except BlobError as fault:  # whether the archive has it cannot be said now
            raise CompositionError("io", str(fault)) from fault


def _named(model: ModelIdentity) -> tuple[str, str, str]:
    return model.kind, model.name, model.digest


class _Told:
    """Writes progress down, not more often than a page asks; of a record that was erased meanwhile nothing."""

    def __init__(self, recordings: Path, session: str, state: TranscriptProgress) -> None:
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

    def write(self, state: TranscriptProgress) -> None:
        self.state = state
        if progress_file(self._recordings, self._session).exists():
            write_progress(self._recordings, self._session, state)
