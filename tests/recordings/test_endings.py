"""A finished recording holds nothing: what it wrote with and whom it asked go with it, not when the collector comes."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from media.engine import MediaEvent, Segment, Source
from recordings.recorder import Recorder
from recordings.writer import Writer
from tests.recordings.keyring import AnyKey
from tests.recordings.sender import Sender, in_time


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


class Asked:
    """Stands for the publisher, whom a recording knows as somebody to ask for key frames."""

    def key_frame(self, source: Source) -> None:
        """Nobody answers."""


@pytest.mark.usefixtures("no_collector")
async def test_a_finished_take_lets_go_of_its_publisher_and_of_its_files(tmp_path: Path, writer: Writer) -> None:
    recorder, asked = Recorder(tmp_path, 0, AnyKey(), writer=writer), Asked()
    events: list[MediaEvent] = []
    tap = recorder.open("r", "ann", events.append, asked.key_frame)
    sender = Sender()
    for at, sent in enumerate(in_time(sender.picture(0, 1), sender.sound(0, 1))):
        tap.packet(sent.source, sent.sequence, sent.timestamp, sent.marker, sent.payload, 1_790_000_000.0 + at / 100)
    tap.close("left")
    await recorder.drain("r")
    (segment,) = (event for event in events if isinstance(event, Segment))
    assert segment.size > 1000
    kept: list[weakref.ref[object]] = [weakref.ref(tap), weakref.ref(asked)]
    del tap, asked
    await recorder.stop()
    assert [ref() for ref in kept] == [None, None]
