"""Conveyance slips: written in private, told only when their side says so, changeable until they are passed on."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

import rooms
from journal import refusals
from rooms import commands as c, events as e
from rooms.live.audience import announcement, visible
from rooms.vocabulary import Side
from tests.rooms.caucus.test_caucus import BUSINESSES, CONSUMERS, LAW, TWO, full
from tests.rooms.scene import BU, BUSINESS, CO, CONSUMER, IN, OB, M, Scene, party
from tests.rooms.whole import view

OFFER = "退一千五百元就撤诉"


def seen(scene: Scene, seat: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = view(scene.state, scene.timing, seat, scene.now)["slips"]
    return found


def everything(scene: Scene, seat: str) -> str:
    """All that ever reaches this seat: its view now, and what it was told."""
    told = [announcement(scene.state, entry, seat) for entry in scene.history if visible(scene.state, entry, seat)]
    return json.dumps([view(scene.state, scene.timing, seat, scene.now), told], ensure_ascii=False)


def written(may_tell: bool = False) -> Scene:
    scene = full(LAW, TWO, OB, IN)
    scene.ask(CONSUMERS)
    scene.ask(c.WriteSlip(OFFER, Decimal("1500"), may_tell), CONSUMER)
    return scene


def test_a_slip_is_known_to_its_side_and_the_mediator_and_to_nobody_else() -> None:
    scene = written()
    for knows in (CO, M):
        assert seen(scene, knows) == [
            {"number": 1, "side": "consumer", "seat": CO, "text": OFFER, "amount": "1500.00", "may_tell": False,
             "at": "2026-04-20T09:00:00.000Z", "shown": None}
        ]  # fmt: skip
    for other in (BU, LAW, TWO, OB, IN):
        assert OFFER not in everything(scene, other)


def test_what_is_kept_cannot_be_shown_and_what_may_be_told_reaches_everybody_at_the_table() -> None:
    scene = written()
    scene.ask(c.EndCaucus())
    with pytest.raises(rooms.NotReleased):
        scene.ask(c.ShowSlip(1))
    scene.ask(c.MarkSlip(1, True), CONSUMER)
    assert OFFER not in everything(scene, BU), "that it may be told does not tell it"
    scene.ask(c.ShowSlip(1))
    assert all(OFFER in everything(scene, seat) for seat in (BU, LAW, TWO, OB))
    assert seen(scene, BU)[0]["shown"] == "2026-04-20T09:00:00.000Z"
    assert scene.ask(c.ShowSlip(1)) == []


def test_it_can_be_passed_on_in_private_to_the_other_side_alone() -> None:
    scene = written(may_tell=True)
    with pytest.raises(rooms.InCaucus):
        scene.ask(c.ShowSlip(1))
    scene.ask(BUSINESSES)
    scene.ask(c.ShowSlip(1))
    assert OFFER in everything(scene, BU) + everything(scene, LAW)
    for other in (TWO, OB):
        assert OFFER not in everything(scene, other)


def test_until_it_was_shown_its_side_takes_it_back_or_keeps_it_after_all() -> None:
    scene = written(may_tell=True)
    scene.ask(c.MarkSlip(1, False), CONSUMER)
    scene.ask(c.EndCaucus())
    with pytest.raises(rooms.NotReleased):
        scene.ask(c.ShowSlip(1))
    scene.ask(c.WithdrawSlip(1), CONSUMER)
    with pytest.raises(rooms.UnknownSlip):
        scene.ask(c.ShowSlip(1))
    assert seen(scene, M) == []


def test_what_was_shown_is_not_changed_any_more() -> None:
    scene = written(may_tell=True)
    scene.ask(c.EndCaucus())
    scene.ask(c.ShowSlip(1))
    for command in (c.MarkSlip(1, False), c.WithdrawSlip(1)):
        with pytest.raises(rooms.ScreenShown):
            scene.ask(command, CONSUMER)


def test_a_slip_is_written_in_private_by_somebody_who_speaks_for_the_side() -> None:
    scene = full(IN)
    for asks, when in ((CONSUMER, None), (BUSINESS, CONSUMERS)):
        if when is not None:
            scene.ask(when)
        with pytest.raises(rooms.OnlyInCaucus):
            scene.ask(c.WriteSlip("退"), asks)
    with pytest.raises(refusals.NotAllowed):
        scene.ask(c.WriteSlip("退"), party(IN))
    with pytest.raises(refusals.NotAllowed):
        scene.ask(c.WriteSlip("退"))


def test_nobody_of_the_other_side_marks_or_withdraws_it() -> None:
    scene = written()
    for command in (c.MarkSlip(1, True), c.WithdrawSlip(1)):
        for other in (BUSINESS, party(LAW)):
            with pytest.raises(refusals.NotAllowed):
                scene.ask(command, other)


@pytest.mark.parametrize("amount", ["-1", "0.001", "NaN", "1e12"])
def test_an_amount_is_money(amount: str) -> None:
    scene = full()
    scene.ask(CONSUMERS)
    with pytest.raises(rooms.BadValue):
        scene.ask(c.WriteSlip("退", Decimal(amount)), CONSUMER)


def test_there_is_an_end_to_writing() -> None:
    scene = full()
    scene.ask(CONSUMERS)
    for number in range(1, 41):
        scene.ask(c.WriteSlip("退"), CONSUMER)
        scene.ask(c.WithdrawSlip(number), CONSUMER)
    with pytest.raises(rooms.Enough):
        scene.ask(c.WriteSlip("退"), CONSUMER)


def test_a_slip_outlasts_a_restart() -> None:
    scene = written(may_tell=True)
    scene.ask(c.EndCaucus())
    assert scene.ask(c.ShowSlip(1)) == [e.SlipShown(1, (M, CO, BU, OB, IN, LAW, TWO))]
    assert scene.state.concessions.slips[1].side is Side.CONSUMER
