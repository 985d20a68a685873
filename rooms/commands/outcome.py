"""What can be asked about the result."""

from __future__ import annotations

from dataclasses import dataclass

from rooms.vocabulary import Outcome


@dataclass(frozen=True, slots=True)
class ProposeOutcome:
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class TakeBackOutcome:
    pass


@dataclass(frozen=True, slots=True)
class SeeOutcome:
    """`number`: which of the outcomes that were shown, counted from 1; 0 is the one that is shown now."""

    number: int = 0


@dataclass(frozen=True, slots=True)
class Close:
    """Close with the proposed outcome; parties have seen it, or `anyway` says why not."""

    anyway: str = ""


@dataclass(frozen=True, slots=True)
class Correct:
    text: str


OutcomeCommand = ProposeOutcome | TakeBackOutcome | SeeOutcome | Close | Correct
