"""Batches of an import, their rows, and why a row was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ImportReason:
    """Why a cell or a file was refused: a code of `complaints.channels.errors`, and the column it stands in."""

    code: str
    column: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """`state`: "preview" | "queued" | "running" | "done" | "failed" | "undoing" | "undone" | "discarded"."""

    id: str
    channel: str
    source: str
    name: str
    size: int  # bytes
    by: str
    created: datetime
    state: str
    read: int = 0  # the last row so far
    taken: int = 0
    updated: int = 0
    duplicate: int = 0
    refused: int = 0
    error: ImportReason | None = None
    ended: datetime | None = None
    apart: int = 0  # registered as reports and consultations


@dataclass(frozen=True, slots=True)
class ImportRow:
    row: int
    number: str
    problems: Sequence[ImportReason]
    title: str = ""
    business: str = ""
    received: date | None = None  # the day it would be registered with
    due: date | None = None  # until when it would have to be accepted or refused
    apart: str = ""  # "report", or one of `law.grounds.MATTERS`; "" of a complaint


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """`columns`: (our field, the file's header)."""

    header_row: int
    columns: Sequence[tuple[str, str]]
    kept: Sequence[str]
    unused: Sequence[str]
    rows: Sequence[ImportRow]

    @property
    def dated_by(self) -> str:
        """The column the day of receipt is taken from, "" where the file has none."""
        return next((header for field, header in self.columns if field == "received"), "")
