"""Files of cases in and out, a compendium being cut, collections, notes and topics."""

from __future__ import annotations

import asyncio
import re
from typing import Final
from urllib.parse import quote

from aiohttp import web

from casebook import LONGEST_TOPIC, collections
from casebook.collections import LONGEST_REASON
from casebook.views import CutAct
from complaints import PROBLEMS
from complaints.record.industries import DIVISIONS, industry_name
from journal.refusals import Refused
from law.catalogue import topics
from web import i18n
from web.http.forms import Form
from web.http.security import officer_page
from web.i18n import N_
from web.office import casebook as casebook_words
from web.office.casebook import CASE_CUTTING, CASE_FILES, CASE_SHELVES, CASEBOOK
from web.office.casebook.pages import MAKERS, named_problems
from web.rendering import go, officer_in, posted, show

CUT_CHANGED: Final = N_("Somebody changed it meanwhile. It is shown here as it is now.")
_ACTS: Final[dict[str, CutAct]] = {"join": "join", "split": "split", "leave": "leave", "take": "take"}


@officer_page(*MAKERS)
async def cut_page(request: web.Request) -> web.StreamResponse:
    return await _show_cut(request, "")


@officer_page(*MAKERS)
async def change_cut(request: web.Request) -> web.StreamResponse:
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
        return await _show_cut(request, CUT_CHANGED, 409)
    return go(f"/casebook/take-in/{cut}#c-{at}" if do != "join" else f"/casebook/take-in/{cut}#cases")


async def _show_cut(request: web.Request, said: str, status: int = 200) -> web.Response:
    every = _number(request.query.get("all", ""))
    page = await request.app[CASE_CUTTING].look(officer_in(request), request.match_info["cut"], every)
    return show(
        request,
        "casebook/cut.html",
        "casebook",
        status,
        tab="take-in",
        page=page,
        said=said,
        words=casebook_words,
        every=every,
    )


def _number(text: str) -> int:
    """-1 for what is none; -2 stands for what is before the first case."""
    return int(text) if text == "-2" or (text.isascii() and text.isdigit() and len(text) < 8) else -1


