"""What supervisors note beside a record: theirs alone, and never taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

import rooms
from journal import SYSTEM, Actor, refusals, sealed
from rooms import commands as c, events as e
from rooms.events import SessionEntry, event_draft, history
from rooms.live.audience import changes_nothing_seen, visible
from rooms.record.rules import LONGEST_MS
from rooms.session import fold
from rooms.timing import measure
from tests.rooms.agreement.test_outcome import closed
from tests.rooms.scene import BU, CO, COLLEAGUE, MEDIATOR, STRANGER, SUPERVISOR, M, Scene, live, party, scheduling


def test_a_supervisor_notes_what_they_think_of_a_moment() -> None:
    scene = closed()
    assert scene.ask(c.AddNote("讲清楚了权利义务", 65_000), SUPERVISOR) == [e.NoteAdded("讲清楚了权利义务", 65_000)]
    (note,) = scene.state.notes
    assert (note.text, note.at_ms, note.by, note.n) == ("讲清楚了权利义务", 65_000, SUPERVISOR, scene.state.version)


def test_a_note_is_corrected_by_a_further_one_and_stays() -> None:
    scene = closed()
    scene.ask(c.AddNote("第二条没有念"), SUPERVISOR)
    first = scene.state.notes[0]
    scene.ask(c.AddNote("第二条念了，在10:31", None, first.n), SUPERVISOR)
    assert [note.corrects for note in scene.state.notes] == [0, first.n]
    assert scene.state.notes[0] == first


@pytest.mark.parametrize("actor", [MEDIATOR, COLLEAGUE, STRANGER, SYSTEM, party(CO)])
def test_nobody_else_notes_anything(actor: Actor) -> None:
    with pytest.raises(refusals.NotAllowed):
        closed().ask(c.AddNote("随手记"), actor)


def test_a_note_says_something_about_a_moment_there_can_have_been() -> None:
    scene = closed()
    with pytest.raises(refusals.Missing):
        scene.ask(c.AddNote("  "), SUPERVISOR)
    for at_ms in (-1, LONGEST_MS + 1):
        with pytest.raises(rooms.BadValue):
            scene.ask(c.AddNote("说明", at_ms), SUPERVISOR)
    with pytest.raises(rooms.BadValue):
        scene.ask(c.AddNote("说明", None, 3), SUPERVISOR)  # no note


def test_before_it_was_opened_there_is_nothing_to_note() -> None:
    scene = Scene()
    scene.ask(scheduling())
    with pytest.raises(refusals.WrongState):
        scene.ask(c.AddNote("说明"), SUPERVISOR)


def test_nobody_in_the_room_is_told_of_a_note() -> None:
    scene = live()
    scene.ask(c.AddNote("说明"), SUPERVISOR)
    entry = scene.history[-1]
    assert isinstance(entry.event, e.NoteAdded)
    assert not any(visible(scene.state, entry, seat) for seat in (M, CO, BU))
    assert changes_nothing_seen(entry)


def test_a_note_changes_no_figure() -> None:
    scene = closed()
    later = scene.now + timedelta(hours=1)
    before = measure(scene.history, later)
    scene.ask(c.AddNote("说明"), SUPERVISOR)
    assert measure(scene.history, later) == before


def test_a_note_is_read_back_from_the_journal_as_it_was_written() -> None:
    scene = closed()
    scene.ask(c.AddNote("说明", 1200), SUPERVISOR)
    drafts = [event_draft(entry.event, entry.at, entry.actor) for entry in scene.history]
    read: list[SessionEntry] = history(sealed(f"session/{scene.state.id}", 0, "", drafts))
    again = fold(read)
    assert again is not None
    assert again.notes == scene.state.notes


CORRECTION = c.CorrectEntry(3, "版次有误", "出示的是另一版", "程序日志", "罗建国")


def test_a_supervisor_corrects_an_entry_by_a_further_one_once_it_is_over() -> None:
    scene = closed()
    told = e.EntryCorrected(3, "版次有误", "出示的是另一版", "程序日志", "罗建国")
    assert scene.ask(CORRECTION, SUPERVISOR) == [told]
    assert scene.ask(CORRECTION, SUPERVISOR) == []
    assert scene.state.entries_corrected == {3: told}
    for number in (0, scene.state.version + 1):
        with pytest.raises(rooms.BadValue):
            scene.ask(replace(CORRECTION, entry=number), SUPERVISOR)


@pytest.mark.parametrize("actor", [MEDIATOR, COLLEAGUE, party(CO), SYSTEM])
def test_nobody_else_corrects_an_entry(actor: Actor) -> None:
    with pytest.raises(refusals.NotAllowed):
        closed().ask(CORRECTION, actor)


def test_while_it_goes_on_nothing_is_corrected_that_way() -> None:
    with pytest.raises(refusals.WrongState):
        live().ask(CORRECTION, SUPERVISOR)
