"""What can be asked about typical cases."""

from __future__ import annotations

from dataclasses import dataclass

from rooms.events.typical import TypicalLeaf


@dataclass(frozen=True, slots=True)
class ShowTypical:
    """`leaf` is filled in by the room from the casebook: nobody brings a text of their own."""

    case: str
    leaf: TypicalLeaf | None = None


@dataclass(frozen=True, slots=True)
class PutTypicalAway:
    pass


TypicalCommand = ShowTypical | PutTypicalAway
