"""The outbox: messages on their way, from queued to sent or dead. Survives a restart; each is claimed by one sender.

A claim is a lease: the message comes due again by itself when the sender that took it died.

Systems that are told when a complaint's state changes, and what is on its way to them. Owns `hooks` and
`hook_deliveries`.

A delivery is written in the transaction of the event it tells of. It names no person: number, state, and when. What
an import registers or takes back is told to nobody: its batch says it at once.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import and_, case, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints import events as c, procedure as p
from complaints.notices.messages import PartyTold
from complaints.procedure.rules import ComplaintWithdrawn
from complaints.record.changes import ComplaintMerged, ImportUndone, MergeUndone
from journal import Event, stamp
from server.complaints.projection import ComplaintChange
from server.db.engine import Database
from server.db.schema import complaints, hook_deliveries, hooks, messages

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
    arrived_at: datetime | None = None  # of one that was sent: the gateway says that the phone has it


async def put_message(connection: AsyncConnection, message: StoredMessage) -> None:
    """Queue a message in the transaction of what it tells about."""
    await connection.execute(insert(messages).values(asdict(message)))


AT_ONCE = timedelta(seconds=10)


async def put_once(connection: AsyncConnection, message: StoredMessage) -> bool:
    """As `put_message`, for one whose id follows from what it says. False: it was queued a moment ago, by a second
    press of the same button, perhaps in another process. Later it is queued again, under the next id."""
    while True:
        try:
            async with connection.begin_nested():
                await put_message(connection, message)
        except IntegrityError:
            found = await connection.execute(select(messages.c.created).where(messages.c.id == message.id))
            before = found.scalar_one()
            if message.created - before < AT_ONCE:
                return False
            message = replace(message, id=hashlib.sha256(message.id.encode()).hexdigest()[: len(message.id)])
        else:
            return True


_AWAITED = case((messages.c.kind == "code", 0), else_=1)
"""Somebody sits in front of a code's field, and it is good for minutes; a slow provider has no time for both."""


class MessageStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, message: StoredMessage) -> None:
        async with self._database.write() as connection:
            await put_message(connection, message)

    async def put_once(self, message: StoredMessage) -> bool:
        """As `put_once` above, in a transaction of its own."""
        async with self._database.write() as connection:
            return await put_once(connection, message)

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

    async def office_of(self, message: str) -> str:
        """Whose a message is; "" of one that is not there."""
        wanted = select(messages.c.office).where(messages.c.id == message)
        async with self._database.read() as connection:
            return (await connection.execute(wanted)).scalar_one_or_none() or ""

    async def receipt(self, message: str, arrived: bool, reason: str, at: datetime) -> StoredMessage | None:
        """What the gateway heard of a message that it had taken; None where it had taken none such, or nothing is
        new."""
        open_ = (messages.c.id == message, messages.c.state == "sent", messages.c.arrived_at.is_(None))
        told = {"arrived_at": at} if arrived else {"state": "dead", "last_error": reason}
        async with self._database.write() as connection:
            changed = update(messages).where(*open_).values(told).returning(*messages.c)
            row = (await connection.execute(changed)).mappings().one_or_none()
            return StoredMessage(**row) if row is not None else None

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


@dataclass(frozen=True, slots=True)
class OutboxBacklog:
    """What waits, and since when the oldest does; None: nothing does."""

    waiting: int
    oldest: datetime | None


async def backlogs(database: Database) -> dict[str, OutboxBacklog]:
    """Of text messages ("message") and of systems that are told ("hook")."""
    found = {}
    async with database.read() as connection:
        for kind, table in (("message", messages), ("hook", hook_deliveries)):
            counted = select(func.count(), func.min(table.c.created)).where(table.c.state.in_(("queued", "failed")))
            found[kind] = OutboxBacklog(*(await connection.execute(counted)).one())
    return found


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
