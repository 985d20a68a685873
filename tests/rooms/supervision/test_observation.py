"""A supervisor looks on: announced, one way, and outside of everything that is said in private."""

from __future__ import annotations

from typing import Any

import pytest

from journal import Actor
from journal.refusals import DomainError, Missing, NotAllowed, WrongState
from rooms import BadSeat, RoomFull, commands as c, events as e
from rooms.decisions import decide
from rooms.events import SessionEntry
from rooms.joining.rules import may_receive
from rooms.live.audience import announcement, visible
from rooms.media.rules import matrix
from rooms.record.minutes import minutes
from rooms.session import MOST_SEATS, RIGHTS, evolve
from rooms.vocabulary import SENDING, Purpose, Role, Seat, SeatStatus, Side
from tests.rooms.scene import BU, CO, CONSUMER, MEDIATOR, SUPERVISOR, M, Scene, live, party, scheduled
from tests.rooms.whole import lines, view

SV = "supervisor-1"
LOOK = c.Observe(SV, SUPERVISOR.id, SUPERVISOR.name, "一所", "群众反映")


def watched() -> Scene:
    scene = live()
    scene.ask(LOOK, SUPERVISOR)
    return scene


def seen(scene: Scene, seat: str) -> dict[str, Any]:
    return view(scene.state, scene.timing, seat, scene.now)


def test_coming_is_one_act_that_adds_the_seat_announces_it_and_routes_it() -> None:
    scene = live()
    events = scene.ask(LOOK, SUPERVISOR)
    assert [type(event).__name__ for event in events] == ["SeatAdded", "ObservationBegun", "Routed"]
    assert events[1] == e.ObservationBegun(SV, SUPERVISOR.id, "群众反映")
    assert scene.state.seats[SV].status is SeatStatus.PRESENT
    assert scene.ask(LOOK, SUPERVISOR) == [], "who is there already does not come twice"


def test_everybody_in_the_room_is_told_at_once_and_nobody_is_told_why() -> None:
    scene = live()
    before = len(scene.history)
    scene.ask(LOOK, SUPERVISOR)
    entry = next(one for one in scene.history[before:] if isinstance(one.event, e.ObservationBegun))
    for seat in (M, CO, BU, SV):
        assert visible(scene.state, entry, seat)
        told = announcement(scene.state, entry, seat)
        assert told["data"] == {"seat": SV}
        assert told["actor"] == {"kind": "officer", "name": SUPERVISOR.name, "seat": SV}
        (plate,) = [one for one in seen(scene, seat)["seats"] if one["id"] == SV]
        assert (plate["role"], plate["name"], plate["status"]) == ("supervisor", SUPERVISOR.name, "present")


def test_media_goes_one_way_and_a_recording_never_has_them() -> None:
    routes = matrix(watched().state)
    assert routes.hears[SV] == routes.sees[SV] == (M, CO, BU)
    assert all(SV not in others for others in (*routes.hears.values(), *routes.sees.values()))
    assert SV not in routes.recorded
    assert Role.SUPERVISOR not in SENDING


@pytest.mark.parametrize("side", list(Side))
def test_in_a_private_talk_they_receive_nobody_and_belong_to_it_whoever_is_named(side: Side) -> None:
    scene = watched()
    scene.ask(c.StartCaucus(side))
    routes = matrix(scene.state)
    assert SV not in routes.hears
    assert SV not in routes.sees
    assert not seen(scene, SV)["caucus"]["inside"]
    with pytest.raises(DomainError):
        scene.ask(c.StartCaucus(side, (SV,)))
    late = live()
    late.ask(c.StartCaucus(side))
    late.ask(LOOK, SUPERVISOR)
    assert SV not in matrix(late.state).hears, "coming during a talk opens nothing of it"


def test_a_seat_that_was_not_announced_receives_nothing_however_it_came_about() -> None:
    scene = live()
    for event in (e.SeatAdded(Seat("s-x", Role.SUPERVISOR, "赵")), e.Admitted("s-x")):
        entry = SessionEntry("x1", scene.state.version + 1, event, scene.now, MEDIATOR)
        scene.session = evolve(scene.state, entry)
    assert scene.state.seats["s-x"].in_room
    assert not may_receive(scene.state.seats["s-x"])
    assert "s-x" not in matrix(scene.state).hears


def test_no_other_way_leads_into_such_a_seat() -> None:
    scene = live()
    with pytest.raises(BadSeat):
        scene.ask(c.AddSeat(Seat("s-x", Role.SUPERVISOR, "赵")))
    scene.ask(LOOK, SUPERVISOR)
    with pytest.raises(BadSeat):
        scene.ask(c.IssueLink(SV, "l1", scene.now.replace(year=2027)))
    with pytest.raises(NotAllowed):
        scene.ask(c.Arrive(), party(SV))


OTHER = Actor("officer", "u7", "钱", "supervisor", "o1")


