"""The rule of the day in the journal: whoever asks later why something was erased finds it, and who made it.

Sole writer of `installation/retention`, which is read anew whenever it is asked for: the command line writes it too,
while the server runs. What the operator sets counts from a start that finds other settings than the newest `SET` says;
what a desk changed stays until then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from journal import SYSTEM, Actor, Conflict, Draft, Event, Journal, append_decided
from rooms.record.retention import Retention
from server.retention import periods as told
from server.retention.periods import CHANGED, LONGEST, SET, STREAM, Bounds, Periods, Rule, Years, fold
from web.ports import Refused

TRIES = 3


@dataclass(frozen=True, slots=True)
class Approved:
    """The request that a second person agreed to, and their name."""

    approval: str = ""
    second: str = ""


class RetentionBook:
    """`least`, `lead_least`: years below which nobody but the operator's own settings may go."""

    def __init__(
        self,
        journal: Journal,
        operator: Years,
        least: int,
        lead_least: int,
        promised: Callable[[str], int | None],
        now: Callable[[], datetime],
    ) -> None:
        self._journal, self._operator, self._promised, self._now = journal, operator, promised, now
        self._least, self._lead_least = least, lead_least

    async def begin(self) -> None:
        """At a start, before anything is erased. Once for every change, also when two processes start at once."""

        def decided(entries: list[Event]) -> list[Draft]:
            rule, data = fold(entries), self._operator.data
            if rule.operator != data:
                return [Draft(SET, {**data, "before": rule.operator}, self._now(), SYSTEM)]
            after = self._bounds(rule).within(rule.periods)  # the operator's least was raised
            return [] if after == rule.periods else [self._draft(rule, after, "", Approved(), SYSTEM)]

        await append_decided(self._journal, STREAM, decided)

    async def rule(self) -> Rule:
        """In force now."""
        return self._known(fold(await self._journal.read(STREAM)))

    async def retention(self) -> Retention:
        return self.as_retention(await self.rule())

    def as_retention(self, rule: Rule) -> Retention:
        return told.retention(rule, self._promised, self._now())

    def would_be(self, rule: Rule, periods: Periods) -> Retention:
        """If that came into force now."""
        after = Rule(periods, rule.version + 1, self._now(), rule.operator, earlier=(*rule.earlier, rule))
        return self.as_retention(after)

    async def bounds(self) -> Bounds:
        return self._bounds(await self.rule())

    async def history(self) -> Sequence[Event]:
        """Newest first."""
        return [entry for entry in reversed(await self._journal.read(STREAM)) if entry.type in (SET, CHANGED)]

    async def change(
        self, by: Actor, before: Periods, after: Periods, reason: str, approved: Approved | None = None
    ) -> bool:
        """Whether anything changed; of an approval that led to a change before nothing does.

        Refused: missing (no reason), beyond_limits, changed_since (of what is to change something is not as it was
        when this was asked for), busy.
        """
        reason, approved = reason.strip(), approved or Approved()
        if not 0 < len(reason) <= LONGEST:
            raise Refused("missing", 422, field="reason")
        changed = {kind for kind in after if before[kind] != after[kind]}

        def decided(entries: list[Event]) -> list[Draft]:
            rule = self._known(fold(entries))
            if not changed or (approved.approval and approved.approval in rule.approvals):
                return []
            if any(rule.periods[kind] != before[kind] for kind in changed):
                raise Refused("changed_since", 409)
            limits = self._bounds(rule)
            if not all(limits.holds(kind, after[kind]) for kind in changed):
                raise Refused("beyond_limits", 409)
            wanted = {**rule.periods, **{kind: after[kind] for kind in changed}}
            return [self._draft(rule, wanted, reason, approved, by)]

        try:
            return bool(await append_decided(self._journal, STREAM, decided, TRIES))
        except Conflict:
            raise Refused("busy", 503) from None

    # ------------------------------------------------------------ steps of the above

    def _known(self, rule: Rule) -> Rule:
        """Before the first start nothing is noted yet."""
        return rule if rule.version else Rule(self._operator.periods, operator=self._operator.data)

    def _bounds(self, rule: Rule) -> Bounds:
        data = rule.operator or self._operator.data
        years = Years.of(data)
        return told.bounds(years, self._least, self._lead_least)

    def _draft(self, rule: Rule, after: Periods, reason: str, approved: Approved, by: Actor) -> Draft:
        data = {
            "before": dict(rule.periods),
            "after": dict(after),
            "reason": reason,
            "approval": approved.approval,
            "second": approved.second,
        }
        return Draft(CHANGED, data, self._now(), by)
