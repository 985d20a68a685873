"""A party's page of an asynchronous mediation: what was said, what they are asked, and what is done by a press.

Whoever comes back shows by a code who they are, each visit; a visit ends after half an hour of quiet. A form names the
edition or number of what it answers, and is answered by a redirect; what is refused, or was changed meanwhile, is said
above the form, with everything that was typed in it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from aiohttp import web

from complaints.record.identifiers import textable_masked
from journal.numbers import digits_in
from journal.refusals import DomainError, Refused
from rooms import MOST_LINE, MOST_TEXT, commands as c
from rooms.apart.rules import VISIT_LASTS, TaskKind, open_tasks, sees_offer, shown_answers
from rooms.caucus.rules import gap_view, slips_view
from rooms.commands import ReadRights
from rooms.exhibits.rules import MOST_TITLE, exhibits_view
from rooms.seats import SeatState
from rooms.session import Session, apart_on
from rooms.view.parts import draft_view
from rooms.views import AnnouncedFile, NewExhibit, SeatedPerson
from rooms.vocabulary import Consent, Purpose, Role
from web import APART, LINKS, SESSIONS, SITE, refusals
from web.http import cookies
from web.http.forms import Form, now
from web.http.security import counted_as, guest_of, guest_page, visiting
from web.i18n import N_, Words, words_for
from web.icalendar import entry_response
from web.join import APART_PATH, RESEND_AFTER, Joining, begin_visit, hint, joining, wechat_offered
from web.rendering import go, posted, render
from web.room import EXHIBITS, SIGNING_BY_LINK

Reader = Callable[[Form], c.Command | None]


def _text(form: Form, name: str = "text") -> str:
    return form.values.get(name, "").strip()


def number(form: Form, name: str) -> int:
    """0 for what is none: refused by the session, as nothing has it."""
    typed = form.values.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else 0


def amount(form: Form, name: str = "amount") -> Decimal | None:
    """Refused(422): bad_value."""
    found = form.amount(name)
    if not form.good:
        raise Refused("bad_value", 422, field="amount")
    return found


def _ticked(form: Form, name: str) -> bool:
    return form.values.get(name) == "yes"


def _offer(form: Form) -> c.Command | None:
    """Accept, decline, or say what one would do instead."""
    answer = form.values.get("answer")
    if answer not in ("accept", "decline", "counter"):
        return None
    if answer == "counter":
        if not _text(form):
            raise Refused("missing", 422, field="text")
        return c.AnswerOffer(number(form, "number"), False, _text(form), amount(form))
    return c.AnswerOffer(number(form, "number"), answer == "accept")


def _figure(form: Form) -> c.Command:
    figure = amount(form)
    if figure is None:
        raise Refused("missing", 422, field="amount")
    return c.EnterFigure(number(form, "number"), figure)


def _exhibit(form: Form) -> c.Command | None:
    which = form.values.get("exhibit", "")
    match form.values.get("answer"):
        case "accept":
            return c.AcceptExhibit(which)
        case "dispute":
            return c.DisputeExhibit(which, _text(form))
        case "withdraw":
            return c.WithdrawExhibit(which)
        case "release":
            return c.ReleaseExhibit(which)
        case _:
            return None


def _clause(form: Form) -> c.Command | None:
    """`told`: the reason is for everybody, not for the mediator alone."""
    which, edition = form.values.get("clause", ""), number(form, "edition")
    match form.values.get("answer"):
        case "agree":
            return c.AnswerClause(which, edition, True)
        case "object":
            return c.AnswerClause(which, edition, False, _text(form), _ticked(form, "told"))
        case "query":
            return c.QueryClause(which)
        case _:
            return None


def _fact(form: Form) -> c.Command | None:
    if form.values.get("answer") not in ("agree", "object"):
        return None
    agrees = form.values["answer"] == "agree"
    return c.AnswerFact(form.values.get("fact", ""), number(form, "edition"), agrees, "" if agrees else _text(form))


def _slip(form: Form) -> c.Command | None:
    match form.values.get("answer"):
        case "write":
            return c.WriteSlip(_text(form), amount(form), _ticked(form, "may_tell"))
        case "tell" | "keep" as answer:
            return c.MarkSlip(number(form, "number"), answer == "tell")
        case "withdraw":
            return c.WithdrawSlip(number(form, "number"))
        case _:
            return None


FORMS: Final[Mapping[str, tuple[str, Reader]]] = {
    "say": ("statement", lambda form: c.Say(_text(form))),
    "confide": ("confided", lambda form: c.Confide(_text(form))),
    "offer": ("offers", _offer),
    "slip": ("slips", _slip),
    "rule": ("blind", lambda form: c.AgreeGap(number(form, "number"))),
    "figure": ("blind", _figure),
    "exhibit": ("exhibits", _exhibit),
    "fact": ("draft", _fact),
    "clause": ("draft", _clause),
    "outcome": ("outcome", lambda form: c.SeeOutcome(number(form, "number"))),
    "not_right": ("outcome", lambda form: c.ObjectToOutcome(number(form, "number"), _text(form))),
    "withdraw": ("withdraw", lambda form: c.WithdrawConsent(Consent.PARTICIPATE) if _ticked(form, "sure") else None),
}
"""Name of the form -> its section on the page, and what it asks; None for an answer that is none of its own."""

MOST_FILES: Final = 5
LARGEST: Final = 10 * 1024 * 1024  # bytes of a file
MOST_BYTES: Final = MOST_FILES * LARGEST + 256 * 1024
PIECE: Final = 256 * 1024
FILES_WANTED: Final = N_("Choose one to five photos (JPEG, PNG, HEIC) or PDF files of at most 10 MB each.")
TYPED: Final = ("say", "confide")
"""Forms whose words are kept while they are typed."""
FORM: Final = "form"  # any other, as it came when the visit was over
KEPT: Final = ("text", "amount", "number", "clause", "fact", "exhibit", "may_tell", "told")
_STAYS: Final = frozenset({"bad_code", "code_expired", "too_many_codes", "too_many_tries", "no_phone"})

ASKED: Final[Mapping[TaskKind, str]] = {
    TaskKind.STATEMENT: N_("Say in your own words what happened and what you want"),
    TaskKind.EXHIBIT: N_("Look at the other side’s exhibit and say whether you accept it"),
    TaskKind.OFFER: N_("Answer an offer"),
    TaskKind.RULE: N_("Double-blind offers: do you agree to them?"),
    TaskKind.FIGURE: N_("Double-blind offers: enter your figure"),
    TaskKind.FACT: N_("Say whether a fact is right as it is written"),
    TaskKind.CLAUSE: N_("Read a clause of the draft agreement and answer it"),
    TaskKind.SIGN: N_("Read the agreement and sign it"),
    TaskKind.OUTCOME: N_("Read the result and confirm that you have seen it"),
}
"""What is asked now; each leads to its section."""
WAITED_FOR: Final[Mapping[TaskKind, str]] = {
    TaskKind.CODE: N_("has not been here yet"),
    TaskKind.CONSENT: N_("has not said yet whether to take part"),
    TaskKind.RIGHTS: N_("has not read the rights yet"),
    TaskKind.STATEMENT: N_("is still to make a statement"),
    TaskKind.EXHIBIT: N_("is still to answer an exhibit"),
    TaskKind.RULE: N_("is still to agree to double-blind offers"),
    TaskKind.FACT: N_("is still to answer a fact"),
    TaskKind.CLAUSE: N_("is still to answer the draft"),
    TaskKind.SIGN: N_("is still to sign"),
    TaskKind.OUTCOME: N_("is still to read the result"),
}
"""What everybody may know that a side is waited for: an offer or a figure is between it and the mediator."""


async def at_apart(request: web.Request) -> Joining:
    """Of who has answered what comes before; everybody else is led there, once they have shown who they are."""
    found = await joining(request)
    if not found.apart or (found.path != APART_PATH and await visiting(request, found.guest)):
        raise web.HTTPSeeOther(found.path)
    return found


async def _visiting(request: web.Request) -> Joining | None:
    """None for who is still to show that it is them."""
    found = await at_apart(request)
    return found if await visiting(request, found.guest) else None


# ------------------------------------------------------------ the code, each visit


async def _ask_code(
    request: web.Request, found: Joining, sent: bool = False, refused: Refused | None = None
) -> web.Response:
    text, problem = words_for(request), ""
    if refused is not None:
        said = refusals.sentence(text, refused.code, refused.params)
        problem = said + text.gettext(". ") + hint(request, refused)
    wait = RESEND_AFTER if sent and refused is None else 0
    context = {"sent": sent, "problem": problem, "phone": found.guest.seat.phone, "wait": wait}
    context |= {"reach": textable_masked(found.guest.seat.phone), "voice": await _voice(request)}
    return render(request, "join/apart/code.html", refused.status if refused else 200, **context)


@guest_page(verified=True)
async def send_code(request: web.Request) -> web.StreamResponse:
    found, device = await at_apart(request), cookies.read(request, cookies.DEVICE)
    try:
        await request.app[LINKS].send_code(device, counted_as(request), found.guest)
    except Refused as no:
        if no.code not in _STAYS:
            raise
        return await _ask_code(request, found, no.code == "too_many_codes", no)
    return await _ask_code(request, found, sent=True)


@guest_page(verified=True)
async def check_code(request: web.Request) -> web.StreamResponse:
    found, device = await at_apart(request), cookies.read(request, cookies.DEVICE)
    code = digits_in(str((await request.post()).get("code", "")))
    try:
        rotated = await request.app[LINKS].check_code(device, code, counted_as(request), found.guest)
    except Refused as no:
        if no.code not in _STAYS:
            raise
        return await _ask_code(request, found, True, no)
    response = go("/join/apart")
    cookies.put(request, response, cookies.DEVICE, rotated)
    await begin_visit(request, response, found.guest)
    return response


@dataclass(frozen=True, slots=True)
class VoiceVisit:
    """`number`: to be read to the office; `known`: which has just said that it is them."""

    number: str
    known: bool


async def _voice(request: web.Request) -> VoiceVisit:
    """For whom no code comes."""
    found = await request.app[LINKS].by_voice(cookies.read(request, cookies.DEVICE))
    return VoiceVisit(found.number, found.since is not None and now(request) - found.since < VISIT_LASTS)


@guest_page(verified=True)
async def begin_by_voice(request: web.Request) -> web.StreamResponse:
    found, response = await at_apart(request), go("/join/apart")
    if (await _voice(request)).known:
        await begin_visit(request, response, found.guest)
    return response


# ------------------------------------------------------------ the page


@guest_page(verified=True)
async def show_apart(request: web.Request) -> web.StreamResponse:
    found = await _visiting(request)
    if found is None:
        return await _ask_code(request, await at_apart(request))
    unsent = await request.app[APART].draft(found.guest, FORM)
    if not unsent:
        return await _page(request, found)
    name, values = json.loads(unsent)
    return await _page(request, found, FORMS[name][0], None, Form(values), unsent=True)


@guest_page(verified=True)
async def forget_unsent(request: web.Request) -> web.StreamResponse:
    """They do not want to send it after all."""
    found = await _visiting(request)
    if found is not None:
        await request.app[APART].keep_draft(found.guest, FORM, "")
    return go("/join/apart")


@guest_page(verified=True)
async def read_rights(request: web.Request) -> web.StreamResponse:
    found = await _visiting(request)
    if found is not None:
        await request.app[SESSIONS].submit(found.session.id, ReadRights(), found.guest.actor)
    return go("/join/apart")


@guest_page(verified=True)
async def act(request: web.Request) -> web.StreamResponse:
    """One press of the page: `FORMS` has what it asks."""
    name, form = request.match_info["act"], await posted(request)
    if name not in FORMS:
        raise Refused("not_found", 404)
    section, asked = FORMS[name]
    found = await _visiting(request)
    if name in TYPED and form.values.get("go") == "keep":
        await _keep(request, name, form)
        return web.Response(status=204)
    if found is None:
        await _keep(request, name, form)
        return await _ask_code(request, await at_apart(request))
    try:
        command = asked(form)
        if command is None:
            raise Refused("bad_choice", 422)
        await request.app[SESSIONS].submit(found.session.id, command, found.guest.actor)
    except (DomainError, Refused) as no:
        fresh = await at_apart(request)  # with what happened meanwhile
        return await _page(request, fresh, section, no, form)
    await request.app[APART].keep_draft(found.guest, name if name in TYPED else FORM, "")
    response = go("/join" if name == "withdraw" else f"/join/apart#{section}")
    _go_on(request, response, found)
    return response


async def _keep(request: web.Request, name: str, form: Form) -> None:
    """What was typed, until the code is right: a press can be repeated, an hour's work not."""
    desk, guest = request.app[APART], guest_of(request)
    if name in TYPED:
        await desk.keep_draft(guest, name, form.values.get("text", "")[:MOST_TEXT])
    elif _text(form) or _text(form, "amount"):
        values = {key: value[:MOST_TEXT] for key, value in form.values.items() if key in KEPT}
        await desk.keep_draft(guest, FORM, json.dumps([name, values]))


