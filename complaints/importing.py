"""What an import does to a complaint that is there already: undo it, or take over what its source changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


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
    """What a source says differently now. Both as the journal has a `ComplaintRegistered`."""
    return {
        name: value for name, value in after.items() if name not in _OURS and _plain(value) != _plain(before.get(name))
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):  # events from before 2026-11-27 also name what is empty
        return {name: part for name, part in value.items() if part and name not in _SEALED}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value
