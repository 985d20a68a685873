"""Whom providers know is whose account, which sessions began by their word, and what is good once.

Owns `sign_on_links` and `sign_on_once`. Each method is one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from server.db.engine import Database, NameInUse
from server.db.schema import known_browsers, officer_sessions, sign_on_links, sign_on_once


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