def _go_on(request: web.Request, response: web.StreamResponse, found: Joining) -> None:
    """The visit lasts on from here."""
    cookies.put(request, response, cookies.VISIT, request.app[APART].ticket(found.guest))


@guest_page(verified=True, most_bytes=MOST_BYTES)
async def bring_exhibit(request: web.Request) -> web.StreamResponse:
    found = await _visiting(request)
    if found is None:
        return await _ask_code(request, await at_apart(request))
    sent = await request.post()
    form = Form.of(sent)
    who = SeatedPerson(found.session.id, found.guest.seat.id, found.guest.actor)
    private = form.values.get("private") == "yes"
    problem: Refused | DomainError | None = None
    try:
        await offer_files(request, who, form.values.get("title", ""), sent.getall("file", []), private)
    except (Refused, DomainError) as no:
        problem = no
    if problem is not None:
        return await _page(request, await at_apart(request), "exhibits", problem, form)
    response = go("/join/apart#exhibits")
    _go_on(request, response, found)
    return response


async def offer_files(
    request: web.Request, who: SeatedPerson, title: str, sent: Sequence[object], private: bool
) -> None:
    """As a room's page brings them, piece by piece. `sent`: what came in the form. Refused: bad_exhibit, too_much …"""
    files = [part for part in sent if isinstance(part, web.FileField) and part.filename]
    if not 1 <= len(files) <= MOST_FILES:
        raise Refused("bad_exhibit", 422, problem="files")
    desk, contents = request.app[EXHIBITS], list[bytes]()
    for one in files:
        content = await asyncio.to_thread(one.file.read, LARGEST + 1)
        if len(content) > LARGEST:
            raise Refused("bad_exhibit", 422, problem="files")
        contents.append(content)
    names = [AnnouncedFile(one.filename, len(content)) for one, content in zip(files, contents, strict=True)]
    wanted = NewExhibit(title.strip() or files[0].filename[:MOST_TITLE], names, private, Purpose.EVIDENCE.value)
    upload = await desk.begin(who, wanted)
    for number, content in enumerate(contents):
        for at in range(0, len(content), PIECE):
            await desk.append(who, upload.upload, number, at, content[at : at + PIECE])
    await desk.finish(who, upload.upload)


