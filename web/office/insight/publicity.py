"""消费投诉信息公示: the office's pages, and what anybody reads. The business's, by its link: `web.links.answers`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Final

from aiohttp import web

from complaints import PROBLEMS, name
from complaints.insight.publicity import (
    KINDS,
    LONGEST,
    REASONS,
    BusinessReturned,
    BusinessWithdrawn,
    ObjectionAnswered,
    ObjectionMade,
    PublicityKind,
    PublicityWithdrawn,
    number,
    period_of,
    shown,
)
from complaints.insight.views import PublicPublicity
from complaints.record.uploads import TYPES
from complaints.statistics.figures import Period
from journal.refusals import Refused
from web import i18n
from web.http import cookies, responses
from web.http.forms import Form
from web.http.responses import PDF, attachment_headers
from web.http.security import anyone, officer_page
from web.i18n import N_
from web.office.insight.publicity_paper import (
    entries_like,
    how_to_read,
    problem_classes,
    problem_line,
    publicity_changes,
    publicity_paper,
    publicity_table,
)
from web.office.insight.services import BULLETINS, PUBLICITY
from web.rendering import go, officer_in, posted, render, show, today

TITLE: Final = N_("Consumer complaint information")
STAGES: Final[Mapping[str, tuple[str, str]]] = {  # words, tone
    "preview": (N_("Preview: nobody has been told"), "warn"),
    "objections": (N_("Businesses may object"), "warn"),
    "published": (N_("Published"), "ok"),
    "withdrawn": (N_("Withdrawn"), "seal"),
}
READY: Final[Mapping[str, str]] = {
    "objections": N_("An objection waits for its answer."),
    "untold": N_("A business has not been told: its message did not go out, or it has no number."),
    "period": N_("The days for objections are not over."),
    "unchanged": N_("Nothing was changed since it was published."),
    "stage": N_("The businesses have not been told yet."),
}
OUT: Final[Mapping[str, str]] = {
    "withdrawn": N_("withdrawn, or made up without the office"),
    "unfit": N_("not to be accepted, or abusive (Arts 16, 42)"),
    "channel": N_("its channel marks it as not to be published"),
    "merged": N_("merged with another complaint"),
    "undone": N_("its import was taken back"),
    "transferred": N_("transferred to another office"),
    "reopened": N_("its end was taken back"),
    "review": N_("under review"),
    "not_theirs": N_("not about this business"),
    "duplicate": N_("the same matter complained of again"),
    "abusive": N_("not for everyday consumption, or abusive"),
    "other": N_("another reason"),
}
HAPPENED: Final[Mapping[str, str]] = {
    "PublicityBegun": N_("Counted"),
    "BusinessCorrected": N_("Entry corrected"),
    "BusinessLeftOut": N_("Left out"),
    "BusinessReturned": N_("In again"),
    "ObjectionsOpened": N_("Businesses may object"),
    "BusinessTold": N_("Told"),
    "BusinessRead": N_("Read by the business"),
    "ObjectionMade": N_("Objection"),
    "ObjectionFileAdded": N_("File with an objection"),
    "ObjectionFileTaken": N_("File downloaded"),
    "ObjectionAnswered": N_("Objection answered"),
    "PublicityPublished": N_("Published"),
    "BusinessWithdrawn": N_("Entry withdrawn"),
    "PublicityWithdrawn": N_("Withdrawn"),
    "ContentErased": N_("Content erased"),
}
MESSAGES: Final[Mapping[str, str]] = {
    "queued": N_("message on its way"),
    "failed": N_("message on its way"),
    "sent": N_("message sent"),
    "dead": N_("message not delivered"),
}
OFFERED: Final = {"quarter": 4, "month": 6}
TOO_FEW: Final = N_("Fewer complaints are left than a business must have to be named: leave the business out instead.")


# ------------------------------------------------------------ the office


@officer_page("supervisor")
async def listing(request: web.Request) -> web.StreamResponse:
    return await _listing(request, Form())


async def _listing(request: web.Request, form: Form, status: int = 200) -> web.StreamResponse:
    desk, officer = request.app[PUBLICITY], officer_in(request)
    rows = await desk.listed(officer)
    return show(
        request,
        "insight/publicity_list.html",
        "publicity",
        status,
        rows=rows,
        stages=STAGES,
        number=number,
        periods=_offered(today(request)) if desk.may_begin(officer) else [],
        form=form,
    )


def _offered(day: date) -> list[tuple[str, str, Period]]:
    """What may be counted: value of the choice, number, days; the newest that is over first."""
    found = []
    for kind in KINDS:
        period = period_of(kind, day)
        for _ in range(OFFERED[kind]):
            period = period.previous()
            found.append((f"{kind}:{period.first}", number(kind, period.first), period))
    return found


@officer_page("supervisor")
async def begin(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    kind, _, first = form.values.get("period", "").partition(":")
    offered = {value for value, _, _ in _offered(today(request))}
    if f"{kind}:{first}" not in offered:
        form.errors["period"] = N_("Choose one.")
        return await _listing(request, form, 422)
    known: PublicityKind = "quarter" if kind == "quarter" else "month"
    try:
        made = await request.app[PUBLICITY].begin(officer_in(request), known, date.fromisoformat(first))
    except Refused as no:
        if no.code != "nobody_named":
            raise
        form.errors["period"] = N_("No business with a credit code had as many complaints that count.")
        return await _listing(request, form, 422)
    return go(f"/publicity/{made}")


@officer_page("supervisor")
async def page(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


async def _page(request: web.Request, form: Form, status: int = 200) -> web.StreamResponse:
    words = i18n.words_for(request)
    seen = await request.app[PUBLICITY].page(officer_in(request), _id(request))
    return show(
        request,
        "insight/publicity.html",
        "publicity",
        status,
        seen=seen,
        now=seen.now,
        number=number(seen.now.begun.kind, seen.now.begun.first),
        stages=STAGES,
        ready=READY,
        happened=HAPPENED,
        messages=MESSAGES,
        shown=shown,
        problems=lambda figures: problem_line(figures, words),
        form=form,
    )


@officer_page("supervisor")
async def open_objections(request: web.Request) -> web.StreamResponse:
    await request.app[PUBLICITY].open(officer_in(request), _id(request))
    return go(f"/publicity/{_id(request)}")


@officer_page("supervisor")
async def ask_second(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    reason = form.text("reason", needed=True, longest=LONGEST["reason"])
    if not form.good:
        return await _page(request, form, 422)
    token = cookies.read(request, cookies.OFFICER)
    approval = await request.app[PUBLICITY].ask_second(officer_in(request), token, _id(request), reason)
    return go(f"/approvals/{approval}")


@officer_page("supervisor")
async def withdraw_all(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    reason = form.text("why", needed=True, longest=LONGEST["reason"])
    if not form.good:
        return await _page(request, form, 422)
    await request.app[PUBLICITY].ask(officer_in(request), _id(request), PublicityWithdrawn(reason))
    return go(f"/publicity/{_id(request)}")


@officer_page("supervisor")
async def entry_page(request: web.Request) -> web.StreamResponse:
    return await _entry(request, Form())


async def _entry(request: web.Request, form: Form, status: int = 200) -> web.StreamResponse:
    words, officer, desk = i18n.words_for(request), officer_in(request), request.app[PUBLICITY]
    publicity, entry = _id(request), request.match_info["entry"]
    records = await desk.records(officer, publicity, entry)
    seen = await desk.page(officer, publicity)
    one = seen.now.entries[entry]
    public = seen.now.editions[-1].entries if seen.now.editions else ()
    form.values.setdefault("name", one.named.name)
    return show(
        request,
        "insight/publicity_entry.html",
        "publicity",
        status,
        seen=seen,
        now=seen.now,
        number=number(seen.now.begun.kind, seen.now.begun.first),
        one=one,
        figures=one.named.figures,
        records=records,
        stale=[each for each in records if each.stale],
        public=next((each for each in public if each.entry == entry), None),
        link=await desk.link(officer, publicity, entry) if one.told and one.told.how == "message" else "",
        message=MESSAGES.get(seen.messages.get(entry, ""), ""),
        out=OUT,
        reasons=REASONS,
        problem=lambda code: name(PROBLEMS, code, words.language),
        form=form,
    )


@officer_page("supervisor")
async def act(request: web.Request) -> web.StreamResponse:
    """One of the forms of an entry's page."""
    form = await posted(request)
    try:
        await _acted(request, form, request.match_info["what"])
    except Refused as no:
        if no.code == "bad_choice" and no.params.get("field") == "least":
            form.errors["reason"] = TOO_FEW
        elif no.code == "bad_phone":
            form.errors["phone"] = N_("Write a mobile number.")
        else:
            raise
    if not form.good:
        return await _entry(request, form, 422)
    return go(f"/publicity/{_id(request)}/entries/{request.match_info['entry']}")


