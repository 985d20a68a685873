"""What the journal and its rows say of mediations: their list, papers on file, what a restart takes up, contacts.

Mediators' own notes as sealed rows. They are beside the journal: nothing that reads it for an export meets them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, CompoundSelect, delete, func, insert, or_, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from offices.people import Office, Officer
from rooms.codec import stream
from rooms.views import AuditFilter, AuditList, ListedPaper, SessionPapers
from server.db.engine import Database
from server.db.rows import session_row
from server.db.schema import complaints, events, links, mediator_notes, messages, offices, sessions
from server.db.scope import local_midnight, own_records, within

PAGE_SIZE: Final = 50
_ROW: Final = sessions.c


async def records(connection: AsyncConnection, officer: Officer, wanted: AuditFilter) -> AuditList:
    """List held mediations of an officer's offices, the newest first, a page at a time; of a mediator only those of
    their own complaints.

    Rows come in the order of an index on office and beginning, and offices are merged: nothing is sorted, however many
    there are. What a filter looks at is in that index too, so that only a page's rows are read themselves.
    """
    seen = select(offices).where(within(officer, offices.c.id)).order_by(offices.c.name)
    mine = [Office(**row) for row in (await connection.execute(seen)).mappings()]
    ids = [office.id for office in mine]
    asked = [id_ for id_ in ids if wanted.office in ("", id_)]
    narrowed = [own_records(officer), *_filtered(wanted, ZoneInfo(officer.office.zone))]
    page = _in_order(asked, narrowed).limit(PAGE_SIZE).offset((max(wanted.page, 1) - 1) * PAGE_SIZE).subquery()
    shown = select(sessions).join(page, page.c.id == _ROW.id).order_by(_ROW.opened.desc(), _ROW.id.desc())
    counted = select(func.count()).select_from(sessions).where(_ROW.office.in_(asked), *narrowed)
    return AuditList(
        rows=[session_row(dict(row)) for row in (await connection.execute(shown)).mappings()],
        total=(await connection.execute(counted)).scalar_one(),
        page_size=PAGE_SIZE,
        offices=mine,
        mediators=await _mediators(connection, ids, own_records(officer)),
    )


def _in_order(asked: Sequence[str], narrowed: Sequence[ColumnElement[bool]]) -> CompoundSelect[tuple[str, datetime]]:
    """Ids of held mediations, the newest first."""
    each = union_all(*(select(_ROW.id, _ROW.opened).where(_ROW.office == id_, *narrowed) for id_ in asked or [""]))
    return each.order_by(each.selected_columns.opened.desc(), each.selected_columns.id.desc())


async def _mediators(
    connection: AsyncConnection, ids: Sequence[str], seen: ColumnElement[bool]
) -> list[tuple[str, str]]:
    """Who mediates in these offices, by name."""
    name = func.max(_ROW.mediator_name).label("name")
    wanted = select(_ROW.mediator, name).where(_ROW.office.in_(ids), seen).group_by(_ROW.mediator).order_by("name")
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
