"""Asks raw HTTP of a running application, byte for byte as given, over a connection that is kept."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.web.client import Browser

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Ask:
    """`who` asks it; `route` is what it is told by when it is answered badly."""

    who: str
    method: str
    target: bytes
    route: str
    body: bytes = b""
    kind: str = FORM
    headers: Mapping[str, bytes] = field(default_factory=dict)


@dataclass
class Crawler:
    """One person's. `bad` collects what was answered with 500 or more, or not at all: the first of each route."""

    port: int
    cookies: Mapping[str, str] = field(default_factory=dict)
    token: str = ""
    asked: int = 0
    bad: dict[str, str] = field(default_factory=dict)
    _ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    @classmethod
    async def of(cls, person: Browser, port: int) -> Crawler:
        await person.get("/nowhere")  # for a form token
        return cls(port, dict(person.cookies), person.token)

    async def crawl(self, asks: Iterable[Ask]) -> None:
        for ask in asks:
            self.asked += 1
            try:
                async with asyncio.timeout(60):
                    status = await self._exchange(self._request(ask), ask.method)
            except (TimeoutError, ConnectionError, asyncio.IncompleteReadError) as none:
                status = 999
                await self.close()
                self.bad.setdefault(f"{ask.method} {ask.route}", f"{none!r} {ask}"[:600])
            if status >= 500:
                self.bad.setdefault(f"{ask.method} {ask.route}", f"{status} {ask}"[:600])
        await self.close()

    async def close(self) -> None:
        if self._ends is not None:
            self._ends[1].close()
            self._ends = None

    def _request(self, ask: Ask) -> bytes:
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        told = {
            "Host": b"yuntiao.example",
            "Accept-Language": b"zh",
            "X-CSRF-Token": self.token.encode(),
            "Cookie": jar.encode(),
        }
        if ask.method == "POST":
            told |= {"Content-Type": ask.kind.encode("latin-1"), "Content-Length": str(len(ask.body)).encode()}
        told |= ask.headers
        lines = [b" ".join((ask.method.encode(), ask.target, b"HTTP/1.1"))]
        lines += [name.encode() + b": " + value for name, value in told.items()]
        return b"\r\n".join([*lines, b"", b""]) + ask.body

    async def _exchange(self, request: bytes, method: str) -> int:
        for last in (False, True):
            if self._ends is None:
                self._ends = await asyncio.open_connection("127.0.0.1", self.port)
            reader, writer = self._ends
            try:
                writer.write(request)
                return await self._answer(reader, method)
            except (ConnectionError, asyncio.IncompleteReadError):
                await self.close()  # it may have been ended after the answer before
                if last:
                    raise
        raise AssertionError

    async def _answer(self, reader: asyncio.StreamReader, method: str) -> int:
        status = 100
        while status == 100:  # it may go on
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            status = int(head.split()[1])
        length = re.search(r"(?im)^content-length: (\d+)", head)
        chunked = re.search(r"(?im)^transfer-encoding: chunked", head)
        if length and method != "HEAD":
            await reader.readexactly(int(length[1]))
        elif chunked and method != "HEAD":
            while size := int(await reader.readuntil(b"\r\n"), 16):
                await reader.readexactly(size + 2)
            await reader.readexactly(2)
        if re.search(r"(?im)^connection: close", head) or (status == 200 and not (length or chunked)):
            await self.close()
        return status
