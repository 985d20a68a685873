"""Hot spots and profiles of businesses as pages ask for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.insight.respondents import (
    JoinRespondents,
    KeepRespondentsApart,
    PartRespondents,
    RespondentJoinService,
    SimilarRespondent,
)
from complaints.insight.spots import Spot, SpotCommand, SpotFigures, SpotFound, SpotService, circle, fold, stream
from complaints.insight.views import FocusPage, SpotNow, SpotPage
from complaints.leads.views import SpotAtHand
from complaints.statistics.figures import Period
from journal import Journal
from journal.refusals import Refused, refusal_of
from offices.people import Officer
from server.db.engine import Database
from server.db.journal import stream_events
from server.insight import hotspot_store
from server.insight.hotspot_store import offices_of, records_of
from server.insight.respondent_store import SqlRespondents

READERS: Final = ("supervisor", "mediator")


def _subject(found: SpotFound) -> dict[str, str]:
    """The facts' columns that are counted before and after an action; of words there are none."""
    match found.kind:
        case "respondent":
            return {"respondent": found.key}
        case "street" | "platform":
            return {found.kind: found.key}
        case "trade":
            industry, _, problem = found.key.partition("|")
            return {"industry_code": industry, "problem": problem}
        case _:
            return {}


def _shown(officer: Officer, spot: Spot) -> Spot:
    """What was done about it is for supervisors: that a lead was opened is walled off from who mediates (Order 121
    Art 37)."""
    return spot if officer.role == "supervisor" else replace(spot, acts=())


class HotspotService:
    """Implements `Focus`."""

    def __init__(self, database: Database, journal: Journal, now: Callable[[], datetime]) -> None:
        self._database, self._spots = database, SpotService(journal, now)

    async def page(self, officer: Officer) -> FocusPage:
        async with self._database.read(snapshot=True) as connection:
            seen = await hotspot_store.seen_by(connection, officer)
            offices = await offices_of(connection, seen)
            kept = await hotspot_store.newest(connection, circle(seen))
            if kept is None:
                return FocusPage(offices)
            spots = [
                SpotNow(figures, _shown(officer, spot))
                for figures in kept.report.spots
                if (spot := fold(await stream_events(connection, stream(figures.id)))) is not None
            ]
        return FocusPage(offices, kept.report, kept.made, kept.rows, spots)

    async def spot(self, officer: Officer, spot: str) -> SpotPage:
        async with self._database.read(snapshot=True) as connection:
            told = await stream_events(connection, stream(spot))
            state, seen = await self._seen(connection, officer, fold(told))
            kept = await hotspot_store.newest(connection, state.found.scope)
            figures: Sequence[SpotFigures] = kept.report.spots if kept else ()
            one = next((figure for figure in figures if figure.id == spot), None)
            records = await records_of(connection, seen, one.records if one else ())
        day = kept.report.day if kept else state.found.day
        history = told if officer.role == "supervisor" else ()
        return SpotPage(spot, _shown(officer, state), one, day, records, history)

    async def ask(self, officer: Officer, spot: str, command: SpotCommand) -> None:
        await self.known(officer, spot)
        with refusal_of():
            await self._spots.submit(spot, command, officer.actor)

    async def at_hand(self, officer: Officer, spot: str) -> SpotAtHand:
        await self.known(officer, spot)
        seen = await self.spot(officer, spot)
        found, figures = seen.spot.found, seen.figures
        if figures is None or not seen.records:
            raise Refused("not_found", 404)
        return SpotAtHand(
            spot, found.kind, found.key, figures, seen.day, _subject(found), [row.id for row in seen.records]
        )

    async def known(self, officer: Officer, spot: str) -> Spot:
        """As somebody finds it who may do something about it."""
        if officer.role != "supervisor":
            raise Refused("not_found", 404)
        async with self._database.read() as connection:
            state, _ = await self._seen(connection, officer, fold(await stream_events(connection, stream(spot))))
        return state

    async def _seen(
        self, connection: AsyncConnection, officer: Officer, spot: Spot | None
    ) -> tuple[Spot, Sequence[str]]:
        """Only whoever sees every office it was counted from (ASVS 8.2.2)."""
        seen = await hotspot_store.seen_by(connection, officer)
        if spot is None or officer.role not in READERS or not set(spot.found.offices) <= set(seen):
            raise Refused("not_found", 404)
        return spot, seen


_NO_DAY: Final = Period(date(2000, 1, 1), date(2000, 1, 1))  # what they share is asked for, and no figure


class RespondentService(SqlRespondents):
    """Profiles of businesses, and counting two of them as one. Implements `Respondents`.

    Two are joined from the profile of either, and only while what they share suggests it to this officer.
    """

    def __init__(self, database: Database, journal: Journal, now: Callable[[], datetime]) -> None:
        super().__init__(database)
        self._joining = RespondentJoinService(journal, now)

    async def join(self, officer: Officer, respondent: str, other: str) -> str:
        key, shared = await self._suggested(officer, respondent, other)
        member, head = (other, key) if shared.joins == "member" else (key, other)
        with refusal_of():
            await self._joining.submit(member, JoinRespondents(head, shared.reasons), officer.actor)
        return head

    async def keep_apart(self, officer: Officer, respondent: str, other: str) -> None:
        key, shared = await self._suggested(officer, respondent, other)
        member, head = (other, key) if shared.joins == "member" else (key, other)
        with refusal_of():
            await self._joining.submit(member, KeepRespondentsApart(head), officer.actor)

    async def part(self, officer: Officer, respondent: str, member: str, reason: str) -> None:
        page = await self.profile(officer, respondent, _NO_DAY, _NO_DAY.last)
        if all(one.key != member for one in page.joined):
            raise Refused("not_found", 404)
        with refusal_of():
            await self._joining.submit(member, PartRespondents(page.key, reason), officer.actor)

    async def _suggested(self, officer: Officer, respondent: str, other: str) -> tuple[str, SimilarRespondent]:
        page = await self.profile(officer, respondent, _NO_DAY, _NO_DAY.last)
        for shared in page.related:
            if shared.respondent == other and shared.joins:
                return page.key, shared
        raise Refused("wrong_state", 409, state="apart")
