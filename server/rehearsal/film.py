"""Looks at a composed recording: how long, which streams, whose picture and sound, and how far apart the two are.

Synthetic people clap every two seconds: their picture turns white while their tone jumps an octave. The distance
between the two onsets, per person, is the skew.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from statistics import median
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from server.rehearsal.peer import CLAP_EVERY, Pattern

WIDTH, HEIGHT = 64, 36  # to which pictures are shrunk: a cell stays dozens of pixels
NEAR_COLOUR = 45  # per channel, after chroma subsampling and H.264
WHITE = 200
HOP = 480  # 10 ms at 48 kHz
WINDOW = 1920
FARTHEST_PAIR = 0.6  # seconds; claps are two seconds apart

Floats = NDArray[np.float64]


def inspect(film: bytes, patterns: Sequence[Pattern]) -> dict[str, Any]:
    """`duration_s`, `streams`, `people_seen`, `people_heard`, `av_skew_ms` (the worst person's median).

    `skews_ms` are the people's own, positive when the picture comes after the sound; None where no clap was found.
    `claps` are each person's: at which second of the film the picture turns white, and by how many ms after the sound.
    """
    with av.open(io.BytesIO(film), "r") as container:
        streams = sorted(stream.type for stream in container.streams)
        duration = float(container.duration or 0) / av.time_base
    times, pictures = pictures_of(film)
    sound = sound_of(film)
    skews: list[float | None] = []
    claps: list[list[tuple[float, int]]] = []
    seen = heard = 0
    for pattern in patterns:
        white = _white_onsets(times, pictures, pattern)
        octave = _octave_onsets(sound, pattern)
        seen += bool(white)
        heard += bool(octave)
        found = [(w, min((w - o for o in octave), key=abs)) for w in white if octave]
        claps.append([(round(w, 3), round(gap * 1000)) for w, gap in found if abs(gap) <= CLAP_EVERY / 2])
        gaps = [gap for _, gap in found if abs(gap) < FARTHEST_PAIR]
        skews.append(round(median(gaps) * 1000) if gaps else None)
    known = [abs(skew) for skew in skews if skew is not None]
    return {
        "duration_s": round(duration, 2),
        "bytes": len(film),
        "streams": streams,
        "people_seen": seen,
        "people_heard": heard,
        "skews_ms": skews,
        "claps": claps,
        "av_skew_ms": max(known) if len(known) == len(patterns) else None,
    }


def pictures_of(film: bytes) -> tuple[Floats, NDArray[np.int16]]:
    """Times in seconds and small RGB pictures, shape (frames, HEIGHT, WIDTH, 3)."""
    times, pictures = [], []
    with av.open(io.BytesIO(film), "r") as container:
        for frame in container.decode(video=0):
            times.append(float(frame.time or 0))
            small = frame.reformat(width=WIDTH, height=HEIGHT, format="rgb24").to_ndarray()
            pictures.append(small.astype(np.int16))
    return np.array(times), np.array(pictures)


def sound_of(film: bytes) -> Floats:
    """Mono samples at 48 kHz, placed by their timestamps so that gaps stay gaps."""
    pieces: list[tuple[int, Floats]] = []
    with av.open(io.BytesIO(film), "r") as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=48_000)
        for frame in container.decode(audio=0):
            start = round(float(frame.time or 0) * 48_000)
            for piece in resampler.resample(frame):
                samples = piece.to_ndarray().reshape(-1).astype(np.float64)
                pieces.append((start, samples))
                start += len(samples)
    if not pieces:
        return np.zeros(0)
    whole = np.zeros(max(start + len(samples) for start, samples in pieces))
    for start, samples in pieces:
        whole[start : start + len(samples)] = samples
    return whole


def _white_onsets(times: Floats, pictures: NDArray[np.int16], pattern: Pattern) -> list[float]:
    """When the region that usually has the person's colour turns white."""
    if not len(pictures):
        return []
    near = np.abs(pictures - np.array(pattern.colour, np.int16)).max(axis=3) < NEAR_COLOUR
    region = near.mean(axis=0) > 0.3
    if region.sum() < 20:
        return []
    white = pictures[:, region].min(axis=2).mean(axis=1) > WHITE
    return [float(times[i]) for i in range(1, len(white)) if white[i] and not white[i - 1]]


def _octave_onsets(sound: Floats, pattern: Pattern) -> list[float]:
    """When a tone an octave above the person's own sets in, from its power in windows of 40 ms."""
    count = max(0, (len(sound) - WINDOW) // HOP)
    if not count:
        return []
    t = np.arange(WINDOW) / 48_000
    wave = np.exp(-2j * np.pi * 2 * pattern.tone * t) * np.hanning(WINDOW)
    power = np.array([abs(np.dot(sound[i * HOP : i * HOP + WINDOW], wave)) for i in range(count)])
    loud = power > max(power.max() * 0.35, 1e-6)
    centre = WINDOW / 2 / 48_000
    return [float(i * HOP / 48_000 + centre) for i in range(1, count) if loud[i] and not loud[i - 10 : i].any()]
