"""The jobs `import` and `undo_import`: what an officer asked for on the page goes on in the job process.

An import notes every thousand rows what became of them; one that is interrupted goes on behind those.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from journal import Actor
from server.intake.batches import FOLDER
from server.intake.offline import opened
from server.settings import Settings


class Importing:
    """Handler of `import(batch)`."""

    def __init__(self, data: Path) -> None:
        self._data = data

    async def __call__(self, batch: str) -> None:
        async with opened(Settings(data=self._data)) as (batches, identity):
            found = await batches.store.batch(batch)
            office = None if found is None else await identity.office(found.office)
            if found is not None and office is not None:
                await batches.run(found, office)


class Undoing:
    """Handler of `undo_import(batch, by, reason)`; begun again it undoes what is left."""

    def __init__(self, data: Path) -> None:
        self._data = data

    async def __call__(self, batch: str, by: dict[str, str], reason: str) -> None:
        async with opened(Settings(data=self._data)) as (batches, _):
            found = await batches.store.batch(batch)
            if found is not None and found.state == "undoing":
                await batches.undo(found, Actor("officer", **by), reason)


def unfinished(data: Path) -> list[tuple[str, dict[str, Any]]]:
    """Imports whose process died. Their files are still there, so without files there is nothing to ask for."""
    folder = data / FOLDER
    if not folder.is_dir() or not any(folder.glob("*.bin")):
        return []
    return asyncio.run(_unfinished(data))


async def _unfinished(data: Path) -> list[tuple[str, dict[str, Any]]]:
    async with opened(Settings(data=data)) as (batches, _):
        return [("import", {"batch": one.id}) for one in await batches.store.unfinished()]
