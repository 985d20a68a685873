"""Which template of a provider says what one of ours does, office by office; and what is remembered of people who take
messages by an official account.

Owns `message_templates` and `followers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

from sqlalchemy import delete, insert, select, update

from server.db.engine import Database
from server.db.schema import followers, message_templates

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
