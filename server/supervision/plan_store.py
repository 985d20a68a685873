"""Plans and who is in them. Owns `plans` and `plan_places`; projects `plan/…`; finds whom a draw is among."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import Event
from rooms.supervision.drawing import Candidate
from rooms.supervision.plans import STREAM, MediationsPassed, Plan, days_between, fold, plan_stream
from rooms.supervision.rule import SamplingRule
from server.db.engine import Database
from server.db.journal import StreamProjector, event_of, stream_events
from server.db.schema import (
    complaints,
    events,
    log_checkpoints,
    mediation_measures as measures,
    plan_places,
    plans,
    reviews,
)
from server.evidence.log_store import StoredCheckpoint

PERFORMING = "performing"  # a complaint whose promises are still to be kept


class PlanRows(StreamProjector):
    kind = STREAM

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        _, office, period = appended[0].stream.split("/", 2)
        plan = fold(appended if appended[0].version == 1 else await _head(connection, appended[0].stream))
        if plan is None:
            return
        mine = plans.c.office == office, plans.c.period == period
        await connection.execute(delete(plans).where(*mine))
        await connection.execute(
            insert(plans).values(
                office=office,
                period=period,
                made=plan.at,
                since=plan.made.since,
                until=plan.made.until,
                population=plan.made.population,
                drawn=plan.made.drawn,
                edition=plan.made.edition,
            )
        )
        await connection.execute(
            delete(plan_places).where(plan_places.c.office == office, plan_places.c.period == period)
        )
        if plan.places:
            await connection.execute(insert(plan_places), places_of(plan))


def places_of(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "office": plan.made.office,
            "period": plan.made.period,
            "session": place.session,
            "place": number,
            "reasons": " ".join(place.reasons),
            "aside": place.aside,
        }
        for number, place in enumerate(plan.places.values(), 1)
    ]


@dataclass(frozen=True, slots=True)
class Last:
    """An office's newest plan."""

    period: str
    until: datetime


async def last_plan(database: Database, office: str) -> Last | None:
    wanted = select(plans.c.period, plans.c.until).where(plans.c.office == office).order_by(plans.c.until.desc())
    async with database.read() as connection:
        row = (await connection.execute(wanted.limit(1))).one_or_none()
        return None if row is None else Last(row.period, row.until)


async def newest_checkpoint(database: Database, before: datetime) -> StoredCheckpoint | None:
    """The last one that was signed before then."""
    made = log_checkpoints.c
    wanted = select(log_checkpoints).where(made.made < before).order_by(made.size.desc()).limit(1)
    async with database.read() as connection:
        row = (await connection.execute(wanted)).one_or_none()
        return None if row is None else StoredCheckpoint(row.size, row.made, row.note)


async def candidates(
    database: Database, office: str, since: datetime, until: datetime, rule: SamplingRule
) -> list[Candidate]:
    """Those that closed after `since` and not after `until`, and settlements whose promise fell due meanwhile."""
    late = timedelta(days=max(1, rule.overdue))
    due = complaints.c.promises_due
    fresh = (measures.c.closed > since) & (measures.c.closed <= until)
    unkept = (complaints.c.state == PERFORMING) & (due > since - late) & (due <= until - late)
    wanted = (
        select(
            measures,
            complaints.c.amount,
            complaints.c.state,
            due.label("due"),
            fresh.label("fresh"),
            _known().label("known"),
        )
        .outerjoin(complaints, complaints.c.id == measures.c.complaint)
        .where(measures.c.office == office, or_(fresh, unkept & (measures.c.outcome == "settled")))
    )
    async with database.read() as connection:
        rows = (await connection.execute(wanted)).mappings().all()
        repeats = await _repeats(connection, office, until - timedelta(days=rule.window), until)
    return [_candidate(row, repeats, until) for row in rows]


def _known() -> ColumnElement[bool]:
    drawn = exists().where(plan_places.c.session == measures.c.session, plan_places.c.aside == "")
    reviewed = exists().where(reviews.c.session == measures.c.session)
    return or_(drawn, reviewed)


async def _repeats(connection: AsyncConnection, office: str, since: datetime, until: datetime) -> dict[str, int]:
    """Business -> how many mediations it had."""
    counted = (
        select(measures.c.respondent, func.count())
        .where(measures.c.office == office, measures.c.closed > since, measures.c.closed <= until)
        .where(measures.c.respondent != "")
        .group_by(measures.c.respondent)
    )
    return {row[0]: row[1] for row in await connection.execute(counted)}


def _candidate(row: Any, repeats: dict[str, int], until: datetime) -> Candidate:
    overdue = days_between(row["due"], until) if row["state"] == PERFORMING and row["due"] else 0
    amount = row["amount"]
    return Candidate(
        session=row["session"],
        mediator=row["mediator"],
        outcome=row["outcome"],
        fresh=bool(row["fresh"]),
        claimed=None if amount is None else int(amount * 100),
        settled=row["settled"],
        together=row["together"],
        length=row["length"],
        private=row["private"],
        consumer=row["consumer"],
        business=row["business"],
        lost=row["lost"],
        repeats=repeats.get(row["respondent"], 1),
        withdrawn=row["withdrawn"],
        overdue=overdue if row["outcome"] == "settled" else 0,
        known=bool(row["known"]),
        gone=row["gone"],
    )


async def plan_of(database: Database, office: str, period: str) -> list[Event]:
    """The whole stream; empty when none was made."""
    async with database.read() as connection:
        return await stream_events(connection, plan_stream(office, period))


async def plan_head(database: Database, office: str, period: str) -> list[Event]:
    """The stream without those passed over: quick however many they were."""
    async with database.read() as connection:
        return await _head(connection, plan_stream(office, period))


async def _head(connection: AsyncConnection, name: str) -> list[Event]:
    row = events.c
    wanted = select(events).where(row.stream == name, row.type != MediationsPassed.__name__).order_by(row.version)
    return [event_of(one) for one in (await connection.execute(wanted)).mappings()]
