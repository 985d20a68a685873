"""The outbox: messages on their way, from queued to sent or dead; which template of a provider says what one of ours
does, office by office; and what is remembered of people who take messages by an official account.

A claim is a lease: the message comes due again by itself when the sender that took it died, so all of it survives a
restart. Owns `message_templates` and `followers`, too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args

from sqlalchemy import and_, case, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from server.db.engine import Database
from server.db.schema import followers, hook_deliveries, message_templates, messages
from server.outbox.notifiers import Taken

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
    to_hash: str = ""  # of one that counts for the bounds of a number
    passed_at: datetime | None = None  # since when it counts
    provider: str = ""  # the name of the connection that took it
    reference: str = ""  # what that calls it
    pieces: int = 0
    cost: int = 0  # thousandths of a yuan
    trouble: str = ""  # `server.outbox.notifiers.Trouble`


@dataclass(frozen=True, slots=True)
class Bound:
    """At most `most` messages to one number, or of one office, within `window`."""

    by: Literal["number", "office"]
    most: int
    window: timedelta


Outcome = Literal["waiting", "sent", "arrived", "dead"]
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
ASK_FIRST: Final = timedelta(seconds=30)
ASK_UNTIL: Final = timedelta(days=3)  # operators say nothing any more after that


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


_OUTCOMES: Final = {
    "waiting": messages.c.state.in_(("queued", "failed")),
    "sent": and_(messages.c.state == "sent", messages.c.arrived_at.is_(None)),
    "arrived": messages.c.arrived_at.is_not(None),
    "dead": messages.c.state == "dead",
}


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

    async def let_through(
        self, message: StoredMessage, to_hash: str, bounds: Sequence[Bound], now: datetime
    ) -> tuple[Bound, datetime] | None:
        """Counts it, once, in the transaction that finds room for it; or the bound that is reached, and when it no
        longer is."""
        async with self._database.write() as connection:
            await self._database.alone(connection, "yuntiao.messages")
            mine = messages.c.id == message.id
            if (await connection.execute(select(messages.c.passed_at).where(mine))).scalar_one_or_none() is not None:
                return None
            for bound in bounds:
                same = messages.c.to_hash == to_hash if bound.by == "number" else messages.c.office == message.office
                newest = (
                    select(messages.c.passed_at)
                    .where(same, messages.c.passed_at > now - bound.window)
                    .order_by(messages.c.passed_at.desc())
                    .limit(bound.most)
                )
                passed = list((await connection.execute(newest)).scalars())
                if len(passed) >= bound.most:
                    return bound, passed[-1] + bound.window
            await connection.execute(update(messages).where(mine).values(passed_at=now, to_hash=to_hash))
            return None

    async def sent(self, message: str, now: datetime, taken: Taken) -> None:
        await self._set(
            message,
            state="sent",
            sent_at=now,
            last_error="",
            trouble="",
            next_try=now + ASK_FIRST,
            provider=taken.by,
            reference=taken.reference,
            pieces=taken.pieces,
            cost=taken.cost,
        )

    async def awaited(self, providers: Collection[str], now: datetime, most: int = 20) -> list[StoredMessage]:
        """Taken by one of these, which has said nothing of them: each to one caller, and again after half their age."""
        due = (
            select(messages.c.id)
            .where(
                messages.c.state == "sent",
                messages.c.next_try <= now,
                messages.c.provider.in_(providers),
                messages.c.arrived_at.is_(None),
                messages.c.sent_at > now - ASK_UNTIL,
            )
            .order_by(messages.c.next_try)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        async with self._database.write() as connection:
            ids = list((await connection.execute(due)).scalars())
            if not ids:
                return []
            rows = await connection.execute(select(messages).where(messages.c.id.in_(ids)))
            found = [StoredMessage(**row) for row in rows.mappings()]
            for one in found:
                wait = max(ASK_FIRST, (now - (one.sent_at or now)) / 2)
                await connection.execute(update(messages).where(messages.c.id == one.id).values(next_try=now + wait))
            return found

    async def office_of(self, message: str) -> str:
        """Whose a message is; "" of one that is not there."""
        wanted = select(messages.c.office).where(messages.c.id == message)
        async with self._database.read() as connection:
            return (await connection.execute(wanted)).scalar_one_or_none() or ""

    async def known(self, provider: str, message: str, reference: str) -> str:
        """The id of a message that this one took, by its id or by what the provider calls it; "" of none such."""
        named = messages.c.id == message if message else messages.c.reference == reference
        if not (message or reference):
            return ""
        wanted = select(messages.c.id).where(named, messages.c.provider == provider).limit(1)
        async with self._database.read() as connection:
            return (await connection.execute(wanted)).scalar_one_or_none() or ""

    async def receipt(
        self, message: str, arrived: bool, reason: str, at: datetime, trouble: str = ""
    ) -> StoredMessage | None:
        """What the gateway heard of a message that it had taken; None where it had taken none such, or nothing is
        new."""
        open_ = (messages.c.id == message, messages.c.state == "sent", messages.c.arrived_at.is_(None))
        told = {"arrived_at": at} if arrived else {"state": "dead", "last_error": reason, "trouble": trouble}
        async with self._database.write() as connection:
            changed = update(messages).where(*open_).values(told).returning(*messages.c)
            row = (await connection.execute(changed)).mappings().one_or_none()
            if row is None:
                return None
            await self._told_elsewhere(connection, row["office"], row["session"])
            return StoredMessage(**row)

    async def failed(self, message: str, error: str, next_try: datetime, trouble: str = "") -> None:
        await self._set(message, state="failed", last_error=error, next_try=next_try, trouble=trouble)

    async def held(self, message: StoredMessage, error: str, next_try: datetime, trouble: str) -> None:
        """As `failed`, for one that has not been tried."""
        told = {"last_error": error, "next_try": next_try, "trouble": trouble, "tries": message.tries - 1}
        await self._set(message.id, state="failed", **told)

    async def dead(self, message: str, error: str, trouble: str = "") -> None:
        await self._set(message, state="dead", last_error=error, trouble=trouble)

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
                .values(state="queued", tries=0, next_try=now, last_error="", trouble="", passed_at=None)
                .returning(messages.c.id)
            )
            return queued.one_or_none() is not None

    async def next_due(self) -> datetime | None:
        """When the next message comes due; None: none is waiting."""
        waiting = select(func.min(messages.c.next_try)).where(messages.c.state.in_(("queued", "failed")))
        async with self._database.read() as connection:
            due: datetime | None = (await connection.execute(waiting)).scalar_one_or_none()
            return due

    async def page(
        self, offices: Collection[str], page: int = 1, size: int = 50, outcome: str = "", provider: str = ""
    ) -> tuple[list[StoredMessage], int]:
        """Newest first, and how many there are in all; at most `PAGE_MOST` a page. Without those to who reported
        something (Order 121 Art 37): whoever reads this page is not who verifies."""
        size = min(size, PAGE_MOST)
        mine = and_(messages.c.office.in_(offices), messages.c.lead == "")
        if outcome:
            mine = and_(mine, _OUTCOMES[outcome])
        if provider:
            mine = and_(mine, messages.c.provider == provider)
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

    async def sums(self, office: str, since: datetime) -> list[tuple[str, int, int, int, int]]:
        """By connection: its name, how many it took, how many of these did not arrive, pieces and cost."""
        failed = func.sum(case((messages.c.state == "dead", 1), else_=0))
        asked = (
            select(messages.c.provider, func.count(), failed, func.sum(messages.c.pieces), func.sum(messages.c.cost))
            .where(messages.c.office == office, messages.c.sent_at >= since, messages.c.provider != "")
            .group_by(messages.c.provider)
            .order_by(messages.c.provider)
        )
        async with self._database.read() as connection:
            return [(r[0], int(r[1]), int(r[2]), int(r[3]), int(r[4])) for r in await connection.execute(asked)]

    async def _set(self, message: str, **values: Any) -> None:
        changed = update(messages).where(messages.c.id == message).values(values)
        async with self._database.write() as connection:
            row = (await connection.execute(changed.returning(messages.c.office, messages.c.session))).one_or_none()
            if row is not None:
                await self._told_elsewhere(connection, row.office, row.session)

    async def _told_elsewhere(self, connection: AsyncConnection, office: str, session: str) -> None:
        """Only PostgreSQL has several servers, whose pages show what went out about a session."""
        if session and not self._database.sqlite:
            await self._database.credentials.message_moved(connection, office, session)


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


Approval = Literal["waiting", "approved", "refused"]
APPROVALS: Final[tuple[Approval, ...]] = get_args(Approval)


@dataclass(frozen=True, slots=True)
class StoredTemplate:
    """`code`: the provider's name of it; `parameters`: as `server.outbox.templates` reads them; `wording`: the text
    that was registered, by which a later change of ours is noticed."""

    office: str
    connection: str
    template: str
    language: str
    code: str
    parameters: str
    wording: str
    state: Approval
    changed: datetime
    changed_by: str


_t = message_templates.c


class TemplateStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(
        self, connection: str, offices: Sequence[str], template: str, language: str
    ) -> StoredTemplate | None:
        """Of the first of these offices that has entered it."""
        wanted = select(message_templates).where(
            _t.connection == connection, _t.office.in_(offices), _t.template == template, _t.language == language
        )
        async with self._database.read() as reading:
            rows = [StoredTemplate(**row) for row in (await reading.execute(wanted)).mappings()]
        return min(rows, key=lambda row: offices.index(row.office), default=None)

    async def of_office(self, office: str, connection: str, language: str) -> dict[str, StoredTemplate]:
        wanted = select(message_templates).where(
            _t.office == office, _t.connection == connection, _t.language == language
        )
        async with self._database.read() as reading:
            rows = [StoredTemplate(**row) for row in (await reading.execute(wanted)).mappings()]
        return {row.template: row for row in rows}

    async def put(self, row: StoredTemplate) -> None:
        mine = (
            _t.office == row.office,
            _t.connection == row.connection,
            _t.template == row.template,
            _t.language == row.language,
        )
        async with self._database.write() as writing:
            values: dict[str, Any] = asdict(row)
            if not (await writing.execute(update(message_templates).where(*mine).values(values))).rowcount:
                await writing.execute(insert(message_templates).values(values))

    async def remove(self, office: str, connection: str, template: str, language: str) -> None:
        mine = (_t.office == office, _t.connection == connection, _t.template == template, _t.language == language)
        async with self._database.write() as writing:
            await writing.execute(delete(message_templates).where(*mine))


_f = followers.c


class FollowerStore:
    """Who takes messages by an official account beside text messages: their number (hashed) and what it calls them
    (sealed). Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, connection: str, phone_hash: str, openid_sealed: str, expires: datetime) -> None:
        values = {"connection": connection, "phone_hash": phone_hash}
        told = {"openid_sealed": openid_sealed, "expires": expires}
        async with self._database.write() as writing:
            mine = (_f.connection == connection, _f.phone_hash == phone_hash)
            if not (await writing.execute(update(followers).where(*mine).values(told))).rowcount:
                await writing.execute(insert(followers).values({**values, **told}))

    async def find(self, connection: str, phone_hash: str, now: datetime) -> str:
        """Sealed; "" for who does not, or not any more."""
        mine = (_f.connection == connection, _f.phone_hash == phone_hash, _f.expires > now)
        async with self._database.read() as reading:
            return (await reading.execute(select(_f.openid_sealed).where(*mine))).scalar_one_or_none() or ""

    async def remove(self, connection: str, phone_hash: str) -> None:
        mine = (_f.connection == connection, _f.phone_hash == phone_hash)
        async with self._database.write() as writing:
            await writing.execute(delete(followers).where(*mine))

    async def forget_expired(self, now: datetime) -> int:
        """How many."""
        async with self._database.write() as writing:
            return (await writing.execute(delete(followers).where(_f.expires <= now))).rowcount
