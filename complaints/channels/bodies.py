"""The body of a signed request: one JSON object, or a list of them, as rows of one table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NoReturn

from complaints.channels.cells import Cell
from complaints.channels.documents import of_json
from complaints.channels.errors import Unreadable

MOST_ROWS = 200


def rows_of(body: bytes) -> tuple[list[str], list[Sequence[Cell]]]:
    """(names, rows): the names of all members in the order they first came, and a row of cells for each object.

    Unreadable: empty, bad_json, too_many_rows.
    """
    try:
        told = json.loads(body.decode("utf-8"), parse_constant=_no_number)
        json.dumps(told, ensure_ascii=False).encode()  # half a character, written as \ud800, is no text
    except (ValueError, RecursionError):  # also a whole number of thousands of digits
        raise Unreadable("bad_json") from None
    objects: list[Any] = told if isinstance(told, list) else [told]
    if not objects:
        raise Unreadable("empty")
    if len(objects) > MOST_ROWS:
        raise Unreadable("too_many_rows", most=MOST_ROWS)
    named = [of_json(one) for one in objects]
    names = list(dict.fromkeys(name for one in named for name in one))
    return names, [[one.get(name) for name in names] for one in named]


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
