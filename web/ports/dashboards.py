"""Dashboards as pages ask for them: one figure by one thing complaints have in common, beside another period or office;
what has changed in a figure since a day; and how mediation goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from aiohttp import web

from complaints.statistics.definitions import Statistic
from complaints.statistics.figures import BETWEEN, TOTAL, Figure, Likeness, Tallies, figure
from complaints.statistics.periods import Period
from web.ports.people import Office, Officer
from web.ports.statistics import Asked, Figures


@dataclass(frozen=True, slots=True)
class Against:
    """What is set beside it: the same in another period, of another office ("": of the same)."""

    period: Period
    office: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    now: Figure
    other: Figure | None


@dataclass(frozen=True, slots=True)
class Board:
    """`rows`: at most as many groups as were asked for, most complaints first, or in the order of time; `groups`: how
    many there are in all. `names`: of respondents, by their key; of industries, by code, as far as known."""

    offices: Sequence[Office]
    total: Figure
    other: Figure | None
    rows: Sequence[Group]
    groups: int
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Cross:
    """One figure by two things at once. `rows`, `columns`: label and figure of all of it, most complaints first;
    `cells`: by both labels, nothing where nothing was counted."""

    offices: Sequence[Office]
    total: Figure
    rows: Sequence[tuple[str, Figure]]
    columns: Sequence[tuple[str, Figure]]
    cells: Mapping[tuple[str, str], Figure]


def crossing(
    offices: Sequence[Office], statistic: Statistic, cells: Tallies, rows: Tallies, columns: Tallies, total: Tallies
) -> Cross:
    """Of what was counted by both, by each and in all."""

    def told(counted: Tallies) -> list[tuple[str, Figure]]:
        found = [(label, figure(statistic, counted, label)) for label in {label for _, label in counted}]
        return sorted(found, key=lambda one: (-(one[1].bottom or one[1].top), one[0]))

    pairs = {}
    for label in {label for _, label in cells}:
        first, _, second = label.partition(BETWEEN)
        pairs[first, second] = figure(statistic, cells, label)
    return Cross(offices, figure(statistic, total, TOTAL), told(rows), told(columns), pairs)


@dataclass(frozen=True, slots=True)
class Since:
    """How a figure's complaints differ from those that were behind it at a moment. `before` and `now` count them.

    `entered`: came into the journal since; `merged`, `undone`: no longer counted since; `came`, `left`: for any other
    reason, a correction or the next step of the procedure. None of them when too many changed to be looked at.
    """

    before: int
    now: int
    entered: int
    merged: int
    undone: int
    came: int
    left: int


@dataclass(frozen=True, slots=True)
class Mediated:
    """How mediation went: figures, how many took how many days to a settlement, and, of an office, its likeness."""

    label: str
    figures: Figures
    days: Mapping[int, int]
    like: Likeness | None = None


@dataclass(frozen=True, slots=True)
class Performance:
    """`mine`: offices the officer sees, in the order of their names; `classes`: of `by`, most first."""

    offices: Sequence[Office]
    total: Mediated
    mine: Sequence[Mediated]
    classes: Sequence[Mediated]


@dataclass(frozen=True, slots=True)
class Bar:
    """`length` and `mark` from 0 to 1: how long it is, and where what it is compared with ends. `hot`: stands out."""

    label: str
    text: str
    length: float
    mark: float | None = None
    hot: bool = False


@dataclass(frozen=True, slots=True)
class Poster:
    """A chart to be taken along as a picture: all its words are written already. `upright`: time goes to the right."""

    title: str
    sentence: str
    note: str
    bars: Sequence[Bar]
    upright: bool = False


class TooMuchChanged(Exception):
    """More complaints changed since than can be looked at while somebody waits."""


class Dashboards(Protocol):
    """Scoped as `Statistics`. Refused(404): not_found."""

    async def board(
        self, officer: Officer, asked: Asked, statistic: Statistic, against: Against | None, most: int
    ) -> Board: ...

    async def cross(self, officer: Officer, asked: Asked, statistic: Statistic) -> Cross:
        """`asked.by`: two groupings (`complaints.statistics.figures.crossed`)."""
        ...

    async def since(self, officer: Officer, asked: Asked, statistic: Statistic, moment: datetime) -> Since:
        """TooMuchChanged."""
        ...

    async def performance(self, officer: Officer, asked: Asked) -> Performance:
        """`asked.by`: problem, industry or channel."""
        ...

    async def picture(self, poster: Poster) -> bytes:
        """As PNG."""
        ...

    async def outline(self, office: str) -> bytes | None:
        """The map an office supplied, as `complaints.statistics.outlines` keeps it."""
        ...


DASHBOARDS: web.AppKey[Dashboards] = web.AppKey("dashboards", Dashboards)
