"""Looking up articles: the page, the panel in the room, and suggestions for a complaint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from aiohttp import web

import complaints
from complaints.complaint import days_of
from complaints.events import ComplaintRegistered
from complaints.record.industries import industry_name
from complaints.triage import law_search
from law.catalogue import Article, ArticleStanding, Days
from law.compliance import tables
from law.library import Library
from law.search import LONGEST_QUERY, ArticleSuggestion, Hit, SuggestionReason, suggest
from rooms.views import ComplaintPage
from web import LAW, READS, SESSIONS, i18n
from web.http.responses import json_response
from web.http.security import officer_page
from web.i18n import N_
from web.rendering import officer_in, own_office, show, today


def entry(library: Library, article: Article, days: Days, language: str) -> dict[str, Any]:
    """`then`: what was in force on that day instead, where this one was not and it is known."""
    day, statute = days.of(article.statute), article.statute
    standing, edition, official = statute.standing(day), statute.edition(day), library.official(article.id, day)
    instead = None if standing is ArticleStanding.IN_FORCE else library.then(article, day)
    return {
        "id": article.id,
        "citation": article.citation(language),
        "gist": article.gist(language),
        "official": "" if official is None else official.text,
        "since": statute.since.isoformat(),
        "until": "" if statute.until is None else statute.until.isoformat(),
        "edition": "" if edition is None else edition.name(language),
        "standing": standing.value,
        "on": day.isoformat(),
        "then": None if instead is None else {"id": instead.id, "citation": instead.citation(language)},
    }


def found_article(library: Library, hits: Iterable[Hit], days: Days, language: str) -> list[dict[str, Any]]:
    return [{**entry(library, hit.article, days, language), "why": list(hit.why)} for hit in hits]


def suggested(
    library: Library, suggestions: Iterable[ArticleSuggestion], days: Days, language: str
) -> list[dict[str, Any]]:
    return [
        {**entry(library, each.article, days, language), "why": [suggestion_reason(why, language) for why in each.why]}
        for each in suggestions
    ]


def suggestion_reason(why: SuggestionReason, language: str) -> str:
    """A word as the account has it, or the name of a class."""
    match why.kind:
        case "problem":
            return complaints.name(complaints.PROBLEMS, why.value, language)
        case "industry":
            return industry_name(why.value, language)
        case _:
            return why.value


NAMES: Final[Mapping[str, str]] = {
    "held": N_("held by the program"),
    "person": N_("recorded; a person judges"),
    "hint": N_("shown; a person judges"),
    "outside": N_("outside software"),
}


@officer_page()
async def articles(request: web.Request) -> web.StreamResponse:
    rows = [row for one in tables() for row in one.rows]
    counts = Counter(row.verdict for row in rows)
    return show(request, "law/articles.html", "law", tables=tables(), names=NAMES, counts=counts)


@officer_page()
async def law_page(request: web.Request) -> web.StreamResponse:
    """For any officer: `q` and the day it is asked for."""
    language = i18n.language(request)
    here = today(request)
    day = _day(request.query.get("day", "")) or here
    asked = _asked(request)
    library, days = await request.app[LAW].library(), Days.both(day)
    hits = law_search(library, asked, days)
    return show(
        request,
        "law/law.html",
        "law",
        asked=asked,
        day=day,
        is_today=day == here,
        longest=LONGEST_QUERY,
        hits=found_article(library, hits, days, language),
        statutes=_statutes(library.articles.values()),
        count=len(library.articles),
    )


@officer_page()
async def look_up(request: web.Request) -> web.StreamResponse:
    language = i18n.language(request)
    day = _day(request.query.get("day", "")) or today(request)
    library, days = await request.app[LAW].library(), Days.both(day)
    return _json({"hits": found_article(library, law_search(library, _asked(request), days), days, language)})


@officer_page("mediator")
async def for_session(request: web.Request) -> web.StreamResponse:
    """Without a question: what the complaint suggests. With one: what is found, for the day it happened."""
    officer, language = officer_in(request), i18n.language(request)
    row = await request.app[READS].session(officer, request.match_info["session"])
    state = await request.app[SESSIONS].state(row.id)
    own_office(officer, state.office)
    complaint = await request.app[READS].complaint(officer, row.complaint)
    days = days_of(complaint.record, officer.office.zone)
    library, asked = await request.app[LAW].library(), _asked(request)
    if asked:
        entries = found_article(library, law_search(library, asked, days), days, language)
    else:
        suggestions = suggest(library, account(complaint), *classes(complaint), days)
        entries = suggested(library, suggestions, days, language)
    return _json(
        {
            "hits": entries,
            "suggested": not asked,
            "event": days.event.isoformat(),
            "by": "purchase" if days.event == complaint.record.object.bought else "receipt",
        }
    )


def account(complaint: ComplaintPage) -> str:
    """What the consumer asks and says happened."""
    record: ComplaintRegistered = complaint.record
    return "\n".join(filter(None, (record.title, record.request, record.facts, record.object.name)))


def classes(complaint: ComplaintPage) -> tuple[str, str]:
    """Problem and industry by code: as somebody said them, or as triage suggests."""
    problem, industry = said_classes(complaint)
    if complaint.triage is not None:
        suggested = complaint.triage.suggested
        problem = problem or next((each.value for each in suggested.problem), "")
        industry = industry or next((each.value for each in suggested.industry), "")
    return problem, industry


def said_classes(complaint: ComplaintPage) -> tuple[str, str]:
    """Problem and industry by code, as an officer confirmed them or as they are on file; "" where nobody has said."""
    confirmed = complaint.triage.confirmed if complaint.triage is not None else None
    problem = (confirmed.problem_class if confirmed else "") or complaint.record.problem_class
    industry = (confirmed.industry_code if confirmed else "") or complaint.record.industry_code
    return problem, industry


def _statutes(articles: Any) -> list[Any]:
    """Each once, in the catalogue's order."""
    return list({article.statute.id: article.statute for article in articles}.values())


def _asked(request: web.Request) -> str:
    return request.query.get("q", "").strip()[:LONGEST_QUERY]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if len(text) <= 12 else None
    except ValueError:
        return None


def _json(body: dict[str, Any]) -> web.Response:
    return json_response(body, headers={"Cache-Control": "no-store"})


def register_law(app: web.Application) -> None:
    app.router.add_get("/law", law_page, name="law")
    app.router.add_get("/law/articles", articles, name="law_articles")
    app.router.add_get("/api/law", look_up, name="law_search")
    app.router.add_get("/api/sessions/{session}/law", for_session, name="session_law")
