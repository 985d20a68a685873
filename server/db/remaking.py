"""The tables kept in step with the journal, made anew beside themselves and compared with what is kept; and the whole
log as it stands at one moment, read in pieces and trusting nothing.

Temporary tables of the same names stand before the real ones for one connection, so that the projectors themselves
write there: nothing that is kept is touched, a server beside it goes on, and memory holds a stream and a piece of
rows.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, cast as typed

from sqlalchemy import (
    Column,
    MetaData,
    RowMapping,
    Select,
    Table,
    Text,
    and_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    type_coerce,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateTable

from journal import Event
from journal.merkle import Node, Peaks
from journal.refusals import Unanswered
from server.casebook.store import CaseRows
from server.complaints.listing_store import ListedRows
from server.complaints.projection import ComplaintProjection
from server.complaints.promise_store import PromiseRows, SettledRows
from server.db import appending
from server.db.engine import Database, UnreadableDatabase
from server.db.journal import EventBatch, Projector, event_of, stream_events
from server.db.rows import ClosedSessions, SessionRows
from server.db.schema import (
    acts,
    approvals,
    call_wishes,
    cases,
    clocks,
    complaints,
    consultations,
    events,
    lead_records,
    leads,
    log_attestations,
    log_nodes,
    office_oversight,
    offices,
    plan_places,
    plans,
    promises,
    reviews,
    sessions,
    users,
)
from server.db.schema.base import holds_json
from server.evidence.log_store import Attestation, StoredCheckpoint, attestations, checkpoints
from server.identity.account_store import standing
from server.leads.report_store import ConsultationRows
from server.leads.store import LeadRows
from server.oversight.act_store import ApprovalRows, act_rows
from server.supervision.plan_store import PlanRows
from server.supervision.store import ReviewRows

PIECE: Final = 500  # streams, or rows

_WORDS: Final = {
    "sqlite": "CREATE TEMPORARY TABLE complaint_words (complaint_words, rowid INTEGER, words)",
    "postgresql": "CREATE TEMPORARY TABLE complaint_words (place bigint, words tsvector)",
}
"""Which words a complaint is found by is not compared; its projector writes them all the same."""


@dataclass(frozen=True, slots=True)
class ComparedTable:
    """A table, the kind of the streams its rows are of, the columns that have the rest of such a stream's name, and
    what of a row does not follow from its own stream alone: the order of receipt, today's calendar, others' names."""

    table: Table
    kind: str
    by: tuple[str, ...]
    besides: frozenset[str] = frozenset()


TABLES: Final[Sequence[ComparedTable]] = (
    ComparedTable(sessions, "session", ("id",)),
    ComparedTable(complaints, "complaint", ("id",), frozenset({"place", "deadlines", "next_due", "running"})),
    ComparedTable(leads, "lead", ("id",), frozenset({"due", "clock", "in_time"})),
    ComparedTable(consultations, "consultation", ("id",)),
    ComparedTable(promises, "session", ("session",), frozenset({"reminded"})),
    ComparedTable(approvals, "approval", ("id",)),
    ComparedTable(reviews, "review", ("session",)),
    ComparedTable(plans, "plan", ("office", "period")),
    ComparedTable(plan_places, "plan", ("office", "period")),
    ComparedTable(cases, "case", ("id",)),
    ComparedTable(acts, "", ("stream",), frozenset({"office", "label"})),
)
_MADE: Final = (
    sessions, complaints, clocks, leads, lead_records, consultations, approvals, reviews, plans, plan_places, cases,
    acts, promises, call_wishes,
)  # fmt: skip


def _projectors() -> list[Projector]:
    """In the order in which they need each other."""
    rows = SessionRows()
    return [
        rows, ComplaintProjection([ListedRows(), PromiseRows()]), LeadRows(), ConsultationRows(),
        ApprovalRows(), CaseRows(), PlanRows(), ReviewRows(), ClosedSessions(rows, [SettledRows()]), *act_rows(),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """`stream` and `key`: the row's, the key as "a b". `kept` and `told` by column, as text: what is kept, and what the
    journal says; None for a row that is only there, or only said. `erased`: not all of its stream can be read."""

    table: str
    stream: str
    key: str
    kept: Mapping[str, str | None] | None
    told: Mapping[str, str | None] | None
    erased: bool


async def remake(
    connection: AsyncConnection, unread: set[str], progress: Callable[[int], None] = lambda _: None
) -> int:
    """Make the rows anew in temporary tables; how many streams. `unread` gets those that this program cannot read,
    `progress` hears how many so far. The caller rolls back."""
    for table in _MADE:
        await connection.execute(_created(table))
    await connection.execute(text(_WORDS[connection.dialect.name]))
    done, by_kind = 0, dict[str, list[Projector]]()
    for projector in _projectors():
        by_kind.setdefault(projector.kind, []).append(projector)
    for kind, those in by_kind.items():
        after = -1
        while piece := await _streams(connection, kind, after):
            for _, stream in piece:
                try:
                    async with connection.begin_nested():
                        found = await stream_events(connection, stream)
                        for projector in those if not found[0].erased else ():
                            await projector.project(connection, EventBatch([found], announced=False))
                except Exception:  # an entry of a newer program, or one that was tampered with: the log check names it
                    unread.add(stream)
                done += 1
                progress(done)
            after = piece[-1][0]
    return done


async def _streams(connection: AsyncConnection, kind: str, after: int) -> Sequence[tuple[int, str]]:
    row = events.c
    wanted = select(row.leaf, row.stream).where(row.kind == kind, row.version == 1, row.leaf > after)
    return [(leaf, stream) for leaf, stream in await connection.execute(wanted.order_by(row.leaf).limit(PIECE))]


async def differences(connection: AsyncConnection) -> AsyncIterator[Difference]:
    """After `remake`."""
    for one in TABLES:
        kept, made = _both(connection, one.table)
        async for changed in _changed(connection, one, kept, made):
            yield changed
        async for key, stream, erased in _alone(connection, one, kept, made):
            yield Difference(one.table.name, stream, key, {}, None, erased)
        async for key, stream, erased in _alone(connection, one, made, kept):
            yield Difference(one.table.name, stream, key, None, {}, erased)


async def _changed(
    connection: AsyncConnection, one: ComparedTable, kept: Table, made: Table
) -> AsyncIterator[Difference]:
    keys = [column.name for column in one.table.primary_key]
    names = [column.name for column in one.table.columns if column.name not in {*keys, *one.besides}]
    nested = {name for name in names if holds_json(one.table.c[name])}
    differs = or_(*(_plain(kept.c[name]).is_distinct_from(_plain(made.c[name])) for name in names))
    wanted = (
        select(
            *(kept.c[name].label(f"key_{name}") for name in keys),
            *(cast(_plain(kept.c[name]), Text).label(f"kept_{name}") for name in names),
            *(cast(_plain(made.c[name]), Text).label(f"told_{name}") for name in names),
            _stream(one, kept).label("stream"),
            _erased(one, kept).label("erased"),
        )
        .select_from(kept.join(made, and_(*(kept.c[name] == made.c[name] for name in keys))))
        .where(differs)
    )
    async for row in (await connection.stream(wanted.execution_options(yield_per=PIECE))).mappings():
        had, told = _apart({name: (row[f"kept_{name}"], row[f"told_{name}"]) for name in names}, nested)
        if had or told:
            key = " ".join(str(row[f"key_{name}"]) for name in keys)
            yield Difference(one.table.name, row["stream"], key, had, told, bool(row["erased"]))


def _apart(
    pairs: Mapping[str, tuple[str | None, str | None]], nested: Collection[str]
) -> tuple[dict[str, str | None], dict[str, str | None]]:
    """What differs, of both; of JSON by its parts, whose order says nothing."""
    had, told = dict[str, str | None](), dict[str, str | None]()
    for name, (kept, made) in pairs.items():
        if kept == made:
            continue
        here, there = _parsed(kept, name in nested), _parsed(made, name in nested)
        if isinstance(here, dict) and isinstance(there, dict):
            for part in sorted(here.keys() | there.keys()):
                if here.get(part) != there.get(part):
                    had[f"{name}.{part}"], told[f"{name}.{part}"] = _text(here.get(part)), _text(there.get(part))
        elif here != there:
            had[name], told[name] = kept, made
    return had, told


def _parsed(value: str | None, nested: bool) -> Any:
    try:
        return json.loads(value) if nested and value is not None else value
    except ValueError:  # whoever wrote it did not write JSON
        return value


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


async def _alone(
    connection: AsyncConnection, one: ComparedTable, here: Table, there: Table
) -> AsyncIterator[tuple[str, str, bool]]:
    """Key, stream and whether something of it was erased, of rows that the other table does not have."""
    keys = [column.name for column in one.table.primary_key]
    other = exists(select(literal(1)).where(*(there.c[name] == here.c[name] for name in keys)))
    wanted = select(*(here.c[name] for name in keys), _stream(one, here), _erased(one, here)).where(~other)
    async for row in await connection.stream(wanted.execution_options(yield_per=PIECE)):
        values = list(row)
        yield " ".join(str(value) for value in values[:-2]), values[-2], bool(values[-1])


def _both(connection: AsyncConnection, table: Table) -> tuple[Table, Table]:
    """The table that is kept and the temporary one."""
    kept, made = ("main", "temp") if connection.dialect.name == "sqlite" else ("public", "pg_temp")
    return _of_schema(table, kept), _of_schema(table, made)


@cache  # SQLAlchemy knows a statement again by its tables
def _of_schema(table: Table, schema: str) -> Table:
    return table.to_metadata(MetaData(), schema=schema)


@cache
def _created(table: Table) -> CreateTable:
    bare = table.to_metadata(MetaData())
    bare._prefixes = ["TEMPORARY"]
    return CreateTable(bare, include_foreign_key_constraints=[])


def _plain(column: Column[Any]) -> Any:
    return cast(column, Text) if holds_json(column) else column


def _stream(one: ComparedTable, rows: Table) -> Any:
    name: Any = literal(one.kind)
    for column in one.by:
        name = name + literal("/") + rows.c[column] if one.kind else rows.c[column]
    return name


def _erased(one: ComparedTable, rows: Table) -> Any:
    """Whether something of the row's stream was erased: what it was made of cannot be read any more."""
    row = events.c
    return exists(select(literal(1)).where(row.stream == _stream(one, rows), row.salt == ""))


