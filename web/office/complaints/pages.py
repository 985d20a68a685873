"""A complaint's pages: registering it, its record, its triage, and others that may be the same dispute."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web

import law
from complaints import record as parties, vocabulary
from complaints.complaint import in_charge
from complaints.record import marked_public
from complaints.record.industries import DIVISIONS, SECTIONS, industry_name
from complaints.record.places import division_named, find_divisions
from complaints.statistics import facts
from complaints.triage import SURE, TRIAGE_ANSWERS, ConfirmTriage, SpokenWord, TriageSuggestion
from complaints.views import TriagePage
from journal.refusals import Refused
from law import grounds
from law.orders import mode_name
from offices.people import Officer
from rooms.views import ComplaintPage
from web import i18n
from web.http.forms import BAD_CHOICE, Form, now
from web.http.responses import json_response
from web.http.security import officer_page
from web.i18n import N_
from web.links.documents import KINDS
from web.office.administration.services import JURISDICTIONS
from web.office.complaints import entry, steps
from web.office.complaints.desk import DONE, case_after, why
from web.office.complaints.history import corrections, entries
from web.office.complaints.import_words import FIELDS as IMPORT_FIELDS
from web.office.complaints.imports import IMPORTS
from web.office.complaints.services import COMPLAINTS, DUPLICATES, TRIAGE
from web.office.complaints.steps import asking
from web.rendering import go, officer_in, posted, show, today
from web.services import ANSWERS, READS, SITE

SIGNALS: Final[Mapping[str, str]] = {
    "phone": N_("Phone"),
    "consumer": N_("Name"),
    "business": N_("Business"),
    "amount": N_("Amount"),
    "date": N_("Receipt"),
    "text": N_("Wording"),
}
FOUND: Final[Mapping[str, Mapping[str, str]]] = {
    "phone": {"same": N_("the same number"), "other": N_("another number")},
    "consumer": {"same": N_("the same name"), "surname": N_("the same surname"), "other": N_("another name")},
    "business": {
        "code": N_("the same credit code"),
        "name": N_("the same name"),
        "short": N_("the short form of the name"),
        "alike": N_("a similar name"),
        "other_code": N_("another credit code"),
        "other": N_("another name"),
    },
    "amount": {
        "same": N_("the same amount"),
        "rounded": N_("the same, rounded"),
        "near": N_("nearly the same"),
        "other": N_("another amount"),
    },
    "date": {"days": N_("within two weeks"), "weeks": N_("within weeks"), "months": N_("months apart")},
    "text": {
        "very": N_("very much alike"),
        "rather": N_("rather alike"),
        "little": N_("a little alike"),
        "hardly": N_("hardly alike"),
    },
}
HINTS: Final[Mapping[str, str]] = {
    "16.2": N_(
        "Perhaps accepted or handled already: %(count)s on file look like this dispute (Order 121 Art 16 item 2)."
    ),
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
    return {"words": i18n, "vocabulary": vocabulary, "divisions": entry.upper_divisions(), "areas": areas}


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
    more = await shown(request, page.row.id)
    return record_page(request, page, Form(), **more, answer_link=link, names=names, next_case=following)


def record_page(request: web.Request, page: ComplaintPage, form: Form, status: int = 200, **more: Any) -> web.Response:
    officer, language = officer_in(request), i18n.language(request)
    day = today(request)
    for field, value in steps.telling_defaults(now(request), officer).items():
        form.values.setdefault(field, value)
    context: dict[str, Any] = {
        "revealed": {},
        "in_hand": officer.id in in_charge(page.history),
        "call": partial(_call, request.app[SITE].call_url, officer),
        "day": day,
        "ask": request.query.get("ask", ""),
        "form": form,
        "page": page,
        "step": i18n.STEP_OF_STATE.get(page.row.state, 0),
        "whys": [why(deadline, page.row.received.date(), day, language) for deadline in page.deadlines],
        "history": entries(page, i18n.words_for(request), officer),
        "ways": steps.telling_ways(language),
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
        "vocabulary": vocabulary,
        "numbers": parties.masked_numbers(page.record),
        "corrections": corrections(page, i18n.words_for(request)),
        "respondent": facts.respondent(page.record),
        "amendable": officer.role == "mediator" and page.record.office == officer.office.id,
        "area": _area_of(page),
        "division": division_named(page.record.division) or page.record.division,
        "answer_link": "",
        "names": (),
        "next_case": None,
        "this_case": page.row.id,
        "fields": IMPORT_FIELDS,
        "term_messages": steps.TERM_MESSAGES,
        "told_of_terms": steps.TOLD_OF_TERMS,
        "said_of_terms": steps.SAID_OF_TERMS,
        "sent_states": i18n.SENT_STATES,
        "no_number": steps.NO_NUMBER,
        **steps.shown_answers(request, page, form),
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


AROUND: Final = 8  # characters shown before and after a word
MOST_REASONS: Final = 4

FIELDS: Final[Mapping[str, str]] = {
    "title": N_("in the title"),
    "request": N_("in the request"),
    "facts": N_("in the facts"),
    "business": N_("in the name of the business"),
    "object": N_("in what was bought"),
    "industry": N_("in the trade as it was given"),
    "problem": N_("in the problem as it was given"),
    "place": N_("in the address"),
}


@dataclass(frozen=True, slots=True)
class ShownReason:
    """A word with a few characters around it; `at` counts characters from 1."""

    before: str
    word: str
    after: str
    where: str
    at: int


@dataclass(frozen=True, slots=True)
class ShownSuggestion:
    """One suggestion as it is shown. `percent` is its confidence."""

    value: str
    title: str
    percent: int
    reasons: Sequence[ShownReason]
    sure: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """`chosen`: what the form starts with: what is on file, else what triage is sure of."""

    whys: Mapping[str, Sequence[ShownSuggestion]]
    chosen: Mapping[str, Any]
    industries: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    areas: Sequence[tuple[str, str]]
    problems: Mapping[str, str]
    requests: Mapping[str, str]
    urgencies: Mapping[str, str]
    confirmed: bool
    elsewhere: str  # another office's name, when the place is in its area
    error: str = ""


def triage_panel(page: TriagePage | None, language: str, office: str, form: Form | None = None) -> Panel | None:
    """`office`: the id of the officer's own; `form`: what was posted, when something was wrong with it."""
    if page is None:
        return None
    told = page.suggested
    found = {
        "industry_code": told.industry,
        "problem_class": told.problem,
        "requests": told.requests,
        "urgency": told.urgency,
        "division": told.division,
        "jurisdiction": told.jurisdiction,
        "also_reports": told.reports,
    }
    areas = {area.jurisdiction.id: area for area in page.areas}
    named: dict[str, Callable[[str], str]] = {"industry_code": lambda code: _industry(code, page, language)} | {
        question: (lambda value, of=of: vocabulary.name(of, value, language))
        for question, of in (
            ("problem_class", vocabulary.PROBLEMS),
            ("requests", vocabulary.REQUESTS),
            ("urgency", vocabulary.URGENCIES),
        )
    }
    named["division"] = division_named
    named["jurisdiction"] = lambda id: f"{areas[id].jurisdiction.name} · {areas[id].office}"
    named["also_reports"] = lambda _: ""
    whys = {
        question: [_why(one, named[question](one.value), page) for one in suggestions]
        for question, suggestions in found.items()
    }
    best = told.jurisdiction[0].value if told.jurisdiction else ""
    away = bool(best) and areas[best].jurisdiction.office != office
    return Panel(
        whys=whys,
        chosen=_posted(form) if form else _chosen(page),
        industries=_choices(page, language),
        areas=[(id, named["jurisdiction"](id)) for id in areas],
        problems=_names(vocabulary.PROBLEMS, language),
        requests=_names(vocabulary.REQUESTS, language),
        urgencies=_names(vocabulary.URGENCIES, language),
        confirmed=page.confirmed is not None,
        elsewhere=areas[best].office if away else "",
        error=next(iter(form.errors.values()), "") if form else "",
    )


