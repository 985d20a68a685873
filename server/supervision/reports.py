"""The week's draw of each office's plan, the quarter's report (values, rows, PDF/A), and a mediator's figures beside
others'.

A plan is drawn when its week begins, or as soon afterwards as the program runs. The seed is the hash of the last
checkpoint signed before; the candidates are those that closed up to it. So the draw is settled before anybody can
look at it, and asking again yields the plan there is.

A mediator's own figures stand beside the middle half of comparable ones, never a list of people: what others of the
office mediated in the same time about the same kind of problem. With fewer than `FEWEST` others, or fewer than
`ENOUGH` mediations of theirs, there is no range: it would say who they are.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog
import typst

from journal import SYSTEM, Conflict
from journal.notes import checkpoint_of, split
from journal.refusals import Refused
from offices import Office, Officer
from rooms import supervision
from rooms.supervision import (
    PlanMade,
    Practice,
    PracticeRange,
    QuarterlyReport,
    ReportFinding,
    ReviewRow,
    begins,
    drawing,
    monday,
    quarter_days,
    week_of,
)
from rooms.supervision.drawing import RuleEdition, draw, seed_of
from rooms.supervision.reviews import Review, fold, review_stream
from server.db.engine import Database
from server.db.journal import SqlJournal, streams_events
from server.documents import STANDARDS, PdfRenderer, each_text
from server.identity.store import IdentityStore
from server.supervision.plan_store import (
    ClosedMediation,
    Last,
    candidates,
    closed_between,
    held,
    last_plans,
    measure_missing,
    newest_checkpoint,
    numbers_of,
    own_sessions,
    plan_of,
    plans_between,
    reviewed_between,
    rows_between,
)

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
                await self.make(await self._offices.offices())
            except Exception as fault:
                log.error("a plan could not be drawn", why=f"{type(fault).__name__}: {fault}")
            await asyncio.sleep(EVERY.total_seconds())

    def period(self, office: Office) -> str:
        return week_of(self._now().astimezone(ZoneInfo(office.zone)).date())

    async def make(self, offices: Sequence[Office]) -> dict[str, str]:
        """Of each office the period of the plan that is in force; "" when nothing was signed before it began."""
        last = await last_plans(self._database, [one.id for one in offices])
        return {one.id: await self._make(one, last.get(one.id)) for one in offices}

    async def _make(self, office: Office, last: Last | None) -> str:
        period = self.period(office)
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
        edition = drawing.rule_in_force((await self.editions([office.id]))[office.id], since)
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
        drafts = [supervision.draft(event, at, SYSTEM) for event in supervision.first_events(made, drawn)]
        try:
            await self._journal.append(supervision.plan_stream(office.id, period), 0, drafts)
        except Conflict:
            return period  # drawn meanwhile, from the same
        log.info("a plan was drawn", office=office.id, period=period, drawn=made.drawn, of=made.population)
        return period

    async def editions(self, offices: Sequence[str]) -> dict[str, Sequence[RuleEdition]]:
        """Of each office, the first first."""
        async with self._database.read() as connection:
            told = await streams_events(connection, [drawing.rule_stream(one) for one in offices])
        return {one: drawing.rule_editions(told.get(drawing.rule_stream(one), [])) for one in offices}


BACK: Final = timedelta(days=182)
FEWEST: Final = 3
ENOUGH: Final = 20
SHOWN: Final = 30

Figure = Callable[[ClosedMediation], float | None]
PRACTICE_FIGURES: Final[dict[str, Figure]] = {
    "together": lambda one: one.together / 60_000,
    "private": lambda one: 100 * one.private / one.length if one.length else None,
    "lesser": lambda one: _lesser(one),
    "recovered": lambda one: 100 * one.settled / one.claimed if one.claimed and one.outcome == "settled" else None,
}
"""Minutes together; per cent of the time in private; the quieter side's per cent of what was said; of the claim."""


