"""One complaint after the other: triage confirmed, accepted and told by one press, and undone for ten seconds.

And what is done with several of the list at once: looked at first, then done, with one report.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

import complaints
from complaints.commands import Accept
from complaints.notices import NoticeKind
from complaints.procedure import Dispatch
from complaints.triage import TRIAGE_ANSWERS, ConfirmTriage
from complaints.views import ComplaintRow, Foreseen, Lookalikes, NoticeWish, PrintedPaper
from journal.refusals import Refused
from rooms.views import ComplaintPage
from web import READS, i18n
from web.http.forms import BAD_CHOICE, Form, now
from web.http.responses import pdf_response
from web.http.security import officer_page
from web.i18n import N_
from web.office.complaints import DUPLICATES, NOTICES, PROCEDURE, QUEUE
from web.office.complaints.desk import ACTS, NOBODYS, DueReason, why
from web.office.complaints.pages import HINTS, MOST_NAMED
from web.office.complaints.triage import Panel, note_bad_choice, posted_triage, triage_panel
from web.refusals import sentence
from web.rendering import go, officer_in, posted, show, today

NAME_BUSINESS: Final = N_("Name the business")
OPEN: Final = N_("Open the complaint")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a complaint is not accepted by one press. `act`, `path`: what is to be done first."""

    text: str
    act: str
    path: str
    said: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Card:
    """`foreseen` None: accepting it is refused, and a doubt says so."""

    page: ComplaintPage
    why: DueReason | None
    triage: Panel
    alike: Lookalikes
    foreseen: Foreseen | None
    doubts: Sequence[Doubt]


@officer_page("mediator")
async def queue_page(request: web.Request) -> web.StreamResponse:
    return await _page(request, request.query.get("after", "")[:40], request.query.get("at", "")[:64])


@officer_page("mediator")
async def accept(request: web.Request) -> web.StreamResponse:
    """It is held; the next is shown."""
    officer, complaint = officer_in(request), request.match_info["complaint"]
    triage, form = await request.app[READS].triage(officer, complaint), await posted(request)
    after = form.values.get("after", "")[:40]
    answers = await posted_triage(request, triage, form)
    try:
        await request.app[QUEUE].hold(officer, complaint, answers)
    except Refused as no:
        if no.code != "bad_choice":
            raise
        note_bad_choice(form, no)
        return await _page(request, after, complaint, form)
    return go(str(request.app.router["queue"].url_for().with_query({"after": after} if after else {})))


@officer_page("mediator")
async def undo(request: web.Request) -> web.StreamResponse:
    complaint = request.match_info["complaint"]
    await request.app[QUEUE].undo(officer_in(request), complaint)
    return go(str(request.app.router["queue"].url_for().with_query(at=complaint)))


@officer_page("mediator")
async def dismiss(request: web.Request) -> web.StreamResponse:
    await request.app[QUEUE].dismiss(officer_in(request), request.match_info["complaint"])
    return go("/queue")


async def _page(request: web.Request, after: str, at: str, form: Form | None = None) -> web.Response:
    """`form`: triage as it was posted, when something was wrong with it."""
    queue = await request.app[QUEUE].queue(officer_in(request), after, at)
    return show(
        request,
        "complaints/queue.html",
        "queue",
        422 if form else 200,
        queue=queue,
        card=await card_of(request, queue.complaint, form) if queue.complaint else None,
        after=after,
        left=[(act, max(0, round((act.due - now(request)).total_seconds()))) for act in queue.held],
        failures=[(act, sentence(i18n.words_for(request), act.failed, {})) for act in queue.failed],
        hint_texts=HINTS,
        most_named=MOST_NAMED,
        vocabulary=complaints,
        words=i18n,
    )


async def card_of(request: web.Request, complaint: str, form: Form | None = None) -> Card:
    officer, language = officer_in(request), i18n.language(request)
    page = await request.app[READS].complaint(officer, complaint)
    alike = await request.app[DUPLICATES].of(officer, complaint)
    foreseen: Foreseen | None = None
    with suppress(Refused):  # a doubt says so, and others can be gone on to
        foreseen = await request.app[NOTICES].foreseen(officer, complaint, Accept(), NoticeWish(NoticeKind.ACCEPTANCE))
    triage = triage_panel(page.triage, language, officer.office.id, form)
    if triage is None:
        raise Refused("not_found", 404)
    deadline = page.row.deadline
    return Card(
        page,
        why(deadline, page.row.received.date(), today(request), language) if deadline else None,
        triage,
        alike,
        foreseen,
        list(_doubts(request, page, triage, alike, foreseen)),
    )


def _doubts(
    request: web.Request, page: ComplaintPage, triage: Panel, alike: Lookalikes, foreseen: Foreseen | None
) -> Iterator[Doubt]:
    def path(name: str, **parts: str) -> str:
        return str(request.app.router[name].url_for(complaint=page.row.id, **parts))

    here, record = path("complaint"), page.record
    if not record.business.title:
        yield Doubt(N_("Its channel did not say which business this is about."), NAME_BUSINESS, here)
    if not record.consumer.title:
        yield Doubt(N_("The complainant is not named."), N_("Correct the record"), path("complaint_amend"))
    elif foreseen is not None and not foreseen.reachable:
        text = N_("No mobile number on file: no message can go there. Tell them otherwise and note it.")
        yield Doubt(
            text, N_("Accept, and tell them another way"), f"{path('complaint_decide', decision='accept')}?from=queue"
        )
    if triage.chosen["also_reports"] and not page.procedure.split:
        yield Doubt(N_("It also reports an offence, to be handled apart"), N_("Look at the report"), here)
    for one in alike.suggested[:1]:
        text = N_("It may be the same dispute as %(number)s.")
        yield Doubt(text, N_("Compare them"), f"{here}#alike-head", {"number": one.row.number})
    if alike.earlier is not None:
        yield Doubt(
            N_("%(office)s seems to have received it first."),
            N_("Compare them"),
            f"{here}#alike-head",
            {"office": alike.earlier.office},
        )
    if triage.elsewhere:
        text = N_("The address seems to lie in the area of %(office)s.")
        yield Doubt(text, OPEN, here, {"office": triage.elsewhere})
    if foreseen is None and record.business.title:
        yield Doubt(N_("It cannot be accepted as it is now."), OPEN, here)


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
        return _report(request, act, chosen, form, receivers)
    if act == "print":
        return pdf_response(await _printed(request, ready))
    if receivers and form.values.get("to") not in dict(receivers):
        form.errors["to"] = BAD_CHOICE
        return _report(request, act, chosen, form, receivers, 422)
    for one in ready:
        await _do(request, act, one, form)
    return _report(request, act, chosen, form, receivers, report=True)


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
    return _report(request, "undo", chosen, Form(), (), report=True)


def _report(
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
