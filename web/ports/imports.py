"""What pages ask of imports: a file looked at first, taken as a batch, its refused rows mended, all of it undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import IO, Any, Protocol

from web.ports.people import Officer


@dataclass(frozen=True, slots=True)
class Reason:
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
    error: Reason | None = None
    ended: datetime | None = None
    apart: int = 0  # registered as reports and consultations


@dataclass(frozen=True, slots=True)
class ImportRow:
    row: int
    number: str
    problems: Sequence[Reason]
    title: str = ""
    business: str = ""
    received: date | None = None  # the day it would be registered with
    due: date | None = None  # until when it would have to be accepted or refused
    apart: str = ""  # "report", or one of `law.matters.MATTERS`; "" of a complaint


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


class Imports(Protocol):
    """An officer's own office only; Refused(404) not_found for another's batch."""

    async def upload(self, officer: Officer, channel: str, name: str, file: IO[bytes]) -> str:
        """Keeps the file; the batch's id. Nothing is imported before `start`."""
        ...

    async def preview(self, officer: Officer, batch: str) -> ImportPreview:
        """What would become of the first rows. Refused: unreadable (params: reason, a Reason)."""
        ...

    async def start(self, officer: Officer, batch: str) -> None:
        """Refused(409): wrong_state when it was started or discarded before."""
        ...

    async def discard(self, officer: Officer, batch: str) -> None: ...

    async def batches(self, officer: Officer, page: int) -> tuple[Sequence[ImportBatch], int]:
        """The newest first, fifty a page, and how many there are."""
        ...

    async def batch(self, officer: Officer, batch: str) -> ImportBatch: ...

    async def refused(self, officer: Officer, batch: str, page: int) -> Sequence[ImportRow]: ...

    async def row(self, officer: Officer, batch: str, row: int) -> tuple[ImportRow, Mapping[str, str]]:
        """A refused row and what stands in its cells, with every column its file's mapping knows."""
        ...

    async def mend(self, officer: Officer, batch: str, row: int, cells: Mapping[str, str]) -> Sequence[Reason]:
        """Nothing when it was taken; else what is still wrong."""
        ...

    async def drop(self, officer: Officer, batch: str, row: int, reason: str) -> None: ...

    async def undo(self, officer: Officer, batch: str, reason: str) -> None: ...

    async def mapping(self, officer: Officer, channel: str) -> tuple[str, bool]:
        """Its file, and whether it is the office's own."""
        ...

    async def set_mapping(self, officer: Officer, channel: str, text: str | None) -> None:
        """None: the one the channel comes with. Refused: bad_mapping (params: reason)."""
        ...
