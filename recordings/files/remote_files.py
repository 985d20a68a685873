"""Files of the data folder whose home is a store: this disk is a queue before it, and a cache of it.

A file is written here as ever, durable and sealed; then a note lies in the queue (`<data>/uploads/queue`), and
`recordings.files.uploader` takes it to the store. What lies here no more is brought back when it is asked for, and
only if it has the hash it was put with. Its name there is its path in the data folder: the journal, which names the
path, is all that is needed to find it.

A recording is a folder there: its bytes in pieces, each named by where it begins (`…-camera.webm/000000000000`), for
it goes while it is written. The last piece has `.end` behind its number. Without one the file ends where the pieces
do, as after a power cut.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import IO, BinaryIO, Final, Literal, get_args

from pydantic import TypeAdapter, ValidationError

from recordings import AlreadyThere, BadName, Damaged, NotThere, StoreUnreachable
from recordings.files import NO_RESERVE, PART, FreeSpace, file_name, parse_name
from recordings.files.object_store import BlobStore, checked_name, sha256_of

PLACES: Final = (
    "recordings",
    "documents",
    "attachments",
    "lead-files",
    "files",
    "notices",
    "certificates",
    "publicity",
)
"""Folders of the data folder whose files go, each with a case's below it."""
QUEUE: Final = "uploads/queue"
STANDING: Final = "uploads/standing.json"
"""How far it is, as the uploader last saw it (`Standing`)."""
CACHED: Final = 64 << 20  # bytes: a larger file is read where it lies, unless somebody needs it here
_COPIED: Final = 1 << 20
_SHORT_LIVED: Final = "uploads"  # a folder of recordings
_LEFT: Final = (PART, ".json")
_PIECE: Final = re.compile(r"([0-9]{12})(\.end)?")

Verb = Literal["new", "put", "gone"]
"""It was written just now, in place of whatever had its name; it lies here; it is to go."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Files and bytes that are on this disk alone; since when the oldest of them waits, in seconds since the epoch; how
    many the store does not take; `error`: "store_unreachable", "store_refuses", or "" while it answers; `cases`: how
    many of each case's files wait."""

    waiting: int = 0
    waiting_bytes: int = 0
    since: float = 0.0
    failed: int = 0
    error: str = ""
    cases: Mapping[str, int] = field(default_factory=dict)


_STANDING: Final = TypeAdapter(Standing)


def read_standing(data: Path) -> Standing:
    """The standing as it was last written down; none was: nothing waits."""
    try:
        return _STANDING.validate_json((data / STANDING).read_bytes())
    except (OSError, ValidationError):
        return Standing()


def write_standing(data: Path, standing: Standing) -> None:
    place = data / STANDING
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(f".{place.name}.{os.getpid()}")
    fresh.write_bytes(_STANDING.dump_json(standing))
    fresh.replace(place)


@dataclass(frozen=True, slots=True)
class Piece:
    """Of a recording in the store: from where to where, and whether it is the last."""

    start: int
    size: int
    last: bool

    @property
    def end(self) -> int:
        return self.start + self.size

    @property
    def name(self) -> str:
        return f"{self.start:012d}{'.end' if self.last else ''}"


def is_recording(name: str) -> bool:
    """Whether a name of the store, or of a file in the data folder, is one that goes in pieces."""
    return name.startswith("recordings/") and parse_name(name.rpartition("/")[2]) is not None


def goes(name: str) -> bool:
    """Whether a file of the data folder belongs in the store: not what is being made, nor what is asked for anew."""
    place, *rest = name.split("/")
    if place not in PLACES or len(rest) < 2 or name.endswith(_LEFT):
        return False
    if place == "recordings" and rest[1] == _SHORT_LIVED:
        return False
    try:
        checked_name(name)
    except BadName:  # hidden: work under way
        return False
    return True


