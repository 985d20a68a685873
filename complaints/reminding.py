"""Reminders of what was promised for later: to the side that owes it before the day, to the office after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from complaints.errors import BadChoice, WrongState
from complaints.notices import Addressee

if TYPE_CHECKING:
    from complaints.state import Complaint

BEFORE, AFTER, ESCALATED = "before", "after", "escalated"  # the last: a week late, the supervisor's to look at
WHENS: Final = (BEFORE, AFTER, ESCALATED)


@dataclass(frozen=True, slots=True)
class TermReminded:
    """`term` counts a session's terms from 1; `to`: who was sent a message, nobody where no number takes one."""

    session: str
    term: int
    when: str
    to: tuple[Addressee, ...] = ()


@dataclass(frozen=True, slots=True)
class RemindOfTerm:
    reminded: TermReminded


def remind(command: RemindOfTerm, complaint: Complaint) -> Sequence[TermReminded]:
    """Once each; empty when it was kept meanwhile."""
    one = command.reminded
    if one.when not in WHENS:
        raise BadChoice(field="when")
    if complaint.state.value != "performing" or one.session not in complaint.sessions:
        raise WrongState(state=complaint.state.value)
    done = (one.session, one.term, one.when) in complaint.reminded or (one.session, one.term) in complaint.kept_terms
    return [] if done else [one]


def reminded(complaint: Complaint, event: TermReminded) -> Complaint:
    return replace(complaint, reminded=complaint.reminded | {(event.session, event.term, event.when)})
