"""The channel between the web process and a media worker, the web process's handle of a worker, and what a server
accepts: limits that an installation may set, and the token bucket that enforces a client's.

Messages are length-prefixed JSON over a Unix socket pair. Requests `{id, op, …}` are answered by `{id, ok}` or `{id,
error, text}`; events are `{event, …}`. They share one ordered stream, so that events that happened before an answer
are read before it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import signal
import socket
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from datetime import UTC, datetime
from math import inf
from typing import Any, get_args

from journal.clock import lease_clock
from media.engine import (
    BadDescription,
    Gap,
    Heard,
    MediaError,
    MediaEvent,
    NegotiatingTooFast,
    NotAdmitted,
    Offer,
    OfferedTrack,
    RouteMatrix,
    Segment,
    Unrecorded,
    WorkerFull,
)

log = logging.getLogger(__name__)

MAX_FRAME = 1 << 20
MAX_BACKLOG = 8 << 20  # bytes unread by the other side: with more, it is stuck
CLOSE_WITHIN = 2.0  # seconds for the other side to take what is queued
LENGTH = struct.Struct("!I")

ERRORS: dict[str, type[MediaError]] = {
    error.code: error for error in (BadDescription, NotAdmitted, NegotiatingTooFast, WorkerFull, MediaError)
}
EVENTS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(MediaEvent)}

Message = dict[str, Any]


class ChannelBroken(Exception):
    """The other side is gone, stuck, or violates the protocol."""


class ControlChannel:
    """One end of the socket pair."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def over(cls, sock: socket.socket) -> ControlChannel:
        return cls(*await asyncio.open_connection(sock=sock))

    def send(self, message: Mapping[str, Any]) -> None:
        """Queue a message. Raises ChannelBroken if the other side has stopped reading."""
        data = json.dumps(message, separators=(",", ":")).encode()
        if len(data) > MAX_FRAME:
            raise ChannelBroken(f"message of {len(data)} bytes")
        transport = self._writer.transport
        if transport.is_closing() or transport.get_write_buffer_size() > MAX_BACKLOG:
            raise ChannelBroken("the other side does not read")
        self._writer.write(LENGTH.pack(len(data)) + data)

    async def receive(self) -> Message | None:
        """Return the next message, None at the end. Raises ChannelBroken."""
        try:
            (size,) = LENGTH.unpack(await self._reader.readexactly(LENGTH.size))
            if size > MAX_FRAME:
                raise ChannelBroken(f"frame of {size} bytes")
            message = json.loads(await self._reader.readexactly(size))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        except ValueError as error:
            raise ChannelBroken("not JSON") from error
        if not isinstance(message, dict):
            raise ChannelBroken("not an object")
        return message

    async def close(self) -> None:
        """Send what is queued, without waiting for a side that has stopped reading."""
        self._writer.close()
        try:
            await asyncio.wait_for(self._writer.wait_closed(), CLOSE_WITHIN)
        except TimeoutError:
            self._writer.transport.abort()
        except OSError:  # the other side closed first
            return


def encode_event(event: MediaEvent) -> Message:
    return {"event": type(event).__name__, **_fields(event)}


def _fields(value: Any) -> Message:
    return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}


def _plain(value: Any) -> Any:
    if isinstance(value, (str, int)):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return _fields(value) if is_dataclass(value) else value


def decode_event(message: Message) -> MediaEvent:
    """Return the event of a message. Raises KeyError, TypeError or ValueError if it is none."""
    body = dict(message)
    kind = EVENTS[body.pop("event")]
    if kind is Offer:
        body["tracks"] = tuple(OfferedTrack(**track) for track in body["tracks"])
    elif kind in (Segment, Unrecorded):
        body["gaps"] = tuple(Gap(**_timed(gap)) for gap in body["gaps"])
        body = _timed(body)
    elif kind is Heard:
        body = _timed(body, ("began", "ended"))
    event: MediaEvent = kind(**body)
    return event


def _timed(body: Message, keys: Sequence[str] = ("started", "ended")) -> Message:
    times = {key: datetime.fromisoformat(body[key]) for key in keys}
    return {**body, **times}


