"""Films that were offered, made into such as every browser plays.

The web process asks for it; what comes of it the job says, and the room notes. What is made has the number of its claim
in its name, and is at its home before anybody is told.
"""

from __future__ import annotations

import asyncio
import io
import logging
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO, Final

from recordings import AWAY, CompositionError, FileMissing, VaultError
from recordings.composing.encoder import encode, nameless, path_of
from recordings.files.durable import safe_id
from recordings.files.encrypted_file_store import EncryptedFileStore
from rooms.events import ExhibitPrepared, ExhibitUnreadable, Picture
from server.rooms.exhibits.uploads import LONGEST_FILM, BadFile, DrawnFile, ImageWorker
from server.serving.jobs import Claim, RetryLater
from server.serving.jobs.store import Job

log = logging.getLogger(__name__)

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
