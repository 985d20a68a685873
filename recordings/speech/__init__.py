"""Speech into words: what an engine gives, and how one is opened. The engines themselves are an optional extra.

SpeechError
├── EngineMissing   the program was set up without one
├── ModelMissing    nothing is where the model should be
└── ModelUnusable   something is there, and no engine of ours reads it
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
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


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A folder that an engine of ours reads; `files` are those it needs, by what they are to it."""

    kind: str
    folder: Path
    files: dict[str, Path]


WHISPER: Final = "whisper"
SENSE_VOICE: Final = "sense-voice"
PARAFORMER: Final = "paraformer"
KINDS: Final = {
    WHISPER: "Whisper for CTranslate2",
    SENSE_VOICE: "SenseVoice for sherpa-onnx",
    PARAFORMER: "Paraformer for sherpa-onnx",
}


def model_files(folder: Path) -> ModelFiles:
    """Which engine reads it, by what lies in it. ModelMissing, ModelUnusable."""
    if not folder.is_dir():
        raise ModelMissing(f"there is no speech model at {folder}")
    if (folder / "model.bin").is_file() and (folder / "config.json").is_file():
        parts = ("model.bin", "config.json", "tokenizer.json")
        if lacking := [part for part in parts if not (folder / part).is_file()]:
            raise ModelUnusable(f"{folder} looks like Whisper for CTranslate2, but {lacking[0]} is not there")
        return ModelFiles(WHISPER, folder, {part: folder / part for part in parts})
    weights = [name for name in ("model.int8.onnx", "model.onnx") if (folder / name).is_file()]
    if weights and (folder / "tokens.txt").is_file():
        kind = SENSE_VOICE if _is_sense_voice(folder / "tokens.txt") else PARAFORMER
        return ModelFiles(kind, folder, {"model": folder / weights[0], "tokens": folder / "tokens.txt"})
    raise ModelUnusable(f"{folder} holds none of: {', '.join(KINDS.values())}")


def _is_sense_voice(tokens: Path) -> bool:
    """Its tokens say the language first; Paraformer's do not know any."""
    with tokens.open(encoding="utf-8", errors="replace") as file:
        return any(line.startswith("<|zh|>") for line in file)


def identity_of(found: ModelFiles) -> ModelIdentity:
    """Reads the files once, which takes a second for a few hundred megabytes."""
    whole = hashlib.sha256()
    for name, path in sorted(found.files.items()):
        with path.open("rb") as file:
            whole.update(f"{name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return ModelIdentity(found.kind, _named(found), whole.hexdigest())


def _named(found: ModelFiles) -> str:
    """What the installer noted, else the folder's own name."""
    try:
        noted = json.loads((found.folder / NOTE).read_text("utf-8"))
        return str(noted["name"])[:80]
    except (OSError, ValueError, KeyError, TypeError):
        return found.folder.name[:80]


NOTE: Final = "yuntiao-model.json"
"""Where the installer writes what it took the model from."""


def open_model(folder: Path, threads: int = 1) -> Transcriber:
    """Loads it, which takes about a second. EngineMissing, ModelMissing, ModelUnusable."""
    from recordings.speech.engines import SherpaOnnx, Whisper

    found = model_files(folder)
    return Whisper(found, threads) if found.kind == WHISPER else SherpaOnnx(found, threads)
