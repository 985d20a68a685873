"""`python -m tests.server.db.save > tests/server/db/saved/<version>.sql`: a database as a released version leaves it.

Run once for each release, from the release's own tree. In it are an office with one account and entries of a journal.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from journal import SYSTEM, Draft
from offices import Office
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.identity.store import IdentityStore, User
from tests.server.db.databases import sqlite_url

AT: Final = datetime(2026, 11, 29, 8, 0, tzinfo=UTC)
OFFICE: Final = Office("o1", "东湖高新区市场监管一所", "一所", "027-6000", "东高一投")
ADMIN: Final = User("u1", "admin", "何管", "administrator", "o1", "argon2", AT)
STREAM: Final = "journal/saved"
SAID: Final = ("第一条", "第二条", "第三条")
_WORDS: Final = ("complaint_words", "case_words")  # FTS5: making one makes its shadow tables


async def make(path: Path) -> None:
    database = Database(sqlite_url(path))
    await database.migrate()
    assert await IdentityStore(database).found(OFFICE, ADMIN)
    await SqlJournal(database).append(STREAM, 0, [Draft("Said", {"text": text}, AT, SYSTEM) for text in SAID])
    await database.close()


def dump(path: Path) -> Iterator[str]:
    """Statements that make the database again."""
    with closing(sqlite3.connect(path)) as connection:
        there = connection.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' "
            "ORDER BY type = 'index', rowid"
        ).fetchall()
        ours = [(kind, name, sql) for kind, name, sql in there if not name.startswith(tuple(f"{w}_" for w in _WORDS))]
        yield from (f"{sql};" for _, _, sql in ours)
        for name in (name for kind, name, _ in ours if kind == "table" and name not in _WORDS):
            columns = ", ".join(f'quote("{row[1]}")' for row in connection.execute(f'PRAGMA table_info("{name}")'))
            for row in connection.execute(f'SELECT {columns} FROM "{name}"'):
                yield f'INSERT INTO "{name}" VALUES ({", ".join(row)});'


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "yuntiao.db"
        asyncio.run(make(path))
        sys.stdout.write("\n".join(dump(path)) + "\n")


if __name__ == "__main__":
    main()
