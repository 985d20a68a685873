"""Every silence in a recording has one cause, as sessions bring it about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from journal.clock import TimeSpan
from recordings.gap_ledger import STARTING, ledger
from rooms import events as e
from rooms.vocabulary import Side
from tests.recordings.history import at
from tests.recordings.lives import (
    ALL,
    EVERYBODY,
    RECORD,
    file,
    lived,
    still,
    told_of,
    track,
)

# ---------------------------------------------------------------- every cause, as sessions bring it about


def test_a_whole_recording_has_no_gaps() -> None:
    whole = [(60.0, file("c", 0, 60)), (100.0, file("c", 60.1, 100))]
    assert told_of(track(lived(*whole))) == told_of(track(lived(*whole), "camera")) == []


def test_until_the_first_byte_it_is_starting() -> None:
    assert told_of(track(lived((100, file("c", 2.5, 100))))) == [(0, 2.5, "starting")]


def test_a_start_that_takes_too_long_is_not_explained_by_starting() -> None:
    late = STARTING.total_seconds() + 1
    assert told_of(track(lived((100, file("c", late, 100))))) == [(0, late, "unexplained")]


def test_who_refused_is_not_recorded_for_that_reason() -> None:
    refused = lived(consumer=e.ConsentRefused("c", RECORD, "v1"))
    for source in ("mic", "camera"):
        assert told_of(track(refused, source)) == [(0, 100, "no_consent")]


def test_a_mediator_is_on_duty_and_needs_not_agree() -> None:
    assert {gap.cause for gap in track(lived(), seat="m").missing} == {"unexplained"}


def test_consent_taken_back_ends_the_recording_and_given_again_begins_it() -> None:
    steps = (
        (40, e.ConsentWithdrawn("c", RECORD)),
        (40, file("c", 0, 40)),
        (70, e.ConsentGiven("c", RECORD, "v1")),
        (100, file("c", 71, 100)),
    )
    assert told_of(track(lived(*steps))) == [(40, 70, "consent_withdrawn"), (70, 71, "starting")]


def test_a_recess_is_not_recorded() -> None:
    steps = (
        (40, e.RecessStarted()),
        (40, e.Routed({}, {}, ())),
        (40, e.RecordingStopped("c", "recess")),
        (50, e.RecessEnded()),
        (50, e.Routed(EVERYBODY, EVERYBODY, ALL)),
        (100, file("c", 0, 40)),
        (100, file("c", 50.2, 100)),
    )
    assert told_of(track(lived(*steps))) == [(40, 50, "recess")]


def test_a_broken_connection_counts_from_the_last_byte() -> None:
    """It breaks before anybody notices."""
    steps = ((45, e.Disconnected("c", "socket")), (60, e.Reconnected("c")))
    files = ((100, file("c", 0, 40)), (100, file("c", 61, 100)))
    assert told_of(track(lived(*steps, *files))) == [(40, 60, "reconnecting"), (60, 61, "starting")]


def test_a_server_that_is_down_notices_nothing_for_as_long_as_it_is_down() -> None:
    steps = (
        (80, e.RecordingStopped("c", "server")),
        (80, e.Disconnected("c", "server")),
        (85, e.Reconnected("c")),
        (86, e.RecordingStarted("c")),
    )
    files = ((81, file("c", 0, 10)), (100, file("c", 86, 100)))
    assert told_of(track(lived(*steps, *files))) == [(10, 86, "server")]


@pytest.mark.parametrize("seat", ["", "c"])
def test_a_disk_that_is_full_is_named(seat: str) -> None:
    steps = (
        (40, e.RecordingFailed("disk_full", seat)),
        (40, e.RecordingStopped("c", "disk")),
        (70, e.RecordingStarted("c")),
    )
    files = ((40, file("c", 0, 39.5)), (100, file("c", 70, 100)))
    assert told_of(track(lived(*steps, *files))) == [(39.5, 70, "disk")]


def test_what_the_routing_kept_out_is_withheld() -> None:
    between: dict[str, tuple[str, ...]] = {"m": ("b",), "b": ("m",)}
    caucus = e.Routed(between, between, ())
    steps = ((40, caucus), (60, e.Routed(EVERYBODY, EVERYBODY, ALL)))
    files = ((40, file("c", 0, 40)), (100, file("c", 60, 100)))
    for source in ("mic", "camera"):
        assert told_of(track(lived(*steps, *files), source)) == [(40, 60, "withheld")]


def test_of_somebody_alone_only_the_picture_is_recorded() -> None:
    """A microphone nobody may hear is not in the file either."""
    steps = ((0, e.Routed({}, {}, ("m",))), (20, e.Routed(EVERYBODY, EVERYBODY, ALL)), (100, file("m", 0, 100)))
    assert told_of(track(lived(*steps), seat="m")) == [(0, 20, "withheld")]
    assert told_of(track(lived(*steps), "camera", "m")) == []


def test_a_muted_microphone_is_missing_though_the_file_goes_on() -> None:
    others: dict[str, tuple[str, ...]] = {"m": ("b",), "c": ("m", "b"), "b": ("m",)}
    steps = (
        (30, e.Muted("c", "m")),
        (30, e.Routed(others, EVERYBODY, ALL)),
        (50, e.Unmuted("c")),
        (50, e.Routed(EVERYBODY, EVERYBODY, ALL)),
        (100, file("c", 0, 100)),
    )
    assert told_of(track(lived(*steps))) == [(30, 50, "muted")]
    assert told_of(track(lived(*steps), "camera")) == []


def test_a_camera_that_is_off_is_said_to_be_off() -> None:
    steps = ((30, e.CameraSet("c", False)), (60, e.CameraSet("c", True)))
    files = ((30, file("c", 0, 30)), (60, file("c", 30, 60, width=0)), (100, file("c", 60, 100)))
    assert told_of(track(lived(*steps, *files), "camera")) == [(30, 60, "camera_off")]
    assert told_of(track(lived(*steps, *files))) == []


def test_a_camera_that_was_never_said_to_be_on_is_off_once_it_is_no_start_any_more() -> None:
    quiet = [entry for entry in lived((100, file("c", 0, 100, width=0))) if entry.event != e.CameraSet("c", True)]
    assert told_of(track(quiet, "camera")) == [(0, 100, "camera_off")]
    soon = [entry for entry in lived((100, file("c", 0.4, 100))) if entry.event != e.CameraSet("c", True)]
    assert told_of(track(soon, "camera")) == [(0, 0.4, "starting")]


def test_who_takes_part_by_sound_alone_has_the_camera_off() -> None:
    steps = ((-10, e.DeviceChecked("c", "audio")), (100, file("c", 0, 100, width=0)))
    found = [entry for entry in lived(*steps) if entry.event != e.CameraSet("c", True)]
    assert told_of(track(found, "camera")) == [(0, 100, "camera_off")]


def test_pictures_that_rest_on_a_weak_network_are_loss() -> None:
    steps = ((30, e.PicturesPaused("c", "from")), (60, e.PicturesResumed("c", "from")))
    files = ((30, file("c", 0, 30)), (60, file("c", 30, 60, width=0)), (100, file("c", 60, 100)))
    assert told_of(track(lived(*steps, *files), "camera")) == [(30, 60, "loss")]


def test_who_is_back_and_not_yet_recorded_again_is_starting() -> None:
    steps = (
        (41, e.Disconnected("c", "media")),
        (41, e.RecordingStopped("c", "disconnected")),
        (50, e.Reconnected("c")),
        (52, e.RecordingStarted("c")),
    )
    files = ((41, file("c", 0, 40)), (100, file("c", 52, 100)))
    assert told_of(track(lived(*steps, *files))) == [(40, 50, "reconnecting"), (50, 52, "starting")]


def test_a_recording_that_broke_off_without_a_broken_connection_is_loss() -> None:
    steps = ((43, e.RecordingStopped("c", "disconnected")), (50, e.RecordingStarted("c")))
    files = ((43, file("c", 0, 40)), (100, file("c", 50, 100)))
    assert told_of(track(lived(*steps, *files))) == [(40, 50, "loss")]


def test_a_picture_that_stays_away_while_the_sound_is_written_was_not_sent() -> None:
    files = ((30, file("c", 0, 30)), (60, file("c", 30, 60, width=0)), (100, file("c", 60, 100)))
    assert told_of(track(lived(*files), "camera")) == [(30, 60, "silent")]


def test_who_only_listens_and_writes_is_silent() -> None:
    steps = ((-10, e.DeviceChecked("c", "text")), (0, e.CameraSet("c", False)))
    assert told_of(track(lived(*steps))) == [(0, 100, "silent")]
    assert told_of(track(lived(*steps), "camera")) == [(0, 100, "camera_off")]


def test_a_screen_is_expected_only_while_it_is_shared() -> None:
    steps = (
        (20, e.ScreenShared("c")),
        (60, e.ScreenStopped("c")),
        (60, file("c", 21, 40, source="screen")),
        (60, file("c", 55, 60, source="screen")),
        (100, file("c", 0, 100)),
    )
    # Between the two files the screen stood still: nothing new was sent.
    assert told_of(track(lived(*steps), "screen")) == [(20, 21, "starting"), (40, 55, "silent")]


def test_what_nothing_explains_is_said_to_be_unexplained() -> None:
    files = ((40, file("c", 0, 40)), (100, file("c", 70, 100)))
    assert told_of(track(lived(*files))) == [(40, 70, "unexplained")]
    assert ledger(lived(*files)).ms("unexplained") == ledger(lived(*files)).unexplained_ms > 0


def holed(start: float, end: float, why: str) -> e.SegmentSealed:
    return replace(file("c", 0, 100), holes=(e.Hole("mic", at(start), at(end), why),))


@pytest.mark.parametrize(
    ("why", "cause"), [("loss", "loss"), ("late", "loss"), ("queue", "disk"), ("silent", "silent")]
)
def test_a_hole_inside_a_file_is_told_by_the_file(why: str, cause: str) -> None:
    history = lived((100, holed(20, 30, why)))
    assert told_of(track(history)) == [(20, 30, cause)]
    assert told_of(track(history, "camera")) == []


@pytest.mark.parametrize(("why", "cause"), [("late", "loss"), ("silent", "silent")])
def test_what_is_missing_behind_the_last_file_is_told_by_it_also_of_what_it_does_not_hold(why: str, cause: str) -> None:
    """A loaded machine: what was sent until the private talk had not come yet when the recording ended."""
    holes = tuple(e.Hole(source, at(start), at(60.2), why) for source, start in (("mic", 59.3), ("camera", 52.0)))
    sound = replace(file("c", 50, 59.3, width=0), holes=holes)
    history = lived((50, file("c", 0.5, 52)), (60.2, sound), until=60)
    assert told_of(track(history)) == [(0, 0.5, "starting"), (59.3, 60, cause)]
    assert told_of(track(history, "camera")) == [(0, 0.5, "starting"), (52, 60, cause)]


def test_what_is_missing_between_two_files_is_told_by_the_second() -> None:
    second = replace(file("c", 43, 100), holes=(e.Hole("mic", at(40), at(43), "silent"),))
    assert told_of(track(lived((43, file("c", 0, 40)), (100, second)))) == [(40, 43, "silent")]


def test_a_known_cause_counts_before_what_the_file_saw_of_it() -> None:
    """A microphone that was turned off sent nothing; that it was turned off says more."""
    off = ((30, e.Muted("c", "c")), (50, e.Unmuted("c")))
    assert told_of(track(lived(*off, (100, holed(29.9, 50.2, "silent"))))) == [(29.9, 50.2, "muted")]
    assert told_of(track(lived(*off, (100, holed(25, 50, "loss"))))) == [(25, 30, "loss"), (30, 50, "muted")]


def test_a_private_talk_is_one_block_for_everybody_whoever_was_in_it() -> None:
    aside: dict[str, tuple[str, ...]] = {"m": ("c",), "c": ("m",)}
    history = lived(
        (20, e.CaucusStarted(1, Side.CONSUMER)),
        (20, e.Routed(aside, aside, ())),
        (50, e.CaucusEnded(1, "mediator")),
        (50, e.Routed(EVERYBODY, EVERYBODY, ALL)),
        *((100, file(seat, start, end)) for seat in ALL for start, end in ((0.5, 20), (51, 100))),
    )
    for seat in ALL:
        for source in ("mic", "camera"):
            found = track(history, source, seat)
            block = [gap.span for gap in found.missing if gap.cause == "caucus"]
            assert block == [TimeSpan(at(20), at(50))], (seat, source)
            assert {gap.cause for gap in found.missing} <= {"caucus", "starting"}


def test_who_consults_is_missing_alone_and_the_ledger_says_why() -> None:
    history = lived(
        (20, e.ConsultingStarted("c", "b")),
        (30, e.ConsultingEnded("c", "b", "asked")),
        *((100, file("m", 0.5, 100)) for _ in range(1)),
        *((100, file(seat, start, end)) for seat in ("c", "b") for start, end in ((0.5, 20), (31, 100))),
    )
    assert [gap.span for gap in track(history).missing if gap.cause == "consulting"] == [TimeSpan(at(20), at(30))]
    assert "consulting" not in {gap.cause for gap in track(history, seat="m").missing}


# ---------------------------------------------------------------- why nothing came at the start, or never


def awaited(since: float, cause: str = "connection", seat: str = "c") -> e.MediaAwaited:
    return e.MediaAwaited(seat, at(since), cause)


def test_media_that_takes_longer_than_a_start_was_not_connected_yet() -> None:
    """Nothing once said why more than 15 s were missing at a recording's start."""
    steps = ((5, awaited(0)), (40, e.MediaConnected("c")), (100, file("c", 41, 100)))
    for source in ("mic", "camera"):
        assert told_of(track(lived(*steps), source)) == [(0, 40, "connecting"), (40, 41, "starting")]


