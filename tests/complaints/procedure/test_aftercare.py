"""Promises kept one by one, and call-backs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from complaints import BadChoice, Missing, TooLong, WrongState
from complaints.complaint import evolve
from complaints.decisions import decide
from complaints.procedure import CalledBack, NoteCallBack, NoteTermKept, TakeBackTerm, TermKept
from complaints.state import Complaint, ComplaintState
from journal.refusals import DomainError
from tests.complaints.record.test_record import FULL

NOW = datetime(2026, 6, 24, 1, tzinfo=UTC)
OWED = Complaint(FULL, ComplaintState.PERFORMING, sessions=("m1",))


def test_a_promise_is_noted_once_and_can_be_taken_back() -> None:
    (fact,) = decide(NoteTermKept("m1", 2, "已到账"), OWED, NOW)
    assert fact == TermKept("m1", 2, "已到账")
    after = evolve(OWED, fact, NOW)
    assert after.kept_terms == {("m1", 2)}
    assert decide(NoteTermKept("m1", 2), after, NOW) == []
    (back,) = decide(TakeBackTerm("m1", 2, "没有到账"), after, NOW)
    assert evolve(after, back, NOW).kept_terms == frozenset()


@pytest.mark.parametrize(
    ("state", "command", "refusal"),
    [
        (ComplaintState.SETTLED, NoteTermKept("m1", 1), WrongState),
        (ComplaintState.PERFORMING, NoteTermKept("m2", 1), WrongState),
        (ComplaintState.PERFORMING, NoteTermKept("m1", 1, "长" * 2001), TooLong),
        (ComplaintState.PERFORMING, TakeBackTerm("m1", 1, "没有"), WrongState),
        (ComplaintState.PERFORMING, TakeBackTerm("m1", 1, " "), Missing),
        (ComplaintState.MEDIATING, NoteCallBack(CalledBack("consumer", True)), WrongState),
        (ComplaintState.SETTLED, NoteCallBack(CalledBack("nobody", True)), BadChoice),
        (ComplaintState.SETTLED, NoteCallBack(CalledBack("consumer", False, "yes")), BadChoice),
        (ComplaintState.SETTLED, NoteCallBack(CalledBack("consumer", True, "very")), BadChoice),
    ],
)
def test_what_cannot_be_noted_is_refused(
    state: ComplaintState, command: NoteTermKept | TakeBackTerm | NoteCallBack, refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        decide(command, replace(OWED, state=state), NOW)


@pytest.mark.parametrize(
    "state",
    [
        ComplaintState.SETTLED,
        ComplaintState.PERFORMING,
        ComplaintState.ENDED,
        ComplaintState.REFUSED,
        ComplaintState.CLOSED,
    ],
)
def test_a_call_back_is_noted_after_every_decision_and_changes_none(state: ComplaintState) -> None:
    call = CalledBack("consumer", True, "partly", "退款晚了两天")
    before = replace(OWED, state=state)
    (fact,) = decide(NoteCallBack(call), before, NOW)
    after = evolve(before, fact, NOW)
    assert (after.state, after.calls) == (state, (call,))
