"""A complaint's pages: registering it, its record, its triage, others that may be the same dispute; the steps of the
procedure that its page offers, and who was told how.

Longer than other modules: what is refused on any of these comes back to the one page of the complaint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from aiohttp import web

import complaints
import law
from complaints import record as parties
from complaints.complaint import in_charge
from complaints.notices.messages import ASKED_IN, BY_HAND, LONGEST_NOTE, MOST_NAME, WAYS, NoteTold
from complaints.procedure.transitions import STEPS, rows_of
from complaints.record import marked_public
from complaints.record.identifiers import textable_masked
from complaints.record.places import division_named, find_divisions
from complaints.state import ComplaintState
from complaints.statistics import facts
from complaints.views import ProcedureView
from journal.refusals import Refused
from law import WorkingCalendar, grounds
from law.grounds import ending_grounds
from law.orders import ORDERS, mode_name, order_for
from offices import Officer
from rooms.views import ComplaintPage
from web import ANSWERS, READS, SITE, i18n
from web.http.forms import BAD_CHOICE, NEEDED, TOO_LONG, Form, now
from web.http.responses import json_response
from web.http.security import officer_page
from web.i18n import N_, Words
from web.links.documents import KINDS
from web.office.administration import JURISDICTIONS
from web.office.complaints import CELL_REPORTS, COMPLAINTS, DUPLICATES, FIELDS as IMPORT_FIELDS, TRIAGE, entry
from web.office.complaints.desk import DONE, case_after, why
from web.office.complaints.exchange import EXCHANGE, names as exchange_names
from web.office.complaints.history import ASKERS, BODIES, DONE_BEFORE, PAYERS, corrections, declined, entries
from web.office.complaints.imports import IMPORTS
from web.office.complaints.triage import note_bad_choice, posted_triage, triage_panel
from web.rendering import go, officer_in, posted, show, today
from web.telephone import OFFICER_CALLS

TERM_MESSAGES: Final[Mapping[str, str]] = {
    "before": N_("Reminded of the day"),
    "after": N_("Told that the day has passed"),
    "escalated": N_("Told that it is a week late"),
    "asked": N_("Asked whether it was kept"),
}
TOLD_OF_TERMS: Final[Mapping[str, str]] = {
    "consumer": N_("complainant"),
    "business": N_("respondent"),
    "office": N_("Office"),
    "mediator": N_("mediator"),
    "supervisor": N_("supervisor"),
}
SAID_OF_TERMS: Final[Mapping[str, str]] = {
    "yes": N_("They answered: it was kept."),
    "partly": N_("They answered: it was kept in part."),
    "no": N_("They answered: it was not kept."),
}
NO_NUMBER: Final = N_("no number that takes messages")


STEP_NAMES: Final[Mapping[str, str]] = {
    "dispatch": N_("Dispatch to an office"),
    "return": N_("Return to the intake unit"),
    "transfer": N_("Transfer to another bureau"),
    "send_back": N_("Return to the bureau it came from"),
    "dispute": N_("Competence is disputed"),
    "settle_dispute": N_("The dispute is settled"),
    "begin_testing": N_("Testing begins"),
    "end_testing": N_("Testing is over"),
    "recusal": N_("Recusal is requested"),
    "decide_recusal": N_("Decide on recusal"),
    "delegate": N_("Delegate the mediation"),
    "end_delegation": N_("Take the delegation back"),
    "end": N_("Terminate the mediation"),
    "order": N_("Apply the other order"),
    "supervise": N_("Ask for progress"),
    "split": N_("Split off the report"),
    "lead": N_("Hand on a sign of an offence"),
}


@dataclass(frozen=True, slots=True)
class OfferedStep:
    """`citation`: the articles of the order that applies, in the reader's language."""

    name: str
    title: str
    citation: str


