"""A hole in a file is noted with its cause, from what became of the packets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from media.engine import Gap, GapCause, Segment, Source, Unrecorded
from recordings.timeline import LEAST, Holes, PacketTally, Reorder
from recordings.writer import Writer
from tests.recordings.sender import Sender, Sent, in_time, ntp
from tests.recordings.studio import ORIGIN, Studio, clean

T = 1_790_000_000.0


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(T + seconds, UTC)


def tallies() -> dict[Source, PacketTally]:
    return {"mic": PacketTally(), "camera": PacketTally(), "screen": PacketTally()}


def lose(tally: PacketTally) -> None:
    tally.lost += 50


def lose_some_of_it_late(tally: PacketTally) -> None:
    tally.lost += 50
    tally.late += 49


def come_late(tally: PacketTally) -> None:
    tally.lost += 50
    tally.late += 50


def write_slowly(tally: PacketTally) -> None:
    tally.queue += 50
    tally.lost += 50


@pytest.mark.parametrize(
    ("happens", "cause"),
    [
        (None, "silent"),
        (lose, "loss"),
        (lose_some_of_it_late, "loss"),
        (come_late, "late"),
        (write_slowly, "queue"),
    ],
)
def test_the_cause_is_what_became_of_the_packets(
    happens: Callable[[PacketTally], None] | None, cause: GapCause
) -> None:
    counted = tallies()
    holes = Holes(T, counted, ["mic"])
    holes.written("mic", T, T + 0.02)
    if happens:
        happens(counted["mic"])
    holes.written("mic", T + 2, T + 2.02)
    (hole,) = holes.close(T + 2.5)
    assert (hole.source, hole.started, hole.ended, hole.cause) == ("mic", at(0.02), at(2), cause)


def test_what_is_shorter_than_a_second_is_none_and_both_ends_count() -> None:
    holes = Holes(T, tallies(), ["mic", "camera"])
    holes.written("camera", T + 0.9, T + 0.93)
    holes.written("camera", T + 1.9, T + 1.93)
    holes.written("mic", T + 1.5, T + 1.52)
    holes.written("mic", T + 1.52, T + 1.54)
    found = holes.close(T + 3)
    assert [(hole.source, hole.started, hole.ended) for hole in found] == [
        ("mic", at(0), at(1.5)),
        ("mic", at(1.54), at(3)),
        ("camera", at(1.93), at(3)),
    ]


def test_only_what_came_after_its_place_was_given_up_is_late() -> None:
    order: Reorder[int] = Reorder(hold=0.1)
    for number in (1, 2, 5):
        order.push(number, number, 0.0)
    assert [lost for _, lost in order.pop(0.2)] == [0, 0, 2]
    for number in (2, 5, 5):
        order.push(number, number, 0.3)  # sent twice
    assert order.late == 0
    for number in (3, 4):
        order.push(number, number, 0.3)
    assert order.late == 2


# ---------------------------------------------------------------- through a recorder


@pytest.fixture
async def studio(tmp_path: Path, writer: Writer) -> Studio:
    return Studio(tmp_path, writer=writer)


def speak(studio: Studio, start: float, seconds: float) -> Sender:
    """Somebody's sound and picture arrive as they were sent, from `start` on."""
    sender = studio.sender = Sender()
    studio.send(clean(in_time(sender.picture(start, seconds), sender.sound(start, seconds))))
    return sender


async def record(studio: Studio, gap: tuple[float, float], of: Source, *, lost: bool) -> Segment:
    """Four seconds in which one source has a gap: its packets are lost on the way, or it sends none."""
    sender = Sender()
    studio.sender = sender
    packets = in_time(sender.picture(0, 4), sender.sound(0, 4))
    gone = [packet for packet in packets if packet.source == of and gap[0] <= packet.captured < gap[1]]
    left = [packet for packet in packets if packet not in gone]
    if not lost:  # what was never sent has no number
        for packet in left:
            if packet.source == of and packet.captured >= gap[1]:
                packet.sequence = packet.sequence - len(gone) & 0xFFFF
    studio.send(clean(left))
    (segment,) = await studio.end(4.1)
    return segment


@pytest.mark.parametrize(("lost", "cause"), [(True, "loss"), (False, "silent")])
async def test_sound_that_is_not_there_is_a_hole_of_its_file(studio: Studio, lost: bool, cause: str) -> None:
    segment = await record(studio, (1.0, 2.6), "mic", lost=lost)
    (hole,) = segment.gaps
    assert (hole.source, hole.cause) == ("mic", cause)
    assert abs(hole.started.timestamp() - ORIGIN - 1.03) < 0.05
    assert abs(hole.ended.timestamp() - ORIGIN - 2.63) < 0.05


async def test_a_whole_recording_has_none(studio: Studio) -> None:
    assert (await record(studio, (9.0, 9.0), "mic", lost=False)).gaps == ()


# ---------------------------------------------------------------- between files, and behind the last


