"""Which sessions' records are to be erased or may be due to be, and what of their journals says when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import and_, exists, literal, select

from rooms import events as e
from rooms.codec import STREAM
from rooms.events import ErasureOrdered, RecordErased
from rooms.vocabulary import Consent
from server.db.engine import Database
from server.db.schema import events, sessions


class SqlRecords:
    """Which sessions there are to look at."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def closed_before(self, moment: datetime) -> Sequence[str]:
        erased = exists().where(
            events.c.stream == literal(f"{STREAM}/").concat(sessions.c.id), events.c.type == RecordErased.__name__
        )
        wanted = (
            select(sessions.c.id)
            .where(sessions.c.status == "closed", sessions.c.closed < moment, ~erased)
            .order_by(sessions.c.closed, sessions.c.id)
        )
        async with self._database.read() as connection:
            return list((await connection.execute(wanted)).scalars())

    async def ordered(self) -> Sequence[str]:
        done = events.alias()
        finished = exists().where(done.c.stream == events.c.stream, done.c.type == RecordErased.__name__)
        wanted = select(events.c.stream).where(
            events.c.kind == STREAM, events.c.type == ErasureOrdered.__name__, ~finished
        )
        async with self._database.read() as connection:
            return [stream.partition("/")[2] for stream in (await connection.execute(wanted)).scalars()]


_GIVEN, _REFUSED, _WITHDRAWN = (kind.__name__ for kind in (e.ConsentGiven, e.ConsentRefused, e.ConsentWithdrawn))
_HELD, _LIFTED, _ERASED = (kind.__name__ for kind in (e.HoldPlaced, e.HoldLifted, e.ErasureOrdered))
_TELLING: Final = (_GIVEN, _REFUSED, _WITHDRAWN, _HELD, _LIFTED, _ERASED)


@dataclass(slots=True)
class Retained:
    """`texts`: by seat, the version of the text by which somebody agreed to be recorded."""

    outcome: str
    closed: datetime
    texts: dict[str, str] = field(default_factory=dict)
    held: bool = False
    erased: bool = False


async def retained(database: Database, outcomes: Collection[str]) -> Sequence[Retained]:
    """Records that are kept and what of their journals says how long: consents to recording and holds, without folding.

    Of closed mediations that ended so, those whose record is there and not ordered to be erased.
    """
    row, entry = sessions.c, events.c
    told = and_(entry.stream == literal(f"{STREAM}/").concat(row.id), entry.type.in_(_TELLING))
    wanted = (
        select(row.id, row.outcome, row.closed, entry.version, entry.type, entry.data, entry.salt)
        .select_from(sessions.outerjoin(events, told))
        .where(row.status == "closed", row.closed.is_not(None), row.outcome.in_(sorted(outcomes)))
        .order_by(row.id, entry.version)
    )
    found: defaultdict[str, Retained | None] = defaultdict(lambda: None)
    async with database.read() as connection:
        for one in await connection.execute(wanted):
            kept = found[one.id] or Retained(one.outcome, one.closed)
            found[one.id] = kept
            if one.type is not None and one.salt:
                _take(kept, one.type, one.data)
    return [kept for kept in found.values() if kept is not None and not kept.erased]


def _take(kept: Retained, kind: str, data: dict[str, str]) -> None:
    """As `rooms.seats` and `rooms.session` have it; a test holds the two equal."""
    if kind in (_HELD, _LIFTED):
        kept.held = kind == _HELD
    elif kind == _ERASED:
        kept.erased = True
    elif data["kind"] == Consent.RECORD:
        if kind == _GIVEN:
            kept.texts[data["seat"]] = data["text"]
        else:
            kept.texts.pop(data["seat"], None)
