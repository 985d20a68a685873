"""Exhibits in the room: who brings, shows, points and answers, and who sees what of it, whatever anybody asks."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import rooms
from journal import SYSTEM, Actor, refusals, sealed
from rooms import commands as c, events, events as e
from rooms.exhibits.rules import MOST_EXHIBITS, MOST_MARKS, may_see, may_show
from rooms.live.audience import announcement, visible
from rooms.session import fold
from rooms.view.seat_view import ViewExtras
from rooms.vocabulary import ExhibitKind, MarkShape, Purpose, Role, Seat, SeatStatus, Side
from tests.rooms.exhibits.samples import offering
from tests.rooms.scene import (
    BU,
    BUSINESS,
    CO,
    CONSUMER,
    MEDIATOR,
    OB,
    OBSERVER,
    M,
    Scene,
    live,
    party,
    settled,
    system,
)
from tests.rooms.whole import view

STILL = e.Picture("p", 1, 1, "", 1)
LINE = ((0, 0), (5000, 5000), (10_000, 10_000))


def exhibits(scene: Scene, seat: str) -> dict[str, Any]:
    found: dict[str, Any] = view(scene.state, scene.timing, seat, scene.now, ViewExtras())["exhibits"]
    json.dumps(found)
    return found


def listed(scene: Scene, seat: str) -> list[str]:
    return [one["id"] for one in exhibits(scene, seat)["list"]]


def test_what_one_side_brings_everybody_sees_and_the_other_side_answers() -> None:
    scene = live()
    scene.ask(offering(pages=2), CONSUMER)
    assert listed(scene, CO) == listed(scene, BU) == listed(scene, M) == ["x-a"]
    scene.ask(c.DisputeExhibit("x-a", "不是我们的账号"), BUSINESS)
    (one,) = exhibits(scene, CO)["list"]
    assert one["answers"]["business"]["accepted"] is False
    assert one["answers"]["business"]["reason"] == "不是我们的账号"
    scene.ask(c.TakeBackAnswer("x-a"), BUSINESS)
    assert exhibits(scene, M)["list"][0]["answers"] == {}
    scene.ask(c.AcceptExhibit("x-a"), BUSINESS)
    assert scene.state.exhibits.items["x-a"].answers[Side.BUSINESS].accepted
    assert scene.ask(c.AcceptExhibit("x-a"), BUSINESS) == []


def test_nobody_answers_for_their_own_side_nor_the_mediator_for_any() -> None:
    scene = live()
    scene.ask(offering(), CONSUMER)
    for actor in (CONSUMER, MEDIATOR, OBSERVER):
        with pytest.raises(refusals.DomainError):
            scene.ask(c.AcceptExhibit("x-a"), actor)
    scene.ask(replace(offering("x-b"), attachment="a1"), MEDIATOR)
    scene.ask(c.AcceptExhibit("x-b"), CONSUMER)
    scene.ask(c.DisputeExhibit("x-b"), BUSINESS)
    assert set(scene.state.exhibits.items["x-b"].answers) == {Side.CONSUMER, Side.BUSINESS}


def test_a_private_exhibit_is_for_the_own_side_and_the_mediator_until_it_is_released() -> None:
    scene = live()
    scene.ask(c.AddSeat(Seat("s-l", Role.LAWYER, "吴律师", Side.CONSUMER)))
    scene.bring("s-l").bring(OB)
    scene.ask(offering(private=True), CONSUMER)
    offered = next(entry for entry in scene.history if isinstance(entry.event, e.ExhibitConfided))
    assert listed(scene, CO) == listed(scene, M) == listed(scene, "s-l") == ["x-a"]
    assert listed(scene, BU) == listed(scene, OB) == []
    assert not visible(scene.state, offered, BU)
    assert visible(scene.state, offered, "s-l")
    for command, actor in (
        (c.AcceptExhibit("x-a"), BUSINESS),
        (c.ReleaseExhibit("x-a"), BUSINESS),
        (c.WithdrawExhibit("x-a"), BUSINESS),
    ):
        with pytest.raises(rooms.UnknownExhibit):
            scene.ask(command, actor)
    with pytest.raises(rooms.ExhibitPrivate):
        scene.ask(c.ShowExhibit("x-a"))
    with pytest.raises(refusals.NotAllowed):
        scene.ask(c.ReleaseExhibit("x-a"))  # not the mediator's to decide
    scene.ask(c.ReleaseExhibit("x-a"), CONSUMER)
    assert listed(scene, BU) == ["x-a"]
    scene.ask(c.ShowExhibit("x-a"))


def test_only_the_mediator_shows_and_whom_they_let() -> None:
    scene = live()
    scene.ask(offering(pages=3), CONSUMER)
    with pytest.raises(rooms.NoFloor):
        scene.ask(c.ShowExhibit("x-a"), CONSUMER)
    scene.ask(c.LetShow(CO))
    scene.ask(c.ShowExhibit("x-a"), CONSUMER)
    scene.ask(c.TurnPage(3), CONSUMER)
    scene.ask(c.MarkExhibit(MarkShape.PEN, LINE), CONSUMER)
    with pytest.raises(rooms.NoFloor):
        scene.ask(c.TurnPage(1), BUSINESS)
    with pytest.raises(rooms.BadValue):
        scene.ask(c.TurnPage(4), CONSUMER)
    shown = exhibits(scene, BU)["shown"]
    assert (shown["page"], shown["seat"], len(shown["marks"])) == (3, CO, 1)
    scene.ask(c.LetShow(""))
    with pytest.raises(rooms.NoFloor):
        scene.ask(c.PutAwayExhibit(), CONSUMER)
    scene.ask(c.TurnPage(1))
    assert exhibits(scene, BU)["shown"]["marks"] == []  # those of the other page
    scene.ask(c.PutAwayExhibit())
    assert exhibits(scene, BU)["shown"] is None


def test_the_floor_ends_with_its_holders_being_here() -> None:
    scene = live()
    scene.ask(c.LetShow(CO))
    scene.ask(c.Leave(), CONSUMER)
    assert scene.state.exhibits.floor == ""
    assert isinstance(scene.history[-1].event, e.ExhibitFloorGiven | e.Routed)
    with pytest.raises(rooms.NotInRoom):
        scene.ask(c.LetShow(CO))
    with pytest.raises(refusals.NotAllowed):
        scene.bring(OB).ask(c.LetShow(OB))


def test_what_was_shown_or_answered_is_not_withdrawn() -> None:
    scene = live()
    for name in ("x-a", "x-b", "x-c"):
        scene.ask(offering(name), CONSUMER)
    scene.ask(c.ShowExhibit("x-a"))
    scene.ask(c.AcceptExhibit("x-b"), BUSINESS)
    for name in ("x-a", "x-b"):
        with pytest.raises(rooms.ExhibitUsed):
            scene.ask(c.WithdrawExhibit(name), CONSUMER)
    scene.ask(c.WithdrawExhibit("x-c"), CONSUMER)
    assert listed(scene, CO) == ["x-a", "x-b"]
    with pytest.raises(rooms.UnknownExhibit):
        scene.ask(c.ShowExhibit("x-c"))


def test_marks_are_within_limits_and_can_be_taken_off() -> None:
    scene = live()
    scene.ask(offering(), CONSUMER)
    with pytest.raises(rooms.NothingShown):
        scene.ask(c.MarkExhibit(MarkShape.BOX, ((1, 1), (2, 2))))
    scene.ask(c.ShowExhibit("x-a"))
    for points in (((1, 1),), ((1, 1), (2, 2), (3, 3)), ((-1, 0), (1, 1)), ((0, 0), (10_001, 1))):
        with pytest.raises(rooms.BadValue):
            scene.ask(c.MarkExhibit(MarkShape.BOX, points))
    for _ in range(MOST_MARKS):
        scene.ask(c.MarkExhibit(MarkShape.ARROW, ((1, 1), (2, 2))))
    with pytest.raises(rooms.BadValue):
        scene.ask(c.MarkExhibit(MarkShape.ARROW, ((1, 1), (2, 2))))
    scene.ask(c.UnmarkExhibit(3))
    assert [mark["n"] for mark in exhibits(scene, CO)["shown"]["marks"]][:3] == [1, 2, 4]
    scene.ask(c.UnmarkExhibit())
    assert scene.ask(c.UnmarkExhibit()) == []


def test_a_film_is_shown_and_answered_once_it_is_ready() -> None:
    scene = live()
    scene.ask(offering(kind=ExhibitKind.FILM), CONSUMER)
    with pytest.raises(rooms.ExhibitNotReady):
        scene.ask(c.ShowExhibit("x-a"))
    with pytest.raises(rooms.ExhibitNotReady):
        scene.ask(c.AcceptExhibit("x-a"), BUSINESS)
    page = e.Picture("x1/exhibits/x-a/page-1", 640, 480, "d" * 64, 1)
    film = e.Picture("x1/exhibits/x-a/film", 640, 480, "e" * 64, 1, ms=3000)
    system(scene, c.NoteExhibit(e.ExhibitPrepared("x-a", (page,), film)))
    assert exhibits(scene, BU)["list"][0]["state"] == "ready"
    scene.ask(c.ShowExhibit("x-a"))
    assert system(scene, c.NoteExhibit(e.ExhibitUnreadable("x-a", "broken"))) == []


def test_there_are_only_so_many_and_every_title_has_its_limits() -> None:
    scene = live()
    for title, refusal in (("", refusals.Missing), ("长" * 61, refusals.TooLong)):
        with pytest.raises(refusal):
            scene.ask(offering(title=title), CONSUMER)
    for n in range(MOST_EXHIBITS):
        scene.ask(offering(f"x-{n}"), CONSUMER)
    with pytest.raises(rooms.TooManyExhibits):
        scene.ask(offering("x-more"), CONSUMER)


def test_closing_clears_the_table_and_nothing_is_offered_or_answered_any_more() -> None:
    scene = live()
    scene.ask(offering(), CONSUMER)
    scene.ask(c.ShowExhibit("x-a"))
    scene.ask(c.LetShow(BU))
    scene.ask(c.ProposeOutcome(settled(scene.now)))
    scene.ask(c.Close("在场的都同意"))
    assert scene.state.exhibits.showing is None
    assert scene.state.exhibits.floor == ""
    for command, actor in (
        (offering("x-b"), CONSUMER),
        (c.AcceptExhibit("x-a"), BUSINESS),
        (c.ShowExhibit("x-a"), MEDIATOR),
    ):
        with pytest.raises(rooms.AlreadyClosed):
            scene.ask(command, actor)


def test_a_proof_of_performance_is_acknowledged_by_the_other_side_and_stands_with_the_result() -> None:
    scene = live()
    scene.ask(c.ProposeOutcome(settled(scene.now)))
    scene.ask(offering("x-p", "退款凭证", purpose=Purpose.PERFORMANCE, term=1), BUSINESS)
    scene.ask(c.AcceptExhibit("x-p"), CONSUMER)
    scene.ask(c.Close("在场的都同意"))
    body = view(scene.state, scene.timing, BU, scene.now, ViewExtras())
    (proof,) = body["proofs"]
    assert (proof["title"], proof["term"], proof["answers"]["consumer"]["accepted"]) == ("退款凭证", 1, True)


def test_nobody_in_the_room_is_told_where_files_lie() -> None:
    scene = live()
    scene.ask(offering(), CONSUMER)
    for entry in scene.history:
        assert "original-1" not in json.dumps(announcement(scene.state, entry, BU))
    assert "exhibits/" not in json.dumps(exhibits(scene, BU))


def test_what_is_shown_in_a_private_talk_stays_with_those_who_belong_to_it() -> None:
    scene = live().bring(OB)
    scene.ask(offering("x-a"), BUSINESS)
    scene.ask(offering("x-b", private=True), CONSUMER)
    scene.ask(c.ShowExhibit("x-a"))
    scene.ask(c.StartCaucus(Side.CONSUMER))
    assert scene.state.exhibits.showing is None  # the table is cleared at either edge
    begun = len(scene.history)
    scene.ask(c.ShowExhibit("x-b"))
    scene.ask(c.MarkExhibit(MarkShape.ARROW, LINE[:2]))
    for seat in (BU, OB):
        assert exhibits(scene, seat)["shown"] is None
        assert not any(visible(scene.state, entry, seat) for entry in scene.history[begun:])
    assert exhibits(scene, CO)["shown"]["private"] is True
    scene.ask(c.LetShow(BU))
    with pytest.raises(rooms.NoFloor):
        scene.ask(c.ShowExhibit("x-a"), BUSINESS)
    scene.ask(c.EndCaucus())
    assert scene.state.exhibits.showing is None
    assert listed(scene, BU) == ["x-a"]
    with pytest.raises(rooms.ExhibitPrivate):
        scene.ask(c.ShowExhibit("x-b"))


def test_in_a_talk_with_one_side_what_the_other_keeps_private_is_not_shown() -> None:
    scene = live()
    scene.ask(offering("x-b", private=True), BUSINESS)
    scene.ask(c.StartCaucus(Side.CONSUMER))
    with pytest.raises(rooms.ExhibitPrivate):
        scene.ask(c.ShowExhibit("x-b"))


# ---------------------------------------------------------------- anybody, anything

seats = st.sampled_from([M, CO, BU, OB, "s-i", "s-x"])
names = st.sampled_from(["x-a", "x-b", "x-c"])
kinds = st.sampled_from(ExhibitKind)
asked: st.SearchStrategy[c.Command] = st.one_of(
    st.builds(offering, names, st.sampled_from(["付款", "<script>"]), st.integers(1, 3), st.booleans(), kinds),
    st.builds(c.WithdrawExhibit, names),
    st.builds(c.ReleaseExhibit, names),
    st.builds(c.ShowExhibit, names, st.integers(0, 4)),
    st.just(c.PutAwayExhibit()),
    st.builds(c.TurnPage, st.integers(0, 4)),
    st.builds(c.MarkExhibit, st.sampled_from(MarkShape), st.sampled_from([LINE, LINE[:2], LINE[:1]])),
    st.builds(c.UnmarkExhibit, st.integers(0, 3)),
    st.builds(c.LetShow, st.sampled_from(["", CO, BU, OB, "s-x"])),
    st.builds(c.AskExhibit, seats),
    st.builds(c.AcceptExhibit, names),
    st.builds(c.DisputeExhibit, names, st.sampled_from(["", "不对"])),
    st.builds(c.TakeBackAnswer, names),
    st.builds(lambda name: c.NoteExhibit(e.ExhibitUnreadable(name, "broken")), names),
    st.builds(lambda name: c.NoteExhibit(e.ExhibitPrepared(name, (STILL,), STILL)), names),
    st.just(c.Leave()),
    st.builds(c.Remove, st.sampled_from([CO, BU]), st.just("理由")),
    st.just(c.StartRecess()),
    st.just(c.EndRecess()),
    st.builds(c.StartCaucus, st.sampled_from(Side)),
    st.just(c.EndCaucus()),
    st.builds(c.Admit, seats),
    st.just(c.Arrive()),
)
people: st.SearchStrategy[Actor] = st.one_of(
    st.sampled_from([MEDIATOR, MEDIATOR, CONSUMER, BUSINESS, SYSTEM]), seats.map(party)
)


class AnyTable(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.scene = live().bring(OB)

    @rule(command=asked, actor=people)
    def anybody_asks_anything(self, command: c.Command, actor: Actor) -> None:
        before = self.scene.state
        try:
            self.scene.ask(command, actor)
        except refusals.DomainError:
            assert self.scene.state is before

    @invariant()
    def what_lies_on_the_table_is_ready_and_for_everybody_who_sees_it(self) -> None:
        state = self.scene.state
        showing = state.exhibits.showing
        if showing is None:
            return
        one = state.exhibits.items[showing.exhibit]
        assert one.ready
        assert one.shown
        assert not one.withdrawn
        assert 1 <= showing.page <= len(one.pages)
        caucus = state.caucus
        assert showing.talk == (caucus.number if caucus else 0)
        assert not one.private or (caucus is not None and one.side in (None, caucus.side))
        assert len(showing.marks) <= MOST_MARKS

    @invariant()
    def no_side_answers_its_own_and_none_a_private_or_withdrawn_one(self) -> None:
        for one in self.scene.state.exhibits.items.values():
            assert one.side not in one.answers
            if one.answers:
                assert not one.private
                assert not one.withdrawn

    @invariant()
    def the_floor_is_held_by_somebody_who_is_here(self) -> None:
        state = self.scene.state
        if state.exhibits.floor:
            assert state.seats[state.exhibits.floor].status in (SeatStatus.PRESENT, SeatStatus.RECONNECTING)
            assert may_show(state, state.exhibits.floor) or state.caucus is not None

    @invariant()
    def the_other_side_never_sees_what_is_private(self) -> None:
        state = self.scene.state
        for one in state.exhibits.items.values():
            for seat in state.seats.values():
                if one.private and seat.side not in (one.side, None):
                    assert not may_see(state, seat, one)
                    told = [entry for entry in self.scene.history if getattr(entry.event, "exhibit", "") == one.id]
                    assert not any(visible(state, entry, seat.id) for entry in told)

    @invariant()
    def folding_the_written_journal_gives_the_same_state(self) -> None:
        if len(self.scene.history) % 7:
            return
        drafts = [events.event_draft(entry.event, entry.at, entry.actor) for entry in self.scene.history]
        assert fold(events.history(sealed("session/x1", 0, "", drafts))) == self.scene.state


AnyTable.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestAnyTable = AnyTable.TestCase
