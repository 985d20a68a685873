"""After a settlement: promises kept, waiting, late or broken, and call-backs (Order 121 Art 26; Order 20 Art 22)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from journal import Event

WHOM: Final = ("consumer", "business")
SATISFIED: Final = ("yes", "partly", "no")


@dataclass(frozen=True, slots=True)
class TermKept:
    """One promise of a session's settlement was kept. `term` counts its terms from 1."""

    session: str
    term: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class TermKeptTakenBack:
    session: str
    term: int
    reason: str


@dataclass(frozen=True, slots=True)
class CalledBack:
    """`whom` was asked how it went; `satisfied` "" when they were not reached or did not say."""

    whom: str
    reached: bool
    satisfied: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class NoteTermKept:
    """`last`: nothing else that was promised is still open, so the settlement is performed."""

    session: str
    term: int
    note: str = ""
    last: bool = False


@dataclass(frozen=True, slots=True)
class TakeBackTerm:
    session: str
    term: int
    reason: str


@dataclass(frozen=True, slots=True)
class NoteCallBack:
    call: CalledBack


@dataclass(frozen=True, slots=True)
class TakeBackCall:
    """`ordinal` counts a complaint's call-backs from 1, those taken back too."""

    ordinal: int
    reason: str


@dataclass(frozen=True, slots=True)
class CallTakenBack:
    ordinal: int
    reason: str


AftercareCommand = NoteTermKept | TakeBackTerm | NoteCallBack | TakeBackCall
AftercareEvent = TermKept | TermKeptTakenBack | CalledBack | CallTakenBack


# ------------------------------------------------------------ standing of promises


Standing = Literal["kept", "waiting", "due", "late", "escalated", "broken"]
STANDINGS: Final[tuple[Standing, ...]] = ("broken", "escalated", "late", "due", "waiting", "kept")
SOON: Final = timedelta(days=3)
ESCALATED_AFTER: Final = timedelta(days=7)
BROKEN_AFTER: Final = timedelta(days=30)


def promise_standing(due: date, kept: date | None, paid: str, today: date) -> Standing:
    """What became of a promise. `paid`: what the side it was promised to answered, "yes", "partly", "no", or "".

    A reminder goes to the side that owes it the day before and to the office the day after
    (`server.complaints.follow_up`). A week late it is the supervisor's to look at; a month late, or once the consumer
    says so, it is broken until it is kept.
    """
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
