"""What comes in by either way goes into a recording alike."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiortc.rtp import RtcpSenderInfo

from media.sfu.egress import RecorderTap
from media.sfu.native import NativeForwarder
from recordings.files.keys import case_keys
from recordings.recorder import ParticipantRecorder
from recordings.timeline import Interleaved
from recordings.webm import Frame
from recordings.writer import FrameWriter
from tests.media.bench import MIC, SCREEN, Bench, picture, written
from tests.media.sfu.native.receivers import (
    library as library,  # a fixture
    opened,
)
from tests.media.taps import CountingTap
from tests.recordings.studio import ORIGIN
from tests.tools.bench.media.traffic import KEY_FRAME

pytestmark = pytest.mark.native

Piece = tuple[
    int, int, bytes, bool, int, bool
]  # lost before it, timestamp, payload, marker, padding, handed over behind it


def film(chance: random.Random) -> Iterator[Piece]:
    """Frames of several packets, some of them damaged in one way or another."""
    for number in range(60):
        parts = chance.randint(1, 6)
        name = bytes((0x80, 0x80 | number >> 8, number & 0xFF))
        for part in range(parts):
            head = bytes((0x90 if part == 0 else 0x80,)) + name
            if chance.random() < 0.05:
                head = chance.choice([b"\x80\x80\x81\x02", b"\x10", b"\x00", b"\x90", b"", head[:2], head[:4]])
            start = KEY_FRAME if number % 7 == 0 else b"\x01"
            body = (start if part == 0 else b"") + chance.randbytes(chance.choice([0, 1, 2, 9, 40]))
            yield (
                chance.choices([0, 1, 3], [40, 1, 1])[0], 3000 * number, head + body,
                part == parts - 1 and chance.random() < 0.95, chance.choices([0, 1, 2], [9, 1, 1])[0],
                chance.random() < 0.1,
            )  # fmt: skip


class Shown:
    """Stands in for a recording's `SegmentRotator`: what would be written, in order."""

    file = None

    def __init__(self) -> None:
        self.items: list[Any] = []

    def write(self, items: Iterable[Interleaved[Frame | bytes]]) -> None:
        self.items += [item for _, _, _, item, _ in items]

    def tick(self, wall: float) -> bool:
        return False

    def close(self) -> None:
        return


@pytest.mark.parametrize("seed", range(12))
def test_what_is_recorded_is_the_same_on_both_ways(library: NativeForwarder, tmp_path: Path, seed: int) -> None:
    folder = tmp_path

    async def record(native: NativeForwarder | None) -> Any:
        async with opened(native) as bench:
            bench.recorded_at_once = False
            recorder = ParticipantRecorder(
                folder, "r", "ann", lambda _: None, lambda _: None, lambda: None, 45.0, case_keys(folder)
            )
            shown = Shown()
            track_writer = recorder.track_writer
            assert isinstance(track_writer, FrameWriter)
            track_writer._rotators = {"camera": shown, "screen": shown}  # type: ignore[dict-item]
            recorder_taps = [RecorderTap(recorder, name, lambda: None) for name in ("mic", "screen")]
            send(bench, SCREEN, 0, 0, picture(0, key=True), True)
            send(bench, MIC, 0, 0, b"\x78", False)
            for recorder_tap, ssrc in zip(recorder_taps, (MIC, SCREEN), strict=True):
                recorder_tap.subscribe(bench.stream(ssrc))
            seq = 0
            for number, (lost, timestamp, payload, marker, padding, now) in enumerate(film(random.Random(seed))):
                seq += 1 + lost
                send(bench, SCREEN, seq, 90_000 + timestamp, payload, marker, padding)
                send(bench, MIC, 1 + number, 960 * number, b"\x78%d" % number, False, padding)
                if now:
                    for recorder_tap in recorder_taps:
                        recorder_tap.flush()
                    recorder.work(number / 10, ORIGIN + number / 10)
            for recorder_tap in recorder_taps:
                recorder_tap.stop()
            recorder.close("closed")
            recorder.work(100.0, ORIGIN + 100.0)
            assert recorder._put == recorder.taken
            assert sum(isinstance(item, Frame) for item in shown.items) > 3
            return shown.items, {source: tally.seen for source, tally in recorder.tallies.items()}

    with pytest.MonkeyPatch.context() as patch:
        # Sound and picture are woven by when they came, which is another time each time.
        patch.setattr("recordings.writer.Interleaver", OneByOne)
        assert asyncio.run(record(library)) == asyncio.run(record(None))


