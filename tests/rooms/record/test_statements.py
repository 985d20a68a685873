"""What a record quotes: chosen by the mediator after the end, confirmed by whom it quotes, signed and sealed."""

from __future__ import annotations

import pytest

from journal import Actor
from journal.refusals import NotAllowed, WrongState
from rooms import AlreadyClosed, BadValue, DraftSealed, OtherText, OutOfOrder, commands as c, events as e
from rooms.events import StatementChoice
from rooms.signing.state import FAILURE, RECORD
from rooms.vocabulary import Outcome, OutcomeKind
from tests.rooms.scene import BU, BUSINESS, CO, COLLEAGUE, CONSUMER, Scene, live
from tests.rooms.signing.signings import sealing, signed

TEXT, OTHER = "a" * 64, "b" * 64
FAILED = Outcome(OutcomeKind.NOT_SETTLED, note="分歧较大")
QUOTED = {CO: {"l1": "one"}, BU: {"l2": "two"}}


def ended(outcome: Outcome = FAILED) -> Scene:
    scene = live()
    scene.ask(c.ProposeOutcome(outcome))
    scene.ask(c.Close("双方均已知晓"))
    return scene


def choose(scene: Scene, *choices: StatementChoice, model: str = "") -> list[e.SessionEvent]:
    return scene.ask(c.DecideStatements(choices, model))


def offer(scene: Scene, text: str = TEXT, statements: dict[str, dict[str, str]] = QUOTED) -> list[e.SessionEvent]:
    return scene.ask(c.OfferRecord(scene.state.statements.digest, text, "号", statements))


def sign(scene: Scene, actor: Actor, text: str = TEXT) -> None:
    scene.ask(c.ReadThrough(text), actor)
    scene.ask(c.AgreeElectronicForm(text, "e-1"), actor)
    scene.ask(c.ConfirmSigner(text, "code"), actor)
    scene.ask(c.Sign(text, "某某"), actor)


def sealed(kind: str = FAILURE, text: str = TEXT) -> c.SealDocument:
    return c.SealDocument(e.DocumentSealed("d1", kind, "号", "c" * 64, 9, "d" * 64, "B-B", text))


def test_choices_are_of_their_line_the_newest_counts_and_each_can_be_taken_back() -> None:
    scene = ended()
    choose(scene, StatementChoice("l1", False))
    choose(scene, StatementChoice("l1", True, "……付了三千六", False), StatementChoice("l2", True, "他说不退。", True))
    assert scene.state.statements.choices == {
        "l1": StatementChoice("l1", True, "……付了三千六", False),
        "l2": StatementChoice("l2", True, "他说不退。", True),
    }
    scene.ask(c.TakeBackStatements())
    assert scene.state.statements.choices == {"l1": StatementChoice("l1", False)}
    scene.ask(c.TakeBackStatements())
    assert scene.state.statements.choices == {}
    assert scene.ask(c.TakeBackStatements()) == []


def test_choosing_what_is_chosen_already_adds_nothing() -> None:
    scene = ended()
    assert choose(scene, StatementChoice("l1", True))
    assert choose(scene, StatementChoice("l1", True)) == []


def test_what_a_language_model_proposed_is_marked_until_the_mediator_chooses_otherwise() -> None:
    scene = ended()
    choose(scene, StatementChoice("l1", False), StatementChoice("l2", True, "……不退"), model="qwen")
    assert scene.state.statements.models == {"l1": "qwen", "l2": "qwen"}
    choose(scene, StatementChoice("l2", True))
    assert scene.state.statements.models == {"l1": "qwen"}


def test_nobody_else_chooses_and_nobody_before_the_end() -> None:
    scene = ended()
    for actor in (CONSUMER, COLLEAGUE):
        with pytest.raises(NotAllowed):
            scene.ask(c.DecideStatements((StatementChoice("l1", True),)), actor)
    with pytest.raises(WrongState):
        choose(live(), StatementChoice("l1", True))
    with pytest.raises(BadValue):
        choose(scene, StatementChoice("l1", True, "", own=True))


