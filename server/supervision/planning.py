"""Draws each office's plan when its week begins, or as soon afterwards as the program runs.

The seed is the hash of the last checkpoint signed before the week began; the candidates are those that closed up to
it. So the draw is settled before anybody can look at it, and asking again yields the plan there is.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from journal import SYSTEM, Conflict
from journal.notes import checkpoint_of, split
from offices.people import Office
from rooms.supervision import drawing, plans
from rooms.supervision.drawing import RuleEdition, draw, seed_of
from rooms.supervision.plans import PlanMade, begins, monday, week_of
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.identity.store import IdentityStore
from server.supervision.plan_store import candidates, last_plan, measure_missing, newest_checkpoint

log = structlog.get_logger(__name__)

WEEK: Final = timedelta(days=7)
EVERY: Final = timedelta(minutes=5)


class PlanScheduler:
    """The one writer of plan streams' beginnings."""

    def __init__(
        self, database: Database, journal: SqlJournal, offices: IdentityStore, now: Callable[[], datetime]
    ) -> None:
        self._database, self._journal, self._offices, self._now = database, journal, offices, now

    async def run(self) -> None:
        """Until cancelled. No fault ends it: the next turn tries again."""
        while True:
            try:
                left = 1
                while left:
                    left = await measure_missing(self._database)
                for office in await self._offices.offices():
                    await self.make(office)
            except Exception as fault:
                log.error("a plan could not be drawn", why=f"{type(fault).__name__}: {fault}")
            await asyncio.sleep(EVERY.total_seconds())

    def period(self, office: Office) -> str:
        return week_of(self._now().astimezone(ZoneInfo(office.zone)).date())

    async def make(self, office: Office) -> str:
        """The period of the plan that is in force; "" when nothing was signed before it began."""
        period = self.period(office)
        last = await last_plan(self._database, office.id)
        if last is not None and last.period >= period:
            return last.period
        first = monday(period)
        assert first is not None
        start = begins(first, office.zone)
        stored = await newest_checkpoint(self._database, start)
        if stored is None:
            return ""
        checkpoint = checkpoint_of(split(stored.note)[0])
        since = last.until if last is not None else start - WEEK
        until = max(since, stored.made)
        edition = drawing.rule_in_force(await self.editions(office.id), since)
        among = await candidates(self._database, office.id, since, until, edition.rule)
        seed = seed_of(office.id, period, checkpoint.size, checkpoint.root)
        drawn = await asyncio.to_thread(draw, among, edition.rule, seed)
        made = PlanMade(
            office.id,
            period,
            since,
            until,
            checkpoint.origin,
            checkpoint.size,
            base64.b64encode(checkpoint.root).decode(),
            seed,
            edition.number,
            drawing.plain_rule(edition.rule),
            sum(one.fresh for one in among),
            len(drawn.chosen),
        )
        at = self._now()
        drafts = [plans.draft(event, at, SYSTEM) for event in plans.first_events(made, drawn)]
        try:
            await self._journal.append(plans.plan_stream(office.id, period), 0, drafts)
        except Conflict:
            return period  # drawn meanwhile, from the same
        log.info("a plan was drawn", office=office.id, period=period, drawn=made.drawn, of=made.population)
        return period

    async def editions(self, office: str) -> Sequence[RuleEdition]:
        return drawing.rule_editions(await self._journal.read(drawing.rule_stream(office)))