@dataclass(frozen=True, slots=True)
class Asking:
    """What `complaints/procedure.html` renders. `people`: mediators whose recusal can be asked, (id, name)."""

    view: ProcedureView
    steps: Sequence[OfferedStep]
    grounds: Sequence[tuple[int, str]]
    orders: Sequence[tuple[str, str]]
    people: Sequence[tuple[str, str]]
    payers: Sequence[tuple[str, str]]
    bodies_offered: Sequence[tuple[str, str]]  # under Order 20 none can be designated
    who_asks: Sequence[tuple[str, str]]
    askers: Mapping[str, str]
    reported: Mapping[str, str]
    done_before: Mapping[str, str]
    declined: str  # why the last transfer was not taken in
    by_receipt: bool  # the order that applies is the one of the day of receipt


def asking(page: ComplaintPage, officer: Officer, spoken: Words) -> Asking:
    view, language, _ = page.procedure, spoken.language, spoken.gettext
    people = {session.mediator_id: session.mediator for session in page.sessions}
    if officer.role == "mediator":
        people[officer.id] = officer.name
    return Asking(
        view=view,
        steps=[
            OfferedStep(name, STEP_NAMES[name], citation(name, view.state, page.order, language)) for name in view.steps
        ],
        grounds=[(ground.number, ground.gist(language)) for ground in ending_grounds(page.order)],
        orders=[
            (order.id, order.en if language.startswith("en") else order.zh)
            for order in ORDERS.values()
            if order.id != page.order
        ],
        people=list(people.items()),
        payers=[(who, _(text)) for who, text in PAYERS.items()],
        bodies_offered=[(how, _(text)) for how, text in BODIES.items() if how == "agreed" or page.order == "121"],
        who_asks=[(who, _(text)) for who, text in ASKERS.items()],
        askers=ASKERS,
        reported=CELL_REPORTS,
        done_before=DONE_BEFORE,
        declined=declined(view.transfers, spoken),
        by_receipt=order_for(page.row.received.astimezone(ZoneInfo(officer.office.zone)).date()).id == page.order,
    )


def citation(step: str, state: str, order: str, language: str) -> str:
    rows = [row for row in rows_of(STEPS[step].event.__name__) if not state or ComplaintState(state) in row.before]
    cited = dict.fromkeys(one.text(language) for row in rows for one in row.cite(order))
    return ("; " if language.startswith("en") else "；").join(cited)


NOT_YET: Final = N_("A day and time that have passed, and not before the complaint was received.")
SAID: Final = {"missing": NEEDED, "bad_choice": BAD_CHOICE, "bad_day": NOT_YET, "too_long": TOO_LONG}


def telling_defaults(at: datetime, officer: Officer) -> dict[str, str]:
    """By telephone, now, by who is signed in."""
    local = at.astimezone(ZoneInfo(officer.office.zone))
    return {
        "how": "phone",
        "when_day": local.date().isoformat(),
        "when_time": f"{local:%H:%M}",
        "by": officer.name,
    }


def read_telling(given: Form, officer: Officer, what: str, whom: tuple[str, ...]) -> NoteTold | None:
    """None when something is wrong; the form says what."""
    how = given.choice("how", BY_HAND)
    when = given.moment("when", officer.office.zone)
    to = given.text("to", needed=True, longest=MOST_NAME)
    by = given.text("by", longest=MOST_NAME) or officer.name
    note = given.text("told_note", longest=LONGEST_NOTE)
    if when is None or not given.good:
        return None
    return NoteTold(what, whom, how, when, to, by, note)


def telling_ways(language: str) -> list[tuple[str, str]]:
    """How somebody can have been told, other than by a message of ours."""
    return [(way, WAYS[way][1 if language.startswith("en") else 0]) for way in BY_HAND]


DAYS: Final = 5  # working days that are offered
ANSWER_NAMES: Final[Mapping[str, str]] = {"yes": N_("willing"), "no": N_("not willing"), "unsure": N_("not decided")}


