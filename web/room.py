"""The room's pages for parties and mediators, vouching by telephone, a mediator's notes, and the files of exhibits.

Pages and films of exhibits only ever leave in the form they were drawn anew in; who may see one, the session's state
says. The protocols say what these pages ask for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any, Final, Protocol

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from complaints.complaint import in_charge
from complaints.views import PrintedPaper
from journal.refusals import Refused
from law.grounds import ending_grounds
from offices import Office, Officer
from recordings import BadName
from rooms import MOST_LINE
from rooms.events import Picture
from rooms.exhibits.rules import may_see
from rooms.exhibits.state import Exhibit
from rooms.floor.rules import shown_texts
from rooms.joining.invitations import Guest
from rooms.seats import IN_ROOM
from rooms.session import apart_on
from rooms.views import (
    AnnouncedFile,
    CopyRow,
    CopyVisit,
    Handwriting,
    NewExhibit as Wanted,
    PrivateNote,
    SavedSignature,
    SeatedPerson as Sitter,
    SignerRow,
    SigningVisit,
    ToSign,
    UploadState as Coming,
)
from rooms.vocabulary import Purpose, SeatStatus
from web import LINKS, READS, SESSIONS, SHELF, SITE, i18n
from web.http import responses
from web.http.forms import UNREADABLE, form_token
from web.http.responses import ASSETS, json_response
from web.http.security import BODY_LIMIT, guest_of, guest_page, officer_of, officer_page
from web.join import JoinStep, first_open
from web.law import classes
from web.office.administration.cards import named_kinds
from web.office.casebook.exchange import note_path
from web.office.oversight import SIGNATURES
from web.rendering import officer_in, render
from web.telephone import PHONE


class Exhibits(Protocol):
    """Refused with `not_in_room`, `not_allowed`, `unknown_upload`, `bad_exhibit` (params: problem), `too_much`,
    `too_many_exhibits`, and what the room's rules say; ReserveReached where a file would touch the disk's reserve."""

    async def begin(self, who: Sitter, wanted: Wanted) -> Coming: ...

    async def state(self, who: Sitter, upload: str) -> Coming: ...

    async def append(self, who: Sitter, upload: str, file: int, at: int, content: bytes) -> Coming:
        """The next bytes of a file, safe when it returns. Refused(409) out_of_step (params: received) when `at` is not
        where the file ends; bytes that are there already change nothing."""
        ...

    async def finish(self, who: Sitter, upload: str) -> str:
        """Looked at, made ready, sealed and offered: the exhibit's id. Asked again it answers the same."""
        ...

    async def cancel(self, who: Sitter, upload: str) -> None: ...

    async def bring(self, who: Sitter, officer: Officer, attachment: str) -> str:
        """An attachment of the session's complaint becomes an exhibit: its id."""
        ...


class PrivateNotes(Protocol):
    """Only of the officer who conducts the session. Refused: not_found."""

    async def read(self, officer: Officer, session: str) -> PrivateNote: ...

    async def write(self, officer: Officer, session: str, seen: int, text: str) -> PrivateNote:
        """`seen`: the edition this page showed. Refused: note_changed (409) when another page wrote since, too_long."""
        ...


class SigningByLink(Protocol):
    """Without a room: `server.signing.statements`. A link or ticket that is over is Refused(410)."""

    async def ask(self, officer: Officer, session: str) -> None: ...

    async def signers(self, officer: Officer, session: str) -> Sequence[SignerRow]: ...

    async def own_link(self, session: str, seat: str) -> str:
        """ "" for who signs nothing, or has."""
        ...

    async def visit(self, secret: str) -> SigningVisit: ...

    async def send_code(self, secret: str, ip: str) -> str: ...

    async def open(self, secret: str, code: str, ip: str) -> ToSign: ...

    async def look(self, ticket: str) -> ToSign: ...

    async def sign(self, ticket: str, name: str, drawn: Handwriting | None, ip: str) -> None:
        """By hand, or by the typed name alone. DomainError: bad_ink, other_text, not_signing …"""
        ...

    async def answer(self, ticket: str, answers: Mapping[str, tuple[bool, str]]) -> None:
        """Of a record: by line that quotes them, whether it is right, and how it was."""
        ...

    async def refuse(self, ticket: str, reason: str) -> None: ...


