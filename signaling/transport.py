"""What goes over the wire: Engine.IO held to what our clients send, and every message they may send in it.

Anything else ends its connection and is only counted. The library logs a traceback for a stranger's bytes, goes on
after them, and keeps a session for as long as it answers pings. Here a session has to join the namespace in time, and
no address has many that have not. Relies on four names the library keeps to itself: `_engineio_server_class`, `_async`,
`WebSocket._sock` and the handlers' order of arguments.

A message is a body, held to limits, and the command or the question it stands for. Commands are declared where they
are defined (`rooms.vocabulary`): their messages are made from that. Questions, which are answered and change
nothing of the session, have their bodies here and are declared at their handlers in `signaling.namespace`. No body
says who is speaking: that comes from the connection.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import MISSING, Field as DataclassField, dataclass, fields
from typing import Annotated, Any, Final, Literal, get_args, get_type_hints
from urllib.parse import parse_qs

import engineio
import socketio
from aiohttp import WSMsgType, web
from engineio.async_drivers import aiohttp as driver
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model
from socketio import packet

from media.engine import Measurement
from rooms import Coordinate, commands as c
from rooms.vocabulary import DECLARED, Declaration, Term


class Body(BaseModel):
    """Nothing more than what is named."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Body):
    pass


@dataclass(frozen=True, slots=True)
class CommandMessage:
    """`body`: the command's fields, but for those that the room fills in."""

    command: type[Any]
    body: type[Body]

    def build(self, body: Body) -> c.Command:
        made: c.Command = self.command(**{name: getattr(body, name) for name in type(body).model_fields})
        return made


def _message(kind: type[Any], declared: Declaration) -> CommandMessage:
    hints = get_type_hints(kind, include_extras=True)
    sent: dict[str, Any] = {
        field.name: (hints[field.name], _default(field, declared))
        for field in fields(kind)
        if field.name not in declared.filled
    }
    return CommandMessage(kind, create_model(kind.__name__, __base__=Body, **sent))


def _default(field: DataclassField[Any], declared: Declaration) -> Any:
    return ... if field.default is MISSING or field.name in declared.required else field.default


COMMANDS: Final[Mapping[str, CommandMessage]] = {
    declared.name: _message(kind, declared)
    for kind in get_args(c.Command)
    if (declared := DECLARED[kind]).name
}  # fmt: skip


# ------------------------------------------------------------ bodies of questions


Description = Annotated[str, StringConstraints(min_length=1, max_length=32_768)]
LineNumber = Annotated[int, Field(ge=0, le=1_000_000)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, le=60, allow_inf_nan=False)]
Rate = Annotated[int, Field(ge=0, le=1_000_000)]


class PreviewBody(Body):
    """A promise, to see how it reads as a clause."""

    term: Term


class LinesBody(Body):
    """A page of the chat: what follows a line, or leads up to one; without either, to the end."""

    after: LineNumber | None = None
    before: LineNumber | None = None


class PublishBody(Body):
    sdp: Description
    sources: Annotated[
        dict[Annotated[str, StringConstraints(max_length=32)], Literal["mic", "camera", "screen"]], Field(max_length=8)
    ]


class AnswerBody(Body):
    sdp: Description


class LookBody(Body):
    """Whom the page shows large; "" is nobody."""

    seat: Annotated[str, StringConstraints(max_length=64)]


class PointBody(Body):
    """Where whoever shows an exhibit looks, in ten thousandths of the page; `zoom` in hundredths, `ms` of a film."""

    zoom: Annotated[int, Field(ge=100, le=1_000)] = 100
    x: Coordinate = 5_000
    y: Coordinate = 5_000
    pointer: tuple[Coordinate, Coordinate] | None = None
    ms: Annotated[int, Field(ge=0, le=3_600_000)] | None = None
    playing: bool = False


