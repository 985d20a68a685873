"""What outsiders are asked to attest of checkpoints, and what they answered. Owns `log_attestations`.

A claim is a lease, as with messages: it comes due again by itself when whoever took it died.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.db.engine import Database
from server.db.schema import log_attestations, log_checkpoints

Kind = Literal["timestamp", "witness"]
State = Literal["queued", "failed", "got", "dead"]
OPEN: tuple[State, State] = ("queued", "failed")


@dataclass(frozen=True, slots=True)
class Attestation:
    """`place` is the URL of who was asked; `answer` what came: a TimeStampResp, or signature lines."""

    size: int
    kind: Kind
    place: str
    state: State = "queued"
    tries: int = 0
    last_error: str = ""
    got_at: datetime | None = None
    answer: bytes | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """An attestation to be got, with the note it is about."""

    attestation: Attestation
    note: str


class AttestationStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, now: datetime, lease: timedelta, most: int = 4) -> list[Asked]:
        """What is due, the newest checkpoint first: it covers the others. `tries` includes the one about to be made."""
        key = log_attestations.c.size, log_attestations.c.kind, log_attestations.c.place
        due = (
            select(*key)
            .where(log_attestations.c.state.in_(OPEN), log_attestations.c.next_try <= now)
            .order_by(log_attestations.c.size.desc(), *key[1:])
            .limit(most)
        )
        async with self._database.write() as connection:
            keys = [tuple(row) for row in (await connection.execute(due)).all()]
            if not keys:
                return []
            mine = tuple_(*key).in_(keys)
            values = {"tries": log_attestations.c.tries + 1, "next_try": now + lease}
            await connection.execute(update(log_attestations).where(mine).values(values))
            wanted = (
                select(log_attestations, log_checkpoints.c.note)
                .join(log_checkpoints, log_checkpoints.c.size == log_attestations.c.size)
                .where(mine)
                .order_by(log_attestations.c.size.desc(), *key[1:])
            )
            return [Asked(_attestation(row), row.note) for row in (await connection.execute(wanted)).all()]

    async def got(self, which: Attestation, answer: bytes, now: datetime) -> None:
        await self._set(which, state="got", answer=answer, got_at=now, last_error="")

    async def failed(self, which: Attestation, error: str, next_try: datetime) -> None:
        await self._set(which, state="failed", last_error=error, next_try=next_try)

    async def dead(self, which: Attestation, error: str) -> None:
        await self._set(which, state="dead", last_error=error)

    async def next_due(self) -> datetime | None:
        """When the next one comes due; None: nothing is owed."""
        waiting = select(func.min(log_attestations.c.next_try)).where(log_attestations.c.state.in_(OPEN))
        async with self._database.read() as connection:
            due: datetime | None = (await connection.execute(waiting)).scalar_one_or_none()
            return due

    async def of(self, size: int) -> list[Attestation]:
        """Of one checkpoint, whatever became of them."""
        async with self._database.read() as connection:
            return await attestations(connection, log_attestations.c.size == size)

    async def newest(self) -> list[Attestation]:
        """Of every place the last one that was got."""
        newest = (
            select(log_attestations.c.kind, log_attestations.c.place, func.max(log_attestations.c.size))
            .where(log_attestations.c.state == "got")
            .group_by(log_attestations.c.kind, log_attestations.c.place)
        )
        key = tuple_(log_attestations.c.kind, log_attestations.c.place, log_attestations.c.size)
        async with self._database.read() as connection:
            return await attestations(connection, key.in_(newest))

    async def states(self) -> dict[tuple[str, str], int]:
        """How many there are, by kind and state."""
        counted = select(log_attestations.c.kind, log_attestations.c.state, func.count()).group_by(
            log_attestations.c.kind, log_attestations.c.state
        )
        async with self._database.read() as connection:
            return {(kind, state): number for kind, state, number in (await connection.execute(counted)).all()}

    async def _set(self, which: Attestation, **values: Any) -> None:
        async with self._database.write() as connection:
            mine = (
                (log_attestations.c.size == which.size)
                & (log_attestations.c.kind == which.kind)
                & (log_attestations.c.place == which.place)
            )
            await connection.execute(update(log_attestations).where(mine).values(values))


async def attestations(connection: AsyncConnection, where: Any) -> list[Attestation]:
    key: Sequence[Any] = (log_attestations.c.size, log_attestations.c.kind, log_attestations.c.place)
    wanted = select(log_attestations).where(where).order_by(*key)
    return [_attestation(row) for row in (await connection.execute(wanted)).all()]


def _attestation(row: Any) -> Attestation:
    told = row.tries, row.last_error, row.got_at, row.answer
    return Attestation(row.size, row.kind, row.place, row.state, *told)