class Signing(Protocol):
    async def offer(self, officer: Officer, session: str) -> str:
        """The text's hash. DomainError: not_agreed, nobody_there, in_caucus, sealed. Refused(404)."""
        ...

    async def text(self, session: str, text: str, seat: str = "") -> Mapping[str, Any]:
        """What is read and signed, for the mediator or a seat. Who speaks for no side reads it with people's numbers
        masked. Refused(404, 500 "unreadable")."""
        ...

    async def send_code(self, guest: Guest, text: str, ip: str) -> str:
        """The masked number. Refused: no_phone, too_many_codes; DomainError: not_signing, other_text."""
        ...

    async def sign(self, guest: Guest, text: str, code: str, name: str, drawn: Handwriting | None, ip: str) -> None:
        """`code` may be "" for somebody already confirmed. Refused: bad_code …; DomainError: bad_ink, out_of_order …"""
        ...

    async def sign_as_mediator(
        self, officer: Officer, session: str, text: str, name: str, drawn: Handwriting | None
    ) -> None: ...

    async def sign_with_saved(self, officer: Officer, session: str, text: str, code: str) -> None:
        """With the drawing the mediator keeps. Refused: bad_signature_code (left), signature_locked, no_signature."""
        ...

    async def seal(self, officer: Officer, session: str, text: str) -> None:
        """DomainError: out_of_order, other_text. Refused: no_seal, unprintable."""
        ...

    async def file(self, officer: Officer, session: str) -> None:
        """Make and seal the record of a session that is over. DomainError: wrong_state; Refused: no_seal …"""
        ...

    async def documents(self, session: str) -> Sequence[CopyRow]: ...

    async def copy_for_guest(self, guest: Guest, document: str) -> PrintedPaper: ...

    async def copy_for_officer(self, officer: Officer, session: str, document: str) -> PrintedPaper: ...

    async def visit(self, secret: str) -> CopyVisit:
        """Refused(410): the link is over or none of ours. Looking uses nothing up."""
        ...

    async def send_copy_code(self, secret: str, ip: str) -> str: ...

    async def open_copies(self, secret: str, code: str, ip: str) -> Sequence[CopyRow]:
        """With tickets. Refused: bad_code …"""
        ...

    async def copy_by_ticket(self, ticket: str) -> PrintedPaper:
        """Refused(410) when it is over."""
        ...


EXHIBITS: web.AppKey[Exhibits] = web.AppKey("exhibits", Exhibits)


PRIVATE_NOTES: web.AppKey[PrivateNotes] = web.AppKey("private_notes", PrivateNotes)


SIGNING: web.AppKey[Signing] = web.AppKey("signing", Signing)


SIGNING_BY_LINK: web.AppKey[SigningByLink] = web.AppKey("signing_by_link", SigningByLink)


class Vouching(BaseModel):
    """`number`: as the person read it from their device."""

    model_config = ConfigDict(extra="forbid")

    number: Annotated[str, StringConstraints(max_length=16)]
    recognised: Annotated[str, StringConstraints(max_length=MOST_LINE)]


@officer_page("mediator")
async def vouch(request: web.Request) -> web.StreamResponse:
    officer, seat = officer_of(request), request.match_info["seat"]
    row = await request.app[READS].session(officer, request.match_info["session"])
    try:
        given = Vouching.model_validate_json(await request.text())
    except ValidationError:
        raise Refused("bad_request", 422) from None
    await request.app[LINKS].vouch(officer, row.id, seat, given.number, given.recognised)
    return web.json_response({}, headers={"Cache-Control": "no-store"})


def register_vouching(app: web.Application) -> None:
    app.router.add_post("/api/sessions/{session}/seats/{seat}/voice", vouch)


@officer_page("mediator")
async def read_notes(request: web.Request) -> web.StreamResponse:
    officer, session = officer_in(request), request.match_info["session"]
    await request.app[READS].session(officer, session)  # another office's is not found
    return _json(await request.app[PRIVATE_NOTES].read(officer, session))


@officer_page("mediator")
async def write_notes(request: web.Request) -> web.StreamResponse:
    officer, session = officer_in(request), request.match_info["session"]
    await request.app[READS].session(officer, session)
    form = await request.post()
    text, seen = form.get("text", ""), str(form.get("seen", ""))
    if not isinstance(text, str) or not (seen.isascii() and seen.isdigit() and len(seen) < 10):
        raise Refused("bad_request", 422, field="seen")
    text = text.replace("\r\n", "\n").replace("\x00", "")
    return _json(await request.app[PRIVATE_NOTES].write(officer, session, int(seen), text))


def _json(note: PrivateNote) -> web.Response:
    body = {"edition": note.edition, "text": note.text, "changed": note.changed and note.changed.isoformat()}
    return json_response(body, headers={"Cache-Control": "no-store"})


def register_notes(app: web.Application) -> None:
    app.router.add_get("/api/sessions/{session}/private-note", read_notes, name="private_note")
    app.router.add_post("/api/sessions/{session}/private-note", write_notes)


