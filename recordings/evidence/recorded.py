"""The gap sheet: what of each person's tracks was recorded, and what is missing and why (`recordings.gap_ledger`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from journal.events import stamp
from recordings.gap_ledger import CAUSES, EDITION, ledger
from rooms.codec import SessionEntry


def gaps(history: Sequence[SessionEntry], edition: int = EDITION) -> dict[str, Any]:
    """`missing_ms`: in all, of every cause there was."""
    found = ledger(history, edition)
    return {
        "missing_ms": {cause: found.ms(cause) for cause in CAUSES if found.ms(cause)},
        "tracks": [
            {
                "expected": [[stamp(span.start), stamp(span.end)] for span in track.expected],
                "missing": [
                    {"cause": gap.cause, "from": stamp(gap.span.start), "until": stamp(gap.span.end)}
                    for gap in track.missing
                ],
                "recorded": [[stamp(span.start), stamp(span.end)] for span in track.recorded],
                "seat": track.seat,
                "source": track.source,
            }
            for track in found.tracks
        ],
    }
