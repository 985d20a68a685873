"""Offices of the bureau: their holidays, the areas they answer for and maps of these, and the messages they sent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from aiohttp import web

from complaints.notices import KINDS, LONGEST, usual
from complaints.record.places import division_named as division_name
from complaints.statistics.views import MOST_BYTES, BadOutline
from journal.refusals import Refused
from law.deadlines import PUBLISHED, BadNotice, HolidayNotice, read_holiday_notice
from offices import MEDIATION_SEAL, Office, OfficeTree, said_itself
from web import i18n
from web.http.forms import BAD_CHOICE, NEEDED, TOO_LONG, Form
from web.http.security import officer_page
from web.i18n import N_
from web.office.administration import HOLIDAYS, JURISDICTIONS, MAPS, OFFICES, tree
from web.rendering import go, officer_in, posted, show, today

MOST_CHANGES: Final = 100
AS_ABOVE: Final = N_("as above, or as the installation says")
MESSAGE_LANGUAGES: Final = (("zh", "中文"), ("en", "English"))
NEEDED_TEXTS: Final = ("name", "short", "phone")
OTHER_TEXTS: Final = {  # with the most characters
    "authority": 60,
    "address": 120,
    "signature": 20,
    "mediation_seal": 10,
    "called": 20,
}
SEALED: Final = N_("Agreements and records under seal")
BAD_WORDS: Final = N_("Not possible: other papers’ numbers begin with these words, or they hold more than letters.")
OFFICE_SAID: Final = {
    "missing": NEEDED,
    "too_long": TOO_LONG,
    "bad_choice": N_("Taken already, or not possible: small letters, digits and hyphens."),
}


@officer_page("administrator")
async def offices(request: web.Request) -> web.StreamResponse:
    return await _offices_page(request, Form())


@officer_page("administrator")
async def add_office(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    texts = _texts(form) | {name: form.text(name, needed=True, longest=60) for name in ("id", "number_prefix")}
    texts |= {"superior": form.text("superior", longest=64), "level": tree.level_of(form)}
    if form.good:
        try:
            await request.app[OFFICES].add(
                officer_in(request),
                Office(**texts, intake=_ticked(form, "intake"), seal_only=_ticked(form, "seal_only")),
            )
        except Refused as no:
            if no.code not in OFFICE_SAID:
                raise
            field = str(no.params.get("field", "id"))
            form.errors[field] = tree.STANDS_WRONG if field == "superior" else OFFICE_SAID[no.code]
    return go("/offices") if form.good else await _offices_page(request, form, 422)


@officer_page("administrator")
async def change_office(request: web.Request) -> web.StreamResponse:
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
            await desk.change(officer, _wanted(known, texts, form))
        except Refused as no:
            if no.code not in OFFICE_SAID:
                raise
            form.errors[str(no.params.get("field", "name"))] = OFFICE_SAID[no.code]
    return go("/offices") if form.good else await _offices_page(request, form, 422, which)


@officer_page("administrator")
async def change_number_series(request: web.Request) -> web.StreamResponse:
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
    return go(f"/offices?change={which}#series") if form.good else await _offices_page(request, form, 422, which)


def _named(kind: str) -> str:
    return f"series_{kind}"


def _texts(form: Form) -> dict[str, Any]:
    needed: dict[str, Any] = {name: form.text(name, needed=True, longest=60) for name in NEEDED_TEXTS}
    others = {name: form.text(name, longest=most) for name, most in OTHER_TEXTS.items()}
    return needed | others | {"language": form.text("language", longest=2)}


def _wanted(known: Office, texts: Mapping[str, Any], form: Form) -> Office:
    return replace(known, **texts, intake=_ticked(form, "intake"), seal_only=_ticked(form, "seal_only"))


def _ticked(form: Form, box: str) -> bool:
    return form.values.get(box) == "yes"


async def _offices_page(request: web.Request, form: Form, status: int = 200, which: str = "") -> web.Response:
    officer, desk = officer_in(request), request.app[OFFICES]
    known = await desk.offices(officer)
    which = which or request.query.get("change", "")
    changeable = {one.id for one in known if await desk.may_change(officer, one)}
    changed = next((one for one in known if one.id == which and one.id in changeable), None)
    if changed is not None:
        # Of the two forms on the page one was posted, if any: the other shows what stands there.
        own = said_itself(changed)
        texts = {name: getattr(own, name) for name in (*NEEDED_TEXTS, *OTHER_TEXTS, "language")}
        texts |= {_named(kind): own for kind, own in (await desk.words(officer, changed)).items()}
        boxes = ("intake", "seal_only")
        stands = texts | {box: "yes" if getattr(changed, box) and "name" not in form.values else "" for box in boxes}
        form.values = stands | form.values
    elif not form.values:
        form.values = {"mediation_seal": MEDIATION_SEAL, "level": "office"}
    words, charge = i18n.words_for(request), await desk.charge(officer)
    drawn = tree.structured(known)
    taken = changed.takes.split() if changed else []
    context = {
        "drawn": tree.branches(OfficeTree(known)) if drawn else [],
        "levels": tree.LEVEL_NAMES,
        "level_names": [(level, words.gettext(name)) for level, name in tree.LEVEL_NAMES.items()],
        "superiors": tree.superiors(known, charge | {officer.office.id}, await desk.may_add(officer), words)
        if drawn
        else [],
        "language_names": [("", words.gettext(AS_ABOVE)), *MESSAGE_LANGUAGES],
        "taken": [(tree.COLUMNS[name][1], getattr(changed, name)) for name in taken],
        "roster": bool(charge),
        "units": [one for one in known if one.intake],
        "others": [one for one in known if not one.intake],
        "known": known,
        "changeable": changeable,
        "changed": changed,
        "changes": (await desk.changes(officer))[:MOST_CHANGES],
        "names": {one.id: one.name for one in known},
        "form": form,
        "which": which,
        "series": [(_named(kind), i18n.KINDS.get(kind, SEALED), usual(changed.number_prefix, kind)) for kind in KINDS]
        if changed
        else [],
        "bureau": bool(charge),
    }
    return show(request, "administration/offices.html", "offices", status, **context)


LONGEST_HOLIDAY_NOTICE: Final = 20_000
BAD_YEAR: Final = N_("Write a year from 2020 to 2100.")
PROBLEMS: Final = {
    "empty": N_("No holiday was found in this text."),
    "date": N_("This line has a date that cannot be, or a holiday of more than 20 days."),
    "weekday": N_("The weekday in this line is not that date’s. Is it another year’s notice?"),
    "year": N_("These dates are not of that year."),
    "long": N_("This text is too long."),
}


@officer_page("administrator")
async def holidays_page(request: web.Request) -> web.StreamResponse:
    return await _holidays_page(request, Form({"year": str(today(request).year + 1)}))


async def _holidays_page(
    request: web.Request, form: Form, status: int = 200, line: str = "", notice: HolidayNotice | None = None
) -> web.Response:
    years = await request.app[HOLIDAYS].years(officer_in(request))
    return show(
        request,
        "administration/holidays.html",
        "holidays",
        status,
        years=years,
        form=form,
        line=line,
        notice=notice,
        published=PUBLISHED,
    )


@officer_page("administrator")
async def enter_holidays(request: web.Request) -> web.StreamResponse:
    """First what was read is shown; only when it is confirmed do dates rest on it."""
    form = await posted(request)
    year, text = form.values.get("year", "").strip(), form.text("text", needed=True, longest=LONGEST_HOLIDAY_NOTICE)
    if not (year.isascii() and year.isdigit() and 2020 <= int(year[:6]) <= 2100):
        form.errors["year"] = BAD_YEAR
    if not form.good:
        return await _holidays_page(request, form, 422)
    try:
        notice = read_holiday_notice(text, int(year))
    except BadNotice as no:
        form.errors["text"] = PROBLEMS.get(no.problem, NEEDED)
        return await _holidays_page(request, form, 422, line=no.line)
    if form.values.get("confirmed") != "yes":
        return await _holidays_page(request, form, notice=notice)
    await request.app[HOLIDAYS].enter(officer_in(request), notice)
    return go("/holidays")


@officer_page("administrator")
async def withdraw_holidays(request: web.Request) -> web.StreamResponse:
    year = request.match_info["year"]
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        raise Refused("not_found", 404)
    await request.app[HOLIDAYS].withdraw(officer_in(request), int(year))
    return go("/holidays")


AREA_SAID: Final = {"missing": NEEDED, "too_long": TOO_LONG, "bad_choice": BAD_CHOICE}
NO_PLACE: Final = N_("There is no such division, or there are several: write the city too, or the six digits.")
NO_WORD: Final = N_("Each name needs 2 to 30 characters; separate them with commas.")


@officer_page("administrator")
async def jurisdictions(request: web.Request) -> web.StreamResponse:
    form = Form()
    if wanted := request.query.get("area", ""):
        for area in await request.app[JURISDICTIONS].areas(officer_in(request)):
            if area.id == wanted:
                form = Form(
                    {
                        "area": area.id,
                        "name": area.name,
                        "divisions": "，".join(map(division_name, area.divisions)),
                        "words": "，".join(area.words),
                    }
                )
    return await _areas_page(request, form)


@officer_page("administrator")
async def draw_area(request: web.Request) -> web.StreamResponse:
    officer, form = officer_in(request), await posted(request)
    name, divisions, words = form.text("name"), form.text("divisions"), form.text("words")
    if form.good:
        try:
            await request.app[JURISDICTIONS].draw(officer, form.text("area", longest=64), name, divisions, words)
        except Refused as no:
            if no.code not in AREA_SAID:
                raise
            field = str(no.params.get("field", "name"))
            wrong = {"divisions": NO_PLACE, "words": NO_WORD}.get(field) if no.code == "bad_choice" else None
            form.errors[field] = wrong or AREA_SAID[no.code]
        else:
            return go("/jurisdictions")
    return await _areas_page(request, form, 422)


@officer_page("administrator")
async def drop_area(request: web.Request) -> web.StreamResponse:
    await request.app[JURISDICTIONS].drop(officer_in(request), request.match_info["area"])
    return go("/jurisdictions")


async def _areas_page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    areas = await request.app[JURISDICTIONS].areas(officer_in(request))
    return show(
        request,
        "administration/jurisdictions.html",
        "areas",
        status,
        areas=areas,
        form=form,
        division_name=division_name,
    )


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
    return show(request, "administration/map.html", "map", status, seen=seen, form=form, at=at, happened=HAPPENED)


def register_maps(app: web.Application) -> None:
    app.router.add_get("/map", map_page, name="office_map")
    app.router.add_post("/map/file", offer, name="office_map_offer")
    app.router.add_post("/map", change_map)
