"""The journal in SQL: appends, the tree over them and their projections in one durable transaction; tells followers.

Owns the `events` table and the in-process broadcast of what was committed.

The Merkle tree over all events, kept beside them: its right edge, and every 2^`TILE`th level of complete nodes.

Owns `log_head` and `log_nodes`. A leaf is the hash of an event, so leaves are read from `events`, and what lies
between the kept levels is hashed again from at most 256 hashes when a proof asks for it: an append writes one small
row here, and a million events keep four thousand nodes.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import RowMapping, Select, insert, literal, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import ERASED, Actor, Conflict, Draft, Event, WrittenData, fresh_salts, sealed
from journal.merkle import Node, Peaks, Range, hashed, leaf_hash, node_hash, nodes
from server.db.engine import Database, FollowerTooSlow, insert_rows
from server.db.schema import events, log_head, log_nodes

TILE = 8  # levels
GROWING = "yuntiao.log"
"""Whoever appends is alone under this name until the end of its transaction: leaves are numbered as they commit."""

_WIDTH = 1 << TILE
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


async def grow(connection: AsyncConnection, tree: Peaks, hashes: Iterable[str], unread: bool = False) -> bool:
    """Add events by their hashes, in the transaction that inserts them.

    `unread`: the tree was not read in this transaction. False, and nothing is done, when the log is another by now.
    """
    was = _row_of_log(tree)
    complete = []
    for entry in hashes:
        for (level, number), digest in tree.append(leaf_hash(bytes.fromhex(entry))):
            if level % TILE == 0:
                complete.append({"level": level, "number": number, "hash": digest})
    values = _row_of_log(tree)
    change = update(log_head).where(log_head.c.id == 1)
    if unread:
        change = change.where(log_head.c.size == was["size"], log_head.c.peaks == was["peaks"])
    if not (await connection.execute(change.values(values))).rowcount:
        if unread:
            return False
        await connection.execute(insert(log_head).values(id=1, **values))
    if complete:
        await connection.execute(insert(log_nodes), complete)
    return True


def _row_of_log(tree: Peaks) -> dict[str, Any]:
    return {"size": tree.size, "peaks": b"".join(tree.hashes)}


async def hashes_of(connection: AsyncConnection, asked: Sequence[Sequence[Range]]) -> list[list[bytes]]:
    """The hashes of lists of ranges; LookupError when the tree has not got all of their leaves."""
    look = await _lookup(connection, nodes(part for ranges in asked for part in ranges))
    return [hashed(ranges, look) for ranges in asked]


async def _lookup(connection: AsyncConnection, wanted: set[Node]) -> Callable[[Node], bytes]:
    known: dict[Node, bytes] = {}
    for level, tile in sorted({_tile_of(node) for node in wanted}):
        known.update(await _tile(connection, level, tile))

    def look(node: Node) -> bytes:
        if node not in known:
            level, number = node
            if level % TILE == 0:
                raise LookupError(f"the tree has no node {number} on level {level}")
            known[node] = node_hash(look((level - 1, 2 * number)), look((level - 1, 2 * number + 1)))
        return known[node]

    return look


def _tile_of(node: Node) -> tuple[int, int]:
    """The kept level below a node, and which 256 of it the node stands over."""
    level, number = node
    above = level % TILE
    return level - above, (number << above) >> TILE


async def _tile(connection: AsyncConnection, level: int, tile: int) -> dict[Node, bytes]:
    first, last = tile * _WIDTH, (tile + 1) * _WIDTH - 1
    if level == 0:
        leaves = select(events.c.leaf, events.c.hash).where(events.c.leaf.between(first, last))
        return {(0, leaf): leaf_hash(bytes.fromhex(entry)) for leaf, entry in (await connection.execute(leaves)).all()}
    kept = select(log_nodes.c.number, log_nodes.c.hash).where(
        log_nodes.c.level == level, log_nodes.c.number.between(first, last)
    )
    return {(level, number): digest for number, digest in (await connection.execute(kept)).all()}


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


ENDS_KEPT = 256  # streams whose end this process remembers
FOLLOWER_BACKLOG = 10_000  # events a follower may be behind before it is cut off


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

    `follow` reports what this process appended: one web process owns all streams it writes.
    """

    def __init__(self, database: Database, projectors: Iterable[Projector] = ()) -> None:
        self._database = database
        self._projectors: dict[str, list[Projector]] = {}
        for projector in projectors:
            self._projectors.setdefault(projector.kind, []).append(projector)
        self._followers: set[_Follower] = set()
        # The log as this process left it, and where streams ended then. Others write too, and a transaction may be
        # rolled back: whoever goes on from it asks for this very log, whose peaks stand for every event in it.
        self._log: dict[str, Any] = {}
        self._ends: dict[str, tuple[int, str]] = {}

    async def append(self, stream: str, expected: int, drafts: Sequence[Draft]) -> list[Event]:
        if not drafts:
            return []
        # A caller cancelled in the middle of a commit must not leave a committed event unannounced.
        return await to_the_end(self._append(stream, expected, drafts))

    async def _append(self, stream: str, expected: int, drafts: Sequence[Draft]) -> list[Event]:
        async with self._database.write() as connection:
            await self._database.alone(connection, GROWING)
            appended = await self._append_unread(connection, stream, expected, drafts)
            if appended is None:
                version, previous, log = await _ends(connection, stream)
                if version != expected:
                    raise Conflict(stream, expected, version)
                appended = sealed(stream, version, previous, drafts)
                await self._insert(connection, EventBatch([appended]), log)
        return self._told(appended)

    async def _append_unread(
        self, connection: AsyncConnection, stream: str, expected: int, drafts: Sequence[Draft]
    ) -> list[Event] | None:
        """Append where this process left the stream, without reading; None when that cannot be or is not so."""
        version, previous = self._ends.get(stream, (0, ""))
        if version != expected or not version:
            return None
        appended = sealed(stream, version, previous, drafts)
        known = peaks_of(self._log["size"], self._log["peaks"])
        return appended if await self._insert(connection, EventBatch([appended]), known, unread=True) else None

    async def along(self, stream: str, work: Callable[[AsyncConnection], Awaitable[Draft | None]]) -> Sequence[Event]:
        """Change rows and append the entry that says so at the end of a stream, in one transaction; nothing when
        `work` yields none."""
        return await to_the_end(self._along(stream, work))

    async def _along(self, stream: str, work: Callable[[AsyncConnection], Awaitable[Draft | None]]) -> Sequence[Event]:
        async with self._database.write() as connection:
            await self._database.alone(connection, GROWING)
            draft = await work(connection)
            if draft is None:
                return []
            version, previous, log = await _ends(connection, stream)
            appended = sealed(stream, version, previous, [draft])
            await self._insert(connection, EventBatch([appended]), log)
        return self._told(appended)

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
        await to_the_end(self._begin(new, also, prepared))

    async def _begin(
        self,
        new: Sequence[tuple[str, Draft]],
        also: Callable[[AsyncConnection], Awaitable[None]] | None,
        prepared: Any,
    ) -> None:
        salts = iter(fresh_salts(len(new)))
        begun = [sealed(stream, 0, "", [draft], salts.__next__) for stream, draft in new]
        async with self._database.write() as connection:
            await self._database.alone(connection, GROWING)
            await self._insert(
                connection, EventBatch(begun, announced=False, prepared=prepared), await head(connection)
            )
            if also is not None:
                await also(connection)

    async def append_each(
        self, streams: Sequence[str], decide: Callable[[list[Event]], Sequence[Draft]]
    ) -> list[list[Event]]:
        """Read many streams of one kind, decide on each, append what was decided: in one transaction, in which nobody
        else appends. What was appended to each; nothing where nothing was decided."""
        return await to_the_end(self._append_each(streams, decide))

    async def _append_each(
        self, streams: Sequence[str], decide: Callable[[list[Event]], Sequence[Draft]]
    ) -> list[list[Event]]:
        appended: list[list[Event]] = []
        async with self._database.write() as connection:
            await self._database.alone(connection, GROWING)
            for stream in streams:
                entries = await stream_events(connection, stream)
                version, previous = (entries[-1].version, entries[-1].hash) if entries else (0, "")
                drafts = decide(entries)
                appended.append(sealed(stream, version, previous, drafts) if drafts else [])
            told = [some for some in appended if some]
            await self._insert(connection, EventBatch(told), await head(connection))
        for some in told:
            self._told(some)
        return appended

    async def erase(self, stream: str, versions: Collection[int], by: Actor, at: datetime, reason: str = "") -> Event:
        """Wipe what these events say, who by name said it and the salt; the event that accounts for it.

        Chains, tree and checkpoints go on verifying. LookupError for a version that is not there; ValueError for
        none at all, and for an account of earlier erasures: that stays. What was wiped before is only named again.
        Rows projected from the stream are not touched.
        """
        if not versions:
            raise ValueError("nothing to erase")
        event = await to_the_end(self._erase(stream, sorted(set(versions)), by, at, reason))
        await self._database.overwrite_erased(events.name)
        return event

    async def _erase(self, stream: str, versions: list[int], by: Actor, at: datetime, reason: str) -> Event:
        async with self._database.write() as connection:
            await self._database.alone(connection, GROWING)
            await wipe_event(connection, stream, versions)
            version, previous, log = await _ends(connection, stream)
            account = Draft(ERASED, {"versions": versions, "reason": reason}, at, by)
            appended = sealed(stream, version, previous, [account])
            await self._insert(connection, EventBatch([appended]), log)
        return self._told(appended)[0]

    async def _insert(self, connection: AsyncConnection, batch: EventBatch, log: Peaks, unread: bool = False) -> bool:
        """Into the log, which has grown to `log`, and what follows from it into the tables. `unread`: as of `grow`."""
        every = [event for appended in batch.streams for event in appended]
        if not every:
            return True
        was = _row_of_log(log)
        if not await grow(connection, log, (event.hash for event in every), unread):
            return False
        await insert_rows(connection, events, [row_of(leaf, event) for leaf, event in enumerate(every, was["size"])])
        self._leave(was, log, batch)
        for projector in self._projectors.get(_kind(every[0].stream), ()):
            await projector.project(connection, batch)
        return True

    def _leave(self, was: dict[str, Any], log: Peaks, batch: EventBatch) -> None:
        if was != self._log:
            self._ends.clear()
        self._log = _row_of_log(log)
        for appended in batch.streams[-ENDS_KEPT:]:
            self._ends.pop(appended[-1].stream, None)  # the newest last
            self._ends[appended[-1].stream] = (appended[-1].version, appended[-1].hash)
        for stream in list(self._ends)[:-ENDS_KEPT]:
            del self._ends[stream]

    def _told(self, appended: list[Event]) -> list[Event]:
        """After the commit."""
        for follower in self._followers:
            follower.take(appended)
        return appended

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
        follower = _Follower(frozenset(kinds))
        self._followers.add(follower)  # from this call on, not from the first `anext`
        return self._follow(follower)

    async def _follow(self, follower: _Follower) -> AsyncIterator[Event]:
        try:
            while True:
                yield await follower.next()
        finally:
            self._followers.discard(follower)


