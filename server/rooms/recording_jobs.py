"""Jobs over a session's recordings: `compose` (its video), `copy` (it once more, with somebody's name in it),
`forget_copy`, `transcribe` (its tracks into words), and a film that was offered made into such as every browser plays.

What a job is made from lies in an order, sealed beside the recordings: `film-….order`, `transcript.order`, with the
names that occur in the case. What comes of it has the number of its claim in its name, and is at its home before
anybody is told, so that two that work at one job by mistake never write one file, and of theirs only one counts. Where
the home is a store it lies nowhere else: a machine that was killed with it has nothing to put there when it is back.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import re
import secrets
import tempfile
from collections.abc import Callable, Set
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from recordings import AWAY, BlobError, CompositionError, FileMissing, StoreRefuses, StoreUnreachable, VaultError
from recordings.composing.encoder import encode, nameless, path_of
from recordings.files import safe_id
from recordings.files.encrypted_file_store import EncryptedFileStore
from rooms.events import ExhibitPrepared, ExhibitUnreadable, Picture
from server.rooms.exhibits.uploads import LONGEST_FILM, BadFile, DrawnFile, ImageWorker
from server.serving.jobs import Claim, RetryLater
from server.serving.jobs.store import Job

if TYPE_CHECKING:  # libav and the engines of speech: whoever has a job loads them
    from recordings.composing import CompositionPlan
    from recordings.speech import SpeechProcess
    from recordings.transcripts import HearingPlan


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
        from recordings.composing import from_json

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
        from recordings.speech import SpeechError, SpeechProcess

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
        from recordings.transcripts import plan_from_json

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


# ------------------------------------------------------------ preparing


JOB: Final = "prepare_exhibit"
FOLDER: Final = "exhibits"


def preparation_folder(session: str, exhibit: str) -> str:
    """Below the recordings."""
    return f"{safe_id(session)}/{FOLDER}/{safe_id(exhibit)}"


def fact_of(job: Job) -> ExhibitPrepared | ExhibitUnreadable:
    """What the room notes of one that has ended."""
    exhibit = str(job.arguments["exhibit"])
    if job.state == "failed":
        return ExhibitUnreadable(exhibit, job.result.get("cause", "broken"))
    pages, film = (Picture(**one) for one in job.result["pages"]), Picture(**job.result["film"])
    return ExhibitPrepared(exhibit, tuple(pages), film)


SIDE: Final = 1280
MOST_TRIES: Final = 3
AGAIN_SECONDS: Final = 10.0
LARGEST: Final = 150 << 20  # bytes of what is made
LIMITS: Final = {"LEASH_MEMORY": 2 << 30, "LEASH_SECONDS": 1200}
_DEMUXERS: Final = {"mp4": "mov", "mov": "mov", "webm": "matroska"}
_FIT: Final = (
    f"scale='if(gt(iw,ih),min({SIDE},iw),-2)':'if(gt(iw,ih),-2,min({SIDE},ih))',"
    "crop=trunc(iw/2)*2:trunc(ih/2)*2,setsar=1,fps=30,format=yuv420p"
)


class PrepareExhibitJob:
    """The job `prepare_exhibit`: a film somebody offered becomes one that every browser plays, and its first picture.

    What comes out is made anew from decoded pictures and sound: no place, no phone, no other streams, nothing behind
    it.

    Handler of `prepare_exhibit(session, exhibit, original, form)`.
    """

    def __init__(self, shelf: EncryptedFileStore, live: Callable[[], bool] = lambda: False) -> None:
        self._shelf, self._live = shelf, live

    async def __call__(self, job: Claim, session: str, exhibit: str, original: str, form: str) -> None:
        folder = preparation_folder(session, exhibit)
        film, page = f"{folder}/film-{job.number}", f"{folder}/page-1-{job.number}"
        try:
            if job.job.tries > MOST_TRIES:  # also when each try ended with the whole process
                raise CompositionError("encoder", "given up")
            made = await self._made(session, original, form, film, page)
        except (BadFile, CompositionError, VaultError, OSError) as fault:
            log.warning("The film %s cannot be prepared: %s", exhibit, fault)
            if isinstance(fault, FileMissing) and self._shelf.away is not None:
                job.await_files("")
            if isinstance(fault, AWAY) or (isinstance(fault, OSError) and job.job.tries < MOST_TRIES):
                raise RetryLater(AGAIN_SECONDS) from fault
            await job.failed("unreadable", cause=fault.why if isinstance(fault, BadFile) else "broken")
        else:
            if not await job.ready(pages=[asdict(made[0])], film=asdict(made[1])):
                for path in (film, page):  # it was withdrawn or erased meanwhile, or somebody else was faster
                    await asyncio.to_thread(self._shelf.remove, path)

    async def _made(self, session: str, original: str, form: str, film: str, page: str) -> tuple[Picture, Picture]:
        """Its first picture, and itself."""
        folder = self._shelf.folder
        with nameless(folder) as source, nameless(folder) as encoded, tempfile.TemporaryDirectory() as scratch:
            await asyncio.to_thread(self._copy, session, original, source)
            source.seek(0)
            await self._encode(source, encoded, Path(scratch), form)
            found, first = await self._measured(encoded), await self._first(encoded, Path(scratch))
            return await asyncio.to_thread(self._keep, session, film, page, encoded, found, first)

    async def _encode(self, source: BinaryIO, film: BinaryIO, scratch: Path, form: str) -> None:
        arguments = [
            "-protocol_whitelist", "file", "-f", _DEMUXERS[form], "-i", path_of(source),
            "-map", "0:v:0", "-map", "0:a:0?", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1",
            "-t", str(LONGEST_FILM), "-fs", str(LARGEST), "-vf", _FIT,
            "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "main", "-crf", "24", "-maxrate", "2500k",
            "-bufsize", "5000k", "-g", "60", "-c:a", "aac", "-ac", "2", "-b:a", "96k", "-fflags", "+bitexact",
            "-movflags", "+faststart", "-f", "mp4",
        ]  # fmt: skip
        await encode([], arguments, film, scratch, lambda _: None, self._live, held=[source], limits=LIMITS)

    async def _first(self, film: BinaryIO, scratch: Path) -> DrawnFile:
        """The first picture, drawn like any other."""
        with nameless(self._shelf.folder) as still:
            arguments = [
                "-f",
                "mov",
                "-i",
                path_of(film),
                "-frames:v",
                "1",
                "-q:v",
                "3",
                "-f",
                "image2pipe",
                "-c:v",
                "mjpeg",
            ]
            await encode([], arguments, still, scratch, lambda _: None, self._live, held=[film], limits=LIMITS)
            return await ImageWorker().draw(still, "jpeg", 1)

    async def _measured(self, film: BinaryIO) -> DrawnFile:
        return await ImageWorker().draw(film, "mp4")

    def _copy(self, session: str, path: str, into: BinaryIO) -> None:
        with self._shelf.open(session, path) as file:
            while piece := file.read(1 << 20):
                into.write(piece)
        into.flush()

    def _keep(
        self, session: str, film: str, page: str, encoded: BinaryIO, found: DrawnFile, first: DrawnFile
    ) -> tuple[Picture, Picture]:
        encoded.seek(0)
        whole = self._shelf.put_at_home(session, film, encoded)
        (sheet,) = first.sheets
        still = self._shelf.put_at_home(session, page, io.BytesIO(sheet.content))
        return (
            Picture(page, sheet.width, sheet.height, still.sha256, still.size, still.stored_sha256),
            Picture(film, found.width, found.height, whole.sha256, whole.size, whole.stored_sha256, found.ms),
        )
