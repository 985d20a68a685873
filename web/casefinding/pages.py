"""Cases found by words (`/casebook/find`), a case to read, and what the cockpit suggests to the mediator."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from aiohttp import web

from casebook.case import Case
from casebook.search.question import LONGEST_QUERY, Filters
from casebook.views import ComplaintAccount
from complaints import vocabulary
from complaints.clocks import days_of
from complaints.record.industries import SECTIONS, industry_name
from law.articles import Days
from law.catalogue import catalogue
from offices.refusal import Refused
from web import i18n
from web.casebook.pages import tag_names
from web.casebook.services import CASE_FINDER
from web.casefinding import wording
from web.json_answers import json_response
from web.law.pages import classes
from web.office.pages import officer_in, own_office, show, today
from web.security import officer_page
from web.services import LAW, READS, SESSIONS, SITE

MOST: Final = 30
MOST_SUGGESTED: Final = 5
ROLES: Final = ("mediator", "supervisor")


@officer_page(*ROLES)
async def find(request: web.Request) -> web.StreamResponse:
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
        hits=[wording.hit(one, language) for one in found],
        filters=filters,
        filtered=filters != Filters(samples=request.app[SITE].demo),
        problems={code: names[language != "zh"] for code, names in vocabulary.PROBLEMS.items()},
        sections={code: names[language != "zh"] for code, names in SECTIONS.items()},
        tags=tags,
    )


@officer_page(*ROLES)
async def read(request: web.Request) -> web.StreamResponse:
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
        texts=[(wording.TEXTS[name], getattr(case, name)) for name in wording.TEXTS if getattr(case, name)],
        came_to=wording.came_to(case, language),
        industry=industry_name(case.industry, language) if case.industry else "",
        problem=vocabulary.name(vocabulary.PROBLEMS, case.problem, language),
        tags=[tags[tag] for tag in case.tags if tag in tags],
        articles=await _articles(request, case, language),
    )


@officer_page("mediator")
async def for_session(request: web.Request) -> web.StreamResponse:
    """With words: what is found. Without: cases like the complaint, and what those came to."""
    officer, language = officer_in(request), i18n.language(request)
    row = await request.app[READS].session(officer, request.match_info["session"])
    own_office(officer, (await request.app[SESSIONS].state(row.id)).office)
    complaint = await request.app[READS].complaint(officer, row.complaint)
    days = days_of(complaint.record, officer.office.zone)
    finder, asked = request.app[CASE_FINDER], _text(request, "q", LONGEST_QUERY)
    if asked:
        found = await finder.find(asked, Filters(samples=request.app[SITE].demo), days, MOST_SUGGESTED * 2)
        return _json({"suggested": False, "cases": [wording.hit(one, language) for one in found], "range": None})
    problem, industry = classes(complaint)
    record = complaint.record
    account = ComplaintAccount(record.title, record.request, record.facts, problem, industry, record.amount)
    alike = await finder.alike(account, days, MOST_SUGGESTED)
    return _json(
        {
            "suggested": True,
            "cases": [wording.hit(one, language) for one in alike.cases],
            "range": wording.outcomes(alike.came_to, language),
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
