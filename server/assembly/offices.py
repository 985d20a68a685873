"""Who works here and where: officers, offices, their holidays and areas, and what is counted of them."""

from __future__ import annotations

import secrets

from aiohttp import web

from server.assembly.parts import Parts, utc_now
from server.holidays import Holidays
from server.jurisdictions import OfficeAreas
from server.office_register import OfficeRegister
from server.storage.statistics import SqlStatistics
from web.ports import (
    HOLIDAYS,
    IDENTITY,
    JURISDICTIONS,
    OFFICES,
    OUTBOX,
    READS,
    SETUP_SECRET,
    STATISTICS,
)


def install(app: web.Application, parts: Parts) -> None:
    app[IDENTITY] = parts.officers
    app[SETUP_SECRET] = secrets.token_urlsafe(12)
    app[OFFICES] = OfficeRegister(parts.store, parts.journal, utc_now)
    app[HOLIDAYS] = Holidays(parts.database, parts.journal, utc_now)
    app[JURISDICTIONS] = OfficeAreas(parts.journal, utc_now)
    app[READS] = parts.reads
    app[STATISTICS] = SqlStatistics(parts.database)
    app[OUTBOX] = parts.outbox
