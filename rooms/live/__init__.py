"""Rooms as they run: one task and one mailbox each, and whoever listens. Here is what waits, in a room and for its
listeners, each bounded.

A room's mailbox holds what waits its turn, in order of arrival; what is refused or lost when too much does.
Enqueueing never waits, but for what is said only once. Its timer rings into it. A subscription is one listener's way
out.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from journal import Actor, Draft, Event
from journal.clock import Clock
from journal.refusals import Busy
from media import engine as m
from media.engine import Measurement
from rooms import commands as c, events as e
from rooms.events import SessionEntry, encode_json, event_draft
from rooms.session import Session
from rooms.view import LineView, Message, MessageName

MOST_UNSENT = 64


class Subscription:
    """Belongs to one seat's live connection. Iterate over it to receive; `close` when the connection is gone."""

    def __init__(self, seat: str, detach: Callable[[Subscription], None], most: int = MOST_UNSENT) -> None:
        self.seat = seat
        # why it ended: slow | cut | elsewhere | removed | sent_back | closed, or the code it was put out with
        self.code = ""
        self.put_out = False  # who listened may do so no longer
        self._detach = detach
        self._most = most
        self._unsent: deque[deque[Message]] = deque()  # what belongs together, in order
        self._ended = False
        self._stirred = asyncio.Event()

    @property
    def ended(self) -> bool:
        return self._ended

    @property
    def hurries(self) -> bool:
        """Whether what is left need not wait for a slow reader: the connection is cut right after it."""
        return self.put_out or self.code in ("slow", "cut")

    @property
    def unsent(self) -> int:
        return sum(map(len, self._unsent))

    def send(self, name: MessageName, body: dict[str, Any]) -> None:
        self.send_all([(name, encode_json(body))])

    def send_all(self, messages: Sequence[Message]) -> None:
        """What belongs together, counted as one. Never waits: a listener that has not kept up is dropped, comes back
        and is told everything anew."""
        if self._ended or not messages:
            return
        if len(self._unsent) >= self._most:
            self._unsent.clear()
            self.end("slow")
            return
        self._unsent.append(deque(messages))
        self._stirred.set()

    def offer(self, name: MessageName, body: dict[str, Any]) -> None:
        """What may be missed: a listener who is behind does not get it, and nobody is dropped over it."""
        if not self._ended and len(self._unsent) < self._most // 2:
            self._unsent.append(deque([(name, encode_json(body))]))
            self._stirred.set()

    def send_latest(self, name: MessageName, body: dict[str, Any]) -> None:
        """What the next of its kind replaces: an unsent one of this name gives way, and nobody is dropped over it."""
        if self._ended:
            return
        for place, unsent in enumerate(self._unsent):
            if unsent[0][0] == name and len(unsent) == 1:
                del self._unsent[place]
                break
        if len(self._unsent) < self._most:
            self._unsent.append(deque([(name, encode_json(body))]))
            self._stirred.set()

    def end(self, code: str) -> None:
        """What is queued is still delivered, `gone` last."""
        if not self._ended:
            self.code = code
            self._unsent.append(deque([("gone", encode_json({"code": code}))]))
            self._ended = True
            self._stirred.set()

    def cut(self) -> None:
        """End like a pulled cable: nothing that is queued is delivered, and listeners reconnect by themselves."""
        self._ended, self.code = True, "cut"
        self._unsent.clear()
        self._stirred.set()

    def put_out_with(self, code: str) -> None:
        """Nothing that is queued is delivered any more but `gone`."""
        self.put_out = True
        self._unsent = deque(together for together in self._unsent if together[0][0] == "gone")
        self.end(code)

    def close(self) -> None:
        """The connection is gone; the room is told (once)."""
        self._ended = True
        self._unsent.clear()
        self._stirred.set()
        self._detach(self)

    def __aiter__(self) -> Subscription:
        return self

    async def __anext__(self) -> Message:
        while not self._unsent:
            if self._ended:
                raise StopAsyncIteration
            self._stirred.clear()
            await self._stirred.wait()
        together = self._unsent[0]
        message = together.popleft()
        if not together:
            self._unsent.popleft()
        return message


COLLECTED = timedelta(seconds=1.5)
"""Of speaking, until it is written; sooner when anything else is."""


