"""A clerk's mistake in the record is corrected, and the correction can be taken back: two pure functions.

Everything that was typed can be corrected. Who decided what, the number and the office are no part of it: decisions
are taken back where they are made, an office changes by dispatch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, get_type_hints

from complaints.amendments import Amend, AmendmentCommand, Change, RecordAmended, UndoAmendment
from complaints.errors import Unchanged, WrongState
from complaints.events import ComplaintRegistered, plain, typed
from complaints.state import Complaint, filled, short

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


def differences(old: ComplaintRegistered, new: ComplaintRegistered) -> Iterator[Change]:
    """Field by field, into parties and what was bought; who complains together is one field."""
    for field in fields(old):
        if field.name not in FIXED:
            yield from _between(field.name, getattr(old, field.name), getattr(new, field.name))


def undone(amendments: Sequence[RecordAmended]) -> frozenset[int]:
    """Which of them were taken back."""
    return frozenset(one.undoes for one in amendments if one.undoes)


def _between(path: str, old: Any, new: Any) -> Iterator[Change]:
    if old == new:
        return
    if is_dataclass(old) and is_dataclass(new):
        for field in fields(old):
            yield from _between(f"{path}.{field.name}", getattr(old, field.name), getattr(new, field.name))
    else:
        yield Change(path, plain(old), plain(new))


def _back(complaint: Complaint, which: int) -> tuple[Change, ...]:
    """Only while what it changed still stands as it left it."""
    amendment = next((one for one in complaint.amendments if one.ordinal == which), None)
    if amendment is None or which in undone(complaint.amendments):
        raise WrongState(state=complaint.state.value)
    for change in amendment.changes:
        if not _stands(complaint.record, change.field.split("."), change.new):
            raise WrongState(state=complaint.state.value)
    return tuple(Change(change.field, change.new, change.old) for change in amendment.changes)


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
