"""A mediation by telephone or on site: recorded by who held it, settled or not, and signed without a room."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from journal import Actor, sealed
from journal.refusals import DomainError, Missing, NotAllowed, WrongState
from rooms import AlreadyClosed, BadOutcome, BadValue, NotAgreed, commands as c, events as e
from rooms.agreement import outcome as consent
from rooms.events import event_draft, session_entry
from rooms.record.minutes import minutes
from rooms.vocabulary import Capacity, Consent, Outcome, OutcomeKind, Performance, Side, Status, Term
from tests.rooms.scene import BU, BUSINESS, CO, COLLEAGUE, CONSUMER, SEATS, START, M, Scene, scheduling

CALL = e.HeldElsewhere(
    "phone",
    START - timedelta(minutes=40),
    START - timedelta(minutes=5),
    consumer_by="陈女士本人",
    business_by="周经理，售后负责人",
    course="先后与双方通话，商家同意退款。",
)
AT_ONCE = Outcome(
    OutcomeKind.SETTLED,
    (Term(Side.BUSINESS, "退还积分款", Decimal("2000"), None, "微信转账", Performance.ON_THE_SPOT),),
)
LATER = Outcome(
    OutcomeKind.SETTLED, (Term(Side.BUSINESS, "退还积分款", Decimal("2000"), START + timedelta(days=7), "微信转账"),)
)


def scene(mode: str = "phone", place: str = "") -> Scene:
    found = Scene()
    found.ask(replace(scheduling(SEATS[:3]), mode=mode, place=place))
    return found


def test_a_settlement_by_telephone_closes_the_session_without_anybody_in_a_room() -> None:
    one = scene()
    events = one.ask(c.RecordHeld(CALL, AT_ONCE))
    assert [type(event) for event in events] == [e.HeldElsewhere, e.ClausePut, e.SessionClosed]
    assert (one.state.status, one.state.mode) == (Status.CLOSED, "phone")
    assert one.state.outcome is not None
    assert one.state.outcome.loss_recovered == Decimal("2000.00")
    assert "缘分科技当场退还积分款" in one.state.draft.clauses[0].text
    made = minutes(one.history)
    assert (made.mode, made.began, made.ended) == ("电话调解", CALL.began, CALL.ended)
    with pytest.raises(AlreadyClosed):
        one.ask(c.RecordHeld(CALL, AT_ONCE))
    with pytest.raises(AlreadyClosed):
        one.ask(c.SetDoor(locked=True))


def test_failure_by_telephone_or_on_site_is_recorded_with_its_ground() -> None:
    one = scene("on_site", "东湖所调解室")
    held = replace(CALL, mode="on_site", place="东湖所调解室", business_by="")
    one.ask(c.RecordHeld(held, Outcome(OutcomeKind.ENDED, ground=2)))
    assert one.state.outcome is not None
    assert (one.state.outcome.ground, one.state.place) == (2, "东湖所调解室")


@pytest.mark.parametrize(
    ("held", "outcome", "refusal", "told"),
    [
        (replace(CALL, mode="video"), AT_ONCE, BadValue, "mode"),
        (replace(CALL, mode="smoke"), AT_ONCE, BadValue, "mode"),
        (replace(CALL, ended=START + timedelta(hours=1)), AT_ONCE, BadValue, "ended"),
        (replace(CALL, began=CALL.ended + timedelta(minutes=1)), AT_ONCE, BadValue, "ended"),
        (replace(CALL, began=CALL.ended - timedelta(days=2)), AT_ONCE, BadValue, "ended"),
        (replace(CALL, mode="on_site"), AT_ONCE, Missing, "place"),
        (replace(CALL, consumer_by=" "), AT_ONCE, Missing, "consumer_by"),
        (replace(CALL, business_by=""), AT_ONCE, Missing, "business_by"),
        (replace(CALL, proof=tuple("a" * 21)), AT_ONCE, BadValue, "proof"),
        (replace(CALL, agreement="signed"), AT_ONCE, BadValue, "agreement"),
    ],
)
def test_what_does_not_hold_together_is_refused_and_named(
    held: e.HeldElsewhere, outcome: Outcome, refusal: type[DomainError], told: str
) -> None:
    one = scene()
    with pytest.raises(refusal) as no:
        one.ask(c.RecordHeld(held, outcome))
    assert no.value.params["field"] == told
    assert one.state.status is Status.SCHEDULED


def test_what_is_left_to_be_done_needs_an_agreement_unless_both_do_without() -> None:
    with pytest.raises(BadOutcome):
        scene().ask(c.RecordHeld(CALL, LATER))
    scene().ask(c.RecordHeld(replace(CALL, agreement="waived"), LATER))
    scene().ask(c.RecordHeld(replace(CALL, agreement="wanted"), LATER, Capacity.HEAD))


def test_only_its_mediator_records_it() -> None:
    for actor in (COLLEAGUE, CONSUMER, BUSINESS):
        with pytest.raises(NotAllowed):
            scene().ask(c.RecordHeld(CALL, AT_ONCE), actor)


def test_a_session_on_site_has_no_room_to_come_to() -> None:
    one = scene("on_site", "东湖所调解室")
    for command, actor in (
        (c.Arrive(), Actor("officer", "u1", "李调解", "mediator", "o1")),
        (c.AnswerConsent(Consent.PARTICIPATE, True, "v1"), CONSUMER),
        (c.IssueLink(CO, "l1", START + timedelta(days=1)), Actor("officer", "u1", "李调解", "mediator", "o1")),
    ):
        with pytest.raises(WrongState):
            one.ask(command, actor)
    with pytest.raises(Missing):
        scene("on_site", " ")


def test_both_sign_what_was_agreed_on_the_telephone_without_a_room_and_the_seal_comes_last() -> None:
    one = scene()
    one.ask(c.RecordHeld(replace(CALL, agreement="wanted"), LATER, Capacity.HEAD))
    text = "a" * 64
    one.ask(c.OfferSigning(consent.digest(one.state), text, "东高一调〔2026〕0001号", (CO, BU)))
    for seat, actor in ((CO, CONSUMER), (BU, BUSINESS)):
        one.ask(c.ConfirmSigner(text, "code"), actor)
        one.ask(c.ReadThrough(text), actor)
        one.ask(c.AgreeElectronicForm(text, "electronic-1"), actor)
        one.ask(c.Sign(text, seat), actor)
    one.ask(c.ConfirmSigner(text, "account"))
    one.ask(c.Sign(text, "李调解"))
    assert one.state.signing is not None
    assert one.state.signing.complete(M)
    assert one.state.signing.hands[BU].capacity == "head"
    one.ask(
        c.SealDocument(
            e.DocumentSealed("d1", "agreement", "东高一调〔2026〕0001号", "b" * 64, 9, "c" * 64, "B-B", text)
        )
    )
    assert one.state.sealed


def test_nothing_is_signed_of_what_needs_no_agreement() -> None:
    one = scene()
    one.ask(c.RecordHeld(CALL, AT_ONCE))
    with pytest.raises(NotAgreed):
        one.ask(c.OfferSigning(consent.digest(one.state), "a" * 64, "1号", (CO, BU)))


def test_what_was_recorded_comes_out_of_the_journal_as_it_went_in_and_old_sessions_were_in_a_room() -> None:
    one = scene()
    one.ask(c.RecordHeld(CALL, AT_ONCE))
    entries = [event_draft(entry.event, entry.at, entry.actor) for entry in one.history]
    assert [session_entry(entry).event for entry in sealed("session/x1", 0, "", entries)] == [
        entry.event for entry in one.history
    ]
    old = dict(entries[0].data)
    del old["mode"], old["place"]
    before = replace(sealed("session/x1", 0, "", entries[:1])[0], data=old)
    told = session_entry(before).event
    assert isinstance(told, e.SessionScheduled)
    assert (told.mode, told.place) == ("video", "")


def test_one_that_goes_on_later_says_how_and_where() -> None:
    when = Outcome(OutcomeKind.ADJOURNED, adjourned_to=START + timedelta(days=3))
    one = scene()
    one.ask(c.RecordHeld(CALL, when))
    assert one.state.held is not None
    assert (one.state.held.next_mode, one.state.held.next_place) == ("phone", "")  # as before
    one = scene()
    one.ask(c.RecordHeld(replace(CALL, next_mode="on_site", next_place="东湖所调解室"), when))
    assert one.state.held is not None
    assert (one.state.held.next_mode, one.state.held.next_place) == ("on_site", "东湖所调解室")
    for held, refusal in (
        (replace(CALL, next_mode="smoke"), BadValue),
        (replace(CALL, next_mode="on_site"), Missing),
        (CALL, BadOutcome),
    ):
        past = Outcome(OutcomeKind.ADJOURNED, adjourned_to=START - timedelta(days=3))
        with pytest.raises(refusal):
            scene().ask(c.RecordHeld(held, past if refusal is BadOutcome else when))
