"""A hole in a file is noted with its cause, from what became of the packets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from media.engine import HoleCause, Segment, Source
from recordings.holes import Holes, Tally
from recordings.reorder import Reorder
from recordings.writing import Writer
from tests.recordings.sender import Sender, in_time, ntp
from tests.recordings.studio import ORIGIN, Studio, clean

T = 1_790_000_000.0


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(T + seconds, UTC)


def tallies() -> dict[Source, Tally]:
    return {"mic": Tally(), "camera": Tally(), "screen": Tally()}


def lose(tally: Tally) -> None:
    tally.lost += 50


def lose_some_of_it_late(tally: Tally) -> None:
    tally.lost += 50
    tally.late += 49


def come_late(tally: Tally) -> None:
    tally.lost += 50
    tally.late += 50


def write_slowly(tally: Tally) -> None:
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
def test_the_cause_is_what_became_of_the_packets(happens: Callable[[Tally], None] | None, cause: HoleCause) -> None:
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


# ---------------------------------------------------------------- through a take


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
    (segment,) = await studio.end(4.5)
    return segment


@pytest.mark.parametrize(("lost", "cause"), [(True, "loss"), (False, "silent")])
async def test_sound_that_is_not_there_is_a_hole_of_its_file(
    tmp_path: Path, writer: Writer, lost: bool, cause: str
) -> None:
    segment = await record(Studio(tmp_path, writer=writer), (1.0, 2.6), "mic", lost=lost)
    (hole,) = segment.holes
    assert (hole.source, hole.cause) == ("mic", cause)
    assert abs(hole.started.timestamp() - ORIGIN - 1.03) < 0.05
    assert abs(hole.ended.timestamp() - ORIGIN - 2.63) < 0.05


async def test_a_whole_recording_has_none(tmp_path: Path, writer: Writer) -> None:
    assert (await record(Studio(tmp_path, writer=writer), (9.0, 9.0), "mic", lost=False)).holes == ()


async def test_the_senders_clock_is_compared_with_ours(tmp_path: Path, writer: Writer) -> None:
    studio, sender = Studio(tmp_path, writer=writer), Sender()
    packets = clean(in_time(sender.picture(0, 2), sender.sound(0, 2)))
    studio.send(packets[:60])
    # Its clock is 90 s ahead of ours.
    studio.take.report("mic", ntp(ORIGIN + 0.5 + 90), sender.timestamp("mic", 0.5))
    studio.send(packets[60:])
    (segment,) = await studio.end(2.5)
    assert segment.clock_ms == pytest.approx(90_000 - 30, abs=20)  # the 30 ms are the way


async def test_a_sender_without_a_clock_says_nothing(tmp_path: Path, writer: Writer) -> None:
    studio, sender = Studio(tmp_path, writer=writer), Sender()
    packets = clean(list(sender.sound(0, 2)))
    studio.send(packets[:30])
    studio.take.report("mic", ntp(5_000.0), sender.timestamp("mic", 0.5))
    studio.send(packets[30:])
    (segment,) = await studio.end(2.5)
    assert segment.clock_ms is None
