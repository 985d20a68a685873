"""One participant in a room's media: two connections, and what is known of how they fare."""

from __future__ import annotations

from typing import Literal

from media.engine import SendingState
from media.quality import level
from media.sfu.bandwidth import SoundFirst
from media.sfu.publisher import Publisher
from media.sfu.subscriber import Subscriber

State = Literal["new", "connected", "disconnected", "failed"]

ASK_AFTER = 1.0  # seconds of silence
# Whoever is idle is asked from the first second of silence on, so that by then only the dead are silent.
DISCONNECTED_AFTER = 2.8
FAILED_AFTER = 15.0
OUTAGE = 1.5  # seconds without a word: what was lost meanwhile says nothing of what the connection carries
ATTENTIVE = 0.25  # seconds between two looks; beyond, it is we who did not listen, and nobody's silence


class Participant:
    """Silence is judged over both connections together: one of them may rightly be idle."""

    def __init__(self, name: str, now: float) -> None:
        self.name = name
        self.publisher: Publisher | None = None
        self.subscriber: Subscriber | None = None
        self.state: State = "new"
        self.level = 0  # last quality told; 0: none yet
        self.sending_told: SendingState = "nothing"
        self.leaving = SoundFirst()  # what they send; what they receive has its own in the subscriber
        self.wanted_large_at = now  # when somebody last took the large layer of their camera
        self.large = ""  # whom their page shows large
        self.returned_at = now  # from an outage; at first, from outside
        self._heard = 0
        self._heard_at = now
        self._looked_at = now

    @property
    def legs(self) -> list[Publisher | Subscriber]:
        return [leg for leg in (self.publisher, self.subscriber) if leg is not None]

    def hang_up(self, now: float) -> None:
        """A connection was closed by the client: silent from now on unless something is heard."""
        self._heard = sum(leg.heard for leg in self.legs if leg.ready)
        self._heard_at = min(self._heard_at, now - DISCONNECTED_AFTER)

    def watch(self, now: float) -> State:
        """The state now; call it at least every 100 ms. Silent people are asked whether they are there."""
        absent, self._looked_at = now - self._looked_at - ATTENTIVE, now
        heard, ready = 0, False
        for leg in (self.publisher, self.subscriber):  # twenty times a second for everybody
            if leg is not None:
                if now >= leg.peer.due:
                    leg.peer.refresh(now)
                if leg.ready:
                    heard += leg.heard
                    ready = True
        if self.state == "new" and not ready:
            return self.state
        if absent > 0:
            self._heard_at = min(now, self._heard_at + absent)
        if heard != self._heard:
            if now - self._heard_at >= OUTAGE:
                self.returned_at = now
                for leg in self.legs:
                    leg.came_back(now)
            self._heard, self._heard_at = heard, now
            if heard:
                self.state = "connected"
            return self.state
        silent = now - self._heard_at
        if silent >= FAILED_AFTER:
            self.state = "failed"
        elif silent >= DISCONNECTED_AFTER and self.state == "connected":
            self.state = "disconnected"
        if silent >= ASK_AFTER and self.state != "failed":
            for leg in self.legs:
                leg.peer.ask(now)
        return self.state

    @property
    def recordable(self) -> bool:
        return self.publisher is not None and self.publisher.ready and self.state != "failed"

    @property
    def sending(self) -> SendingState:
        if self.publisher is None:
            return "nothing"
        return "connected" if self.recordable else "connecting"

    @property
    def paused(self) -> bool:
        """Pictures rest, one way or the other."""
        return self.leaving.paused or (self.subscriber is not None and self.subscriber.reception.paused)

    def quality(self) -> int:
        """1-4 from both directions; 1 while nothing is heard, or nothing but sound gets through."""
        if self.state != "connected" or self.paused:
            return 1
        loss, rtt = self.subscriber.report() if self.subscriber is not None else (0.0, 0.0)
        if self.publisher is not None:
            loss = max(loss, self.publisher.loss)
        return level(loss, rtt)
