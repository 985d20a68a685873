"""The blind gap: of two figures nothing is revealed but what the rule agreed beforehand says."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings, strategies as st

import rooms
from journal import refusals
from rooms import commands as c, events as e
from rooms.caucus.state import CONFIDENTIAL
from rooms.live.audience import announcement, visible
from rooms.vocabulary import GapRule, Side
from tests.rooms.caucus.test_caucus import BUSINESSES, CONSUMERS, LAW, TWO, full
from tests.rooms.scene import BU, BUSINESS, CO, CONSUMER, IN, OB, M, Scene, party
from tests.rooms.whole import view

money = st.decimals(0, 10**6, places=2)
rules = st.sampled_from(GapRule)


def agreed(rule: GapRule = GapRule.WHETHER) -> Scene:
    scene = full(LAW, TWO, OB, IN)
    scene.ask(c.OpenGap(rule))
    scene.ask(c.AgreeGap(1), CONSUMER)
    scene.ask(c.AgreeGap(1), BUSINESS)
    return scene


def played(rule: GapRule, least: Decimal, most: Decimal) -> Scene:
    scene = agreed(rule)
    scene.ask(CONSUMERS)
    scene.ask(c.EnterFigure(1, least), CONSUMER)
    scene.ask(BUSINESSES)
    scene.ask(c.EnterFigure(1, most), BUSINESS)
    scene.ask(c.EndCaucus())
    return scene


def everything(scene: Scene, seat: str) -> str:
    """All that ever reaches this seat, whichever of its messages it came in."""
    told = [announcement(scene.state, entry, seat) for entry in scene.history if visible(scene.state, entry, seat)]
    return json.dumps([view(scene.state, scene.timing, seat, scene.now), told], ensure_ascii=False)


@settings(max_examples=60, deadline=None)
@given(rules, money, money, money)
def test_whoever_did_not_enter_a_figure_learns_only_what_the_rule_says(
    rule: GapRule, least: Decimal, most: Decimal, other: Decimal
) -> None:
    """Two rooms that differ in the consumer's figure alone are the same to everybody else, if the result is."""
    one, two = played(rule, least, most), played(rule, other, most)
    first, second = one.state.concessions.gap, two.state.concessions.gap
    assert first is not None
    assert second is not None
    assume(first.result == second.result)
    for seat in (BU, LAW, M, TWO, OB, IN):
        assert everything(one, seat) == everything(two, seat), seat


@settings(max_examples=60, deadline=None)
@given(rules, money, money)
def test_it_says_whether_they_meet_and_where_only_by_the_rule(rule: GapRule, least: Decimal, most: Decimal) -> None:
    gap = played(rule, least, most).state.concessions.gap
    assert gap is not None
    assert gap.result is not None
    assert gap.result.meet is (least <= most)
    if rule is GapRule.WHETHER or not gap.result.meet:
        assert gap.result.amount is None
    else:
        assert gap.result.amount is not None
        assert least <= gap.result.amount <= most


def test_both_learn_it_at_the_same_moment_also_who_waits() -> None:
    scene = agreed(GapRule.MIDPOINT)
    scene.ask(CONSUMERS)
    scene.ask(c.EnterFigure(1, Decimal("1500")), CONSUMER)
    assert view(scene.state, scene.timing, BU, scene.now)["gap"] == {
        "number": 1, "rule": "midpoint", "agreed": ["business", "consumer"], "entered": ["consumer"], "own": None,
        "result": None,
    }  # fmt: skip
    scene.ask(BUSINESSES)
    assert scene.ask(c.EnterFigure(1, Decimal("2000")), BUSINESS)[1] == e.GapRevealed(1, True, Decimal("1750.00"))
    for seat in (CO, BU, M):
        assert view(scene.state, scene.timing, seat, scene.now)["gap"]["result"] == {"meet": True, "amount": "1750.00"}
    for seat in (TWO, OB, IN):
        assert view(scene.state, scene.timing, seat, scene.now)["gap"] is None


def test_no_figure_without_both_sides_agreeing_to_the_rule() -> None:
    scene = full()
    scene.ask(c.OpenGap(GapRule.WHETHER))
    scene.ask(c.AgreeGap(1), CONSUMER)
    scene.ask(CONSUMERS)
    with pytest.raises(rooms.NotAgreedYet):
        scene.ask(c.EnterFigure(1, Decimal("1")), CONSUMER)


def test_a_figure_is_entered_in_private_and_for_ones_own_side() -> None:
    scene = agreed()
    for asks, error in ((CONSUMER, rooms.OnlyInCaucus), (party(IN), refusals.NotAllowed)):
        with pytest.raises(error):
            scene.ask(c.EnterFigure(1, Decimal("1")), asks)
    scene.ask(CONSUMERS)
    with pytest.raises(rooms.OnlyInCaucus):
        scene.ask(c.EnterFigure(1, Decimal("1")), BUSINESS)


def test_nobody_feels_for_the_others_figure() -> None:
    """Once compared, a gap takes no more figures; another one has to be agreed to by both, and there are few."""
    scene = played(GapRule.WHETHER, Decimal("2"), Decimal("1"))
    scene.ask(BUSINESSES)
    with pytest.raises(rooms.Outdated):
        scene.ask(c.EnterFigure(1, Decimal("3")), BUSINESS)
    for number in range(2, 7):
        scene.ask(c.OpenGap(GapRule.WHETHER))
        with pytest.raises(rooms.NotAgreedYet):
            scene.ask(c.EnterFigure(number, Decimal("3")), BUSINESS)
        scene.ask(c.DropGap(number))
    with pytest.raises(rooms.Enough):
        scene.ask(c.OpenGap(GapRule.WHETHER))


def test_a_figure_can_be_changed_until_both_are_there_and_goes_with_its_gap() -> None:
    scene = agreed()
    scene.ask(CONSUMERS)
    scene.ask(c.EnterFigure(1, Decimal("1500")), CONSUMER)
    scene.ask(c.EnterFigure(1, Decimal("1600")), CONSUMER)
    assert view(scene.state, scene.timing, CO, scene.now)["gap"]["own"] == "1600.00"
    scene.ask(c.OpenGap(GapRule.MIDPOINT))
    assert view(scene.state, scene.timing, CO, scene.now)["gap"] == {
        "number": 2, "rule": "midpoint", "agreed": [], "entered": [], "own": None, "result": None,
    }  # fmt: skip


def test_figures_and_what_came_of_them_are_confidential() -> None:
    scene = played(GapRule.MIDPOINT, Decimal("1500"), Decimal("2000"))
    for entry in scene.history:
        told = json.dumps(str(entry.event))
        if any(figure in told for figure in ("1500", "2000", "1750")):
            assert isinstance(entry.event, CONFIDENTIAL)
    assert {side for gap in [scene.state.concessions.gap] if gap for side in gap.figures} == set(Side)
