"""What a review goes through, by how the mediation ended, and where the journal itself speaks of it.

Pointers are suggestions: which entries an answer rests on is for the person who looked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from rooms import events as e
from rooms.codec import Happened
from rooms.vocabulary import Opening

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


def items(outcome: str, without_room: bool = False) -> tuple[str, ...]:
    """Of a closed mediation. KeyError for what is no outcome."""
    return (HELD if without_room else ITEMS)[outcome]


def pointers(history: Iterable[Happened]) -> Mapping[str, tuple[int, ...]]:
    """Item -> versions of the session's journal that speak of it, in order, the first few."""
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
