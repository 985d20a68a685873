"""Dashboards and how mediation goes, counted from daily sums; maps that offices supplied lie in the data folder."""

from __future__ import annotations

from aiohttp import web

from server.assembly.parts import Parts, utc_now
from server.map_desk import MapDesk
from server.maps import Maps
from server.storage.boards import SqlDashboards
from web.ports.dashboards import DASHBOARDS
from web.ports.maps import MAPS


def install(app: web.Application, parts: Parts) -> None:
    app[MAPS] = MapDesk(parts.journal, Maps(parts.settings.data / "maps", parts.settings.reserve()), utc_now)
    app[DASHBOARDS] = SqlDashboards(parts.database, parts.settings.data / "maps", parts.settings.notice_fonts)
