"""Sound as a browser sends it: Opus of 20 ms, with the RTP numbers of a microphone."""

from __future__ import annotations

from collections.abc import Iterator

import av
import numpy as np
from numpy.typing import NDArray

from media import PacketRun

CLOCK, STEP = 48_000, 960
Sound = NDArray[np.int16]


def voice(seconds: float, loud: float = 0.3) -> Sound:
    """A buzz in syllables: not speech, but as loud, and no tone of one pitch."""
    at = np.arange(round(seconds * CLOCK)) / CLOCK
    syllable = 0.6 + 0.4 * np.sin(2 * np.pi * 4 * at)
    return np.asarray(loud * 32767 * syllable * (2 * ((at * 140) % 1) - 1), np.int16)


def silence(seconds: float) -> Sound:
    return np.zeros(round(seconds * CLOCK), np.int16)


def packets(
    *parts: Sound, start: float = 1_000.0, timestamp: int = 4_294_960_000, sequence: int = 65_530
) -> list[PacketRun]:
    """`start`: when the first arrives (time.time()). The numbers run over their ends, as they may."""
    return [
        PacketRun((65_530 + n) & 0xFFFF, (timestamp + n * STEP) & 0xFFFFFFFF, False, payload, start + n * 0.02, 1)
        for n, payload in enumerate(_opus(np.concatenate(parts)))
    ]


def _opus(sound: Sound) -> Iterator[bytes]:
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = CLOCK, "mono", "s16"
    for place in range(0, len(sound) - STEP + 1, STEP):
        frame = av.AudioFrame.from_ndarray(sound[None, place : place + STEP], format="s16", layout="mono")
        frame.sample_rate, frame.pts = CLOCK, place
        yield from (bytes(packet) for packet in encoder.encode(frame))
