"""Other systems: what they may read and write, and what they are told."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web

from server.assembly.parts import Parts, utc_now
from server.assembly.running import until_stopped
from server.hooks import Hooks
from server.storage.hook_store import HookStore
from server.storage.system_store import SystemStore
from server.systems import Systems
from web.ports import (
    HOOKS,
    SYSTEMS,
)


def install(app: web.Application, parts: Parts) -> None:
    app[SYSTEMS] = systems = Systems(
        SystemStore(parts.database),
        parts.store,
        parts.complaints,
        parts.desk,
        parts.journal,
        utc_now,
        parts.officers.standing,
        lambda office, role: parts.officers.withheld(office, role),  # set where oversight is put together
    )

    async def last_days(_app: web.Application) -> AsyncIterator[None]:
        await systems.give_last_days()
        yield

    app.cleanup_ctx.append(last_days)
    app[HOOKS] = hooks = Hooks(HookStore(parts.database), parts.seal, parts.settings.hook_origins, utc_now)
    app.cleanup_ctx.append(until_stopped(hooks.deliver))
