"""Corrections and merges as pure functions: what is decided, and what it makes of the complaint.

Everything that was typed can be corrected. Who decided what, the number and the office are no part of it: decisions
are taken back where they are made, an office changes by dispatch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final, assert_never, get_type_hints

from complaints.changes.messages import (
    Amend,
    AmendmentCommand,
    ComplaintMerged,
    DismissDuplicate,
    FieldChange,
    KeepMerged,
    MergeCommand,
    MergedComplaint,
    MergeEvent,
    MergeInto,
    MergeUndone,
    NotADuplicate,
    RecordAmended,
    UndoAmendment,
    UndoMerge,
)
from complaints.commands import Command, RevealPhone
from complaints.errors import Unchanged, WrongState
from complaints.events import ComplaintRegistered, plain, typed
from complaints.state import Complaint, State, filled, short

FIXED = frozenset({"number", "office"})


def amend(command: AmendmentCommand, complaint: Complaint) -> Sequence[RecordAmended]:
    """Unchanged when nothing would change; WrongState when somebody else corrected it meanwhile."""
    filled("reason", command.reason)
    short("reason", command.reason)
    ordinal, reason = len(complaint.amendments) + 1, command.reason.strip()
    match command:
        case Amend(record=record, seen=seen):
            if seen != len(complaint.amendments):
                raise WrongState(state=complaint.state.value)
            changes = tuple(differences(complaint.record, record))
            if not changes:
                raise Unchanged
            return [RecordAmended(ordinal, changes, reason)]
        case UndoAmendment(ordinal=which):
            return [RecordAmended(ordinal, _back(complaint, which), reason, which)]


def amended(complaint: Complaint, event: RecordAmended) -> Complaint:
    record: Any = complaint.record
    for change in event.changes:
        record = _put(record, change.field.split("."), change.new)
    return replace(complaint, record=record, amendments=(*complaint.amendments, event))


def differences(old: ComplaintRegistered, new: ComplaintRegistered) -> Iterator[FieldChange]:
    """Field by field, into parties and what was bought; who complains together is one field."""
    for field in fields(old):
        if field.name not in FIXED:
            yield from _between(field.name, getattr(old, field.name), getattr(new, field.name))


def undone(amendments: Sequence[RecordAmended]) -> frozenset[int]:
    """Which of them were taken back."""
    return frozenset(one.undoes for one in amendments if one.undoes)


def _between(path: str, old: Any, new: Any) -> Iterator[FieldChange]:
    if old == new:
        return
    if is_dataclass(old) and is_dataclass(new):
        for field in fields(old):
            yield from _between(f"{path}.{field.name}", getattr(old, field.name), getattr(new, field.name))
    else:
        yield FieldChange(path, plain(old), plain(new))


def _back(complaint: Complaint, which: int) -> tuple[FieldChange, ...]:
    """Only while what it changed still stands as it left it."""
    amendment = next((one for one in complaint.amendments if one.ordinal == which), None)
    if amendment is None or which in undone(complaint.amendments):
        raise WrongState(state=complaint.state.value)
    for change in amendment.changes:
        if not _stands(complaint.record, change.field.split("."), change.new):
            raise WrongState(state=complaint.state.value)
    return tuple(FieldChange(change.field, change.new, change.old) for change in amendment.changes)


def _stands(record: Any, path: list[str], value: Any) -> bool:
    name, *rest = path
    if rest:
        return _stands(getattr(record, name), rest, value)
    found: bool = getattr(record, name) == typed(get_type_hints(type(record))[name], value)
    return found


def _put(record: Any, path: list[str], value: Any) -> Any:
    name, *rest = path
    if rest:
        return replace(record, **{name: _put(getattr(record, name), rest, value)})
    return replace(record, **{name: typed(get_type_hints(type(record))[name], value)})


# ------------------------------------------------------------ merges


# A complaint goes into another only before anything was decided in it.
GOES: Final = frozenset({State.REGISTERED, State.ACCEPTED})
KEEPS: Final = frozenset({State.REGISTERED, State.ACCEPTED, State.MEDIATING})
MERGED: Final = "merged"  # how a complaint that went into another stands in lists


def rests(command: Command, complaint: Complaint) -> None:
    """WrongState when the complaint is in another, where everything now happens."""
    if complaint.merged is not None and not isinstance(command, UndoMerge | MergeInto | DismissDuplicate | RevealPhone):
        raise WrongState(state=MERGED)


def merge(command: MergeCommand, complaint: Complaint) -> Sequence[MergeEvent]:
    """Empty when it is so already: a merge that was interrupted between its two streams is asked for again."""
    short("reason", command.reason)
    reason = command.reason.strip()
    match command:
        case KeepMerged(other, number, sources):
            if any(one.id == other for one in complaint.took):
                return []
            if complaint.state not in KEEPS:
                raise WrongState(state=complaint.state.value)
            return [ComplaintMerged(other, number, True, sources, reason)]
        case MergeInto(other, number):
            if complaint.merged is not None:
                if complaint.merged.id == other:
                    return []
                raise WrongState(state=MERGED)
            if complaint.state not in GOES or complaint.open_sessions or complaint.took:
                raise WrongState(state=complaint.state.value)
            return [ComplaintMerged(other, number, False, (), reason)]
        case UndoMerge(other):
            filled("reason", reason)
            into = complaint.merged is not None and complaint.merged.id == other
            return [MergeUndone(other, reason)] if into or any(one.id == other for one in complaint.took) else []
        case DismissDuplicate(other, number):
            return [] if other in complaint.different else [NotADuplicate(other, number, reason)]
        case _:
            assert_never(command)


def merged(complaint: Complaint, event: MergeEvent) -> Complaint:
    """Fold a merge, its undoing or a dismissal. The state of a merged complaint stays: undone, it is its own again."""
    match event:
        case ComplaintMerged(other, number, kept, sources):
            one = MergedComplaint(other, number, sources)
            if kept:
                return replace(complaint, took=(*complaint.took, one), different=complaint.different - {other})
            return replace(complaint, merged=one, different=complaint.different - {other})
        case MergeUndone(other):
            if complaint.merged is not None and complaint.merged.id == other:
                return replace(complaint, merged=None)
            return replace(complaint, took=tuple(one for one in complaint.took if one.id != other))
        case NotADuplicate(other):
            return replace(complaint, different=complaint.different | {other})
        case _:
            assert_never(event)


def merged_numbers(complaint: Complaint) -> Sequence[str]:
    """Every number that leads here beside its own: of the complaints it took, and theirs elsewhere."""
    return [number for one in complaint.took for number in (one.number, *(source.number for source in one.sources))]