class Unwritten:
    """Who began and ended to speak, told already and not written yet: nobody waits for it, and it is most of what
    happens in a room. In order; each with its own moment, so that no figure changes by it."""

    def __init__(self) -> None:
        self.events: list[tuple[e.SpeakingStarted | e.SpeakingStopped, datetime]] = []

    @property
    def due(self) -> datetime | None:
        return self.events[0][1] + COLLECTED if self.events else None

    def drafts(self) -> list[Draft]:
        return [event_draft(event, at) for event, at in self.events]

    def take(self, written: Iterable[SessionEntry]) -> list[tuple[e.SpeakingStarted | e.SpeakingStopped, datetime]]:
        """What the journal does not have; nothing is left here."""
        known = [(entry.event, entry.at) for entry in written]
        left, self.events = [one for one in self.events if one not in known], []
        return left


MOST_WAITING = 512

Answer = TypeVar("Answer")


class Mailbox:
    def __init__(self) -> None:
        self._items: asyncio.Queue[MailboxItem] = asyncio.Queue(MOST_WAITING)

    @property
    def empty(self) -> bool:
        return self._items.empty()

    async def take(self) -> MailboxItem:
        return await self._items.get()

    def ask(self, question: Callable[[asyncio.Future[Answer]], Request]) -> asyncio.Future[Answer]:
        """The answer to come; Busy when the mailbox is full."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if not self.offer(question(answer)):
            answer.set_exception(Busy())
        return answer

    def offer(self, item: MailboxItem, most: int = MOST_WAITING) -> bool:
        """False when it is lost, because that many wait already."""
        if self._items.qsize() >= most:
            return False
        self._items.put_nowait(item)
        return True

    async def put(self, item: MailboxItem) -> None:
        """Waits while it is full: for what is said once, and for what nobody may refuse."""
        await self._items.put(item)

    def refuse_all(self) -> None:
        """Nobody will read it any more: who asked hears Busy."""
        while not self._items.empty():
            item = self._items.get_nowait()
            if isinstance(item, Request) and not item.answer.done():
                item.answer.set_exception(Busy())


# ------------------------------------------------------------ what lies in it


@dataclass(frozen=True, slots=True)
class CommandRequest:
    command: c.Command
    actor: Actor
    answer: asyncio.Future[list[Event]]


@dataclass(frozen=True, slots=True)
class StateRequest:
    answer: asyncio.Future[Session]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """Of the chat: those `after` a number, or those `before` one."""

    seat: str
    after: int | None
    before: int | None
    answer: asyncio.Future[list[LineView]]


@dataclass(frozen=True, slots=True)
class AttachRequest:
    subscription: Subscription
    answer: asyncio.Future[Subscription]


@dataclass(frozen=True, slots=True)
class MediaJoinRequest:
    """About to be admitted to media (`done` False): what the seat's old transport did no longer counts. Or admitted."""

    seat: str
    done: bool
    answer: asyncio.Future[None]


@dataclass(frozen=True, slots=True)
class ListenerGone:
    subscription: Subscription


@dataclass(frozen=True, slots=True)
class QualityMeasured:
    seat: str
    measurement: Measurement
    client: str
    network: str


@dataclass(frozen=True, slots=True)
class MediaTurnedAway:
    """The server has no room for the seat's sound and pictures."""

    seat: str


@dataclass(frozen=True, slots=True)
class PointerMoved:
    """Whoever shows an exhibit looks there: `looking` as in docs/wire.md."""

    seat: str
    looking: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MediaEnd:
    """Whoever sent and received for the seat may do so no longer; whoever may joins anew."""

    seat: str


class Tick:
    """A moment has come at which time alone changes something."""


Request = CommandRequest | StateRequest | ChatRequest | AttachRequest | MediaJoinRequest
MailboxItem = Request | ListenerGone | QualityMeasured | PointerMoved | MediaTurnedAway | MediaEnd | Tick | m.MediaEvent


class RoomTimer:
    """The one timer of a room, which rings at the next moment at which time alone changes something."""

    def __init__(self, room: str, clock: Clock, ring: Callable[[], Awaitable[None]]) -> None:
        self._name, self._clock, self._ring = f"timer of {room}", clock, ring
        self._due: datetime | None = None
        self.task: asyncio.Task[None] | None = None

    def set(self, due: datetime | None) -> None:
        """An earlier ring is harmless, since it is set again after each: only what is sooner winds it anew."""
        if due is None or (self._due is not None and self._due <= due):
            return
        self.cancel()
        self._due = due
        self.task = asyncio.get_running_loop().create_task(self._wait(due), name=self._name)

    def rang(self) -> None:
        """The ring was heard; it may be set to any moment again."""
        self._due = None

    def cancel(self) -> None:
        if self.task is not None:
            self.task.cancel()

    async def _wait(self, due: datetime) -> None:
        await self._clock.until(due)
        await self._ring()
