"""Platforms that complaints come from (`[exchange.NAME]`): how each is reached, and one request to it.

A request and its answer are documents of `server.complaints.exchange`, signed under the secret both know. An answer
that is not signed, not in time or not of this request changes nothing; whoever asked asks again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from pydantic import Field

from complaints.channels import ChannelError, said
from complaints.channels.mapping import IMPORTED
from complaints.channels.platforms import BUILTIN, Platform, builtin, of_text
from offices import Officer
from server.complaints import exchange as wire
from server.connections import (
    SIGNATURE,
    TIMESTAMP,
    Connection,
    ConnectionFault,
    Connections,
    Secret,
    Section,
    Sections,
    TooLong,
    content_of,
    genuine,
    in_time,
    reaching,
    signature,
)
from server.outbox.hook_store import origin_of
from server.serving.addresses import private

KIND: Final = "exchange"
_AGAIN: Final = frozenset({408, 425, 429})


class ExchangeSection(Section):
    """`platform`: whose mapping, "12315", "12345" or "yuntiao"; `mapping` a file that takes its place. `url`: where its
    interface takes documents; without one everything goes by file. `channel`: as which complaints are registered."""

    office: str = Field(min_length=1, max_length=64)
    platform: str = "yuntiao"
    mapping: Path | None = None
    channel: str = ""
    url: str = Field(default="", max_length=300)
    secret: Secret | None = None


@dataclass(frozen=True, slots=True)
class ExchangeLine:
    """One connection. `secret`: "" where nothing is asked over HTTP."""

    name: str
    office: str
    platform: Platform
    channel: str
    url: str = ""
    secret: Callable[[], str] = lambda: ""
    timeout: float = 10.0

    @property
    def where(self) -> str:
        return urlsplit(self.url).hostname or ""


def lines_of(sections: Sections) -> Mapping[str, ExchangeLine]:
    """By name. ValueError, fit for the person at the terminal."""
    found = {}
    for name, one in sections.of(KIND, ExchangeSection).items():
        try:
            platform = builtin(one.platform) if one.mapping is None else of_text(one.mapping.read_text("utf-8"))
        except ChannelError as no:
            known = f"; a platform is one of {', '.join(BUILTIN)}" if one.mapping is None else ""
            raise ValueError(f"[{KIND}.{name}]: {said(no.code, no.params)}{known}") from None
        except (OSError, UnicodeDecodeError) as fault:
            raise ValueError(f"[{KIND}.{name}]: the mapping cannot be read: {fault}") from None
        channel = one.channel or platform.channel
        if channel not in IMPORTED:
            raise ValueError(f"[{KIND}.{name}] channel is one of {', '.join(IMPORTED)}")
        if one.url and one.secret is None:
            raise ValueError(f"[{KIND}.{name}]: an address needs a secret")
        if one.url and not _callable(one.url):
            raise ValueError(f"[{KIND}.{name}] url begins with https://")
        secret = one.secret.read if one.secret is not None else lambda: ""
        found[name] = ExchangeLine(name, one.office, platform, channel, one.url, secret, one.timeout)
    _apart(found.values())
    return found


def _callable(url: str) -> bool:
    """Not in the clear but on this very machine."""
    parts = urlsplit(url)
    return private(url) and not parts.query and not parts.fragment and bool(origin_of(url))


def _apart(lines: Iterable[ExchangeLine]) -> None:
    """One number of one channel is one platform's."""
    seen: dict[tuple[str, str], str] = {}
    for one in lines:
        if (before := seen.setdefault((one.office, one.channel), one.name)) != one.name:
            raise ValueError(f"[{KIND}.{one.name}] and [{KIND}.{before}] have the same office and channel")


class PlatformClient:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._http: aiohttp.ClientSession | None = None

    async def ask(self, line: ExchangeLine, document: wire.Document) -> wire.Document:
        """What it answers and signs, a `Refusal` too. ConnectionFault; all of them may be tried again."""
        if not line.url:
            raise ConnectionFault("not_ready", "no address")
        try:
            secret = await asyncio.to_thread(line.secret)
        except ValueError as fault:
            raise ConnectionFault("not_ready", str(fault), again=True) from None
        body = wire.text_of(document).encode()
        status, answer, stamped, signed = await self._post(line, secret, body)
        if not genuine([secret], stamped, answer, signed):
            if status in _AGAIN or status >= 500:
                raise ConnectionFault("not_ready", f"answered {status}", again=True)
            raise ConnectionFault("refused" if status >= 300 else "forged", f"answered {status}", again=True)
        if not in_time(stamped, self._now()):
            raise ConnectionFault("clock", again=True)
        try:
            found = wire.read(answer)
        except wire.BadDocument as no:
            raise ConnectionFault("not_understood", str(no), again=True) from None
        if found.answers != wire.head(self._now(), body)["answers"]:
            raise ConnectionFault("not_understood", "the answer to another request", again=True)
        return found

    async def _post(self, line: ExchangeLine, secret: str, body: bytes) -> tuple[int, bytes, str, str]:
        if self._http is None:
            self._http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        timestamp = str(int(self._now().timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-Yuntiao-Sender": line.name,
            TIMESTAMP: timestamp,
            SIGNATURE: signature(secret.encode(), timestamp, body),
        }
        timeout = aiohttp.ClientTimeout(total=line.timeout)
        asked = self._http.post(line.url, data=body, headers=headers, timeout=timeout, allow_redirects=False)
        try:
            with reaching(line.timeout):
                async with asked as answer:
                    given = await content_of(answer, wire.MOST_ANSWERED)
                    told = answer.headers.get(TIMESTAMP, ""), answer.headers.get(SIGNATURE, "")
                    return answer.status, given, *told
        except TooLong:
            raise ConnectionFault("not_understood", "its answer is too long", again=True) from None

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()


def add_lines(
    connections: Connections, lines: Mapping[str, ExchangeLine], client: PlatformClient, now: Callable[[], datetime]
) -> None:
    """To the page of connections."""

    def test(line: ExchangeLine) -> Callable[[Officer, str], Awaitable[None]]:
        async def tried(_officer: Officer, _given: str) -> None:
            answer = await client.ask(line, wire.Hello(**wire.head(now())))
            if not isinstance(answer, wire.Welcome):
                raise ConnectionFault("not_understood", answer.__class__.__name__)

        return tried

    for line in lines.values():
        connections.add(Connection(KIND, line.name, line.where, test(line) if line.url else None))
