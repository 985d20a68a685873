"""One source of one participant on its way into a recording: follows the best layer, hands plain packets to a tap."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from media.engine import Source
from media.sfu import vp8
from media.sfu.follower import Follower
from media.sfu.source import IncomingStream
from media.tap import Tap

log = logging.getLogger(__name__)


class Feed(Follower):
    __slots__ = ("_fed", "_on_failure", "_tap", "name")

    def __init__(self, tap: Tap, name: Source, on_failure: Callable[[], None]) -> None:
        super().__init__()
        self.name: Source = name
        self._tap = tap
        self._on_failure = on_failure
        self._fed = False

    def start(self, stream: IncomingStream, seq: int, timestamp: int, picture: vp8.Picture | None) -> None:
        super().start(stream, seq, timestamp, picture)
        if self._fed:
            self._tap.restart(self.name)
        self._fed = True
        if stream.sender_info is not None:
            self.report(stream.sender_info.ntp_timestamp, stream.sender_info.rtp_timestamp)

    def packet(self, payload: memoryview, padded: bool, marker: bool, seq: int, timestamp: int) -> None:
        if padded and payload:
            payload = payload[: max(0, len(payload) - payload[-1])]
        try:
            self._tap.packet(self.name, seq, timestamp, marker, bytes(payload), time.time())
        except Exception:
            # A recorder's fault ends its recording, never the conversation.
            log.exception("A recording tap failed")
            self._on_failure()

    def report(self, ntp: int, timestamp: int) -> None:
        self._tap.report(self.name, ntp, timestamp)

    def _join(self, stream: IncomingStream) -> None:
        stream.feed_to(self)

    def _leave(self, stream: IncomingStream) -> None:
        stream.feed_to(None)
