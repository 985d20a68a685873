"""Offices of the bureau, their holidays and the areas they answer for."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from aiohttp import web

from complaints.notices.notice import KINDS, LONGEST, usual
from complaints.record.places import division_named as division_name
from law.calendar import PUBLISHED, BadNotice, Notice, read_holiday_notice
from offices.people import MEDIATION_SEAL, Office
from offices.refusal import Refused
from web import words
from web.administration.services import HOLIDAYS, JURISDICTIONS, OFFICES
from web.field_form import BAD_CHOICE, NEEDED, TOO_LONG, Form
from web.i18n import N_
from web.rendering import go
from web.security import officer_page
from web.staff_pages import officer_in, posted, show, today

NEEDED_TEXTS: Final = ("name", "short", "phone")
OTHER_TEXTS: Final = {  # with the most characters
    "authority": 60,
    "address": 120,
    "signature": 20,
    "mediation_seal": 10,
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
    texts = {name: form.text(name, needed=True, longest=60) for name in ("id", "number_prefix")} | _texts(form)
    if form.good:
        try:
            await request.app[OFFICES].add(officer_in(request), Office(**texts, intake=_intake(form)))
        except Refused as no:
            if no.code not in OFFICE_SAID:
                raise
            form.errors[str(no.params.get("field", "id"))] = OFFICE_SAID[no.code]
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
            await desk.change(officer, replace(known, **texts, intake=_intake(form)))
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


def _texts(form: Form) -> dict[str, str]:
    needed = {name: form.text(name, needed=True, longest=60) for name in NEEDED_TEXTS}
    return needed | {name: form.text(name, longest=most) for name, most in OTHER_TEXTS.items()}


def _intake(form: Form) -> bool:
    return form.values.get("intake") == "yes"


async def _offices_page(request: web.Request, form: Form, status: int = 200, which: str = "") -> web.Response:
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
        "series": [(_named(kind), words.KINDS.get(kind, SEALED), usual(changed.number_prefix, kind)) for kind in KINDS]
        if changed
        else [],
        "bureau": officer.office.intake,
    }
    return show(request, "office/offices.html", "offices", status, **context)


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
    request: web.Request, form: Form, status: int = 200, line: str = "", notice: Notice | None = None
) -> web.Response:
    years = await request.app[HOLIDAYS].years(officer_in(request))
    return show(
        request,
        "office/holidays.html",
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
        request, "office/jurisdictions.html", "areas", status, areas=areas, form=form, division_name=division_name
    )
