"""Shelves and queues, a case to read, and what is done with it as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

import complaints
from casebook import CHECKS, Case, CaseState, gaps
from casebook.collections import OwnTopic
from casebook.commands import (
    BeginRevision,
    CaseCommand,
    DropComment,
    DropRevision,
    Publish,
    SendBack,
    SendToBoard,
    TakeBackApproval,
    TakeComment,
    TakeFromBoard,
    UndoWithdrawal,
    WithdrawCase,
)
from casebook.views import CasePage
from complaints.record.industries import SECTIONS, industry_name
from journal.refusals import Refused
from law.catalogue import topics
from web import LAW, i18n
from web.http.forms import Form
from web.http.security import officer_page
from web.office import casebook as casebook_words
from web.office.casebook import CASE_SHELVES, CASEBOOK, LAWYERS
from web.rendering import go, number, officer_in, posted, show

MAKERS: Final = ("mediator", "supervisor")
READ: Final = ("facts", "claims", "process", "outcome", "experience")


@officer_page(*MAKERS)
async def shelf(request: web.Request) -> web.StreamResponse:
    asked = {name: request.query.get(name, "")[:64] for name in ("problem", "tag", "collection")}
    listed = await request.app[CASEBOOK].shelf(officer_in(request), **asked, page=number(request, "page", most=10_000))
    collections = await request.app[CASE_SHELVES].collections(officer_in(request))
    return await _listed(request, "shelf", listed=listed, asked=asked, collections=collections)


@officer_page(*MAKERS)
async def making(request: web.Request) -> web.StreamResponse:
    listed = await request.app[CASEBOOK].making(officer_in(request), "", number(request, "page", most=10_000))
    return await _listed(request, "making", listed=listed, asked={})


@officer_page(*MAKERS)
async def board(request: web.Request) -> web.StreamResponse:
    page = number(request, "page", most=10_000)
    listed = await request.app[CASEBOOK].making(officer_in(request), CaseState.REVIEW.value, page)
    return await _listed(request, "board", listed=listed, asked={})


async def _listed(request: web.Request, tab: str, **context: Any) -> web.Response:
    return show(
        request,
        "casebook/list.html",
        "casebook",
        tab=tab,
        words=casebook_words,
        problems=named_problems(i18n.language(request)),
        tags=await tag_names(request),
        **context,
    )


@officer_page(*MAKERS)
async def draw(request: web.Request) -> web.StreamResponse:
    case = await request.app[CASEBOOK].draw(officer_in(request), request.match_info["complaint"])
    return go(f"/casebook/cases/{case}")


@officer_page(*MAKERS)
async def case(request: web.Request) -> web.StreamResponse:
    page = await request.app[CASEBOOK].page(officer_in(request), request.match_info["case"])
    return await case_page(request, page, Form())


async def case_page(
    request: web.Request, page: CasePage, form: Form, status: int = 200, link: str = ""
) -> web.StreamResponse:
    officer, language = officer_in(request), i18n.language(request)
    library = await request.app[LAW].library()
    # Whoever works on it sees what is being made; `?edition=shelf` shows them what readers see.
    shown = page.case if page.draft is None or (page.case and "shelf" in request.query) else page.draft
    assert shown is not None
    cited = [library.articles[id] for id in shown.articles if id in library.articles]
    collections = await request.app[CASE_SHELVES].collections(officer) if page.case else []
    return show(
        request,
        "casebook/case.html",
        "casebook",
        status,
        page=page,
        shown=shown,
        file=page.file,
        form=form,
        link=link,
        words=casebook_words,
        read=READ,
        cited=[(one.citation(language), one.gist(language)) for one in cited],
        figures=figures(shown),
        about=about(shown, language, await tag_names(request, withdrawn=True)),
        gaps=gaps(page.draft) if page.draft is not None else (),
        checks=CHECKS,
        ask=request.query.get("ask", ""),
        collections=collections,
        history=[(entry, _told(request, entry.type, entry.data)) for entry in reversed(page.history)][:60],
        same=page.file is not None and page.file.approved_by == officer.id and not page.file.begun.sample,
        State=CaseState,
    )


def about(case: Case, language: str, tags: Mapping[str, str]) -> list[str]:
    problem = complaints.name(complaints.PROBLEMS, case.problem, language) if case.problem else ""
    trade = industry_name(case.industry, language) if case.industry else ""
    return [one for one in (problem, trade, *(tags.get(tag, tag) for tag in case.tags)) if one]


async def tag_names(request: web.Request, withdrawn: bool = False) -> dict[str, str]:
    """Every topic that is offered, the law's and the offices' own; `withdrawn`: those too that are offered no more."""
    return names(await request.app[CASE_SHELVES].topics(), i18n.language(request), withdrawn)


def names(own: Mapping[str, OwnTopic], language: str, withdrawn: bool = False) -> dict[str, str]:
    """Each own topic stands after the law's it is under."""
    found: dict[str, str] = {}
    for id, topic in topics().items():
        found[id] = topic.name(language)
        for one in own.values():
            if one.under == id and (withdrawn or not one.withdrawn):
                found[one.id] = f"{topic.name(language)} › {one.name(language)}"
    return found


