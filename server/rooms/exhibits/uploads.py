"""What may be offered as an exhibit, files on their way in, and their drawing by a confined child."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import shutil
import struct
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from pydantic import TypeAdapter, ValidationError

from complaints.record.uploads import HEIC
from media.sfu.control import TokenBucket
from recordings import VaultError
from recordings.files import safe_id
from recordings.files.encrypted_file_store import EncryptedFileStore
from rooms.exhibits.rules import MOST_PAGES
from rooms.views import AnnouncedFile
from rooms.vocabulary import ExhibitKind
from server.confinement import Declined, ReaderStopped
from server.confinement.reader import ReadingLimits, read

MOST_PICTURES: Final = 20  # files of one exhibit
LARGEST: Final = {
    ExhibitKind.PICTURES: 20 << 20,
    ExhibitKind.DOCUMENT: 30 << 20,
    ExhibitKind.FILM: 120 << 20,
}
"""Bytes of one file."""
LARGEST_EXHIBIT: Final = 120 << 20
LARGEST_SESSION: Final = 600 << 20  # of all originals of a session
LONGEST_FILM: Final = 180  # seconds

ENDINGS: Final = {
    "jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "png": ("png",),
    "webp": ("webp",),
    "heic": ("heic", "heif", "hif"),
    "pdf": ("pdf",),
    "mp4": ("mp4", "m4v"),
    "mov": ("mov", "qt"),
    "webm": ("webm",),
}
KINDS: Final = {
    "jpeg": ExhibitKind.PICTURES,
    "png": ExhibitKind.PICTURES,
    "webp": ExhibitKind.PICTURES,
    "heic": ExhibitKind.PICTURES,
    "pdf": ExhibitKind.DOCUMENT,
    "mp4": ExhibitKind.FILM,
    "mov": ExhibitKind.FILM,
    "webm": ExhibitKind.FILM,
}
_AVIF: Final = frozenset({b"avif", b"avis"})


class BadFile(Exception):
    """`why`: "empty", "large", "kind", "ending", "mixed", "many", "broken", "pixels", "animated", "locked",
    "pages", "long", "coding", "hard" (it took more time or memory than any ordinary one) or "often" (its sender has had
    so much drawn that they have to wait)."""

    def __init__(self, why: str, **params: int | str) -> None:
        super().__init__(why)
        self.why, self.params = why, params


def form_of(head: bytes) -> str:
    """By the first bytes of a file. BadFile("kind")."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in HEIC:
            return "heic"
        if brand in _AVIF:
            raise BadFile("kind")
        return "mov" if brand == b"qt  " else "mp4"
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head[:64]:
        return "webm"
    raise BadFile("kind")


def checked_exhibit(head: bytes, name: str, size: int) -> str:
    """The form, told by the content, which the name's ending must agree with. BadFile.

    Only first bytes are looked at: decoding is `server.rooms.exhibits.drawing`'s, in a process of its own.
    """
    if not size:
        raise BadFile("empty")
    form = form_of(head)
    ending = PurePosixPath(name.replace("\\", "/")).suffix.lower().lstrip(".")
    if ending not in ENDINGS[form]:
        raise BadFile("ending", form=form.upper())
    if size > LARGEST[KINDS[form]]:
        raise BadFile("large", most=LARGEST[KINDS[form]] >> 20)
    return form


def kind_of(forms: Sequence[str]) -> ExhibitKind:
    """Of all files of one exhibit: pictures, or one document, or one film. BadFile("mixed", "many")."""
    kinds = {KINDS[form] for form in forms}
    if len(kinds) != 1:
        raise BadFile("mixed")
    (kind,) = kinds
    if kind is not ExhibitKind.PICTURES and len(forms) > 1:
        raise BadFile("mixed")
    if len(forms) > MOST_PICTURES:
        raise BadFile("many", most=MOST_PICTURES)
    return kind


PIECE: Final = 512 * 1024  # bytes of one request at most
FORGOTTEN: Final = 2 * 3600.0  # seconds after which an upload nobody goes on with is removed
MOST_OPEN: Final = 6  # of one seat
FOLDER: Final = "uploads"


@dataclass(frozen=True, slots=True)
class AnnouncedUpload:
    """What was announced, and by which seat."""

    seat: str
    title: str
    files: tuple[AnnouncedFile, ...]
    private: bool
    purpose: str
    term: int


_PLAN = TypeAdapter(AnnouncedUpload)


