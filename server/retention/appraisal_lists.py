"""Appraisal lists of an office: pure, over the entries of `appraisal/<office>`.

Whoever draws a list says of each file whether it is destroyed or kept on, and why; a second person agrees to the whole
list or not (`server.oversight.approval`). What was destroyed is noted file by file, so that a crash loses no account.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal

from journal import Event
from rooms.record.retention import later

STREAM: Final = "appraisal"
LISTED: Final = "AppraisalListed"
"""Data: {"list": id, "number": text, "reason": text, "items": [Item]}."""
DESTROYED: Final = "FileDestroyed"
"""Data: {"list": id, "kind": …, "case": id, "files": n, "bytes": n}."""
LEFT: Final = "FileLeft"
"""Data: {"list": id, "kind": …, "case": id}: something keeps it again, so it was not destroyed."""
CARRIED_OUT: Final = "AppraisalCarriedOut"
"""Data: {"list": id, "approval": id, "second": name, "certificate": SHA-256 of the PDF}."""

MOST: Final = 200  # files of one list
LONGEST: Final = 500  # characters of a reason
KEPT_ON: Final = 10  # years from the day it was decided

Decision = Literal["destroy", "keep"]


@dataclass(frozen=True, slots=True)
class Item:
    """`kind`: "files" of a complaint, or "leads"; `end` and `due` are days (ISO 8601) of the office."""

    kind: str
    case: str
    name: str
    end: str
    years: int
    due: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class AppraisalList:
    """`destroyed`, `left`: ids of cases. `certificate` is "" until it was carried out."""

    id: str
    number: str
    at: datetime
    by: str
    reason: str
    items: Sequence[Item]
    destroyed: Mapping[str, int] = field(default_factory=dict)  # case -> files
    left: frozenset[str] = frozenset()
    done: datetime | None = None
    second: str = ""
    certificate: str = ""


Lists = Mapping[str, AppraisalList]


def fold(entries: Iterable[Event]) -> dict[str, AppraisalList]:
    """By id, in the order they were drawn."""
    lists: dict[str, AppraisalList] = {}
    for entry in entries:
        data, id_ = entry.data, entry.data["list"]
        if entry.type == LISTED:
            items = tuple(Item(**item) for item in data["items"])
            lists[id_] = AppraisalList(id_, data["number"], entry.at, entry.actor.name, data["reason"], items)
            continue
        one = lists[id_]
        if entry.type == DESTROYED:
            lists[id_] = replace(one, destroyed={**one.destroyed, data["case"]: data["files"]})
        elif entry.type == LEFT:
            lists[id_] = replace(one, left=one.left | {data["case"]})
        elif entry.type == CARRIED_OUT:
            lists[id_] = replace(one, done=entry.at, second=data["second"], certificate=data["certificate"])
    return lists


def kept_on(lists: Iterable[AppraisalList], now: datetime) -> set[str]:
    """Cases that two persons decided to keep for longer, which are not due again yet."""
    return {
        item.case
        for one in lists
        if one.done is not None and later(one.done, KEPT_ON) > now
        for item in one.items
        if item.decision == "keep"
    }


def to_do(one: AppraisalList) -> list[Item]:
    """To be destroyed, and not accounted for yet."""
    return [
        item
        for item in one.items
        if item.decision == "destroy" and item.case not in one.destroyed and item.case not in one.left
    ]


def plain(item: Item) -> dict[str, Any]:
    """As the journal has it."""
    return {name: getattr(item, name) for name in Item.__slots__}
