"""Offices, officers and their signed-in sessions, as rows; join links are in `link_store`.

Owns no rule about passwords or roles: it stores, finds and counts, and what must be counted is counted atomically.
Secrets come in hashed or sealed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, RowMapping, Select, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.notices import Words
from offices import Office, OfficerRole, OfficeTree
from server.db.engine import Database, Holder, NameInUse
from server.db.schema import office_oversight, office_series, officer_sessions, offices, users
from server.identity.account_store import AccountJournal, Work, kept


@dataclass(frozen=True, slots=True)
class User:
    """An officer's account. `totp_sealed` "" means no second factor; `totp_pending_sealed` one not yet confirmed."""

    id: str
    login: str
    name: str
    role: OfficerRole
    office: str
    password_hash: str
    created: datetime
    language: str = "zh"
    totp_sealed: str = ""
    totp_pending_sealed: str = ""
    totp_step: int = 0


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live officer session with all that `offices.Officer` needs.

    `provider`: by whose word it began, "" by a password kept here. `second_step`: "asked" while six digits are owed,
    "provider" where that one asked for its own.
    """

    user: User
    office: Office
    created: datetime
    seen: datetime
    expires: datetime
    provider: str = ""
    second_step: str = ""


@dataclass(frozen=True, slots=True)
class Voucher:
    """By whose word somebody comes in: `subject` and `session` are digests by which it ends that again."""

    provider: str
    subject: str
    session: str
    two_steps: bool


class IdentityStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.accounts: AccountJournal | None = None  # set where it is put together: changes are noted from then on

    @property
    def database(self) -> Database:
        return self._database

    # ------------------------------------------------------------ offices

    async def add_office(self, office: Office) -> None:
        """Taken: the id exists."""
        await self._insert(insert(offices).values(asdict(office)))

    async def office(self, office: str) -> Office | None:
        async with self._database.read() as connection:
            row = (await connection.execute(select(offices).where(offices.c.id == office))).mappings().one_or_none()
            return None if row is None else _office(row)

    async def offices(self) -> list[Office]:
        async with self._database.read() as connection:
            rows = await connection.execute(select(offices).order_by(offices.c.name))
            return [_office(row) for row in rows.mappings()]

    async def line(self, office: str) -> list[str]:
        """Ids of the offices above one, the nearest first."""
        return [one.id for one in OfficeTree(await self.offices()).above(office)]

    async def oversee(self, supervisor: str, overseen: Sequence[str]) -> None:
        """The supervisor's overseen offices from now on, besides their own."""
        async with self._database.write() as connection:
            await connection.execute(delete(office_oversight).where(office_oversight.c.supervisor == supervisor))
            if overseen:
                rows = [{"supervisor": supervisor, "office": office} for office in overseen]
                await connection.execute(insert(office_oversight), rows)
            await self._changed(connection, supervisor)

    async def overseen(self, supervisor: str) -> frozenset[str]:
        """Offices a supervisor oversees besides their own."""
        table = office_oversight.c
        async with self._database.read() as connection:
            found = await connection.execute(select(table.office).where(table.supervisor == supervisor))
            return frozenset(found.scalars())

    async def change_offices(self, changed: Sequence[Office], seen_by_others: bool = False) -> None:
        """`seen_by_others`: who oversees them is somebody else from now on."""
        async with self._database.write() as connection:
            for office in changed:
                await connection.execute(update(offices).where(offices.c.id == office.id).values(asdict(office)))
            if seen_by_others:
                await self._database.credentials.changed(connection, Holder())

    async def words(self, office: str) -> Words:
        """Of the office's own number series."""
        async with self._database.read() as connection:
            found = await connection.execute(_words().where(office_series.c.office == office))
            return {kind: words for _, kind, words in found}

    async def all_words(self) -> dict[str, dict[str, str]]:
        """By office."""
        every: dict[str, dict[str, str]] = {}
        async with self._database.read() as connection:
            for office, kind, words in await connection.execute(_words()):
                every.setdefault(office, {})[kind] = words
        return every

    async def set_words(self, office: str, words: Words) -> None:
        rows = [{"office": office, "kind": kind, "words": own} for kind, own in words.items()]
        async with self._database.write() as connection:
            await connection.execute(delete(office_series).where(office_series.c.office == office))
            if rows:
                await connection.execute(insert(office_series), rows)

    async def set_intake(self, office: str, intake: bool) -> bool:
        """Whether the office is there."""
        async with self._database.write() as connection:
            changed = await connection.execute(update(offices).where(offices.c.id == office).values(intake=intake))
            return changed.rowcount > 0

    # ------------------------------------------------------------ users

    async def has_administrator(self) -> bool:
        async with self._database.read() as connection:
            return (await connection.execute(_administrators())).scalar_one() > 0

    async def found(self, office: Office, administrator: User) -> bool:
        """The first office and administrator, together; False, and nothing done, if there is an administrator."""

        async def founded(connection: AsyncConnection) -> bool:
            await self._database.alone(connection, "yuntiao.found")
            if (await connection.execute(_administrators())).scalar_one():
                return False
            await connection.execute(insert(offices).values(asdict(office)))
            await connection.execute(insert(users).values(asdict(administrator)))
            return True

        return await self._kept(administrator.id, founded)

    async def add_user(self, user: User) -> None:
        """Taken: the login exists."""

        async def added(connection: AsyncConnection) -> bool:
            await connection.execute(insert(users).values(asdict(user)))
            return True

        try:
            await self._kept(user.id, added)
        except IntegrityError as error:
            raise NameInUse(str(error.orig)) from error

    async def user(self, user: str) -> User | None:
        return await self._user(select(users).where(users.c.id == user))

    async def user_by_login(self, login: str) -> User | None:
        return await self._user(select(users).where(users.c.login == login))

    async def users_of(self, office: str) -> list[User]:
        async with self._database.read() as connection:
            wanted = select(users).where(users.c.office == office).order_by(users.c.created, users.c.id)
            return [_user(row) for row in (await connection.execute(wanted)).mappings()]

    async def users_in(self, offices: Collection[str]) -> list[User]:
        async with self._database.read() as connection:
            wanted = select(users).where(users.c.office.in_(offices)).order_by(users.c.created, users.c.id)
            return [_user(row) for row in (await connection.execute(wanted)).mappings()]

    async def rename(self, user: str, login: str, name: str) -> None:
        """Taken: the login is somebody else's."""
        try:
            await self._change(user, login=login, name=name)
        except IntegrityError as error:
            raise NameInUse(str(error.orig)) from error

    async def set_password(self, user: str, password_hash: str) -> None:
        await self._change(user, password_hash=password_hash)

    async def set_role(self, user: str, role: str, office: str = "") -> None:
        """Ends every session of theirs: what was open was the other role's. `office`: the one they move to."""
        values = {"role": role, **({"office": office} if office else {})}

        async def changed(connection: AsyncConnection) -> bool:
            await connection.execute(update(users).where(users.c.id == user).values(values))
            await connection.execute(delete(officer_sessions).where(officer_sessions.c.user == user))
            await self._changed(connection, user)
            return True

        await self._kept(user, changed)

    async def set_language(self, user: str, language: str) -> None:
        await self._set(user, language=language)

    async def begin_totp(self, user: str, secret_sealed: str) -> None:
        await self._set(user, totp_pending_sealed=secret_sealed)

    async def confirm_totp(self, user: str, step: int) -> bool:
        """The pending secret comes into force; `step` is the time step of the code that proved it."""
        return await self._change(
            user,
            users.c.totp_pending_sealed != "",
            totp_sealed=users.c.totp_pending_sealed,
            totp_pending_sealed="",
            totp_step=step,
        )

    async def drop_totp(self, user: str) -> None:
        async def dropped(connection: AsyncConnection) -> bool:
            await self._changed(connection, user)
            return await _updated(connection, user, totp_sealed="", totp_pending_sealed="")

        await self._kept(user, dropped)

    async def use_totp_step(self, user: str, step: int) -> bool:
        """False when a code of this time step or a later one was used before: each code works once."""
        return await self._set(user, users.c.totp_step < step, totp_step=step)

    # ------------------------------------------------------------ signed-in sessions

    async def add_session(
        self,
        token_hash: str,
        user: str,
        now: datetime,
        expires: datetime,
        voucher: Voucher | None = None,
        second_step: str = "",
    ) -> None:
        row = {"token_hash": token_hash, "user": user, "created": now, "seen": now, "expires": expires}
        if voucher is not None:
            row |= {"provider": voucher.provider, "subject": voucher.subject, "provider_session": voucher.session}
        await self._insert(insert(officer_sessions).values({**row, "second_step": second_step}))

    async def second_step_done(self, token_hash: str) -> None:
        mine = officer_sessions.c.token_hash == token_hash
        async with self._database.write() as connection:
            await connection.execute(update(officer_sessions).where(mine).values(second_step=""))

    async def signed_in(self, token_hash: str, now: datetime) -> SignedIn | None:
        """None when the session is unknown, ended or expired. One query."""
        async with self._database.read() as connection:
            row = (await connection.execute(_SIGNED_IN, {"token": token_hash, "now": now})).mappings().one_or_none()
        if row is None:
            return None
        office = Office(**{column.name: row[f"office_{column.name}"] for column in offices.c})
        return SignedIn(
            _user(row),
            office,
            row["session_created"],
            row["session_seen"],
            row["session_expires"],
            row["session_provider"],
            row["session_second_step"],
        )

    async def touch_session(self, token_hash: str, now: datetime) -> None:
        """It was used. Call it seldom (say once a minute): it is a write."""
        async with self._database.write() as connection:
            await connection.execute(
                update(officer_sessions).where(officer_sessions.c.token_hash == token_hash).values(seen=now)
            )

    async def end_session(self, token_hash: str) -> None:
        async with self._database.write() as connection:
            ended = await connection.execute(
                delete(officer_sessions)
                .where(officer_sessions.c.token_hash == token_hash)
                .returning(officer_sessions.c.user)
            )
            user = ended.scalar_one_or_none()
            if user is not None:
                await self._changed(connection, user)

    async def end_sessions_of(self, user: str, but: str = "") -> None:
        """All sessions of a user, but the one with token hash `but`."""
        async with self._database.write() as connection:
            await connection.execute(
                delete(officer_sessions).where(officer_sessions.c.user == user, officer_sessions.c.token_hash != but)
            )
            await self._changed(connection, user)

    async def forget_expired(self, now: datetime) -> int:
        """Delete expired sessions; how many."""
        async with self._database.write() as connection:
            gone = await connection.execute(delete(officer_sessions).where(officer_sessions.c.expires <= now))
            return gone.rowcount

    # ------------------------------------------------------------ statements

    async def _changed(self, connection: AsyncConnection, user: str) -> None:
        await self._database.credentials.changed(connection, Holder(officer=user))

    async def _insert(self, statement: Insert) -> None:
        try:
            async with self._database.write() as connection:
                await connection.execute(statement)
        except IntegrityError as error:
            raise NameInUse(str(error.orig)) from error

    async def _user(self, wanted: Select[Any]) -> User | None:
        async with self._database.read() as connection:
            row = (await connection.execute(wanted)).mappings().one_or_none()
            return None if row is None else _user(row)

    async def _set(self, user: str, *conditions: Any, **values: Any) -> bool:
        """Whether the user was there and the conditions held, decided by the database in one statement."""
        async with self._database.write() as connection:
            return await _updated(connection, user, *conditions, **values)

    async def _change(self, user: str, *conditions: Any, **values: Any) -> bool:
        """Likewise, of what makes the account what it is: the journal says so."""
        return await self._kept(user, lambda connection: _updated(connection, user, *conditions, **values))

    async def _kept(self, user: str, work: Work) -> bool:
        return await kept(self.accounts, self._database, user, work)


