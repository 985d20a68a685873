"""The journal in SQL: appends, the tree over them and their projections in one durable transaction; tells followers.

Owns the `events` table and the in-process broadcast of what was committed; and of the Merkle tree over all events
`log_head` and `log_nodes`: its right edge, and every 2^`TILE`th level of complete nodes. A leaf is the hash of an
event, so leaves are read from `events`, and what lies between the kept levels is hashed again from at most 256 hashes
when a proof asks for it (`server.evidence.log_store`): an append writes one small row here, and a million events keep
four thousand nodes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import RowMapping, Select, bindparam, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import ERASED, Actor, Conflict, Draft, Event, NotOurs, WrittenData, fresh_salts, sealed
from journal.merkle import Peaks, leaf_hash
from journal.refusals import Unanswered
from server.db import appending, bulk, compact
from server.db.appending import Append, Appender, ConnectionLost, Follower, Guard, Lasted, Verdict
from server.db.engine import Database
from server.db.schema import events, log_head, log_nodes

TILE = 8  # levels
GROWING = "yuntiao.log"
"""Whoever appends is alone under this name until the end of its transaction: leaves are numbered as they commit."""

_DIGEST = 32  # bytes


async def head(connection: AsyncConnection) -> Peaks:
    """The tree as of this transaction. ValueError when what is kept makes no sense."""
    return peaks_of(*await head_row(connection))


def peaks_of(size: int, peaks: bytes) -> Peaks:
    """A row of `log_head` as a tree. ValueError when it makes no sense."""
    return Peaks(size, [peaks[at : at + _DIGEST] for at in range(0, len(peaks), _DIGEST)])


async def head_row(connection: AsyncConnection) -> tuple[int, bytes]:
    row = (await connection.execute(select(log_head.c.size, log_head.c.peaks))).one_or_none()
    return (0, b"") if row is None else (row.size, row.peaks)


async def grow(connection: AsyncConnection, tree: Peaks, hashes: Iterable[str]) -> None:
    """Add events by their hashes, in the transaction that inserts them."""
    complete = _leaves_put(tree, hashes)
    values = _row_of_log(tree)
    if not (await connection.execute(update(log_head).where(log_head.c.id == 1).values(values))).rowcount:
        await connection.execute(insert(log_head).values(id=1, **values))
    if complete:
        await connection.execute(insert(log_nodes), complete)


def _leaves_put(tree: Peaks, hashes: Iterable[str]) -> list[dict[str, Any]]:
    """The rows of `log_nodes` that are complete by them."""
    return [
        {"level": level, "number": number, "hash": digest}
        for entry in hashes
        for (level, number), digest in tree.append(leaf_hash(bytes.fromhex(entry)))
        if level % TILE == 0
    ]


async def _enter(connection: AsyncConnection, tree: Peaks, every: Sequence[Event], unread: bool) -> None:
    """Into the tree and the table. `unread`: the tree was not read in this transaction. IntegrityError, perhaps not
    before the commit, when it is another by now."""
    hashes = [event.hash for event in every]
    rows = [row_of(leaf, event) for leaf, event in enumerate(every, tree.size)]
    was = _row_of_log(tree)
    if connection.dialect.name == "sqlite" and unread:
        new = [(log_nodes, _leaves_put(tree, hashes)), (events, rows)]
        await bulk.hold(connection, _REGROWN, [*_row_of_log(tree).values(), *was.values()], new)
        return
    if connection.dialect.name == "sqlite" or len(rows) > _FEW_ENOUGH:
        await grow(connection, tree, hashes)
        await bulk.insert_rows(connection, events, rows)
        return
    new = [(log_nodes, _leaves_put(tree, hashes)), (events, rows)]
    *kept, (entered, values) = [bulk.insertion(connection.dialect, table, some) for table, some in new if some]
    beside = ", ".join(["grown AS (" + _GROWN + ")", *(f"kept AS ({sql})" for sql, _ in kept)])
    above = [value for _, some in kept for value in some]
    await bulk.tell(connection, f"WITH {beside} {entered}", [tree.size, _row_of_log(tree)["peaks"], *above, *values])


def _row_of_log(tree: Peaks) -> dict[str, Any]:
    return {"size": tree.size, "peaks": b"".join(tree.hashes)}


_PIECE = 500  # versions or streams a statement

_T = TypeVar("_T")


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


ENDS_KEPT = 4096  # streams whose end this process remembers
_FEW_ENOUGH = 64  # events: more go in by COPY
_TURN = f"BEGIN; SELECT pg_advisory_xact_lock(hashtext('{GROWING}')); SELECT size, peaks FROM log_head"  # noqa: S608 - our own name
_GROWN = (
    "INSERT INTO log_head (id, size, peaks) VALUES (1, %s, %s) "
    "ON CONFLICT (id) DO UPDATE SET size = excluded.size, peaks = excluded.peaks"
)
_REGROWN = "UPDATE log_head SET size = ?, peaks = ? WHERE id = 1 AND size = ? AND peaks = ?"
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


@dataclass(slots=True)
class _Growth:
    """A transaction that appends. `unread`: `log` is what we remember, not what is there."""

    connection: AsyncConnection
    log: Peaks
    unread: bool
    grown: bool = False
    told: list[list[Event]] = field(default_factory=list)


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

    `follow` reports what this process appended: one web process owns all streams it writes. `guard` says which it owns
    no longer; an append to one raises NotOurs.
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
        self._log: dict[str, Any] | None = None  # as this process left it, on SQLite, where others rarely write

    async def append(self, stream: str, expected: int, drafts: Sequence[Draft]) -> list[Event]:
        if not drafts:
            return []
        return await self._appender.written(Append(stream, expected, drafts))

    async def _write(self, appends: list[Append], wary: bool) -> list[Verdict]:
        verdicts: list[Verdict] = []
        decided = False
        try:
            async with self._growth(remembered=True) as growth:
                appends += [] if appends else self._appender.take()
                try:
                    verdicts = await self._decide(growth, appends, wary)
                    await self._insert(growth, [verdict for verdict in verdicts if isinstance(verdict, list)])
                except Exception as fault:
                    if await bulk.lost(growth.connection):
                        raise ConnectionLost from Unanswered(str(fault))
                    raise
                decided = True
        except Exception as fault:
            if isinstance(fault, ConnectionLost | IntegrityError) or (appends and not decided):
                raise
            for append in appends:  # whether it was committed is not known
                self._ends.pop(append.stream, None)
            raise ConnectionLost from fault
        return verdicts

    async def _decide(self, growth: _Growth, appends: Sequence[Append], wary: bool) -> list[Verdict]:
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
    async def _growth(self, remembered: bool = False) -> AsyncIterator[_Growth]:
        """A transaction in which only we append. When it is committed, what was is told, in order. `remembered`: the
        log may be as we left it; IntegrityError when it is not, and then it is read the next time."""
        async with self._database.growing:
            log, self._log = self._log, None
            async with self._database.write(growing=True) as connection:
                growth = _Growth(connection, *await self._tree(connection, log if remembered else None))
                yield growth
            if self._database.sqlite:
                self._log = _row_of_log(growth.log) if growth.grown else log
            for appended in growth.told:
                self._ends[appended[-1].stream] = (appended[-1].version, appended[-1].hash)
                self._ends.move_to_end(appended[-1].stream)
                for follower in self._followers:
                    follower.take(appended)
            while len(self._ends) > ENDS_KEPT:
                self._ends.popitem(last=False)

    async def _tree(self, connection: AsyncConnection, log: dict[str, Any] | None) -> tuple[Peaks, bool]:
        """The log, once nobody else appends, and whether it is only what we remember of it."""
        if self._database.sqlite:
            return (await head(connection), False) if log is None else (peaks_of(**log), True)
        rows = await bulk.tell(connection, _TURN)
        return peaks_of(*rows[0]) if rows else Peaks(), False

    async def _insert(
        self, growth: _Growth, streams: Sequence[list[Event]], announced: bool = True, prepared: Any = None
    ) -> None:
        """Into the log, and what follows from it into the tables."""
        every = [event for appended in streams for event in appended]
        if not every:
            return
        await _enter(growth.connection, growth.log, every, growth.unread)
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

    async def _add(self, growth: _Growth, stream: str, draft: Draft) -> list[Event]:
        """At the end of the stream, wherever that is."""
        await self._ours(growth, [stream])
        version, previous = (await _ends(growth.connection, [stream]))[stream]
        appended = sealed(stream, version, previous, [draft])
        await self._insert(growth, [appended])
        return appended

    async def _ours(self, growth: _Growth, streams: Collection[str]) -> None:
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


def row_of(leaf: int, event: Event) -> dict[str, Any]:
    return {
        "leaf": leaf,
        "stream": event.stream,
        "version": event.version,
        "kind": appending.kind_of(event.stream),
        "type": event.type,
        "at": event.at,
        "actor_kind": event.actor.kind,
        "actor_id": event.actor.id,
        "actor_name": event.actor.name,
        "actor_role": event.actor.role,
        "actor_office": event.actor.office,
        "data": event.data.text if isinstance(event.data, WrittenData) else event.data,
        "salt": event.salt,
        "content": event.content,
        "hash": event.hash,
    }


def event_of(row: RowMapping) -> Event:
    actor = Actor(row["actor_kind"], row["actor_id"], row["actor_name"], row["actor_role"], row["actor_office"])
    place = row["stream"], row["version"], row["type"]
    return Event(*place, row["data"], row["at"], actor, row["salt"], row["content"], row["hash"])
