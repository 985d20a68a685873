"""An officer's agenda as rows: which mediations are to begin when, what was sent about them; and alerts.

Alerts are as the journal and the rows have them, and up to when each officer has read them (`alerts_read`).
`AlertService` tells them as they happen to every window an officer has open, of several nodes at any; it owns the task
that follows the journal, and the windows' queues, which are bounded: the oldest is let go of.
Longer than other modules: an alert is told from the rows that the agenda writes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import ColumnElement, and_, exists, insert, not_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.channels.platforms import SENDER_CLOCKS
from complaints.procedure import Assigned
from complaints.procedure.rules import ANSWERED_WITHIN, ASKED_WITHIN, chased
from journal import Event
from law.orders import APART
from offices import Office, Officer
from rooms.events import ApartBegun, EndMoved, MeetingCalled, OtherTimeAsked, RoomOpened, SessionRescheduled
from rooms.views import ALERT_KINDS, SHOWN_EVENTS, Alert, Change, SentMessage, SessionRow, alert_kind
from server.complaints.officer_store import HandlerStore
from server.complaints.promise_store import SHOWN
from server.db.engine import Database
from server.db.journal import Following
from server.db.rows import local_midnight, session_row, within
from server.db.schema import (
    alerts_read,
    clocks,
    complaints,
    events,
    handlers,
    messages,
    offices,
    promises,
    sessions,
    users,
)
from server.outbox.store import StoredMessage

KEPT: Final = timedelta(days=7)
MOST_ALERTS: Final = 50
SOON: Final = timedelta(minutes=15)
_MOMENT: Final = timedelta(microseconds=1)
MOST_DUE: Final = 10
MOST_ALERTED: Final = 50
_ROW = sessions.c
_UNDER_WAY = ("live", "recess")
_UNHURRIED: Final = and_(_ROW.mode == APART, _ROW.status.in_(_UNDER_WAY))
"""Takes up nobody's time, but for the meeting that is called out of it."""


class AlertStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def session(self, session: str) -> SessionRow | None:
        async with self._database.read() as connection:
            found = (await connection.execute(select(sessions).where(_ROW.id == session))).mappings().one_or_none()
            return session_row(dict(found)) if found is not None else None

    async def offices_of(self, some: Collection[str]) -> Collection[str]:
        """Of complaints."""
        async with self._database.read() as connection:
            wanted = select(complaints.c.office).where(complaints.c.id.in_(some)).distinct()
            return set((await connection.execute(wanted)).scalars())

    async def history(self, officer: Officer, since: datetime) -> list[Alert]:
        """Of the sessions they mediate, the newest first."""
        wanted = (
            select(events.c.stream, events.c.version, events.c.type, events.c.at, events.c.data, sessions)
            .join(sessions, events.c.stream == "session/" + _ROW.id)
            .where(
                _ROW.mediator == officer.id,
                _ROW.office == officer.office.id,
                _ROW.starts >= since,
                events.c.type.in_(ALERT_KINDS),
                events.c.at >= since,
                events.c.salt != "",
            )
            .order_by(events.c.leaf.desc())
            .limit(MOST_ALERTS)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted)).mappings().all()
        made = (alert_of(session_row(dict(row)), row["type"], row["version"], row["at"], row["data"]) for row in rows)
        return [one for one in made if one is not None]

    async def clocks(self, officer: Officer, today: date, now: datetime, zone: ZoneInfo) -> list[Alert]:
        """Mediations of theirs that begin soon, and complaints of their office that are due today."""
        soon = select(sessions).where(
            _ROW.mediator == officer.id, _ROW.status == "scheduled", _ROW.starts > now, _ROW.starts <= now + SOON
        )
        row = complaints.c
        due = (
            select(row.id, row.number, row.consumer_title)
            .where(row.office == officer.office.id, row.next_due == today)
            .order_by(row.received, row.id)
            .limit(MOST_DUE)
        )
        asked_today = (  # what their senders ask, beside the law
            select(row.id, row.number, row.consumer_title)
            .join(clocks, clocks.c.subject == row.id)
            .where(clocks.c.kind == "complaint", clocks.c.code.in_(SENDER_CLOCKS))
            .where(clocks.c.office == officer.office.id, clocks.c.due == today)
            .distinct()
            .order_by(row.number, row.id)
            .limit(MOST_DUE)
        )
        async with self._database.read() as connection:
            begins = [session_row(dict(one)) for one in (await connection.execute(soon)).mappings()]
            begins += await _meetings(connection, now + _MOMENT, now + SOON + _MOMENT, _ROW.mediator == officer.id)
            owed = (await connection.execute(due)).all()
            asked = (await connection.execute(asked_today)).all()
            owed = [*owed, *(one for one in asked if one.id not in {known.id for known in owed})]
            promised = await _promise_alerts(connection, officer, today, zone)
            ended = await _ended(connection, officer, now)
        midnight = local_midnight(today, zone)
        return [
            *(
                Alert(
                    f"begins:{one.id}:{one.starts:%Y%m%d%H%M}", "begins", one.id, one.number,
                    f"{one.consumer} · {one.business}", "", one.starts - SOON,
                )
                for one in begins
            ),
            *(
                Alert(
                    f"ends:{row.id}:{until:%Y%m%d%H%M}", "ends", row.id, row.number,
                    f"{row.consumer} · {row.business}", "", until, True,
                )
                for row, until in ended
            ),
            *(
                Alert(f"due:{one.id}:{today}", "due", one.id, one.number, one.consumer_title, "", midnight)
                for one in owed
            ),
            *promised,
        ]  # fmt: skip

    async def read_until(self, officer: str) -> datetime | None:
        wanted = select(alerts_read.c.until).where(alerts_read.c.officer == officer)
        async with self._database.read() as connection:
            return (await connection.execute(wanted)).scalar()

    async def note_read(self, officer: str, until: datetime) -> None:
        async with self._database.write() as connection:
            known = await connection.execute(
                update(alerts_read).where(alerts_read.c.officer == officer).values(until=until)
            )
            if not known.rowcount:
                await connection.execute(insert(alerts_read).values(officer=officer, until=until))


