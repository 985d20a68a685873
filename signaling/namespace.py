"""The `/room` namespace: which socket is which seat, the way of a message in and out, and how it is answered.

Owns the map from socket to seat. A command is enqueued to its room before the first await, because every message
runs in a task of its own; every message is answered, whatever happens to it. `signaling` says for how
long a socket, and its seat's media, are let in.

Exceptions are answered as acknowledgements. Beside the codes of rooms and media.engine a client can be told:

code              params
unknown_message            no such message
bad_message       field    the body does not fit it
too_fast                   more messages than a person can send
gone                       this connection was ended (replaced, removed, session over)
internal                   our fault; the log has the rest
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar

import socketio
from engineio import json, packet
from pydantic import BaseModel, ValidationError
from socketio import packet as socket_packet

from journal.refusals import Busy, DomainError, NotAllowed, Unanswered
from media.engine import CHECK_TTL, External, MediaEngine, MediaError, Turn, TurnCredentials
from media.sfu.control import TokenBucket
from rooms import OtherNode
from rooms.events import encode_json
from rooms.live import Subscription
from rooms.live.registry import Rooms
from rooms.vocabulary import ANYBODY, EVERYBODY, MEDIATOR, Role, Standing
from signaling import RECHECK, Admissions, Ended, Media, Viewer, client_name, never
from signaling.transport import (
    COMMANDS,
    AddressOf,
    AnswerBody,
    Count,
    LinesBody,
    LookBody,
    MeasurementBody,
    Nothing,
    PointBody,
    PreviewBody,
    PublishBody,
    SocketServer,
    uncounted,
)


class SignalingError(DomainError):
    """A message that gets no further than the namespace."""

    code = "signaling"


class UnknownMessage(SignalingError):
    code = "unknown_message"


class BadMessage(SignalingError):
    code = "bad_message"


class SendingTooFast(SignalingError):
    code = "too_fast"


class Gone(SignalingError):
    code = "gone"


def refuse(fault: Exception) -> dict[str, Any]:
    """What the client is told: `{"error": {"code", "params"}}`."""
    match fault:
        case DomainError():
            return _error(fault.code, fault.params)
        case MediaError():
            return _error(fault.code, fault.params)
        case ValidationError():
            where = fault.errors(include_url=False, include_context=False, include_input=False)[0]["loc"]
            return _error(BadMessage.code, {"field": ".".join(str(step) for step in where)})
        case Unanswered():
            return _error(Busy.code, {})
        case _:
            log.error("a message failed", exc_info=fault)
            return _error("internal", {})


def _error(code: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"error": {"code": code, "params": params}}


# ------------------------------------------------------------ JSON on the wire


class WireJson:
    """What python-socketio and engine.io take for the `json` module: UTF-8 as it is, no spaces."""

    loads = staticmethod(json.loads)

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        return encode_json(value)


NAMESPACE = "/room"
_EVENT: Final = f"{socket_packet.EVENT}{NAMESPACE},"


def event_text(name: str, body: str) -> str:
    """An event in Socket.IO's form. `body`: JSON text, as a room has encoded it."""
    return f'{_EVENT}["{name}",{body}]'


LARGEST_MESSAGE = 128 * 1024
MESSAGES_PER_SECOND = 30
FAREWELL = 2.0
"""Seconds a client has to hang up by itself after `gone`."""
LAST_WORDS = 0.5
"""Seconds the reason has to reach somebody who was put out, before the connection is cut."""
MOST_IN_SOCKET = 32
"""Packets that engine.io may hold for one socket before we stop giving it more; its own queue has no end."""

log = logging.getLogger(__name__)


OriginAllowed = Callable[[str | None, Mapping[str, Any]], bool]
"""From a handshake's Origin, if it has one, and its environ."""
Resolve = Callable[[Mapping[str, Any], Mapping[str, Any]], Awaitable[Viewer | str]]
"""From the WSGI-like environ of the handshake and its auth to the viewer, or to the code of a refusal."""
Relay = Callable[[str, str], TurnCredentials | None]
"""From session and seat to fresh credentials for the TURN server, if there is one."""


def no_relay(session: str, seat: str) -> TurnCredentials | None:
    return None


class CurrentTurn(Protocol):
    """The settings in force: the relay may be another one while the program runs."""

    @property
    def turn(self) -> Turn | None: ...


def granted(current: CurrentTurn, now: Callable[[], datetime], session: str, seat: str) -> TurnCredentials | None:
    """A `Relay`, once it knows the first two."""
    return None if current.turn is None else current.turn.grant(session, seat, now())


