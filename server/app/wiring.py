"""The composition root: settings in, a runnable application out. Nothing here decides anything."""

from __future__ import annotations

import socket
import ssl
from functools import partial

import socketio
from aiohttp import web

from journal.clock import utc_now
from law import dictionary
from media.engine import MediaEngine
from media.sfu.engine import EmbeddedEngine
from rooms.floor.rules import shown_texts
from server.app.core import assemble
from server.app.parts import ORDER, PARTS, LogMetrics, Parts, until_stopped
from server.app.topics import TOPICS
from server.identity.viewers import SocketAuthenticator
from server.retention.archive import ArchiveMetrics, UploadMetrics
from server.serving.gate import ConnectionLimits, CutTally, Gate, Origins, most_for, open_files
from server.serving.health import (
    BacklogMetrics,
    Check,
    ClientMetrics,
    DatabaseMetrics,
    DiskMetrics,
    Health,
    MediaMetrics,
    ProcessMetrics,
    RoomMetrics,
    tell_build,
)
from server.serving.listener import Listener, RequestLog
from server.serving.logs import current_request
from server.serving.nodes.cell import Cell, socket_path
from server.serving.nodes.forwarding import PATH, ForwardedRequests
from server.serving.settings import Settings
from signaling import RECHECK
from signaling.namespace import NAMESPACE, create_socketio, granted
from web import SITE
from web.application import create_web
from web.http import cookies
from web.http.forms import CLOCK
from web.http.security import (
    BODY_LIMIT,
    PROXIES,
    Access,
    Proxies,
    counted_as,
    declare,
    from_here,
    from_proxy,
    hop,
    same_origin,
)
from web.office.oversight import SETUP_SECRET
from web.rendering import REQUEST_NUMBER

__all__ = ["GATE", "MALFORMED", "PARTS", "Parts", "assemble", "create_app", "listener", "setup_code", "utc_now"]

GATE: web.AppKey[Gate] = web.AppKey("gate", Gate)
MALFORMED: web.AppKey[CutTally] = web.AppKey("malformed", CutTally)
"""What was sent that no client of ours sends."""


def create_app(settings: Settings, engine: MediaEngine | None = None, recheck: float = RECHECK) -> web.Application:
    """`engine` replaces the embedded one, for tests that need no media. `recheck`: seconds between two looks at who
    may stay in rooms."""
    dictionary.load()  # nobody's first search waits for it
    parts = assemble(settings, engine)
    app = web.Application(client_max_size=BODY_LIMIT)
    app[PARTS] = parts
    app[CLOCK] = utc_now
    app[REQUEST_NUMBER] = current_request
    app[SITE] = parts.site
    app[PROXIES] = Proxies(settings.trusted_proxies)
    cut = CutTally("connections_cut", "Connections that were cut or refused, by why.")
    app[MALFORMED] = CutTally("malformed", "Requests and messages that no client of ours sends.")
    app[GATE] = Gate(_limits(settings), cut)
    app.cleanup_ctx.extend(ORDER)
    for install in TOPICS:
        install(app, parts)
    create_web(app)
    sockets = _attach_sockets(app, parts, recheck)
    health = _health(parts, sockets, app[GATE])
    cut.register(health.registry)
    app[MALFORMED].register(health.registry)
    health.install(app)
    for path in ("/healthz", "/readyz", "/metrics"):
        for method in ("GET", "HEAD"):
            declare(app, method, path, Access("anyone"))
    app.on_shutdown.append(_Cut(sockets))
    app.cleanup_ctx.append(health.running)
    if settings.demo and settings.demo_complaints:
        from server.app.two_years import furnishing  # no other start waits for it

        app.cleanup_ctx.append(furnishing)
    return app


def listener(
    app: web.Application, runner: web.BaseRunner, listening: socket.socket, tls: ssl.SSLContext | None = None
) -> Listener:
    """What takes this application's connections. `listening` is bound and not yet listening."""
    return Listener(runner, listening, app[GATE], app[PROXIES].counted, app[MALFORMED], tls)


def setup_code(app: web.Application) -> str:
    """What founds the first office, while there is none."""
    return app[SETUP_SECRET]


def _limits(settings: Settings) -> ConnectionLimits:
    return ConnectionLimits(settings.most_connections or most_for(open_files()), settings.most_connections_per_address)


