"""Films that were offered, made into such as every browser plays, and how far each is on its way.

The web process asks; the job process makes and says `ready` or `failed`; the web process has the room note it and
removes the file. Everything here blocks.
"""

from __future__ import annotations

import asyncio
import io
import logging
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final, Literal

from pydantic import TypeAdapter, ValidationError

from recordings import AWAY, CompositionError, VaultError
from recordings.composing import composition_plan
from recordings.composing.encoder import encode, nameless, path_of
from recordings.files.durable import safe_id
from recordings.files.encrypted_file_store import EncryptedFileStore
from rooms.events import ExhibitPrepared, ExhibitUnreadable, Picture
from server.exhibits.uploads import LONGEST_FILM, BadFile, DrawnFile, ImageWorker
from server.serving.jobs import RetryLater

log = logging.getLogger(__name__)

JOB: Final = "prepare_exhibit"
FOLDER: Final = "exhibits"
_FILE: Final = "preparing.json"


@dataclass(frozen=True, slots=True)
class Preparation:
    """A film to be prepared, in `<session>/exhibits/<exhibit>/preparing.json`. `ms`: as its file says, else 0."""

    exhibit: str
    original: str
    form: str
    ms: int
    state: Literal["queued", "ready", "failed"] = "queued"
    tries: int = 0
    cause: str = ""
    pages: tuple[Picture, ...] = ()
    film: Picture | None = None

    @property
    def fact(self) -> ExhibitPrepared | ExhibitUnreadable | None:
        if self.state == "ready":
            return ExhibitPrepared(self.exhibit, self.pages, self.film)
        return ExhibitUnreadable(self.exhibit, self.cause) if self.state == "failed" else None


_WANTED = TypeAdapter(Preparation)


def preparation_folder(session: str, exhibit: str) -> str:
    """Below the recordings."""
    return f"{safe_id(session)}/{FOLDER}/{safe_id(exhibit)}"


def request_preparation(recordings: Path, session: str, wanted: Preparation) -> None:
    composition_plan.replace_file(_file(recordings, session, wanted.exhibit), _WANTED.dump_json(wanted))


tell = request_preparation


def read_preparation(recordings: Path, session: str, exhibit: str) -> Preparation | None:
    """None when nothing is on its way."""
    try:
        return _WANTED.validate_json(_file(recordings, session, exhibit).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def preparation_done(recordings: Path, session: str, exhibit: str) -> None:
    _file(recordings, session, exhibit).unlink(missing_ok=True)


def preparations_under_way(recordings: Path) -> Iterator[tuple[str, Preparation]]:
    """Of all sessions."""
    for file in sorted(recordings.glob(f"*/{FOLDER}/*/{_FILE}")):
        session, exhibit = file.parts[-4], file.parts[-2]
        if (wanted := read_preparation(recordings, session, exhibit)) is not None:
            yield session, wanted


def _file(recordings: Path, session: str, exhibit: str) -> Path:
    return recordings / preparation_folder(session, exhibit) / _FILE


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

    Handler of `prepare_exhibit(session, exhibit)`; one at a time.
    """

    def __init__(self, shelf: EncryptedFileStore, live: Callable[[], bool] = lambda: False) -> None:
        self._shelf, self._live, self._turn = shelf, live, threading.Lock()

    async def __call__(self, session: str, exhibit: str) -> None:
        wanted = read_preparation(self._shelf.folder, session, exhibit)
        if wanted is None or wanted.state != "queued":
            return  # done by an earlier run, withdrawn or erased
        if not self._turn.acquire(blocking=False):
            raise RetryLater(1.0)
        try:
            begun = replace(wanted, tries=wanted.tries + 1)
            tell(self._shelf.folder, session, begun)
            await self._prepare(session, begun)
        finally:
            self._turn.release()

    async def _prepare(self, session: str, wanted: Preparation) -> None:
        try:
            if wanted.tries > MOST_TRIES:  # also when each try ended with the whole process
                raise CompositionError("encoder", "given up")
            made = await self._made(session, wanted)
        except (BadFile, CompositionError, VaultError, OSError) as fault:
            log.warning("The film %s cannot be prepared: %s", wanted.exhibit, fault)
            if isinstance(fault, AWAY) or (isinstance(fault, OSError) and wanted.tries < MOST_TRIES):
                raise RetryLater(AGAIN_SECONDS) from fault
            cause = fault.why if isinstance(fault, BadFile) else "broken"
            made = replace(wanted, state="failed", cause=cause)
        if read_preparation(self._shelf.folder, session, wanted.exhibit) is not None:  # else it was withdrawn meanwhile
            tell(self._shelf.folder, session, made)

    async def _made(self, session: str, wanted: Preparation) -> Preparation:
        folder = self._shelf.folder
        with nameless(folder) as source, nameless(folder) as film, tempfile.TemporaryDirectory() as scratch:
            await asyncio.to_thread(self._copy, session, wanted.original, source)
            source.seek(0)
            await self._encode(source, film, Path(scratch), wanted.form)
            found, first = await self._measured(film), await self._first(film, Path(scratch))
            return await asyncio.to_thread(self._keep, session, wanted, film, found, first)

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
        self, session: str, wanted: Preparation, film: BinaryIO, found: DrawnFile, first: DrawnFile
    ) -> Preparation:
        folder = preparation_folder(session, wanted.exhibit)
        film.seek(0)
        whole = self._shelf.put(session, f"{folder}/film", film)
        (sheet,) = first.sheets
        still = self._shelf.put(session, f"{folder}/page-1", io.BytesIO(sheet.content))
        return replace(
            wanted,
            state="ready",
            pages=(
                Picture(f"{folder}/page-1", sheet.width, sheet.height, still.sha256, still.size, still.stored_sha256),
            ),
            film=Picture(
                f"{folder}/film", found.width, found.height, whole.sha256, whole.size, whole.stored_sha256, found.ms
            ),
        )


def interrupted_preparations(recordings: Path) -> list[tuple[str, str]]:
    """Session and exhibit of every film that was asked for and is neither ready nor given up."""
    return [(session, one.exhibit) for session, one in preparations_under_way(recordings) if one.state == "queued"]
