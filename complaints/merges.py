"""Two complaints that are one dispute, or are not: what can be asked, and what then stands in both their streams."""

from __future__ import annotations

from dataclasses import dataclass

from complaints.record import SourceNumber


@dataclass(frozen=True, slots=True)
class KeepMerged:
    """To the one that is kept: it takes the other's numbers over."""

    other: str
    number: str
    sources: tuple[SourceNumber, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class MergeInto:
    """To the one that goes into the other."""

    other: str
    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class UndoMerge:
    """To both."""

    other: str
    reason: str


@dataclass(frozen=True, slots=True)
class DismissDuplicate:
    """To both: they are two disputes, and are suggested no more."""

    other: str
    number: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ComplaintMerged:
    """`kept`: whether this is the one whose number serves from now on; `sources` then are the other's."""

    other: str
    number: str  # the other's
    kept: bool
    sources: tuple[SourceNumber, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MergeUndone:
    other: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NotADuplicate:
    other: str
    number: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """A complaint that went into another, as the other knows it."""

    id: str
    number: str
    sources: tuple[SourceNumber, ...] = ()


MergeCommand = KeepMerged | MergeInto | UndoMerge | DismissDuplicate
MergeEvent = ComplaintMerged | MergeUndone | NotADuplicate
