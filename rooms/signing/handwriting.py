"""Handwriting as numbers: what a signature drawn on a screen may be, and when it is none. Pure.

Strokes are points (x, y, pressure in thousandths) in a box of `width` × `height` units, as the pad counted them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rooms.errors import BadInk

MOST_STROKES = 80
MOST_POINTS = 4_000
SMALLEST, LARGEST = 80, 4_000  # units of a side of the pad
PRESSURE = 1_000
LEAST_INK = 0.08  # of the pad's width, along all strokes: a slip of the finger is no name

Point = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Ink:
    width: int
    height: int
    strokes: tuple[tuple[Point, ...], ...]


def ink(width: int, height: int, strokes: Sequence[Sequence[Sequence[int]]]) -> Ink:
    """Checked: BadInk with the problem "size" | "much" | "outside" | "little"."""
    if not (SMALLEST <= width <= LARGEST and SMALLEST <= height <= LARGEST):
        raise BadInk(problem="size")
    if len(strokes) > MOST_STROKES or sum(len(stroke) for stroke in strokes) > MOST_POINTS:
        raise BadInk(problem="much")
    made = tuple(tuple(_point(point, width, height) for point in stroke) for stroke in strokes if len(stroke))
    if sum(_length(stroke) for stroke in made) < LEAST_INK * width:
        raise BadInk(problem="little")
    return Ink(width, height, made)


def _point(point: Sequence[int], width: int, height: int) -> Point:
    if len(point) != 3 or any(type(number) is not int for number in point):
        raise BadInk(problem="outside")
    x, y, pressure = point
    if not (0 <= x <= width and 0 <= y <= height and 0 <= pressure <= PRESSURE):
        raise BadInk(problem="outside")
    return x, y, pressure


def _length(stroke: tuple[Point, ...]) -> float:
    return float(sum(((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5 for a, b in pairwise(stroke)))
