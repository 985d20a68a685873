"""Which office is above which: the drawn tree, putting an office below another, and a file of many (`/roster`)."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from aiohttp import web

from journal.refusals import Refused
from offices import LEVELS, Office, OfficeLevel, OfficeTree, RosterRow
from web import i18n
from web.http import cookies
from web.http.forms import Form
from web.http.responses import attachment_headers
from web.http.security import officer_page
from web.i18n import N_, Words
from web.office.administration import OFFICES, ROSTER
from web.rendering import go, officer_in, posted, show

LEVEL_NAMES: Final[Mapping[str, str]] = {
    "province": N_("Province bureau"),
    "city": N_("City bureau"),
    "county": N_("County or district bureau"),
    "office": N_("Local office"),
}
MOST_BYTES: Final = 256 << 10
LONGEST_REASON: Final = 500
STANDS_WRONG: Final = N_("A superior has to be of a higher level, and every office below this one of a lower.")
COLUMNS: Final[Mapping[str, tuple[str, str]]] = {  # the heading of a file, and what the column is
    "id": ("单位代码", N_("Id")),
    "name": ("单位名称", N_("Name, as on documents")),
    "short": ("简称", N_("Short, as on the desk")),
    "level": ("层级", N_("Level")),
    "superior": ("上级机关", N_("Superior")),
    "phone": ("电话", N_("Phone")),
    "number_prefix": ("投诉编号前缀", N_("Prefix of its complaints’ numbers")),
    "authority": ("机关全称", N_("Issuing authority, in full")),
    "address": ("机关地址", N_("Address on papers")),
    "signature": ("短信签名", N_("Signature of text messages")),
    "called": ("对外自称", N_("How it calls itself to the public")),
    "language": ("短信语言", N_("Language of messages")),
    "login": ("管理员登录名", N_("Sign-in name of its first administrator")),
}
_LEVELS_IN_FILES: Final = {"province": "省", "city": "市", "county": "区县", "office": "所"}
FILE_SAID: Final[Mapping[str, str]] = {
    "missing": N_("Choose a file first."),
    "too_large": N_("The file is larger than %(most)s KB."),
    "encoding": N_("The file is neither UTF-8 nor GB18030. Save it as CSV once more."),
    "csv": N_("This is no CSV file: a quotation mark is not closed, or something else is broken."),
    "no_columns": N_("The first line lacks the column “%(field)s”."),
    "too_many_rows": N_("There are more than %(most)s offices in it. Split the file."),
}
ROW_SAID: Final[Mapping[str, str]] = {
    "missing": N_("%(field)s: nothing stands there."),
    "too_long": N_("%(field)s: at most %(most)s characters."),
    "bad_choice": N_("%(field)s: this cannot be."),
    "unknown_superior": N_("No office, or more than one, has this superior’s name. Write its id."),
    "superior_wrong": N_("The line of its superior has a fault itself, or another name."),
    "bad_level": N_("The level is 省, 市, 区县 or 所."),
    "twice": N_("Another line has the same id."),
    "taken": N_("%(field)s: taken already, or not possible."),
    "elsewhere": N_("You do not look after this office, or the one it would stand below."),
    "moved": N_("It is there already with another superior or level. That is changed on its own page."),
    "login": N_("Somebody already signs in with this name."),
}
ROW_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "new": (N_("is added"), "ok"),
    "changed": (N_("is changed"), "act"),
    "same": (N_("is not changed"), ""),
    "wrong": (N_("has a fault"), "seal"),
}


@dataclass(frozen=True, slots=True)
class Branch:
    """An office as it is drawn. `many`: of all below it."""

    office: Office
    below: Sequence[Branch]
    many: int


def branches(tree: OfficeTree, office: str = "") -> list[Branch]:
    found = []
    for one in tree.right_below(office):
        below = branches(tree, one.id)
        found.append(Branch(one, below, len(below) + sum(each.many for each in below)))
    return found


def structured(offices: Sequence[Office]) -> bool:
    """Whether there is anything to be drawn: where offices stand side by side nothing of this is shown."""
    return any(one.superior or one.level != "office" for one in offices)


def superiors(offices: Sequence[Office], among: frozenset[str], top: bool, words: Words) -> list[tuple[str, str]]:
    """To choose from, as they stand below each other."""
    rows = [(depth, one) for depth, one in OfficeTree(offices).rows() if one.level != "office" and one.id in among]
    return [
        *([("", words.gettext(N_("none: it stands at the top")))] if top else []),
        *((one.id, "　" * depth + one.short) for depth, one in rows),
    ]


def level_of(form: Form) -> OfficeLevel:
    return next((one for one in LEVELS if one == form.values.get("level")), "office")


@officer_page("administrator")
async def place_form(request: web.Request) -> web.StreamResponse:
    office = await _office(request)
    return await _place_page(request, office, Form({"superior": office.superior, "level": office.level}))


@officer_page("administrator")
async def place(request: web.Request) -> web.StreamResponse:
    form, office = await posted(request), await _office(request)
    reason = form.text("reason", needed=True, longest=LONGEST_REASON)
    superior = form.text("superior", longest=64)
    form.choice("level", LEVELS)
    if not form.good:
        return await _place_page(request, office, form, 422)
    token = cookies.read(request, cookies.OFFICER)
    try:
        waits = await request.app[OFFICES].place(
            officer_in(request), token, office.id, superior, level_of(form), reason
        )
    except Refused as no:
        if no.code != "bad_choice":
            raise
        form.errors["superior"] = STANDS_WRONG
        return await _place_page(request, office, form, 422)
    return go(f"/approvals/{waits}" if waits else "/offices#tree")


async def _office(request: web.Request) -> Office:
    officer, desk, which = officer_in(request), request.app[OFFICES], request.match_info["which"]
    known = next((one for one in await desk.offices(officer) if one.id == which), None)
    if known is None:
        raise Refused("not_found", 404)
    if not await desk.may_change(officer, known):
        raise Refused("not_allowed", 403)
    return known


async def _place_page(request: web.Request, office: Office, form: Form, status: int = 200) -> web.Response:
    officer, desk = officer_in(request), request.app[OFFICES]
    known = await desk.offices(officer)
    among = await desk.charge(officer) | {officer.office.id, office.superior}
    among -= set(OfficeTree(known).within(office.id))
    top = not office.superior or await desk.may_add(officer)
    return show(
        request,
        "administration/place.html",
        "offices",
        status,
        office_=office,
        form=form,
        superiors=superiors(known, among, top, i18n.words_for(request)),
        levels=[(level, i18n.words_for(request).gettext(name)) for level, name in LEVEL_NAMES.items()],
    )


@officer_page("administrator")
async def roster(request: web.Request) -> web.StreamResponse:
    return await _roster_page(request, Form())


@officer_page("administrator", most_bytes=4 * MOST_BYTES)
async def read_roster(request: web.Request) -> web.StreamResponse:
    """First what would come of it; once that is confirmed, it is done."""
    sent = await request.post()
    form, part = Form.of(sent), sent.get("file")
    content = form.values.get("content", "").encode()
    if isinstance(part, web.FileField) and part.filename:
        content = await asyncio.to_thread(part.file.read, MOST_BYTES + 1)
        form.values.pop("sure", None)  # another file than the one that was looked at
    desk, officer = request.app[ROSTER], officer_in(request)
    rows: Sequence[RosterRow] = ()
    done = False
    try:
        if form.values.get("sure") == "yes":
            rows, done = await desk.take(officer, content), True
        else:
            rows = await desk.read(officer, content)
    except Refused as no:
        if no.code == "wrong_rows":  # something changed meanwhile
            rows = await desk.read(officer, content)
        elif no.code not in FILE_SAID:
            raise
        else:
            form.errors["file"] = _file_said(no, i18n.words_for(request))
    good = rows and not any(one.what == "wrong" for one in rows)
    text = _text(content) if good and not done else ""
    return await _roster_page(request, form, 200 if good else 422, rows, text, done)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def _file_said(no: Refused, words: Words) -> str:
    params = dict(no.params)
    if "field" in params:
        params["field"] = COLUMNS[str(params["field"])][0]
    return words.gettext(FILE_SAID[no.code], **params)


async def _roster_page(
    request: web.Request,
    form: Form,
    status: int = 200,
    rows: Sequence[RosterRow] = (),
    text: str = "",
    done: bool = False,
) -> web.Response:
    words = i18n.words_for(request)
    known = await request.app[OFFICES].offices(officer_in(request))
    names = {one.id: one.short for one in known} | {row.office.id: row.office.short for row in rows}

    return show(
        request,
        "administration/roster.html",
        "offices",
        status,
        form=form,
        rows=rows,
        text=text,
        done=done,
        said=partial(_row_said, words),
        names=names,
        states=ROW_STATES,
        levels=LEVEL_NAMES,
        columns=COLUMNS,
        counts={what: sum(one.what == what for one in rows) for what in ROW_STATES},
    )


def _row_said(words: Words, row: RosterRow) -> list[str]:
    found = []
    for one in row.problems:
        told = STANDS_WRONG if (one.code, one.field) == ("bad_choice", "superior") else ROW_SAID[one.code]
        found.append(words.gettext(told, field=words.gettext(COLUMNS[one.field][1]), most=one.most))
    return found


@officer_page("administrator")
async def roster_file(request: web.Request) -> web.StreamResponse:
    """As it stands, to be filled in further and brought back."""
    known = await request.app[OFFICES].offices(officer_in(request))
    body = await asyncio.to_thread(roster_csv, known)
    return attachment_headers(body, "text/csv", "yuntiao-offices.csv")


def roster_csv(offices: Sequence[Office]) -> bytes:
    """What an office takes from above is left empty, as it would be said of itself otherwise."""
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow([heading for heading, _ in COLUMNS.values()])
    for _, one in OfficeTree(offices).rows():
        taken = one.takes.split()
        cells = {field: "" if field in taken else str(getattr(one, field, "")) for field in COLUMNS}
        cells["level"] = _LEVELS_IN_FILES[one.level]
        # A spreadsheet would take these for formulas; who reads the file back drops the tab.
        sheet.writerow([f"\t{cell}" if cell[:1] in tuple("=+-@") and cell else cell for cell in cells.values()])
    return out.getvalue().encode("utf-8-sig")


def register(app: web.Application) -> None:
    app.router.add_get("/roster", roster, name="roster")
    app.router.add_post("/roster", read_roster)
    app.router.add_get("/roster/offices.csv", roster_file, name="roster_file")
    app.router.add_get("/offices/{which}/place", place_form, name="office_place")
    app.router.add_post("/offices/{which}/place", place)
