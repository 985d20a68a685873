"""That claps are found in a film however loud each of them is."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import numpy as np
import pytest

from server.app.rehearsal.aftermath import inspect
from server.app.rehearsal.peer import CLAP_EVERY, CLAP_FOR, RATE, Pattern

PATTERN = Pattern(colour=(40, 120, 60), tone=330.0, width=128, height=72, rate=20)
SECONDS = 8
FIRST = 22  # white picture; its sound comes at 1.0 s


def film(loudness: tuple[float, ...]) -> bytes:
    """Of one person, a clap each `CLAP_EVERY`, of such loudness."""
    content = io.BytesIO()
    with av.open(content, "w", format="matroska") as container:
        picture = container.add_stream("mpeg4", rate=PATTERN.rate)
        picture.width, picture.height, picture.pix_fmt = PATTERN.width, PATTERN.height, "yuv420p"
        picture.bit_rate = 2_000_000
        sound = container.add_stream("flac", rate=RATE, layout="mono")
        for number in range(SECONDS * PATTERN.rate):
            white = (number - FIRST) % round(CLAP_EVERY * PATTERN.rate) < CLAP_FOR * PATTERN.rate
            colour = (255, 255, 255) if white else PATTERN.colour
            shown = np.full((PATTERN.height, PATTERN.width, 3), colour, np.uint8)
            frame = av.VideoFrame.from_ndarray(shown, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, PATTERN.rate)
            container.mux(picture.encode(frame))
        t = np.arange(SECONDS * RATE) / RATE
        clap = (t - 1) % CLAP_EVERY < CLAP_FOR
        height = np.where(clap, np.repeat(loudness, RATE * SECONDS // len(loudness)), 0.2)
        wave = np.sin(2 * np.pi * PATTERN.tone * np.where(clap, 2, 1) * t) * height * 20_000
        heard = av.AudioFrame.from_ndarray(wave.astype(np.int16).reshape(1, -1), format="s16", layout="mono")
        heard.sample_rate, heard.pts, heard.time_base = RATE, 0, Fraction(1, RATE)
        container.mux(sound.encode(heard))
        for stream in (sound, picture):
            container.mux(stream.encode(None))
    return content.getvalue()


@pytest.mark.parametrize("loudness", [(1.0, 1.0, 1.0, 1.0), (1.0, 0.25, 0.25, 0.25)], ids=["alike", "quieter"])
def test_every_clap_is_found_and_by_how_much_its_picture_is_late(loudness: tuple[float, ...]) -> None:
    found = inspect(film(loudness), [PATTERN])
    [claps] = found["claps"]
    assert [at for at, _ in claps] == pytest.approx([1.1, 3.1, 5.1, 7.1])
    assert [late for _, late in claps] == pytest.approx([100] * 4, abs=20)
