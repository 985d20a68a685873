"""The `/room` namespace: which socket is which seat, and the way of a message in and out.

Owns the map from socket to seat. A command is enqueued to its room before the first await, because every
message runs in a task of its own; every message is answered, whatever happens to it. `signaling.admissions` says for
how long a socket, and its seat's media, are let in.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import socketio

from journal.refusals import DomainError
from media.engine import External
from media.turn import TurnCredentials
from rooms.errors import NotAllowed
from rooms.live.registry import Rooms
from rooms.live.subscription import Subscription
from signaling.acknowledgements import BadMessage, Encoded, Gone, TooFast, UnknownMessage, WireJson, refuse
from signaling.admissions import RECHECK, Admissions, Ended, Media, Viewer, never
from signaling.messages import COMMANDS, MEDIA
from signaling.messages.agreement import PreviewBody
from signaling.messages.floor import LinesBody
from signaling.messages.media import AnswerBody, LookBody, MeasurementBody, PointBody, PublishBody
from signaling.transport import AddressOf, Count, SocketServer, uncounted

NAMESPACE = "/room"
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


class TokenBucket:
    """A token bucket: so many a second, and no more saved up than a second's worth."""

    def __init__(self, per_second: int, now: float) -> None:
        self._most = self._left = float(per_second)
        self._at = now

    def take(self, now: float) -> bool:
        self._left = min(self._most, self._left + (now - self._at) * self._most)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


@dataclass(slots=True)
class _Socket:
    viewer: Viewer
    subscription: Subscription
    allowance: TokenBucket
    reports: TokenBucket  # of what it measures
    sender: asyncio.Task[None] = field(init=False)


class RoomNamespace(socketio.AsyncNamespace):  # type: ignore[misc]  # the library has no types
    """One instance serves every room."""

    def __init__(
        self, rooms: Rooms, resolve: Resolve, relay: Relay = no_relay, ended: Ended = never, recheck: float = RECHECK
    ) -> None:
        super().__init__(NAMESPACE)
        self._rooms, self._resolve, self._relay = rooms, resolve, relay
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
            subscription = await self._rooms.attach(viewer.session, viewer.seat)
        except DomainError as fault:
            raise _refused(fault.code) from fault
        except socketio.exceptions.ConnectionRefusedError:
            raise
        except Exception as fault:
            log.exception("a connection failed")
            raise _refused("internal") from fault
        loop = asyncio.get_running_loop()
        socket = _Socket(
            viewer, subscription, TokenBucket(MESSAGES_PER_SECOND, loop.time()), TokenBucket(1, loop.time())
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
                await self.emit(name, Encoded(body), to=sid)
            if subscription.put_out:
                await self.server.disconnect(sid, NAMESPACE)
                await asyncio.sleep(LAST_WORDS)
                await engine.close(wait=False, abort=True)  # nothing that was queued for a slow reader goes out later
            elif subscription.code == "slow":
                await engine.close(wait=False, abort=True)  # it would not read a farewell either
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
            raise TooFast
        if not isinstance(name, str):
            raise UnknownMessage
        if len(args) > 1:
            raise BadMessage(field="")
        body = args[0] if args and args[0] is not None else {}
        viewer = socket.viewer
        if name == "report_quality" and not socket.reports.take(asyncio.get_running_loop().time()):
            raise TooFast
        if (command := COMMANDS.get(name)) is not None:
            wanted = command.build(command.body.model_validate(body))
            await self._rooms.post(viewer.session, wanted, viewer.actor)
            return {}
        if name == "preview_clause":
            return await self._preview(viewer, PreviewBody.model_validate(body))
        if name == "read_lines":
            asked = LinesBody.model_validate(body)
            return {"lines": await self._rooms.read_lines(viewer.session, viewer.seat, asked.after, asked.before)}
        if (model := MEDIA.get(name)) is not None:
            return await self._media(name, viewer, model.model_validate(body))
        raise UnknownMessage

    async def _media(self, name: str, viewer: Viewer, body: Any) -> dict[str, Any]:
        session, seat = viewer.session, viewer.seat
        match name, body:
            case "media_join", _:
                self.admissions.enter((session, seat), viewer)
                admission = await self._rooms.media_join(session, seat)
                if isinstance(admission, External):
                    return {"kind": "external", "url": admission.url, "token": admission.token}
                return {"kind": "negotiated", **self._way(viewer)}
            case _, PublishBody():
                return {"sdp": await self._rooms.media_publish(session, seat, body.sdp, body.sources)}
            case _, AnswerBody():
                await self._rooms.media_answer(session, seat, body.sdp)
            case "media_restart", _:
                await self._rooms.media_restart(session, seat)
                return self._way(viewer)  # those of the join may have expired
            case _, LookBody():
                await self._rooms.media_look(session, seat, body.seat)
            case _, PointBody():
                self._rooms.point(session, seat, body.model_dump())
            case _, MeasurementBody():
                return {"level": await self._rooms.report_quality(session, seat, body.measurement())}
        return {}

    async def _preview(self, viewer: Viewer, body: PreviewBody) -> dict[str, Any]:
        """Asks for words, not for anything to happen."""
        if not viewer.mediator:
            raise NotAllowed
        return asdict(await self._rooms.preview(viewer.session, body.term.term()))

    def _way(self, viewer: Viewer) -> dict[str, Any]:
        """Only after the room has let the seat in: credentials open a relay."""
        given = self._relay(viewer.session, viewer.seat)
        return {} if given is None else {"relay": given.body()}


def _refused(code: str) -> Exception:
    refused: Exception = socketio.exceptions.ConnectionRefusedError(code, {"code": code})
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
    server.register_namespace(RoomNamespace(rooms, resolve, relay, ended, recheck))
    return server
