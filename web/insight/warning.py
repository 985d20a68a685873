"""The draft of a warning to consumers: from the template at first, then as officers left it. Nothing goes out here."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from complaints.insight.advice import Matter, draft
from complaints.insight.series import RESPONDENT, TRADE
from web import i18n
from web.insight import words as said
from web.office.forms import Form
from web.office.pages import officer_in, posted, show
from web.ports import Officer
from web.ports.insight import FOCUS, SpotPage, WarningDraft
from web.rendering import go
from web.security import officer_page

LONGEST: Final = 4_000


@officer_page("supervisor")
async def page(request: web.Request) -> web.StreamResponse:
    officer, hotspot = officer_in(request), request.match_info["hotspot"]
    seen = await request.app[FOCUS].spot(officer, hotspot)
    kept = await request.app[FOCUS].warning(officer, hotspot) or _drafted(request, officer, seen)
    return _page(request, seen, kept, Form())


@officer_page("supervisor")
async def keep(request: web.Request) -> web.StreamResponse:
    officer, hotspot, form = officer_in(request), request.match_info["hotspot"], await posted(request)
    seen = await request.app[FOCUS].spot(officer, hotspot)
    title = form.text("title", needed=True, longest=120)
    body = form.text("body", needed=True, longest=LONGEST)
    edition = form.text("edition", longest=9)
    number = int(edition) if edition.isascii() and edition.isdigit() else 0
    if not form.good:
        return _page(request, seen, WarningDraft(title, body, number), form, 422)
    if await request.app[FOCUS].keep_warning(officer, hotspot, title, body, number):
        return go(f"/focus/{hotspot}/warning")
    theirs = await request.app[FOCUS].warning(officer, hotspot)
    mine = WarningDraft(title, body, theirs.edition if theirs else 0)
    return _page(request, seen, mine, form, 409, theirs)


def _page(
    request: web.Request,
    seen: SpotPage,
    kept: WarningDraft,
    form: Form,
    status: int = 200,
    theirs: WarningDraft | None = None,
) -> web.Response:
    return show(request, "insight/warning.html", "focus", status, seen=seen, kept=kept, form=form, theirs=theirs)


def _drafted(request: web.Request, officer: Officer, seen: SpotPage) -> WarningDraft:
    words, found, figures = i18n.words(request), seen.spot.found, seen.figures
    problem = figures.problem.key if figures and figures.problem else found.key if found.kind == TRADE else ""
    # A business is not named in a draft: of one, its trade is spoken of.
    what = said.trade(problem, words) if found.kind == RESPONDENT and problem else ""
    what = what or (words.gettext("this kind of purchase") if found.kind == RESPONDENT else "")
    text = draft(
        Matter(
            what or said.called(found.kind, found.key, "", words),
            problem.partition("|")[2],
            figures.since if figures else found.since,
            seen.day,
            figures.seen if figures else found.seen,
            officer.office.name,
            officer.office.phone,
        ),
        words.language,
    )
    return WarningDraft(text.title, text.body, 0)