def test_the_record_of_a_session_that_ended_is_confirmed_line_by_line_and_signed_from_afar() -> None:
    scene = ended()
    offer(scene)
    signing = scene.state.signing
    assert signing is not None
    assert (signing.kind, dict(signing.signers), scene.state.by_link) == (
        FAILURE,
        {"consumer": CO, "business": BU},
        True,
    )
    scene.ask(c.ReadThrough(TEXT), CONSUMER)
    scene.ask(c.AgreeElectronicForm(TEXT, "e-1"), CONSUMER)
    scene.ask(c.ConfirmSigner(TEXT, "code"), CONSUMER)
    with pytest.raises(OutOfOrder) as refused:
        scene.ask(c.Sign(TEXT, "陈女士"), CONSUMER)
    assert refused.value.params == {"missing": "statements"}
    scene.ask(c.AnswerStatement(TEXT, "l1", True), CONSUMER)
    scene.ask(c.Sign(TEXT, "陈女士"), CONSUMER)
    scene.ask(c.AnswerStatement(TEXT, "l2", True), BUSINESS)
    sign(scene, BUSINESS)
    scene.ask(c.ConfirmSigner(TEXT, "account"))
    scene.ask(c.Sign(TEXT, "李调解"))
    scene.ask(sealed())
    assert [one.sealed.kind for one in scene.state.documents] == [FAILURE]
    with pytest.raises(DraftSealed):
        choose(scene, StatementChoice("l1", False))
    with pytest.raises(DraftSealed):
        offer(scene, OTHER)


def test_what_is_not_right_keeps_the_signature_back_and_its_words_reach_the_mediator() -> None:
    scene = ended()
    offer(scene)
    scene.ask(c.AnswerStatement(TEXT, "l1", False, "我说的是三千八"), CONSUMER)
    assert scene.state.statements.answers["l1"][CO].words == "我说的是三千八"
    with pytest.raises(OutOfOrder):
        sign(scene, CONSUMER)
    choose(scene, StatementChoice("l1", True, "三千八", own=True))
    assert scene.state.signing is not None
    assert not scene.state.signing.open  # the text that lay there is not what stands there now


def test_a_line_that_did_not_change_need_not_be_confirmed_again() -> None:
    scene = ended()
    offer(scene)
    scene.ask(c.AnswerStatement(TEXT, "l1", True), CONSUMER)
    choose(scene, StatementChoice("l2", True, "按合同不退。", own=True))
    offer(scene, OTHER, {CO: {"l1": "one"}, BU: {"l2": "other"}})
    sign(scene, CONSUMER, OTHER)
    with pytest.raises(OutOfOrder):
        sign(scene, BUSINESS, OTHER)


def test_nobody_answers_for_anothers_words_or_for_another_text() -> None:
    scene = ended()
    offer(scene)
    with pytest.raises(BadValue):
        scene.ask(c.AnswerStatement(TEXT, "l2", True), CONSUMER)
    with pytest.raises(OtherText):
        scene.ask(c.AnswerStatement(OTHER, "l1", True), CONSUMER)


def test_a_text_made_before_the_last_choice_is_not_offered() -> None:
    scene = ended()
    before = scene.state.statements.digest
    choose(scene, StatementChoice("l1", False))
    with pytest.raises(OtherText):
        scene.ask(c.OfferRecord(before, TEXT, "号", QUOTED))


def test_without_a_record_to_sign_a_closed_room_still_signs_nothing() -> None:
    scene = ended()
    with pytest.raises(AlreadyClosed):
        scene.ask(c.ReadThrough(TEXT), CONSUMER)


def test_the_record_of_a_settlement_is_signed_after_its_agreement_is_sealed() -> None:
    scene = signed()
    scene.ask(sealing(scene))
    scene.ask(c.ProposeAgreed())
    scene.ask(c.Close("双方均已知晓"))
    offer(scene)
    assert scene.state.sealed  # the agreement stays in effect
    scene.ask(c.AnswerStatement(TEXT, "l1", True), CONSUMER)
    sign(scene, CONSUMER)
    scene.ask(c.CallOffSigning())
    assert scene.state.signing is not None
    assert (scene.state.signing.kind, scene.state.signing.open) == (RECORD, False)