def spans(segments: Sequence[Segment]) -> list[tuple[str, float, float, str]]:
    """Of all holes: source, beginning and end since the origin, cause."""
    holes = [hole for segment in segments for hole in segment.gaps]
    return [(one.source, since(one.started), since(one.ended), one.cause) for one in holes]


def since(moment: datetime) -> float:
    return round(moment.timestamp() - ORIGIN, 1)


@pytest.mark.parametrize(("lost", "cause"), [(True, "loss"), (False, "silent")])
async def test_what_lies_between_two_files_is_a_hole_of_the_second(studio: Studio, lost: bool, cause: str) -> None:
    """A machine so busy that nothing came of anybody for two seconds and a half: a new file begins, and says so."""
    sender = studio.sender = Sender()
    before = in_time(sender.picture(0, 2), sender.sound(0, 2))
    missing = in_time(sender.picture(2, 2.4), sender.sound(2, 2.4))
    sender.key_wanted = True
    after = in_time(sender.picture(4.4, 2), sender.sound(4.4, 2))
    if not lost:  # what was never sent has no number
        for packet in after:
            packet.sequence = packet.sequence - sum(gone.source == packet.source for gone in missing) & 0xFFFF
    studio.send(clean([*before, *after]))
    segments = await studio.end(6.5)
    assert len(segments) == 2
    assert spans(segments) == [("camera", 2.0, 4.4, cause), ("mic", 2.0, 4.4, cause)]


async def test_nothing_that_came_until_the_end_leaves_a_hole_behind_the_last_file(studio: Studio) -> None:
    """The sender was starved: it sent nothing more for more than a second."""
    speak(studio, 0, 2)
    assert spans(await studio.end(3.2)) == [("camera", 2.0, 3.2, "silent"), ("mic", 2.0, 3.2, "silent")]


async def test_what_was_still_on_its_way_when_the_recording_ended_is_late(studio: Studio) -> None:
    """A line that holds back more and more: 0.7 s when the recording ends."""
    sender = studio.sender = Sender()
    packets = in_time(sender.picture(0, 4), sender.sound(0, 4))
    studio.send([(packet.captured + 0.03 + min(0.7, packet.captured / 4), packet) for packet in packets])
    assert spans(await studio.end(4.75)) == [("camera", 4.0, 4.8, "late"), ("mic", 4.0, 4.8, "late")]


async def test_sound_alone_at_the_end_says_of_the_picture_too_that_nothing_came(studio: Studio) -> None:
    sender = studio.sender = Sender()
    studio.send(clean(in_time(sender.picture(0, 2), sender.sound(0, 6))))
    segments = await studio.end(6.1)
    assert [segment.width > 0 for segment in segments] == [True, False]
    assert [hole for hole in spans(segments) if hole[0] == "mic"] == []
    assert spans(segments)[-1][2:] == (6.1, "silent")


async def test_after_trouble_with_the_disk_the_files_do_not_say_that_nothing_came(studio: Studio) -> None:
    """What is missing then is told as the disk's, and what the file has is not touched by it."""
    sender = speak(studio, 0, 2)
    studio.recorder.pause("disk")
    studio.recorder.restart("mic")
    studio.recorder.restart("camera")
    sender.key_wanted = True
    studio.send(clean(in_time(sender.picture(5, 2), sender.sound(5, 2))))
    assert spans(await studio.end(7.05)) == []


# ---------------------------------------------------------------- before the first file, and without any


def told(holes: Sequence[Gap]) -> list[tuple[str, float, float, str]]:
    return [(one.source, since(one.started), since(one.ended), one.cause) for one in holes]


def unrecorded(studio: Studio) -> list[tuple[str, float, float, str]]:
    """What the recorder said when it ended, that no file could say."""
    return [hole for event in studio.events if isinstance(event, Unrecorded) for hole in told(event.gaps)]


async def test_what_had_not_come_when_the_recorder_was_ready_is_a_hole_of_the_first_file(studio: Studio) -> None:
    """Nothing once said why a recording began late."""
    speak(studio, 20, 4)
    assert spans(await studio.end(24.1)) == [("camera", 0.0, 20.0, "unbegun"), ("mic", 0.0, 20.0, "unbegun")]
    assert unrecorded(studio) == []


async def test_of_a_device_that_sends_only_sound_the_file_says_that_no_picture_ever_came(studio: Studio) -> None:
    sender = studio.sender = Sender()
    studio.send(clean(list(sender.sound(0, 4))))
    assert spans(await studio.end(4.1)) == [("camera", 0.0, 4.1, "unbegun")]


async def test_of_a_device_that_never_sends_the_recorder_says_so_when_it_ends(studio: Studio) -> None:
    studio.step(10.0)
    assert await studio.end(30.0) == []
    assert unrecorded(studio) == [("camera", 0.0, 30.0, "unbegun"), ("mic", 0.0, 30.0, "unbegun")]
    (event,) = (event for event in studio.events if isinstance(event, Unrecorded))
    assert (since(event.started), since(event.ended)) == (0.0, 30.0)


