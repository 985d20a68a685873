"""A program that appends without end and prints each version once it was acknowledged. It is there to be killed."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime

from journal import Draft
from server.db.engine import Database
from server.db.journal import SqlJournal


async def main(url: str) -> None:
    journal = SqlJournal(Database(url))

    async def append(stream: str) -> None:
        version = 0
        while True:
            await journal.append(stream, version, [Draft("Noted", {"n": version + 1}, datetime.now(UTC))])
            version += 1
            sys.stdout.write(f"{stream} {version}\n")
            sys.stdout.flush()

    await asyncio.gather(*(append(f"session/s{number}") for number in range(12)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
