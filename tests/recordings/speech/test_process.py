"""The process that hears speech: what it is given, what it answers, and what is left when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest

from recordings.speech import (
    LAST,
    LONGEST,
    RATE,
    ModelIdentity,
    ModelMissing,
    ModelUnusable,
    Samples,
    Sentence,
    SpeechBusy,
    SpeechGone,
    SpeechProcess,
)
from recordings.speech.models import install
from recordings.speech.worker import hear
from tests import ROOT
from tests.machine import spoken
from tests.recordings.speech.spoken import corpus, error_rate
from tests.recordings.speech.test_models import whisper


def pcm(samples: Samples) -> bytes:
    return (samples * 32767).astype("<i2").tobytes()


def hearing() -> list[psutil.Process]:
    """The processes of ours that hear speech."""
    found = []
    for one in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # also of one that has ended and was not waited for yet
            if "recordings.speech.worker" in one.cmdline():
                found.append(one)
    return found


async def test_without_a_model_it_says_so_and_no_process_stays(tmp_path: Path) -> None:
    process = SpeechProcess(tmp_path / "nothing")
    with pytest.raises(ModelMissing, match="nothing"):
        await process.model()
    with pytest.raises(ModelMissing):
        await process.transcribe(bytes(RATE))
    assert hearing() == []


@pytest.mark.parametrize("size", [2 * RATE * LONGEST + 2, RATE + 1])
async def test_what_would_end_the_process_is_not_given_to_it(tmp_path: Path, size: int) -> None:
    with pytest.raises(ValueError, match="no sound of at most"):
        await SpeechProcess(tmp_path / "nothing").transcribe(bytes(size))


class Parrot:
    """An engine that says of this sound, name after name, what was put into its mouth."""

    model = ModelIdentity("parrot", "parrot", "0" * 64)

    def transcribe(self, samples: Samples, hot: Sequence[str] = ()) -> list[Sentence]:
        said = [f"{hot[0]}，"] * int(samples[0]) if hot else ["退我", "3500元"]
        return [Sentence(n, n + 1, text) for n, text in enumerate(said)]


@pytest.mark.parametrize(("times", "said"), [(2, "陈立，陈立，"), (3, "退我3500元")])
def test_what_was_put_into_an_engines_mouth_is_heard_again_without_it(times: int, said: str) -> None:
    heard = hear(Parrot(), np.full(RATE, times, np.float32), ["陈立"])
    assert "".join(one.text for one in heard) == said


@pytest.mark.speech
async def test_a_damaged_model_is_unusable(tmp_path: Path) -> None:
    process = SpeechProcess(whisper(tmp_path / "model"))
    with pytest.raises(ModelUnusable, match="cannot be loaded"):
        await process.model()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("speech") / "model"
    install(None, made)
    return made


@pytest.fixture
async def process(folder: Path) -> AsyncIterator[SpeechProcess]:
    made = SpeechProcess(folder)
    yield made
    await made.close()


def recorded() -> tuple[str, bytes]:
    found = spoken()
    assert found is not None
    one = corpus(found)[1]
    return one.words, pcm(one.samples)


@pytest.mark.speech
async def test_it_hears_at_the_lowest_priority_and_one_that_dies_is_followed_by_another(process: SpeechProcess) -> None:
    words, sound = recorded()
    [heard] = await process.transcribe(sound)
    assert error_rate(words, heard.text) < 0.35
    [child] = hearing()
    assert child.nice() == LAST

    under_way = asyncio.ensure_future(process.transcribe(sound))
    await asyncio.sleep(0)  # it has been asked
    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(SpeechGone):
        await under_way
    assert [one.text for one in await process.transcribe(sound)] == [heard.text]


@pytest.mark.speech
async def test_more_than_may_wait_is_declined_and_what_waits_is_heard(folder: Path) -> None:
    process = SpeechProcess(folder, waiting=10)
    _, sound = recorded()
    first = asyncio.ensure_future(process.transcribe(sound))
    await asyncio.sleep(0)
    with pytest.raises(SpeechBusy):
        await process.transcribe(sound)
    assert await first
    assert process.waiting == 0
    await process.close()


@pytest.mark.speech
async def test_without_memory_it_says_so_and_the_next_sentence_is_heard(process: SpeechProcess) -> None:
    words, sound = recorded()
    await process.model()
    [child] = hearing()
    least = child.memory_info().vms + (8 << 20)
    resource.prlimit(child.pid, resource.RLIMIT_AS, (least, least))
    with pytest.raises(SpeechGone):
        await process.transcribe(sound * 20)
    assert hearing() == []
    [heard] = await process.transcribe(sound)
    assert error_rate(words, heard.text) < 0.35


STARVED = """
import asyncio, resource, sys
from pathlib import Path
from recordings.speech import SpeechError
from recordings.speech import SpeechProcess

async def main():
    try:
        await SpeechProcess(Path(sys.argv[1])).model()
    except SpeechError as fault:
        print(fault.code)

resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]), int(sys.argv[2])))
asyncio.run(main())
"""


@pytest.mark.speech
async def test_where_there_is_no_memory_for_the_model_no_process_stays(folder: Path) -> None:
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STARVED, str(folder), str(400 << 20), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await started.communicate()
    assert said.decode().strip() in ("model_unusable", "engine_missing", "speech_gone")
    assert hearing() == []


class Says:
    """An engine that says something else when names are put into its mouth."""

    def __init__(self, prompted: str, plain: str) -> None:
        self.prompted, self.plain = prompted, plain
        self.model = ModelIdentity("none", "", "")

    def transcribe(self, samples: Samples, hot: Sequence[str] = ()) -> list[Sentence]:
        return [Sentence(0.0, 2.0, self.prompted if hot else self.plain, 0.9)]


@pytest.mark.parametrize(
    ("prompted", "heard"),
    [
        ("推出的语音识别模型，周敏，陈立，陈立，", "推出的语音识别模型"),
        ("周敏周敏周敏", "推出的语音识别模型"),
        ("请周敏、陈立都到", "请周敏、陈立都到"),
    ],
)
def test_names_that_follow_one_another_were_not_said(prompted: str, heard: str) -> None:
    engine = Says(prompted, "推出的语音识别模型")
    assert [one.text for one in hear(engine, np.zeros(RATE, np.float32), ["周敏", "陈立"])] == [heard]
