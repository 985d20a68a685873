"""Documents on their way to being signed, for tests."""

from __future__ import annotations

import hashlib
from typing import Any

from journal import Actor
from rooms import commands as c, events as e
from rooms.agreement import outcome
from rooms.agreement.outcome import decider
from rooms.agreement.state import SIDES
from rooms.events import SessionEvent
from rooms.signing.state import SigningState
from tests.rooms.agreement.test_agreeing import agreed
from tests.rooms.scene import BUSINESS, CONSUMER, MEDIATOR, Scene
from tests.rooms.whole import view

NUMBER = "东高一调〔2026〕0001号"
INK = "ab" * 32
CERTIFICATE = "cd" * 32


def text_of(scene: Scene) -> str:
    """The server hashes everything that is read; here the draft's digest stands for it."""
    return hashlib.sha256(outcome.digest(scene.state).encode()).hexdigest()


def signers(scene: Scene) -> tuple[str, ...]:
    return tuple(decider(scene.state, side) for side in SIDES)


def offered(scene: Scene | None = None) -> Scene:
    scene = scene or agreed()
    scene.ask(c.OfferSigning(outcome.digest(scene.state), text_of(scene), NUMBER, signers(scene)))
    return scene


def signing(scene: Scene) -> SigningState:
    assert scene.state.signing is not None
    return scene.state.signing


def sign(scene: Scene, actor: Actor, drawn: bool = True) -> list[SessionEvent]:
    text = signing(scene).text
    if actor is not MEDIATOR:
        scene.ask(c.ReadThrough(text), actor)
        scene.ask(c.AgreeElectronicForm(text, "electronic-1"), actor)
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
