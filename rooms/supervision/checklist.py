"""What a review goes through and where the journal speaks of it, and the numbers a draw looks at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from rooms import events as e
from rooms.codec import SessionEntry
from rooms.events import CaucusEnded
from rooms.session import Session
from rooms.timing import Timing
from rooms.vocabulary import Opening, OutcomeKind, Role, Side

WITHDRAWN: Final = 1
"""The ending ground "the complaint was withdrawn, or the parties settled on their own", in both orders."""
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class MediationMeasures:
    """Money in fen, times in milliseconds; as `rooms.supervision.drawing.Candidate`."""

    outcome: str
    settled: int
    together: int
    length: int
    private: int
    consumer: int
    business: int
    withdrawn: int | None


def measure_mediation(session: Session, timing: Timing, history: Sequence[SessionEntry]) -> MediationMeasures:
    """Of a session that is closed."""
    outcome = session.outcome
    assert outcome is not None
    assert timing.closed is not None
    left = None
    if outcome.kind is OutcomeKind.ENDED and outcome.ground == WITHDRAWN:
        ends = [entry.at for entry in history if isinstance(entry.event, CaucusEnded)]
        left = (timing.closed - ends[-1]) // _MILLISECOND if ends else None
    return MediationMeasures(
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


# ------------------------------------------------------------ the checklist


EDITION: Final = 2
"""2: a mediation without a room has a list of its own, without what only a room shows."""
_OPENING: Final = ("identity", "rights", "recusal", "consent")
_RECORD: Final = ("notices", "record")
ITEMS: Final[Mapping[str, tuple[str, ...]]] = {
    "settled": (*_OPENING, "balance", "concessions", "terms", *_RECORD),
    "not_settled": (*_OPENING, "balance", "concessions", *_RECORD),
    "ended": (*_OPENING, "balance", "ground", *_RECORD),
    "adjourned": (*_OPENING, "balance", "concessions", *_RECORD),
}
HELD: Final[Mapping[str, tuple[str, ...]]] = {
    outcome: tuple(
        "agreed" if item == "consent" else "papers" if item == "record" else item
        for item in found
        if item not in ("balance", "concessions")
    )
    for outcome, found in ITEMS.items()
}
"""Of one without a room: nothing was recorded, nobody's turns were measured and no private talk was cut off."""
EVERY: Final = (*_OPENING, "balance", "concessions", "terms", "ground", *_RECORD, "agreed", "papers")
MOST: Final = 8
"""Pointers of one item: the first ones."""

_KINDS: Final[Mapping[str, tuple[type[e.SessionEvent], ...]]] = {
    "identity": (e.IdentityConfirmed, e.IdentityConfirmedByVoice, e.AuthorityRecorded, e.HeldElsewhere),
    "rights": (),
    "recusal": (),
    "consent": (e.ConsentGiven, e.ConsentRefused, e.ConsentWithdrawn),
    "balance": (e.PhaseEntered,),
    "concessions": (e.CaucusStarted, e.CaucusEnded, e.FactAnswered),
    "terms": (e.ClausePut, e.ClauseAnswered, e.LawShown, e.Signed, e.DocumentSealed, e.OutcomeProposed),
    "ground": (e.OutcomeProposed, e.SessionClosed),
    "notices": (e.LinkIssued, e.LinkOpened),
    "record": (e.RecordingFailed, e.RecordingStopped, e.RecordingComposed, e.SessionClosed),
    "agreed": (e.HeldElsewhere,),
    "papers": (e.HeldElsewhere, e.SessionClosed, e.Signed, e.DocumentSealed),
}
_COVERED: Final[Mapping[str, tuple[Opening, ...]]] = {
    "identity": (Opening.IDENTITY,),
    "rights": (Opening.RIGHTS, Opening.SHAM),
    "recusal": (Opening.RECUSAL,),
}


def checklist_items(outcome: str, without_room: bool = False) -> tuple[str, ...]:
    """What the review of a closed mediation goes through, by how it ended. KeyError for what is no outcome."""
    return (HELD if without_room else ITEMS)[outcome]


def checklist_pointers(history: Iterable[SessionEntry]) -> Mapping[str, tuple[int, ...]]:
    """Item -> versions of the session's journal that speak of it, in order, the first few.

    Suggestions: which entries an answer rests on is for the person who looked.
    """
    found: dict[str, list[int]] = {item: [] for item in EVERY}
    for entry in history:
        for item in EVERY:
            if _speaks_of(item, entry.event) and len(found[item]) < MOST:
                found[item].append(entry.version)
    return {item: tuple(versions) for item, versions in found.items()}


def _speaks_of(item: str, event: e.SessionEvent) -> bool:
    if isinstance(event, e.OpeningCovered):
        return event.done and event.item in _COVERED.get(item, ())
    return isinstance(event, _KINDS[item])