async def _updated(connection: AsyncConnection, user: str, *conditions: Any, **values: Any) -> bool:
    changed = await connection.execute(
        update(users).where(users.c.id == user, *conditions).values(values).returning(users.c.id)
    )
    return changed.one_or_none() is not None


def _administrators() -> Select[int]:
    return select(func.count()).select_from(users).where(users.c.role == "administrator")


def _words() -> Select[Any]:
    return select(office_series.c.office, office_series.c.kind, office_series.c.words)


def _office(row: RowMapping) -> Office:
    return Office(**row)


def _user(row: RowMapping) -> User:
    return User(**{name: row[name] for name in User.__dataclass_fields__})


# Asked at every page, so made once.
_SIGNED_IN = (
    select(
        users,
        *(column.label(f"office_{column.name}") for column in offices.c),
        officer_sessions.c.created.label("session_created"),
        officer_sessions.c.seen.label("session_seen"),
        officer_sessions.c.expires.label("session_expires"),
        officer_sessions.c.provider.label("session_provider"),
        officer_sessions.c.second_step.label("session_second_step"),
    )
    .join_from(officer_sessions, users, officer_sessions.c.user == users.c.id)
    .join(offices, users.c.office == offices.c.id)
    .where(officer_sessions.c.token_hash == bindparam("token"), officer_sessions.c.expires > bindparam("now"))
)
