"""Speech into words: what an engine gives, how it is written here (simplified script, full-width signs, numbers as
figures), and an engine in a process of its own. `models` finds, installs and opens one; they are an optional extra.

That process comes last for the processor, and when it dies nothing else does; `recordings.speech.worker` is its side.
One process holds one model; live captions and transcripts have one each, so that no transcript keeps a caption waiting.

SpeechError
├── EngineMissing   the program was set up without one
├── ModelMissing    nothing is where the model should be
└── ModelUnusable   something is there, and no engine of ours reads it
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

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


# ------------------------------------------------------------ how it is written


_HAN: Final = r"\u3400-\u4dbf\u4e00-\u9fff"
_PUNCTUATION: Final = {",": "，", "?": "？", "!": "！", ";": "；", ":": "："}
_DIGITS: Final = {
    "零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
}  # fmt: skip
_PLACES: Final = {"十": 10, "百": 100, "千": 1000}
_GREAT: Final = {"万": 10_000, "亿": 100_000_000}
_NUMBER: Final = "[零〇一二两三四五六七八九十百千万亿]"
_INSIDE: Final = f"[第{_NUMBER[1:]}"  # an ordinal, and a number that has begun before
# "一块儿", "一点", "千万" and the like are words and stay: a lone digit becomes a figure only before what is counted.
_COUNTED: Final = "元|块钱|角钱|年|月|日|号|天|个月|周岁|点钟|小时|分钟|公斤|厘米|平方米|平米|公里|折|倍"
_AMOUNT: Final = re.compile(
    rf"(?<!{_INSIDE})({_NUMBER}++)(?:点([零〇一二三四五六七八九]++))?(?=(?:多|余)?(?:{_COUNTED}))"
)
_LONGER: Final = re.compile(rf"(?<!{_INSIDE})({_NUMBER}{{2,}}+)(?:点([零〇一二三四五六七八九]++))?(?=块(?![儿头地]))")
_PERCENT: Final = re.compile(rf"百分之({_NUMBER}+)(?:点([零〇一二三四五六七八九]+))?")
_SPELT: Final = re.compile(
    r"(?<![零〇一二三四五六七八九])[零〇幺一二三四五六七八九]{5,}(?![零〇一二三四五六七八九十百千万亿])"
)


def as_written(heard: str) -> str:
    """ "故事康在印度,出現大規模感染" → "故事康在印度，出现大规模感染"; "退我三千五百元" → "退我3500元"."""
    text = _simplified(heard.strip())
    text = re.sub(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])", "", text)
    text = re.sub(rf"(?<=[{_HAN}%])\s*([,?!;:])\s*", lambda found: _PUNCTUATION[found[1]], text)
    text = re.sub(rf"(?<=[{_HAN}])\s*\.(?=\s|$)\s*", "。", text)
    for pattern in (_AMOUNT, _LONGER):
        text = pattern.sub(lambda found: _figure(found[1], found[2]), text)
    text = _PERCENT.sub(lambda found: _figure(found[1], found[2]) + "%", text)
    return _SPELT.sub(lambda found: "".join("1" if one == "幺" else str(_DIGITS[one]) for one in found[0]), text)


def _figure(whole: str, part: str | None) -> str:
    """As it was where it is no number that can be written in one way."""
    value = chinese_number(whole)
    if value is None:
        return whole + (f"点{part}" if part else "")
    return f"{value}.{''.join(str(_DIGITS[one]) for one in part)}" if part else str(value)


def chinese_number(text: str) -> int | None:
    """ "三千五" → 3500, "一万零五十" → 10050, "二零二六" → 2026; None for what is no number."""
    if not text:
        return None
    if all(one in _DIGITS for one in text):
        return int("".join(str(_DIGITS[one]) for one in text))
    total = section = 0
    digit: int | None = None
    last = 0  # the place that was named last
    for one in text:
        if one in _DIGITS:
            if digit not in (None, 0):
                return None
            digit, last = _DIGITS[one], 0 if _DIGITS[one] == 0 else last
        elif one in _PLACES:
            if digit is None and one != "十":
                return None
            section += (1 if digit is None else digit) * _PLACES[one]
            digit, last = None, _PLACES[one]
        else:
            section += digit or 0
            if not section and not total:
                return None
            total = (total + section) * _GREAT[one] if one == "亿" else total + section * _GREAT[one]
            section, digit, last = 0, None, _GREAT[one]
    if digit:
        section += digit * (last // 10 if last >= 100 else 1)  # 三千五, 两万三: the next place is not said
    return total + section


def said_amount(text: str) -> Decimal | None:
    """The first amount of money in written text, in yuan."""
    found = re.search(r"(?<![0-9])(?<![0-9],)(?<!,,)([0-9][0-9,]*+(?:\.[0-9]{1,2})?)(万)?(?:多|余)?(?:元|块)", text)
    if found is None:
        return None
    return Decimal(found[1].replace(",", "")) * (10_000 if found[2] else 1)


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def _simplified(text: str) -> str:
    try:
        return str(_converter().convert(text))
    except ImportError:  # set up without the extra: only texts that were heard elsewhere come here then
        return text


# ------------------------------------------------------------ process


OPENING: Final = 120.0  # seconds a large model may take to load from a slow disk
PATIENCE: Final = 20.0  # seconds that a second of sound may take; what is shorter than a minute has as long as one
MOST_WAITING: Final = 60.0  # seconds of sound that wait; beyond it sound is declined, not kept
LARGEST_ANSWER: Final = 4 << 20
_FAULTS: Final = {one.code: one for one in (EngineMissing, ModelMissing, ModelUnusable)}
LAST: Final = 19
"""Niceness of what may take as long as it takes: whatever is left of the processor is a transcript's."""
LIVE: Final = 5
"""Of captions: after media and pages, before films and transcripts, for somebody is waiting to read them."""
GUARD: Final = Path(__file__).parents[1] / "composing" / "parent_death_guard.py"


class SpeechBusy(SpeechError):
    """More waits than will be heard in time; what was given is not kept."""

    code = "speech_busy"


class SpeechGone(SpeechError):
    """The process ended or stood still in the middle; the next call starts another."""

    code = "speech_gone"


class SpeechProcess:
    """Calls are answered one after another. The first starts the process, which takes a second."""

    def __init__(self, folder: Path, threads: int = 1, waiting: float = MOST_WAITING, niceness: int = LAST) -> None:
        self._folder, self._threads, self._most, self._niceness = folder, threads, waiting, niceness
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
            str(self._folder.resolve()), str(self._threads), str(self._niceness),
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
