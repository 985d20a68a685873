"""Finding typical cases, the year's book of them, and the routes of both."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web

import complaints
from casebook import Case, Outcomes, QuarterSpread
from casebook.search import LONGEST_QUERY, Filters, MatchReason
from casebook.views import LONGEST_PREFACE, Book, ComplaintAccount, FoundCase
from complaints.complaint import days_of
from complaints.record.industries import SECTIONS, industry_name
from journal.refusals import Refused
from law.catalogue import Days, catalogue
from web import LAW, READS, SESSIONS, SITE, i18n
from web.http.forms import Form
from web.http.responses import json_response
from web.http.security import officer_page
from web.i18n import N_
from web.law import said_classes
from web.office.casebook import CASE_FINDER, COMPENDIUM
from web.office.casebook.exchange import NOTE_CHANGED
from web.office.casebook.pages import tag_names
from web.rendering import go, officer_in, own_office, posted, show, today

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
        "problem": complaints.name(complaints.PROBLEMS, case.problem, language),
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


def found_reason(why: MatchReason, language: str) -> str:
    match why.kind:
        case "article":
            article = catalogue().get(why.value)
            return why.value if article is None else article.citation(language)
        case "industry":
            return industry_name(why.value, language)
        case "problem":
            return complaints.name(complaints.PROBLEMS, why.value, language)
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


def _spread(of: QuarterSpread | None) -> dict[str, int] | None:
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
        "casebook/find.html",
        "casebook",
        asked=asked,
        longest=LONGEST_QUERY,
        hits=[hit(one, language) for one in found],
        filters=filters,
        filtered=filters != Filters(samples=request.app[SITE].demo),
        problems={code: names[language != "zh"] for code, names in complaints.PROBLEMS.items()},
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
        "casebook/found.html",
        "casebook",
        case=case,
        texts=[(TEXTS[name], getattr(case, name)) for name in TEXTS if getattr(case, name)],
        came_to=came_to(case, language),
        industry=industry_name(case.industry, language) if case.industry else "",
        problem=complaints.name(complaints.PROBLEMS, case.problem, language),
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
    problem, industry = said_classes(complaint)
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
        problem=problem if problem in complaints.PROBLEMS else "",
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


FORMS: Final = {
    "pdf": "application/pdf",
    "phone": "application/pdf",
    "epub": "application/epub+zip",
}


@officer_page(*ROLES)
async def page(request: web.Request) -> web.StreamResponse:
    """The web edition, with its files to take along."""
    officer = officer_in(request)
    years = list(await request.app[COMPENDIUM].years(officer))
    year = _year(request.query.get("year", ""), years[0])
    made = await _made(request, year)
    return show(
        request,
        "casebook/book.html",
        "casebook",
        book=made,
        year=year,
        years=sorted({*years, year}, reverse=True),
        everybody=request.query.get("all") == "1",
        samples=request.query.get("samples") == "1",
        texts=TEXTS,
        language=i18n.language(request),
        money=came_to,
        ended=year < today(request).year,
    )


@officer_page(*ROLES)
async def file(request: web.Request) -> web.StreamResponse:
    form = request.match_info["form"]
    if form not in FORMS:
        raise Refused("not_found", 404)
    year = _year(request.match_info["year"], 0)
    made = await _made(request, year)
    if not made.parts:
        raise Refused("not_found", 404)
    compendium = request.app[COMPENDIUM]
    body = await compendium.epub(made) if form == "epub" else await compendium.pdf(made, form == "phone")
    ending = {"phone": "-phone.pdf"}.get(form, f".{form}")
    name = quote(f"典型案例选编{year}{ending}")
    disposition = f"attachment; filename=casebook-{year}{ending}; filename*=UTF-8''{name}"
    return web.Response(
        body=body,
        content_type=FORMS[form],
        headers={"Content-Disposition": disposition, "Cache-Control": "no-store"},
    )


@officer_page(*ROLES)
async def preface(request: web.Request) -> web.StreamResponse:
    return await _preface(request, Form())


@officer_page(*ROLES)
async def write_preface(request: web.Request) -> web.StreamResponse:
    form, year, everybody = await posted(request), _year(request.match_info["year"], 0), request.query.get("all") == "1"
    text, why = form.text("text", needed=True, longest=LONGEST_PREFACE), form.text("why", longest=200)
    seen = form.values.get("seen", "")
    if form.good and seen.isascii() and seen.isdigit() and len(seen) < 8:
        try:
            await request.app[COMPENDIUM].write_preface(officer_in(request), year, everybody, text, why, int(seen))
            return go(f"/casebook/preface/{year}" + ("?all=1" if everybody else ""))
        except Refused as no:
            if no.code != "case_note_changed":
                raise
            form.errors["text"] = NOTE_CHANGED
    return await _preface(request, form, 422)


async def _preface(request: web.Request, form: Form, status: int = 200) -> web.Response:
    officer, year, everybody = (
        officer_in(request),
        _year(request.match_info["year"], 0),
        request.query.get("all") == "1",
    )
    kept = await request.app[COMPENDIUM].prefaces(officer, year, everybody)
    if kept and not form.values:
        back = request.query.get("back", "")
        form.values["text"] = next((one for one in kept if str(one.number) == back), kept[0]).text
    return show(
        request,
        "casebook/preface.html",
        "casebook",
        status,
        year=year,
        everybody=everybody,
        kept=kept,
        form=form,
        own=not everybody or officer.role == "supervisor",
        standing=(await _made(request, year)).preface,
    )


async def _made(request: web.Request, year: int) -> Book:
    everybody, samples = (request.query.get(name) == "1" for name in ("all", "samples"))
    return await request.app[COMPENDIUM].book(officer_in(request), year, everybody, samples)


def _year(text: str, otherwise: int) -> int:
    if text.isascii() and text.isdigit() and 2000 <= int(text[:5]) <= 2200:
        return int(text)
    if not otherwise:
        raise Refused("not_found", 404)
    return otherwise


def register_case_search(app: web.Application) -> None:
    get = app.router.add_get
    get("/casebook/find", find_cases, name="casebook_find")
    get("/casebook/read/{case}", read_case, name="casebook_read")
    get("/casebook/book", page, name="casebook_book")
    get("/casebook/preface/{year}", preface, name="casebook_preface")
    app.router.add_post("/casebook/preface/{year}", write_preface)
    get("/casebook/book/{year}/{form}", file, name="casebook_book_file")
    get("/api/sessions/{session}/cases", cases_for_session, name="session_cases")