def named_problems(language: str) -> Mapping[str, str]:
    return {code: complaints.name(complaints.PROBLEMS, code, language) for code in complaints.PROBLEMS}


def figures(case: Case) -> Mapping[str, Any]:
    """`share` of what was claimed that was settled on, whole per cent."""
    share = None
    if case.claimed and case.settled is not None:
        share = round(case.settled / case.claimed * 100)
    return {"claimed": case.claimed, "settled": case.settled, "share": share, "days": case.days}


def _told(request: web.Request, kind: str, data: Mapping[str, Any]) -> str:
    said = i18n.words_for(request)
    name = casebook_words.TEXTS.get(data.get("field", ""), "")
    field = said.gettext(name) if name else ""
    text = said.gettext(casebook_words.HAPPENED.get(kind, kind))
    named = {"field": field, "name": data.get("name", ""), "edition": data.get("edition", "")}
    return text % named if "%(" in text else text


@officer_page(*MAKERS)
async def ask(request: web.Request) -> web.StreamResponse:
    """What is asked of the case as a whole, by the name of the form's button."""
    officer, id, form = officer_in(request), request.match_info["case"], await posted(request)
    what = request.match_info["what"]
    page = await request.app[CASEBOOK].page(officer, id)
    command = _command(what, form)
    if command is None:
        raise Refused("not_found", 404)
    if form.good:
        try:
            if isinstance(command, BeginRevision):
                await request.app[CASEBOOK].revise(officer, id, command.reason)
            else:
                await request.app[CASEBOOK].ask(officer, id, command)
            return go(f"/casebook/cases/{id}")
        except Refused as no:
            if no.code not in ("case_unchecked", "case_residue", "missing", "too_long"):
                raise
            form.errors[what] = SAID.get(no.code, "") or casebook_words.GAPS["title_en"]
    return await case_page(request, page, form, 422)


SAID: Final[Mapping[str, str]] = {
    "case_unchecked": i18n.N_("Every point of the list needs your tick."),
    "case_residue": i18n.N_("The comment seems to name somebody. Shorten it, or tick that it was looked at."),
    "missing": i18n.N_("Please fill this in."),
    "too_long": i18n.N_("This is too long. Please shorten it."),
}


def _command(what: str, form: Form) -> CaseCommand | None:
    match what:
        case "back-to-texts":
            return TakeBackApproval(form.text("reason", longest=500))
        case "send":
            return SendToBoard(tuple(item for item in CHECKS if form.values.get(f"check_{item}")))
        case "take-from-board":
            return TakeFromBoard()
        case "send-back":
            return SendBack(form.text("remarks", needed=True, longest=2000))
        case "publish":
            return Publish()
        case "withdraw":
            return WithdrawCase(form.text("reason", needed=True, longest=500))
        case "undo-withdrawal":
            return UndoWithdrawal(form.text("reason", needed=True, longest=500))
        case "revise":
            return BeginRevision(form.text("reason", longest=500))
        case "drop-revision":
            return DropRevision()
        case "take-comment":
            text = form.text("comment", needed=True, longest=6000)
            return TakeComment(form.values.get("invitation", ""), text, bool(form.values.get("anyway")))
        case "drop-comment":
            return DropComment(form.text("reason", needed=True, longest=500))
        case _:
            return None


@officer_page(*MAKERS)
async def invite(request: web.Request) -> web.StreamResponse:
    officer, id, form = officer_in(request), request.match_info["case"], await posted(request)
    name, firm = form.text("name", needed=True, longest=40), form.text("firm", longest=40)
    phone, until = form.phone("phone", needed=True), form.day("until")
    if until is None and "until" not in form.errors:
        form.errors["until"] = i18n.N_("Choose a day.")
    page = await request.app[CASEBOOK].page(officer, id)
    if form.good and until is not None:
        try:
            link = await request.app[LAWYERS].invite(officer, id, name, firm, phone, until)
            return await case_page(request, await request.app[CASEBOOK].page(officer, id), Form(), link=link)
        except Refused as no:
            if no.code not in ("bad_phone", "bad_choice"):
                raise
            wrong = "phone" if no.code == "bad_phone" else "until"
            form.errors[wrong] = PHONE_SAID if wrong == "phone" else UNTIL_SAID
    return await case_page(request, page, form, 422)


PHONE_SAID: Final = i18n.N_("A mobile number is needed: the code goes there.")
UNTIL_SAID: Final = i18n.N_("Choose a day after today, at most 60 days from now.")


@officer_page(*MAKERS)
async def link(request: web.Request) -> web.StreamResponse:
    officer, id = officer_in(request), request.match_info["case"]
    found = await request.app[LAWYERS].link(officer, id, request.match_info["invitation"])
    return await case_page(request, await request.app[CASEBOOK].page(officer, id), Form(), link=found)


@officer_page(*MAKERS)
async def uninvite(request: web.Request) -> web.StreamResponse:
    officer, id = officer_in(request), request.match_info["case"]
    await request.app[LAWYERS].withdraw(officer, id, request.match_info["invitation"])
    return go(f"/casebook/cases/{id}#lawyers")


def trades() -> list[str]:
    """Sections of GB/T 4754."""
    return list(SECTIONS)
