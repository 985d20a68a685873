"""Jobs over a session's recordings: `compose` (its video), `copy` (it once more, with somebody's name in it),
`forget_copy`, and `transcribe` (its tracks into words).

What a job is made from lies in an order, sealed beside the recordings: `film-….order`, `transcript.order`, with the
names that occur in the case. What comes of it has the number of its claim in its name, and is at its home before
anybody is told, so that two that work at one job by mistake never write one file, and of theirs only one counts. Where
the home is a store it lies nowhere else: a machine that was killed with it has nothing to put there when it is back.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import secrets
from collections.abc import Callable, Set
from pathlib import Path
from typing import TYPE_CHECKING, Final

from recordings import BlobError, CompositionError, StoreRefuses, StoreUnreachable, VaultError
from recordings.files.durable import safe_id
from recordings.files.encrypted_file_store import EncryptedFileStore
from server.serving.jobs import Claim
from server.serving.jobs.store import Job

if TYPE_CHECKING:  # libav and the engines of speech: whoever has a job loads them
    from recordings.composing.composition_plan import CompositionPlan
    from recordings.speech.process import SpeechProcess
    from recordings.transcripts.planning import HearingPlan

PASSING: Final = {"io", "encoder", "speech_gone"}
"""Faults that may pass by themselves."""
NEEDED: Final = "source_missing"

log = logging.getLogger(__name__)


def film_order(session: str) -> str:
    """Relative to the recordings folder. Another each time: when an earlier one goes is not known at other nodes."""
    return f"{safe_id(session)}/film-{secrets.token_hex(8)}.order"


def transcript_order(session: str) -> str:
    return f"{safe_id(session)}/transcript.order"


def copy_path(session: str, copy: str, claim: str) -> str:
    return f"{safe_id(session)}/copies/{safe_id(copy)}-{claim}.copy"


def forget_outdone(shelf: EncryptedFileStore, folder: str, prefix: str, job: Job, known: Set[str]) -> None:
    """What claims of a job left that ended no later than this one did and that do not count: files of a folder whose
    names are a prefix and the claim's number. A later claim's may be wanted soon. `known` are paths that count."""
    names = {file.name for file in (shelf.folder / folder).glob(f"{prefix}*")}
    try:
        names |= shelf.names_away(folder, prefix)
        for name in names:
            number = re.fullmatch(r"([0-9a-f]+)(\.[a-z0-9]+)?", name.removeprefix(prefix))
            if number and int(number[1], 16) <= job.claim and (path := f"{folder}/{name}") not in known:
                shelf.remove(path)
    except (BlobError, OSError) as fault:  # it goes with the record
        log.warning("What was made in vain of %s stays: %s", job.key, fault)


class ComposeJob:
    """Handler of `compose(session, order)`."""

    def __init__(self, shelf: EncryptedFileStore, live: Callable[[], bool] = lambda: False) -> None:
        self._shelf, self._live = shelf, live

    async def __call__(self, job: Claim, session: str, order: str = "") -> None:
        from recordings.composing.composition import Composition

        order = order or f"{safe_id(session)}/film.order"  # a release before asked for it
        composition: Composition | None = None
        target = f"{safe_id(session)}/composed-{job.number}.mp4"
        try:
            plan = await asyncio.to_thread(self._plan, session, order)
            composition = Composition(plan, self._shelf, live=self._live)
            if job.vain:
                raise CompositionError("encoder", "given up")
            made = await composition.make(target, job, job.kept)
        except asyncio.CancelledError:
            _drop(self._shelf, target)
            raise
        except CompositionError as fault:
            log.warning("Composition of %s: %s", session, fault)
            _put_off(job, self._shelf, fault.code)
            if await job.failed(fault.code) and composition is not None:
                await asyncio.to_thread(composition.forget)
        else:
            stored = made.stored
            taken = await job.ready(
                path=made.path, sha256=stored.sha256, size=stored.size, duration_ms=made.duration_ms,
                origin=made.origin.isoformat(), stored_sha256=stored.stored_sha256, stored_size=stored.stored_size,
                sm3=stored.sm3,
            )  # fmt: skip
            await asyncio.to_thread(self._shelf.remove, order if taken else made.path)

    def _plan(self, session: str, order: str) -> CompositionPlan:
        from recordings.composing.composition_plan import from_json

        return from_json(_order(self._shelf, session, order))


class CopyJob:
    """Handler of `copy(session, copy, film, words)`; what it was asked by whom, the others say."""

    def __init__(self, shelf: EncryptedFileStore, live: Callable[[], bool]) -> None:
        self._shelf, self._live = shelf, live

    async def __call__(self, job: Claim, session: str, copy: str, film: str, words: str, **_: str) -> None:
        from recordings.composing.composition import Watermark

        mark = Watermark(self._shelf, session, film, words, live=self._live, name=f"{safe_id(copy)}-")
        path = copy_path(session, copy, job.number)
        try:
            if job.vain:
                raise CompositionError("encoder", "given up")
            stored = await mark.make(path, job, job.kept)
        except asyncio.CancelledError:
            _drop(self._shelf, path)
            raise
        except CompositionError as fault:
            log.warning("Copy of %s: %s", session, fault)
            _put_off(job, self._shelf, fault.code)
            if await job.failed(fault.code):
                await asyncio.to_thread(mark.forget)
        else:
            if not await job.ready(path=path, sha256=stored.sha256, size=stored.size):
                await asyncio.to_thread(self._shelf.remove, path)


class ForgetCopyJob:
    """Handler of `forget_copy(session, copy)`: whatever claim it is of."""

    def __init__(self, shelf: EncryptedFileStore) -> None:
        self._shelf = shelf

    async def __call__(self, job: Claim, session: str, copy: str) -> None:
        await asyncio.to_thread(self._forget, session, copy)
        await job.forget("copy", copy)

    def _forget(self, session: str, copy: str) -> None:
        folder = f"{safe_id(session)}/copies"
        names = {file.name for file in (self._shelf.folder / folder).glob(f"{safe_id(copy)}-*.copy")}
        for name in names | self._shelf.names_away(folder, f"{safe_id(copy)}-"):
            self._shelf.remove(f"{folder}/{name}")


class TranscribeJob:
    """Handler of `transcribe(session)`, by an engine that comes last for the processor. `model`: the folder of the
    speech model."""

    def __init__(self, shelf: EncryptedFileStore, model: Path, threads: int = 1) -> None:
        self._shelf, self._model, self._threads = shelf, model, threads

    async def __call__(self, job: Claim, session: str) -> None:
        from recordings.speech import SpeechError
        from recordings.speech.process import SpeechProcess

        speech = SpeechProcess(self._model, self._threads)
        try:
            await self._make(session, speech, job)
        except (CompositionError, SpeechError) as fault:
            log.warning("Transcript of %s: %s", session, fault)
            _put_off(job, self._shelf, fault.code)
            # What was heard so far stays: who asks once more, with a model that can be used, does not begin anew.
            await job.failed(fault.code)
        finally:
            await speech.close()

    async def _make(self, session: str, speech: SpeechProcess, job: Claim) -> None:
        from recordings.transcripts.hearing import Hearing

        plan = await asyncio.to_thread(self._plan, session)
        if job.vain:
            raise CompositionError("io", "given up")
        model = await speech.model()
        target = f"{safe_id(session)}/transcript-{job.number}.sealed"
        try:
            made = await Hearing(plan, self._shelf, speech, model).make(target, job, job.kept)
        except asyncio.CancelledError:
            _drop(self._shelf, target)
            raise
        stored = made.stored
        taken = await job.ready(
            path=made.path, sha256=stored.sha256, size=stored.size, lines=made.lines,
            kind=model.kind, model=model.name, digest=model.digest, stored_sha256=stored.stored_sha256,
            stored_size=stored.stored_size, sm3=stored.sm3,
        )  # fmt: skip
        await asyncio.to_thread(self._shelf.remove, transcript_order(session) if taken else made.path)

    def _plan(self, session: str) -> HearingPlan:
        from recordings.transcripts.planning import plan_from_json

        return plan_from_json(_order(self._shelf, session, transcript_order(session)))


def _drop(shelf: EncryptedFileStore, path: str) -> None:
    """The claim is given up: whoever has the job next makes another. Not in a thread: this is being cancelled."""
    with contextlib.suppress(OSError):
        shelf.remove(path)


def _order(shelf: EncryptedFileStore, session: str, path: str) -> bytes:
    try:
        with shelf.open(session, path) as file:
            return file.read()
    except StoreUnreachable as fault:
        raise CompositionError("store_away", str(fault)) from fault
    except (StoreRefuses, OSError) as fault:
        raise CompositionError("io", str(fault)) from fault
    except VaultError as fault:
        raise CompositionError(NEEDED, str(fault)) from fault


def _put_off(job: Claim, shelf: EncryptedFileStore, error: str) -> None:
    """RetryLater; it returns when another try would help nothing. What another node wrote may still be on its way."""
    if error == NEEDED and shelf.away is not None:
        job.await_files(error)
    job.put_off(error, PASSING)