@officer_page("mediator")
async def confirm_triage(request: web.Request) -> web.StreamResponse:
    officer, complaint = officer_in(request), request.match_info["complaint"]
    page = await request.app[READS].complaint(officer, complaint)
    form = await posted(request)
    try:
        await request.app[TRIAGE].confirm(officer, complaint, await posted_triage(request, page, form))
    except Refused as no:
        if no.code != "bad_choice":
            raise
        note_bad_choice(form, no)
        return record_page(request, page, Form(), 422, triage_form=form)
    return go(f"/complaints/{complaint}#triage")


async def posted_triage(request: web.Request, page: ComplaintPage, form: Form) -> ConfirmTriage:
    sent = await request.post()
    command = ConfirmTriage(
        industry_code=form.text("industry_code", longest=8),
        problem_class=form.text("problem_class", longest=32),
        requests=_several(sent, "requests"),
        urgency=_several(sent, "urgency"),
        division=form.text("division", longest=60),
        jurisdiction=form.text("jurisdiction", longest=64),
        also_reports=form.text("also_reports") == "yes",
        lists=page.triage.suggested.version if page.triage else "",
    )
    offered = offer(page.triage) if page.triage else {}
    changed = tuple(name for name in TRIAGE_ANSWERS if getattr(command, name) != offered.get(name))
    form.values["several"] = "\n".join([*command.requests, "", *command.urgency])
    return replace(command, changed=changed)


