"""What became of promises: kept, waiting, due, late, escalated, broken. Pure, from days alone.

A reminder goes to the side that owes it the day before and to the office the day after (`server.reminders`). A week
late it is the supervisor's to look at; a month late, or once the consumer says so, it is broken until it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal

from journal import Event

Standing = Literal["kept", "waiting", "due", "late", "escalated", "broken"]
STANDINGS: Final[tuple[Standing, ...]] = ("broken", "escalated", "late", "due", "waiting", "kept")
SOON: Final = timedelta(days=3)
ESCALATED_AFTER: Final = timedelta(days=7)
BROKEN_AFTER: Final = timedelta(days=30)


def standing(due: date, kept: date | None, paid: str, today: date) -> Standing:
    """`paid`: what the side it was promised to answered, "yes", "partly", "no", or ""."""
    if kept is not None:
        return "kept"
    if today <= due:
        return "due" if due - today <= SOON else "waiting"
    late = today - due
    if late > BROKEN_AFTER or paid == "no":
        return "broken"
    return "escalated" if late > ESCALATED_AFTER else "late"


def kept_at(entries: Iterable[Event], terms: Sequence[tuple[str, int]]) -> dict[tuple[str, int], datetime]:
    """When each promise (session, number) was noted as kept: alone, or with everything. `entries`: of the complaint."""
    alone: dict[tuple[str, int], datetime] = {}
    whole: datetime | None = None
    for entry in entries:
        match entry.type:
            case "TermKept":
                alone.setdefault((entry.data["session"], entry.data["term"]), entry.at)
            case "TermKeptTakenBack":
                alone.pop((entry.data["session"], entry.data["term"]), None)
            case "PromisesKept":
                whole = entry.at
            case "NoteTakenBack" if entry.data.get("what") == "kept":
                whole = None
            case _:
                pass
    return {term: at for term in terms if (at := alone.get(term, whole)) is not None}
