"""Officers whom messages are for and who never said where to: asked once, on the page they begin with."""

from __future__ import annotations

from aiohttp import web

from offices.people import OfficerRole
from web.accounts.services import OFFICER_PHONES
from web.office.pages import officer_in, posted
from web.rendering import go
from web.security import local_path, officer_page

TOLD: tuple[OfficerRole, ...] = ("mediator", "supervisor")
"""Roles that messages about promises go to."""


async def phone_asked(request: web.Request) -> bool:
    """Whether the page asks (`office/phone_asked.html`)."""
    officer = officer_in(request)
    return officer.role in TOLD and await request.app[OFFICER_PHONES].asks(officer)


@officer_page(*TOLD)
async def without(request: web.Request) -> web.StreamResponse:
    """They do without messages, and are not asked again."""
    form = await posted(request)
    await request.app[OFFICER_PHONES].decline(officer_in(request))
    return go(local_path(form.text("back"), "/"))
