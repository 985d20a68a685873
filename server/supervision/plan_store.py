"""Plans as rows, what a draw looks at in closed mediations, and figures beside comparable ones.

Owns `mediation_measures`: a session is measured at the close and again when a recording's end becomes known after it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import Event
from journal.clock import total_ms, union
from recordings.gap_ledger import Cause, ledger
from rooms.apart.rules import APART
from rooms.events import (
    CaucusEnded,
    CompositionFailed,
    RecordErased,
    RecordingComposed,
    SegmentSealed,
    SessionClosed,
    SessionEntry,
)
from rooms.session import Session
from rooms.supervision import STREAM, MediationsPassed, SupervisionPlan, days_between, fold, plan_stream
from rooms.supervision.drawing import Candidate, SamplingRule
from rooms.timing import Timing, measure
from rooms.views import SessionRow
from rooms.vocabulary import OutcomeKind, Role, Side, Status
from server.complaints import Row
from server.db.engine import Database
from server.db.journal import StreamProjector, event_of, stream_events
from server.db.rows import ClosedSession, closed_session, session_row
from server.db.schema import (
    complaint_facts,
    complaints,
    events,
    log_checkpoints,
    mediation_measures as measures,
    plan_places,
    plans,
    reviews,
    sessions,
)
from server.db.schema.base import among
from server.evidence.log_store import StoredCheckpoint

PERFORMING = "performing"  # a complaint whose promises are still to be kept


class PlanRows(StreamProjector):
    kind = STREAM

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        _, office, period = appended[0].stream.split("/", 2)
        name = appended[0].stream
        told = appended if appended[0].version == 1 else (await _heads(connection, [name])).get(name, [])
        plan = fold(told)
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


def places_of(plan: SupervisionPlan) -> list[dict[str, Any]]:
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


async def last_plans(database: Database, offices: Sequence[str]) -> dict[str, Last]:
    """Of each office that has one."""
    row = plans.c
    async with database.read() as connection:
        theirs = among(connection, row.office, offices)
        newest = select(row.office, func.max(row.until).label("until")).where(theirs).group_by(row.office).subquery()
        same = and_(newest.c.office == row.office, newest.c.until == row.until)
        wanted = select(row.office, row.period, row.until).join(newest, same).order_by(row.period)
        return {one.office: Last(one.period, one.until) for one in await connection.execute(wanted)}


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
            sessions.c.mode,
            due.label("due"),
            fresh.label("fresh"),
            _known().label("known"),
        )
        .join(sessions, sessions.c.id == measures.c.session)
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
        apart=row["mode"] == APART,
        known=bool(row["known"]),
        gone=row["gone"],
    )


async def plan_of(database: Database, office: str, period: str) -> list[Event]:
    """The whole stream; empty when none was made."""
    async with database.read() as connection:
        return await stream_events(connection, plan_stream(office, period))


async def plan_heads(database: Database, which: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[Event]]:
    """Of each plan (office, period) the stream without those passed over: quick however many they were."""
    streams = {plan_stream(office, period): (office, period) for office, period in which}
    async with database.read() as connection:
        return {streams[name]: told for name, told in (await _heads(connection, list(streams))).items()}


async def _heads(connection: AsyncConnection, streams: Sequence[str]) -> dict[str, list[Event]]:
    row, found = events.c, dict[str, list[Event]]()
    theirs = among(connection, row.stream, streams)
    wanted = select(events).where(theirs, row.type != MediationsPassed.__name__).order_by(row.stream, row.version)
    for one in (await connection.execute(wanted)).mappings():
        found.setdefault(one["stream"], []).append(event_of(one))
    return found


TECHNICAL: Final[frozenset[Cause]] = frozenset({"server", "connecting", "disk", "loss", "withheld", "unexplained"})
"""Causes of a gap that are nobody's right and nobody's procedure."""
_CLOSED: Final = SessionClosed.__name__
_LATER: Final = frozenset(kind.__name__ for kind in (SegmentSealed, RecordingComposed, CompositionFailed, RecordErased))
_SPACE: Final = re.compile(r"[\s()（）·,，.。\-]+")


class MeasureRows:
    types = _LATER | {_CLOSED}

    async def write(self, connection: AsyncConnection, closed: ClosedSession) -> None:
        await _measure(connection, closed)


async def _measure(connection: AsyncConnection, closed: ClosedSession) -> bool:
    """False when there is nothing to measure: it is not closed, or its beginning was erased."""
    session, mine = closed.state, measures.c.session == closed.id
    if session is None:
        await connection.execute(update(measures).where(mine).values(gone=True))
        return False
    if session.status is not Status.CLOSED or session.closed_at is None:
        return False
    row = _row(session, closed.entries)
    wanted = select(complaint_facts.c.respondent).where(complaint_facts.c.id == session.complaint)
    row["respondent"] = (await connection.execute(wanted)).scalar_one_or_none() or row["respondent"]
    changed = await connection.execute(update(measures).where(mine).values(row))
    if not changed.rowcount:
        await connection.execute(insert(measures).values(row))
    return True


async def measure_missing(database: Database, most: int = 200) -> int:
    """Those that closed before there was this table, a few at a time; how many were looked at."""
    known = select(measures.c.session).where(measures.c.session == sessions.c.id)
    wanted = select(sessions.c.id).where(sessions.c.status == Status.CLOSED.value, ~known.exists()).limit(most)
    async with database.write() as connection:
        found = list((await connection.execute(wanted)).scalars())
        made = [id_ for id_ in found if await _measure(connection, await closed_session(connection, id_))]
        return len(made)


WITHDRAWN: Final = 1
"""The ending ground "the complaint was withdrawn, or the parties settled on their own", in both orders."""
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class MediationMeasures:
    """Money in fen, times in milliseconds; as `rooms.supervision.drawing.Candidate`."""

    outcome: str
    settled: int
    together: int
    length: int
    private: int
    consumer: int
    business: int
    withdrawn: int | None


def measure_mediation(session: Session, timing: Timing, history: Sequence[SessionEntry]) -> MediationMeasures:
    """Of a session that is closed."""
    outcome = session.outcome
    assert outcome is not None
    assert timing.closed is not None
    left = None
    if outcome.kind is OutcomeKind.ENDED and outcome.ground == WITHDRAWN:
        ends = [entry.at for entry in history if isinstance(entry.event, CaucusEnded)]
        left = (timing.closed - ends[-1]) // _MILLISECOND if ends else None
    together, length = timing.joint_ms, max(0, timing.session_ms - timing.recess_ms)
    if session.held is not None:  # by telephone or on site: no room measured it, the mediator wrote down when it was
        together = length = max(0, (session.held.ended - session.held.began) // _MILLISECOND)
    return MediationMeasures(
        outcome.kind.value,
        int(outcome.loss_recovered * 100),
        together,
        length,
        sum(timing.caucus_ms.values()),
        _spoke(session, timing, Side.CONSUMER, (Role.CONSUMER,)),
        _spoke(session, timing, Side.BUSINESS, (Role.BUSINESS,)),
        left,
    )


def _spoke(session: Session, timing: Timing, side: Side, roles: Iterable[Role]) -> int:
    """Of everybody on a side together; lawyers and representatives speak for it."""
    for_it = {seat.id for seat in session.seats.values() if seat.side is side or seat.role in roles}
    return sum(one.spoke_ms for id_, one in timing.seats.items() if id_ in for_it)


def _row(session: Session, entries: Sequence[SessionEntry]) -> Row:
    gaps = [gap.span for gap in ledger(entries, sealed=True).gaps if gap.cause in TECHNICAL and gap.source == "mic"]
    closed = session.closed_at
    assert closed is not None
    return {
        "session": session.id,
        "complaint": session.complaint,
        "office": session.office,
        "mediator": session.mediator,
        "closed": closed,
        **asdict(measure_mediation(session, measure(entries, closed), entries)),
        "lost": total_ms(union(gaps)),
        "respondent": respondent(session),
        "gone": session.erasure is not None,
    }


def respondent(session: Session) -> str:
    """24 hex digits of the business as invited, "" when it was not: where the facts know no better."""
    seat = next((one.seat for one in session.seats.values() if one.role is Role.BUSINESS), None)
    name = _SPACE.sub("", (seat.organisation or seat.name) if seat else "").casefold()
    return hashlib.sha256(name.encode()).hexdigest()[:24] if name else ""


MOST: Final = 5_000
"""Comparable mediations that are looked at: the latest."""


@dataclass(frozen=True, slots=True)
class ClosedMediation:
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


async def held(database: Database, office: str, since: datetime, mediator: str = "") -> list[ClosedMediation]:
    """Of an office, the latest first; of one mediator when one is named."""
    wanted = _held(since).where(measures.c.office == office)
    if mediator:
        wanted = wanted.where(measures.c.mediator == mediator)
    async with database.read() as connection:
        return [
            ClosedMediation(
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
