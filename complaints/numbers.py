"""Numbers of complaints and of what is registered beside them: counted per office and year, each given once.

Owns the streams `office/<office>/numbers/<year>`. A number is given by appending; two who ask at once cannot append
the same version, so they cannot get the same number.

Appending to the small streams beside a complaint's: leads, consultations, hot spots, warnings, joined names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from complaints.errors import Busy
from complaints.events import drafted
from journal import Actor, Conflict, Draft, Event, Journal, append_decided

_TRIES = 20


class NumberSeries:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._known: dict[str, tuple[int, int]] = {}  # stream -> (version, number last given)

    async def next(self, office: str, prefix: str, year: int, at: datetime, actor: Actor) -> str:
        return written_number(prefix, year, await self._give(office, year, at, actor, least=1))

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


def written_number(prefix: str, year: int, number: int) -> str:
    """As printed: the year in the brackets documents use, at least four digits."""
    return f"{prefix}〔{year}〕{number:04d}号"


_GIVEN = "SerialGiven"


class Serials:
    """Numbers of what is registered beside complaints: 东高一投举〔2026〕0007号, counted per office, series and year.

    Owns the streams `office/<office>/serials/<series>/<year>`. A number is given to one subject: asked again for the
    same, by whichever process, it is the same number, so what is registered twice after a crash leaves no gap.
    `series`: one character in the number, such as 举 of reports; `name`: what its streams call it.
    """

    def __init__(self, journal: Journal, name: str, series: str) -> None:
        self._journal, self._name, self._series = journal, name, series
        self._known: dict[str, tuple[int, dict[str, int]]] = {}  # stream -> its version, subject -> number

    async def number(self, office: str, prefix: str, year: int, subject: str, at: datetime, actor: Actor) -> str:
        """Of this subject; Busy."""
        stream = f"office/{office}/serials/{self._name}/{year}"
        for _ in range(_TRIES):
            version, given = self._known.get(stream, (0, {}))
            for event in await self._journal.read(stream, after=version):
                version = event.version
                given[event.data["subject"]] = event.data["number"]
            self._known[stream] = (version, given)
            if subject in given:
                return written_number(f"{prefix}{self._series}", year, given[subject])
            draft = Draft(_GIVEN, {"number": len(given) + 1, "subject": subject}, at, actor)
            with suppress(Conflict):  # somebody was faster: what is given is read again either way
                await self._journal.append(stream, version, [draft])
        raise Busy


async def append(
    journal: Journal,
    stream: str,
    now: Callable[[], datetime],
    actor: Actor,
    decide: Callable[[list[Event]], Sequence[Any]],
) -> None:
    """What is decided of the stream's entries, each a dataclass of plain values; decided anew when somebody was faster.

    Raises what `decide` does, and Busy.
    """

    def drafts(entries: list[Event]) -> list[Draft]:
        at = now()
        return [drafted(event, at, actor) for event in decide(entries)]

    try:
        await append_decided(journal, stream, drafts)
    except Conflict:
        raise Busy from None
