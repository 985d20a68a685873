"""One source of one participant on its way into a recording: follows the best layer, hands plain packets to a tap.

Packets collect in a `Gathering`, or in a `chute` where the way in is compiled; the tap gets them once in each turn.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from media.engine import Source
from media.sfu import vp8
from media.sfu.follower import Follower
from media.sfu.header import MARKER, PADDED, unpadded
from media.sfu.source import IncomingStream
from media.tap import Batch, Tap

if TYPE_CHECKING:
    from media.sfu.native.wayin import Chute

log = logging.getLogger(__name__)


class Feed(Follower):
    __slots__ = ("_fed", "_on_failure", "_report", "_tap", "chute", "name")

    def __init__(self, tap: Tap, name: Source, on_failure: Callable[[], None]) -> None:
        super().__init__()
        self.name: Source = name
        self._tap = tap
        self._on_failure = on_failure
        self._fed = False
        self._report: tuple[int, int] | None = None  # the newest, which waits for what collects
        self.chute: Chute | None = None

    def start(self, stream: IncomingStream, seq: int, timestamp: int, picture: vp8.Picture | None) -> None:
        super().start(stream, seq, timestamp, picture)
        if self._fed:
            self._tap.restart(self.name)
        self._fed = True
        if stream.sender_info is not None:
            self.report(stream.sender_info.ntp_timestamp, stream.sender_info.rtp_timestamp)

    def hand_over(self, everything: bool = False) -> None:
        """Give the tap what has collected; `everything`: a picture that has only begun, too."""
        batch = self._collected(everything)
        if batch is None:
            return
        try:
            self._tap.batch(self.name, batch)
            if self._report is not None:
                self._tap.report(self.name, *self._report)
                self._report = None
        except Exception:
            self._fail()

    def _collected(self, everything: bool) -> Batch | None:
        if self.chute is not None:
            return self.chute.empty() if self.chute.packets else None
        stream = self.stream
        if stream is None or not (stream.bodies or everything):
            return None
        batch = stream.hand_out(everything)
        return batch if batch.packets else None

    def report(self, ntp: int, timestamp: int) -> None:
        if self.chute.packets if self.chute is not None else self.stream is not None and self.stream.bodies:
            self._report = ntp, timestamp
        else:
            self._tap.report(self.name, ntp, timestamp)

    def odd(self, mem: memoryview, start: int, size: int, first: int, marker: int, seq: int, timestamp: int) -> None:
        """Of the compiled way in: what it does not put into the chute itself."""
        if first & PADDED:
            size = unpadded(mem, start, size)
        self.hand_over()
        try:
            self._tap.packet(self.name, seq, timestamp, marker >= MARKER, bytes(mem[start:size]), time.time())
        except Exception:
            self._fail()

    def _fail(self) -> None:
        """A recorder's fault ends its recording, never the conversation."""
        log.exception("A recording tap failed")
        self._on_failure()

    def _join(self, stream: IncomingStream) -> None:
        if self.chute is None and stream.way_in is not None:
            self.chute = stream.way_in.chute(stream.video)
        stream.feed_to(self)

    def _leave(self, stream: IncomingStream) -> None:
        stream.feed_to(None)
        self.hand_over(everything=True)
