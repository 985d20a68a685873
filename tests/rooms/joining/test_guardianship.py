"""Minors in the room: who decides for them, who has to be there, and what the papers are signed by."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

import rooms
from journal import Actor, refusals
from rooms import commands as c, events as e
from rooms.agreement.outcome import decider
from rooms.vocabulary import Capacity, Consent, Role, Seat, Side
from tests.rooms.scene import CO, CONSUMER, SEATS, START, Scene, scheduling

GUARDIAN = Seat("guardian", Role.REPRESENTATIVE, "丁母", Side.CONSUMER, age="", guardian="母亲")
MOTHER = Actor("party", "guardian", "丁母", "representative", "o1")


def seats(age: str) -> tuple[Seat, ...]:
    return (*(replace(seat, age=age) if seat.id == CO else seat for seat in SEATS), GUARDIAN)


def room(age: str) -> Scene:
    scene = Scene()
    scene.ask(scheduling(seats(age)))
    scene.ask(c.Arrive())
    return scene


@pytest.mark.parametrize("age", ["minor", "child"])
def test_a_minor_is_let_in_with_their_guardian_and_the_guardian_decides(age: str) -> None:
    scene = room(age)
    waits(scene, CO, CONSUMER, age)
    with pytest.raises(rooms.GuardianMissing):
        scene.ask(c.Admit(CO))
    waits(scene, "guardian", MOTHER)
    assert scene.ask(c.Admit("guardian"))[:2] == [
        e.Admitted("guardian"),
        e.AuthorityRecorded("guardian", Capacity.GUARDIAN, False, "母亲"),
    ]
    scene.ask(c.Admit(CO))
    assert scene.state.seats[CO].in_room
    assert decider(scene.state, Side.CONSUMER) == "guardian"  # although the minor is there


def test_a_minor_cannot_be_recorded_as_acting_alone_but_at_16_on_their_own_earnings() -> None:
    """Civil Code Art 18; the mediator writes down on what they rest it."""
    scene = room("minor")
    waits(scene, CO, CONSUMER, "minor")
    with pytest.raises(rooms.GuardianMissing):
        scene.ask(c.RecordAuthority(CO, Capacity.SELF))
    scene.ask(c.RecordAuthority(CO, Capacity.SELF, basis="已满16周岁，以自己的劳动收入为主要生活来源"))
    scene.ask(c.Admit(CO))
    assert decider(scene.state, Side.CONSUMER) == CO
    child = room("child")
    with pytest.raises(rooms.GuardianMissing):
        child.ask(c.RecordAuthority(CO, Capacity.SELF, basis="随便写写"))


def test_a_child_consents_to_nothing_before_a_guardian_did() -> None:
    scene = room("")
    scene.ask(c.ConfirmIdentity("code"), CONSUMER)
    with pytest.raises(refusals.GuardianNeeded):
        scene.ask(c.StateAge("child", "丁母", "母亲"), CONSUMER)
    with pytest.raises(refusals.Missing):
        scene.ask(c.StateAge("child", "", "母亲", True, "v1"), CONSUMER)
    scene.ask(c.StateAge("minor", "丁母", "母亲"), CONSUMER)
    child = room("child")
    child.ask(c.ConfirmIdentity("code"), CONSUMER)
    for kind in Consent:
        with pytest.raises(refusals.GuardianNeeded):
            child.ask(c.AnswerConsent(kind, True, "v1"), CONSUMER)
    child.ask(c.AnswerConsent(Consent.RECORD, False, "v1"), CONSUMER)  # a no is always taken
    child.ask(c.StateAge("child", "丁母", "母亲", True, "v1"), CONSUMER)
    assert child.ask(c.AnswerConsent(Consent.PARTICIPATE, True, "v1"), CONSUMER)


def test_who_acts_for_somebody_is_not_asked_their_age() -> None:
    scene = room("adult")
    scene.ask(c.ConfirmIdentity("code"), MOTHER)
    with pytest.raises(rooms.BadValue):
        scene.ask(c.StateAge("adult"), MOTHER)


def waits(scene: Scene, seat: str, actor: Actor, age: str = "") -> None:
    scene.ask(c.ConfirmIdentity("code"), actor)
    if age == "child":
        scene.ask(c.StateAge("child", "丁母", "母亲", True, "v1"), actor)
    scene.ask(c.AnswerConsent(Consent.PARTICIPATE, True, "v1"), actor)
    scene.ask(c.Arrive(), actor)
    assert scene.state.seats[seat].status.value == "waiting"


def test_a_proxy_is_let_in_while_the_authorisation_covers_the_day_and_not_after() -> None:
    """Order 121 Art 11: an authorisation has a term."""
    proxy = Seat("proxy", Role.REPRESENTATIVE, "丁父", Side.CONSUMER, until=START + timedelta(hours=1))
    for late in (False, True):
        scene = Scene()
        scene.ask(scheduling((*SEATS, proxy)))
        scene.ask(c.Arrive())
        waits(scene, "proxy", Actor("party", "proxy", "丁父", "representative", "o1"))
        if late:
            scene.wait(hours=1)
            with pytest.raises(rooms.AuthorityOver):
                scene.ask(c.Admit("proxy"))
        else:
            scene.ask(c.Admit("proxy"))
        assert scene.state.seats["proxy"].in_room is not late


# ------------------------------------------------------------ all at once


def answered(scene: Scene, seat: str, actor: Actor, age: str = "adult") -> None:
    waits(scene, seat, actor, age)
    scene.ask(c.AnswerConsent(Consent.RECORD, False, "v1"), actor)


def test_all_who_may_come_in_are_admitted_at_once_the_guardian_before_the_minor() -> None:
    scene = room("minor")
    answered(scene, CO, CONSUMER, "minor")
    answered(scene, "guardian", MOTHER)
    events = scene.ask(c.AdmitAll())
    assert [one.seat for one in events if isinstance(one, e.Admitted)] == ["guardian", CO]
    assert scene.ask(c.AdmitAll()) == []


def test_who_lacks_a_consent_a_guardian_or_a_valid_term_goes_on_waiting() -> None:
    proxy = Seat("proxy", Role.REPRESENTATIVE, "丁父", Side.BUSINESS, until=START + timedelta(hours=1))
    scene = Scene()
    scene.ask(scheduling((*seats("minor"), proxy)))
    scene.ask(c.Arrive())
    answered(scene, CO, CONSUMER, "minor")  # whose guardian has not come
    answered(scene, "proxy", Actor("party", "proxy", "丁父", "representative", "o1"))
    waits(scene, "s-i", Actor("party", "s-i", "译员"))  # never said whether they may be recorded
    scene.wait(hours=1)
    with pytest.raises(rooms.GuardianMissing):
        scene.ask(c.AdmitAll())  # nobody could come in
    answered(scene, "s-b", Actor("party", "s-b", "周经理"))
    assert [one.seat for one in scene.ask(c.AdmitAll()) if isinstance(one, e.Admitted)] == ["s-b"]
    for seat in (CO, "proxy", "s-i"):
        assert scene.state.seats[seat].status.value == "waiting"
