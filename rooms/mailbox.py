"""A room's mailbox: what waits its turn, in order of arrival; what is refused or lost when too much does.

Enqueueing never waits, but for what is said only once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from rooms.errors import Busy
from rooms.mail import Asked, Item

MOST_WAITING = 512

Answer = TypeVar("Answer")


class Mailbox:
    def __init__(self) -> None:
        self._items: asyncio.Queue[Item] = asyncio.Queue(MOST_WAITING)

    @property
    def empty(self) -> bool:
        return self._items.empty()

    async def take(self) -> Item:
        return await self._items.get()

    def ask(self, question: Callable[[asyncio.Future[Answer]], Asked]) -> asyncio.Future[Answer]:
        """The answer to come; Busy when the mailbox is full."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if not self.offer(question(answer)):
            answer.set_exception(Busy())
        return answer

    def offer(self, item: Item, most: int = MOST_WAITING) -> bool:
        """False when it is lost, because that many wait already."""
        if self._items.qsize() >= most:
            return False
        self._items.put_nowait(item)
        return True

    async def put(self, item: Item) -> None:
        """Waits while it is full: for what is said once, and for what nobody may refuse."""
        await self._items.put(item)

    def refuse_all(self) -> None:
        """Nobody will read it any more: who asked hears Busy."""
        while not self._items.empty():
            item = self._items.get_nowait()
            if isinstance(item, Asked) and not item.answer.done():
                item.answer.set_exception(Busy())
