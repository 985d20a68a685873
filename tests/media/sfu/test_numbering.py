"""The packets a subscriber gets: numbered without a gap or a repetition, whatever happens to the stream behind them."""

from __future__ import annotations

import itertools
import struct

from aiortc.rtp import (
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
    RtpPacket,
)

from media.sfu.egress import RecorderTap
from media.sfu.transport import MAX_SSRCS
from tests.media.bench import CAMERA_H, CAMERA_L, MIC, OPUS, Bench, numbers, picture
from tests.media.taps import CountingTap


async def test_sound_is_passed_on_byte_for_byte_under_new_numbers(bench: Bench) -> None:
    bench.send(MIC, 65_534, 960, b"one")
    downtrack = bench.downtrack("mic")
    downtrack.subscribe(bench.stream(MIC))
    for n, word in enumerate((b"two", b"three", b"four"), 1):
        bench.send(MIC, 65_534 + n, 960 * (n + 1), word)
    got = bench.arrived()
    assert [p.payload for p in got] == [b"two", b"three", b"four"]
    assert numbers(got) == [0, 1, 2]
    assert {(p.ssrc, p.payload_type) for p in got} == {(downtrack.ssrc, 111)}
    assert [(p.timestamp - got[0].timestamp) & 0xFFFFFFFF for p in got] == [0, 960, 1920]


async def test_numbering_goes_on_over_a_mute(bench: Bench) -> None:
    bench.send(MIC, 10, 0, b"x")
    downtrack = bench.downtrack("mic")
    downtrack.subscribe(bench.stream(MIC))
    bench.send(MIC, 11, 960, b"a")
    before = bench.arrived()
    downtrack.stop()
    for n in range(12, 40):
        bench.send(MIC, n, 960 * (n - 10), b"secret")
    assert bench.arrived() == []
    downtrack.subscribe(bench.stream(MIC))
    bench.send(MIC, 40, 960 * 30, b"b")
    after = bench.arrived()
    assert numbers(before + after) == [0, 1]
    assert 0 < (after[0].timestamp - before[0].timestamp) & 0xFFFFFFFF < 1 << 31


async def test_what_was_said_while_muted_cannot_be_asked_for_later(bench: Bench) -> None:
    bench.send(MIC, 10, 0, b"x")
    downtrack = bench.downtrack("mic")
    downtrack.subscribe(bench.stream(MIC))
    bench.send(MIC, 11, 960, b"a")
    last = bench.arrived()[-1].sequence_number
    downtrack.stop()
    bench.send(MIC, 12, 1920, b"secret")
    downtrack.subscribe(bench.stream(MIC))
    bench.send(MIC, 13, 2880, b"b")
    bench.arrived()
    assert not downtrack.resend(last), "the key would be used twice for one number"
    bench.send(MIC, 9, 0, b"late")
    assert bench.arrived() == []


async def test_a_picture_begins_with_a_key_frame_that_was_asked_for(bench: Bench) -> None:
    bench.send(CAMERA_H, 1, 0, picture(1))
    downtrack = bench.downtrack("camera")
    downtrack.subscribe(bench.stream(CAMERA_H))
    assert [p.fmt for p in bench.told_publisher() if isinstance(p, RtcpPsfbPacket)] == [RTCP_PSFB_PLI]
    bench.send(CAMERA_H, 2, 3000, picture(2))
    assert bench.arrived() == []
    bench.send(CAMERA_H, 3, 6000, picture(3, key=True))
    bench.send(CAMERA_H, 4, 9000, picture(4))
    assert numbers(bench.arrived()) == [0, 1]


async def test_key_frames_are_asked_for_twice_a_second_at_most(bench: Bench) -> None:
    bench.send(CAMERA_H, 1, 0, picture(1))
    stream = bench.stream(CAMERA_H)
    for _ in range(20):
        stream.request_key_frame()
    assert len(bench.told_publisher()) == 1
    stream.tick(1e12)
    assert len(bench.told_publisher()) == 1


