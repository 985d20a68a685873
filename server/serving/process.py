"""`yuntiao serve` from start to stop: the data folder's lock, the listening socket, what is printed, the signals.

Unservable   one line why the program cannot serve
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from media.engine import MediaError
from recordings import BadMaster, KeysAway
from rooms.live.registry import Rooms
from server import serving
from server.app import demo
from server.app.wiring import PARTS, create_app, listener, setup_code, utc_now
from server.db.engine import AlreadyServed, UnknownTables
from server.serving import RUNNING, logs
from server.serving.addresses import local_addresses, loopback, self_signed, server_context
from server.serving.gate import FEW_FILES, most_for, raise_open_files
from server.serving.nodes.cell import Cell, NodeNameInUse
from server.serving.nodes.store import SoleServer
from server.serving.settings import CurrentSettings, Settings

log = structlog.get_logger(__name__)

STOP_SECONDS = 3.0
LAST_SECONDS = 2.0
DRAIN_LOOK = 0.5
_SERVED = "another yuntiao serves this database, perhaps on another machine: stop it first"
_SERVED_ALONE = (
    "another yuntiao has this database to itself: stop it first, and give each its name among several (YUNTIAO_NODE)"
)


class Unservable(Exception):
    """Why it cannot start, for the person at the terminal. `passes`: it may in a moment, and is worth another try."""

    def __init__(self, why: str, passes: bool = False) -> None:
        super().__init__(why)
        self.passes = passes


async def run(settings: Settings, as_json: bool, anew: Callable[[], Settings]) -> None:
    """Serve until SIGTERM or SIGINT. `anew` tells the settings as they are by now; ValueError when they cannot be."""
    logs.configure("web", settings.log_format)
    _enough_files()
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    taken = Unservable(f"another yuntiao is using {settings.data.resolve()}")
    # Two programs on one folder would both think a session is theirs.
    with serving.locked(settings.data, taken), contextlib.closing(_listening(settings)) as listening:
        settings = settings.model_copy(update={"port": listening.getsockname()[1]})
        stop, tls = _on_signal(), _tls(settings)
        app = _created(settings)
        current = app[PARTS].current
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, _read_anew, current, anew, tls)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_SECONDS)
        cell = app[PARTS].cell
        async with _among(cell) if cell is not None else _alone(SoleServer(app[PARTS].database)):
            try:
                await _set_up(runner, settings.media_port)
                await listener(app, runner, listening, tls).start()
                _say_where(await _facts(settings, app), as_json or settings.log_format == "json")
                running = settings.data / RUNNING
                running.write_text(json.dumps({"url": settings.url_at(_own_host(settings)), "pid": os.getpid()}))
                try:
                    await stop.wait()
                    stop.clear()
                    await _drain(app, current.settings.drain, stop)
                finally:
                    running.unlink(missing_ok=True)
            finally:
                await runner.cleanup()
                await _end_what_is_left()
                await app[PARTS].database.close()  # once more: what was under way may have been at it


@contextlib.asynccontextmanager
async def _alone(server: SoleServer) -> AsyncIterator[None]:
    """No other server works on the database meanwhile."""
    try:
        await server.take()
    except AlreadyServed:
        raise Unservable(_SERVED) from None
    except OSError as fault:
        raise Unservable(f"the database does not answer: {fault}", passes=True) from None
    keeping = asyncio.create_task(server.keep(_ousted), name="sole server")
    try:
        yield
    finally:
        keeping.cancel()
        await server.give()


@contextlib.asynccontextmanager
async def _among(cell: Cell) -> AsyncIterator[None]:
    """One of several servers on the database; none has it to itself meanwhile."""
    try:
        await cell.lock()
    except NodeNameInUse:
        raise Unservable(f"another node is called {cell.name}: give each a name of its own (YUNTIAO_NODE)") from None
    except AlreadyServed:
        raise Unservable(_SERVED_ALONE) from None
    except OSError as fault:
        raise Unservable(f"the database does not answer: {fault}", passes=True) from None
    try:
        yield
    finally:
        await cell.close()


async def _drain(app: web.Application, seconds: float, again: asyncio.Event) -> None:
    """Be ready for nobody new, and let mediations under way end: for so many seconds, or until it is told `again`.

    Where there are other nodes, rooms go to them: each when nothing goes on in it, the rest when the time is over.
    """
    if not seconds:
        return
    rooms = app[PARTS].rooms
    rooms.drain(utc_now() + timedelta(seconds=seconds))
    if (cell := app[PARTS].cell) is not None:
        await cell.drain()
    log.info("no new mediation is opened", occupied=rooms.occupied, seconds=seconds)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while rooms.occupied and not again.is_set():
                await _hand_over(rooms)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(again.wait(), DRAIN_LOOK)

    if not again.is_set():
        await _hand_over(rooms, all_of_them=True)


async def _hand_over(rooms: Rooms, all_of_them: bool = False) -> None:
    try:
        await rooms.hand_over(all_of_them)
    except OSError as fault:
        log.warning("whether there are other nodes is not known", fault=str(fault))


def _ousted() -> None:
    """At once, as if killed: whatever an orderly end writes would go into the other's sessions."""
    log.error(_SERVED)
    os._exit(2)


