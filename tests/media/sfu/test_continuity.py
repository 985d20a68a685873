"""Whatever is lost, late, repeated, switched, muted or begun anew: numbers go on, and none is used twice.

Examples are small scripts of what can happen to two layers of a camera and a microphone on their way to one subscriber.
"""

from __future__ import annotations

import asyncio
import itertools
import struct
from dataclasses import dataclass, field

from aiortc.rtp import RTCP_RTPFB_NACK, RtcpRtpfbPacket, RtpPacket
from hypothesis import given, settings, strategies as st

from media.engine import Source
from media.sfu.downtrack import DownTrack
from media.sfu.native import NativeForwarder
from media.sfu.udp_mux import UdpMux
from tests.media.bench import CAMERA_H, CAMERA_H_RTX, CAMERA_L, CAMERA_L_RTX, MIC, OPUS_RED, Bench

RTX = {CAMERA_H: CAMERA_H_RTX, CAMERA_L: CAMERA_L_RTX}
SOURCE: dict[int, Source] = {CAMERA_H: "camera", CAMERA_L: "camera", MIC: "mic"}
STEP = {CAMERA_H: 3000, CAMERA_L: 3000, MIC: 960}

STREAMS = st.sampled_from([CAMERA_H, CAMERA_L, MIC])
STEPS = st.one_of(
    st.tuples(st.just("send"), STREAMS, st.integers(1, 6)),
    st.tuples(st.just("key"), st.sampled_from([CAMERA_H, CAMERA_L]), st.integers(1, 3)),
    st.tuples(st.just("change"), st.sampled_from([CAMERA_H, CAMERA_L]), st.integers(1, 3)),
    st.tuples(st.just("redundant"), st.just(MIC), st.integers(1, 3)),
    st.tuples(st.just("lose"), STREAMS, st.integers(1, 3)),
    st.tuples(st.just("late"), STREAMS, st.integers(0, 5)),
    st.tuples(st.just("repeat"), st.sampled_from([CAMERA_H, CAMERA_L]), st.integers(0, 12)),
    st.tuples(st.just("follow"), STREAMS, st.integers(0, 1)),
    st.tuples(st.just("stop"), STREAMS, st.just(0)),
    st.tuples(st.just("anew"), STREAMS, st.just(0)),
    st.tuples(st.just("nack"), STREAMS, st.integers(0, 12)),
    st.tuples(st.just("take"), st.just(MIC), st.integers(0, 1)),
    st.tuples(st.just("wait"), STREAMS, st.integers(1, 40)),
)


@dataclass
class Sender:
    """The publisher's side of one stream: every packet it has made, by number."""

    ssrc: int
    seq: int
    picture: int
    life: int = 0
    made: list[tuple[int, int, bytes]] = field(default_factory=list)
    lost: list[tuple[int, int, bytes]] = field(default_factory=list)

    def make(self, key: bool = False) -> tuple[int, int, bytes]:
        self.seq += 1
        self.picture += 1
        name = struct.pack("!IHH", self.ssrc, self.life, self.seq & 0xFFFF)
        if self.ssrc == MIC:
            payload = b"\xf8" + name
        else:
            number = struct.pack("!H", 0x8000 | self.picture & 0x7FFF)
            tl0 = bytes([self.picture & 0xFF])
            payload = b"\x90\xe0" + number + tl0 + b"\x20" + (b"\0" if key else b"\1") + name
        self.made.append((self.seq, STEP[self.ssrc] * self.seq, payload))
        return self.made[-1]