async def _ended(connection: AsyncConnection, officer: Officer, now: datetime) -> list[tuple[SessionRow, datetime]]:
    """Asynchronous mediations of theirs whose end date has come, and which nobody has decided about: they go on."""
    moved = (ApartBegun.__name__, EndMoved.__name__, RoomOpened.__name__)
    wanted = (
        select(sessions, events.c.type, events.c.data)
        .join(events, events.c.stream == "session/" + _ROW.id)
        .where(
            _ROW.mediator == officer.id, _ROW.office == officer.office.id, _UNHURRIED,
            events.c.type.in_(moved),
        )
        .order_by(_ROW.id, events.c.version)
    )  # fmt: skip
    last: dict[str, tuple[SessionRow, datetime | None]] = {}
    for one in (await connection.execute(wanted)).mappings():
        until = None if one["type"] == RoomOpened.__name__ else datetime.fromisoformat(one["data"]["until"])
        last[one["id"]] = (session_row(dict(one)), until)
    return [(row, until) for row, until in last.values() if until is not None and until <= now]


def alert_of(row: SessionRow, event: str, version: int, at: datetime, data: Mapping[str, Any]) -> Alert | None:
    kind = alert_kind(event, data)
    if not kind:
        return None
    seat = data.get("seat", "")
    who = {"consumer": row.consumer, "business": row.business}.get(seat, "")
    return Alert(f"{row.id}:{version}", kind, row.id, row.number, who, seat, at, row.status in _UNDER_WAY)