async def _end_what_is_left() -> None:
    """Cancel the tasks of connections that are not done, within a second or two."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    if left:
        await asyncio.wait(left, timeout=LAST_SECONDS)


def _enough_files() -> None:
    files = raise_open_files()
    if files < FEW_FILES:
        log.warning(
            f"only {files} files may be open here, which leaves {most_for(files)} connections for everybody together; "
            "allow more (systemd: LimitNOFILE=65536; a shell: ulimit -Hn 65536; Docker: --ulimit nofile=65536)"
        )


def _created(settings: Settings) -> web.Application:
    try:
        return create_app(settings)
    except (BadMaster, KeysAway, ValueError) as fault:  # what is named cannot be used
        raise Unservable(str(fault), passes=isinstance(fault, KeysAway)) from None


async def _set_up(runner: web.AppRunner, media_port: int) -> None:
    try:
        await runner.setup()
    except demo.NotADemo:
        raise Unservable("this data folder belongs to a real office; give the demo one of its own (--data)") from None
    except demo.NotReal:
        raise Unservable("this data folder is a demo's (--demo); give a real office one of its own (--data)") from None
    except UnknownTables as fault:
        raise Unservable(str(fault)) from None
    except MediaError as fault:
        hint = f"; is UDP port {media_port} free?" if media_port else ""
        raise Unservable(f"audio and video cannot start: {fault}{hint}") from fault


def _listening(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as fault:
        listening.close()
        raise Unservable(f"cannot listen on {settings.host} port {settings.port}: {fault.strerror}") from None
    return listening


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if not settings.tls:
        return None
    try:
        return server_context(*_certificate(settings))
    except (OSError, ssl.SSLError) as fault:
        raise Unservable(f"certificate or key cannot be used: {fault}") from None


def _certificate(settings: Settings) -> tuple[Path, Path]:
    if settings.tls_self_signed:
        return self_signed(settings.data, settings.certificate_names(), utc_now())
    assert settings.tls_cert is not None
    assert settings.tls_key is not None
    return settings.tls_cert, settings.tls_key


def _read_anew(current: CurrentSettings, anew: Callable[[], Settings], tls: ssl.SSLContext | None) -> None:
    """Settings and certificate. What cannot be used leaves what was there."""
    # What it found out or made up when it started is no change.
    own = {name: getattr(current.settings, name) for name in ("port", "demo_complaints")}
    try:
        taken, later = current.replace(anew().model_copy(update=own))
    except ValueError as fault:
        log.error("the new settings cannot be used, those before stay", fault=str(fault))
    else:
        log.info("the settings were read anew", taken=", ".join(taken), after_a_start=", ".join(later))
    if tls is not None:
        _read_certificate(current.settings, tls)


def _read_certificate(settings: Settings, tls: ssl.SSLContext) -> None:
    """Whoever connects from now on gets it."""
    try:
        found = _certificate(settings)
        server_context(*found)
        tls.load_cert_chain(*found)
    except (OSError, ssl.SSLError) as fault:
        log.error("the new certificate or key cannot be used, the one before stays", fault=str(fault))
    else:
        log.info("the certificate was read anew")


def _on_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def _own_host(settings: Settings) -> str:
    return "127.0.0.1" if settings.host == "0.0.0.0" else "::1" if settings.host == "::" else settings.host  # noqa: S104


# ---------------------------------------------------------------- what the person at the terminal needs


async def _facts(settings: Settings, app: web.Application) -> dict[str, Any]:
    facts: dict[str, Any] = {"url": settings.url, "data": str(settings.data.resolve())}
    if not loopback(settings.host):
        facts["addresses"] = [settings.url_at(address) for address in local_addresses() if ":" not in address]
        facts["secure"] = settings.secure
    if settings.demo:
        facts["demo"] = {
            "password": demo.demo_password(settings.data, settings.demo_password.get_secret_value()),
            "two_steps": settings.two_steps_kept,
            "logins": {
                "mediator": demo.MEDIATOR,
                "supervisor": demo.SUPERVISOR,
                "administrator": demo.ADMINISTRATOR,
            },
        }
        if settings.demo_complaints:
            facts["demo"]["others"] = [login for login, _, _ in demo.STAFF]
    elif await app[PARTS].officers.empty():
        facts["setup"] = {
            "url": f"{settings.url}/setup?code={setup_code(app)}",
            "code": setup_code(app),
        }
    return facts


def _say_where(facts: dict[str, Any], as_json: bool) -> None:
    text = json.dumps(facts, ensure_ascii=False) if as_json else "\n".join(_lines(facts))
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    yield f"\n云调 Yuntiao  {facts['url']}"
    for address in facts.get("addresses", []):
        yield f"  手机 phones    {address}"
    if not facts.get("secure", True):
        yield "  没有加密，手机浏览器不给摄像头；请加 --tls-self-signed"
        yield "  Without TLS phones give no camera: add --tls-self-signed"
    if "demo" in facts:
        logins = facts["demo"]["logins"]
        yield f"  调解员 mediator       {logins['mediator']}"
        yield f"  监督员 supervisor     {logins['supervisor']}"
        yield f"  管理员 administrator  {logins['administrator']}"
        if others := facts["demo"].get("others"):
            yield f"  还有 and also         {' '.join(others)}"
        yield f"  密码 password         {facts['demo']['password']}"
        yield f"  消费者 consumers      {facts['url']}/file  /follow  /public"
        if not facts["demo"]["two_steps"]:
            yield "  演示中监督员和管理员登录不要6位数字；正式使用时必须有（YUNTIAO_TWO_STEPS=1 可先试）"
            yield "  Here supervisors and administrators need no six digits; a real office's do (YUNTIAO_TWO_STEPS=1)"
    if "setup" in facts:
        yield "  这里还没有单位，请建立第一位管理员 / No office yet, found it here:"
        yield f"  {facts['setup']['url']}"
        yield f"  口令 setup code  {facts['setup']['code']}"
    yield f"  数据 data  {facts['data']}\n  停止 stop  Ctrl-C\n"
