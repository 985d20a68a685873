from __future__ import annotations

from datetime import datetime

from hypothesis import given, strategies as st

from journal.clock import Spans, intersect, subtract, total_ms, union
from rooms import commands as c, events as e
from rooms.timing import Stopwatch, measure
from rooms.vocabulary import Phase, SeatStatus
from tests.rooms.scene import BU, BUSINESS, CO, CONSUMER, M, Scene, live, opened, scheduled, settled, system

SECOND = 1000


def test_joint_time_runs_only_while_mediator_and_both_sides_are_present() -> None:
    scene = opened().bring(CO).wait(seconds=30).bring(BU).wait(seconds=60)
    assert scene.timing.joint_ms == 60 * SECOND
    system(scene, c.NoteConnection(CO, False))
    scene.wait(seconds=10)
    assert scene.timing.joint_ms == 60 * SECOND
    system(scene, c.NoteConnection(CO, True))
    scene.wait(seconds=5)
    scene.ask(c.StartRecess())
    scene.wait(seconds=100)
    scene.ask(c.EndRecess())
    scene.wait(seconds=5)
    assert scene.timing.joint_ms == 70 * SECOND
    assert scene.timing.recess_ms == 100 * SECOND
    assert scene.timing.reconnects == scene.timing.seats[CO].reconnects == 1
    assert scene.timing.seats[CO].away_ms == 10 * SECOND


def test_waiting_is_counted_per_seat_and_for_all_together() -> None:
    scene = scheduled().prepare(CO).prepare(BU)
    scene.ask(c.Arrive(), CONSUMER)
    scene.wait(seconds=20)
    scene.ask(c.Arrive(), BUSINESS)
    scene.wait(seconds=20)
    scene.ask(c.Arrive())
    scene.ask(c.Admit(CO))
    scene.wait(seconds=20)
    scene.ask(c.Admit(BU))
    timing = scene.wait(seconds=7).timing
    assert timing.seats[CO].waiting_ms == timing.seats[BU].waiting_ms == 40 * SECOND
    assert timing.waiting_ms == 60 * SECOND
    assert timing.seats[M].waiting_ms == 0
    assert timing.session_ms == 27 * SECOND


def test_a_phase_does_not_run_in_a_recess_and_adds_up_when_entered_again() -> None:
    scene = live().wait(seconds=10)
    scene.ask(c.EnterPhase(Phase.DISCUSSION))
    scene.wait(seconds=20)
    scene.ask(c.StartRecess())
    scene.wait(seconds=1000)
    scene.ask(c.EndRecess())
    scene.ask(c.EnterPhase(Phase.PROPOSAL))
    scene.wait(seconds=5)
    scene.ask(c.EnterPhase(Phase.DISCUSSION))
    timing = scene.wait(seconds=3).timing
    assert timing.phases == {Phase.OPENING: 10_000, Phase.DISCUSSION: 23_000, Phase.PROPOSAL: 5_000}
    assert (timing.phase, timing.phase_ms) == (Phase.DISCUSSION, 3_000)
    assert timing.session_ms == 1038 * SECOND


def test_cutting_in_after_more_than_a_second_is_an_interruption() -> None:
    scene = live()
    system(scene, c.NoteSpeaking(CO, True))
    scene.wait(seconds=1)
    system(scene, c.NoteSpeaking(BU, True))
    system(scene, c.NoteSpeaking(BU, False))
    assert scene.timing.interruptions == 0
    scene.wait(milliseconds=1)
    system(scene, c.NoteSpeaking(BU, True))
    timing = scene.wait(seconds=4).timing
    assert timing.seats[BU].interruptions == 1
    assert timing.seats[CO].interruptions == 0
    assert timing.seats[CO].spoke_ms == 5001
    assert timing.speaker == (CO, 5001)


def test_time_to_settlement_starts_with_the_first_link_and_ends_with_a_settlement_only() -> None:
    scene = scheduled()
    scene.prepare(CO).wait(minutes=3).prepare(BU)
    scene.ask(c.Arrive())
    scene.wait(minutes=7)
    assert scene.timing.settlement_ms is None
    scene.ask(c.ProposeOutcome(settled(scene.now)))
    scene.ask(c.Close())
    scene.wait(hours=5)
    assert scene.timing.settlement_ms == 10 * 60 * SECOND
    assert scene.timing.session_ms == 7 * 60 * SECOND


steps = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 90)), max_size=40)


def played(some: list[tuple[int, int]]) -> Scene:
    scene = live()
    for which, seconds in some:
        scene.wait(seconds=seconds)
        match which:
            case 0 | 1:
                system(scene, c.NoteSpeaking((CO, BU)[which], True))
            case 2 | 3:
                system(scene, c.NoteSpeaking((CO, BU)[which - 2], False))
            case 4 | 5:
                system(scene, c.NoteConnection((CO, BU)[which - 4], False))
            case 6 | 7:
                system(scene, c.NoteConnection((CO, BU)[which - 6], True))
            case 8:
                scene.ask(c.StartRecess())
            case 9:
                scene.ask(c.EndRecess())
            case 10:
                scene.ask(c.EnterPhase(Phase.DISCUSSION)) if not scene.state.recess_since else None
            case _:
                scene.ask(c.Mute(CO))
    return scene


@given(steps)
def test_every_figure_fits_inside_those_that_contain_it(some: list[tuple[int, int]]) -> None:
    timing = played(some).wait(seconds=1).timing
    presence = [timing.seats[seat].presence for seat in (M, CO, BU)]
    together = intersect(intersect(presence[0], presence[1]), presence[2])
    assert timing.joint == subtract(together, timing.recesses)
    assert timing.joint_ms + timing.recess_ms <= timing.session_ms
    assert sum(timing.phases.values()) + timing.recess_ms == timing.session_ms
    for seat in timing.seats.values():
        assert seat.present_ms + seat.away_ms + seat.waiting_ms <= timing.session_ms
        assert intersect(seat.presence, seat.away) == ()
        assert subtract(seat.speaking, seat.presence) == ()
        assert intersect(seat.speaking, timing.recesses) == ()
        assert seat.speaking == union(seat.speaking)
        assert total_ms(seat.speaking) == seat.spoke_ms


@given(steps, st.integers(0, 40))
def test_asking_in_between_changes_nothing(some: list[tuple[int, int]], when: int) -> None:
    scene = played(some)
    watch = Stopwatch()
    for number, entry in enumerate(scene.history):
        watch.note(entry)
        if number % 7 == when % 7:
            watch.timing(entry.at)
    assert watch.timing(scene.now) == measure(scene.history, scene.now)


def runs_to(now: datetime, spans: Spans) -> bool:
    return bool(spans) and spans[-1].end == now


@given(steps)
def test_the_stopwatch_and_the_state_agree_on_who_is_there_and_who_speaks(some: list[tuple[int, int]]) -> None:
    scene = played(some).wait(seconds=1)
    for id_, seat in scene.state.seats.items():
        timing = scene.timing.seats[id_]
        assert runs_to(scene.now, timing.presence) is (seat.status is SeatStatus.PRESENT)
        assert runs_to(scene.now, timing.speaking) is (seat.speaking_since is not None)
        assert runs_to(scene.now, timing.away) is (seat.away_since is not None)


def test_an_entry_that_takes_no_time_is_ignored() -> None:
    scene = live()
    before = scene.timing
    scene.ask(c.Say("您好"), CONSUMER)
    assert scene.timing == before
    assert isinstance(scene.history[-1].event, e.Said)