def shown_answers(request: web.Request, page: ComplaintPage, form: Form) -> dict[str, Any]:
    """For the complaint's page; offers a day."""
    officer = officer_in(request)
    mine = officer.role == "mediator" and page.record.office == officer.office.id
    free = page.row.state in ASKED_IN and not any(one.waited for one in page.answers)
    if mine and free and "due" not in form.values:
        day, left, calendar = today(request), DAYS, WorkingCalendar()
        while left:
            day += timedelta(days=1)
            left -= calendar.worked(day)
        form.values["due"] = day.isoformat()
    return {"answer_names": ANSWER_NAMES, "answerable": mine and free, "textable": textable_masked}


STEP_OF_STATE: Final[Mapping[str, int]] = {
    "registered": 0,
    "accepted": 1,
    "refused": 4,
    "mediating": 2,
    "settled": 4,
    "performing": 3,
    "ended": 4,
    "undone": 4,
    "closed": len(i18n.STEPS),  # every step is done
}
"""The last of `i18n.STEPS` that a complaint has come to."""
SIGNALS: Final[Mapping[str, str]] = {
    "phone": N_("Phone"),
    "consumer": N_("Name"),
    "business": N_("Business"),
    "amount": N_("Amount"),
    "date": N_("Receipt"),
    "number": N_("Number of an order, a parcel or a car"),
    "home": N_("Building or door"),
    "day": N_("Day named"),
    "text": N_("Wording"),
    "thing": N_("Goods or service"),
    "event": N_("What happened"),
    "problem": N_("Problem"),
    "count": N_("What was counted"),
    "crowd": N_("Other people"),
    "said": N_("The later account"),
}
FOUND: Final[Mapping[str, Mapping[str, str]]] = {
    "phone": {
        "same": N_("the same number"),
        "last_four": N_("the same last four digits; at least one number is not on file whole"),
        "for_another": N_("another number; one of them may speak for somebody else"),
        "second": N_("another number under the same name"),
        "other": N_("another number"),
        "other_last_four": N_("other last four digits"),
    },
    "consumer": {
        "same": N_("the same name"),
        "known": N_("the same name or surname, as well as the same phone number"),
        "titled": N_("the same surname; at least one gives no first name"),
        "surname": N_("the same surname"),
        "unsaid": N_("one of them at least gives no name, and no number to compare"),
        "other": N_("another name"),
    },
    "business": {
        "code": N_("the same credit code"),
        "name": N_("the same name"),
        "short": N_("the short form of the name"),
        "alike": N_("a similar name"),
        "begins": N_("a name that begins alike"),
        "branch": N_("another branch, by its name"),
        "other_code": N_("another credit code"),
        "other": N_("another name"),
    },
    "amount": {
        "exact": N_("the same amount, and not a round one"),
        "same": N_("the same amount"),
        "rounded": N_("the same, rounded"),
        "told": N_("what one claims the other’s account names"),
        "near": N_("nearly the same"),
        "other": N_("another amount"),
    },
    "date": {
        "soon": N_("within three days"),
        "days": N_("within two weeks"),
        "weeks": N_("within weeks"),
        "months": N_("months apart"),
    },
    "number": {"same": N_("the same number"), "other": N_("another number")},
    "home": {"same": N_("the same door"), "other": N_("another one")},
    "day": {"same": N_("the same day is named"), "other": N_("other days are named")},
    "text": {
        "very": N_("very much alike"),
        "much": N_("much of the same is named"),
        "some": N_("some of the same is named"),
        "little": N_("a little alike"),
        "hardly": N_("hardly alike"),
        "nothing": N_("nothing in common"),
        "exchanged": N_("the same form with another thing in it"),
    },
    "thing": {"other": N_("each names another")},
    "event": {"other": N_("each tells something else")},
    "problem": {
        "same": N_("by their words, the same kind of problem"),
        "other": N_("by their words, another kind of problem"),
    },
    "count": {"other": N_("another number of it")},
    "crowd": {"all": N_("what they share happens to many at once, and little says that it is the same person")},
    "said": {
        "again": N_("reads as though it had been told before"),
        "further": N_("reads as though it went on from something told before"),
        "second": N_("reads as though it told another matter"),
        "anew": N_("begins with something bought or ordered, as a matter told for the first time"),
    },
}
HINTS: Final[Mapping[str, str]] = {
    "16.2": N_("Perhaps accepted or handled already (Order 121 Art 16 item 2); alike on file: %(count)s."),
    "17.1": N_(
        "The quantity on file is %(count)s: compare it with the goods’ shelf life and with what people usually use "
        "(Order 121 Art 17 item 1)."
    ),
    "17.2": N_(
        "This number has complained of this business %(count)s times within three months (Order 121 Art 17 item 2)."
    ),
    "17.2b": N_(
        "%(count)s complaints of this business about the same kind of problem came within a week: consider Order 121 "
        "Art 17 item 2, or that many people were really harmed."
    ),
    "17.4": N_("%(count)s different names complained from this number (Order 121 Art 17 item 4)."),
    "17.5": N_(
        "This number has complained of %(count)s businesses within three months: one factor among others (Order 121 "
        "Art 17 item 5)."
    ),
}
MOST_NAMED: Final = 6  # complaints a hint leads to


