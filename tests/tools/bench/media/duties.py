"""What recording has to do however it is written: hash once, encrypt once, write and make durable once a second.

CPU of this process per recorded packet, nothing of ours around it, everything hot: no implementation that keeps a file
a person comes below. Beside what a forwarded packet costs in the same run it says in which rooms a target can be met.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.tools.bench.media.traffic import AUDIO_BYTES, PACKETS_PER_SECOND, TICK, VIDEO_BYTES, VIDEO_EACH_TICK

PEOPLE = 60  # in all rooms together
SECOND = round((VIDEO_EACH_TICK * VIDEO_BYTES + AUDIO_BYTES) / TICK)  # bytes of one person
TURNS = 3


@dataclass(frozen=True, slots=True)
class Duties:
    """Microseconds per recorded packet."""

    hash: float
    encrypt: float
    durable: float

    @property
    def least(self) -> float:
        return self.hash + self.encrypt + self.durable


def measure(folder: Path, seconds: int) -> Duties:
    """Medians of turns of so many seconds' worth of work."""
    folder.mkdir(parents=True, exist_ok=True)
    text = os.urandom(SECOND)
    cipher, nonce = AESGCM(os.urandom(32)), os.urandom(12)
    with contextlib.ExitStack() as opened:
        files = [opened.enter_context((folder / str(n)).open("wb", buffering=0)) for n in range(PEOPLE)]

        def durable() -> None:
            for file in files:
                file.write(text)
            for file in files:
                os.fdatasync(file.fileno())

        def hashed() -> None:
            for _ in files:
                hashlib.sha256(text)

        def encrypted() -> None:
            for _ in files:
                cipher.encrypt(nonce, text, b"")

        parts = (hashed, encrypted, durable)
        turns = [[_each(part, seconds) for part in parts] for _ in range(TURNS)]
    return Duties(*(median(turn[n] for turn in turns) for n in range(len(parts))))


def _each(second: Callable[[], None], seconds: int) -> float:
    began = time.process_time()
    for _ in range(seconds):
        second()
    return (time.process_time() - began) / (seconds * PEOPLE * PACKETS_PER_SECOND) * 1e6
