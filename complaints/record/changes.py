"""Commands and events that change what is on file: corrections, complaints merged, what an import undoes or takes
over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from complaints.record import ComplaintRegistered, SourceNumber


@dataclass(frozen=True, slots=True)
class FieldChange:
    """`field`: its path in the record, "title" or "consumer.city". Values as the journal has them, numbers sealed."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class RecordAmended:
    """`ordinal` counts a complaint's amendments from 1; `undoes` names the one this takes back, 0: none."""

    ordinal: int
    changes: tuple[FieldChange, ...]
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


# ------------------------------------------------------------ two complaints that are one dispute, or are not


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
class MergedComplaint:
    """A complaint that went into another, as the other knows it."""

    id: str
    number: str
    sources: tuple[SourceNumber, ...] = ()


MergeCommand = KeepMerged | MergeInto | UndoMerge | DismissDuplicate
MergeEvent = ComplaintMerged | MergeUndone | NotADuplicate


# ------------------------------------------------------------ what an import does to a complaint that is there already


@dataclass(frozen=True, slots=True)
class ImportUndone:
    """The batch it came by was taken back before anything was done with it. Its number is not given again."""

    batch: str
    reason: str


@dataclass(frozen=True, slots=True)
class SourceUpdated:
    """Its channel sent it once more. `changes`: field of `ComplaintRegistered` -> its new value, as journaled."""

    batch: str
    changes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class UndoImport:
    batch: str
    reason: str


@dataclass(frozen=True, slots=True)
class TakeUpdate:
    batch: str
    changes: dict[str, Any]


_OURS = frozenset({"number", "office", "channel", "sources", "order"})
_SEALED = frozenset({"phone", "other_phone", "id_sealed", "code_sealed"})
"""Sealing twice gives two texts; what was sealed is recognised by its key or what may be shown."""


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What a source says differently now. Both as the journal has a `ComplaintRegistered`.

    A value that nobody knew then and somebody has mapped since is said as before.
    """
    unknown = {one["field"]: one["said"] for one in before.get("unknown") or ()}
    if unknown:
        before, after = _without(before, unknown), _without(after, unknown)
    return {
        name: value
        for name, value in after.items()
        if name not in _OURS and (_plain(value) or None) != (_plain(before.get(name)) or None)
    }


def _without(data: Mapping[str, Any], unknown: Mapping[str, str]) -> dict[str, Any]:
    """But for fields whose values were unknown."""
    left = {name: value for name, value in data.items() if name != "unknown"}
    for field, said in unknown.items():
        whole, _, part = field.partition("_")
        if isinstance(left.get(whole), Mapping):
            left[whole] = {name: value for name, value in left[whole].items() if name != part}
        elif field == "kind":
            left.pop("also_reports", None)
        elif field == "status":
            if (left.get("earlier") or {}).get("said") in (None, said):
                left.pop("earlier", None)
        else:
            left.pop(field, None)
    return left


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):  # events from before 2026-11-27 also name what is empty
        return {name: part for name, part in value.items() if part and name not in _SEALED}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value
