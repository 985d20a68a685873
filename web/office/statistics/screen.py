"""The big screen: opened once with a token, live from then on, without a session and without anybody's name; and the
same figures on the supervisor's Monday page.

The token comes behind the `#` of the address, which browsers send to nobody: the page's script takes it from there,
posts it, and the cookie it is exchanged for goes to this page alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from aiohttp import web

from complaints import PROBLEMS, name
from complaints.insight import RESPONDENT
from complaints.record.industries import industry_name
from complaints.record.places import short_name
from complaints.statistics.views import Outline, ScreenFigures, ScreenSpot, read_outline
from journal.refusals import Refused
from offices import Officer
from offices.systems import System
from web import i18n
from web.http import cookies
from web.http.forms import Form
from web.http.responses import ASSETS, json_response
from web.http.security import anyone, counted_as, officer_page
from web.i18n import N_, Words
from web.office import insight as insight_words
from web.office.statistics import figure_text
from web.rendering import go, officer_in, posted, show

EVERY: Final = 5  # seconds between two looks
SCRIPT: Final = "src/office/screen.ts"
OVER: Final = N_("This screen’s token was revoked or has expired. Ask an administrator for a new one, under “Systems”.")
BAD_TOKEN: Final = N_(
    "This is not a screen’s token, or it was revoked. Check it, or ask an administrator for a new one."
)
A_BUSINESS: Final = N_("A business")


class Screens(Protocol):
    async def enter(self, token: str, address: str) -> str:
        """What the screen's cookie holds. Refused: bad_token, token_revoked, token_over, too_many_tries."""
        ...

    async def screen(self, cookie: str) -> System:
        """Whose screen it is. Refused(401): bad_token, token_revoked, token_over."""
        ...

    async def figures(self, officer: Officer) -> ScreenFigures:
        """Of the offices they see, some seconds old at most; one snapshot for all who ask."""
        ...

    async def outline(self, office: str) -> bytes | None: ...


SCREENS: web.AppKey[Screens] = web.AppKey("screens", Screens)


@anyone
async def screen(request: web.Request) -> web.StreamResponse:
    try:
        whose = await request.app[SCREENS].screen(cookies.read(request, cookies.SCREEN))
    except Refused:
        return show(request, "statistics/screen_enter.html", "", form=Form())
    return show(request, "statistics/screen.html", "", office=whose.office, **await shown(request, whose))


@anyone
async def enter(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    try:
        cookie = await request.app[SCREENS].enter(form.values.get("token", "").strip()[:200], counted_as(request))
    except Refused as no:
        if no.status != 401:
            raise
        form.values.clear()  # what was typed is not sent back
        form.errors["token"] = BAD_TOKEN
        return show(request, "statistics/screen_enter.html", "", 401, form=form)
    response = go("/screen")
    cookies.put(request, response, cookies.SCREEN, cookie)
    return response


@anyone
async def figures(request: web.Request) -> web.StreamResponse:
    """For the screen's script; 401 once its token opens nothing any more."""
    try:
        whose = await request.app[SCREENS].screen(cookies.read(request, cookies.SCREEN))
    except Refused:
        return json_response({"over": i18n.words_for(request).gettext(OVER)}, status=401)
    return await _told(request, whose)


@officer_page("supervisor")
async def own_figures(request: web.Request) -> web.StreamResponse:
    """The same on the Monday page, of the offices they oversee."""
    return await _told(request, officer_in(request))


async def _told(request: web.Request, officer: Officer) -> web.Response:
    found = await request.app[SCREENS].figures(officer)
    return json_response(
        {**told(found, i18n.words_for(request), officer), "version": request.app[ASSETS].bundle(SCRIPT)}
    )


async def shown(request: web.Request, officer: Officer) -> Mapping[str, Any]:
    """What the template is given."""
    found, kept = await request.app[SCREENS].figures(officer), await request.app[SCREENS].outline(officer.office.id)
    spoken = i18n.words_for(request)
    return {
        "live": told(found, spoken, officer),
        "outline": _outline(kept) if kept else None,
        "every": EVERY,
        "version": request.app[ASSETS].bundle(SCRIPT),
    }


def _outline(kept: bytes) -> Outline:
    return read_outline(kept)


def told(found: ScreenFigures, spoken: Words, officer: Officer) -> dict[str, Any]:
    """One snapshot in one language: numbers for the charts, and everything as it is read."""
    _ = spoken.gettext
    most = max((count for _code, count in found.places), default=0)
    figures = {
        "received": f"{found.received:,}",
        "rooms": f"{found.rooms:,}",
        "rooms_today": spoken.ngettext("one more today", "%(num)s more today", found.rooms_today),
        "late": f"{found.late:,}",
        "due_today": f"{found.due_today:,}",
        "due_soon": spoken.ngettext(
            "one more within three working days", "%(num)s more within three working days", found.due_soon
        ),
        "settled": figure_text(found.settled, spoken),
        "recovered": figure_text(found.recovered, spoken),
    }
    return {
        "at": i18n.clock(found.at, ZoneInfo(officer.office.zone)),
        "figures": figures,
        "alarm": bool(found.late),
        "channels": [{"name": _(i18n.CHANNELS.get(code, code)), "count": count} for code, count in found.channels],
        "days": [
            {"name": f"{day.month}/{day.day}", "received": received, "handled": handled}
            for day, received, handled in found.days
        ],
        "places": [
            {"code": code, "name": short_name(code) or code, "count": count, "heat": _heat(count, most)}
            for code, count in found.places
        ],
        "spots": _spots(found, spoken),
    }


def _heat(count: int, most: int) -> int:
    """1 to 3, by its share of the largest."""
    return 3 if count * 3 > most * 2 else 2 if count * 3 > most else 1


def _spots(found: ScreenFigures, spoken: Words) -> Sequence[Mapping[str, str]]:
    _ = spoken.gettext
    lines = [
        {
            "name": _spot(one, spoken),
            "said": _("%(seen)s complaints, %(expected)s expected", seen=one.seen, expected=one.expected),
            "course": _(insight_words.COURSES[one.course][0]),
        }
        for one in found.spots
    ]
    lines += [{"name": title, "said": _("Warning published"), "course": ""} for title in found.warnings]
    if found.spots_waiting:
        waits = spoken.ngettext("one hot spot", "%(num)s hot spots", found.spots_waiting)
        lines.append({"name": waits, "said": _("nobody has looked yet"), "course": ""})
    return lines


def _spot(one: ScreenSpot, spoken: Words) -> str:
    """A business is not named: by its industry and what most complain of."""
    if one.kind != RESPONDENT:
        return insight_words.called(one.kind, one.key, "", spoken)
    industry, _, problem = one.problem.partition("|")
    named = [industry_name(industry, spoken.language), name(PROBLEMS, problem, spoken.language)]
    return spoken.gettext(A_BUSINESS) + "".join(f" · {text}" for text in named if text)


def register(app: web.Application) -> None:
    app.router.add_get("/screen", screen, name="screen")
    app.router.add_post("/screen", enter)
    app.router.add_get("/screen/figures", figures, name="screen_figures")
    app.router.add_get("/supervision/figures", own_figures, name="own_figures")
