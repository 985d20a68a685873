"""What the journal and its rows say of mediations: their list, papers, notes, film, what a restart takes up or erases.

Mediators' own notes are sealed rows beside the journal: nothing that reads it for an export meets them. How far a
composed recording is says the journal (RecordingComposed, CompositionFailed), else the job that makes it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import Event
from offices import Office, Officer, in_scope
from recordings.files import archive
from recordings.files.remote_files import Standing, read_standing
from recordings.views import FileKeeping, RecordingState
from rooms import events as e
from rooms.events import (
    STREAM,
    Archived,
    CompositionFailed,
    ConsentSpoken,
    ErasureOrdered,
    RecordErased,
    RecordingComposed,
    SegmentSealed,
    SessionEntry,
    TranscriptMade,
    session_entry,
    stream,
)
from rooms.media.diagnosis import LineMinute
from rooms.views import AuditFilter, AuditList, ListedPaper, SessionPapers, SessionRow
from rooms.vocabulary import Consent
from server.db.engine import Database
from server.db.journal import event_of
from server.db.rows import local_midnight, own_records, session_row, within
from server.db.schema import complaints, events, line_minutes, links, mediator_notes, messages, offices, sessions
from server.db.schema.base import among, plan_by_values
from server.serving.jobs.store import Job

PAGE_SIZE: Final = 50
_ROW: Final = sessions.c


async def records(connection: AsyncConnection, officer: Officer, wanted: AuditFilter) -> AuditList:
    """List held mediations of an officer's offices, the newest first, a page at a time; of a mediator only those of
    their own complaints.

    Rows come in the order of an index on office and beginning, and offices are merged: nothing is sorted, however many
    rows there are. What a filter looks at is in that index too, so that only a page's rows are read themselves.
    """
    await plan_by_values(connection)
    seen = select(offices).where(within(officer, offices.c.id)).order_by(offices.c.name)
    mine = [Office(**row) for row in (await connection.execute(seen)).mappings()]
    ids = [office.id for office in mine]
    asked = in_scope(wanted.office, mine)
    narrowed = [own_records(officer), *_filtered(wanted, ZoneInfo(officer.office.zone))]
    page = (
        _in_order(connection, asked, narrowed).limit(PAGE_SIZE).offset((max(wanted.page, 1) - 1) * PAGE_SIZE).subquery()
    )
    shown = select(sessions).join(page, page.c.id == _ROW.id).order_by(_ROW.opened.desc(), _ROW.id.desc())
    counted = select(func.count()).select_from(sessions).where(among(connection, _ROW.office, asked), *narrowed)
    return AuditList(
        rows=[session_row(dict(row)) for row in (await connection.execute(shown)).mappings()],
        total=(await connection.execute(counted)).scalar_one(),
        page_size=PAGE_SIZE,
        offices=mine,
        mediators=await _mediators(connection, ids, own_records(officer)),
    )


FEW_OFFICES: Final = 20
AT_ONCE: Final = 1_000  # sessions that are asked about in one statement


def _in_order(
    connection: AsyncConnection, asked: Sequence[str], narrowed: Sequence[ColumnElement[bool]]
) -> Select[tuple[str, datetime]] | CompoundSelect[tuple[str, datetime]]:
    """Ids of held mediations, the newest first. Of many offices, which have most of all, all are gone through."""
    if len(asked) > FEW_OFFICES:
        every = select(_ROW.id, _ROW.opened).where(among(connection, _ROW.office, asked), *narrowed)
        return every.order_by(_ROW.opened.desc(), _ROW.id.desc())
    each = union_all(*(select(_ROW.id, _ROW.opened).where(_ROW.office == id_, *narrowed) for id_ in asked or [""]))
    return each.order_by(each.selected_columns.opened.desc(), each.selected_columns.id.desc())


async def _mediators(
    connection: AsyncConnection, ids: Sequence[str], seen: ColumnElement[bool]
) -> list[tuple[str, str]]:
    """Who mediates in these offices, by name."""
    name = func.max(_ROW.mediator_name).label("name")
    theirs = among(connection, _ROW.office, ids)
    wanted = select(_ROW.mediator, name).where(theirs, seen).group_by(_ROW.mediator).order_by("name")
    return [(row.mediator, row.name) for row in await connection.execute(wanted)]


def _filtered(wanted: AuditFilter, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [_ROW.opened.is_not(None)]
    for column, value in ((_ROW.mediator, wanted.mediator), (_ROW.outcome, wanted.outcome)):
        if value:
            conditions.append(column == value)
    if wanted.since:
        conditions.append(_ROW.opened >= local_midnight(wanted.since, zone))
    if wanted.until:
        conditions.append(_ROW.opened < local_midnight(wanted.until + timedelta(days=1), zone))
    if wanted.shortest_ms:
        conditions.append(_ROW.joint_ms >= wanted.shortest_ms)
    if wanted.longest_ms:
        conditions.append(_ROW.joint_ms <= wanted.longest_ms)
    return conditions


_SEALED, _OFFERED, _WITHDRAWN = "DocumentSealed", "ExhibitOffered", "ExhibitWithdrawn"


async def papers_of(connection: AsyncConnection, sessions: Sequence[str]) -> Mapping[str, SessionPapers]:
    """What mediations left on file: sealed documents, and how many exhibits, read from the journal.

    By session, of those that have any. What was erased is not there any more.
    """
    of = {stream(session): session for session in sessions}
    asked = (
        select(events.c.stream, events.c.type, events.c.at, events.c.data)
        .where(events.c.stream.in_(of), events.c.type.in_([_SEALED, _OFFERED, _WITHDRAWN]), events.c.salt != "")
        .order_by(events.c.stream, events.c.version)
    )
    sealed: dict[str, list[ListedPaper]] = {}
    shown: dict[str, set[str]] = {}
    for row in await connection.execute(asked) if of else ():
        session = of[row.stream]
        if row.type == _SEALED:
            made = ListedPaper(row.data["document"], row.data["kind"], row.data["number"], row.at)
            sealed.setdefault(session, []).append(made)
        elif row.type == _OFFERED:
            shown.setdefault(session, set()).add(row.data["exhibit"])
        else:
            shown.setdefault(session, set()).discard(row.data["exhibit"])
    return {
        session: SessionPapers(sealed.get(session, []), len(shown.get(session, ()))) for session in {*sealed, *shown}
    }


# What a restart has to take up again: sessions under way, endings a complaint has not heard of, loose recordings.


async def sessions_under_way(database: Database) -> list[str]:
    """Session ids that are live, in recess, or have somebody in the waiting room."""
    seated = ("waiting", "present", "reconnecting")
    wanted = select(sessions.c.id, sessions.c.status, sessions.c.seats).where(
        sessions.c.status.in_(("scheduled", "live", "recess"))
    )
    async with database.read() as connection:
        rows = (await connection.execute(wanted)).all()
    return [row.id for row in rows if row.status != "scheduled" or set(row.seats.values()) & set(seated)]


async def unfollowed_sessions(database: Database) -> list[str]:
    """Sessions that are over while their complaint waits. May name some that were followed (adjourned ones)."""
    wanted = (
        select(sessions.c.id)
        .join(complaints, sessions.c.complaint == complaints.c.id)
        .where(sessions.c.status.in_(("closed", "cancelled")), complaints.c.state == "mediating")
        .order_by(sessions.c.starts, sessions.c.id)
    )
    async with database.read() as connection:
        return list((await connection.execute(wanted)).scalars())


async def sessions_closed_before(database: Database, when: datetime) -> list[tuple[str, str]]:
    """Sessions closed before `when` and their complaints, oldest first."""
    wanted = (
        select(sessions.c.id, sessions.c.complaint)
        .where(sessions.c.closed < when)
        .order_by(sessions.c.closed, sessions.c.id)
    )
    async with database.read() as connection:
        return [(row.id, row.complaint) for row in await connection.execute(wanted)]


async def sessions_recorded(database: Database, ids: Sequence[str]) -> set[str]:
    """Those of these whose journal names a file."""
    row, found = events.c, set[str]()
    async with database.read() as connection:
        for at in range(0, len(ids), AT_ONCE):
            streams = among(connection, row.stream, [f"session/{one}" for one in ids[at : at + AT_ONCE]])
            wanted = select(row.stream).where(streams, row.type == SegmentSealed.__name__).distinct()
            found.update(one.partition("/")[2] for one in (await connection.execute(wanted)).scalars())
    return found


async def sessions_closed_since(database: Database, since: datetime) -> list[str]:
    """Sessions closed after `since`, oldest first."""
    wanted = select(sessions.c.id).where(sessions.c.closed > since).order_by(sessions.c.closed, sessions.c.id)
    async with database.read() as connection:
        return list((await connection.execute(wanted)).scalars())


class Contacts:
    """How people of a session could be reached: on their links, and in the messages that went to them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def forget(self, session: str) -> int:
        """Take the numbers off its links, and its messages away, those still to be sent as well; how many rows."""
        numbered = or_(links.c.phone_sealed != "", links.c.phone_masked != "")
        async with self._database.write() as connection:
            without = await connection.execute(
                update(links).where(links.c.session == session, numbered).values(phone_sealed="", phone_masked="")
            )
            gone = await connection.execute(delete(messages).where(messages.c.session == session))
            return without.rowcount + gone.rowcount


