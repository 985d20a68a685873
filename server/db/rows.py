"""Projected rows as pure functions of their states, read models as pure functions of rows, whose rows an officer sees,
and the projector of `sessions`, which it owns.

An officer sees their own office's, a supervisor also those they oversee.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, literal, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.record import PartyRecord
from complaints.state import UNDER_WAY
from complaints.views import ComplaintRow, ShownDeadline
from journal import Event, follows
from offices import Officer
from rooms import events as e
from rooms.events import SessionClosed, SessionEntry, SessionScheduled, history
from rooms.seats import SeatState
from rooms.session import Session, evolve as evolve_session, fold as fold_session
from rooms.timing import measure
from rooms.views import ComplaintParty, SessionRow
from rooms.vocabulary import OutcomeKind, Performance, Role, Seat, SeatStatus, Status
from server.complaints import PARTY_FIELDS, days_of
from server.db.bulk import put_rows
from server.db.engine import Database
from server.db.journal import EventBatch, stream_events, streams_events
from server.db.schema import office_oversight, offices, sessions, users

Row = dict[str, Any]
Stored = Mapping[str, Any]


def session_as_scheduled(session: str, scheduled: SessionScheduled) -> Row:
    """What stays. Names are those on file: what somebody calls themselves in the room changes no record."""
    named = {seat.role: seat for seat in reversed(scheduled.seats)}
    return {
        "id": session,
        "complaint": scheduled.complaint,
        "number": scheduled.number,
        "ordinal": scheduled.ordinal,
        "title": scheduled.title,
        "office": scheduled.office,
        "mediator": scheduled.mediator,
        "mediator_name": named[Role.MEDIATOR].name if Role.MEDIATOR in named else "",
        "consumer": _name(named.get(Role.CONSUMER)),
        "business": _name(named.get(Role.BUSINESS)),
        "joint_ms": 0,
    }


def session_now(session: Session) -> Row:
    """What changes."""
    outcome = session.outcome
    settled = outcome is not None and outcome.kind is OutcomeKind.SETTLED
    later = [term for term in outcome.terms if term.performance is Performance.LATER] if outcome and settled else []
    return {
        "status": session.status.value,
        "starts": session.starts,
        "opened": session.held.began if session.held else session.opened,
        "mode": session.mode,
        "place": session.place,
        "closed": session.closed_at,
        "outcome": outcome.kind.value if outcome else "",
        "loss_recovered": outcome.loss_recovered if outcome else Decimal("0.00"),
        "performing": bool(later),
        "promises_due": max((term.due for term in later if term.due is not None), default=None),
        # Of several seats of one role the first stands for it.
        "seats": {seat.role.value: _standing(seat) for seat in reversed(tuple(session.seats.values()))},
    }


def _standing(seat: SeatState) -> str:
    """The seat's status; of a party who has not come yet, how far they got with their invitation."""
    if seat.status is not SeatStatus.INVITED or seat.role is Role.MEDIATOR:
        return seat.status.value
    if seat.participate:
        return "agreed"
    if seat.link_opened:
        return "opened"
    return "linked" if seat.link else "unlinked"


def session_row(row: Stored) -> SessionRow:
    return SessionRow(
        id=row["id"],
        complaint=row["complaint"],
        number=row["number"],
        ordinal=row["ordinal"],
        title=row["title"],
        office=row["office"],
        mediator_id=row["mediator"],
        mediator=row["mediator_name"],
        starts=row["starts"],
        status=row["status"],
        opened=row["opened"],
        closed=row["closed"],
        outcome=row["outcome"],
        loss_recovered=row["loss_recovered"],
        consumer=row["consumer"],
        business=row["business"],
        joint_ms=row["joint_ms"],
        seats=row["seats"],
        mode=row["mode"],
        place=row["place"],
    )


def complaint_row(row: Stored, language: str) -> ComplaintRow:
    current = [deadline for deadline in deadlines_of(row, language) if deadline.code == row["running"]]
    return ComplaintRow(
        id=row["id"],
        number=row["number"],
        title=row["title"],
        channel=row["channel"],
        state=row["state"],
        received=row["received"],
        amount=row["amount"],
        consumer=row["consumer_title"],
        business=row["business_title"],
        loss_recovered=row["loss_recovered"],
        deadline=current[0] if current else None,
        telling=row["telling"],
    )


def deadlines_of(row: Stored, language: str) -> list[ShownDeadline]:
    """Every clock that ever started, in the officer's language."""
    heeded = {row["running"], "competence"}  # as complaints.complaint.open_clocks has it
    if row["state"] in UNDER_WAY:
        heeded.add("mediate")
    return [replace(deadline_of(clock, language), running=clock["code"] in heeded) for clock in row["deadlines"]]