def trial(
    engine: MediaEngine, current: CurrentTurn, now: Callable[[], datetime], session: str, seat: str
) -> dict[str, Any] | None:
    """What a device check tries the network with, before anybody is admitted; None when there is nothing to try.

    Nobody needs to be in a room yet, so the credentials are short. Who tries a call beforehand is nobody's guest: the
    session is "" and the seat their address, which is one user to the relay, with a user's quota.
    """
    reach = engine.probe_target()
    if reach is None:
        return None
    turn = current.turn
    relay = None if turn is None else turn.grant(session, seat, now(), CHECK_TTL).body()
    return {**asdict(reach), "relay": relay}


@dataclass(slots=True)
class _Socket:
    viewer: Viewer
    subscription: Subscription
    allowance: TokenBucket
    reports: TokenBucket  # of what it measures
    sender: asyncio.Task[None] = field(init=False)


Answer = dict[str, Any]
Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class SideMessage:
    """A message that is no command of the session."""

    body: type[BaseModel]
    by: frozenset[Standing]
    answer: Callable[[RoomNamespace, Viewer, Any], Awaitable[Answer]]


QUESTIONS: Final[dict[str, SideMessage]] = {}


def question(
    name: str, body: type[Body], *, by: frozenset[Standing]
) -> Callable[
    [Callable[[RoomNamespace, Viewer, Body], Awaitable[Answer]]],
    Callable[[RoomNamespace, Viewer, Body], Awaitable[Answer]],
]:
    """Declare who answers a message of this name and body, asked `by` these."""

    def declare(
        answer: Callable[[RoomNamespace, Viewer, Body], Awaitable[Answer]],
    ) -> Callable[[RoomNamespace, Viewer, Body], Awaitable[Answer]]:
        QUESTIONS[name] = SideMessage(body, by, answer)
        return answer

    return declare


