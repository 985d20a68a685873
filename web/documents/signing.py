"""`/g/<link>`: reading and signing an agreement that was reached without a room.

Looking uses nothing up. Before the code only the office, the document's number and a masked phone are shown; after it
the text, to be read to its end and signed by hand, or by name where that is easier or there is no script.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from aiohttp import web
from pydantic import ValidationError

from offices.refusal import Refused
from rooms.errors import BadInk
from rooms.texts import MOST_LINE, MOST_NAME
from rooms.views import Handwriting, SigningVisit, ToSign
from web import consents, i18n, refusals
from web.i18n import N_, words
from web.proxies import counted_as
from web.rendering import render
from web.room.services import SIGNING_BY_LINK
from web.room.signing import Drawn
from web.security import anyone

READ_FIRST = N_("Please read it to the end and tick that you have.")
ELECTRONIC_FIRST = N_("Say that you agree to sign electronically. If you would rather sign on paper, say so below.")
NAME_NEEDED = N_("Write your full name.")
HANDWRITING_FIRST = N_("Say that the office may keep your handwriting, or type your name instead.")
WRITE_IT = N_("Please write your name on the pad again, or type it instead.")
REASON_NEEDED = N_("Say in a few words what is not right.")
MOST_DRAWN: Final = 120_000  # characters: rooms.signing.handwriting's points as JSON
_BOXES: Final = ("read", "electronic", "handwriting")
_IN_PLACE = frozenset({"bad_code", "code_expired", "too_many_tries", "too_many_codes", "no_phone"})


@anyone
async def show(request: web.Request) -> web.StreamResponse:
    return _page(request, await request.app[SIGNING_BY_LINK].visit(request.match_info["secret"]))


@anyone
async def send(request: web.Request) -> web.StreamResponse:
    secret, desk = request.match_info["secret"], request.app[SIGNING_BY_LINK]
    visit = await desk.visit(secret)
    try:
        await desk.send_code(secret, counted_as(request))
    except Refused as no:
        return _page(request, visit, no)
    return _page(request, visit, sent=True)


@anyone
async def read(request: web.Request) -> web.StreamResponse:
    secret, desk = request.match_info["secret"], request.app[SIGNING_BY_LINK]
    visit = await desk.visit(secret)
    try:
        found = await desk.open(secret, await _field(request, "code", 16), counted_as(request))
    except Refused as no:
        return _page(request, visit, no, sent=True)
    return _text(request, found)


@anyone
async def sign(request: web.Request) -> web.StreamResponse:
    ticket, desk = request.match_info["ticket"], request.app[SIGNING_BY_LINK]
    found = await desk.look(ticket)
    name, drawn = await _field(request, "name", MOST_NAME), await _field(request, "drawn", MOST_DRAWN)
    ticked = {box for box in _BOXES if await _field(request, box, 8) == "yes"}
    problem = ""
    if "read" not in ticked:
        problem = READ_FIRST
    elif "electronic" not in ticked:
        problem = ELECTRONIC_FIRST
    elif not name:
        problem = NAME_NEEDED
    elif drawn and "handwriting" not in ticked:
        problem = HANDWRITING_FIRST
    if not problem:
        try:
            await desk.sign(ticket, name, _handwriting(drawn), counted_as(request))
        except ValidationError:
            problem, drawn = WRITE_IT, ""
        except Refused as no:
            if no.code != BadInk.code:
                raise
            problem, drawn = WRITE_IT, ""
    if problem:
        return _text(request, found, problem, name, drawn, ticked)
    return _done(request, found, refused=False)


def _handwriting(drawn: str) -> Handwriting | None:
    """ValidationError: none that our pad sends."""
    return Drawn.model_validate_json(drawn).handwriting() if drawn else None


@anyone
async def refuse(request: web.Request) -> web.StreamResponse:
    ticket, desk = request.match_info["ticket"], request.app[SIGNING_BY_LINK]
    found = await desk.look(ticket)
    reason = await _field(request, "reason", MOST_LINE)
    if not reason:
        return _text(request, found, REASON_NEEDED)
    await desk.refuse(ticket, reason)
    return _done(request, found, refused=True)


async def _field(request: web.Request, name: str, most: int) -> str:
    value = (await request.post()).get(name, "")
    return value.strip()[:most] if isinstance(value, str) else ""


def _page(request: web.Request, visit: SigningVisit, no: Refused | None = None, sent: bool = False) -> web.Response:
    if no is not None and no.code not in _IN_PLACE:
        raise no
    problem = refusals.sentence(words(request), no.code, no.params) if no is not None else ""
    status = 200 if no is None else no.status
    secret = request.match_info["secret"]
    return render(request, "documents/sign_code.html", status, visit=visit, problem=problem, sent=sent, secret=secret)


def _done(request: web.Request, found: ToSign, refused: bool) -> web.Response:
    number, office = found.wording["number"], found.wording["office"]
    return render(request, "documents/signed.html", number=number, by=office, refused=refused)


def _text(
    request: web.Request,
    found: ToSign,
    problem: str = "",
    name: str = "",
    drawn: str = "",
    ticked: Collection[str] = (),
) -> web.Response:
    said = words(request).gettext(problem) if problem else ""
    status = 422 if problem else 200
    language = i18n.language(request)
    return render(
        request,
        "documents/sign.html",
        status,
        found=found,
        asked=consents.question(consents.ELECTRONIC, language),
        handwriting=consents.question(consents.HANDWRITING, language),
        problem=said,
        name=name or found.name,
        drawn=drawn,
        ticked=ticked,
    )


def register(app: web.Application) -> None:
    app.router.add_get("/g/{secret}", show, name="sign_by_link")
    app.router.add_post("/g/{secret}", read)
    app.router.add_post("/g/{secret}/code", send, name="sign_by_link_code")
    app.router.add_post("/g-sign/{ticket}", sign, name="sign_by_link_sign")
    app.router.add_post("/g-refuse/{ticket}", refuse, name="sign_by_link_refuse")
