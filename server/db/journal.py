"""The journal in SQL: appends, the tree over them and their projections in one durable transaction; tells followers.

Owns the order in which this process appends, what it remembers of the log, and the in-process broadcast of what was
committed. How a transaction appends stands in `server.db.appending`.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import RowMapping, Select, and_, bindparam, or_, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import ERASED, Actor, Conflict, Draft, Event, NotOurs, fresh_salts, sealed
from journal.refusals import Unanswered
from server.db import appending, bulk, compact
from server.db.appending import Append, Appender, ConnectionLost, Follower, Growth, Guard, Lasted, Overtaken, Verdict
from server.db.engine import Database
from server.db.schema import events

_PIECE = 500  # versions or streams a statement

_T = TypeVar("_T")
Following = Callable[[], AsyncIterator[Sequence[Event]]]
"""What is appended from now on, until the iterator ends or fails: then something may have been missed."""


async def wipe_event(connection: AsyncConnection, stream: str, versions: Sequence[int]) -> None:
    """Take the content out of events and leave what the chain and the tree are made of.

    LookupError if one is not there, ValueError if one is itself the account of an erasure.
    """
    for piece in _pieces(versions):
        mine = (events.c.stream == stream) & events.c.version.in_(piece)
        rows = (await connection.execute(select(events.c.version, events.c.type).where(mine))).all()
        found = {version: type_ for version, type_ in rows}  # noqa: C416 - rows are no pairs to a type checker
        if missing := set(piece) - found.keys():
            raise LookupError(f"{stream} has no version {min(missing)}")
        if ERASED in found.values():
            raise ValueError(f"{stream}: what says that something was erased is not erased")
        await connection.execute(update(events).where(mine).values(salt="", data={}, actor_name=""))


def _pieces(some: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for at in range(0, len(some), _PIECE):
        yield some[at : at + _PIECE]


ALONE = 3  # times in a row that nobody else had appended to PostgreSQL: then nobody is expected to
ENDS_KEPT = 4096  # streams whose end this process remembers
LOOK = 0.5  # seconds between two looks at what all processes appended
MOST_READ = 5_000  # places of the log a look goes through
_ENDS = (
    "SELECT events.stream, events.version, events.hash FROM {} AS asked JOIN events ON events.stream = asked.value "
    "AND events.version = (SELECT max(version) FROM events WHERE stream = asked.value)"
)
_ENDS_SQLITE = _ENDS.format("json_each(:streams)")
_ENDS_POSTGRES = _ENDS.format("json_array_elements_text(CAST(:streams AS json))")


@dataclass(frozen=True, slots=True)
class EventBatch:
    """Events just appended: of each stream its own, in order; all streams of one kind, each once.

    `announced`: others hear of them, by message or webhook; not of an import, nor while tables are made anew.
    `prepared`: what an import made of these events beforehand, for the projector of their kind.
    """

    streams: Sequence[Sequence[Event]]
    announced: bool = True
    prepared: Any = None


class Projector(Protocol):
    """Keeps the tables pages read in step with the streams of one kind."""

    kind: str

    async def project(self, connection: AsyncConnection, batch: EventBatch) -> None:
        """Fold events just appended into their rows, in the transaction that appends them."""
        ...


class StreamProjector(ABC):
    """A projector of streams of which few are appended to at once: one after another.

    `types`: of the events it looks at, of which one at least was appended; None: whatever was.
    """

    kind: str
    types: Collection[str] | None = None

    async def project(self, connection: AsyncConnection, batch: EventBatch) -> None:
        for appended in batch.streams:
            if self.types is None or any(event.type in self.types for event in appended):
                await self.project_stream(connection, appended)

    @abstractmethod
    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        """As `project`, of one stream."""


class SqlJournal:
    """`journal.Journal` over a `Database`.

    `follow` reports what this process appended: one web process owns all streams it writes; `follow_all` what any
    process does. `guard` says which it owns no longer; an append to one raises NotOurs.
    """

    def __init__(
        self,
        database: Database,
        projectors: Iterable[Projector] = (),
        guard: Guard = appending.anybody,
        lasted: Mapping[str, Lasted] = appending.NOBODY,
    ) -> None:
        self._database, self._guard = database, guard
        self._projectors: dict[str, list[Projector]] = {}
        for projector in projectors:
            self._projectors.setdefault(projector.kind, []).append(projector)
        self._followers: set[Follower] = set()
        self._appender = Appender(self._write, lasted)
        # Where streams ended when this process committed to them last. Others may have appended since: then the
        # version is there already when it is inserted, and the end is read.
        self._ends = OrderedDict[str, tuple[int, str]]()
        self._log: dict[str, Any] | None = None  # as this process left it
        self._size = 0  # of it; a failover may have made it shorter
        self._alone = 0  # how often in a row it was that

    async def append(self, stream: str, expected: int, drafts: Sequence[Draft]) -> list[Event]:
        if not drafts:
            return []
        return await self._appender.written(Append(stream, expected, drafts))

    async def _write(self, appends: list[Append], wary: bool) -> list[Verdict]:
        try:
            return await self._written(appends, wary)
        except Overtaken:
            self._alone = 0
            return await self._written(appends, wary)  # reads the log

    async def _written(self, appends: list[Append], wary: bool) -> list[Verdict]:
        verdicts: list[Verdict] = []
        decided = False
        try:
            async with self._growth(remembered=not wary) as growth:
                appends += [] if appends else self._appender.take()
                try:
                    verdicts = await self._decide(growth, appends, wary)
                    await self._insert(growth, [verdict for verdict in verdicts if isinstance(verdict, list)])
                    await growth.settle()
                except Exception as fault:
                    if await bulk.lost(growth.connection):
                        raise ConnectionLost from Unanswered(str(fault))
                    raise
                decided = True
        except Exception as fault:
            known = isinstance(fault, IntegrityError) or (bool(appends) and not decided)
            if known and not isinstance(fault, ConnectionLost):
                raise
            for append in appends:  # whether it was committed is not known
                self._ends.pop(append.stream, None)
            if isinstance(fault, ConnectionLost):
                raise
            raise ConnectionLost from fault
        return verdicts

    async def _decide(self, growth: Growth, appends: Sequence[Append], wary: bool) -> list[Verdict]:
        others = await self._guard(growth.connection, {append.stream for append in appends})
        ends, unknown = dict[str, tuple[int, str]](), list[str]()
        for append in appends:
            if append.stream in ends:
                continue
            ends[append.stream] = self._ends.get(append.stream, (0, ""))
            if wary or not append.expected or ends[append.stream][0] != append.expected:
                unknown.append(append.stream)
        if unknown:
            ends |= await _ends(growth.connection, unknown)
        verdicts: list[Verdict] = []
        for append in appends:
            version, previous = ends[append.stream]
            if append.stream in others:
                verdicts.append(NotOurs(append.stream))
            elif version != append.expected:
                verdicts.append(Conflict(append.stream, append.expected, version))
            else:
                verdicts.append(appended := sealed(append.stream, version, previous, append.drafts))
                ends[append.stream] = appended[-1].version, appended[-1].hash
        return verdicts

    @asynccontextmanager
    async def _growth(self, remembered: bool = False) -> AsyncIterator[Growth]:
        """A transaction in which only we append. When it is committed, what was is told, in order. `remembered`: the
        log may be as we left it; Overtaken or IntegrityError when it is not, and then it is read the next time."""
        async with self._database.growing:
            log, self._log = self._log, None
            async with self._database.write(growing=True) as connection:
                growth = await self._begun(connection, log, remembered)
                yield growth
            self._log, self._size = appending.row_of_log(growth.log), growth.log.size
            for appended in growth.told:
                self._ends[appended[-1].stream] = (appended[-1].version, appended[-1].hash)
                self._ends.move_to_end(appended[-1].stream)
                for follower in self._followers:
                    follower.take(appended)
            while len(self._ends) > ENDS_KEPT:
                self._ends.popitem(last=False)

    async def _begun(self, connection: AsyncConnection, log: dict[str, Any] | None, remembered: bool) -> Growth:
        """Once nobody else appends; on PostgreSQL, where nobody else is expected to, perhaps not yet."""
        sqlite = self._database.sqlite
        alone = sqlite or (self._alone >= ALONE and bulk.silent(connection))
        if log is not None and remembered and alone:
            growth = Growth(connection, appending.peaks_of(**log), unread=True)
            if not sqlite:
                bulk.owe(connection, growth.begin)
            return growth
        there = await appending.head(connection) if sqlite else await appending.begun(connection)
        if log is not None:
            self._alone = self._alone + 1 if appending.row_of_log(there) == log else 0
        if there.size < self._size:
            self._ends.clear()
        return Growth(connection, there, unread=False)

    async def _insert(
        self, growth: Growth, streams: Sequence[list[Event]], announced: bool = True, prepared: Any = None
    ) -> None:
        """Into the log, and what follows from it into the tables."""
        every = [event for appended in streams for event in appended]
        if not every:
            return
        await appending.enter(growth, every)
        kinds: dict[str, dict[str, list[Event]]] = {}
        for appended in streams:
            kinds.setdefault(appending.kind_of(appended[0].stream), {}).setdefault(appended[0].stream, []).extend(
                appended
            )
        for kind, of_kind in kinds.items():
            batch = EventBatch(list(of_kind.values()), announced, prepared)
            for projector in self._projectors.get(kind, ()):
                await projector.project(growth.connection, batch)
        growth.grown = True
        growth.told += streams if announced else ()

    async def along(self, stream: str, work: Callable[[AsyncConnection], Awaitable[Draft | None]]) -> Sequence[Event]:
        """Change rows and append the entry that says so at the end of a stream, in one transaction; nothing when
        `work` yields none."""
        return await appending.to_the_end(self._along(stream, work))

    async def _along(self, stream: str, work: Callable[[AsyncConnection], Awaitable[Draft | None]]) -> Sequence[Event]:
        async with self._growth() as growth:
            draft = await work(growth.connection)
            return [] if draft is None else await self._add(growth, stream, draft)

    async def _add(self, growth: Growth, stream: str, draft: Draft) -> list[Event]:
        """At the end of the stream, wherever that is."""
        await self._ours(growth, [stream])
        version, previous = (await _ends(growth.connection, [stream]))[stream]
        appended = sealed(stream, version, previous, [draft])
        await self._insert(growth, [appended])
        return appended

    async def _ours(self, growth: Growth, streams: Collection[str]) -> None:
        for stream in await self._guard(growth.connection, streams):
            raise NotOurs(stream)

    async def begin(
        self,
        new: Sequence[tuple[str, Draft]],
        also: Callable[[AsyncConnection], Awaitable[None]] | None = None,
        prepared: Any = None,
    ) -> None:
        """Begin many streams of one kind with one event each, and do what belongs to it, in one transaction.

        For imports; followers are not told. `prepared`: as in `EventBatch`. IntegrityError when one is there already,
        and whatever `also` raises: nothing was written then.
        """
        await appending.to_the_end(self._begin(new, also, prepared))

    async def _begin(
        self,
        new: Sequence[tuple[str, Draft]],
        also: Callable[[AsyncConnection], Awaitable[None]] | None,
        prepared: Any,
    ) -> None:
        salts = iter(fresh_salts(len(new)))
        begun = [sealed(stream, 0, "", [draft], salts.__next__) for stream, draft in new]
        async with self._growth() as growth:
            await self._ours(growth, [stream for stream, _ in new])
            await self._insert(growth, begun, announced=False, prepared=prepared)
            if also is not None:
                await also(growth.connection)

    async def append_each(
        self, streams: Sequence[str], decide: Callable[[list[Event]], Sequence[Draft]]
    ) -> list[list[Event]]:
        """Read many streams of one kind, decide on each, append what was decided: in one transaction, in which nobody
        else appends. What was appended to each; nothing where nothing was decided."""
        return await appending.to_the_end(self._append_each(streams, decide))

    async def _append_each(
        self, streams: Sequence[str], decide: Callable[[list[Event]], Sequence[Draft]]
    ) -> list[list[Event]]:
        appended: list[list[Event]] = []
        async with self._growth() as growth:
            await self._ours(growth, streams)
            for stream in streams:
                entries = await stream_events(growth.connection, stream)
                version, previous = (entries[-1].version, entries[-1].hash) if entries else (0, "")
                drafts = decide(entries)
                appended.append(sealed(stream, version, previous, drafts) if drafts else [])
            await self._insert(growth, [some for some in appended if some])
        return appended

    async def erase(self, stream: str, versions: Collection[int], by: Actor, at: datetime, reason: str = "") -> Event:
        """Wipe what these events say, who by name said it and the salt; the event that accounts for it.

        Chains, tree and checkpoints go on verifying. LookupError for a version that is not there; ValueError for
        none at all, and for an account of earlier erasures: that stays. What was wiped before is only named again.
        Rows projected from the stream are not touched.
        """
        if not versions:
            raise ValueError("nothing to erase")
        event = await appending.to_the_end(self._erase(stream, sorted(set(versions)), by, at, reason))
        await self._database.overwrite_erased(events.name)
        return event

    async def _erase(self, stream: str, versions: list[int], by: Actor, at: datetime, reason: str) -> Event:
        async with self._growth() as growth:
            await wipe_event(growth.connection, stream, versions)
            account = Draft(ERASED, {"versions": versions, "reason": reason}, at, by)
            return (await self._add(growth, stream, account))[0]

    async def read(self, stream: str, after: int = 0) -> list[Event]:
        async with self._database.read() as connection:
            return await stream_events(connection, stream, after)

    async def last(self, stream: str) -> int:
        """Its newest version; 0 for an unknown stream."""
        async with self._database.read() as connection:
            version, _ = await _tail(connection, stream)
            return version

    def follow(self, kinds: Iterable[str]) -> AsyncIterator[Event]:
        """As `Journal.follow`; FollowerTooSlow ends it when the follower is too far behind."""
        follower = Follower(frozenset(kinds))
        self._followers.add(follower)  # from this call on, not from the first `anext`
        return self._follow(follower)

    async def _follow(self, follower: Follower) -> AsyncIterator[Event]:
        try:
            while True:
                yield await follower.next()
        finally:
            self._followers.discard(follower)

    async def follow_all(
        self, wanted: Mapping[str, Collection[str]], after: int | None = None
    ) -> AsyncIterator[Sequence[Event]]:
        """What any process appends, imports too, in the log's order, up to `LOOK` seconds later. The database's errors
        end it.

        `wanted`: by kind of stream the types of its events; none: all of them. `after`: how much of the log is known
        already; None: what is there when it begins.
        """
        those = or_(
            *(
                and_(events.c.kind == kind, *([events.c.type.in_(types)] if types else ()))
                for kind, types in wanted.items()
            )
        )
        new = select(events).where(events.c.leaf >= bindparam("read"), events.c.leaf < bindparam("upto"), those)
        while True:
            async with self._database.read() as connection:
                size, _ = await appending.head_row(connection)
                read = size if after is None else after
                upto = min(size, read + MOST_READ)
                appended = []
                if upto > read:
                    rows = await connection.execute(new.order_by(events.c.leaf), {"read": read, "upto": upto})
                    appended = [event_of(row) for row in rows.mappings()]
            after = upto
            if appended:
                yield appended
            if upto == size:
                await asyncio.sleep(LOOK)


_STREAM = (
    select(events)
    .where(events.c.stream == bindparam("of"), events.c.version > bindparam("after"))
    .order_by(events.c.version)
)


async def stream_events(connection: AsyncConnection, stream: str, after: int = 0) -> list[Event]:
    """`Journal.read` inside a transaction that is already open."""
    rows = await connection.execute(_STREAM, {"of": stream, "after": after})
    return [event_of(row) for row in rows.mappings()]


async def streams_events(connection: AsyncConnection, streams: Sequence[str]) -> dict[str, list[Event]]:
    """All events of many streams, by stream; an unknown one is not there."""
    found: dict[str, list[Event]] = {}
    for piece in _pieces(streams):
        wanted = select(events).where(events.c.stream.in_(piece)).order_by(events.c.stream, events.c.version)
        for row in (await connection.execute(wanted)).mappings():
            found.setdefault(row["stream"], []).append(event_of(row))
    return found


async def _tail(connection: AsyncConnection, stream: str) -> tuple[int, str]:
    row = (await connection.execute(_newest(stream))).one_or_none()
    return (0, "") if row is None else (row.version, row.hash)


async def _ends(connection: AsyncConnection, streams: Sequence[str]) -> dict[str, tuple[int, str]]:
    """The newest version of each and its hash; (0, "") of one that is not there."""
    asked = text(_ENDS_SQLITE if connection.dialect.name == "sqlite" else _ENDS_POSTGRES)
    rows = (await connection.execute(asked, {"streams": compact(list(streams))})).all()
    return dict.fromkeys(streams, (0, "")) | {stream: (version, digest) for stream, version, digest in rows}


def _newest(stream: str) -> Select[tuple[int, str]]:
    return (
        select(events.c.version, events.c.hash)
        .where(events.c.stream == stream)
        .order_by(events.c.version.desc())
        .limit(1)
    )


def event_of(row: RowMapping) -> Event:
    actor = Actor(row["actor_kind"], row["actor_id"], row["actor_name"], row["actor_role"], row["actor_office"])
    place = row["stream"], row["version"], row["type"]
    return Event(*place, row["data"], row["at"], actor, row["salt"], row["content"], row["hash"])
