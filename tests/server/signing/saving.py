"""`python -m tests.server.signing.saving <data>`: saves a signature and tries wrong codes until it is killed.

Says each thing once it is acknowledged, a line each.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from journal.refusals import Refused
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.identity import installation_seal
from server.identity.officers import officer_from
from server.identity.store import IdentityStore, User
from server.signing.saved_signature_store import SavedSignatures
from tests.server.app.office import FIRST, QUICK
from tests.server.db.databases import sqlite_url
from tests.server.signing.sheets import scribble

ZHOU = User("u-zhou", "zhoumin", "周敏", "mediator", FIRST.id, "argon2", datetime(2026, 6, 1, tzinfo=UTC))
OFFICER = officer_from(ZHOU, FIRST)
CODE = "730914"


def signatures(data: Path, database: Database) -> SavedSignatures:
    seal, now = installation_seal(data), lambda: datetime(2026, 6, 1, 9, tzinfo=UTC)
    return SavedSignatures(database, SqlJournal(database), seal, QUICK, now)


async def main(data: Path) -> None:
    database = Database(sqlite_url(data / "yuntiao.db"))
    await database.migrate()
    assert await IdentityStore(database).found(FIRST, ZHOU)
    kept = signatures(data, database)
    await kept.save(OFFICER, scribble(), CODE)
    sys.stdout.write("saved\n")
    sys.stdout.flush()
    while True:
        try:
            await kept.use(OFFICER, "000001")
        except Refused as no:
            sys.stdout.write(f"{no.code}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
