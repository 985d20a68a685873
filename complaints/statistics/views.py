"""Statistics, dashboards and posters as they are asked for and shown, and an office's map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from complaints.statistics.definitions import Statistic
from complaints.statistics.figures import BETWEEN, TOTAL, Figure, Likeness, Period, Tallies, figure
from complaints.statistics.outlines import Outline
from journal import Event
from offices.people import Office

Figures = Mapping[str, Figure]
"""By the statistic's id, `name@version`."""


@dataclass(frozen=True, slots=True)
class StatisticsQuery:
    """`office`: one, "" for all the officer sees. `by`: one of `complaints.statistics.figures.GROUPS` or "".

    `as_of`: recompute from the journal as it stood then; None: as it stands. `today`: whose day says what is late.
    """

    period: Period
    today: date
    office: str = ""
    by: str = ""
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    offices: Sequence[Office]  # all the officer may ask about
    now: Figures
    previous: Figures
    year_before: Figures
    groups: Sequence[tuple[str, Figures]]  # empty without `by`
    months: Sequence[tuple[str, Figures]]  # the twelve up to the period's last


@dataclass(frozen=True, slots=True)
class CountedComplaint:
    """A complaint behind a figure. `day`: the one it is counted by; `value`: what it adds in yuan or days, if any."""

    id: str
    number: str
    title: str
    state: str
    channel: str
    office: str
    day: date
    value: Decimal | int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is set beside it: the same in another period, of another office ("": of the same)."""

    period: Period
    office: str = ""


@dataclass(frozen=True, slots=True)
class FigureGroup:
    label: str
    now: Figure
    other: Figure | None


@dataclass(frozen=True, slots=True)
class Dashboard:
    """`rows`: at most as many groups as were asked for, most complaints first, or in the order of time; `groups`: how
    many there are in all. `names`: of respondents, by their key; of industries, by code, as far as known."""

    offices: Sequence[Office]
    total: Figure
    other: Figure | None
    rows: Sequence[FigureGroup]
    groups: int
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CrossTable:
    """One figure by two things at once. `rows`, `columns`: label and figure of all of it, most complaints first;
    `cells`: by both labels, nothing where nothing was counted."""

    offices: Sequence[Office]
    total: Figure
    rows: Sequence[tuple[str, Figure]]
    columns: Sequence[tuple[str, Figure]]
    cells: Mapping[tuple[str, str], Figure]


def crossing(
    offices: Sequence[Office], statistic: Statistic, cells: Tallies, rows: Tallies, columns: Tallies, total: Tallies
) -> CrossTable:
    """Of what was counted by both, by each and in all."""

    def told(counted: Tallies) -> list[tuple[str, Figure]]:
        found = [(label, figure(statistic, counted, label)) for label in {label for _, label in counted}]
        return sorted(found, key=lambda one: (-(one[1].bottom or one[1].top), one[0]))

    pairs = {}
    for label in {label for _, label in cells}:
        first, _, second = label.partition(BETWEEN)
        pairs[first, second] = figure(statistic, cells, label)
    return CrossTable(offices, figure(statistic, total, TOTAL), told(rows), told(columns), pairs)


@dataclass(frozen=True, slots=True)
class FigureChange:
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
class MediationFigures:
    """How mediation went: figures, how many took how many days to a settlement, and, of an office, its likeness."""

    label: str
    figures: Figures
    days: Mapping[int, int]
    like: Likeness | None = None


@dataclass(frozen=True, slots=True)
class MediationPerformance:
    """`mine`: offices the officer sees, in the order of their names; `classes`: of `by`, most first."""

    offices: Sequence[Office]
    total: MediationFigures
    mine: Sequence[MediationFigures]
    classes: Sequence[MediationFigures]


@dataclass(frozen=True, slots=True)
class PosterBar:
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
    bars: Sequence[PosterBar]
    upright: bool = False


class TooMuchChanged(Exception):
    """More complaints changed since than can be looked at while somebody waits."""


@dataclass(frozen=True, slots=True)
class MapPage:
    """`now`: in force; `offered`: checked, and not in force yet; `before`: whether there is one to go back to."""

    now: Outline | None
    offered: Outline | None
    before: bool
    history: Sequence[Event] = ()
