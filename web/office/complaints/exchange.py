"""Exchange with the platforms complaints come from: what each is told and has taken, files both ways, and both sides'
counts. Also a settlement that is tried before acceptance, of one complaint.

What pages ask of it is the protocol `Exchange`.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import IO, Any, Final, Protocol

from aiohttp import web

from complaints.channels import ImportReason, said
from complaints.exchange import ComplaintExchange, LinePage, LineView, ReceiptsRead
from journal.refusals import Refused
from offices import Officer
from web import i18n
from web.http.forms import BAD_DATE, Form
from web.http.responses import attachment_headers
from web.http.security import officer_page
from web.i18n import N_
from web.office.statistics import new_workbook, packed, workbook_row
from web.rendering import go, officer_in, posted, show, today


class Exchange(Protocol):
    """Of an officer's own office. Refused(404) not_found for another's."""

    async def lines(self, officer: Officer) -> Sequence[LineView]: ...

    async def page(self, officer: Officer, name: str) -> LinePage: ...

    async def again(self, officer: Officer, name: str, statement: str = "") -> None:
        """Send all that waits now, or this one that was refused. Refused: not_found."""
        ...

    async def file(
        self, officer: Officer, name: str, file: str = ""
    ) -> tuple[str, Sequence[str], Sequence[Mapping[str, str]]]:
        """Id, columns and rows: of all that waits, or of one that was handed out before. Refused: not_found, when
        nothing waits."""
        ...

    async def take_receipts(self, officer: Officer, name: str, file: IO[bytes]) -> ReceiptsRead:
        """Refused: unreadable (params: reason), too_many."""
        ...

    async def note_taken(self, officer: Officer, name: str, file: str, receipt: str) -> int:
        """Somebody saw that the platform has what the file said; how many statements."""
        ...

    async def reconcile(
        self, officer: Officer, name: str, first: date, last: date, file: IO[bytes] | None = None
    ) -> None:
        """Without a file the platform is asked. Refused: bad_day, unreadable, too_many, not_reached (params: why)."""
        ...

    async def of_complaint(self, officer: Officer, complaint: str) -> ComplaintExchange: ...

    async def begin_prior(self, officer: Officer, complaint: str, due: date, note: str) -> None:
        """The business tries to settle it first. Refused: wrong_state, bad_day."""
        ...

    async def end_prior(self, officer: Officer, complaint: str, settled: bool, note: str) -> None:
        """Refused: wrong_state, missing."""
        ...

    def known(self, name: str) -> bool:
        """Whether there is such a connection, of any office."""
        ...

    async def answer(self, name: str, timestamp: str, given: str, body: bytes) -> tuple[int, str, Mapping[str, str]]:
        """To a platform's signed request: status, text, headers."""
        ...


EXCHANGE: web.AppKey[Exchange] = web.AppKey("exchange", Exchange)

MOST_BYTES: Final = 30 << 20
NO_FILE: Final = N_("Choose a file first.")
BAD_PERIOD: Final = N_("Choose a period of at most 400 days, its first day first.")
NO_WAY: Final = N_("This platform is not asked over the network: choose its export of the period.")
STAGES: Final[Mapping[str, str]] = {
    "received": N_("Receipt confirmed"),
    "settling": N_("Settlement is being tried first"),
    "settled_first": N_("Settled before acceptance"),
    "not_settled_first": N_("Not settled before acceptance"),
    "dispatched": N_("Sent on to another office"),
    "accepted": N_("Acceptance decided"),
    "refused": N_("Non-acceptance decided"),
    "mediating": N_("In mediation"),
    "settled": N_("Settled in mediation"),
    "performed": N_("Agreement performed"),
    "ended": N_("Mediation terminated"),
    "withdrawn": N_("Complaint withdrawn"),
    "referred": N_("Sign of an offence handed on"),
    "case": N_("Led to a case"),
    "no_case": N_("No case filed"),
    "taken_back": N_("Decision taken back"),
    "closed": N_("File closed"),
}
STATES: Final[Mapping[str, str]] = {
    "queued": N_("waits to be sent"),
    "failed": N_("will be tried again"),
    "handed": N_("receipt awaited"),
    "sent": N_("taken there"),
    "refused": N_("not taken there"),
}
TONES: Final[Mapping[str, str]] = {"failed": "warn", "refused": "seal", "sent": "ok"}
FAULTS: Final[Mapping[str, str]] = {
    "unreachable": N_("Nobody answers at this address."),
    "slow": N_("It did not answer in time."),
    "refused": N_("It did not take the request."),
    "not_understood": N_("It gave no answer that can be used."),
    "forged": N_("Its answer is not signed with the secret both know."),
    "clock": N_("Its clock or ours is wrong by more than five minutes."),
    "not_ready": N_("It cannot take anything just now."),
    "erased": N_("The complaint’s beginning was erased; nothing can be said of it any more."),
}
OUTCOMES: Final[Mapping[str, str]] = {
    "taken": N_("taken in"),
    "again": N_("the same once more"),
    "updated": N_("taken as a change"),
    "noted": N_("differs from what is being handled here; compare it under Imports"),
    "apart": N_("registered apart"),
    "refused": N_("waits under Imports to be mended"),
}
LOOKS_BACK: Final = timedelta(days=30)


