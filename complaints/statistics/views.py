"""Statistics, dashboards and posters as they are asked for and shown, and the map of divisions an office supplies.

Of a map (GeoJSON) is taken: a FeatureCollection of Polygons and MultiPolygons, each with its GB/T 2260 code in a
property; checked, thinned out and drawn flat once. Nothing else of the file is kept, so nothing else of it can reach
a page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import cos, radians
from typing import Any, Final, Literal

from complaints.record.places import short_name
from complaints.statistics import Statistic
from complaints.statistics.figures import (
    BETWEEN,
    TOTAL,
    Figure,
    Likeness,
    Narrowed,
    Period,
    Tallies,
    figure,
    gathered,
)  # fmt: skip
from journal import Event
from offices import BELOW, Office, OfficeTree, in_scope
from offices.systems import CELL_PREFIX, FiguresEdition

MOST_BYTES: Final = 8_000_000
MOST_SHAPES: Final = 500
MOST_POINTS: Final = 400_000
WIDTH: Final = 600.0
HEIGHT: Final = 460.0
FINE: Final = 0.8  # pixels: what lies closer together is one point
CODES: Final = ("adcode", "code", "gb", "ADCODE", "CODE", "GB", "id")
_PATH: Final = re.compile(r"[MLZ0-9. ]*")

Ring = list[tuple[float, float]]


class BadOutline(ValueError):
    """`why`: "large", "json", "kind", "empty", "shapes", "points", "code", "place" or "hard" (beyond
    its reader's limits). `at`: which feature, from 1."""

    def __init__(self, why: str, at: int = 0) -> None:
        super().__init__(f"{why} in feature {at}" if at else why)
        self.why, self.at = why, at


@dataclass(frozen=True, slots=True)
class Shape:
    """`path`: in an SVG of `WIDTH` × `HEIGHT`; `x`, `y`: where its name goes."""

    code: str
    name: str
    path: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Outline:
    shapes: Sequence[Shape]


def taken(text: bytes) -> bytes:
    """What is kept of a GeoJSON file. BadOutline."""
    if len(text) > MOST_BYTES:
        raise BadOutline("large")
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        raise BadOutline("json") from None
    features = whole.get("features") if isinstance(whole, dict) else None
    if not isinstance(features, list):
        raise BadOutline("kind")
    if not features:
        raise BadOutline("empty")
    if len(features) > MOST_SHAPES:
        raise BadOutline("shapes")
    rings: list[tuple[str, Ring]] = []
    points = 0
    for at, feature in enumerate(features, start=1):
        code = _code(feature, at)
        for ring in _rings(feature, at):
            points += len(ring)
            if points > MOST_POINTS:
                raise BadOutline("points", at)
            rings.append((code, ring))
    return _kept(rings)


def read_outline(kept: bytes) -> Outline:
    """What `taken` made. BadOutline for anything else."""
    try:
        shapes = [Shape(**one) for one in json.loads(kept)]
    except (ValueError, TypeError):
        raise BadOutline("json") from None
    if not all(_PATH.fullmatch(one.path) for one in shapes):
        raise BadOutline("kind")
    return Outline(shapes)


def _code(feature: Any, at: int) -> str:
    known = feature.get("properties") if isinstance(feature, dict) else None
    for name in CODES:
        value = str((known or {}).get(name, "")) if isinstance(known, dict) else ""
        found = re.fullmatch(r"(?:156)?([0-9]{6})", value)
        if found and short_name(found[1]):
            return found[1]
    raise BadOutline("code", at)


def _rings(feature: dict[str, Any], at: int) -> Iterator[Ring]:
    geometry = feature.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else ""
    parts = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind == "Polygon":
        parts = [parts]
    elif kind != "MultiPolygon":
        raise BadOutline("kind", at)
    try:
        for polygon in parts or []:
            for ring in polygon:
                found = [(float(point[0]), float(point[1])) for point in ring]
                if len(found) < 3 or not all(70 <= x <= 140 and 3 <= y <= 55 for x, y in found):
                    raise BadOutline("place", at)
                yield found
    except (TypeError, ValueError, IndexError, KeyError) as fault:
        raise fault if isinstance(fault, BadOutline) else BadOutline("kind", at) from None


def _kept(rings: Sequence[tuple[str, Ring]]) -> bytes:
    xs, ys = [x for _, ring in rings for x, _ in ring], [y for _, ring in rings for _, y in ring]
    west, south, north = min(xs), min(ys), max(ys)
    narrow = cos(radians((south + north) / 2))  # a degree of longitude there, in degrees of latitude
    scale = min(WIDTH / max((max(xs) - west) * narrow, 1e-6), HEIGHT / max(north - south, 1e-6))

    def flat(ring: Ring) -> Ring:
        return [((x - west) * narrow * scale, (north - y) * scale) for x, y in ring]

    shapes: dict[str, list[Ring]] = {}
    for code, ring in rings:
        shapes.setdefault(code, []).append(thinned(flat(ring), FINE))
    kept = []
    for code, parts in shapes.items():
        x, y = middle(max(parts, key=lambda part: abs(area(part))))
        path = "".join("M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in part) + "Z" for part in parts)
        shape = {"code": code, "name": short_name(code), "path": path, "x": round(x, 1), "y": round(y, 1)}
        kept.append(shape)
    return json.dumps(kept, ensure_ascii=False).encode()


def thinned(ring: Ring, fine: float) -> Ring:
    """Without points that lie closer than `fine` to the one kept before; at least three."""
    kept = [ring[0]]
    for point in ring[1:]:
        if abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) >= fine:
            kept.append(point)
    return kept if len(kept) >= 3 else ring[:3]


def area(ring: Ring) -> float:
    """Signed, by the shoelace formula."""
    return sum(x * b - a * y for (x, y), (a, b) in zip(ring, [*ring[1:], ring[0]], strict=True)) / 2


def middle(ring: Ring) -> tuple[float, float]:
    """The centre of gravity of what a ring encloses; of a line, of its points."""
    size = area(ring)
    if abs(size) < 1e-9:
        return sum(x for x, _ in ring) / len(ring), sum(y for _, y in ring) / len(ring)
    x = y = 0.0
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = x1 * y2 - x2 * y1
        x, y = x + (x1 + x2) * cross, y + (y1 + y2) * cross
    return x / (6 * size), y / (6 * size)


Figures = Mapping[str, Figure]
"""By the statistic's id, `name@version`."""


@dataclass(frozen=True, slots=True)
class StatisticsQuery:
    """`office`: one, "" for all the officer sees. `by`: one of `complaints.statistics.figures.GROUPS` or "".

    `as_of`: recompute from the journal as it stood then; None: as it stands. `today`: whose day says what is late.
    `only`: of those alone; words are looked for in complaints as they stand today.
    """

    period: Period
    today: date
    office: str = ""
    by: str = ""
    as_of: datetime | None = None
    only: Narrowed = ()


@dataclass(frozen=True, slots=True)
class Overview:
    offices: Sequence[Office]  # all the officer may ask about
    now: Figures
    previous: Figures
    year_before: Figures
    groups: Sequence[tuple[str, Figures]]  # empty without `by`
    months: Sequence[tuple[str, Figures]]  # the twelve up to the period's last


@dataclass(frozen=True, slots=True)
class ComparedOffice:
    """`asked`: the scope its figures are of (`offices.in_scope`). `below`: how many offices are below it."""

    office: Office
    asked: str
    below: int
    figures: Figures


@dataclass(frozen=True, slots=True)
class OfficeComparison:
    """`at`: the office whose own and right below are compared, None for all at the top. `above`: the way to it."""

    offices: Sequence[Office]
    at: Office | None
    above: Sequence[Office]
    rows: Sequence[ComparedOffice]
    total: Figures


def compared(seen: Sequence[Office], asked: str, wanted: Sequence[Statistic], tallies: Tallies) -> OfficeComparison:
    """`tallies`: by office, of what was asked about."""
    tree, known = OfficeTree(seen), {one.id: one for one in seen}
    top = tree.right_below("")
    at = known.get(asked.removeprefix(BELOW)) or (top[0] if len(top) == 1 else None)
    alone = bool(asked) and not asked.startswith(BELOW)
    under = [] if alone else list(tree.right_below(at.id if at else ""))
    scopes = [(at, at.id)] if at else []
    scopes += [(one, f"{BELOW}{one.id}" if tree.right_below(one.id) else one.id) for one in under]
    found = gathered(tallies, {scope: in_scope(scope, seen) for _, scope in scopes} | {TOTAL: in_scope(asked, seen)})
    rows = [
        ComparedOffice(
            office,
            scope,
            len(tree.within(office.id)) - 1 if scope.startswith(BELOW) else 0,
            {one.id: figure(one, found, scope) for one in wanted},
        )
        for office, scope in scopes
    ]
    above = tree.above(at.id)[::-1] if at else []
    return OfficeComparison(seen, at, above, rows, {one.id: figure(one, found) for one in wanted})


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


@dataclass(frozen=True, slots=True)
class ScreenSpot:
    """A hot spot as anybody may read it: `key` "" of a business, which is not named; `problem` as of a trait, with what
    industry."""

    kind: str
    key: str
    seen: int
    expected: int
    course: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ScreenFigures:
    """What a big screen shows at a moment. `channels`: code and how many came today; `days`: day, received, handled;
    `places`: code of a division and how many came this month, those with few left out. `spots_waiting`: how many nobody
    has looked at; `warnings`: titles of those in force."""

    at: datetime
    channels: Sequence[tuple[str, int]]
    rooms: int
    rooms_today: int
    late: int
    due_today: int
    due_soon: int
    settled: Figure
    recovered: Figure
    days: Sequence[tuple[date, int, int]]
    places: Sequence[tuple[str, int]]
    spots: Sequence[ScreenSpot]
    spots_waiting: int
    warnings: Sequence[str]

    @property
    def received(self) -> int:
        return sum(count for _, count in self.channels)


class TooMuchChanged(Exception):
    """More complaints changed since than can be looked at while somebody waits."""


@dataclass(frozen=True, slots=True)
class MapPage:
    """`now`: in force; `offered`: checked, and not in force yet; `before`: whether there is one to go back to."""

    now: Outline | None
    offered: Outline | None
    before: bool
    history: Sequence[Event] = ()


# ------------------------------------------------------------ figures of other installations


CellStandingWord = Literal["here", "late", "missing"]


@dataclass(frozen=True, slots=True)
class CellStanding:
    """One installation's figures of a month. `standing`: "late" when the newest edition ends before it should; `other`:
    it counts by definitions that are not ours. `error`: why the last try to fetch them was in vain."""

    id: str
    name: str
    standing: CellStandingWord
    edition: FiguresEdition | None
    other: bool = False
    error: str = ""

    @property
    def short(self) -> str:
        """As it stands in addresses of pages."""
        return self.id.removeprefix(CELL_PREFIX)


@dataclass(frozen=True, slots=True)
class ProvinceFigures:
    """Of a month, added up over the installations below: what is missing is in no figure."""

    month: str
    total: Figures
    cells: Sequence[tuple[CellStanding, Figures]]

    @property
    def absent(self) -> Sequence[CellStanding]:
        return [one for one, _ in self.cells if one.standing != "here"]


@dataclass(frozen=True, slots=True)
class CellMonth:
    """One installation's month in one edition, day by day."""

    standing: CellStanding
    shown: FiguresEdition
    editions: Sequence[FiguresEdition]
    total: Figures
    days: Sequence[tuple[str, Figures]]
    signature: str
