"""Told means told: a decision and its telling are two facts, and the clock of Order 121 Art 15 stops on both."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from complaints import BadChoice, BadDay, Missing, TooLong, Untold, WrongState
from complaints.commands import Accept, CloseFile, Refuse, Register, TakeBack
from complaints.complaint import evolve, fold, last_note, running
from complaints.decisions import decide
from complaints.events import to_draft
from complaints.notices import NoticeWithdrawn, WithdrawNotice
from complaints.notices.messages import NoteMessageGivenUp, NoteMessageTaken, PartyTold, TellingFailed
from complaints.notices.rules import undelivered, untold
from complaints.procedure import EndMediation
from complaints.state import Complaint
from journal import SYSTEM, Draft, sealed
from tests.complaints.notices.telling import acceptance_told, end_told, refusal_told
from tests.complaints.notices.test_noticing import K, issue
from tests.complaints.test_complaint import AT, LATER, RECORD, ZONE, after, closed, scheduled


def clock(complaint: Complaint) -> str:
    found = running(complaint, ZONE)
    return found.code if found else ""


def test_the_clock_of_article_15_stops_only_when_it_is_decided_and_told() -> None:
    for decision, told in ((Accept(), acceptance_told()), (Refuse(3), refusal_told())):
        decided = after(Register(RECORD), decision)
        assert clock(decided) == "accept"
        assert untold(decided) == ("consumer",)
        assert clock(after(Register(RECORD), decision, told)) == ("mediate" if decision == Accept() else "")


def test_issuing_a_notice_tells_nobody_until_the_gateway_has_taken_its_message() -> None:
    issued = after(Register(RECORD), Accept(), issue(K.ACCEPTANCE))
    assert clock(issued) == "accept"
    (told,) = decide(NoteMessageTaken("m1"), issued, LATER)
    assert told == PartyTold("acceptance", "consumer", "message", LATER, "丁小禾", notice="n1", message="m1")
    taken = evolve(issued, told, LATER)
    assert (untold(taken), clock(taken)) == ((), "mediate")
    assert decide(NoteMessageTaken("m1"), taken, LATER) == []  # the outbox says it again after a crash


def test_a_message_the_gateway_refuses_puts_the_duty_back_with_its_reason() -> None:
    failed = after(Register(RECORD), Accept(), issue(K.ACCEPTANCE), NoteMessageGivenUp("m1", "gateway answered 403"))
    assert undelivered(failed) == (TellingFailed("acceptance", "consumer", "n1", "m1", "gateway answered 403"),)
    assert clock(failed) == "accept"
    by_phone = evolve(failed, decide(acceptance_told(), failed, AT)[0], AT)
    assert (untold(by_phone), undelivered(by_phone)) == ((), ())
    resent = evolve(failed, decide(NoteMessageTaken("m1"), failed, AT)[0], AT)
    assert (untold(resent), resent.untaken) == ((), ())


@pytest.mark.parametrize(
    "commands",
    [
        (Refuse(3),),
        (scheduled(), closed("settled")),
        (scheduled(), closed("not_settled")),
        (Accept(), EndMediation(1)),
        (scheduled(), closed("not_settled"), end_told(AT, "consumer")),
    ],
)
def test_no_file_is_closed_while_somebody_who_must_be_told_is_not(commands: tuple[object, ...]) -> None:
    complaint = after(Register(RECORD), *commands)  # type: ignore[arg-type]
    with pytest.raises(Untold):
        decide(CloseFile(), complaint, AT)


def test_an_entry_says_how_when_to_whom_and_by_whom_within_bounds() -> None:
    accepted, entry = after(Register(RECORD), Accept()), acceptance_told()
    for wrong, error, field in (
        (replace(entry, how="message"), BadChoice, "how"),  # only the outbox knows of a message
        (replace(entry, how="smoke"), BadChoice, "how"),
        (replace(entry, whom=()), BadChoice, "whom"),
        (replace(entry, when=AT + timedelta(hours=1)), BadDay, "when"),
        (replace(entry, when=AT - timedelta(days=1)), BadDay, "when"),
        (replace(entry, to=" "), Missing, "to"),
        (replace(entry, to="名" * 61), TooLong, "to"),
        (replace(entry, note="注" * 501), TooLong, "note"),
    ):
        with pytest.raises(error) as no:
            decide(wrong, accepted, AT)
        assert no.value.params["field"] == field
    for other in (refusal_told(), end_told()):
        with pytest.raises(WrongState):
            decide(other, accepted, AT)
    (told,) = decide(entry, accepted, AT)
    assert told == PartyTold("acceptance", "consumer", "phone", AT, "丁小禾", "周敏")
    assert decide(entry, evolve(accepted, told, AT), AT) == []


def test_an_entry_made_by_mistake_is_taken_back_and_a_message_that_left_is_not() -> None:
    noted = after(Register(RECORD), Refuse(3), refusal_told())
    assert last_note(noted, AT) == "told"
    back = after(Register(RECORD), Refuse(3), refusal_told(), TakeBack("told", "没有打通"))
    assert (untold(back), clock(back)) == (("consumer",), "accept")
    sent = after(Register(RECORD), Refuse(3), issue(K.REFUSAL), NoteMessageTaken("m1"))
    assert last_note(sent, AT) == "refused"


def test_withdrawing_the_notice_that_told_somebody_brings_duty_and_clock_back() -> None:
    notice = issue(K.ACCEPTANCE)
    back = WithdrawNotice(NoticeWithdrawn("n1", notice.issued.number, "日期写错"))
    withdrawn = after(Register(RECORD), Accept(), notice, NoteMessageTaken("m1"), back)
    assert (untold(withdrawn), clock(withdrawn)) == (("consumer",), "accept")
    early = after(Register(RECORD), Accept(), notice, back)
    assert decide(NoteMessageTaken("m1"), early, AT) == []  # it left too late to tell anything


def test_a_decision_taken_back_forgets_who_was_told_of_it() -> None:
    sent = (Refuse(3), issue(K.REFUSAL), NoteMessageTaken("m1"), TakeBack("refused", "看错了"), Refuse(2))
    assert untold(after(Register(RECORD), *sent)) == ("consumer",)


def test_a_journal_from_before_counts_what_it_notes_as_decided_as_told() -> None:
    """Its entries have no `apart`: they meant both, and are shown as noted then."""
    registered = decide(Register(RECORD), None, AT)[0]
    for old, state in (
        ([Draft("ComplaintAccepted", {}, AT, SYSTEM)], "mediate"),
        ([Draft("ComplaintRefused", {"ground": 3, "note": ""}, AT, SYSTEM)], ""),
        (
            [
                Draft("ComplaintAccepted", {}, AT, SYSTEM),
                Draft("MediationEnded", {"ground": 1, "note": ""}, AT, SYSTEM),
                Draft("EndTold", {}, AT, SYSTEM),
            ],
            "",
        ),
    ):
        complaint = fold(sealed("complaint/c1", 0, "", [to_draft(registered, AT, SYSTEM), *old]))
        assert complaint is not None
        assert untold(complaint) == ()
        assert clock(complaint) == state
