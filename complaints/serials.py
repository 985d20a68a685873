"""Numbers of what is registered beside complaints: 东高一投举〔2026〕0007号, counted per office, series and year.

Owns the streams `office/<office>/serials/<series>/<year>`. A number is given to one subject: asked again for the same,
by whichever process, it is the same number, so what is registered twice after a crash leaves no gap.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from complaints.errors import Busy
from complaints.numbers import written
from journal import Actor, Conflict, Draft, Journal

_TRIES = 20
_GIVEN = "SerialGiven"


class Serials:
    """`series`: one character in the number, such as 举 of reports; `name`: what its streams call it."""

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
                return written(f"{prefix}{self._series}", year, given[subject])
            draft = Draft(_GIVEN, {"number": len(given) + 1, "subject": subject}, at, actor)
            with suppress(Conflict):  # somebody was faster: what is given is read again either way
                await self._journal.append(stream, version, [draft])
        raise Busy
