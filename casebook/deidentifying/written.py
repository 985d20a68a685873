"""Texts written by hand in many styles, with what must not be read marked: how well rules do on what nobody's template made."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files

from casebook.deidentifying.looking import Known
from casebook.deidentifying.planting import Plant, Planted

FIELD = "facts"
_MARK = re.compile(r"⟦(?P<kind>[a-z]+):(?P<words>[^⟦⟧]+)⟧")


def written(held: bool) -> Iterator[Planted]:
    """Those the rules were made with, or those `held` back from it. The style is the plant's form."""
    table = tomllib.loads((files(__package__) / "written.toml").read_text("utf-8"))
    for entry in table["text"]:
        if bool(entry.get("held", False)) == held:
            yield _read(entry["text"], entry["style"], tuple(entry.get("known", ())))


def _read(marked: str, style: str, known: tuple[str, ...]) -> Planted:
    text, plants, at = "", list[Plant](), 0
    for match in _MARK.finditer(marked):
        text += marked[at : match.start()]
        words, at = match["words"], match.end()
        plants.append(Plant(match["kind"], style, FIELD, len(text), len(text) + len(words), words))
        text += words
    people = tuple(one for one in known if len(one) <= 4)
    return Planted({FIELD: text + marked[at:]}, Known(people, tuple(set(known) - set(people))), tuple(plants))
