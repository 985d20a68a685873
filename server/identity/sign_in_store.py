"""Signing in, as rows: what was tried from where, browsers that an account was used in, codes for a lost phone, what
stands in an account's way, tickets that messages lead to; and whom providers know is whose account, which sessions
began by their word, and what of that is good once.

Owns `sign_ins`, `sign_in_guesses`, `known_browsers`, `recovery_codes`, `account_limits`, `short_tickets`,
`sign_on_links` and `sign_on_once`; no rule. What must be counted is counted atomically, and each method of sign-on is
one transaction. Logins that are guessed at, codes and browsers come in as keyed hashes.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from server.db.engine import Database, Holder, NameInUse
from server.db.schema import (
    account_limits,
    known_browsers,
    officer_sessions,
    recovery_codes,
    short_tickets,
    sign_in_guesses,
    sign_ins,
    sign_on_links,
    sign_on_once,
)  # fmt: skip
from server.identity.account_store import AccountJournal, kept

GUESSES_KEPT = timedelta(days=1)  # after the last one; of logins that do not exist there is no end
LONGEST_AGENT = 200  # characters of what a browser says of itself


@dataclass(frozen=True, slots=True)
class Tried:
    """One try to sign in; `user` is "" where no account has what was typed. `result`: "in" | "recovery" (in, with a
    code for a lost phone) | "provider" (in, by a provider's word) | "code_owed" (likewise, six digits to come) |
    "bad_password" | "bad_code" | "resting" | "closed" | "not_here" (right, but to sign in by a provider).
    `token_hash`: of the session it began, "" when it began none."""

    id: str
    user: str
    at: datetime
    ip: str
    agent: str
    browser: str
    result: str
    token_hash: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """A live session. `tried` is None for one begun before there was a history."""

    token_hash: str
    created: datetime
    seen: datetime
    expires: datetime
    tried: Tried | None


@dataclass(frozen=True, slots=True)
class SignInLimits:
    """`closed`: nobody signs in. `temporary`: somebody else chose the password, it is good for choosing one's own."""

    closed: datetime | None = None
    temporary: bool = False


class SignInStore:
    """Each method is one transaction."""

    def __init__(self, database: Database, accounts: AccountJournal | None = None) -> None:
        self._database, self._accounts = database, accounts

    # ------------------------------------------------------------ history

    async def note(self, user: str, at: datetime, ip: str, agent: str, browser: str, result: str, token: str) -> None:
        row = Tried(uuid.uuid4().hex, user, at, ip[:64], agent[:LONGEST_AGENT], browser, result, token)
        async with self._database.write() as connection:
            await connection.execute(insert(sign_ins).values(asdict(row)))

    async def history(self, user: str, most: int) -> Sequence[Tried]:
        """Newest first."""
        wanted = select(sign_ins).where(sign_ins.c.user == user).order_by(sign_ins.c.at.desc(), sign_ins.c.id)
        async with self._database.read() as connection:
            return [Tried(**row) for row in (await connection.execute(wanted.limit(most))).mappings()]

    async def last_in(self, users: Sequence[str]) -> dict[str, datetime]:
        """When each of these last came in."""
        row = sign_ins.c
        wanted = (
            select(row.user, func.max(row.at).label("last"))
            .where(row.user.in_(users), row.result.in_(("in", "recovery", "provider")))
            .group_by(row.user)
        )
        async with self._database.read() as connection:
            return {one.user: one.last for one in await connection.execute(wanted)}

    async def forget(self, before: datetime) -> int:
        """What was tried before that moment; how many rows."""
        async with self._database.write() as connection:
            return (await connection.execute(delete(sign_ins).where(sign_ins.c.at < before))).rowcount

    # ------------------------------------------------------------ sessions

    async def open(self, user: str, now: datetime, idle: timedelta) -> Sequence[Open]:
        """Live ones, the last used first."""
        session = officer_sessions.c
        wanted = (
            select(officer_sessions)
            .where(session.user == user, session.expires > now, session.seen > now - idle)
            .order_by(session.seen.desc(), session.token_hash)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted)).mappings().all()
            begun = select(sign_ins).where(sign_ins.c.token_hash.in_([row["token_hash"] for row in rows]))
            known = {row["token_hash"]: Tried(**row) for row in (await connection.execute(begun)).mappings()}
        return [
            Open(row["token_hash"], row["created"], row["seen"], row["expires"], known.get(row["token_hash"]))
            for row in rows
        ]

    async def vouched_since(self, user: str, moment: datetime) -> bool:
        """Whether a session that a provider's word began since then is open, and owes nothing."""
        session = officer_sessions.c
        wanted = select(session.user).where(
            session.user == user, session.created >= moment, session.provider != "", session.second_step != "asked"
        )
        async with self._database.read() as connection:
            return (await connection.execute(wanted)).first() is not None

    async def replace(self, old: str, new: str) -> None:
        """The session goes on under another token: both hashes."""
        async with self._database.write() as connection:
            for table in (officer_sessions, sign_ins):
                await connection.execute(update(table).where(table.c.token_hash == old).values(token_hash=new))

    async def browser_of(self, token_hash: str) -> str:
        """The browser a session was begun in, "" when that is not known."""
        wanted = select(sign_ins.c.browser).where(sign_ins.c.token_hash == token_hash)
        async with self._database.read() as connection:
            return (await connection.execute(wanted)).scalar() or ""

    # ------------------------------------------------------------ guesses

    async def take_guess(self, login: str, now: datetime, most: int, lock: timedelta) -> bool:
        """May this password be evaluated? Counts it as wrong beforehand, so that parallel guesses cannot outrun the
        count: at most `most` are let through before the login rests for `lock`. A right password then calls
        `clear_guesses`. `login` need not exist: what is asked and written does not tell."""
        row = sign_in_guesses.c
        # After a rest has run out the count begins again.
        failures = case((row.locked_until <= now, 1), else_=row.failures + 1)
        locked = case((failures >= most, now + lock), else_=None)
        free = or_(row.locked_until.is_(None), row.locked_until <= now)
        async with self._database.write() as connection:
            await self._database.alone(connection, f"guess {login}")
            await connection.execute(delete(sign_in_guesses).where(row.last < now - GUESSES_KEPT))
            found = (await connection.execute(select(row.login).where(row.login == login))).first()
            if found is None:
                first = {"login": login, "failures": 0, "locked_until": None, "last": now}
                await connection.execute(insert(sign_in_guesses).values(first))
            counted = await connection.execute(
                update(sign_in_guesses)
                .where(row.login == login, free)
                .values(failures=failures, locked_until=locked, last=now)
                .returning(row.login)
            )
            return counted.one_or_none() is not None

    async def clear_guesses(self, login: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(sign_in_guesses).where(sign_in_guesses.c.login == login))

    # ------------------------------------------------------------ browsers

    async def know(self, user: str, browser: str, now: datetime) -> None:
        """It came in with this browser: from now on tries from it are counted apart from strangers'."""
        mine = known_browsers.c.user == user, known_browsers.c.browser == browser
        fresh = {"last": now, "failures": 0, "locked_until": None}
        async with self._database.write() as connection:
            changed = await connection.execute(update(known_browsers).where(*mine).values(fresh))
            if not changed.rowcount:
                await connection.execute(
                    insert(known_browsers).values({"user": user, "browser": browser, "first": now, **fresh})
                )

    async def knows(self, user: str, browser: str, since: datetime) -> bool:
        row = known_browsers.c
        wanted = select(row.user).where(row.user == user, row.browser == browser, row.last >= since)
        async with self._database.read() as connection:
            return bool(browser) and (await connection.execute(wanted)).first() is not None

    async def browsers_of(self, user: str, since: datetime) -> frozenset[str]:
        wanted = select(known_browsers.c.browser).where(known_browsers.c.user == user, known_browsers.c.last >= since)
        async with self._database.read() as connection:
            return frozenset((await connection.execute(wanted)).scalars())

    async def take_guess_from(self, user: str, browser: str, now: datetime, most: int, lock: timedelta) -> bool:
        """As `take_guess`, of one known browser."""
        row = known_browsers.c
        failures = case((row.locked_until <= now, 1), else_=row.failures + 1)
        async with self._database.write() as connection:
            changed = await connection.execute(
                update(known_browsers)
                .where(
                    row.user == user, row.browser == browser, or_(row.locked_until.is_(None), row.locked_until <= now)
                )
                .values(failures=failures, locked_until=case((failures >= most, now + lock), else_=None))
                .returning(row.user)
            )
            return changed.one_or_none() is not None

    async def forget_browsers(self, user: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(known_browsers).where(known_browsers.c.user == user))

    # ------------------------------------------------------------ codes for a lost phone

    async def give_codes(self, user: str, hashes: Sequence[str], now: datetime) -> None:
        """These and no others."""

        async def given(connection: AsyncConnection) -> bool:
            await connection.execute(delete(recovery_codes).where(recovery_codes.c.user == user))
            if hashes:
                rows = [{"user": user, "code_hash": one, "made": now} for one in hashes]
                await connection.execute(insert(recovery_codes), rows)
            return True

        await kept(self._accounts, self._database, user, given)

    async def use_code(self, user: str, code_hash: str) -> bool:
        """Once: of two at the same time one is let in."""
        row = recovery_codes.c
        async with self._database.write() as connection:
            gone = await connection.execute(delete(recovery_codes).where(row.user == user, row.code_hash == code_hash))
            return gone.rowcount == 1

    async def codes_left(self, user: str) -> int:
        wanted = select(func.count()).select_from(recovery_codes).where(recovery_codes.c.user == user)
        async with self._database.read() as connection:
            return (await connection.execute(wanted)).scalar_one()

    # ------------------------------------------------------------ what stands in an account's way

    async def limits(self, user: str) -> SignInLimits:
        return (await self.limits_of([user])).get(user, SignInLimits())

    async def limits_of(self, users: Sequence[str]) -> dict[str, SignInLimits]:
        wanted = select(account_limits).where(account_limits.c.user.in_(users))
        async with self._database.read() as connection:
            return {
                row["user"]: SignInLimits(row["closed"], row["temporary"])
                for row in (await connection.execute(wanted)).mappings()
            }

    async def set_temporary(self, user: str, temporary: bool) -> None:
        async with self._database.write() as connection:
            await _limit(connection, user, temporary=temporary)
            await self._database.credentials.changed(connection, Holder(officer=user))

    async def close(self, user: str, at: datetime | None) -> None:
        """Nobody signs in with it any more, and who is signed in is out; None opens it again."""

        async def closed(connection: AsyncConnection) -> bool:
            await _limit(connection, user, closed=at)
            if at is not None:
                await connection.execute(delete(officer_sessions).where(officer_sessions.c.user == user))
            await self._database.credentials.changed(connection, Holder(officer=user))
            return True

        await kept(self._accounts, self._database, user, closed)


