"""Group commit: appends of a process that wait at the same moment are written in one transaction.

Owns the queue of a journal's appends and the one task that empties it. Whoever waits when the log is this process's
to grow goes in together; where that fails, halves are tried by themselves until whoever is at fault stands alone. And
who follows what was committed.

Owns how a transaction appends: `events`, and of the Merkle tree over them `log_head` and `log_nodes`, its right edge
and every 2^`TILE`th level of complete nodes. A leaf is the hash of an event, so leaves are read from `events`, and what
lies between the kept levels is hashed again from at most 256 hashes when a proof asks for it
(`server.evidence.log_store`): an append writes one small row here, and a million events keep four thousand nodes.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import Table, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import Conflict, Draft, Event, JournalError, WrittenData
from journal.merkle import Peaks, leaf_hash
from server.db import FollowerTooSlow, bulk
from server.db.schema import events, log_head, log_nodes

MOST_TOGETHER = 128  # appends: a transaction keeps all other processes waiting

_T = TypeVar("_T")


class Guard(Protocol):
    """Says which streams this process may no longer append to: asked once in each transaction that appends."""

    async def __call__(self, connection: AsyncConnection, streams: Collection[str]) -> Collection[str]:
        """Those of `streams` that are another's by now. Nobody else appends until this transaction ends."""
        ...


async def anybody(connection: AsyncConnection, streams: Collection[str]) -> Collection[str]:
    """The guard of an installation of one process."""
    return ()


class ConnectionLost(Exception):
    """Nobody can say whether the transaction was committed, so it is not tried again."""


class Overtaken(Exception):
    """The log is another than remembered; nothing was written."""


@dataclass(slots=True, eq=False)
class Append:
    """What somebody waits for: Conflict, NotOurs, or what kept it from being written."""

    stream: str
    expected: int
    drafts: Sequence[Draft]
    answer: asyncio.Future[list[Event]] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


Verdict = list[Event] | JournalError
Lasted = Callable[[float], None]  # is told seconds
NOBODY: Final[Mapping[str, Lasted]] = {}


class Appender:
    """`write` has one transaction for appends it is given, or for those it takes from here, once that can be done.

    It returns when that is committed, with a verdict on each of them; whatever it raises, nothing was written, and
    ConnectionLost says that it is no use to try again.
    """

    def __init__(
        self, write: Callable[[list[Append], bool], Awaitable[list[Verdict]]], lasted: Mapping[str, Lasted] = NOBODY
    ) -> None:
        """`lasted`: by how an append ended, "appended", "conflict" or "failed", who is told how long it took."""
        self._write, self._lasted = write, lasted
        self._waiting: deque[Append] = deque()
        self._task: asyncio.Task[None] | None = None

    async def written(self, append: Append) -> list[Event]:
        """A caller cancelled in the middle of a commit must not leave a committed event unannounced."""
        began, outcome = time.perf_counter(), "failed"
        try:
            appended = await to_the_end(self.put(append))
            outcome = "appended"
            return appended
        except Conflict:
            outcome = "conflict"
            raise
        finally:
            if (tell := self._lasted.get(outcome)) is not None:
                tell(time.perf_counter() - began)

    def put(self, append: Append) -> asyncio.Future[list[Event]]:
        self._waiting.append(append)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._work(), name="appends")
        return append.answer

    def take(self) -> list[Append]:
        return [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_TOGETHER))]

    async def _work(self) -> None:
        while self._waiting:
            await self._together([])

    async def _together(self, appends: list[Append], wary: bool = False) -> None:
        """`wary`: where the log and its streams end is read, whatever is remembered of them."""
        try:
            verdicts = await self._write(appends, wary)
        except Exception as fault:
            if not appends and not wary:  # a connection that was lost while nobody used it; perhaps the next is better
                await self._together([], wary=True)
            else:
                await self._apart(appends or self.take(), fault, wary)
        except BaseException:
            for append in [*appends, *self.take()]:
                append.answer.cancel()
            raise
        else:
            for append, verdict in zip(appends, verdicts, strict=True):
                if append.answer.done():
                    continue
                if isinstance(verdict, JournalError):
                    append.answer.set_exception(verdict)
                else:
                    append.answer.set_result(verdict)

    async def _apart(self, appends: list[Append], fault: Exception, wary: bool) -> None:
        lost = isinstance(fault, ConnectionLost)
        overtaken = isinstance(fault, IntegrityError) and not wary
        if lost or (len(appends) == 1 and not overtaken):
            for append in appends:
                append.answer.set_exception((fault.__cause__ or fault) if lost else fault)
            return
        middle = len(appends) // 2
        for half in (appends[:middle], appends[middle:]):
            if half:
                await self._together(half, wary=True)


TILE = 8  # levels
GROWING = "yuntiao.log"
"""Whoever appends is alone under this name until the end of its transaction: leaves are numbered as they commit."""

