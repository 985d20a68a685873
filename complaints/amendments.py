"""Corrections of what is on file: what can be asked, and what then stands in the journal with old and new values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from complaints.events import ComplaintRegistered


@dataclass(frozen=True, slots=True)
class Change:
    """`field`: its path in the record, "title" or "consumer.city". Values as the journal has them, numbers sealed."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class RecordAmended:
    """`ordinal` counts a complaint's amendments from 1; `undoes` names the one this takes back, 0: none."""

    ordinal: int
    changes: tuple[Change, ...]
    reason: str
    undoes: int = 0


@dataclass(frozen=True, slots=True)
class Amend:
    """`record` as it shall be; `seen`: how many amendments whoever asks has seen."""

    record: ComplaintRegistered
    seen: int
    reason: str


@dataclass(frozen=True, slots=True)
class UndoAmendment:
    ordinal: int
    reason: str


AmendmentCommand = Amend | UndoAmendment
AmendmentEvent = RecordAmended