@guest_page(verified=True)
async def phone(request: web.Request) -> web.StreamResponse:
    guest = guest_of(request)
    session = await request.app[SESSIONS].state(guest.session)
    seat = session.seats[guest.seat.id]
    # A closed session still shows its result here; before that the questions of the join flow come first.
    if not session.over and seat.status is not SeatStatus.REMOVED:
        if apart_on(session) is not None:
            raise web.HTTPSeeOther("/join")
        asked = first_open(seat, guest.verified, request.app[SITE].consent_version)
        unready = asked < JoinStep.DEVICE or (not seat.mode and seat.status not in {*IN_ROOM, SeatStatus.WAITING})
        if seat.participate is False or unready:
            raise web.HTTPSeeOther("/join")
    data = page_data(request, guest.office) | {
        "links": {"device": "/join/device", "type": "/type"},
        "csrf": form_token(request),
        "grounds": _grounds(session.order, i18n.language(request)),
    }
    return render(request, "room/phone.html", data=data, mode=seat.mode or "video", office=guest.office)


@officer_page("mediator")
async def cockpit(request: web.Request) -> web.StreamResponse:
    officer = officer_of(request)
    row = await request.app[READS].session(officer, request.match_info["session"])
    complaint = await request.app[READS].complaint(officer, row.complaint)
    session = await request.app[SESSIONS].state(row.id)
    if apart_on(session) is not None:
        raise web.HTTPSeeOther(f"/sessions/{row.id}/apart")
    language, phone = i18n.language(request), request.app[PHONE]
    data = page_data(request, officer.office) | {
        "session": row.id,
        "links": {
            "session": f"/sessions/{row.id}",
            "desk": "/desk",
            "law": "/law",
            "notes": note_path(*classes(complaint)),
        },
        "experience": f"/api/sessions/{row.id}/experience",
        "kinds": named_kinds(language),
        "law": f"/api/sessions/{row.id}/law",
        "cases": f"/api/sessions/{row.id}/cases",
        "note": f"/api/sessions/{row.id}/private-note",
        "officer": officer.id,
        "numbers": f"/complaints/{row.complaint}/number" if officer.id in in_charge(complaint.history) else "",
        "saved_signature": standing(await request.app[SIGNATURES].of(officer.id)),
        "seal_only": officer.office.seal_only,
        "phone": phone is not None,
        "dials_in": phone is not None and phone.dials_in,
        "files": f"/api/sessions/{row.id}",
        "grounds": _grounds(session.order, language),
    }
    return render(request, "room/cockpit.html", data=data, title=row.title, office=officer.office)


def standing(saved: SavedSignature | None) -> str:
    """Of an officer's own drawing: "" for none, "kept", "locked"."""
    return "" if saved is None else "locked" if saved.locked else "kept"


def page_data(request: web.Request, office: Office) -> dict[str, Any]:
    """What `Page` in page.ts describes; its words come from the template, which knows the script."""
    language = i18n.language(request)
    return {
        "language": language,
        "zone": office.zone,
        "icons": request.app[ASSETS].address("icons.svg"),
        "form_token": form_token(request),
        "session": "",
        "office": office.name,
        "office_short": office.short,
        "office_phone": office.phone,
        "captions": request.app[SITE].captions,
        "consent_version": request.app[SITE].consent_version,
        "texts": shown_texts(request.app[SITE].consent_version).named,
        "links": {},
        "csrf": form_token(request),
        "files": "/api/room",
        "grounds": [],
    }


def _grounds(order: str, language: str) -> list[dict[str, Any]]:
    """To choose from, and for a party to read which one it was: the journal keeps only its number."""
    return [{"number": ground.number, "gist": ground.gist(language)} for ground in ending_grounds(order)]


PIECE: Final = 1024 * 1024  # bytes of a request's body; the desk takes fewer at once
SHUT: Final = {**responses.SHUT, "Cache-Control": "no-store"}

Handler = Callable[[web.Request, Sitter], Awaitable[web.StreamResponse]]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileBody(_Strict):
    name: str = Field(max_length=255)
    size: int = Field(ge=1, le=1 << 30)


class BeginBody(_Strict):
    title: str = Field(max_length=500)
    files: list[FileBody] = Field(min_length=1, max_length=100)
    private: bool = False
    purpose: Purpose = Purpose.EVIDENCE
    term: int = Field(default=0, ge=0, le=100)


async def begin(request: web.Request, who: Sitter) -> web.StreamResponse:
    try:
        body = BeginBody.model_validate(await request.json())
    except (ValidationError, *UNREADABLE):
        raise Refused("bad_request", 400) from None
    files = [AnnouncedFile(file.name, file.size) for file in body.files]
    wanted = Wanted(body.title, files, body.private, body.purpose.value, body.term)
    return json_response(asdict(await request.app[EXHIBITS].begin(who, wanted)), status=201)


async def state(request: web.Request, who: Sitter) -> web.StreamResponse:
    return json_response(asdict(await request.app[EXHIBITS].state(who, request.match_info["upload"])))


