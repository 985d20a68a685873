"""Who reported is told when the message has left or an inspector noted how; what can be sent follows the law."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from complaints import BadChoice, NotAllowed, WrongState
from complaints.events import drafted, typed
from complaints.leads import (
    DecideLead,
    InformantMessaged,
    KeepJoined,
    Lead,
    LeadCommand,
    MessageInformant,
    NoteInformantMessageLost,
    NoteInformantMessageTaken,
    TakeBackLeadNote,
    TellInformant,
    decide,
    evolve,
    sendable,
)
from complaints.leads.commands import MOST_MESSAGES
from complaints.leads.events import KINDS
from journal import SYSTEM
from tests.complaints.leads.test_reports import CALENDAR, INSPECTOR, RECEIVED, SUPERVISOR, TODAY, ZONE, opened, report


def lead(*commands: LeadCommand, named: bool = True, order: str = "121", phone: str = "sealed") -> Lead:
    return report(*commands, begun=replace(opened(named=named, order=order), phone=phone))


def then(lead: Lead, *commands: LeadCommand) -> Lead:
    """After these, by whoever may."""
    for command in commands:
        by = SYSTEM if isinstance(command, NoteInformantMessageTaken | NoteInformantMessageLost) else INSPECTOR
        for event in decide(command, lead, by):
            stored = drafted(event, RECEIVED, by)  # as the journal keeps it
            lead = evolve(lead, typed(KINDS[stored.type], stored.data), RECEIVED)
    return lead


def message(what: str, id_: str = "m1") -> MessageInformant:
    return MessageInformant(InformantMessaged(what, id_, "sealed", "138 **** 5076", "sealed"))


FILED = DecideLead("case", "", "陆平", "案1", competence="29")


@pytest.mark.parametrize(
    ("commands", "named", "can"),
    [
        ((), True, ["received"]),
        ((), False, []),
        ((FILED,), True, ["decision"]),
        ((FILED,), False, []),
        ((DecideLead("moved", "江岸区市场监管局"),), True, ["moved"]),
        ((DecideLead("moved", "江岸区市场监管局"),), False, ["moved"]),
        ((replace(FILED, owed=("result", "reward")),), True, ["decision", "result", "reward"]),
        ((replace(FILED, owed=("result",)),), False, ["result"]),
        ((KeepJoined("l2", "举2", RECEIVED, "facts"),), False, ["joined"]),
    ],
)
def test_only_what_the_law_has_them_told_can_be_sent(
    commands: Sequence[LeadCommand], named: bool, can: Sequence[str]
) -> None:
    assert list(sendable(lead(*commands, named=named))) == can
    assert sendable(lead(*commands, named=named, phone="")) == ()


def test_they_are_told_when_the_gateway_has_taken_it_and_the_clock_of_order_20_stops_then() -> None:
    sent = then(lead(replace(FILED, competence="25"), order="20"), message("decision"))
    assert [one.code for one in sent.clocks(ZONE, CALENDAR)] == ["tell_filing"]
    assert [one.what for one in sent.on_their_way] == ["decision"]
    with pytest.raises(WrongState):  # it is on its way
        decide(message("decision", "m2"), sent, INSPECTOR)
    taken = then(sent, NoteInformantMessageTaken("m1", TODAY))
    assert [(one.what, one.how, one.day) for one in taken.told] == [("decision", "message", TODAY)]
    assert (taken.clocks(ZONE, CALENDAR), taken.on_their_way, taken.undelivered) == ([], (), ())
    assert then(taken, NoteInformantMessageTaken("m1", TODAY)) == taken  # heard twice


def test_a_message_that_was_lost_tells_nobody_and_is_sent_again_or_told_otherwise() -> None:
    lost = then(lead(FILED), message("decision"), NoteInformantMessageLost("m1", "gateway answered 403"))
    assert [(one.what, one.reason) for one in lost.undelivered] == [("decision", "gateway answered 403")]
    assert list(sendable(lost)) == ["decision"]
    assert then(lost, TellInformant(TODAY, "decision", "phone", "", TODAY)).undelivered == ()
    again = then(lost, message("decision", "m2"))
    assert (again.undelivered, [one.message for one in again.on_their_way]) == ((), ["m2"])
    late = then(again, NoteInformantMessageTaken("m1", TODAY))  # the provider took the first after all
    assert [one.message for one in late.told] == ["m1"]


def test_a_decision_taken_back_has_told_nobody_of_the_next_one() -> None:
    told = then(lead(FILED), message("decision"), NoteInformantMessageTaken("m1", TODAY))
    back = then(told, TakeBackLeadNote("decision", 0, "弄错了"))
    assert back.standing_told == ()
    assert list(sendable(then(back, DecideLead("unfounded", "查无实据", "陆平", competence="29")))) == ["decision"]


def test_a_message_about_a_decision_that_was_taken_back_meanwhile_counts_for_nothing() -> None:
    sent = then(lead(FILED), message("decision"))
    back = then(
        sent, TakeBackLeadNote("decision", 0, "弄错了"), DecideLead("unfounded", "查无实据", "陆平", competence="29")
    )
    for heard in (NoteInformantMessageTaken("m1", TODAY), NoteInformantMessageLost("m1", "x")):
        assert then(back, heard) == back


def test_nobody_notes_by_hand_that_a_message_left_nor_sends_one_but_an_inspector() -> None:
    with pytest.raises(BadChoice):
        decide(TellInformant(TODAY, "decision", "message", "", TODAY), lead(FILED), INSPECTOR)
    with pytest.raises(NotAllowed):
        decide(message("decision"), lead(FILED), SUPERVISOR)
    with pytest.raises(NotAllowed):
        decide(NoteInformantMessageTaken("m1", TODAY), lead(FILED), INSPECTOR)


def test_messages_have_an_end() -> None:
    state = lead(FILED)
    for n in range(MOST_MESSAGES):
        state = then(state, message("decision", f"m{n}"), NoteInformantMessageLost(f"m{n}", "busy"))
    with pytest.raises(WrongState):
        decide(message("decision", "one more"), state, INSPECTOR)
