"""Who may do what: every role in every office, one of them to change, who oversees which office, what was changed."""

from __future__ import annotations

from typing import Final, get_args

from aiohttp import web

from offices.people import OfficerRole
from offices.refusal import Refused
from web import cookies, i18n
from web.i18n import N_
from web.office.forms import Form
from web.office.pages import officer_in, posted, show
from web.office.words import OFFICER_ROLES
from web.oversight import words
from web.oversight.services import ACCESS
from web.permissions import PERMISSIONS, most
from web.rendering import go
from web.security import access_map, officer_page

ROLES: Final[tuple[OfficerRole, ...]] = get_args(OfficerRole)


@officer_page("administrator")
async def table(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


@officer_page("administrator")
async def change(request: web.Request) -> web.StreamResponse:
    office, role = request.match_info["office"], _role(request)
    form = await posted(request)
    reason = form.text("reason", needed=True, longest=500)
    if not form.good:
        return await _page(request, form, 422, f"{office}/{role}")
    allowed = [name.removeprefix("may_") for name in form.values if name.startswith("may_")]
    waits = await request.app[ACCESS].set(officer_in(request), _token(request), office, role, allowed, reason)
    return go(f"/approvals/{waits}" if waits else f"/access?cell={office}/{role}#cell")


@officer_page("administrator")
async def oversee(request: web.Request) -> web.StreamResponse:
    supervisor, form = request.match_info["supervisor"], await posted(request)
    reason = form.text("reason", needed=True, longest=500)
    if not form.good:
        return await _page(request, form, 422, overseer=supervisor)
    offices = [name.removeprefix("office_") for name in form.values if name.startswith("office_")]
    waits = await request.app[ACCESS].oversee(officer_in(request), _token(request), supervisor, offices, reason)
    return go(f"/approvals/{waits}" if waits else "/access#overseers")


@officer_page("administrator")
async def undo(request: web.Request) -> web.StreamResponse:
    text = request.match_info["number"]
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused("not_found", 404)
    reason = i18n.words(request).gettext(N_("Change no. %(number)s undone"), number=int(text))
    waits = await request.app[ACCESS].undo(officer_in(request), _token(request), int(text), reason)
    return go(f"/approvals/{waits}" if waits else "/access#changes")


async def _page(
    request: web.Request, form: Form, status: int = 200, cell: str = "", overseer: str = ""
) -> web.Response:
    officer = officer_in(request)
    found = await request.app[ACCESS].table(officer)
    could = most((path, one.roles) for (_, path), one in access_map(request.app).items() if one.who == "officer")
    office, _, role = (cell or request.query.get("cell", "")).partition("/")
    chosen = next((one for one in found.offices if one.id == office and role in ROLES), None)
    overseer = overseer or request.query.get("overseer", "")
    return show(
        request,
        "oversight/access.html",
        "access",
        status,
        found=found,
        could={one: could.get(one, frozenset()) for one in ROLES},
        permissions=PERMISSIONS,
        words=words,
        roles=OFFICER_ROLES,
        chosen=chosen,
        role=role,
        overseer=next((one for one in found.overseers if one.officer.id == overseer), None),
        shorts={one.id: one.short for one in found.offices},
        bureau=officer.office.intake,
        form=form,
    )


def _role(request: web.Request) -> OfficerRole:
    for role in ROLES:
        if role == request.match_info["role"]:
            return role
    raise Refused("not_found", 404)


def _token(request: web.Request) -> str:
    return cookies.read(request, cookies.OFFICER)
