"""A Word compendium before drafts are made of it: where each case begins, joined, split, left out."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from casebook.views import CutAct
from offices.refusal import Refused
from web.casebook import words
from web.casebook.pages import MAKERS
from web.casebook.services import CASE_CUTTING
from web.i18n import N_
from web.office.pages import officer_in, posted, show
from web.rendering import go
from web.security import officer_page

CHANGED: Final = N_("Somebody changed it meanwhile. It is shown here as it is now.")
_ACTS: Final[dict[str, CutAct]] = {"join": "join", "split": "split", "leave": "leave", "take": "take"}


@officer_page(*MAKERS)
async def look(request: web.Request) -> web.StreamResponse:
    return await _page(request, "")


@officer_page(*MAKERS)
async def change(request: web.Request) -> web.StreamResponse:
    """The form's button says what."""
    cutting, officer, cut = request.app[CASE_CUTTING], officer_in(request), request.match_info["cut"]
    form = await posted(request)
    do, at, seen = form.values.get("do", ""), _number(form.values.get("at", "")), _number(form.values.get("seen", ""))
    try:
        if do == "drop":
            await cutting.drop(officer, cut)
            return go("/casebook/take-in")
        if do == "make":
            made = await cutting.make(officer, cut, seen)
            return go(f"/casebook/cases/{made[0]}/texts" if len(made) == 1 else "/casebook/making")
        if do not in _ACTS:
            await cutting.look(officer, cut)  # whose is nobody's business here is not found, whatever is asked of it
            raise Refused("bad_choice", 400)
        await cutting.change(officer, cut, _ACTS[do], at, seen)
    except Refused as no:
        if no.code != "case_cut_changed":
            raise
        return await _page(request, CHANGED, 409)
    return go(f"/casebook/take-in/{cut}#c-{at}" if do != "join" else f"/casebook/take-in/{cut}#cases")


async def _page(request: web.Request, said: str, status: int = 200) -> web.Response:
    every = _number(request.query.get("all", ""))
    page = await request.app[CASE_CUTTING].look(officer_in(request), request.match_info["cut"], every)
    return show(
        request, "casebook/cut.html", "casebook", status, tab="take-in", page=page, said=said, words=words, every=every
    )


def _number(text: str) -> int:
    """-1 for what is none; -2 stands for what is before the first case."""
    return int(text) if text == "-2" or (text.isascii() and text.isdigit() and len(text) < 8) else -1
