"""`/respondents`: a business as its complaints show it, and the complaints behind each number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

import complaints
from complaints.insight.respondents import ANSWERS, PROMISES, Profile
from complaints.insight.views import RespondentPage
from complaints.leads import MOST_RECORDS, PROFILE, NewLead
from complaints.statistics import find_statistic
from complaints.statistics.figures import Period, month, months_to
from journal.refusals import Refused
from web import i18n
from web.http.security import officer_page
from web.i18n import N_, Words, day as day_text
from web.office import insight as insight_words, leads as leads_words, statistics as figure_words
from web.office.insight.services import RESPONDENTS
from web.office.leads import LEADS
from web.office.leads.pages import STATES
from web.office.statistics import question, saved
from web.rendering import go, number, officer_in, posted, show, today

PAGE: Final = 50
KEY: Final = re.compile(r"[0-9a-f]{24}")
WHY: Final[Mapping[str, str]] = {
    "phone": N_("the same phone number"),
    "address": N_("the same address"),
    "name": N_("the same name, once with and once without its credit code"),
    "title": N_("the same registered name"),
}
CROWDED: Final[Mapping[str, str]] = {
    "phone": N_("So many businesses share its phone number that it ties nobody to anybody."),
    "address": N_("So many businesses share its address that it ties nobody to anybody."),
    "name": N_("So many businesses share its name that it ties nobody to anybody."),
}
PROMISED: Final[Mapping[str, str]] = {
    "kept": N_("kept in time"),
    "late": N_("kept after their day"),
    "overdue": N_("not kept, their day is over"),
    "open": N_("their day has not come yet"),
}
WILLING: Final[Mapping[str, str]] = {
    "yes": N_("would mediate"),
    "no": N_("would not"),
    "unsure": N_("did not say"),
    "missed": N_("let the day for answering pass"),
}
OTHERS: Final[Mapping[str, str]] = {
    "all": N_("Complaints received"),
    "came": N_("It came to a mediation"),
    "away": N_("Terminated because a party stayed away or refused"),
    "again": N_("Again after one like it was settled"),
}
WIDTH, BASE, TOP = 720.0, 122.0, 10.0
UTC_ZONE: Final = ZoneInfo("UTC")  # days have no zone; the formatter asks for one


@officer_page("mediator", "supervisor", "inspector")
async def listing(request: web.Request) -> web.StreamResponse:
    officer = officer_in(request)
    text, period = request.query.get("q", "").strip()[:60], _period(request)
    rows = await request.app[RESPONDENTS].listed(officer, period, text)
    return show(request, "insight/respondents.html", "respondents", rows=rows, text=text, period=period)


@officer_page("mediator", "supervisor", "inspector")
async def page(request: web.Request) -> web.StreamResponse:
    officer, period = officer_in(request), _period(request)
    day = today(request)
    seen = await request.app[RESPONDENTS].profile(officer, _key(request), period, day)
    said = i18n.words_for(request)
    return show(
        request,
        "insight/respondent.html",
        "respondents",
        seen=seen,
        made=seen.profile,
        period=period,
        shortcuts=_shortcuts(day),
        behind=partial(_behind, request, seen.key, period),
        value=partial(figure_words.figure_text, words=said),
        problem=partial(_problem, words=said),
        sentence=_sentence(seen, said),
        bars=_bars(seen.profile),
        why=WHY,
        crowded=CROWDED,
        promised=PROMISED,
        willing=WILLING,
        origins=leads_words.ORIGINS,
        outcomes=leads_words.OUTCOMES,
        states=STATES,
        opened="opened" in request.query,
        joins=officer.role in ("mediator", "supervisor"),
    )


@officer_page("mediator", "supervisor", "inspector")
async def chart(request: web.Request) -> web.StreamResponse:
    officer, period = officer_in(request), _period(request)
    seen = await request.app[RESPONDENTS].profile(officer, _key(request), period, today(request))
    said = i18n.words_for(request)
    made = insight_words.of_respondent(seen.name, seen.profile, _sentence(seen, said), said)
    return await saved(request, made, f"yuntiao-respondent-{seen.key}-{period.first}-{period.last}")


@officer_page("mediator", "supervisor", "inspector")
async def records(request: web.Request) -> web.StreamResponse:
    officer, period, which = officer_in(request), _period(request), number(request, "page")
    part = request.query.get("of", "all")[:80]
    day = today(request)
    found = await request.app[RESPONDENTS].records(officer, _key(request), period, day, part, which)
    said = i18n.words_for(request)
    return show(
        request,
        "insight/respondent_records.html",
        "respondents",
        key=_key(request),
        found=found,
        what=_named(part, said),
        period=period,
        page=which,
        pages=max(1, -(-found.total // PAGE)),
        query={"of": part, "from": period.first.isoformat(), "to": period.last.isoformat()},
        problem=partial(_problem, words=said),
        states=i18n.COMPLAINT_STATES,
    )


@officer_page("mediator", "supervisor", "inspector")
async def lead(request: web.Request) -> web.StreamResponse:
    """One click: a lead with the complaints of the period attached. A second click the same day finds the same lead."""
    officer, period = officer_in(request), _period(request)
    await posted(request)
    day = today(request)
    seen = await request.app[RESPONDENTS].profile(officer, _key(request), period, day)
    said = i18n.words_for(request)
    attached = seen.profile.repeat.records if seen.profile.repeat else seen.profile.parts["all"]
    if not attached:
        raise Refused("wrong_state", 409)
    new = NewLead(
        PROFILE,
        said.gettext("Repeated complaints about %(name)s", name=seen.name)[:120],
        _sentence(seen, said),
        seen.name,
        f"profile/{seen.key}/{day}",
        {"respondent": seen.key},
        attached[:MOST_RECORDS],
    )
    opened = await request.app[LEADS].open(officer, new)
    if officer.role == "mediator":  # who mediates writes a lead and does not read it again (Order 121 Art 37)
        return go(f"/respondents/{seen.key}?opened")
    return go(f"/leads/{opened}")


@officer_page("mediator", "supervisor")
async def join(request: web.Request) -> web.StreamResponse:
    """A person says of two keys whether they are one business."""
    officer, form = officer_in(request), await posted(request)
    other = _known(form.text("other"))
    if form.text("what") == "two":
        await request.app[RESPONDENTS].keep_apart(officer, _key(request), other)
        return go(f"/respondents/{_key(request)}")
    return go(f"/respondents/{await request.app[RESPONDENTS].join(officer, _key(request), other)}")


@officer_page("mediator", "supervisor")
async def part(request: web.Request) -> web.StreamResponse:
    officer, form = officer_in(request), await posted(request)
    member = _known(form.text("member"))
    await request.app[RESPONDENTS].part(officer, _key(request), member, form.text("reason"))
    return go(f"/respondents/{_key(request)}")


def _key(request: web.Request) -> str:
    return _known(request.match_info["respondent"])


def _known(key: str) -> str:
    if not KEY.fullmatch(key):
        raise Refused("not_found", 404)
    return key


def _period(request: web.Request) -> Period:
    """Twelve months unless it is asked for others."""
    if "from" in request.query or "to" in request.query:
        return question(request).asked.period
    return months_to(today(request))


def _shortcuts(day: date) -> list[tuple[str, Period]]:
    year = months_to(day)
    return [
        (N_("Three months"), months_to(day, 3)),
        (N_("Twelve months"), year),
        (N_("The twelve before"), year.previous()),
        (N_("Five years"), Period(date(day.year - 5, day.month, 1), month(day).last)),
    ]


def _behind(request: web.Request, key: str, period: Period, part: str) -> str:
    query = {"of": part, "from": period.first.isoformat(), "to": period.last.isoformat()}
    return str(request.app.router["respondent_records"].url_for(respondent=key).with_query(query))


def _problem(code: str, words: Words) -> str:
    if not code:
        return words.gettext(figure_words.NOT_GIVEN)
    return complaints.name(complaints.PROBLEMS, code, words.language)


def _named(part: str, words: Words) -> str:
    """What a number counts; "" for one nobody knows."""
    kind, _, value = part.partition(":")
    match kind:
        case "problem":
            return _problem(value, words)
        case "promise" if value in PROMISES:
            return words.gettext("Promises %(how)s", how=words.gettext(PROMISED[value]))
        case "willing" if value in ANSWERS:
            return words.gettext("Asked whether it would mediate: %(answer)s", answer=words.gettext(WILLING[value]))
        case _ if part in OTHERS:
            return words.gettext(OTHERS[part])
        case _:
            try:
                return find_statistic(part).title(words.language)
            except LookupError:
                return ""


def _sentence(seen: RespondentPage, words: Words) -> str:
    """What an officer would say first."""
    made, _ = seen.profile, words.gettext
    since = _(
        "%(first)s to %(last)s: %(num)s complaints about it.",
        first=day_text(made.period.first, words.language, UTC_ZONE),
        last=day_text(made.period.last, words.language, UTC_ZONE),
        num=made.count("all"),
    )
    said = [since]
    if made.repeat is not None:
        said.append(
            _(
                "%(num)s of them are about the same: %(problem)s.",
                num=len(made.repeat.records),
                problem=_problem(made.repeat.problem, words),
            )
        )
        if made.repeat.again:
            said.append(_("%(num)s came after one like it had been settled.", num=len(made.repeat.again)))
    if made.count("promise:overdue"):
        said.append(_("%(num)s promises are not kept though their day is over.", num=made.count("promise:overdue")))
    return ("" if words.language == "zh" else " ").join(said)


def _bars(made: Profile) -> list[dict[str, Any]]:
    """A month each: geometry only, the template writes the SVG."""
    most = max((count for _, count in made.months), default=0)
    if not most:
        return []
    room = WIDTH / len(made.months)
    every = -(-len(made.months) // 12)
    return [
        {
            "month": name,
            "count": count,
            "x": round(n * room + room * 0.15, 1),
            "y": round(BASE - (BASE - TOP) * count / most, 1),
            "width": round(room * 0.7, 1),
            "height": round((BASE - TOP) * count / most, 1),
            "middle": round((n + 0.5) * room, 1),
            "named": n % every == 0,
        }
        for n, (name, count) in enumerate(made.months)
    ]


def register(app: web.Application) -> None:
    app.router.add_get("/respondents", listing, name="respondents")
    app.router.add_get("/respondents/{respondent}", page, name="respondent")
    app.router.add_get("/respondents/{respondent}/records", records, name="respondent_records")
    app.router.add_get("/respondents/{respondent}/months.{ending}", chart, name="respondent_chart")
    app.router.add_post("/respondents/{respondent}/lead", lead, name="respondent_lead")
    app.router.add_post("/respondents/{respondent}/join", join, name="respondent_join")
    app.router.add_post("/respondents/{respondent}/part", part, name="respondent_part")
