"""Asks raw HTTP of a running application, byte for byte as given, over connections that are kept."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.web.client import Browser


@dataclass
class Crawler:
    """One person's. `bad` collects what was answered with 500 or more, or not at all."""

    port: int
    who: str
    cookies: Mapping[str, str] = field(default_factory=dict)
    token: str = ""
    asked: int = 0
    bad: dict[tuple[str, str], str] = field(default_factory=dict)
    _ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    @classmethod
    async def of(cls, who: str, person: Browser) -> Crawler:
        await person.get("/nowhere")  # for a form token
        port = person.client.server.port
        assert port is not None
        return cls(port, who, dict(person.cookies), person.token)

    async def ask(
        self, method: str, target: str, route: str, body: bytes = b"", kind: str = "application/x-www-form-urlencoded",
        headers: Mapping[str, str | bytes] | None = None,
    ) -> int:  # fmt: skip
        """The status; `route` and what was odd are told when it is bad."""
        told = {
            "Host": "yuntiao.example", "Accept-Language": "zh", "X-CSRF-Token": self.token,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **({"Content-Type": kind, "Content-Length": str(len(body))} if method == "POST" else {}),
            **(headers or {}),
        }  # fmt: skip
        lines = [f"{method} {target} HTTP/1.1".encode("utf-8", "surrogateescape")]
        lines += [
            name.encode() + b": " + (value if isinstance(value, bytes) else value.encode())
            for name, value in told.items()
        ]
        self.asked += 1
        try:
            async with asyncio.timeout(60):
                status = await self._exchange(b"\r\n".join([*lines, b"", b""]) + body, method)
        except TimeoutError:
            status = 999
            await self.close()
        if status >= 500:
            self.bad.setdefault((method, route), f"{status} {self.who}: {target[:160]} {body[:120]!r} {headers or ''}")
        return status

    async def close(self) -> None:
        if self._ends is not None:
            self._ends[1].close()
            self._ends = None

    async def _exchange(self, request: bytes, method: str) -> int:
        for attempt in (1, 2):
            if self._ends is None:
                self._ends = await asyncio.open_connection("127.0.0.1", self.port)
            reader, writer = self._ends
            try:
                writer.write(request)
                return await self._answer(reader, method)
            except (ConnectionError, asyncio.IncompleteReadError):
                await self.close()  # it was ended after the answer before, or unanswered
                if attempt == 2:
                    raise
        raise AssertionError

    async def _answer(self, reader: asyncio.StreamReader, method: str) -> int:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head.split()[1])
        length = re.search(r"(?im)^content-length: (\d+)", head)
        if method == "HEAD" or status in (204, 304):
            pass
        elif length:
            await reader.readexactly(int(length[1]))
        elif re.search(r"(?im)^transfer-encoding: chunked", head):
            while (size := int((await reader.readuntil(b"\r\n")), 16)) >= 0:
                await reader.readexactly(size + 2)
                if size == 0:
                    break
        if re.search(r"(?im)^connection: close", head) or (
            not length and "chunked" not in head.lower() and status == 200
        ):
            await self.close()
        return status
