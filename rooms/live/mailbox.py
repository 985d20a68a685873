"""A room's mailbox and its timer: what waits its turn, in order of arrival; what is refused or lost when too much does.

Enqueueing never waits, but for what is said only once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from journal import Actor, Event
from journal.clock import Clock
from journal.refusals import Busy
from media import engine as m
from rooms import commands as c
from rooms.live.subscription import Measurement, Subscription
from rooms.session import Session
from rooms.view.messages import LineView

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
