"""One text is signed in one order: each side, the mediator, the seal; whatever changes it voids every signature."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from journal import Actor
from rooms import codec, commands as c, errors, events as e
from rooms.drafting import SIDES, decider
from rooms.events import SessionEvent
from rooms.session import fold
from rooms.signing import Signing
from rooms.telling import announcement, visible
from rooms.view import view
from rooms.vocabulary import Capacity, Outcome, OutcomeKind, Role, Seat, Side
from tests.rooms.scene import BU, BUSINESS, CO, CONSUMER, MEDIATOR, OB, OBSERVER, M, Scene, party, system
from tests.rooms.test_agreeing import REFUND, agree, agreed, drafted, edition

NUMBER = "东高一调〔2026〕0001号"
INK = "ab" * 32
CERTIFICATE = "cd" * 32


def text_of(scene: Scene) -> str:
    """The server hashes everything that is read; here the draft's digest stands for it."""
    return hashlib.sha256(scene.state.draft.digest(scene.state).encode()).hexdigest()


def signers(scene: Scene) -> tuple[str, ...]:
    return tuple(decider(scene.state, side) for side in SIDES)


def offered(scene: Scene | None = None) -> Scene:
    scene = scene or agreed()
    scene.ask(c.OfferSigning(scene.state.draft.digest(scene.state), text_of(scene), NUMBER, signers(scene)))
    return scene


def signing(scene: Scene) -> Signing:
    assert scene.state.signing is not None
    return scene.state.signing


def sign(scene: Scene, actor: Actor, drawn: bool = True) -> list[SessionEvent]:
    text = signing(scene).text
    if actor is not MEDIATOR:
        scene.ask(c.ReadThrough(text), actor)
    if drawn:
        scene.ask(c.ConsentHandwriting(text, "2026-11-25"), actor)
    scene.ask(c.ConfirmSigner(text, "account" if actor is MEDIATOR else "code"), actor)
    return scene.ask(c.Sign(text, "名字", "p1" if drawn else "", INK if drawn else ""), actor)


def signed() -> Scene:
    scene = offered()
    for actor in (CONSUMER, BUSINESS, MEDIATOR):
        sign(scene, actor)
    return scene


def sealing(scene: Scene, **change: str) -> c.SealDocument:
    now = signing(scene)
    given = {"kind": now.kind, "number": now.number, "text": now.text} | change
    return c.SealDocument(
        e.DocumentSealed("d1", given["kind"], given["number"], INK, 1000, CERTIFICATE, "B-B", given["text"])
    )


# ------------------------------------------------------------ order


def test_it_is_in_effect_when_both_the_mediator_and_then_the_seal_are_on() -> None:
    scene = signed()
    assert not scene.state.sealed
    (event,) = scene.ask(sealing(scene))
    assert isinstance(event, e.DocumentSealed)
    assert scene.state.sealed
    assert [one.sealed.kind for one in scene.state.documents] == ["agreement"]
    with pytest.raises(errors.Sealed):
        scene.ask(c.PutClause("c1", 1, "另写一条"))


def test_nothing_is_offered_before_everything_is_agreed_or_while_the_draft_went_on() -> None:
    scene = drafted()
    agree(scene, "c1")
    with pytest.raises(errors.NotAgreed):
        offered(scene)
    scene = agreed()
    with pytest.raises(errors.OtherText):
        scene.ask(c.OfferSigning("0" * 64, text_of(scene), NUMBER, (CO, BU)))


@pytest.mark.parametrize("missing", ["read", "code", "consent"])
def test_a_signature_needs_the_text_read_the_code_and_for_handwriting_the_consent(missing: str) -> None:
    scene = offered()
    text = signing(scene).text
    steps: dict[str, c.Command] = {
        "read": c.ReadThrough(text),
        "code": c.ConfirmSigner(text, "code"),
        "consent": c.ConsentHandwriting(text, "v1"),
    }
    for name, step in steps.items():
        if name != missing:
            scene.ask(step, CONSUMER)
    with pytest.raises(errors.OutOfOrder) as refusal:
        scene.ask(c.Sign(text, "陈女士", "p1", INK), CONSUMER)
    assert refusal.value.params == {"missing": missing}


def test_the_mediator_signs_after_both_and_the_seal_comes_last() -> None:
    scene = offered()
    sign(scene, CONSUMER)
    with pytest.raises(errors.OutOfOrder, match="parties"):
        sign(scene, MEDIATOR)
    with pytest.raises(errors.OutOfOrder, match="signatures"):
        scene.ask(sealing(scene))
    sign(scene, BUSINESS)
    with pytest.raises(errors.OutOfOrder, match="signatures"):
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
    with pytest.raises(errors.NotSigning):
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
    with pytest.raises(errors.NotSigning):
        scene.ask(sealing(scene))


