"""One text is signed in one order: each side, the mediator, the seal; whatever changes it voids every signature."""

from __future__ import annotations

from decimal import Decimal

import pytest

import rooms
from journal import refusals
from rooms import commands as c, events as e
from rooms.agreement import outcome
from rooms.live.audience import announcement
from rooms.vocabulary import Capacity, Role, Seat, Side
from tests.rooms.agreement.test_agreeing import REFUND, agree, agreed, drafted
from tests.rooms.scene import BU, BUSINESS, CO, CONSUMER, MEDIATOR, OB, OBSERVER, M, party
from tests.rooms.signing.signings import (
    CERTIFICATE,
    INK,
    NUMBER,
    offered,
    sealing,
    sign,
    signed,
    signer,
    signing,
    text_of,
    view_of,
)

# ------------------------------------------------------------ order


def test_it_is_in_effect_when_both_the_mediator_and_then_the_seal_are_on() -> None:
    scene = signed()
    assert not scene.state.sealed
    (event,) = scene.ask(sealing(scene))
    assert isinstance(event, e.DocumentSealed)
    assert scene.state.sealed
    assert [one.sealed.kind for one in scene.state.documents] == ["agreement"]
    with pytest.raises(rooms.DraftSealed):
        scene.ask(c.PutClause("c1", 1, "另写一条"))


def test_nothing_is_offered_before_everything_is_agreed_or_while_the_draft_went_on() -> None:
    scene = drafted()
    agree(scene, "c1")
    with pytest.raises(rooms.NotAgreed):
        offered(scene)
    scene = agreed()
    with pytest.raises(rooms.OtherText):
        scene.ask(c.OfferSigning("0" * 64, text_of(scene), NUMBER, (CO, BU)))


@pytest.mark.parametrize("missing", ["read", "electronic", "code", "consent"])
def test_a_signature_needs_the_text_read_the_electronic_form_agreed_the_code_and_for_handwriting_the_consent(
    missing: str,
) -> None:
    scene = offered()
    text = signing(scene).text
    steps: dict[str, c.Command] = {
        "read": c.ReadThrough(text),
        "electronic": c.AgreeElectronicForm(text, "electronic-1"),
        "code": c.ConfirmSigner(text, "code"),
        "consent": c.ConsentHandwriting(text, "v1"),
    }
    for name, step in steps.items():
        if name != missing:
            scene.ask(step, CONSUMER)
    with pytest.raises(rooms.OutOfOrder) as refusal:
        scene.ask(c.Sign(text, "陈女士", "p1", INK), CONSUMER)
    assert refusal.value.params == {"missing": missing}


def test_no_side_signs_electronically_before_it_agreed_to_and_the_journal_says_to_which_question() -> None:
    """E-signature Law Art 3. The mediator, who acts for the office, is not asked."""
    scene = signed()
    facts = [entry.event for entry in scene.history]
    for seat in (CO, BU):
        agreed_at = next(
            n for n, one in enumerate(facts) if isinstance(one, e.ElectronicFormAgreed) and one.seat == seat
        )
        signed_at = next(n for n, one in enumerate(facts) if isinstance(one, e.Signed) and one.seat == seat)
        assert agreed_at < signed_at
    assert sum(isinstance(one, e.ElectronicFormAgreed) for one in facts) == 2
    assert set(signing(scene).electronic.values()) == {"electronic-1"}
    fresh = offered()
    with pytest.raises(refusals.NotAllowed):
        fresh.ask(c.AgreeElectronicForm(signing(fresh).text, "electronic-1"), MEDIATOR)


def test_the_mediator_signs_after_both_and_the_seal_comes_last() -> None:
    scene = offered()
    sign(scene, CONSUMER)
    with pytest.raises(rooms.OutOfOrder, match="parties"):
        sign(scene, MEDIATOR)
    with pytest.raises(rooms.OutOfOrder, match="signatures"):
        scene.ask(sealing(scene))
    sign(scene, BUSINESS)
    with pytest.raises(rooms.OutOfOrder, match="signatures"):
        scene.ask(sealing(scene))


def test_who_cannot_draw_types_their_name_and_it_says_so() -> None:
    scene = offered()
    (event,) = sign(scene, CONSUMER, drawn=False)
    assert isinstance(event, e.Signed)
    assert (event.how, event.picture, CO in signing(scene).consents) == ("typed", "", False)