async def _acted(request: web.Request, form: Form, what: str) -> None:
    desk, officer, publicity = request.app[PUBLICITY], officer_in(request), _id(request)
    entry, longest = request.match_info["entry"], LONGEST["reason"]
    objection = form.values.get("objection", "")
    match what:
        case "correct":
            why = form.values.get("why", "")
            ticked = [key.removeprefix("out_") for key in form.values if key.startswith("out_")]
            called = form.text("name", needed=True, longest=LONGEST["name"])
            reason = form.text("reason", needed=True, longest=longest)
            if ticked and why not in REASONS:
                form.errors["why"] = N_("Choose one.")
            if form.good:
                await desk.correct(officer, publicity, entry, called, dict.fromkeys(ticked, why), reason, objection)
        case "out":
            reason = form.text("out_reason", needed=True, longest=longest)
            if form.good:
                await desk.leave_out(officer, publicity, entry, reason, objection)
        case "back":
            reason = form.text("back_reason", needed=True, longest=longest)
            if form.good:
                await desk.ask(officer, publicity, BusinessReturned(entry, reason))
        case "tell":
            phone = form.text("phone", needed=True, longest=30)
            if form.good:
                await desk.tell(officer, publicity, entry, phone)
        case "hand":
            note = form.text("note", needed=True, longest=LONGEST["note"])
            if form.good:
                await desk.tell_by_hand(officer, publicity, entry, note)
        case "letter":
            text = form.text("text", needed=True, longest=LONGEST["text"])
            by = form.text("by", needed=True, longest=LONGEST["by"])
            if form.good:
                made = ObjectionMade(entry, uuid.uuid4().hex, text, by, "letter")
                await desk.ask(officer, publicity, made)
        case "answer":
            reason = form.text("answer", needed=True, longest=longest)
            if form.good:
                await desk.ask(officer, publicity, ObjectionAnswered(entry, objection, False, reason))
        case "withdraw":
            reason = form.text("withdraw_reason", needed=True, longest=longest)
            if form.good:
                await desk.ask(officer, publicity, BusinessWithdrawn(entry, reason))
        case _:
            raise Refused("not_found", 404)


