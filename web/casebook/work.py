"""A case's texts side by side: place by place hidden or kept, marked by hand, written anew, approved; its sheet."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from aiohttp import web

from casebook.case import LONGEST, TEXTS, State
from casebook.events import Sheet
from casebook.spans import HIDDEN, KEPT, PENDING
from complaints.errors import ComplaintError
from complaints.industries import industry_code
from law.articles import Days
from law.catalogue import topics
from law.search import search
from web import i18n
from web.casebook import words
from web.casebook.pages import MAKERS, named_problems
from web.i18n import N_
from web.office.forms import Form
from web.office.pages import officer_in, posted, show
from web.ports import LAW, Refused
from web.ports.casebook import CASEBOOK, Workbench
from web.rendering import go
from web.security import officer_page

NOWHERE: Final = N_("These words stand in no text, or are hidden already.")
LEFT: Final = N_("“%(what)s” still seems to name somebody. Hide it, or approve with the tick that it was looked at.")
UNDECIDED: Final = N_("There are places nobody has decided about yet.")


@officer_page(*MAKERS)
async def texts(request: web.Request) -> web.StreamResponse:
    bench = await request.app[CASEBOOK].workbench(officer_in(request), request.match_info["case"])
    return bench_page(request, bench, Form())


def bench_page(request: web.Request, bench: Workbench, form: Form, status: int = 200, said: str = "") -> web.Response:
    return show(
        request,
        "casebook/texts.html",
        "casebook",
        status,
        bench=bench,
        page=bench.page,
        form=form,
        said=said,
        words=words,
        longest=LONGEST,
        draft=bench.page.file is not None and bench.page.file.state is State.DRAFT,
        HIDDEN=HIDDEN,
        KEPT=KEPT,
    )


@officer_page(*MAKERS)
async def decide(request: web.Request) -> web.StreamResponse:
    """The pressed button says what: hidden, kept, "" to take it back, or all that is open in this text."""
    officer, id, form = officer_in(request), request.match_info["case"], await posted(request)
    await request.app[CASEBOOK].page(officer, id)  # another office's does not exist, whatever is asked of it
    field, do = form.choice("field", TEXTS), form.values.get("do", "")
    if not form.good:
        raise Refused("bad_choice", 400)
    desk = request.app[CASEBOOK]
    if do == "rest":
        await desk.decide_rest(officer, id, field, HIDDEN)
    elif do == "unmark":
        await desk.unmark(officer, id, field, form.values.get("span", ""))
    elif do in (HIDDEN, KEPT, "back"):
        verdict = PENDING if do == "back" else do
        await desk.decide(officer, id, field, form.values.get("span", ""), verdict, form.text("put", longest=60))
    else:
        raise Refused("bad_choice", 400)
    return go(f"/casebook/cases/{id}/texts#t-{field}")


@officer_page(*MAKERS)
async def mark(request: web.Request) -> web.StreamResponse:
    officer, id, form = officer_in(request), request.match_info["case"], await posted(request)
    marked, put = form.text("words", needed=True, longest=200), form.text("put", longest=60)
    if form.good:
        try:
            await request.app[CASEBOOK].mark(officer, id, marked, put)
            return go(f"/casebook/cases/{id}/texts#mark")
        except Refused as no:
            if no.code != "bad_span":
                raise
            form.errors["words"] = NOWHERE
    return bench_page(request, await request.app[CASEBOOK].workbench(officer, id), form, 422)


@officer_page(*MAKERS)
async def write(request: web.Request) -> web.StreamResponse:
    officer, id, form = officer_in(request), request.match_info["case"], await posted(request)
    given = {name: form.text(name, longest=LONGEST[name]) for name in TEXTS if name in form.values}
    if form.good:
        await request.app[CASEBOOK].write(officer, id, given)
        field = next(iter(given), "facts")
        return go(f"/casebook/cases/{id}/texts#t-{field}")
    return bench_page(request, await request.app[CASEBOOK].workbench(officer, id), form, 422)


@officer_page(*MAKERS)
async def approve(request: web.Request) -> web.StreamResponse:
    officer, id, form = officer_in(request), request.match_info["case"], await posted(request)
    try:
        await request.app[CASEBOOK].approve(officer, id, bool(form.values.get("anyway")))
    except Refused as no:
        said = i18n.words(request)
        match no.code:
            case "case_residue":
                sentence = said.gettext(LEFT) % {"what": no.params.get("what", "")}
            case "case_undecided":
                sentence = said.gettext(UNDECIDED)
            case _:
                raise
        bench = await request.app[CASEBOOK].workbench(officer, id)
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
    found = search(library, typed, Days.both(day))[:6] if typed else []
    problem = form.choice("problem", ("", *named_problems("zh")))
    days = form.text("days")
    if days and not (days.isascii() and days.isdigit() and len(days) < 6):
        form.errors["days"] = N_("Write a whole number of days.")
    industry = form.text("industry", longest=8).upper()
    try:
        industry = industry_code(industry) if industry else ""
    except ComplaintError:
        form.errors["industry"] = N_("A code of GB/T 4754, for example R89.")
    filled = Sheet(
        event_date=day,
        industry=industry,
        problem=problem,
        tags=tuple(tag for tag in topics() if form.values.get(f"tag_{tag}")),
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
    return show(
        request,
        "casebook/sheet.html",
        "casebook",
        status,
        id=id,
        form=form,
        articles=shown,
        problems=named_problems(language),
        tags={key: topic.name(language) for key, topic in topics().items()},
        today=date.today(),
    )
