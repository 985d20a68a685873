"""Years by kind of what is kept, within their bounds: pure, over the entries of `installation/retention`.

`RetentionSet` is the operator's word, by the settings of a start; `RetentionChanged` a desk's or the command line's.
The newest entry is in force, whoever made it. No change leaves the bounds; a setting does, for it makes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from journal import Event
from offices.oversight import RetentionEffect
from rooms.record.retention import GRACE, Retention
from rooms.vocabulary import OutcomeKind

STREAM: Final = "installation/retention"
SET: Final = "RetentionSet"
"""Data: {"years": n, "rules": {"<outcome>": n}, "lead_years": n, "file_years": n}; entries from before files had years
of their own lack the last. `before` the same of the `SET` before, or null."""
CHANGED: Final = "RetentionChanged"
"""Data: {"before": {kind: n}, "after": {kind: n}, "reason": …, "approval": id or "", "second": name or ""}."""

FILES, LEADS = "files", "leads"  # of complaints, mediated or not; of leads: what goes only after an appraisal
OUTCOMES: Final = tuple(kind.value for kind in OutcomeKind)
KINDS: Final = (*OUTCOMES, FILES, LEADS)
LEAST: Final[Mapping[str, int]] = {FILES: 10, LEADS: 2}
"""Years, one of the others. Files of complaints are archives (Order 121 Art 24), whose shortest period is ten years
(rules on filing scope and retention periods of documents of organs). Neither order names a number for the rest; an
offence may be punished for two years (Administrative Penalty Law Art 36), and so long what was found stays at hand."""
LONGEST: Final = 500  # characters of a reason

Periods = Mapping[str, int]
"""Years of every kind."""


@dataclass(frozen=True, slots=True)
class Years:
    """What the operator set. `rules`: by how a mediation ended, where that is shorter."""

    years: int
    rules: tuple[tuple[str, int], ...]
    lead_years: int
    file_years: int = 10

    @property
    def data(self) -> dict[str, Any]:
        return {
            "years": self.years,
            "rules": dict(self.rules),
            "lead_years": self.lead_years,
            "file_years": self.file_years,
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Years:
        """Of `data`, also as earlier programs wrote it: files went with the records then."""
        files = data.get("file_years", data["years"])
        return cls(data["years"], tuple(data["rules"].items()), data["lead_years"], files)

    @property
    def periods(self) -> Periods:
        return {**dict.fromkeys(KINDS, self.years), **dict(self.rules), FILES: self.file_years, LEADS: self.lead_years}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a change may come to. The most is what people are told, of files and leads what the operator set."""

    least: Periods
    most: Periods

    def holds(self, kind: str, years: int) -> bool:
        return self.least[kind] <= years <= self.most[kind]

    def within(self, periods: Periods) -> Periods:
        return {kind: min(max(periods[kind], self.least[kind]), self.most[kind]) for kind in KINDS}


def bounds(operator: Years, least: int, lead_least: int) -> Bounds:
    """`least`, `lead_least`: the operator's. They never pass what the operator keeps something for."""
    most = {**dict.fromkeys(KINDS, operator.years), FILES: operator.file_years, LEADS: operator.lead_years}
    floors = {kind: max(lead_least if kind == LEADS else least, LEAST.get(kind, 1)) for kind in KINDS}
    return Bounds({kind: min(floors[kind], most[kind]) for kind in KINDS}, most)


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """`version`, `since`: of the entry that says it; 0 and None before there is one."""

    periods: Periods
    version: int = 0
    since: datetime | None = None
    operator: Mapping[str, Any] | None = None  # data of the newest `SET`
    approvals: frozenset[str] = field(default_factory=frozenset)  # that led to a change
    earlier: Sequence[RetentionRule] = ()  # oldest first


def evolve(rule: RetentionRule, entry: Event) -> RetentionRule:
    if entry.type == SET:
        told = {name: entry.data[name] for name in ("years", "rules", "lead_years", "file_years") if name in entry.data}
        periods = Years.of(told).periods
        if rule.operator == {name: told[name] for name in told if name != "file_years"}:
            periods = {**rule.periods, FILES: periods[FILES]}  # what a desk changed of the others stays
        approvals = rule.approvals
    elif entry.type == CHANGED:
        told, periods = dict(rule.operator or {}), {**rule.periods, **entry.data["after"]}
        approvals = rule.approvals | {entry.data["approval"]}
    else:
        return rule
    earlier = (*rule.earlier, rule) if rule.version else ()
    return RetentionRule(periods, entry.version, entry.at, told, approvals, earlier)


def fold(entries: Iterable[Event]) -> RetentionRule:
    rule = RetentionRule(dict.fromkeys(KINDS, 0))
    for entry in entries:
        if not entry.erased:
            rule = evolve(rule, entry)
    return rule


def retention(rule: RetentionRule, promised: Callable[[str], int | None], now: datetime) -> Retention:
    """For asking when something is due. A rule whose grace is over leaves nothing of the one before it."""
    before = None
    if rule.since is not None and rule.earlier and now < rule.since + GRACE:
        *older, last = rule.earlier
        before = retention(RetentionRule(last.periods, last.version, last.since, earlier=tuple(older)), promised, now)
    return Retention(rule.periods[FILES], rule.periods, promised, rule.version, rule.since, before)


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """One record, or the files of one case. `told`: texts whose years are not exceeded."""

    kind: str
    end: datetime
    told: Sequence[str] = ()
    held: bool = False


def reckon_change(
    kept: Iterable[KeptRecord], before: Retention, after: Retention, wanted: Periods
) -> Sequence[RetentionEffect]:
    """What a change of the years would do to what is kept, counted before anybody says yes.

    By kind that changes; `after` as if it came into force now. What is held stays, and is counted apart.
    """
    counts = {kind: [0] * 5 for kind in KINDS if wanted[kind] != before.ruled(kind)}
    for one in kept:
        if (count := counts.get(one.kind)) is None:
            continue
        promise = before.fewest(one.told)
        was, will = before.due(one.end, one.kind, promise), after.due(one.end, one.kind, promise)
        count[0] += 1
        if was == will:
            continue
        if one.held:
            count[4] += 1
        elif will > was:
            count[3] += 1
        else:
            count[1] += 1
            count[2] += after.since is not None and will <= after.since + GRACE
    return [RetentionEffect(kind, before.ruled(kind), wanted[kind], *numbers) for kind, numbers in counts.items()]
