"""Complaints: the list, registering one, its record, accepting or refusing it, and looking at a full number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

import law
from law.grounds import refusal_grounds
from rooms.vocabulary import Side
from web import i18n
from web.i18n import N_
from web.office import words
from web.office.forms import BAD_AMOUNT, BAD_CHOICE, BAD_CODE, BAD_PHONE, NEEDED, TOO_LONG, Form
from web.office.history import entries
from web.office.pages import PAGE_SIZE, now, number, officer_in, posted, show, today
from web.office.why import why
from web.ports import COMPLAINTS, READS, ComplaintPage, NewComplaint, Refused
from web.rendering import go
from web.security import officer_page

SAID: Final[Mapping[str, str]] = {
    "missing": NEEDED,
    "bad_phone": BAD_PHONE,
    "bad_amount": BAD_AMOUNT,
    "bad_check": BAD_CODE,
    "bad_choice": BAD_CHOICE,
    "too_long": TOO_LONG,
}
NEEDS_REASON: Final = N_("Say why you need the full number; the reason goes into the journal.")
DECIDABLE: Final = ("registered",)
SCHEDULABLE: Final = ("registered", "accepted", "mediating")


@officer_page("mediator")
async def listing(request: web.Request) -> web.StreamResponse:
    officer, search, page = officer_in(request), request.query.get("search", "")[:80].strip(), number(request, "page")
    rows, total = await request.app[READS].complaints(officer, search, page)
    pages = max(1, -(-total // PAGE_SIZE))
    return show(
        request,
        "office/complaints.html",
        "complaints",
        rows=rows,
        total=total,
        search=search,
        page=page,
        pages=pages,
        today=today(officer, now()),
        words=words,
    )


@officer_page("mediator")
async def new_form(request: web.Request) -> web.StreamResponse:
    day = today(officer_in(request), now())
    form = Form({"received_day": day.isoformat(), "channel": "window"})
    return show(request, "office/complaint_new.html", "complaints", form=form, words=words)


@officer_page("mediator")
async def register(request: web.Request) -> web.StreamResponse:
    officer, form = officer_in(request), await posted(request)
    received = form.day("received_day")
    if received is None:
        form.errors.setdefault("received_day", NEEDED)
    elif received > today(officer, now()):
        form.errors["received_day"] = N_("This day has not come yet.")
    form.values.setdefault("received_time", "09:00")
    new = NewComplaint(
        channel=form.choice("channel", words.CHANNELS),
        received=form.moment("received", officer.office.zone) or now(),
        title=form.text("title", needed=True, longest=80),
        request=form.text("request", needed=True),
        facts=form.text("facts", needed=True),
        amount=form.amount("amount"),
        consumer_name=form.text("consumer_name", needed=True, longest=60),
        consumer_phone=form.phone("consumer_phone", needed=True),
        consumer_city=form.text("consumer_city", longest=60),
        consumer_address=form.text("consumer_address", longest=200),
        business_name=form.text("business_name", needed=True, longest=120),
        business_contact=form.text("business_contact", longest=60),
        business_phone=form.phone("business_phone"),
        business_city=form.text("business_city", longest=60),
        business_address=form.text("business_address", longest=200),
        credit_code=form.text("credit_code", longest=18),
        industry=form.text("industry", longest=60),
        problem=form.text("problem", longest=60),
    )
    form.errors.pop("received", None)  # said on received_day
    if form.good:
        try:
            complaint = await request.app[COMPLAINTS].register(officer, new)
        except Refused as no:
            if no.code not in SAID:
                raise
            form.errors[str(no.params.get("field", "consumer_phone"))] = SAID[no.code]
        else:
            return go(f"/complaints/{complaint}")
    return show(request, "office/complaint_new.html", "complaints", 422, form=form, words=words)


@officer_page("mediator", "supervisor")
async def record(request: web.Request) -> web.StreamResponse:
    page = await request.app[READS].complaint(officer_in(request), request.match_info["complaint"])
    return record_page(request, page, Form())


def record_page(request: web.Request, page: ComplaintPage, form: Form, status: int = 200, **more: Any) -> web.Response:
    officer, language = officer_in(request), i18n.language(request)
    day = today(officer, now())
    context: dict[str, Any] = {
        "revealed": {},
        "ask": request.query.get("ask", ""),
        "form": form,
        "page": page,
        "step": words.STEP_OF_STATE.get(page.row.state, 0),
        "whys": [why(deadline, page.row.received.date(), day, language) for deadline in page.deadlines],
        "history": entries(page, i18n.words(request), officer),
        "grounds": [(g.number, g.gist(language)) for g in refusal_grounds(page.order)],
        "order": getattr(law.order_named(page.order), "en" if language == "en" else "zh"),
        "decidable": officer.role == "mediator" and page.row.state in DECIDABLE,
        "notable": page.notes if officer.role == "mediator" else (),
        "retractable": page.last_note if officer.role == "mediator" else "",
        "schedulable": officer.role == "mediator" and page.row.state in SCHEDULABLE,
        "open_session": next((s for s in page.sessions if s.status in ("scheduled", "live", "recess")), None),
        "words": words,
    }
    return show(request, "office/complaint.html", "complaints", status, **(context | more))


@officer_page("mediator")
async def accept(request: web.Request) -> web.StreamResponse:
    complaint = request.match_info["complaint"]
    await request.app[COMPLAINTS].accept(officer_in(request), complaint)
    return go(f"/complaints/{complaint}")


@officer_page("mediator")
async def refuse(request: web.Request) -> web.StreamResponse:
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    page = await request.app[READS].complaint(officer, complaint)
    numbers = tuple(str(ground.number) for ground in refusal_grounds(page.order))
    ground, note = form.choice("ground", numbers), form.text("note", longest=500)
    if not form.good:
        return record_page(request, page, form, 422, ask="refuse")
    await request.app[COMPLAINTS].refuse(officer, complaint, int(ground), note)
    return go(f"/complaints/{complaint}")


@officer_page("mediator")
async def reveal(request: web.Request) -> web.StreamResponse:
    """Answers with the page itself, not with a redirect: the number must not be in any address, and is shown once."""
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    whose = form.choice("whose", (Side.CONSUMER.value, Side.BUSINESS.value))
    reason = form.text("reason", longest=200)
    if not reason:
        form.errors["reason"] = NEEDS_REASON
    if not form.good:
        page = await request.app[READS].complaint(officer, complaint)
        return record_page(request, page, form, 422, ask=f"phone-{whose}" if whose in ("consumer", "business") else "")
    phone = await request.app[COMPLAINTS].reveal_phone(officer, complaint, Side(whose), reason)
    page = await request.app[READS].complaint(officer, complaint)  # with this look in its history
    return record_page(request, page, Form(), revealed={whose: phone})
