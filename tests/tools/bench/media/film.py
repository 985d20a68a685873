"""A second of moving picture and sound, encoded: what a forwarder that decodes has to be given."""

from __future__ import annotations

import fractions

import av
import numpy as np

RATE = 48_000
SAMPLES = 960  # 20 ms


def pictures(width: int, height: int, frames: int, parts: int, packet: int) -> list[list[bytes]]:
    """VP8 frames, 30 a second, the first a key frame, each in `parts` payloads or more, of at most `packet` bytes."""
    encoder = av.CodecContext.create("libvpx", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt, encoder.bit_rate = (
        width,
        height,
        "yuv420p",
        frames * parts * packet * 8,
    )
    encoder.time_base = fractions.Fraction(1, 30)
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "g": "1000"}
    noise = np.random.default_rng(1).integers(0, 3, (height, width), np.uint8)
    found: list[bytes] = []
    for n in range(frames):
        luma = (noise + (np.arange(width) // 4 + 5 * n).astype(np.uint8) % 160).astype(np.uint8)
        luma = np.roll(luma, 3 * n, axis=0)
        grey = np.full((height // 2, width), 128, np.uint8)
        frame = av.VideoFrame.from_ndarray(np.vstack([luma, grey]), format="yuv420p")
        frame.pts, frame.time_base = n, encoder.time_base
        found += [bytes(each) for each in encoder.encode(frame)]
    return [_cut(data, max(parts, -(-len(data) // packet))) for data in found]


def _cut(data: bytes, parts: int) -> list[bytes]:
    size = -(-len(data) // parts)
    return [data[at : at + size] for at in range(0, len(data), size)]


def sounds() -> list[bytes]:
    """Opus frames of a tone."""
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "stereo", av.AudioFormat("s16")
    found: list[bytes] = []
    for n in range(50):
        wave = np.sin(2 * np.pi * 440 * (np.arange(SAMPLES) + n * SAMPLES) / RATE) * 8000
        frame = av.AudioFrame.from_ndarray(np.repeat(wave.astype(np.int16), 2).reshape(1, -1), "s16", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, n * SAMPLES, fractions.Fraction(1, RATE)
        found += [bytes(each) for each in encoder.encode(frame)]
    return found
