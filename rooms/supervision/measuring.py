"""From a closed mediation's history to the numbers that a draw looks at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from rooms.codec import Happened
from rooms.events import CaucusEnded
from rooms.session import Session
from rooms.timing import Timing
from rooms.vocabulary import OutcomeKind, Role, Side

WITHDRAWN: Final = 1
"""The ending ground "the complaint was withdrawn, or the parties settled on their own", in both orders."""
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Measured:
    """Money in fen, times in milliseconds; as `rooms.supervision.candidates.Candidate`."""

    outcome: str
    settled: int
    together: int
    length: int
    private: int
    consumer: int
    business: int
    withdrawn: int | None


def measured(session: Session, timing: Timing, history: Sequence[Happened]) -> Measured:
    """Of a session that is closed."""
    outcome = session.outcome
    assert outcome is not None
    assert timing.closed is not None
    left = None
    if outcome.kind is OutcomeKind.ENDED and outcome.ground == WITHDRAWN:
        ends = [entry.at for entry in history if isinstance(entry.event, CaucusEnded)]
        left = (timing.closed - ends[-1]) // _MILLISECOND if ends else None
    return Measured(
        outcome.kind.value,
        int(outcome.loss_recovered * 100),
        timing.joint_ms,
        max(0, timing.session_ms - timing.recess_ms),
        sum(timing.caucus_ms.values()),
        _spoke(session, timing, Side.CONSUMER, (Role.CONSUMER,)),
        _spoke(session, timing, Side.BUSINESS, (Role.BUSINESS,)),
        left,
    )


def _spoke(session: Session, timing: Timing, side: Side, roles: Iterable[Role]) -> int:
    """Of everybody on a side together; lawyers and representatives speak for it."""
    for_it = {seat.id for seat in session.seats.values() if seat.side is side or seat.role in roles}
    return sum(one.spoke_ms for id_, one in timing.seats.items() if id_ in for_it)
