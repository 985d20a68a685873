"""A real engine with a real model on real speech."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recordings.speech import LONGEST, RATE, ModelUnusable, Samples, Transcriber
from recordings.speech.models import install, open_model
from tests.machine import spoken
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


def test_more_than_half_an_hour_at_once_is_refused(model: Transcriber) -> None:
    with pytest.raises(ValueError, match="1800 seconds"):
        model.transcribe(np.zeros((LONGEST + 1) * RATE, np.float32))


@pytest.mark.parametrize("make", [whisper, sense_voice])
def test_files_that_only_look_like_a_model_are_said_to_be_unusable(tmp_path: Path, make: object) -> None:
    folder = make(tmp_path / "made")  # type: ignore[operator]
    with pytest.raises(ModelUnusable, match="cannot be loaded"):
        open_model(folder)
