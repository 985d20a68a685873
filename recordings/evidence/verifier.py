"""Checks a package against docs/evidence.md, section 6: each for itself, so that a fault is named for what it is.

Trusts nothing it reads: whatever is wrong with an entry is a failed check, never an exception.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from cryptography import x509

from recordings.evidence import form, lines, merkle, notes, sheets, stamps
from recordings.evidence.authenticity import authenticity, edition
from recordings.evidence.contents import MEDIA, Contents, Held, opened
from recordings.evidence.errors import NotAnArchive, Unsound
from recordings.evidence.form import Item, Manifest, canonical
from recordings.evidence.lines import Line
from recordings.evidence.sheets import Told
from recordings.evidence.verdict import MOST_DETAILS, Check, Code, Report, Status

EARLY: Final = timedelta(minutes=5)
_HEX = re.compile(r"[0-9a-f]{64}")
_DIGITS = re.compile(r"0|[1-9]\d{0,15}")
_CHECKPOINT = re.compile(r"(yuntiao/[^\n]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\ntime (\S{27})\n")
_ENDS: Final = {"SessionClosed", "SessionCancelled"}
_ANSWERS: Final = {"ConsentGiven", "ConsentRefused"}
_KINDS: Final = {"participate": "notice", "record": "recording"}

Texts = Callable[[str], bytes | None]
"""The program's own text for a path such as `texts/2026-11-25.3/notice.zh.txt`; None for a version it does not know."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What whoever asks knows from elsewhere. `key`: raw Ed25519; `authorities`: whose time stamps they believe."""

    key: bytes | None = None
    authorities: Sequence[x509.Certificate] = ()


def verify(package: Path, expected: Expected, texts: Texts) -> Report:
    """OSError when the file cannot be read; everything else is in the report."""
    try:
        contents = opened(package)
    except NotAnArchive as fault:
        return Report((Check("zip", "failed", (str(fault),)),))
    names = [entry.name for entry in contents.entries]
    if form.MASKED in names and form.MANIFEST not in names:
        return Report((Check("zip", "ok"), Check("manifest", "failed", (form.MASKED,))))
    raw = contents.text(form.MANIFEST, form.MOST_MANIFEST)
    if raw is None:
        return Report((Check("zip", "ok"), Check("manifest", "failed", ("there is none",))))
    try:
        manifest = form.from_json(raw)
    except Unsound as fault:
        return Report((Check("zip", "ok"), Check("manifest", "failed", (str(fault),))))
    return _Checks(contents, raw, manifest, expected, texts).report()


