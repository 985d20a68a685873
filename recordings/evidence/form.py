"""Names and texts of the format: the manifest, canonical JSON, where each thing lies in a package."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal, get_args

from recordings.evidence.archive import Unsound, sound

FORMAT: Final = "yuntiao-evidence/2"
FIRST: Final = "yuntiao-evidence/1"
"""Without signed texts, handwriting and files of the complaint."""
EXPORT: Final = "yuntiao-export/1"
MASKED: Final = "masked.json"

MANIFEST, MANIFEST_NOTE = "manifest.json", "manifest.note"
WATERMARK, EXPORT_JSON, EXPORT_NOTE = "export.html", "export.json", "export.note"
BEFORE: Final = (MANIFEST, MANIFEST_NOTE)
AFTER: Final = (WATERMARK, EXPORT_JSON, EXPORT_NOTE)

SESSION, COMPLAINT = "journal/session.jsonl", "journal/complaint.jsonl"
CHECKPOINT, INCLUSION, WITNESSES = "log/checkpoint.note", "log/inclusion.json", "log/witnesses.json"
PAGES: Final = ("index.html", "index.en.html", "index.zh.html")
"""What every package shows people. The verifier beside them is left out by a program built without one."""
STAMPS: Final = "log/timestamps/"
VERIFIER: Final = "verify.html"
VIDEO: Final = "video/composed.mp4"

MOST_MANIFEST: Final = 32 << 20
MOST_TEXT: Final = 128 << 20
MOST_NOTE: Final = 1 << 20
MOST_EVENTS: Final = 1_000_000

Kind = Literal[
    "page", "journal", "log", "segment", "video", "text", "sheet", "exhibit", "document", "signed", "handwriting",
    "attachment",
]  # fmt: skip
Cause = Literal["erased", "missing", "damaged"]
FOLDERS: Final[Mapping[str, Kind]] = {
    "journal": "journal",
    "log": "log",
    "media": "segment",
    "video": "video",
    "texts": "text",
    "sheets": "sheet",
    "exhibits": "exhibit",
    "documents": "document",
    "signed": "signed",
    "handwriting": "handwriting",
    "attachments": "attachment",
}

_HEX = re.compile(r"[0-9a-f]{64}")
_WHOLE: Final = (1 << 53) - 1


@dataclass(frozen=True, slots=True)
class ManifestItem:
    path: str
    kind: str
    size: int
    sha256: str
    sm3: str = ""


@dataclass(frozen=True, slots=True)
class Absent:
    """A piece the journal names and the installation no longer has; `path` as it would be in the package."""

    path: str
    sha256: str
    size: int
    cause: str


@dataclass(frozen=True, slots=True)
class Manifest:
    session: str
    complaint: str
    complaint_number: str
    installation: str
    software: str
    key_name: str
    key: bytes  # raw Ed25519
    items: tuple[ManifestItem, ...]
    absent: tuple[Absent, ...] = ()
    format: str = FORMAT


def canonical(value: Any) -> bytes:
    """The one text of a JSON value. ValueError for NaN and what JSON cannot say."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def parsed(text: bytes) -> Any:
    """Of canonical JSON. Unsound for anything else, which also refuses a key that is there twice."""
    try:
        value = json.loads(text)
        if canonical(value) == text:
            return value
    except (ValueError, RecursionError):
        pass
    raise Unsound("not canonical JSON")


def base64_of(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def kind_of(path: str) -> Kind:
    """By the folder it lies in; KeyError when nothing of a package lies there."""
    folder, slash, _ = path.partition("/")
    if not slash:
        if path.endswith(".html"):
            return "page"
        raise KeyError(path)
    return FOLDERS[folder]


def media_path(path: str) -> str:
    """Where a segment lies whose `path` in the journal is `<session>/<seat>/<name>`."""
    return f"media/{path.partition('/')[2]}"


def exhibit_path(exhibit: str, number: int, form: str) -> str:
    """Where an original lies: `number` counts the files of one exhibit from 1."""
    return f"exhibits/{exhibit}/{number}.{form}"


def document_path(document: str) -> str:
    return f"documents/{document}.pdf"


def signed_path(document: str) -> str:
    """Where the text lies that was signed and became this document."""
    return f"signed/{document}.json"


def handwriting_path(picture: str) -> str:
    return f"handwriting/{picture}.json"


def attachment_path(attachment: str, kind: str) -> str:
    return f"attachments/{attachment}.{kind}"


def to_json(manifest: Manifest) -> bytes:
    return canonical(
        {
            "absent": [{"cause": a.cause, "path": a.path, "sha256": a.sha256, "size": a.size} for a in manifest.absent],
            "complaint": manifest.complaint,
            "complaint_number": manifest.complaint_number,
            "format": manifest.format,
            "installation": manifest.installation,
            "items": [
                {"kind": i.kind, "path": i.path, "sha256": i.sha256, "size": i.size} | ({"sm3": i.sm3} if i.sm3 else {})
                for i in manifest.items
            ],
            "key": {"name": manifest.key_name, "public": base64_of(manifest.key)},
            "session": manifest.session,
            "software": manifest.software,
        }
    )


def from_json(text: bytes) -> Manifest:
    """Unsound says what is not as it should be."""
    value = parsed(text)
    if not isinstance(value, dict) or value.get("format") not in (FIRST, FORMAT):
        raise Unsound("not of the format " + FORMAT)
    try:
        made = Manifest(
            session=_text(value["session"]),
            complaint=_text(value["complaint"]),
            complaint_number=_text(value["complaint_number"]),
            installation=_text(value["installation"]),
            software=_text(value["software"]),
            key_name=_text(value["key"]["name"]),
            key=base64.b64decode(_text(value["key"]["public"]), validate=True),
            items=tuple(_item(item) for item in value["items"]),
            absent=tuple(_absent(piece) for piece in value["absent"]),
            format=value["format"],
        )
    except (KeyError, TypeError, AttributeError, binascii.Error) as fault:
        raise Unsound(f"a field is missing or of another kind: {fault}") from None
    if to_json(made) != text or len(made.key) != 32:
        raise Unsound("it has fields that the format does not have")
    for paths in ([item.path for item in made.items], [piece.path for piece in made.absent]):
        if any(a >= b for a, b in pairwise(paths)):
            raise Unsound("its lists are not in order")
    return made


def _item(value: Any) -> ManifestItem:
    item = ManifestItem(
        _path(value["path"]), value["kind"], _size(value["size"]), _hex(value["sha256"]), _sm3(value.get("sm3"))
    )
    if item.kind != kind_of(item.path):
        raise Unsound(f"{item.path} is no {item.kind}")
    return item


def _absent(value: Any) -> Absent:
    if value["cause"] not in get_args(Cause):
        raise Unsound("an unknown cause")
    return Absent(_path(value["path"]), _hex(value["sha256"]), _size(value["size"]), value["cause"])


def _sm3(value: Any) -> str:
    return "" if value is None else _hex(value)


def _path(value: Any) -> str:
    if not isinstance(value, str) or not sound(value) or value in (*BEFORE, *AFTER):
        raise Unsound("a path that no item has")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _size(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _WHOLE:
        raise Unsound("a size that is none")
    return value


def _hex(value: Any) -> str:
    if not isinstance(value, str) or _HEX.fullmatch(value) is None:
        raise Unsound("a hash that is none")
    return value
