"""The outbox: keeps messages until they are delivered, tries again, gives up visibly. Implements `Outbox`.

Owns the delivering task. A message is claimed for a lease; if the program dies in the middle it comes due again, and
the provider recognises the repetition by its id.

What carries a message to a phone: a gateway, or by default nothing.

NotifierError └── NotDelivered not_delivered `final`: trying again would not help

How requests between systems are signed, both ways: HMAC-SHA256 over the time of sending and the body.

`X-Yuntiao-Timestamp` is Unix seconds; `X-Yuntiao-Signature` is `sha256=` and the hex HMAC, under a secret both know,
of timestamp, a full stop and the body's bytes. Who receives refuses what was signed longer ago than `WINDOW`.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
import tomllib
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

import aiohttp
import structlog

from complaints.record.identifiers import PHONE, masked_phone
from journal.refusals import Refused
from offices.people import Officer
from offices.systems import Message
from server.identity.sealing import Seal, SealBroken, read_secret
from server.outbox.store import MessageStore, StoredMessage
from server.outbox.texts import without_secrets

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


class NotifierError(Exception):
    """Base of delivery faults; `code` is stable, the text goes to the outbox page and holds no secret."""

    code = "notifier"


class NotDelivered(NotifierError):
    code = "not_delivered"

    def __init__(self, reason: str, final: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.final = reason, final


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """One message on its way. `id` is the same on every try, so that a provider can drop a repetition."""

    id: str
    kind: str  # "link" | "code"
    to: str = field(repr=False)  # the complete number
    to_masked: str
    text: str = field(repr=False)
    office: str = ""  # whose it is


class Notifier(Protocol):
    """Returns when the message was taken; NotDelivered says why not. Held by tests/contracts/notifier_contract.py."""

    async def start(self) -> None: ...

    async def deliver(self, notice: OutboxMessage) -> None: ...

    async def stop(self) -> None: ...


class LogNotifier:
    """The default: no provider. The message is on the outbox page, and the log notes that it went, without its text."""

    async def start(self) -> None:
        """Nothing to open."""

    async def deliver(self, notice: OutboxMessage) -> None:
        log.info("message", id=notice.id, kind=notice.kind, to=notice.to_masked)

    async def stop(self) -> None:
        """Nothing to close."""


_AGAIN = {408, 425, 429}


class HttpNotifier:
    """Posts each message as JSON to a configured gateway.

    Body: `{"id", "kind", "to", "text"}`. Headers: `Idempotency-Key` (the message's id, the same on every try) and those
    of `server.outbox.service`. The gateway should refuse timestamps older than 5 minutes. 2xx is delivered; 408,
    425, 429 and 5xx are tried again; any other answer is final.
    """

    def __init__(self, url: str, secret: Callable[[], str], now: Callable[[], datetime], timeout: float = 10.0) -> None:
        self._url = url
        self._secret = secret
        self._now = now
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._http: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        self._http = aiohttp.ClientSession(timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar())

    async def deliver(self, notice: OutboxMessage) -> None:
        if self._http is None:
            raise NotDelivered("the gateway connection is closed")
        fields = {"id": notice.id, "kind": notice.kind, "to": notice.to, "text": notice.text}
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
            raise NotDelivered(f"gateway unreachable ({type(fault).__name__})") from None
        if not 200 <= status < 300:
            raise NotDelivered(f"gateway answered {status}", final=status < 500 and status not in _AGAIN)

    async def stop(self) -> None:
        if self._http is not None:
            await self._http.close()
            self._http = None


@dataclass(frozen=True, slots=True)
class Gateway:
    """Of a city, a county or an office. `secret_file`: read at each message, so that it may be renewed beside us."""

    url: str
    secret_file: Path


def read_gateways(file: Path) -> dict[str, Gateway]:
    """By office's id, from TOML: `[wuhan]`, `url`, `secret_file`. ValueError, fit for the person at the terminal."""
    try:
        told = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise ValueError(f"{file} cannot be read: {getattr(fault, 'strerror', '') or fault}") from None
    found = {}
    for office, said in told.items():
        if not isinstance(said, dict) or said.keys() != {"url", "secret_file"}:
            raise ValueError(f"{file}: [{office}] has a url and a secret_file, and nothing else")
        url, secret = str(said["url"]), Path(str(said["secret_file"]))
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise ValueError(f"{file}: the address of [{office}] begins with http:// or https://")
        read_secret(secret)
        found[office] = Gateway(url, secret)
    return found


class CityGateways:
    """Each message by the gateway of its office, or of the nearest office above that has one; else as usual.

    `line`: ids of the offices above one, the nearest first.
    """

    def __init__(
        self,
        gateways: Mapping[str, Gateway],
        otherwise: Notifier,
        line: Callable[[str], Awaitable[Sequence[str]]],
        now: Callable[[], datetime],
    ) -> None:
        self._gateways, self._otherwise, self._line = gateways, otherwise, line
        self._by = {
            office: HttpNotifier(one.url, partial(read_secret, one.secret_file), now)
            for office, one in gateways.items()
        }

    async def start(self) -> None:
        for one in (self._otherwise, *self._by.values()):
            await one.start()

    async def stop(self) -> None:
        for one in (self._otherwise, *self._by.values()):
            await one.stop()

    async def deliver(self, notice: OutboxMessage) -> None:
        whose = await self.whose(notice.office)
        try:
            await (self._by[whose] if whose else self._otherwise).deliver(notice)
        except ValueError as fault:
            log.error("a gateway's secret cannot be read", office=whose, why=str(fault))
            raise NotDelivered("the gateway's secret cannot be read") from None

    async def whose(self, office: str) -> str:
        """The office whose gateway carries this one's messages; "" for the installation's."""
        if not office or not self._by:
            return ""
        return next((one for one in (office, *await self._line(office)) if one in self._by), "")

    async def secret(self, office: str) -> str:
        """What receipts about a message of this office are signed with; "" for the installation's own."""
        whose = await self.whose(office)
        return read_secret(self._gateways[whose].secret_file) if whose else ""


log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=2)
TRIES_MOST = 8
FIRST_WAIT = timedelta(seconds=5)
OTHERS = timedelta(seconds=5)
"""Between two looks for what another process has queued."""
LONGEST_WAIT = timedelta(hours=1)
STOP_WITHIN = 12.0  # seconds; longer than a notifier may take
CODE_LASTS = timedelta(minutes=10)
PAGE_SIZE = 50
LONGEST_REASON = 200  # characters of why a phone did not get one
TEXT = "message"  # the purpose texts are sealed for

