"""Retransmissions from publishers: whose they are, and that what they repeat goes on as if it had only been late."""

from __future__ import annotations

import asyncio
import struct

from aiortc.rtp import RTCP_PSFB_PLI, RTCP_RTPFB_NACK, RtcpPsfbPacket, RtcpRtpfbPacket

from media.sfu.egress import RecorderTap
from media.sfu.rtp import MAX_NACKS
from tests.media.bench import (
    CAMERA_H,
    CAMERA_H_RTX,
    CAMERA_L,
    CAMERA_L_RTX,
    MIC,
    SCREEN,
    SCREEN_RTX,
    VP8_RTX,
    Bench,
    numbers,
    picture,
)
from tests.media.taps import CountingTap


async def test_a_picture_repeated_under_its_named_number_is_passed_on(bench: Bench) -> None:
    bench.send(SCREEN, 10, 0, picture(1))
    downtrack = bench.downtrack("screen")
    downtrack.subscribe(bench.stream(SCREEN))
    bench.send(SCREEN, 11, 3000, picture(2, key=True))
    bench.send(SCREEN, 13, 9000, picture(4))
    bench.repeat(SCREEN_RTX, 500, 6000, 12, picture(3))
    got = [p for p in bench.arrived() if p.ssrc == downtrack.ssrc]
    assert numbers(got) == [0, 2, 1]
    assert got[2].payload == picture(3)
    assert (got[2].timestamp - got[0].timestamp) & 0xFFFFFFFF == 3000
    assert bench.stream(SCREEN).retransmitted == 1
    # And what a subscriber lost of it can be sent again from here.
    assert downtrack.resend(got[2].sequence_number)


async def test_with_layers_the_header_says_which_one_is_repeated(bench: Bench) -> None:
    bench.send(CAMERA_H, 1, 0, picture(1))
    bench.send(CAMERA_L, 1, 0, picture(1))
    for ssrc in (CAMERA_H, CAMERA_L):
        bench.send(ssrc, 3, 6000, picture(3))
    bench.repeat(CAMERA_L_RTX, 7, 3000, 2, picture(2))
    assert [bench.stream(ssrc).history.get(2) is not None for ssrc in (CAMERA_H, CAMERA_L)] == [False, True]
    bench.repeat(CAMERA_H_RTX, 7, 3000, 2, picture(2))
    assert bench.stream(CAMERA_H).history.get(2) is not None
    assert not bench.stream(CAMERA_H).nacks


async def test_a_layer_that_begins_anew_is_found_by_its_name_again(bench: Bench) -> None:
    bench.send(CAMERA_H, 1, 0, picture(1))
    bench.send(CAMERA_H, 3, 6000, picture(3))
    bench.repeat(CAMERA_H_RTX, 7, 3000, 2, picture(2))
    stream = bench.publisher.tracks.pop(CAMERA_H)
    stream.end()
    bench.repeat(CAMERA_H_RTX, 8, 3000, 2, picture(2))  # of something that is gone: nothing happens
    bench.send(CAMERA_H, 100, 0, picture(1))
    bench.send(CAMERA_H, 102, 6000, picture(3))
    bench.repeat(CAMERA_H_RTX, 9, 3000, 101, picture(2))
    assert bench.stream(CAMERA_H).history.get(101) is not None


async def test_padding_that_probes_the_network_is_nothing(bench: Bench) -> None:
    bench.send(SCREEN, 10, 0, picture(1, key=True))
    downtrack = bench.downtrack("screen")
    downtrack.subscribe(bench.stream(SCREEN))
    padding = struct.pack("!BBHII", 0xA0, VP8_RTX, 500, 0, SCREEN_RTX) + bytes(199) + bytes([200])
    bench.deliver(bench.sender.protect(padding))
    bench.send(SCREEN_RTX, 501, 0, b"\0", VP8_RTX)  # too short to name an original
    bench.repeat(SCREEN_RTX, 502, 0, 10, b"")
    assert bench.stream(SCREEN).received == 1
    # A probe that repeats what has come goes nowhere either.
    bench.repeat(SCREEN_RTX, 503, 0, 10, picture(1, key=True))
    bench.repeat(SCREEN_RTX, 504, 0, 10 - 600, picture(1))
    assert bench.stream(SCREEN).received == 1
    assert bench.arrived() == []
    assert bench.mux.drops["repeated"] == 2