def encode_matrix(matrix: RouteMatrix) -> Message:
    return {
        "hears": {who: sorted(whom) for who, whom in matrix.hears.items()},
        "sees": {who: sorted(whom) for who, whom in matrix.sees.items()},
        "recorded": sorted(matrix.recorded),
        "captioned": sorted(matrix.captioned),
    }


def decode_matrix(body: Mapping[str, Any]) -> RouteMatrix:
    return RouteMatrix(
        {who: frozenset(whom) for who, whom in body["hears"].items()},
        {who: frozenset(whom) for who, whom in body["sees"].items()},
        frozenset(body["recorded"]),
        frozenset(body["captioned"]),
    )


def encode_error(error: MediaError) -> Message:
    code = error.code if error.code in ERRORS else MediaError.code
    return {"error": code, "text": str(error)[:500], "params": error.params}


def decode_error(body: Mapping[str, Any]) -> MediaError:
    kind = ERRORS.get(str(body.get("error")), MediaError)
    return BadDescription(**body["params"]) if kind is BadDescription else kind(str(body.get("text", "")))


START_WITHIN = 20.0
ANSWER_WITHIN = 10.0
ROOM_CLOSE_WITHIN = 30.0  # recordings are finished first
SILENT_FOR = 6.0  # seconds without a message: the worker hangs
STOP_WITHIN = 30.0
MAX_REQUESTS = 512


class WorkerGone(MediaError):
    """The worker is gone, or died during a request."""

    code = "worker_gone"


