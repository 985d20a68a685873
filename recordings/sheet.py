"""What came of many participants in one pass, into their files by columns.

Most of what comes is as what came before: next in order, in time, a picture that follows another. What is done with it
is done for all participants at once then, by NumPy (`recordings.rows`, `recordings.weft`). The rules are those of
`recordings.scribe`, which does one by one whatever is not so, for a participant and a pass; what comes out is the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from recordings.offer import Offer
from recordings.rows import Rows
from recordings.weft import Weft


def write(offers: Sequence[Offer]) -> list[bool]:
    """Of each whether it is in its file's text; where it is not, nothing has changed."""
    if not offers:
        return []
    rows = Rows(offers)
    weft = Weft(rows, offers)
    weft.write()
    fine = [not odd for odd in weft.odd.tolist()]
    stands = zip(
        rows.layered.tolist(), rows.counts.tolist(), rows.newest.tolist(), rows.floors.tolist(), rows.bases.tolist(),
        rows.delays.tolist(), rows.lately.tolist(), strict=True,
    )  # fmt: skip
    for offer, kept in zip(offers, fine, strict=True):
        for row in offer.rows:
            layered, count, newest, floor, base, delay, lately = next(stands)
            if kept:
                row.line.go_on(row.batch, layered, (newest, floor, base, delay, lately), count)
                if row.source == "mic":
                    offer.align.go_on(base)
        for report in offer.reports if kept else ():
            offer.align.reported(*report)
    return fine
