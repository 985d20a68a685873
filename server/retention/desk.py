"""An administrator's hand on the years: more at once, fewer with a second person. Implements `RetentionDesk`.

What lengthens destroys nothing and never exceeds what people were told; what shortens cannot be taken back once the
job has come by, so it waits for a yes. `server.retention.book` writes it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Final

from journal import Event
from rooms.record.retention import Retention
from server.oversight.approval import Approval
from server.oversight.desk import Approvals
from server.retention.book import Approved, RetentionBook
from server.retention.periods import CHANGED, KINDS, LONGEST, evolve, fold
from server.retention.reckoning import Kept, reckon
from server.storage.identity_store import IdentityStore
from web.ports import Officer, Refused
from web.ports.oversight import Wish
from web.ports.retention import Effect, Period, RetentionChange, RetentionTable

KIND: Final = "retention"
SUBJECT: Final = "installation"

AllKept = Callable[[Collection[str]], Awaitable[Sequence[Kept]]]
"""Everything that is kept by a rule of one of these kinds."""


class Desk:
    def __init__(
        self,
        book: RetentionBook,
        approvals: Approvals,
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
        periods = [
            Period(kind, rule.periods[kind], bounds.least[kind], bounds.most[kind], said[kind]) for kind in KINDS
        ]
        waits = await self._approvals.waiting(KIND, SUBJECT)
        return RetentionTable(rule.version, periods, changes, waits, await self._decides(by))

    async def foresee(self, by: Officer, years: Mapping[str, int]) -> Sequence[Effect]:
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
        return await self._approvals.ask(by, token, Wish(KIND, SUBJECT, by.office.short, reason, details))

    async def _shorten(self, approval: Approval) -> None:
        """Twice it is done once: the entry names the request."""
        asked, second = approval.asked, approval.second
        before, after = read(asked.details["from"]), read(asked.details["to"])
        approved = Approved(approval.id, second.name if second else "")
        await self._book.change(approval.by, before, after, asked.reason, approved)

    async def _decides(self, by: Officer) -> bool:
        if by.role != "administrator":
            return False
        return by.office.intake or len(await self._store.offices()) == 1


async def foresee(book: RetentionBook, kept: AllKept, years: Mapping[str, int]) -> Sequence[Effect]:
    """For the page and for the command line."""
    rule, bounds = await book.rule(), await book.bounds()
    changed = {kind: n for kind, n in years.items() if n != rule.periods.get(kind)}
    if any(kind not in KINDS or not bounds.holds(kind, n) for kind, n in changed.items()):
        raise Refused("beyond_limits", 409)
    wanted = {**rule.periods, **changed}
    return reckon(await kept(set(changed)), book.as_retention(rule), book.would_be(rule, wanted), wanted)


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