@dataclass(frozen=True, slots=True)
class SealedNote:
    edition: int
    sealed: str
    changed: datetime


class NoteStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, session: str, officer: str) -> SealedNote | None:
        columns = mediator_notes.c
        wanted = select(columns.edition, columns.sealed, columns.changed).where(
            columns.session == session, columns.officer == officer
        )
        async with self._database.read() as connection:
            row = (await connection.execute(wanted)).mappings().one_or_none()
            return None if row is None else SealedNote(**row)

    async def write(self, session: str, officer: str, seen: int, sealed: str, now: datetime) -> int | None:
        """The new edition; None when another page wrote since the one this one saw (0: saw none)."""
        columns = mediator_notes.c
        async with self._database.write() as connection:
            if seen == 0:
                there = select(columns.edition).where(columns.session == session, columns.officer == officer)
                if (await connection.execute(there)).first() is not None:
                    return None
                values = {"session": session, "officer": officer, "edition": 1, "sealed": sealed, "changed": now}
                await connection.execute(insert(mediator_notes).values(values))
                return 1
            changed = await connection.execute(
                update(mediator_notes)
                .where(columns.session == session, columns.officer == officer, columns.edition == seen)
                .values(edition=seen + 1, sealed=sealed, changed=now)
            )
            return seen + 1 if changed.rowcount else None

    async def remove(self, session: str) -> int:
        """Everybody's of a session; how many characters were kept."""
        mine = mediator_notes.c.session == session
        async with self._database.write() as connection:
            size = (
                await connection.execute(select(func.sum(func.length(mediator_notes.c.sealed))).where(mine))
            ).scalar()
            await connection.execute(delete(mediator_notes).where(mine))
            return size or 0


class LineStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, minutes: Sequence[tuple[str, LineMinute]]) -> None:
        """Of sessions; a minute that is there already (a server was started anew in it) stays as it is."""
        columns = line_minutes.c
        async with self._database.write() as connection:
            for session, one in minutes:
                there = select(columns.seat).where(
                    columns.session == session, columns.seat == one.seat, columns.minute == one.minute
                )
                if (await connection.execute(there)).first() is None:
                    await connection.execute(insert(line_minutes).values(_row(session, one)))

    async def read(self, session: str) -> Sequence[LineMinute]:
        """In order of seats and time."""
        columns = line_minutes.c
        wanted = select(line_minutes).where(columns.session == session).order_by(columns.seat, columns.minute)
        async with self._database.read() as connection:
            return [_minute(dict(row)) for row in (await connection.execute(wanted)).mappings()]

    async def remove(self, session: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(line_minutes).where(line_minutes.c.session == session))

    async def measured(self, officer: Officer) -> Sequence[tuple[SessionRow, int]]:
        """The newest sessions of the officer's office of which something is kept, and of how many seats: of a mediator
        their own."""
        row, columns = sessions.c, line_minutes.c
        seats = func.count(columns.seat.distinct()).label("measured")
        counted = select(columns.session, seats).group_by(columns.session).subquery()
        mine = [row.mediator == officer.id] if officer.role == "mediator" else []
        wanted = (
            select(sessions, counted.c.measured)
            .join(counted, counted.c.session == row.id)
            .where(within(officer, row.office), *mine)
            .order_by(row.opened.desc(), row.id)
            .limit(PAGE_SIZE)
        )
        async with self._database.read() as connection:
            found = [dict(one) for one in (await connection.execute(wanted)).mappings()]
        return [(session_row(one), one["measured"]) for one in found]


