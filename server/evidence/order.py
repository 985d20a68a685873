"""What the web process hands to the job process: a session's record as it is to be packed, with who asked for it.

An order lies sealed beside the recordings, so that the job needs no database; the media it reads for itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from recordings.evidence import lines
from recordings.evidence.package import Logged, Record, Stamped, Witness

Kind = Literal["package", "masked"]


@with_config(ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"))
@dataclass(frozen=True, slots=True)
class Order:
    """`session` and `complaint` as lines; `proofs` by leaf."""

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
        logged = Logged(
            self.checkpoint,
            self.size,
            self.proofs,
            [Stamped(*stamp) for stamp in self.stamps],
            [Witness(*witness) for witness in self.witnesses],
        )
        session, complaint = lines.from_text(self.session), lines.from_text(self.complaint)
        return Record(self.installation, self.software, session, complaint, logged, self.texts)


_ORDER = TypeAdapter(Order)


def order(kind: Kind, record: Record, zone: str, exporter: Mapping[str, str], office: str) -> Order:
    logged = record.logged
    return Order(
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


def to_json(one: Order) -> bytes:
    return _ORDER.dump_json(one)


def from_json(text: bytes) -> Order:
    """ValueError when it is none."""
    try:
        return _ORDER.validate_json(text)
    except ValidationError as fault:
        raise ValueError(f"not an order: {fault}") from fault
