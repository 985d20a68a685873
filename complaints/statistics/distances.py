"""How far apart two cities are, by the middle of each prefecture: what nobody had to travel when they met by video.

`centroids.csv` was written by hand to a tenth of a degree (some ten kilometres), mostly the seat of the prefecture,
which is where its people are. It is good for sums over many complaints, not for one journey. A county that a province
governs directly (`4290..`) has no line: its distance is not known.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from importlib.resources import files
from math import asin, cos, radians, sin, sqrt
from typing import Final

from complaints.places import place_in

EARTH: Final = 6371.0  # mean radius, km


def between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Kilometres along the great circle between two points, each latitude and longitude in degrees."""
    (lat, lon), (lat2, lon2) = [(radians(a), radians(b)) for a, b in (one, other)]
    half = sin((lat2 - lat) / 2) ** 2 + cos(lat) * cos(lat2) * sin((lon2 - lon) / 2) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(half)))


def apart(one: str, other: str) -> int | None:
    """Whole kilometres between the prefectures of two division codes, 0 within one; None when either is not known."""
    here, there = prefecture(one), prefecture(other)
    if not here or not there:
        return None
    return 0 if here == there else round(between(centroids()[here], centroids()[there]))


def prefecture(code: str) -> str:
    """Four digits that have a centroid, "" for none. A municipality (北京, 重庆 …) is one whole."""
    found = code[:4]
    if code[:2] in ("11", "12", "31", "50", "71", "81", "82"):
        found = f"{code[:2]}00"
    return found if found in centroids() else ""


@functools.lru_cache(maxsize=4096)
def code_of(city: str) -> str:
    """The division a text like 武汉 or 湖北省武汉市 names for sure, "" for none."""
    place = place_in("".join(city.split())[:60])
    return place.division.code if place and place.sure else ""


@functools.cache
def centroids() -> Mapping[str, tuple[float, float]]:
    """Latitude and longitude by the first four digits of GB/T 2260."""
    text = files(__package__).joinpath("centroids.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["code"]: (float(row["latitude"]), float(row["longitude"])) for row in rows}
