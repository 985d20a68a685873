"""How requests of ours, and to us, are signed with a shared secret.

`signature`: HMAC-SHA256 over the time and the body, good for five minutes: of gateways, platforms, hooks, senders of
complaints, witnesses.

`answer_of` asks a service and binds its answer to the question. The body is JSON. Beside it go `X-Yuntiao-Client`,
`X-Yuntiao-Time` (seconds since 1970), `X-Yuntiao-Nonce` and `X-Yuntiao-Signature`: hex of an HMAC with the secret over
four lines, time, nonce, path and body. The answer's `X-Yuntiao-Signature` is over our nonce, the status and the body:
an answer to another question, or by whoever has not the secret, is none. HMAC is with SM3, or SHA-256 where the service
wants that. Services refuse a time that is more than five minutes off with 401 and `{"error": "clock"}`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import ssl
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import aiohttp
from cryptography.hazmat.primitives.hashes import SHA256, SM3
from cryptography.hazmat.primitives.hmac import HMAC
from pydantic import field_validator

from offices.systems import FaultCode
from server.connections import ConnectionFault, Secret, Section, TooLong, content_of, reaching
from server.serving.addresses import private

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
