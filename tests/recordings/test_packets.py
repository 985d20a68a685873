"""The small pure parts of the recorder: order, frames, times, names."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from recordings import webm
from recordings.files import file_name, parse_name
from recordings.timeline import ClockAlignment, Interleaver, Reorder
from tests.recordings.sender import ntp

KEY = bytes([0x10, 0, 0, 0x9D, 0x01, 0x2A, 0x40, 0x01, 0xF0, 0x00])
DELTA = bytes([0x11, 0, 0, 0])


@given(st.integers(0, 0xFFFF), st.randoms(use_true_random=False), st.integers(1, 200))
def test_shuffled_packets_come_out_in_order_and_complete(first: int, chance: random.Random, count: int) -> None:
    order: Reorder[int] = Reorder()
    numbers = sorted(range(1, count), key=lambda number: number + chance.uniform(0, 8))
    out = []
    for number in [0, *numbers]:
        order.push(first + number & 0xFFFF, number, 0.0)
        out += list(order.pop(0.1))
    assert out == [(number, 0) for number in range(count)]


def test_a_hole_is_waited_for_and_then_counted() -> None:
    order: Reorder[str] = Reorder(hold=0.3)
    order.push(65_535, "a", 0.0)
    order.push(2, "d", 0.1)
    assert list(order.pop(0.2)) == [("a", 0)]
    order.push(1, "c", 0.3)
    assert list(order.pop(0.39)) == []
    assert list(order.pop(0.41)) == []  # the one before the hole came later
    assert list(order.pop(0.61)) == [("c", 1), ("d", 0)]
    order.push(0, "b", 0.7)
    order.push(2, "d", 0.7)
    assert list(order.pop(9.0)) == []
    assert order.late == 1  # the other one came twice


def test_sources_are_merged_by_time_and_do_not_wait_for_one_that_went_silent() -> None:
    interleaver: Interleaver[str] = Interleaver(hold=0.2)
    interleaver.push("mic", [10.00], ["m0"], 0.0)
    interleaver.push("camera", [9.98], ["c0"], 0.01)
    interleaver.push("mic", [10.02], ["m1"], 0.02)
    assert [item for _, _, _, item, _ in interleaver.pop(0.03)] == ["c0"]
    interleaver.push("camera", [10.01], ["c1"], 0.04)
    assert [item for _, _, _, item, _ in interleaver.pop(0.05)] == ["m0", "c1"]
    interleaver.push("mic", [10.04], ["m2"], 0.25)
    assert [item for _, _, _, item, _ in interleaver.pop(0.26)] == ["m1", "m2"]


def test_a_source_of_which_something_is_held_back_is_waited_for() -> None:
    interleaver: Interleaver[str] = Interleaver(hold=0.2, patience=1.0)
    interleaver.push("mic", [10.00], ["m0"], 0.0)
    interleaver.push("camera", [10.02], ["c0"], 0.0)
    assert [item for _, _, _, item, _ in interleaver.pop(0.5, behind=["mic"])] == ["m0"]
    interleaver.push("mic", [10.01], ["m1"], 0.6)
    assert [item for _, _, _, item, _ in interleaver.pop(0.6, behind=["mic"])] == ["m1"]
    assert [item for _, _, _, item, _ in interleaver.pop(1.1, behind=["mic"])] == ["c0"], "but not for ever"


def payload(body: bytes, start: bool = True, picture: int = -1, tl0: int = -1, layer: int = -1) -> bytes:
    first, flags, fields = (0x10 if start else 0), 0, b""
    if picture >= 0:
        flags, fields = flags | 0x80, fields + (0x8000 | picture).to_bytes(2, "big")
    if tl0 >= 0:
        flags, fields = flags | 0x60, fields + bytes([tl0, layer << 6])
    return (bytes([first | 0x80, flags]) + fields if flags else bytes([first])) + body


def test_a_frame_in_several_packets_is_put_together() -> None:
    frames = webm.OrderedFrameAssembler()
    assert frames.push(1, False, payload(KEY), 0) is None
    frame = frames.push(1, True, payload(b"rest", start=False), 0)
    assert frame == webm.Frame(KEY + b"rest", True, 320, 240)


def test_after_a_lost_frame_nothing_is_shown_until_a_key_frame() -> None:
    frames = webm.OrderedFrameAssembler()
    assert frames.push(1, True, payload(KEY, picture=5), 0)
    assert frames.push(2, True, payload(DELTA, picture=7), 1) is None
    assert frames.needs_key
    assert frames.push(3, True, payload(DELTA, picture=8), 0) is None
    assert frames.push(4, True, payload(KEY, picture=9), 0)
    assert not frames.needs_key


def test_losing_padding_or_a_frame_of_an_upper_layer_costs_no_more_than_that() -> None:
    frames = webm.OrderedFrameAssembler()
    assert frames.push(1, True, payload(KEY, picture=1, tl0=255, layer=0), 0)
    assert frames.push(2, True, payload(DELTA, picture=2, tl0=255, layer=2), 3)  # three packets of padding
    assert frames.push(4, True, payload(DELTA, picture=4, tl0=255, layer=2), 1) is None  # picture 3 is lost
    assert frames.push(5, True, payload(DELTA, picture=5, tl0=0, layer=0), 0)
    assert frames.push(7, True, payload(DELTA, picture=7, tl0=2, layer=0), 1) is None  # a base frame is lost


def test_a_frame_without_its_last_packet_is_given_up() -> None:
    frames = webm.OrderedFrameAssembler()
    assert frames.push(1, True, payload(KEY), 0)
    assert frames.push(2, False, payload(DELTA), 0) is None
    assert frames.push(3, True, payload(DELTA), 1) is None
    assert frames.dropped == 2


@given(st.binary(max_size=40), st.booleans(), st.integers(0, 3))
def test_no_payload_breaks_the_assembly(rubbish: bytes, marker: bool, lost: int) -> None:
    frames = webm.OrderedFrameAssembler()
    for timestamp in (1, 1, 2):
        frames.push(timestamp, marker, rubbish, lost)
    webm.opus_duration_ms(rubbish)


@pytest.mark.parametrize(
    ("packet", "milliseconds"),
    [(b"\xf8\xff\xfe", 20), (b"\x78", 20), (b"\x08\0", 20), (b"\xfb\x03", 60), (b"\xe1", 5), (b"\xfb", 0), (b"", 0)],
)
def test_an_opus_packet_says_how_long_it_is(packet: bytes, milliseconds: float) -> None:
    assert webm.opus_duration_ms(packet) == milliseconds


def test_timestamps_wrap_and_the_least_delayed_packet_sets_the_clock() -> None:
    align = ClockAlignment()
    start = 2**32 - 96_000
    walls = []
    for number in range(400):
        late = 0.2 if number == 0 else 0.05 if number % 3 else 0.0
        align.line("mic").arrived(1000.0 + number * 0.02 + late, start + number * 960 & 0xFFFF_FFFF)
        walls.append(align.wall("mic", start + number * 960 & 0xFFFF_FFFF))
    assert all(0 < after - before < 0.03 for before, after in pairwise(walls))
    assert walls[-1] == pytest.approx(1000.0 + 399 * 0.02, abs=0.002)


def test_a_sender_whose_clock_stood_still_is_where_its_packets_are_after_two_seconds() -> None:
    """A phone that slept counts on from where it was; else its recording would lie in the past for good."""
    align = ClockAlignment()
    slept = 0.0
    for number in range(500):
        slept = 4.0 if number >= 200 else 0.0
        for source, step in (("mic", 960), ("camera", 1800)):
            align.line(source).arrived(1000.0 + number * 0.02 + slept, number * step)  # type: ignore[arg-type]
            align.wall(source, number * step)  # type: ignore[arg-type]
        if number == 150:
            align.reported("mic", ntp(50.0), number * 960)
            align.reported("camera", ntp(50.0), number * 1800)
        if number == 290:  # not yet: it may be the network
            assert align.wall("mic", number * 960) == pytest.approx(1000.0 + number * 0.02, abs=0.01)
    for source, step in (("mic", 960), ("camera", 1800)):
        assert align.wall(source, 499 * step) == pytest.approx(1004.0 + 499 * 0.02, abs=0.01)  # type: ignore[arg-type]


def test_a_line_that_held_everything_back_does_not_move_the_clock() -> None:
    align = ClockAlignment()
    for number in range(400):
        late = max(0.0, 7.0 - number * 0.02) if 200 <= number < 350 else 0.0
        align.line("mic").arrived(1000.0 + number * 0.02 + late, number * 960)
    assert align.wall("mic", 399 * 960) == pytest.approx(1000.0 + 399 * 0.02, abs=0.01)


def test_a_report_that_cannot_be_true_is_not_believed() -> None:
    align = ClockAlignment()
    align.line("mic").arrived(1000.0, 0)
    align.line("camera").arrived(1000.1, 0)
    align.reported("mic", ntp(50.0), 0)
    align.reported("camera", ntp(50.05), 0)
    assert align.wall("camera", 0) == pytest.approx(1000.05)
    align.reported("camera", ntp(99.0), 0)
    assert align.wall("camera", 0) == pytest.approx(1000.1)


def test_a_file_name_tells_when_it_begins() -> None:
    started = datetime(2026, 11, 25, 2, 3, 4, 567_000, UTC)
    assert file_name(started, "screen") == "20261125T020304567Z-screen.webm"
    assert parse_name("20261125T020304567Z-screen.webm") == (started, "screen")
    assert parse_name("20261125T020304567Z-camera.webm.part") == (started, "camera")
    assert parse_name("20261325T020304567Z-camera.webm") is None
    assert parse_name("composed.mp4") is None