async def test_a_layer_switch_shows_no_gap_in_numbers_or_pictures(bench: Bench) -> None:
    bench.send(CAMERA_H, 100, 0, picture(1, key=True))
    bench.send(CAMERA_L, 7, 500, picture(900, key=True))
    high, low = bench.stream(CAMERA_H), bench.stream(CAMERA_L)
    downtrack = bench.downtrack("camera")
    downtrack.subscribe(high)
    bench.send(CAMERA_H, 101, 3000, picture(2, key=True))
    bench.send(CAMERA_H, 102, 6000, picture(3))
    downtrack.subscribe(low)
    bench.send(CAMERA_H, 103, 9000, picture(4))
    bench.send(CAMERA_L, 8, 9500, picture(901))
    bench.send(CAMERA_L, 9, 12_500, picture(902, key=True))
    bench.send(CAMERA_L, 10, 15_500, picture(903))
    got = [p for p in bench.arrived() if p.payload_type == 96]
    assert numbers(got) == [0, 1, 2, 3, 4]
    ids = [struct.unpack("!H", p.payload[2:4])[0] & 0x7FFF for p in got]
    assert ids == [2, 3, 4, 5, 6]
    steps = [(b.timestamp - a.timestamp) & 0xFFFFFFFF for a, b in itertools.pairwise(got)]
    assert all(0 < step < 90_000 for step in steps)


async def test_late_packets_are_passed_on_and_noticed_as_repaired(bench: Bench) -> None:
    bench.send(MIC, 1, 0, b"x")
    downtrack = bench.downtrack("mic")
    downtrack.subscribe(bench.stream(MIC))
    for n in (2, 5):
        bench.send(MIC, n, 960 * n, b"%d" % n)
    stream = bench.stream(MIC)
    stream.tick(0.0)
    (nack,) = [p for p in bench.told_publisher() if isinstance(p, RtcpRtpfbPacket)]
    assert (nack.fmt, nack.lost) == (RTCP_RTPFB_NACK, [3, 4])
    bench.send(MIC, 4, 3840, b"4")
    bench.send(MIC, 3, 2880, b"3")
    assert [p.payload for p in bench.arrived()] == [b"4", b"3"]
    stream.tick(1.0)
    assert bench.told_publisher() == []


async def test_a_gap_over_the_turn_of_numbers_is_asked_for(bench: Bench) -> None:
    bench.send(MIC, 65_534, 0, b"x")
    bench.send(MIC, 1, 2880, b"y")
    bench.stream(MIC).tick(0.0)
    (nack,) = [p for p in bench.told_publisher() if isinstance(p, RtcpRtpfbPacket)]
    assert sorted(nack.lost) == [0, 65_535]


async def test_what_a_client_missed_is_sent_again(bench: Bench) -> None:
    bench.send(CAMERA_H, 1, 0, picture(1))
    bench.send(MIC, 1, 0, b"x")
    video, audio = bench.downtrack("camera"), bench.downtrack("mic")
    video.subscribe(bench.stream(CAMERA_H))
    audio.subscribe(bench.stream(MIC))
    bench.send(CAMERA_H, 2, 3000, picture(2, key=True))
    bench.send(MIC, 2, 960, b"y")
    seen, heard = bench.arrived()
    for downtrack, packet in ((video, seen), (audio, heard)):
        bench.ask(RtcpRtpfbPacket(RTCP_RTPFB_NACK, 1, downtrack.ssrc, [packet.sequence_number]))
    # Sound comes again as it was, which libsrtp's replay check refuses to a test; pictures come as RTX.
    (raw_rtx, raw_again) = bench._datagrams()
    again = RtpPacket.parse(bench.receiver.unprotect(raw_rtx))
    assert again.ssrc != seen.ssrc
    assert struct.unpack("!H", again.payload[:2])[0] == seen.sequence_number
    assert again.payload[2:] == seen.payload
    assert struct.unpack("!H", raw_again[2:4])[0] == heard.sequence_number