def files_problem(text: Words, no: Refused | DomainError) -> str:
    """What is wrong, and what to do about it."""
    if no.params.get("problem") == "files":
        return text.gettext(FILES_WANTED)
    return refusals.sentence(text, no.code, no.params) + text.gettext(". ") + refusals.advice(text, no.code, no.params)


@guest_page(verified=True)
async def calendar_entry(request: web.Request) -> web.StreamResponse:
    """The meeting that was called. Refused(404): there is none."""
    found = await at_apart(request)
    url = f"{request.app[SITE].public_url}/join"
    return entry_response(request, found.guest.office, found.session, words_for(request), url, found.seat.name)


async def _page(
    request: web.Request,
    found: Joining,
    section: str = "",
    no: Refused | DomainError | None = None,
    form: Form | None = None,
    unsent: bool = False,
) -> web.Response:
    session, seat = found.session, found.seat
    apart, text = apart_on(session), words_for(request)
    assert apart is not None
    problem = files_problem(text, no) if no is not None else ""
    status = 200 if no is None else no.status if isinstance(no, Refused) else 409
    context: dict[str, Any] = {
        "session": session,
        "seat": seat,
        "apart": apart,
        "mediator": session.seats[session.mediator_seat].name,
        "late": now(request) >= apart.until,
        "wechat": await wechat_offered(request, found.guest),
    }
    if seat.id not in apart.read:
        response = render(request, "join/apart/rights.html", **context)
        _go_on(request, response, found)
        return response
    written = await request.app[APART].lines(session.id, seat.id)
    lines = [{**line, "at": datetime.fromisoformat(line["at"])} for line in written]
    tasks = open_tasks(session, seat)
    context |= {
        "section": section,
        "trouble": problem,
        "form": form or Form(),
        "most_text": MOST_TEXT,
        "most_line": MOST_LINE,
        "draft_text": await request.app[APART].draft(found.guest, "say"),
        "draft_note": await request.app[APART].draft(found.guest, "confide"),
        "unsent": unsent,
        "said": [line for line in lines if not line["to"]],
        "confided": [line for line in lines if line["to"]],
        "tasks": tasks,
        "asked": ASKED,
        "anchors": ANCHORS,
        "open": {(task.kind.value, task.about) for task in tasks},
        "others": _others(session, seat),
        "waited_for": WAITED_FOR,
        "exhibits": exhibits_view(session, seat.id)["list"],
        "offers": _offers(session, seat),
        "slips": slips_view(session, seat.id),
        "gap": gap_view(session, seat.id),
        "draft": draft_view(session, seat.id),
        "sign": await request.app[SIGNING_BY_LINK].own_link(session.id, seat.id),
        "speaks": seat.side is not None and seat.role in _SPEAKING,
    }
    response = render(request, "join/apart/page.html", status, **context)
    _go_on(request, response, found)
    return response