class ExhibitUploads:
    """Files on their way in: `<recordings>/<session>/uploads/<upload>/`, each piece sealed under the session's key.

    A piece is safe when its request is answered; whoever comes back after a broken line, or after the server did, goes
    on where they were. What nobody finishes is removed after a while, and when the session closes. Everything here
    blocks.

    Calls about one upload come one after another: its owner sees to that.
    """

    def __init__(self, shelf: EncryptedFileStore) -> None:
        self._shelf = shelf

    def begin(self, session: str, upload: str, plan: AnnouncedUpload) -> None:
        self._shelf.put(session, f"{_path(session, upload)}/plan", io.BytesIO(_PLAN.dump_json(plan)))

    def plan(self, session: str, upload: str) -> AnnouncedUpload | None:
        """None when there is none, or none that can be read."""
        try:
            with self._shelf.open(session, f"{_path(session, upload)}/plan") as file:
                return _PLAN.validate_json(file.read())
        except (VaultError, ValidationError, ValueError):
            return None

    def received(self, session: str, upload: str, files: int) -> list[int]:
        """Bytes of each file that are there without a gap."""
        ends: list[dict[int, int]] = [{} for _ in range(files)]
        for piece in self._folder(session, upload).glob("*-*-*"):
            number, start, end = (int(part) for part in piece.name.split("-"))
            if number < files:
                ends[number][start] = end
        found = []
        for there in ends:
            at = 0
            while at in there:
                at = there[at]
            found.append(at)
        return found

    def append(self, session: str, upload: str, file: int, at: int, content: bytes) -> None:
        name = f"{_path(session, upload)}/{file}-{at}-{at + len(content)}"
        self._shelf.put(session, name, io.BytesIO(content))

    def pour(self, session: str, upload: str, file: int, into: BinaryIO) -> int:
        """The whole file, piece after piece; its size."""
        pieces = sorted((int(piece.name.split("-")[1]), piece.name) for piece in self._pieces(session, upload, file))
        size = 0
        for start, name in pieces:
            if start != size:
                continue
            with self._shelf.open(session, f"{_path(session, upload)}/{name}") as piece:
                content = piece.read()
            into.write(content)
            size += len(content)
        return size

    def open_of(self, session: str, seat: str) -> Sequence[str]:
        """Uploads that this seat has begun and that are not too old; the others go."""
        found, now = [], time.time()
        folder = self._shelf.folder / safe_id(session) / FOLDER
        for one in sorted(folder.iterdir()) if folder.is_dir() else ():
            if now - _touched(one) > FORGOTTEN:
                shutil.rmtree(one, ignore_errors=True)
            elif (plan := self.plan(session, one.name)) is not None and plan.seat == seat:
                found.append(one.name)
        return found

    def remove(self, session: str, upload: str) -> None:
        shutil.rmtree(self._folder(session, upload), ignore_errors=True)

    def _pieces(self, session: str, upload: str, file: int) -> Sequence[Path]:
        return list(self._folder(session, upload).glob(f"{file}-*-*"))

    def _folder(self, session: str, upload: str) -> Path:
        return self._shelf.folder / _path(session, upload)


def _path(session: str, upload: str) -> str:
    return f"{safe_id(session)}/{FOLDER}/{safe_id(upload)}"


def _touched(folder: Path) -> float:
    with contextlib.suppress(OSError):
        return max((file.stat().st_mtime for file in folder.iterdir()), default=folder.stat().st_mtime)
    return 0.0


BUDGET: Final = 60.0  # seconds of a core that a seat may use at once
REFILL: Final = 0.1  # seconds of a core that come back in a second
FORGOTTEN_DRAWINGS: Final = BUDGET / REFILL  # seconds after which a budget is full again, whatever was used

Seat = tuple[str, str]
"""Session and seat."""


class BudgetUsed(Exception):
    """The seat has had so much drawn that it has to wait for a while."""


