"""The law at hand outside a room (`/law`), and the same as JSON for the cockpit.

Search and suggestions are pure (`law.search`, `law.suggestions`); here is only which complaint and which day.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from aiohttp import web

from complaints.clocks import days_of
from complaints.events import ComplaintRegistered
from law.articles import Days
from law.search import LONGEST_QUERY, search
from law.suggestions import suggest
from rooms.views import ComplaintPage
from web import i18n
from web.json_answers import json_response
from web.law import wording
from web.law.articles import articles
from web.office.pages import officer_in, own_office, show, today
from web.security import officer_page
from web.services import LAW, READS, SESSIONS


@officer_page()
async def page(request: web.Request) -> web.StreamResponse:
    """For any officer: `q` and the day it is asked for."""
    language = i18n.language(request)
    here = today(request)
    day = _day(request.query.get("day", "")) or here
    asked = _asked(request)
    library, days = await request.app[LAW].library(), Days.both(day)
    hits = search(library, asked, days)
    return show(
        request,
        "law/law.html",
        "law",
        asked=asked,
        day=day,
        is_today=day == here,
        longest=LONGEST_QUERY,
        hits=wording.found(library, hits, days, language),
        statutes=_statutes(library.articles.values()),
        count=len(library.articles),
    )


@officer_page()
async def look_up(request: web.Request) -> web.StreamResponse:
    language = i18n.language(request)
    day = _day(request.query.get("day", "")) or today(request)
    library, days = await request.app[LAW].library(), Days.both(day)
    return _json({"hits": wording.found(library, search(library, _asked(request), days), days, language)})


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
        entries = wording.found(library, search(library, asked, days), days, language)
    else:
        suggestions = suggest(library, account(complaint), *classes(complaint), days)
        entries = wording.suggested(library, suggestions, days, language)
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
    """Problem and industry by code: as an officer confirmed them, as they are on file, or as triage suggests."""
    record, triage = complaint.record, complaint.triage
    confirmed = triage.confirmed if triage is not None else None
    problem = (confirmed.problem_class if confirmed else "") or record.problem_class
    industry = (confirmed.industry_code if confirmed else "") or record.industry_code
    if triage is not None:
        problem = problem or next((each.value for each in triage.suggested.problem), "")
        industry = industry or next((each.value for each in triage.suggested.industry), "")
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


def register(app: web.Application) -> None:
    app.router.add_get("/law", page, name="law")
    app.router.add_get("/law/articles", articles, name="law_articles")
    app.router.add_get("/api/law", look_up, name="law_search")
    app.router.add_get("/api/sessions/{session}/law", for_session, name="session_law")
