"""Documents by personal link: copies, signing, and judging a seal; and signing from the room's pages, as JSON for their
scripts, with the PDF that came of it.

A handwriting's box and points are checked where they are kept to be (`rooms.signing`); here only their
shape.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from yarl import URL

from journal.refusals import Refused
from rooms import MOST_LINE, MOST_NAME, BadInk
from rooms.joining import consents
from rooms.record.rules import RecordUse
from rooms.signing import LARGEST as LARGEST_COORDINATE, MOST_POINTS, MOST_STROKES
from rooms.views import CopyVisit, Handwriting, SigningVisit, ToSign
from web import READS, SITE, i18n, refusals
from web.http.forms import UNREADABLE
from web.http.responses import json_response, pdf_response
from web.http.security import anyone, anyone_sending, counted_as, guest_of, guest_page, officer_of, officer_page
from web.i18n import N_, words_for
from web.office.audit import SEALS
from web.rendering import render
from web.room import SIGNING, SIGNING_BY_LINK

_Number = Annotated[int, Field(ge=0, le=LARGEST_COORDINATE, strict=True)]
_Stroke = Annotated[list[Annotated[list[_Number], Field(min_length=3, max_length=3)]], Field(max_length=MOST_POINTS)]


class Drawn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    width: _Number
    height: _Number
    strokes: Annotated[list[_Stroke], Field(max_length=MOST_STROKES)]

    def handwriting(self) -> Handwriting:
        return Handwriting(self.width, self.height, self.strokes)


class PostedSignature(BaseModel):
    """`drawn`, or the name alone. `code` is "" for who is confirmed already."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(max_length=60)]
    code: Annotated[str, StringConstraints(max_length=16)] = ""
    drawn: Drawn | None = None
    saved: Annotated[str, StringConstraints(max_length=32)] = ""  # the code of the mediator's own stored drawing


@guest_page(verified=True)
async def text(request: web.Request) -> web.StreamResponse:
    guest = guest_of(request)
    return _told(dict(await request.app[SIGNING].text(guest.session, request.match_info["text"], guest.seat.id)))


@guest_page(verified=True)
async def send_code(request: web.Request) -> web.StreamResponse:
    guest = guest_of(request)
    phone = await request.app[SIGNING].send_code(guest, request.match_info["text"], counted_as(request))
    return _told({"phone": phone})


@guest_page(verified=True)
async def sign(request: web.Request) -> web.StreamResponse:
    given = await _signature(request)
    await request.app[SIGNING].sign(
        guest_of(request),
        request.match_info["text"],
        given.code,
        given.name,
        given.drawn.handwriting() if given.drawn else None,
        counted_as(request),
    )
    return _told({})


@officer_page("mediator")
async def text_for_mediator(request: web.Request) -> web.StreamResponse:
    row = await request.app[READS].record(officer_of(request), request.match_info["session"], RecordUse.READ)
    return _told(dict(await request.app[SIGNING].text(row.id, request.match_info["text"])))


@officer_page("mediator")
async def offer(request: web.Request) -> web.StreamResponse:
    officer = officer_of(request)
    row = await request.app[READS].session(officer, request.match_info["session"])
    return _told({"text": await request.app[SIGNING].offer(officer, row.id)})


@officer_page("mediator")
async def sign_as_mediator(request: web.Request) -> web.StreamResponse:
    officer = officer_of(request)
    row = await request.app[READS].session(officer, request.match_info["session"])
    given = await _signature(request)
    text, drawn = request.match_info["text"], given.drawn.handwriting() if given.drawn else None
    if given.saved:
        await request.app[SIGNING].sign_with_saved(officer, row.id, text, given.saved)
    else:
        await request.app[SIGNING].sign_as_mediator(officer, row.id, text, given.name, drawn)
    return _told({})


@officer_page("mediator")
async def seal(request: web.Request) -> web.StreamResponse:
    officer = officer_of(request)
    row = await request.app[READS].session(officer, request.match_info["session"])
    await request.app[SIGNING].seal(officer, row.id, request.match_info["text"])
    return _told({})


# ------------------------------------------------------------ what came of it


@guest_page(verified=True)
async def copy(request: web.Request) -> web.StreamResponse:
    return pdf_response(await request.app[SIGNING].copy_for_guest(guest_of(request), request.match_info["document"]))


@officer_page("mediator", "supervisor")
async def copy_for_officer(request: web.Request) -> web.StreamResponse:
    officer = officer_of(request)
    row = await request.app[READS].record(officer, request.match_info["session"], RecordUse.TAKE)
    return pdf_response(await request.app[SIGNING].copy_for_officer(officer, row.id, request.match_info["document"]))