class _Follower:
    """A bounded backlog of events of some kinds. `take` never waits: an append must not depend on its readers."""

    def __init__(self, kinds: frozenset[str]) -> None:
        self._kinds = kinds
        self._backlog: deque[Event] = deque()
        self._news = asyncio.Event()
        self._lost = False

    def take(self, appended: Sequence[Event]) -> None:
        if self._lost or _kind(appended[0].stream) not in self._kinds:
            return
        if len(self._backlog) + len(appended) > FOLLOWER_BACKLOG:
            self._lost = True
        else:
            self._backlog.extend(appended)
        self._news.set()

    async def next(self) -> Event:
        while not self._backlog:
            if self._lost:
                raise FollowerTooSlow(f"more than {FOLLOWER_BACKLOG} events behind")
            self._news.clear()
            await self._news.wait()
        return self._backlog.popleft()


async def stream_events(connection: AsyncConnection, stream: str, after: int = 0) -> list[Event]:
    """`Journal.read` inside a transaction that is already open."""
    wanted = select(events).where(events.c.stream == stream, events.c.version > after).order_by(events.c.version)
    return [event_of(row) for row in (await connection.execute(wanted)).mappings()]


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


async def _ends(connection: AsyncConnection, stream: str) -> tuple[int, str, Peaks]:
    """What an append goes on from: the stream's newest version and hash, and the tree. One statement."""
    newest, always = _newest(stream).subquery(), select(literal(1)).subquery()
    both = select(newest.c.version, newest.c.hash, log_head.c.size, log_head.c.peaks).select_from(
        always.outerjoin(newest, true()).outerjoin(log_head, true())
    )
    row = (await connection.execute(both)).one()
    return row.version or 0, row.hash or "", peaks_of(row.size or 0, row.peaks or b"")


def _newest(stream: str) -> Select[tuple[int, str]]:
    return (
        select(events.c.version, events.c.hash)
        .where(events.c.stream == stream)
        .order_by(events.c.version.desc())
        .limit(1)
    )


async def to_the_end(work: Coroutine[Any, Any, _T]) -> _T:
    """Await work that a cancelled caller still lets finish before the cancellation goes on."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError:
                continue
        raise


def _kind(stream: str) -> str:
    return stream.partition("/")[0]


def row_of(leaf: int, event: Event) -> dict[str, Any]:
    return {
        "leaf": leaf,
        "stream": event.stream,
        "version": event.version,
        "kind": _kind(event.stream),
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
