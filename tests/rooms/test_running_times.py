"""The room's clock, kept up with every event, against the timing measured from the whole history."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings, strategies as st

from journal.refusals import DomainError
from rooms import commands as c
from rooms.view.seat_view import RunningTimes
from rooms.vocabulary import Phase, Side
from tests.rooms.scene import BU, CO, M, live, party, settled, system

ASKED = st.one_of(
    st.builds(lambda seat, on: (c.NoteSpeaking(seat, on), ""), st.sampled_from((M, CO, BU)), st.booleans()),
    st.builds(lambda side: (c.StartCaucus(side), M), st.sampled_from(Side)),
    st.just((c.EndCaucus(), M)),
    st.just((c.StartRecess(), M)),
    st.just((c.EndRecess(), M)),
    st.builds(lambda phase: (c.EnterPhase(phase), M), st.sampled_from(Phase)),
    st.builds(lambda seat, on: (c.NoteConnection(seat, on), ""), st.sampled_from((M, CO, BU)), st.booleans()),
    st.just((c.Leave(), CO)),
    st.just((c.Close("当面"), M)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(ASKED, st.integers(0, 90_000_000)), max_size=40))
def test_the_running_clock_says_what_the_whole_history_measures(asked: list[tuple[tuple[c.Command, str], int]]) -> None:
    scene = live()
    scene.ask(c.ProposeOutcome(settled()))
    running = RunningTimes(scene.history)
    for (command, who), later in asked:
        known = len(scene.history)
        try:
            if not who:
                system(scene, command)
            elif who == M:
                scene.ask(command)
            else:
                scene.ask(command, party(who))
        except DomainError:
            pass
        for entry in scene.history[known:]:
            running.note(entry)
        scene.now += timedelta(microseconds=later)
        told, measured = running.at(scene.now), scene.timing
        assert (told.session_ms, told.phase_ms, told.phases, told.speaker, told.caucus_ms) == (
            measured.session_ms, measured.phase_ms, measured.phases, measured.speaker, measured.caucus_ms,
        )  # fmt: skip
        assert {seat: told.spoke_ms.get(seat, 0) for seat in measured.seats} == {
            seat: one.spoke_ms for seat, one in measured.seats.items()
        }