_DIGEST = 32  # bytes
Rows = tuple[Table, Sequence[Mapping[str, Any]]]
_FEW_ENOUGH = 64  # events: more go in by COPY
_TURN = f"BEGIN; SELECT pg_advisory_xact_lock(hashtext('{GROWING}')); SELECT size, peaks FROM log_head"  # noqa: S608 - our own name
_TURN_IF_FREE = (
    f"turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(hashtext('{GROWING}')) AS ours), "  # noqa: S608 - as above
    "grown AS (UPDATE log_head SET size = %s, peaks = %s FROM turn "
    "WHERE turn.ours AND id = 1 AND size = %s AND peaks = %s RETURNING 1)"
)
_GROWN = (
    "INSERT INTO log_head (id, size, peaks) VALUES (1, %s, %s) "
    "ON CONFLICT (id) DO UPDATE SET size = excluded.size, peaks = excluded.peaks"
)
_REGROWN = "UPDATE log_head SET size = ?, peaks = ? WHERE id = 1 AND size = ? AND peaks = ?"


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
    values = row_of_log(tree)
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


async def enter(growth: Growth, every: Sequence[Event]) -> None:
    """Into the tree and the table, where the tree was not read perhaps with what is asked next or `settled`."""
    connection, few = growth.connection, len(every) <= _FEW_ENOUGH
    if connection.dialect.name != "sqlite" and growth.unread and not few:
        await bulk.pay(connection)
    tree, was = growth.log, row_of_log(growth.log)
    hashes = [event.hash for event in every]
    rows = [row_of(leaf, event) for leaf, event in enumerate(every, tree.size)]
    if not growth.unread and (connection.dialect.name == "sqlite" or not few):
        await grow(connection, tree, hashes)
        await bulk.insert_rows(connection, events, rows)
        return
    new: list[Rows] = [(log_nodes, _leaves_put(tree, hashes)), (events, rows)]
    if not growth.unread:
        await _put(connection, tree, new)
    elif connection.dialect.name == "sqlite":
        await bulk.hold(connection, _REGROWN, [*row_of_log(tree).values(), *was.values()], new)
    else:
        growth.held = was, new


async def _put(connection: AsyncConnection, tree: Peaks, new: Sequence[Rows]) -> None:
    """All in one statement to PostgreSQL."""
    *kept, (entered, values) = [bulk.insertion(connection.dialect, table, some) for table, some in new if some]
    beside = ", ".join(["grown AS (" + _GROWN + ")", *(f"kept AS ({sql})" for sql, _ in kept)])
    above = [value for _, some in kept for value in some]
    await bulk.tell(connection, f"WITH {beside} {entered}", [*row_of_log(tree).values(), *above, *values])


async def begun(connection: AsyncConnection) -> Peaks:
    """Begin, once nobody else appends to PostgreSQL, and read the log."""
    rows = await bulk.tell(connection, _TURN)
    return peaks_of(*rows[0]) if rows else Peaks()


def row_of_log(tree: Peaks) -> dict[str, Any]:
    return {"size": tree.size, "peaks": b"".join(tree.hashes)}


@dataclass(slots=True)
class Growth:
    """A transaction that appends. `unread`: `log` is what we remember, not what is there; PostgreSQL has not been asked
    anything then, and what is `held` with the log that it was made for goes with whatever it is asked first."""

    connection: AsyncConnection
    log: Peaks
    unread: bool
    grown: bool = False
    told: list[list[Event]] = field(default_factory=list)
    held: tuple[dict[str, Any], Sequence[Rows]] | None = None

    async def begin(self) -> None:
        """On PostgreSQL, where something is asked before the end. Overtaken."""
        log, self.unread = await begun(self.connection), False
        if self.held is None:
            self.log = log
            return
        (was, new), self.held = self.held, None
        if row_of_log(log) != was:
            raise Overtaken
        await _put(self.connection, self.log, new)

    async def settle(self) -> None:
        """Where nothing was asked of PostgreSQL: do everything in one statement that is a transaction by itself. It
        takes the turn if that is free, and changes nothing unless it is and the log is as remembered. Overtaken."""
        if self.held is None:
            return
        bulk.owe(self.connection, None)
        was, new = self.held
        *kept, (entered, values) = [
            bulk.insertion(self.connection.dialect, table, some, "grown") for table, some in new if some
        ]
        above = [value for _, some in kept for value in some]
        given = [*row_of_log(self.log).values(), *was.values(), *above, *values]
        if not await bulk.change(self.connection, _alone(entered, *(sql for sql, _ in kept)), given):
            raise Overtaken


@lru_cache(maxsize=256)
def _alone(entered: str, *kept: str) -> str:
    """The statement that is a transaction by itself; the same object each time, see `bulk.change`."""
    return f"WITH {', '.join([_TURN_IF_FREE, *(f'kept AS ({sql})' for sql in kept)])} {entered}"


def row_of(leaf: int, event: Event) -> dict[str, Any]:
    return {
        "leaf": leaf,
        "stream": event.stream,
        "version": event.version,
        "kind": kind_of(event.stream),
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


FOLLOWER_BACKLOG = 10_000  # events a follower may be behind before it is cut off


class Follower:
    """A bounded backlog of events of some kinds. `take` never waits: an append must not depend on its readers."""

    def __init__(self, kinds: frozenset[str]) -> None:
        self._kinds = kinds
        self._backlog: deque[Event] = deque()
        self._news = asyncio.Event()
        self._lost = False

    def take(self, appended: Sequence[Event]) -> None:
        if self._lost or kind_of(appended[0].stream) not in self._kinds:
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


def kind_of(stream: str) -> str:
    return stream.partition("/")[0]


async def to_the_end(work: Coroutine[Any, Any, _T] | asyncio.Future[_T]) -> _T:
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
        if not task.cancelled():
            task.exception()  # nobody is left to hear it
        raise
