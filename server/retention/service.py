"""The years of keeping: the rule of the day in the journal, and an administrator's hand on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from journal import SYSTEM, Actor, Draft, Event, Journal, append_decided
from journal.refusals import Refused
from offices import Officer
from offices.oversight import ApprovalWish, RetentionChange, RetentionEffect, RetentionPeriod, RetentionTable
from rooms.record.rules import Retention
from server.db.engine import Database
from server.identity.store import IdentityStore
from server.oversight import Approval
from server.oversight.service import ApprovalService
from server.retention import erasure
from server.retention.erasure import (
    CHANGED,
    KINDS,
    LONGEST,
    OUTCOMES,
    SET,
    STREAM,
    Bounds,
    KeptRecord,
    Periods,
    RetentionRule,
    Years,
    evolve,
    fold,
    reckon_change,
)
from server.retention.file_erasure import FileErasures
from server.rooms.store import retained


@dataclass(frozen=True, slots=True)
class Approved:
    """The request that a second person agreed to, and their name."""

    approval: str = ""
    second: str = ""


class RetentionBook:
    """The rule of the day in the journal: whoever asks later why something was erased finds it, and who made it.

    Sole writer of `installation/retention`, which is read anew whenever it is asked for: the command line writes it
    too, while the server runs. What the operator sets counts from a start that finds other settings than the newest
    `SET` says; what a desk changed stays until then.

    `least`, `lead_least`: years below which nobody but the operator's own settings may go.
    """

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

    async def rule(self) -> RetentionRule:
        """In force now."""
        return self._known(fold(await self._journal.read(STREAM)))

    async def retention(self) -> Retention:
        return self.as_retention(await self.rule())

    def as_retention(self, rule: RetentionRule) -> Retention:
        return erasure.retention(rule, self._promised, self._now())

    def would_be(self, rule: RetentionRule, periods: Periods) -> Retention:
        """If that came into force now."""
        after = RetentionRule(periods, rule.version + 1, self._now(), rule.operator, earlier=(*rule.earlier, rule))
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

        return bool(await append_decided(self._journal, STREAM, decided))

    # ------------------------------------------------------------ steps of the above

    def _known(self, rule: RetentionRule) -> RetentionRule:
        """Before the first start nothing is noted yet."""
        return rule if rule.version else RetentionRule(self._operator.periods, operator=self._operator.data)

    def _bounds(self, rule: RetentionRule) -> Bounds:
        data = rule.operator or self._operator.data
        years = Years.of(data)
        return erasure.bounds(years, self._least, self._lead_least)

    def _draft(self, rule: RetentionRule, after: Periods, reason: str, approved: Approved, by: Actor) -> Draft:
        data = {
            "before": dict(rule.periods),
            "after": dict(after),
            "reason": reason,
            "approval": approved.approval,
            "second": approved.second,
        }
        return Draft(CHANGED, data, self._now(), by)


KIND: Final = "retention"
SUBJECT: Final = "installation"

AllKept = Callable[[Collection[str]], Awaitable[Sequence[KeptRecord]]]
"""Everything that is kept by a rule of one of these kinds."""


class RetentionService:
    """An administrator's hand on the years: more at once, fewer with a second person.

    Implements `RetentionDesk`. What lengthens destroys nothing and never exceeds what people were
    told; what shortens cannot be taken back once the job has come by, so it waits for a yes.
    """

    def __init__(
        self,
        book: RetentionBook,
        approvals: ApprovalService,
        store: IdentityStore,
        kept: AllKept,
    ) -> None:
        self._book, self._approvals, self._store, self._kept = book, approvals, store, kept
        approvals.does[KIND] = self._shorten

    async def rule(self) -> Retention:
        return await self._book.retention()

    async def table(self, by: Officer) -> RetentionTable:
        rule, bounds = await self._book.rule(), await self._book.bounds()
        changes = shown(await self._book.history())
        said = {kind: next((one for one in changes if kind in one.after), None) for kind in KINDS}
        rows = [
            RetentionPeriod(kind, rule.periods[kind], bounds.least[kind], bounds.most[kind], said[kind])
            for kind in KINDS
        ]
        waits = await self._approvals.waiting(KIND, SUBJECT)
        return RetentionTable(rule.version, rows, changes, waits, await self._decides(by))

    async def foresee(self, by: Officer, years: Mapping[str, int]) -> Sequence[RetentionEffect]:
        return await foresee(self._book, self._kept, years)

    async def change(self, by: Officer, token: str, number: int, years: Mapping[str, int], reason: str) -> str:
        if not await self._decides(by):
            raise Refused("not_allowed", 403)
        if not 0 < len(reason.strip()) <= LONGEST:
            raise Refused("missing", 422, field="reason")
        rule, bounds = await self._book.rule(), await self._book.bounds()
        if number != rule.version:
            raise Refused("changed_since", 409)
        before = rule.periods
        if any(kind not in KINDS or not bounds.holds(kind, n) for kind, n in years.items() if n != before.get(kind)):
            raise Refused("beyond_limits", 409)
        fewer = {kind: n for kind, n in years.items() if n < before[kind]}
        if fewer and await self._approvals.waiting(KIND, SUBJECT):
            raise Refused("waits_already", 409)
        more = {kind: n for kind, n in years.items() if n > before[kind]}
        await self._book.change(by.actor, before, {**before, **more}, reason)
        if not fewer:
            return ""
        details = {"from": written({kind: before[kind] for kind in fewer}), "to": written(fewer)}
        return await self._approvals.ask(by, token, ApprovalWish(KIND, SUBJECT, by.office.short, reason, details))

    async def _shorten(self, approval: Approval) -> None:
        """Twice it is done once: the entry names the request."""
        asked, second = approval.asked, approval.second
        before, after = read(asked.details["from"]), read(asked.details["to"])
        approved = Approved(approval.id, second.name if second else "")
        await self._book.change(approval.by, before, after, asked.reason, approved)

    async def _decides(self, by: Officer) -> bool:
        if by.role != "administrator":
            return False
        top = [one for one in await self._store.offices() if not one.superior]
        return not by.office.superior and (by.office.intake or len(top) == 1)


async def foresee(book: RetentionBook, kept: AllKept, years: Mapping[str, int]) -> Sequence[RetentionEffect]:
    """For the page and for the command line."""
    rule, bounds = await book.rule(), await book.bounds()
    changed = {kind: n for kind, n in years.items() if n != rule.periods.get(kind)}
    if any(kind not in KINDS or not bounds.holds(kind, n) for kind, n in changed.items()):
        raise Refused("beyond_limits", 409)
    wanted = {**rule.periods, **changed}
    return reckon_change(await kept(set(changed)), book.as_retention(rule), book.would_be(rule, wanted), wanted)


def written(years: Mapping[str, int]) -> str:
    """As details of a request have it: `settled=2,ended=1`."""
    return ",".join(f"{kind}={n}" for kind, n in years.items())


def read(text: str) -> dict[str, int]:
    pairs = (one.split("=", 1) for one in text.split(",") if one)
    return {kind: int(n) for kind, n in pairs}


def shown(entries: Sequence[Event]) -> Sequence[RetentionChange]:
    """`entries`: newest first, and so are these."""
    found, rule = [], fold([])
    for entry in reversed(entries):
        before, rule = rule, evolve(rule, entry)
        changed = [kind for kind in KINDS if before.periods[kind] != rule.periods[kind]]
        data = entry.data if entry.type == CHANGED else {}
        found.append(
            RetentionChange(
                entry.version,
                entry.at,
                entry.actor.name,
                entry.actor.kind != "officer",
                {kind: before.periods[kind] for kind in changed} if before.version else {},
                {kind: rule.periods[kind] for kind in changed},
                data.get("reason", ""),
                data.get("approval", ""),
                data.get("second", ""),
            )
        )
    return found[::-1]


def all_kept(database: Database, files: FileErasures) -> AllKept:
    """Everything that a rule's years keep: records by their journals, files of cases by what keeps those."""

    async def kept(kinds: Collection[str]) -> Sequence[KeptRecord]:
        outcomes = set(kinds) & set(OUTCOMES)
        records = await retained(database, outcomes) if outcomes else ()
        found = [KeptRecord(one.outcome, one.closed, tuple(one.texts.values()), one.held) for one in records]
        for kind, standing in await files.kept(kinds):
            if standing.end is not None:
                found.append(KeptRecord(kind, standing.end, (standing.told,), standing.held))
        return found

    return kept
