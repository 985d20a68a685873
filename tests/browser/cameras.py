"""What a browser's camera and microphone are given instead of a room: a colour with a moving bar, and a tone.

Chromium plays the two files in a loop as its capture devices, so a page gets them through getUserMedia like a
person's. Both loops last two seconds and clap together: white picture, octave of the tone.
"""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from server.app.rehearsal.peer import CLAP_EVERY, CLAP_FOR, RATE, Pattern


def write(folder: Path, pattern: Pattern) -> tuple[Path, Path]:
    """A Y4M film and a WAV file, two seconds each."""
    folder.mkdir(parents=True, exist_ok=True)
    film, sound = folder / "camera.y4m", folder / "microphone.wav"
    width, height, rate = pattern.width, pattern.height, pattern.rate
    with film.open("wb") as out:
        out.write(f"YUV4MPEG2 W{width} H{height} F{rate}:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(int(rate * CLAP_EVERY)):
            clap = number / rate < CLAP_FOR
            out.write(b"FRAME\n")
            for plane in _planes((255, 255, 255) if clap else pattern.colour, width, height, number):
                out.write(plane.tobytes())
    t = np.arange(int(RATE * CLAP_EVERY)) / RATE
    tone = np.where(t < CLAP_FOR, np.sin(4 * np.pi * pattern.tone * t), np.sin(2 * np.pi * pattern.tone * t))
    with wave.open(str(sound), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((tone * 9000).astype("<i2").tobytes())
    return film, sound


def _planes(colour: tuple[int, int, int], width: int, height: int, number: int) -> list[np.ndarray]:
    """Y, U, V of a plain colour (BT.601, full range) with a bar at the bottom that moves."""
    red, green, blue = colour
    y = 0.299 * red + 0.587 * green + 0.114 * blue
    u, v = 128 + (blue - y) * 0.564, 128 + (red - y) * 0.713
    luma = np.full((height, width), round(y), np.uint8)
    left = number * 16 % (width - 40)
    luma[-height // 8 :, left : left + 40] = 235
    half = (height // 2, width // 2)
    return [luma, np.full(half, round(u), np.uint8), np.full(half, round(v), np.uint8)]
