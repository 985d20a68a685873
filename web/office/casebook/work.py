"""A case's texts side by side: places hidden or kept, marked by hand, written anew, approved; and a lawyer's comment.

A lawyer's own page has the invitation, the code, the de-identified case and the comment.
"""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from casebook import HIDDEN, KEPT, LONGEST, PENDING, TEXTS, CaseState
from casebook.events import Sheet
from casebook.views import CasePage, LawyerPage, Workbench
from complaints.record.industries import industry_code
from complaints.triage import law_search
from journal.refusals import DomainError, Refused
from law.catalogue import Days
from web import LAW, i18n
from web.http import cookies
from web.http.forms import Form
from web.http.security import anyone, officer_page
from web.i18n import N_
from web.office import casebook as casebook_words
from web.office.casebook import CASE_WORK, CASEBOOK, LAWYERS
from web.office.casebook.pages import MAKERS, READ, about, named_problems, tag_names
from web.rendering import go, officer_in, posted, render, show as rendering_show

NOWHERE: Final = N_("These words stand in no text, or are hidden already.")
LEFT: Final = N_("“%(what)s” still seems to name somebody. Hide it, or approve with the tick that it was looked at.")
UNDECIDED: Final = N_("There are places nobody has decided about yet.")


@officer_page(*MAKERS)
async def texts(request: web.Request) -> web.StreamResponse:
    bench = await request.app[CASE_WORK].workbench(officer_in(request), request.match_info["case"])
    return bench_page(request, bench, Form())


def bench_page(request: web.Request, bench: Workbench, form: Form, status: int = 200, said: str = "") -> web.Response:
    return rendering_show(
        request,
        "casebook/texts.html",
        "casebook",
        status,
        bench=bench,
        page=bench.page,
        form=form,
        said=said,
        words=casebook_words,
        undo=decided_since(request, bench),
        kinds=open_kinds(bench),
        place_id=place_id,
        longest=LONGEST,
        draft=bench.page.file is not None and bench.page.file.state is CaseState.DRAFT,
        HIDDEN=HIDDEN,
        KEPT=KEPT,
    )


@officer_page(*MAKERS)
async def decide(request: web.Request) -> web.StreamResponse:
    """The pressed button says what: hidden, kept, "back" to take it back, all that is open in a text or of a kind, or
    "undo" for what was decided since the page before. Goes on at the next open place."""
    officer, id, form = officer_in(request), request.match_info["case"], await posted(request)
    page = await request.app[CASEBOOK].page(officer, id)  # another office's does not exist, whatever is asked of it
    desk, do, span = request.app[CASE_WORK], form.values.get("do", ""), form.values.get("span", "")
    if do == "undo":
        since = form.values.get("since", "")
        if not (since.isascii() and since.isdigit() and len(since) < 8):
            raise Refused("bad_choice", 400)
        await desk.take_back(officer, id, int(since))
        return go(f"/casebook/cases/{id}/texts")
    if do == "kind":
        kind = form.choice("kind", tuple(casebook_words.KINDS))
        if not form.good:
            raise Refused("bad_choice", 400)
        await desk.decide_kind(officer, id, kind, HIDDEN)
        return await _next(request, page, "", "")
    field = form.choice("field", TEXTS)
    if not form.good:
        raise Refused("bad_choice", 400)
    if do == "rest":
        await desk.decide_rest(officer, id, field, HIDDEN)
    elif do == "unmark":
        await desk.unmark(officer, id, field, span)
    elif do in (HIDDEN, KEPT, "back"):
        verdict = PENDING if do == "back" else do
        await desk.decide(officer, id, field, span, verdict, form.text("put", longest=60))
    else:
        raise Refused("bad_choice", 400)
    if do in ("back", "unmark"):
        return go(f"/casebook/cases/{id}/texts#{place_id(field, span) if do == 'back' else f't-{field}'}")
    return await _next(request, page, field, span)


async def _next(request: web.Request, before: CasePage, field: str, span: str) -> web.Response:
    """To the next open place; the page offers to undo what was done after `before`."""
    file = (await request.app[CASEBOOK].page(officer_in(request), before.id)).file
    found = file.open_after(field, span) if file is not None else None
    since = before.history[-1].version if before.history else 0
    return go(f"/casebook/cases/{before.id}/texts?since={since}#{place_id(*found) if found else 'approve'}")


