"""One firm is one, with its credit code and without it: counted as one by the program where nothing speaks against it.

Where exactly one business with a code bears a name in a division, and complaints that name it without a code give its
phone, its address or its whole registered name, they are about that one. Anything less is left to a person, and what a
person said of two stays as it was said (decision 48).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime

from complaints.errors import ComplaintError
from complaints.insight.same_business import (
    KINDS,
    NAME,
    TITLE,
    JoinRespondents,
    RespondentJoinService,
    alike,
    marks,
    registered,
)
from complaints.record.record import PartyRecord
from journal import SYSTEM, Journal
from server.storage import joins, namesakes
from server.storage.engine import Database
from server.storage.namesakes import Pair


class Namesakes:
    def __init__(self, database: Database, journal: Journal, now: Callable[[], datetime]) -> None:
        self._database, self._joining = database, RespondentJoinService(journal, now)

    async def settle(self, of: Collection[str], first: date, changed: datetime | None = None) -> int:
        """Count as one what is one; how many were. `first`: the oldest day that is looked at; `changed`: only what
        changed after that moment."""
        pairs: list[tuple[Pair, tuple[str, ...]]] = []
        async with self._database.read() as connection:
            heads = await joins.heads(connection)
            taken = {*heads, *heads.values()}
            for one in await namesakes.told_both_ways(connection, of, first, changed):
                if one.key in taken:
                    continue
                pair = await namesakes.pair(connection, of, one)
                why = () if pair is None or pair.head in heads else shared(pair.theirs, pair.coded, one.division)
                if pair is not None and alike(why):
                    pairs.append((pair, why))
            told = await joins.joining(connection, {pair.key for pair, _ in pairs})
        made = 0
        for pair, why in pairs:
            if pair.key in told and pair.head in told[pair.key].apart:
                continue  # a person looked at both: they are two
            try:
                await self._joining.submit(pair.key, JoinRespondents(pair.head, why), SYSTEM)
            except ComplaintError:
                continue  # a person was quicker
            made += 1
        return made


def shared(theirs: Sequence[PartyRecord], coded: Sequence[PartyRecord], division: str) -> tuple[str, ...]:
    """What both are known by, in the order of `marks.KINDS`; the name goes without saying."""
    here, there = ({mark for one in some for mark in marks(one, division)} for some in (theirs, coded))
    found = {NAME, *(mark.kind for mark in here & there if mark.kind != NAME)}
    ours = {registered(one.title) for one in theirs} - {""}
    if ours & {registered(one.title) for one in coded}:
        found.add(TITLE)
    return tuple(kind for kind in (*KINDS, TITLE) if kind in found)
