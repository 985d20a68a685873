"""The life of a hot spot under whatever people and the nightly look do, in any order."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from complaints import BadChoice, Missing, NotAllowed, WrongState
from complaints.insight.spots import (
    REASONS,
    STAGES,
    DismissSpot,
    FindSpot,
    HandOnSpot,
    LookAtSpot,
    Spot,
    SpotCommand,
    SpotFound,
    TakeBackSpot,
    circle,
    decide,
    evolve,
    spot_id,
)
from journal import SYSTEM, Actor

LIN = Actor("officer", "u-lin", "林督", "supervisor", "o1")
ZHOU = Actor("officer", "u-zhou", "周敏", "mediator", "o1")
DAY = date(2026, 6, 21)
FOUND = SpotFound("o1", ("o1",), "street", "东桥街", DAY, DAY, 7, 17, "7.00", "1e-8", "1e-6")
AT = datetime(2026, 6, 22, 1, tzinfo=UTC)


def after(spot: Spot | None, command: SpotCommand, actor: Actor) -> Spot | None:
    for event in decide(command, spot, actor):
        spot = evolve(spot, event, AT, actor.name)
    return spot


class Life(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.spot = after(None, FindSpot(FOUND), SYSTEM)
        self.path = ["new"]  # the stages that taking back would lead through

    @rule()
    def found_again(self) -> None:
        assert after(self.spot, FindSpot(FOUND), SYSTEM) == self.spot

    @rule()
    def look(self) -> None:
        self.spot = after(self.spot, LookAtSpot(), LIN)
        if self.path[-1] == "new":
            self.path.append("looked")

    @rule(reason=st.sampled_from(REASONS))
    def dismiss(self, reason: str) -> None:
        self._end(DismissSpot(reason, "说明"), "dismissed")

    @rule(lead=st.sampled_from(["a", "b"]))
    def hand_on(self, lead: str) -> None:
        if self.path[-1] == "handed_on" and self.spot is not None and self.spot.lead == lead:
            assert after(self.spot, HandOnSpot(lead), LIN) == self.spot
            return
        self._end(HandOnSpot(lead), "handed_on")

    def _end(self, command: SpotCommand, stage: str) -> None:
        if self.path[-1] in ("dismissed", "handed_on"):
            with pytest.raises(WrongState):
                decide(command, self.spot, LIN)
            return
        self.spot = after(self.spot, command, LIN)
        self.path.append(stage)

    @rule(what=st.sampled_from(STAGES))
    def take_back(self, what: str) -> None:
        if len(self.path) == 1 or what != self.path[-1]:
            with pytest.raises(WrongState):
                decide(TakeBackSpot(what), self.spot, LIN)
            return
        self.spot = after(self.spot, TakeBackSpot(what), LIN)
        self.path.pop()

    @invariant()
    def it_stands_where_the_steps_lead(self) -> None:
        assert self.spot is not None
        assert self.spot.stage == self.path[-1]
        assert bool(self.spot.lead) == ("handed_on" in self.path)
        assert self.spot.found == FOUND


TestLife = Life.TestCase


def test_a_mediator_does_nothing_with_it_and_a_supervisor_finds_none() -> None:
    spot = after(None, FindSpot(FOUND), SYSTEM)
    for command in (LookAtSpot(), DismissSpot("known"), HandOnSpot("a"), TakeBackSpot("looked")):
        with pytest.raises(NotAllowed):
            decide(command, spot, ZHOU)
    with pytest.raises(NotAllowed):
        decide(FindSpot(FOUND), None, LIN)


def test_something_else_needs_words_and_a_reason_is_one_of_five() -> None:
    spot = after(None, FindSpot(FOUND), SYSTEM)
    with pytest.raises(Missing):
        decide(DismissSpot("other"), spot, LIN)
    with pytest.raises(BadChoice):
        decide(DismissSpot("boring"), spot, LIN)


def test_an_only_office_is_its_own_circle_and_order_does_not_matter() -> None:
    assert circle(["o1"]) == "o1"
    assert circle(["o2", "o1"]) == circle(["o1", "o2", "o1"]) != circle(["o1", "o3"])
    assert spot_id("o1", "street", "东桥街", DAY) == spot_id("o1", "street", "东桥街", DAY)
