"""Bulletins and warnings: for officers, and as the public reads them.

A warning to consumers is from the template at first, then as officers left it; approved by a second person,
published, withdrawn.

Longer than other modules: the same pages of a bulletin as it is counted, as it was issued, and as the public reads it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from aiohttp import web

from casebook.search import LONGEST_QUERY, Filters
from complaints.insight import RESPONDENT, TRADE
from complaints.insight.bulletin import (
    HOW,
    KINDS,
    LONGEST_ASKED,
    LONGEST_REASON,
    Bulletin,
    Kind,
    earlier,
    latest,
    period_of,
)
from complaints.insight.views import BulletinPaper, IssuedBulletin, PublicWarning, ShownWarningDraft, SpotPage
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
from complaints.statistics.figures import Period
from journal.refusals import Refused
from law.catalogue import Days
from offices import Officer
from web import SITE, i18n
from web.http.forms import BAD_CHOICE, Form
from web.http.responses import PDF, attachment_headers
from web.http.security import anyone, officer_page
from web.i18n import N_
from web.office import insight as insight_words
from web.office.casebook import CASE_FINDER
from web.office.insight.bulletin_paper import (
    TITLES,
    about_case,
    bulletin_paper,
    case_title,
    leaders_paper,
    warning_paper,
)
from web.office.insight.services import ADVICE, BULLETINS, FOCUS, ISSUED, WARNINGS
from web.office.statistics import saved
from web.rendering import go, officer_in, posted, render, show, today

LISTED: Final = {"week": 8, "month": 12}
READERS: Final = ("mediator", "supervisor")  # of the casebook, and of hot spots
MOST_FOUND: Final = 30  # cases, by words
NOTHING_NEW: Final = N_("The figures and the case are those of the latest edition: there is nothing new to issue.")


@officer_page("supervisor", "inspector")
async def bulletin_list(request: web.Request) -> web.StreamResponse:
    day = today(request)
    kinds = [(kind, TITLES[kind], earlier(latest(kind, day), kind, LISTED[kind])[::-1]) for kind in KINDS]
    current = {kind: period_of(kind, day) for kind in KINDS}
    return show(request, "insight/bulletins.html", "bulletins", kinds=kinds, current=current)


@officer_page("supervisor", "inspector")
async def bulletin_page(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


async def _page(request: web.Request, form: Form, status: int = 200) -> web.StreamResponse:
    kind, period = _asked(request)
    public, officer, words = "public" in request.query, officer_in(request), i18n.words_for(request)
    known = await _editions(request, kind, period, public)
    if chosen := _chosen(request, known):
        made, told_case, cases, looked_for = await _kept(request, chosen), "", list[tuple[str, str]](), None
    else:
        counted = await request.app[BULLETINS].bulletin(officer, kind, period, today(request), public)
        made, told_case = bulletin_paper(counted, officer.office.name, words), about_case(counted, words)
        cases, looked_for = await _cases(request, counted)
        form.values.setdefault("case", cases[0][0] if looked_for and looked_for[1] else _told(counted))
    return show(
        request,
        "insight/bulletin.html",
        "bulletins",
        status,
        paper=made,
        told_case=told_case,
        cases=cases,
        looked_for=looked_for,
        longest=LONGEST_QUERY,
        reads=officer.role in READERS,
        kind=kind,
        period=period,
        public=public,
        query={"public": "1"} if public else {},
        editions=known,
        chosen=chosen,
        over=period.last < today(request),
        form=form,
    )


async def _cases(request: web.Request, bulletin: Bulletin) -> tuple[list[tuple[str, str]], tuple[str, int] | None]:
    """What may be told, as a form offers it: those found first. What was looked for, and how many were found."""
    officer, words, case = officer_in(request), i18n.words_for(request), bulletin.case
    wanted, found = request.query.get("find", "").strip()[:LONGEST_QUERY], None
    if wanted:
        filters, days = Filters(samples=request.app[SITE].demo), Days.both(today(request))
        hits = await request.app[CASE_FINDER].find(wanted, filters, days, MOST_FOUND)
        found = [hit.case.id for hit in hits]
    rows = await request.app[BULLETINS].cases(officer, bulletin, found)
    named = {row.id: f"{row.number} {row.title(words.language)}" for row in rows}
    if case is not None and case.id not in named:
        named |= {case.id: f"{case.number} {case_title(case, words)}"}
    other = [("rule", words.gettext("By the rule")), ("none", words.gettext("No case"))]
    if found is None:
        return [*other, *named.items()], None
    return [*named.items(), *other], (wanted, len(rows))


def _told(bulletin: Bulletin) -> str:
    """How its case was chosen, as a form has it."""
    if bulletin.untold == "left_out":
        return "none"
    return bulletin.case.id if bulletin.case and bulletin.case.why == "taken" else "rule"


@officer_page("supervisor", "inspector")
async def choose_case(request: web.Request) -> web.StreamResponse:
    kind, period = _asked(request)
    form, public = await posted(request), "public" in request.query
    wanted = form.text("case", needed=True, longest=64)
    how = wanted if wanted in HOW else "case"
    if form.good:
        case = wanted if how == "case" else ""
        try:
            await request.app[ISSUED].choose_case(officer_in(request), kind, period, public, how, case)
        except Refused as no:
            if no.code != "bad_choice":
                raise
            form.errors["case"] = BAD_CHOICE
    if not form.good:
        return await _page(request, form, 422)
    route = request.app.router["bulletin"].url_for(span=kind, first=period.first.isoformat())
    return go(f"{route.with_query({'public': '1'} if public else {})}#told")


@officer_page("supervisor", "inspector")
async def office_bulletin_file(request: web.Request) -> web.StreamResponse:
    kind, period = _asked(request)
    public = "public" in request.query
    name = f"yuntiao-bulletin-{kind}-{period.first}{'-public' if public else ''}"
    if chosen := _chosen(request, await _editions(request, kind, period, public)):
        body = await request.app[ISSUED].print(chosen, i18n.language(request))
        return attachment_headers(body, PDF, f"{name}-{chosen.edition}.pdf")
    return attachment_headers(
        await request.app[BULLETINS].printed(await _paper(request, kind, period)), PDF, f"{name}.pdf"
    )


@officer_page("supervisor", "inspector")
async def bulletin_chart(request: web.Request) -> web.StreamResponse:
    """As the page shows it: of an edition that was issued, or of the figures as they are now."""
    kind, period = _asked(request)
    public = "public" in request.query
    chosen = _chosen(request, await _editions(request, kind, period, public))
    made = insight_words.of_bulletin(await (_kept(request, chosen) if chosen else _paper(request, kind, period)))
    if made is None:
        raise Refused("not_found", 404)
    return await saved(request, made, f"yuntiao-bulletin-{kind}-{period.first}{'-public' if public else ''}")


@officer_page("supervisor", "inspector")
async def issue_bulletin(request: web.Request) -> web.StreamResponse:
    """Frozen as it is now: a later change of records makes another edition."""
    kind, period = _asked(request)
    form, public = await posted(request), "public" in request.query
    try:
        await request.app[ISSUED].issue(officer_in(request), kind, period, today(request), public)
    except Refused as no:
        if no.code != "unchanged":
            raise
        form.errors["issue"] = NOTHING_NEW
        return await _page(request, form, 422)
    return _newest(request, kind, period, public)


@officer_page("supervisor", "inspector")
async def withdraw_bulletin(request: web.Request) -> web.StreamResponse:
    kind, period = _asked(request)
    form, public = await posted(request), "public" in request.query
    reason = form.text("reason", needed=True, longest=LONGEST_REASON)
    if not form.good:
        return await _page(request, form, 422)
    await request.app[ISSUED].withdraw(officer_in(request), kind, period, public, reason)
    return _newest(request, kind, period, public)


@officer_page("supervisor", "inspector")
async def leaders_page(request: web.Request) -> web.StreamResponse:
    return await _leaders(request, Form())


async def _leaders(request: web.Request, form: Form, status: int = 200) -> web.StreamResponse:
    kind, period = _asked(request)
    asked = await request.app[ISSUED].asked(officer_in(request), kind, period)
    form.values.setdefault("text", asked)
    made = await _leaders_paper(request, kind, period, asked)
    context = {"kind": kind, "period": period, "asked": asked, "most": LONGEST_ASKED}
    return show(request, "insight/leaders.html", "bulletins", status, paper=made, form=form, **context)


@officer_page("supervisor", "inspector")
async def ask_leaders(request: web.Request) -> web.StreamResponse:
    kind, period = _asked(request)
    form = await posted(request)
    text = form.text("text", longest=LONGEST_ASKED)
    if not form.good:
        return await _leaders(request, form, 422)
    await request.app[ISSUED].ask_leaders(officer_in(request), kind, period, text)
    return go(str(request.app.router["bulletin_leaders"].url_for(span=kind, first=period.first.isoformat())))


@officer_page("supervisor", "inspector")
async def leaders_file(request: web.Request) -> web.StreamResponse:
    kind, period = _asked(request)
    asked = await request.app[ISSUED].asked(officer_in(request), kind, period)
    paper = await _leaders_paper(request, kind, period, asked)
    body = await request.app[BULLETINS].printed(paper)
    return attachment_headers(body, PDF, f"yuntiao-leaders-{kind}-{period.first}.pdf")


async def _leaders_paper(request: web.Request, kind: Kind, period: Period, asked: str) -> BulletinPaper:
    officer, words = officer_in(request), i18n.words_for(request)
    bulletin = await request.app[BULLETINS].bulletin(officer, kind, period, today(request), False)
    seen = await request.app[FOCUS].page(officer) if officer.role in READERS else None
    spots = insight_words.found_in(seen, period, words) if seen else None
    return leaders_paper(bulletin, officer.office.name, asked, words, spots)


def _newest(request: web.Request, kind: Kind, period: Period, public: bool) -> web.Response:
    route = request.app.router["bulletin"].url_for(span=kind, first=period.first.isoformat())
    return go(str(route.with_query({"edition": "newest", **({"public": "1"} if public else {})})))


async def _editions(request: web.Request, kind: Kind, period: Period, public: bool) -> Sequence[IssuedBulletin]:
    issued = await request.app[ISSUED].editions(officer_in(request), kind, period)
    return [one for one in issued if one.public == public]


def _chosen(request: web.Request, known: Sequence[IssuedBulletin]) -> IssuedBulletin | None:
    """The edition an address names; None when it asks for the figures as they are now."""
    which = request.query.get("edition", "")
    if not which or not known:
        return None
    found = known[-1:] if which == "newest" else [one for one in known if str(one.edition) == which]
    if not found:
        raise Refused("not_found", 404)
    return found[0]


async def _kept(request: web.Request, issued: IssuedBulletin) -> BulletinPaper:
    return await request.app[ISSUED].paper(issued, i18n.language(request))


async def _paper(request: web.Request, kind: Kind, period: Period) -> BulletinPaper:
    officer, public = officer_in(request), "public" in request.query
    bulletin = await request.app[BULLETINS].bulletin(officer, kind, period, today(request), public)
    return bulletin_paper(bulletin, officer.office.name, i18n.words_for(request))


def _asked(request: web.Request) -> tuple[Kind, Period]:
    """A period is named by its first day."""
    return requested_bulletin(request.match_info["span"], request.match_info["first"])


def requested_bulletin(span: str, day: str) -> tuple[Kind, Period]:
    """Refused: not_found."""
    kind = next((known for known in KINDS if known == span), None)
    try:
        first = date.fromisoformat(day)
    except ValueError:
        first = None
    if kind is None or first is None or first.year < 1990 or period_of(kind, first).first != first:
        raise Refused("not_found", 404)
    return kind, period_of(kind, first)


def register_bulletin(app: web.Application) -> None:
    app.router.add_get("/bulletins", bulletin_list, name="bulletins")
    app.router.add_get("/bulletins/{span}/{first}", bulletin_page, name="bulletin")
    app.router.add_get("/bulletins/{span}/{first}/bulletin.pdf", office_bulletin_file, name="bulletin_file")
    app.router.add_get("/bulletins/{span}/{first}/chart.{ending}", bulletin_chart, name="bulletin_chart")
    app.router.add_get("/bulletins/{span}/{first}/leaders", leaders_page, name="bulletin_leaders")
    app.router.add_post("/bulletins/{span}/{first}/leaders", ask_leaders)
    app.router.add_get("/bulletins/{span}/{first}/leaders.pdf", leaders_file, name="bulletin_leaders_file")
    app.router.add_post("/bulletins/{span}/{first}/case", choose_case, name="bulletin_case")
    app.router.add_post("/bulletins/{span}/{first}/issue", issue_bulletin, name="bulletin_issue")
    app.router.add_post("/bulletins/{span}/{first}/withdraw", withdraw_bulletin, name="bulletin_withdraw")


ID: Final = re.compile(r"[0-9a-z-]{1,64}")


@anyone
async def published_list(request: web.Request) -> web.StreamResponse:
    return render(
        request,
        "insight/public.html",
        warnings=await request.app[WARNINGS].public(),
        bulletins=await request.app[ISSUED].published(),
        titles=TITLES,
    )


@anyone
async def warning(request: web.Request) -> web.StreamResponse:
    """What was withdrawn says so and has no words any more: 410."""
    found = await _found(request)
    return render(request, "insight/public_warning.html", 410 if found.withdrawn else 200, warning=found)


@anyone
async def published_file(request: web.Request) -> web.StreamResponse:
    found = await _found(request)
    if found.withdrawn:
        raise Refused("not_found", 404)
    body = await request.app[BULLETINS].printed(warning_paper(found))
    return attachment_headers(body, PDF, f"yuntiao-warning-{found.published:%Y-%m-%d}-{found.digest[:8]}.pdf")


@anyone
async def bulletin(request: web.Request) -> web.StreamResponse:
    found = await _bulletin(request)
    paper = None if found.withdrawn else await request.app[ISSUED].paper(found, i18n.language(request))
    status = 410 if found.withdrawn else 200
    return render(request, "insight/public_bulletin.html", status, issued=found, paper=paper)


@anyone
async def bulletin_file(request: web.Request) -> web.StreamResponse:
    found = await _bulletin(request)
    if found.withdrawn:
        raise Refused("not_found", 404)
    body = await request.app[ISSUED].print(found, i18n.language(request))
    return attachment_headers(body, PDF, f"yuntiao-bulletin-{found.number}-{found.edition}.pdf")


async def _bulletin(request: web.Request) -> IssuedBulletin:
    kind, period = requested_bulletin(request.match_info["span"], request.match_info["first"])
    scope = request.match_info["scope"]
    if not ID.fullmatch(scope):
        raise Refused("not_found", 404)
    return await request.app[ISSUED].public(kind, period.first, scope)


async def _found(request: web.Request) -> PublicWarning:
    id_ = request.match_info["warning"]
    if not ID.fullmatch(id_):
        raise Refused("not_found", 404)
    return await request.app[WARNINGS].published(id_)


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
    return await _warning_page(request, Form())


@officer_page("supervisor")
async def keep(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    title = form.text("title", needed=True, longest=LONGEST["title"])
    body = form.text("body", needed=True, longest=LONGEST["body"])
    mine = ShownWarningDraft(title, body, _edition(form))
    if not form.good:
        return await _warning_page(request, form, 422, mine)
    write = WriteWarning(title, body, i18n.language(request), mine.edition)
    try:
        await _ask(request, write)
    except Refused as no:
        if no.code != "wrong_state":
            raise
        return await _warning_page(request, form, 409, mine)
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
        return await _warning_page(request, form, 422)
    await _ask(request, WithdrawWarning(reason))
    return _back(request)


async def _ask(request: web.Request, command: WarningCommand) -> None:
    await request.app[WARNINGS].ask(officer_in(request), request.match_info["hotspot"], command)


def _back(request: web.Request) -> web.Response:
    return go(f"/focus/{request.match_info['hotspot']}/warning")


def _edition(form: Form) -> int:
    text = form.text("edition", longest=9)
    return int(text) if text.isascii() and text.isdigit() else 0


async def _warning_page(
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
    shown = mine or (_left(there) if there else known.kept or await _drafted(request, officer, seen))
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


async def _drafted(request: web.Request, officer: Officer, seen: SpotPage) -> ShownWarningDraft:
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
            await request.app[ADVICE].own(officer.office.id),
        ),
        words.language,
    )
    return ShownWarningDraft(text.title, text.body, 0)
