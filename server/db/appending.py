"""Group commit: appends of a process that wait at the same moment are written in one transaction.

Owns the queue of a journal's appends and the one task that empties it. Whoever waits when the log is this process's
to grow goes in together; where that fails, halves are tried by themselves until whoever is at fault stands alone. And
who follows what was committed.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import Conflict, Draft, Event, JournalError
from server.db import FollowerTooSlow

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
        """`wary`: where the streams end is read, whatever is remembered of it."""
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
