"""Where everything stands in the picture: a grid of people, or a shared screen with the people beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

WIDTH, HEIGHT, BAR = 1280, 720, 48
SPACE = 8
STRIP = 256  # of people beside a shared screen
# Colours of the dark room.
CANVAS, CARD, STRIPE = "0x141a18", "0x1d2522", "0x0d1110"


@dataclass(frozen=True, slots=True)
class Box:
    """Pixels, all even: chroma has half the resolution."""

    x: int
    y: int
    width: int
    height: int


def grid_boxes(count: int) -> list[Box]:
    """Equal cells for everybody, as large as a picture of 4:3 can be made."""
    return _cells(Box(0, 0, WIDTH, HEIGHT - BAR), count)


def strip_boxes(count: int) -> list[Box]:
    """The same people in the column beside a shared screen."""
    return _cells(Box(WIDTH - STRIP, 0, STRIP, HEIGHT - BAR), count)


def screen_box() -> Box:
    return Box(SPACE, SPACE, WIDTH - STRIP - SPACE, HEIGHT - BAR - 2 * SPACE)


def bar_box() -> Box:
    return Box(0, HEIGHT - BAR, WIDTH, BAR)


def _cells(area: Box, count: int) -> list[Box]:
    if count < 1:
        return []

    def cell(columns: int) -> tuple[int, int]:
        rows = math.ceil(count / columns)
        return (
            (area.width - SPACE * (columns + 1)) // columns & ~1,
            (area.height - SPACE * (rows + 1)) // rows & ~1,
        )

    def shown(columns: int) -> float:
        width, height = cell(columns)
        return min(width, height * 4 / 3)

    columns = max(range(1, count + 1), key=shown)
    width, height = cell(columns)
    boxes = []
    for index in range(count):
        row, column = divmod(index, columns)
        in_row = min(columns, count - row * columns)
        # A last row that is not full stands in the middle.
        indent = (area.width - in_row * width - (in_row + 1) * SPACE) // 2 + SPACE
        x = area.x + indent + column * (width + SPACE)
        y = area.y + SPACE + row * (height + SPACE)
        boxes.append(Box(x & ~1, y & ~1, width, height))
    return boxes
