"""The procedure as data: every step, from which state to which, the article that allows it; and what can be asked next.

`complaints.decisions.decide` lets nothing happen that changes the state and has no line here, and nothing that has
lines here in a state none of them names. Both orders are given, because both are applied. A page shows the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from complaints import WrongState, events as e, procedure
from complaints.commands import RIGHTS, Command
from complaints.events import ComplaintEvent
from complaints.notices import messages as notices_messages, rules as notices_rules
from complaints.procedure import rules as procedure_rules
from complaints.record import changes
from complaints.state import Complaint, ComplaintState
from law.orders import ORDER_20, ORDER_121, Citation

R, X, A, M = ComplaintState.REGISTERED, ComplaintState.REFUSED, ComplaintState.ACCEPTED, ComplaintState.MEDIATING
S, P, E, C = ComplaintState.SETTLED, ComplaintState.PERFORMING, ComplaintState.ENDED, ComplaintState.CLOSED
Place = tuple[int, int, int]  # article, paragraph, item
Cited = tuple[tuple[Place, ...], tuple[Place, ...]]  # in Order 121, in Order 20


@dataclass(frozen=True, slots=True)
class Transition:
    """`before` empty: it begins the stream. `after` None: the state stays what it is."""

    event: str  # class name in complaints.events
    before: frozenset[ComplaintState]
    after: ComplaintState | None
    basis: Mapping[str, tuple[Citation, ...]]  # order -> where it says so

    def cite(self, order: str) -> tuple[Citation, ...]:
        return self.basis[order]


def _art(article: int, paragraph: int = 0, item: int = 0) -> Place:
    return article, paragraph, item


def _row(
    event: type[e.ComplaintEvent], before: Sequence[ComplaintState], after: ComplaintState | None, cited: Cited
) -> Transition:
    basis = {
        order.id: tuple(Citation(order, *place) for place in places)
        for order, places in zip((ORDER_121, ORDER_20), cited, strict=True)
    }
    return Transition(event.__name__, frozenset(before), after, basis)


# The same rule in Order 121 and in Order 20.
_RECEIVE: Cited = (_art(10),), (_art(9),)
_DECIDE: Cited = (_art(15, 1),), (_art(14),)
_REFUSE: Cited = (_art(15), _art(16)), (_art(14), _art(15))
_MEDIATE: Cited = (_art(18, 1), _art(20)), (_art(16, 1), _art(18))
_AGREE: Cited = (_art(24),), (_art(22),)
_WITHDRAW: Cited = (_art(23, 1, 1),), (_art(21, 1, 1),)
_END: Cited = (_art(23, 1),), (_art(21, 1),)
_TELL: Cited = (_art(23, 2),), (_art(21, 2),)
_REVISIT: Cited = (_art(26),), (_art(22),)
_CORRECT: Cited = (_art(5),), (_art(5),)
_RECUSE: Cited = (_art(21, 2),), (_art(19, 2),)
_TEST: Cited = (_art(22),), (_art(20),)
_DELEGATE: Cited = (_art(19),), (_art(17),)
_COMPETENCE: Cited = (_art(33),), (_art(30),)
_DISPATCH: Cited = (_art(41, 1),), (_art(37, 1),)
_RETURN: Cited = (_art(41, 2),), (_art(37, 2),)
_SUPERVISE: Cited = (_art(4, 2), _art(26)), (_art(4, 2),)
_VERSION: Cited = (_art(46),), (_art(40),)
_SPLIT: Cited = (_art(9), _art(37)), (_art(7), _art(33))
_LEAD: Cited = (_art(27, 1),), (_art(23, 1),)

TRANSITIONS: tuple[Transition, ...] = (
    _row(e.ComplaintRegistered, (), R, _RECEIVE),
    _row(e.ComplaintAccepted, (R,), A, _DECIDE),
    _row(e.ComplaintRefused, (R,), X, _REFUSE),
    _row(procedure_rules.ComplaintWithdrawn, (R,), C, _WITHDRAW),
    _row(procedure_rules.ComplaintWithdrawn, (A, M), None, _WITHDRAW),
    _row(e.MediationScheduled, (A,), M, _MEDIATE),
    _row(e.MediationScheduled, (M,), None, _MEDIATE),
    _row(e.MediationCancelled, (M,), A, _MEDIATE),
    _row(e.MediationCancelled, (A, M, S, P, E, C), None, _MEDIATE),
    _row(e.MediationClosed, (M,), S, _AGREE),
    _row(e.MediationClosed, (M,), P, _AGREE),
    _row(e.MediationClosed, (M,), E, _END),
    _row(e.MediationClosed, (M, S, P, E, C), None, _MEDIATE),
    _row(e.PromisesKept, (P,), S, _REVISIT),
    _row(e.EndTold, (E,), None, _TELL),
    _row(notices_messages.PartyTold, (R,), None, _DISPATCH),
    _row(notices_messages.PartyTold, (A, M, S, P, X), None, _DECIDE),
    _row(notices_messages.PartyTold, (E,), None, _TELL),
    _row(notices_messages.PartyTold, (C,), None, _CORRECT),
    _row(notices_messages.TellingFailed, (R,), None, _DISPATCH),
    _row(notices_messages.TellingFailed, (A, M, S, P, X), None, _DECIDE),
    _row(notices_messages.TellingFailed, (E,), None, _TELL),
    _row(notices_messages.TellingFailed, (C,), None, _CORRECT),
    _row(e.ComplaintClosed, (S,), C, _AGREE),
    _row(e.ComplaintClosed, (X,), C, _REFUSE),
    _row(e.ComplaintClosed, (E,), C, _TELL),
    _row(e.NoteTakenBack, (C,), S, _CORRECT),
    _row(e.NoteTakenBack, (C,), X, _CORRECT),
    _row(e.NoteTakenBack, (C,), E, _CORRECT),
    _row(e.NoteTakenBack, (S,), P, _CORRECT),
    _row(e.NoteTakenBack, (E, X, A, M, S, P), None, _CORRECT),
    _row(e.NoteTakenBack, (X,), R, _CORRECT),
    _row(e.NoteTakenBack, (E,), A, _CORRECT),
    _row(e.NoteTakenBack, (E,), M, _CORRECT),
    _row(procedure.MediationEnded, (A, M), E, _END),
    _row(procedure.TestingBegun, (A, M), None, _TEST),
    _row(procedure.TestingEnded, (A, M), None, _TEST),
    _row(procedure.RecusalRequested, (A, M), None, _RECUSE),
    _row(procedure.RecusalDecided, (A, M), None, _RECUSE),
    _row(procedure.MediationDelegated, (A, M), None, _DELEGATE),
    _row(procedure.DelegationEnded, (A, M), None, _DELEGATE),
    _row(procedure.CompetenceDisputed, (R, A, M), None, _COMPETENCE),
    _row(procedure.CompetenceSettled, (R, X, A, M, S, P, E, C), None, _COMPETENCE),
    _row(procedure.OrderChosen, (R, A, M), None, _VERSION),
    _row(procedure.Dispatched, (R,), None, _DISPATCH),
    _row(procedure.ReturnedToIntake, (R,), None, _RETURN),
    _row(changes.TransferSent, (R,), None, _DISPATCH),
    _row(changes.TransferReturned, (R,), None, _RETURN),
    _row(procedure.Supervised, (R, X, A, M, S, P, E), None, _SUPERVISE),
    _row(procedure.ReportSplit, (R, X, A, M, S, P, E), None, _SPLIT),
    _row(changes.ImportUndone, (R, A, C), ComplaintState.UNDONE, _CORRECT),
    _row(changes.SourceUpdated, (R, A, C), None, _RECEIVE),
    _row(changes.SourceUpdated, (R,), A, _RECEIVE),
    _row(changes.SourceUpdated, (R, A), C, _RECEIVE),
    _row(procedure.LeadNoted, (A, M, S, P, E), None, _LEAD),
)

_ROWS: Mapping[str, tuple[Transition, ...]] = {
    name: tuple(row for row in TRANSITIONS if row.event == name) for name in {row.event for row in TRANSITIONS}
}


def rows_of(event: str) -> Sequence[Transition]:
    return _ROWS.get(event, ())


def transition(event: str, before: ComplaintState, after: ComplaintState) -> Transition | None:
    """The line that allows it; None when none does."""
    for row in rows_of(event):
        if before in row.before and after in (row.after or before,):
            return row
    return None


def prove(event: e.ComplaintEvent, before: ComplaintState, after: ComplaintState) -> None:
    """WrongState when no article allows it. What the table does not know may happen, and changes no state."""
    name = type(event).__name__
    if (name in _ROWS or before is not after) and transition(name, before, after) is None:
        raise WrongState(state=before.value)


def from_here(state: ComplaintState) -> Sequence[Transition]:
    """Every step there is from a state, in the table's order."""
    return [row for row in TRANSITIONS if state in row.before]