LARGEST: Final = 16 << 20
NOTE_CHANGED: Final = N_("Somebody else wrote meanwhile. What they wrote is below; yours is still here.")
TYPES: Final = {
    "json": "application/json",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@officer_page(*MAKERS)
async def take_in_form(request: web.Request) -> web.StreamResponse:
    return await _take_in(request, "")


@officer_page(*MAKERS, most_bytes=LARGEST + (1 << 16))
async def take_in(request: web.Request) -> web.StreamResponse:
    part = (await request.post()).get("file")
    if not isinstance(part, web.FileField) or not part.filename:
        return await _take_in(request, _said(request, "kind", ""), 422)
    content = await asyncio.to_thread(part.file.read, LARGEST + 1)
    try:
        if part.filename.lower().endswith(".docx"):  # where each case begins is looked at first
            cut = await request.app[CASE_CUTTING].begin(officer_in(request), part.filename, content)
            return go(f"/casebook/take-in/{cut}")
        made = await request.app[CASE_FILES].take_in(officer_in(request), part.filename, content)
    except Refused as no:
        if no.code != "case_file":
            raise
        said = _said(request, str(no.params.get("why")), str(no.params.get("place", "")))
        return await _take_in(request, said, 422)
    return go(f"/casebook/cases/{made[0]}/texts" if len(made) == 1 else "/casebook/making")


async def _take_in(request: web.Request, said: str, status: int = 200) -> web.Response:
    waiting = await request.app[CASE_CUTTING].waiting(officer_in(request))
    return show(request, "casebook/take_in.html", "casebook", status, tab="take-in", said=said, waiting=waiting)


def _said(request: web.Request, why: str, place: str) -> str:
    text = i18n.words_for(request).gettext(casebook_words.WHY_FILE.get(why, casebook_words.WHY_FILE["broken"]))
    return text % {"place": place} if "%(" in text else text


@officer_page(*MAKERS)
async def give_out(request: web.Request) -> web.StreamResponse:
    form = request.match_info["form"]
    await request.app[CASEBOOK].page(officer_in(request), request.match_info["case"])
    if form not in TYPES:
        raise Refused("not_found", 404)
    name, content = await request.app[CASE_FILES].give_out(
        officer_in(request), request.match_info["case"], form, "public" in request.query
    )
    return _download(name, form, content)


# ---------------------------------------------------------------- collections


@officer_page(*MAKERS)
async def give_out_shelf(request: web.Request) -> web.StreamResponse:
    """Every published case, for another office or, with `public`, for everybody."""
    form = request.match_info["form"]
    if form not in TYPES:
        raise Refused("not_found", 404)
    name, content = await request.app[CASE_FILES].give_out_shelf(officer_in(request), form, "public" in request.query)
    return _download(name, form, content)


def _download(name: str, form: str, content: bytes) -> web.Response:
    disposition = f"attachment; filename=\"cases.{form}\"; filename*=UTF-8''{quote(name)}"
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return web.Response(body=content, content_type=TYPES[form], headers=headers)


@officer_page(*MAKERS)
async def begin_collection(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    title = form.text("title", needed=True, longest=60)
    if not form.good:
        return go("/casebook")
    made = await request.app[CASE_SHELVES].collect(officer_in(request), "", title, "", True)
    return go(f"/casebook?collection={made}")


@officer_page(*MAKERS)
async def collect(request: web.Request) -> web.StreamResponse:
    form, case = await posted(request), request.match_info["case"]
    await request.app[CASEBOOK].page(officer_in(request), case)
    collection = form.values.get("collection", "")
    if not re.fullmatch(r"[0-9a-f]{32}", collection):
        raise Refused("bad_choice", 400)
    await request.app[CASE_SHELVES].collect(officer_in(request), collection, "", case, form.values.get("do") != "out")
    return go(f"/casebook/cases/{case}#collections")


# ---------------------------------------------------------------- notes


@officer_page(*MAKERS)
async def note_list(request: web.Request) -> web.StreamResponse:
    language = i18n.language(request)
    wanted = request.query.get("problem", "")
    if wanted in PROBLEMS:  # the form that opens one
        industry = request.query.get("industry", "").strip().upper()[:3]
        return go(f"/casebook/notes/{wanted}" + (f"-{industry}" if industry in DIVISIONS else ""))
    rows = await request.app[CASE_SHELVES].notes(officer_in(request))
    return show(
        request,
        "casebook/notes.html",
        "casebook",
        tab="notes",
        rows=[(row, note_title(row.problem, language)) for row in rows],
        problems=named_problems(language),
        divisions={code: industry_name(code, language) for code in DIVISIONS},
    )


@officer_page(*MAKERS)
async def note(request: web.Request) -> web.StreamResponse:
    return await _note(request, Form())


@officer_page(*MAKERS)
async def write_note(request: web.Request) -> web.StreamResponse:
    form, of = await posted(request), request.match_info["problem"]
    text, why = form.text("text", needed=True, longest=collections.LONGEST), form.text("why", longest=200)
    seen = form.values.get("seen", "0")
    if form.good and seen.isascii() and seen.isdigit() and len(seen) < 8:
        try:
            await request.app[CASE_SHELVES].write_note(officer_in(request), of, text, why, int(seen))
            return go(f"/casebook/notes/{of}")
        except Refused as no:
            if no.code != "case_note_changed":
                raise
            form.errors["text"] = NOTE_CHANGED
    return await _note(request, form, 422)


async def _note(request: web.Request, form: Form, status: int = 200) -> web.StreamResponse:
    of, language = request.match_info["problem"], i18n.language(request)
    problem = of.partition("-")[0]
    if problem not in PROBLEMS or not collections.CLASS.fullmatch(of):
        raise Refused("not_found", 404)
    page = await request.app[CASE_SHELVES].note(officer_in(request), of)
    back = request.query.get("back", "")
    if not form.values and page.editions:
        again = next((one for one in page.editions if str(one.number) == back), page.editions[0])
        form.values["text"] = again.text
    return show(
        request,
        "casebook/note.html",
        "casebook",
        status,
        tab="notes",
        page=page,
        form=form,
        title=note_title(of, language),
        words=casebook_words,
    )


def note_path(problem: str, industry: str) -> str:
    """Of the note on this kind of dispute: the trade's own where a division is known."""
    if problem not in PROBLEMS:
        return "/casebook/notes"
    division = industry[:3]
    return f"/casebook/notes/{problem}" + (f"-{division}" if division in DIVISIONS else "")


def note_title(of: str, language: str) -> str:
    """A problem, and the trade when the note is of one."""
    problem, _, industry = of.partition("-")
    named = named_problems(language).get(problem, problem)
    return f"{named} · {industry_name(industry, language)}" if industry else named


TAKEN: Final = N_("There is a topic of this name already.")
WHAT: Final = N_("Press the button of what you want: add, withdraw or offer again.")


@officer_page(*MAKERS)
async def topic_list(request: web.Request) -> web.StreamResponse:
    return await _topics_page(request, Form())


@officer_page("supervisor")
async def change_topic(request: web.Request) -> web.StreamResponse:
    """The form's button says what: add, withdraw, restore."""
    officer, form, shelves = officer_in(request), await posted(request), request.app[CASE_SHELVES]
    do, topic = form.values.get("do", ""), form.values.get("topic", "")[:32]
    try:
        match do:
            case "add":
                under = form.choice("under", tuple(topics()))
                zh, en = form.text("zh", needed=True, longest=LONGEST_TOPIC), form.text("en", longest=2 * LONGEST_TOPIC)
                if form.good:
                    await shelves.add_topic(officer, under, zh, en)
            case "withdraw":
                reason = form.text("reason", needed=True, longest=LONGEST_REASON)
                if form.good:
                    await shelves.withdraw_topic(officer, topic, reason)
            case "restore":
                await shelves.restore_topic(officer, topic, "")
            case _:  # no button of ours
                form.errors["do"] = WHAT
    except Refused as no:
        if no.code != "bad_choice" or no.params.get("field") != "zh":
            raise
        form.errors["zh"] = TAKEN
    return go("/casebook/topics") if form.good else await _topics_page(request, form, 422)


async def _topics_page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    language, own = i18n.language(request), await request.app[CASE_SHELVES].topics()
    groups = [
        (topic.name(language), [one for one in own.values() if one.under == id])
        for id, topic in topics().items()
        if any(one.under == id for one in own.values())
    ]
    return show(
        request,
        "casebook/topics.html",
        "casebook",
        status,
        groups=groups,
        form=form,
        law={id: topic.name(language) for id, topic in topics().items()},
        steps=casebook_words.TOPIC_STEPS,
    )