async def test_what_was_lost_on_the_way_before_a_first_picture_is_not_said_to_be_silence(studio: Studio) -> None:
    """No key frame came whole."""
    sender = Sender()
    packets = list(sender.picture(0, 5))
    studio.send(clean([packet for number, packet in enumerate(packets) if number % 4]))
    await studio.end(5.1)
    assert [hole for hole in unrecorded(studio) if hole[0] == "camera"] == [("camera", 0.0, 5.1, "loss")]


async def test_a_device_that_falls_silent_long_before_the_end_is_told_by_the_recorder(studio: Studio) -> None:
    """Its last file ended when nothing came, and could not know for how long."""
    speak(studio, 0, 2)
    for second in range(3, 20):
        studio.step(float(second))
    assert [segment.gaps for segment in await studio.end(20.0)] == [()]
    assert unrecorded(studio) == [("camera", 2.0, 20.0, "silent"), ("mic", 2.0, 20.0, "silent")]


async def test_after_trouble_with_the_disk_the_recorder_does_not_say_that_nothing_came(studio: Studio) -> None:
    speak(studio, 0, 2)
    studio.recorder.pause("disk")
    await studio.end(20.0)
    assert unrecorded(studio) == []


# ---------------------------------------------------------------- a clock that stands still


def stand_still(packets: list[Sent], at: float, seconds: float) -> list[tuple[float, Sent]]:
    """The sender got no time for so long and then went on where it was: everything comes later by that."""
    return [(packet.captured + 0.03 + (seconds if packet.captured >= at else 0), packet) for packet in packets]


@pytest.mark.parametrize("seconds", [0.4, 0.7, 1.6])
async def test_a_senders_clock_that_stood_still_does_not_move_what_follows_into_the_past(
    studio: Studio, seconds: float
) -> None:
    """Its reports say so: what was captured until the end is recorded until the end."""
    sender = studio.sender = Sender()
    arriving = stand_still(in_time(sender.picture(0, 8), sender.sound(0, 8)), 3.0, seconds)
    for second in range(8):
        studio.send([pair for pair in arriving if second <= pair[1].captured < second + 1])
        last = second + 1 - 0.02
        for source in ("mic", "camera"):
            on_its_clock = ORIGIN + 90 + last + (seconds if last >= 3.0 else 0)
            studio.recorder.report(source, ntp(on_its_clock), sender.timestamp(source, last))
    end = 8 + seconds + 0.05
    segments = await studio.end(end)
    # A second and more in which nothing was sent is told; it lies where the report was heard.
    assert all(hole[3] == "silent" and hole[2] - hole[1] == pytest.approx(seconds) for hole in spans(segments))
    assert bool(spans(segments)) == (seconds >= LEAST)
    assert abs(segments[-1].ended.timestamp() - ORIGIN - end) < 0.1
    assert segments[-1].clock_ms == pytest.approx(90_000 - 30, abs=60)


async def test_without_reports_what_is_missing_at_the_end_is_said_to_be_late(studio: Studio) -> None:
    sender = studio.sender = Sender()
    studio.send(stand_still(in_time(sender.picture(0, 4), sender.sound(0, 4)), 2.0, 0.7))
    assert spans(await studio.end(4.75)) == [("camera", 4.0, 4.8, "late"), ("mic", 4.0, 4.8, "late")]


async def test_a_line_that_holds_back_and_a_clock_that_is_set_move_nothing(studio: Studio) -> None:
    """Each is half of what a clock that stands still looks like."""
    sender = studio.sender = Sender()
    packets = in_time(sender.picture(0, 6), sender.sound(0, 6))
    held = [(packet.captured + (0.6 if 2 <= packet.captured < 4 else 0.03), packet) for packet in packets]
    for second in range(6):
        studio.send([pair for pair in held if second <= pair[1].captured < second + 1])
        last = second + 1 - 0.02
        for source in ("mic", "camera"):
            studio.recorder.report(
                source, ntp(ORIGIN + last + (3.0 if last > 4.5 else 0)), sender.timestamp(source, last)
            )
    (segment,) = await studio.end(6.05)
    assert spans([segment]) == []
    assert abs(segment.ended.timestamp() - ORIGIN - 6.03) < 0.05


async def test_the_senders_clock_is_compared_with_ours(studio: Studio) -> None:
    sender = Sender()
    packets = clean(in_time(sender.picture(0, 2), sender.sound(0, 2)))
    studio.send(packets[:60])
    # Its clock is 90 s ahead of ours.
    studio.recorder.report("mic", ntp(ORIGIN + 0.5 + 90), sender.timestamp("mic", 0.5))
    studio.send(packets[60:])
    (segment,) = await studio.end(2.5)
    assert segment.clock_ms == pytest.approx(90_000 - 30, abs=20)  # the 30 ms are the way


async def test_a_sender_without_a_clock_says_nothing(studio: Studio) -> None:
    sender = Sender()
    packets = clean(list(sender.sound(0, 2)))
    studio.send(packets[:30])
    studio.recorder.report("mic", ntp(5_000.0), sender.timestamp("mic", 0.5))
    studio.send(packets[30:])
    (segment,) = await studio.end(2.5)
    assert segment.clock_ms is None
