"""What stands as evidence: the log, recordings, copies, packages and how long all is kept."""

from __future__ import annotations

from aiohttp import web

from server.assembly.parts import Parts
from web.ports import (
    COPIES,
    EXPORTS,
    LOG,
    SHELF,
)


def install(app: web.Application, parts: Parts) -> None:
    app[LOG] = parts.log.published
    app[SHELF] = parts.shelf
    app[COPIES] = parts.copies
    app[EXPORTS] = parts.exports
