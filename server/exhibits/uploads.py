"""What may be offered as an exhibit, and files on their way in."""

from __future__ import annotations

import contextlib
import io
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from pydantic import TypeAdapter, ValidationError

from recordings.errors import VaultError
from recordings.files.durable import safe_id
from recordings.files.encrypted_file_store import EncryptedFileStore
from rooms.views import AnnouncedFile
from rooms.vocabulary import ExhibitKind

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
    "pdf": ("pdf",),
    "mp4": ("mp4", "m4v"),
    "mov": ("mov", "qt"),
    "webm": ("webm",),
}
KINDS: Final = {
    "jpeg": ExhibitKind.PICTURES,
    "png": ExhibitKind.PICTURES,
    "webp": ExhibitKind.PICTURES,
    "pdf": ExhibitKind.DOCUMENT,
    "mp4": ExhibitKind.FILM,
    "mov": ExhibitKind.FILM,
    "webm": ExhibitKind.FILM,
}
TYPES: Final = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
}
_HEIC: Final = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"})


class BadFile(Exception):
    """`why`: "empty", "large", "kind", "heic", "ending", "mixed", "many", "broken", "pixels", "animated", "locked",
    "pages", "long", "coding", "hard" (it took more time or memory than any ordinary one) or "often" (its sender has had
    so much drawn that they have to wait)."""

    def __init__(self, why: str, **params: int | str) -> None:
        super().__init__(why)
        self.why, self.params = why, params


def form_of(head: bytes) -> str:
    """By the first bytes of a file. BadFile("kind", "heic")."""
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
        if brand in _HEIC:
            raise BadFile("heic")
        return "mov" if brand == b"qt  " else "mp4"
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head[:64]:
        return "webm"
    raise BadFile("kind")


def checked_exhibit(head: bytes, name: str, size: int) -> str:
    """The form, told by the content, which the name's ending must agree with. BadFile.

    Only first bytes are looked at: decoding is `server.exhibits.drawing`'s, in a process of its own.
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
class Plan:
    """What was announced, and by which seat."""

    seat: str
    title: str
    files: tuple[AnnouncedFile, ...]
    private: bool
    purpose: str
    term: int


_PLAN = TypeAdapter(Plan)


class Uploads:
    """Files on their way in: `<recordings>/<session>/uploads/<upload>/`, each piece sealed under the session's key.

    A piece is safe when its request is answered; whoever comes back after a broken line, or after the server did, goes
    on where they were. What nobody finishes is removed after a while, and when the session closes. Everything here
    blocks.

    Calls about one upload come one after another: its owner sees to that.
    """

    def __init__(self, shelf: EncryptedFileStore) -> None:
        self._shelf = shelf

    def begin(self, session: str, upload: str, plan: Plan) -> None:
        self._shelf.put(session, f"{_path(session, upload)}/plan", io.BytesIO(_PLAN.dump_json(plan)))

    def plan(self, session: str, upload: str) -> Plan | None:
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

    def clear(self, session: str) -> None:
        """Nothing more comes in."""
        shutil.rmtree(self._shelf.folder / safe_id(session) / FOLDER, ignore_errors=True)

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
