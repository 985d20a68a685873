"""Posts every checkpoint to somebody elsewhere, who keeps it and may countersign it.

Body: the note, as text. Headers as in server.outbox.http_notifier: `Idempotency-Key` (the SHA-256 of the note),
`X-Yuntiao-Timestamp` and `X-Yuntiao-Signature`. 2xx: it is kept there. Signature lines in the answer (`— name base64`,
C2SP tlog-cosignature or any other) are kept here as they came: whoever knows the witness's key checks them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

import aiohttp

from journal.errors import NoteBroken
from journal.notes import signature as signature_of
from server.log import answers
from server.log.attesting import NotAttested
from server.signatures import signature

_MOST = 8 * 1024  # bytes of an answer
_DASH = "\u2014 "


class Witness:
    def __init__(self, url: str, secret: str, now: Callable[[], datetime], timeout: float = 10.0) -> None:
        self._url, self._secret, self._now = url, secret.encode(), now
        self._timeout = aiohttp.ClientTimeout(total=timeout)

    async def attest(self, note: str) -> bytes:
        body, timestamp = note.encode(), str(int(self._now().timestamp()))
        headers = {
            "Content-Type": "text/plain; charset=utf-8",
            "Idempotency-Key": hashlib.sha256(body).hexdigest(),
            "X-Yuntiao-Timestamp": timestamp,
            "X-Yuntiao-Signature": signature(self._secret, timestamp, body),
        }
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar()) as http,
                http.post(self._url, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                answers.check_status(answer)
                return _lines(await answers.body(answer, _MOST))
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise NotAttested(f"unreachable ({type(fault).__name__})") from None


def _lines(text: bytes) -> bytes:
    """The signature lines of an answer; anything else in it is left out."""
    found = []
    for line in text.decode(errors="replace").splitlines():
        if line.startswith(_DASH):
            try:
                found.append(signature_of(line).line)
            except NoteBroken:
                continue
    return "".join(found).encode()
