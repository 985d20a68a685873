"""What somebody says on the telephone becomes text in the room: a real engine, and sound as narrow as a telephone's."""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from recordings.speech.models import install
from server.app.rehearsal.person import NAMESPACE
from tests.machine import spoken
from tests.recordings.speech.spoken import Spoken, corpus, error_rate
from tests.server.rooms.phone.telephone import RATE
from tests.server.rooms.phone.test_taking_part import hearing

pytestmark = [
    pytest.mark.media,
    pytest.mark.speech,
    pytest.mark.long,
    pytest.mark.telephone,
]
HEARD = 150  # seconds: the engine comes last for a busy processor
PAUSE = np.zeros(RATE * 3, np.int16)


def said_again_and_again(path: Path, one: Spoken, seconds: float = 120.0) -> Path:
    frame = av.AudioFrame.from_ndarray((one.samples * 32767).astype(np.int16).reshape(1, -1), "s16", "mono")
    frame.sample_rate = 16_000
    resampler = av.AudioResampler("s16", "mono", RATE)
    parts = [*resampler.resample(frame), *resampler.resample(None)]
    narrow = np.concatenate([part.to_ndarray().reshape(-1) for part in parts])
    once = np.concatenate([narrow, PAUSE])
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.tile(once, int(seconds * RATE / len(once)) + 1).astype("<i2").tobytes())
    return path


async def test_what_is_said_on_the_telephone_stands_as_text_once_they_agreed_to_it_by_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = spoken()
    assert folder is not None
    one = corpus(folder)[0]
    install(None, tmp_path / "data" / "speech-model")
    async with hearing(tmp_path, monkeypatch, voice=said_again_and_again(tmp_path / "voice.wav", one)) as room:
        lines: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        mediator = room.mediator.person
        assert mediator._socket is not None
        mediator._socket.on("caption", lines.put_nowait, namespace=NAMESPACE)
        room.mediator.peer.speak(False)  # a tone without a pause is cut and heard as well, before them
        await mediator.ask("ask_captions", {"on": True})
        await room.call()
        await room.agree()
        await room.answer("captions", "1")
        await room.until_seat(status="waiting")
        await mediator.ask("admit", {"seat": room.seat()})
        await room.until_seat(status="present")
        assert [said["kind"] for said in room.told("ConsentSpoken")] == ["participate", "record", "transcribe"]
        heard: list[str] = []
        async with asyncio.timeout(HEARD):
            # A sentence may come in pieces.
            while not any(error_rate(one.words, "".join(heard[-pieces:])) < 0.3 for pieces in (1, 2, 3)):
                line = await lines.get()
                assert line["seat"] == room.seat(), "nobody else speaks"
                heard.append(line["text"])
