"""Other systems: what they may read and write, and what they are told."""

from __future__ import annotations

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
    app[SYSTEMS] = Systems(
        SystemStore(parts.database),
        parts.store,
        parts.complaints,
        parts.desk,
        parts.journal,
        utc_now,
        parts.officers.standing,
    )
    app[HOOKS] = hooks = Hooks(HookStore(parts.database), parts.seal, parts.settings.hook_origins, utc_now)
    app.cleanup_ctx.append(until_stopped(hooks.deliver))