@pytest.mark.parametrize("actor", [MEDIATOR, CONSUMER, OTHER, Actor("officer", "u3", "赵", "mediator", "o1")])
def test_nobody_looks_on_but_a_supervisor_in_their_own_name(actor: Actor) -> None:
    with pytest.raises(NotAllowed):
        live().ask(LOOK, actor)


def test_a_reason_is_asked_and_the_session_must_be_under_way() -> None:
    with pytest.raises(Missing):
        live().ask(c.Observe(SV, SUPERVISOR.id, "赵", "", "  "), SUPERVISOR)
    with pytest.raises(WrongState):
        scheduled().ask(LOOK, SUPERVISOR)
    recess = live()
    recess.ask(c.StartRecess())
    recess.ask(LOOK, SUPERVISOR)
    assert recess.state.seats[SV].in_room


def test_the_mediator_can_neither_put_them_out_nor_lock_them_out_nor_write_to_them() -> None:
    scene = live()
    scene.ask(c.SetDoor(True))
    scene.ask(LOOK, SUPERVISOR)
    for command in (c.Remove(SV, "请离开"), c.Say("请", SV), c.AskExhibit(SV, Purpose.EVIDENCE), c.LetShow(SV)):
        with pytest.raises(DomainError):
            scene.ask(command)
    assert scene.state.seats[SV].in_room


def test_who_hears_badly_reads_along_and_nothing_of_a_private_talk() -> None:
    scene = watched()
    scene.ask(c.AskCaptions(True), SUPERVISOR)
    assert scene.state.routed.captioned == (M,)
    assert not seen(scene, CO)["reads_captions"], "that they read along is told to nobody"
    scene.ask(c.StartCaucus(Side.CONSUMER))
    assert not scene.state.routed.captioned


def test_of_all_that_is_done_in_a_room_only_leaving_and_reading_along_are_theirs() -> None:
    assert [kind.__name__ for kind, who in RIGHTS.items() if Role.SUPERVISOR in who] == ["Leave", "AskCaptions"]
    scene = watched()
    with pytest.raises(NotAllowed):
        decide(c.Leave(), scene.state, OTHER, scene.now)  # who oversees too, but is not there
    for command in (
        c.Say("我说"),
        c.SetHand(True),
        c.SetCamera(True),
        c.SetScreen(True),
        c.Mute(SV),
        c.Unmute(),
        c.Arrive(),
    ):
        with pytest.raises(NotAllowed):
            decide(command, scene.state, SUPERVISOR, scene.now)


def test_what_goes_between_people_is_not_in_their_view_nor_told_to_them() -> None:
    scene = watched()
    before = len(scene.history)
    scene.ask(c.Say("大家好"))
    scene.ask(c.PutClause("", 0, "退款二千元", "", "", "", None))
    mine, theirs = seen(scene, SV), seen(scene, CO)
    assert lines(scene, CO)
    assert theirs["draft"]["clauses"]
    assert set(mine) == set(theirs), "one form of view, or the page breaks"
    assert (lines(scene, SV), mine["draft"]["clauses"], mine["exhibits"]["list"], mine["slips"]) == ([], [], [], [])
    assert not any(visible(scene.state, entry, SV) for entry in scene.history[before:])


def test_going_and_coming_back_is_the_same_seat_and_told_again() -> None:
    scene = watched()
    assert scene.ask(c.Leave(), SUPERVISOR)[0] == e.Left(SV)
    assert SV not in matrix(scene.state).hears
    assert not scene.state.seats[SV].observing
    again = scene.ask(c.Observe("supervisor-2", SUPERVISOR.id, "赵", "", "再看"), SUPERVISOR)
    assert again[0] == e.ObservationBegun(SV, SUPERVISOR.id, "再看")


def test_they_are_one_of_eight_while_they_are_there_and_take_no_seat_once_gone() -> None:
    scene = live()
    while scene.state.taken < MOST_SEATS:
        scene.ask(c.AddSeat(Seat(f"s-{len(scene.state.seats)}", Role.COMPANION, "陪同")))
    with pytest.raises(RoomFull):
        scene.ask(LOOK, SUPERVISOR)
    other = live()
    other.ask(LOOK, SUPERVISOR)
    other.ask(c.Leave(), SUPERVISOR)
    while other.state.taken < MOST_SEATS:
        other.ask(c.AddSeat(Seat(f"s-{len(other.state.seats)}", Role.COMPANION, "陪同")))
    with pytest.raises(RoomFull):
        other.ask(LOOK, SUPERVISOR)


def test_the_record_of_the_mediation_names_them_among_those_present() -> None:
    scene = watched()
    scene.ask(c.Leave(), SUPERVISOR)
    held = minutes(scene.history)
    assert held is not None
    assert SUPERVISOR.name in str(held)
    assert "旁听，并已告知在场各方" in str(held)
