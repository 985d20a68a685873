"""The job `transcribe`: a session's tracks into words, by an engine that comes last for the processor.

What the job hears is in an order that lies sealed beside the recordings, with the names that occur in the case; how
far it is, which says nothing of anybody, is in `<session>/transcript.json`. Until `ready` or `failed` the job process
writes that; afterwards the web process marks it as `noted` once the journal has the fact.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, Literal

from pydantic import TypeAdapter, ValidationError

from recordings import CompositionError, VaultError
from recordings.composing.composition_plan import replace_file
from recordings.files.durable import safe_id
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.speech import ModelIdentity, SpeechError
from recordings.speech.process import SpeechProcess
from recordings.transcripts.planning import HearingPlan, plan_from_json
from server.serving.jobs import Attempt, in_turn

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
        with in_turn(self._turn, f"Transcript of {session}"):
            file = progress_file(self._recordings, session)
            write = partial(write_progress, self._recordings, session)
            await self._work(session, Attempt(replace(state, state="working", error=""), file, write))

    async def _work(self, session: str, attempt: Attempt[TranscriptProgress]) -> None:
        speech = SpeechProcess(self._model, self._threads)
        try:
            await self._make(session, speech, attempt)
        except (CompositionError, SpeechError) as fault:
            log.warning("Transcript of %s: %s", session, fault)
            attempt.put_off(fault.code, PASSING)
            # What was heard so far stays: who asks once more, with a model that can be used, does not begin anew.
            attempt.put(state="failed", error=fault.code)
        finally:
            await speech.close()

    async def _make(self, session: str, speech: SpeechProcess, attempt: Attempt[TranscriptProgress]) -> None:
        from recordings.composing.pieces import free_path  # libav, which only this job needs
        from recordings.transcripts.hearing import Hearing

        plan = await asyncio.to_thread(self._plan, session)
        if attempt.vain:
            raise CompositionError("io", "given up")
        model = await speech.model()
        target = await asyncio.to_thread(free_path, self._shelf, f"{session}/transcript.sealed")
        made = await Hearing(plan, self._shelf, speech, model).make(target, attempt, attempt.kept)
        stored = made.stored
        attempt.put(
            state="ready", progress=1.0, path=made.path, sha256=stored.sha256, size=stored.size,
            lines=made.lines, model=_named(model), stored_sha256=stored.stored_sha256,
            stored_size=stored.stored_size, sm3=stored.sm3,
        )  # fmt: skip
        (self._recordings / order_path(session)).unlink(missing_ok=True)

    def _plan(self, session: str) -> HearingPlan:
        try:
            with self._shelf.open(session, order_path(session)) as file:
                return plan_from_json(file.read())
        except VaultError as fault:
            raise CompositionError("source_missing", str(fault)) from fault


def _named(model: ModelIdentity) -> tuple[str, str, str]:
    return model.kind, model.name, model.digest