def register(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post
    get("/exchange", listing, name="exchange")
    get("/exchange/{connection}", line_page, name="exchange_line")
    post("/exchange/{connection}/again", again, name="exchange_again")
    post("/exchange/{connection}/statements/{statement}/again", again_one, name="exchange_again_one")
    post("/exchange/{connection}/files", hand_out, name="exchange_hand_out")
    get("/exchange/{connection}/files/{file}", file_again, name="exchange_file")
    post("/exchange/{connection}/files/{file}/taken", note_taken, name="exchange_taken")
    post("/exchange/{connection}/receipts", take_receipts, name="exchange_receipts")
    post("/exchange/{connection}/reconciliations", reconcile, name="exchange_reconcile")
    get("/exchange/{connection}/differences.csv", differences, name="exchange_differences")


@officer_page("mediator")
async def listing(request: web.Request) -> web.StreamResponse:
    lines = await request.app[EXCHANGE].lines(officer_in(request))
    return show(request, "complaints/exchange/list.html", "imports", lines=lines, words=i18n)


@officer_page("mediator")
async def line_page(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


async def _page(request: web.Request, form: Form, status: int = 200, read: ReceiptsRead | None = None) -> web.Response:
    page = await request.app[EXCHANGE].page(officer_in(request), request.match_info["connection"])
    form.values.setdefault("first", (today(request) - LOOKS_BACK).isoformat())
    form.values.setdefault("last", today(request).isoformat())
    return show(request, "complaints/exchange/line.html", "imports", status, page=page, form=form, read=read, **names())


def names() -> dict[str, Any]:
    """What the templates call things by."""
    return {
        "told_stages": STAGES,
        "told_states": STATES,
        "told_tones": TONES,
        "told_outcomes": OUTCOMES,
        "told_fault": lambda code: FAULTS.get(code, ""),
        "words": i18n,
    }


@officer_page("mediator")
async def again(request: web.Request) -> web.StreamResponse:
    name = request.match_info["connection"]
    await request.app[EXCHANGE].again(officer_in(request), name)
    return go(f"/exchange/{name}")


@officer_page("mediator")
async def again_one(request: web.Request) -> web.StreamResponse:
    name = request.match_info["connection"]
    await request.app[EXCHANGE].again(officer_in(request), name, request.match_info["statement"])
    return go(f"/exchange/{name}")


@officer_page("mediator")
async def hand_out(request: web.Request) -> web.StreamResponse:
    """What waits, as a file: from now on its receipts are awaited. The page has it again."""
    form, name = await posted(request), request.match_info["connection"]
    kind = form.choice("kind", ("xlsx", "csv"))
    if not form.good:
        return await _page(request, form, 422)
    file, columns, rows = await request.app[EXCHANGE].file(officer_in(request), name)
    return await _download(f"{name}-{file}", kind, columns, rows)


@officer_page("mediator")
async def file_again(request: web.Request) -> web.StreamResponse:
    name, file = request.match_info["connection"], request.match_info["file"]
    _, columns, rows = await request.app[EXCHANGE].file(officer_in(request), name, file)
    return await _download(f"{name}-{file}", "csv" if request.query.get("kind") == "csv" else "xlsx", columns, rows)


async def _download(name: str, kind: str, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> web.Response:
    cells = [[row.get(column, "") for column in columns] for row in rows]
    if kind == "csv":
        return attachment_headers(_csv(columns, cells), "text/csv", f"{name}.csv")
    body = await asyncio.to_thread(_workbook, columns, cells)
    return attachment_headers(body, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", f"{name}.xlsx")


def _csv(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """With a mark that spreadsheets know UTF-8 by, and nothing they would calculate."""
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(columns)
    sheet.writerows([f"'{cell}" if cell[:1] in tuple("=+-@\t\r") else cell for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _workbook(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    book = new_workbook()
    sheet = book.create_sheet()
    workbook_row(sheet, columns, bold=True)
    for row in rows:
        workbook_row(sheet, row)
    return packed(book)


@officer_page("mediator")
async def note_taken(request: web.Request) -> web.StreamResponse:
    form, name = await posted(request), request.match_info["connection"]
    receipt = form.text("receipt", needed=True, longest=200)
    if not form.good:
        return await _page(request, form, 422)
    await request.app[EXCHANGE].note_taken(officer_in(request), name, request.match_info["file"], receipt)
    return go(f"/exchange/{name}")


@officer_page("mediator", most_bytes=MOST_BYTES)
async def take_receipts(request: web.Request) -> web.StreamResponse:
    sent = await request.post()
    form, file = Form.of(sent), sent.get("file")
    if not isinstance(file, web.FileField) or not file.filename:
        form.errors["receipts"] = NO_FILE
        return await _page(request, form, 422)
    try:
        read = await request.app[EXCHANGE].take_receipts(
            officer_in(request), request.match_info["connection"], file.file
        )
    except Refused as no:
        form.errors["receipts"] = _unreadable(request, no)
        return await _page(request, form, 422)
    return await _page(request, Form(), read=read)


@officer_page("mediator", most_bytes=MOST_BYTES)
async def reconcile(request: web.Request) -> web.StreamResponse:
    sent = await request.post()
    form, file, name = Form.of(sent), sent.get("file"), request.match_info["connection"]
    first, last = form.day("first"), form.day("last")
    for field, day in (("first", first), ("last", last)):
        if day is None:
            form.errors[field] = BAD_DATE
    theirs = file.file if isinstance(file, web.FileField) and file.filename else None
    if not form.good or first is None or last is None:
        return await _page(request, form, 422)
    try:
        await request.app[EXCHANGE].reconcile(officer_in(request), name, first, last, theirs)
    except Refused as no:
        if no.code == "bad_day":
            form.errors["last"] = BAD_PERIOD
        elif no.code == "not_reached":
            form.errors["theirs"] = (
                NO_WAY if no.params["why"] == "no_way" else FAULTS.get(str(no.params["why"]), NO_WAY)
            )
        else:
            form.errors["theirs"] = _unreadable(request, no)
        return await _page(request, form, 422)
    return go(f"/exchange/{name}#counts")


def _unreadable(request: web.Request, no: Refused) -> str:
    """Already in the reader's words."""
    reason = no.params.get("reason")
    if not isinstance(reason, ImportReason):
        raise no
    return said(reason.code, reason.params, reason.column, i18n.words_for(request).gettext)


@officer_page("mediator")
async def differences(request: web.Request) -> web.StreamResponse:
    """What both sides differ in, of the last comparison."""
    name = request.match_info["connection"]
    page = await request.app[EXCHANGE].page(officer_in(request), name)
    if page.last is None:
        raise Refused("not_found", 404)
    _ = i18n.words_for(request).gettext
    columns = [_("Number there"), _("In this office"), _("On the platform")]

    def word(stage: str) -> str:
        return _(STAGES.get(stage, stage)) if stage else _("has none")

    rows = [[number, word(ours), word(theirs)] for number, ours, theirs, _complaint in page.last.differences]
    named = f"{name}-{page.last.first}-{page.last.last}.csv"
    return attachment_headers(_csv(columns, rows), "text/csv", named)
