"""`/public`: what the offices publish, for anybody: warnings to consumers and bulletins, each as a page and as PDF."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web

from complaints.insight.papers import IssuedBulletin
from complaints.insight.views import PublicWarning
from offices.refusal import Refused
from web import i18n
from web.downloads import PDF, attached
from web.insight.bulletin_paper import TITLES
from web.insight.bulletins import asked
from web.insight.services import ISSUED, WARNINGS
from web.rendering import render
from web.security import anyone

ID: Final = re.compile(r"[0-9a-z-]{1,64}")


@anyone
async def listing(request: web.Request) -> web.StreamResponse:
    return render(
        request,
        "insight/public.html",
        warnings=await request.app[WARNINGS].public(),
        bulletins=await request.app[ISSUED].published(),
        titles=TITLES,
    )


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


@anyone
async def bulletin(request: web.Request) -> web.StreamResponse:
    found = await _bulletin(request)
    paper = None if found.withdrawn else await request.app[ISSUED].paper(found, i18n.language(request))
    status = 410 if found.withdrawn else 200
    return render(request, "insight/public_bulletin.html", status, issued=found, paper=paper)


@anyone
async def bulletin_file(request: web.Request) -> web.StreamResponse:
    found = await _bulletin(request)
    if found.withdrawn:
        raise Refused("not_found", 404)
    body = await request.app[ISSUED].print(found, i18n.language(request))
    return attached(body, PDF, f"yuntiao-bulletin-{found.number}-{found.edition}.pdf")


async def _bulletin(request: web.Request) -> IssuedBulletin:
    kind, period = asked(request.match_info["span"], request.match_info["first"])
    scope = request.match_info["scope"]
    if not ID.fullmatch(scope):
        raise Refused("not_found", 404)
    return await request.app[ISSUED].public(kind, period.first, scope)


async def _found(request: web.Request) -> PublicWarning:
    id_ = request.match_info["warning"]
    if not ID.fullmatch(id_):
        raise Refused("not_found", 404)
    return await request.app[WARNINGS].published(id_)
