"""What pages ask of imports: a file looked at, taken, mended, undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, Protocol

from aiohttp import web

from complaints.channels.views import ImportBatch, ImportPreview, ImportReason as Reason, ImportRow
from offices.people import Officer


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


IMPORTS: web.AppKey[Imports] = web.AppKey("imports", Imports)
