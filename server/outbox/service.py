"""The outbox: keeps messages until they are delivered, tries again, gives up visibly. Implements `Outbox`.

Owns the delivering task, and the one that asks what became of what was delivered. A message is claimed for a lease; if
the program dies in the middle it comes due again, and the provider recognises the repetition by its id.
"""

from __future__ import annotations

import asyncio
import json
import random
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from complaints.record.identifiers import PHONE, masked_phone
from journal.refusals import Refused
from offices import Officer
from offices.systems import Message, MessageSums
from server.connections import genuine, in_time
from server.identity import Seal, SealBroken
from server.outbox import Wording, open_wording, seal_wording, without_secrets
from server.outbox.notifiers import Awaited, Forged, NotDelivered, Notifier, OutboxMessage, Receipt, Trouble
from server.outbox.store import Bound, MessageStore, StoredMessage

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

ASK_EVERY = timedelta(seconds=20)

Heard = Callable[[StoredMessage, str], Awaitable[None]]
"""Told of a message before its row says the same, also more than once; the text is why it was given up."""


class Carriers(Protocol):
    """What the outbox asks of the connections for messages: `server.connections.messages.MessageRouter`."""

    async def bounds(self, office: str) -> Sequence[Bound]: ...

    @property
    def names(self) -> list[str]:
        """Of those that may be asked what became of a message."""
        ...

    async def asked(self, name: str, awaited: Sequence[Awaited]) -> Sequence[Receipt]: ...

    def pushed(
        self, name: str, secret: str, query: Mapping[str, str], body: bytes
    ) -> tuple[Sequence[Receipt], str]: ...

    def heard(self, name: str, outcome: str) -> None:
        """For the metrics."""
        ...


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
        carriers: Carriers | None = None,
    ) -> None:
        self._carriers = carriers
        self._store = store
        self._notifier = notifier
        self._seal = seal
        self._now = now
        self._show_texts = show_texts
        self._chance = chance
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False
        # Of messages that tell somebody what was decided: `server.complaints.procedure.NoticeOutcomeRecorder`.
        self.taken: Heard | None = None
        self.given_up: Heard | None = None
        self.moved: list[Callable[[StoredMessage], None]] = []  # told of every message that came a step further

    # ------------------------------------------------------------ writing

    def compose(
        self, office: str, session: str, kind: str, phone: str, text: Wording, occasion: str | None = None
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
            text_sealed=seal_wording(self._seal, text),
            created=now,
            next_try=now,
        )

    def nudge(self) -> None:
        """Something was stored: look now."""
        self._news.set()

    # ------------------------------------------------------------ pages

    async def messages(
        self, officer: Officer, page: int = 1, outcome: str = "", provider: str = ""
    ) -> tuple[list[Message], int]:
        rows, total = await self._store.page([officer.office.id], page, PAGE_SIZE, outcome, provider)
        return [self._shown(row) for row in rows], total

    async def sums(self, officer: Officer) -> list[MessageSums]:
        """Of the last thirty days, by connection."""
        rows = await self._store.sums(officer.office.id, self._now() - timedelta(days=30))
        return [MessageSums(*row) for row in rows]

    async def resend(self, officer: Officer, message: str) -> None:
        if officer.role == "supervisor":
            raise Refused("not_allowed", 403)
        if not await self._store.resend(message, [officer.office.id], self._now()):
            raise Refused("not_found", 404)
        self.nudge()

    def _shown(self, row: StoredMessage) -> Message:
        try:
            text: str = open_wording(self._seal, row.text_sealed)
        except SealBroken:
            text = ""
        if not self._show_texts:
            text = without_secrets(text, row.kind)
        return Message(
            row.id, row.to_masked, text, row.state, row.created, row.tries, row.last_error, row.provider, row.trouble,
            row.sent_at, row.arrived_at, row.pieces,
        )  # fmt: skip

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

    async def pushed(self, name: str, secret: str, query: Mapping[str, str], body: bytes) -> str:
        """What a carrier posts of messages that it took, and what it wants to hear. Of others nothing is believed.
        Refused: not_found, not_allowed."""
        if self._carriers is None:
            raise Refused("not_found", 404)
        try:
            receipts, answer = self._carriers.pushed(name, secret, query, body)
        except (Forged, ValueError):
            self._carriers.heard(name, "forged")
            raise Refused("not_allowed", 403) from None
        for one in receipts:
            await self._settle(name, one)
        return answer

    async def ask(self) -> None:
        """Carriers, what became of messages: offices without a public address are told nothing by themselves."""
        if self._carriers is None:
            return
        waiting: dict[str, list[Awaited]] = {}
        for row in await self._store.awaited(self._carriers.names, self._now()):
            try:
                to = self._seal.open(row.to_sealed, PHONE)
            except SealBroken:
                continue
            one = Awaited(row.id, row.reference, to, row.sent_at or row.created)
            waiting.setdefault(row.provider, []).append(one)
        for name, awaited in waiting.items():
            try:
                found = await self._carriers.asked(name, awaited)
            except (NotDelivered, ValueError) as fault:
                log.warning("a carrier does not say what became of messages", connection=name, why=str(fault))
                continue
            for receipt in found:
                await self._settle(name, receipt)

    async def _settle(self, name: str, told: Receipt) -> None:
        assert self._carriers is not None
        message = await self._store.known(name, told.message, told.reference)
        if not message:
            self._carriers.heard(name, "unknown")
            return
        why = told.reason[:LONGEST_REASON] or "the phone did not get it"
        at = min(told.at or self._now(), self._now())  # clocks differ
        row = await self._store.receipt(message, told.arrived, why, at, told.trouble)
        if row is None:
            return  # it was told before
        self._carriers.heard(name, "arrived" if told.arrived else told.trouble or "operator")
        if not told.arrived:
            await self._hear(self.given_up, row, why)
        self._tell(row)

    def _tell(self, message: StoredMessage) -> None:
        for heard in self.moved:
            heard(message)

    # ------------------------------------------------------------ delivering

    async def start(self) -> None:
        await self._notifier.start()
        self._stopping = False
        self._tasks = [asyncio.create_task(self._run(), name="outbox")]
        if self._carriers is not None and self._carriers.names:
            self._tasks.append(asyncio.create_task(self._keep_asking(), name="outbox receipts"))

    async def stop(self) -> None:
        """The delivery under way is brought to its end, so that it need not be repeated."""
        self._stopping = True
        self.nudge()
        for task in self._tasks[1:]:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_WITHIN)
            self._tasks[0].cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._tasks = []
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

    async def _keep_asking(self) -> None:
        while True:
            try:
                await self.ask()
            except Exception:
                log.exception("asking for receipts failed, going on")
            await asyncio.sleep(ASK_EVERY.total_seconds())

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
            await self._dead(message, "expired before it could be delivered", "expired")
            return
        try:
            notice = OutboxMessage(
                id=message.id,
                kind=message.kind,
                to=self._seal.open(message.to_sealed, PHONE),
                to_masked=message.to_masked,
                text=open_wording(self._seal, message.text_sealed),
                office=message.office,
                tries=message.tries,
                created=message.created,
            )
            if await self._held_back(message, notice):
                return
            taken = await self._notifier.deliver(notice)
        except SealBroken:
            await self._dead(message, "sealed under another key", "sealed")
        except NotDelivered as fault:
            await self._not_delivered(message, fault)
        except Exception as fault:  # a notifier's bug is one failed try, not the end of the outbox
            log.exception("notifier failed", id=message.id)
            await self._not_delivered(message, NotDelivered(type(fault).__name__))
        else:
            # Journaled first: a crash in between has the provider see the same id once more.
            await self._hear(self.taken, message, "")
            await self._store.sent(message.id, self._now(), taken)
            self._tell(message)

    async def _held_back(self, message: StoredMessage, notice: OutboxMessage) -> bool:
        """What is over a bound waits until it no longer is. Codes have bounds of their own (`server.identity.codes`),
        and a flood of them that somebody asks for holds back nothing else."""
        if self._carriers is None or message.kind == "code":
            return False
        bounds = await self._carriers.bounds(message.office)
        reached = await self._store.let_through(message, self._seal.hash(notice.to, PHONE), bounds, self._now())
        if reached is None:
            return False
        bound, until = reached
        trouble: Trouble = "number_limit" if bound.by == "number" else "office_limit"
        hours = round(bound.window.total_seconds() / 3600)
        await self._store.held(message, f"{bound.most} in {hours} h", until, trouble)
        self._carriers.heard("", trouble)
        self._tell(message)
        return True

    async def _dead(self, message: StoredMessage, reason: str, trouble: str = "") -> None:
        await self._hear(self.given_up, message, reason)
        await self._store.dead(message.id, reason, trouble)
        self._tell(message)

    async def _hear(self, heard: Heard | None, message: StoredMessage, reason: str) -> None:
        if heard is not None and (message.complaint or message.lead):
            await heard(message, reason)

    async def _not_delivered(self, message: StoredMessage, fault: NotDelivered) -> None:
        if fault.final or message.tries >= TRIES_MOST:
            log.warning("message given up", id=message.id, tries=message.tries, reason=fault.reason)
            await self._dead(message, fault.reason, fault.trouble)
        else:
            wait = max(backoff(message.tries, self._chance()), fault.wait or timedelta(0))
            await self._store.failed(message.id, fault.reason, self._now() + wait, fault.trouble)
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
