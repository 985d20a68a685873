"""The cases the program brings along, so that a new office does not start empty: invented parties, real law.

Data (`*.toml`, a file a part of trade), read once and checked while it is read: `BadStarter` says what is wrong where.
They are marked as samples wherever they are shown, belong to no office and stand in no journal.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from casebook import Case, CaseState
from journal.numbers import SAMPLE_MARK
from law.catalogue import catalogue, topics

PREFIX: Final = "sample-"
"""How the id of a case that was brought along begins; nobody else's does."""
BY: Final = "编者"
_ORDER: Final = ("prepaid", "service", "online", "food", "home", "cars", "housing", "travel")
_TEXTS: Final = ("facts", "claims", "process", "outcome", "experience", "comment")


class BadStarter(Exception):
    """A case that was brought along cannot be right."""


@cache
def starter() -> Mapping[str, Case]:
    """By id, in the order of the book."""
    found: dict[str, Case] = {}
    for name in _ORDER:
        for entry in tomllib.loads((files(__name__) / f"{name}.toml").read_text("utf-8"))["case"]:
            case = replace(sample_case(entry), number=f"{SAMPLE_MARK}第{len(found) + 1}号")
            if case.id in found:
                raise BadStarter(f"{case.id} is there twice")
            found[case.id] = case
    return MappingProxyType(found)


def sample_case(entry: Mapping[str, Any]) -> Case:
    """One entry of a file. BadStarter."""
    id_ = str(entry.get("id", "?"))
    try:
        day = entry["event_date"]
        case = Case(
            id=PREFIX + entry["id"],
            number="",
            title_zh=entry["zh"],
            title_en=entry["en"],
            industry=entry["industry"],
            problem=entry["problem"],
            tags=tuple(entry["tags"]),
            **{name: entry[name] for name in _TEXTS},
            articles=tuple(entry["articles"]),
            comment_by=BY,
            claimed=_yuan(entry.get("claimed")),
            settled=_yuan(entry.get("settled")),
            days=int(entry["days"]),
            event_date=day,
            state=CaseState.PUBLISHED.value,
            edition=1,
            sample=True,
            office="",
        )
    except (KeyError, TypeError, ValueError, ArithmeticError) as fault:
        raise BadStarter(f"{id_}: {fault!r}") from fault
    _check(case, day)
    return case


def _check(case: Case, day: object) -> None:
    if not isinstance(day, date):
        raise BadStarter(f"{case.id}: {day!r} is no day")
    if unknown := [tag for tag in case.tags if tag not in topics()]:
        raise BadStarter(f"{case.id}: no topic {unknown[0]}")
    for id_ in case.articles:
        article = catalogue().get(id_)
        if article is None:
            raise BadStarter(f"{case.id}: no article {id_}")
        if not article.in_force(day):
            raise BadStarter(f"{case.id}: {id_} was not in force on {day}")
    if not (case.articles and case.tags and all(getattr(case, name).strip() for name in _TEXTS)):
        raise BadStarter(f"{case.id}: a text, a topic or an article is missing")
    if case.claimed is not None and case.settled is not None and case.settled > case.claimed:
        raise BadStarter(f"{case.id}: more was settled for than was claimed")


def _yuan(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
