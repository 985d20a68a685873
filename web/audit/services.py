"""What pages ask of a record's copies, exports and seals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO, Protocol

from aiohttp import web

from offices.people import Officer
from offices.seals import SealVerdict
from recordings.views import ExportKind, ExportRow, VideoCopy


class Copies(Protocol):
    """Refused as `Reads.record`, where the officer may not take a copy."""

    async def ask(self, officer: Officer, session: str) -> None:
        """Begin a copy; one that is being made for this officer is not begun again. Refused(409): no_recording."""
        ...

    async def newest(self, officer: Officer, session: str) -> VideoCopy | None: ...

    async def take(self, officer: Officer, session: str, copy: str) -> tuple[VideoCopy, BinaryIO]:
        """The file, journaled first (rooms.events.Exported). Refused(404): not_found, also when its week is over."""
        ...


class Exports(Protocol):
    """Refused: not_closed (409), not_signed (503), erased (410), not_found (404)."""

    async def ask(self, officer: Officer, session: str, kind: ExportKind) -> str:
        """The id of the export, which is under way; asked for twice it is the same one."""
        ...

    async def of(self, session: str) -> Sequence[ExportRow]:
        """Those that are still there, the newest first."""
        ...

    async def one(self, session: str, export: str) -> ExportRow: ...

    async def path(self, session: str, export: str) -> str:
        """Of a file that may be taken, on the shelf."""
        ...


class Seals(Protocol):
    async def judged(self, content: bytes) -> SealVerdict: ...

    async def certificates(self) -> str:
        """PEM of where trust in our seals begins, "" when there is no seal."""
        ...


COPIES: web.AppKey[Copies] = web.AppKey("copies", Copies)


EXPORTS: web.AppKey[Exports] = web.AppKey("exports", Exports)


SEALS: web.AppKey[Seals] = web.AppKey("seals", Seals)
