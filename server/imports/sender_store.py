"""Systems that send complaints, and their requests by idempotency key. Each method is one transaction.

Owns `intake_senders` and `intake_requests`. Secrets are here only as the installation seals them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from server.db.engine import Database
from server.db.schema import intake_requests, intake_senders
from server.identity.account_store import USED_EVERY

KEPT = timedelta(days=30)  # how long a key is remembered


@dataclass(frozen=True, slots=True)
class StoredSender:
    """`before`: the secret it had until it was renewed, good until `before_until`."""

    id: str
    office: str
    name: str
    channel: str
    secret: str
    created: datetime
    created_by: str
    before: str | None = None
    before_until: datetime | None = None
    used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """The first that came with its key. `answer` None: it was not answered yet."""

    sender: str
    key: str
    digest: str
    signature: str
    batch: str
    at: datetime
    answer: dict[str, Any] | None = None


class Replayed(Exception):
    """The same signature came before, under another key."""


class SenderStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, sender: StoredSender) -> None:
        async with self._database.write() as connection:
            await connection.execute(insert(intake_senders).values(asdict(sender)))

    async def of_office(self, office: str) -> list[StoredSender]:
        wanted = select(intake_senders).where(intake_senders.c.office == office)
        async with self._database.read() as connection:
            rows = await connection.execute(wanted.order_by(intake_senders.c.created.desc(), intake_senders.c.id))
            return [StoredSender(**row) for row in rows.mappings()]

    async def standing(self, sender: str) -> StoredSender | None:
        """Unless it was revoked."""
        one = intake_senders.c
        async with self._database.read() as connection:
            wanted = select(intake_senders).where(one.id == sender, one.revoked_at.is_(None))
            row = (await connection.execute(wanted)).mappings().one_or_none()
            return None if row is None else StoredSender(**row)

    async def used(self, sender: str, now: datetime) -> None:
        column = intake_senders.c.used_at
        async with self._database.write() as connection:
            await connection.execute(
                update(intake_senders)
                .where(intake_senders.c.id == sender, or_(column.is_(None), column < now - USED_EVERY))
                .values(used_at=now)
            )

    async def renew(self, sender: str, office: str, secret: str, before_until: datetime) -> bool:
        """The secret it has now stays good until then. False when the office has no such one that stands."""
        one = intake_senders.c
        async with self._database.write() as connection:
            changed = await connection.execute(
                update(intake_senders)
                .where(one.id == sender, one.office == office, one.revoked_at.is_(None))
                .values(secret=secret, before=one.secret, before_until=before_until)
            )
            return bool(changed.rowcount)

    async def revoke(self, sender: str, office: str, now: datetime) -> bool:
        """Its secrets are let go of. False when the office has no such one that stands."""
        one = intake_senders.c
        async with self._database.write() as connection:
            changed = await connection.execute(
                update(intake_senders)
                .where(one.id == sender, one.office == office, one.revoked_at.is_(None))
                .values(revoked_at=now, secret="", before=None, before_until=None)
            )
            return bool(changed.rowcount)

    async def request(self, new: Request) -> Request:
        """Keep what a key stands for; the first who came with it. Replayed."""
        of = intake_requests.c
        async with self._database.write() as connection:
            known = select(intake_requests).where(of.sender == new.sender, of.key == new.key)
            row = (await connection.execute(known)).mappings().one_or_none()
            if row is not None:
                return Request(**row)
            await connection.execute(
                delete(intake_requests).where(of.sender == new.sender, of.at < new.at - KEPT, of.answer.is_not(None))
            )
            try:
                await connection.execute(insert(intake_requests).values(asdict(new)))
            except IntegrityError:
                raise Replayed(new.key) from None
        return new

    async def answered(self, request: Request, answer: dict[str, Any]) -> None:
        of = intake_requests.c
        async with self._database.write() as connection:
            await connection.execute(
                update(intake_requests).where(of.sender == request.sender, of.key == request.key).values(answer=answer)
            )
