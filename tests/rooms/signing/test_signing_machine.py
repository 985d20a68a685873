"""Signing asked for in any order: a seal is never on what was not signed by all in order."""

from __future__ import annotations

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from journal import Actor, refusals
from rooms import commands as c, events as codec, events as e
from rooms.agreement import outcome
from rooms.session import fold
from tests.rooms.agreement.test_agreeing import agreed
from tests.rooms.scene import BU, BUSINESS, CO, CONSUMER, MEDIATOR, M, system
from tests.rooms.signing.signings import (
    INK,
    NUMBER,
    sealing,
    text_of,
)


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
        except refusals.DomainError:
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
        digest = "0" * 64 if stale else outcome.digest(state)
        text = text_of(self.scene)
        self.texts[text] = str(outcome.content(state))
        self._try(c.OfferSigning(digest, text, NUMBER, (CO, BU)))

    @rule(who=st.sampled_from([CONSUMER, BUSINESS, MEDIATOR]), drawn=st.booleans(), old=st.booleans(), data=st.data())
    def sign(self, who: Actor, drawn: bool, old: bool, data: st.DataObject) -> None:
        if self.scene.state.signing is None:
            return
        known = sorted(self.texts)
        text = data.draw(st.sampled_from(known)) if old else self.scene.state.signing.text
        for step in (
            c.ReadThrough(text),
            c.AgreeElectronicForm(text, "v1"),
            c.ConsentHandwriting(text, "v1"),
            c.ConfirmSigner(text, "code"),
        ):
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
            assert self.texts[now.text] == str(outcome.content(self.scene.state))

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
        drafts = [codec.event_draft(entry.event, entry.at, entry.actor) for entry in self.scene.history]
        kinds = [codec.KINDS[draft.type] for draft in drafts]
        events = [codec.typed(kind, draft.data) for kind, draft in zip(kinds, drafts, strict=True)]
        again = fold(
            codec.SessionEntry("x1", entry.version, event, entry.at, entry.actor)
            for entry, event in zip(self.scene.history, events, strict=True)
        )
        assert again == self.scene.session


AnyOrder.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestAnyOrder = AnyOrder.TestCase