@dataclass
class _Checks:
    contents: Contents
    raw: bytes
    manifest: Manifest
    expected: Expected
    texts: Texts
    held: dict[str, Held] = field(default_factory=dict)
    session: list[Line] = field(default_factory=list)
    complaint: list[Line] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)  # journals that are not canonical lines
    checkpoint: _Checkpoint | None = None
    exported: Mapping[str, Any] | None = None

    def report(self) -> Report:
        with_sm3 = frozenset(item.path for item in self.manifest.items if item.sm3 and _knows_sm3())
        self.held = self.contents.hold(with_sm3)
        self.session, self.complaint = self._lines(form.SESSION), self._lines(form.COMPLAINT)
        self.checkpoint = _checkpoint(self.text(form.CHECKPOINT))
        checks: list[tuple[Code, Callable[[], Check | Iterable[str]]]] = [
            ("zip", self.archive),
            ("manifest", lambda: ()),
            ("manifest_signature", self.manifest_signature),
            ("wrong_key", self.key),
            ("item_missing", self.missing),
            ("item_extra", self.extra),
            ("item_changed", self.changed),
            ("chain_session", self.session_chain),
            ("chain_complaint", lambda: self.chain(self.complaint, form.COMPLAINT, "ComplaintRegistered")),
            ("content", self.content),
            ("erased_unaccounted", self.erased),
            ("foreign_session", self.foreign),
            ("checkpoint_signature", self.checkpoint_signature),
            ("inclusion", self.inclusion),
            ("timestamp", self.timestamps),
            ("witness", self.witnesses),
            ("segment_hash", self.segment_hashes),
            ("segment_unlisted", self.segments_listed),
            ("consent_text", self.consent_texts),
            ("derived_sheet", self.derived_sheets),
            ("export_signature", self.export_signature),
        ]
        manifest = self.manifest
        return Report(
            checks=tuple(_check(code, made) for code, made in checks),
            format=form.FORMAT,
            session=manifest.session,
            complaint_number=manifest.complaint_number,
            key_name=manifest.key_name,
            key=hashlib.sha256(manifest.key).hexdigest(),
            exported=self.exported,
            erased=sum(line.erased and not _withheld(line) for line in self.events),
            withheld=sum(_withheld(line) for line in self.events),
            absent=len(manifest.absent),
        )

    @property
    def events(self) -> list[Line]:
        return [*self.session, *self.complaint]

    def text(self, name: str) -> bytes | None:
        found = self.held.get(name)
        return found.text if found else None

    def _lines(self, name: str) -> list[Line]:
        try:
            return lines.from_text(self.text(name) or b"")
        except Unsound as fault:
            self.unread.append(f"{name}: {fault}")
            return []

    # ------------------------------------------------------------ the archive and the manifest

    def archive(self) -> Iterable[str]:
        names = [entry.name for entry in self.contents.entries]
        there = set(names)
        items = sorted(there - {*form.BEFORE, *form.AFTER})
        ordered = [*(n for n in form.BEFORE if n in there), *items, *(n for n in form.AFTER if n in there)]
        if names != ordered:
            yield "the entries are not in order"
        listed = {item.path: item for item in self.manifest.items}
        for name, held in self.held.items():
            item = listed.get(name)
            if not held.whole and (item is None or item.sha256 == held.sha256):
                yield name

    def manifest_signature(self) -> Iterable[str]:
        wanted = f"{form.FORMAT}\n{self.manifest.session}\n{_sha256(self.raw)}\n"
        return self._note(form.MANIFEST_NOTE, wanted)

    def _note(self, name: str, wanted: str) -> Iterable[str]:
        raw = self.contents.text(name, form.MOST_NOTE)
        note = notes.parse(raw) if raw is not None else None
        if note is None:
            yield f"{name} is missing" if raw is None else f"{name} is no note"
        elif note.text != wanted:
            yield f"{name} is of something else"
        elif len(note.signatures) != 1 or not notes.holds(
            note.text, note.signatures[0], self.manifest.key_name, self.manifest.key
        ):
            yield f"{name} is not signed by this key"

    def key(self) -> Check | Iterable[str]:
        manifest, found = self.manifest, list[str]()
        if manifest.key_name != f"yuntiao/{manifest.installation}":
            found.append(f"the key's name {manifest.key_name} is not the installation's")
        if self.checkpoint is not None and not self._own_signatures():
            found.append("the head of the log is signed by another key")
        if self.expected.key is not None and self.expected.key != manifest.key:
            found.append(f"signed by {form.base64_of(manifest.key)}, expected {form.base64_of(self.expected.key)}")
        if not found and self.expected.key is None:
            return Check("wrong_key", "open", (form.base64_of(manifest.key),))
        return found

    def missing(self) -> Iterable[str]:
        return [item.path for item in self.manifest.items if item.path not in self.held]

    def extra(self) -> Iterable[str]:
        known = {item.path for item in self.manifest.items} | {*form.BEFORE, *form.AFTER}
        return [name for name in self.held if name not in known]

    def changed(self) -> Check | Iterable[str]:
        unknown = []
        found = []
        for item in self.manifest.items:
            held = self.held.get(item.path)
            if held is None:
                continue
            if (held.entry.size, held.sha256) != (item.size, item.sha256) or (held.sm3 and held.sm3 != item.sm3):
                found.append(item.path)
            elif item.sm3 and not held.sm3:
                unknown.append(item.path)
        return found if found or not unknown else Check("item_changed", "open", tuple(unknown[:MOST_DETAILS]))

    # ------------------------------------------------------------ the journal

    def session_chain(self) -> Iterable[str]:
        yield from self.chain(self.session, form.SESSION, "SessionScheduled")
        if not any(line.type in _ENDS for line in self.session):
            yield "it has no end"

    def chain(self, events: Sequence[Line], name: str, first: str) -> Iterable[str]:
        if not events:
            yield f"{name} has no entries that can be read"
            return
        if events[0].type != first:
            yield f"it begins with {events[0].type}"
        previous = ""
        for number, line in enumerate(events, 1):
            if line.version != number or line.hash != lines.hash_of(previous, line):
                yield f"entry {number}"
                return
            previous = line.hash
        if len({line.stream for line in events}) != 1:
            yield "entries of several streams"

    def content(self) -> Iterable[str]:
        yield from self.unread
        for line in self.events:
            if line.erased:
                if line.data or line.actor[2]:
                    yield f"{line.stream} {line.version}"
            elif line.content != lines.content_of(line):
                yield f"{line.stream} {line.version}"

    def erased(self) -> Iterable[str]:
        for events in (self.session, self.complaint):
            named: set[int] = set()
            for line in reversed(events):
                if line.erased and line.version not in named and not _withheld(line):
                    yield f"{line.stream} {line.version}"
                elif line.type == lines.ERASED and not line.erased:
                    named.update(version for version in line.data.get("versions", ()) if version < line.version)

    def foreign(self) -> Check | Iterable[str]:
        manifest, found = self.manifest, list[str]()
        for events, stream in (
            (self.session, f"session/{manifest.session}"),
            (self.complaint, f"complaint/{manifest.complaint}"),
        ):
            found += sorted({line.stream for line in events if line.stream != stream})
        begins = self.session[0] if self.session else None
        known = begins is not None and not begins.erased
        if known and begins is not None:
            if begins.data.get("complaint") != manifest.complaint:
                found.append("the session is of another complaint")
            if begins.data.get("number") != manifest.complaint_number:
                found.append("the complaint has another number")
            found += self._foreign_seats(begins)
        scheduled = [line for line in self.complaint if line.type == "MediationScheduled"]
        if not any(line.data.get("session") == manifest.session for line in scheduled):
            if any(line.erased for line in scheduled):
                known = False
            else:
                found.append("the complaint knows no such session")
        return found if found or known else Check("foreign_session", "open")

    def _foreign_seats(self, begins: Line) -> list[str]:
        added = [line.data["seat"] for line in self.session if line.type == "SeatAdded" and not line.erased]
        seats = {seat["id"] for seat in [*begins.data["seats"], *added]}
        media = [item.path for item in self.manifest.items if item.kind == "segment"]
        return [path for path in media if path.split("/")[1] not in seats]

    # ------------------------------------------------------------ the log

    def _own_signatures(self) -> list[notes.Signature]:
        """Those under the checkpoint that claim to be by the manifest's key."""
        assert self.checkpoint is not None
        own = notes.key_id(self.manifest.key_name, self.manifest.key)
        return [s for s in self.checkpoint.note.signatures if (s.name, s.key_id) == (self.manifest.key_name, own)]

    def checkpoint_signature(self) -> Iterable[str]:
        if self.checkpoint is None:
            yield f"{form.CHECKPOINT} is none"
            return
        if self.checkpoint.origin != f"yuntiao/{self.manifest.installation}":
            yield f"it is of {self.checkpoint.origin}"
        text, manifest = self.checkpoint.note.text, self.manifest
        if not any(notes.holds(text, one, manifest.key_name, manifest.key) for one in self._own_signatures()):
            yield "no signature by this key"

    def inclusion(self) -> Iterable[str]:
        try:
            value = form.parsed(self.text(form.INCLUSION) or b"")
            size, proofs = value["size"], value["proofs"]
            paths = {int(leaf): [_bytes(h) for h in path] for leaf, path in proofs.items()}
            sound = type(size) is int and all(_DIGITS.fullmatch(leaf) for leaf in proofs) and set(value) == _INCLUSION
        except (Unsound, KeyError, TypeError, ValueError, AttributeError):
            sound = False
        if not sound:
            yield f"{form.INCLUSION} cannot be read"
            return
        if self.checkpoint is None or self.checkpoint.size != size:
            yield "it is of another head than the checkpoint's"
            return
        root = self.checkpoint.root
        if not self.events or set(paths) != {line.leaf for line in self.events}:
            yield "the proofs are not those of the entries"
        for line in self.events:
            path = paths.get(line.leaf)
            if path is None or not merkle.included(bytes.fromhex(line.hash), line.leaf, size, path, root):
                yield f"{line.stream} {line.version}"
        for events in (self.session, self.complaint):
            for before, after in pairwise(events):
                if before.leaf >= after.leaf:
                    yield f"{after.stream} {after.version} is not behind the entry before"

    def timestamps(self) -> Iterable[str]:
        if self.checkpoint is None:
            return
        stamped = self.checkpoint.first(self._own_signatures())
        for name in sorted(self.held):
            if not name.startswith(form.STAMPS) or not name.endswith(".tsr"):
                continue
            pem = self.text(name.removesuffix(".tsr") + ".pem") or b""
            try:
                checked = stamps.check(self.text(name) or b"", stamped, pem, self.expected.authorities)
            except stamps.BadStamp as fault:
                yield f"{name}: {fault}"
                continue
            if checked.at < self.checkpoint.at - EARLY:
                yield f"{name} is older than what it is about"

    def witnesses(self) -> Check | Iterable[str]:
        raw = self.text(form.WITNESSES)
        if raw is None or self.checkpoint is None:
            return ()
        wrong, unknown = list[str](), list[str]()
        try:
            for one in form.parsed(raw):
                name, signature = one["name"], notes.signature_line(one["line"])
                key = base64.b64decode(one["key"], validate=True)
                if signature is None or (key and not notes.cosigned(self.checkpoint.note.text, signature, name, key)):
                    wrong.append(name)
                elif not key:
                    unknown.append(name)
        except (Unsound, KeyError, TypeError, AttributeError, binascii.Error):
            return [f"{form.WITNESSES} cannot be read"]
        return wrong if wrong or not unknown else Check("witness", "open", tuple(unknown[:MOST_DETAILS]))

    # ------------------------------------------------------------ what was recorded and agreed to

    def _named(self) -> dict[str, tuple[str, int]]:
        """Hash and size of what the journal names, by where it has to lie."""
        found: dict[str, tuple[str, int]] = {}
        for line in self.session:
            if line.type == "SegmentSealed" and not line.erased:
                found[form.media_path(line.data["path"])] = line.data["sha256"], line.data["size"]
            elif line.type == "RecordingComposed" and not line.erased:
                found[form.VIDEO] = line.data["sha256"], line.data["size"]
            elif line.type == "ExhibitOffered" and not line.erased:
                for number, original in enumerate(line.data["originals"], 1):
                    path = form.exhibit_path(line.data["exhibit"], number, original["form"])
                    found[path] = original["sha256"], original["size"]
            elif line.type == "ExhibitWithdrawn" and not line.erased:
                gone = f"exhibits/{line.data['exhibit']}/"
                found = {path: known for path, known in found.items() if not path.startswith(gone)}
            elif line.type == "DocumentSealed" and not line.erased:
                found[form.document_path(line.data["document"])] = line.data["sha256"], line.data["size"]
        return found

    def segment_hashes(self) -> Iterable[str]:
        named = self._named()
        told: list[tuple[str, tuple[str, int]]] = [(i.path, (i.sha256, i.size)) for i in self._media()]
        told += [(piece.path, (piece.sha256, piece.size)) for piece in self.manifest.absent]
        for path, known in told:
            if path in named and named[path] != known:
                yield path
        for item in self._media():
            held = self.held.get(item.path)
            if held and item.path in named and (held.sha256, held.entry.size) != named[item.path]:
                yield item.path

    def segments_listed(self) -> Check | Iterable[str]:
        named = set(self._named())
        there = {item.path for item in self._media() if item.path in self.held}
        there |= {name for name in self.held if name.startswith(MEDIA)}
        absent = {piece.path: piece.cause for piece in self.manifest.absent}
        wrong = sorted((there - named) | (named - there - absent.keys()) | (absent.keys() - named))
        if wrong or not absent:
            return wrong
        told = tuple(f"{path}: {cause}" for path, cause in absent.items())
        return Check("segment_unlisted", "open", told[:MOST_DETAILS])

    def _media(self) -> Iterable[Item]:
        return [item for item in self.manifest.items if item.path.startswith(MEDIA)]

    def consent_texts(self) -> Check | Iterable[str]:
        wanted: dict[str, None] = {}
        for line in self.session:
            if line.type in _ANSWERS and not line.erased and line.data["text"]:
                for language in sheets.LANGUAGES:
                    wanted[f"texts/{line.data['text']}/{_KINDS[line.data['kind']]}.{language}.txt"] = None
        there = {item.path for item in self.manifest.items if item.kind == "text"}
        erased = any(line.type in _ANSWERS and line.erased for line in self.session)
        wrong = [path for path in wanted if path not in self.held]
        wrong += [] if erased else sorted(there - wanted.keys())
        unknown = []
        for path in sorted(there & wanted.keys()):
            known = self.texts(path)
            if known is None:
                unknown.append(path)
            elif self.text(path) != known:
                wrong.append(path)
        return wrong if wrong or not unknown else Check("consent_text", "open", tuple(unknown[:MOST_DETAILS]))

    def derived_sheets(self) -> Check | Iterable[str]:
        told = Told(self.manifest.session, self.session)
        if not self.session:
            return ["there is no journal to derive them from"]
        paths = [item.path for item in self.manifest.items]
        wrong, unknown = [], []
        editions = {name: sheets.edition(name, told) for name in sheets.names(told)} | {"authenticity": edition(paths)}
        for path in paths:
            if path.startswith("sheets/") and path[len("sheets/") : -len(".json")] not in editions:
                unknown.append(path)
        for name, known in editions.items():
            path = f"sheets/{name}.json"
            raw = self.text(path)
            if raw is None:
                wrong.append(path)
            elif _edition(raw) not in (known, None):
                unknown.append(path)
            else:
                made = authenticity(told, paths) if name == "authenticity" else sheets.derive(name, told)
                if raw != canonical(made):
                    wrong.append(path)
        return wrong if wrong or not unknown else Check("derived_sheet", "open", tuple(unknown))

    # ------------------------------------------------------------ the export

    def export_signature(self) -> Iterable[str]:
        told = self.contents.text(form.EXPORT_JSON, form.MOST_NOTE)
        page = self.contents.text(form.WATERMARK, form.MOST_NOTE)
        if told is None or page is None:
            yield f"{form.EXPORT_JSON if told is None else form.WATERMARK} is missing"
            return
        hashes = f"{_sha256(self.raw)}\n{_sha256(told)}\n{_sha256(page)}\n"
        found = list(self._note(form.EXPORT_NOTE, f"{form.EXPORT}\n{self.manifest.session}\n{hashes}"))
        yield from found
        try:
            value = form.parsed(told)
            if value["format"] != form.EXPORT or value["session"] != self.manifest.session:
                yield "it is of another session"
            elif not found:
                self.exported = {"at": value["exported_at"], "by": value["exporter"]["name"]}
        except (Unsound, KeyError, TypeError):
            yield f"{form.EXPORT_JSON} cannot be read"


