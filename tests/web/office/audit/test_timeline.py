from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

import pytest

from rooms import events as e
from rooms.events import SessionEntry, history
from rooms.timing import measure
from rooms.vocabulary import Side
from tests.web.office.audit import story
from web.i18n import Words
from web.office.audit.sentences import Voice
from web.office.audit.timeline import LEFT, RIGHT, TimelinePicture, draw, recorded

VOICE = Voice(Words("en", {}).gettext, lambda total: str(Decimal(total)), lambda at: f"{at:%H:%M}", {})


def clock(at: datetime, seconds: bool) -> str:
    return at.strftime("%H:%M:%S" if seconds else "%H:%M")


def drawn(origin: datetime | None = None, told: Sequence[SessionEntry] | None = None) -> TimelinePicture:
    lived = history(story.events()) if told is None else told
    picture = draw(lived, measure(lived, lived[-1].at), VOICE, clock, origin)
    assert picture is not None
    return picture


def test_nothing_is_drawn_while_nobody_came() -> None:
    before = history(story.events())[:5]
    assert draw(before, measure(before, story.START), VOICE, clock) is None


def test_phases_follow_each_other_without_overlap_and_end_with_the_session() -> None:
    phases = [bar for bar in drawn().bars if bar.y == 26]
    assert len(phases) == 6
    for one, two in pairwise(phases):
        assert one.x + one.width == pytest.approx(two.x, abs=0.2)
    assert phases[-1].x + phases[-1].width == pytest.approx(RIGHT, abs=0.2)


def test_a_broken_connection_is_a_gap_on_that_person_and_a_point() -> None:
    picture = drawn()
    gap = [bar for bar in picture.bars if bar.css == "s-gap"]
    assert [bar.title for bar in gap] == ["seat-c cut off 02:13:12–02:13:30"]
    assert any(dot.title.startswith("cut off") for dot in picture.dots)


def test_recording_pauses_during_recess_and_the_picture_says_so() -> None:
    picture = drawn()
    assert len([bar for bar in picture.bars if bar.css == "c-seal"]) == 2
    assert [text.text for text in picture.texts if text.text == "not recorded"] == ["not recorded"]
    assert [bar.css for bar in picture.bars if bar.css == "c-hatch"] == ["c-hatch"]


def test_under_each_person_stands_what_was_recorded_of_them_and_what_is_missing() -> None:
    picture = drawn(origin=story.at(1))
    kept = [bar for bar in picture.bars if bar.css == "c-kept" and bar.title.startswith("Sound of seat-c")]
    assert [bar.seconds for bar in kept] == [0.0, 756.0, 1620.0]
    broken = [hole for hole in picture.holes if "seat-c" in hole.title and "connection" in hole.title]
    assert [hole.title for hole in broken] == [
        "seat-c, sound and picture missing 02:13:06–02:13:30: the connection was broken; the seat was kept"
    ]
    assert [hole.seconds for hole in broken] == [726.0]


def test_a_gap_can_be_hit_however_short_it_is() -> None:
    for hole in drawn().holes:
        x, y, width, height = hole.reach
        assert width >= 24
        assert height >= 24
        assert x <= hole.x
        assert x + width >= hole.x + hole.width
        assert y <= hole.y


def test_the_edges_say_which_second_they_are() -> None:
    picture = drawn(origin=story.at(1))
    assert (picture.first, picture.last) == (-180.0, 2400.0)  # somebody waited from two minutes before
    assert (drawn().first, drawn().last) == (None, None)


def test_moments_know_their_second_in_the_recording() -> None:
    picture = drawn(origin=story.at(1))
    statement = next(bar for bar in picture.bars if bar.title.startswith("Consumer’s statement"))
    assert statement.seconds == 300.0
    opening = next(bar for bar in picture.bars if bar.title.startswith("Opening"))
    assert opening.seconds == 0.0  # began before the first frame


def test_without_a_recording_nothing_can_be_jumped_to() -> None:
    picture = drawn()
    assert {bar.seconds for bar in picture.bars} | {dot.seconds for dot in picture.dots} == {None}


def test_everything_stays_inside_the_picture() -> None:
    picture = drawn()
    for bar in picture.bars:
        assert LEFT <= bar.x <= RIGHT
        assert bar.x + bar.width <= RIGHT + 1.6
        assert bar.y + bar.height <= picture.axis
    assert all(LEFT <= dot.x <= RIGHT for dot in picture.dots)
    assert 2 <= len(picture.ticks) <= 9


