"""A participant's recorder in simulated time, with a publisher that answers its wishes for key frames."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from media.engine import MediaEvent, Segment, Source
from recordings.files.keys import Keys
from recordings.recorder import ParticipantRecorder
from recordings.writer import Writer
from tests.recordings.keyring import AnyKey
from tests.recordings.sender import Sender, Sent, feed

ORIGIN = datetime(2026, 11, 25, 2, 0, tzinfo=UTC).timestamp()


class Studio:
    """A participant's recorder and a publisher that answers its wishes for key frames."""

    def __init__(
        self,
        folder: Path,
        segment_seconds: float = 60.0,
        seat: str = "seat",
        keys: Keys | None = None,
        writer: Writer | None = None,
    ) -> None:
        self.folder, self.events, self.asked = folder, list[MediaEvent](), list[Source]()
        self.sender: Sender | None = None
        self.at = 0.0
        self.recorder = ParticipantRecorder(
            folder, "s1", seat, self.events.append, self._key, lambda: None, segment_seconds, keys or AnyKey(),
            writer=writer, clock=lambda: ORIGIN + self.at,
        )  # fmt: skip

    def _key(self, source: Source) -> None:
        self.asked.append(source)
        if self.sender is not None:
            self.sender.key_wanted = True

    def step(self, at: float) -> None:
        self.at = at
        self.recorder.work(100.0 + at, ORIGIN + at)

    def send(self, arriving: Iterable[tuple[float, Sent]]) -> None:
        feed(self.recorder, list(arriving), ORIGIN, self.step)

    async def end(self, at: float, cause: str = "closed") -> list[Segment]:
        self.at = at
        self.recorder.close(cause)
        assert self.recorder.work(100.0 + at, ORIGIN + at)
        await asyncio.sleep(0)
        return self.segments

    @property
    def segments(self) -> list[Segment]:
        return [event for event in self.events if isinstance(event, Segment)]


def clean(packets: list[Sent], delay: float = 0.03) -> list[tuple[float, Sent]]:
    return [(packet.captured + delay, packet) for packet in packets]
