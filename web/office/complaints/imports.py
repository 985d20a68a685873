"""Imports: a file is looked at, then taken; what was refused is mended here; a batch is undone; mappings are edited.
And what these pages ask of the service.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import IO, Final, Protocol

from aiohttp import web

import complaints
from complaints.channels import (
    ChannelError,
    ImportBatch,
    ImportedRow,
    ImportPreview,
    ImportReason as Reason,
    ImportRow,
    ImportToSettle,
    said,
)
from complaints.channels.mapping import IMPORTED, builtin, from_text
from journal.refusals import Refused
from offices import Officer
from web import i18n
from web.http.forms import NEEDED, Form
from web.http.security import officer_page
from web.i18n import N_
from web.office import complaints as import_words
from web.rendering import PAGE_SIZE, go, number, officer_in, posted, show


class Imports(Protocol):
    """An officer's own office only; Refused(404) not_found for another's batch."""

    async def upload(self, officer: Officer, channel: str, name: str, file: IO[bytes]) -> str:
        """Keeps the file; the batch's id. Nothing is imported before `start`."""
        ...

    async def preview(self, officer: Officer, batch: str) -> ImportPreview:
        """What would become of the first rows. Refused: unreadable (params: reason, a Reason)."""
        ...

    async def start(self, officer: Officer, batch: str) -> None:
        """Refused(409): wrong_state when it was started or discarded before."""
        ...

    async def discard(self, officer: Officer, batch: str) -> None: ...

    async def batches(self, officer: Officer, page: int) -> tuple[Sequence[ImportBatch], int]:
        """The newest first, fifty a page, and how many there are."""
        ...

    async def batch(self, officer: Officer, batch: str) -> ImportBatch: ...

    async def refused(self, officer: Officer, batch: str, page: int) -> Sequence[ImportRow]: ...

    async def taken(self, officer: Officer, batch: str, page: int) -> tuple[Sequence[ImportedRow], int]:
        """Rows that were taken, fifty a page, and how many there are."""
        ...

    async def to_settle(self, officer: Officer, batch: str) -> ImportToSettle: ...

    async def map_values(self, officer: Officer, batch: str, wanted: Mapping[tuple[str, str], str]) -> None:
        """(field, word) -> what it means from now on, and in this batch. Refused: not_found, bad_choice."""
        ...

    async def name(self, officer: Officer, names: Mapping[str, str]) -> int:
        """Complaint -> the business it is about, as a person confirmed it; how many were named.

        Refused: not_found, missing, too_long."""
        ...

    async def suggested(self, facts: str) -> Sequence[str]:
        """Names of businesses that stand in a text."""
        ...

    async def row(self, officer: Officer, batch: str, row: int) -> tuple[ImportRow, Mapping[str, str]]:
        """A refused row and what stands in its cells, with every column its file's mapping knows."""
        ...

    async def mend(self, officer: Officer, batch: str, row: int, cells: Mapping[str, str]) -> Sequence[Reason]:
        """Nothing when it was taken; else what is still wrong."""
        ...

    async def drop(self, officer: Officer, batch: str, row: int, reason: str) -> None: ...

    async def undo(self, officer: Officer, batch: str, reason: str) -> None: ...

    async def mapping(self, officer: Officer, channel: str) -> tuple[str, bool]:
        """Its file, and whether it is the office's own."""
        ...

    async def set_mapping(self, officer: Officer, channel: str, text: str | None) -> None:
        """None: the one the channel comes with. Refused: bad_mapping (params: reason)."""
        ...


IMPORTS: web.AppKey[Imports] = web.AppKey("imports", Imports)

MOST_BYTES: Final = 110 << 20  # a file of a hundred megabytes and what a form adds; longer ones go by command line
NO_FILE: Final = N_("Choose a file first.")
NEEDS_REASON: Final = N_("Say why; the reason goes into the journal.")
PICK_SOME: Final = N_("Tick complaints whose business is named beside them.")
SHOWN_AGAIN: Final = 3  # seconds, while it is being read


