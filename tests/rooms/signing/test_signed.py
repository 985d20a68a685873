"""What is signed, once the mediation is over, and what of signing each is told."""

from __future__ import annotations

import pytest

import rooms
from journal import refusals
from rooms import commands as c, events as e
from rooms.live.audience import announcement, visible
from rooms.vocabulary import Outcome, OutcomeKind
from tests.rooms.agreement.test_agreeing import drafted, edition
from tests.rooms.scene import BU, CO, CONSUMER, M, Scene, system
from tests.rooms.signing.signings import (
    CERTIFICATE,
    INK,
    NUMBER,
    offered,
    sealing,
    shown,
    signed,
    signer,
    signing,
    view_of,
)

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
    with pytest.raises(refusals.WrongState):
        drafted().ask(filing("record"))
    settled, failed = closed(OutcomeKind.SETTLED), closed(OutcomeKind.NOT_SETTLED)
    settled.ask(filing("record"))
    with pytest.raises(rooms.BadValue):
        settled.ask(filing("failure"))
    failed.ask(filing("failure"))
    failed.ask(filing("record"))
    assert [one.sealed.kind for one in failed.state.documents] == ["failure", "record"]


def test_both_find_their_copy_after_the_end_and_taking_it_is_noted() -> None:
    scene = closed(OutcomeKind.SETTLED)
    scene.ask(c.NoteCopy("d1"), CONSUMER)
    assert [one["taken"] for one in shown(scene, CO)["documents"]] == [True]
    assert [one["taken"] for one in shown(scene, BU)["documents"]] == [False]
    with pytest.raises(rooms.NotSigning):
        scene.ask(c.NoteCopy("d9"), CONSUMER)


# ------------------------------------------------------------ who sees what


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
    scene.ask(c.AgreeElectronicForm(text, "electronic-1"), CONSUMER)
    scene.ask(c.ConfirmSigner(text, "code"), CONSUMER)
    system(scene, c.NoteConnection(CO, False, "socket"))
    system(scene, c.NoteConnection(CO, True))
    own = signer(scene, CO, CO)
    assert (own["read"], own["electronic"], own["confirmed"]) == (True, True, True)
    assert scene.ask(c.Sign(text, "陈女士"), CONSUMER)
