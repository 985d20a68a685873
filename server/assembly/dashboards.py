"""Dashboards and how mediation goes, counted from daily sums; maps that offices supplied lie in the data folder."""

from __future__ import annotations

from aiohttp import web

from server.assembly.parts import Parts
from server.storage.boards import SqlDashboards
from web.ports.dashboards import DASHBOARDS


def install(app: web.Application, parts: Parts) -> None:
    app[DASHBOARDS] = SqlDashboards(parts.database, parts.settings.data / "maps", parts.settings.notice_fonts)
