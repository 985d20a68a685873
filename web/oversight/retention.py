"""How many years records and files are kept: why so many, what a change would make due, and asking for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from offices.oversight import RetentionTable
from web import cookies
from web.office import words as office_words
from web.office.forms import BAD_CHOICE, NEEDED, Form
from web.office.pages import officer_in, posted, show
from web.oversight import words
from web.oversight.services import RETENTION
from web.rendering import go
from web.security import officer_page

LONGEST: Final = 500
NAMES: Final = {**office_words.OUTCOMES, **words.KEPT_BESIDES}
"""Of kinds."""


@officer_page("supervisor", "administrator")
async def table(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


@officer_page("administrator")
async def change(request: web.Request) -> web.StreamResponse:
    """The first time it only says what would come of it; then, with a reason, it is done or asked for."""
    officer, form, desk = officer_in(request), await posted(request), request.app[RETENTION]
    found = await desk.table(officer)
    years = {one.kind: _years(form, one.kind, one.years) for one in found.periods}
    if not form.good:
        return await _page(request, form, 422)
    wanted = {one.kind: years[one.kind] for one in found.periods if years[one.kind] != one.years}
    if not wanted:
        return go("/retention")
    if "sure" not in form.values:
        return await _sure(request, form, found, wanted)
    reason = form.text("reason", longest=LONGEST)
    if not reason:
        form.errors["reason"] = NEEDED
    if not form.good:
        return await _sure(request, form, found, wanted, 422)
    token = cookies.read(request, cookies.OFFICER)
    waits = await desk.change(officer, token, _number(form), wanted, reason)
    return go(f"/approvals/{waits}" if waits else "/retention#changes")


async def _sure(
    request: web.Request, form: Form, found: RetentionTable, wanted: Mapping[str, int], status: int = 200
) -> web.Response:
    effects = await request.app[RETENTION].foresee(officer_in(request), wanted)
    fewer = [one for one in effects if one.after < one.before]
    return show(
        request,
        "oversight/retention_sure.html",
        "retention",
        status,
        number=form.values.get("number", str(found.number)),
        wanted=wanted,
        effects=effects,
        fewer=bool(fewer),
        more=len(fewer) < len(effects),
        names=NAMES,
        form=form,
    )


async def _page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    found = await request.app[RETENTION].table(officer_in(request))
    return show(
        request, "oversight/retention.html", "retention", status, found=found, names=NAMES, words=words, form=form
    )


def _years(form: Form, kind: str, otherwise: int) -> int:
    """What is not in the form stays as it is."""
    text = form.values.get(kind, "").strip()
    if not text and kind not in form.values:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        form.errors[kind] = BAD_CHOICE
        return otherwise
    return int(text)


def _number(form: Form) -> int:
    text = form.values.get("number", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