def _withheld(line: Line) -> bool:
    """Said in confidence: it is in no package, and nothing need account for that."""
    return line.erased and line.type in lines.WITHHOLDABLE and line.stream.startswith("session/")


_INCLUSION: Final = {"proofs", "size"}


@dataclass(frozen=True, slots=True)
class _Checkpoint:
    note: notes.Note
    origin: str
    size: int
    root: bytes
    at: datetime

    def first(self, own: Sequence[notes.Signature]) -> bytes:
        """The note as the log first signed it: what is stamped."""
        mark = own[0] if own else self.note.signatures[0]
        line = f"— {mark.name} {form.base64_of(mark.key_id + mark.signature)}\n"
        return f"{self.note.text}\n{line}".encode()


def _checkpoint(raw: bytes | None) -> _Checkpoint | None:
    note = notes.parse(raw or b"")
    found = _CHECKPOINT.fullmatch(note.text) if note else None
    if note is None or found is None:
        return None
    try:
        root, at = base64.b64decode(found[3], validate=True), datetime.fromisoformat(found[4])
    except ValueError:
        return None
    return _Checkpoint(note, found[1], int(found[2]), root, at) if at.tzinfo and len(root) == 32 else None


def _check(code: Code, made: Callable[[], Check | Iterable[str]]) -> Check:
    try:
        found = made()
        if isinstance(found, Check):
            return found
        details = tuple(dict.fromkeys(found))
    except Exception as fault:  # what is read was made by whoever made the package: nothing about it is sure
        details = (f"{type(fault).__name__}: what is there has another form",)
    status: Status = "failed" if details else "ok"
    return Check(code, status, details[:MOST_DETAILS])


def _edition(raw: bytes) -> Any:
    """None when it is no sheet at all."""
    try:
        return form.parsed(raw)["edition"]
    except (Unsound, KeyError, TypeError):
        return None


def _knows_sm3() -> bool:
    return "sm3" in hashlib.algorithms_available


def _bytes(text: str) -> bytes:
    """Of a hash in its one form: `fromhex` alone would also take capitals and spaces."""
    if _HEX.fullmatch(text) is None:
        raise ValueError(text)
    return bytes.fromhex(text)


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
