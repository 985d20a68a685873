"""Notices on a complaint: when one may go out, what it means, and that their numbers have no gaps."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from complaints import Missing, NoticeStanding, UnknownNotice, Untold, WrongState
from complaints.commands import (
    Accept,
    CloseFile,
    Command,
    FollowClosed,
    Refuse,
    Register,
    ScheduleMediation,
)
from complaints.complaint import evolve
from complaints.decisions import NoticeNumbers, decide, owed_notices, possible_notices
from complaints.events import ComplaintEvent, from_event, to_draft
from complaints.notices import (
    Addressee,
    IssueNotice,
    NoticeIssued,
    NoticeKind,
    NoticeWithdrawn,
    WithdrawNotice,
    series,
)
from complaints.notices.messages import NoteMessageTaken
from complaints.state import Complaint, stream
from journal import SYSTEM, MemoryJournal, sealed
from tests.complaints.notices.telling import end_told, refusal_told
from tests.complaints.test_complaint import AT, RECORD

BOTH = (Addressee("consumer", "丁小禾", "138", "m1", "p", "t"), Addressee("business", "知遇桥", "139", "m2", "p", "t"))
K = NoticeKind
ENDED = FollowClosed("s1", "ended", RECORD.amount or 0, ground=2)  # type: ignore[arg-type]
SESSION = ScheduleMediation("s1", AT, "zhou")


def after(*commands: Command) -> Complaint:
    complaint: Complaint | None = None
    for command in (Register(RECORD), *commands):
        for event in decide(command, complaint, AT):
            complaint = evolve(complaint, event, AT)
    assert complaint is not None
    return complaint


def issue(kind: str, notice: str = "n1", to: tuple[Addressee, ...] = BOTH, **more: str) -> IssueNotice:
    number = f"东高一投{kind}〔2026〕{notice[1:]}号"
    return IssueNotice(NoticeIssued(notice, kind, number, to, ("order-121/15",), "e", "hash", "sealed", **more))


def test_each_notice_has_its_occasion() -> None:
    assert possible_notices(after()) == [K.DISPATCH, K.IDENTITY]
    assert possible_notices(after(Accept())) == [K.ACCEPTANCE]
    assert possible_notices(after(Refuse(1))) == [K.REFUSAL]
    assert possible_notices(after(SESSION)) == [K.ACCEPTANCE, K.MEDIATION]
    assert possible_notices(after(SESSION, ENDED)) == [K.ACCEPTANCE, K.TERMINATION]
    assert possible_notices(after(Refuse(1), refusal_told(), CloseFile())) == [K.REFUSAL]


def test_what_is_owed_is_owed_until_it_is_issued_and_again_when_it_is_withdrawn() -> None:
    assert owed_notices(after()) == []
    assert owed_notices(after(Accept())) == [K.ACCEPTANCE]
    assert owed_notices(after(SESSION)) == [K.ACCEPTANCE, K.MEDIATION]
    assert owed_notices(after(SESSION, ENDED)) == [K.TERMINATION]
    accepted = issue(K.ACCEPTANCE)
    assert owed_notices(after(Accept(), accepted)) == []
    back = WithdrawNotice(NoticeWithdrawn("n1", accepted.issued.number, "日期写错"))
    assert owed_notices(after(Accept(), accepted, back)) == [K.ACCEPTANCE]


def test_a_second_mediation_has_a_notice_of_its_own() -> None:
    first = issue(K.MEDIATION, session="s1")
    adjourned = replace(ENDED, outcome="adjourned", ground=None)
    complaint = after(SESSION, first, adjourned, ScheduleMediation("s2", AT, "zhou"))
    assert K.MEDIATION in owed_notices(complaint)
    with pytest.raises(WrongState):
        decide(issue(K.MEDIATION, "n2", session="s1"), complaint, AT)
    assert decide(issue(K.MEDIATION, "n2", session="s2"), complaint, AT)


@pytest.mark.parametrize("kind", [K.ACCEPTANCE, K.REFUSAL, K.MEDIATION, K.TERMINATION])
def test_nothing_is_told_that_has_not_happened(kind: str) -> None:
    with pytest.raises(WrongState):
        decide(issue(kind), after(), AT)


def test_issuing_again_names_the_one_it_replaces_and_no_other() -> None:
    first = issue(K.ACCEPTANCE)
    complaint = after(Accept(), first)
    with pytest.raises(NoticeStanding) as no:
        decide(issue(K.ACCEPTANCE, "n2"), complaint, AT)
    assert no.value.params == {"number": first.issued.number}
    with pytest.raises(NoticeStanding):
        decide(issue(K.ACCEPTANCE, "n2", replaces="another"), complaint, AT)
    second = issue(K.ACCEPTANCE, "n2", replaces=first.issued.number)
    complaint = after(Accept(), first, second)
    assert [(n.standing, n.replaced_by) for n in complaint.notices] == [(False, second.issued.number), (True, "")]
    with pytest.raises(UnknownNotice):
        decide(issue(K.REFUSAL, "n3", replaces="nothing"), after(Refuse(1)), AT)


def test_a_termination_has_told_both_sides_when_the_gateway_has_taken_both_messages() -> None:
    issued = after(SESSION, ENDED, issue(K.TERMINATION))
    assert not issued.end_told
    with pytest.raises(Untold):
        decide(CloseFile(), issued, AT)
    assert not after(SESSION, ENDED, issue(K.TERMINATION), NoteMessageTaken("m1")).end_told
    complaint = after(SESSION, ENDED, issue(K.TERMINATION), NoteMessageTaken("m1"), NoteMessageTaken("m2"))
    assert complaint.end_told
    assert decide(CloseFile(), complaint, AT)


def test_a_side_without_a_number_gets_the_sheet_by_hand_and_is_not_told_by_issuing() -> None:
    by_hand = (BOTH[0], Addressee("business", "知遇桥"))
    complaint = after(SESSION, ENDED, issue(K.TERMINATION, to=by_hand), NoteMessageTaken("m1"))
    assert not complaint.end_told
    with pytest.raises(Untold):
        decide(CloseFile(), complaint, AT)
    handed = after(SESSION, ENDED, issue(K.TERMINATION, to=by_hand), NoteMessageTaken("m1"), end_told(AT, "business"))
    assert handed.end_told


def test_withdrawing_the_termination_takes_back_that_both_were_told() -> None:
    sent = issue(K.TERMINATION)
    back = WithdrawNotice(NoticeWithdrawn("n1", sent.issued.number, "理由写错"))
    taken = (NoteMessageTaken("m1"), NoteMessageTaken("m2"))
    assert not after(SESSION, ENDED, sent, *taken, back).end_told
    closed = after(SESSION, ENDED, sent, *taken, CloseFile())
    with pytest.raises(WrongState):
        decide(back, closed, AT)  # the file is reopened first


def test_a_notice_is_withdrawn_once_and_with_a_reason() -> None:
    sent = issue(K.ACCEPTANCE)
    with pytest.raises(Missing):
        decide(WithdrawNotice(NoticeWithdrawn("n1", "", " ")), after(Accept(), sent), AT)
    with pytest.raises(UnknownNotice):
        decide(WithdrawNotice(NoticeWithdrawn("n9", "", "x")), after(Accept(), sent), AT)
    back = WithdrawNotice(NoticeWithdrawn("n1", sent.issued.number, "发错了"))
    with pytest.raises(WrongState):
        decide(back, after(Accept(), sent, back), AT)


def test_a_notice_comes_out_of_the_journal_as_it_went_in() -> None:
    issued = issue(K.MEDIATION, session="s1", replaces="x").issued
    withdrawn = NoticeWithdrawn("n1", "x", "y", BOTH)
    events: list[ComplaintEvent] = [issued, withdrawn]
    drafts = [to_draft(event, AT, SYSTEM) for event in events]
    assert [from_event(event) for event in sealed("complaint/c1", 0, "", drafts)] == [issued, withdrawn]


async def given(numbers: NoticeNumbers, journal: MemoryJournal, complaint: str, notice: str, used: bool = True) -> str:
    giving = numbers.giving(series("o1", "东高一投", K.ACCEPTANCE, 2026, {}), 2026, complaint, notice, AT, SYSTEM)
    async with giving as number:
        if used:
            told = await journal.read(stream(complaint))
            event = replace(issue(K.ACCEPTANCE, notice).issued, number=number)
            events: list[ComplaintEvent] = [event] if told else [RECORD, event]
            await journal.append(stream(complaint), len(told), [to_draft(one, AT, SYSTEM) for one in events])
        return number


async def test_numbers_have_no_gaps_and_none_is_given_twice() -> None:
    journal = MemoryJournal()
    numbers = NoticeNumbers(journal)
    found = await asyncio.gather(*(given(numbers, journal, f"c{n}", f"n{n}") for n in range(12)))
    assert sorted(found) == [f"东高一投受〔2026〕{n:04d}号" for n in range(1, 13)]


async def test_a_number_whose_notice_never_came_about_goes_to_the_next() -> None:
    journal = MemoryJournal()
    assert await given(NoticeNumbers(journal), journal, "c1", "n1") == "东高一投受〔2026〕0001号"
    assert await given(NoticeNumbers(journal), journal, "c2", "n2", used=False) == "东高一投受〔2026〕0002号"
    numbers = NoticeNumbers(journal)  # after a restart
    assert await numbers.upcoming(series("o1", "东高一投", K.ACCEPTANCE, 2026, {}), 2026) == "东高一投受〔2026〕0002号"
    assert await given(numbers, journal, "c3", "n3") == "东高一投受〔2026〕0002号"
    assert await given(numbers, journal, "c4", "n4") == "东高一投受〔2026〕0003号"
    assert await numbers.upcoming(series("o1", "东高一投", K.REFUSAL, 2026, {}), 2026) == "东高一投不受〔2026〕0001号"
    assert await numbers.upcoming(series("o2", "东高二投", K.ACCEPTANCE, 2026, {}), 2026) == "东高二投受〔2026〕0001号"
