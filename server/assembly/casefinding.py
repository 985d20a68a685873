"""Finding typical cases, and the year's book of them."""

from __future__ import annotations

from aiohttp import web

from casebook import prefaces
from casebook.notes import NoteService
from server.assembly.parts import Parts, utc_now
from server.yearbook.making import Compendium
from server.yearbook.printing import BookPress
from web.ports.case_search import CASE_FINDER, COMPENDIUM


def install(app: web.Application, parts: Parts) -> None:
    app[CASE_FINDER] = parts.case_finder
    app[COMPENDIUM] = Compendium(parts.database, NoteService(parts.journal, utc_now, prefaces.stream), BookPress())
