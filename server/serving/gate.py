"""Every connection with what it is doing: how many there may be, what each must do in which time, the open files that
allow it, who makes room when there are too many, and from which sites a browser may open a socket.

A connection is silent (its request's headers are not all there), idle (between two requests) or busy with a request.
Whoever keeps us waiting longest is cut after a time, and who is busy when nothing moves (ASVS 13.1.2, 15.2.2).

A socket is opened from our site, by the address people know or the one they asked. Socket.IO's own check knows neither
TLS nor which proxies to believe, so it asks here.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
import time
from collections import Counter as Counts
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, Counter

from server.serving.settings import Settings

MOST: Final = 8192
"""Connections at once where the machine would allow more: each costs memory too."""
MOST_FILES: Final = 65_536
"""Some containers allow a thousand million, and programs we start may go through all of them."""
FEW_FILES: Final = 4096
"""From here down the administrator is told."""
_OURS: Final = 256
"""Files that are not connections: database, recordings, processes."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Seconds and bytes. What moves at all may take as long as it needs: phones on poor networks are slow."""

    most: int = MOST
    most_per_address: int = 512  # of IPv6: per /64; an office behind one address counts as one
    handshake: float = 10.0  # of TLS, from accepting
    headers: float = 10.0  # from accepting, or from a further request's first byte, to the end of its headers
    idle: float = 75.0  # between two requests
    window: float = 30.0  # in each so many seconds…
    fewest: int = 4096  # …so many bytes, of a body we read and of an answer that is read


def open_files() -> int:
    """How many this process may have open, at most `MOST_FILES`."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_FILES if soft == resource.RLIM_INFINITY else min(soft, MOST_FILES)


def raise_open_files() -> int:
    """Raise the soft limit of open files as far as is sensible; returns what it is then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return open_files()


