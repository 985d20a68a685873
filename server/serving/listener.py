"""Accepts connections for aiohttp, each through the gate, and measures how their requests are answered."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

import structlog
from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.streams import StreamReader
from aiohttp.typedefs import Handler, Middleware
from multidict import CIMultiDict, CIMultiDictProxy
from prometheus_client import CollectorRegistry, Counter, Histogram

from server.serving.gate import ClientConnection, CutTally, Gate
from server.serving.logs import REQUEST_ID, dealing_with, request_id

access = structlog.get_logger("access")

_THEIRS: Final = (HttpProcessingError, web.RequestPayloadError, ConnectionError)
"""What a client's bytes, or its going away, raise in aiohttp."""


class HttpConnection(web.RequestHandler):
    """Tells the gate what its connection does, and writes no traceback for a stranger's bytes.

    `connection` is its place in the gate; `begin` is called by the server's request factory.
    """

    __slots__ = ("_body", "_connection", "_gate", "_malformed", "_resumed", "_writing_waits")

    def __init__(
        self,
        server: web.Server,
        gate: Gate,
        connection: ClientConnection,
        malformed: CutTally,
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


BACKLOG: Final = 1024
_AT_ONCE: Final = 64
"""Accepted before anything else has its turn."""
_REST: Final = (0.05, 1.0)
"""Seconds without accepting after the machine refused: the first time, and at most."""


PeerCount = Callable[[str], tuple[str, bool]]
"""Of the address at the other end: what it is counted as, and whether it is one of our proxies."""


class Listener(web.BaseSite):
    """Takes the place of aiohttp's `SockSite`, which accepts whatever comes; rests while the machine has no more files.

    `listening` is bound and not yet listening.
    """

    __slots__ = ("_connecting", "_counted", "_gate", "_listening", "_loop", "_malformed", "_rest", "_running")

    def __init__(
        self,
        runner: web.BaseRunner,
        listening: socket.socket,
        gate: Gate,
        counted: PeerCount,
        malformed: CutTally,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(runner, ssl_context=ssl_context, backlog=BACKLOG)
        self._listening, self._gate, self._counted, self._malformed = listening, gate, counted, malformed
        self._loop = asyncio.get_running_loop()
        self._connecting: set[asyncio.Task[None]] = set()
        self._rest = _REST[0]
        self._running = contextlib.AsyncExitStack()

    @property
    def name(self) -> str:
        host, port = self._listening.getsockname()[:2]
        return f"{'https' if self._ssl_context else 'http'}://{host}:{port}"

    async def start(self) -> None:
        await super().start()
        server = self._server_of()
        server.request_factory = _beginning(server.request_factory)
        await self._running.enter_async_context(self._gate.running())
        self._listening.setblocking(False)
        self._listening.listen(self._backlog)
        self._loop.add_reader(self._listening, self._accept)

    async def stop(self) -> None:
        self._loop.remove_reader(self._listening)
        self._listening.close()
        for task in self._connecting:
            task.cancel()
        await asyncio.gather(*self._connecting, return_exceptions=True)
        await self._running.aclose()
        await super().stop()

    def _server_of(self) -> web.Server:
        server = self._runner.server
        assert server is not None
        return server

    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                accepted, peer = self._listening.accept()
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionAbortedError:
                continue
            except OSError:  # no more files, or no more memory: trying again at once would only spin
                self._gate.give_back("files")
                self._loop.remove_reader(self._listening)
                self._loop.call_later(self._rest, self._accept_again)
                self._rest = min(self._rest * 2, _REST[1])
                return
            self._rest = _REST[0]
            self._admit(accepted, str(peer[0]))

    def _accept_again(self) -> None:
        if self._listening.fileno() >= 0:
            self._loop.add_reader(self._listening, self._accept)

    def _admit(self, accepted: socket.socket, peer: str) -> None:
        connection = self._gate.enter(*self._counted(peer), _nothing)
        if connection is None:
            accepted.close()
            return
        accepted.setblocking(False)
        task = self._loop.create_task(self._connect(accepted, connection))
        connection.cut = task.cancel  # until its protocol has a transport
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _connect(self, accepted: socket.socket, connection: ClientConnection) -> None:
        """Up to the end of the TLS handshake; whatever goes wrong there is the client's affair."""
        server = self._server_of()
        try:
            await self._loop.connect_accepted_socket(
                lambda: HttpConnection(server, self._gate, connection, self._malformed, self._loop),
                accepted,
                ssl=self._ssl_context,
                ssl_handshake_timeout=self._gate.limits.handshake if self._ssl_context else None,
            )
        except (OSError, asyncio.CancelledError) as fault:  # ssl.SSLError is an OSError
            self._gate.leave(connection)
            accepted.close()
            if isinstance(fault, ssl.SSLError):
                self._malformed.count("tls")


def _nothing() -> None:
    """Before there is anything to cut."""


def _beginning(make: Any) -> Any:
    """The request factory of aiohttp, which tells the connection first."""

    def request(message: Any, payload: StreamReader, protocol: HttpConnection, writer: Any, task: Any) -> web.Request:
        protocol.begin(payload)
        if message.headers.get(hdrs.EXPECT, "100-continue").lower() != "100-continue":
            # Others may be ignored (RFC 9110 10.1.1); aiohttp would put them into its answer, whatever bytes they are.
            message = message._replace(headers=_without(message.headers, hdrs.EXPECT))
        made: web.Request = make(message, payload, protocol, writer, task)
        return made

    return request


def _without(headers: CIMultiDictProxy[str], name: str) -> CIMultiDictProxy[str]:
    rest = CIMultiDict(headers)
    rest.popall(name)
    return CIMultiDictProxy(rest)


# ------------------------------------------------------------ requests, measured


_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


@dataclass(frozen=True, slots=True)
class RequestLog:
    """`kept`: a line for each request. `trusts`: whether its sender is a proxy of ours, whose number for it is taken;
    `address`: whose request it is."""

    kept: bool = False
    trusts: Callable[[web.Request], bool] = lambda _request: False
    address: Callable[[web.Request], str] = lambda _request: ""


PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds, by machines: not in the log of requests."""
_ID: web.RequestKey[str] = web.RequestKey("id", str)


async def name_request(request: web.Request, response: web.StreamResponse) -> None:
    """A signal of the application: the answer says by which number its request is in the log."""
    if _ID in request:
        response.headers[REQUEST_ID] = request[_ID]


class RequestMetrics:
    """Requests by route and status, and how long their answers took: `measure` is the outermost middleware.

    Each gets a number, which every line of the log says that is written on its account. What comes over an open
    WebSocket is no request: its lines name session and seat.
    """

    def __init__(self, registry: CollectorRegistry, kept: RequestLog) -> None:
        self._kept = kept
        self._requests = Counter(
            "yuntiao_http_requests", "Requests by route and status.", ("method", "route", "status"),
            registry=registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "yuntiao_http_request_seconds", "Time to answer, by route.", ("route",), buckets=_BUCKETS,
            registry=registry,
        )  # fmt: skip

    @property
    def measure(self) -> Middleware:
        @web.middleware
        async def measured(request: web.Request, handler: Handler) -> web.StreamResponse:
            began, status, upgraded = time.perf_counter(), 500, request.headers.get("Upgrade") is not None
            request[_ID] = request_id(request.headers.get(REQUEST_ID) if self._kept.trusts(request) else None)
            try:
                with contextlib.nullcontext() if upgraded else dealing_with(request=request[_ID]):
                    response = await handler(request)
                status = response.status
            except web.HTTPException as answer:
                status = answer.status
                raise
            finally:
                # The route's pattern, never the path: a path may hold a link's secret.
                resource = request.match_info.route.resource
                route = resource.canonical if resource else "none"
                # There are many methods, and a parser may let made-up ones through: each would be a series for ever.
                method = request.method if request.method in hdrs.METH_ALL else "other"
                self._requests.labels(method, route, str(status)).inc()
                seconds = time.perf_counter() - began
                if not upgraded:
                    self._seconds.labels(route).observe(seconds)
                if self._kept.kept and route not in PROBES:
                    access.info(
                        "request", request=request[_ID], method=method, route=route, status=status,
                        ms=round(seconds * 1000, 1), address=self._kept.address(request),
                    )  # fmt: skip
            return response

        return measured
