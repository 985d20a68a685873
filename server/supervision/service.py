"""Supervision as pages ask for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from journal import Draft, Event, append_decided
from journal.refusals import DomainError, Refused
from offices import Office, Officer, OfficeTree
from rooms import supervision
from rooms.events import HeldElsewhere, history, plain, stream as session_stream
from rooms.supervision import (
    PassedRow,
    PlanPage,
    Practice,
    QuarterlyReport,
    ReviewFilter,
    ReviewList,
    ReviewPage,
    SupervisorDesk,
    drawing,
    reviewing,
)
from rooms.supervision.drawing import RuleEdition, SamplingRule
from rooms.supervision.reviews import ReviewOpened, fold, review_stream
from rooms.views import SessionRow
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.supervision.plan_store import plan_heads, plan_of
from server.supervision.reports import PlanScheduler, Practices, QuarterReportService
from server.supervision.store import ReviewDrafts, SupervisionReads

_STATUS: Final[Mapping[str, int]] = {"not_allowed": 403, "wrong_state": 409, "unanswered": 409, "nothing_to_undo": 409}


@contextmanager
def supervision_refusal() -> Iterator[None]:
    """Say refusals of supervision in the words pages know."""
    try:
        yield
    except Refused:
        raise
    except DomainError as no:
        raise Refused(no.code, _STATUS.get(no.code, 422), **no.params) from None


PER_PAGE: Final = 50
OFFICES_SHOWN: Final = 12  # whose plans stand on one page
MOST_DRAFT: Final = 2000
MOST_FIELDS: Final = 60


class SupervisionService:
    """Implements `Supervision`; who may see what is decided here."""

    def __init__(
        self,
        database: Database,
        journal: SqlJournal,
        planning: PlanScheduler,
        reports: QuarterReportService,
        practices: Practices,
        now: Callable[[], datetime],
    ) -> None:
        self._journal, self._planning, self._now, self._database = journal, planning, now, database
        self._reads, self._drafts = SupervisionReads(database), ReviewDrafts(database)
        self._reports, self._practices = reports, practices

    # ------------------------------------------------------------ plans

    async def monday(self, officer: Officer, office: str = "", page: int = 1) -> SupervisorDesk:
        """Of their own office and those they oversee by name; of `office` instead, one of those below."""
        seen = await self._reads.offices(officer)
        tree, own = OfficeTree(seen), officer.office.id
        at = await self._reads.office(officer, office) if office else None
        under = set(tree.within(own)) - {own}
        shown = [at] if at is not None else [one for one in seen if one.id not in under]
        pages = max(1, -(-len(shown) // OFFICES_SHOWN))
        begins = (min(max(page, 1), pages) - 1) * OFFICES_SHOWN
        here = shown[begins : begins + OFFICES_SHOWN]
        made = await self._planning.make(here)
        found = await self._plans([(one, made[one.id]) for one in here if made[one.id]])
        without = [one for one in here if not made[one.id]]
        period = self._planning.period(officer.office)
        now, ids = {(one.office.id, one.made.period) for one in found}, [one.id for one in shown]
        replied, opinions = await self._reads.waiting(officer.id, [one.id for one in seen])
        left, done = await self._reads.standing(ids, period)
        return SupervisorDesk(
            period,
            left,
            done,
            pages,
            found,
            without,
            [one for one in await self._reads.plans(ids) if (one.office, one.period) not in now],
            replied,
            opinions,
            await self._reads.live(tree.within(at.id) if at is not None else [one.id for one in seen]),
            at,
            [one for one in reversed(tree.above(at.id)) if one.id in {own, *under}] if at is not None else [],
            await self._reads.sums(tree, at.id if at is not None else own, period),
        )

    async def plan(self, officer: Officer, office: str, period: str) -> PlanPage:
        (found,) = await self._plans([(await self._reads.office(officer, office), period)])
        return found

    async def _plans(self, wanted: Sequence[tuple[Office, str]]) -> list[PlanPage]:
        """Of several offices as fast as of one."""
        which, found = [(office.id, period) for office, period in wanted], list[PlanPage]()
        told, places = await plan_heads(self._database, which), await self._reads.places(which)
        editions = await self._planning.editions([office.id for office, _ in wanted])
        for office, period in wanted:
            plan = supervision.fold(told.get((office.id, period), []))
            if plan is None:
                raise Refused("not_found", 404)
            edition = RuleEdition(plan.made.edition, drawing.rule_of(plan.made.rule))
            for known in editions[office.id]:
                edition = replace(known, rule=edition.rule) if known.number == edition.number else edition
            found.append(PlanPage(office, plan.made, plan.at, edition, places.get((office.id, period), [])))
        return found

    async def passed(
        self, officer: Officer, office: str, period: str, page: int
    ) -> tuple[Sequence[PassedRow], int, Mapping[str, int]]:
        await self._reads.office(officer, office)
        everybody = supervision.every_candidate(await plan_of(self._database, office, period))
        at = (max(1, page) - 1) * PER_PAGE
        some = everybody[at : at + PER_PAGE]
        rows = await self._reads.sessions([one.session for one, _ in some])
        found = [
            PassedRow(
                one.session, row.number, row.mediator, str(told["why"]), tuple(told["spoke"]), str(told["ticket"])
            )
            for one, told in some
            if (row := rows.get(one.session)) is not None
        ]
        why = Counter(str(told["why"]) for _, told in everybody)
        return found, max(1, -(-len(everybody) // PER_PAGE)), why

    async def published(self, officer: Officer, office: str, period: str) -> Mapping[str, Any]:
        await self._reads.office(officer, office)
        entries = await plan_of(self._database, office, period)
        if not entries:
            raise Refused("not_found", 404)
        return supervision.published(entries)

    async def change_plan(self, officer: Officer, office: str, period: str, command: supervision.PlanCommand) -> None:
        await self._reads.office(officer, office)
        if isinstance(command, supervision.Add):
            row = await self._closed(officer, command.session)
            if row.office != office:
                raise Refused("not_found", 404)

        def decided(entries: list[Event]) -> list[Draft]:
            plan = supervision.fold(entries)
            if plan is None:
                raise Refused("not_found", 404)
            with supervision_refusal():
                events = supervision.decide(command, plan, officer.actor)
            return [supervision.draft(event, self._now(), officer.actor) for event in events]

        await append_decided(self._journal, supervision.plan_stream(office, period), decided)

    async def editions(self, officer: Officer, office: str) -> Sequence[RuleEdition]:
        await self._reads.office(officer, office)
        return (await self._planning.editions([office]))[office]

    async def choose_rule(self, officer: Officer, office: str, rule: SamplingRule, reason: str) -> None:
        await self._reads.office(officer, office)

        def decided(entries: list[Event]) -> list[Draft]:
            known = drawing.rule_editions(entries)
            with supervision_refusal():
                data = drawing.choose_rule(known[-1].rule, rule, reason, officer.actor)
            return [] if data is None else [Draft(drawing.CHOSEN, data, self._now(), officer.actor)]

        await append_decided(self._journal, drawing.rule_stream(office), decided)

    async def offices(self, officer: Officer) -> Sequence[Office]:
        return await self._reads.offices(officer)

    # ------------------------------------------------------------ reviews

    async def reviews(self, officer: Officer, wanted: ReviewFilter) -> ReviewList:
        return await self._reads.reviews(officer, wanted)

    async def review(self, officer: Officer, session: str) -> ReviewPage:
        row = await self._reads.session(officer, session)
        entries = await self._journal.read(review_stream(session))
        review = fold(entries)
        if officer.role != "supervisor":
            if review is None or review.opened.mediator != officer.id or review.state == "open":
                raise Refused("not_found", 404)
            return ReviewPage(row, review, entries)
        told = history(await self._journal.read(session_stream(session)))
        return ReviewPage(
            row,
            review,
            entries,
            await self._drafts.of(session, officer.id),
            await self._reads.colleagues(row.office, officer.id),
            reviewing.checklist_pointers(told),
        )

    async def open_review(self, officer: Officer, session: str) -> None:
        row = await self._closed(officer, session)
        period = await self._reads.drawn_in(session)
        told = history(await self._journal.read(session_stream(session)))
        opened = ReviewOpened(
            session,
            row.office,
            row.number,
            row.ordinal,
            row.mediator_id,
            row.outcome,
            period,
            reviewing.checklist_items(row.outcome, any(isinstance(one.event, HeldElsewhere) for one in told)),
            reviewing.EDITION,
        )
        await self._submit(officer, session, reviewing.OpenReview(opened))

    async def ask(self, officer: Officer, session: str, command: reviewing.ReviewCommand) -> None:
        row = await self._reads.session(officer, session)
        if isinstance(command, reviewing.AskOpinion):
            names = dict(await self._reads.colleagues(row.office, officer.id))
            if command.of not in names:
                raise Refused("bad_choice", 422, field="of")
            command = replace(command, name=names[command.of])
        await self._submit(officer, session, command)

    async def _submit(self, officer: Officer, session: str, command: reviewing.ReviewCommand) -> None:
        def decided(entries: list[Event]) -> list[Draft]:
            with supervision_refusal():
                events = reviewing.decide(command, fold(entries), officer.actor)
            return [Draft(type(event).__name__, plain(event), self._now(), officer.actor) for event in events]

        await append_decided(self._journal, review_stream(session), decided)

    async def keep_draft(self, officer: Officer, session: str, changes: Mapping[str, str]) -> None:
        await self._reads.session(officer, session)
        kept = await self._drafts.of(session, officer.id)
        if len({*kept, *changes}) > MOST_FIELDS or any(len(name) > 64 for name in changes):
            raise Refused("bad_choice", 422)
        if any(len(text) > MOST_DRAFT for text in changes.values()):
            raise Refused("too_long", 422, most=MOST_DRAFT)
        await self._drafts.keep(session, officer.id, changes, self._now())

    async def _closed(self, officer: Officer, session: str) -> SessionRow:
        """A mediation whose record can be looked at. Refused: not_found, not_closed."""
        row = await self._reads.session(officer, session)
        if row.status != "closed":
            raise Refused("not_closed", 409)
        return row

    # ------------------------------------------------------------ practice and report

    async def practice(self, officer: Officer) -> Practice:
        return await self._practices.of(officer, await self._reads.of_mediator(officer.id, officer.office.id))

    async def report(self, officer: Officer, office: str, quarter: str) -> QuarterlyReport:
        return await self._reports.report(await self._reads.office(officer, office), quarter)

    async def data_set(self, officer: Officer, office: str, quarter: str) -> Sequence[Mapping[str, Any]]:
        return await self._reports.data_set(await self._reads.office(officer, office), quarter)
