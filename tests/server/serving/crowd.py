"""Strangers' connections that say nothing, or as little as they can, held for as long as a test lasts."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import resource
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from urllib.parse import urlsplit

SLOW_HEADERS = b"GET / HTTP/1.1\r\nHost: yuntiao\r\nX-Slow: "
SLOW_BODY = (
    b"POST /sign-in HTTP/1.1\r\nHost: yuntiao\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 200000\r\n\r\nlogin="
)


@contextlib.contextmanager
def open_files(soft: int) -> Iterator[None]:
    """This process, and those it starts meanwhile, may have so many; 0: as many as ever."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft or before[1], before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def addresses(count: int) -> list[str]:
    return [f"127.0.1.{number}" for number in range(1, count + 1)]


async def connected(url: str, source: str) -> socket.socket:
    """A plain TCP connection from an address of this machine's."""
    parts = urlsplit(url)
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setblocking(False)
    made.bind((source, 0))
    try:
        await asyncio.get_running_loop().sock_connect(made, (parts.hostname, parts.port))
    except BaseException:
        made.close()
        raise
    return made


@contextlib.asynccontextmanager
async def silent(url: str, count: int, sources: Sequence[str]) -> AsyncIterator[None]:
    """So many connections without a word; whenever there are enough, the oldest is exchanged for a new one."""
    held: list[socket.socket] = []
    source = itertools.cycle(sources)

    async def more(most: int) -> None:
        made = await asyncio.gather(*(connected(url, next(source)) for _ in range(most)), return_exceptions=True)
        held.extend(one for one in made if isinstance(one, socket.socket))

    async def exchange() -> None:
        while True:
            await more(10)
            for old in held[:10]:
                old.close()
            del held[:10]
            await asyncio.sleep(0.1)  # the pace of the attack

    for _ in range(count // 100):
        await asyncio.wait_for(more(100), 10)
    going = asyncio.create_task(exchange())
    try:
        yield
    finally:
        await _ended([going])
        for one in held:
            one.close()


@contextlib.asynccontextmanager
async def slow(url: str, count: int, sources: Sequence[str]) -> AsyncIterator[None]:
    """So many that send a byte a second, half of them of headers, half of a body, and come again when they are cut."""

    async def trickle(beginning: bytes, source: str) -> None:
        loop = asyncio.get_running_loop()
        while True:
            with contextlib.suppress(OSError):
                one = await connected(url, source)
                with contextlib.closing(one):
                    await loop.sock_sendall(one, beginning)
                    while True:
                        await asyncio.sleep(1)  # the pace of the attack
                        await loop.sock_sendall(one, b"a")
            await asyncio.sleep(0.2)

    source = itertools.cycle(sources)
    going = [
        asyncio.create_task(trickle(SLOW_BODY if number % 2 else SLOW_HEADERS, next(source))) for number in range(count)
    ]
    try:
        yield
    finally:
        await _ended(going)


async def _ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