def test_sound_and_picture_that_never_connected_were_not_connected_until_the_end() -> None:
    assert told_of(track(lived((5, awaited(0))))) == [(0, 100, "connecting")]


def test_somebody_whose_device_offered_nothing_is_silent_once_that_is_known() -> None:
    found = lived((5, awaited(0)), (8, awaited(0, "nothing")), (60, e.MediaConnected("c")), (100, file("c", 61, 100)))
    assert told_of(track(found)) == [(0, 8, "connecting"), (8, 60, "silent"), (60, 61, "starting")]


def test_who_is_back_and_whose_media_is_not_was_not_connected_yet() -> None:
    """The line to the room comes back first."""
    away = ((40, e.Disconnected("c", "socket")), (50, e.Reconnected("c")))
    steps = ((55, awaited(50)), (90, e.MediaConnected("c")))
    files = ((40, file("c", 0, 40)), (100, file("c", 91, 100)))
    assert told_of(track(lived(*away, *steps, *files))) == [
        (40, 50, "reconnecting"), (50, 90, "connecting"), (90, 91, "starting"),
    ]  # fmt: skip


def test_what_a_lost_worker_had_not_written_of_somebody_is_the_servers() -> None:
    steps = ((30, awaited(30, "server")), (34, e.MediaConnected("c")), (100, file("c", 35, 100)))
    assert told_of(track(lived(*steps))) == [(0, 34, "server"), (34, 35, "starting")]