Heard = Callable[[StoredMessage, str], Awaitable[None]]
"""Told of a message before its row says the same, also more than once; the text is why it was given up."""


class OutboxService:
    """`show_texts`: whole texts on the page, for the demo, where no provider delivers them."""

    def __init__(
        self,
        store: MessageStore,
        notifier: Notifier,
        seal: Seal,
        now: Callable[[], datetime],
        show_texts: bool = False,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._notifier = notifier
        self._seal = seal
        self._now = now
        self._show_texts = show_texts
        self._chance = chance
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        # Of messages that tell somebody what was decided: `server.complaints.follow_up.NoticeOutcomeRecorder`.
        self.taken: Heard | None = None
        self.given_up: Heard | None = None
        self.moved: list[Callable[[StoredMessage], None]] = []  # told of every message that came a step further

    # ------------------------------------------------------------ writing

    def compose(
        self, office: str, session: str, kind: str, phone: str, text: str, occasion: str | None = None
    ) -> StoredMessage:
        """A message to a complete number, to be stored in the transaction of what it tells; then `nudge`.

        With an `occasion` its id follows from that and from what it says, so that `put_once` queues it once.
        """
        now = self._now()
        said = "\n".join((office, session, kind, occasion or "", phone, text))
        return StoredMessage(
            id=uuid.uuid4().hex if occasion is None else self._seal.hash(said, "message")[:32],
            office=office,
            session=session,
            kind=kind,
            to_sealed=self._seal.seal(phone, PHONE),
            to_masked=masked_phone(phone),
            text_sealed=self._seal.seal(text, TEXT),
            created=now,
            next_try=now,
        )

    def nudge(self) -> None:
        """Something was stored: look now."""
        self._news.set()

    # ------------------------------------------------------------ pages

    async def messages(self, officer: Officer, page: int = 1) -> tuple[list[Message], int]:
        rows, total = await self._store.page([officer.office.id], page, PAGE_SIZE)
        return [self._shown(row) for row in rows], total

    async def resend(self, officer: Officer, message: str) -> None:
        if officer.role == "supervisor":
            raise Refused("not_allowed", 403)
        if not await self._store.resend(message, [officer.office.id], self._now()):
            raise Refused("not_found", 404)
        self.nudge()

    def _shown(self, row: StoredMessage) -> Message:
        try:
            text = self._seal.open(row.text_sealed, TEXT)
        except SealBroken:
            text = ""
        if not self._show_texts:
            text = without_secrets(text, row.kind)
        return Message(row.id, row.to_masked, text, row.state, row.created, row.tries, row.last_error)

    async def receipt(self, secret: Callable[[str], Awaitable[str]], timestamp: str, signed: str, body: bytes) -> bool:
        """What the gateway says later of a message it took: `{"id", "state": "delivered" | "failed", "reason"}`, signed
        as what goes out to it, with the `secret` for the message's office. False: not from its gateway. Refused:
        bad_request."""
        if not in_time(timestamp, self._now()):
            return False
        known = await secret(await self._store.office_of(_id_in(body)))
        if not known or not genuine([known], timestamp, body, signed):
            return False
        try:
            told = json.loads(body)
            message, state, reason = told["id"], told["state"], told.get("reason", "")
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Refused("bad_request", 400) from None
        if not all(isinstance(one, str) for one in (message, state, reason)) or state not in ("delivered", "failed"):
            raise Refused("bad_request", 400)
        why = reason[:LONGEST_REASON] or "the phone did not get it"
        row = await self._store.receipt(message, state == "delivered", why, self._now())
        if row is not None:
            if state == "failed":
                await self._hear(self.given_up, row, why)
            self._tell(row)
        return True

    def _tell(self, message: StoredMessage) -> None:
        for heard in self.moved:
            heard(message)

    # ------------------------------------------------------------ delivering

    async def start(self) -> None:
        await self._notifier.start()
        self._stopping = False
        self._task = asyncio.create_task(self._run(), name="outbox")

    async def stop(self) -> None:
        """The delivery under way is brought to its end, so that it need not be repeated."""
        self._stopping = True
        self.nudge()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=STOP_WITHIN)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self._notifier.stop()

    async def _run(self) -> None:
        while not self._stopping:
            try:
                self._news.clear()
                if self._stopping:
                    return
                if not await self.deliver_due():
                    await self._wait()
            except Exception:
                # The database may be locked or the disk full for a while; the messages are still there afterwards.
                log.exception("outbox failed, going on")
                await self._pause(FIRST_WAIT)

    async def deliver_due(self) -> int:
        """Try every message due now once; how many were tried."""
        due = await self._store.claim(self._now(), LEASE)
        for message in due:
            if self._stopping:
                break  # it comes due again after its lease
            await self._deliver(message)
        return len(due)

    async def _deliver(self, message: StoredMessage) -> None:
        if message.kind == "code" and self._now() - message.created >= CODE_LASTS:
            await self._dead(message, "expired before it could be delivered")
            return
        try:
            notice = OutboxMessage(
                id=message.id,
                kind=message.kind,
                to=self._seal.open(message.to_sealed, PHONE),
                to_masked=message.to_masked,
                text=self._seal.open(message.text_sealed, TEXT),
                office=message.office,
            )
            await self._notifier.deliver(notice)
        except SealBroken:
            await self._dead(message, "sealed under another key")
        except NotDelivered as fault:
            await self._not_delivered(message, fault.reason, fault.final)
        except Exception as fault:  # a notifier's bug is one failed try, not the end of the outbox
            log.exception("notifier failed", id=message.id)
            await self._not_delivered(message, type(fault).__name__, final=False)
        else:
            # Journaled first: a crash in between has the provider see the same id once more.
            await self._hear(self.taken, message, "")
            await self._store.sent(message.id, self._now())
            self._tell(message)

    async def _dead(self, message: StoredMessage, reason: str) -> None:
        await self._hear(self.given_up, message, reason)
        await self._store.dead(message.id, reason)
        self._tell(message)

    async def _hear(self, heard: Heard | None, message: StoredMessage, reason: str) -> None:
        if heard is not None and (message.complaint or message.lead):
            await heard(message, reason)

    async def _not_delivered(self, message: StoredMessage, reason: str, final: bool) -> None:
        if final or message.tries >= TRIES_MOST:
            log.warning("message given up", id=message.id, tries=message.tries, reason=reason)
            await self._dead(message, reason)
        else:
            wait = backoff(message.tries, self._chance())
            await self._store.failed(message.id, reason, self._now() + wait)
            self._tell(message)

    async def _wait(self) -> None:
        """Until one is due, also one that another node queued and did not live to send."""
        while not self._news.is_set():
            due = await self._store.next_due()
            left = due - self._now() if due else LONGEST_WAIT
            if left <= timedelta(0):
                return
            await self._pause(min(left, OTHERS))

    async def _pause(self, longest: timedelta) -> None:
        try:
            async with asyncio.timeout(longest.total_seconds()):
                await self._news.wait()
        except TimeoutError:
            pass


def _id_in(body: bytes) -> str:
    """Of the message that a receipt names; "" where it names none. Nothing else of it is believed yet."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    found = told.get("id") if isinstance(told, dict) else None
    return found if isinstance(found, str) and found.isascii() and found.isprintable() else ""


def backoff(tries: int, chance: float) -> timedelta:
    """Doubling, at most an hour, and up to a quarter more, so that many do not come back at the same moment."""
    wait: timedelta = min(FIRST_WAIT * 2 ** min(tries - 1, 16), LONGEST_WAIT)
    return wait * (1 + 0.25 * chance)
