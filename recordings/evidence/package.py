"""Puts a package together: what a closed session's record consists of, then its bytes, in order, with no second copy.

Pure but for reading media, which is opened twice: first to be weighed against the journal, then to be packed.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from journal.notes import Signer, signed
from recordings.evidence import form, lines, sheets
from recordings.evidence.archive import ArchivePart, part, stream
from recordings.evidence.authenticity import authenticity
from recordings.evidence.errors import Changed
from recordings.evidence.form import Absent, Manifest, ManifestItem, canonical
from recordings.evidence.lines import DecodedLines, JournalLine
from recordings.evidence.media import Media, media_of

PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class TimestampAnswer:
    """An RFC 3161 answer and the authority's certificates in PEM."""

    token: bytes
    certificates: bytes


@dataclass(frozen=True, slots=True)
class Witness:
    """`key`: raw Ed25519. `line`: its signature line under the checkpoint."""

    name: str
    key: bytes
    line: str


@dataclass(frozen=True, slots=True)
class LogProofs:
    """What the log says of the events: a checkpoint that covers them, and the proof of each leaf."""

    checkpoint: bytes
    size: int
    proofs: Mapping[int, Sequence[bytes]]
    stamps: Sequence[TimestampAnswer] = ()
    witnesses: Sequence[Witness] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """All that is known of a session. `texts`: what was agreed to, by its path in a package."""

    installation: str
    software: str
    session: Sequence[JournalLine]
    complaint: Sequence[JournalLine]
    logged: LogProofs
    texts: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.session[0].stream.partition("/")[2]

    @property
    def decoded(self) -> DecodedLines:
        return DecodedLines(self.id, self.session, self.complaint)


@dataclass(frozen=True, slots=True)
class Export:
    """Who takes the package with them, and the page that shows it."""

    at: str
    exporter: Mapping[str, str]  # id, name, role, office
    watermark: str
    page: bytes


@dataclass(frozen=True, slots=True)
class Package:
    """Everything but the media itself. `crcs` by path in the package."""

    manifest: Manifest
    texts: Mapping[str, bytes]
    media: Mapping[str, Media]
    crcs: Mapping[str, int]

    @property
    def size(self) -> int:
        """Of the items; the whole is a little more."""
        return sum(item.size for item in self.manifest.items)


Open = Callable[[Media], BinaryIO]
"""Raises `PieceGone` when there is nothing to be opened; reading may raise it too."""


@dataclass(frozen=True, slots=True)
class PackagePages:
    """What people read of a package.

    `record`: the pages of a record without what is absent, in a zone, with the page that checks packages, by name;
    `masked`: those of a masked copy; `watermark`: a page that says who had it made, of which office, when; `verifier`:
    the file of the page that checks packages, None where the scripts were not built.
    """

    record: Callable[[Record, Sequence[Absent], str, bytes | None], dict[str, bytes]]
    masked: Callable[[Record, str], dict[str, bytes]]
    watermark: Callable[[str, str, datetime, str], bytes]
    verifier: Callable[[], Path | None]


class PieceGone(Exception):
    """A piece is not to be had: "erased", "missing" or "damaged"."""

    def __init__(self, cause: form.Cause) -> None:
        super().__init__(cause)
        self.cause: form.Cause = cause


def texts(record: Record, pages: Mapping[str, bytes], pieces: Iterable[str]) -> dict[str, bytes]:
    """Every item that is not media, by path. `pieces`: paths of the media that will lie beside them."""
    decoded, logged = record.decoded, record.logged
    found = {
        form.SESSION: lines.to_text(record.session),
        form.COMPLAINT: lines.to_text(record.complaint),
        form.CHECKPOINT: logged.checkpoint,
        form.INCLUSION: canonical(
            {
                "proofs": {str(leaf): [h.hex() for h in path] for leaf, path in logged.proofs.items()},
                "size": logged.size,
            }
        ),
        **record.texts,
        **pages,
    }
    for number, stamp in enumerate(logged.stamps, 1):
        found[f"{form.STAMPS}{number}.tsr"] = stamp.token
        found[f"{form.STAMPS}{number}.pem"] = stamp.certificates
    if logged.witnesses:
        found[form.WITNESSES] = canonical(
            [{"key": form.base64_of(w.key), "line": w.line, "name": w.name} for w in logged.witnesses]
        )
    for name in sheets.names(decoded):
        found[f"sheets/{name}.json"] = canonical(sheets.derive(name, decoded))
    sheet = "sheets/authenticity.json"
    found[sheet] = canonical(authenticity(decoded, [*found, sheet, *pieces]))
    return found


