"""A mediator's own figures beside comparable ones of the office: ranges of the middle half, never a list of people.

Comparable is what others of the office mediated in the same time about the same kind of problem. With fewer than
`FEWEST` others, or fewer than `ENOUGH` mediations of theirs, there is no range: it would say who they are.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from offices.people import Officer
from rooms.supervision.views import Practice, PracticeRange, ReviewRow
from server.db.engine import Database
from server.supervision.figure_store import Held, held, own_sessions

BACK: Final = timedelta(days=182)
FEWEST: Final = 3
ENOUGH: Final = 20
SHOWN: Final = 30

Figure = Callable[[Held], float | None]
FIGURES: Final[dict[str, Figure]] = {
    "together": lambda one: one.together / 60_000,
    "private": lambda one: 100 * one.private / one.length if one.length else None,
    "lesser": lambda one: _lesser(one),
    "recovered": lambda one: 100 * one.settled / one.claimed if one.claimed and one.outcome == "settled" else None,
}
"""Minutes together; per cent of the time in private; the quieter side's per cent of what was said; of the claim."""


class Practices:
    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    async def of(self, officer: Officer, reviewed: Sequence[ReviewRow]) -> Practice:
        since = self._now() - BACK
        everybody = await held(self._database, officer.office.id, since)
        own = [one for one in everybody if one.mediator == officer.id]
        kinds = {one.problem for one in own}
        alike = [one for one in everybody if one.mediator != officer.id and one.problem in kinds]
        others = len({one.mediator for one in alike})
        shown = alike if others >= FEWEST and len(alike) >= ENOUGH else []
        ranges = {name: _range(own, shown, figure) for name, figure in FIGURES.items()}
        ranges["settled"] = _shares(own, shown)
        return Practice(
            since.astimezone(ZoneInfo(officer.office.zone)).date(),
            await own_sessions(self._database, officer.id, officer.office.id, SHOWN),
            Counter(one.outcome for one in own),
            ranges,
            len(shown),
            others if shown else 0,
            reviewed,
            [one for one in reviewed if one.state == "replying"],
        )


def _lesser(one: Held) -> float | None:
    spoken = one.consumer + one.business
    return 100 * min(one.consumer, one.business) / spoken if spoken >= 60_000 else None


def _range(own: Sequence[Held], alike: Sequence[Held], figure: Figure) -> PracticeRange:
    mine = sorted(value for one in own if (value := figure(one)) is not None)
    theirs = sorted(value for one in alike if (value := figure(one)) is not None)
    if len(theirs) < ENOUGH:
        return PracticeRange(_at(mine, 0.5), None, None, None)
    return PracticeRange(_at(mine, 0.5), _at(theirs, 0.25), _at(theirs, 0.5), _at(theirs, 0.75))


def _shares(own: Sequence[Held], alike: Sequence[Held]) -> PracticeRange:
    """Per cent settled: one's own, and the middle half of other mediators' shares."""
    theirs = sorted(
        100 * sum(one.outcome == "settled" for one in some) / len(some)
        for some in _by_mediator(alike).values()
        if len(some) >= 3
    )
    mine = 100 * sum(one.outcome == "settled" for one in own) / len(own) if own else None
    if len(theirs) < FEWEST:
        return PracticeRange(mine, None, None, None)
    return PracticeRange(mine, _at(theirs, 0.25), _at(theirs, 0.5), _at(theirs, 0.75))


def _by_mediator(some: Sequence[Held]) -> dict[str, list[Held]]:
    found: dict[str, list[Held]] = {}
    for one in some:
        found.setdefault(one.mediator, []).append(one)
    return found


def _at(values: Sequence[float], share: float) -> float | None:
    """The value at this share of sorted ones, between two neighbours in proportion."""
    if not values:
        return None
    place = share * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)


def veiled(secret: str, id_: str) -> str:
    """An id that is the same throughout one export and leads nowhere."""
    return hashlib.sha256(f"{secret}\n{id_}".encode()).hexdigest()[:12]
