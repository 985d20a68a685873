"""`/public`: what the offices publish, for anybody: warnings to consumers, each as a page and as PDF."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web

from web.downloads import PDF, attached
from web.ports import Refused
from web.ports.warnings import WARNINGS, PublicWarning
from web.rendering import render
from web.security import anyone

ID: Final = re.compile(r"[0-9a-z-]{1,64}")


@anyone
async def listing(request: web.Request) -> web.StreamResponse:
    return render(request, "insight/public.html", warnings=await request.app[WARNINGS].public())


@anyone
async def warning(request: web.Request) -> web.StreamResponse:
    """What was withdrawn says so and has no words any more: 410."""
    found = await _found(request)
    return render(request, "insight/public_warning.html", 410 if found.withdrawn else 200, warning=found)


@anyone
async def file(request: web.Request) -> web.StreamResponse:
    found = await _found(request)
    if found.withdrawn:
        raise Refused("not_found", 404)
    body = await request.app[WARNINGS].printed(found)
    return attached(body, PDF, f"yuntiao-warning-{found.published:%Y-%m-%d}-{found.digest[:8]}.pdf")


async def _found(request: web.Request) -> PublicWarning:
    id_ = request.match_info["warning"]
    if not ID.fullmatch(id_):
        raise Refused("not_found", 404)
    return await request.app[WARNINGS].published(id_)
