"""What a change of the years would do to what is kept: counted before anybody says yes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rooms.record.retention import GRACE, Retention
from server.retention.periods import KINDS, Periods
from web.ports.retention import Effect


@dataclass(frozen=True, slots=True)
class Kept:
    """One record, or the files of one case. `told`: texts whose years are not exceeded."""

    kind: str
    end: datetime
    told: Sequence[str] = ()
    held: bool = False


def reckon(kept: Iterable[Kept], before: Retention, after: Retention, wanted: Periods) -> Sequence[Effect]:
    """By kind that changes; `after` as if it came into force now. What is held stays, and is counted apart."""
    counts = {kind: [0] * 5 for kind in KINDS if wanted[kind] != before.ruled(kind)}
    for one in kept:
        if (count := counts.get(one.kind)) is None:
            continue
        promise = before.fewest(one.told)
        was, will = before.due(one.end, one.kind, promise), after.due(one.end, one.kind, promise)
        count[0] += 1
        if was == will:
            continue
        if one.held:
            count[4] += 1
        elif will > was:
            count[3] += 1
        else:
            count[1] += 1
            count[2] += after.since is not None and will <= after.since + GRACE
    return [Effect(kind, before.ruled(kind), wanted[kind], *numbers) for kind, numbers in counts.items()]
