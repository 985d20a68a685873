"""Drawn people for the pictures in the README: nobody real, nothing copied, a face that blinks and talks.

Everything is drawn here from circles and curves. Only pictures use them; tests measure plain colours (cameras.py).
"""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from server.app.rehearsal.peer import RATE

WIDE, HIGH, FRAMES, SECONDS = 640, 360, 15, 4
FINE = 2  # drawn twice as large, then made smaller: smooth edges
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Portrait:
    wall: Colour
    shelf: Colour
    skin: Colour
    hair: Colour
    coat: Colour
    shirt: Colour
    glasses: bool = False
    long_hair: bool = False
    talks: bool = False


CONSUMER = Portrait(
    (222, 203, 172), (186, 150, 108), (232, 190, 160), (178, 176, 172), (124, 58, 66), (240, 230, 214),
    glasses=True, long_hair=True, talks=True,
)  # fmt: skip
BUSINESS = Portrait(
    (190, 201, 214), (150, 166, 186), (229, 182, 146), (36, 36, 38), (58, 64, 74), (242, 243, 243)
)  # fmt: skip
MEDIATOR = Portrait(
    (226, 222, 208), (120, 146, 138), (236, 196, 166), (42, 34, 32), (18, 66, 62), (250, 248, 240), long_hair=True
)  # fmt: skip


def write(folder: Path, portrait: Portrait) -> tuple[Path, Path]:
    """A Y4M film and a WAV file, four seconds each; only who talks is heard."""
    folder.mkdir(parents=True, exist_ok=True)
    film, sound = folder / "camera.y4m", folder / "microphone.wav"
    with film.open("wb") as out:
        out.write(f"YUV4MPEG2 W{WIDE} H{HIGH} F{FRAMES}:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(FRAMES * SECONDS):
            out.write(b"FRAME\n")
            y, u, v = draw(portrait, number).convert("YCbCr").split()
            half = (WIDE // 2, HIGH // 2)
            out.write(y.tobytes() + u.resize(half).tobytes() + v.resize(half).tobytes())
    t = np.arange(RATE * SECONDS) / RATE
    voice = np.sin(2 * np.pi * 180 * t) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * t)) if portrait.talks else t * 0
    with wave.open(str(sound), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((voice * 9000).astype("<i2").tobytes())
    return film, sound


def draw(person: Portrait, number: int) -> Image.Image:
    """One frame. `number` moves the head a little, opens the mouth, closes the eyes once in a while."""
    image = Image.new("RGB", (WIDE * FINE, HIGH * FINE), person.wall)
    pen = ImageDraw.Draw(image)
    sway = 2 * np.sin(2 * np.pi * number / (FRAMES * SECONDS))

    def box(x: float, y: float, wide: float, high: float) -> tuple[float, float, float, float]:
        """Around a middle; x from the middle of the picture, y from its top."""
        left, top = WIDE / 2 + sway + x - wide / 2, y - high / 2
        return left * FINE, top * FINE, (left + wide) * FINE, (top + high) * FINE

    def path(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [((WIDE / 2 + sway + x) * FINE, y * FINE) for x, y in points]

    _room(pen, person)
    dark = _shade(person.hair, 0.85)
    if person.long_hair:
        pen.rounded_rectangle(box(0, 150, 142, 170), 66 * FINE, fill=person.hair)
    pen.rounded_rectangle(box(0, 380, 300, 250), 95 * FINE, fill=person.coat)
    pen.rectangle(box(0, 235, 46, 60), fill=_shade(person.skin, 0.9))
    pen.polygon(path((-40, 256), (0, 330), (40, 256), (23, 244), (0, 268), (-23, 244)), fill=person.shirt)
    pen.polygon(path((-23, 246), (0, 274), (23, 246)), fill=_shade(person.skin, 0.9))
    pen.ellipse(box(-58, 160, 18, 30), fill=_shade(person.skin, 0.93))
    pen.ellipse(box(58, 160, 18, 30), fill=_shade(person.skin, 0.93))
    pen.rounded_rectangle(box(0, 156, 114, 146), 56 * FINE, fill=person.skin)
    if person.long_hair:
        pen.chord(box(0, 118, 126, 96), 180, 360, fill=person.hair)
        pen.chord(box(-28, 116, 84, 62), 150, 345, fill=person.hair)
        pen.chord(box(30, 114, 78, 54), 185, 372, fill=person.hair)
    else:
        pen.chord(box(0, 124, 118, 104), 180, 360, fill=person.hair)
        pen.polygon(path((-59, 124), (-59, 140), (-46, 122), (46, 122), (59, 140), (59, 124)), fill=person.hair)
    blink = number % (FRAMES * SECONDS) in range(20, 23)
    for x in (-25, 25):
        if blink:
            pen.arc(box(x, 156, 14, 8), 0, 180, fill=(50, 42, 40), width=2 * FINE)
        else:
            pen.ellipse(box(x, 157, 9, 10), fill=(44, 36, 34))
        pen.arc(box(x, 142, 26, 14), 200, 340, fill=dark, width=3 * FINE)
        if person.glasses:
            pen.rounded_rectangle(box(x, 158, 38, 30), 12 * FINE, outline=(70, 66, 66), width=3 * FINE)
    if person.glasses:
        pen.line(path((-6, 156), (6, 156)), fill=(70, 66, 66), width=3 * FINE)
    pen.arc(box(0, 178, 16, 14), 20, 160, fill=_shade(person.skin, 0.76), width=3 * FINE)
    if person.talks and number % 6 < 3:
        pen.ellipse(box(0, 203, 26, 13), fill=(140, 62, 58))
    else:
        pen.arc(box(0, 197, 34, 16), 25, 155, fill=(150, 76, 68), width=3 * FINE)
    return image.resize((WIDE, HIGH), Image.Resampling.LANCZOS)


def _room(pen: ImageDraw.ImageDraw, person: Portrait) -> None:
    """A wall with a window on one side and a shelf on the other."""
    pen.rectangle((0, 290 * FINE, WIDE * FINE, HIGH * FINE), fill=_shade(person.wall, 0.94))
    pen.rectangle((186 * FINE, 0, 214 * FINE, HIGH * FINE), fill=_shade(person.wall, 0.9))
    pen.rectangle((424 * FINE, 60 * FINE, 640 * FINE, 70 * FINE), fill=person.shelf)
    for at, high in enumerate((38, 46, 34, 42, 44, 36)):
        left = 430 + at * 16
        colour = _shade(person.shelf, 0.8 + 0.12 * (at % 3))
        pen.rectangle((left * FINE, (60 - high) * FINE, (left + 12) * FINE, 60 * FINE), fill=colour)


def _shade(colour: Colour, by: float) -> Colour:
    red, green, blue = (min(255, round(part * by)) for part in colour)
    return red, green, blue
