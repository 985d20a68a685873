"""The two engines: faster-whisper for Whisper in CTranslate2's form, sherpa-onnx for SenseVoice and Paraformer.

Imported only by `recordings.speech.open_model`: each loads in a moment and needs memory.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any, Final

from recordings.speech import (
    LONGEST,
    RATE,
    SENSE_VOICE,
    EngineMissing,
    ModelFiles,
    ModelIdentity,
    ModelUnusable,
    Samples,
    Sentence,
    Word,
    identity_of,
)

HOW: Final = "this installation has no speech engine; install it with: ./run speech"
MOST_HOT: Final = 40  # words: Whisper's prompt has room for about two hundred tokens
_LOOP: Final = 2.4  # how well a text packs when the model went round in a circle
_PAUSE: Final = 0.6  # seconds without a character that end a sentence where the engine ends none
_BEAM: Final = 5
_NOISE: Final = 0.6  # Whisper's own probability that nobody speaks
_LEAST: Final = -1.0  # mean log probability below which what Whisper heard is a guess


def _checked(samples: Samples) -> Samples:
    if samples.ndim != 1 or len(samples) > LONGEST * RATE:
        raise ValueError(f"one channel of at most {LONGEST} seconds is transcribed at once")
    return samples


class Whisper:
    def __init__(self, found: ModelFiles, threads: int) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a closed network: nothing is looked up anywhere
        try:
            from faster_whisper import WhisperModel
        except ImportError:
            raise EngineMissing(HOW) from None
        self.model: ModelIdentity = identity_of(found)
        try:
            self._whisper = WhisperModel(
                str(found.folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
            )
        except (RuntimeError, ValueError, OSError) as fault:
            raise ModelUnusable(f"{found.folder} cannot be loaded: {str(fault).splitlines()[0][:200]}") from None

    def transcribe(self, samples: Samples, hot: Sequence[str] = ()) -> list[Sentence]:
        _checked(samples)
        if not len(samples):
            return []
        heard = self._heard(samples, hot)
        if hot and any(one.compression_ratio > _LOOP for one in heard):
            heard = self._heard(samples, ())  # what was put into its mouth can make it go round in a circle
        return [
            _sentence(one)
            for one in heard
            if one.compression_ratio <= _LOOP and one.avg_logprob > 2 * _LEAST and as_written(one.text)
        ]

    def _heard(self, samples: Samples, hot: Sequence[str]) -> list[Any]:
        """No prompt: the few words that would ask for punctuation make the small models repeat themselves."""
        segments, _ = self._whisper.transcribe(
            samples,
            language="zh",
            beam_size=_BEAM,
            temperature=0.0,  # never by chance: the same sound gives the same words, for the same cost
            vad_filter=True,
            word_timestamps=True,
            condition_on_previous_text=False,  # one misheard sentence would be repeated in those that follow
            hotwords="，".join(hot[:MOST_HOT]) or None,
            no_speech_threshold=_NOISE,
            log_prob_threshold=_LEAST,
        )
        return list(segments)


def _sentence(one: Any) -> Sentence:
    words = tuple(Word(float(word.start), float(word.end), word.word) for word in one.words or ())
    begins, ends = (words[0].begins, words[-1].ends) if words else (float(one.start), float(one.end))
    return Sentence(begins, ends, as_written(one.text), round(min(1.0, 2.0 ** float(one.avg_logprob)), 3), words)


class SherpaOnnx:
    def __init__(self, found: ModelFiles, threads: int) -> None:
        try:
            import sherpa_onnx
        except ImportError:
            raise EngineMissing(HOW) from None
        self.model: ModelIdentity = identity_of(found)
        tokens, model = str(found.files["tokens"]), str(found.files["model"])
        try:
            if found.kind == SENSE_VOICE:
                self._recognizer = sherpa_onnx.OfflineRecognizer.from_sense_voice(
                    model=model, tokens=tokens, num_threads=threads, use_itn=True, language="zh"
                )
            else:
                self._recognizer = sherpa_onnx.OfflineRecognizer.from_paraformer(
                    paraformer=model, tokens=tokens, num_threads=threads
                )
        except (RuntimeError, ValueError, OSError) as fault:
            raise ModelUnusable(f"{found.folder} cannot be loaded: {str(fault).splitlines()[0][:200]}") from None

    def transcribe(self, samples: Samples, hot: Sequence[str] = ()) -> list[Sentence]:
        """These models have no place for hot words; `hot` is not used."""
        _checked(samples)
        if not len(samples):
            return []
        stream = self._recognizer.create_stream()
        stream.accept_waveform(RATE, samples)
        self._recognizer.decode_stream(stream)
        result = stream.result
        times = [float(one) for one in result.timestamps]
        words = [
            Word(begins, min(ends, begins + _PAUSE), token)
            for token, (begins, ends) in zip(result.tokens, pairwise([*times, len(samples) / RATE]), strict=False)
        ]
        return _sentences(words, result.text, len(samples) / RATE)


def _sentences(words: Sequence[Word], text: str, ends: float) -> list[Sentence]:
    """Cut where nobody spoke; whole where the engine gives no times."""
    if not words:
        return [Sentence(0.0, ends, as_written(text))] if text.strip() else []
    groups: list[list[Word]] = [[words[0]]]
    for before, word in pairwise(words):
        if word.begins - before.ends >= _PAUSE / 2:
            groups.append([])
        groups[-1].append(word)
    made = (
        Sentence(one[0].begins, one[-1].ends, as_written("".join(w.text for w in one)), 1.0, tuple(one))
        for one in groups
    )
    return [one for one in made if one.text]


_HAN: Final = r"\u3400-\u4dbf\u4e00-\u9fff"
_PUNCTUATION: Final = {",": "，", "?": "？", "!": "！", ";": "；", ":": "："}
_DIGITS: Final = {
    "零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
}  # fmt: skip
_PLACES: Final = {"十": 10, "百": 100, "千": 1000}
_GREAT: Final = {"万": 10_000, "亿": 100_000_000}
_NUMBER: Final = "[零〇一二两三四五六七八九十百千万亿]"
# "一块儿", "一点", "千万" and the like are words and stay: a lone digit becomes a figure only before what is counted.
_COUNTED: Final = "元|块钱|角钱|年|月|日|号|天|个月|周岁|点钟|小时|分钟|公斤|厘米|平方米|平米|公里|折|倍"
_AMOUNT: Final = re.compile(rf"(?<!第)({_NUMBER}+)(?:点([零〇一二三四五六七八九]+))?(?=(?:多|余)?(?:{_COUNTED}))")
_LONGER: Final = re.compile(rf"(?<!第)({_NUMBER}{{2,}})(?:点([零〇一二三四五六七八九]+))?(?=块(?![儿头地]))")
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
    found = re.search(r"([0-9][0-9,]*(?:\.[0-9]{1,2})?)(万)?(?:多|余)?(?:元|块)", text)
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
