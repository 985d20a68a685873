"""What carries a message to a phone, and what it says afterwards: the protocol, the two carriers that are ours, and how
requests between systems are signed, both ways.

A carrier either has the message when `deliver` returns, or says by NotDelivered why not, in a code that pages have a
sentence for. Some take a message's text as it is; others only templates that they have approved, with values.

NotifierError ── NotDelivered not_delivered `final`: trying again would not help
              └─ Forged       forged        what says it comes from a carrier does not

Requests are signed by HMAC-SHA256 over the time of sending and the body: `X-Yuntiao-Timestamp` is Unix seconds;
`X-Yuntiao-Signature` is `sha256=` and the hex HMAC, under a secret both know, of timestamp, a full stop and the body's
bytes. Who receives refuses what was signed longer ago than `WINDOW`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol, get_args

import aiohttp
import structlog

from server.connections import SIGNATURE, TIMESTAMP, signature
from server.outbox import Wording, parts

log = structlog.get_logger(__name__)


Trouble = Literal[
    "",
    "unreachable",  # the carrier did not answer, or not sensibly
    "credentials",  # it does not take our key, or our signature
    "clock",  # our clock and its differ too far
    "account",  # its account of us is without money, or closed
    "signature",  # it does not know the 【signature】
    "template",  # it does not know the template, or not these values
    "content",  # it does not let these words pass
    "flood",  # it lets no more pass to this number for now
    "number",  # the number does not exist, or takes no messages
    "off",  # the phone was switched off, or out of reach
    "blocked",  # the holder, or the operator for them, refuses such messages
    "unfollowed",  # the person does not follow the official account any more
    "operator",  # the operator did not deliver it and gave a code of its own
    "template_missing",  # for this template nothing was entered on the page
    "template_waiting",  # it was entered, and is not approved
    "template_changed",  # the text, the name or the number in it is another one since
    "value_too_long",  # one of its values does not fit what the carrier allows
    "number_limit",  # our own bound for one number
    "office_limit",  # our own bound for an office's day
    "expired",  # a code that would be no good any more
    "sealed",  # sealed under another key than ours
]  # fmt: skip
TROUBLES: Final[tuple[Trouble, ...]] = get_args(Trouble)


class NotifierError(Exception):
    """Base of delivery faults; `code` is stable, the text goes to the outbox page and holds no secret."""

    code = "notifier"


class NotDelivered(NotifierError):
    """`trouble`: what the page says of it. `wait`: no other try before."""

    code = "not_delivered"

    def __init__(self, reason: str, final: bool = False, trouble: Trouble = "", wait: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason, self.final, self.trouble, self.wait = reason, final, trouble, wait


class Forged(NotifierError):
    code = "forged"


@dataclass(frozen=True, slots=True)
class Filled:
    """A template as a carrier knows it, `code`, with the values of one message under the carrier's names, in order."""

    code: str
    values: tuple[tuple[str, str], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """One message on its way. `id` is the same on every try, so that a provider can drop a repetition."""

    id: str
    kind: str  # "link" | "code" | …
    to: str = field(repr=False)  # the complete number
    to_masked: str
    text: Wording = field(repr=False)
    office: str = ""  # whose it is
    tries: int = 1
    created: datetime | None = None
    filled: Filled | None = None  # for a carrier of templates


@dataclass(frozen=True, slots=True)
class Taken:
    """`by`: the carrier's name; `reference`: what it calls the message; `pieces`: what it is paid for; `cost`: in
    thousandths of a yuan."""

    reference: str = ""
    pieces: int = 0
    by: str = ""
    cost: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a carrier heard of a message that it took, named by our id or by its own `reference`."""

    arrived: bool
    message: str = ""
    reference: str = ""
    at: datetime | None = None
    reason: str = ""
    trouble: Trouble = ""


@dataclass(frozen=True, slots=True)
class Awaited:
    """A message that a carrier took and has said nothing of since."""

    message: str
    reference: str
    to: str = field(repr=False)
    sent_at: datetime


class Notifier(Protocol):
    """Held by tests/contracts/notifier_contract.py."""

    async def start(self) -> None: ...

    async def deliver(self, notice: OutboxMessage) -> Taken:
        """Returns when the message was taken; NotDelivered says why not."""
        ...

    async def stop(self) -> None: ...


class Carrier(Notifier, Protocol):
    """A notifier at the other end of a connection."""

    @property
    def longest(self) -> int | None:
        """Characters of a value, of one that takes templates only; None: it takes free text."""
        ...

    def pushed(self, secret: str, query: Mapping[str, str], body: bytes) -> tuple[Sequence[Receipt], str]:
        """What it posts of messages that it took, and what it wants to hear; `secret`: from the address. Forged."""
        ...

    async def asked(self, awaited: Sequence[Awaited]) -> Sequence[Receipt]:
        """What it says when asked; NotDelivered when it does not answer. Nothing of one that cannot be asked."""
        ...


class LogNotifier:
    """The default: no provider. The message is on the outbox page, and the log notes that it went, without its text."""

    async def start(self) -> None:
        """Nothing to open."""

    async def deliver(self, notice: OutboxMessage) -> Taken:
        log.info("message", id=notice.id, kind=notice.kind, to=notice.to_masked)
        return Taken()

    async def stop(self) -> None:
        """Nothing to close."""


_AGAIN = {408, 425, 429}
_STATUS: Final[Mapping[int, Trouble]] = {401: "credentials", 403: "credentials", 429: "flood"}


class HttpNotifier:
    """Posts each message as JSON to a gateway of the office's own.

    Body: `{"id", "kind", "to", "text"}`. Headers: `Idempotency-Key` (the message's id, the same on every try), when it
    was signed and the signature. The gateway should refuse timestamps older than 5 minutes. 2xx is delivered; 408,
    425, 429 and 5xx are tried again; any other answer is final.
    """

    longest = None

    def __init__(self, url: str, secret: Callable[[], str], now: Callable[[], datetime], timeout: float = 10.0) -> None:
        self._url = url
        self._secret = secret
        self._now = now
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._http: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        self._http = aiohttp.ClientSession(timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar())

    async def deliver(self, notice: OutboxMessage) -> Taken:
        if self._http is None:
            raise NotDelivered("the gateway connection is closed")
        fields = {"id": notice.id, "kind": notice.kind, "to": notice.to, "text": str(notice.text)}
        body = json.dumps(fields, ensure_ascii=False).encode()
        timestamp = str(int(self._now().timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": notice.id,
            TIMESTAMP: timestamp,
            SIGNATURE: signature(self._secret().encode(), timestamp, body),
        }
        try:
            # A redirect would carry the number and the text to somebody nobody configured.
            async with self._http.post(self._url, data=body, headers=headers, allow_redirects=False) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise NotDelivered(f"gateway unreachable ({type(fault).__name__})", trouble="unreachable") from None
        if not 200 <= status < 300:
            final = status < 500 and status not in _AGAIN
            trouble = _STATUS.get(status, "operator" if final else "unreachable")
            raise NotDelivered(f"gateway answered {status}", final, trouble)
        return Taken(notice.id, parts(notice.text))

    async def stop(self) -> None:
        if self._http is not None:
            await self._http.close()
            self._http = None

    def pushed(self, secret: str, query: Mapping[str, str], body: bytes) -> tuple[Sequence[Receipt], str]:
        """It signs what it posts, to an address of its own (`OutboxService.receipt`)."""
        raise Forged("receipts of this gateway are signed")

    async def asked(self, awaited: Sequence[Awaited]) -> Sequence[Receipt]:
        return ()
