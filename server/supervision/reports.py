"""The quarter's report as values, as rows and as PDF/A."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import typst

from offices.people import Office
from offices.refusal import Refused
from rooms.supervision import plans
from rooms.supervision.plans import begins, quarter_days
from rooms.supervision.reviews import Review, fold, review_stream
from rooms.supervision.views import QuarterlyReport, ReportFinding
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.documents.press import STANDARDS, PdfRenderer, each_text
from server.supervision.figure_store import (
    closed_between,
    numbers_of,
    plans_between,
    reviewed_between,
    rows_between,
)
from server.supervision.plan_store import plan_of
from server.supervision.planning import PlanScheduler
from server.supervision.practice import veiled

FIGURES: Final = ("together", "length", "private", "consumer", "business", "lost")


class Reports:
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
            plan = plans.fold(entries)
            if plan is None:
                continue
            made.append(plan.made)
            reasons.update(reason for place in plan.places.values() for reason in place.reasons)
            passed.update(str(told["why"]) for _, told in plans.every_candidate(entries))
            aside += [(place.session, place.aside) for place in plan.places.values() if place.aside]
        numbers = await numbers_of(self._database, [session for session, _ in aside])
        editions = await self._planning.editions(office.id)
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