class MeasurementBody(Body):
    """What a client measured in the last seconds; numbers, each within what can be."""

    loss_up: Share = 0.0
    loss_down: Share = 0.0
    rtt: Seconds = 0.0
    jitter: Seconds = 0.0
    concealed: Share = 0.0
    frozen: Share = 0.0
    frames: Annotated[float, Field(ge=0, le=240, allow_inf_nan=False)] | None = None
    up: Rate = 0
    down: Rate = 0
    available: Rate | None = None
    relayed: bool = False
    over: Literal["", "udp", "tcp", "tls"] = ""
    limited: Literal["", "cpu", "bandwidth"] = ""
    mic: Literal["", "off", "silent", "muted", "gone"] = ""
    camera: Literal["", "off", "still", "muted", "gone"] = ""
    hidden: bool = False
    battery: bool = False
    apart: bool = False

    def measurement(self) -> Measurement:
        return Measurement(**self.model_dump())


JOIN_SECONDS: Final = 15.0
"""From a session's beginning to its joining the namespace, and the longest one stays after it has left."""
MOST_UNJOINED: Final = 2048
"""Sessions that have not joined yet; beyond, the oldest goes."""
MOST_UNJOINED_PER_ADDRESS: Final = 256
"""A whole office behind one address comes back at once after a restart."""
MOST_BEFORE_JOINING: Final = 20
"""Messages: a client of ours sends one, and once more for each refusal that passes."""
MOST_PACKETS: Final = 16
"""In one request of long polling, as the library has it."""

log = logging.getLogger(__name__)
_quiet = logging.getLogger(f"{__name__}.library")
_quiet.setLevel(logging.CRITICAL)  # what it complains of is counted here, and our own faults are logged here

Count = Callable[[str], None]
"""Given one of few words for what was malformed."""
AddressOf = Callable[[web.Request], str]
"""What limits by address count."""


class Malformed(Exception):
    """What no client of ours sends."""


class Packet(packet.Packet):  # type: ignore[misc]  # the library has no types
    """Socket.IO's, without what we never use: binary attachments and acknowledgements by clients."""

    uses_binary_events = False

    def decode(self, encoded_packet: Any) -> int:
        try:
            attachments = super().decode(encoded_packet)
        except (ValueError, TypeError, IndexError, AttributeError, RecursionError) as fault:
            raise Malformed from fault
        if attachments or self.packet_type not in (packet.CONNECT, packet.DISCONNECT, packet.EVENT):
            raise Malformed
        named = isinstance(self.data, list) and self.data and isinstance(self.data[0], str)
        if self.packet_type == packet.EVENT and not named:
            raise Malformed
        return 0


class WebSocket(driver.WebSocket):  # type: ignore[misc]
    """Every wait of the library for the next frame has an end, and a malformed frame is the last."""

    async def wait(self) -> str:
        try:
            async with asyncio.timeout(self.server.ping_interval + self.server.ping_timeout):
                message = await self._sock.receive()
        except TimeoutError:
            raise OSError from None
        if message.type is WSMsgType.TEXT and _is_frame(message.data):
            text: str = message.data
            return text
        if message.type in (WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.ERROR):
            self.server.count("frame")
        raise OSError  # to the library it has ended


