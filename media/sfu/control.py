"""What the web process and a media worker say to each other: length-prefixed JSON over a Unix socket pair.

Requests `{id, op, …}` are answered by `{id, ok}` or `{id, error, text}`; events are `{event, …}`. All of a worker's
messages share one ordered stream, so what happened before an answer is read before it.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, get_args

from media.engine import (
    BadDescription,
    Hole,
    Matrix,
    MediaError,
    MediaEvent,
    NotAdmitted,
    Offer,
    OfferedTrack,
    Segment,
    TooFast,
    Unrecorded,
    WorkerFull,
)

MAX_FRAME = 1 << 20
MAX_BACKLOG = 8 << 20  # bytes the other side has not read yet: beyond, it is stuck
CLOSE_WITHIN = 2.0
LENGTH = struct.Struct("!I")

ERRORS: dict[str, type[MediaError]] = {
    error.code: error for error in (BadDescription, NotAdmitted, TooFast, WorkerFull, MediaError)
}
EVENTS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(MediaEvent)}

Message = dict[str, Any]


class ChannelBroken(Exception):
    """The other side is gone, stuck, or does not speak our protocol."""


class Channel:
    """One end of the socket pair."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def over(cls, sock: socket.socket) -> Channel:
        return cls(*await asyncio.open_connection(sock=sock))

    def send(self, message: Mapping[str, Any]) -> None:
        """Queue a message; ChannelBroken when the other side has stopped reading."""
        data = json.dumps(message, separators=(",", ":")).encode()
        if len(data) > MAX_FRAME:
            raise ChannelBroken(f"message of {len(data)} bytes")
        transport = self._writer.transport
        if transport.is_closing() or transport.get_write_buffer_size() > MAX_BACKLOG:
            raise ChannelBroken("the other side does not read")
        self._writer.write(LENGTH.pack(len(data)) + data)

    async def receive(self) -> Message | None:
        """The next message; None when the other side has ended."""
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
        """Send what is queued, but do not wait for a side that has stopped reading."""
        self._writer.close()
        try:
            await asyncio.wait_for(self._writer.wait_closed(), CLOSE_WITHIN)
        except TimeoutError:
            self._writer.transport.abort()
        except OSError:  # the other side was first
            return


def encode_event(event: MediaEvent) -> Message:
    return {"event": type(event).__name__, **{key: _plain(value) for key, value in asdict(event).items()}}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def decode_event(message: Message) -> MediaEvent:
    """KeyError, TypeError or ValueError when it is none."""
    body = dict(message)
    kind = EVENTS[body.pop("event")]
    if kind is Offer:
        body["tracks"] = tuple(OfferedTrack(**track) for track in body["tracks"])
    elif kind in (Segment, Unrecorded):
        body["holes"] = tuple(Hole(**_timed(hole)) for hole in body["holes"])
        body = _timed(body)
    event: MediaEvent = kind(**body)
    return event


def _timed(body: Message) -> Message:
    times = {key: datetime.fromisoformat(body[key]) for key in ("started", "ended")}
    return {**body, **times}


def encode_matrix(matrix: Matrix) -> Message:
    return {
        "hears": {who: sorted(whom) for who, whom in matrix.hears.items()},
        "sees": {who: sorted(whom) for who, whom in matrix.sees.items()},
        "recorded": sorted(matrix.recorded),
    }


def decode_matrix(body: Mapping[str, Any]) -> Matrix:
    return Matrix(
        {who: frozenset(whom) for who, whom in body["hears"].items()},
        {who: frozenset(whom) for who, whom in body["sees"].items()},
        frozenset(body["recorded"]),
    )


def encode_error(error: MediaError) -> Message:
    code = error.code if error.code in ERRORS else MediaError.code
    return {"error": code, "text": str(error)[:500]}


def decode_error(body: Mapping[str, Any]) -> MediaError:
    return ERRORS.get(str(body.get("error")), MediaError)(str(body.get("text", "")))
