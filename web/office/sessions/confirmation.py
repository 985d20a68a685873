"""Judicial confirmation of a session's agreement: the period for it, the papers for the court, and what it ruled.

What pages ask of it is the protocol `Confirmations`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO, Final, Protocol

from aiohttp import web

from complaints import LONGEST, ConfirmationView, RulingNoted
from complaints.record.uploads import LARGEST
from journal.refusals import Refused
from offices import Officer
from rooms.record.rules import RecordUse
from rooms.views import SessionRow
from web import READS
from web.http.forms import BAD_DATE, NEEDED, Form
from web.http.responses import send_opened
from web.http.security import officer_page
from web.i18n import N_
from web.rendering import go, officer_in, posted, show


class Confirmations(Protocol):
    """Of sessions whose record the officer may read. Refused(404) of one without an agreement under seal."""

    async def view(self, officer: Officer, session: str) -> ConfirmationView: ...

    async def archive(self, officer: Officer, session: str, court: str) -> tuple[str, BinaryIO]:
        """Its name and its bytes, which the caller closes. Refused: too_long, erased."""
        ...

    async def note_ruling(self, officer: Officer, ruling: RulingNoted, name: str, content: bytes) -> None:
        """The ruling has no attachment yet. Refused: bad_upload (params: why), bad_day."""
        ...

    async def take_back(self, officer: Officer, session: str, reason: str) -> None:
        """Refused: wrong_state."""
        ...


CONFIRMATIONS: web.AppKey[Confirmations] = web.AppKey("confirmations", Confirmations)

NO_FILE: Final = N_("Choose a file first.")
NOT_COME: Final = N_("This day has not come yet.")
BAD_FILE: Final = N_("Attach the ruling as PDF, JPEG or PNG, 10 MB at most.")
LACKS: Final[Mapping[str, str]] = {
    "identity": N_("Identity numbers are left blank: the applicants write them in by hand."),
    "birth": N_("Date of birth and ethnic group are left blank: the office does not ask for them."),
    "head": N_("The legal representative of the business is left blank: the business writes it in."),
    "address": N_("An address is not on file and left blank."),
    "evidence": N_("No evidence package is ready: make one on the record’s page, or hand the papers out without it."),
    "over": N_("The thirty days are over: a court no longer confirms it; other ways stay open."),
}


def register(app: web.Application) -> None:
    path = "/sessions/{session}/confirmation"
    app.router.add_get(path, page, name="confirmation")
    app.router.add_post(path, archive)
    app.router.add_post(f"{path}/ruling", note_ruling, name="ruling")
    app.router.add_post(f"{path}/ruling/undo", take_back, name="ruling_undo")


async def _row(request: web.Request, use: RecordUse) -> SessionRow:
    return await request.app[READS].record(officer_in(request), request.match_info["session"], use)


@officer_page("mediator", "supervisor")
async def page(request: web.Request) -> web.StreamResponse:
    return await _page(request, await _row(request, RecordUse.READ), Form())


async def _page(request: web.Request, row: SessionRow, form: Form, status: int = 200) -> web.Response:
    officer = officer_in(request)
    context: dict[str, Any] = {
        "row": row,
        "seen": await request.app[CONFIRMATIONS].view(officer, row.id),
        "form": form,
        "lacks": LACKS,
        "mine": officer.role == "mediator",
    }
    return show(request, "sessions/confirmation.html", "complaints", status, **context)


@officer_page("mediator")
async def archive(request: web.Request) -> web.StreamResponse:
    row, form = await _row(request, RecordUse.EXPORT), await posted(request)
    court = form.text("court", longest=LONGEST["court"])
    if not form.good:
        return await _page(request, row, form, 422)
    name, file = await request.app[CONFIRMATIONS].archive(officer_in(request), row.id, court)
    return await send_opened(request, file, "application/zip", name)


@officer_page("mediator", most_bytes=LARGEST + (1 << 16))
async def note_ruling(request: web.Request) -> web.StreamResponse:
    row = await _row(request, RecordUse.READ)
    sent = await request.post()
    form, file = Form.of(sent), sent.get("file")
    court = form.text("ruled_by", needed=True, longest=LONGEST["court"])
    number = form.text("number", needed=True, longest=LONGEST["number"])
    note, day = form.text("note", longest=LONGEST["note"]), form.day("day")
    upheld = form.choice("upheld", ("yes", "no")) == "yes"
    if day is None:
        form.errors.setdefault("day", NEEDED if not form.values.get("day") else BAD_DATE)
    if not isinstance(file, web.FileField) or not file.filename:
        form.errors["file"] = NO_FILE
    if not form.good or day is None or not isinstance(file, web.FileField):
        return await _page(request, row, form, 422)
    try:
        ruling = RulingNoted(row.id, court.strip(), number.strip(), day, upheld, "", note.strip())
        await request.app[CONFIRMATIONS].note_ruling(officer_in(request), ruling, file.filename, file.file.read())
    except Refused as no:
        if no.code not in _SAID:
            raise
        field, text = _SAID[no.code]
        form.errors[field] = text
        return await _page(request, row, form, 422)
    return go(f"/sessions/{row.id}/confirmation#ruling")


_SAID: Final[Mapping[str, tuple[str, str]]] = {"bad_day": ("day", NOT_COME), "bad_upload": ("file", BAD_FILE)}


@officer_page("mediator")
async def take_back(request: web.Request) -> web.StreamResponse:
    row, form = await _row(request, RecordUse.READ), await posted(request)
    reason = form.text("reason", needed=True, longest=LONGEST["reason"])
    if not form.good:
        return await _page(request, row, form, 422)
    await request.app[CONFIRMATIONS].take_back(officer_in(request), row.id, reason)
    return go(f"/sessions/{row.id}/confirmation#ruling")