# ------------------------------------------------------------ what can be asked next


KEPT, TOLD, CLOSED = "kept", "told", "closed"


def next_notes(complaint: Complaint) -> Sequence[str]:
    """An office's notes, in the words of `complaints.commands.TakeBack`, in the order they come in the procedure."""
    found = (TOLD,) if notices_rules.untold(complaint) else ()
    match complaint.state:
        case ComplaintState.PERFORMING:
            return (KEPT, *found)
        case ComplaintState.SETTLED | ComplaintState.REFUSED | ComplaintState.ENDED if not found:
            return (CLOSED,)
        case _:
            return found


@dataclass(frozen=True, slots=True)
class NextStep:
    """`when` is what the table of transitions cannot say."""

    command: type[Command]
    event: type[ComplaintEvent]
    when: Callable[[Complaint], bool] = lambda complaint: True


STEPS: Mapping[str, NextStep] = {
    "dispatch": NextStep(procedure.Dispatch, procedure.Dispatched, lambda c: not c.intake),
    "return": NextStep(procedure.ReturnToIntake, procedure.ReturnedToIntake, lambda c: bool(c.intake)),
    "transfer": NextStep(
        changes.SendTransfer,
        changes.TransferSent,
        lambda c: not c.intake and not c.took and c.transfers.came is None,
    ),
    "send_back": NextStep(
        changes.ReturnTransfer, changes.TransferReturned, lambda c: not c.intake and c.transfers.came is not None
    ),
    "dispute": NextStep(procedure.RaiseCompetence, procedure.CompetenceDisputed, lambda c: c.disputed is None),
    "settle_dispute": NextStep(
        procedure.SettleCompetence, procedure.CompetenceSettled, lambda c: c.disputed is not None
    ),
    "begin_testing": NextStep(procedure.BeginTesting, procedure.TestingBegun, lambda c: c.tested is None),
    "end_testing": NextStep(procedure.EndTesting, procedure.TestingEnded, lambda c: c.tested is not None),
    "recusal": NextStep(procedure.RequestRecusal, procedure.RecusalRequested, lambda c: c.recusal is None),
    "decide_recusal": NextStep(procedure.DecideRecusal, procedure.RecusalDecided, lambda c: c.recusal is not None),
    "delegate": NextStep(procedure.DelegateMediation, procedure.MediationDelegated, lambda c: not c.delegated),
    "end_delegation": NextStep(procedure.EndDelegation, procedure.DelegationEnded, lambda c: bool(c.delegated)),
    "end": NextStep(procedure.EndMediation, procedure.MediationEnded),
    "order": NextStep(procedure.ChooseOrder, procedure.OrderChosen, lambda c: not c.open_sessions),
    "supervise": NextStep(procedure.Supervise, procedure.Supervised),
    "split": NextStep(procedure.SplitReport, procedure.ReportSplit, lambda c: not c.report),
    "lead": NextStep(procedure.NoteLead, procedure.LeadNoted),
}


def next_steps(complaint: Complaint, role: str) -> Sequence[str]:
    """Steps of `complaints.procedure` that an officer of this role may ask now, in the procedure's order. None while
    another bureau has it."""
    if complaint.transfers.rests:
        return []
    return [
        name
        for name, step in STEPS.items()
        if role in RIGHTS[step.command]
        and any(complaint.state in row.before for row in rows_of(step.event.__name__))
        and step.when(complaint)
    ]