async def shown(request: web.Request, complaint: str) -> dict[str, Any]:
    """What `complaints/duplicates.html` needs beside the complaint's page."""
    return {
        "lookalikes": await request.app[DUPLICATES].of(officer_in(request), complaint),
        "signal_names": SIGNALS,
        "signal_found": FOUND,
        "hint_texts": HINTS,
        "most_named": MOST_NAMED,
    }


@officer_page("mediator")
async def decide(request: web.Request) -> web.StreamResponse:
    """One form: this one goes into the other, the other into this one, or they are two disputes."""
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    other, what = form.text("other", longest=64), form.choice("what", ("into", "take", "different"))
    reason = form.text("reason", longest=200)
    if not other or not what:
        raise Refused("not_found", 404)
    desk = request.app[DUPLICATES]
    if what == "different":
        await desk.dismiss(officer, complaint, other, reason)
        return go(f"/complaints/{complaint}")
    kept, gone = (other, complaint) if what == "into" else (complaint, other)
    await desk.merge(officer, kept, gone, reason)
    return go(f"/complaints/{kept}")


@officer_page("mediator")
async def undo(request: web.Request) -> web.StreamResponse:
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    kept, gone = form.text("kept", longest=64), form.text("gone", longest=64)
    if complaint not in (kept, gone):
        raise Refused("not_found", 404)
    await request.app[DUPLICATES].undo(officer, kept, gone, form.text("reason", longest=200) or "—")
    return go(f"/complaints/{gone}")


NEEDS_REASON: Final = N_("Say why you need the full number; the reason goes into the journal.")
DECIDABLE: Final = ("registered",)
SCHEDULABLE: Final = ("registered", "accepted", "mediating")


@officer_page("mediator")
async def new_form(request: web.Request) -> web.StreamResponse:
    return await _entry(request, Form(entry.defaults(now(request), officer_in(request).office.zone)))


@officer_page("mediator")
async def register_complaint(request: web.Request) -> web.StreamResponse:
    officer, form = officer_in(request), await posted(request)
    areas = await area_names(request)
    new = entry.read(form, officer.office.zone, today(request), areas=areas)
    if form.good:
        try:
            complaint = await request.app[COMPLAINTS].register(officer, new)
        except Refused as no:
            if not entry.note(form, no.code, no.params):
                raise
        else:
            return go(f"/complaints/{complaint}")
    return await _entry(request, form, 422)


async def _entry(request: web.Request, form: Form, status: int = 200) -> web.Response:
    named = entry_words(await area_names(request))
    return show(request, "complaints/new.html", "complaints", status, form=form, **named)