def _attach_sockets(app: web.Application, parts: Parts, recheck: float) -> socketio.AsyncServer:
    resolve = SocketAuthenticator(
        parts.officers,
        parts.links,
        parts.rooms,
        parts.reads,
        shown_texts(parts.site.consent_version),
        partial(cookies.tokens, parts.site),
    )
    sockets = create_socketio(
        parts.rooms,
        resolve,
        Origins(parts.settings, same_origin),
        partial(granted, parts.current, utc_now),
        app[MALFORMED].count,
        counted_as,
        resolve.ended,
        recheck,
    )
    sockets.attach(app)
    namespace = sockets.namespace_handlers[NAMESPACE]
    parts.database.credentials.subscribers.append(namespace.admissions.look_again)
    app.cleanup_ctx.append(until_stopped(namespace.watch))
    app.cleanup_ctx.append(until_stopped(partial(parts.database.credentials.watch, parts.database.read)))
    declare(app, "*", "/socket.io/", Access("anyone", self_checked=True))
    if parts.cell is not None:
        _attach_node(app, parts, parts.cell, sockets)
    return sockets


def _attach_node(app: web.Application, parts: Parts, cell: Cell, sockets: socketio.AsyncServer) -> None:
    """Where the edge leads to this node among others, and where the others ask."""
    sockets.attach(app, socket_path(cell.name).strip("/"))
    declare(app, "*", socket_path(cell.name), Access("anyone", self_checked=True))
    forwarded = ForwardedRequests(lambda: cell.secret, parts.rooms.submit_here)
    app.router.add_post(PATH, forwarded.answer)
    declare(app, "POST", PATH, Access("anyone", self_checked=True))


def _health(parts: Parts, sockets: socketio.AsyncServer, gate: Gate) -> Health:
    async def database_answers() -> bool:
        await parts.store.has_administrator()
        return True

    checks: dict[str, Check] = {"database": database_answers}
    if (cell := parts.cell) is not None:

        async def lease_held() -> bool:
            return cell.held

        checks["lease"] = lease_held  # without it rooms are somebody else's
    health = Health(
        checks,
        {
            "sockets": lambda: float(len(sockets.eio.sockets)),
            "connections": lambda: float(len(gate)),
            "connections_busy": lambda: float(gate.counts()["busy"]),
        },
        from_here,
        lambda: parts.rooms.drains,
        lambda: parts.current.metrics_token,
        RequestLog(parts.settings.access_logged, from_proxy, lambda request: hop(request).address),
    )
    tell_build(health.registry)
    health.registry.register(parts.journal_seconds)
    health.registry.register(DatabaseMetrics(parts.database))
    health.registry.register(DiskMetrics(parts.settings.data, parts.settings.disk_reserve))
    backlog = BacklogMetrics(parts.database, parts.queue, utc_now)
    health.samples = {"outbox": backlog.ask_outbox, "jobs": backlog.ask_jobs}
    health.registry.register(backlog)
    health.registry.register(RoomMetrics(parts.rooms))
    health.registry.register(parts.connections.collector())
    health.registry.register(parts.messages.collector())
    health.registry.register(LogMetrics(parts.log.keeper, parts.log.attesting))
    health.registry.register(ArchiveMetrics(lambda: parts.archive.tally))
    if parts.uploader is not None:
        health.registry.register(UploadMetrics(parts.uploader))
    parts.rooms.on_measured.append(ClientMetrics(health.registry).note)
    parts.rooms.lag = lambda room: max(health.lag, _lag_of(parts.engine, room))
    if isinstance(engine := parts.engine, EmbeddedEngine):
        health.registry.register(MediaMetrics(lambda: engine.loads))
        health.registry.register(ProcessMetrics(lambda: engine.worker_pids))
    return health


def _lag_of(engine: MediaEngine, room: str) -> float:
    """How late the loop is of the worker that has the room, in seconds."""
    return float(engine.load_of(room).get("lag", 0.0)) if isinstance(engine, EmbeddedEngine) else 0.0


class _Cut:
    """Cuts the sockets, so that stopping need not wait for them: clients come back by themselves."""

    def __init__(self, sockets: socketio.AsyncServer) -> None:
        self._sockets = sockets

    async def __call__(self, _app: web.Application) -> None:
        await self._sockets.namespace_handlers[NAMESPACE].stop()
        self._sockets.eio.drop()
        await self._sockets.shutdown()
