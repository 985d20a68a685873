"""Figures of closed mediations: a mediator's own beside comparable ones, and a quarter's rows that name nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Select, func, select

from rooms.views import SessionRow
from server.db.engine import Database
from server.db.rows import session_row
from server.db.schema import complaints, mediation_measures as measures, plan_places, plans, reviews, sessions

MOST: Final = 5_000
"""Comparable mediations that are looked at: the latest."""


@dataclass(frozen=True, slots=True)
class Held:
    """One closed mediation, as far as a comparison looks. Times in ms, money in fen."""

    session: str
    mediator: str
    outcome: str
    problem: str
    industry: str
    together: int
    length: int
    private: int
    consumer: int
    business: int
    settled: int
    claimed: int | None


def _held(since: datetime) -> Select[Any]:
    return (
        select(measures, complaints.c.amount, complaints.c.problem_class, complaints.c.industry_code)
        .outerjoin(complaints, complaints.c.id == measures.c.complaint)
        .where(measures.c.closed >= since)
        .order_by(measures.c.closed.desc())
        .limit(MOST)
    )


async def held(database: Database, office: str, since: datetime, mediator: str = "") -> list[Held]:
    """Of an office, the latest first; of one mediator when one is named."""
    wanted = _held(since).where(measures.c.office == office)
    if mediator:
        wanted = wanted.where(measures.c.mediator == mediator)
    async with database.read() as connection:
        return [
            Held(
                row["session"],
                row["mediator"],
                row["outcome"],
                row["problem_class"] or "",
                (row["industry_code"] or "")[:1],
                row["together"],
                row["length"],
                row["private"],
                row["consumer"],
                row["business"],
                row["settled"],
                None if row["amount"] is None else int(row["amount"] * 100),
            )
            for row in (await connection.execute(wanted)).mappings()
        ]


async def own_sessions(database: Database, mediator: str, office: str, most: int) -> list[SessionRow]:
    """Closed ones, the latest first."""
    row = sessions.c
    wanted = (
        select(sessions)
        .where(row.mediator == mediator, row.office == office, row.status == "closed")
        .order_by(row.closed.desc())
        .limit(most)
    )
    async with database.read() as connection:
        return [session_row(dict(one)) for one in (await connection.execute(wanted)).mappings()]


async def plans_between(database: Database, office: str, since: datetime, until: datetime) -> list[str]:
    """Periods, in order."""
    wanted = (
        select(plans.c.period)
        .where(plans.c.office == office, plans.c.made >= since, plans.c.made < until)
        .order_by(plans.c.period)
    )
    async with database.read() as connection:
        return list((await connection.execute(wanted)).scalars())


async def reviewed_between(database: Database, office: str, since: datetime, until: datetime) -> list[tuple[str, str]]:
    """(session, mediator's name) of reviews begun in it, in that order."""
    wanted = (
        select(reviews.c.session, sessions.c.mediator_name)
        .join(sessions, sessions.c.id == reviews.c.session)
        .where(reviews.c.office == office, reviews.c.opened >= since, reviews.c.opened < until)
        .order_by(reviews.c.opened)
    )
    async with database.read() as connection:
        return [(row.session, row.mediator_name) for row in await connection.execute(wanted)]


async def numbers_of(database: Database, ids: Sequence[str]) -> dict[str, str]:
    """Session -> the complaint's number."""
    async with database.read() as connection:
        found = await connection.execute(select(sessions.c.id, sessions.c.number).where(sessions.c.id.in_(ids)))
        return {row.id: row.number for row in found}


async def closed_between(database: Database, office: str, since: datetime, until: datetime) -> tuple[int, Decimal]:
    """How many mediations closed, and what was recovered in them in yuan."""
    wanted = select(func.count(), func.coalesce(func.sum(measures.c.settled), 0)).where(
        measures.c.office == office, measures.c.closed >= since, measures.c.closed < until
    )
    async with database.read() as connection:
        number, fen = (await connection.execute(wanted)).one()
        return number, (Decimal(int(fen)) / 100).quantize(Decimal("0.01"))


async def rows_between(database: Database, office: str, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """One a mediation, in the order of their ids, which say nothing: with whether it was drawn and reviewed."""
    place = select(func.min(plan_places.c.reasons)).where(
        plan_places.c.session == measures.c.session, plan_places.c.aside == ""
    )
    wanted = (
        select(
            measures,
            complaints.c.amount,
            complaints.c.problem_class,
            complaints.c.industry_code,
            place.scalar_subquery().label("reasons"),
            reviews.c.state.label("review"),
            reviews.c.findings,
            reviews.c.worst,
        )
        .outerjoin(complaints, complaints.c.id == measures.c.complaint)
        .outerjoin(reviews, reviews.c.session == measures.c.session)
        .where(measures.c.office == office, measures.c.closed >= since, measures.c.closed < until)
        .where(measures.c.gone.is_(False))
        .order_by(measures.c.session)
    )
    async with database.read() as connection:
        return [dict(row) for row in (await connection.execute(wanted)).mappings()]
