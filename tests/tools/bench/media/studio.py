"""People who are recorded without a network, faster than they speak: real VP8 and Opus, packets with clocks of their
own and the jitter of a clean line, through the recorder itself into files.

Each has a colour and a tone and claps every two seconds (server.app.rehearsal.peer), which is how sound and picture of
a film can be compared. Their camera is what our pages ask browsers for: 640 by 360, 20 pictures and 600 kbit a second.
"""

from __future__ import annotations

import asyncio
import fractions
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import av
import numpy as np

from media.engine import MediaEvent, Segment, Source
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.recorder import ParticipantRecorder
from server.app.rehearsal.peer import CLAP_EVERY, CLAP_FOR, Pattern

SESSION = "film"
ORIGIN = datetime(2026, 11, 25, 2, 0, tzinfo=UTC).timestamp()
WIDTH, HEIGHT, RATE, BITRATE = 640, 360, 20, 600_000
LOOP = 4.0  # seconds of film that are encoded, and then sent again and again
PACKET = 1100  # bytes
JITTER = 0.02  # seconds
REPORTS = 1.0  # seconds between sender reports
PATTERNS = tuple(
    Pattern(colour, tone, WIDTH, HEIGHT, RATE)
    for colour, tone in (
        ((60, 90, 200), 440.0), ((200, 80, 60), 620.0), ((70, 160, 80), 830.0), ((150, 80, 170), 1040.0)
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Packet:
    """`captured` is seconds since the beginning."""

    captured: float
    source: Source
    sequence: int
    timestamp: int
    marker: bool
    payload: bytes


def pictures(pattern: Pattern) -> list[bytes]:
    """A loop of VP8 frames, the first a key frame: somebody who moves before a wall, with a camera's noise."""
    encoder = av.CodecContext.create("libvpx", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt, encoder.bit_rate = WIDTH, HEIGHT, "yuv420p", BITRATE
    encoder.time_base = fractions.Fraction(1, RATE)
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "g": "1000"}
    chance = np.random.default_rng(1)
    wall = np.array(pattern.colour) + chance.integers(-12, 13, (HEIGHT // 8, WIDTH // 8, 1)).repeat(8, 0).repeat(8, 1)
    grain = [chance.integers(-4, 5, (HEIGHT, WIDTH, 1)) for _ in range(7)]
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    found: list[bytes] = []
    for number in range(round(LOOP * RATE)):
        at = number / RATE
        image = wall + grain[number % len(grain)]
        turn = 2 * np.pi * at / LOOP  # where the loop begins again, nothing jumps
        across, down = WIDTH / 2 + 40 * np.sin(turn), HEIGHT / 2 + 12 * np.sin(3 * turn)
        head = ((x - across) / 70) ** 2 + ((y - down) / 95) ** 2 < 1
        mouth = ((x - across) / 25) ** 2 + ((y - down - 45) / (4 + 8 * abs(np.sin(9 * turn)))) ** 2 < 1
        image[head] = (190, 150, 130) + grain[number % len(grain)][head]
        image[mouth] = (110, 40, 40)
        if at % CLAP_EVERY < CLAP_FOR:
            image[:] = 255
        frame = av.VideoFrame.from_ndarray(np.clip(image, 0, 255).astype(np.uint8), "rgb24").reformat(format="yuv420p")
        frame.pts, frame.time_base = number, encoder.time_base
        found += [bytes(each) for each in encoder.encode(frame)]
    return found


def sounds(pattern: Pattern) -> list[bytes]:
    """A loop of Opus frames of 20 ms: syllables, and the octave with each clap."""
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "stereo", av.AudioFormat("s16")
    encoder.bit_rate = 32_000
    times = np.arange(round(LOOP * 48_000)) / 48_000
    clap = times % CLAP_EVERY < CLAP_FOR
    syllables = np.where(times % 0.5 < 0.38, 1.0, 0.02) * np.sin(2 * np.pi * pattern.tone * times)
    wave = (np.where(clap, np.sin(4 * np.pi * pattern.tone * times), syllables) * 6000).astype(np.int16)
    found: list[bytes] = []
    for number in range(round(LOOP * 50)):
        samples = np.repeat(wave[number * 960 : (number + 1) * 960], 2).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, "s16", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, number * 960, fractions.Fraction(1, 48_000)
        found += [bytes(each) for each in encoder.encode(frame)]
    return found


def packets(pattern: Pattern, seconds: float, chance: random.Random) -> Iterator[Packet]:
    """In the order of capture."""
    seen, heard = pictures(pattern), sounds(pattern)
    clocks = {"camera": chance.getrandbits(32), "mic": chance.getrandbits(32)}
    numbers = {"camera": chance.getrandbits(16), "mic": chance.getrandbits(16)}

    def packet(source: Source, at: float, rate: int, marker: bool, payload: bytes) -> Packet:
        numbers[source] += 1
        timestamp = clocks[source] + round(at * rate) & 0xFFFF_FFFF
        return Packet(at, source, numbers[source] & 0xFFFF, timestamp, marker, payload)

    for number in range(round(seconds * 50)):
        yield packet("mic", number / 50, 48_000, True, heard[number % len(heard)])
        # 20 pictures to 50 frames of sound.
        if number * RATE // 50 != (number - 1) * RATE // 50:
            count = number * RATE // 50
            frame = seen[count % len(seen)]
            parts = [frame[at : at + PACKET] for at in range(0, len(frame), PACKET)]
            for part, body in enumerate(parts):
                begin = bytes((0x90 if part == 0 else 0x80, 0x80, 0x80 | count >> 8 & 0x7F, count & 0xFF))
                yield packet("camera", count / RATE, 90_000, part == len(parts) - 1, begin + body)


async def record(shelf: EncryptedFileStore, seconds: float) -> dict[str, list[Segment]]:
    """Everybody's files by seat, made in simulated time."""
    found: dict[str, list[Segment]] = {}
    for number, pattern in enumerate(PATTERNS):
        found[f"seat-{number}"] = await _take(shelf, f"seat-{number}", pattern, seconds, random.Random(number))
    return found


async def _take(
    shelf: EncryptedFileStore, seat: str, pattern: Pattern, seconds: float, chance: random.Random
) -> list[Segment]:
    told: list[MediaEvent] = []
    take = ParticipantRecorder(
        shelf.folder, SESSION, seat, told.append, lambda source: None, lambda: None, 60.0, shelf.keys
    )  # fmt: skip
    arriving = sorted(
        ((packet.captured + 0.03 + chance.random() * JITTER, packet) for packet in packets(pattern, seconds, chance)),
        key=lambda pair: pair[0],
    )
    due, reported = 0.0, dict.fromkeys(("mic", "camera"), -REPORTS)
    for at, packet in arriving:
        while due <= at:
            take.work(100.0 + due, ORIGIN + due)
            due += 0.1
        if at - reported[packet.source] >= REPORTS:
            reported[packet.source] = at
            ntp = int((ORIGIN + 7.25 + packet.captured + 2_208_988_800) * (1 << 32))  # by a clock that is wrong
            take.report(packet.source, ntp, packet.timestamp)
        take.packet(
            packet.source, packet.sequence, packet.timestamp, packet.marker, packet.payload, ORIGIN + at
        )  # fmt: skip
    take.close("closed")
    while not take.work(100.0 + due, ORIGIN + due):
        due += 0.1
    await asyncio.sleep(0)  # its last events are on their way through the loop
    return [event for event in told if isinstance(event, Segment)]
