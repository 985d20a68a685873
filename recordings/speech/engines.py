"""The two engines: faster-whisper for Whisper in CTranslate2's form, sherpa-onnx for SenseVoice and Paraformer.

Imported only by `recordings.speech.models.open_model`: each loads in a moment and needs memory.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final

from recordings.speech import (
    LONGEST,
    RATE,
    EngineMissing,
    ModelIdentity,
    ModelUnusable,
    Samples,
    Sentence,
    Word,
    as_written,
)
from recordings.speech.models import NO_ENGINE, SENSE_VOICE, ModelFiles, identity_of

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


_MISSED: Final = 1.2  # seconds of voice without a word that are heard again
_BESIDE: Final = 0.3  # seconds that a word's times may be short of it
_NEARLY: Final = 0.9


class Whisper:
    def __init__(self, found: ModelFiles, threads: int) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a closed network: nothing is looked up anywhere
        try:
            from faster_whisper import WhisperModel
        except ImportError:
            raise EngineMissing(NO_ENGINE) from None
        self.model: ModelIdentity = identity_of(found)
        try:
            self._whisper = WhisperModel(
                str(found.folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
            )
        except (RuntimeError, ValueError, OSError) as fault:
            raise ModelUnusable(f"{found.folder} cannot be loaded: {str(fault).splitlines()[0][:200]}") from None

    def transcribe(self, samples: Samples, hot: Sequence[str] = ()) -> list[Sentence]:
        """Within thirty seconds the model writes one language, and what is said in another is not there: a stretch of
        voice without a word is therefore heard once more by itself."""
        _checked(samples)
        if not len(samples):
            return []
        found = self._kept(samples, hot)
        for begins, ends in self._missed(samples, found):
            part = samples[round(begins * RATE) : round(ends * RATE)]
            found += [_moved(one, begins) for one in self._kept(part, hot)]
        return sorted(found, key=lambda one: one.begins)

    def _missed(self, samples: Samples, found: Sequence[Sentence]) -> list[tuple[float, float]]:
        """Seconds. Where that is nearly all of it, it has been heard by itself already."""
        from faster_whisper.vad import get_speech_timestamps

        voiced = [(one["start"] / RATE, one["end"] / RATE) for one in get_speech_timestamps(samples)]
        left = voiced
        for one in found:
            begins, ends = one.begins - _BESIDE, one.ends + _BESIDE
            parts = (
                (max(start, low), min(end, high)) for start, end in left for low, high in ((0, begins), (ends, end))
            )
            left = [(start, end) for start, end in parts if end - start >= _MISSED]
        missed, whole = (sum(end - start for start, end in spans) for spans in (left, voiced))
        return left if missed < _NEARLY * whole else []

    def _kept(self, samples: Samples, hot: Sequence[str]) -> list[Sentence]:
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


def _moved(one: Sentence, seconds: float) -> Sentence:
    words = tuple(Word(word.begins + seconds, word.ends + seconds, word.text) for word in one.words)
    return replace(one, begins=one.begins + seconds, ends=one.ends + seconds, words=words)


def _sentence(one: Any) -> Sentence:
    words = tuple(Word(float(word.start), float(word.end), word.word) for word in one.words or ())
    begins, ends = (words[0].begins, words[-1].ends) if words else (float(one.start), float(one.end))
    return Sentence(begins, ends, as_written(one.text), round(min(1.0, 2.0 ** float(one.avg_logprob)), 3), words)


class SherpaOnnx:
    def __init__(self, found: ModelFiles, threads: int) -> None:
        try:
            import sherpa_onnx
        except ImportError:
            raise EngineMissing(NO_ENGINE) from None
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
