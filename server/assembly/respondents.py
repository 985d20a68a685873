"""Profiles of businesses."""

from __future__ import annotations

from aiohttp import web

from server.assembly.parts import Parts
from server.storage.respondents import SqlRespondents
from web.ports import RESPONDENTS


def install(app: web.Application, parts: Parts) -> None:
    app[RESPONDENTS] = SqlRespondents(parts.database)
