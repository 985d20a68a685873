"""What an office can note next about a complaint, in the words of `complaints.commands.TakeBack`."""

from __future__ import annotations

from collections.abc import Sequence

from complaints.complaint import Complaint, State

KEPT, TOLD, CLOSED = "kept", "told", "closed"


def next_notes(complaint: Complaint) -> Sequence[str]:
    """In the order they come in the procedure."""
    match complaint.state:
        case State.PERFORMING:
            return (KEPT,)
        case State.ENDED if not complaint.end_told:
            return (TOLD,)
        case State.SETTLED | State.REFUSED | State.ENDED:
            return (CLOSED,)
        case _:
            return ()