def test_whose_link_was_withdrawn_is_missing_for_that_and_not_for_a_broken_connection() -> None:
    steps = ((40, e.Disconnected("c", "link_revoked")), (60, e.Reconnected("c")))
    files = ((40, file("c", 0, 40)), (100, file("c", 60, 100)))
    assert told_of(track(lived(*steps, *files))) == [(40, 60, "ended")]


def unrecorded(start: float, end: float, *holes: tuple[str, float, float, str]) -> e.NothingRecorded:
    made = tuple(e.Hole(source, at(begins), at(ends), why) for source, begins, ends, why in holes)
    return e.NothingRecorded("c", at(start), at(end), made)


def test_a_device_that_never_sends_is_told_by_the_recorder_which_waited_for_it() -> None:
    nothing = unrecorded(1, 100, ("mic", 1, 100, "unbegun"), ("camera", 1, 100, "unbegun"))
    for source in ("mic", "camera"):
        assert told_of(track(lived((100, nothing)), source)) == [(0, 1, "starting"), (1, 100, "silent")]


def test_what_was_lost_on_the_way_from_the_first_packet_on_is_loss_and_no_silence() -> None:
    nothing = unrecorded(0, 100, ("mic", 0, 100, "loss"), ("camera", 0, 100, "queue"))
    assert told_of(track(lived((100, nothing)))) == [(0, 100, "loss")]
    assert told_of(track(lived((100, nothing)), "camera")) == [(0, 100, "disk")]


