"""What web process and job process hand to each other of an export: its order, and how far it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from journal import Actor
from recordings.composing import progress
from recordings.evidence import lines
from recordings.evidence.package import LogProofs, Record, TimestampAnswer, Witness
from recordings.files.durable import safe_id

Kind = Literal["package", "masked"]


@with_config(ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"))
@dataclass(frozen=True, slots=True)
class ExportOrder:
    """A session's record as it is to be packed, with who asked for it.

    It lies sealed beside the recordings, so that the job needs no database; the media it reads for itself. `session`
    and `complaint` as lines; `proofs` by leaf.
    """

    kind: Kind
    zone: str
    exporter: Mapping[str, str]  # id, name, role, office
    office: str  # its name, for the watermark
    installation: str
    software: str
    session: bytes
    complaint: bytes
    checkpoint: bytes
    size: int
    proofs: Mapping[int, tuple[bytes, ...]]
    stamps: tuple[tuple[bytes, bytes], ...]  # token, certificates
    witnesses: tuple[tuple[str, bytes, str], ...]  # name, key, line
    texts: Mapping[str, bytes]

    @property
    def record(self) -> Record:
        logged = LogProofs(
            self.checkpoint,
            self.size,
            self.proofs,
            [TimestampAnswer(*stamp) for stamp in self.stamps],
            [Witness(*witness) for witness in self.witnesses],
        )
        session, complaint = lines.from_text(self.session), lines.from_text(self.complaint)
        return Record(self.installation, self.software, session, complaint, logged, self.texts)


_ORDER = TypeAdapter(ExportOrder)


def export_order(kind: Kind, record: Record, zone: str, exporter: Mapping[str, str], office: str) -> ExportOrder:
    logged = record.logged
    return ExportOrder(
        kind=kind,
        zone=zone,
        exporter=exporter,
        office=office,
        installation=record.installation,
        software=record.software,
        session=lines.to_text(record.session),
        complaint=lines.to_text(record.complaint),
        checkpoint=logged.checkpoint,
        size=logged.size,
        proofs={leaf: tuple(path) for leaf, path in logged.proofs.items()},
        stamps=tuple((stamp.token, stamp.certificates) for stamp in logged.stamps),
        witnesses=tuple((witness.name, witness.key, witness.line) for witness in logged.witnesses),
        texts=record.texts,
    )


def order_to_json(one: ExportOrder) -> bytes:
    return _ORDER.dump_json(one)


def order_from_json(text: bytes) -> ExportOrder:
    """ValueError when it is none."""
    try:
        return _ORDER.validate_json(text)
    except ValidationError as fault:
        raise ValueError(f"not an order: {fault}") from fault


FOLDER = "exports"

Stage = Literal["queued", "working", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class ExportState:
    """How far an export is: `<session>/exports/<export>.json` beside the recordings, written by one process at a time.

    The web process writes it when it asks; until `ready` or `failed` the job process does; then the web process notes
    it.

    `progress` 0…1; hash and size of the file once it is ready; `noted`: the journal has it, so it may be taken.
    """

    session: str
    export: str
    kind: Kind
    asked: datetime
    by: Actor
    state: Stage = "queued"
    progress: float = 0.0
    error: str = ""  # "disk_full" | "erased" | "changed" | "key" | "io"
    tries: int = 0
    sha256: str = ""
    size: int = 0
    noted: bool = False


_STATE = TypeAdapter(ExportState)


def export_state_path(session: str, export: str, suffix: str = ".json") -> str:
    """Relative to the recordings folder."""
    return f"{safe_id(session)}/{FOLDER}/{safe_id(export)}{suffix}"


def read_export_state(folder: Path, session: str, export: str) -> ExportState | None:
    return _read(folder / export_state_path(session, export))


def _read(file: Path) -> ExportState | None:
    try:
        return _STATE.validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None


def write_export_state(folder: Path, state: ExportState) -> None:
    progress.replace_file(folder / export_state_path(state.session, state.export), _STATE.dump_json(state))


def exports_of(folder: Path, session: str = "*") -> Iterator[ExportState]:
    """Of one session or of all, the newest first."""
    pattern = f"{session if session == '*' else safe_id(session)}/{FOLDER}/*.json"
    found = (_read(file) for file in folder.glob(pattern))
    return iter(sorted((one for one in found if one is not None), key=lambda one: one.asked, reverse=True))
