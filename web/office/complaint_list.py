"""The list of complaints and what it is narrowed by: a form that needs no script: its fields are in the address."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from aiohttp import web

from complaints.views import ComplaintFilter
from complaints.vocabulary import PROBLEMS, name
from web import i18n
from web.dates import day_of
from web.i18n import N_
from web.office import words
from web.office.pages import number, officer_in, show, today
from web.security import officer_page
from web.services import READS

DUE: Final = {"late": N_("late"), "today": N_("due today"), "soon": N_("due within three working days")}
STATES: Final = {**words.COMPLAINT_STATES, "merged": N_("Merged into another")}
_PLACES: Final = 1 << 62


@officer_page("mediator", "supervisor")
async def listing(request: web.Request) -> web.StreamResponse:
    officer, language = officer_in(request), i18n.language(request)
    wanted = asked(request)
    found = await request.app[READS].complaints(officer, wanted)
    return show(
        request,
        "office/complaints.html",
        "complaints",
        found=found,
        rows=found.rows,
        wanted=wanted,
        filtered=replace(wanted, page=1, before=None) != ComplaintFilter(),
        narrowed=replace(wanted, page=1, before=None, search="") != ComplaintFilter(),
        query={key: value for key, value in request.query.items() if value and key not in ("page", "lang")},
        pages=max(1, -(-found.total // max(1, found.page_size))),
        problems=[(value, name(PROBLEMS, value, language)) for value in PROBLEMS],
        offices=[(office.id, office.short) for office in found.offices],
        channels=_said(words.CHANNELS, request),
        states=_said(STATES, request),
        dues=_said(DUE, request),
        today=today(request),
        words=words,
    )


def _said(names: Mapping[str, str], request: web.Request) -> list[tuple[str, str]]:
    speak = i18n.words(request).gettext
    return [(value, speak(text)) for value, text in names.items()]


def asked(request: web.Request) -> ComplaintFilter:
    """The filter in the address; what cannot be read is not filtered by."""
    query = request.query

    def among(field: str, values: Container[str]) -> str:
        value = query.get(field, "")
        return value if value in values else ""

    def day(field: str) -> date | None:
        return day_of(query.get(field, ""))

    industry = query.get("industry", "").strip().upper()[:5]
    return ComplaintFilter(
        search=query.get("search", "")[:80].strip(),
        channel=among("channel", words.CHANNELS),
        state=among("state", STATES),
        problem=among("problem", PROBLEMS),
        industry=industry if industry.isalnum() and industry.isascii() else "",
        office=query.get("office", "")[:64],
        since=day("since"),
        until=day("until"),
        due=among("due", DUE),
        page=number(request, "page"),
        before=number(request, "before", 1, _PLACES) if query.get("before", "") else None,
    )
