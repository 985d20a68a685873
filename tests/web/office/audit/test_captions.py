"""Captions say what was written and decided, and nothing that was spoken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from rooms import events as e
from rooms.events import SessionEntry
from rooms.vocabulary import Outcome, OutcomeKind, Phase
from web.i18n import Words
from web.office.audit.files import LEAST_SECONDS, MOST_SECONDS, Cue, cues, vtt
from web.office.audit.sentences import Voice

ORIGIN = datetime(2026, 6, 24, 2, 0, tzinfo=UTC)
VOICE = Voice(Words("en", {}).gettext, str, str, {"c": "Ding", "b": "Chen"})


def heard(*steps: tuple[float, e.SessionEvent], seconds: float = 100.0) -> list[tuple[float, float, str]]:
    told = [SessionEntry("s", n, event, ORIGIN + timedelta(seconds=at)) for n, (at, event) in enumerate(steps, 1)]
    return [(cue.start, cue.end, cue.text) for cue in cues(told, VOICE, ORIGIN, seconds)]


def test_who_wrote_what_to_whom() -> None:
    assert heard((5, e.Said("c", "hello")), (9, e.Said("c", "psst", "b"))) == [
        (5, 5 + LEAST_SECONDS, "Ding writes: hello"),
        (9, 9 + LEAST_SECONDS, "Ding to Chen: psst"),
    ]


def test_a_long_message_stands_longer_but_not_for_ever() -> None:
    ((start, end, _),) = heard((5, e.Said("c", "字" * 2000)))
    assert end - start == MOST_SECONDS


def test_what_came_before_the_first_picture_is_shown_with_it() -> None:
    assert heard((-30, e.PhaseEntered(Phase.OPENING))) == [(0, 4, "— Opening —")]


def test_the_close_is_read_before_the_recording_ends() -> None:
    assert heard((101, e.SessionClosed(Outcome(OutcomeKind.NOT_SETTLED)))) == [(96, 100, "— Not settled —")]
    assert heard((101, e.Said("c", "too late"))) == []


def test_what_people_write_cannot_become_markup_or_end_a_cue() -> None:
    text = vtt([Cue(0, 61.5, "a <b> & c\n\n00:00:01.000 --> 00:00:02.000\nd")])
    assert text == (
        "WEBVTT\n\n00:00:00.000 --> 00:01:01.500\na &lt;b&gt; &amp; c\n00:00:01.000 --&gt; 00:00:02.000\nd\n"
    )


def test_hours_are_written_too() -> None:
    assert "01:02:03.456 --> 01:02:04.000" in vtt([Cue(3723.456, 3724, "x")])
