"""An office's own areas: which divisions, streets and places it answers for. A development zone is no division."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from complaints.errors import BadChoice, Missing, TooLong
from complaints.places import place_code
from journal import Event

MOST_WORDS: Final = 100
LONGEST_NAME: Final = 60
LONGEST_WORD: Final = 30
_SEPARATORS = re.compile(r"[,，、;；\s]+")


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """`divisions` are six-digit codes; `words` names of zones, streets, markets that addresses there contain."""

    id: str
    office: str
    name: str
    divisions: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def described(id: str, office: str, name: str, divisions: str, words: str) -> Jurisdiction:
    """From what an administrator typed, lists separated by commas. Missing, TooLong, BadChoice(field)."""
    name = name.strip()
    if not name:
        raise Missing(field="name")
    if len(name) > LONGEST_NAME:
        raise TooLong(field="name", most=LONGEST_NAME)
    codes = _unique(place_code(part, "divisions") for part in _parts(divisions))
    places = _unique(_parts(words))
    if len(places) > MOST_WORDS or len(codes) > MOST_WORDS:
        raise TooLong(field="words" if len(places) > MOST_WORDS else "divisions", most=MOST_WORDS)
    if any(not 2 <= len(word) <= LONGEST_WORD for word in places):
        raise BadChoice(field="words")
    if not codes and not places:
        raise Missing(field="words")
    return Jurisdiction(id, office, name, codes, places)


# ---------------------------------------------------------------- how they are kept: `office/<office>/areas`

DRAWN, DROPPED = "AreaDrawn", "AreaDropped"


def stream(office: str) -> str:
    return f"office/{office}/areas"


def drawn(area: Jurisdiction) -> dict[str, Any]:
    """Data of the event that makes an area, or makes it anew."""
    return {"id": area.id, "name": area.name, "divisions": list(area.divisions), "words": list(area.words)}


def areas(office: str, events: Iterable[Event]) -> dict[str, Jurisdiction]:
    """An office's areas by id after these events, in the order they were first drawn."""
    found: dict[str, Jurisdiction] = {}
    for event in events:
        data = event.data
        if event.type == DRAWN:
            found[data["id"]] = Jurisdiction(
                data["id"], office, data["name"], tuple(data["divisions"]), tuple(data["words"])
            )
        elif event.type == DROPPED:
            found.pop(data["id"], None)
    return found


def _parts(text: str) -> list[str]:
    return [part for part in _SEPARATORS.split(text) if part]


def _unique(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))
