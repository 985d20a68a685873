"""The process that hears speech: `python -m recordings.speech.worker FOLDER THREADS`.

Started by `recordings.speech`. Says first which model it opened. Then, for each frame on standard input (two
lengths, a head of JSON, sound), one answer on standard output. It ends with its input.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

from recordings.speech import Samples, Sentence, SpeechError, Transcriber, from_pcm
from recordings.speech.models import open_model

MOST_ECHOES: Final = 3
MOST_BESIDE: Final = 2  # characters
NEAR: Final = 0.5  # seconds by which an engine's times of the same words differ


def give_way(niceness: int) -> None:
    """Media and pages go first. `niceness`: `recordings.speech.LAST` or `LIVE`."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, niceness)
    with contextlib.suppress(AttributeError, OSError):  # only Linux has it
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def main(folder: str, threads: str, niceness: str) -> None:
    give_way(int(niceness))
    source = sys.stdin.buffer
    # Whatever a library prints must not look like an answer.
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)
        try:
            opened = open_model(Path(folder), int(threads))
        except SpeechError as fault:
            return _say(out, {"error": fault.code, "text": str(fault)})
        model = opened.model
        _say(out, {"model": {"kind": model.kind, "name": model.name, "digest": model.digest}})
        while len(lengths := source.read(8)) == 8:
            head, sound = struct.unpack("<II", lengths)
            asked = json.loads(source.read(head))
            _say(out, _heard(opened, source.read(sound), asked["hot"]))
    return None


def _heard(opened: Transcriber, sound: bytes, hot: list[str]) -> dict[str, Any]:
    return {
        "sentences": [
            {
                "begins": one.begins,
                "ends": one.ends,
                "text": one.text,
                "sure": one.sure,
                "words": [(word.begins, word.ends, word.text) for word in one.words],
            }
            for one in hear(opened, from_pcm(sound), hot)
        ]
    }


def hear(opened: Transcriber, samples: Samples, hot: Sequence[str]) -> list[Sentence]:
    """Of poor sound, and of music, an engine may say over and over the words it was told to expect: such sound
    is heard again without. A sentence of little but names stays where something is heard there all the same."""
    sentences = opened.transcribe(samples, hot)
    given = sorted(filter(None, map(_bare, hot)))
    text = _bare("".join(one.text for one in sentences))
    echoes = _most_in_a_row(text, given) >= MOST_ECHOES
    doubted = [one for one in sentences if _is_given(_bare(one.text), given)]
    if not echoes and not doubted:
        return sentences
    plain = opened.transcribe(samples)
    if echoes:
        return plain
    return [one for one in sentences if one not in doubted or any(_meet(one, other) for other in plain)]


def _most_in_a_row(text: str, given: Sequence[str]) -> int:
    """Of what was put into the engine's mouth, also of several by turns."""
    most = row = at = 0
    while at < len(text):
        size = max((len(word) for word in given if text.startswith(word, at)), default=0)
        row = row + 1 if size else 0
        most, at = max(most, row), at + (size or 1)
    return most


def _is_given(text: str, given: Sequence[str]) -> bool:
    """Whether a sentence is nothing but parts of what was put into the engine's mouth, and two characters at most."""
    at = rest = 0
    while at < len(text):
        size = next((n for n in range(len(text) - at, 1, -1) if any(text[at : at + n] in word for word in given)), 1)
        rest += size == 1
        at += size
    return rest <= min(MOST_BESIDE, len(text) - 2)


def _meet(one: Sentence, other: Sentence) -> bool:
    return one.begins < other.ends + NEAR and other.begins < one.ends + NEAR


def _bare(text: str) -> str:
    return re.sub(r"\W+", "", text)


def _say(out: BinaryIO, answer: dict[str, Any]) -> None:
    content = json.dumps(answer, ensure_ascii=False).encode()
    out.write(struct.pack("<I", len(content)) + content)
    out.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