def note_bad_choice(form: Form, no: Refused) -> None:
    form.errors[str(no.params.get("field", ""))] = (
        N_("There is no such place, or there are several: write the city too, or the six digits.")
        if no.params.get("field") == "division"
        else BAD_CHOICE
    )


def _several(sent: Any, name: str) -> tuple[str, ...]:
    """Boxes that were ticked, once each."""
    return tuple(dict.fromkeys(str(value)[:32] for value in sent.getall(name, ())))[:20]


def offer(page: TriagePage) -> dict[str, Any]:
    """What confirming without a change says."""
    told = page.suggested

    def best(suggestions: Sequence[TriageSuggestion]) -> str:
        return suggestions[0].value if suggestions and suggestions[0].confidence >= SURE else ""

    return {
        "industry_code": best(told.industry),
        "problem_class": best(told.problem),
        "requests": _ordered(told.requests, vocabulary.REQUESTS),
        "urgency": _ordered(told.urgency, vocabulary.URGENCIES),
        "division": best(told.division),
        "jurisdiction": best(told.jurisdiction),
        "also_reports": bool(told.reports),
    }


def _chosen(page: TriagePage) -> dict[str, Any]:
    offered, record = offer(page), page.record
    on_file = {name: getattr(record, name) for name in TRIAGE_ANSWERS}
    if page.confirmed is not None:
        return on_file
    return {name: on_file[name] or offered[name] for name in TRIAGE_ANSWERS}


def _posted(form: Form) -> dict[str, Any]:
    requests, _, urgency = form.values.get("several", "").partition("\n\n")
    several = {"requests": tuple(requests.split("\n")), "urgency": tuple(urgency.split("\n"))}
    values = {name: several.get(name, form.values.get(name, "")) for name in TRIAGE_ANSWERS}
    return values | {"also_reports": values["also_reports"] == "yes"}


def _ordered(suggestions: Sequence[TriageSuggestion], among: Mapping[str, Any]) -> tuple[str, ...]:
    """As checkboxes post them."""
    values = {one.value for one in suggestions}
    return tuple(value for value in among if value in values)


def _why(one: TriageSuggestion, title: str, page: TriagePage) -> ShownSuggestion:
    reasons = [_reason(mention, page) for mention in one.mentions[:MOST_REASONS]]
    return ShownSuggestion(one.value, title, round(one.confidence * 100), reasons, one.confidence >= SURE)


def _reason(mention: SpokenWord, page: TriagePage) -> ShownReason:
    text: str = getattr(page.submission, mention.field)
    start, end = mention.start, mention.end
    return ShownReason(
        text[max(0, start - AROUND) : start],
        text[start:end],
        text[end : end + AROUND],
        FIELDS[mention.field],
        start + 1,
    )


def _industry(code: str, page: TriagePage, language: str) -> str:
    return f"{code} {industry_name(code, language, page.official)}"


def _choices(page: TriagePage, language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Divisions under their sections, and of the division on file what finer codes the official table has."""
    finer = [(code, f"{code} {name}") for code, name in sorted(page.official.items()) if len(code) > 3]
    code = page.record.industry_code
    if code and len(code) != 3 and all(code != known for known, _ in finer):
        finer.insert(0, (code, _industry(code, page, language)))
    groups = [("", finer)] if finer else []
    for letter in SECTIONS:
        under = [(code, f"{code} {industry_name(code, language)}") for code in DIVISIONS if code[0] == letter]
        groups.append((f"{letter} {industry_name(letter, language)}", under))
    return groups


def _names(of: Mapping[str, vocabulary.Names], language: str) -> dict[str, str]:
    return {value: vocabulary.name(of, value, language) for value in of}
