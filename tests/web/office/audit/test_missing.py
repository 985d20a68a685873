from __future__ import annotations

from datetime import timedelta

from journal.clock import TimeSpan
from recordings.gap_ledger import CAUSES, SOURCES, Cause, Ledger, Source, Track, TrackGap
from tests.web.office.audit import story
from web.i18n import Words
from web.office.audit import sentences
from web.office.audit.sentences import Voice

VOICE = Voice(Words("en", {}).gettext, str, str, {})


def gap(source: Source, start: float, end: float, cause: Cause = "recess", seat: str = "c") -> TrackGap:
    return TrackGap(seat, source, TimeSpan(story.at(start), story.at(end)), cause)


def ledger(*gaps: TrackGap) -> Ledger:
    keys = list(dict.fromkeys((one.seat, one.source) for one in gaps))
    return Ledger(
        tuple(Track(*key, (), (), tuple(one for one in gaps if (one.seat, one.source) == key)) for key in keys)
    )


def test_every_cause_and_every_source_has_its_words() -> None:
    assert set(sentences.CAUSES) == set(CAUSES)
    assert set(sentences.NAMES) == set(SOURCES)


def test_sound_and_picture_missing_together_are_one_line() -> None:
    (line,) = sentences.gap_lines(ledger(gap("mic", 1, 2), gap("camera", 1, 2)))
    assert line.what(VOICE) == "sound and picture"
    assert line.why(VOICE) == "recess: nothing is recorded"


def test_other_causes_or_times_are_lines_of_their_own_in_order_of_time() -> None:
    found = sentences.gap_lines(
        ledger(
            gap("mic", 5, 6), gap("camera", 5, 6, "camera_off"), gap("screen", 5, 6), gap("mic", 1, 2, seat="b"),
            gap("camera", 1, 2.5, seat="b"),
        )
    )  # fmt: skip
    assert [(line.n, line.seat, line.sources) for line in found] == [
        (1, "b", ("mic",)),
        (2, "b", ("camera",)),
        (3, "c", ("camera",)),
        (4, "c", ("mic",)),
        (5, "c", ("screen",)),
    ]
    assert sum((line.span.end - line.span.start for line in found), timedelta()) == timedelta(minutes=5.5)
