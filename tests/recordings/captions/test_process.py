"""The process that makes captions as the program has it: what is told when it cannot, and what is left when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest

from media.engine import CaptionsFault, Heard, MediaEvent
from recordings.captions import CaptionsProcess, CaptionsSink
from recordings.speech import LIVE, RATE, Samples
from recordings.speech.models import install
from tests.machine import spoken
from tests.recordings.captions.sound import CLOCK, packets, silence
from tests.recordings.speech.spoken import corpus, error_rate


def making() -> list[psutil.Process]:
    """The processes of ours that make captions, or hear for them."""
    found = []
    for one in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if {"recordings.captions.worker", "recordings.speech.worker"} & set(one.cmdline()):
                found.append(one)
    return found


def kept() -> bool:
    """Whether a task of ours still looks after a process, were it only until it has ended."""
    return any(task.get_name() == "captions" for task in asyncio.all_tasks())


class Room:
    def __init__(self, folder: Path) -> None:
        self.process = CaptionsProcess(folder, idle=0)
        self.told: asyncio.Queue[MediaEvent] = asyncio.Queue()
        self.sink = CaptionsSink(socket.socket(fileno=os.dup(self.process.sound_fd)))

    def follow(self, *who: str, hot: Sequence[str] = ()) -> None:
        self.process.follow("r", set(who), hot, self.told.put_nowait)

    async def next(self) -> MediaEvent:
        return await asyncio.wait_for(self.told.get(), 120)


def says(room: Room, who: str, samples: Samples) -> None:
    sound = np.repeat((samples * 32767).astype(np.int16), CLOCK // RATE)
    room.sink.take("r", who, packets(sound, silence(1), start=time.time()))


@pytest.fixture
async def without(tmp_path: Path) -> AsyncIterator[Room]:
    made = Room(tmp_path / "nothing")
    yield made
    await made.process.stop()
    assert making() == []


async def test_while_nobody_reads_along_there_is_no_process(without: Room) -> None:
    without.follow()
    assert without.process.pid is None
    assert making() == []


async def test_without_a_model_it_says_so_and_killed_it_is_followed_by_another_that_does(without: Room) -> None:
    without.follow("b")
    assert await without.next() == CaptionsFault("r", "model_missing")
    first = without.process.pid
    assert first is not None
    assert psutil.Process(first).nice() == LIVE
    os.kill(first, signal.SIGKILL)
    assert await without.next() == CaptionsFault("r", "speech_gone")
    assert await without.next() == CaptionsFault("r", "model_missing")
    assert without.process.pid not in (None, first)


async def test_whoever_begins_to_read_along_meanwhile_is_told_too(without: Room) -> None:
    without.follow("b")
    assert await without.next() == CaptionsFault("r", "model_missing")
    without.process.follow("another", {"c"}, (), without.told.put_nowait)
    assert await without.next() == CaptionsFault("another", "model_missing")


@pytest.mark.parametrize("ended", [False, True])
async def test_whoever_reads_along_once_its_process_rests_gets_another_and_is_told(without: Room, ended: bool) -> None:
    without.follow("b")
    assert await without.next() == CaptionsFault("r", "model_missing")
    without.follow()
    async with asyncio.timeout(20):
        while without.process.pid is not None or (ended and kept()):  # noqa: ASYNC110 - a process
            await asyncio.sleep(0)
        without.follow("b")
        while without.process.pid is None:  # noqa: ASYNC110 - a process
            await asyncio.sleep(0)
    assert await without.next() == CaptionsFault("r", "model_missing")


@pytest.mark.speech
async def test_speech_becomes_text_also_after_the_engine_was_killed_and_nothing_of_who_is_not_followed(
    tmp_path: Path,
) -> None:
    folder = spoken()
    assert folder is not None
    install(None, tmp_path / "model")
    one = corpus(folder)[0]
    room = Room(tmp_path / "model")
    try:
        room.follow("b", hot=["达摩院"])
        assert await room.next() == CaptionsFault("r", "")
        for killed in (False, True):
            if killed:
                (engine,) = [each for each in making() if "recordings.speech.worker" in each.cmdline()]
                engine.kill()
            says(room, "c", one.samples)
            says(room, "b", one.samples)
            heard = await room.next()
            if heard == CaptionsFault("r", "speech_gone"):  # it was at it; the next sentence is another's
                says(room, "b", one.samples)
                assert await room.next() == CaptionsFault("r", "")
                heard = await room.next()
            assert isinstance(heard, Heard)
            assert heard.participant == "b"
            assert error_rate(one.words, heard.text) < 0.2
    finally:
        await room.process.stop()
    assert making() == []
