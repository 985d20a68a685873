"""Attacks on the port that pages are served at: silent, slow and broken connections, and Engine.IO spoken wrongly."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import time
from collections.abc import Sequence
from typing import Final

import aiohttp

from tests.tools.bench.attack.outcome import Outcome, Target

SILENT, SLOW = 5_000, 500  # connections held at once
SOURCES: Final = tuple(f"127.0.0.{n}" for n in range(2, 10))  # the attacker's addresses; nobody else uses them
AT_ONCE = 200  # connections being opened
DRIP = 0.5  # seconds between two bytes of a slow request

BROKEN: Final[Sequence[bytes]] = (
    b"\x00" * 64,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),  # TLS where none is spoken
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET " + b"/a" * 40_000 + b" HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 5_000 + b"\r\n",
    b"GET /%ff%fe%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nCookie: yt_officer=\xff\xfe\x00\xe4; =;;=\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx",
    b"POST /sign-in HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=\r\nContent-Length: 4\r\n\r\n----",
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n" + b"\x8f\xff" + bytes(64),
)
PACKETS: Final[Sequence[bytes]] = (
    b"", b"4", b"40", b"40/room,", b"41/room,", b'42["say"]', b"42/room,[", b'42/room,["view",{}]', b"4\xff\xfe",
    b"451-/room,[{\"_placeholder\":true,\"num\":0}]", b"459999999999-", b"9", b"b====", b"2probe", b"5", b"1",
    b"4" * 90_000, b"\x1e" * 500, b'42/room,["' + b"a" * 60_000 + b'"]', b"40/room," + b"[" * 20_000,
)  # fmt: skip


async def silent(target: Target) -> Outcome:
    """Connections on which not a byte is ever sent."""
    return await _held(target, SILENT, b"")


async def slow(target: Target) -> Outcome:
    """Requests whose header or body comes a byte at a time."""
    return await _held(target, SLOW, b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n")


async def _held(target: Target, count: int, request: bytes) -> Outcome:
    """So many at once until time is up; half of the slow ones never get beyond their header."""
    outcome, ends = Outcome(), time.monotonic() + target.seconds
    opening = asyncio.Semaphore(AT_ONCE)

    async def hold(number: int) -> None:
        while time.monotonic() < ends:
            async with opening:
                try:
                    async with asyncio.timeout(5):
                        reader, writer = await asyncio.open_connection(
                            *target.address, local_addr=(SOURCES[number % len(SOURCES)], 0)
                        )
                except (OSError, TimeoutError):
                    outcome.answers["refused"] += 1
                    await asyncio.sleep(0.1)
                    continue
            outcome.sent += 1
            writer.write(request[: len(request) - 2 * (number % 2)])
            dripping = asyncio.create_task(_drip(writer)) if request else None
            try:
                async with asyncio.timeout(max(0.0, ends - time.monotonic())):
                    await reader.read()  # returns once the server has closed
                    outcome.answers["closed"] += 1
            except TimeoutError:
                outcome.answers["held"] += 1
            except OSError:
                outcome.answers["reset"] += 1
            finally:
                if dripping is not None:
                    dripping.cancel()
                writer.transport.abort()

    await asyncio.gather(*(hold(number) for number in range(count)))
    return outcome


async def _drip(writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        await asyncio.sleep(DRIP)
        writer.write(b"x")


async def broken(target: Target) -> Outcome:
    """Requests that are none."""
    outcome, ends = Outcome(), time.monotonic() + target.seconds

    async def send(number: int) -> None:
        chance = random.Random(number)
        while time.monotonic() < ends:
            data = bytearray(chance.choice(BROKEN))
            if chance.random() < 0.5:
                data[chance.randrange(len(data))] = chance.randrange(256)
            answer = await _exchanged(target, bytes(data), SOURCES[number % len(SOURCES)])
            outcome.sent += 1
            outcome.answers[answer] += 1

    await asyncio.gather(*map(send, range(8)))
    return outcome


async def _exchanged(target: Target, data: bytes, source: str) -> str:
    """The status that came back, or that nothing did."""
    try:
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection(*target.address, local_addr=(source, 0))
            try:
                writer.write(data)
                with contextlib.suppress(OSError):
                    writer.write_eof()
                line = await reader.readline()
            finally:
                writer.transport.abort()
    except TimeoutError:
        return "timeout"
    except OSError:
        return "reset"
    return line.split(b" ", 2)[1].decode("ascii", "replace") if line.count(b" ") else "closed"


async def engine(target: Target) -> Outcome:
    """Engine.IO sessions that never join, and packets that are none, over polling and WebSocket."""
    outcome, ends = Outcome(), time.monotonic() + target.seconds

    async def speak(number: int) -> None:
        chance = random.Random(number)
        connector = aiohttp.TCPConnector(local_addr=(SOURCES[number % len(SOURCES)], 0))
        headers = {"Origin": target.url}
        async with aiohttp.ClientSession(target.url, connector=connector, headers=headers) as http:
            while time.monotonic() < ends:
                try:
                    async with asyncio.timeout(3):
                        await (_sockets if chance.random() < 0.5 else _polls)(http, chance, outcome)
                except (aiohttp.ClientError, OSError, TimeoutError):
                    outcome.answers["cut"] += 1

    await asyncio.gather(*map(speak, range(8)))
    return outcome


async def _polls(http: aiohttp.ClientSession, chance: random.Random, outcome: Outcome) -> None:
    path = "/socket.io/?EIO=4&transport=polling"
    async with http.get(path) as opened:
        text = await opened.text()
    sid = text.split('"sid":"', 1)[-1].split('"', 1)[0] if opened.status == 200 else "nobody"
    outcome.sent += 1
    for _ in range(4):
        async with http.post(f"{path}&sid={sid}", data=chance.choice(PACKETS)) as response:
            outcome.sent += 1
            outcome.answers[str(response.status)] += 1
            if response.status != 200:
                return


async def _sockets(http: aiohttp.ClientSession, chance: random.Random, outcome: Outcome) -> None:
    async with http.ws_connect("/socket.io/?EIO=4&transport=websocket") as socket:
        outcome.sent += 1
        for _ in range(4):
            data = chance.choice(PACKETS)
            if chance.random() < 0.3:
                await socket.send_bytes(os.urandom(200) + data[:100])
            else:
                await socket.send_str(data.decode("utf-8", "replace"))
            outcome.sent += 1
        message = await socket.receive()
        outcome.answers[message.type.name.lower()] += 1