async def _promise_alerts(connection: AsyncConnection, officer: Officer, today: date, zone: ZoneInfo) -> list[Alert]:
    """Of the complaints an officer handles: promises that were not kept, or that nobody says anything of. From when
    they answered, or the time for an answer was over."""
    row = promises.c
    wanted = (
        select(row.session, row.number, row.complaint, row.complaint_number, row.due, row.asked, row.paid,
               row.answered, complaints.c.consumer_title)
        .join(handlers, handlers.c.complaint == row.complaint)
        .join(complaints, complaints.c.id == row.complaint)
        .where(
            handlers.c.officer == officer.id,
            row.office == officer.office.id,
            row.kept.is_(None),
            row.due < today,
            row.due >= today - SHOWN,
        )
        .order_by(row.due.desc(), row.session, row.number)
        .limit(MOST_ALERTED)
    )  # fmt: skip
    found = []
    for one in await connection.execute(wanted):
        asked = one.asked.astimezone(zone).date() if one.asked else None
        match chased(one.due, asked, one.paid, today):
            case "no" | "partly":
                kind, at = "unkept", one.answered
            case "call" | "unanswered" as why:
                since, within = (one.due, ASKED_WITHIN) if why == "call" else (asked or one.due, ANSWERED_WITHIN)
                over = since + within + timedelta(days=1)
                kind, at = "unanswered", local_midnight(over, zone)
            case _:
                continue
        about = f"{kind}:{one.session}:{one.number}:{at:%Y%m%d%H%M%S}"
        found.append(Alert(about, kind, one.complaint, one.complaint_number, one.consumer_title, "", at))
    return found


