"""What comes of one source under one numbering, on its way into order and, of pictures, into frames."""

from __future__ import annotations

from media.engine import Source
from recordings.holes import Tally
from recordings.reorder import PICTURE_WITHIN, SOUND_WITHIN, Reorder
from recordings.timeline import Timeline
from recordings.vp8 import FrameAssembler


class SourceState:
    __slots__ = ("_dropped", "_late", "frames", "generation", "order", "tally", "timeline", "timestamp")

    def __init__(self, source: Source, generation: int, tally: Tally, timeline: Timeline) -> None:
        sound = source == "mic"
        self.generation = generation
        self.tally = tally
        self.timeline = timeline
        self.order: Reorder[tuple[int, bool, bytes]] = Reorder(SOUND_WITHIN if sound else PICTURE_WITHIN)
        self.frames = None if sound else FrameAssembler()
        self.timestamp = -1  # of the packet that came last
        self._late = self._dropped = 0

    def count(self) -> None:
        """Bring the tally up to date."""
        self.tally.late += self.order.late - self._late
        self._late = self.order.late
        if self.frames is not None:
            self.tally.lost += self.frames.dropped - self._dropped
            self._dropped = self.frames.dropped
