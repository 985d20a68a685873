"""Private talks: who is in one, what it does to sound, pictures, screens, recording and chat, and how it ends."""

from __future__ import annotations

import json
from typing import Any

import pytest

import rooms
from journal import refusals
from rooms import commands as c, events as e
from rooms.live.audience import visible
from rooms.vocabulary import Phase, Role, Seat, Side, Status
from tests.rooms.scene import BU, BUSINESS, CO, CONSUMER, IN, OB, SEATS, M, Scene, live, settled, system
from tests.rooms.whole import lines, view

LAW, TWO = "s-l", "s-n"
EVERYBODY = (
    *SEATS,
    Seat(LAW, Role.LAWYER, "吴律师", Side.BUSINESS),
    Seat(TWO, Role.INTERPRETER, "手语翻译"),
)
CONSUMERS, BUSINESSES = c.StartCaucus(Side.CONSUMER), c.StartCaucus(Side.BUSINESS)


def full(*seats: str) -> Scene:
    """Mediator, consumer and business in the room, and whoever else is named."""
    scene = live()
    for seat in EVERYBODY[len(SEATS) :]:
        scene.ask(c.AddSeat(seat))
    for id_ in seats:
        scene.bring(id_)
    return scene


def seen(scene: Scene, seat: str) -> dict[str, Any]:
    return view(scene.state, scene.timing, seat, scene.now)


def told(scene: Scene, seat: str) -> list[str]:
    return [type(entry.event).__name__ for entry in scene.history if visible(scene.state, entry, seat)]


def test_a_talk_moves_the_mediator_and_one_side_into_private_and_nobody_else_receives_anything() -> None:
    scene = full(LAW, TWO, OB)
    scene.ask(BUSINESSES)
    routes = scene.state.routed
    assert routes.hears == {M: (BU, LAW), BU: (M, LAW), LAW: (M, BU)}
    assert routes.sees == routes.hears
    assert routes.recorded == ()
    assert seen(scene, CO)["caucus"] == {
        "number": 1, "side": "business", "members": [M, BU, LAW], "since": "2026-04-20T09:00:00.000Z", "inside": False,
    }  # fmt: skip


def test_an_interpreter_of_neither_side_comes_along_only_when_chosen() -> None:
    scene = full(TWO, IN)
    scene.ask(CONSUMERS)
    assert set(scene.state.routed.hears) == {M, CO, IN}, "their own interpreter always does"
    scene.ask(c.EndCaucus())
    scene.ask(c.StartCaucus(Side.CONSUMER, (TWO,)))
    assert set(scene.state.routed.hears) == {M, CO, IN, TWO}


def test_the_interpreter_of_the_other_side_never_comes_along() -> None:
    with pytest.raises(rooms.BadValue):
        full(IN).ask(c.StartCaucus(Side.BUSINESS, (IN,)))


def test_one_tap_ends_it_and_everybody_is_as_before() -> None:
    scene = full(LAW)
    before = scene.state.routed
    scene.ask(CONSUMERS)
    assert scene.ask(c.EndCaucus())[0] == e.CaucusEnded(1, "mediator")
    assert scene.state.routed == before
    assert scene.ask(c.EndCaucus()) == []


def test_from_one_side_to_the_other_nobody_meets_in_between() -> None:
    scene = full()
    scene.ask(CONSUMERS)
    events = scene.ask(BUSINESSES)
    assert [type(event) for event in events] == [e.CaucusEnded, e.CaucusStarted, e.Routed]
    assert scene.state.routed.hears == {M: (BU,), BU: (M,)}
    assert scene.ask(BUSINESSES) == []


def test_only_the_mediator_begins_and_ends_a_talk() -> None:
    scene = full()
    for command in (CONSUMERS, c.EndCaucus()):
        with pytest.raises(refusals.NotAllowed):
            scene.ask(command, CONSUMER)


def test_there_is_no_talk_with_a_side_that_is_not_there() -> None:
    scene = full()
    scene.ask(c.Leave(), BUSINESS)
    with pytest.raises(rooms.NobodyThere):
        scene.ask(BUSINESSES)


def test_recording_stops_for_everybody_and_says_why() -> None:
    scene = full()
    for seat in (M, CO, BU):
        system(scene, c.NoteRecording(e.RecordingStarted(seat)))
    events = scene.ask(CONSUMERS)
    assert [event for event in events if isinstance(event, e.RecordingStopped)] == [
        e.RecordingStopped(seat, "caucus") for seat in (M, CO, BU)
    ]
    assert system(scene, c.NoteRecording(e.RecordingStarted(BU))) == [], "a late byte switches no sign on"


@pytest.mark.parametrize(
    ("command", "actor", "cause"),
    [
        (c.StartRecess(), None, "recess"),
        (c.Leave(), None, "mediator_left"),
        (c.Leave(), CONSUMER, "alone"),
        (c.Remove(CO, "理由"), None, "alone"),
    ],
)
def test_what_a_talk_cannot_outlast_ends_it(command: c.Command, actor: Any, cause: str) -> None:
    scene = full()
    scene.ask(CONSUMERS)
    events = scene.ask(command, *([actor] if actor else []))
    assert e.CaucusEnded(1, cause) in events
    assert scene.state.caucus is None