class EngineServer(engineio.AsyncServer):  # type: ignore[misc]
    """`count`, `address_of` and `joined` are set before it is attached."""

    _async: dict[str, Any]
    count: Count
    address_of: AddressOf
    joined: Callable[[str], bool]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._async = {**self._async, "websocket": WebSocket, "translate_request": self._translated}
        self._unjoined: dict[str, tuple[str, int]] = {}  # session -> address, messages so far; the oldest first
        self._cutting: set[asyncio.Task[None]] = set()
        self._transports: set[asyncio.Transport] = set()  # with a request under way, which an open WebSocket is
        self._carrying: dict[str, set[asyncio.Transport]] = {}  # those of each session, whatever they are

    # ------------------------------------------------------------ requests

    async def handle_request(self, request: web.Request) -> web.StreamResponse:
        sid = _session_of(request)
        if not sid and self._crowded(self.address_of(request)):
            self.count("unjoined_address")
            return web.Response(status=429, headers={"Retry-After": "5"})
        if not all(value.isascii() for name, value in request.headers.items() if name.lower() in _HANDSHAKE):
            return await self._refused(request)  # aiohttp would decode them, or repeat them in its answer
        session = self.sockets.get(sid)
        transport = request.transport
        try:
            if transport is not None:
                self._transports.add(transport)
                if session is not None:
                    self._carrying.setdefault(session.sid, set()).add(transport)
            answer = await super().handle_request(request)
        except (Malformed, web.HTTPBadRequest, web.RequestPayloadError, UnicodeDecodeError, OSError):
            return await self._refused(request)
        except Exception:
            if session is None or not session.closed:  # the library has a KeyError for who comes after the end
                log.exception("a request of Engine.IO failed")
            return await self._refused(request)
        finally:
            if transport is not None:
                self._transports.discard(transport)
                self._carries_no_more(request.get(_SESSION, "") or sid, transport)
        if not isinstance(answer, web.StreamResponse):  # a half-hearted upgrade: the library answers with its packets
            return await self._refused(request)
        if answer.status == 400:
            self.count("engine")
        return answer

    async def _translated(self, request: web.Request) -> dict[str, Any]:
        """A whole body that is well formed, or Malformed."""
        environ: dict[str, Any] = driver.translate_request(request)
        if "j" in request.query:  # JSONP
            raise Malformed
        if request.method == "POST":
            body = await request.content.read(self.max_http_buffer_size + 1)
            while not request.content.at_eof() and len(body) <= self.max_http_buffer_size:
                body += await request.content.read(self.max_http_buffer_size + 1)
            frames = body.decode().split("\x1e") if len(body) <= self.max_http_buffer_size else []
            if not 0 < len(frames) <= MOST_PACKETS or not all(map(_is_frame, frames)):
                raise Malformed
            environ |= {"CONTENT_LENGTH": str(len(body)), "wsgi.input": _Body(body)}
        return environ

    async def _refused(self, request: web.Request) -> web.Response:
        self.count("engine")
        await self.cut(request.get(_SESSION, "") or _session_of(request))
        if request.get(_SESSION) and request.transport is not None and request.writer.output_size > 0:
            request.transport.abort()  # the upgrade was answered: nothing else can be
        return web.Response(status=400)

    # ------------------------------------------------------------ sessions

    def began(self, sid: str, request: web.Request) -> None:
        request[_SESSION] = sid
        if request.transport is not None:
            self._carrying.setdefault(sid, set()).add(request.transport)
        if len(self._unjoined) >= MOST_UNJOINED and self._tidied() >= MOST_UNJOINED:
            self._cut_soon(next(iter(self._unjoined)), "unjoined")
        self._unjoined[sid] = (self.address_of(request), 0)
        asyncio.get_running_loop().call_later(JOIN_SECONDS, self._look, sid)

    def ended(self, sid: str) -> None:
        self._unjoined.pop(sid, None)

    def heard(self, sid: str) -> None:
        """A message; Malformed when it is one too many of who has not joined."""
        waiting = self._unjoined.get(sid)
        if waiting is None:
            return
        if self.joined(sid):
            del self._unjoined[sid]
        elif waiting[1] >= MOST_BEFORE_JOINING:
            raise Malformed
        else:
            self._unjoined[sid] = (waiting[0], waiting[1] + 1)

    async def cut(self, sid: str) -> None:
        """End a session at once, whatever its client reads."""
        socket = self.sockets.pop(sid, None)
        if socket is not None and not socket.closed:
            await socket.close(wait=False)
            socket.queue.put_nowait(None)  # behind the farewell: whoever writes to the client is done then

    async def sever(self, sid: str) -> None:
        """End a session and all its connections in the middle: nothing that was queued goes out, and the client comes
        back at once instead of waiting for a sign of life."""
        socket, carrying = self.sockets.pop(sid, None), self._carrying.pop(sid, set())
        if socket is not None and not socket.closed:
            await socket.close(wait=False, abort=True)
            socket.queue.put_nowait(None)  # whoever waits for something to write is done
        for transport in carrying:
            transport.abort()

    def drop(self) -> None:
        """Every connection in the middle, like a cable that is pulled: clients come back by themselves, and none waits
        for another's farewell."""
        for transport in self._transports:
            transport.abort()

    def _carries_no_more(self, sid: str, transport: asyncio.Transport) -> None:
        carrying = self._carrying.get(sid, set())
        carrying.discard(transport)
        if not carrying:
            self._carrying.pop(sid, None)

    def _look(self, sid: str) -> None:
        """Also later: who was sent out of the namespace does not stay for ever."""
        socket = self.sockets.get(sid)
        if socket is None or socket.closed:
            self.ended(sid)
        elif self.joined(sid):
            self.ended(sid)
            asyncio.get_running_loop().call_later(JOIN_SECONDS, self._look, sid)
        else:
            self._cut_soon(sid, "unjoined")

    def _cut_soon(self, sid: str, why: str) -> None:
        self.count(why)
        self.ended(sid)
        task = asyncio.get_running_loop().create_task(self.cut(sid))
        self._cutting.add(task)
        task.add_done_callback(self._cutting.discard)

    def _crowded(self, address: str) -> bool:
        def here() -> int:
            return sum(of == address for of, _ in self._unjoined.values())

        if len(self._unjoined) < MOST_UNJOINED_PER_ADDRESS or here() < MOST_UNJOINED_PER_ADDRESS:
            return False
        self._tidied()
        return here() >= MOST_UNJOINED_PER_ADDRESS

    def _tidied(self) -> int:
        for sid in [sid for sid in self._unjoined if sid not in self.sockets or self.joined(sid)]:
            del self._unjoined[sid]
        return len(self._unjoined)


