"""Who is in the ledger of what is missing; and for any history nothing is left out or counted twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, strategies as st

from journal.clock import Spans, TimeSpan, intersect, subtract, total_ms, union
from recordings.gap_ledger import SEAM, Ledger, ledger
from rooms import events as e
from rooms.events import SessionEntry
from rooms.vocabulary import Consent, Role, Seat
from tests.recordings.history import SEATS, at, told
from tests.recordings.lives import (
    CLOSED,
    SCHEDULED,
    Step,
    file,
    lived,
    still,
    told_of,
    track,
)

# ---------------------------------------------------------------- who is in the ledger


def test_only_who_was_inside_is_in_the_ledger() -> None:
    outside = [entry for entry in lived() if entry.event != e.Admitted("b")]
    assert {found.seat for found in ledger(outside).tracks} == {"m", "c"}


def test_an_observer_has_neither_microphone_nor_camera() -> None:
    steps = ((-50, e.SeatAdded(Seat("o", Role.OBSERVER, "李"))), (1, e.Admitted("o")))
    assert "o" not in {found.seat for found in ledger(lived(*steps)).tracks}


def test_who_left_is_no_longer_missing() -> None:
    found = track(lived((40, e.Left("c")), (40, file("c", 0, 40))))
    assert told_of(found) == []
    assert total_ms(found.expected) == 40_000


def test_a_session_still_under_way_is_told_up_to_its_last_entry() -> None:
    running = still(lived((50, e.HandRaised("c"))), 50)
    assert track(running).expected == (TimeSpan(at(0), at(50)),)


def test_nobody_came() -> None:
    assert ledger([]) == ledger(told([(0, SCHEDULED)])) == Ledger()


def test_looks_and_notes_after_the_end_change_nothing() -> None:
    before = lived((100, file("c", 0, 100)))
    after = [*before, SessionEntry("s1", len(before) + 1, e.Viewed("record"), at(9000))]
    assert ledger(after) == ledger(before)


# ---------------------------------------------------------------- whatever happens

seats = st.sampled_from([seat.id for seat in SEATS])
flags = st.booleans()
spans = st.tuples(st.integers(0, 6000), st.integers(1, 3000)).map(lambda pair: (pair[0] / 10, sum(pair) / 10))
facts: st.SearchStrategy[e.SessionEvent] = st.one_of(
    seats.map(e.Arrived),
    seats.map(e.Admitted),
    seats.map(e.Left),
    st.builds(e.Removed, seats, st.just("理由")),
    st.builds(e.Disconnected, seats, st.sampled_from(["socket", "server"])),
    seats.map(e.Reconnected),
    st.builds(e.ConsentGiven, seats, st.sampled_from(Consent), st.just("v1")),
    st.builds(e.ConsentRefused, seats, st.sampled_from(Consent), st.just("v1")),
    st.builds(e.ConsentWithdrawn, seats, st.sampled_from(Consent)),
    st.just(e.RecessStarted()),
    st.just(e.RecessEnded()),
    st.builds(e.Muted, seats, seats),
    seats.map(e.Unmuted),
    st.builds(e.CameraSet, seats, flags),
    st.builds(e.DeviceChecked, seats, st.sampled_from(["video", "audio", "text"])),
    seats.map(e.ScreenShared),
    seats.map(e.ScreenStopped),
    st.builds(e.PicturesPaused, seats, st.sampled_from(["to", "from"])),
    st.builds(e.PicturesResumed, seats, st.sampled_from(["to", "from"])),
    seats.map(e.RecordingStarted),
    st.builds(e.RecordingStopped, seats, st.sampled_from(["disk", "server", "disconnected", "recess", "closed"])),
    st.builds(e.RecordingFailed, st.just("io"), st.sampled_from(["", "c"])),
    st.builds(
        e.Routed,
        st.dictionaries(seats, st.lists(seats, max_size=3).map(tuple), max_size=3),
        st.just({}),
        st.lists(seats, max_size=3).map(tuple),
    ),
    st.builds(
        lambda seat, span, width, source, hole: replace(
            file(seat, span[0], span[1], width, source),
            holes=(e.Hole(source if source == "screen" else "mic", at(hole[0]), at(hole[1]), "loss"),),
        ),
        seats,
        spans,
        st.sampled_from([0, 640]),
        st.sampled_from(["camera", "screen"]),
        spans,
    ),
)
steps = st.lists(st.tuples(st.integers(0, 6000).map(lambda tenths: tenths / 10), facts), max_size=40)


@st.composite
def histories(draw: st.DrawFn) -> list[SessionEntry]:
    happened: list[Step] = sorted(draw(steps), key=lambda step: step[0])
    begin: list[Step] = [(-1, SCHEDULED), *((0.0, e.Admitted(seat)) for seat in draw(st.sets(seats)))]
    end: list[Step] = [(draw(st.integers(600, 700)), CLOSED)] if draw(flags) else []
    return told([*begin, *happened, *end])


def length(found: Iterable[TimeSpan]) -> timedelta:
    return sum((span.end - span.start for span in found), timedelta())


def normal(found: Spans) -> bool:
    return found == union(found)


@given(histories())
def test_what_is_expected_is_recorded_or_missing_and_never_both(history: list[SessionEntry]) -> None:
    for found in ledger(history).tracks:
        missing = [gap.span for gap in found.missing]
        assert all(span.start < span.end for span in missing)
        assert subtract(found.expected, found.recorded) == union(missing)
        assert length(missing) == length(union(missing)), "two causes for one moment"
        assert intersect(found.recorded, union(missing)) == ()
        assert length(found.expected) == length(found.recorded) + length(missing)
        assert normal(found.expected)
        assert normal(found.recorded)


@given(histories())
def test_nothing_is_said_to_be_recorded_that_no_file_holds(history: list[SessionEntry]) -> None:
    for found in ledger(history).tracks:
        files = [
            TimeSpan(entry.event.started - SEAM, entry.event.ended + SEAM)
            for entry in history
            if isinstance(entry.event, e.SegmentSealed) and entry.event.seat == found.seat
        ]
        assert subtract(found.recorded, union(files)) == ()


@given(histories())
def test_somebody_without_consent_is_never_missing_for_another_reason(history: list[SessionEntry]) -> None:
    """Rights come first: while consent is withdrawn, no other cause is given."""
    since: dict[str, Any] = {}
    for entry in history:
        match entry.event:
            case e.ConsentWithdrawn(seat=seat, kind=Consent.RECORD):
                since.setdefault(seat, entry.at)
            case e.ConsentGiven(seat=seat, kind=Consent.RECORD):
                since.pop(seat, None)
            case _:
                pass
    for gap in ledger(history).gaps:
        if gap.seat in since and gap.span.start >= since[gap.seat]:
            assert gap.cause == "consent_withdrawn"