async def test_answers_to_nack_hold_beyond_the_first_half_of_the_numbers(bench: Bench) -> None:
    bench.send(MIC, 0, 0, b"x")
    downtrack = bench.downtrack("mic")
    downtrack.subscribe(bench.stream(MIC))
    for n in range(1, 33_000):
        bench.send(MIC, n, 960 * n, b"z")
        if n % 200 == 0:
            bench._datagrams()
    bench.send(MIC, 33_001, 960 * 33_001, b"after the gap")
    got = bench.arrived()
    bench.send(MIC, 33_000, 960 * 33_000, b"late")
    assert [p.payload for p in bench.arrived()] == [b"late"]
    assert downtrack.resend(got[-1].sequence_number)


async def test_reports_keep_sound_and_picture_together(bench: Bench) -> None:
    bench.send(MIC, 1, 1000, b"x")
    downtrack = bench.downtrack("mic")
    downtrack.subscribe(bench.stream(MIC))
    bench.send(MIC, 2, 1960, b"y")
    (packet,) = bench.arrived()
    report = RtcpSrPacket(MIC, RtcpSenderInfo(5 << 32, 1960, 2, 2))
    bench.deliver(bench.sender.protect_rtcp(bytes(report)))
    (mapped,) = bench.told_subscriber()
    assert isinstance(mapped, RtcpSrPacket)
    assert (mapped.ssrc, mapped.sender_info.ntp_timestamp) == (downtrack.ssrc, 5 << 32)
    assert mapped.sender_info.rtp_timestamp == packet.timestamp


async def test_numbers_of_strange_streams_are_bounded(bench: Bench) -> None:
    bench.send(MIC, 1, 0, b"x")
    for ssrc in range(5000, 6000):
        packet = struct.pack("!BBHII", 0x80, 99, 1, 0, ssrc) + b"what"
        bench.deliver(bench.sender.protect(packet))
    assert set(bench.publisher.tracks) == {MIC}
    assert len(bench.publisher._known_ssrcs) == MAX_SSRCS
    received = bench.stream(MIC).received
    bench.send(MIC, 2, 960, b"x")
    assert bench.stream(MIC).received == received + 1


async def test_a_recording_gets_the_plain_payload_without_padding(bench: Bench) -> None:
    bench.send(MIC, 1, 0, b"x")
    tap = CountingTap("r", "ann", lambda _: None)
    recorder_tap = RecorderTap(tap, "mic", lambda: None)
    recorder_tap.subscribe(bench.stream(MIC))
    packet = struct.pack("!BBHII", 0xA0, OPUS, 2, 960, MIC) + b"sound" + b"\0\0\3"
    bench.deliver(bench.sender.protect(packet))
    assert (tap.packets, tap.octets, tap.restarts) == ({"mic": [2]}, 5, [])


async def test_a_recording_is_told_when_the_numbering_begins_anew(bench: Bench) -> None:
    bench.send(CAMERA_H, 1, 0, picture(1))
    bench.send(CAMERA_L, 50, 0, picture(1))
    tap = CountingTap("r", "ann", lambda _: None)
    recorder_tap = RecorderTap(tap, "camera", lambda: None)
    recorder_tap.subscribe(bench.stream(CAMERA_H))
    bench.send(CAMERA_H, 2, 3000, picture(2, key=True))
    recorder_tap.subscribe(bench.stream(CAMERA_L))
    bench.send(CAMERA_L, 51, 3000, picture(2, key=True))
    bench.send(CAMERA_H, 3, 6000, picture(3))
    assert (tap.packets, tap.restarts) == ({"camera": [2, 51]}, ["camera"])


async def test_a_recorder_that_fails_ends_its_recording_and_nothing_else(bench: Bench) -> None:
    class Broken(CountingTap):
        def packet(self, *_: object) -> None:
            raise OSError("disk gone")

    failures: list[int] = []
    bench.send(MIC, 1, 0, b"x")

    def failed() -> None:
        failures.append(1)
        recorder_tap.stop()

    recorder_tap = RecorderTap(Broken("r", "ann", lambda _: None), "mic", failed)
    recorder_tap.subscribe(bench.stream(MIC))
    bench.downtrack("mic").subscribe(bench.stream(MIC))
    for n in range(2, 5):
        bench.send(MIC, n, 960 * n, b"x")
    assert (len(failures), len(bench.arrived())) == (1, 3)