@officer_page("mediator")
async def file(request: web.Request) -> web.StreamResponse:
    officer = officer_of(request)
    row = await request.app[READS].session(officer, request.match_info["session"])
    await request.app[SIGNING].file(officer, row.id)
    raise web.HTTPSeeOther(URL(f"/sessions/{row.id}"))


def _told(body: Any) -> web.Response:
    return json_response(body, headers={"Cache-Control": "no-store"})


async def _signature(request: web.Request) -> PostedSignature:
    try:
        return PostedSignature.model_validate(await request.json())
    except (ValidationError, *UNREADABLE):
        raise Refused("bad_ink", 400) from None


def register(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post
    get("/api/room/signing/{text}", text)
    post("/api/room/signing/{text}/code", send_code)
    post("/api/room/signing/{text}/sign", sign)
    get("/api/sessions/{session}/signing/{text}", text_for_mediator)
    post("/api/sessions/{session}/signing", offer)
    post("/api/sessions/{session}/signing/{text}/sign", sign_as_mediator)
    post("/api/sessions/{session}/signing/{text}/seal", seal)
    get("/room/documents/{document}", copy, name="own_copy")
    get("/sessions/{session}/documents/{document}", copy_for_officer, name="session_document")
    post("/sessions/{session}/documents", file, name="session_documents")


KINDS = {
    "agreement": N_("Mediation agreement"),
    "record": N_("Mediation record"),
    "failure": N_("Record of failure to settle"),
}
NAMES = {**KINDS, **i18n.KINDS}
OF_A_RECORD = frozenset({"record", "failure"})
_COPIES_IN_PLACE = frozenset({"bad_code", "code_expired", "too_many_tries", "too_many_codes", "no_phone"})


@anyone
async def show_copies_link(request: web.Request) -> web.StreamResponse:
    return _copies_page(request, await request.app[SIGNING].visit(request.match_info["secret"]))


@anyone
async def send_copies_code(request: web.Request) -> web.StreamResponse:
    secret = request.match_info["secret"]
    visit = await request.app[SIGNING].visit(secret)
    try:
        await request.app[SIGNING].send_copy_code(secret, counted_as(request))
    except Refused as no:
        return _copies_page(request, visit, no)
    return _copies_page(request, visit, sent=True)


@anyone
async def open_copies(request: web.Request) -> web.StreamResponse:
    secret = request.match_info["secret"]
    visit = await request.app[SIGNING].visit(secret)
    code = (await request.post()).get("code", "")
    try:
        found = await request.app[SIGNING].open_copies(
            secret, code if isinstance(code, str) else "", counted_as(request)
        )
    except Refused as no:
        return _copies_page(request, visit, no, sent=True)
    return render(request, "documents/copies.html", visit=visit, copies=found, kinds=NAMES, under_seal=KINDS)


@anyone
async def copy_file(request: web.Request) -> web.StreamResponse:
    return pdf_response(await request.app[SIGNING].copy_by_ticket(request.match_info["ticket"]))


def _copies_page(request: web.Request, visit: CopyVisit, no: Refused | None = None, sent: bool = False) -> web.Response:
    if no is not None and no.code not in _COPIES_IN_PLACE:
        raise no
    problem = refusals.sentence(words_for(request), no.code, no.params) if no is not None else ""
    status = 200 if no is None else no.status
    return render(
        request,
        "documents/copy.html",
        status,
        visit=visit,
        problem=problem,
        sent=sent,
        secret=request.match_info["secret"],
    )


READ_FIRST = N_("Please read it to the end and tick that you have.")
ELECTRONIC_FIRST = N_("Say that you agree to sign electronically. If you would rather sign on paper, say so below.")
NAME_NEEDED = N_("Write your full name.")
HANDWRITING_FIRST = N_("Say that the office may keep your handwriting, or type your name instead.")
WRITE_IT = N_("Please write your name on the pad again, or type it instead.")
ANSWER_EACH = N_("Mark each sentence as right or not right.")
NOT_RIGHT: Final = "调解记录中引用的本方陈述有不对之处，已逐条说明。"  # what the mediator and the journal read
REASON_NEEDED = N_("Say in a few words what is not right.")
MOST_DRAWN: Final = 120_000  # characters: rooms.signing's points as JSON
_BOXES: Final = ("read", "electronic", "handwriting")
_SIGNING_IN_PLACE = frozenset({"bad_code", "code_expired", "too_many_tries", "too_many_codes", "no_phone"})


@anyone
async def show_signing_link(request: web.Request) -> web.StreamResponse:
    return _signing_page(request, await request.app[SIGNING_BY_LINK].visit(request.match_info["secret"]))


@anyone
async def send_signing_code(request: web.Request) -> web.StreamResponse:
    secret, desk = request.match_info["secret"], request.app[SIGNING_BY_LINK]
    visit = await desk.visit(secret)
    try:
        await desk.send_code(secret, counted_as(request))
    except Refused as no:
        return _signing_page(request, visit, no)
    return _signing_page(request, visit, sent=True)


@anyone
async def read_to_sign(request: web.Request) -> web.StreamResponse:
    secret, desk = request.match_info["secret"], request.app[SIGNING_BY_LINK]
    visit = await desk.visit(secret)
    try:
        found = await desk.open(secret, await _field(request, "code", 16), counted_as(request))
    except Refused as no:
        return _signing_page(request, visit, no, sent=True)
    return _text(request, found)


@anyone
async def sign_by_link(request: web.Request) -> web.StreamResponse:
    ticket, desk = request.match_info["ticket"], request.app[SIGNING_BY_LINK]
    found = await desk.look(ticket)
    name, drawn = await _field(request, "name", MOST_NAME), await _field(request, "drawn", MOST_DRAWN)
    ticked = {box for box in _BOXES if await _field(request, box, 8) == "yes"}
    answers = await _answers(request, found)
    if answers:
        await desk.answer(ticket, answers)
    if any(not right for right, _ in answers.values()):
        await desk.refuse(ticket, NOT_RIGHT)
        return _done(request, found, refused=True)
    problem = ""
    if len(answers) < len(found.statements):
        problem, found = ANSWER_EACH, await desk.look(ticket)
    elif "read" not in ticked:
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


async def _answers(request: web.Request, found: ToSign) -> dict[str, tuple[bool, str]]:
    """To the sentences that quote their side, by line: those that were answered."""
    told: dict[str, tuple[bool, str]] = {}
    for n, one in enumerate(found.statements, 1):
        said = await _field(request, f"line_{n}", 8)
        if said in ("right", "wrong"):
            told[one.line] = (said == "right", await _field(request, f"words_{n}", MOST_LINE))
    return told


def _handwriting(drawn: str) -> Handwriting | None:
    """ValidationError: none that our pad sends."""
    return Drawn.model_validate_json(drawn).handwriting() if drawn else None


@anyone
async def refuse_by_link(request: web.Request) -> web.StreamResponse:
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


def _signing_page(
    request: web.Request, visit: SigningVisit, no: Refused | None = None, sent: bool = False
) -> web.Response:
    if no is not None and no.code not in _SIGNING_IN_PLACE:
        raise no
    problem = refusals.sentence(words_for(request), no.code, no.params) if no is not None else ""
    status = 200 if no is None else no.status
    secret = request.match_info["secret"]
    return render(request, "documents/sign_code.html", status, visit=visit, problem=problem, sent=sent, secret=secret)


def _done(request: web.Request, found: ToSign, refused: bool) -> web.Response:
    number, office = found.wording["number"], found.wording["office"]
    return render(request, "documents/signed.html", number=number, by=office, refused=refused)


_HEADS: Final = frozenset({"投诉人", "共同投诉人", "被投诉人", "承办机构"})


def _lists(rows: Sequence[Mapping[str, str]]) -> Sequence[Sequence[Mapping[str, str]]]:
    """A paper's particulars, apart by whose they are: both sides have an address and a proxy."""
    lists: list[list[Mapping[str, str]]] = [[]]
    for row in rows:
        if row["label"] in _HEADS:
            lists.append([])
        lists[-1].append(row)
    return lists


def _text(
    request: web.Request,
    found: ToSign,
    problem: str = "",
    name: str = "",
    drawn: str = "",
    ticked: Collection[str] = (),
) -> web.Response:
    said = words_for(request).gettext(problem) if problem else ""
    status = 422 if problem else 200
    language = i18n.language(request)
    return render(
        request,
        "documents/sign.html",
        status,
        found=found,
        lists=_lists(found.wording["rows"]),
        asked=consents.question(consents.ELECTRONIC, language),
        handwriting=consents.question(consents.HANDWRITING, language),
        problem=said,
        name=name or found.name,
        drawn=drawn,
        ticked=ticked,
    )


def register_signing_links(app: web.Application) -> None:
    app.router.add_get("/g/{secret}", show_signing_link, name="sign_by_link")
    app.router.add_post("/g/{secret}", read_to_sign)
    app.router.add_post("/g/{secret}/code", send_signing_code, name="sign_by_link_code")
    app.router.add_post("/g-sign/{ticket}", sign_by_link, name="sign_by_link_sign")
    app.router.add_post("/g-refuse/{ticket}", refuse_by_link, name="sign_by_link_refuse")


LARGEST: Final = 1 << 20  # bytes of a document
FORM: Final = 4096  # what a form is around it

SENTENCES: Final = {
    "ours": (
        N_("This document is ours, and unchanged"),
        N_("Every byte of it is as it was when our seal was put on it."),
    ),
    "changed": (
        N_("This document was changed after it was sealed"),
        N_("It carries a seal of ours, but it is not what we sealed. Do not rely on it; ask the office for a copy."),
    ),
    "unknown_seal": (
        N_("The seal on this document is not one of ours"),
        N_("Another office or another program put it there. Ask whoever is named in it."),
    ),
    "not_given": (
        N_("This file is not one that we gave out"),
        N_(
            "Not byte for byte. If our electronic seal is on it, it was changed or saved anew since; the seal itself "
            "is checked by the e-seal platform's own tool, not here. Ask the office for a copy."
        ),
    ),
    "no_seal": (
        N_("There is no electronic seal on this document"),
        N_("A scan, a print to PDF or a screenshot has lost it. Use the file as you downloaded it."),
    ),
    "no_pdf": (N_("This file is not a PDF"), N_("Choose the PDF you downloaded from us.")),
}
STANDINGS: Final = {
    "own": N_(
        "The key and certificate of this seal are the office's own. They show that the file comes from here and is "
        "unchanged; no licensed provider of electronic certification is on file as its issuer, and the seal is not one "
        "of the national unified e-seal system. For a paper copy with the office's stamp, ask the office."
    ),
    "provider": N_(
        "The certificate of this seal was issued by %(certifier)s, as the office says. A seal that meets Article 13 of "
        "the Electronic Signature Law has the effect of a stamp under its Article 14. It is not a seal of the national "
        "unified e-seal system."
    ),
    "unified": N_(
        "Sealed by %(certifier)s, as the office says, with an e-seal of the national unified system, which has the "
        "effect of a stamp (State Council Order 716, Article 9). We compared the file with the one we gave out; the "
        "seal itself is checked by the platform's own tool."
    ),
}
"""What a seal of ours is worth, by who vouches for it."""
SM2: Final = N_("It is an SM2 signature with SM3. We have checked it; many readers of PDF cannot, and say so.")
PROBLEMS: Final = {
    "none": N_("Choose a file first."),
    "large": N_("This file is larger than any of our documents (1 MB)."),
}


@anyone
async def seal_form(request: web.Request) -> web.StreamResponse:
    return render(request, "documents/verify.html", verdict=None, sentence=None, problem="")


@anyone_sending(LARGEST + FORM)
async def judge_seal(request: web.Request) -> web.StreamResponse:
    sent = (await request.post()).get("file")
    if not isinstance(sent, web.FileField) or not sent.filename:
        return render(request, "documents/verify.html", 400, verdict=None, sentence=None, problem=PROBLEMS["none"])
    content = sent.file.read(LARGEST + 1)
    if len(content) > LARGEST:
        return render(request, "documents/verify.html", 400, verdict=None, sentence=None, problem=PROBLEMS["large"])
    verdict = await request.app[SEALS].judged(content)
    return render(
        request,
        "documents/verify.html",
        verdict=verdict,
        sentence=SENTENCES[verdict.result],
        standing=STANDINGS[verdict.assurance] if verdict.result == "ours" else "",
        sm2=SM2 if verdict.result == "ours" and verdict.algorithm == "SM2" else "",
        problem="",
        site=request.app[SITE],
    )


@anyone
async def certificates(request: web.Request) -> web.StreamResponse:
    """For readers of PDF: whom to trust, once somebody has compared it."""
    pem = await request.app[SEALS].certificates()
    if not pem:
        raise web.HTTPNotFound
    headers = {"Content-Disposition": 'attachment; filename="yuntiao-seal.pem"'}
    return web.Response(text=pem, content_type="application/x-pem-file", headers=headers)


def register_documents(app: web.Application) -> None:
    register_signing_links(app)
    app.router.add_get("/verify-document", seal_form, name="verify_document")
    app.router.add_post("/verify-document", judge_seal)
    app.router.add_get("/c/{secret}", show_copies_link, name="own_papers")
    app.router.add_post("/c/{secret}", open_copies)
    app.router.add_post("/c/{secret}/code", send_copies_code, name="own_papers_code")
    app.router.add_get("/c-file/{ticket}", copy_file, name="own_papers_file")
    app.router.add_get("/verify-document/certificates", certificates, name="seal_certificates")