@pytest.mark.parametrize(("first", "cause"), [(3.0, "starting"), (40.0, "silent")])
def test_what_had_not_come_yet_when_the_recorder_was_ready_is_a_start_or_a_silence(first: float, cause: str) -> None:
    late = replace(file("c", first, 100), holes=(e.Hole("mic", at(0), at(first), "unbegun"),))
    assert told_of(track(lived((100, late)))) == [(0, first, cause)]


def test_a_device_that_stops_sending_over_a_good_connection_is_silent_and_nothing_was_lost() -> None:
    """Its file ended long before the session, and nobody was left to say so."""
    steps = ((43, e.RecordingStopped("c", "disconnected")), (100, unrecorded(0, 100, ("mic", 40, 100, "silent"))))
    assert told_of(track(lived((43, file("c", 0, 40)), *steps))) == [(40, 100, "silent")]


# ---------------------------------------------------------------- while it is still being written


def test_what_is_recorded_and_not_sealed_yet_is_being_written() -> None:
    """The record of a session under way once said that the journal does not say why it is missing."""
    running = lived((1, e.RecordingStarted("c")), (46, file("c", 1, 45)), (70, e.HandRaised("c")))
    assert told_of(track(still(running, 30))) == [(0, 1, "starting")]
    assert told_of(track(still(running, 70))) == [(0, 1, "starting"), (45, 70, "writing")]
    assert told_of(track(still(running, 70), "camera")) == [(0, 1, "starting"), (45, 70, "writing")]