def test_a_session_that_never_closed_is_drawn_up_to_the_last_thing_that_happened() -> None:
    running = [entry for entry in history(story.events()) if entry.at <= story.at(20)]
    picture = drawn(told=running)
    assert [bar for bar in picture.bars if bar.title.startswith("Business’s statement")]


def test_nobody_is_drawn_who_never_came() -> None:
    told = [entry for entry in history(story.events()) if getattr(entry.event, "seat", "") != "seat-b"]
    names = [text.text for text in drawn(told=told).texts if text.css == "strong"]
    assert "seat-b" not in names
    assert "seat-c" in names


def test_recording_of_several_people_at_once_is_one_stretch() -> None:
    spans = recorded(history(story.events()), story.at(60))
    assert [(span.start, span.end) for span in spans] == [(story.at(1), story.at(23)), (story.at(28), story.at(41))]


def test_labels_of_points_do_not_run_into_each_other() -> None:
    labelled = [dot for dot in drawn().dots if dot.label]
    for one, two in pairwise(labelled):
        assert one.x + (8 * len(one.label) if one.anchor == "start" else 0) <= two.x + 1


def test_a_private_talk_is_a_block_of_its_side_and_its_speaking_is_nobodys() -> None:
    lived = history(story.events())
    began = next(i for i, entry in enumerate(lived) if isinstance(entry.event, e.PhaseEntered)) + 1
    at = lived[began].at
    talk = [
        SessionEntry("s", 0, e.CaucusStarted(1, Side.BUSINESS), at),
        SessionEntry("s", 0, e.CaucusEnded(1, "mediator"), at),
    ]
    assert "Private talk" not in [text.text for text in drawn(told=lived).texts]
    picture = drawn(told=[*lived[:began], *talk, *lived[began:]])
    assert "Private talk" in [text.text for text in picture.texts]
    assert [bar.css for bar in picture.bars if bar.title.startswith("Private talk")] == ["c-hatch", "c-business"]


def test_a_private_talk_too_short_for_its_name_has_it_beside_it() -> None:
    lived = history(story.events())
    began = next(i for i, entry in enumerate(lived) if isinstance(entry.event, e.PhaseEntered)) + 1
    at = lived[began].at
    talk = [
        SessionEntry("s", 0, e.CaucusStarted(1, Side.BUSINESS), at),
        SessionEntry("s", 0, e.CaucusEnded(1, "mediator"), at),
    ]
    picture = drawn(told=[*lived[:began], *talk, *lived[began:]])
    bar = next(bar for bar in picture.bars if bar.css == "c-business" and bar.title.startswith("Private talk"))
    beside = [text for text in picture.texts if text.text == "Private talk" and not text.css]
    assert [text.x for text in beside] == [pytest.approx(bar.x + bar.width + 8, abs=0.2)]


def test_a_stretch_without_recording_too_short_for_its_words_is_drawn() -> None:
    stopped = story.at(20)
    pause = [
        SessionEntry("s", 0, e.RecordingStopped("seat-m", "caucus"), stopped),
        SessionEntry("s", 0, e.RecordingStopped("seat-c", "caucus"), stopped),
        SessionEntry("s", 0, e.RecordingStopped("seat-b", "caucus"), stopped),
        SessionEntry("s", 0, e.RecordingStarted("seat-m"), story.at(21)),
    ]
    lived = history(story.events())
    after = next(i for i, entry in enumerate(lived) if entry.at > story.at(21))
    drawn_bars = drawn(told=[*lived[:after], *pause, *lived[after:]]).bars
    assert [bar.title for bar in drawn_bars if bar.css == "s-miss"] == ["not recorded 02:20:00–02:21:00"]


def test_phases_bear_their_numbers_where_a_page_lists_them() -> None:
    lived = history(story.events())
    picture = draw(lived, measure(lived, lived[-1].at), VOICE, clock, numbered=True)
    assert picture is not None
    phases = [bar.label for bar in picture.bars if bar.y == 26]
    assert [label.partition(" ")[0] for label in phases] == ["1", "2", "3", "4", "5", "6"]
    assert "1 Opening" in phases