class ApartStore:
    """Asynchronous mediations under way, and what was queued about them. Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apart_sessions(self) -> list[str]:
        """Under way, and without meeting at some time: whether just now says the session."""
        wanted = select(_ROW.id).where(_ROW.status == "live", _ROW.mode == APART).order_by(_ROW.starts, _ROW.id)
        async with self._database.read() as connection:
            return list((await connection.execute(wanted)).scalars())

    async def queued(self, ids: Sequence[str]) -> set[str]:
        """Which of these messages there are."""
        wanted = select(messages.c.id).where(messages.c.id.in_(ids))
        async with self._database.read() as connection:
            return set((await connection.execute(wanted)).scalars()) if ids else set()


async def _meetings(
    connection: AsyncConnection, since: datetime, until: datetime, *of: ColumnElement[bool]
) -> list[SessionRow]:
    """Of asynchronous mediations under way: when everybody meets, as it was called, or since when they do in the
    room, in [since, until)"""
    moved = (ApartBegun.__name__, MeetingCalled.__name__, RoomOpened.__name__)
    wanted = (
        select(sessions, events.c.type, events.c.at, events.c.data)
        .join(events, events.c.stream == "session/" + _ROW.id)
        .where(*of, _UNHURRIED, events.c.type.in_(moved))
        .order_by(_ROW.id, events.c.version)
    )
    last = dict[str, tuple[SessionRow, datetime | None]]()
    for one in (await connection.execute(wanted)).mappings():
        starts = one["at"] if one["type"] == RoomOpened.__name__ else None
        if one["type"] == MeetingCalled.__name__ and one["data"]["starts"]:
            starts = datetime.fromisoformat(one["data"]["starts"])
        last[one["id"]] = (session_row(dict(one)), starts)
    return [
        replace(row, starts=starts) for row, starts in last.values() if starts is not None and since <= starts < until
    ]


MOST_SESSIONS: Final = 1_000
NOT_OVER: Final = ("scheduled", *_UNDER_WAY)


@dataclass(frozen=True, slots=True)
class Upcoming:
    id: str
    complaint: str
    starts: datetime


class AppointmentStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def upcoming(self, since: datetime, until: datetime) -> list[Upcoming]:
        """Sessions not begun yet that are to begin in [since, until]."""
        wanted = (
            select(_ROW.id, _ROW.complaint, _ROW.starts)
            .where(_ROW.status == "scheduled", _ROW.starts >= since, _ROW.starts <= until)
            .order_by(_ROW.starts, _ROW.id)
        )
        async with self._database.read() as connection:
            return [Upcoming(row.id, row.complaint, row.starts) for row in await connection.execute(wanted)]

    async def rescheduled(self, since: datetime) -> list[Upcoming]:
        """Sessions to come that were ever moved: their complaints may not have heard of it."""
        moved = exists().where(events.c.stream == "session/" + _ROW.id, events.c.type == SessionRescheduled.__name__)
        wanted = select(_ROW.id, _ROW.complaint, _ROW.starts).where(
            _ROW.status == "scheduled", _ROW.starts >= since, moved
        )
        async with self._database.read() as connection:
            return [Upcoming(row.id, row.complaint, row.starts) for row in await connection.execute(wanted)]

    async def between(self, officer: Officer, since: datetime, until: datetime, mediator: str = "") -> list[SessionRow]:
        """What the offices they see have in [since, until), or one mediator has, cancelled ones left out."""
        seen = within(officer, _ROW.office) & ((_ROW.mediator == mediator) if mediator else true())
        wanted = (
            select(sessions)
            .where(
                seen,
                _ROW.status != "cancelled",
                not_(_UNHURRIED),
                _ROW.starts >= since,
                _ROW.starts < until,
            )
            .order_by(_ROW.starts, _ROW.id)
            .limit(MOST_SESSIONS)
        )
        async with self._database.read() as connection:
            found = [session_row(dict(row)) for row in (await connection.execute(wanted)).mappings()]
            found += await _meetings(connection, since, until, seen)
        return sorted(found, key=lambda row: (row.starts, row.id))

    async def booked(self, mediator: str, since: datetime, until: datetime) -> list[SessionRow]:
        """A mediator's own that are not over, to begin in [since, until)."""
        wanted = (
            select(sessions)
            .where(
                _ROW.mediator == mediator,
                _ROW.status.in_(NOT_OVER),
                not_(_UNHURRIED),
                _ROW.starts >= since,
                _ROW.starts < until,
            )
            .order_by(_ROW.starts, _ROW.id)
        )
        async with self._database.read() as connection:
            found = [session_row(dict(row)) for row in (await connection.execute(wanted)).mappings()]
            found += await _meetings(connection, since, until, _ROW.mediator == mediator)
        return sorted(found, key=lambda row: (row.starts, row.id))

    async def asked(self, officer: Officer, since: datetime) -> list[SessionRow]:
        """Sessions of their offices to come for which somebody ever asked another time."""
        wish = exists().where(events.c.stream == "session/" + _ROW.id, events.c.type == OtherTimeAsked.__name__)
        wanted = (
            select(sessions)
            .where(within(officer, _ROW.office), _ROW.status == "scheduled", _ROW.starts >= since, wish)
            .order_by(_ROW.starts, _ROW.id)
            .limit(MOST_SESSIONS)
        )
        async with self._database.read() as connection:
            return [session_row(dict(row)) for row in (await connection.execute(wanted)).mappings()]

    async def offices(self, officer: Officer) -> Sequence[Office]:
        wanted = select(offices).where(within(officer, offices.c.id)).order_by(offices.c.name)
        async with self._database.read() as connection:
            return [Office(**row) for row in (await connection.execute(wanted)).mappings()]

    async def mediators(self, office: str) -> Sequence[tuple[str, str]]:
        """(user id, name) of those who mediate there, by name."""
        wanted = (
            select(users.c.id, users.c.name)
            .where(users.c.office == office, users.c.role == "mediator")
            .order_by(users.c.name, users.c.id)
        )
        async with self._database.read() as connection:
            return [(row.id, row.name) for row in await connection.execute(wanted)]

    async def sent(self, session: str) -> Mapping[str, Sequence[SentMessage]]:
        """What went out about a session, codes left out, the newest first, by the masked number it went to."""
        wanted = (
            select(messages)
            .where(messages.c.session == session, messages.c.kind != "code")
            .order_by(messages.c.created.desc(), messages.c.id)
        )
        found: dict[str, list[SentMessage]] = {}
        async with self._database.read() as connection:
            for row in (await connection.execute(wanted)).mappings():
                state = "arrived" if row["arrived_at"] else row["state"]
                told = SentMessage(
                    row["kind"], state, row["created"], row["arrived_at"] or row["sent_at"], row["trouble"]
                )
                found.setdefault(row["to_masked"], []).append(told)
        return found


HEARD: Final[Mapping[str, Collection[str]]] = {"session": SHOWN_EVENTS, "complaint": ()}
"""What windows are told of, as `SqlJournal.follow_all` takes it."""
BACKLOG: Final = 64
WINDOWS_MOST: Final = 20  # of one officer
log = structlog.get_logger(__name__)