def test_a_second_tap_changes_nothing() -> None:
    scene = signed()
    assert sign(scene, CONSUMER) == []
    scene.ask(sealing(scene))
    assert scene.ask(c.SealDocument(e.DocumentSealed("d2", "agreement", NUMBER, INK, 9, CERTIFICATE, "B-B"))) == []


# ------------------------------------------------------------ voiding


@pytest.mark.parametrize(
    "change",
    [
        c.PutClause("c2", 1, "另一个说法。"),
        c.PutClause(text="又一条。"),
        c.RemoveClause("c2", 1),
        c.PutFact(text="双方认可：已付2,360元。"),
        c.RecordAuthority(BU, Capacity.AGENT, True, "授权书"),
        c.AddSeat(Seat("s-l", Role.LAWYER, "律师", Side.BUSINESS)),
        c.CallOffSigning("先歇一下"),
    ],
)
def test_whatever_changes_what_is_signed_voids_it_visibly(change: c.Command) -> None:
    scene = offered()
    sign(scene, CONSUMER)
    events = scene.ask(change)
    if isinstance(change, c.PutFact):  # only what both accept is in the text
        assert signing(scene).open
        for actor in (CONSUMER, BUSINESS):
            events = scene.ask(c.AnswerFact("f1", 1, True), actor)
    voided = [event for event in events if isinstance(event, e.SigningVoided)]
    assert [one.seats for one in voided] == [(CO,)]
    assert not signing(scene).open
    with pytest.raises(rooms.NotSigning):
        sign(scene, BUSINESS)
    assert view_of(scene, CO)["state"] == "void"


def test_taking_back_an_answer_voids_it_too() -> None:
    scene = offered()
    sign(scene, CONSUMER)
    scene.ask(c.AnswerClause("c1", 1, False, "太晚了", True), BUSINESS)
    assert not signing(scene).open


def test_closing_the_session_voids_what_was_not_sealed() -> None:
    scene = signed()
    scene.ask(c.TakeBackOutcome())
    scene.ask(c.ProposeAgreed())
    for actor in (CONSUMER, BUSINESS):
        scene.ask(c.SeeOutcome(), actor)
    events = scene.ask(c.Close())
    assert [event.reason for event in events if isinstance(event, e.SigningVoided)] == ["closed"]
    with pytest.raises(rooms.NotSigning):
        scene.ask(sealing(scene))


def test_a_signature_for_the_text_before_does_not_reach_the_one_after() -> None:
    scene = offered()
    before = signing(scene).text
    scene.ask(c.PutClause("c1", 1, term=REFUND.__class__(Side.BUSINESS, "退款", Decimal("1"), REFUND.due)))
    agree(scene, "c1")
    offered(scene)
    assert signing(scene).text != before
    for command in (c.ReadThrough(before), c.ConfirmSigner(before, "code"), c.Sign(before, "陈女士", "p1", INK)):
        with pytest.raises(rooms.OtherText):
            scene.ask(command, CONSUMER)
    assert not signing(scene).read


# ------------------------------------------------------------ no


def test_refusing_is_recorded_with_its_reason_which_only_the_mediator_reads() -> None:
    scene = offered()
    scene.ask(c.RefuseSigning(signing(scene).text, "日期不对"), CONSUMER)
    assert signer(scene, M, CO)["reason"] == signer(scene, CO, CO)["reason"] == "日期不对"
    assert signer(scene, BU, CO) | {"refused": True, "reason": ""} == signer(scene, BU, CO)
    entry = scene.history[-1]
    assert announcement(scene.state, entry, BU)["data"]["reason"] == ""
    assert announcement(scene.state, entry, M)["data"]["reason"] == "日期不对"
    sign(scene, CONSUMER)  # they thought better of it
    assert not signer(scene, M, CO)["refused"]


def test_a_signature_is_withdrawn_before_the_seal_and_takes_the_mediators_with_it() -> None:
    scene = signed()
    (event,) = scene.ask(c.WithdrawSignature(signing(scene).text), CONSUMER)
    assert isinstance(event, e.SignatureWithdrawn)
    assert event.voids == (M,)
    assert set(signing(scene).hands) == {BU}
    with pytest.raises(rooms.OutOfOrder, match="code"):  # who signs anew shows anew who they are
        scene.ask(c.Sign(signing(scene).text, "陈女士"), CONSUMER)
    assert scene.ask(c.WithdrawSignature(signing(scene).text), CONSUMER) == []