@officer_page("supervisor")
async def objection_file(request: web.Request) -> web.StreamResponse:
    """Only ever for saving."""
    found, kind, content = await request.app[PUBLICITY].file(
        officer_in(request), _id(request), request.match_info["entry"], request.match_info["file"]
    )
    return web.Response(body=content, headers=responses.for_saving(TYPES[kind], found))


def _id(request: web.Request) -> str:
    return request.match_info["publicity"]


# ------------------------------------------------------------ anybody


@anyone
async def public_list(request: web.Request) -> web.StreamResponse:
    """All that stands; with `q`, the businesses whose name or credit code has it."""
    wanted = request.query.get("q", "").strip()[:60]
    standing = await request.app[PUBLICITY].published()
    found = [(one, entry) for one in standing if wanted for entry in entries_like(one, wanted)]
    return render(
        request, "insight/public_complaints.html", rows=standing, wanted=wanted, found=found, number=number, shown=shown
    )


@anyone
async def public_page(request: web.Request) -> web.StreamResponse:
    one, wanted = await _published(request), request.query.get("q", "").strip()[:60]
    words = i18n.words_for(request)
    entries = list(entries_like(one, wanted))
    return render(
        request,
        "insight/public_complaint_list.html",
        410 if one.edition is None else 200,
        one=one,
        number=number(one.kind, one.period.first),
        entries=entries,
        gone=[entry for entry in (one.edition.entries if one.edition else ()) if entry.withdrawn],
        most=max((entry.figures.complaints for entry in entries), default=1),
        wanted=wanted,
        shown=shown,
        problems=lambda figures: problem_line(figures, words),
        changes=publicity_changes(one, words),
        how=how_to_read(words),
    )


@anyone
async def public_business(request: web.Request) -> web.StreamResponse:
    one, words = await _published(request), i18n.words_for(request)
    key = request.match_info["entry"]
    entry = next((each for each in (one.edition.entries if one.edition else ()) if each.entry == key), None)
    if entry is None:
        raise Refused("not_found", 404)
    others = [
        (other, each)
        for other in await request.app[PUBLICITY].published()
        if other.id != one.id and other.edition is not None
        for each in other.edition.entries
        if each.code == entry.code and not each.withdrawn
    ]
    return render(
        request,
        "insight/public_complaint_business.html",
        410 if entry.withdrawn else 200,
        one=one,
        entry=entry,
        figures=shown(entry.figures),
        problems=problem_classes(shown(entry.figures), words),
        others=others,
        number=number,
        shown=shown,
        how=how_to_read(words),
    )


@anyone
async def public_file(request: web.Request) -> web.StreamResponse:
    one, words = await _published(request), i18n.words_for(request)
    if one.edition is None:
        raise Refused("not_found", 404)
    called = f"yuntiao-complaints-{number(one.kind, one.period.first)}-{one.edition.edition}"
    if request.match_info["ending"] == "csv":
        body = publicity_table(one, words)
        return attachment_headers(body.encode("utf-8-sig"), "text/csv", f"{called}.csv")
    return attachment_headers(await request.app[BULLETINS].printed(publicity_paper(one, words)), PDF, f"{called}.pdf")


async def _published(request: web.Request) -> PublicPublicity:
    return await request.app[PUBLICITY].public(_id(request))


def register_publicity(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post
    get("/publicity", listing, name="publicity_list")
    post("/publicity", begin)
    get("/publicity/{publicity}", page, name="publicity")
    post("/publicity/{publicity}/open", open_objections, name="publicity_open")
    post("/publicity/{publicity}/second", ask_second, name="publicity_second")
    post("/publicity/{publicity}/withdraw", withdraw_all, name="publicity_withdraw")
    get("/publicity/{publicity}/entries/{entry}", entry_page, name="publicity_entry")
    post("/publicity/{publicity}/entries/{entry}/{what}", act, name="publicity_act")
    get("/publicity/{publicity}/entries/{entry}/files/{file}", objection_file, name="publicity_file")
    get("/public/complaints", public_list, name="public_complaints")
    get("/public/complaints/{publicity}", public_page, name="public_complaint_list")
    get("/public/complaints/{publicity}/list.{ending:csv|pdf}", public_file, name="public_complaint_file")
    get("/public/complaints/{publicity}/businesses/{entry}", public_business, name="public_complaint_business")
