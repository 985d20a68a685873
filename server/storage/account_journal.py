"""What an account is after each change, in `officer/<id>`, in the transaction that changes its rows.

So a change that nobody made through the program is found (`server.log.accounts`). Secrets come as hashes of what lies
in the row, which is itself sealed or a slow, salted hash: nothing can be guessed from them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import SYSTEM, Draft
from server.storage.engine import Database
from server.storage.journal_store import SqlJournal
from server.storage.tables import account_limits, office_oversight, recovery_codes, users

CHANGED: Final = "AccountChanged"
COUNTED: Final = "AccountsCounted"
"""The accounts there were, and who oversaw what, when changes began to be noted: nothing need be known of these."""
COUNT_STREAM: Final = "installation/accounts"

Work = Callable[[AsyncConnection], Awaitable[bool]]
"""Changes rows; whether it did."""


class AccountJournal:
    def __init__(self, database: Database, journal: SqlJournal, now: Callable[[], datetime]) -> None:
        self._database, self._journal, self._now = database, journal, now

    async def along(self, user: str, work: Work) -> bool:
        async def changed(connection: AsyncConnection) -> Draft | None:
            if not await work(connection):
                return None
            return Draft(CHANGED, dict(await standing(connection, user)), self._now(), SYSTEM)

        return bool(await self._journal.along(f"officer/{user}", changed))

    async def count(self) -> None:
        """Once, at the first start of a program that notes changes."""

        async def counted(connection: AsyncConnection) -> Draft:
            return Draft(COUNTED, await counting(connection), self._now(), SYSTEM)

        if not await self._journal.last(COUNT_STREAM):
            await self._journal.along(COUNT_STREAM, counted)


async def kept(accounts: AccountJournal | None, database: Database, user: str, work: Work) -> bool:
    """Do the work, noted where changes are noted; whether anything changed."""
    if accounts is not None:
        return await accounts.along(user, work)
    async with database.write() as connection:
        return await work(connection)


async def counting(connection: AsyncConnection) -> dict[str, Any]:
    """Which accounts there are, and who oversees which office besides their own."""
    pairs = select(office_oversight.c.supervisor, office_oversight.c.office)
    return {
        "accounts": sorted((await connection.execute(select(users.c.id))).scalars()),
        "overseen": sorted([supervisor, office] for supervisor, office in await connection.execute(pairs)),
    }


async def standing(connection: AsyncConnection, user: str) -> Mapping[str, Any]:
    """What counts of an account as its rows have it; {} when there is none."""
    row = (await connection.execute(select(users).where(users.c.id == user))).mappings().one_or_none()
    if row is None:
        return {}
    limits = await connection.execute(select(account_limits.c.closed).where(account_limits.c.user == user))
    codes = await connection.execute(select(recovery_codes.c.code_hash).where(recovery_codes.c.user == user))
    return {
        "login": row["login"],
        "name": row["name"],
        "role": row["role"],
        "office": row["office"],
        "closed": limits.scalar() is not None,
        "password": digest(row["password_hash"]),
        "second_step": digest(row["totp_sealed"]),
        "recovery": sorted(digest(code) for code in codes.scalars()),
    }


def digest(kept_value: str) -> str:
    """SHA-256, hex; "" for what is not there."""
    return hashlib.sha256(kept_value.encode()).hexdigest() if kept_value else ""
