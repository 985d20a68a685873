"""Taking part by an ordinary call: rung or dialled in, answers by key, no pictures, and how it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from journal import SYSTEM
from journal.refusals import NotAllowed
from rooms import BadValue, CallUnderWay, IdentityNeeded, SeatPresent, commands as c, events as e
from rooms.media.rules import matrix
from rooms.view.seat_view import RoomContext, ViewExtras
from rooms.vocabulary import Consent, SeatStatus
from tests.rooms.scene import BU, BUSINESS, CO, CONSUMER, START, M, Scene, live, opened
from tests.rooms.whole import view

TEXT = "2026-12-01.3"


def keyed(kind: Consent, key: str = "1", call: str = "t1") -> c.KeyConsent:
    return c.KeyConsent(call, kind, key == "1", key, TEXT)


def answered(scene: Scene, way: str = "out") -> Scene:
    scene.ask(c.BeginCall(CO, "t1", way), SYSTEM)
    scene.ask(c.NoteCall(CO, "t1", "answered"), SYSTEM)
    scene.ask(c.ConfirmIdentity("call"), CONSUMER)
    return scene


def on_the_telephone() -> Scene:
    scene = answered(opened())
    for kind in Consent:
        scene.ask(keyed(kind), CONSUMER)
    scene.ask(c.CheckDevice("audio", (), True), CONSUMER)
    scene.ask(c.Admit(CO))
    return scene


def test_a_call_rings_is_answered_and_ends_and_each_is_told_once() -> None:
    scene = opened()
    assert scene.ask(c.BeginCall(CO, "t1", "out")) == [e.CallBegun(CO, "t1", "out")]
    assert scene.state.seats[CO].call_state == "calling"
    ringing = c.NoteCall(CO, "t1", "ringing")
    assert scene.ask(ringing, SYSTEM) == [e.CallProgressed(CO, "t1", "ringing")]
    assert scene.ask(ringing, SYSTEM) == []
    assert scene.ask(c.NoteCall(CO, "t1", "answered"), SYSTEM) == [e.CallProgressed(CO, "t1", "answered")]
    assert scene.ask(ringing, SYSTEM) == [], "it does not ring any more"
    assert scene.ask(c.EndCall(CO, "t1", "busy"), SYSTEM) == [e.CallEnded(CO, "t1", "busy")]
    assert scene.ask(c.EndCall(CO, "t1", "person"), SYSTEM) == []
    assert (scene.state.seats[CO].call, scene.state.seats[CO].call_ended) == ("", "busy")


def test_an_answer_by_key_is_the_same_answer_and_says_that_it_was_keyed() -> None:
    scene = answered(opened())
    given = scene.ask(keyed(Consent.RECORD), CONSUMER)
    assert given == [e.ConsentGiven(CO, Consent.RECORD, TEXT), e.ConsentKeyed(CO, "t1", Consent.RECORD, "1")]
    refused = scene.ask(keyed(Consent.TRANSCRIBE, "2"), CONSUMER)
    assert refused == [
        e.ConsentRefused(CO, Consent.TRANSCRIBE, TEXT),
        e.ConsentKeyed(CO, "t1", Consent.TRANSCRIBE, "2"),
    ]
    assert scene.ask(keyed(Consent.RECORD), CONSUMER) == []


def sound(path: str = f"another/{CO}/20261201T010000000Z-consent.webm") -> c.AnswerSound:
    return c.AnswerSound(path, "ab" * 32, 12_000, START, START + timedelta(seconds=4), 1200, "cd" * 32, 12_200)


def test_what_was_said_when_they_agreed_is_named_behind_the_key_and_belongs_to_the_session() -> None:
    scene, kept = answered(opened()), sound(f"{opened().state.id}/{CO}/20261201T010000000Z-consent.webm")
    given = scene.ask(replace(keyed(Consent.RECORD), sound=kept), CONSUMER)
    assert [type(one) for one in given] == [e.ConsentGiven, e.ConsentKeyed, e.ConsentSpoken]
    [spoken] = scene.state.spoken
    assert (spoken.seat, spoken.call, spoken.kind, spoken.path) == (CO, "t1", Consent.RECORD, kept.path)
    assert (spoken.sha256, spoken.stored_size, spoken.audible_ms) == (kept.sha256, 12_200, 1200)
    assert scene.ask(replace(keyed(Consent.RECORD), sound=kept), CONSUMER) == [], "it is answered"
    for no in (replace(keyed(Consent.TRANSCRIBE, "2"), sound=kept), replace(keyed(Consent.TRANSCRIBE), sound=sound())):
        with pytest.raises(BadValue):
            scene.ask(no, CONSUMER)


@pytest.mark.parametrize(
    "wrong", [keyed(Consent.RECORD, "12"), keyed(Consent.RECORD, "x"), keyed(Consent.RECORD, call="t0")]
)
def test_a_key_counts_only_in_the_seats_own_answered_call(wrong: c.KeyConsent) -> None:
    with pytest.raises(BadValue):
        answered(opened()).ask(wrong, CONSUMER)


def test_nothing_is_anybodys_answer_before_they_have_shown_who_they_are() -> None:
    scene = opened()
    scene.ask(c.BeginCall(CO, "t1", "out"), SYSTEM)
    scene.ask(c.NoteCall(CO, "t1", "answered"), SYSTEM)
    with pytest.raises(IdentityNeeded):
        scene.ask(keyed(Consent.RECORD), CONSUMER)


def test_the_mediator_sees_that_somebody_is_being_asked_until_they_wait_at_the_door() -> None:
    def shown() -> str:
        body = view(scene.state, scene.timing, M, scene.now, ViewExtras(RoomContext("一所", "027", {})))
        return next(str(seat["call"]) for seat in body["seats"] if seat["id"] == CO)

    scene = opened()
    scene.ask(c.BeginCall(CO, "t1", "out"), SYSTEM)
    assert shown() == "calling"
    scene.ask(c.NoteCall(CO, "t1", "answered"), SYSTEM)
    assert shown() == "asked"
    scene.ask(c.ConfirmIdentity("call"), CONSUMER)
    for kind in Consent:
        scene.ask(keyed(kind), CONSUMER)
        assert shown() == "asked"
    scene.ask(c.CheckDevice("audio", (), True), CONSUMER)
    assert (shown(), scene.state.seats[CO].status) == ("answered", SeatStatus.WAITING)


def test_one_call_for_a_seat_and_none_for_who_is_there() -> None:
    with pytest.raises(CallUnderWay):
        answered(opened()).ask(c.BeginCall(CO, "t2", "in"), SYSTEM)
    with pytest.raises(SeatPresent):
        live().ask(c.BeginCall(CO, "t1", "out"))
    for by in (CONSUMER, BUSINESS):
        with pytest.raises(NotAllowed):
            opened().ask(c.BeginCall(CO, "t1", "out"), by)
    with pytest.raises(BadValue):
        opened().ask(c.BeginCall(M, "t1", "out"))


def test_by_telephone_a_seat_hears_is_recorded_and_becomes_text_and_gets_no_pictures() -> None:
    scene = on_the_telephone()
    scene.ask(c.AskCaptions(True))
    routes = matrix(scene.state)
    assert CO in routes.hears[M]
    assert M in routes.hears[CO]
    assert CO not in routes.sees
    assert CO in routes.recorded
    assert CO in routes.captioned


def test_in_a_private_talk_of_others_it_hears_nobody_and_nobody_hears_it() -> None:
    scene = on_the_telephone()
    scene.prepare(BU)
    scene.ask(c.Arrive(), BUSINESS)
    scene.ask(c.Admit(BU))
    scene.ask(c.StartCaucus(scene.state.seats[BU].seat.side))  # type: ignore[arg-type]
    routes = matrix(scene.state)
    assert CO not in routes.hears
    assert not any(CO in heard for heard in routes.hears.values())
    assert routes.recorded == ()


def test_a_restart_ends_every_call_and_keeps_the_seat() -> None:
    scene = on_the_telephone()
    told = scene.ask(c.Resume(), SYSTEM)
    assert e.CallEnded(CO, "t1", "server") in told
    assert scene.state.seats[CO].status is SeatStatus.RECONNECTING