def register(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post
    get("/imports", listing, name="imports")
    post("/imports", upload)
    get("/imports/mappings/{channel}", mapping, name="import_mapping")
    post("/imports/mappings/{channel}", set_mapping)
    get("/imports/{batch}", batch_page, name="import_batch")
    post("/imports/{batch}/start", start, name="import_start")
    post("/imports/{batch}/discard", discard, name="import_discard")
    post("/imports/{batch}/undo", undo, name="import_undo")
    post("/imports/{batch}/values", map_values, name="import_values")
    post("/imports/{batch}/names", name_businesses, name="import_names")
    post("/complaints/{complaint}/business", name_business, name="complaint_business")
    get("/imports/{batch}/rows/{row}", row_page, name="import_row")
    post("/imports/{batch}/rows/{row}", mend)
    post("/imports/{batch}/rows/{row}/drop", drop, name="import_row_drop")


@officer_page("mediator")
async def listing(request: web.Request) -> web.StreamResponse:
    return await _listing(request, Form())


async def _listing(request: web.Request, form: Form, status: int = 200) -> web.Response:
    page = number(request, "page")
    found, total = await request.app[IMPORTS].batches(officer_in(request), page)
    return show(
        request,
        "imports/list.html",
        "imports",
        status,
        batches=found,
        total=total,
        page=page,
        pages=max(1, -(-total // PAGE_SIZE)),
        form=form,
        channels=IMPORTED,
        names=import_words,
        words=i18n,
    )


@officer_page("mediator", most_bytes=MOST_BYTES)
async def upload(request: web.Request) -> web.StreamResponse:
    sent = await request.post()
    form, file = Form.of(sent), sent.get("file")
    channel = form.choice("channel", IMPORTED)
    if not isinstance(file, web.FileField) or not file.filename:
        form.errors["file"] = NO_FILE
    if not form.good or not isinstance(file, web.FileField):
        return await _listing(request, form, 422)
    return go(f"/imports/{await request.app[IMPORTS].upload(officer_in(request), channel, file.filename, file.file)}")


@officer_page("mediator")
async def batch_page(request: web.Request) -> web.StreamResponse:
    batch = await request.app[IMPORTS].batch(officer_in(request), request.match_info["batch"])
    return await _batch(request, batch, Form())


async def _batch(request: web.Request, batch: ImportBatch, form: Form, status: int = 200) -> web.Response:
    officer, page = officer_in(request), number(request, "page")
    preview, reason = None, batch.error
    if batch.state == "preview":
        try:
            preview = await request.app[IMPORTS].preview(officer, batch.id)
        except Refused as no:
            if no.code != "unreadable":
                raise
            reason = no.params["reason"]
    busy = batch.state in ("queued", "running", "undoing")
    over = batch.state in ("done", "failed")
    imports, taken_page = request.app[IMPORTS], number(request, "taken")
    taken, many = await imports.taken(officer, batch.id, taken_page) if over else ([], 0)
    settle = await imports.to_settle(officer, batch.id) if over else ImportToSettle()
    response = show(
        request,
        "imports/batch.html",
        "imports",
        status,
        batch=batch,
        preview=preview,
        reason=_said(request, reason) if reason else "",
        refused=await request.app[IMPORTS].refused(officer, batch.id, page) if batch.refused else [],
        page=page,
        pages=max(1, -(-batch.refused // PAGE_SIZE)),
        settle=settle,
        taken=taken,
        taken_page=taken_page,
        taken_pages=max(1, -(-many // PAGE_SIZE)),
        reads_reports=officer.role in ("supervisor", "inspector"),
        vocabulary=complaints,
        form=form,
        busy=busy,
        said=lambda one: _said(request, one),
        noted=lambda one: _noted(request, one, settle),
        names=import_words,
        words=i18n,
    )
    if busy:
        response.headers["Refresh"] = str(SHOWN_AGAIN)
    return response


@officer_page("mediator")
async def start(request: web.Request) -> web.StreamResponse:
    batch = request.match_info["batch"]
    await request.app[IMPORTS].start(officer_in(request), batch)
    return go(f"/imports/{batch}")


@officer_page("mediator")
async def discard(request: web.Request) -> web.StreamResponse:
    await request.app[IMPORTS].discard(officer_in(request), request.match_info["batch"])
    return go("/imports")


@officer_page("mediator")
async def undo(request: web.Request) -> web.StreamResponse:
    officer, form = officer_in(request), await posted(request)
    batch = await request.app[IMPORTS].batch(officer, request.match_info["batch"])
    reason = form.text("reason", longest=500)
    if not reason:
        form.errors["reason"] = NEEDS_REASON
    if not form.good:
        return await _batch(request, batch, form, 422)
    await request.app[IMPORTS].undo(officer, batch.id, reason)
    return go(f"/imports/{batch.id}")


@officer_page("mediator")
async def map_values(request: web.Request) -> web.StreamResponse:
    """Of the table of unknown values those that something was chosen for."""
    officer, batch, form = officer_in(request), request.match_info["batch"], await posted(request)
    settle = await request.app[IMPORTS].to_settle(officer, batch)
    chosen = {f"value-{one.field}-{one.said}": (one.field, one.said) for one in settle.values if one.choices}
    wanted = {of: form.values[name] for name, of in chosen.items() if form.values.get(name)}
    if wanted:
        await request.app[IMPORTS].map_values(officer, batch, wanted)
    return go(f"/imports/{batch}#values")


@officer_page("mediator")
async def name_businesses(request: web.Request) -> web.StreamResponse:
    """Of a selection: first shown as it would be, then named."""
    officer, form = officer_in(request), await posted(request)
    batch = await request.app[IMPORTS].batch(officer, request.match_info["batch"])
    settle = await request.app[IMPORTS].to_settle(officer, batch.id)
    chosen = [one for one in settle.names if form.values.get(f"name-{one.complaint}", "").strip()]
    alone = form.values.get("only", "")
    chosen = [one for one in chosen if one.complaint == alone or (not alone and f"pick-{one.complaint}" in form.values)]
    names = {one.complaint: form.text(f"name-{one.complaint}", longest=120) for one in chosen}
    if not form.good or not names:
        if not names:
            form.errors["names"] = PICK_SOME
        return await _batch(request, batch, form, 422)
    if alone or form.values.get("confirmed"):
        await request.app[IMPORTS].name(officer, names)
        return go(f"/imports/{batch.id}#names")
    return show(
        request, "imports/names.html", "imports", batch=batch, chosen=[(one, names[one.complaint]) for one in chosen]
    )


@officer_page("mediator")
async def name_business(request: web.Request) -> web.StreamResponse:
    """On a complaint's own page: one press."""
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    await request.app[IMPORTS].name(
        officer, {complaint: form.text("name", longest=120) or form.text("typed", longest=120)}
    )
    return go(f"/complaints/{complaint}")


@officer_page("mediator")
async def row_page(request: web.Request) -> web.StreamResponse:
    return await _row(request, Form())


async def _row(
    request: web.Request, form: Form, problems: list[Reason] | None = None, status: int = 200
) -> web.Response:
    officer, batch = officer_in(request), request.match_info["batch"]
    row, cells = await request.app[IMPORTS].row(officer, batch, _number(request))
    told = row.problems if problems is None else problems
    columns = list(cells)
    for n, column in enumerate(columns):
        form.values.setdefault(f"cell{n}", cells[column])
    by_column = {
        f"cell{columns.index(one.column)}": _said(request, one, False) for one in told if one.column in columns
    }
    return show(
        request,
        "imports/row.html",
        "imports",
        status,
        batch=await request.app[IMPORTS].batch(officer, batch),
        row=row,
        columns=list(enumerate(columns)),
        wrong=by_column,
        others=[_said(request, one) for one in told if one.column not in columns],
        form=form,
    )


@officer_page("mediator")
async def mend(request: web.Request) -> web.StreamResponse:
    officer, batch, form = officer_in(request), request.match_info["batch"], await posted(request)
    _, cells = await request.app[IMPORTS].row(officer, batch, _number(request))
    typed = {column: form.values.get(f"cell{n}", cells[column])[:20_000] for n, column in enumerate(cells)}
    left = await request.app[IMPORTS].mend(officer, batch, _number(request), typed)
    if left:
        return await _row(request, Form(), list(left), 422)
    return go(f"/imports/{batch}")


@officer_page("mediator")
async def drop(request: web.Request) -> web.StreamResponse:
    officer, batch, form = officer_in(request), request.match_info["batch"], await posted(request)
    reason = form.text("reason", longest=500)
    if not reason:
        form.errors["reason"] = NEEDS_REASON
    if not form.good:
        return await _row(request, form, None, 422)
    await request.app[IMPORTS].drop(officer, batch, _number(request), reason)
    return go(f"/imports/{batch}")


@officer_page("mediator")
async def mapping(request: web.Request) -> web.StreamResponse:
    return await _mapping(request, Form())


async def _mapping(request: web.Request, form: Form, status: int = 200) -> web.Response:
    channel = request.match_info["channel"]
    text, own = await request.app[IMPORTS].mapping(officer_in(request), channel)
    form.values.setdefault("mapping", text)
    speak = i18n.words_for(request).gettext
    return show(
        request,
        "imports/mapping.html",
        "imports",
        status,
        channel=channel,
        own=own,
        lacking=[speak(import_words.FIELDS[field]) for field in _lacking(channel, text)] if own else (),
        form=form,
        fields=[(field, speak(called)) for field, called in import_words.FIELDS.items()],
        words=i18n,
    )


def _lacking(channel: str, text: str) -> dict[str, list[str]]:
    """Fields the channel's own mapping reads and this one does not, with headers that nothing here reads."""
    mine = json.loads(text)["columns"]
    used = {header for headers in mine.values() for header in headers}
    free = {field: [one for one in headers if one not in used] for field, headers in builtin(channel).columns.items()}
    return {field: headers for field, headers in free.items() if field not in mine and headers}


def _completed(channel: str, text: str) -> str:
    """With what it lacks; as it is when it cannot be read, and saving says why."""
    try:
        plain = from_text(text).plain()
    except ChannelError:
        return text
    plain["columns"] |= _lacking(channel, json.dumps(plain))
    return json.dumps(plain, ensure_ascii=False)


@officer_page("mediator")
async def set_mapping(request: web.Request) -> web.StreamResponse:
    officer, channel, form = officer_in(request), request.match_info["channel"], await posted(request)
    text = None if form.values.get("back") else form.text("mapping", longest=100_000)
    if text == "":
        form.errors["mapping"] = NEEDED
    if form.good:
        try:
            if text and form.values.get("add"):
                text = _completed(channel, text)
            await request.app[IMPORTS].set_mapping(officer, channel, text)
        except Refused as no:
            if no.code != "bad_mapping":
                raise
            form.errors["mapping"] = _said(request, no.params["reason"])
        else:
            return go(f"/imports/mappings/{channel}")
    return await _mapping(request, form, 422)


def _said(request: web.Request, one: Reason, with_column: bool = True) -> str:
    speak = i18n.words_for(request).gettext
    column = speak(import_words.FIELDS[one.column]) if one.column in import_words.FIELDS else one.column
    return said(one.code, one.params, column if with_column else "", speak)


def _noted(request: web.Request, one: Reason, settle: ImportToSettle) -> str:
    """Of a row that was taken: a word that somebody has since said the meaning of is known."""
    spoken, word = i18n.words_for(request), one.params.get("value")
    for known in settle.values:
        if one.code == "unknown_value" and (known.field, known.said) == (one.column, word) and known.value is not None:
            column = spoken.gettext(import_words.FIELDS[known.field])
            meaning = complaints.name(known.choices, known.value, spoken.language)
            return spoken.gettext(
                "%(column)s: “%(value)s” means %(meaning)s", column=column, value=word, meaning=meaning
            )
    return _said(request, one)


def _number(request: web.Request) -> int:
    text = request.match_info["row"]
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused("not_found", 404)
    return int(text)