@dataclass(eq=False, slots=True)
class OpenWindow:
    officer: Officer
    news: asyncio.Queue[Alert | Change | None] = field(default_factory=lambda: asyncio.Queue(BACKLOG))

    def tell(self, one: Alert | Change | None) -> None:
        if self.news.full():
            self.news.get_nowait()  # the oldest: what it misses the history has
        self.news.put_nowait(one)


class AlertService:
    def __init__(
        self, follow: Following, store: AlertStore, handlers: HandlerStore, now: Callable[[], datetime]
    ) -> None:
        self._follow, self._store, self._handlers, self._now = follow, store, handlers, now
        self._windows: set[OpenWindow] = set()

    @asynccontextmanager
    async def window(self, officer: Officer) -> AsyncIterator[asyncio.Queue[Alert | Change | None] | None]:
        """What happens from now on; None when they have too many open."""
        if sum(one.officer.id == officer.id for one in self._windows) >= WINDOWS_MOST:
            yield None
            return
        opened = OpenWindow(officer)
        self._windows.add(opened)
        try:
            yield opened.news
        finally:
            self._windows.discard(opened)

    def look_again(self, officer: str) -> None:
        """What they may do has changed, or they have signed out: their windows ask anew whether they may stay."""
        for window in self._windows:
            if window.officer.id == officer:
                window.tell(None)

    def end(self) -> None:
        """The program stops: windows close, and come back to the next one."""
        for window in self._windows:
            window.tell(None)

    async def history(self, officer: Officer) -> list[Alert]:
        now = self._now()
        assigned = await self._handlers.assigned(officer, now - KEPT)
        told = [*await self._store.history(officer, now - KEPT), *assigned, *await self.clocks(officer)]
        return sorted(told, key=lambda one: (one.at, one.id), reverse=True)

    async def clocks(self, officer: Officer) -> list[Alert]:
        now, zone = self._now(), ZoneInfo(officer.office.zone)
        return await self._store.clocks(officer, now.astimezone(zone).date(), now, zone)

    async def read_until(self, officer: Officer) -> datetime:
        return await self._store.read_until(officer.id) or self._now() - timedelta(days=1)

    async def note_read(self, officer: Officer) -> None:
        await self._store.note_read(officer.id, self._now())

    def message_moved(self, message: StoredMessage) -> None:
        """A message about a session came a step further."""
        if message.session:
            self.message_moved_elsewhere(message.office, message.session)

    def message_moved_elsewhere(self, office: str, session: str) -> None:
        """At another node."""
        for window in self._windows:
            if window.officer.office.id == office:
                window.tell(Change(session))

    async def run(self) -> None:
        """Until cancelled. Where something was missed windows come back, and read what they have missed."""
        while True:
            try:
                async for some in self._follow():
                    if self._windows:
                        await self._tell(some)
            except Exception:
                log.exception("alerts failed, going on")
                self.end()
                await asyncio.sleep(1)

    async def _tell(self, some: Sequence[Event]) -> None:
        changed: set[str] = set()  # complaints
        since: dict[str, datetime] = {}  # when something was first assigned to somebody
        for event in some:
            kind, _, id_ = event.stream.partition("/")
            if kind == "complaint":
                changed.add(id_)
                if event.type == Assigned.__name__ and event.data["to"] != event.actor.id:
                    since.setdefault(event.data["to"], event.at)
            elif event.type in SHOWN_EVENTS and (row := await self._store.session(id_)) is not None:
                self._tell_of_session(row, event)
        offices = await self._store.offices_of(changed) if changed else ()
        for window in list(self._windows):
            if at := since.get(window.officer.id):
                for assigned in await self._handlers.assigned(window.officer, at):
                    window.tell(assigned)
            if window.officer.office.id in offices:  # once of all that an import brought
                window.tell(Change())

    def _tell_of_session(self, row: SessionRow, event: Event) -> None:
        alert = alert_of(row, event.type, event.version, event.at, event.data)
        for window in self._windows:
            if window.officer.office.id != row.office:
                continue
            if alert is not None and window.officer.id == row.mediator_id:
                window.tell(alert)
            window.tell(Change(row.id))