def test_a_talk_outlasts_a_broken_connection_and_a_restart_of_the_server() -> None:
    scene = full()
    scene.ask(CONSUMERS)
    routes = scene.state.routed
    system(scene, c.NoteConnection(CO, False, "media"))
    system(scene, c.NoteConnection(CO, True))
    system(scene, c.Resume())
    for seat in (M, CO, BU):
        system(scene, c.NoteConnection(seat, True))
    assert scene.state.caucus is not None
    assert scene.state.routed == routes


def test_closing_ends_it() -> None:
    scene = full()
    scene.ask(c.ProposeOutcome(settled()))
    scene.ask(CONSUMERS)
    scene.ask(c.Close("双方都看过"))
    assert scene.state.status is Status.CLOSED
    assert e.CaucusEnded(1, "closed") in [entry.event for entry in scene.history]


def test_no_phase_begins_while_one_side_is_away() -> None:
    scene = full()
    scene.ask(CONSUMERS)
    with pytest.raises(rooms.InCaucus):
        scene.ask(c.EnterPhase(Phase.DISCUSSION))


def test_whoever_of_the_side_is_let_in_meanwhile_is_in_the_talk_and_nobody_else() -> None:
    scene = full()
    scene.ask(BUSINESSES)
    scene.bring(LAW)
    scene.bring(IN)
    assert scene.state.routed.hears == {M: (BU, LAW), BU: (M, LAW), LAW: (M, BU)}


def test_a_screen_is_never_seen_by_more_than_when_it_was_first_shown() -> None:
    scene = full()
    scene.ask(c.SetScreen(True), BUSINESS)
    scene.ask(c.SetScreen(True), CONSUMER)
    assert e.ScreenStopped(BU) in scene.ask(CONSUMERS), "of whoever waits nothing flows in"
    assert scene.state.seats[CO].screen
    scene.ask(c.SetScreen(True))
    ended = scene.ask(c.EndCaucus())
    assert [event for event in ended if isinstance(event, e.ScreenStopped)] == [e.ScreenStopped(M), e.ScreenStopped(CO)]


# ------------------------------------------------------------ chat


def test_what_is_written_in_a_talk_is_for_its_members_only_for_ever() -> None:
    scene = full(OB)
    scene.ask(CONSUMERS)
    scene.ask(c.Say("最低两千", caucus=1), CONSUMER)
    scene.ask(c.EndCaucus())
    scene.bring(LAW)
    assert [said["text"] for said in lines(scene, M)] == ["最低两千"]
    assert lines(scene, CO)[0] == {
        "n": 1, "seat": CO, "to": "", "text": "最低两千", "at": "2026-04-20T09:00:00.000Z", "caucus": 1,
    }  # fmt: skip
    for other in (BU, LAW, OB):
        assert lines(scene, other) == []
        assert "Confided" not in told(scene, other)


def test_who_waits_writes_to_the_mediator_and_is_answered() -> None:
    scene = full()
    scene.ask(CONSUMERS)
    scene.ask(c.Say("我最多退一千五", M), BUSINESS)
    scene.ask(c.Say("请再等两分钟", BU))
    assert [said["text"] for said in lines(scene, BU)] == ["我最多退一千五", "请再等两分钟"]
    assert lines(scene, CO) == []
    with pytest.raises(rooms.InCaucus):
        scene.ask(c.Say("大家好"), BUSINESS)
    with pytest.raises(refusals.NotAllowed):
        scene.ask(c.Say("喂", CO), BUSINESS)


def test_what_was_meant_for_few_never_reaches_all_because_the_talk_ended_on_the_way() -> None:
    scene = full()
    scene.ask(CONSUMERS)
    with pytest.raises(rooms.Moved):
        scene.ask(c.Say("给大家的"), CONSUMER)
    scene.ask(c.EndCaucus())
    with pytest.raises(rooms.Moved):
        scene.ask(c.Say("只给您的", caucus=1), CONSUMER)


# ------------------------------------------------------------ what others see of it


def test_of_what_goes_on_in_a_talk_who_waits_sees_nothing() -> None:
    scene = full()
    scene.ask(CONSUMERS)
    before, heard = json.dumps(seen(scene, BU)), told(scene, BU)
    system(scene, c.NoteSpeaking(CO, True))
    scene.ask(c.SetScreen(True), CONSUMER)
    scene.ask(c.SetHand(True), CONSUMER)
    scene.ask(c.Say("悄悄话", caucus=1), CONSUMER)
    assert json.dumps(seen(scene, BU)) == before
    assert told(scene, BU) == heard


def test_who_waits_is_not_said_to_speak() -> None:
    scene = full()
    system(scene, c.NoteSpeaking(BU, True))
    assert e.SpeakingStopped(BU) in scene.ask(CONSUMERS)
    assert system(scene, c.NoteSpeaking(BU, True)) == []


def test_time_in_a_talk_is_measured_for_its_side_and_is_neither_joint_nor_anybodys_speaking() -> None:
    scene = full()
    scene.wait(minutes=5)
    scene.ask(CONSUMERS)
    system(scene, c.NoteSpeaking(CO, True))
    scene.wait(minutes=4)
    scene.ask(BUSINESSES)
    scene.wait(minutes=2)
    scene.ask(c.EndCaucus())
    scene.wait(minutes=1)
    timing = scene.timing
    assert timing.caucus_ms == {Side.CONSUMER: 240_000, Side.BUSINESS: 120_000}
    assert timing.joint_ms == 360_000
    assert timing.seats[CO].spoke_ms == 0
    assert timing.session_ms == 720_000
