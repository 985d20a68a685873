"""The list of complaints: what may be asked of it and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from web.ports.people import Office
from web.ports.rows import ComplaintRow

MOST_COUNTED = 1_000  # complaints of one window; beyond it the list says "more than"


@dataclass(frozen=True, slots=True)
class ComplaintFilter:
    """ "" and None: not asked for. Days are the officer's own, both included."""

    search: str = ""
    channel: str = ""
    state: str = ""  # "merged" and "undone" are left out unless asked for
    problem: str = ""  # complaints.vocabulary.PROBLEMS
    industry: str = ""  # a section or division of GB/T 4754: "F", "F52"
    office: str = ""
    since: date | None = None
    until: date | None = None
    due: str = ""  # "late" | "today" | "soon"
    page: int = 1
    before: int | None = None  # the window begins after this place


@dataclass(frozen=True, slots=True)
class ComplaintList:
    """Newest receipt first. `total` of this window; `older`: where the next window begins, None when this is all."""

    rows: Sequence[ComplaintRow]
    total: int
    page_size: int
    older: int | None = None
    offices: Sequence[Office] = ()  # that the officer may choose from