class Practices:
    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    async def of(self, officer: Officer, reviewed: Sequence[ReviewRow]) -> Practice:
        since = self._now() - BACK
        everybody = await held(self._database, officer.office.id, since)
        own = [one for one in everybody if one.mediator == officer.id]
        kinds = {one.problem for one in own}
        alike = [one for one in everybody if one.mediator != officer.id and one.problem in kinds]
        others = len({one.mediator for one in alike})
        shown = alike if others >= FEWEST and len(alike) >= ENOUGH else []
        ranges = {name: _range(own, shown, figure) for name, figure in PRACTICE_FIGURES.items()}
        ranges["settled"] = _shares(own, shown)
        return Practice(
            since.astimezone(ZoneInfo(officer.office.zone)).date(),
            await own_sessions(self._database, officer.id, officer.office.id, SHOWN),
            Counter(one.outcome for one in own),
            ranges,
            len(shown),
            others if shown else 0,
            reviewed,
            [one for one in reviewed if one.state == "replying"],
        )


def _lesser(one: ClosedMediation) -> float | None:
    spoken = one.consumer + one.business
    return 100 * min(one.consumer, one.business) / spoken if spoken >= 60_000 else None


def _range(own: Sequence[ClosedMediation], alike: Sequence[ClosedMediation], figure: Figure) -> PracticeRange:
    mine = sorted(value for one in own if (value := figure(one)) is not None)
    theirs = sorted(value for one in alike if (value := figure(one)) is not None)
    if len(theirs) < ENOUGH:
        return PracticeRange(_at(mine, 0.5), None, None, None)
    return PracticeRange(_at(mine, 0.5), _at(theirs, 0.25), _at(theirs, 0.5), _at(theirs, 0.75))


def _shares(own: Sequence[ClosedMediation], alike: Sequence[ClosedMediation]) -> PracticeRange:
    """Per cent settled: one's own, and the middle half of other mediators' shares."""
    theirs = sorted(
        100 * sum(one.outcome == "settled" for one in some) / len(some)
        for some in _by_mediator(alike).values()
        if len(some) >= 3
    )
    mine = 100 * sum(one.outcome == "settled" for one in own) / len(own) if own else None
    if len(theirs) < FEWEST:
        return PracticeRange(mine, None, None, None)
    return PracticeRange(mine, _at(theirs, 0.25), _at(theirs, 0.5), _at(theirs, 0.75))


def _by_mediator(some: Sequence[ClosedMediation]) -> dict[str, list[ClosedMediation]]:
    found: dict[str, list[ClosedMediation]] = {}
    for one in some:
        found.setdefault(one.mediator, []).append(one)
    return found


def _at(values: Sequence[float], share: float) -> float | None:
    """The value at this share of sorted ones, between two neighbours in proportion."""
    if not values:
        return None
    place = share * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)


def veiled(secret: str, id_: str) -> str:
    """An id that is the same throughout one export and leads nowhere."""
    return hashlib.sha256(f"{secret}\n{id_}".encode()).hexdigest()[:12]


FIGURES: Final = ("together", "length", "private", "consumer", "business", "lost")


