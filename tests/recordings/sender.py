"""A publisher without a network: real VP8 and Opus, packetised as a browser would, with a clock of its own."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import av
import numpy as np
from aiortc.codecs.opus import OpusEncoder
from aiortc.codecs.vpx import Vp8Encoder

from media import Tap
from media.engine import Source

FPS = 25


@dataclass
class Sent:
    """One packet on the way; `captured` is seconds since the sender's start."""

    source: Source
    sequence: int
    timestamp: int
    marker: bool
    payload: bytes
    captured: float


@dataclass
class Sender:
    """Pictures of one colour that turn white for 80 ms at every whole second, beside a beep at the same instant."""

    colour: tuple[int, int, int] = (200, 60, 60)
    tone: float = 440.0
    width: int = 320
    height: int = 240
    steady: bool = False  # a constant tone and no flashes
    key_wanted: bool = False
    _sequences: dict[Source, int] = field(default_factory=lambda: {"mic": 65_500, "camera": 65_000, "screen": 7})
    _bases: dict[Source, int] = field(default_factory=lambda: {"mic": 4_294_900_000, "camera": 77_000, "screen": 5})

    def __post_init__(self) -> None:
        self._vp8, self._opus = Vp8Encoder(), OpusEncoder()

    def resize(self, width: int, height: int) -> None:
        self.width, self.height, self._vp8 = width, height, Vp8Encoder()

    def renumber(self, source: Source) -> None:
        self._sequences[source], self._bases[source] = random.Random(5).getrandbits(16), 123_456

    def timestamp(self, source: Source, captured: float) -> int:
        rate = 48_000 if source == "mic" else 90_000
        return self._bases[source] + round(captured * rate) & 0xFFFF_FFFF

    def sound(self, start: float, seconds: float) -> Iterator[Sent]:
        for number in range(round(seconds * 50)):
            captured = start + number / 50
            times = captured + np.arange(960) / 48_000
            wave = np.sin(2 * math.pi * self.tone * times)
            if not self.steady:
                wave *= (times % 1.0) < 0.08
            samples = (wave * 12_000).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(np.repeat(samples, 2)[None, :], format="s16", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = 48_000, number * 960, Fraction(1, 48_000)
            for payload in self._opus.encode(frame)[0]:
                yield self._packet("mic", captured, True, payload)

    def picture(self, start: float, seconds: float, source: Source = "camera") -> Iterator[Sent]:
        for number in range(round(seconds * FPS)):
            captured = start + number / FPS
            yield from self.frame(captured, source)

    def frame(self, captured: float, source: Source = "camera") -> Iterator[Sent]:
        flash = not self.steady and captured % 1.0 < 0.0799
        pixels = np.empty((self.height, self.width, 3), np.uint8)
        pixels[:] = (255, 255, 255) if flash else self.colour
        # Something to code in every frame, so that a lost packet is a lost picture.
        at = round(captured * FPS) % (self.width // 8) * 8
        pixels[: self.height // 8, at : at + 8] = np.random.default_rng(at).integers(
            0, 255, (self.height // 8, 8, 3), dtype=np.uint8
        )
        picture = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        picture.pts, picture.time_base = round(captured * 90_000), Fraction(1, 90_000)
        key, self.key_wanted = self.key_wanted, False
        payloads, _ = self._vp8.encode(picture.reformat(format="yuv420p"), force_keyframe=key)
        for index, payload in enumerate(payloads):
            yield self._packet(source, captured, index == len(payloads) - 1, payload)

    def _packet(self, source: Source, captured: float, marker: bool, payload: bytes) -> Sent:
        sequence = self._sequences[source]
        self._sequences[source] = sequence + 1 & 0xFFFF
        return Sent(source, sequence, self.timestamp(source, captured), marker, payload, captured)


def ntp(seconds: float) -> int:
    return int((seconds + 2_208_988_800) * (1 << 32))


def in_time(*streams: Iterator[Sent]) -> list[Sent]:
    return sorted((packet for stream in streams for packet in stream), key=lambda packet: packet.captured)


def lossy(packets: list[Sent], loss: float, seed: int = 1, most_delay: float = 0.12) -> list[tuple[float, Sent]]:
    """(arrival, packet): some are lost, some late enough to be overtaken."""
    chance = random.Random(seed)
    arriving = [
        (packet.captured + 0.03 + (chance.uniform(0, most_delay) if chance.random() < 0.2 else 0.0), packet)
        for packet in packets
        if chance.random() >= loss
    ]
    return sorted(arriving, key=lambda pair: pair[0])


def feed(tap: Tap, arriving: list[tuple[float, Sent]], origin: float, step: Callable[[float], None]) -> None:
    """Hand packets over in a simulated time: `step(at)` is called every 50 ms of it and may write."""
    due = arriving[0][0]
    for at, packet in arriving:
        while due <= at:
            step(due)
            due += 0.05
        tap.packet(packet.source, packet.sequence, packet.timestamp, packet.marker, packet.payload, origin + at)
    step(due)