class Script:
    def __init__(self, bench: Bench, first: int) -> None:
        self.bench = bench
        self.senders = {
            CAMERA_H: Sender(CAMERA_H, first, 32_760),
            CAMERA_L: Sender(CAMERA_L, first + 9, 7),
            MIC: Sender(MIC, first - 3, 0),
        }
        self.repeats = itertools.count()
        self.lost: set[tuple[bytes, int]] = set()  # by origin
        self.seen: dict[tuple[int, int], bytes] = {}  # by SSRC and number, as it went over the wire
        self.sent: dict[int, list[int]] = {}
        self.packets: dict[int, list[RtpPacket]] = {}
        for ssrc in self.senders:
            self.send(ssrc, self.senders[ssrc].make())
        self.downtracks: dict[Source, DownTrack] = {source: bench.downtrack(source) for source in ("camera", "mic")}
        self.downtracks["mic"].subscribe(bench.stream(MIC))
        self.do("change", CAMERA_H, 1)

    def send(self, ssrc: int, packet: tuple[int, int, bytes], kind: int = 0) -> None:
        self.bench.send(ssrc, *packet, kind)

    def do(self, what: str, ssrc: int, n: int) -> None:
        sender, downtrack = self.senders[ssrc], self.downtracks[SOURCE[ssrc]]
        match what:
            case "send":
                for _ in range(n):
                    self.send(ssrc, sender.make())
            case "key":
                for m in range(n):
                    self.send(ssrc, sender.make(key=m == 0))
            case "redundant":
                seq, timestamp, payload = sender.make()
                before = [old[2] for old in sender.made[-1 - n : -1]]
                heads = b"".join(
                    bytes([0x80 | 111]) + ((len(before) - at) * 960 << 10 | len(old)).to_bytes(3, "big")
                    for at, old in enumerate(before)
                )
                self.send(ssrc, (seq, timestamp, heads + bytes([111]) + b"".join(before) + payload), OPUS_RED)
            case "lose":
                made = [sender.make() for _ in range(n)]
                sender.lost += made
                self.lost |= {(packet[2][-8:-2], packet[0] & 0xFFFF) for packet in made}
            case "late" if sender.lost:
                self.send(ssrc, sender.lost.pop(n % len(sender.lost)))
            case "repeat":
                seq, timestamp, payload = sender.made[-1 - n % len(sender.made)]
                self.bench.repeat(RTX[ssrc], next(self.repeats), timestamp, seq, payload)
            case "follow":
                downtrack.subscribe(self.bench.stream(ssrc), since=0.0 if n else float("inf"))
            case "change":
                downtrack.subscribe(self.bench.stream(ssrc))
                self.do("key", ssrc, n)
            case "stop":
                downtrack.stop()
            case "anew":  # the stream ends and begins again elsewhere in its numbers
                self.bench.publisher.tracks.pop(ssrc).end()
                sender.life, sender.seq, sender.lost = sender.life + 1, sender.seq + 5000, []
                sender.made.clear()
                self.send(ssrc, sender.make())
            case "nack":
                if sent := self.sent.get(downtrack.ssrc):
                    self.bench.ask(RtcpRtpfbPacket(RTCP_RTPFB_NACK, 1, downtrack.ssrc, [sent[-1 - n % len(sent)]]))
            case "take":
                downtrack.set_red(bool(n))
            case "wait":
                self.bench.time += n / 20
                for stream in self.bench.publisher.tracks.values():
                    stream.tick(self.bench.time)
        self.look()

    def look(self) -> None:
        """Take in what has come: never two packets under one number that differ by a bit."""
        for data in self.bench._datagrams():
            if 192 <= data[1] <= 223:
                continue
            seq, ssrc = struct.unpack("!H", data[2:4])[0], struct.unpack("!I", data[8:12])[0]
            known = self.seen.setdefault((ssrc, seq), data)
            assert known == data, f"{ssrc} used {seq} twice"
            if known is data:
                self.sent.setdefault(ssrc, []).append(seq)
                self.packets.setdefault(ssrc, []).append(RtpPacket.parse(self.bench.receiver.unprotect(data)))


def origin(packet: RtpPacket) -> tuple[bytes, int]:
    """Which life of which stream a packet is of, and its number there."""
    return packet.payload[-8:-2], struct.unpack("!H", packet.payload[-2:])[0]


def goes_on(packets: list[RtpPacket], lost: set[tuple[bytes, int]], video: bool) -> None:
    """Over the packets that were the newest when they came: a gap is one that the publisher's network made."""
    newest = packets[:1]
    for packet in packets[1:]:
        if 0 < (packet.sequence_number - newest[-1].sequence_number) & 0xFFFF < 0x8000:
            newest.append(packet)
    for a, b in itertools.pairwise(newest):
        step = (b.sequence_number - a.sequence_number) & 0xFFFF
        life, seq = origin(b)
        assert all((life, seq - back & 0xFFFF) in lost for back in range(1, step)), "a gap that was none"
        passed = (b.timestamp - a.timestamp) & 0xFFFFFFFF
        assert 0 < passed < 1 << 31, "time went back"
        if video:
            pictures = (picture(b)[0] - picture(a)[0]) & 0x7FFF
            layers = (picture(b)[1] - picture(a)[1]) & 0xFF
            assert pictures == layers == step, "picture numbers left the packets'"


def picture(packet: RtpPacket) -> tuple[int, int]:
    return struct.unpack("!H", packet.payload[2:4])[0] & 0x7FFF, packet.payload[4]


@settings(max_examples=100)
@given(st.lists(STEPS, min_size=10, max_size=60), st.sampled_from([100, 32_760, 65_530]))
def test_numbers_go_on_and_none_is_used_twice(
    native: NativeForwarder | None, steps: list[tuple[str, int, int]], first: int
) -> None:
    async def play() -> None:
        mux = await UdpMux.bind("127.0.0.1", 0, native=native)
        bench = Bench(mux)
        try:
            script = Script(bench, first)
            for step in steps:
                script.do(*step)
            for source, downtrack in script.downtracks.items():
                goes_on(script.packets.get(downtrack.ssrc, []), script.lost, source == "camera")
        finally:
            bench.publisher.detach()
            bench.close()
            mux.close()
            await asyncio.sleep(0)

    asyncio.run(play())