class QuarterReportService:
    """The quarter's report: rule, seeds, draws, findings, remedies; and the same quarter as rows that name nobody."""

    def __init__(
        self, database: Database, journal: SqlJournal, planning: PlanScheduler, now: Callable[[], datetime]
    ) -> None:
        self._database, self._journal, self._planning, self._now = database, journal, planning, now

    async def report(self, office: Office, quarter: str) -> QuarterlyReport:
        """Refused: not_found, when it is none or has not begun."""
        since, until = self._span(office, quarter)
        first, last = since.astimezone(ZoneInfo(office.zone)).date(), until.astimezone(ZoneInfo(office.zone)).date()
        made, reasons, passed, aside = [], Counter[str](), Counter[str](), []
        for period in await plans_between(self._database, office.id, since, until):
            entries = await plan_of(self._database, office.id, period)
            plan = supervision.fold(entries)
            if plan is None:
                continue
            made.append(plan.made)
            reasons.update(reason for place in plan.places.values() for reason in place.reasons)
            passed.update(str(told["why"]) for _, told in supervision.every_candidate(entries))
            aside += [(place.session, place.aside) for place in plan.places.values() if place.aside]
        numbers = await numbers_of(self._database, [session for session, _ in aside])
        editions = (await self._planning.editions([office.id]))[office.id]
        used = {one.edition for one in made}
        states, findings = Counter[str](), []
        for session, mediator in await reviewed_between(self._database, office.id, since, until):
            review = fold(await self._journal.read(review_stream(session)))
            if review is not None:
                states[review.state] += 1
                findings += _findings(review, mediator)
        closed, recovered = await closed_between(self._database, office.id, since, until)
        return QuarterlyReport(
            office,
            quarter,
            first,
            last - timedelta(days=1),
            made,
            [one for one in editions if one.number in used] or editions[-1:],
            reasons,
            passed,
            [(numbers.get(session, session), reason) for session, reason in aside],
            states,
            findings,
            closed,
            recovered,
            self._now(),
        )

    async def data_set(self, office: Office, quarter: str) -> Sequence[dict[str, Any]]:
        since, until = self._span(office, quarter)
        secret = secrets.token_hex(16)  # thrown away: an id in one export is none in the next
        found = [
            {
                "mediation": veiled(secret, row["session"]),
                "mediator": veiled(secret, row["mediator"]),
                "business": veiled(secret, row["respondent"]) if row["respondent"] else "",
                "month": row["closed"].astimezone(ZoneInfo(office.zone)).strftime("%Y-%m"),
                "outcome": row["outcome"],
                "problem": row["problem_class"] or "",
                "industry": (row["industry_code"] or "")[:1],
                "claimed_yuan": _rounded(None if row["amount"] is None else int(row["amount"] * 100)),
                "settled_yuan": _rounded(row["settled"]),
                **{f"{name}_minutes": round(row[name] / 60_000) for name in FIGURES},
                "drawn_for": row["reasons"] or "",
                "review": row["review"] or "",
                "findings": row["findings"] or 0,
                "worst": row["worst"] or "",
            }
            for row in await rows_between(self._database, office.id, since, until)
        ]
        return sorted(found, key=lambda row: str(row["mediation"]))

    def _span(self, office: Office, quarter: str) -> tuple[datetime, datetime]:
        days = quarter_days(quarter)
        if days is None or begins(days[0], office.zone) > self._now():
            raise Refused("not_found", 404)
        return begins(days[0], office.zone), begins(days[1], office.zone)


def _rounded(fen: int | None) -> int | str:
    """To two figures: an exact sum of money finds its case again."""
    if fen is None:
        return ""
    yuan = fen // 100
    size = max(0, len(str(yuan)) - 2)
    return round(yuan, -size)


def _findings(review: Review, mediator: str) -> list[ReportFinding]:
    if review.state == "open":
        return []  # not handed on: nothing is found yet
    return [
        ReportFinding(
            review.opened.number,
            mediator,
            one.severity,
            one.item,
            one.text,
            one.remedy,
            one.accepted,
            one.reply,
            one.stands,
            one.done,
        )
        for one in review.findings
    ]


LAYOUT = Path(__file__).parent / "report.typ"


class ReportPrinter:
    """Prints the quarter's report as PDF/A with typst. What it says reaches the layout as data, not as markup."""

    def __init__(self, fonts: Path | None = None) -> None:
        self._press = PdfRenderer(fonts)

    def print(self, sheet: Mapping[str, Any]) -> bytes:
        font = self._press.font
        return typst.compile(
            str(LAYOUT),
            root=str(LAYOUT.parent),
            font_paths=font.fonts,
            ignore_system_fonts=True,
            sys_inputs={"font": font.family, "sheet": json.dumps(each_text(sheet, self._press.says))},
            pdf_standards=STANDARDS,  # type: ignore[arg-type]
        )