class WorkerProcess:
    """A worker process. `on_lost` is called once, as soon as it has died without being stopped."""

    def __init__(
        self,
        command: Sequence[str],
        on_event: Callable[[MediaEvent], None],
        on_lost: Callable[[], None],
        passed: int | None = None,
    ) -> None:
        """`passed`: a descriptor that the command names and the process inherits."""
        self.port = 0
        self.probe = ("", "")  # ufrag and password of its StunProbe
        self.load: Message = {}
        self.alive = False
        self._command, self._passed = command, [] if passed is None else [passed]
        self._on_event = on_event
        self._on_lost = on_lost
        self._process: asyncio.subprocess.Process
        self._channel: ControlChannel
        self._requests: dict[int, asyncio.Future[Any]] = {}
        self._numbers = itertools.count(1)
        self._stopping = False
        self._last_message_at = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def pid(self) -> int:
        return self._process.pid

    async def start(self) -> None:
        """Start the process and wait until its socket is open. Raises MediaError."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with theirs:
                fd = theirs.fileno()
                self._process = await asyncio.create_subprocess_exec(
                    *self._command,
                    "--control-fd",
                    str(fd),
                    pass_fds=[fd, *self._passed],
                    stdin=asyncio.subprocess.DEVNULL,
                )
            ours.setblocking(False)
            self._channel = await ControlChannel.over(ours)
        except BaseException:
            ours.close()
            raise
        try:
            ready = await asyncio.wait_for(self._channel.receive(), START_WITHIN)
            if ready is None or "ready" not in ready:
                raise MediaError("a media worker did not start")
        except (TimeoutError, ChannelBroken, MediaError) as error:
            await self._terminate()
            raise MediaError("a media worker did not start") from error
        self.port = int(ready["ready"])
        self.probe = (str(ready["trial"][0]), str(ready["trial"][1]))
        self.alive = True
        self._last_message_at = asyncio.get_running_loop().time()
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._watch())]

    async def call(self, op: str, **body: Any) -> Any:
        """Return the worker's answer. Raises its MediaError, or WorkerGone if it dies or does not answer."""
        if not self.alive or len(self._requests) >= MAX_REQUESTS:
            raise WorkerGone("the media worker is not there")
        number = next(self._numbers)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._requests[number] = future
        try:
            self._channel.send({"id": number, "op": op, **body})
            return await asyncio.wait_for(future, ROOM_CLOSE_WITHIN if op == "close_room" else ANSWER_WITHIN)
        except ChannelBroken as error:
            self._kill()
            raise WorkerGone("the media worker does not read") from error
        except TimeoutError as error:
            self._kill()
            raise WorkerGone("the media worker does not answer") from error
        finally:
            self._requests.pop(number, None)

    def tell(self, op: str, **body: Any) -> None:
        """Send what needs no answer. It is lost when the worker does not read, which is noticed as hanging."""
        with contextlib.suppress(ChannelBroken):
            self._channel.send({"op": op, **body})

    async def stop(self) -> None:
        """Let it finish its recordings, and end it."""
        self._stopping = True
        self._fail_requests()
        await self._terminate()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _terminate(self) -> None:
        self.alive = False
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), STOP_WITHIN)
        except TimeoutError:
            self._kill()
            await self._process.wait()
        if self._tasks:
            # Its last events may still be in the socket.
            listening, watching = self._tasks
            await asyncio.wait({listening}, timeout=ANSWER_WITHIN)
            listening.cancel()
            watching.cancel()
        await self._channel.close()

    def _kill(self) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _listen(self) -> None:
        """Read until the channel ends, which is the first sign of the worker's death."""
        try:
            while (message := await self._channel.receive()) is not None:
                self._last_message_at = asyncio.get_running_loop().time()
                self._on_message(message)
        except ChannelBroken:
            log.exception("A media worker does not speak our protocol")
        self._kill()
        await self._process.wait()
        if not self._stopping:
            self._tasks[1].cancel()
            await self._channel.close()
            self._on_death()

    def _on_message(self, message: Message) -> None:
        if "event" in message:
            try:
                event = decode_event(message)
            except (KeyError, TypeError, ValueError) as error:
                raise ChannelBroken("unreadable event") from error
            self._on_event(event)
        elif "load" in message:
            self.load = message["load"]
        else:
            future = self._requests.get(message.get("id", 0))
            if future is not None and not future.done():
                if "error" in message:
                    future.set_exception(decode_error(message))
                else:
                    future.set_result(message.get("ok"))

    async def _watch(self) -> None:
        """Kill a worker that hangs or was stopped by a signal."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(1.0)
            if loop.time() - self._last_message_at > SILENT_FOR:
                log.error("A media worker gives no sign of life; killing it")
                self._kill()
                return

    def _on_death(self) -> None:
        self.alive = False
        self._fail_requests()
        self._on_lost()

    def _fail_requests(self) -> None:
        for future in self._requests.values():
            if not future.done():
                future.set_exception(WorkerGone("the media worker is gone"))


MAX_BITRATE = 8_000_000  # bit/s: two layers of a camera, a screen and a microphone, with room for retransmissions


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """Limits of one server. bit/s count for each direction; 0: no limit."""

    rooms: int = 400  # with media, on all workers
    participants: int = 1600  # in all rooms
    packets: int = 90_000  # in and out per second and worker: one core is nearly full
    lag: float = 0.2  # seconds, mean: a worker whose timers are later than this takes no new room
    bitrate: int = MAX_BITRATE  # bit/s that one client may send
    room_participants: int = 16
    room_bits: int = 40_000_000  # bit/s of one room, shared among its participants
    server_bits: int = 0  # bit/s of all rooms on all workers, shared among the rooms


class Term:
    """Until when media may go on, by a clock that no other process can stop."""

    def __init__(self) -> None:
        self._until = inf

    @property
    def over(self) -> bool:
        return self._until < inf and lease_clock() >= self._until

    def hold(self, until: float) -> None:
        """Forward and record until this moment of `journal.clock.lease_clock`; without any such word, for ever."""
        self._until = until


class TokenBucket:
    """A token bucket that costs one subtraction per use, because it is refilled only when it has run out.

    Users subtract from `tokens`, and call `refill` when it is not above zero.
    """

    __slots__ = ("capacity", "rate", "tokens", "updated_at")

    def __init__(self, rate: float, capacity: float, now: float) -> None:
        """`rate`: tokens per second. `capacity`: the most it holds, and has at first."""
        self.tokens = capacity
        self.rate = rate
        self.capacity = capacity
        self.updated_at = now

    def refill(self, now: float) -> bool:
        """Add the tokens of the time since the last refill. True if there are any now."""
        self.tokens = min(self.capacity, self.tokens + self.rate * max(0.0, now - self.updated_at))
        self.updated_at = now
        return self.tokens > 0

    def take(self, now: float, cost: float = 1.0) -> bool:
        """Refill, and take `cost` tokens if there are enough. For rare events."""
        self.refill(now)
        if self.tokens < cost:
            return False
        self.tokens -= cost
        return True
