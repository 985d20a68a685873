"""What the program is connected to: a section each of one file, how each fares, and how requests are signed.

`YUNTIAO_CONNECTIONS` names a TOML file: `[messages.aliyun]` is a connection for messages that its administrator calls
aliyun. A secret is said by where it lies, `{ file = "/run/secrets/aliyun" }` or `{ variable = "ALIYUN" }`, and read at
each use: it may be renewed beside us. The file itself is read when the program starts.

An adapter is a module beside this one. It has a `Section` of what may be said of it, adds a `Connection` for each, and
says of each use how it went. Whatever goes wrong there is a `ConnectionFault`, whose code has a sentence on the page.

ConnectionFault(Exception)  `offices.systems.FaultCode`

Requests of ours, and to us, are signed with a shared secret in one of two ways:

`signature`: HMAC-SHA256 over the time and the body, good for five minutes: of gateways, platforms, hooks, senders of
complaints, witnesses.

`answer_of` asks a service and binds its answer to the question. The body is JSON. Beside it go `X-Yuntiao-Client`,
`X-Yuntiao-Time` (seconds since 1970), `X-Yuntiao-Nonce` and `X-Yuntiao-Signature`: hex of an HMAC with the secret over
four lines, time, nonce, path and body. The answer's `X-Yuntiao-Signature` is over our nonce, the status and the body:
an answer to another question, or by whoever has not the secret, is none. HMAC is with SM3, or SHA-256 where the service
wants that. Services refuse a time that is more than five minutes off with 401 and `{"error": "clock"}`.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import secrets
import ssl
import time
import tomllib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import aiohttp
from aiohttp import ClientError, ClientResponse
from cryptography.hazmat.primitives.hashes import SHA256, SM3
from cryptography.hazmat.primitives.hmac import HMAC
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator, model_validator

from journal.refusals import Refused
from offices import Officer, require_role
from offices.systems import CONNECTION_KINDS, ConnectionKind, ConnectionState, FaultCode
from server.connections.store import ConnectionStore
from server.identity import read_secret
from server.serving.addresses import private

MOST_TOLD: Final = 300
"""Characters of what came back that are kept with a fault."""
TEST_SECONDS: Final = 30.0
NOTED_EVERY: Final = timedelta(minutes=1)
"""A success after a success is written no more often."""


class ConnectionFault(Exception):
    """What went wrong at the other end or on the way. `told`: of what came back, for whoever looks into it; no secrets
    and nobody's number. `again`: the same request may be sent once more."""

    def __init__(self, code: FaultCode, told: str = "", again: bool = False) -> None:
        super().__init__(f"{code}: {told}" if told else code)
        self.code, self.told, self.again = code, told[:MOST_TOLD], again


class TooLong(Exception):
    """An answer of more bytes than are read."""


async def content_of(answer: ClientResponse, most: int) -> bytes:
    """An answer's whole body, in however many pieces it comes. TooLong."""
    content = bytearray()
    async for piece in answer.content.iter_any():
        content += piece
        if len(content) > most:
            raise TooLong
    return bytes(content)


@contextmanager
def reaching(seconds: float) -> Iterator[None]:
    """What goes wrong on the way there and back is a ConnectionFault, and may be tried again."""
    try:
        yield
    except TimeoutError:
        raise ConnectionFault("slow", f"no answer within {seconds:g} s", again=True) from None
    except (ClientError, OSError) as fault:
        raise ConnectionFault("unreachable", type(fault).__name__, again=True) from None


class Secret(BaseModel):
    """Where a secret lies: `{ file = … }`, readable by its owner or a group alone, or `{ variable = … }`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Path | None = None
    variable: str = ""

    @model_validator(mode="after")
    def _there(self) -> Secret:
        if (self.file is None) is (not self.variable):
            raise ValueError("a secret lies either in a file or in a variable")
        self.read()
        return self

    def read(self) -> str:
        """ValueError, fit for the person at the terminal, when it is not there or open to others."""
        if self.file is not None:
            return read_secret(self.file)
        if not (value := os.environ.get(self.variable, "").strip()):
            raise ValueError(f"the variable {self.variable} with a secret is not set")
        return value


class Section(BaseModel):
    """What may be said of a connection. Other names are refused: each would be a setting that does nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    timeout: float = Field(default=10.0, gt=0, le=120)  # seconds for an answer