async def area_names(request: web.Request) -> dict[str, str]:
    """The office's own areas: name by id."""
    return {one.id: one.name for one in await request.app[JURISDICTIONS].areas(officer_in(request))}


def entry_words(areas: Mapping[str, str]) -> dict[str, Any]:
    """What the form's template names things by."""
    return {"words": i18n, "vocabulary": complaints, "divisions": entry.upper_divisions(), "areas": areas}


@officer_page("mediator")
async def divisions(request: web.Request) -> web.StreamResponse:
    """Places that what was typed may mean, for the form's list."""
    meant = find_divisions(request.query.get("q", "")[:60])
    return json_response([[one.code, one.whole] for one in meant])


@officer_page("mediator", "supervisor")
async def record(request: web.Request) -> web.StreamResponse:
    officer = officer_in(request)
    page = await request.app[READS].complaint(officer, request.match_info["complaint"])
    link = ""
    if officer.role == "mediator" and any(one.waited for one in page.answers):
        link = await request.app[ANSWERS].link(officer, page.row.id)
    names: Sequence[str] = ()
    if officer.role == "mediator" and not page.record.business.title:
        names = await request.app[IMPORTS].suggested(page.record.facts)
    following = await case_after(request, page.row.id) if page.row.state in DONE else None
    more = await shown(request, page.row.id) | await shown_exchange(request, page.row.id)
    return record_page(request, page, Form(), **more, answer_link=link, names=names, next_case=following)


async def record_again(request: web.Request, complaint: str, form: Form) -> web.Response:
    """With what is wrong in a form of its page."""
    page = await request.app[READS].complaint(officer_in(request), complaint)
    more = await shown(request, complaint) | await shown_exchange(request, complaint)
    return record_page(request, page, form, 422, **more)


async def shown_exchange(request: web.Request, complaint: str) -> dict[str, Any]:
    """What `exchange/told.html` needs beside the complaint's page."""
    return {"sent_back": await request.app[EXCHANGE].of_complaint(officer_in(request), complaint), **exchange_names()}


def record_page(request: web.Request, page: ComplaintPage, form: Form, status: int = 200, **more: Any) -> web.Response:
    officer, language = officer_in(request), i18n.language(request)
    day, rests = today(request), page.procedure.transfers.rests  # nothing is done here while another bureau has it
    for field, value in telling_defaults(now(request), officer).items():
        form.values.setdefault(field, value)
    context: dict[str, Any] = {
        "revealed": {},
        "in_hand": officer.id in in_charge(page.history),
        "call": partial(_call, request.app[SITE].call_url, officer),
        "day": day,
        "ask": request.query.get("ask", ""),
        "puts_through": request.app[OFFICER_CALLS] is not None,
        "put_through": request.query.get("put_through") == "yes",
        "form": form,
        "page": page,
        "step": STEP_OF_STATE.get(page.row.state, 0),
        "whys": [why(deadline, page.row.received.date(), day, language) for deadline in page.deadlines],
        "history": entries(page, i18n.words_for(request), officer),
        "ways": telling_ways(language),
        "duty": i18n.DECIDED.get(page.telling.what, ""),
        "order": getattr(law.order_named(page.order), "en" if language == "en" else "zh"),
        "record_article": grounds.cited_duty(page.order, grounds.DOCUMENTS, language),
        "joint_article": grounds.cited_duty(page.order, grounds.JOINT, language),
        "decidable": officer.role == "mediator" and page.row.state in DECIDABLE,
        "notable": page.notes if officer.role == "mediator" else (),
        "retractable": page.last_note if officer.role == "mediator" else "",
        "schedulable": officer.role == "mediator" and page.row.state in SCHEDULABLE,
        "open_session": next((s for s in page.sessions if s.status in ("scheduled", "live", "recess")), None),
        "procedure": asking(page, officer, i18n.words_for(request)),
        "document_kinds": KINDS,
        "words": i18n,
        "mode_name": mode_name,
        "notice_words": i18n,
        "vocabulary": complaints,
        "numbers": parties.masked_numbers(page.record),
        "corrections": corrections(page, i18n.words_for(request)),
        "respondent": facts.respondent(page.record),
        "rests": rests,
        "amendable": officer.role == "mediator" and page.record.office == officer.office.id and not rests,
        "area": _area_of(page),
        "division": division_named(page.record.division) or page.record.division,
        "answer_link": "",
        "names": (),
        "next_case": None,
        "this_case": page.row.id,
        "fields": IMPORT_FIELDS,
        "term_messages": TERM_MESSAGES,
        "told_of_terms": TOLD_OF_TERMS,
        "said_of_terms": SAID_OF_TERMS,
        "sent_states": i18n.SENT_STATES,
        "no_number": NO_NUMBER,
        **shown_answers(request, page, form),
        "triage": triage_panel(page.triage, language, officer.office.id, more.pop("triage_form", None)),
    }
    context["published"] = marked_public(page.record)
    return show(request, "complaints/complaint.html", "complaints", status, **(context | more))


