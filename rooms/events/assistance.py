"""What can have happened with somebody sitting beside a party to help: at a station, at home."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SeatAssisted:
    """`seat`'s person agreed to `helper` sitting with them. `by` is the seat that said so: their own, or the mediator's
    who asked them. A helper decides nothing and says nothing for the seat."""

    seat: str
    helper: str
    relation: str  # rooms.assistance.RELATIONS
    by: str


@dataclass(frozen=True, slots=True)
class AssistanceEnded:
    seat: str
    by: str


AssistanceEvent = SeatAssisted | AssistanceEnded
