"""Writes a note again and again and says which edition was acknowledged, until it is killed."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime

from server.db.engine import Database
from server.rooms.store import NoteStore


async def write(url: str, session: str, officer: str) -> None:
    store = NoteStore(Database(url))
    edition = 0
    while True:
        made = await store.write(session, officer, edition, f"edition {edition + 1}", datetime.now(UTC))
        assert made is not None
        edition = made
        sys.stdout.write(f"{edition}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(write(*sys.argv[1:]))
