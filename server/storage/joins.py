"""Which business counts as which other. Owns `respondent_joins`; projects `respondent/…`.

Facts and sums keep the key a complaint was told by. Whoever groups by respondents, or asks for one, asks here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.insight.same_business import STREAM, RespondentJoin, RespondentJoined, RespondentParted, fold, stream
from journal import Event
from server.storage.journal_store import stream_events
from server.storage.tables import complaint_facts, respondent_joins

MOVING: Final = frozenset({RespondentJoined.__name__, RespondentParted.__name__})
_join = respondent_joins.c


class JoinRows:
    """A row for each business that is counted as another, or was: `head` is "" then."""

    kind = STREAM

    async def project(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        if not any(event.type in MOVING for event in appended):
            return
        member = appended[0].stream.partition("/")[2]
        now = fold(await stream_events(connection, stream(member)))
        row = {"head": now.head, "changed": appended[-1].at, "by": now.by}
        changed = await connection.execute(update(respondent_joins).where(_join.member == member).values(row))
        if not changed.rowcount:
            await connection.execute(insert(respondent_joins).values(member=member, **row))


async def heads(connection: AsyncConnection) -> Mapping[str, str]:
    """All that count as another."""
    wanted = select(_join.member, _join.head).where(_join.head != "")
    return {row.member: row.head for row in await connection.execute(wanted)}


async def head_of(connection: AsyncConnection, key: str) -> str:
    wanted = select(_join.head).where(_join.member == key, _join.head != "")
    return (await connection.execute(wanted)).scalar_one_or_none() or key


async def counted_as(connection: AsyncConnection, keys: Collection[str]) -> list[str]:
    """These and every other that counts as one of them."""
    members = select(_join.member).where(_join.head.in_(keys))
    return sorted({*keys, *(await connection.execute(members)).scalars()})


async def changed_after(connection: AsyncConnection, of: Collection[str], moment: datetime) -> int:
    """How many that some offices have complaints of were joined or parted since."""
    theirs = exists().where(complaint_facts.c.respondent == _join.member, complaint_facts.c.office.in_(of))
    wanted = select(func.count()).select_from(respondent_joins).where(_join.changed > moment, theirs)
    return int((await connection.execute(wanted)).scalar_one())


async def joining(connection: AsyncConnection, members: Collection[str]) -> dict[str, RespondentJoin]:
    """What people said of each, from the journal."""
    told = {key: fold(await stream_events(connection, stream(key))) for key in sorted(members)}
    return {key: one for key, one in told.items() if one != RespondentJoin()}
