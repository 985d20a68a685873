"""Supervision: plans drawn when their week begins, reviews, practice, reports."""

from __future__ import annotations

from aiohttp import web

from server.assembly.parts import Parts, utc_now
from server.assembly.running import until_stopped
from server.supervision.desk import SupervisionDesk
from server.supervision.planning import Planning
from server.supervision.practice import Practices
from server.supervision.printing import ReportPrinter
from server.supervision.reporting import Reports
from web.ports import REPORT_PRESS, SUPERVISION


def install(app: web.Application, parts: Parts) -> None:
    planning = Planning(parts.database, parts.journal, parts.store, utc_now)
    reports = Reports(parts.database, parts.journal, planning, utc_now)
    practices = Practices(parts.database, utc_now)
    app[SUPERVISION] = SupervisionDesk(parts.database, parts.journal, planning, reports, practices, utc_now)
    app[REPORT_PRESS] = ReportPrinter(parts.settings.notice_fonts)
    app.cleanup_ctx.append(until_stopped(planning.run))
