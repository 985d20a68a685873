"""Posts each message as JSON to a configured gateway.

Body: `{"id", "kind", "to", "text"}`. Headers: `Idempotency-Key` (the message's id, the same on every try) and those of
`server.signatures`. The gateway should refuse timestamps older than 5 minutes.
2xx is delivered; 408, 425, 429 and 5xx are tried again; any other answer is final.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

import aiohttp

from server.outbox.notifier import NotDelivered, Notice
from server.signatures import SIGNATURE, TIMESTAMP, signature

_AGAIN = {408, 425, 429}


class HttpNotifier:
    def __init__(self, url: str, secret: str, now: Callable[[], datetime], timeout: float = 10.0) -> None:
        self._url = url
        self._secret = secret.encode()
        self._now = now
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._http: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        self._http = aiohttp.ClientSession(timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar())

    async def deliver(self, notice: Notice) -> None:
        if self._http is None:
            raise NotDelivered("the gateway connection is closed")
        fields = {"id": notice.id, "kind": notice.kind, "to": notice.to, "text": notice.text}
        body = json.dumps(fields, ensure_ascii=False).encode()
        timestamp = str(int(self._now().timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": notice.id,
            TIMESTAMP: timestamp,
            SIGNATURE: signature(self._secret, timestamp, body),
        }
        try:
            # A redirect would carry the number and the text to somebody nobody configured.
            async with self._http.post(self._url, data=body, headers=headers, allow_redirects=False) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise NotDelivered(f"gateway unreachable ({type(fault).__name__})") from None
        if not 200 <= status < 300:
            raise NotDelivered(f"gateway answered {status}", final=status < 500 and status not in _AGAIN)

    async def stop(self) -> None:
        if self._http is not None:
            await self._http.close()
            self._http = None
