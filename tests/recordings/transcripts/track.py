"""Files of a track as a recorder leaves them: Opus in WebM, with holes where packets were lost."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from io import BytesIO

import av
import numpy as np

from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.speech import RATE, Samples
from rooms.events import SegmentSealed
from tests.recordings.history import OPENED


def tone(seconds: float, hertz: float = 300.0) -> Samples:
    return np.asarray(0.4 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE), np.float32)


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.float32)


def webm(samples: Samples, lost: Sequence[tuple[float, float]] = ()) -> bytes:
    """`lost`: seconds of the file whose packets never came."""
    file = BytesIO()
    with av.open(file, "w", format="webm") as out:
        stream = out.add_stream("libopus", rate=48000, layout="mono")
        frame = av.AudioFrame.from_ndarray((samples * 32767).astype(np.int16).reshape(1, -1), "s16", "mono")
        frame.sample_rate = RATE
        even = av.AudioResampler("s16", "mono", 48000)
        at = 0
        for one in [*even.resample(frame), *even.resample(None)]:
            one.pts, one.time_base, at = at, Fraction(1, 48000), at + one.samples
            for packet in stream.encode(one):
                _keep(out, packet, lost)
        for packet in stream.encode(None):
            _keep(out, packet, lost)
    return file.getvalue()


def _keep(
    out: av.container.OutputContainer, packet: av.Packet[av.AudioStream], lost: Sequence[tuple[float, float]]
) -> None:
    assert packet.pts is not None
    second = float(packet.pts * packet.time_base)
    if not any(start <= second < end for start, end in lost):
        out.mux(packet)


def keep(
    files: EncryptedFileStore,
    seat: str,
    start: float,
    samples: Samples,
    lost: Sequence[tuple[float, float]] = (),
    session: str = "s1",
    opened: datetime = OPENED,
) -> SegmentSealed:
    """A file that begins `start` seconds after the session was opened, as its journal names it."""
    path = f"{session}/{seat}/{round(start * 1000):09d}.webm"
    content = webm(samples, lost)
    files.put(session, path, BytesIO(content))
    started = opened + timedelta(seconds=start)
    ended = started + timedelta(seconds=len(samples) / RATE)
    return SegmentSealed(seat, path, hashlib.sha256(content).hexdigest(), len(content), started, ended)
