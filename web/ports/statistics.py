"""Statistics as pages ask for them. What each figure means is `complaints.statistics.definitions`'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from complaints.statistics.definitions import Part, Statistic
from complaints.statistics.figures import Figure
from complaints.statistics.periods import Period
from web.ports.people import Office, Officer

Figures = Mapping[str, Figure]
"""By the statistic's id, `name@version`."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`office`: one, "" for all the officer sees. `by`: one of `complaints.statistics.figures.GROUPS` or "".

    `as_of`: recompute from the journal as it stood then; None: as it stands. `today`: whose day says what is late.
    """

    period: Period
    today: date
    office: str = ""
    by: str = ""
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    offices: Sequence[Office]  # all the officer may ask about
    now: Figures
    previous: Figures
    year_before: Figures
    groups: Sequence[tuple[str, Figures]]  # empty without `by`
    months: Sequence[tuple[str, Figures]]  # the twelve up to the period's last


@dataclass(frozen=True, slots=True)
class Behind:
    """A complaint behind a figure. `day`: the one it is counted by; `value`: what it adds in yuan or days, if any."""

    id: str
    number: str
    title: str
    state: str
    channel: str
    office: str
    day: date
    value: Decimal | int | None


class Statistics(Protocol):
    """Scoped: a mediator counts their own office, a supervisor those they oversee. Refused(404): not_found."""

    async def overview(self, officer: Officer, asked: Asked) -> Overview: ...

    async def records(
        self, officer: Officer, asked: Asked, statistic: Statistic, part: Part, group: str | None, page: int
    ) -> tuple[Sequence[Behind], int]:
        """A page of those behind the figure, in the order of their day, and how many in all.

        `group`: only those of it, one of the groups `asked.by` makes; None: all.
        """
        ...
