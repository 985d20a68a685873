"""What mediations left on file: sealed documents, and how many exhibits. Read from the journal's events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from rooms.codec import stream
from server.storage.tables import events
from web.ports.reads import Papers, SealedPaper

_SEALED, _OFFERED, _WITHDRAWN = "DocumentSealed", "ExhibitOffered", "ExhibitWithdrawn"


async def papers_of(connection: AsyncConnection, sessions: Sequence[str]) -> Mapping[str, Papers]:
    """By session, of those that have any. What was erased is not there any more."""
    of = {stream(session): session for session in sessions}
    asked = (
        select(events.c.stream, events.c.type, events.c.at, events.c.data)
        .where(events.c.stream.in_(of), events.c.type.in_([_SEALED, _OFFERED, _WITHDRAWN]), events.c.salt != "")
        .order_by(events.c.stream, events.c.version)
    )
    sealed: dict[str, list[SealedPaper]] = {}
    shown: dict[str, set[str]] = {}
    for row in await connection.execute(asked) if of else ():
        session = of[row.stream]
        if row.type == _SEALED:
            made = SealedPaper(row.data["document"], row.data["kind"], row.data["number"], row.at)
            sealed.setdefault(session, []).append(made)
        elif row.type == _OFFERED:
            shown.setdefault(session, set()).add(row.data["exhibit"])
        else:
            shown.setdefault(session, set()).discard(row.data["exhibit"])
    return {session: Papers(sealed.get(session, []), len(shown.get(session, ()))) for session in {*sealed, *shown}}
