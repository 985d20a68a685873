"""Complaint numbers: 东高一投〔2026〕0917号, counted per office and year, each given once.

Owns the streams `office/<office>/numbers/<year>`. A number is given by appending; two who ask at once cannot
append the same version, so they cannot get the same number.
"""

from __future__ import annotations

from datetime import datetime

from complaints.errors import Busy
from journal import Actor, Conflict, Draft, Journal

_TRIES = 20


class Numbers:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._known: dict[str, tuple[int, int]] = {}  # stream -> (version, number last given)

    async def next(self, office: str, prefix: str, year: int, at: datetime, actor: Actor) -> str:
        return written(prefix, year, await self._give(office, year, at, actor, least=1))

    async def take(self, office: str, year: int, count: int, at: datetime, actor: Actor) -> range:
        """So many at once, for an import: one event gives them all."""
        last = await self._give(office, year, at, actor, least=1, count=count)
        return range(last - count + 1, last + 1)

    async def begin_at(self, office: str, year: int, least: int, at: datetime, actor: Actor) -> None:
        """Go on from a register kept elsewhere: the next number is `least` or later."""
        given = await self._journal.read(_stream(office, year))
        if not given or given[-1].data["number"] < least - 1:
            await self._give(office, year, at, actor, least=least - 1)

    async def _give(self, office: str, year: int, at: datetime, actor: Actor, least: int, count: int = 1) -> int:
        stream = _stream(office, year)
        for _ in range(_TRIES):
            version, number = self._known.get(stream, (0, 0))
            for event in await self._journal.read(stream, after=version):
                version, number = event.version, event.data["number"]
            wanted = max(number + 1, least) + count - 1
            draft = Draft("ComplaintNumberGiven", {"number": wanted}, at, actor)
            try:
                await self._journal.append(stream, version, [draft])
            except Conflict:
                continue
            self._known[stream] = (version + 1, wanted)
            return wanted
        raise Busy


def _stream(office: str, year: int) -> str:
    return f"office/{office}/numbers/{year}"


def written(prefix: str, year: int, number: int) -> str:
    """As printed: the year in the brackets documents use, at least four digits."""
    return f"{prefix}〔{year}〕{number:04d}号"
