"""What can have happened to the result."""

from __future__ import annotations

from dataclasses import dataclass

from rooms.vocabulary import Outcome


@dataclass(frozen=True, slots=True)
class OutcomeProposed:
    """Shown to both parties; the room closes after."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class OutcomeTakenBack:
    pass


@dataclass(frozen=True, slots=True)
class OutcomeSeen:
    seat: str


@dataclass(frozen=True, slots=True)
class SessionClosed:
    outcome: Outcome
    anyway: str = ""  # why it was closed though not everybody present had seen the outcome


@dataclass(frozen=True, slots=True)
class Corrected:
    """A further entry to a closed session; nothing before it changes."""

    text: str


OutcomeEvent = OutcomeProposed | OutcomeTakenBack | OutcomeSeen | SessionClosed | Corrected