_SPEAKING: Final = frozenset({Role.CONSUMER, Role.BUSINESS, Role.REPRESENTATIVE, Role.LAWYER})
ANCHORS: Final[Mapping[TaskKind, str]] = {
    TaskKind.STATEMENT: "statement",
    TaskKind.EXHIBIT: "exhibits",
    TaskKind.OFFER: "offers",
    TaskKind.RULE: "blind",
    TaskKind.FIGURE: "blind",
    TaskKind.FACT: "draft",
    TaskKind.CLAUSE: "draft",
    TaskKind.SIGN: "sign",
    TaskKind.OUTCOME: "outcome",
}


def _others(session: Session, seat: SeatState) -> list[tuple[SeatState, list[TaskKind]]]:
    """Both sides' principals but oneself, with what everybody may know that they are waited for."""
    principals = [one for one in session.seats.values() if one.role in (Role.CONSUMER, Role.BUSINESS)]
    found = []
    for one in principals:
        if one.id != seat.id:
            kinds = dict.fromkeys(task.kind for task in open_tasks(session, one) if task.kind in WAITED_FOR)
            found.append((one, list(kinds)))
    return found


def _offers(session: Session, seat: SeatState) -> list[dict[str, Any]]:
    assert session.apart is not None
    return [
        {
            "offer": offer,
            "own": seat.side in offer.to,
            "open": offer.open_for(seat.side),
            "answers": {side: offer.answers[side] for side in shown_answers(session, offer, seat)},
        }
        for offer in session.apart.offers.values()
        if sees_offer(session, offer, seat)
    ]