# ------------------------------------------------------------ log reading store


EVENTS_AT_ONCE = 2000  # events
_TYPED = {"data", "at"}
_NEVER = datetime(1, 1, 2, tzinfo=UTC)


class LogReading:
    """Open one by `reading(database)`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def events(self) -> AsyncIterator[tuple[int, Event]]:
        """Leaf and event, in the order of leaves."""
        after = None
        while True:
            wanted = select(events).order_by(events.c.leaf).limit(EVENTS_AT_ONCE)
            if after is not None:
                wanted = wanted.where(events.c.leaf > after)
            try:
                rows = (await self._connection.execute(wanted)).mappings().all()
                piece = [(row["leaf"], event_of(row)) for row in rows]
            except (ValueError, TypeError):  # a value in it is none of its type any more
                piece = await self._one_by_one(wanted.with_only_columns(events.c.leaf))
            if not piece:
                return
            for leaf, event in piece:
                yield leaf, event
            after = piece[-1][0]

    async def _one_by_one(self, leaves: Select[Any]) -> list[tuple[int, Event]]:
        found = []
        for leaf in (await self._connection.execute(leaves)).scalars().all():
            try:
                row = (await self._connection.execute(select(events).where(events.c.leaf == leaf))).mappings().one()
            except (ValueError, TypeError):
                raw = select(*(type_coerce(c, Text).label(c.name) if c.name in _TYPED else c for c in events.c))
                row = (await self._connection.execute(raw.where(events.c.leaf == leaf))).mappings().one()
                # What cannot be read commits to nothing: its content and its header will not hold.
                row = typed(RowMapping, {**row, "data": {"unreadable": str(row["data"])}, "at": _NEVER})
            found.append((leaf, event_of(row)))
        return found

    async def stream(self, name: str) -> list[Event]:
        return await stream_events(self._connection, name)

    async def head(self) -> Peaks:
        """An empty one when what is kept makes no sense."""
        try:
            return await appending.head(self._connection)
        except ValueError:
            return Peaks()

    def keeps(self, node: Node) -> bool:
        return node[0] % appending.TILE == 0

    async def nodes(self) -> dict[Node, bytes]:
        rows = await self._connection.execute(select(log_nodes.c.level, log_nodes.c.number, log_nodes.c.hash))
        return {(level, number): digest for level, number, digest in rows.all()}

    async def checkpoints(self) -> list[StoredCheckpoint]:
        return await checkpoints(self._connection)

    async def records(self, unread: set[str], progress: Callable[[int], None]) -> AsyncIterator[int | Difference]:
        """Rows kept in step with the journal, made anew: first of how many streams, then each that differs. What was
        made for it is gone afterwards."""
        apart = await self._connection.begin_nested()
        try:
            yield await remake(self._connection, unread, progress)
            async for difference in differences(self._connection):
                yield difference
        finally:
            await apart.rollback()

    async def accounts(self) -> AsyncIterator[tuple[str, Mapping[str, Any]]]:
        """Every account there is, or that the journal has, with what counts of it; {} of one there is not."""
        there = select(users.c.id.label("id"))
        said = select(func.substr(events.c.stream, len("officer/") + 1).label("id")).where(
            events.c.kind == "officer", events.c.version == 1
        )
        for id_ in (await self._connection.execute(there.union(said).order_by("id"))).scalars().all():
            yield id_, await standing(self._connection, id_)

    async def overseen(self) -> list[tuple[str, str]]:
        found = await self._connection.execute(select(office_oversight.c.supervisor, office_oversight.c.office))
        return [(supervisor, office) for supervisor, office in found]

    async def superiors(self) -> list[tuple[str, str]]:
        found = await self._connection.execute(select(offices.c.id, offices.c.superior).order_by(offices.c.id))
        return [(office, superior) for office, superior in found]

    async def attestations(self) -> list[Attestation]:
        """Those that were got."""
        return await attestations(self._connection, log_attestations.c.state == "got")


@asynccontextmanager
async def reading(database: Database) -> AsyncIterator[LogReading]:
    """One snapshot, on PostgreSQL too. Unreadable when there is no log."""
    try:
        async with database.read(snapshot=True) as connection:
            await appending.head_row(connection)
            yield LogReading(connection)
    except (SQLAlchemyError, Unanswered) as fault:
        raise UnreadableDatabase(f"the log cannot be read ({type(fault).__name__}): {_first_line(fault)}") from fault


def _first_line(fault: Exception) -> str:
    return str(fault).partition("\n")[0]