def deadline_of(clock: Stored, language: str) -> ShownDeadline:
    """Of a stored law.Deadline."""
    days = days_of(clock)
    return ShownDeadline(
        code=clock["code"],
        due=date.fromisoformat(clock["due"]),
        start=date.fromisoformat(clock["start"]),
        article=clock["article_en" if language.startswith("en") else "article_zh"],
        days=tuple((day.date, day.label(language), day.counted) for day in days),
        estimated=clock.get("estimated", False),
        standing=clock.get("standing", False),
        left=clock.get("left", 0),
        article_en=clock["article_en"],
        labels_en=tuple(day.en for day in days),
    )


def party(record: Stored) -> ComplaintParty:
    """Of a stored complaints.record.PartyRecord; the sealed number stays behind."""
    who = party_record(record)
    return ComplaintParty(
        name=who.name,
        phone=who.phone_masked,
        city=who.city,
        address=who.address,
        organisation=who.organisation,
        credit_code=who.credit_code,
        detail=who.detail,
    )


def party_record(record: Stored) -> PartyRecord:
    """Back from a stored one; what it has no word of is as in a new one."""
    return PartyRecord(**{name: record[name] for name in PARTY_FIELDS if name in record})


def _name(seat: Seat | None) -> str:
    return (seat.organisation or seat.name) if seat else ""


S = TypeVar("S")

REMEMBERED = 256  # folds kept in memory; a forgotten one is read again


@dataclass(frozen=True, slots=True)
class Fold(Generic[S]):
    """A stream's state after the event with this hash."""

    hash: str
    state: S


class Memory(Generic[S]):
    """The latest folds, so that an append costs its own events and not the whole stream again.

    The hash chain says whether one is really the predecessor of what was appended, so a fold remembered from a
    transaction that was rolled back, or overtaken by another process, is never built on.
    """

    def __init__(self, most: int = REMEMBERED) -> None:
        self._folds: OrderedDict[str, Fold[S]] = OrderedDict()
        self._most = most

    def before(self, first: Event) -> S | None:
        fold = self._folds.get(first.stream)
        return fold.state if fold is not None and follows(fold.hash, first) else None

    def at(self, last: Event) -> S | None:
        fold = self._folds.get(last.stream)
        return fold.state if fold is not None and fold.hash == last.hash else None

    def keep(self, last: Event, state: S) -> None:
        self._folds[last.stream] = Fold(last.hash, state)
        self._folds.move_to_end(last.stream)
        if len(self._folds) > self._most:
            self._folds.popitem(last=False)


def within(officer: Officer, office: ColumnElement[str]) -> ColumnElement[bool]:
    """Of a supervisor's offices: their own, all below it, and those they oversee by name."""
    if officer.role != "supervisor":
        return office == officer.office.id
    return office.in_(_overseen(officer))


def within_named(officer: Officer, office: ColumnElement[str]) -> ColumnElement[bool]:
    """Likewise without what is only below: what one press changes is no province's."""
    own = office == officer.office.id
    return own if officer.role != "supervisor" else or_(own, office.in_(_by_name(officer)))


def _by_name(officer: Officer) -> Select[tuple[str]]:
    return select(office_oversight.c.office).where(office_oversight.c.supervisor == officer.id)


def _overseen(officer: Officer) -> Select[tuple[str]]:
    one = offices.alias().c
    below, further = _right_below(officer.office.id), _right_below(_right_below(officer.office.id))
    # As deep as `offices.LEVELS` allow.
    return select(one.id).where(
        or_(
            one.id == officer.office.id,
            one.id.in_(_by_name(officer)),
            one.superior == officer.office.id,
            one.superior.in_(below),
            one.superior.in_(further),
        )
    )


def _right_below(of: str | Select[tuple[str]]) -> Select[tuple[str]]:
    one = offices.alias().c
    return select(one.id).where(one.superior == of if isinstance(of, str) else one.superior.in_(of))


def over(office: str) -> Select[tuple[str]]:
    """Accounts of supervisors who oversee an office besides their own: by name, or from above it."""
    by_name = select(office_oversight.c.supervisor).where(office_oversight.c.office == office)
    first = _right_above(select(literal(office)))
    second = _right_above(first)
    third = _right_above(second)
    who = users.alias().c
    above = or_(*(who.office.in_(one) for one in (first, second, third)))
    return select(who.id).where(who.role == "supervisor", or_(who.id.in_(by_name), above))


def _right_above(of: Select[tuple[str]]) -> Select[tuple[str]]:
    one = offices.alias().c
    return select(one.superior).where(one.id.in_(of), one.superior != "")


def conducted(officer: Officer) -> Select[tuple[str]]:
    """Complaints of which the officer conducts, or has conducted, a mediation."""
    own = sessions.alias()
    return select(own.c.complaint).where(own.c.mediator == officer.id, own.c.office == officer.office.id)