def most_for(files: int) -> int:
    """Connections that so many open files leave room for: a file each, and some more that its requests open."""
    return max(64, min(MOST, (files - _OURS) * 3 // 4))


log = structlog.get_logger(__name__)

LOG_EVERY: Final = 60.0
"""Seconds between two lines."""


class CutTally:
    """What was cut or refused, by why: counted for `/metrics`, and one line in the log a minute however much it was.

    `what` names the metric `yuntiao_<what>_total`, with a label `why`; whoever counts chooses from few words.
    """

    def __init__(self, what: str, said: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._what, self._clock = what, clock
        self._counter = Counter(f"yuntiao_{what}", said, ("why",), registry=None)
        self._untold: Counts[str] = Counts()
        self._told_at = -LOG_EVERY

    def register(self, registry: CollectorRegistry) -> None:
        registry.register(self._counter)

    def count(self, why: str) -> None:
        self._counter.labels(why).inc()
        self._untold[why] += 1
        self.tell()

    def tell(self) -> None:
        """What has not been told, unless something was less than a minute ago."""
        now = self._clock()
        if self._untold and now - self._told_at >= LOG_EVERY:
            log.warning(self._what.replace("_", " "), **dict(self._untold))
            self._untold.clear()
            self._told_at = now


Phase = Literal["silent", "idle", "busy"]

EVERY: Final = 1.0
"""Seconds between two looks at all of them."""


class ConnectionProgress(Protocol):
    """A connection's protocol, asked about the request under way."""

    def moved(self) -> tuple[Literal["body", "answer"], int] | None:
        """What we wait for and how many bytes of it went through so far; None when it is not the client's turn."""


@dataclass(eq=False, slots=True)
class ClientConnection:
    """`address`: what limits count; `cut` ends it at once, whatever it is doing."""

    address: str
    trusted: bool  # a proxy of ours: it brings many people, keeps connections in stock, and limits them itself
    since: float  # when its phase began
    cut: Callable[[], object]
    phase: Phase = "silent"
    progress: ConnectionProgress | None = None
    mark: tuple[str, int, float] | None = None  # what is waited for, how far it was, and when


@dataclass(slots=True)
class _Some:
    """Of everybody, or of one address: the connections by phase, the longest in it first."""

    silent: dict[ClientConnection, None] = field(default_factory=dict)
    idle: dict[ClientConnection, None] = field(default_factory=dict)
    busy: dict[ClientConnection, None] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.silent) + len(self.idle) + len(self.busy)

    def of(self, phase: Phase) -> dict[ClientConnection, None]:
        found: dict[ClientConnection, None] = getattr(self, phase)
        return found

    def least(self, now: float) -> ClientConnection | None:
        """Whom we lose least with: unheard before at rest before half sent. None: all are at work."""
        waiting = next(iter(self.silent or self.idle), None)
        if waiting is not None:
            return waiting
        sending = [(_rate(one, now), one) for one in self.busy if (moved := _moved(one)) and moved[0] == "body"]
        return min(sending, key=lambda each: each[0])[1] if sending else None


class Gate:
    """Asked for every connection that is accepted, told by it what it does; `running` looks after them."""

    def __init__(self, limits: ConnectionLimits, tally: CutTally) -> None:
        self.limits, self._tally = limits, tally
        self._all, self._proxies = _Some(), _Some()
        self._by_address: dict[str, _Some] = {}

    def counts(self) -> dict[Phase, int]:
        phases: tuple[Phase, ...] = ("silent", "idle", "busy")
        return {phase: len(self._all.of(phase)) + len(self._proxies.of(phase)) for phase in phases}

    def __len__(self) -> int:
        return len(self._all) + len(self._proxies)

    def enter(self, address: str, trusted: bool, cut: Callable[[], object]) -> ClientConnection | None:
        """A new connection, for which another may have been cut; None when it has to be refused."""
        now = _now()
        theirs = _Some() if trusted else self._by_address.get(address, _Some())
        if len(theirs) >= self.limits.most_per_address and not self._make_room(theirs, "address", now):
            return None
        if len(self) >= self.limits.most and not self._make_room(self._all, "full", now):
            return None
        connection = ClientConnection(address, trusted, now, cut)
        for some in self._where(connection):
            some.silent[connection] = None
        return connection

    def turn(self, connection: ClientConnection, phase: Phase) -> None:
        """It does something else now. No effect on one that has left."""
        if connection not in (self._proxies if connection.trusted else self._all).of(connection.phase):
            return
        for some in self._where(connection):
            some.of(connection.phase).pop(connection, None)
            some.of(phase)[connection] = None
        connection.phase, connection.since, connection.mark = phase, _now(), None

    def leave(self, connection: ClientConnection) -> None:
        for some in self._where(connection):
            some.of(connection.phase).pop(connection, None)
        if not self._by_address.get(connection.address):
            self._by_address.pop(connection.address, None)

    def give_back(self, why: str) -> bool:
        """Cut whom we lose least with, because the machine ran out of something."""
        return self._make_room(self._all, why, _now())

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._watch(), name="connections")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def look(self, now: float) -> None:
        """Cut all whose time is over."""
        for phase, most in (("silent", self.limits.headers), ("idle", self.limits.idle)):
            late = []
            for connection in self._all.silent if phase == "silent" else self._all.idle:
                if now - connection.since < most:
                    break  # the others came later
                late.append(connection)
            for connection in late:
                self._cut(connection, phase)
        for connection in [*self._all.busy, *self._proxies.busy]:
            if self._stands_still(connection, now):
                self._cut(connection, "stalled")

    # ------------------------------------------------------------ inside

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            self.look(_now())
            self._tally.tell()

    def _where(self, connection: ClientConnection) -> tuple[_Some, ...]:
        if connection.trusted:
            return (self._proxies,)
        return self._all, self._by_address.setdefault(connection.address, _Some())

    def _make_room(self, some: _Some, why: str, now: float) -> bool:
        least = some.least(now)
        if least is None:
            self._tally.count(f"refused_{why}")
            return False
        self._cut(least, why)
        return True

    def _cut(self, connection: ClientConnection, why: str) -> None:
        self._tally.count(why)
        self.leave(connection)
        connection.cut()

    def _stands_still(self, connection: ClientConnection, now: float) -> bool:
        """Less went through in a whole window than the slowest phone would send or take."""
        moved = _moved(connection)
        if moved is None:
            connection.mark = None
            return False
        what, amount = moved
        before = connection.mark
        if before is None or before[0] != what or amount < before[1]:
            connection.mark = (what, amount, now)
            return False
        if now - before[2] < self.limits.window:
            return False
        connection.mark = (what, amount, now)
        return amount - before[1] < self.limits.fewest


def _moved(connection: ClientConnection) -> tuple[Literal["body", "answer"], int] | None:
    return None if connection.progress is None else connection.progress.moved()


def _rate(connection: ClientConnection, now: float) -> float:
    moved = _moved(connection)
    return 0.0 if moved is None else moved[1] / max(now - connection.since, EVERY)


def _now() -> float:
    return asyncio.get_running_loop().time()


class Origins:
    """With a public address only it and this machine's own; a proxy may ask us under any name. Else the same origin."""

    def __init__(self, settings: Settings, same_origin: Callable[[web.Request, str], bool]) -> None:
        """`same_origin`: whether a script at an origin comes from the site that a request asks."""
        self._same_origin = same_origin
        self._named: frozenset[str] = frozenset()
        if settings.public_url:
            public = urlsplit(settings.public_url)
            ours = f"{public.scheme}://{public.netloc}".lower()
            self._named = frozenset({ours, settings.url_at("127.0.0.1"), settings.url_at("localhost")})

    def __call__(self, origin: str | None, environ: Mapping[str, Any]) -> bool:
        if origin is None:
            return False  # the library takes this for "not another site's"; cookies decide who it is
        if self._named:
            return origin.lower() in self._named
        request: web.Request = environ["aiohttp.request"]
        return self._same_origin(request, origin)
