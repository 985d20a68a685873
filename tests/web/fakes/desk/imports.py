"""No imports at all: what pages do with them is tested on the real thing (tests/server/imports/test_pages.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, NoReturn

from complaints.channels import ImportBatch, ImportReason
from journal.refusals import Refused
from offices import Officer


class FakeImports:
    """Implements `Imports`. Every batch is another office's."""

    async def upload(self, officer: Officer, channel: str, name: str, file: IO[bytes]) -> str:
        return "unknown"

    async def batches(self, officer: Officer, page: int) -> tuple[Sequence[ImportBatch], int]:
        return [], 0

    async def mapping(self, officer: Officer, channel: str) -> tuple[str, bool]:
        return "{}", False

    async def set_mapping(self, officer: Officer, channel: str, text: str | None) -> None: ...

    async def batch(self, officer: Officer, batch: str) -> NoReturn:
        raise Refused("not_found", 404)

    async def preview(self, officer: Officer, batch: str) -> NoReturn:
        raise Refused("not_found", 404)

    async def start(self, officer: Officer, batch: str) -> None:
        raise Refused("not_found", 404)

    async def discard(self, officer: Officer, batch: str) -> None:
        raise Refused("not_found", 404)

    async def refused(self, officer: Officer, batch: str, page: int) -> NoReturn:
        raise Refused("not_found", 404)

    async def row(self, officer: Officer, batch: str, row: int) -> NoReturn:
        raise Refused("not_found", 404)

    async def mend(self, officer: Officer, batch: str, row: int, cells: Mapping[str, str]) -> Sequence[ImportReason]:
        raise Refused("not_found", 404)

    async def drop(self, officer: Officer, batch: str, row: int, reason: str) -> None:
        raise Refused("not_found", 404)

    async def undo(self, officer: Officer, batch: str, reason: str) -> None:
        raise Refused("not_found", 404)

    async def taken(self, officer: Officer, batch: str, page: int) -> NoReturn:
        raise Refused("not_found", 404)

    async def to_settle(self, officer: Officer, batch: str) -> NoReturn:
        raise Refused("not_found", 404)

    async def map_values(self, officer: Officer, batch: str, wanted: Mapping[tuple[str, str], str]) -> None:
        raise Refused("not_found", 404)

    async def name(self, officer: Officer, names: Mapping[str, str]) -> int:
        raise Refused("not_found", 404)

    async def suggested(self, facts: str) -> Sequence[str]:
        return ()