def send(bench: Bench, ssrc: int, seq: int, timestamp: int, payload: bytes, marker: bool, padding: int = 0) -> None:
    tail = bytes(padding - 1) + bytes([padding]) if padding else b""
    packet = bytearray(written(ssrc, seq, timestamp, payload + tail))
    packet[0] |= 0x20 if padding else 0
    packet[1] |= 0x80 if marker else 0
    bench.deliver(bench.sender.protect(bytes(packet)))


class OneByOne:
    """Sources one after the other, each in the order it came."""

    def __init__(self) -> None:
        self._held: dict[str, list[Any]] = {}

    def push(self, source: str, walls: Sequence[float], items: Sequence[Any], now: float) -> None:
        assert len(walls) == len(items)
        self._held.setdefault(source, []).extend(items)

    def pop(self, now: float, everything: bool = False, behind: Any = ()) -> list[Interleaved[Any]]:
        held = self._held if everything else {}
        return [(0.0, 0, source, item, 0.0) for source in sorted(held) for item in held[source]]


def followed(bench: Bench) -> tuple[CountingTap, RecorderTap]:
    """A screen that goes into a recording from its next key frame on, and collects."""
    bench.recorded_at_once = False
    tap = CountingTap("r", "ann", lambda _: None)
    send(bench, SCREEN, 0, 0, picture(0, key=True), True)
    recorder_tap = RecorderTap(tap, "screen", lambda: None)
    recorder_tap.subscribe(bench.stream(SCREEN))
    return tap, recorder_tap


async def test_packets_collect_until_they_are_handed_over_and_a_full_chute_is_emptied_before(
    library: NativeForwarder,
) -> None:
    async with opened(library) as bench:
        tap, recorder_tap = followed(bench)
        for seq in range(1, 500):
            key = seq == 1
            send(bench, SCREEN, seq, 3000 * (1 + seq // 5), picture(seq // 5, key) + bytes(1100), seq % 5 == 4)
        assert recorder_tap.frame_buffer is not None
        assert 0 < len(tap.packets["screen"]) < 499, "more than the buffer holds"
        recorder_tap.flush()
        assert tap.packets["screen"] == list(range(1, 500))
        assert recorder_tap.frame_buffer.packets == 0
        send(bench, SCREEN, 500, 300_000, picture(100), True)
        recorder_tap.stop()
        assert tap.packets["screen"][-1] == 500, "what has collected is not lost at the end"
        memory = recorder_tap.frame_buffer._bytes
        recorder_tap.flush(unfinished=True)
        assert recorder_tap.frame_buffer._bytes is memory, "an empty buffer is not exchanged"


async def test_a_senders_report_comes_behind_what_had_collected_when_it_came(library: NativeForwarder) -> None:
    async with opened(library) as bench:
        tap, recorder_tap = followed(bench)
        for seq in range(1, 6):
            send(bench, SCREEN, seq, 3000 * seq, picture(seq, key=seq == 1), True)
        began = list(tap.packets["screen"])
        recorder_tap.on_sender_report(RtcpSenderInfo(1 << 32, 15_000, 0, 0))
        assert (tap.packets["screen"], tap.reports) == (began, [])
        recorder_tap.flush()
        assert (tap.packets["screen"], tap.reports) == ([1, 2, 3, 4, 5], ["screen"])
        recorder_tap.on_sender_report(RtcpSenderInfo(2 << 32, 105_000, 0, 0))
        assert tap.reports == ["screen"] * 2, "nothing to wait for"
        send(bench, SCREEN, 6, 18_000, picture(6), True)
        recorder_tap.on_sender_report(RtcpSenderInfo(3 << 32, 195_000, 0, 0))
        recorder_tap.stop()
        assert (tap.packets["screen"][-1], tap.reports) == (6, ["screen"] * 3)
