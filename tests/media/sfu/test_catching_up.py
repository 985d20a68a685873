"""Newcomers begin with the key frame that is kept, and never see anything from before they were let in."""

from __future__ import annotations

import itertools
import struct

from aiortc.rtp import RTCP_PSFB_PLI, RTCP_RTPFB_NACK, RtcpPsfbPacket, RtcpRtpfbPacket, RtpPacket

from media.sfu.downtrack import DownTrack
from media.sfu.egress import RecorderTap
from media.sfu.rtp import KEY_FRAME_FRESH_FOR, MAX_CATCH_UP
from tests.media.bench import CAMERA_H, CAMERA_L, SCREEN, Bench, numbers, picture
from tests.media.taps import CountingTap


def pictures(packets: list[RtpPacket], downtrack: DownTrack) -> list[RtpPacket]:
    return [packet for packet in packets if packet.ssrc == downtrack.ssrc]


def ids(packets: list[RtpPacket]) -> list[int]:
    return [struct.unpack("!H", packet.payload[2:4])[0] & 0x7FFF for packet in packets]


def steps(packets: list[RtpPacket]) -> list[int]:
    return [(b.timestamp - a.timestamp) & 0xFFFFFFFF for a, b in itertools.pairwise(packets)]


async def show(bench: Bench, first: int, count: int, key: bool = True) -> None:
    for n in range(first, first + count):
        bench.send(SCREEN, n, 3000 * n, picture(n, key=key and n == first))


async def test_a_newcomer_is_shown_the_kept_key_frame_and_all_since_then_at_once(bench: Bench) -> None:
    await show(bench, 1, 5)
    bench.told_publisher()
    downtrack = bench.downtrack("screen")
    downtrack.subscribe(bench.stream(SCREEN), since=0.0)
    past = pictures(bench.arrived(), downtrack)
    assert (numbers(past), ids(past)) == ([0, 1, 2, 3, 4], [1, 2, 3, 4, 5])
    assert [p.payload for p in past] == [picture(n, key=n == 1) for n in range(1, 6)]
    # The past is hurried through, so that what is live is not shown late.
    assert steps(past) == [90] * 4
    await show(bench, 6, 2, key=False)
    live = pictures(bench.arrived(), downtrack)
    assert numbers(past + live) == list(range(7))
    assert steps(past + live)[4:] == [3000, 3000]
    assert bench.told_publisher() == [], "no key frame was asked for"


async def test_what_is_sent_again_of_the_past_has_the_time_it_was_sent_with(bench: Bench) -> None:
    await show(bench, 1, 5)
    downtrack = bench.downtrack("screen")
    downtrack.subscribe(bench.stream(SCREEN), since=0.0)
    past = pictures(bench.arrived(), downtrack)
    bench.ask(RtcpRtpfbPacket(RTCP_RTPFB_NACK, 1, downtrack.ssrc, [p.sequence_number for p in past]))
    again = bench.arrived()
    assert [p.timestamp for p in again] == [p.timestamp for p in past]
    assert [p.payload[2:] for p in again] == [p.payload for p in past]


async def test_the_rest_of_the_latest_picture_belongs_to_it(bench: Bench) -> None:
    await show(bench, 1, 2)
    downtrack = bench.downtrack("screen")
    downtrack.subscribe(bench.stream(SCREEN), since=0.0)
    bench.send(SCREEN, 3, 6000, b"\x80\x80" + struct.pack("!H", 0x8002) + b"more")
    got = pictures(bench.arrived(), downtrack)
    assert steps(got) == [90, 0]


async def test_a_past_that_is_old_incomplete_or_long_is_left_alone(bench: Bench) -> None:
    await show(bench, 1, 3)
    stream = bench.stream(SCREEN)
    assert len(stream.packets_since_key_frame(0.0)) == 3
    bench.time = KEY_FRAME_FRESH_FOR + 0.1
    assert stream.packets_since_key_frame(0.0) == []
    await show(bench, 4, 2)
    bench.send(SCREEN, 7, 21_000, picture(7))
    assert stream.packets_since_key_frame(0.0) == [], "one is missing"
    bench.send(SCREEN, 6, 18_000, picture(6))
    assert len(stream.packets_since_key_frame(0.0)) == 4
    await show(bench, 8, MAX_CATCH_UP - 4, key=False)
    assert len(stream.packets_since_key_frame(0.0)) == MAX_CATCH_UP
    await show(bench, 8 + MAX_CATCH_UP - 4, 1, key=False)
    assert stream.packets_since_key_frame(0.0) == []


async def test_nobody_sees_a_picture_from_before_they_were_let_in(bench: Bench) -> None:
    bench.time = 10.0
    await show(bench, 1, 3)
    downtrack = bench.downtrack("screen")
    downtrack.subscribe(bench.stream(SCREEN), since=10.001)
    assert pictures(bench.arrived(), downtrack) == []
    await show(bench, 4, 2)
    assert ids(pictures(bench.arrived(), downtrack)) == [4, 5]


async def test_without_a_word_on_since_when_there_is_no_past(bench: Bench) -> None:
    await show(bench, 1, 3)
    downtrack = bench.downtrack("screen")
    downtrack.subscribe(bench.stream(SCREEN))
    packets = bench.told_publisher()
    assert [p.fmt for p in packets if isinstance(p, RtcpPsfbPacket)] == [RTCP_PSFB_PLI]


async def test_a_recording_begins_with_what_comes_after_it_was_switched_on(bench: Bench) -> None:
    await show(bench, 1, 3)
    tap = CountingTap("r", "ann", lambda _: None)
    RecorderTap(tap, "screen", lambda: None).subscribe(bench.stream(SCREEN), since=0.0)
    assert tap.packets == {}
    await show(bench, 4, 2)
    assert tap.packets == {"screen": [4, 5]}


async def test_a_change_of_layers_waits_for_a_key_frame_of_its_own(bench: Bench) -> None:
    bench.send(CAMERA_H, 1, 0, picture(1, key=True))
    bench.send(CAMERA_L, 1, 0, picture(1, key=True))
    downtrack = bench.downtrack("camera")
    downtrack.subscribe(bench.stream(CAMERA_H), since=0.0)
    downtrack.subscribe(bench.stream(CAMERA_L), since=0.0)
    assert downtrack.track is bench.stream(CAMERA_H)


async def test_after_a_pause_the_past_goes_on_with_the_numbers(bench: Bench) -> None:
    downtrack = bench.downtrack("screen")
    await show(bench, 1, 3)
    downtrack.subscribe(bench.stream(SCREEN), since=0.0)
    before = pictures(bench.arrived(), downtrack)
    downtrack.stop()
    await show(bench, 4, 3)
    assert pictures(bench.arrived(), downtrack) == []
    downtrack.subscribe(bench.stream(SCREEN), since=0.0)
    await show(bench, 7, 2, key=False)
    got = before + pictures(bench.arrived(), downtrack)
    assert numbers(got) == list(range(8))
    assert all(0 < step < 1 << 31 for step in steps(got))
    assert [(b - a) & 0x7FFF for a, b in itertools.pairwise(ids(got))] == [1] * 7
    packets, octets = downtrack.sent
    assert (packets, octets) == (8, 8 * len(picture(1)))
