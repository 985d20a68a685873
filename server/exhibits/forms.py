"""What may be offered as an exhibit: told by its content, which the name's ending must agree with. Limits of all of it.

Decoding is `server.exhibits.drawing`'s, in a process of its own; here only first bytes are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

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


def checked(head: bytes, name: str, size: int) -> str:
    """The form, when everything that can be said without decoding agrees. BadFile."""
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
