"""A participant of a room: the two connections, and their state."""

from __future__ import annotations

from typing import Literal

from media.engine import SendingState
from media.quality import quality_level
from media.sfu.bandwidth import VideoPause
from media.sfu.publisher import Publisher
from media.sfu.subscriber import Subscriber

State = Literal["new", "connected", "disconnected", "failed"]

# An idle participant is checked from the first second of silence on, so that by DISCONNECTED_AFTER only the dead are
# silent.
CHECK_AFTER = 1.0  # seconds of silence
DISCONNECTED_AFTER = 2.8
FAILED_AFTER = 15.0
OUTAGE = 1.5  # seconds of silence: its loss says nothing about the connection's capacity
MAX_WATCH_INTERVAL = 0.25  # seconds between two calls of `update_state`; beyond, it was we who did not listen


class Participant:
    """A participant of a room. Silence counts over both connections, because one may be idle for a reason."""

    def __init__(self, name: str, now: float) -> None:
        self.name = name
        self.publisher: Publisher | None = None
        self.subscriber: Subscriber | None = None
        self.state: State = "new"
        self.quality_told = 0  # 0: none yet
        self.sending_told: SendingState = "nothing"
        self.send_pause = VideoPause()  # of what they send; the subscriber has one for what they receive
        self.high_layer_wanted_at = now  # when somebody last received the large layer of their camera
        self.pinned = ""  # the participant whom their page shows large
        self.returned_at = now  # from an outage, or when they joined
        self._authenticated = 0
        self._heard_at = now
        self._watched_at = now

    @property
    def transports(self) -> list[Publisher | Subscriber]:
        return [transport for transport in (self.publisher, self.subscriber) if transport is not None]

    def on_transport_closed(self, now: float) -> None:
        """Count as silent from now on unless something is received: the client closed a connection."""
        self._authenticated = sum(transport.authenticated for transport in self.transports if transport.ready)
        self._heard_at = min(self._heard_at, now - DISCONNECTED_AFTER)

    def update_state(self, now: float) -> State:
        """Update and return the state, and check whether a silent participant is there. Call it every 100 ms."""
        absent, self._watched_at = now - self._watched_at - MAX_WATCH_INTERVAL, now
        heard, ready = 0, False
        for transport in (self.publisher, self.subscriber):  # no list: this runs twelve times a second for everybody
            if transport is not None:
                if now >= transport.peer.next_check_at:
                    transport.peer.maintain_consent(now)
                if transport.ready:
                    heard += transport.authenticated
                    ready = True
        if self.state == "new" and not ready:
            return self.state
        if absent > 0:
            self._heard_at = min(now, self._heard_at + absent)
        if heard != self._authenticated:
            if now - self._heard_at >= OUTAGE:
                self.returned_at = now
                for transport in self.transports:
                    transport.on_outage_end(now)
            self._authenticated, self._heard_at = heard, now
            if heard:
                self.state = "connected"
            return self.state
        silent = now - self._heard_at
        if silent >= FAILED_AFTER:
            self.state = "failed"
        elif silent >= DISCONNECTED_AFTER and self.state == "connected":
            self.state = "disconnected"
        if silent >= CHECK_AFTER and self.state != "failed":
            for transport in self.transports:
                transport.peer.send_check(now)
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
    def video_paused(self) -> bool:
        """True while video is paused in either direction."""
        return self.send_pause.paused or (self.subscriber is not None and self.subscriber.estimator.paused)

    def quality(self) -> int:
        """Return the quality of both directions, 1-4; 1 while disconnected or video is paused."""
        if self.state != "connected" or self.video_paused:
            return 1
        loss, rtt = self.subscriber.worst_loss_and_rtt() if self.subscriber is not None else (0.0, 0.0)
        if self.publisher is not None:
            loss = max(loss, self.publisher.loss)
        return quality_level(loss, rtt)
