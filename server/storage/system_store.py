"""Tokens of the open interface and the keys of what they asked for. Each method is one transaction.

That a token was revoked, or was given a last day, is projected from its stream, `token/<id>`, in the transaction of the
append.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import insert, literal, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import Event
from server.storage.engine import Database
from server.storage.tables import events, system_requests, system_tokens

STREAM: Final = "token"
LAST_DAY_GIVEN: Final = "LastDayGiven"  # to a token from before there were last days
USED_EVERY = timedelta(minutes=5)  # how exactly the last use is known


@dataclass(frozen=True, slots=True)
class StoredToken:
    """`scopes` with spaces between them."""

    id: str
    office: str
    name: str
    scopes: str
    token_hash: str
    created: datetime
    created_by: str
    used_at: datetime | None = None
    revoked_at: datetime | None = None
    officer: str = ""  # whose own it is; "" for a system's
    expires: datetime | None = None


class TokenRows:
    """Projects `token/…`: what is said to be revoked opens nothing from then on, nor what is over."""

    kind = STREAM

    async def project(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        row = system_tokens.c
        for event in appended:
            mine = row.id == event.stream.partition("/")[2]
            if event.type == "TokenRevoked":
                revoked = update(system_tokens).where(mine, row.revoked_at.is_(None)).values(revoked_at=event.at)
                await connection.execute(revoked)
            elif event.type == LAST_DAY_GIVEN and not event.erased:
                over = datetime.fromisoformat(event.data["expires"])
                await connection.execute(update(system_tokens).where(mine, row.expires.is_(None)).values(expires=over))


class SystemStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, token: StoredToken) -> None:
        async with self._database.write() as connection:
            await connection.execute(insert(system_tokens).values(asdict(token)))

    async def of_office(self, office: str) -> list[StoredToken]:
        wanted = select(system_tokens).where(system_tokens.c.office == office)
        async with self._database.read() as connection:
            rows = await connection.execute(wanted.order_by(system_tokens.c.created.desc(), system_tokens.c.id))
            return [StoredToken(**row) for row in rows.mappings()]

    async def endless(self) -> list[StoredToken]:
        """From before there were last days, the oldest first."""
        wanted = select(system_tokens).where(system_tokens.c.expires.is_(None), system_tokens.c.revoked_at.is_(None))
        async with self._database.read() as connection:
            rows = await connection.execute(wanted.order_by(system_tokens.c.created, system_tokens.c.id))
            return [StoredToken(**row) for row in rows.mappings()]

    async def given(self, office: str) -> frozenset[str]:
        """Tokens of an office that were given their last day afterwards."""
        row = events.c
        wanted = (
            select(system_tokens.c.id)
            .join(events, row.stream == literal(f"{STREAM}/") + system_tokens.c.id)
            .where(system_tokens.c.office == office, row.type == LAST_DAY_GIVEN)
        )
        async with self._database.read() as connection:
            return frozenset((await connection.execute(wanted)).scalars())

    async def known(self, token_hash: str) -> StoredToken | None:
        """The token with this digest, also one that was revoked or is over."""
        wanted = select(system_tokens).where(system_tokens.c.token_hash == token_hash)
        async with self._database.read() as connection:
            row = (await connection.execute(wanted)).mappings().one_or_none()
            return None if row is None else StoredToken(**row)

    async def used(self, token: str, now: datetime) -> None:
        column = system_tokens.c.used_at
        async with self._database.write() as connection:
            await connection.execute(
                update(system_tokens)
                .where(system_tokens.c.id == token, or_(column.is_(None), column < now - USED_EVERY))
                .values(used_at=now)
            )

    async def one(self, token: str) -> StoredToken | None:
        async with self._database.read() as connection:
            wanted = select(system_tokens).where(system_tokens.c.id == token)
            row = (await connection.execute(wanted)).mappings().one_or_none()
            return None if row is None else StoredToken(**row)

    async def request(self, token: str, key: str, digest: str, made: str, now: datetime) -> tuple[str, str]:
        """Keep what a key stands for: the digest, and the complaint or session made for the first who came with it."""
        values = {"token": token, "key": key, "digest": digest, "complaint": made, "at": now}
        try:
            async with self._database.write() as connection:
                await connection.execute(insert(system_requests).values(values))
            return digest, made
        except IntegrityError:
            request = system_requests.c
            known = select(request.digest, request.complaint).where(request.token == token, request.key == key)
            async with self._database.read() as connection:
                row = (await connection.execute(known)).one()
                return row.digest, row.complaint
