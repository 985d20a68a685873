"""A map of divisions that an office supplies as GeoJSON: checked, thinned out and drawn flat once, then kept. Pure.

What is taken: a FeatureCollection of Polygons and MultiPolygons, each with its GB/T 2260 code in a property. Nothing
else of the file is kept, so nothing else of it can reach a page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any, Final

from complaints.record.places import short_name

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
