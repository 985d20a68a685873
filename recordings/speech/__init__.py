"""Speech into words: what an engine gives. `models` finds, installs and opens one; the engines are an optional extra.

SpeechError
├── EngineMissing   the program was set up without one
├── ModelMissing    nothing is where the model should be
└── ModelUnusable   something is there, and no engine of ours reads it
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

RATE: Final = 16_000
"""Samples a second that every engine takes, one channel."""
LONGEST: Final = 30 * 60
"""Seconds of sound in one call: a track is given in pieces."""

Samples = NDArray[np.float32]


def from_pcm(sound: bytes) -> Samples:
    """Of 16 bits little endian."""
    return np.asarray(np.frombuffer(sound, "<i2") / np.float32(32768), np.float32)


class SpeechError(Exception):
    """The text is one sentence for whoever runs the program. `code` is stable."""

    code: str = "speech"


class EngineMissing(SpeechError):
    code = "engine_missing"


class ModelMissing(SpeechError):
    code = "model_missing"


class ModelUnusable(SpeechError):
    code = "model_unusable"


@dataclass(frozen=True, slots=True)
class Word:
    """Seconds from the beginning of what was given. Of Chinese a word is a character or a few."""

    begins: float
    ends: float
    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One stretch of speech as the engine heard it, already in the script that is written here.

    `sure`: 0…1, how far the engine trusts it; 1 where it does not say. `words`: empty where it gives no times of them.
    """

    begins: float
    ends: float
    text: str
    sure: float = 1.0
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """What stands in the journal beside a transcript: another digest is another model, whatever its name."""

    kind: str
    name: str
    digest: str  # SHA-256 over its files' names and contents, hexadecimal


class Transcriber(Protocol):
    """An opened model. Not for two threads at once."""

    @property
    def model(self) -> ModelIdentity: ...

    def transcribe(self, samples: Samples, hot: Sequence[str] = ()) -> list[Sentence]:
        """What was said, in order. `samples` at `RATE`, -1…1, at most `LONGEST` seconds (ValueError beyond).

        `hot`: names and words that may occur. Silence and noise give nothing.
        """
        ...
