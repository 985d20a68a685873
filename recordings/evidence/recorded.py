"""The gap sheet: what of each person's tracks was recorded, and what is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from journal.events import stamp
from journal.intervals import Span, union
from rooms import events as e
from rooms.codec import Happened


def gaps(history: Sequence[Happened]) -> dict[str, Any]:
    """Recorded stretches per person and source, of the sealed files."""
    spans = defaultdict[tuple[str, str], list[Span]](list)
    for entry in history:
        if isinstance(entry.event, e.SegmentSealed):
            spans[entry.event.seat, entry.event.source].append(Span(entry.event.started, entry.event.ended))
    return {
        "tracks": [
            {"missing": [], "recorded": [[stamp(s.start), stamp(s.end)] for s in union(found)], "seat": seat,
             "source": source}
            for (seat, source), found in spans.items()
        ]
    }  # fmt: skip