async def test_what_comes_late_and_again_goes_out_once(bench: Bench) -> None:
    bench.send(SCREEN, 10, 0, picture(1))
    downtrack = bench.downtrack("screen")
    downtrack.subscribe(bench.stream(SCREEN))
    bench.send(SCREEN, 11, 3000, picture(2, key=True))
    bench.send(SCREEN, 13, 9000, picture(4))
    bench.repeat(SCREEN_RTX, 500, 6000, 12, picture(3))
    bench.send(SCREEN, 12, 6000, picture(3))
    bench.repeat(SCREEN_RTX, 501, 6000, 12, picture(3))
    assert numbers([p for p in bench.arrived() if p.ssrc == downtrack.ssrc]) == [0, 2, 1]


async def test_a_recording_gets_what_was_repeated(bench: Bench) -> None:
    bench.send(SCREEN, 10, 0, picture(1))
    tap = CountingTap("r", "ann", lambda _: None)
    RecorderTap(tap, "screen", lambda: None).subscribe(bench.stream(SCREEN))
    bench.send(SCREEN, 11, 3000, picture(2, key=True))
    bench.send(SCREEN, 13, 9000, picture(4))
    bench.repeat(SCREEN_RTX, 500, 6000, 12, picture(3))
    assert (tap.packets, tap.octets) == ({"screen": [11, 13, 12]}, 3 * len(picture(3)))


async def test_loss_is_reported_as_the_network_had_it_and_reordering_is_none(bench: Bench) -> None:
    for n in (1, 2, 3, 5, 6, 7, 9, 8, 10):
        bench.send(MIC, n, 960 * n, b"x")
    stream = bench.stream(MIC)
    stream.tick(0.0)
    bench.send(MIC, 4, 3840, b"x")  # it had been asked for: the network had lost it
    report = stream.report(1.0, 1.0)
    assert (report.packets_lost, report.fraction_lost) == (1, 256 // 10)
    assert (stream.gaps, stream.repaired) == (1, 1)


async def test_a_picture_given_up_costs_a_key_frame_and_sound_does_not(bench: Bench) -> None:
    for ssrc in (SCREEN, MIC):
        bench.send(ssrc, 1, 0, picture(1))
        bench.send(ssrc, 3, 6000, picture(3))
    asked: dict[int, int] = {SCREEN: 0, MIC: 0}
    keys = []
    bench.publisher.rtt.sample(0.05)
    for n in range(100):
        for ssrc in asked:
            bench.stream(ssrc).tick(n / 10)
        for packet in bench.told_publisher():
            if isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
                asked[packet.media_ssrc] += 1
            elif isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_PLI:
                keys.append((n, packet.media_ssrc))
    assert asked == {SCREEN: MAX_NACKS, MIC: MAX_NACKS}
    assert keys == [(MAX_NACKS, SCREEN)]


async def test_the_first_asking_does_not_wait_for_the_next_tick(bench: Bench) -> None:
    bench.send(MIC, 1, 0, b"x")
    bench.send(MIC, 3, 1920, b"x")
    data = await _next_datagram(bench)
    assert 192 <= data[1] <= 223


async def _next_datagram(bench: Bench) -> bytes:
    async with asyncio.timeout(2):
        return await asyncio.get_running_loop().sock_recv(bench.client, 2048)


async def test_a_liar_is_sent_no_more_than_half_of_what_it_got_again(bench: Bench) -> None:
    bench.send(MIC, 1, 0, b"x")
    downtrack = bench.downtrack("mic")
    downtrack.subscribe(bench.stream(MIC))
    for n in range(2, 202):
        bench.send(MIC, n, 960 * n, bytes(1000))
    heard = [p.sequence_number for p in bench.arrived()]
    for _ in range(100):
        bench.ask(RtcpRtpfbPacket(RTCP_RTPFB_NACK, 1, downtrack.ssrc, heard[:60]))
        bench.ask(RtcpRtpfbPacket(RTCP_RTPFB_NACK, 1, downtrack.ssrc, heard[60:120]))
    again = len(bench._datagrams())
    assert 50 <= again <= 132, "half of 200 kB, and the start"
    assert bench.subscriber.resend_budget.refused > 0
