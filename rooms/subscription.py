"""One listener's way out of a room: a bounded queue of messages that ends by itself when it is not emptied."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

MOST_UNSENT = 64

Message = tuple[str, dict[str, Any]]


class Subscription:
    """Belongs to one seat's live connection. Iterate over it to receive; `close` when the connection is gone."""

    def __init__(self, seat: str, detach: Callable[[Subscription], None], most: int = MOST_UNSENT) -> None:
        self.seat = seat
        self.code = ""  # why it ended: slow | elsewhere | removed | sent_back | closed, or the code it was put out with
        self.put_out = False  # who listened may do so no longer
        self._detach = detach
        self._most = most
        self._unsent: deque[Message] = deque()
        self._ended = False
        self._stirred = asyncio.Event()

    @property
    def ended(self) -> bool:
        return self._ended

    @property
    def hurries(self) -> bool:
        """Whether what is left need not wait for a slow reader: the connection is cut right after it."""
        return self.put_out or self.code == "slow"

    @property
    def unsent(self) -> int:
        return len(self._unsent)

    def send(self, name: str, body: dict[str, Any]) -> None:
        """Never waits. A listener that has not kept up is dropped: it comes back and gets a whole view."""
        if self._ended:
            return
        if len(self._unsent) >= self._most:
            self._unsent.clear()
            self.end("slow")
            return
        self._unsent.append((name, body))
        self._stirred.set()

    def send_latest(self, name: str, body: dict[str, Any]) -> None:
        """What the next of its kind replaces: an unsent one of this name gives way, and nobody is dropped over it."""
        if self._ended:
            return
        for place, (unsent, _) in enumerate(self._unsent):
            if unsent == name:
                del self._unsent[place]
                break
        if len(self._unsent) < self._most:
            self._unsent.append((name, body))
            self._stirred.set()

    def end(self, code: str) -> None:
        """What is queued is still delivered, `gone` last."""
        if not self._ended:
            self.code = code
            self._unsent.append(("gone", {"code": code}))
            self._ended = True
            self._stirred.set()

    def put_out_with(self, code: str) -> None:
        """Nothing that is queued is delivered any more but `gone`."""
        self.put_out = True
        self._unsent = deque(message for message in self._unsent if message[0] == "gone")
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
        return self._unsent.popleft()
