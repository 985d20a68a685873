"""What an engine hears of recorded speech, and what that costs: character errors, processor, memory, loading.

The recordings are those of `tests.machine.spoken`, or an office's own (`--corpus DIR`: wav files of 16 kHz, one
channel, 16 bits, each with a txt of the same name, or one words.tsv). The model is `--speech-model`'s, else the one
that ./run speech brought. One thread; the first recording is heard once before anything is counted.
"""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from recordings.speech import Transcriber
from recordings.speech.models import install, open_model
from server.serving.settings import Settings
from tests.machine import SPOKEN, spoken
from tests.recordings.speech.spoken import corpus as read_corpus, error_rate
from tests.tools.figures import Figures

QUICK = 12  # recordings


def measure(quick: bool, corpus: Path | None = None) -> dict[str, Any]:
    folder = corpus or spoken()
    if folder is None:
        raise ValueError(f"there are no recordings: --corpus DIR, or {SPOKEN}=DIR")
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as made:
        model, spent = _opened(Path(made))
        figures.values["load_cpu_s"] = round(spent, 2)
        recordings = read_corpus(folder)[: QUICK if quick else None]
        model.transcribe(recordings[0].samples)
        wrong, misses, cpu = 0.0, [], 0.0
        for one in recordings:
            began = time.process_time()
            heard = "".join(sentence.text for sentence in model.transcribe(one.samples))
            cpu += time.process_time() - began
            rate = error_rate(one.words, heard)
            wrong += rate * len(one.words)
            if rate:
                misses.append({"name": one.name, "said": one.words, "heard": heard, "errors": round(rate, 3)})
        seconds = sum(one.seconds for one in recordings)
    figures.values["recordings_count"] = len(recordings)
    figures.values["speech_s"] = round(seconds, 1)
    figures.values["character_error_share"] = round(wrong / sum(len(one.words) for one in recordings), 4)
    figures.values["cpu_s_per_s"] = round(cpu / seconds, 3)
    figures.values["memory_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    if corpus is None:
        figures.at_most("character_error_share", 0.15)  # of three recordings with names nobody has told it
    figures.at_most("cpu_s_per_s", 0.25)
    figures.at_most("memory_mb", 1024)
    return figures.json() | {"misses": misses}


def _opened(made: Path) -> tuple[Transcriber, float]:
    named = Settings().speech_model
    folder = named or made / "model"
    if named is None:
        install(None, folder)
    began = time.process_time()
    return open_model(folder), time.process_time() - began
