"""`/practice`: a mediator's own mediations, what was found in them, and ranges of comparable ones. No league table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from rooms.supervision.views import PracticeRange
from web.i18n import N_
from web.office import words as office_words
from web.office.pages import officer_in, show
from web.security import officer_page
from web.supervision import words
from web.supervision.services import SUPERVISION

FIGURES: Final = {
    "together": (N_("Together, minutes"), 120.0),
    "settled": (N_("Settled, per cent"), 100.0),
    "lesser": (N_("The quieter side’s part of what was said, per cent"), 50.0),
    "private": (N_("In private, per cent of the time"), 100.0),
    "recovered": (N_("Agreed, per cent of the claim"), 100.0),
}
WIDTH: Final = 240.0


@dataclass(frozen=True, slots=True)
class Scale:
    """One figure as a picture: the middle half of comparable ones as a bar, one's own as a point. 0 to WIDTH."""

    name: str
    range: PracticeRange
    bar: tuple[float, float] | None
    middle: float | None
    own: float | None


@officer_page("mediator")
async def own(request: web.Request) -> web.StreamResponse:
    seen = await request.app[SUPERVISION].practice(officer_in(request))
    return show(
        request,
        "supervision/practice.html",
        "practice",
        seen=seen,
        scales=[scale(name, seen.ranges[name], most) for name, (_, most) in FIGURES.items() if name in seen.ranges],
        figures={name: text for name, (text, _) in FIGURES.items()},
        by_session={row.session: row for row in seen.reviews},
        words=words,
        office_words=office_words,
    )


def scale(name: str, one: PracticeRange, most: float) -> Scale:
    top = max(most, one.high or 0.0, one.own or 0.0)

    def x(value: float) -> float:
        return round(WIDTH * value / top, 1)

    bar = None
    if one.low is not None and one.high is not None:
        bar = (x(one.low), max(2.0, round(x(one.high) - x(one.low), 1)))
    return Scale(name, one, bar, None if one.middle is None else x(one.middle), None if one.own is None else x(one.own))
