"""`/statistics/mediation`: how mediation goes, by office and by class of dispute. Spreads, not means; no ranks.

An office stands beside what its own mix of disputes lets one expect, not beside the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from aiohttp import web

from complaints.statistics.definitions import find_statistic
from complaints.statistics.figures import FEW, bins, quarters
from complaints.statistics.views import MediationFigures, MediationPerformance, Poster, PosterBar
from web import i18n
from web.i18n import N_, Words
from web.responses import PNG, XLSX, attachment_headers
from web.security import officer_page
from web.staff_pages import officer_in, show
from web.statistics import words
from web.statistics.queries import Question, question, shortcuts
from web.statistics.services import DASHBOARDS
from web.statistics.workbook import mediation_book

BY: Final = ("problem", "industry", "channel")
SHOWN: Final = (
    "mediated", "settled_share", "median_days_to_settlement", "loss_recovered", "travel_saved",
)  # fmt: skip
SCALE: Final = 60  # days across a spread's picture


@dataclass(frozen=True, slots=True)
class Spread:
    """From a tenth to nine tenths, in 240 × 28; `days` the five numbers of `QUARTERS`."""

    days: Sequence[int]
    whisker: tuple[float, float]
    box: tuple[float, float]
    middle: float


def spread(one: MediationFigures) -> Spread | None:
    days = quarters(one.days)
    if days is None:
        return None
    at = [round(4 + 232 * min(day, SCALE) / SCALE, 1) for day in days]
    return Spread(days, (at[0], at[4]), (at[1], max(2.0, round(at[3] - at[1], 1))), at[2])


async def _asked(request: web.Request) -> tuple[Question, MediationPerformance]:
    asked = question(request)
    by = asked.asked.by if asked.asked.by in BY else "problem"
    asked = replace(asked, asked=replace(asked.asked, by=by))
    return asked, await request.app[DASHBOARDS].performance(officer_in(request), asked.asked)


@officer_page("mediator", "supervisor")
async def mediation(request: web.Request) -> web.StreamResponse:
    asked, seen = await _asked(request)
    said = i18n.words_for(request)
    short = {office.id: office.short for office in seen.offices}
    return show(
        request,
        "statistics/mediation.html",
        "statistics",
        tab="mediation",
        wanted=asked,
        asked=asked.asked,
        query={**asked.query, "by": asked.asked.by},
        seen=seen,
        short=short,
        by=BY,
        groups=words.BY,
        statistics=[find_statistic(name) for name in SHOWN],
        lines=_sentence(seen, said),
        days=_days(seen.total, said),
        spread=spread,
        few=FEW,
        scale=SCALE,
        shortcuts=shortcuts(asked.day),
        over=lambda period: {**asked.over(period), "by": asked.asked.by},
        value=partial(words.figure_text, words=said),
        group=partial(words.group_name, asked.asked.by, offices=short, words=said),
    )


@officer_page("mediator", "supervisor")
async def picture(request: web.Request) -> web.StreamResponse:
    asked, seen = await _asked(request)
    said, period = i18n.words_for(request), asked.asked.period
    poster = Poster(
        title=said.gettext(N_("How long a settlement takes")),
        sentence=" ".join(_sentence(seen, said)),
        note=f"{period} · median_days_to_settlement@1",
        bars=_days(seen.total, said),
    )
    body = await request.app[DASHBOARDS].picture(poster)
    name = f"yuntiao-mediation-{period.first}-{period.last}.png"
    return attachment_headers(body, PNG, name)


@officer_page("mediator", "supervisor")
async def file(request: web.Request) -> web.StreamResponse:
    asked, seen = await _asked(request)
    said, period = i18n.words_for(request), asked.asked.period
    short = {office.id: office.short for office in seen.offices}
    name = partial(words.group_name, asked.asked.by, offices=short, words=said)
    by = said.gettext(words.BY[asked.asked.by])
    wanted = [find_statistic(one) for one in SHOWN]
    body = await asyncio.to_thread(mediation_book, seen, asked.asked, wanted, by, short, said, name)
    return attachment_headers(body, XLSX, f"yuntiao-mediation-{period.first}-{period.last}.xlsx")


def _sentence(seen: MediationPerformance, said: Words) -> list[str]:
    _, total = said.gettext, seen.total
    share, settled = total.figures["settled_share@1"], total.figures["mediated@1"]
    if not share.bottom:
        return [_(N_("No mediation was concluded in this period."))]
    told = [
        _(
            N_("Of %(all)s mediations concluded, %(share)s ended in a settlement."),
            all=f"{share.bottom:,}",
            share=words.figure_text(share, said),
        )
    ]
    if (days := quarters(total.days)) is not None:
        told.append(
            _(
                N_("Half of the settlements took up to %(half)s days, nine in ten up to %(most)s."),
                half=days[2],
                most=days[4],
            )
        )
    elif settled.top:
        told.append(_(N_("There are too few settlements to say how long they take.")))
    recovered, travel = total.figures["loss_recovered@1"], total.figures["travel_saved@1"]
    told.append(
        _(
            N_("Consumers got back %(money)s, and %(way)s of travel were not needed."),
            money=words.figure_text(recovered, said),
            way=words.figure_text(travel, said),
        )
    )
    return told


def _days(one: MediationFigures, said: Words) -> list[PosterBar]:
    """How many settlements took how many days, in steps of five."""
    steps = bins(one.days)
    most = max((count for _, _, count in steps), default=0)
    if not most:
        return []
    return [
        PosterBar(
            said.gettext(N_("%(first)s to %(last)s days"), first=first, last=last)
            if last >= 0
            else said.gettext(N_("%(first)s days and more"), first=first),
            f"{count:,}",
            count / most,
        )
        for first, last, count in steps
    ]


def register(app: web.Application) -> None:
    app.router.add_get("/statistics/mediation", mediation, name="mediation")
    app.router.add_get("/statistics/mediation.png", picture, name="mediation_picture")
    app.router.add_get("/statistics/mediation.xlsx", file, name="mediation_file")