def test_what_is_not_sealed_when_it_has_ended_is_being_written_until_it_is_composed() -> None:
    history = lived((1, e.RecordingStarted("c")), (100.1, e.RecordingStopped("c", "closed")))
    assert told_of(track(still(history, 110))) == [(0, 1, "starting"), (1, 100, "writing")]
    assert told_of(track(history)) == [(0, 100, "unexplained")]


def test_a_quarter_of_an_hour_after_the_end_nothing_is_being_written_any_more() -> None:
    history = still(lived((1, e.RecordingStarted("c"))), 110)
    looked = [*history, replace(history[-1], event=e.Viewed("record"), at=at(100 + 16 * 60))]
    assert told_of(track(looked)) == [(0, 100, "unexplained")]


def test_why_nothing_came_of_somebody_is_not_asked_while_the_recorder_waits() -> None:
    assert told_of(track(still(lived((70, e.HandRaised("c"))), 70))) == [(0, 70, "starting")]


def test_a_sealed_file_of_a_session_under_way_is_not_excused_by_what_comes_after_it() -> None:
    running = lived(
        (1, e.RecordingStarted("c")), (20, file("c", 1, 20)), (60, file("c", 50, 60)), (70, e.HandRaised("c"))
    )
    assert told_of(track(still(running, 70))) == [(0, 1, "starting"), (20, 50, "unexplained"), (60, 70, "writing")]


def test_a_camera_that_never_sent_beside_sound_has_a_start_like_everybodys() -> None:
    history = lived((100, file("c", 2.5, 100, width=0)))
    assert told_of(track(history, "camera")) == [(0, 2.5, "starting"), (2.5, 100, "silent")]
    (before,) = (one for one in ledger(history, 2).tracks if (one.seat, one.source) == ("c", "camera"))
    assert told_of(before) == [(0, 2.5, "unexplained"), (2.5, 100, "silent")], "as packages that are out there say it"
