"""Finding typical cases."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any, Final

from aiohttp import web

from casebook.case import Case, Outcomes, Spread
from casebook.search.question import LONGEST_QUERY, Filters
from casebook.search.ranking import Reason
from casebook.views import ComplaintAccount, FoundCase
from complaints import vocabulary
from complaints.clocks import days_of
from complaints.record.industries import SECTIONS, industry_name
from law.articles import Days
from law.catalogue import catalogue
from offices.refusal import Refused
from web import i18n
from web.casebook.pages import tag_names
from web.casebook.services import CASE_FINDER
from web.i18n import N_
from web.law import classes
from web.responses import json_response
from web.security import officer_page
from web.services import LAW, READS, SESSIONS, SITE
from web.staff_pages import officer_in, own_office, show, today

TEXTS: Final[Mapping[str, str]] = {
    "facts": N_("Facts"),
    "claims": N_("What was asked"),
    "process": N_("How it was mediated"),
    "outcome": N_("What it came to"),
    "experience": N_("Experience"),
}


def hit(found: FoundCase, language: str) -> dict[str, Any]:
    case = found.case
    return {
        "id": case.id,
        "number": case.number,
        "title": case.title(language),
        "sample": case.sample,
        "outcome": case.outcome,
        "experience": case.experience,
        **came_to(case, language),
        "industry": industry_name(case.industry, language) if case.industry else "",
        "problem": vocabulary.name(vocabulary.PROBLEMS, case.problem, language),
        "articles": [
            {"id": id_, "citation": catalogue()[id_].citation(language)} for id_ in case.articles if id_ in catalogue()
        ],
        "alike": found.alike,
        "why": list(dict.fromkeys(found_reason(one, language) for one in found.why)),
    }


def came_to(case: Case, language: str) -> dict[str, Any]:
    """Money as text with two decimals, None where there is none; `share` of the claim in percent."""
    share = None
    if case.claimed and case.settled is not None:
        share = round(100 * case.settled / case.claimed)
    return {"claimed": _money(case.claimed), "settled": _money(case.settled), "share": share, "days": case.days}


def found_reason(why: Reason, language: str) -> str:
    match why.kind:
        case "article":
            article = catalogue().get(why.value)
            return why.value if article is None else article.citation(language)
        case "industry":
            return industry_name(why.value, language)
        case "problem":
            return vocabulary.name(vocabulary.PROBLEMS, why.value, language)
        case "amount":
            return f"¥{Decimal(why.value) / 100:,.2f}"
        case "also":
            return f"≈ {why.value}"
        case _:
            return why.value


def outcomes(of: Outcomes, language: str) -> dict[str, Any] | None:
    """None with too few cases to say anything."""
    if not of.enough:
        return None
    return {
        "cases": of.cases,
        "settled": of.settled,
        "settled_share": round(100 * of.settled / of.cases),
        "share": _spread(of.share),
        "days": _spread(of.days),
        "articles": [
            {"id": id_, "citation": catalogue()[id_].citation(language), "cases": count}
            for id_, count in of.articles
            if id_ in catalogue()
        ],
    }


def _spread(of: Spread | None) -> dict[str, int] | None:
    return None if of is None else {"low": of.low, "middle": of.middle, "high": of.high}


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


MOST: Final = 30
MOST_SUGGESTED: Final = 5
ROLES: Final = ("mediator", "supervisor")


@officer_page(*ROLES)
async def find_cases(request: web.Request) -> web.StreamResponse:
    language = i18n.language(request)
    tags = await tag_names(request, withdrawn=True)
    asked, filters = _text(request, "q", LONGEST_QUERY), _filters(request, tags)
    days = Days.both(today(request))
    found = await request.app[CASE_FINDER].find(asked, filters, days, MOST)
    return show(
        request,
        "casefinding/find.html",
        "casebook",
        asked=asked,
        longest=LONGEST_QUERY,
        hits=[hit(one, language) for one in found],
        filters=filters,
        filtered=filters != Filters(samples=request.app[SITE].demo),
        problems={code: names[language != "zh"] for code, names in vocabulary.PROBLEMS.items()},
        sections={code: names[language != "zh"] for code, names in SECTIONS.items()},
        tags=tags,
    )


@officer_page(*ROLES)
async def read_case(request: web.Request) -> web.StreamResponse:
    """A published case or a sample."""
    case = await request.app[CASE_FINDER].case(request.match_info["case"])
    if case is None:
        raise Refused("not_found", 404)
    language, tags = i18n.language(request), await tag_names(request, withdrawn=True)
    return show(
        request,
        "casefinding/case.html",
        "casebook",
        case=case,
        texts=[(TEXTS[name], getattr(case, name)) for name in TEXTS if getattr(case, name)],
        came_to=came_to(case, language),
        industry=industry_name(case.industry, language) if case.industry else "",
        problem=vocabulary.name(vocabulary.PROBLEMS, case.problem, language),
        tags=[tags[tag] for tag in case.tags if tag in tags],
        articles=await _articles(request, case, language),
    )


@officer_page("mediator")
async def cases_for_session(request: web.Request) -> web.StreamResponse:
    """With words: what is found. Without: cases like the complaint, and what those came to."""
    officer, language = officer_in(request), i18n.language(request)
    row = await request.app[READS].session(officer, request.match_info["session"])
    own_office(officer, (await request.app[SESSIONS].state(row.id)).office)
    complaint = await request.app[READS].complaint(officer, row.complaint)
    days = days_of(complaint.record, officer.office.zone)
    finder, asked = request.app[CASE_FINDER], _text(request, "q", LONGEST_QUERY)
    if asked:
        found = await finder.find(asked, Filters(samples=request.app[SITE].demo), days, MOST_SUGGESTED * 2)
        return _json({"suggested": False, "cases": [hit(one, language) for one in found], "range": None})
    problem, industry = classes(complaint)
    record = complaint.record
    account = ComplaintAccount(record.title, record.request, record.facts, problem, industry, record.amount)
    alike = await finder.alike(account, days, MOST_SUGGESTED)
    return _json(
        {
            "suggested": True,
            "cases": [hit(one, language) for one in alike.cases],
            "range": outcomes(alike.came_to, language),
        }
    )


async def _articles(request: web.Request, case: Case, language: str) -> list[dict[str, str]]:
    library = await request.app[LAW].library()
    found = []
    for id_ in case.articles:
        article, official = catalogue().get(id_), library.official(id_, case.event_date)
        if article is not None:
            found.append(
                {
                    "citation": article.citation(language),
                    "gist": article.gist(language),
                    "official": "" if official is None else official.text,
                }
            )
    return found


def _filters(request: web.Request, tags: Collection[str]) -> Filters:
    """Whatever is no code of ours is left out."""
    problem, industry = _text(request, "problem", 32), _text(request, "industry", 8)
    article, year = _text(request, "article", 64), _text(request, "year", 4)
    settled = {"yes": True, "no": False}.get(_text(request, "settled", 3))
    return Filters(
        industry=industry if industry[:1] in SECTIONS else "",
        problem=problem if problem in vocabulary.PROBLEMS else "",
        article=article if article in catalogue() else "",
        tag=tag if (tag := _text(request, "tag", 40)) in tags else "",
        year=int(year) if len(year) == 4 and year.isascii() and year.isdigit() else None,
        settled=settled,
        samples={"yes": True, "no": False}.get(_text(request, "samples", 3), request.app[SITE].demo),
    )


def _text(request: web.Request, name: str, most: int) -> str:
    return request.query.get(name, "").strip()[:most]


def _json(body: dict[str, Any]) -> web.Response:
    return json_response(body, headers={"Cache-Control": "no-store"})
