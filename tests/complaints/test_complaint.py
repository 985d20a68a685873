"""A complaint's life: what is allowed, what follows, and that nothing else ever happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from complaints import (
    BadAmount,
    BadGround,
    Missing,
    TooLong,
    UnknownComplaint,
    UnknownSession,
    Untold,
    WrongState,
)
from complaints.commands import (
    Accept,
    AddSeatContact,
    CloseFile,
    Command,
    FollowCancelled,
    FollowClosed,
    NotePromisesKept,
    Refuse,
    Register,
    RevealPhone,
    ScheduleMediation,
    TakeBack,
)
from complaints.complaint import deadlines, evolve, last_note, running
from complaints.decisions import decide
from complaints.events import (
    ComplaintAccepted,
    ComplaintClosed,
    ComplaintEvent,
    ComplaintRegistered,
    MediationClosed,
    MediationScheduled,
    NoteTakenBack,
    from_event,
    to_draft,
)
from complaints.notices.messages import NoteTold
from complaints.notices.rules import untold
from complaints.procedure.transitions import next_notes
from complaints.record import PartyRecord
from complaints.state import Complaint, ComplaintState
from journal import SYSTEM, sealed
from journal.refusals import DomainError

AT = datetime(2026, 6, 12, 1, 14, tzinfo=UTC)
LATER = AT + timedelta(days=10)
ZONE = "Asia/Shanghai"

RECORD = ComplaintRegistered(
    number="东高一投〔2026〕0917号",
    office="donghu-1",
    channel="12315",
    received=AT,
    title="婚恋网积分退款",
    request="退还剩余积分对应的款项",
    facts="购买3,000积分，用去640积分后要求退款被拒。",
    amount=Decimal("2360.00"),
    consumer=PartyRecord("丁小禾", "sealed", "138 **** 5076", "湖北黄冈"),
    business=PartyRecord("陈立", "sealed", "139 **** 0812", organisation="武汉知遇桥信息技术有限公司"),
    industry="婚姻服务",
    problem="合同问题",
    order="121",
)


ACCEPTANCE_TOLD = NoteTold("acceptance", ("consumer",), "phone", AT, "丁小禾", "周敏")
REFUSAL_TOLD = NoteTold("refusal", ("consumer",), "post", AT, "丁小禾", "周敏")
END_TOLD = NoteTold("termination", ("consumer", "business"), "phone", AT, "本人", "周敏")


def after(*commands: Command, at: datetime = AT) -> Complaint:
    complaint: Complaint | None = None
    for command in commands:
        for event in decide(command, complaint, at):
            complaint = evolve(complaint, event, at)
    assert complaint is not None
    return complaint


def scheduled(session: str = "s1") -> ScheduleMediation:
    return ScheduleMediation(session, LATER, "zhou", {"consumer": "sealed"})


def closed(outcome: str, session: str = "s1", **more: object) -> FollowClosed:
    return replace(FollowClosed(session, outcome, Decimal("0.00")), **more)  # type: ignore[arg-type]


def test_scheduling_accepts_a_registered_complaint_on_the_way() -> None:
    decided = decide(scheduled(), after(Register(RECORD)), AT)
    assert [type(event) for event in decided] == [ComplaintAccepted, MediationScheduled]


def test_sessions_of_a_complaint_are_counted() -> None:
    complaint = after(Register(RECORD), scheduled("s1"), closed("adjourned", adjourned_to=LATER))
    (event,) = decide(scheduled("s2"), complaint, AT)
    assert isinstance(event, MediationScheduled)
    assert event.ordinal == 2


def test_a_settlement_performed_on_the_spot_settles_it() -> None:
    complaint = after(Register(RECORD), scheduled(), closed("settled", loss_recovered=Decimal("2000.00")))
    assert complaint.state is ComplaintState.SETTLED
    assert complaint.loss_recovered == Decimal("2000.00")
    assert (
        after(Register(RECORD), scheduled(), closed("settled"), ACCEPTANCE_TOLD, CloseFile()).state
        is ComplaintState.CLOSED
    )


def test_a_settlement_with_a_promise_is_performing_until_it_is_kept() -> None:
    settled = (Register(RECORD), scheduled(), closed("settled", due=LATER))
    assert after(*settled).state is ComplaintState.PERFORMING
    assert after(*settled).promises_due == LATER
    assert after(*settled, NotePromisesKept()).state is ComplaintState.SETTLED


@pytest.mark.parametrize("outcome", ["not_settled", "ended"])
def test_no_settlement_ends_it_and_both_sides_must_be_told(outcome: str) -> None:
    complaint = after(Register(RECORD), scheduled(), closed(outcome))
    assert complaint.state is ComplaintState.ENDED
    clock = running(complaint, ZONE)
    assert clock is not None
    assert clock.code == "tell_end"
    with pytest.raises(Untold):
        decide(CloseFile(), complaint, AT)
    told = after(Register(RECORD), scheduled(), closed(outcome), END_TOLD)
    assert running(told, ZONE) is None


def test_a_note_made_by_mistake_is_taken_back_and_everything_is_as_before() -> None:
    performing = (Register(RECORD), scheduled(), closed("settled", due=LATER))
    assert after(*performing, NotePromisesKept(), TakeBack("kept", "点错了")) == after(*performing)
    ended = (Register(RECORD), scheduled(), closed("not_settled"))
    again = after(*ended, END_TOLD, TakeBack("told", "商家还没有收到"))
    assert again == after(*ended)
    clock = running(again, ZONE)
    assert clock is not None
    assert clock.code == "tell_end"  # and its seven working days still run
    for filed in (
        (*performing, ACCEPTANCE_TOLD, NotePromisesKept()),
        (*ended, END_TOLD),
        (Register(RECORD), Refuse(3), REFUSAL_TOLD),
    ):
        assert after(*filed, CloseFile(), TakeBack("closed", "漏了材料")) == after(*filed)


def test_only_the_last_note_is_taken_back_and_only_with_a_reason() -> None:
    filed = after(
        Register(RECORD), scheduled(), closed("settled", due=LATER), NotePromisesKept(), ACCEPTANCE_TOLD, CloseFile()
    )
    for what in ("kept", "told", "", "anything"):
        with pytest.raises(WrongState):
            decide(TakeBack(what, "点错了"), filed, AT)
    with pytest.raises(Missing):
        decide(TakeBack("closed", " "), filed, AT)
    on_the_spot = after(Register(RECORD), scheduled(), closed("settled"))
    with pytest.raises(WrongState):
        decide(TakeBack("kept", "点错了"), on_the_spot, AT)  # nothing was promised


@pytest.mark.parametrize(
    ("commands", "wanted", "last"),
    [
        ((), (), ""),
        ((Refuse(3),), ("told",), ""),
        ((Refuse(3), REFUSAL_TOLD), ("closed",), "told"),
        ((scheduled(), closed("settled", due=LATER)), ("kept", "told"), ""),
        ((scheduled(), closed("settled", due=LATER), NotePromisesKept()), ("told",), "kept"),
        ((scheduled(), closed("settled")), ("told",), ""),
        ((scheduled(), closed("settled"), ACCEPTANCE_TOLD), ("closed",), "told"),
        ((scheduled(), closed("ended", ground=2)), ("told",), ""),
        ((scheduled(), closed("ended", ground=2), END_TOLD), ("closed",), "told"),
        ((scheduled(), closed("settled"), ACCEPTANCE_TOLD, CloseFile()), (), "closed"),
    ],
)
def test_what_can_be_noted_next_follows_from_where_it_stands(
    commands: tuple[Command, ...], wanted: tuple[str, ...], last: str
) -> None:
    complaint = after(Register(RECORD), *commands)
    assert (next_notes(complaint), last_note(complaint, LATER)) == (wanted, last)


def test_an_adjourned_session_leaves_it_mediating() -> None:
    complaint = after(Register(RECORD), scheduled(), ACCEPTANCE_TOLD, closed("adjourned", adjourned_to=LATER))
    assert complaint.state is ComplaintState.MEDIATING
    clock = running(complaint, ZONE)
    assert clock is not None
    assert (clock.code, clock.due.isoformat()) == ("mediate", "2026-08-11")


def test_following_a_closed_session_twice_changes_nothing() -> None:
    complaint = after(Register(RECORD), scheduled(), closed("settled", loss_recovered=Decimal("2000.00")))
    assert decide(closed("settled", loss_recovered=Decimal("2000.00")), complaint, AT) == []


def test_a_session_of_another_complaint_is_not_followed() -> None:
    with pytest.raises(UnknownSession):
        decide(closed("settled", "elsewhere"), after(Register(RECORD), scheduled()), AT)


def test_loss_recovered_adds_up_over_sessions_and_the_first_decision_stands() -> None:
    complaint = after(
        Register(RECORD),
        scheduled("s1"),
        scheduled("s2"),
        closed("settled", "s1", loss_recovered=Decimal("1500.00")),
        closed("not_settled", "s2"),
    )
    assert (complaint.state, complaint.loss_recovered) == (ComplaintState.SETTLED, Decimal("1500.00"))


def test_cancelling_the_only_session_leaves_it_accepted() -> None:
    assert after(Register(RECORD), scheduled(), FollowCancelled("s1", "改期")).state is ComplaintState.ACCEPTED


def test_all_its_clocks_are_shown_in_order() -> None:
    complaint = after(Register(RECORD), scheduled(), closed("ended", ground=3))
    assert [clock.code for clock in deadlines(complaint, ZONE)] == ["accept", "mediate", "tell_end"]


@pytest.mark.parametrize(
    ("record", "refusal"),
    [
        (replace(RECORD, title=" "), Missing),
        (replace(RECORD, facts="长" * 20_001), TooLong),
        (replace(RECORD, amount=Decimal("-1")), BadAmount),
        (replace(RECORD, amount=Decimal("0.001")), BadAmount),
        (replace(RECORD, amount=Decimal("NaN")), BadAmount),
        (replace(RECORD, consumer=PartyRecord("")), Missing),
        (replace(RECORD, business=PartyRecord("")), Missing),
    ],
)
def test_an_incomplete_filing_is_refused(record: ComplaintRegistered, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        decide(Register(record), None, AT)


@pytest.mark.parametrize(("ground", "order", "good"), [(7, "121", True), (8, "121", False), (7, "20", False)])
def test_refusing_needs_a_ground_of_the_order_that_applies(ground: int, order: str, good: bool) -> None:
    complaint = after(Register(replace(RECORD, order=order)))
    if good:
        assert len(decide(Refuse(ground), complaint, AT)) == 1
    else:
        with pytest.raises(BadGround):
            decide(Refuse(ground), complaint, AT)


def test_a_look_at_a_phone_number_needs_a_reason() -> None:
    with pytest.raises(Missing):
        decide(RevealPhone("consumer", "  "), after(Register(RECORD)), AT)


def test_nothing_can_be_asked_of_a_complaint_that_is_not_there() -> None:
    with pytest.raises(UnknownComplaint):
        decide(Accept(), None, AT)


EVENTS = st.sampled_from(
    [
        RECORD,
        replace(RECORD, amount=None),
        MediationScheduled("s", 1, AT, "zhou", {"consumer": "x"}),
        MediationClosed("s", "settled", Decimal("2000.00"), None, LATER, None),
        MediationClosed("s", "ended", Decimal("0.00"), 3),
        NoteTakenBack("kept", "点错了"),
    ]
)


@given(EVENTS)
def test_an_event_comes_back_from_the_journal_as_it_went_in(event: ComplaintEvent) -> None:
    (entry,) = sealed("complaint/1", 0, "", [to_draft(event, AT, SYSTEM)])
    assert from_event(entry) == event


SESSIONS = st.sampled_from(["s1", "s2", "s3"])
COMMANDS = st.lists(
    st.one_of(
        st.just(Accept()),
        st.builds(Refuse, st.integers(0, 9)),
        SESSIONS.map(scheduled),
        st.builds(AddSeatContact, SESSIONS, st.just("lawyer"), st.just("sealed")),
        st.builds(
            FollowClosed,
            SESSIONS,
            st.sampled_from(["settled", "not_settled", "ended", "adjourned"]),
            st.decimals(0, 5000, places=2),
            due=st.sampled_from([None, LATER]),
        ),
        st.builds(FollowCancelled, SESSIONS, st.just("x")),
        st.just(NotePromisesKept()),
        st.just(END_TOLD),
        st.just(ACCEPTANCE_TOLD),
        st.just(REFUSAL_TOLD),
        st.just(CloseFile()),
        st.builds(TakeBack, st.sampled_from(["kept", "told", "closed"]), st.just("点错了")),
        st.just(RevealPhone("consumer", "短信没送达")),
        st.just(Register(RECORD)),
    ),
    max_size=25,
)
NEXT = {
    ComplaintState.REGISTERED: {ComplaintState.ACCEPTED, ComplaintState.REFUSED},
    ComplaintState.REFUSED: {ComplaintState.CLOSED},
    ComplaintState.ACCEPTED: {ComplaintState.MEDIATING},
    ComplaintState.MEDIATING: {
        ComplaintState.ACCEPTED,
        ComplaintState.SETTLED,
        ComplaintState.PERFORMING,
        ComplaintState.ENDED,
    },
    ComplaintState.PERFORMING: {ComplaintState.SETTLED},
    ComplaintState.SETTLED: {ComplaintState.CLOSED},
    ComplaintState.ENDED: {ComplaintState.CLOSED},
    ComplaintState.CLOSED: set(),
}


@given(COMMANDS)
def test_whatever_is_asked_only_lawful_steps_happen(commands: list[Command]) -> None:
    complaint = after(Register(RECORD))
    recovered, held = Decimal("0.00"), set[str]()
    for command in commands:
        try:
            events = decide(command, complaint, AT)
        except DomainError:
            continue
        for event in events:
            before = complaint
            complaint = evolve(complaint, event, AT)
            if isinstance(event, NoteTakenBack):
                assert complaint.state is before.state or before.state in NEXT[complaint.state]
            else:
                assert complaint.state is before.state or complaint.state in NEXT[before.state]
            if isinstance(event, MediationClosed):
                assert event.session not in held
                held.add(event.session)
                recovered += event.loss_recovered
    assert complaint.loss_recovered == recovered
    assert complaint.held == len(held)
    assert complaint.open_sessions <= set(complaint.sessions)
    assert (complaint.state is ComplaintState.MEDIATING) <= bool(complaint.open_sessions or complaint.held)
    assert (running(complaint, ZONE) is not None) is (
        complaint.state in (ComplaintState.REGISTERED, ComplaintState.ACCEPTED, ComplaintState.MEDIATING)
        or bool(untold(complaint))
    )


def test_a_joint_complaint_settled_by_representatives_closes_with_how_the_others_agreed() -> None:
    joint = replace(RECORD, joint=(replace(RECORD.consumer, name="李四"),), representatives=(RECORD.consumer.name,))
    settled = after(Register(joint), Accept(), ACCEPTANCE_TOLD, scheduled(), closed("settled"))
    with pytest.raises(Missing):
        decide(CloseFile(), settled, AT)
    assert decide(CloseFile(" 均在书面同意上签名 "), settled, AT) == [ComplaintClosed("均在书面同意上签名")]
    alone = after(Register(RECORD), Accept(), ACCEPTANCE_TOLD, scheduled(), closed("settled"))
    assert decide(CloseFile(), alone, AT) == [ComplaintClosed()]
    nothing = after(Register(joint), Accept(), ACCEPTANCE_TOLD, scheduled(), closed("not_settled"), END_TOLD)
    assert decide(CloseFile(), nothing, AT) == [ComplaintClosed()], "nothing was settled for anybody"