def _row(session: str, one: LineMinute) -> dict[str, Any]:
    return {
        "session": session,
        "seat": one.seat,
        "minute": one.minute,
        "client": one.client,
        "way": one.way,
        "reports": one.reports,
        "figures": {name: list(spread) for name, spread in one.figures.items()},
        "said": [[at.isoformat(), finding] for at, finding in one.said],
    }


def _minute(row: dict[str, Any]) -> LineMinute:
    figures = {name: (low, high) for name, (low, high) in row["figures"].items()}
    said = [(datetime.fromisoformat(at), finding) for at, finding in row["said"]]
    return LineMinute(row["seat"], row["minute"], row["client"], row["way"], row["reports"], figures, said)


_OF_FILMS = (RecordingComposed.__name__, CompositionFailed.__name__, ErasureOrdered.__name__)
_NONE = RecordingState("none", 0.0, None)
_FAILED = RecordingState("failed", 0.0, None)
_NO_FILM = RecordingState("erased", 0.0, None)


async def composition_facts(connection: AsyncConnection, stream: str) -> list[Event]:
    """The journal's last word about the recording, if there is one; and what of it was archived."""
    wanted = (
        select(events)
        .where(events.c.stream == stream, events.c.type.in_(_OF_FILMS))
        .order_by(events.c.version.desc())
        .limit(1)
    )
    archived = select(events).where(events.c.stream == stream, events.c.type == Archived.__name__)
    return [event_of(row) for rows in (archived, wanted) for row in (await connection.execute(rows)).mappings().all()]


def composition_progress(
    recordings: Path, told: Sequence[Event], job: Job | None, away: bool = False
) -> RecordingState:
    """`told`: `composition_facts`, or all events of the session, of which the last about its composition counts. `job`:
    the one that makes it. `away`: what is not here is in the store of files. Blocks."""
    last = next((event for event in reversed(told) if event.type in _OF_FILMS and not event.erased), None)
    word = session_entry(last).event if last else None
    if isinstance(word, ErasureOrdered):
        return _NO_FILM
    if isinstance(word, RecordingComposed):
        file = (recordings / word.path).resolve()
        # The path comes from the journal; still, nothing outside the folder is ever handed out.
        archived = any(event.type == Archived.__name__ and event.data.get("path") == word.path for event in told)
        if not file.is_relative_to(recordings.resolve()) or not (file.is_file() or archived or away):
            return _FAILED
        return RecordingState("ready", 1.0, file, word.duration_ms, word.origin)
    if job is None:
        return _FAILED if word else _NONE
    if job.state == "failed":
        return _FAILED
    # Also when it is tried again after a failure; until the journal knows of a video, it is not there yet.
    return RecordingState("queued" if job.state == "queued" else "composing", job.progress, None)


