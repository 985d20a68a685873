"""The offices of the bureau: which there are, who dispatches to whom, and adding or renaming one."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from aiohttp import web

from complaints.notices.notice import KINDS, LONGEST, usual
from offices.people import MEDIATION_SEAL, Office
from offices.refusal import Refused
from web.administration.services import OFFICES
from web.i18n import N_
from web.office import notice_words
from web.office.forms import NEEDED, TOO_LONG, Form
from web.office.pages import officer_in, posted, show
from web.rendering import go
from web.security import officer_page

NEEDED_TEXTS: Final = ("name", "short", "phone")
OTHER_TEXTS: Final = {  # with the most characters
    "authority": 60,
    "address": 120,
    "signature": 20,
    "mediation_seal": 10,
}
SEALED: Final = N_("Agreements and records under seal")
BAD_WORDS: Final = N_("Not possible: other papers’ numbers begin with these words, or they hold more than letters.")
SAID: Final = {
    "missing": NEEDED,
    "too_long": TOO_LONG,
    "bad_choice": N_("Taken already, or not possible: small letters, digits and hyphens."),
}


@officer_page("administrator")
async def offices(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


@officer_page("administrator")
async def add(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    texts = {name: form.text(name, needed=True, longest=60) for name in ("id", "number_prefix")} | _texts(form)
    if form.good:
        try:
            await request.app[OFFICES].add(officer_in(request), Office(**texts, intake=_intake(form)))
        except Refused as no:
            if no.code not in SAID:
                raise
            form.errors[str(no.params.get("field", "id"))] = SAID[no.code]
    return go("/offices") if form.good else await _page(request, form, 422)


@officer_page("administrator")
async def change(request: web.Request) -> web.StreamResponse:
    form, which = await posted(request), request.match_info["which"]
    officer, desk = officer_in(request), request.app[OFFICES]
    known = next((one for one in await desk.offices(officer) if one.id == which), None)
    if known is None:
        raise Refused("not_found", 404)
    if not await desk.may_change(officer, known):  # whatever was typed
        raise Refused("not_allowed", 403)
    texts = _texts(form)
    if form.good:
        try:
            await desk.change(officer, replace(known, **texts, intake=_intake(form)))
        except Refused as no:
            if no.code not in SAID:
                raise
            form.errors[str(no.params.get("field", "name"))] = SAID[no.code]
    return go("/offices") if form.good else await _page(request, form, 422, which)


@officer_page("administrator")
async def number(request: web.Request) -> web.StreamResponse:
    """The words before the numbers of an office's papers."""
    form, which = await posted(request), request.match_info["which"]
    wanted = {kind: form.text(_named(kind), longest=LONGEST) for kind in KINDS}
    if form.good:
        try:
            await request.app[OFFICES].number(officer_in(request), which, wanted)
        except Refused as no:
            if no.code != "bad_choice":
                raise
            form.errors[_named(str(no.params.get("field", "")))] = BAD_WORDS
    return go(f"/offices?change={which}#series") if form.good else await _page(request, form, 422, which)


def _named(kind: str) -> str:
    return f"series_{kind}"


def _texts(form: Form) -> dict[str, str]:
    needed = {name: form.text(name, needed=True, longest=60) for name in NEEDED_TEXTS}
    return needed | {name: form.text(name, longest=most) for name, most in OTHER_TEXTS.items()}


def _intake(form: Form) -> bool:
    return form.values.get("intake") == "yes"


async def _page(request: web.Request, form: Form, status: int = 200, which: str = "") -> web.Response:
    officer, desk = officer_in(request), request.app[OFFICES]
    known = await desk.offices(officer)
    which = which or request.query.get("change", "")
    changeable = {one.id for one in known if await desk.may_change(officer, one)}
    changed = next((one for one in known if one.id == which and one.id in changeable), None)
    if changed is not None:
        # Of the two forms on the page one was posted, if any: the other shows what stands there.
        texts = {name: getattr(changed, name) for name in (*NEEDED_TEXTS, *OTHER_TEXTS)}
        texts |= {_named(kind): own for kind, own in (await desk.words(officer, changed)).items()}
        stands = texts | {"intake": "yes" if changed.intake and "name" not in form.values else ""}
        form.values = stands | form.values
    elif not form.values:
        form.values = {"mediation_seal": MEDIATION_SEAL}
    context = {
        "units": [one for one in known if one.intake],
        "others": [one for one in known if not one.intake],
        "known": known,
        "changeable": changeable,
        "changed": changed,
        "changes": await desk.changes(officer),
        "names": {one.id: one.name for one in known},
        "form": form,
        "which": which,
        "series": [
            (_named(kind), notice_words.KINDS.get(kind, SEALED), usual(changed.number_prefix, kind)) for kind in KINDS
        ]
        if changed
        else [],
        "bureau": officer.office.intake,
    }
    return show(request, "office/offices.html", "offices", status, **context)
