"""What the program is connected to (`server.connections`): its adapters, each with the section it is said in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from server.app.parts import PARTS, Parts, until_stopped
from web.office.administration import CONNECTIONS
from web.services import REAL_NAMES


def install_connections(app: web.Application, parts: Parts) -> None:
    app[CONNECTIONS] = parts.connections
    app[REAL_NAMES] = parts.real_names
    app.cleanup_ctx.append(_keep)


async def _keep(app: web.Application) -> AsyncIterator[None]:
    connections = app[PARTS].connections
    async with asynccontextmanager(until_stopped(connections.keep))(app):
        yield
    await connections.flush()