class RoomNamespace(socketio.AsyncNamespace):  # type: ignore[misc]  # the library has no types
    """One instance serves every room."""

    def __init__(
        self,
        rooms: Rooms,
        resolve: Resolve,
        relay: Relay = no_relay,
        ended: Ended = never,
        recheck: float = RECHECK,
        address_of: AddressOf = lambda request: "",
    ) -> None:
        super().__init__(NAMESPACE)
        self._rooms, self._resolve, self._relay, self._address_of = rooms, resolve, relay, address_of
        self._sockets: dict[str, _Socket] = {}
        self.admissions = Admissions(ended, self._put_out, recheck)

    async def trigger_event(self, event: str, *args: Any) -> Any:
        # The library calls this for its own two events, and also for whatever a client sends under their names.
        if event == "connect" and self._is_handshake(*args):
            return await self._connect(*args)
        if event == "disconnect" and not self.server.manager.is_connected(args[0], NAMESPACE):
            return await self._disconnect(args[0])
        try:
            # Not a line here awaits before the command is enqueued.
            return {"ok": await self._message(event, args[0], args[1:])}
        except Exception as fault:
            return refuse(fault)

    async def stop(self) -> None:
        """Cut every connection: clients come back by themselves."""
        self.admissions.stop()
        for sid in list(self._sockets):
            await self._disconnect(sid)

    async def watch(self) -> None:
        """Look by the clock at who may stay, until cancelled."""
        await self.admissions.watch(self._rooms.carries)

    # ------------------------------------------------------------ coming and going

    async def _connect(self, sid: str, environ: Mapping[str, Any], auth: Any = None) -> None:
        changes = self.admissions.changes
        try:
            viewer = await self._resolve(environ, auth if isinstance(auth, dict) else {})
            if isinstance(viewer, str):
                raise _refused(viewer)
            client, request = client_name(str(environ.get("HTTP_USER_AGENT", ""))), environ.get("aiohttp.request")
            network = self._address_of(request) if request is not None else ""
            viewer = replace(viewer, client=client, network=network)
            await self._rooms.own(viewer.session)
            subscription = await self._rooms.attach(viewer.session, viewer.seat)
        except OtherNode as fault:
            raise _refused(fault.code, **fault.params) from fault
        except DomainError as fault:
            raise _refused(fault.code) from fault
        except Unanswered as fault:
            raise _refused(Busy.code) from fault
        except socketio.exceptions.ConnectionRefusedError:
            raise
        except Exception as fault:
            log.exception("a connection failed")
            raise _refused("internal") from fault
        loop = asyncio.get_running_loop()
        socket = _Socket(
            viewer,
            subscription,
            TokenBucket(MESSAGES_PER_SECOND, MESSAGES_PER_SECOND, loop.time()),
            TokenBucket(1, 1, loop.time()),
        )
        self._sockets[sid] = socket
        self.admissions.enter(sid, viewer, changes)
        socket.sender = loop.create_task(self._send(sid, subscription), name=f"to {viewer.seat}")

    async def _disconnect(self, sid: str) -> None:
        socket = self._sockets.pop(sid, None)
        self.admissions.leave(sid)
        if socket is not None:
            socket.subscription.close()
            if socket.sender is not asyncio.current_task():
                socket.sender.cancel()
                await asyncio.gather(socket.sender, return_exceptions=True)

    async def _send(self, sid: str, subscription: Subscription) -> None:
        """From the room to the socket, no faster than the socket takes it."""
        try:
            engine = await self._accepted(sid)
            if engine is None:
                await self._disconnect(sid)
                return
            async for name, body in subscription:
                # engine.io tells nobody when its queue shrinks: look again.
                while engine.queue.qsize() > MOST_IN_SOCKET and not subscription.hurries:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
                # As `emit` does, but for a task and a search for who that socket is.
                await self.server.eio.send_packet(engine.sid, packet.Packet(packet.MESSAGE, event_text(name, body)))
            if subscription.put_out:
                await self.server.disconnect(sid, NAMESPACE)
                await asyncio.sleep(LAST_WORDS)
                await self.server.eio.sever(engine.sid)  # nothing that was queued for a slow reader goes out later
            elif subscription.code in ("slow", "cut"):
                await self.server.eio.sever(engine.sid)  # it would not read a farewell either
            else:
                # Whoever's own message ended it (close, leave) still gets its acknowledgement: the client hangs up
                # on `gone`, and this task is cancelled then.
                await asyncio.sleep(FAREWELL)
                await self.server.disconnect(sid, NAMESPACE)
        except Exception:
            log.exception("a connection is cut")
            await self.server.disconnect(sid, NAMESPACE)

    async def _put_out(self, key: str | Media, code: str) -> None:
        """Whose credential ended: they hear why and nothing else; their media is not forwarded any more."""
        if isinstance(key, str):
            if (socket := self._sockets.get(key)) is not None:
                socket.subscription.put_out_with(code)
            return
        self.admissions.leave(key)
        await self._rooms.end_media(*key)

    def _is_handshake(self, sid: str, *args: Any) -> bool:
        engine = self.server.manager.eio_sid_from_sid(sid, NAMESPACE)
        return bool(args) and args[0] is self.server.environ.get(engine)

    async def _accepted(self, sid: str) -> Any:
        """The engine.io socket once the client has been told it is connected; None if it went before."""
        manager = self.server.manager
        while True:
            engine = self.server.eio.sockets.get(manager.eio_sid_from_sid(sid, NAMESPACE))
            if engine is None or engine.closed or manager.is_connected(sid, NAMESPACE):
                return engine
            await asyncio.sleep(0)  # the acceptance is written right after `connect` returns; no event says so

    # ------------------------------------------------------------ messages

    async def _message(self, name: str, sid: str, args: tuple[Any, ...]) -> Any:
        socket = self._sockets.get(sid)
        if socket is None or socket.subscription.ended:
            raise Gone
        if not socket.allowance.take(asyncio.get_running_loop().time()):
            raise SendingTooFast
        if not isinstance(name, str):
            raise UnknownMessage
        if len(args) > 1:
            raise BadMessage(field="")
        body = args[0] if args and args[0] is not None else {}
        viewer = socket.viewer
        if name == "report_quality" and not socket.reports.take(asyncio.get_running_loop().time()):
            raise SendingTooFast
        if (command := COMMANDS.get(name)) is not None:
            wanted = command.build(command.body.model_validate(body))
            await self._rooms.post(viewer.session, wanted, viewer.actor)
            return {}
        if (asked := QUESTIONS.get(name)) is not None:
            form = asked.body.model_validate(body)
            if _role(viewer) not in asked.by:
                raise NotAllowed
            return await asked.answer(self, viewer, form)
        raise UnknownMessage

    # ------------------------------------------------------------ questions: nothing of the session changes

    @question("read_lines", LinesBody, by=EVERYBODY)
    async def _lines(self, viewer: Viewer, body: LinesBody) -> Answer:
        """A page of the chat: what follows the line `after`, or leads up to `before`; without either, to the end.
        `ok` is `{lines: [Line]}` in order, at most 50 and 14 KB."""
        return {"lines": await self._rooms.read_lines(viewer.session, viewer.seat, body.after, body.before)}

    @question("preview_clause", PreviewBody, by=MEDIATOR)
    async def _preview(self, viewer: Viewer, body: PreviewBody) -> Answer:
        """How a promise would read as a clause; `ok` is `Phrased`."""
        return asdict(await self._rooms.preview(viewer.session, body.term))

    @question("media_join", Nothing, by=ANYBODY)
    async def _join(self, viewer: Viewer, body: Nothing) -> Answer:
        """`ok` is `{kind: "negotiated", relay?}`, `relay` where there is one, or `{kind: "external", url, token}`."""
        self.admissions.enter((viewer.session, viewer.seat), viewer)
        admission = await self._rooms.media_join(viewer.session, viewer.seat)
        if isinstance(admission, External):
            return {"kind": "external", "url": admission.url, "token": admission.token}
        return {"kind": "negotiated", **self._way(viewer)}

    @question("media_publish", PublishBody, by=EVERYBODY)
    async def _publish(self, viewer: Viewer, body: PublishBody) -> Answer:
        """An offer: `sources` by the `mid` of its media; `ok` is `{sdp}`. Observers have nothing to offer; a screen is
        for who may share one (`set_screen`)."""
        return {"sdp": await self._rooms.media_publish(viewer.session, viewer.seat, body.sdp, body.sources)}

    @question("media_answer", AnswerBody, by=ANYBODY)
    async def _answer(self, viewer: Viewer, body: AnswerBody) -> Answer:
        """To `media_offer`."""
        await self._rooms.media_answer(viewer.session, viewer.seat, body.sdp)
        return {}

    @question("media_restart", Nothing, by=ANYBODY)
    async def _restart(self, viewer: Viewer, body: Nothing) -> Answer:
        """`ok` is `{relay?}`; a fresh `media_offer` follows."""
        await self._rooms.media_restart(viewer.session, viewer.seat)
        return self._way(viewer)  # those of the join may have expired

    @question("media_look", LookBody, by=ANYBODY)
    async def _look(self, viewer: Viewer, body: LookBody) -> Answer:
        """Whom the page shows large, "" for nobody, and who therefore gets the better picture first."""
        await self._rooms.media_look(viewer.session, viewer.seat, body.seat)
        return {}

    @question("point_exhibit", PointBody, by=ANYBODY)
    async def _point(self, viewer: Viewer, body: PointBody) -> Answer:
        """Where whoever shows an exhibit looks; from everybody else it changes nothing."""
        self._rooms.point(viewer.session, viewer.seat, body.model_dump())
        return {}

    @question("report_quality", MeasurementBody, by=ANYBODY)
    async def _measured(self, viewer: Viewer, body: MeasurementBody) -> Answer:
        """The last seconds by getStats; at most one a second. `ok` is `{level}`, 1 to 4."""
        measured = body.measurement()
        return {
            "level": await self._rooms.report_quality(
                viewer.session, viewer.seat, measured, viewer.client, viewer.network
            )
        }

    def _way(self, viewer: Viewer) -> dict[str, Any]:
        """Only after the room has let the seat in: credentials open a relay."""
        given = self._relay(viewer.session, viewer.seat)
        return {} if given is None else {"relay": given.body()}


