"""aiohttp's protocol, which tells the gate what its connection does and writes no traceback for a stranger's bytes."""

from __future__ import annotations

import asyncio
from typing import Any, Final, Literal, cast

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.streams import StreamReader

from server.connections.gate import Connection, Gate
from server.connections.tally import Tally

_THEIRS: Final = (HttpProcessingError, web.RequestPayloadError, ConnectionError)
"""What a client's bytes, or its going away, raise in aiohttp."""


class HttpConnection(web.RequestHandler):
    """`connection` is its place in the gate; `begin` is called by the server's request factory."""

    __slots__ = ("_body", "_connection", "_gate", "_malformed", "_resumed", "_writing_waits")

    def __init__(
        self,
        server: web.Server,
        gate: Gate,
        connection: Connection,
        malformed: Tally,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(server, loop=loop, access_log=cast(Any, None))
        self._gate, self._connection, self._malformed = gate, connection, malformed
        self._body: StreamReader | None = None
        self._writing_waits, self._resumed = False, 0

    # ------------------------------------------------------------ what it does

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._connection.progress = self
        self._connection.cut = cast(asyncio.Transport, transport).abort
        self._gate.turn(self._connection, "idle" if self._connection.trusted else "silent")

    def data_received(self, data: bytes) -> None:
        if self._connection.phase == "idle":
            self._gate.turn(self._connection, "silent")  # the first bytes of a further request
        super().data_received(data)

    def begin(self, body: StreamReader) -> None:
        """A request's headers are complete."""
        self._body = body
        self._gate.turn(self._connection, "busy")

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        try:
            return await super().finish_response(request, resp, start_time)
        finally:
            self._body = None
            self._gate.turn(self._connection, "idle")

    def connection_lost(self, exc: BaseException | None) -> None:
        self._gate.leave(self._connection)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._writing_waits = True

    def resume_writing(self) -> None:
        super().resume_writing()
        self._writing_waits = False
        self._connection.mark = None  # it has read on

    def moved(self) -> tuple[Literal["body", "answer"], int] | None:
        """Also of a body that nobody reads here at the moment: then it is not the client that we wait for."""
        transport = self.transport
        if transport is None:
            return None
        if self._writing_waits:
            return "answer", -transport.get_write_buffer_size()
        if self._body is not None and not self._body.is_eof() and transport.is_reading():
            return "body", self._body.total_bytes
        return None

    # ------------------------------------------------------------ what the log is spared

    def log_exception(self, *args: Any, **kw: Any) -> None:
        fault = kw.get("exc_info")
        if isinstance(fault, _THEIRS):
            self._malformed.count("gone" if isinstance(fault, ConnectionError) else "http")
        else:
            super().log_exception(*args, **kw)