async def append(request: web.Request, who: Sitter) -> web.StreamResponse:
    """The body is the bytes themselves, which belong at `at` of the file."""
    upload, file = request.match_info["upload"], _number(request.match_info["file"])
    at = _number(request.query.get("at", ""))
    content = await request.read()
    return json_response(asdict(await request.app[EXHIBITS].append(who, upload, file, at, content)))


async def finish(request: web.Request, who: Sitter) -> web.StreamResponse:
    return json_response({"exhibit": await request.app[EXHIBITS].finish(who, request.match_info["upload"])})


async def cancel(request: web.Request, who: Sitter) -> web.StreamResponse:
    await request.app[EXHIBITS].cancel(who, request.match_info["upload"])
    return json_response({})


async def page(request: web.Request, who: Sitter) -> web.StreamResponse:
    one = await _exhibit(request, who)
    number = _number(request.match_info["page"])
    if not 1 <= number <= len(one.pages):
        raise Refused("not_found", 404)
    return await _send(request, who.session, one.pages[number - 1], "image/jpeg", f"exhibit-{one.n}-{number}.jpg")


async def film(request: web.Request, who: Sitter) -> web.StreamResponse:
    one = await _exhibit(request, who)
    if one.film is None:
        raise Refused("not_found", 404)
    return await _send(request, who.session, one.film, "video/mp4", f"exhibit-{one.n}.mp4")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise Refused("bad_request", 400)
    return int(text)


async def _exhibit(request: web.Request, who: Sitter) -> Exhibit:
    """Refused(404) also where it is not for this seat, or the seat is not in the room."""
    session = await request.app[SESSIONS].state(who.session)
    one = session.exhibits.items.get(request.match_info["exhibit"])
    seat = session.seats.get(who.seat)
    if one is None or seat is None or not (session.attends(seat) and may_see(session, seat, one)):
        raise Refused("not_found", 404)
    return one


async def _send(request: web.Request, session: str, shown: Picture, kind: str, name: str) -> web.StreamResponse:
    try:
        return await responses.send_file(request, request.app[SHELF], session, shown.path, kind, name, more=SHUT)
    except BadName:
        raise Refused("not_found", 404) from None


async def bring(request: web.Request, who: Sitter, officer: Officer) -> web.StreamResponse:
    """An attachment of the complaint's record."""
    made = await request.app[EXHIBITS].bring(who, officer, request.match_info["attachment"])
    return json_response({"exhibit": made})


# ---------------------------------------------------------------- who sits where


def _party(handler: Handler, most: int) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    @guest_page(verified=True, most_bytes=most)
    async def answered(request: web.Request) -> web.StreamResponse:
        guest = guest_of(request)
        return await handler(request, Sitter(guest.session, guest.seat.id, guest.actor))

    return answered


def _mediator(handler: Handler, most: int) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    @officer_page("mediator", most_bytes=most)
    async def answered(request: web.Request) -> web.StreamResponse:
        return await handler(request, await _sits(request))

    return answered


@officer_page("mediator")
async def bring_attachment(request: web.Request) -> web.StreamResponse:
    return await bring(request, await _sits(request), officer_of(request))


async def _sits(request: web.Request) -> Sitter:
    """Refused(404) for another office's session, and for a colleague's."""
    officer, which = officer_of(request), request.match_info["session"]
    await request.app[READS].session(officer, which)
    session = await request.app[SESSIONS].state(which)
    if session.office != officer.office.id or session.mediator != officer.id:
        raise Refused("not_found", 404)
    return Sitter(session.id, session.mediator_seat, officer.actor)


def register(app: web.Application) -> None:
    """For a party below /api/room, for the mediator below /api/sessions/{session}."""
    # The first that fits answers: words before the number of a file.
    parts: list[tuple[str, str, Handler, int]] = [
        ("POST", "/uploads", begin, BODY_LIMIT),
        ("GET", "/uploads/{upload}", state, BODY_LIMIT),
        ("POST", "/uploads/{upload}/finish", finish, BODY_LIMIT),
        ("POST", "/uploads/{upload}/cancel", cancel, BODY_LIMIT),
        ("POST", "/uploads/{upload}/{file}", append, PIECE),
        ("GET", "/exhibits/{exhibit}/pages/{page}", page, BODY_LIMIT),
        ("GET", "/exhibits/{exhibit}/film", film, BODY_LIMIT),
    ]
    add: Any = app.router.add_route
    for method, path, handler, most in parts:
        add(method, f"/api/room{path}", _party(handler, most))
        add(method, f"/api/sessions/{{session}}{path}", _mediator(handler, most))
    add("POST", "/api/sessions/{session}/attachments/{attachment}", bring_attachment)
