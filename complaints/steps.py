"""What can be asked next of a complaint: an office's notes, in the words of `complaints.commands.TakeBack`, and the
steps of `complaints.procedure`, by the names their forms have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from complaints import procedure as p
from complaints.complaint import Complaint, State
from complaints.events import ComplaintEvent
from complaints.rights import RIGHTS
from complaints.telling import untold
from complaints.transitions import rows_of

KEPT, TOLD, CLOSED = "kept", "told", "closed"


def next_notes(complaint: Complaint) -> Sequence[str]:
    """In the order they come in the procedure."""
    found = (TOLD,) if untold(complaint) else ()
    match complaint.state:
        case State.PERFORMING:
            return (KEPT, *found)
        case State.SETTLED | State.REFUSED | State.ENDED if not found:
            return (CLOSED,)
        case _:
            return found


@dataclass(frozen=True, slots=True)
class Step:
    """`when` is what the table of transitions cannot say."""

    command: type[p.ProcedureCommand]
    event: type[ComplaintEvent]
    when: Callable[[Complaint], bool] = lambda complaint: True


STEPS: Mapping[str, Step] = {
    "dispatch": Step(p.Dispatch, p.Dispatched, lambda c: not c.intake),
    "return": Step(p.ReturnToIntake, p.ReturnedToIntake, lambda c: bool(c.intake)),
    "dispute": Step(p.RaiseCompetence, p.CompetenceDisputed, lambda c: c.disputed is None),
    "settle_dispute": Step(p.SettleCompetence, p.CompetenceSettled, lambda c: c.disputed is not None),
    "begin_testing": Step(p.BeginTesting, p.TestingBegun, lambda c: c.tested is None),
    "end_testing": Step(p.EndTesting, p.TestingEnded, lambda c: c.tested is not None),
    "recusal": Step(p.RequestRecusal, p.RecusalRequested, lambda c: c.recusal is None),
    "decide_recusal": Step(p.DecideRecusal, p.RecusalDecided, lambda c: c.recusal is not None),
    "delegate": Step(p.DelegateMediation, p.MediationDelegated, lambda c: not c.delegated),
    "end_delegation": Step(p.EndDelegation, p.DelegationEnded, lambda c: bool(c.delegated)),
    "end": Step(p.EndMediation, p.MediationEnded),
    "order": Step(p.ChooseOrder, p.OrderChosen, lambda c: not c.open_sessions),
    "supervise": Step(p.Supervise, p.Supervised),
    "split": Step(p.SplitReport, p.ReportSplit, lambda c: not c.report),
    "lead": Step(p.NoteLead, p.LeadNoted),
}


def next_steps(complaint: Complaint, role: str) -> Sequence[str]:
    """What an officer of this role may ask now, in the order of the procedure."""
    return [
        name
        for name, step in STEPS.items()
        if role in RIGHTS[step.command]
        and any(complaint.state in row.before for row in rows_of(step.event.__name__))
        and step.when(complaint)
    ]