def _call(template: str, officer: Officer, number: str) -> str:
    """Where a number is called from: the office's phone system, or the device itself."""
    return template.replace("{number}", quote(number)).replace("{officer}", quote(officer.login)) or f"tel:{number}"


def _area_of(page: ComplaintPage) -> str:
    """Its area's name; what was typed before there was a list."""
    known = {one.jurisdiction.id: one.jurisdiction.name for one in page.triage.areas} if page.triage else {}
    return known.get(page.record.jurisdiction, page.record.jurisdiction)


@officer_page("mediator")
async def reveal(request: web.Request) -> web.StreamResponse:
    """Answers with the page itself, not with a redirect: the number must not be in any address, and is shown once."""
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    page = await request.app[READS].complaint(officer, complaint)
    which = form.choice("which", tuple(parties.masked_numbers(page.record)))
    reason = form.text("reason", longest=200)
    if not reason and officer.id not in in_charge(page.history):
        form.errors["reason"] = NEEDS_REASON
    if not form.good:
        return record_page(request, page, form, 422, ask="" if "which" in form.errors else f"look-{which}")
    full = await request.app[COMPLAINTS].reveal(officer, complaint, which, reason)
    page = await request.app[READS].complaint(officer, complaint)  # with this look in its history
    return record_page(request, page, Form(), revealed={which: full})


@officer_page("mediator")
async def number_in_hand(request: web.Request) -> web.StreamResponse:
    """For the cockpit: a party's number, and where it is called from. Only of a case in hand; the look is journaled."""
    officer, complaint, form = officer_in(request), request.match_info["complaint"], await posted(request)
    page = await request.app[READS].complaint(officer, complaint)
    which = form.choice("which", tuple(parties.masked_numbers(page.record)))
    if not form.good or officer.id not in in_charge(page.history):
        raise Refused("not_allowed", 403)
    number = await request.app[COMPLAINTS].reveal(officer, complaint, which, "")
    body = {"number": number, "call": _call(request.app[SITE].call_url, officer, number)}
    return json_response(body, headers={"Cache-Control": "no-store"})


@officer_page("mediator")
async def confirm_triage(request: web.Request) -> web.StreamResponse:
    officer, complaint = officer_in(request), request.match_info["complaint"]
    page = await request.app[READS].complaint(officer, complaint)
    form = await posted(request)
    try:
        await request.app[TRIAGE].confirm(officer, complaint, await posted_triage(request, page.triage, form))
    except Refused as no:
        if no.code != "bad_choice":
            raise
        note_bad_choice(form, no)
        return record_page(request, page, Form(), 422, triage_form=form)
    return go(f"/complaints/{complaint}#triage")
