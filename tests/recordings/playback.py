"""Reads recordings back: what a player would show and let hear, with its times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from numpy.typing import NDArray

from tests.recordings.keyring import plain


@dataclass
class Playback:
    """Times in seconds from the start of the file."""

    video: list[float]
    pictures: list[NDArray[np.uint8]]  # RGB
    audio_start: float
    samples: NDArray[np.float64]  # mono, 48 kHz, from audio_start on
    streams: Sequence[str]

    def flashes(self, x: int | slice = slice(None), y: int | slice = slice(None)) -> list[float]:
        """When the picture (a part of it) turned white."""
        bright = [float(picture[y, x].mean()) > 215 for picture in self.pictures]
        return [time for time, now, before in zip(self.video, bright, [False, *bright], strict=False) if now > before]

    def beeps(self, hertz: float) -> list[float]:
        """When a tone set in."""
        window = 240
        count = len(self.samples) // window
        times = np.arange(window) / 48_000
        probe = np.exp(-2j * np.pi * hertz * times)
        power = np.abs(self.samples[: count * window].reshape(count, window) @ probe) / window
        loud = power > power.max() * 0.4
        starts = np.flatnonzero(loud[1:] & ~loud[:-1]) + 1
        found: list[float] = []
        for start in ([0] if count and loud[0] else []) + starts.tolist():
            at = self.audio_start + start * window / 48_000
            if not found or at - found[-1] > 0.4:
                found.append(at)
        return found

    def level(self, hertz: float) -> float:
        """Amplitude of a tone over the whole file."""
        times = np.arange(len(self.samples)) / 48_000
        return float(np.abs(self.samples @ np.exp(-2j * np.pi * hertz * times)) / max(1, len(self.samples)))


def play(source: Path | BinaryIO) -> Playback:
    """`source`: a person's file by its path, or anything that is open."""
    video: list[float] = []
    pictures: list[NDArray[np.uint8]] = []
    pieces: list[NDArray[np.float64]] = []
    audio_start = -1.0
    with plain(source) if isinstance(source, Path) else source as file, av.open(file, "r") as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=48_000)
        streams = [stream.type for stream in container.streams]
        for frame in container.decode():
            if isinstance(frame, av.VideoFrame):
                assert frame.time is not None
                video.append(frame.time)
                pictures.append(frame.to_ndarray(format="rgb24").astype(np.uint8))
            elif isinstance(frame, av.AudioFrame):
                assert frame.time is not None
                if audio_start < 0:
                    audio_start = frame.time
                # Holes in sound are silence, as a player makes them.
                missing = round((frame.time - audio_start) * 48_000) - sum(map(len, pieces))
                if missing > 480:
                    pieces.append(np.zeros(missing))
                for part in resampler.resample(frame):
                    pieces.append(part.to_ndarray()[0].astype(np.float64))
    return Playback(video, pictures, audio_start, np.concatenate(pieces) if pieces else np.zeros(0), streams)


def packet_times(path: Path) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {}
    with plain(path) as file, av.open(file, "r") as container:
        for packet in container.demux():
            if packet.pts is not None and packet.time_base is not None:
                times.setdefault(packet.stream.type, []).append(float(packet.pts * packet.time_base))
    return times