def test_a_signature_for_the_text_before_does_not_reach_the_one_after() -> None:
    scene = offered()
    before = signing(scene).text
    scene.ask(c.PutClause("c1", 1, term=REFUND.__class__(Side.BUSINESS, "退款", Decimal("1"), REFUND.due)))
    agree(scene, "c1")
    offered(scene)
    assert signing(scene).text != before
    for command in (c.ReadThrough(before), c.ConfirmSigner(before, "code"), c.Sign(before, "陈女士", "p1", INK)):
        with pytest.raises(errors.OtherText):
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
    with pytest.raises(errors.OutOfOrder, match="code"):  # who signs anew shows anew who they are
        scene.ask(c.Sign(signing(scene).text, "陈女士"), CONSUMER)
    assert scene.ask(c.WithdrawSignature(signing(scene).text), CONSUMER) == []


def test_under_the_seal_nothing_is_withdrawn_any_more() -> None:
    scene = signed()
    scene.ask(sealing(scene))
    for command in (c.WithdrawSignature(signing(scene).text), c.RefuseSigning(signing(scene).text, "不")):
        with pytest.raises(errors.Sealed):
            scene.ask(command, CONSUMER)


# ------------------------------------------------------------ who


def test_nobody_signs_who_does_not_sign_for_a_side() -> None:
    scene = offered()
    scene.bring(OB)
    with pytest.raises(errors.NotAllowed):
        scene.ask(c.Sign(signing(scene).text, "观察员"), OBSERVER)
    with pytest.raises(errors.NotAllowed):
        scene.ask(c.OfferSigning(signing(scene).document, "1" * 64, NUMBER, (CO, BU)), CONSUMER)
    with pytest.raises(errors.NotAllowed):
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
    with pytest.raises(errors.OtherText):
        scene.ask(sealing(scene, kind="agreement"))
    scene.ask(sealing(scene))
    assert scene.state.sealed


# ------------------------------------------------------------ afterwards


def closed(kind: OutcomeKind) -> Scene:
    scene = drafted() if kind is not OutcomeKind.SETTLED else signed()
    if kind is OutcomeKind.SETTLED:
        scene.ask(sealing(scene))
        scene.ask(c.ProposeAgreed())
    else:
        for clause in ("c1", "c2"):
            scene.ask(c.RemoveClause(clause, edition(scene, clause)))
        scene.ask(c.ProposeOutcome(Outcome(kind)))
    scene.ask(c.Close("已宣读"))
    return scene


def filing(kind: str) -> c.SealDocument:
    return c.SealDocument(e.DocumentSealed(f"d-{kind}", kind, NUMBER, INK, 9, CERTIFICATE, "B-T"))


def test_the_record_is_sealed_after_the_end_and_the_failure_only_where_it_failed() -> None:
    with pytest.raises(errors.WrongState):
        drafted().ask(filing("record"))
    settled, failed = closed(OutcomeKind.SETTLED), closed(OutcomeKind.NOT_SETTLED)
    settled.ask(filing("record"))
    with pytest.raises(errors.BadValue):
        settled.ask(filing("failure"))
    failed.ask(filing("failure"))
    failed.ask(filing("record"))
    assert [one.sealed.kind for one in failed.state.documents] == ["failure", "record"]


def test_both_find_their_copy_after_the_end_and_taking_it_is_noted() -> None:
    scene = closed(OutcomeKind.SETTLED)
    scene.ask(c.NoteCopy("d1"), CONSUMER)
    assert [one["taken"] for one in shown(scene, CO)["documents"]] == [True]
    assert [one["taken"] for one in shown(scene, BU)["documents"]] == [False]
    with pytest.raises(errors.NotSigning):
        scene.ask(c.NoteCopy("d9"), CONSUMER)


# ------------------------------------------------------------ who sees what


def shown(scene: Scene, seat: str) -> dict[str, Any]:
    return view(scene.state, scene.timing, seat, scene.now)


def view_of(scene: Scene, seat: str) -> dict[str, object]:
    found = shown(scene, seat)["signing"]
    assert isinstance(found, dict)
    return found


def signer(scene: Scene, viewer: str, seat: str) -> dict[str, object]:
    signers = view_of(scene, viewer)["signers"]
    assert isinstance(signers, list)
    return next(one for one in signers if one["seat"] == seat)


def test_handwriting_is_told_to_nobody() -> None:
    scene = signed()
    entries = [entry for entry in scene.history if isinstance(entry.event, e.Signed)]
    for entry in entries:
        for seat in (CO, BU, M):
            assert visible(scene.state, entry, seat)
            assert not {"picture", "sha256"} & announcement(scene.state, entry, seat)["data"].keys()
    assert INK not in str(view_of(scene, M))


def test_progress_is_kept_over_a_lost_connection() -> None:
    scene = offered()
    text = signing(scene).text
    scene.ask(c.ReadThrough(text), CONSUMER)
    scene.ask(c.ConfirmSigner(text, "code"), CONSUMER)
    system(scene, c.NoteConnection(CO, False, "socket"))
    system(scene, c.NoteConnection(CO, True))
    own = signer(scene, CO, CO)
    assert (own["read"], own["confirmed"]) == (True, True)
    assert scene.ask(c.Sign(text, "陈女士"), CONSUMER)


