"""What can be asked about the law at hand."""

from __future__ import annotations

from dataclasses import dataclass

from rooms.events.law import Leaf


@dataclass(frozen=True, slots=True)
class ShowLaw:
    """`leaf` is filled in by the room from its library: nobody brings a text of their own."""

    article: str
    leaf: Leaf | None = None


@dataclass(frozen=True, slots=True)
class PutLawAway:
    pass


LawCommand = ShowLaw | PutLawAway
