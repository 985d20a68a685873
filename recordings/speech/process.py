"""Speech into words in a process of its own: it comes last for the processor, and when it dies nothing else does.

`recordings.speech.worker` is the other side. One process holds one model; live captions and transcripts have one
each, so that no transcript keeps a caption waiting.
"""

from __future__ import annotations

import asyncio
import json
import os
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from recordings.speech import (
    LONGEST,
    RATE,
    EngineMissing,
    ModelIdentity,
    ModelMissing,
    ModelUnusable,
    Sentence,
    SpeechError,
    Word,
)

OPENING: Final = 120.0  # seconds a large model may take to load from a slow disk
PATIENCE: Final = 20.0  # seconds that a second of sound may take; what is shorter than a minute has as long as one
MOST_WAITING: Final = 60.0  # seconds of sound that wait; beyond it sound is declined, not kept
LARGEST_ANSWER: Final = 4 << 20
_FAULTS: Final = {one.code: one for one in (EngineMissing, ModelMissing, ModelUnusable)}
GUARD: Final = Path(__file__).parents[1] / "composing" / "parent_death_guard.py"


class SpeechBusy(SpeechError):
    """More waits than will be heard in time; what was given is not kept."""

    code = "speech_busy"


class SpeechGone(SpeechError):
    """The process ended or stood still in the middle; the next call starts another."""

    code = "speech_gone"


class SpeechProcess:
    """Calls are answered one after another. The first starts the process, which takes a second."""

    def __init__(self, folder: Path, threads: int = 1, waiting: float = MOST_WAITING) -> None:
        self._folder, self._threads, self._most = folder, threads, waiting
        self._process: asyncio.subprocess.Process | None = None
        self._model: ModelIdentity | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0.0

    @property
    def waiting(self) -> float:
        """Seconds of sound that were given and are not answered."""
        return self._waiting

    async def model(self) -> ModelIdentity:
        """EngineMissing, ModelMissing, ModelUnusable, SpeechGone."""
        async with self._turn:
            await self._running()
        assert self._model is not None
        return self._model

    async def transcribe(self, sound: bytes, hot: Sequence[str] = ()) -> list[Sentence]:
        """`sound`: 16 bits little endian, one channel, at `recordings.speech.RATE`. As `model`, and SpeechBusy.

        ValueError for more than `LONGEST`, and for half a sample: the process would end of it.
        """
        seconds = len(sound) / 2 / RATE
        if len(sound) % 2 or seconds > LONGEST:
            raise ValueError(f"{len(sound)} bytes are no sound of at most {LONGEST} seconds")
        if self._waiting and self._waiting + seconds > self._most:
            raise SpeechBusy(f"{self._waiting:.0f} seconds of sound wait already")
        self._waiting += seconds
        try:
            async with self._turn:
                answer = await self._answered(sound, hot, max(60.0, seconds) * PATIENCE)
        finally:
            self._waiting = max(0.0, self._waiting - seconds)
        return [
            Sentence(one["begins"], one["ends"], one["text"], one["sure"], tuple(Word(*word) for word in one["words"]))
            for one in answer["sentences"]
        ]

    async def close(self) -> None:
        """Ends the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def _answered(self, sound: bytes, hot: Sequence[str], seconds: float) -> Any:
        process, done = await self._running(), False
        try:
            async with asyncio.timeout(seconds):
                head = json.dumps({"hot": list(hot)}).encode()
                assert process.stdin is not None
                process.stdin.write(struct.pack("<II", len(head), len(sound)) + head + sound)
                await process.stdin.drain()
                answer = await _read(process)
                done = True
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            raise SpeechGone("the process that hears speech ended in the middle") from None
        finally:
            if not done:  # also when whoever asked has gone: half an answer must not be taken for the next one's
                await self.close()
        return _or_raise(answer)

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable, str(GUARD), str(os.getpid()), sys.executable, "-m", "recordings.speech.worker",
            str(self._folder.resolve()), str(self._threads),
            env={**os.environ, "OMP_NUM_THREADS": str(self._threads), "HF_HUB_OFFLINE": "1"},
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LARGEST_ANSWER,
        )  # fmt: skip
        opened = False
        try:
            async with asyncio.timeout(OPENING):
                self._model = ModelIdentity(**_or_raise(await _read(process))["model"])
                opened = True
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            raise SpeechGone("the process that hears speech did not start") from None
        finally:
            if not opened:
                await self.close()
        return process


async def _read(process: asyncio.subprocess.Process) -> Any:
    assert process.stdout is not None
    (size,) = struct.unpack("<I", await process.stdout.readexactly(4))
    if size > LARGEST_ANSWER:
        raise SpeechGone("the process that hears speech answered more than it may")
    return json.loads(await process.stdout.readexactly(size))


def _or_raise(answer: Any) -> Any:
    if "error" in answer:
        raise _FAULTS.get(answer["error"], SpeechError)(answer["text"])
    return answer
