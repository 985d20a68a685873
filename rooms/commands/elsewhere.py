"""What can be asked of a mediation that was held without a room."""

from __future__ import annotations

from dataclasses import dataclass

from rooms.events.elsewhere import HeldElsewhere
from rooms.vocabulary import Capacity, Outcome


@dataclass(frozen=True, slots=True)
class RecordHeld:
    """The session took place elsewhere and is over. `capacity`, `basis`: by what right who spoke for the business did,
    where an agreement is to be signed by them."""

    held: HeldElsewhere
    outcome: Outcome
    capacity: Capacity | None = None
    basis: str = ""


ElsewhereCommand = RecordHeld
