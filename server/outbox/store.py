"""The outbox: messages on their way, from queued to sent or dead. Survives a restart; each is claimed by one sender.

A claim is a lease: the message comes due again by itself when the sender that took it died.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import and_, case, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.db.engine import Database
from server.db.schema import messages

State = Literal["queued", "sent", "failed", "dead"]
PAGE_MOST = 100


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """`failed`: the last try failed, another comes at `next_try`; `dead`: given up until somebody resends it."""

    id: str
    office: str
    session: str
    kind: str  # "link" | "code" | …
    to_sealed: str
    to_masked: str
    text_sealed: str
    created: datetime
    next_try: datetime
    state: State = "queued"
    tries: int = 0
    last_error: str = ""
    sent_at: datetime | None = None
    complaint: str = ""  # of a notice's: its journal hears that the gateway took it, or did not
    lead: str = ""  # of one to who reported: the same, and the outbox page does not show it


async def put_message(connection: AsyncConnection, message: StoredMessage) -> None:
    """Queue a message in the transaction of what it tells about."""
    await connection.execute(insert(messages).values(asdict(message)))


_AWAITED = case((messages.c.kind == "code", 0), else_=1)
"""Somebody sits in front of a code's field, and it is good for minutes; a slow provider has no time for both."""


class MessageStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, message: StoredMessage) -> None:
        async with self._database.write() as connection:
            await put_message(connection, message)

    async def claim(self, now: datetime, lease: timedelta, most: int = 10) -> list[StoredMessage]:
        """Due messages, codes before others and the oldest first, each to exactly one caller; they come due again
        after `lease` unless `sent`, `failed` or `dead` is told. `tries` includes the try about to be made."""
        due = (
            select(messages.c.id)
            .where(messages.c.state.in_(("queued", "failed")), messages.c.next_try <= now)
            .order_by(_AWAITED, messages.c.created, messages.c.id)
            .limit(most)
            .with_for_update(skip_locked=True)  # SQLite's writers are alone anyway
        )
        async with self._database.write() as connection:
            ids = list((await connection.execute(due)).scalars())
            if not ids:
                return []
            claimed = await connection.execute(
                update(messages)
                .where(messages.c.id.in_(ids))
                .values(tries=messages.c.tries + 1, next_try=now + lease)
                .returning(*messages.c)
            )
            rows = [StoredMessage(**row) for row in claimed.mappings()]
            return sorted(rows, key=lambda message: (message.kind != "code", message.created, message.id))

    async def sent(self, message: str, now: datetime) -> None:
        await self._set(message, state="sent", sent_at=now, last_error="")

    async def failed(self, message: str, error: str, next_try: datetime) -> None:
        await self._set(message, state="failed", last_error=error, next_try=next_try)

    async def dead(self, message: str, error: str) -> None:
        await self._set(message, state="dead", last_error=error)

    async def resend(self, message: str, offices: Collection[str], now: datetime) -> bool:
        """Queue a failed or dead message of one of these offices anew; False if there is none such."""
        async with self._database.write() as connection:
            queued = await connection.execute(
                update(messages)
                .where(
                    messages.c.id == message,
                    messages.c.office.in_(offices),
                    messages.c.lead == "",
                    messages.c.state.in_(("failed", "dead")),
                )
                .values(state="queued", tries=0, next_try=now, last_error="")
                .returning(messages.c.id)
            )
            return queued.one_or_none() is not None

    async def next_due(self) -> datetime | None:
        """When the next message comes due; None: none is waiting."""
        waiting = select(func.min(messages.c.next_try)).where(messages.c.state.in_(("queued", "failed")))
        async with self._database.read() as connection:
            due: datetime | None = (await connection.execute(waiting)).scalar_one_or_none()
            return due

    async def page(self, offices: Collection[str], page: int = 1, size: int = 50) -> tuple[list[StoredMessage], int]:
        """Newest first, and how many there are in all; at most `PAGE_MOST` a page. Without those to who reported
        something (Order 121 Art 37): whoever reads this page is not who verifies."""
        size = min(size, PAGE_MOST)
        mine = and_(messages.c.office.in_(offices), messages.c.lead == "")
        wanted = (
            select(messages)
            .where(mine)
            .order_by(messages.c.created.desc(), messages.c.id)
            .limit(size)
            .offset((max(page, 1) - 1) * size)
        )
        async with self._database.read() as connection:
            rows = [StoredMessage(**row) for row in (await connection.execute(wanted)).mappings()]
            total = (await connection.execute(select(func.count()).select_from(messages).where(mine))).scalar_one()
            return rows, total

    async def _set(self, message: str, **values: Any) -> None:
        async with self._database.write() as connection:
            await connection.execute(update(messages).where(messages.c.id == message).values(values))
