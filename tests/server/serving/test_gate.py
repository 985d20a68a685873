"""Who is cut, who makes room, and who is left alone however slow: a small server with short times, on real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry

from server.serving import gate as figures
from server.serving.addresses import self_signed, server_context
from server.serving.gate import LOG_EVERY, ConnectionLimits, CutTally, Gate, most_for
from server.serving.listener import Listener
from tests.server.serving.crowd import connected
from web.http.security import Proxies

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
SHORT = ConnectionLimits(most=64, most_per_address=64, handshake=1.0, headers=1.0, idle=2.0, window=1.5, fewest=1000)
PATIENCE = 8.0
LARGE = 8 << 20


@dataclass
class House:
    url: str
    gate: Gate
    cut: Callable[[str], float]
    malformed: Callable[[str], float]

    async def open(self, source: str = "127.0.0.1") -> Person:
        one = await connected(self.url, source)
        return Person(*await asyncio.open_connection(sock=one))


@dataclass
class Person:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, request: bytes = GET) -> int:
        self.writer.write(request)
        async with asyncio.timeout(PATIENCE):
            head = await self.reader.readuntil(b"\r\n\r\n")
            await self.reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split()[0]))
        return int(head.split()[1])

    async def ended(self) -> bool:
        """Within the time in which everything here is."""
        async with asyncio.timeout(PATIENCE):
            with contextlib.suppress(ConnectionError):
                await self.reader.read()
        return True


async def page(request: web.Request) -> web.StreamResponse:
    if request.path == "/large":
        return web.Response(body=bytes(LARGE))
    return web.Response(text=str(len(await request.read())))


def counter(tally: CutTally, what: str) -> Callable[[str], float]:
    registry = CollectorRegistry()
    tally.register(registry)
    return lambda why: registry.get_sample_value(f"yuntiao_{what}_total", {"why": why}) or 0.0


@contextlib.asynccontextmanager
async def house(
    limits: ConnectionLimits = SHORT, proxies: Proxies | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[House]:
    app = web.Application(client_max_size=LARGE)
    app.router.add_route("*", "/{path:.*}", page)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    cut, malformed = CutTally("connections_cut", "."), CutTally("malformed", ".")
    gate = Gate(limits, cut)
    await Listener(runner, listening, gate, (proxies or Proxies()).counted, malformed, tls).start()
    try:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        yield House(url, gate, counter(cut, "connections_cut"), counter(malformed, "malformed"))
    finally:
        await runner.cleanup()


async def trickled(person: Person, piece: bytes, every: float, times: int) -> None:
    for _ in range(times):
        person.writer.write(piece)
        await person.writer.drain()
        await asyncio.sleep(every)  # the pace of a slow phone


async def test_silence_half_a_header_and_a_long_rest_end_and_the_log_has_a_line(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house() as here:
        quiet, half, rested = [await here.open() for _ in range(3)]
        half.writer.write(GET[:-4])
        assert await rested.ask() == 200
        assert all([await one.ended() for one in (quiet, half, rested)])
        assert (here.cut("silent"), here.cut("idle")) == (2, 1)
        assert len(here.gate) == 0


async def test_who_sends_a_second_request_byte_by_byte_is_cut_as_with_the_first() -> None:
    async with house() as here:
        person = await here.open()
        assert await person.ask() == 200
        with contextlib.suppress(ConnectionError):
            await trickled(person, b"GET / HTTP/1.1\r\na: b\r\n", 0.1, 1)
            await trickled(person, b"c", 0.1, 20)
        assert await person.ended()
        assert here.cut("silent") == 1


async def test_a_body_at_a_slow_phones_pace_arrives_and_one_that_trickles_does_not() -> None:
    async with house() as here:
        phone, idler = await here.open(), await here.open()
        for one in (phone, idler):
            one.writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12000\r\n\r\n")
        slowly = asyncio.create_task(trickled(phone, bytes(300), 0.1, 40))  # for longer than two windows
        with contextlib.suppress(ConnectionError):
            await trickled(idler, b"a", 0.2, 20)
        assert await idler.ended()
        await slowly
        assert await phone.ask(b"") == 200
        assert here.cut("stalled") == 1


async def test_who_reads_nothing_of_an_answer_is_cut_and_who_reads_slowly_gets_it_all() -> None:
    async with house() as here:
        slow, deaf = await here.open(), await here.open()
        for one in (slow, deaf):
            one.writer.write(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        deaf.writer.transport.pause_reading()  # type: ignore[attr-defined]
        read = 0
        while read < LARGE:
            read += len(await slow.reader.read(64 * 1024))
            await asyncio.sleep(0.03)  # the pace of a slow phone: about four seconds, several windows
        async with asyncio.timeout(PATIENCE):
            while not here.cut("stalled"):  # noqa: ASYNC110 - a counter tells nobody
                await asyncio.sleep(0.05)


async def test_the_oldest_that_never_spoke_makes_room_before_anybody_at_rest() -> None:
    async with house(replace(SHORT, most_per_address=3, headers=60, idle=60)) as here:
        rested = await here.open()
        assert await rested.ask() == 200
        first, second = await here.open(), await here.open()
        third = await here.open()
        assert await third.ask() == 200
        assert await first.ended()
        assert await second.ask() == 200
        assert await rested.ask() == 200
        assert here.cut("address") == 1
        assert await (await here.open("127.0.0.9")).ask() == 200, "another address has its own"


async def test_of_all_together_there_are_no_more_than_the_machine_bears() -> None:
    async with house(replace(SHORT, most=5, headers=60)) as here:
        crowd = [await here.open(f"127.0.2.{number}") for number in range(1, 9)]
        assert await (await here.open("127.0.0.9")).ask() == 200
        assert len(here.gate) == 5
        assert here.cut("full") == 4
        assert await crowd[0].ended()


async def test_nobody_at_work_is_cut_for_another() -> None:
    async with house(replace(SHORT, most_per_address=2, window=60)) as here:
        readers = [await here.open() for _ in range(2)]
        for one in readers:
            one.writer.transport.pause_reading()  # type: ignore[attr-defined]
            one.writer.write(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            while here.gate.counts()["busy"] < 2:  # noqa: ASYNC110 - a counter tells nobody
                await asyncio.sleep(0.02)
        assert await (await here.open()).ended()
        assert here.cut("refused_address") == 1


async def test_a_proxy_of_ours_is_not_counted_and_keeps_its_connections() -> None:
    trusting = Proxies((ip_network("127.0.0.1"),))
    async with house(replace(SHORT, most_per_address=2, headers=0.5, idle=0.5), trusting) as here:
        proxy = [await here.open() for _ in range(5)]
        stranger = await here.open("127.0.0.9")
        assert await stranger.ended()
        assert [await one.ask() for one in proxy] == [200] * 5


async def test_a_handshake_that_does_not_end_is_cut_and_noise_instead_of_one_is_only_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tls = server_context(*self_signed(tmp_path, ["localhost"], datetime.now(UTC)))
    with caplog.at_level(logging.WARNING):
        async with house(replace(SHORT, most_per_address=3), tls=tls) as here:
            quiet, noise, plain = [await here.open() for _ in range(3)]
            noise.writer.write(b"\x16\x03\x01\xff\xff" + bytes(100))
            plain.writer.write(GET)
            assert all([await one.ended() for one in (quiet, noise, plain)])
            assert here.malformed("tls") >= 1
            held = [await here.open() for _ in range(3)]
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            one = await connected(here.url, "127.0.0.1")
            speaking = Person(*await asyncio.open_connection(sock=one, ssl=context, server_hostname="localhost"))
            assert await speaking.ask() == 200
            assert await held[0].ended()
    assert not caplog.records


@pytest.mark.parametrize(
    "noise",
    [
        b"\xff\xfe\r\n\r\n",
        b"\x16\x03\x01",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"a" * 9000 + b": b\r\n\r\n",
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        b"GET http://[::1/ HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET //[ HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET http://a:x/ HTTP/1.1\r\nHost: a\r\n\r\n",
        b"CONNECT a:99999999 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET \xff HTTP/1.1\r\nHost: a\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n\xff\xff\xff",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nCookie: \xff\xfe\r\n\r\n",
        b"\r\n" * 5000,
    ],
    ids=lambda noise: repr(noise[:40]),
)
async def test_noise_gets_no_line_in_the_log_and_no_500(noise: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        async with house() as here:
            person = await here.open()
            person.writer.write(noise)
            with contextlib.suppress(OSError):
                person.writer.write_eof()
            async with asyncio.timeout(PATIENCE):
                with contextlib.suppress(ConnectionError):
                    answer = await person.reader.read()
                    assert b" 500 " not in answer[:20]
            assert await (await here.open()).ask() == 200
    assert not [record.getMessage() for record in caplog.records]


async def test_a_machine_without_files_rests_instead_of_spinning(monkeypatch: pytest.MonkeyPatch) -> None:
    async with house() as here:
        tries = 0

        def none_left(_self: socket.socket) -> tuple[socket.socket, object]:
            nonlocal tries
            tries += 1
            raise OSError(errno.EMFILE, "Too many open files")

        with monkeypatch.context() as machine:
            machine.setattr(socket.socket, "accept", none_left)
            waiting = await here.open()
            await asyncio.sleep(1.0)  # the time in which it would have spun
        assert 1 <= tries <= 8
        assert await waiting.ask() == 200


def test_a_line_a_minute_however_much_there_is_to_say(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    tally = CutTally("connections_cut", ".", lambda: now)
    for _ in range(1000):
        tally.count("silent")
    assert "".join(capsys.readouterr()).count("connections cut") == 1
    now = LOG_EVERY
    tally.tell()
    told = "".join(capsys.readouterr())
    assert told.count("connections cut") == 1
    assert "999" in told


@pytest.mark.parametrize(("files", "most"), [(1024, 576), (256, 64), (20_000, 8192), (4096, 2880)])
def test_connections_leave_files_for_everything_else(files: int, most: int) -> None:
    assert most_for(files) == most
    assert figures.FEW_FILES >= 4096
