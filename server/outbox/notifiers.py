"""What carries a message to a phone: a gateway, or by default nothing.

NotifierError
└── NotDelivered   not_delivered   `final`: trying again would not help
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import aiohttp
import structlog

from server.outbox.signatures import SIGNATURE, TIMESTAMP, signature

log = structlog.get_logger(__name__)


class NotifierError(Exception):
    """Base of delivery faults; `code` is stable, the text goes to the outbox page and holds no secret."""

    code = "notifier"


class NotDelivered(NotifierError):
    code = "not_delivered"

    def __init__(self, reason: str, final: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.final = reason, final


@dataclass(frozen=True, slots=True)
class Notice:
    """One message on its way. `id` is the same on every try, so that a provider can drop a repetition."""

    id: str
    kind: str  # "link" | "code"
    to: str = field(repr=False)  # the complete number
    to_masked: str
    text: str = field(repr=False)


class Notifier(Protocol):
    """Returns when the message was taken; NotDelivered says why not. Held by tests/contracts/notifier_contract.py."""

    async def start(self) -> None: ...

    async def deliver(self, notice: Notice) -> None: ...

    async def stop(self) -> None: ...


class LogNotifier:
    """The default: no provider. The message is on the outbox page, and the log notes that it went, without its text."""

    async def start(self) -> None:
        """Nothing to open."""

    async def deliver(self, notice: Notice) -> None:
        log.info("message", id=notice.id, kind=notice.kind, to=notice.to_masked)

    async def stop(self) -> None:
        """Nothing to close."""


_AGAIN = {408, 425, 429}


class HttpNotifier:
    """Posts each message as JSON to a configured gateway.

    Body: `{"id", "kind", "to", "text"}`. Headers: `Idempotency-Key` (the message's id, the same on every try) and those
    of `server.outbox.signatures`. The gateway should refuse timestamps older than 5 minutes. 2xx is delivered; 408,
    425, 429 and 5xx are tried again; any other answer is final.
    """

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
