"""What came of a participant in one pass, when it is as it mostly is: what a scribe offers to `recordings.sheet`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from media.engine import Source
from media.tap import FrameBatch
from recordings.line import Line
from recordings.reel import Reel
from recordings.reorder import Braid
from recordings.segment import SegmentFile
from recordings.timeline import Alignment
from recordings.vp8 import Frame

Report = tuple[Source, int, int]  # ntp, timestamp


class Row(NamedTuple):
    """Of one source, which nothing is missing of so far."""

    source: Source
    line: Line
    batch: FrameBatch


class Offer(NamedTuple):
    """At most one row of each source but a screen, in the order they came, and reports that came behind pictures."""

    rows: Sequence[Row]
    reports: Sequence[Report]
    reel: Reel
    file: SegmentFile  # that is open
    align: Alignment
    braid: Braid[Frame | bytes]
    now: float
