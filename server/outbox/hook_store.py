"""Tells other systems when a complaint's state changes: signed, repeated for hours, given up visibly; and who is told,
and what is on its way, as rows. Owns `hooks` and `hook_deliveries`. Implements `web.office.administration.Hooks`.

A delivery is written in the transaction of the event it tells of. It names no person: number, state, and when. What
an import registers or takes back is told to nobody: its batch says it at once.

Only to addresses the installation allows (`YUNTIAO_HOOK_ORIGINS`), asked again at every try, never along a redirect:
an administrator of an office cannot make the server call what only the server reaches.
"""

from __future__ import annotations

import asyncio
import json
import random
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import structlog
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints import events as c, procedure as p
from complaints.notices.messages import PartyTold
from complaints.procedure.rules import ComplaintWithdrawn
from complaints.record.changes import ComplaintMerged, ImportUndone, MergeUndone
from journal import Event, stamp
from journal.refusals import Refused
from offices import Officer, require_role
from offices.systems import Hook, Undelivered
from server.complaints.projection import ComplaintChange
from server.connections import SIGNATURE, TIMESTAMP, signature
from server.db.engine import Database
from server.db.schema import complaints, hook_deliveries, hooks
from server.identity import Seal, SealBroken, fresh_token
from server.outbox.service import backoff

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

    types = TOLD

    async def write(self, connection: AsyncConnection, changes: Sequence[ComplaintChange]) -> None:
        for one in changes:
            await self._write(connection, one.appended)

    async def _write(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        told = [event for event in appended if event.type in TOLD]
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


# ------------------------------------------------------------ hooks


PREFIX: Final = "ys_"
SECRET: Final = "hook secret"  # noqa: S105 - the purpose secrets are sealed for
LEASE: Final = timedelta(minutes=2)
TRIES_MOST: Final = 12  # about five hours
LOOK: Final = timedelta(seconds=5)  # an event of another process is noticed by then
FINAL: Final = frozenset({400, 401, 403, 404, 405, 410, 413, 415, 422})
_TIMEOUT = aiohttp.ClientTimeout(total=10)

log = structlog.get_logger(__name__)


def origin_of(url: str) -> str:
    """Scheme, host and port, "" for what is no address to post to."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        return ""
    fine = parts.scheme in ("https", "http") and parts.hostname and parts.username is None and parts.password is None
    return f"{parts.scheme}://{parts.hostname}:{port}" if fine else ""


class HookService:
    def __init__(
        self,
        store: HookStore,
        seal: Seal,
        allowed: Collection[str],
        now: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`allowed`: addresses whose origins may be posted to."""
        self._store, self._seal, self._now, self._chance = store, seal, now, chance
        self._allowed = frozenset(filter(None, map(origin_of, allowed)))

    # ------------------------------------------------------------ the administrator's page

    @property
    def possible(self) -> bool:
        return bool(self._allowed)

    async def subscribe(self, by: Officer, name: str, url: str) -> tuple[str, str]:
        require_role(by, "administrator")
        if not name.strip():
            raise Refused("missing", field="name")
        if len(url) > 500 or origin_of(url) not in self._allowed:
            raise Refused("foreign_address", 422, field="url")
        id, secret = uuid.uuid4().hex, PREFIX + fresh_token()
        sealed = self._seal.seal(secret, SECRET)
        await self._store.add(StoredHook(id, by.office.id, name.strip(), url, sealed, self._now(), by.id))
        return id, secret

    async def hooks(self, by: Officer) -> list[Hook]:
        require_role(by, "administrator")
        return [
            Hook(one.id, one.name, one.url, one.created, one.revoked_at)
            for one in await self._store.of_office(by.office.id)
        ]

    async def undelivered(self, by: Officer) -> list[Undelivered]:
        require_role(by, "administrator")
        names = {one.id: one.name for one in await self._store.of_office(by.office.id)}
        return [
            Undelivered(
                one.id,
                names.get(one.hook, ""),
                one.event,
                one.number,
                one.state,
                one.created,
                one.tries,
                one.last_error,
            )
            for one in await self._store.troubled(by.office.id)
        ]  # fmt: skip

    async def revoke(self, by: Officer, hook: str) -> None:
        require_role(by, "administrator")
        if not await self._store.revoke(hook, by.office.id, self._now()):
            raise Refused("not_found", 404)

    async def resend(self, by: Officer, delivery: str) -> None:
        require_role(by, "administrator")
        if not await self._store.resend(delivery, by.office.id, self._now()):
            raise Refused("not_found", 404)

    # ------------------------------------------------------------ delivering

    async def deliver(self) -> None:
        """Until cancelled. A try under way comes due again after its lease; the receiver knows it by its id."""
        if not self._allowed:
            return
        async with aiohttp.ClientSession(timeout=_TIMEOUT, cookie_jar=aiohttp.DummyCookieJar()) as http:
            while True:
                try:
                    if not await self.deliver_due(http):
                        await asyncio.sleep(LOOK.total_seconds())
                except Exception:
                    # The database may be locked for a while; what was to be told is still there afterwards.
                    log.exception("hooks failed, going on")
                    await asyncio.sleep(LOOK.total_seconds())

    async def deliver_due(self, http: aiohttp.ClientSession) -> int:
        due = await self._store.claim(self._now(), LEASE)
        for delivery, hook in due:
            await self._try(http, delivery, hook)
        return len(due)

    async def _try(self, http: aiohttp.ClientSession, delivery: StoredDelivery, hook: StoredHook) -> None:
        if not await self._store.waits(delivery.id):
            return  # revoked since it was claimed
        reason, final = await self._post(http, delivery, hook)
        if not reason:
            await self._store.told(delivery.id, state="sent", sent_at=self._now(), last_error="")
        elif final or delivery.tries >= TRIES_MOST:
            log.warning("hook given up", delivery=delivery.id, hook=hook.id, tries=delivery.tries, reason=reason)
            await self._store.told(delivery.id, state="dead", last_error=reason)
        else:
            again = self._now() + backoff(delivery.tries, self._chance())
            await self._store.told(delivery.id, state="failed", last_error=reason, next_try=again)

    async def _post(self, http: aiohttp.ClientSession, delivery: StoredDelivery, hook: StoredHook) -> tuple[str, bool]:
        """("", …) when it was taken; otherwise why not, in words that hold no secret, and whether that is final."""
        if hook.revoked_at is not None or origin_of(hook.url) not in self._allowed:
            return "the address is not allowed any more", True
        try:
            secret = self._seal.open(hook.secret, SECRET)
        except SealBroken:
            return "sealed under another key", True
        body, timestamp = delivery.body.encode(), str(int(self._now().timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": delivery.id,
            TIMESTAMP: timestamp,
            SIGNATURE: signature(secret.encode(), timestamp, body),
        }
        try:
            async with http.post(hook.url, data=body, headers=headers, allow_redirects=False) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as fault:
            return f"unreachable ({type(fault).__name__})", False
        return ("", False) if 200 <= status < 300 else (f"answered {status}", status in FINAL or 300 <= status < 400)
