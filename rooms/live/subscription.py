"""One listener's way out of a room, a bounded queue of messages; and what a client measured of its connection."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from media.engine import quality_level
from rooms.codec import encode_json

MOST_UNSENT = 64

MessageName = Literal[
    "view", "part", "line", "media_offer", "media_lost", "media_full", "exhibit_look", "quality", "measured", "gone"
]
"""As `rooms.view.messages` declares them."""
Message = tuple[MessageName, str]
"""Its name and its body as JSON."""


class Subscription:
    """Belongs to one seat's live connection. Iterate over it to receive; `close` when the connection is gone."""

    def __init__(self, seat: str, detach: Callable[[Subscription], None], most: int = MOST_UNSENT) -> None:
        self.seat = seat
        self.code = ""  # why it ended: slow | elsewhere | removed | sent_back | closed, or the code it was put out with
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
        return self.put_out or self.code == "slow"

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


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a client measured of its own connection in the last seconds, as far as anybody else needs it.

    Shares are 0-1, times seconds, rates kbit/s. `None`: the browser does not say, or nothing flows.
    """

    loss_up: float = 0.0  # of what they send
    loss_down: float = 0.0  # of what they receive
    rtt: float = 0.0
    jitter: float = 0.0
    concealed: float = 0.0  # of the sound they hear, made up by their browser
    frozen: float = 0.0  # of the time, the worst picture they see stood still
    frames: float | None = None  # a second, of the best picture they see
    up: int = 0
    down: int = 0
    available: int | None = None  # what their browser thinks their way out carries
    relayed: bool = False

    @property
    def level(self) -> int:
        return quality_level(max(self.loss_up, self.loss_down), self.rtt, self.concealed, self.frozen)

    def body(self) -> dict[str, Any]:
        return asdict(self)