def _role(viewer: Viewer) -> Role:
    """Of officers only the mediator and supervisors who look on come to a room."""
    if viewer.mediator:
        return Role.MEDIATOR
    return Role(viewer.actor.role) if viewer.actor.kind == "party" else Role.SUPERVISOR


def _refused(code: str, **more: str) -> Exception:
    refused: Exception = socketio.exceptions.ConnectionRefusedError(code, {"code": code, **more})
    return refused


def create_socketio(
    rooms: Rooms,
    resolve: Resolve,
    origin_allowed: OriginAllowed | None,
    relay: Relay = no_relay,
    count: Count = uncounted,
    address_of: AddressOf = lambda request: "",
    ended: Ended = never,
    recheck: float = RECHECK,
) -> SocketServer:
    """The Socket.IO server with the namespace registered.

    Without `origin_allowed` the library takes the same origin only, but knows no TLS and believes every proxy's word.
    """
    server = SocketServer(
        NAMESPACE,
        count,
        address_of,
        async_mode="aiohttp",
        cors_allowed_origins=origin_allowed,
        max_http_buffer_size=LARGEST_MESSAGE,
        json=WireJson,
        ping_interval=10,
        ping_timeout=10,
    )
    server.register_namespace(RoomNamespace(rooms, resolve, relay, ended, recheck, address_of))
    return server
