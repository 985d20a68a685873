"""Triage on pages: what is suggested of a complaint and why, what is on file, and what was posted of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from aiohttp import web

import complaints
from complaints.record.industries import DIVISIONS, SECTIONS, industry_name
from complaints.record.places import division_named, find_divisions
from complaints.triage import TRIAGE_ANSWERS, ConfirmTriage, SpokenWord, TriageSuggestion, finer
from complaints.views import TriagePage
from journal.refusals import Refused
from web.http.forms import BAD_CHOICE, Form
from web.i18n import N_

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
    """`chosen`: what the form starts with: what is on file, else what triage is sure of. `finer`: what 12315 calls the
    problem, within its class."""

    whys: Mapping[str, Sequence[ShownSuggestion]]
    chosen: Mapping[str, Any]
    industries: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    areas: Sequence[tuple[str, str]]
    problems: Mapping[str, str]
    requests: Mapping[str, str]
    urgencies: Mapping[str, str]
    confirmed: bool
    elsewhere: str  # another office's name, when the place is in its area
    finer: str = ""
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
        question: (lambda value, of=of: complaints.name(of, value, language))
        for question, of in (
            ("problem_class", complaints.PROBLEMS),
            ("requests", complaints.REQUESTS),
            ("urgency", complaints.URGENCIES),
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
    chosen = _posted(form) if form else _chosen(page)
    problem = chosen["problem_class"] or next((one.value for one in told.problem), "")
    return Panel(
        whys=whys,
        chosen=chosen,
        industries=_choices(page, language),
        areas=[(id, named["jurisdiction"](id)) for id in areas],
        problems=_names(complaints.PROBLEMS, language),
        requests=_names(complaints.REQUESTS, language),
        urgencies=_names(complaints.URGENCIES, language),
        confirmed=page.confirmed is not None,
        elsewhere=areas[best].office if away else "",
        finer=_finer(page, problem, language),
        error=next(iter(form.errors.values()), "") if form else "",
    )


async def posted_triage(request: web.Request, page: TriagePage | None, form: Form) -> ConfirmTriage:
    sent = await request.post()
    division = form.text("division", longest=60)
    meant = find_divisions(division, 2)  # a name that is its code's own changes nothing
    command = ConfirmTriage(
        industry_code=form.text("industry_code", longest=8),
        problem_class=form.text("problem_class", longest=32),
        requests=_several(sent, "requests"),
        urgency=_several(sent, "urgency"),
        division=meant[0].code if len(meant) == 1 else division,
        jurisdiction=form.text("jurisdiction", longest=64),
        also_reports=form.text("also_reports") == "yes",
        lists=page.suggested.version if page else "",
    )
    offered = offer(page) if page else {}
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
        return suggestions[0].value if suggestions and suggestions[0].sure else ""

    return {
        "industry_code": best(told.industry),
        "problem_class": best(told.problem),
        "requests": _ordered(told.requests, complaints.REQUESTS),
        "urgency": _ordered(told.urgency, complaints.URGENCIES),
        "division": best(told.division),
        "jurisdiction": best(told.jurisdiction),
        "also_reports": bool(told.reports),
    }


def _chosen(page: TriagePage) -> dict[str, Any]:
    offered, record = offer(page), page.record
    told = {name: getattr(record, name) for name in TRIAGE_ANSWERS}
    if page.confirmed is None:
        told = {name: told[name] or offered[name] for name in TRIAGE_ANSWERS}
    return told | {"division": division_named(told["division"]) or told["division"]}


def _posted(form: Form) -> dict[str, Any]:
    requests, _, urgency = form.values.get("several", "").partition("\n\n")
    several = {"requests": tuple(requests.split("\n")), "urgency": tuple(urgency.split("\n"))}
    values = {name: several.get(name, form.values.get(name, "")) for name in TRIAGE_ANSWERS}
    return values | {"also_reports": values["also_reports"] == "yes"}


def _ordered(suggestions: Sequence[TriageSuggestion], among: Mapping[str, Any]) -> tuple[str, ...]:
    """As checkboxes post them."""
    values = {one.value for one in suggestions}
    return tuple(value for value in among if value in values)


def _finer(page: TriagePage, problem: str, language: str) -> str:
    name = finer(page.submission, problem)
    return "" if name is None else name.en if language.startswith("en") else name.zh


def _why(one: TriageSuggestion, title: str, page: TriagePage) -> ShownSuggestion:
    reasons = [_reason(mention, page) for mention in one.mentions[:MOST_REASONS]]
    return ShownSuggestion(one.value, title, round(one.confidence * 100), reasons, one.sure)


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


def _names(of: Mapping[str, complaints.Names], language: str) -> dict[str, str]:
    return {value: complaints.name(of, value, language) for value in of}