async def keeping(recordings: Path, session: str, told: Sequence[SessionEntry], away: bool = False) -> FileKeeping:
    """What the journal says of the archive, and what kept files from going there. `away`: as above."""
    facts = [entry.event for entry in told]
    kinds = SegmentSealed | ConsentSpoken | RecordingComposed | TranscriptMade
    files = {fact.path for fact in facts if isinstance(fact, kinds)}
    archived = {fact.path for fact in facts if isinstance(fact, Archived)}
    move = await asyncio.to_thread(archive.read_move, recordings, session)
    standing = await asyncio.to_thread(read_standing, recordings.parent) if away else Standing()
    failed, waiting = len(move.failed) if move else 0, standing.cases.get(session, 0)
    return FileKeeping(len(files), len(files & archived), failed, waiting, bool(standing.error))


class SqlRecords:
    """Which sessions there are to look at."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def closed_before(self, moment: datetime) -> Sequence[str]:
        erased = exists().where(
            events.c.stream == literal(f"{STREAM}/").concat(sessions.c.id), events.c.type == RecordErased.__name__
        )
        wanted = (
            select(sessions.c.id)
            .where(sessions.c.status == "closed", sessions.c.closed < moment, ~erased)
            .order_by(sessions.c.closed, sessions.c.id)
        )
        async with self._database.read() as connection:
            return list((await connection.execute(wanted)).scalars())

    async def ordered(self) -> Sequence[str]:
        done = events.alias()
        finished = exists().where(done.c.stream == events.c.stream, done.c.type == RecordErased.__name__)
        wanted = select(events.c.stream).where(
            events.c.kind == STREAM, events.c.type == ErasureOrdered.__name__, ~finished
        )
        async with self._database.read() as connection:
            return [stream.partition("/")[2] for stream in (await connection.execute(wanted)).scalars()]


_GIVEN, _REFUSED, _TAKEN_BACK = (kind.__name__ for kind in (e.ConsentGiven, e.ConsentRefused, e.ConsentWithdrawn))
_HELD, _LIFTED, _ERASED = (kind.__name__ for kind in (e.HoldPlaced, e.HoldLifted, e.ErasureOrdered))
_OF_RETENTION: Final = (_GIVEN, _REFUSED, _TAKEN_BACK, _HELD, _LIFTED, _ERASED)


@dataclass(slots=True)
class Retained:
    """`texts`: by seat, the version of the text by which somebody agreed to be recorded."""

    outcome: str
    closed: datetime
    texts: dict[str, str] = field(default_factory=dict)
    held: bool = False
    erased: bool = False


async def retained(database: Database, outcomes: Collection[str]) -> Sequence[Retained]:
    """Records that are kept and what of their journals says how long: consents to recording and holds, without folding.

    Of closed mediations that ended so, those whose record is there and not ordered to be erased.
    """
    row, entry = sessions.c, events.c
    told = and_(entry.stream == literal(f"{STREAM}/").concat(row.id), entry.type.in_(_OF_RETENTION))
    wanted = (
        select(row.id, row.outcome, row.closed, entry.version, entry.type, entry.data, entry.salt)
        .select_from(sessions.outerjoin(events, told))
        .where(row.status == "closed", row.closed.is_not(None), row.outcome.in_(sorted(outcomes)))
        .order_by(row.id, entry.version)
    )
    found: defaultdict[str, Retained | None] = defaultdict(lambda: None)
    async with database.read() as connection:
        for one in await connection.execute(wanted):
            kept = found[one.id] or Retained(one.outcome, one.closed)
            found[one.id] = kept
            if one.type is not None and one.salt:
                _take(kept, one.type, one.data)
    return [kept for kept in found.values() if kept is not None and not kept.erased]


def _take(kept: Retained, kind: str, data: dict[str, str]) -> None:
    """As `rooms.seats` and `rooms.session` have it; a test holds the two equal."""
    if kind in (_HELD, _LIFTED):
        kept.held = kind == _HELD
    elif kind == _ERASED:
        kept.erased = True
    elif data["kind"] == Consent.RECORD:
        if kind == _GIVEN:
            kept.texts[data["seat"]] = data["text"]
        else:
            kept.texts.pop(data["seat"], None)
