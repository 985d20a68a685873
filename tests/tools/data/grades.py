"""How good a ranking is, against grades given by hand: nDCG at ten (Järvelin and Kekäläinen 2002, gain 2^grade - 1)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from math import log2
from typing import Any, Literal

from casebook.starter import PREFIX


@dataclass(frozen=True, slots=True)
class Graded:
    """`ask` for a person's words; a complaint has the rest instead. `grades`: case -> 1 to 3. `amount` in fen.
    `spoken`: with words split by the speaker."""

    ask: str
    grades: Mapping[str, int]
    held: bool = False
    spoken: bool = False
    title: str = ""
    request: str = ""
    facts: str = ""
    industry: str = ""
    problem: str = ""
    amount: int | None = None


def written() -> list[Graded]:
    """The questions of `queries.toml`."""
    table = tomllib.loads((files(__package__) / "queries.toml").read_text("utf-8"))
    spoken = [{**entry, "spoken": True} for entry in table["spoken"]]
    return [_graded(entry) for entry in (*table["query"], *table["complaint"], *spoken)]


def letters(name: Literal["tuned", "varied", "kept"]) -> list[Graded]:
    """Accounts in citizens' own words: `tuned` and `varied` with, or left out of it."""
    found = []
    for line in (files(__package__) / "letters.tsv").read_text("utf-8").splitlines():
        of, *told = line.split("|")
        if of == name:
            account, *cases = told
            grades = {PREFIX + id: grade for grade, ids in zip((3, 2, 1), cases, strict=True) for id in ids.split()}
            found.append(Graded("", grades, facts=account))
    return found


def asked_of_the_law(name: Literal["tuned", "kept", "unseen"]) -> list[tuple[str, frozenset[str]]]:
    """Citizens' questions and the articles of which any answers them: `tuned` with, or left out of it."""
    table = tomllib.loads((files(__package__) / "statutes" / f"{name}.toml").read_text("utf-8"))
    return [(entry["ask"], frozenset(entry["answers"])) for entry in table["question"]]


def ndcg(found: Sequence[str], grades: Mapping[str, int], at: int = 10) -> float:
    ideal = _gain(sorted(grades.values(), reverse=True)[:at])
    return _gain([grades.get(id, 0) for id in found[:at]]) / ideal if ideal else 0.0


def _gain(grades: Sequence[int]) -> float:
    return float(sum((2**grade - 1) / log2(rank + 2) for rank, grade in enumerate(grades)))


def _graded(entry: Mapping[str, Any]) -> Graded:
    grades = {
        PREFIX + id: grade for name, grade in (("fair", 1), ("good", 2), ("best", 3)) for id in entry.get(name, ())
    }
    kept = {name: value for name, value in entry.items() if name not in ("ask", "best", "good", "fair", "held")}
    return Graded(entry.get("ask", ""), grades, bool(entry.get("held", False)), **kept)