# ------------------------------------------------------------ any order


class AnyOrder(RuleBasedStateMachine):
    """However they sign, edit, withdraw, refuse and come back: what is sealed is what both had before them."""

    @initialize()
    def begin(self) -> None:
        self.scene = agreed()
        self.texts: dict[str, str] = {}  # hash -> canonical content that was shown under it
        self.confirmed: dict[tuple[str, str], bool] = {}

    def _try(self, command: c.Command, actor: Actor = MEDIATOR) -> None:
        try:
            events = self.scene.ask(command, actor)
        except errors.RoomError:
            return
        for event in events:
            if isinstance(event, e.Signed):
                self.confirmed[event.seat, event.text] = True
            if isinstance(event, e.SigningVoided):
                self.confirmed = dict.fromkeys(self.confirmed, False)
            if isinstance(event, e.SignatureWithdrawn):
                for seat in (event.seat, *event.voids):
                    self.confirmed[seat, event.text] = False

    @rule(stale=st.booleans())
    def offer(self, stale: bool) -> None:
        state = self.scene.state
        digest = "0" * 64 if stale else state.draft.digest(state)
        text = text_of(self.scene)
        self.texts[text] = str(state.draft.content(state))
        self._try(c.OfferSigning(digest, text, NUMBER, (CO, BU)))

    @rule(who=st.sampled_from([CONSUMER, BUSINESS, MEDIATOR]), drawn=st.booleans(), old=st.booleans(), data=st.data())
    def sign(self, who: Actor, drawn: bool, old: bool, data: st.DataObject) -> None:
        if self.scene.state.signing is None:
            return
        known = sorted(self.texts)
        text = data.draw(st.sampled_from(known)) if old else self.scene.state.signing.text
        for step in (c.ReadThrough(text), c.ConsentHandwriting(text, "v1"), c.ConfirmSigner(text, "code")):
            if data.draw(st.integers(0, 9)):
                self._try(step, who)
        self._try(c.Sign(text, "名", "p1" if drawn else "", INK if drawn else ""), who)

    @rule(who=st.sampled_from([CONSUMER, BUSINESS, MEDIATOR]))
    def withdraw(self, who: Actor) -> None:
        if self.scene.state.signing is not None:
            self._try(c.WithdrawSignature(self.scene.state.signing.text), who)

    @rule(who=st.sampled_from([CONSUMER, BUSINESS]))
    def refuse(self, who: Actor) -> None:
        if self.scene.state.signing is not None:
            self._try(c.RefuseSigning(self.scene.state.signing.text, "不签"), who)

    @rule(text=st.sampled_from(["甲", "乙", "丙"]))
    def edit(self, text: str) -> None:
        clause = self.scene.state.draft.clause("c2")
        if clause is not None:
            self._try(c.PutClause("c2", clause.edition, f"第二条{text}。"))

    @rule()
    def answer(self) -> None:
        for clause in self.scene.state.draft.clauses:
            for who in (CONSUMER, BUSINESS):
                self._try(c.AnswerClause(clause.id, clause.edition, True), who)

    @rule(who=st.sampled_from([CO, BU]), back=st.booleans())
    def connection(self, who: str, back: bool) -> None:
        system(self.scene, c.NoteConnection(who, back, "socket"))

    @rule(twice=st.booleans())
    def seal(self, twice: bool) -> None:
        if self.scene.state.signing is not None:
            for _ in range(1 + twice):
                self._try(sealing(self.scene))

    @invariant()
    def a_signature_stands_only_under_the_text_it_was_given_for(self) -> None:
        now = self.scene.state.signing
        if now is None:
            return
        assert set(now.hands) == {
            seat for (seat, text), stands in self.confirmed.items() if stands and text == now.text
        }
        if now.open or now.sealed:
            assert self.texts[now.text] == str(self.scene.state.draft.content(self.scene.state))

    @invariant()
    def sealed_means_signed_by_all_in_order(self) -> None:
        now = self.scene.state.signing
        if now is None or not now.sealed:
            return
        assert set(now.hands) == {CO, BU, M}
        assert now.hands[M].version > max(now.hands[CO].version, now.hands[BU].version)
        assert len(self.scene.state.documents) == 1

    @invariant()
    def the_journal_says_the_same(self) -> None:
        drafts = [codec.draft(entry.event, entry.at, entry.actor) for entry in self.scene.history]
        kinds = [codec.KINDS[draft.type] for draft in drafts]
        events = [codec.typed(kind, draft.data) for kind, draft in zip(kinds, drafts, strict=True)]
        again = fold(
            codec.Happened("x1", entry.version, event, entry.at, entry.actor)
            for entry, event in zip(self.scene.history, events, strict=True)
        )
        assert again == self.scene.session


AnyOrder.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestAnyOrder = AnyOrder.TestCase