async def _limit(connection: AsyncConnection, user: str, **values: object) -> None:
    changed = await connection.execute(update(account_limits).where(account_limits.c.user == user).values(**values))
    if not changed.rowcount:
        row = {"user": user, "closed": None, "temporary": False, **values}
        await connection.execute(insert(account_limits).values(row))


class TicketStore:
    """Tickets that went out in messages, found by the digest of the short one; nothing in them is in the clear. Each
    method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, secret_hash: str, ticket: str, ends: datetime, now: datetime) -> None:
        """A later one of the same digest takes its place; those that are over are dropped."""
        mine = short_tickets.c.secret_hash == secret_hash
        async with self._database.write() as connection:
            await connection.execute(delete(short_tickets).where(mine | (short_tickets.c.ends <= now)))
            await connection.execute(
                insert(short_tickets).values(secret_hash=secret_hash, ticket_sealed=ticket, ends=ends)
            )

    async def ticket(self, secret_hash: str) -> str:
        """Empty when none is kept."""
        wanted = select(short_tickets.c.ticket_sealed).where(short_tickets.c.secret_hash == secret_hash)
        async with self._database.read() as connection:
            return (await connection.execute(wanted)).scalar_one_or_none() or ""


# ------------------------------------------------------------ sign on store


@dataclass(frozen=True, slots=True)
class SignOnLink:
    """`by_rule`: rules say role and office at each sign-in; else the account keeps its own. `withdrawn`: when none did
    any more, and the account was closed for it."""

    issuer: str
    subject: str
    user: str
    provider: str
    by_rule: bool
    two_steps: bool
    linked: datetime
    withdrawn: datetime | None = None


class SignOnStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, issuer: str, subject: str) -> SignOnLink | None:
        row = sign_on_links.c
        wanted = select(sign_on_links).where(row.issuer == issuer, row.subject == subject)
        async with self._database.read() as connection:
            found = (await connection.execute(wanted)).mappings().one_or_none()
            return None if found is None else SignOnLink(**found)

    async def of(self, users: Collection[str]) -> Mapping[str, Sequence[SignOnLink]]:
        """By account, the oldest first."""
        row, found = sign_on_links.c, dict[str, list[SignOnLink]]()
        wanted = select(sign_on_links).where(row.user.in_(users)).order_by(row.linked, row.issuer, row.subject)
        async with self._database.read() as connection:
            for one in (await connection.execute(wanted)).mappings():
                found.setdefault(one["user"], []).append(SignOnLink(**one))
        return found

    async def link(self, link: SignOnLink) -> None:
        """NameInUse: somebody else's account is theirs already."""
        try:
            async with self._database.write() as connection:
                await connection.execute(insert(sign_on_links).values(asdict(link)))
        except IntegrityError as error:
            raise NameInUse(str(error.orig)) from error

    async def unlink(self, user: str, issuer: str, subject: str) -> bool:
        row = sign_on_links.c
        mine = row.user == user, row.issuer == issuer, row.subject == subject
        async with self._database.write() as connection:
            return (await connection.execute(delete(sign_on_links).where(*mine))).rowcount > 0

    async def note(self, link: SignOnLink, two_steps: bool, withdrawn: datetime | None) -> None:
        row = sign_on_links.c
        mine = row.issuer == link.issuer, row.subject == link.subject
        async with self._database.write() as connection:
            await connection.execute(
                update(sign_on_links).where(*mine).values(two_steps=two_steps, withdrawn=withdrawn)
            )

    async def vouched_twice(self, user: str) -> bool:
        row = sign_on_links.c
        wanted = select(row.user).where(row.user == user, row.two_steps, row.withdrawn.is_(None))
        async with self._database.read() as connection:
            return (await connection.execute(wanted)).first() is not None

    async def knows(self, provider: str, browser: str, since: datetime) -> bool:
        """Whether somebody of this provider has come in with this browser since then."""
        known = known_browsers.c
        wanted = (
            select(known.user)
            .join(sign_on_links, sign_on_links.c.user == known.user)
            .where(sign_on_links.c.provider == provider, known.browser == browser, known.last >= since)
        )
        async with self._database.read() as connection:
            return bool(browser) and (await connection.execute(wanted)).first() is not None

    async def sessions(self, provider_session: str = "", subject: str = "") -> Sequence[str]:
        """Digests of the tokens of what began so: of one session there where it is named, else of a whole subject."""
        row = officer_sessions.c
        wanted = select(row.token_hash)
        if provider_session:
            wanted = wanted.where(row.provider_session == provider_session)
        else:
            wanted = wanted.where(row.subject == subject, row.subject != "")
        async with self._database.read() as connection:
            return (await connection.execute(wanted)).scalars().all()

    async def once(self, digest: str, now: datetime, until: datetime) -> bool:
        """Whether this is the first time; of two at the same time it is for one."""
        try:
            async with self._database.write() as connection:
                await connection.execute(delete(sign_on_once).where(sign_on_once.c.until <= now))
                await connection.execute(insert(sign_on_once).values(digest=digest, until=until))
        except IntegrityError:
            return False
        return True
