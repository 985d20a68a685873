"""What accounts are after each change, the numbers officers gave, officers' first steps, and other systems: their
tokens, and those that send complaints.

How far an officer has come with what each role does first, is read from where it happened: accounts, complaints,
sessions, reviews, leads. Owns `first_steps`, which holds only whether an officer put the card away or asked for it
again, `intake_senders` and `intake_requests`: requests are kept by idempotency key, their secrets only as the
installation seals them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, delete, exists, insert, literal, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import SYSTEM, Draft, Event
from offices import LEVELS, Officer
from server.db.engine import Database
from server.db.journal import SqlJournal, StreamProjector, event_of
from server.db.schema import (
    account_limits,
    acts,
    complaints,
    events,
    first_steps,
    intake_requests,
    intake_senders,
    jurisdictions,
    leads,
    office_oversight,
    officer_phones,
    offices,
    recovery_codes,
    reviews,
    sessions,
    system_requests,
    system_tokens,
    users,
)

CHANGED: Final = "AccountChanged"
COUNTED: Final = "AccountsCounted"
"""The accounts there were, and who oversaw what, when changes began to be noted: nothing need be known of these."""
COUNT_STREAM: Final = "installation/accounts"

Work = Callable[[AsyncConnection], Awaitable[bool]]
"""Changes rows; whether it did."""


class AccountJournal:
    """What an account is after each change, in `officer/<id>`, in the transaction that changes its rows.

    So a change that nobody made through the program is found (`server.evidence.log_check`). Secrets come as hashes of
    what lies in the row, which is itself sealed or a slow, salted hash: nothing can be guessed from them.
    """

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


async def closings(database: Database, accounts: Collection[str]) -> Mapping[str, Event]:
    """By account, who closed it last; of none that nobody ever closed."""
    row = events.c
    wanted = select(events).where(row.stream.in_([f"officer/{one}" for one in accounts]), row.type == "AccountClosed")
    async with database.read() as connection:
        found = map(event_of, (await connection.execute(wanted.order_by(row.version))).mappings())
        return {one.stream.partition("/")[2]: one for one in found}


def digest(kept_value: str) -> str:
    """SHA-256, hex; "" for what is not there."""
    return hashlib.sha256(kept_value.encode()).hexdigest() if kept_value else ""


class OfficerPhoneStore:
    """Numbers that officers gave for messages to themselves, sealed, and who oversees an office. Owns `officer_phones`.

    Each method is one transaction.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def sealed(self, officer: str) -> str:
        """ "" for none."""
        wanted = select(officer_phones.c.phone_sealed).where(officer_phones.c.officer == officer)
        async with self._database.read() as connection:
            return (await connection.execute(wanted)).scalar_one_or_none() or ""

    async def put(self, officer: str, sealed: str) -> None:
        """In place of the one before; "" for none any more, which is an answer too."""
        async with self._database.write() as connection:
            await connection.execute(delete(officer_phones).where(officer_phones.c.officer == officer))
            await connection.execute(insert(officer_phones).values(officer=officer, phone_sealed=sealed))

    async def answered(self, officer: str) -> bool:
        wanted = select(officer_phones.c.officer).where(officer_phones.c.officer == officer)
        async with self._database.read() as connection:
            return (await connection.execute(wanted)).first() is not None

    async def decline(self, officer: str) -> None:
        """No number, unless there is an answer already."""
        async with self._database.write() as connection:
            wanted = select(officer_phones.c.officer).where(officer_phones.c.officer == officer)
            if (await connection.execute(wanted)).first() is None:
                await connection.execute(insert(officer_phones).values(officer=officer, phone_sealed=""))

    async def overseeing(self, office: str) -> Sequence[str]:
        """Accounts of the office's own supervisors and of those who oversee it by name; where there are none, those of
        the nearest office above."""
        table, at = office_oversight.c, office
        async with self._database.read() as connection:
            for _ in LEVELS:
                others = select(table.supervisor).where(table.office == at)
                wanted = select(users.c.id).where(
                    users.c.role == "supervisor", or_(users.c.office == at, users.c.id.in_(others))
                )
                found = (await connection.execute(wanted.order_by(users.c.created, users.c.id))).scalars().all()
                above = select(offices.c.superior).where(offices.c.id == at)
                at = (await connection.execute(above)).scalar_one_or_none() or ""
                if found or not at:
                    break
            return found


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


class TokenRows(StreamProjector):
    """Projects `token/…`: what is said to be revoked opens nothing from then on, nor what is over."""

    kind = STREAM

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
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
    """Tokens of the open interface and the keys of what they asked for. Each method is one transaction.

    That a token was revoked, or was given a last day, is projected from its stream, `token/<id>`, in the transaction of
    the append.
    """

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


Shown = Literal["", "away", "wanted"]
"""What an officer said of the card: nothing, that it go, that it come back."""

_UNDECIDED: Final = ("registered", "undone")


def _conditions(officer: Officer) -> dict[str, ColumnElement[bool]]:
    """Step -> what must be true, each one look into an index or a table of a few rows."""
    own, office = officer.id, officer.office.id
    complaint, session, lead, user = complaints.c, sessions.c, leads.c, users.c
    own_office = complaint.office == office
    hours = events.c.stream.in_((f"availability/officer-{own}", f"availability/office-{office}"))

    def colleague(role: str) -> ColumnElement[bool]:
        return exists().where(user.office == office, user.role == role, user.id != own)

    return {
        "two_steps": exists().where(user.id == own, user.totp_sealed != ""),
        "phone": exists().where(officer_phones.c.officer == own),
        "hours": exists().where(hours),
        "complaint": exists().where(own_office),
        "decision": exists().where(own_office, complaint.state.not_in(_UNDECIDED)),
        "arranged": exists().where(session.office == office, session.mediator == own),
        "held": exists().where(session.office == office, session.mediator == own, session.status == "closed"),
        "rule": exists().where(events.c.stream == f"sampling/{office}"),
        "watched": exists().where(acts.c.actor == own, acts.c.act == "viewed"),
        "reviewed": exists().where(reviews.c.reviewer == own),
        "office": exists().where(offices.c.id == office, offices.c.authority != "", offices.c.address != ""),
        "mediator": colleague("mediator"),
        "supervisor": colleague("supervisor"),
        "area": exists().where(jurisdictions.c.office == office),
        "report": exists().where(lead.office == office),
        "taken": exists().where(lead.owner == own),
        "decided": exists().where(lead.owner == own, lead.state == "decided"),
    }


class FirstStepStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def shown(self, officer: Officer) -> Shown:
        wanted = select(first_steps.c.shown).where(first_steps.c.officer == officer.id)
        async with self._database.read() as connection:
            found = (await connection.execute(wanted)).scalar()
        return "wanted" if found == "wanted" else "away" if found == "away" else ""

    async def done(self, officer: Officer, steps: tuple[str, ...]) -> frozenset[str]:
        """Those of `steps` that happened. KeyError: no such step."""
        conditions = _conditions(officer)
        wanted = select(*(conditions[step].label(step) for step in steps)).select_from(select(literal(1)).subquery())
        async with self._database.read() as connection:
            row = (await connection.execute(wanted)).mappings().one()
        return frozenset(step for step in steps if row[step])

    async def show(self, officer: Officer, shown: Literal["away", "wanted"]) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(first_steps).where(first_steps.c.officer == officer.id))
            await connection.execute(insert(first_steps).values(officer=officer.id, shown=shown))


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
