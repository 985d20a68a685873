"""A real engine with a real model on real speech."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recordings.speech import LONGEST, RATE, ModelUnusable, Samples, SpeechProcess, Transcriber
from recordings.speech.models import Whisper, install, model_files, open_model
from recordings.speech.worker import hear
from tests.machine import spoken
from tests.recordings.speech import tiny
from tests.recordings.speech.spoken import corpus, error_rate
from tests.recordings.speech.test_models import sense_voice, whisper

pytestmark = pytest.mark.speech


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Transcriber:
    folder = tmp_path_factory.mktemp("speech") / "model"
    install(None, folder)
    return open_model(folder)


def test_mandarin_is_heard_with_its_times(model: Transcriber) -> None:
    folder = spoken()
    assert folder is not None
    for one in corpus(folder):
        sentences = model.transcribe(one.samples)
        assert error_rate(one.words, "".join(sentence.text for sentence in sentences)) < 0.35, one.name
        times = [time for sentence in sentences for time in (sentence.begins, sentence.ends)]
        assert times == sorted(times)
        assert times[-1] <= one.seconds
        words = [word for sentence in sentences for word in sentence.words]
        assert words
        assert all(word.begins <= word.ends for word in words)


@pytest.mark.long
def test_a_known_pause_before_the_words_is_in_their_times(model: Transcriber) -> None:
    folder = spoken()
    assert folder is not None
    one = corpus(folder)[0]
    [plain] = model.transcribe(one.samples)
    later = np.concatenate([np.zeros(int(2.5 * RATE), np.float32), one.samples])
    [shifted] = model.transcribe(later)
    assert shifted.begins - plain.begins == pytest.approx(2.5, abs=0.3)
    assert shifted.ends - plain.ends == pytest.approx(2.5, abs=0.3)


@pytest.mark.long
def test_a_name_that_was_given_is_heard_as_it_is_written(model: Transcriber) -> None:
    folder = spoken()
    assert folder is not None
    one = corpus(folder)[2]
    assert "富士康" in "".join(sentence.text for sentence in model.transcribe(one.samples, ["富士康"]))


def test_silence_noise_and_a_tone_are_no_words(model: Transcriber) -> None:
    seconds = np.arange(6 * RATE, dtype=np.float32) / RATE
    noise = np.asarray(np.random.default_rng(5).normal(0, 0.02, len(seconds)), np.float32)
    tone = np.asarray(0.2 * np.sin(2 * np.pi * 440 * seconds), np.float32)
    nothing: list[Samples] = [np.zeros(0, np.float32), np.zeros_like(seconds), noise, tone]
    for samples in nothing:
        assert model.transcribe(samples) == []


def melody(seconds: float) -> Samples:
    """Notes with overtones, a bass and a beat."""
    notes = [262, 294, 330, 349, 392, 392, 440, 392, 349, 330, 294, 262, 330, 262]
    at = np.arange(round(0.42 * RATE)) / RATE
    beat = np.random.default_rng(3).normal(0, 0.12, len(at)) * np.exp(-np.arange(len(at)) / 250)
    played = []
    for hertz in notes * (int(seconds / (0.42 * len(notes))) + 1):
        wave = sum(np.sin(2 * np.pi * hertz * n * at + 0.3 * np.sin(10 * np.pi * at)) / n for n in range(1, 7))
        bass = np.sin(np.pi * hertz * at)
        played.append((0.12 * wave + 0.08 * bass) * np.minimum(1, at / 0.02) * np.exp(-3.6 * at) + beat)
    return np.asarray(np.concatenate(played)[: round(seconds * RATE)], np.float32)


@pytest.mark.parametrize("hot", [["丁小禾", "陈立", "知遇桥"], ["武汉知遇桥信息技术有限公司"], []])
def test_of_music_no_name_is_made_that_the_engine_was_told_to_expect(model: Transcriber, hot: list[str]) -> None:
    for seconds in (6, 18):
        assert hear(model, melody(seconds), hot) == []


def test_speech_after_music_is_heard_at_its_time(model: Transcriber) -> None:
    folder = spoken()
    assert folder is not None
    one = corpus(folder)[0]
    heard = hear(model, np.concatenate([melody(8), one.samples, melody(8)]), ["丁小禾", "知遇桥"])
    assert error_rate(one.words, "".join(sentence.text for sentence in heard)) < 0.35
    assert heard[0].begins == pytest.approx(8.5, abs=0.8)


class OneLanguage(Whisper):
    """Writes what comes first of what it is given at once, as Whisper does where a second language follows."""

    def _heard(self, samples: Samples, hot: Sequence[str]) -> list[Any]:
        return super()._heard(samples, hot)[:1]


def test_what_the_model_wrote_nothing_of_is_heard_by_itself(model: Transcriber, tmp_path: Path) -> None:
    folder = spoken()
    assert folder is not None
    install(None, tmp_path / "model")
    first, second, third = corpus(folder)
    pause = np.zeros(2 * RATE, np.float32)
    sound = np.concatenate([first.samples, pause, second.samples, pause, third.samples])
    heard = OneLanguage(model_files(tmp_path / "model"), 1).transcribe(sound)
    said = "".join(one.words for one in (first, second, third))
    assert error_rate(said, "".join(sentence.text for sentence in heard)) < 0.35
    assert [one.begins for one in heard] == sorted(one.begins for one in heard)
    assert heard[-1].begins > first.seconds + 2 + second.seconds + 1


def test_more_than_half_an_hour_at_once_is_refused(model: Transcriber) -> None:
    with pytest.raises(ValueError, match="1800 seconds"):
        model.transcribe(np.zeros((LONGEST + 1) * RATE, np.float32))


@pytest.mark.parametrize("made", [whisper, sense_voice])
def test_files_that_only_look_like_a_model_are_said_to_be_unusable(tmp_path: Path, made: object) -> None:
    folder = made(tmp_path / "made")  # type: ignore[operator]
    with pytest.raises(ModelUnusable, match="cannot be loaded"):
        open_model(folder)


def band(low: float, high: float, seconds: float) -> Samples:
    at = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(
        sum(0.02 * np.sin(2 * np.pi * hertz * at + hertz) for hertz in np.linspace(low, high, 40)), np.float32
    )


def low_then_high() -> Samples:
    quiet = np.zeros(RATE, np.float32)
    return np.concatenate([quiet, band(80, 900, 0.5), quiet, band(4000, 7500, 0.5), quiet])


def test_what_sherpa_hears_of_a_sense_voice_stands_at_its_times_cut_at_a_pause(tmp_path: Path) -> None:
    model = open_model(tiny.sense_voice(tmp_path / "tiny"))
    assert model.model.kind == "sense-voice"
    low, high = model.transcribe(low_then_high(), ["丁小禾"])
    assert [low.text, high.text] == [tiny.LOW, tiny.HIGH]
    assert [low.begins, high.begins] == pytest.approx([1.0, 2.5], abs=0.15)
    assert [word.text for word in low.words] == [tiny.LOW]
    assert model.transcribe(np.zeros(3 * RATE, np.float32)) == []
    assert model.transcribe(np.zeros(0, np.float32)) == []


def test_of_a_paraformer_that_gives_no_times_the_whole_is_one_sentence(tmp_path: Path) -> None:
    model = open_model(tiny.paraformer(tmp_path / "tiny"))
    assert model.model.kind == "paraformer"
    [heard] = model.transcribe(low_then_high())
    assert (heard.begins, heard.ends, heard.text, heard.words) == (0.0, 4.0, tiny.LOW + tiny.HIGH, ())


async def test_a_sense_voice_is_heard_in_the_process_that_comes_last(tmp_path: Path) -> None:
    process = SpeechProcess(tiny.sense_voice(tmp_path / "tiny"))
    sound = (low_then_high() * 32767).astype("<i2").tobytes()
    try:
        assert [one.text for one in await process.transcribe(sound, ["丁小禾"])] == [tiny.LOW, tiny.HIGH]
    finally:
        await process.close()