class DrawingQueue:
    """Who may have files drawn next: one seat after another, one file of a seat at a time, within each seat's budget.

    `places`: files that are drawn at once. `clock`: seconds, monotonic.
    """

    def __init__(self, places: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._free, self._clock = places, clock
        self._busy: set[Seat] = set()
        self._waiting: OrderedDict[Seat, deque[asyncio.Future[None]]] = OrderedDict()
        self._budgets: OrderedDict[Seat, TokenBucket] = OrderedDict()  # seconds; looked at last at the end

    def rested(self, seat: Seat) -> bool:
        """Whether something is left of its budget."""
        return self._budget(seat) > 0

    @asynccontextmanager
    async def turn(self, seat: Seat) -> AsyncIterator[Callable[[float], None]]:
        """Waits for a place. What is given is told the seconds of a core that were used. BudgetUsed."""
        if not self.rested(seat):
            raise BudgetUsed
        await self._place(seat)
        try:
            yield lambda seconds: self._use(seat, seconds)
        finally:
            self._busy.discard(seat)
            self._free += 1
            self._give()

    async def _place(self, seat: Seat) -> None:
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(seat, deque()).append(mine)
        self._give()
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():  # it had just been given the place
                self._busy.discard(seat)
                self._free += 1
                self._give()
            raise

    def _give(self) -> None:
        """Free places to seats that have none, those first that have waited longest for theirs."""
        for seat in list(self._waiting):
            if not self._free:
                return
            if seat in self._busy:
                continue
            queue = self._waiting[seat]
            while queue and queue[0].done():
                queue.popleft()  # given up
            if queue:
                self._free -= 1
                self._busy.add(seat)
                queue.popleft().set_result(None)
            if queue:
                self._waiting.move_to_end(seat)
            else:
                del self._waiting[seat]

    def _budget(self, seat: Seat) -> float:
        """Seconds that are left; less than none where the last file took more than there were."""
        if (budget := self._budgets.get(seat)) is None:
            return BUDGET
        budget.refill(self._clock())
        self._budgets.move_to_end(seat)
        return budget.tokens

    def _use(self, seat: Seat, seconds: float) -> None:
        now = self._clock()
        budget = self._budgets.setdefault(seat, TokenBucket(REFILL, BUDGET, now))
        budget.refill(now)
        budget.tokens -= seconds
        self._budgets.move_to_end(seat)
        while next(iter(self._budgets.values())).updated_at < now - FORGOTTEN_DRAWINGS:
            self._budgets.popitem(last=False)


AT_ONCE: Final = max(1, min(2, (os.cpu_count() or 1) // 2))  # media has the other half of the machine
LIMITS: Final = ReadingLimits(seconds=9, output=96 << 20)  # 80 scanned pages take 6
_WHY: Final = frozenset({"broken", "pixels", "animated", "locked", "pages", "long", "coding"})
_SIZE: Final = struct.Struct(">II")
_FILM: Final = struct.Struct(">III")


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page as it is shown: a JPEG."""

    width: int
    height: int
    content: bytes


@dataclass(frozen=True, slots=True)
class DrawnFile:
    """Pages of a picture or document; of a film its size and length."""

    sheets: tuple[DrawnPage, ...] = ()
    width: int = 0
    height: int = 0
    ms: int = 0


class ImageWorker:
    """So many at once; others wait, and of those who wait each seat gets its turn."""

    def __init__(self, turns: DrawingQueue | None = None) -> None:
        self._turns = turns or DrawingQueue(AT_ONCE)

    def rested(self, seat: Seat) -> bool:
        """False while it has used up its budget."""
        return self._turns.rested(seat)

    async def draw(self, file: BinaryIO, form: str, most_pages: int = MOST_PAGES, seat: Seat = ("", "")) -> DrawnFile:
        """Of an open file. BadFile; whatever becomes of the drawing child is one too."""
        try:
            async with self._turns.turn(seat) as used:
                return await _drawn(file, form, most_pages, used)
        except BudgetUsed:
            raise BadFile("often") from None


async def _drawn(file: BinaryIO, form: str, most_pages: int, used: Callable[[float], None]) -> DrawnFile:
    order = {"form": form, "most_pages": most_pages, "most_seconds": LONGEST_FILM}
    seconds = 0.0
    try:
        answer = await read("drawing", file, order, LIMITS)
        seconds = answer.seconds
        return _found(answer.frames)
    except Declined as no:
        seconds = no.seconds
        why = no.code if no.code in _WHY else "broken"
        raise BadFile(why, most=MOST_PAGES if why == "pages" else LONGEST_FILM // 60) from None
    except ReaderStopped as no:
        seconds = no.seconds
        raise BadFile("hard") from None
    finally:
        used(seconds)


def _found(frames: list[bytes]) -> DrawnFile:
    sheets: list[DrawnPage] = []
    film = (0, 0, 0)
    for frame in frames:
        if frame[:1] == b"P":
            width, height = _SIZE.unpack_from(frame, 1)
            sheets.append(DrawnPage(width, height, frame[1 + _SIZE.size :]))
            if not sheets[-1].content.startswith(b"\xff\xd8\xff"):
                raise BadFile("hard")
        else:
            film = _FILM.unpack_from(frame, 1)
    return DrawnFile(tuple(sheets), *film)