@dataclass(frozen=True, slots=True)
class CheckedPiece:
    """A piece that is as the journal says; `media` with the size it has."""

    media: Media
    crc: int


def weigh(
    media: Iterable[Media], opened: Open, progress: Callable[[int], None]
) -> tuple[dict[str, CheckedPiece], list[Absent]]:
    """By path, and those that are not there. `progress` is told bytes."""
    there: dict[str, CheckedPiece] = {}
    absent: list[Absent] = []
    for one in media:
        try:
            digest, crc, size = hashlib.sha256(), 0, 0
            with opened(one) as file:
                for piece in _pieces(file):
                    digest.update(piece)
                    crc = zlib.crc32(piece, crc)
                    size += len(piece)
                    progress(len(piece))
            if (digest.hexdigest(), size) != (one.sha256, one.size or size):
                raise PieceGone("damaged")
        except PieceGone as gone:
            absent.append(Absent(one.path, one.sha256, one.size, gone.cause))
        else:
            there[one.path] = CheckedPiece(replace(one, size=size), crc)
    return there, absent


def put_together(
    record: Record,
    pages: Callable[[Sequence[Absent]], Mapping[str, bytes]],
    signer: Signer,
    opened: Open,
    progress: Callable[[int], None] = lambda _: None,
) -> Package:
    """Weigh the media and plan the package, without what was said in confidence. `pages` makes the pages for people,
    knowing what is not there."""
    record = replace(record, session=lines.withheld(record.session))
    weighed, absent = weigh(media_of(record.session, record.complaint), opened, progress)
    there = {path: one.media for path, one in weighed.items()}
    found = texts(record, pages(absent), there)
    items = [
        ManifestItem(path, form.kind_of(path), len(text), hashlib.sha256(text).hexdigest())
        for path, text in found.items()
    ]
    items += [ManifestItem(one.path, form.kind_of(one.path), one.size, one.sha256, one.sm3) for one in there.values()]
    begins = record.session[0].data
    manifest = Manifest(
        session=record.id,
        complaint=record.complaint[0].stream.partition("/")[2],
        complaint_number=begins.get("number", ""),
        installation=record.installation,
        software=record.software,
        key_name=signer.name,
        key=signer.public,
        items=tuple(sorted(items, key=lambda item: item.path)),
        absent=tuple(sorted(absent, key=lambda piece: piece.path)),
    )
    return Package(manifest, found, there, {path: one.crc for path, one in weighed.items()})


def packed(package: Package, export: Export, signer: Signer, opened: Open) -> Iterator[bytes]:
    """The package's bytes. Changed when a piece is no longer what was weighed."""
    manifest = form.to_json(package.manifest)
    session, digest = package.manifest.session, hashlib.sha256(manifest).hexdigest()
    note = signed(f"{package.manifest.format}\n{session}\n{digest}\n", signer).encode()
    told = export_json(session, export)
    hashes = f"{hashlib.sha256(told).hexdigest()}\n{hashlib.sha256(export.page).hexdigest()}\n"
    mark = signed(f"{form.EXPORT}\n{session}\n{digest}\n{hashes}", signer).encode()
    before = [part(form.MANIFEST, manifest), part(form.MANIFEST_NOTE, note)]
    after = [part(form.WATERMARK, export.page), part(form.EXPORT_JSON, told), part(form.EXPORT_NOTE, mark)]
    return stream([*before, *_items(package, opened), *after])


def export_json(session: str, export: Export) -> bytes:
    return canonical(
        {
            "exported_at": export.at,
            "exporter": dict(export.exporter),
            "format": form.EXPORT,
            "session": session,
            "watermark": export.watermark,
        }
    )


def _items(package: Package, opened: Open) -> Iterator[ArchivePart]:
    for item in package.manifest.items:
        if item.path in package.texts:
            yield part(item.path, package.texts[item.path])
        else:
            media = package.media[item.path]
            yield ArchivePart(item.path, item.size, package.crcs[item.path], lambda media=media: _again(media, opened))  # type: ignore[misc]


def _again(media: Media, opened: Open) -> Iterator[bytes]:
    digest = hashlib.sha256()
    try:
        with opened(media) as file:
            for piece in _pieces(file):
                digest.update(piece)
                yield piece
    except PieceGone as gone:
        raise Changed(media.path) from gone
    if digest.hexdigest() != media.sha256:
        raise Changed(media.path)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece
