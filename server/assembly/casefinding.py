"""Finding typical cases, and the year's book of them."""

from __future__ import annotations

from aiohttp import web

from server.assembly.parts import Parts
from server.yearbook.making import Compendium
from server.yearbook.printing import BookPress
from web.ports.case_search import CASE_FINDER, COMPENDIUM


def install(app: web.Application, parts: Parts) -> None:
    app[CASE_FINDER] = parts.case_finder
    app[COMPENDIUM] = Compendium(parts.database, BookPress())
