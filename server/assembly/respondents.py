"""Profiles of businesses."""

from __future__ import annotations

from aiohttp import web

from server.assembly.parts import Parts, utc_now
from server.respondent_desk import RespondentDesk
from web.ports import RESPONDENTS


def install(app: web.Application, parts: Parts) -> None:
    app[RESPONDENTS] = RespondentDesk(parts.database, parts.journal, utc_now)