class SocketServer(socketio.AsyncServer):  # type: ignore[misc]
    """`namespace`: the one that is to be joined."""

    def __init__(self, namespace: str, count: Count, address_of: AddressOf, **options: Any) -> None:
        super().__init__(serializer=Packet, logger=_quiet, engineio_logger=_quiet, namespaces=[namespace], **options)
        manager, self.eio.count, self.eio.address_of = self.manager, count, address_of
        self.eio.joined = lambda sid: manager.is_connected(manager.sid_from_eio_sid(sid, namespace), namespace)
        for event, kept in (("connect", self._begin), ("message", self._hear), ("disconnect", self._end)):
            self.eio.on(event, _then(kept, self.eio.handlers[event]))

    def _engineio_server_class(self) -> type[EngineServer]:
        return EngineServer

    async def _begin(self, following: Any, sid: str, environ: dict[str, Any]) -> Any:
        self.eio.began(sid, environ["aiohttp.request"])
        return await following(sid, environ)

    async def _hear(self, following: Any, sid: str, data: Any) -> None:
        try:
            if not data:
                raise Malformed
            self.eio.heard(sid)
            await following(sid, data)
        except Malformed:
            self.eio.count("packet")
            await self.eio.cut(sid)
        except Exception:
            if sid in self.environ:  # nothing is anybody's fault for whom the session ended meanwhile
                log.exception("a packet failed")
            await self.eio.cut(sid)

    async def _end(self, following: Any, sid: str, reason: str) -> None:
        self.eio.ended(sid)
        try:
            await following(sid, reason)
        except Exception:
            log.exception("a farewell failed")


def uncounted(why: str) -> None:
    """For a server without metrics."""


_HANDSHAKE: Final = frozenset(
    {"upgrade", "connection"} | {f"sec-websocket-{part}" for part in ("key", "version", "protocol", "extensions")}
)
_SESSION: Final[web.RequestKey[str]] = web.RequestKey("engine_session", str)


class _Body:
    """What was read, for the library to read again."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def read(self, length: int) -> bytes:
        return self._body[:length]


def _session_of(request: web.Request) -> str:
    """Which one the library takes it for; of a name that comes twice or empty aiohttp reads another value."""
    return parse_qs(request.query_string).get("sid", [""])[0]


def _is_frame(text: Any) -> bool:
    """A packet of Engine.IO that a client of ours sends: close, probe, pong, message, upgrade."""
    if not isinstance(text, str):
        return False
    return text.startswith("4") or text in ("1", "2probe", "3", "5")


def _then(kept: Callable[..., Awaitable[Any]], following: Any) -> Any:
    async def handler(*args: Any) -> Any:
        return await kept(following, *args)

    return handler
