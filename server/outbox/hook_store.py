"""Systems that are told when a complaint's state changes, and what is on its way to them. Owns `hooks` and
`hook_deliveries`.

A delivery is written in the transaction of the event it tells of. It names no person: number, state, and when. What
an import registers or takes back is told to nobody: its batch says it at once.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints import events as c, procedure as p
from complaints.notices.messages import PartyTold
from complaints.procedure.rules import ComplaintWithdrawn
from complaints.record.changes import ComplaintMerged, ImportUndone, MergeUndone
from journal import Event, stamp
from server.complaints.projection import ComplaintChange
from server.db.engine import Database
from server.db.schema import complaints, hook_deliveries, hooks

TOLD: Final = frozenset(
    kind.__name__
    for kind in (
        c.ComplaintRegistered, c.ComplaintAccepted, c.ComplaintRefused, c.MediationScheduled, c.MediationClosed,
        c.MediationCancelled, c.PromisesKept, c.EndTold, PartyTold, c.ComplaintClosed, c.NoteTakenBack,
        ComplaintWithdrawn,
        ComplaintMerged, MergeUndone, ImportUndone, p.MediationEnded, p.Dispatched, p.ReturnedToIntake,
    )
)  # fmt: skip
KEPT: Final = timedelta(days=30)  # how long what was delivered is remembered
SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class StoredHook:
    id: str
    office: str
    name: str
    url: str
    secret: str  # sealed
    created: datetime
    created_by: str
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    """`state`: "queued" | "sent" | "failed" (tried again at `next_try`) | "dead" (given up until it is sent again)."""

    id: str
    hook: str
    office: str
    event: str
    number: str
    body: str
    created: datetime
    next_try: datetime
    state: str = "queued"
    tries: int = 0
    last_error: str = ""
    sent_at: datetime | None = None


class HookDeliveries:
    """A writer after the one of the complaint's own row. Never made anew, and imports are told to nobody."""

    async def write(self, connection: AsyncConnection, changes: Sequence[ComplaintChange]) -> None:
        for one in changes:
            await self._write(connection, one.appended)

    async def _write(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        told = [event for event in appended if event.type in TOLD]
        if not told:
            return
        complaint = told[0].stream.partition("/")[2]
        row = complaints.c
        asked = select(row.office, row.number, row.state, row.channel).where(row.id == complaint)
        now = (await connection.execute(asked)).one_or_none()
        if now is None:
            return
        wanted = select(hooks.c.id).where(hooks.c.office == now.office, hooks.c.revoked_at.is_(None))
        to = list((await connection.execute(wanted)).scalars())
        values = [
            asdict(_delivery(hook, now.office, complaint, now.number, now.state, now.channel, event))
            for event in told
            for hook in to
        ]
        if values:
            await connection.execute(insert(hook_deliveries), values)


def _delivery(
    hook: str, office: str, complaint: str, number: str, state: str, channel: str, event: Event
) -> StoredDelivery:
    id = uuid.uuid4().hex
    body = {
        "id": id, "event": event.type, "at": stamp(event.at), "complaint": complaint, "version": event.version,
        "number": number, "state": state, "channel": channel,
    }  # fmt: skip
    return StoredDelivery(
        id, hook, office, event.type, number, json.dumps(body, ensure_ascii=False), event.at, event.at
    )


class HookStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, hook: StoredHook) -> None:
        async with self._database.write() as connection:
            await connection.execute(insert(hooks).values(asdict(hook)))

    async def of_office(self, office: str) -> list[StoredHook]:
        async with self._database.read() as connection:
            wanted = select(hooks).where(hooks.c.office == office).order_by(hooks.c.created.desc(), hooks.c.id)
            return [StoredHook(**row) for row in (await connection.execute(wanted)).mappings()]

    async def revoke(self, hook: str, office: str, now: datetime) -> bool:
        """What is on its way to it is let go of. False when the office has no such one that stands."""
        mine = hooks.c.id == hook, hooks.c.office == office, hooks.c.revoked_at.is_(None)
        async with self._database.write() as connection:
            changed = await connection.execute(update(hooks).where(*mine).values(revoked_at=now, secret=""))
            if changed.rowcount:
                await connection.execute(
                    delete(hook_deliveries).where(hook_deliveries.c.hook == hook, hook_deliveries.c.state != "sent")
                )
            return bool(changed.rowcount)

    async def claim(self, now: datetime, lease: timedelta, most: int = 10) -> list[tuple[StoredDelivery, StoredHook]]:
        """Due ones, the oldest first, each to one caller; they come due again after `lease`, or as is `told`."""
        one = hook_deliveries.c
        due = (
            select(one.id)
            .where(one.state.in_(("queued", "failed")), one.next_try <= now)
            .order_by(one.created, one.id)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        async with self._database.write() as connection:
            await connection.execute(delete(hook_deliveries).where(one.state == "sent", one.created < now - KEPT))
            ids = list((await connection.execute(due)).scalars())
            if not ids:
                return []
            claimed = update(hook_deliveries).where(one.id.in_(ids)).values(tries=one.tries + 1, next_try=now + lease)
            rows = [
                StoredDelivery(**row)
                for row in (await connection.execute(claimed.returning(*hook_deliveries.c))).mappings()
            ]
            wanted = select(hooks).where(hooks.c.id.in_({row.hook for row in rows}))
            known = {row["id"]: StoredHook(**row) for row in (await connection.execute(wanted)).mappings()}
        return [(row, known[row.hook]) for row in sorted(rows, key=lambda row: (row.created, row.id))]

    async def waits(self, delivery: str) -> bool:
        """Whether it still is to be told: what is on its way to a hook that is revoked is let go of."""
        one = hook_deliveries.c
        async with self._database.read() as connection:
            found = await connection.execute(select(one.id).where(one.id == delivery, one.state != "sent"))
            return found.first() is not None

    async def told(self, delivery: str, **values: Any) -> None:
        async with self._database.write() as connection:
            await connection.execute(update(hook_deliveries).where(hook_deliveries.c.id == delivery).values(values))

    async def resend(self, delivery: str, office: str, now: datetime) -> bool:
        one = hook_deliveries.c
        async with self._database.write() as connection:
            queued = await connection.execute(
                update(hook_deliveries)
                .where(one.id == delivery, one.office == office, one.state.in_(("failed", "dead")))
                .values(state="queued", tries=0, next_try=now, last_error="")
            )
            return bool(queued.rowcount)

    async def next_due(self) -> datetime | None:
        one = hook_deliveries.c
        waiting = select(func.min(one.next_try)).where(one.state.in_(("queued", "failed")))
        async with self._database.read() as connection:
            due: datetime | None = (await connection.execute(waiting)).scalar_one_or_none()
            return due

    async def troubled(self, office: str) -> list[StoredDelivery]:
        """Failed and given up, the newest first."""
        one = hook_deliveries.c
        wanted = (
            select(hook_deliveries)
            .where(one.office == office, one.state.in_(("failed", "dead")))
            .order_by(one.created.desc(), one.id)
            .limit(SHOWN)
        )
        async with self._database.read() as connection:
            return [StoredDelivery(**row) for row in (await connection.execute(wanted)).mappings()]
