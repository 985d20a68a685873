"""An office's map of its divisions, and the messages it sent."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

from complaints.statistics.outlines import MOST_BYTES, BadOutline
from web import words
from web.administration.services import MAPS, OUTBOX
from web.field_form import Form
from web.i18n import N_
from web.rendering import go
from web.responses import leave_plain
from web.security import officer_page
from web.staff_pages import PAGE_SIZE, number, officer_in, posted, show

NO_FILE: Final = N_("Choose a file first.")
WHY: Final = {
    "large": N_("The file is larger than 8 MB. Simplify the outlines first."),
    "hard": N_("Reading it took more memory or time than any map. Simplify the outlines first."),
    "json": N_("This is not a GeoJSON file."),
    "kind": N_("This is not a collection of areas: GeoJSON with Polygon or MultiPolygon is needed."),
    "empty": N_("There is nothing in this file."),
    "shapes": N_("There are more than 500 areas in it."),
    "points": N_("There are more than 400,000 points in it. Simplify the outlines first."),
    "code": N_("An area has no GB/T 2260 code that exists, in adcode, code, gb or id."),
    "place": N_("An area lies outside of China or is no ring: coordinates are longitude, latitude in degrees."),
}
HAPPENED: Final = {
    "MapTaken": N_("A map was put in force"),
    "MapForgotten": N_("Tiles were shown again"),
    "MapTakenBack": N_("The map before was taken back"),
}


@officer_page("administrator")
async def map_page(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


@officer_page("administrator", most_bytes=MOST_BYTES + 64 * 1024)
async def offer(request: web.Request) -> web.StreamResponse:
    sent = await request.post()
    form, part, at = Form.of(sent), sent.get("file"), 0
    if not isinstance(part, web.FileField) or not part.filename:
        form.errors["file"] = NO_FILE
        return await _page(request, form, 422)
    content = await asyncio.to_thread(part.file.read, MOST_BYTES + 1)
    try:
        await request.app[MAPS].offer(officer_in(request), content)
    except BadOutline as no:
        form.errors["file"], at = WHY[no.why], no.at
        return await _page(request, form, 422, at)
    return go("/map")


@officer_page("administrator")
async def change_map(request: web.Request) -> web.StreamResponse:
    officer, maps, form = officer_in(request), request.app[MAPS], await posted(request)
    match form.values.get("do", ""):
        case "use":
            await maps.use(officer)
        case "discard":
            await maps.discard(officer)
        case "forget":
            await maps.forget(officer)
        case "back":
            await maps.back(officer)
    return go("/map")


async def _page(request: web.Request, form: Form, status: int = 200, at: int = 0) -> web.StreamResponse:
    seen = await request.app[MAPS].page(officer_in(request))
    return show(request, "office/map.html", "map", status, seen=seen, form=form, at=at, happened=HAPPENED)


def register_maps(app: web.Application) -> None:
    app.router.add_get("/map", map_page, name="office_map")
    app.router.add_post("/map/file", offer, name="office_map_offer")
    app.router.add_post("/map", change_map)


@officer_page("mediator", "administrator")
async def messages(request: web.Request) -> web.StreamResponse:
    page = number(request, "page")
    found, total = await request.app[OUTBOX].messages(officer_in(request), page)
    leave_plain(request)  # the demo's codes and links
    pages = max(1, -(-total // PAGE_SIZE))
    return show(
        request, "office/outbox.html", "outbox", messages=found, total=total, page=page, pages=pages, words=words
    )


@officer_page("mediator", "administrator")
async def resend(request: web.Request) -> web.StreamResponse:
    await request.app[OUTBOX].resend(officer_in(request), request.match_info["message"])
    return go("/outbox")