def place_id(field: str, span: str) -> str:
    """Of a place on the page."""
    return f"p-{field}-{span}"


def decided_since(request: web.Request, bench: Workbench) -> tuple[str, int, str]:
    """The version that what was just done can be taken back to, how many places it was, and what they were marked as by
    hand; "" and 0 for nothing."""
    since, me = request.query.get("since", ""), officer_in(request).id
    if not (since.isascii() and since.isdigit() and len(since) < 8):
        return "", 0, ""
    done = [
        entry
        for entry in bench.page.history
        if entry.version > int(since) and entry.actor.id == me and entry.type in ("SpanDecided", "SpanMarked")
    ]
    kinds = {str(entry.data["span"]["kind"]) if entry.type == "SpanMarked" else "" for entry in done}
    return since, len(done), kinds.pop() if len(kinds) == 1 else ""


def open_kinds(bench: Workbench) -> list[tuple[str, list[str]]]:
    """What is still open, by kind: the words, those of two places or more first."""
    found: dict[str, list[str]] = {}
    for text in bench.texts:
        for side in text.sides:
            if side.span is not None and side.span.verdict == PENDING:
                found.setdefault(side.span.kind, []).append(side.was)
    return sorted(found.items(), key=lambda one: -len(one[1]))


@officer_page(*MAKERS)
async def mark(request: web.Request) -> web.StreamResponse:
    officer, id, form = officer_in(request), request.match_info["case"], await posted(request)
    marked, put = form.text("words", needed=True, longest=200), form.text("put", longest=60)
    if form.good:
        try:
            page = await request.app[CASEBOOK].page(officer, id)
            await request.app[CASE_WORK].mark(officer, id, marked, put)
            since, field = page.history[-1].version if page.history else 0, form.values.get("field", "")
            return go(f"/casebook/cases/{id}/texts?since={since}#{f't-{field}' if field in TEXTS else 'mark'}")
        except Refused as no:
            if no.code != "bad_span":
                raise
            form.errors["words"] = NOWHERE
    return bench_page(request, await request.app[CASE_WORK].workbench(officer, id), form, 422)


@officer_page(*MAKERS)
async def write(request: web.Request) -> web.StreamResponse:
    officer, id, form = officer_in(request), request.match_info["case"], await posted(request)
    given = {name: form.text(name, longest=LONGEST[name]) for name in TEXTS if name in form.values}
    if form.good:
        await request.app[CASE_WORK].write(officer, id, given)
        field = next(iter(given), "facts")
        return go(f"/casebook/cases/{id}/texts#t-{field}")
    return bench_page(request, await request.app[CASE_WORK].workbench(officer, id), form, 422)


@officer_page(*MAKERS)
async def add_spoken(request: web.Request) -> web.StreamResponse:
    officer, id, form = officer_in(request), request.match_info["case"], await posted(request)
    session, line = form.text("session", needed=True, longest=64), form.text("line", needed=True, longest=64)
    if not form.good:
        raise Refused("not_found", 404)
    await request.app[CASE_WORK].add_spoken(officer, id, session, line)
    return go(f"/casebook/cases/{id}/texts#spoken")


@officer_page(*MAKERS)
async def approve(request: web.Request) -> web.StreamResponse:
    officer, id, form = officer_in(request), request.match_info["case"], await posted(request)
    try:
        await request.app[CASE_WORK].approve(officer, id, bool(form.values.get("anyway")))
    except Refused as no:
        said = i18n.words_for(request)
        match no.code:
            case "case_residue":
                sentence = said.gettext(LEFT) % {"what": no.params.get("what", "")}
            case "case_undecided":
                sentence = said.gettext(UNDECIDED)
            case _:
                raise
        bench = await request.app[CASE_WORK].workbench(officer, id)
        return bench_page(request, bench, form, 422, sentence)
    return go(f"/casebook/cases/{id}")


# ---------------------------------------------------------------- the sheet


@officer_page(*MAKERS)
async def sheet(request: web.Request) -> web.StreamResponse:
    page = await request.app[CASEBOOK].page(officer_in(request), request.match_info["case"])
    if page.file is None:
        raise Refused("not_found", 404)
    now = page.file.sheet
    form = Form(
        {
            "event": now.event_date.isoformat(),
            "industry": now.industry,
            "problem": now.problem,
            "claimed": "" if now.claimed is None else f"{now.claimed:f}",
            "settled": "" if now.settled is None else f"{now.settled:f}",
            "days": "" if now.days is None else str(now.days),
            **{f"tag_{tag}": "yes" for tag in now.tags},
            **{f"article_{id}": "yes" for id in now.articles},
        }
    )
    return await _sheet_page(request, page.id, now, form)


