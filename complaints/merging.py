"""The steps of `complaints.merges` as two pure functions, of `complaints.decisions` and of `complaints.complaint`.

A complaint goes into another only before anything was decided in it; while it is in the other, nothing happens to it.
The state it had stays and is its own again when the merge is undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, assert_never

from complaints.commands import Command, RevealPhone
from complaints.errors import WrongState
from complaints.merges import (
    ComplaintMerged,
    DismissDuplicate,
    KeepMerged,
    MergeCommand,
    Merged,
    MergeEvent,
    MergeInto,
    MergeUndone,
    NotADuplicate,
    UndoMerge,
)
from complaints.state import Complaint, State, filled, short

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
    match event:
        case ComplaintMerged(other, number, kept, sources):
            one = Merged(other, number, sources)
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


def numbers(complaint: Complaint) -> Sequence[str]:
    """Every number that leads here beside its own: of the complaints it took, and theirs elsewhere."""
    return [number for one in complaint.took for number in (one.number, *(source.number for source in one.sources))]