def own_records(officer: Officer) -> ColumnElement[bool]:
    """Of rows of `sessions`: those whose record a mediator may list; everybody else as far as their offices reach."""
    return sessions.c.complaint.in_(conducted(officer)) if officer.role == "mediator" else true()


async def offices_of(database: Database, officer: Officer) -> set[str]:
    """Ids of the offices whose rows an officer may see."""
    if officer.role != "supervisor":
        return {officer.office.id}
    async with database.read() as connection:
        return {row.id for row in await connection.execute(_overseen(officer))}


def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    """When that day begins there."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def local_span(first: date, last: date, zone: str) -> tuple[datetime, datetime]:
    """When these days begin there, and when they are over: [from, until)."""
    there = ZoneInfo(zone)
    return local_midnight(first, there), local_midnight(last + timedelta(days=1), there)


MOST_ROOMS = 1024  # sessions whose state is remembered: those of a process that are under way at once

PASSING = frozenset(
    kind.__name__
    for kind in (
        e.Said, e.Confided, e.SpeakingStarted, e.SpeakingStopped, e.HandRaised, e.HandLowered, e.Muted, e.Unmuted,
        e.UnmuteAsked, e.CameraSet, e.BackgroundSet, e.CaptionsAsked, e.QualityChanged, e.PicturesPaused,
        e.PicturesResumed, e.Routed,
    )
)  # fmt: skip
"""Most of what happens in a room. No row says it, nor does what follows change by it: it is not even decoded here."""


class SessionRows:
    """Projects `session/…`: the rows of all sessions of a batch in one statement."""

    kind = "session"

    def __init__(self) -> None:
        self._memory: Memory[tuple[Session, Row]] = Memory(MOST_ROOMS)

    def open(self, last: Event) -> bool:
        """Whether the session is known not to be closed with this event, which was projected."""
        known = self._memory.at(last)
        return known is not None and known[0].status is not Status.CLOSED

    async def project(self, connection: AsyncConnection, batch: EventBatch) -> None:
        known = [self._memory.before(appended[0]) for appended in batch.streams]
        unread = [
            appended[0].stream
            for appended, before in zip(batch.streams, known, strict=True)
            if before is None and appended[0].version > 1
        ]
        whole = await streams_events(connection, unread) if unread else {}
        changed = []
        for appended, before in zip(batch.streams, known, strict=True):
            if before is not None and all(event.type in PASSING for event in appended):
                self._memory.keep(appended[-1], before)
                continue
            entries = history(whole.get(appended[0].stream, appended))
            if before is None and not (entries and isinstance(entries[0].event, SessionScheduled)):
                continue  # its beginning was erased: the row stays as it is
            session, row = (before[0], dict(before[1])) if before else (None, {})
            for entry in entries:
                session = evolve_session(session, entry)
                if isinstance(entry.event, SessionScheduled):
                    row |= session_as_scheduled(entry.session, entry.event)
                if isinstance(entry.event, SessionClosed):
                    told = history(await stream_events(connection, appended[0].stream))
                    row["joint_ms"] = measure(told, entry.at).joint_ms
            assert session is not None
            row |= session_now(session)
            if before is None or row != before[1]:
                changed.append(row)
            self._memory.keep(appended[-1], (session, row))
        if changed:
            await put_rows(connection, sessions, changed)


@dataclass(frozen=True, slots=True)
class ClosedSession:
    """With all that can be read of it; `state` is None where its beginning was erased."""

    id: str
    state: Session | None
    entries: Sequence[SessionEntry]


async def closed_session(connection: AsyncConnection, session: str) -> ClosedSession:
    entries = history(await stream_events(connection, f"session/{session}"))
    whole = bool(entries) and isinstance(entries[0].event, SessionScheduled)
    return ClosedSession(session, fold_session(entries) if whole else None, entries)


class ClosedWriter(Protocol):
    """Writes what a closed session means for its tables."""

    @property
    def types(self) -> Collection[str]:
        """Of the events that may mean something for them: its closing, and what came after it."""
        ...

    async def write(self, connection: AsyncConnection, closed: ClosedSession) -> None:
        """In the transaction that appends one of `types`."""
        ...


class ClosedSessions:
    """Projects `session/…` of sessions that are closed: each is read once for all the writers it means something to.

    Behind `SessionRows`, by which a session that is still open is read by nobody.
    """

    kind = "session"

    def __init__(self, rows: SessionRows, writers: Sequence[ClosedWriter]) -> None:
        self._rows, self._writers = rows, writers

    async def project(self, connection: AsyncConnection, batch: EventBatch) -> None:
        for appended in batch.streams:
            types = {event.type for event in appended}
            asked = [one for one in self._writers if not types.isdisjoint(one.types)]
            if asked and not self._rows.open(appended[-1]):
                closed = await closed_session(connection, appended[0].stream.partition("/")[2])
                for writer in asked:
                    await writer.write(connection, closed)
