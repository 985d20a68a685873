"""Recorded Mandarin and what is said in it (`tests.machine.spoken`)."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path

from recordings.speech import RATE, Samples, from_pcm


@dataclass(frozen=True, slots=True)
class Spoken:
    name: str
    words: str
    samples: Samples

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE


def corpus(folder: Path) -> list[Spoken]:
    """Of `words.tsv`, lines of a file's name, a tab and its words; or of each NAME.wav beside a NAME.txt.

    ValueError names a recording that is not 16 kHz, one channel, 16 bits.
    """
    table = folder / "words.tsv"
    if table.is_file():
        rows = [line.split("\t", 1) for line in table.read_text("utf-8").splitlines() if "\t" in line]
    else:
        rows = [[path.stem + ".wav", path.read_text("utf-8").strip()] for path in sorted(folder.glob("*.txt"))]
    return [Spoken(name, words, read(folder / name)) for name, words in rows]


def read(path: Path) -> Samples:
    with wave.open(str(path)) as file:
        if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (RATE, 1, 2):
            raise ValueError(f"{path.name} is not {RATE} Hz, one channel, 16 bits")
        return from_pcm(file.readframes(file.getnframes()))


def error_rate(said: str, heard: str) -> float:
    """Characters wrong, missing or too many over those said; punctuation, spaces and case do not count."""
    a, b = (_bare(text) for text in (said, heard))
    row = list(range(len(b) + 1))
    for n, one in enumerate(a, 1):
        row, before = [n], row
        for m, other in enumerate(b, 1):
            row.append(min(before[m] + 1, row[m - 1] + 1, before[m - 1] + (one != other)))
    return row[-1] / max(1, len(a))


def _bare(text: str) -> str:
    return "".join(one for one in text.casefold() if one.isalnum() or one == "%")
