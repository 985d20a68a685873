"""How many years what is kept is kept, who changed that, and what a change would make due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from rooms.record.retention import Retention
from web.ports.people import Officer


@dataclass(frozen=True, slots=True)
class RetentionChange:
    """One entry of the rule, the newest of which is in force; `number` is its version. `operator`: by the settings of a
    start. `before` and `after`: years of the kinds that changed; of the first entry all, and none before."""

    number: int
    at: datetime
    by: str
    operator: bool
    before: Mapping[str, int]
    after: Mapping[str, int]
    reason: str = ""
    approval: str = ""
    second: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """`kind`: how a mediation ended, or "files" of complaints never mediated, or "leads". `least`, `most`: what a
    change may come to. `said`: the entry by which it is what it is; None before the first start."""

    kind: str
    years: int
    least: int
    most: int
    said: RetentionChange | None


@dataclass(frozen=True, slots=True)
class Effect:
    """Of one kind, if the years were `after`. `kept`: how many there are; `soon`: of those due `earlier`, how many as
    soon as the grace is over; `held`: whose date would change and which stay all the same."""

    kind: str
    before: int
    after: int
    kept: int
    earlier: int
    soon: int
    later: int
    held: int


@dataclass(frozen=True, slots=True)
class RetentionTable:
    """`waits`: id of a request for fewer years that waits. `may_change`: whether the reader decides about it."""

    number: int
    periods: Sequence[Period]
    changes: Sequence[RetentionChange]
    waits: str
    may_change: bool


class RetentionDesk(Protocol):
    """Of the whole installation. Supervisors and administrators look; the administrator of a unit that receives for the
    bureau changes, or of the only office there is. Refused: not_allowed (403)."""

    async def rule(self) -> Retention:
        """In force now."""
        ...

    async def table(self, by: Officer) -> RetentionTable: ...

    async def foresee(self, by: Officer, years: Mapping[str, int]) -> Sequence[Effect]:
        """What would come of these years of these kinds. Refused: beyond_limits."""
        ...

    async def change(self, by: Officer, token: str, number: int, years: Mapping[str, int], reason: str) -> str:
        """More years count at once; for fewer a second person is asked, whose request's id is returned. `number`: of
        the rule that this was chosen from. Refused: missing (field "reason"), beyond_limits, changed_since,
        waits_already, busy."""
        ...