def test_under_the_seal_nothing_is_withdrawn_any_more() -> None:
    scene = signed()
    scene.ask(sealing(scene))
    for command in (c.WithdrawSignature(signing(scene).text), c.RefuseSigning(signing(scene).text, "不")):
        with pytest.raises(rooms.DraftSealed):
            scene.ask(command, CONSUMER)


# ------------------------------------------------------------ who


def test_nobody_signs_who_does_not_sign_for_a_side() -> None:
    scene = offered()
    scene.bring(OB)
    with pytest.raises(refusals.NotAllowed):
        scene.ask(c.Sign(signing(scene).text, "观察员"), OBSERVER)
    with pytest.raises(refusals.NotAllowed):
        scene.ask(c.OfferSigning(signing(scene).document, "1" * 64, NUMBER, (CO, BU)), CONSUMER)
    with pytest.raises(refusals.NotAllowed):
        scene.ask(sealing(scene), BUSINESS)


def test_a_proxy_signs_as_one_with_the_authorisation_that_was_recorded() -> None:
    scene = drafted()
    scene.ask(c.AddSeat(Seat("s-r", Role.REPRESENTATIVE, "罗子安", Side.BUSINESS)))
    scene.bring("s-r")
    scene.ask(c.RecordAuthority("s-r", Capacity.AGENT, True, "2026年11月20日特别授权委托书"))
    scene.ask(c.Leave(), BUSINESS)
    proxy = party("s-r")
    for clause in ("c1", "c2"):
        agree(scene, clause, CONSUMER, proxy)
    offered(scene)
    assert signing(scene).signers == {"consumer": CO, "business": "s-r"}
    (event,) = sign(scene, proxy)
    assert isinstance(event, e.Signed)
    assert (event.capacity, event.basis) == ("agent", "2026年11月20日特别授权委托书")


def test_when_both_want_no_written_agreement_it_is_the_record_that_is_signed() -> None:
    scene = agreed()
    for actor in (CONSUMER, BUSINESS):
        scene.ask(c.WaiveAgreement(True), actor)
    offered(scene)
    assert signing(scene).kind == "record"
    for actor in (CONSUMER, BUSINESS, MEDIATOR):
        sign(scene, actor)
    with pytest.raises(rooms.OtherText):
        scene.ask(sealing(scene, kind="agreement"))
    scene.ask(sealing(scene))
    assert scene.state.sealed


# ------------------------------------------------------------ a stored drawing, and the seal alone


def test_the_mediators_stored_drawing_is_told_apart_from_one_that_is_drawn() -> None:
    scene = offered()
    for actor in (CONSUMER, BUSINESS):
        sign(scene, actor)
    text = signing(scene).text
    scene.ask(c.ConsentHandwriting(text, "v1"))
    scene.ask(c.ConfirmSigner(text, "account"))
    with pytest.raises(rooms.BadValue):
        scene.ask(c.Sign(text, "李调解", saved=True))
    (event,) = scene.ask(c.Sign(text, "李调解", "p9", INK, saved=True))
    assert isinstance(event, e.Signed)
    assert (event.seat, event.how) == (M, "saved")


def test_nobody_but_the_mediator_signs_with_a_stored_drawing() -> None:
    scene = offered()
    text = signing(scene).text
    for step in (
        c.ReadThrough(text),
        c.AgreeElectronicForm(text, "v1"),
        c.ConsentHandwriting(text, "v1"),
        c.ConfirmSigner(text, "code"),
    ):
        scene.ask(step, CONSUMER)
    with pytest.raises(refusals.NotAllowed):
        scene.ask(c.Sign(text, "陈女士", "p1", INK, saved=True), CONSUMER)


def test_where_the_paper_carries_the_seal_alone_it_follows_both_sides() -> None:
    scene = agreed()
    scene.ask(c.OfferSigning(outcome.digest(scene.state), text_of(scene), NUMBER, (CO, BU), seal_only=True))
    sign(scene, CONSUMER)
    with pytest.raises(rooms.OutOfOrder):
        scene.ask(sealing(scene))
    sign(scene, BUSINESS)
    with pytest.raises(refusals.NotAllowed):
        scene.ask(c.Sign(signing(scene).text, "李调解"))
    seen = view_of(scene, M)
    assert (seen["next"], seen["seal_only"]) == ("seal", True)
    assert isinstance(seen["signers"], list)
    assert [one["seat"] for one in seen["signers"]] == [CO, BU]
    scene.ask(sealing(scene))
    assert scene.state.sealed
