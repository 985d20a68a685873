"""Exports of a session's record, for whom `rooms.record.access` names. Pages check that before they ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from web.ports.people import Officer

ExportKind = Literal["package", "masked"]


@dataclass(frozen=True, slots=True)
class ExportRow:
    """`sha256` and `size` once it is ready; `error` when it failed."""

    id: str
    kind: ExportKind
    state: Literal["queued", "working", "ready", "failed"]
    progress: float
    asked: datetime
    by: str
    until: datetime  # then it is deleted
    size: int = 0
    sha256: str = ""
    error: str = ""

    @property
    def under_way(self) -> bool:
        return self.state in ("queued", "working")


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
