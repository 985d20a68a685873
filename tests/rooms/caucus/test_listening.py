"""Consulting with one's own side, and the interpreter's channel."""

from __future__ import annotations

import pytest

from journal import refusals
from rooms import commands as c, events as e
from rooms.vocabulary import FloorChannel, Side
from tests.rooms.caucus.test_caucus import LAW, TWO, full
from tests.rooms.scene import BU, BUSINESS, CO, CONSUMER, IN, OB, M, party, system
from tests.rooms.whole import view

WHISPER = c.StartConsulting(BU)


def test_two_who_consult_hear_each_other_and_the_room_and_nobody_hears_them() -> None:
    scene = full(LAW)
    for seat in (BU, LAW):
        system(scene, c.NoteRecording(e.RecordingStarted(seat)))
    events = scene.ask(WHISPER, party(LAW))
    assert scene.state.routed.hears == {M: (CO,), CO: (M,), BU: (M, CO, LAW), LAW: (M, CO, BU)}
    assert scene.state.routed.sees[CO] == (M, BU, LAW)
    assert scene.state.routed.recorded == (M, CO)
    assert e.RecordingStopped(LAW, "consulting") in events
    assert view(scene.state, scene.timing, CO, scene.now)["consulting"][0]["seats"] == [LAW, BU], "everybody sees it"


def test_either_of_the_two_ends_it() -> None:
    for who in (party(LAW), BUSINESS):
        scene = full(LAW)
        before = scene.state.routed
        scene.ask(WHISPER, party(LAW))
        assert scene.ask(c.EndConsulting(), who)[0] == e.ConsultingEnded(LAW, BU, "asked")
        assert scene.state.routed == before
        assert scene.ask(c.EndConsulting(), who) == []


def test_nobody_consults_past_their_own_side_or_without_somebody_who_acts_for_it() -> None:
    scene = full(LAW, IN)
    for seat, who in ((CO, party(LAW)), (M, party(LAW)), (LAW, CONSUMER), (BU, CONSUMER), (IN, CONSUMER)):
        with pytest.raises(refusals.NotAllowed):
            scene.ask(c.StartConsulting(seat), who)


def test_a_party_can_begin_it_too_and_they_can_whisper_while_they_wait_or_in_a_private_talk() -> None:
    scene = full(LAW)
    scene.ask(c.StartConsulting(LAW), BUSINESS)
    scene.ask(c.StartCaucus(Side.CONSUMER))
    assert scene.state.routed.hears == {M: (CO,), CO: (M,), BU: (LAW,), LAW: (BU,)}
    scene.ask(c.StartCaucus(Side.BUSINESS))
    assert scene.state.routed.hears == {BU: (M, LAW), LAW: (M, BU)}


def test_consulting_ends_with_a_recess_and_when_one_of_the_two_is_gone() -> None:
    scene = full(LAW)
    scene.ask(WHISPER, party(LAW))
    assert e.ConsultingEnded(LAW, BU, "recess") in scene.ask(c.StartRecess())
    scene.ask(c.EndRecess())
    scene.ask(WHISPER, party(LAW))
    assert e.ConsultingEnded(LAW, BU, "left") in scene.ask(c.Leave(), party(LAW))


def test_whispering_is_not_speaking() -> None:
    scene = full(LAW)
    system(scene, c.NoteSpeaking(BU, True))
    assert e.SpeakingStopped(BU) in scene.ask(WHISPER, party(LAW))
    assert system(scene, c.NoteSpeaking(LAW, True)) == []


def test_a_listener_chooses_the_floor_the_interpreter_or_both() -> None:
    scene = full(TWO, OB)
    assert scene.state.routed.hears[CO] == (M, BU, TWO)
    for channel, heard in (
        (FloorChannel.FLOOR, (M, BU)),
        (FloorChannel.INTERPRETER, (TWO,)),
        (FloorChannel.BOTH, (M, BU, TWO)),
    ):
        scene.ask(c.ChooseChannel(channel), CONSUMER)
        assert scene.state.routed.hears[CO] == heard
        assert view(scene.state, scene.timing, CO, scene.now)["channel"] == channel.value
    assert scene.state.routed.hears[BU] == (M, CO, TWO), "each for themselves"
    assert scene.ask(c.ChooseChannel(FloorChannel.BOTH), CONSUMER) == []


def test_whoever_chose_the_interpreter_hears_the_room_while_there_is_none_to_hear() -> None:
    scene = full(TWO)
    scene.ask(c.ChooseChannel(FloorChannel.INTERPRETER), CONSUMER)
    scene.ask(c.Mute(TWO))
    assert scene.state.routed.hears[CO] == (M, BU)
    scene.ask(c.Unmute(), party(TWO))
    scene.ask(c.StartCaucus(Side.CONSUMER))
    assert scene.state.routed.hears[CO] == (M,), "the interpreter did not come along"
    scene.ask(c.EndCaucus())
    system(scene, c.NoteConnection(TWO, False, "socket"))
    assert scene.state.routed.hears[CO][:2] == (M, BU)


def test_an_interpreter_hears_what_there_is_to_translate() -> None:
    scene = full(TWO)
    with pytest.raises(refusals.NotAllowed):
        scene.ask(c.ChooseChannel(FloorChannel.INTERPRETER), party(TWO))
    assert scene.state.routed.hears[TWO] == (M, CO, BU)
