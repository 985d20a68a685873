from __future__ import annotations

import pytest

import rooms
from journal import refusals
from rooms import commands as c, events as e
from rooms.media.rules import matrix
from rooms.vocabulary import Opening, Phase, Status
from tests.rooms.scene import BU, BUSINESS, CO, CONSUMER, IN, OB, OBSERVER, M, live, opened, party, scheduled, system
from tests.rooms.whole import lines


def test_neither_side_hears_the_other_before_both_are_admitted() -> None:
    scene = opened().bring(CO).prepare(BU)
    scene.ask(c.Arrive(), BUSINESS)
    routes = matrix(scene.state)
    assert routes.hears == {M: (CO,), CO: (M,)}
    assert BU not in routes.sees
    events = scene.ask(c.Admit(BU))
    assert events[0] == e.Admitted(BU)
    assert isinstance(events[1], e.Routed)
    assert events[1].hears[BU] == (M, CO)


def test_an_observer_receives_everybody_and_sends_nothing() -> None:
    scene = live().bring(OB)
    routes = matrix(scene.state)
    assert routes.hears[OB] == routes.sees[OB] == (M, CO, BU)
    assert all(OB not in received for received in [*routes.hears.values(), *routes.sees.values(), routes.recorded])
    with pytest.raises(refusals.NotAllowed):
        scene.ask(c.SetCamera(True), OBSERVER)


def test_the_mediator_mutes_and_only_the_person_unmutes() -> None:
    scene = live()
    assert scene.ask(c.Mute(CO))[0] == e.Muted(CO, M)
    assert scene.state.routed.hears[BU] == (M,)
    assert scene.state.routed.sees[BU] == (M, CO)
    assert scene.ask(c.Mute(CO)) == []
    assert scene.ask(c.AskUnmute(CO)) == [e.UnmuteAsked(CO)]
    scene.ask(c.Unmute())
    assert scene.state.seats[CO].muted
    scene.ask(c.Unmute(), CONSUMER)
    assert not scene.state.seats[CO].muted


def test_a_party_mutes_nobody_but_themselves() -> None:
    scene = live()
    with pytest.raises(refusals.NotAllowed):
        scene.ask(c.Mute(BU), CONSUMER)
    assert scene.ask(c.Mute(CO), CONSUMER)[0] == e.Muted(CO, CO)


def test_whoever_is_muted_while_speaking_stops_speaking() -> None:
    scene = live()
    system(scene, c.NoteSpeaking(CO, True))
    assert scene.ask(c.Mute(CO))[:2] == [e.Muted(CO, M), e.SpeakingStopped(CO)]
    assert system(scene, c.NoteSpeaking(CO, True)) == []


def test_in_a_recess_nobody_hears_sees_or_records_anybody() -> None:
    scene = live()
    system(scene, c.NoteSpeaking(BU, True))
    system(scene, c.NoteRecording(e.RecordingStarted(BU)))
    events = scene.ask(c.StartRecess())
    assert events == [
        e.RecessStarted(),
        e.SpeakingStopped(BU),
        e.RecordingStopped(BU, "recess"),
        e.Routed({}, {}, ()),
    ]
    with pytest.raises(refusals.WrongState):
        scene.ask(c.EnterPhase(Phase.DISCUSSION))
    scene.ask(c.EndRecess())
    assert scene.state.status is Status.LIVE
    assert scene.state.routed.hears[CO] == (M, BU)


def test_phases_go_forward_and_back_and_the_same_again_is_nothing() -> None:
    scene = live()
    assert scene.ask(c.EnterPhase(Phase.DISCUSSION)) == [e.PhaseEntered(Phase.DISCUSSION)]
    assert scene.ask(c.EnterPhase(Phase.DISCUSSION)) == []
    assert scene.ask(c.EnterPhase(Phase.CONSUMER_STATEMENT)) == [e.PhaseEntered(Phase.CONSUMER_STATEMENT)]


def test_what_the_opening_covered_can_be_ticked_and_unticked() -> None:
    scene = live()
    scene.ask(c.CoverOpening(Opening.RIGHTS))
    assert scene.state.covered == {Opening.RIGHTS}
    scene.ask(c.CoverOpening(Opening.RIGHTS, done=False))
    assert scene.state.covered == frozenset()


def test_parties_write_to_all_or_to_the_mediator_never_past_them() -> None:
    scene = live()
    scene.ask(c.Say(" 您好 "), CONSUMER)
    scene.ask(c.Say("只跟您说", M), CONSUMER)
    scene.ask(c.Say("收到", CO))
    with pytest.raises(refusals.NotAllowed):
        scene.ask(c.Say("私下谈", BU), CONSUMER)
    with pytest.raises(rooms.UnknownSeat):
        scene.ask(c.Say("喂", "nobody"), CONSUMER)
    with pytest.raises(refusals.TooLong):
        scene.ask(c.Say("长" * 2001), CONSUMER)
    with pytest.raises(refusals.Missing):
        scene.ask(c.Say("   "), CONSUMER)
    assert [(said["n"], said["text"], said["to"]) for said in lines(scene, M)] == [
        (1, "您好", ""),
        (2, "只跟您说", M),
        (3, "收到", CO),
    ]


def test_screens_are_for_those_who_have_something_to_show() -> None:
    scene = live().bring(IN)
    assert scene.ask(c.SetScreen(True), CONSUMER) == [e.ScreenShared(CO)]
    assert scene.ask(c.SetScreen(True), CONSUMER) == []
    with pytest.raises(refusals.NotAllowed):
        scene.ask(c.SetScreen(True), party(IN))


def test_hands_go_up_and_down_and_the_mediator_has_none() -> None:
    scene = live()
    assert scene.ask(c.SetHand(True), CONSUMER) == [e.HandRaised(CO)]
    assert scene.ask(c.SetHand(True), CONSUMER) == []
    assert scene.ask(c.SetHand(False), CONSUMER) == [e.HandLowered(CO)]
    with pytest.raises(refusals.NotAllowed):
        scene.ask(c.SetHand(True))


def test_speaking_is_noted_only_of_those_present() -> None:
    scene = live()
    assert system(scene, c.NoteSpeaking(OB, True)) == []
    assert system(scene, c.NoteSpeaking(CO, True)) == [e.SpeakingStarted(CO)]
    assert system(scene, c.NoteSpeaking(CO, True)) == []
    system(scene, c.NoteConnection(CO, False))
    assert scene.state.seats[CO].speaking_since is None


def test_somebody_still_waiting_asks_nothing_of_the_room() -> None:
    scene = opened().prepare(CO)
    scene.ask(c.Arrive(), CONSUMER)
    for command in (c.Say("在吗"), c.Mute(CO), c.SetHand(True), c.SetCamera(True), c.SeeOutcome()):
        with pytest.raises(rooms.NotInRoom):
            scene.ask(command, CONSUMER)


def test_a_room_that_has_not_been_opened_has_nothing_to_interrupt() -> None:
    assert system(scheduled(), c.StartRecess()) == []