@officer_page(*MAKERS)
async def fill(request: web.Request) -> web.StreamResponse:
    officer, id, form = officer_in(request), request.match_info["case"], await posted(request)
    page = await request.app[CASEBOOK].page(officer, id)
    if page.file is None:
        raise Refused("not_found", 404)
    day = form.day("event") or page.file.sheet.event_date
    library = await request.app[LAW].library()
    typed = form.text("add", longest=200)
    found = law_search(library, typed, Days.both(day))[:6] if typed else []
    problem = form.choice("problem", ("", *named_problems("zh")))
    days = form.text("days")
    if days and not (days.isascii() and days.isdigit() and len(days) < 6):
        form.errors["days"] = N_("Write a whole number of days.")
    industry = form.text("industry", longest=8).upper()
    try:
        industry = industry_code(industry) if industry else ""
    except DomainError:
        form.errors["industry"] = N_("A code of GB/T 4754, for example R89.")
    filled = Sheet(
        event_date=day,
        industry=industry,
        problem=problem,
        tags=tuple(tag for tag in await tag_names(request, withdrawn=True) if form.values.get(f"tag_{tag}")),
        articles=tuple(name.removeprefix("article_") for name in form.values if name.startswith("article_")),
        claimed=form.amount("claimed"),
        settled=form.amount("settled"),
        days=int(days) if days and "days" not in form.errors else None,
    )
    if found:  # first they are shown, with what they say
        return await _sheet_page(request, id, filled, form, found=[hit.article.id for hit in found])
    if form.good:
        try:
            await request.app[CASEBOOK].fill(officer, id, filled)
            return go(f"/casebook/cases/{id}")
        except Refused as no:
            if no.code not in ("case_article", "too_many"):
                raise
            form.errors["articles"] = N_("One of these was not in force on that day, or there are too many.")
    return await _sheet_page(request, id, filled, form, 422)


async def _sheet_page(
    request: web.Request, id: str, sheet: Sheet, form: Form, status: int = 200, found: list[str] | None = None
) -> web.Response:
    language, library = i18n.language(request), await request.app[LAW].library()
    offered, every = await tag_names(request), await tag_names(request, withdrawn=True)
    shown: list[dict[str, Any]] = []
    for article in (*sheet.articles, *(one for one in found or () if one not in sheet.articles)):
        known = library.articles.get(article)
        if known is not None:
            shown.append(
                {
                    "id": article,
                    "citation": known.citation(language),
                    "gist": known.gist(language),
                    "in_force": known.in_force(sheet.event_date),
                }
            )
    return rendering_show(
        request,
        "casebook/sheet.html",
        "casebook",
        status,
        id=id,
        form=form,
        articles=shown,
        problems=named_problems(language),
        tags={tag: name for tag, name in every.items() if tag in offered or tag in sheet.tags},
    )


@anyone
async def show(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


@anyone
async def give(request: web.Request) -> web.StreamResponse:
    form = Form.of(await request.post())
    text = form.text("comment", needed=True, longest=LONGEST["comment"])
    if not form.good:
        return await _page(request, form, 422)
    await request.app[LAWYERS].comment(_token(request), text)
    return go("/comment?sent=1")


async def _page(request: web.Request, form: Form, status: int = 200) -> web.StreamResponse:
    page: LawyerPage = await request.app[LAWYERS].page(_token(request))
    if not page.verified:
        return go("/comment/code")
    if not form.values:
        form.values["comment"] = page.comment
    language, library = i18n.language(request), await request.app[LAW].library()
    cited = [library.articles[id] for id in (page.case.articles if page.case else ()) if id in library.articles]
    return render(
        request,
        "casebook/lawyer.html",
        status,
        page=page,
        office=page.office,
        form=form,
        words=casebook_words,
        read=READ,
        longest=LONGEST["comment"],
        about=about(page.case, language, await tag_names(request, withdrawn=True)) if page.case else [],
        cited=[(one.citation(language), one.gist(language)) for one in cited],
        sent="sent" in request.query,
    )


def _token(request: web.Request) -> str:
    return cookies.read(request, cookies.LAWYER)