class Sections:
    """The file, by kind and name."""

    def __init__(self, file: Path | None = None, told: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self._file, self._told = file, told or {}

    def of(self, kind: ConnectionKind, model: Any) -> dict[str, Any]:
        """By name. `model`: a `Section`, or a union of several. ValueError, fit for the person at the terminal."""
        adapter, found = TypeAdapter(model), {}
        for name, said in self._told.get(kind, {}).items():
            try:
                found[name] = adapter.validate_python(said)
            except ValidationError as fault:
                first = fault.errors(include_url=False, include_input=False)[0]
                where = ".".join(str(part) for part in first["loc"]) or "it"
                raise ValueError(f"{self._file}: [{kind}.{name}] {where}: {first['msg']}") from None
        return found


def read_connections(file: Path | None) -> Sections:
    """ValueError, fit for the person at the terminal."""
    if file is None:
        return Sections()
    try:
        told = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise ValueError(f"{file} cannot be read: {getattr(fault, 'strerror', '') or fault}") from None
    for kind, named in told.items():
        if kind not in CONNECTION_KINDS:
            raise ValueError(f"{file}: [{kind}.…] is none of {', '.join(CONNECTION_KINDS)}")
        if not isinstance(named, dict) or not all(isinstance(said, dict) for said in named.values()):
            raise ValueError(f"{file}: a section is called [{kind}.NAME]")
        if wrong := [
            name for name in named if not (name.isascii() and name.replace("-", "").isalnum() and len(name) <= 40)
        ]:
            raise ValueError(f"{file}: [{kind}.{wrong[0]}] is named by letters, digits and hyphens")
    return Sections(file, told)


@dataclass(frozen=True, slots=True)
class Connection:
    """`where`: the other end as people know it, a host or a number. `test`: tries it with what `wants` asks the
    administrator for, and raises ConnectionFault; None where it cannot be tried without doing something."""

    kind: ConnectionKind
    name: str
    where: str
    test: Callable[[Officer, str], Awaitable[None]] | None = None
    wants: Literal["", "phone", "email"] = ""


class Connections:
    """All of them, and how each fares: in memory for the metrics, in the database for the page."""

    def __init__(self, store: ConnectionStore, now: Callable[[], datetime]) -> None:
        self._store, self._now = store, now
        self._known: dict[tuple[str, str], Connection] = {}
        self._outcomes: dict[tuple[str, str, str], int] = {}
        self._states: dict[tuple[str, str], ConnectionState] = {}
        self._unwritten: set[tuple[str, str]] = set()
        self._moved = asyncio.Event()

    def add(self, connection: Connection) -> None:
        key = (connection.kind, connection.name)
        assert key not in self._known
        self._known[key] = connection
        self._states[key] = ConnectionState(
            connection.kind, connection.name, connection.where, connection.test is not None, connection.wants
        )

    def succeeded(self, kind: ConnectionKind, name: str) -> None:
        before = self._count(kind, name, "ok")
        self._states[kind, name] = before.after_success(at := self._now())
        if before.failing or before.succeeded_at is None or at - before.succeeded_at >= NOTED_EVERY:
            self._write(kind, name)

    def failed(self, kind: ConnectionKind, name: str, fault: ConnectionFault) -> None:
        before = self._count(kind, name, fault.code)
        self._states[kind, name] = before.after_failure(self._now(), fault.code, fault.told)
        self._write(kind, name)

    @contextmanager
    def use(self, kind: ConnectionKind, name: str) -> Iterator[None]:
        """Notes how it goes."""
        try:
            yield
        except ConnectionFault as fault:
            self.failed(kind, name, fault)
            raise
        self.succeeded(kind, name)

    async def states(self, officer: Officer) -> Sequence[ConnectionState]:
        """As the database has them: another node's uses too."""
        require_role(officer, "administrator")
        stored = await self._store.read()
        return [state.joined(stored.get(key, state)) for key, state in sorted(self._states.items())]

    async def test(self, officer: Officer, kind: str, name: str, given: str) -> ConnectionState:
        """How it stands after a try. Refused: not_found."""
        require_role(officer, "administrator")
        connection = self._known.get((kind, name))
        if connection is None or connection.test is None:
            raise Refused("not_found", 404)
        try:
            with self.use(connection.kind, name):
                try:
                    await asyncio.wait_for(connection.test(officer, given), TEST_SECONDS)
                except TimeoutError:
                    raise ConnectionFault("slow") from None
        except ConnectionFault:
            pass  # what it was stands in the state
        return self._states[connection.kind, name]

    async def keep(self) -> None:
        """Write what changed. Runs as long as the program."""
        while True:
            await self._moved.wait()
            self._moved.clear()
            await self.flush()

    async def flush(self) -> None:
        while self._unwritten:
            await self._store.write(self._states[self._unwritten.pop()])

    def collector(self) -> Collector:
        return _Metrics(self._outcomes, self._states)

    def _count(self, kind: ConnectionKind, name: str, outcome: str) -> ConnectionState:
        self._outcomes[kind, name, outcome] = self._outcomes.get((kind, name, outcome), 0) + 1
        return self._states[kind, name]

    def _write(self, kind: ConnectionKind, name: str) -> None:
        self._unwritten.add((kind, name))
        self._moved.set()


class _Metrics(Collector):
    def __init__(
        self, outcomes: Mapping[tuple[str, str, str], int], states: Mapping[tuple[str, str], ConnectionState]
    ) -> None:
        self._outcomes, self._states = outcomes, states

    def collect(self) -> Iterator[Metric]:
        uses = CounterMetricFamily(
            "yuntiao_connection_uses", "Uses of a connection, by how they went.", labels=["kind", "name", "outcome"]
        )
        for labels, count in self._outcomes.items():
            uses.add_metric(labels, count)
        yield uses
        failing = GaugeMetricFamily(
            "yuntiao_connection_failing", "1 while the newest use of a connection failed.", labels=["kind", "name"]
        )
        for key, state in self._states.items():
            failing.add_metric(key, state.failing)
        yield failing


# ------------------------------------------------------------ signed


Digest = Literal["sm3", "sha256"]
_HASHES: Final = {"sm3": SM3, "sha256": SHA256}
_REFUSED: Final[Mapping[int, FaultCode]] = {400: "bad_input", 401: "refused", 403: "refused", 429: "limit"}
WINDOW: Final = timedelta(minutes=5)
TIMESTAMP: Final = "X-Yuntiao-Timestamp"
SIGNATURE: Final = "X-Yuntiao-Signature"


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def in_time(timestamp: str, now: datetime) -> bool:
    """Whether it was signed within the window, before or after: clocks differ."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(now.timestamp() - int(timestamp)) <= WINDOW.total_seconds()


def genuine(secrets: Iterable[str], timestamp: str, body: bytes, given: str) -> bool:
    """Whether one of these secrets made it."""
    told = given.encode("utf-8", "replace")
    return any(hmac.compare_digest(signature(one.encode(), timestamp, body).encode(), told) for one in secrets)


class SignedSection(Section):
    """`ca`: PEM, trusted in place of the system's authorities."""

    url: str
    client: str
    secret: Secret
    digest: Digest = "sm3"
    ca: Path | None = None

    @field_validator("url")
    @classmethod
    def _url(cls, url: str) -> str:
        if not private(url):
            raise ValueError("what is asked there is nobody else's business: https://, or this very machine")
        return url

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc.rpartition("@")[2]


def bound_signature(digest: Digest, secret: str, *lines: str | bytes) -> str:
    mac = HMAC(secret.encode(), _HASHES[digest]())
    mac.update(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    return mac.finalize().hex()


async def answer_of(section: SignedSection, asked: Mapping[str, Any], most: int) -> dict[str, Any]:
    """What the service says to this. ConnectionFault, whose text repeats nothing of what was asked."""
    secret, nonce, now = section.secret.read(), secrets.token_hex(16), str(int(time.time()))
    body = json.dumps(asked, ensure_ascii=False).encode()
    sent = {
        "Content-Type": "application/json",
        "X-Yuntiao-Client": section.client,
        "X-Yuntiao-Time": now,
        "X-Yuntiao-Nonce": nonce,
        SIGNATURE: bound_signature(section.digest, secret, now, nonce, urlsplit(section.url).path or "/", body),
    }
    tls = ssl.create_default_context(cafile=str(section.ca)) if section.ca else True
    timeout = aiohttp.ClientTimeout(total=section.timeout)
    try:
        with reaching(section.timeout):
            async with (
                aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as http,
                http.post(section.url, data=body, headers=sent, allow_redirects=False, ssl=tls) as response,
            ):
                content = await content_of(response, most)
                status, signed = response.status, response.headers.get(SIGNATURE, "")
    except TooLong:
        raise ConnectionFault("not_understood", f"an answer of more than {most} bytes") from None
    if status != 200:
        raise _refusal(status, content)
    wanted = bound_signature(section.digest, secret, nonce, str(status), content)
    if not hmac.compare_digest(signed.encode(), wanted.encode()):
        raise ConnectionFault("forged", "the answer is not signed with the shared secret for this question")
    return _object(content)


def _refusal(status: int, content: bytes) -> ConnectionFault:
    if status == 401 and b'"clock"' in content[:200]:
        return ConnectionFault("clock", "the service finds our time too far from its own")
    code: FaultCode = "not_ready" if status >= 500 else _REFUSED.get(status, "not_understood")
    return ConnectionFault(code, f"it answered {status}", again=status >= 500)


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ConnectionFault("not_understood", "the answer is no JSON object")
    return found