class RemoteFiles:
    """Called in any thread of any process of the installation. `open_store` is called once."""

    def __init__(self, data: Path, open_store: Callable[[], BlobStore], reserve: FreeSpace = NO_RESERVE) -> None:
        self._data, self._open, self._reserve = data.resolve(), open_store, reserve
        self._store: BlobStore | None = None
        self.queue = self._data / QUEUE
        self.ends = False
        """The process is about to: what is long is broken off, and goes on after the next start."""

    @property
    def data(self) -> Path:
        return self._data

    @property
    def store(self) -> BlobStore:
        self._store = self._store or self._open()
        return self._store

    def check(self) -> None:
        """Between the steps of what is long. StoreUnreachable when it `ends`."""
        if self.ends:
            raise StoreUnreachable("the program is being stopped")

    def name(self, file: Path) -> str:
        """The name in the store of a file or folder of the data folder."""
        return file.resolve().relative_to(self._data).as_posix()

    def written(self, file: Path) -> None:
        """It is whole and durable here. OSError."""
        if goes(name := self.name(file)):
            self.note("new", name)

    def send(self, file: Path, home: Path | None = None) -> None:
        """Put it there now, in place of whatever had its name, or `home`'s, which it gets there. As `open`."""
        name, digest = self.name(home or file), sha256_of(file)
        try:
            self.store.put(name, file, digest)
        except AlreadyThere:
            self.store.delete(name)
            self.store.put(name, file, digest)
        self._note("new", name).unlink(missing_ok=True)

    def removed(self, path: Path) -> None:
        """A file, or all of a folder, is to go from the store too. OSError."""
        self.note("gone", self.name(path))

    def note(self, verb: Verb, name: str) -> None:
        self.queue.mkdir(parents=True, exist_ok=True)
        note = self._note(verb, name)
        fresh = note.with_name(f".{note.name}.{os.getpid()}.{os.urandom(4).hex()}")
        fresh.write_text(name)
        fresh.replace(note)

    def _note(self, verb: Verb, name: str) -> Path:
        return self.queue / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.{verb}"

    # ------------------------------------------------------------ reading

    def open(self, file: Path) -> BinaryIO:
        """NotThere, Damaged, StoreUnreachable, StoreRefuses, OSError."""
        name = self.name(file)
        if not is_recording(name) and self.store.stat(name).size > CACHED:
            return self.store.open(name)
        self.fetch(file)
        return file.open("rb")

    def fetch(self, file: Path) -> None:
        """Bring it back, durable or not: it can be brought again. As `open`."""
        name = self.name(file)
        if is_recording(name):
            pieces = self.pieces(name)
            if not pieces or not pieces[-1].last:
                raise NotThere(name)
            self._bring(file, [(f"{name}/{piece.name}", piece.size) for piece in pieces])
        else:
            self._bring(file, [(name, self.store.stat(name).size)])

    def has(self, file: Path) -> bool:
        """Whether the store has all of a file. StoreUnreachable, StoreRefuses."""
        name = self.name(file)
        if is_recording(name):
            pieces = self.pieces(name)
            return bool(pieces) and pieces[-1].last
        try:
            self.store.stat(name)
        except NotThere:
            return False
        return True

    def pieces(self, name: str) -> list[Piece]:
        """Of a recording, as far as they follow one another without a gap."""
        found = list[Piece]()
        for path in self.store.names(name):
            if (told := _PIECE.fullmatch(path.rpartition("/")[2])) and (not found or not found[-1].last):
                start = int(told[1])
                if start != (found[-1].end if found else 0):
                    break
                found.append(Piece(start, self.store.stat(path).size, bool(told[2])))
        return found

    def stray(self, session: str, known: Sequence[str]) -> list[str]:
        """Bring back a session's recordings that no journal knows, as far as they came: named as what is being written.
        Of those it knows and that are neither here nor wholly there, what is left gets a name of its own; they are
        told, as paths in `recordings`. As `open`."""
        there = dict.fromkeys(
            path.rpartition("/")[0].removeprefix("recordings/") for path in self.store.names(f"recordings/{session}")
        )
        for path in there:
            if path not in known and is_recording(f"recordings/{path}"):
                self._rescue(path, path)
        lost = list[str]()
        for path in known:
            name, file = f"recordings/{path}", self._data / "recordings" / path
            if not is_recording(name) or file.is_file():
                continue
            if self.has(file):
                continue
            lost.append(path)
            pieces = self.pieces(name)
            if pieces and (beside := _beside(path)) not in known:
                self._rescue(path, beside)
        return lost

    def _rescue(self, path: str, into: str) -> None:
        file = self._data / "recordings" / into
        if file.is_file() or (part := file.with_name(file.name + PART)).is_file():
            return
        name = f"recordings/{path}"
        if pieces := self.pieces(name):
            whole = pieces[-1].last
            self._bring(file if whole else part, [(f"{name}/{piece.name}", piece.size) for piece in pieces])

    def _bring(self, file: Path, parts: Sequence[tuple[str, int]]) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_name(f".{file.name}.fetched-{os.getpid()}-{os.urandom(4).hex()}")
        try:
            with fresh.open("xb") as made:
                for name, size in parts:
                    self._reserve.require(size)
                    self._copy(name, made)
            fresh.chmod(0o640)
            fresh.replace(file)
        finally:
            fresh.unlink(missing_ok=True)

    def _copy(self, name: str, into: IO[bytes]) -> None:
        expected, digest = self.store.stat(name).sha256, hashlib.sha256()
        with self.store.open(name) as file:
            while piece := file.read(_COPIED):
                digest.update(piece)
                into.write(piece)
        if digest.hexdigest() != expected:
            raise Damaged(f"{name} is not what was put into the store")

    # ------------------------------------------------------------ removing

    def begin_anew(self) -> None:
        """Forget what is here. Of a disk that is nobody's home: what counts of it is in the store already, and the rest
        must not get there."""
        for place in PLACES:
            shutil.rmtree(self._data / place, ignore_errors=True)
        for verb, _, note in list(self.waiting()):
            if verb != "gone":
                note.unlink(missing_ok=True)

    def remove_folder(self, folder: Path) -> tuple[int, int]:
        """Everything below a folder, here and there; how many files and bytes, each counted once. What is on its way at
        this moment goes when it has arrived. As `open`."""
        self.removed(folder)
        # What a killed job left may lead out of here: links to letters, for one.
        here = [file for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]
        files, size = len(here), sum(file.stat().st_size for file in here)
        known = {self.name(file) for file in here}
        if folder.exists():
            shutil.rmtree(folder)
        for name in list(self.store.names(self.name(folder))):
            whole = name.rpartition("/")[0] if _PIECE.fullmatch(name.rpartition("/")[2]) else name
            if whole not in known:
                files, size = files + (whole == name or name.endswith(".end")), size + self.store.stat(name).size
            self.store.delete(name)
        return files, size

    def cases(self, folder: Path) -> set[str]:
        """Cases of which something lies in the store below this folder."""
        return set(self.store.folders(self.name(folder)))

    def waiting(self) -> Iterator[tuple[Verb, str, Path]]:
        """What the queue has: what is to be done with which name, and the note that says so."""
        with contextlib.suppress(FileNotFoundError):
            for entry in os.scandir(self.queue):
                for verb in get_args(Verb):
                    if entry.name.endswith(f".{verb}") and not entry.name.startswith("."):
                        with contextlib.suppress(FileNotFoundError):
                            yield verb, Path(entry.path).read_text(), Path(entry.path)


def _beside(path: str) -> str:
    """A name a millisecond later."""
    folder, _, name = path.rpartition("/")
    told = parse_name(name)
    assert told is not None
    return f"{folder}/{file_name(told[0] + timedelta(milliseconds=1), told[1])}"
