"""A warning to consumers: from the template at first, then as officers left it; approved by a second person, published,
withdrawn. What the public reads of it is `web.office.insight.bulletins`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from complaints.insight.series import RESPONDENT, TRADE
from complaints.insight.views import ShownWarningDraft, SpotPage
from complaints.insight.warnings import (
    LONGEST,
    ApproveWarning,
    PublishWarning,
    WarnedMatter,
    Warning,
    WarningCommand,
    WithdrawWarning,
    WriteWarning,
    draft,
)
from offices.people import Officer
from offices.refusal import Refused
from web import i18n
from web.http.field_form import Form
from web.http.security import officer_page
from web.i18n import N_
from web.office.insight import words as insight_words
from web.office.insight.services import FOCUS, WARNINGS
from web.office.staff_pages import officer_in, posted, show
from web.rendering import go

STAGES: Final[Mapping[str, tuple[str, str]]] = {  # words, tone
    "draft": (N_("Draft: nobody has approved these words"), "warn"),
    "approved": (N_("Approved, not published yet"), "warn"),
    "published": (N_("Published"), "ok"),
    "withdrawn": (N_("Withdrawn"), "seal"),
}
HAPPENED: Final[Mapping[str, str]] = {
    "WarningWritten": N_("Written"),
    "WarningApproved": N_("Approved"),
    "WarningPublished": N_("Published"),
    "WarningWithdrawn": N_("Withdrawn"),
}


@officer_page("supervisor")
async def page(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


@officer_page("supervisor")
async def keep(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    title = form.text("title", needed=True, longest=LONGEST["title"])
    body = form.text("body", needed=True, longest=LONGEST["body"])
    mine = ShownWarningDraft(title, body, _edition(form))
    if not form.good:
        return await _page(request, form, 422, mine)
    write = WriteWarning(title, body, i18n.language(request), mine.edition)
    try:
        await _ask(request, write)
    except Refused as no:
        if no.code != "wrong_state":
            raise
        return await _page(request, form, 409, mine)
    return _back(request)


@officer_page("supervisor")
async def approve(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    await _ask(request, ApproveWarning(_edition(form)))
    return _back(request)


@officer_page("supervisor")
async def publish(request: web.Request) -> web.StreamResponse:
    officer, form = officer_in(request), await posted(request)
    await _ask(request, PublishWarning(_edition(form), officer.office.id, officer.office.name))
    return _back(request)


@officer_page("supervisor")
async def withdraw(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    reason = form.text("reason", needed=True, longest=LONGEST["reason"])
    if not form.good:
        return await _page(request, form, 422)
    await _ask(request, WithdrawWarning(reason))
    return _back(request)


async def _ask(request: web.Request, command: WarningCommand) -> None:
    await request.app[WARNINGS].ask(officer_in(request), request.match_info["hotspot"], command)


def _back(request: web.Request) -> web.Response:
    return go(f"/focus/{request.match_info['hotspot']}/warning")


def _edition(form: Form) -> int:
    text = form.text("edition", longest=9)
    return int(text) if text.isascii() and text.isdigit() else 0


async def _page(
    request: web.Request, form: Form, status: int = 200, mine: ShownWarningDraft | None = None
) -> web.StreamResponse:
    """`mine`: what was sent and not kept. With 409 somebody else has written since: both are shown, and the next
    sending is about the newer one."""
    officer, hotspot = officer_in(request), request.match_info["hotspot"]
    seen = await request.app[FOCUS].spot(officer, hotspot)
    known = await request.app[WARNINGS].one(officer, hotspot)
    there = known.warning
    if mine is not None and status == 409:
        mine = ShownWarningDraft(mine.title, mine.body, there.edition if there else 0)
    shown = mine or (_left(there) if there else known.kept or _drafted(request, officer, seen))
    return show(
        request,
        "insight/warning.html",
        "focus",
        status,
        seen=seen,
        kept=shown,
        warning=there,
        theirs=_left(there) if there and status == 409 else None,
        mine_too=there is not None and there.wording.writer == officer.id,
        history=known.history,
        stages=STAGES,
        happened=HAPPENED,
        form=form,
    )


def _left(warning: Warning) -> ShownWarningDraft:
    one = warning.wording
    return ShownWarningDraft(one.title, one.body, warning.edition, one.writer_name, one.at)


def _drafted(request: web.Request, officer: Officer, seen: SpotPage) -> ShownWarningDraft:
    words, found, figures = i18n.words_for(request), seen.spot.found, seen.figures
    problem = figures.problem.key if figures and figures.problem else found.key if found.kind == TRADE else ""
    # A business is not named in a draft: of one, its trade is spoken of.
    what = insight_words.trade(problem, words) if found.kind == RESPONDENT and problem else ""
    what = what or (words.gettext("everyday purchases") if found.kind == RESPONDENT else "")
    text = draft(
        WarnedMatter(
            what or insight_words.called(found.kind, found.key, "", words),
            problem.partition("|")[2],
            figures.since if figures else found.since,
            seen.day,
            figures.seen if figures else found.seen,
            officer.office.name,
            officer.office.phone,
        ),
        words.language,
    )
    return ShownWarningDraft(text.title, text.body, 0)
