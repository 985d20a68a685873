"""What is done with several complaints of the list at once: looked at first, then done, with one report."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from complaints.procedure.messages import Dispatch
from complaints.triage import TRIAGE_ANSWERS, ConfirmTriage
from complaints.views import ComplaintRow, Foreseen, NoticeWish, PrintedPaper
from journal.refusals import Refused
from web import i18n
from web.http.forms import BAD_CHOICE, Form
from web.http.responses import pdf_response
from web.http.security import officer_page
from web.i18n import N_
from web.office.complaints.desk import ACTS, NOBODYS
from web.office.complaints.queue import card_of
from web.office.complaints.services import NOTICES, PROCEDURE, QUEUE
from web.refusals import sentence
from web.rendering import go, officer_in, posted, show
from web.services import READS

MOST: Final = 50  # as many as a page of the list has
DECIDED: Final = N_("It is accepted or refused already.")
NOT_SENT: Final = N_("It cannot be dispatched.")
OVER: Final = N_("It is archived or merged: nobody handles it any more.")
HELD: Final = ("accept", "assign")  # what can be undone for a while


@dataclass(slots=True)
class Chosen:
    """`why`: it is left out; (text, blanks). `done`: in the report."""

    row: ComplaintRow
    why: Sequence[tuple[str, dict[str, Any]]] = ()
    answers: ConfirmTriage = field(default_factory=ConfirmTriage)
    receivers: Sequence[tuple[str, str]] = ()
    foreseen: Foreseen | None = None
    done: bool = False


@officer_page("mediator")
async def act_on_selection(request: web.Request) -> web.StreamResponse:
    """A preview; with `sure` it is done and reported. `undo` takes back what is held yet, `undone` of which act."""
    form, sent = await posted(request), await request.post()
    ids = list(dict.fromkeys(str(one)[:64] for one in sent.getall("of", ())))[:MOST]
    act = form.choice("act", (*ACTS, "undo"))
    if not form.good:
        return go("/complaints")
    if act == "undo":
        return await _undone(request, ids, form.choice("undone", HELD) or "accept")
    chosen = [await _looked_at(request, act, one) for one in ids]
    ready = [one for one in chosen if not one.why]
    receivers = list(dict.fromkeys(pair for one in ready for pair in one.receivers))
    if "sure" not in form.values or not ready:
        return _page(request, act, chosen, form, receivers)
    if act == "print":
        return pdf_response(await _printed(request, ready))
    if receivers and form.values.get("to") not in dict(receivers):
        form.errors["to"] = BAD_CHOICE
        return _page(request, act, chosen, form, receivers, 422)
    for one in ready:
        await _do(request, act, one, form)
    return _page(request, act, chosen, form, receivers, report=True)


async def _looked_at(request: web.Request, act: str, complaint: str) -> Chosen:
    """Refused(404) for another office's: the list shows none."""
    page = await request.app[READS].complaint(officer_in(request), complaint)
    match act:
        case "accept" if page.row.state != "registered":
            return Chosen(page.row, [(DECIDED, {})])
        case "accept":
            card = await card_of(request, complaint)
            answers = ConfirmTriage(
                **{name: card.triage.chosen[name] for name in TRIAGE_ANSWERS},
                lists=page.triage.suggested.version if page.triage else "",
            )
            why = [(doubt.text, doubt.said) for doubt in card.doubts]
            return Chosen(page.row, why, answers, foreseen=None if why else card.foreseen)
        case "dispatch" if "dispatch" not in page.procedure.steps:
            return Chosen(page.row, [(NOT_SENT, {})])
        case "dispatch":
            return Chosen(page.row, receivers=page.procedure.offices)
        case "assign" if page.row.state in NOBODYS:
            return Chosen(page.row, [(OVER, {})])
        case "assign":
            return Chosen(page.row, receivers=await request.app[QUEUE].colleagues(officer_in(request)))
        case _:
            return Chosen(page.row)


async def _do(request: web.Request, act: str, one: Chosen, form: Form) -> None:
    """What is refused meanwhile is said in the report, and the others go on."""
    officer = officer_in(request)
    try:
        if act == "accept":
            await request.app[QUEUE].hold(officer, one.row.id, one.answers)
        elif act == "assign":
            await request.app[QUEUE].assign(officer, one.row.id, form.values["to"])
        else:
            await request.app[PROCEDURE].ask(officer, one.row.id, Dispatch(form.values["to"], form.text("note")))
    except Refused as no:
        one.why = [(sentence(i18n.words_for(request), no.code, no.params), {})]
    else:
        one.done = True


async def _printed(request: web.Request, ready: Sequence[Chosen]) -> PrintedPaper:
    """One file, in the order of the list."""
    officer = officer_in(request)
    papers = [await request.app[NOTICES].preview(officer, one.row.id, NoticeWish("register")) for one in ready]
    whole = await asyncio.to_thread(_bound, [one.content for one in papers])
    return PrintedPaper(papers[0].name, whole)


def _bound(papers: Sequence[bytes]) -> bytes:
    """Blocks for a moment."""
    import pypdfium2  # needed for this only

    book, out = pypdfium2.PdfDocument.new(), io.BytesIO()
    for one in papers:
        book.import_pages(pypdfium2.PdfDocument(one))
    book.save(out)
    return out.getvalue()


async def _undone(request: web.Request, ids: Sequence[str], act: str) -> web.Response:
    officer, reads = officer_in(request), request.app[READS]
    chosen = []
    for complaint in ids:
        one = Chosen((await reads.complaint(officer, complaint)).row)
        try:
            await request.app[QUEUE].undo(officer, complaint, act)
            one.done = True
        except Refused as no:
            one.why = [(sentence(i18n.words_for(request), no.code, no.params), {})]
        chosen.append(one)
    return _page(request, "undo", chosen, Form(), (), report=True)


def _page(
    request: web.Request,
    act: str,
    chosen: Sequence[Chosen],
    form: Form,
    receivers: Sequence[tuple[str, str]],
    status: int = 200,
    report: bool = False,
) -> web.Response:
    return show(
        request,
        "complaints/selection.html",
        "complaints",
        status,
        act=act,
        title=ACTS.get(act, N_("What was undone")),
        chosen=chosen,
        ready=[one for one in chosen if not one.why],
        report=report,
        form=form,
        receivers=receivers,
        held=HELD,
        to=dict(receivers).get(form.values.get("to", ""), ""),
    )
