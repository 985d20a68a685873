"""Redundant sound (RED): read in place, passed on to who takes it, unpacked for who does not, and holes filled."""

from __future__ import annotations

import itertools
import struct

from aiortc.rtp import RTCP_RTPFB_NACK, RtcpRtpfbPacket
from hypothesis import given, strategies as st

from media.sfu import codecs as opus
from media.sfu.downtrack import DownTrack
from media.sfu.egress import RecorderTap
from media.sfu.sdp import OPUS as OUR_OPUS, RED as OUR_RED, RED_BIT
from tests.media.bench import MIC, OPUS, OPUS_RED, Bench, numbers
from tests.media.taps import CountingTap


def sound(text: bytes) -> bytes:
    """An Opus packet of 20 ms (CELT, one frame), as far as its first byte tells."""
    return b"\xf8" + text


def redundant(*payloads: bytes, step: int = 960, kind: int = OPUS) -> bytes:
    """The last payload with the ones before it repeated, each `step` earlier than the next."""
    heads = b"".join(
        bytes([0x80 | kind]) + ((len(payloads) - 1 - n) * step << 10 | len(payload)).to_bytes(3, "big")
        for n, payload in enumerate(payloads[:-1])
    )
    return heads + bytes([kind]) + b"".join(payloads)


def read(data: bytes) -> tuple[memoryview, list[opus.RedBlock]]:
    mem = memoryview(bytearray(data))
    return mem, opus.parse_red(mem, 0, len(mem), OPUS, OUR_OPUS)


def test_the_fan_out_makes_redundant_of_plain_by_one_bit() -> None:
    assert OUR_OPUS | RED_BIT == OUR_RED != OUR_OPUS


def test_blocks_are_found_with_their_age_and_proven_while_they_join() -> None:
    mem, found = read(redundant(sound(b"one"), sound(b"two"), sound(b"three")))
    assert [(bytes(mem[b.start : b.end]), b.timestamp_offset) for b in found] == [
        (sound(b"one"), 1920),
        (sound(b"two"), 960),
        (sound(b"three"), 0),
    ]
    assert opus.red_numbered_blocks(mem, found) == [found[1], found[0]]
    assert opus.red_own_payload(mem, 0) == found[-1].start


def test_after_a_pause_a_repeated_block_proves_no_number() -> None:
    mem, found = read(redundant(sound(b"one"), sound(b"two"), step=4800))
    assert len(found) == 2
    assert opus.red_numbered_blocks(mem, found) == []


def test_malformed_blocks_are_no_packet() -> None:
    good = redundant(sound(b"one"), sound(b"two"))
    for size in range(len(good)):
        found = read(good[:size])[1]
        assert all(block.end <= size for block in found), size
    assert read(good[:5])[1] == []
    assert read(redundant(sound(b"one"), sound(b"two"), kind=0))[1] == []
    assert read(redundant(*[sound(b"x")] * 9))[1] == [], "more blocks than anybody sends"


@given(st.binary(max_size=80))
def test_any_bytes_can_be_read_and_nothing_but_types_is_changed(data: bytes) -> None:
    mem, found = read(data)
    if found:
        assert opus.red_own_payload(mem, 0) == found[-1].start < found[-1].end == len(data)
        assert all(a.end == b.start for a, b in itertools.pairwise(found))
        opus.red_numbered_blocks(mem, found)
    else:
        assert bytes(mem) == data


@given(st.binary(max_size=3))
def test_an_opus_packet_plays_for_no_time_or_a_possible_one(data: bytes) -> None:
    assert opus.samples(data) in {0} | {n * f for n in range(64) for f in (120, 240, 480, 960, 1920, 2880)}


def taking(bench: Bench, takes: bool) -> DownTrack:
    """A DownTrack some packets into its track, so that no redundant block is older than itself."""
    bench.send(MIC, 1, 960, sound(b"1"))
    downtrack = bench.downtrack("mic")
    downtrack.set_red(takes)
    downtrack.subscribe(bench.stream(MIC))
    for n in range(2, 8):
        bench.send(MIC, n, 960 * n, sound(b"%d" % n))
    bench.arrived()
    return downtrack


async def test_who_takes_it_gets_it_whole(bench: Bench) -> None:
    taking(bench, takes=True)
    bench.send(MIC, 8, 7680, redundant(sound(b"7"), sound(b"8")), OPUS_RED)
    (got,) = bench.arrived()
    assert (got.payload_type, got.payload) == (OUR_RED, redundant(sound(b"7"), sound(b"8"), kind=OUR_OPUS))


async def test_who_does_not_take_it_gets_the_packets_own_sound(bench: Bench) -> None:
    taking(bench, takes=False)
    bench.send(MIC, 8, 7680, redundant(sound(b"7"), sound(b"8")), OPUS_RED)
    (got,) = bench.arrived()
    assert (got.payload_type, got.payload) == (OUR_OPUS, sound(b"8"))


