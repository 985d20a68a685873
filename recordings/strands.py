"""One person's files threaded into one continuous file each of picture and sound, without transcoding.

The composition then needs two inputs a person, however often they reconnected; every block stands at its time from
the plan's origin, and holes in sound are filled with coded silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Literal

import av
import av.error

from recordings import opus, webm
from recordings.manifest import Clip
from recordings.segment import CLUSTER_MS

Files = Callable[[str], BinaryIO]
"""Opens a file of the session by its path."""


@dataclass(frozen=True, slots=True)
class Strand:
    """`start`: time of the first block in seconds; a reader counts from there."""

    path: Path
    start: float


def picture(clips: Iterable[Clip], files: Files, target: Path) -> Strand | None:
    """The picture of all clips; None when there is none."""
    shown = [clip for clip in clips if clip.width]
    if not shown:
        return None
    with target.open("wb") as file:
        writer = _Writer(file, shown[0].width, shown[0].height)
        for clip in shown:
            for at, key, data in _packets(files, clip, "video"):
                writer.write(at, key, data)
    return Strand(target, writer.first / 1000) if writer.last >= 0 else None


def sound(clips: Iterable[Clip], files: Files, target: Path) -> Strand | None:
    """The sound of all clips, from the origin on; None when there is none."""
    heard = False
    with target.open("wb") as file:
        writer = _Writer(file, 0, 0)
        end = 0.0  # of what is written, in milliseconds
        for clip in clips:
            for at, _, data in _packets(files, clip, "audio"):
                while at - end >= opus.SILENCE_MS:
                    writer.write(round(end), True, opus.SILENCE)
                    end += opus.SILENCE_MS
                writer.write(at, True, data)
                end = max(end, at + opus.duration_ms(data))
                heard = True
    return Strand(target, 0.0) if heard else None


def _packets(files: Files, clip: Clip, kind: Literal["video", "audio"]) -> Iterator[tuple[int, bool, bytes]]:
    """(milliseconds from the origin, key, data). A file that ends in the middle of a block gives what is whole."""
    with files(clip.path) as file:
        yield from _readable(file, clip, kind)


def _readable(file: BinaryIO, clip: Clip, kind: Literal["video", "audio"]) -> Iterator[tuple[int, bool, bytes]]:
    try:
        container = av.open(file, "r")
    except av.error.FFmpegError:
        return  # nothing readable was ever written to it
    with container:
        streams = container.streams.video if kind == "video" else container.streams.audio
        if not streams:
            return
        try:
            for packet in container.demux(streams[0]):
                if packet.pts is None or packet.time_base is None or packet.is_corrupt:
                    continue
                at = clip.start + float(packet.pts * packet.time_base)
                # What a crash cut off has no known end: trust the measured one.
                if at <= clip.end + 0.1:
                    yield max(0, round(at * 1000)), packet.is_keyframe, bytes(packet)
        except av.error.FFmpegError:
            return


class _Writer:
    """A file of one track."""

    def __init__(self, file: BinaryIO, width: int, height: int) -> None:
        self.first, self.last = 0, -1
        self._file, self._track = file, webm.VIDEO if width else webm.AUDIO
        self._cluster = -CLUSTER_MS
        file.write(webm.head(datetime(2001, 1, 1, tzinfo=UTC), width, height, not width))

    def write(self, at: int, key: bool, data: bytes) -> None:
        at = max(at, self.last + 1)
        if self.last < 0:
            self.first = at
        self.last = at
        if at - self._cluster >= CLUSTER_MS or (key and self._track == webm.VIDEO):
            self._cluster = at
            self._file.write(webm.cluster(at))
        self._file.write(webm.block(self._track, at - self._cluster, key, data))