async def test_nobody_is_repeated_what_was_said_before_they_were_there(bench: Bench) -> None:
    bench.send(MIC, 1, 960, sound(b"secret"))
    downtrack = bench.downtrack("mic")
    downtrack.set_red(True)
    downtrack.subscribe(bench.stream(MIC))
    for n in range(2, 9):
        bench.send(MIC, n, 960 * n, redundant(sound(b"secret"), sound(b"%d" % n)), OPUS_RED)
    got = bench.arrived()
    assert [p.payload_type for p in got] == [OUR_OPUS] * opus.MAX_RED_BLOCKS + [OUR_RED] * 3
    assert numbers(got) == list(range(7))


async def test_a_stream_may_begin_redundantly(bench: Bench) -> None:
    bench.send(MIC, 5, 4800, redundant(sound(b"4"), sound(b"5")), OPUS_RED)
    assert bench.stream(MIC).highest == 5
    assert bench.stream(MIC).history.get(4) is None, "from before the beginning"


async def test_a_lost_packet_is_taken_from_the_next_without_asking(bench: Bench) -> None:
    downtrack = taking(bench, takes=False)
    tap = CountingTap("r", "ann", lambda _: None)
    RecorderTap(tap, "mic", lambda: None).subscribe(bench.stream(MIC))
    bench.send(MIC, 10, 9600, redundant(sound(b"8"), sound(b"9"), sound(b"10")), OPUS_RED)
    got = bench.arrived()
    assert [p.payload for p in got] == [sound(b"8"), sound(b"9"), sound(b"10")]
    assert [(p.timestamp - got[0].timestamp) & 0xFFFFFFFF for p in got] == [0, 960, 1920]
    assert tap.packets == {"mic": [8, 9, 10]}
    stream = bench.stream(MIC)
    assert not stream.nacks
    assert (stream.gaps, stream.repaired) == (2, 2)
    # The packet itself, should it still come, is not sent under a number already used.
    bench.send(MIC, 9, 8640, sound(b"9"))
    assert bench.arrived() == []
    assert downtrack.resend(got[1].sequence_number)


async def test_a_hole_that_is_wider_than_what_is_repeated_is_asked_for(bench: Bench) -> None:
    taking(bench, takes=False)
    bench.send(MIC, 10, 9600, redundant(sound(b"9"), sound(b"10")), OPUS_RED)
    assert [p.payload for p in bench.arrived()] == [sound(b"9"), sound(b"10")]
    assert bench.stream(MIC).nacks.due(0.0, 0) == [8]


async def test_a_hole_noticed_earlier_is_filled_later(bench: Bench) -> None:
    taking(bench, takes=False)
    bench.send(MIC, 9, 8640, sound(b"9"))
    bench.send(MIC, 10, 9600, redundant(sound(b"8"), sound(b"9"), sound(b"10")), OPUS_RED)
    assert [p.payload for p in bench.arrived()] == [sound(b"9"), sound(b"8"), sound(b"10")]
    stream = bench.stream(MIC)
    assert (bool(stream.nacks), stream.gaps, stream.repaired) == (False, 1, 1)


async def test_what_is_sent_again_is_what_was_sent(bench: Bench) -> None:
    downtrack = taking(bench, takes=True)
    bench.send(MIC, 8, 7680, redundant(sound(b"7"), sound(b"8")), OPUS_RED)
    (first,) = bench._datagrams()
    number = struct.unpack("!H", first[2:4])[0]
    bench.ask(RtcpRtpfbPacket(RTCP_RTPFB_NACK, 1, downtrack.ssrc, [number]))
    assert bench._datagrams() == [first]
    # Who stops taking it is sent no redundant packet any more, nor one of before in another form.
    downtrack.set_red(False)
    assert not downtrack.resend(number)
    bench.send(MIC, 9, 8640, redundant(sound(b"8"), sound(b"9")), OPUS_RED)
    (again,) = bench._datagrams()
    assert again[1] & 127 == OUR_OPUS


async def test_padding_is_not_taken_for_sound(bench: Bench) -> None:
    taking(bench, takes=False)
    tap = CountingTap("r", "ann", lambda _: None)
    RecorderTap(tap, "mic", lambda: None).subscribe(bench.stream(MIC))
    payload = redundant(sound(b"7"), sound(b"8")) + b"\0\0\3"
    packet = struct.pack("!BBHII", 0xA0, OPUS_RED, 8, 7680, MIC) + payload
    bench.deliver(bench.sender.protect(packet))
    assert (tap.packets, tap.octets) == ({"mic": [8]}, len(sound(b"8")))
