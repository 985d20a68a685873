"""One person's files threaded into one continuous stream each of picture and sound, without transcoding.

The composition then needs two inputs a person, however often they reconnected. A strand is written while the encoder
reads it: nothing of it is ever on the disk. Every block stands at its time from the plan's origin, and holes in sound
are filled with coded silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import BinaryIO, Literal

import av
import av.error

from recordings import codecs, webm
from recordings.composing.composition_plan import SEAM, Clip
from recordings.webm import CLUSTER_MS

Files = Callable[[str], BinaryIO]
"""Opens a file of the session by its path."""

_CHUNK = 1 << 16  # bytes handed over at once: what a pipe takes
_Block = tuple[int, bool, bytes]  # milliseconds, key, data


@dataclass(frozen=True, slots=True)
class Strand:
    """`start`: time of the first block in seconds; a reader counts from there. `shown`: what comes before this is only
    there to be decoded. `pieces` can be taken once, and reads files as it goes on: OSError."""

    start: float
    shown: float
    pieces: Iterator[bytes]

    def write(self, file: BinaryIO) -> None:
        for piece in self.pieces:
            file.write(piece)


def picture(clips: Iterable[Clip], files: Files, end: float = float("inf")) -> Strand | None:
    """The picture of all clips from 0 to `end`; None when there is none. Clips may begin before 0: then the strand
    begins with the key frame that the picture at 0 needs."""
    shown = [clip for clip in clips if clip.width and clip.end > -SEAM and clip.start < end]
    blocks = (block for clip in shown for block in _packets(files, clip, "video") if block[0] < end * 1000)
    before: list[_Block] = []
    first: _Block | None = None
    for block in blocks:
        if block[0] > 0:
            first = block
            break
        if block[1]:
            before.clear()
        before.append(block)
    if first is not None:
        before.append(first)
    if not before:
        return None
    # The picture at 0 is the last that began before it.
    at = before[-2][0] if first is not None and len(before) > 1 else before[-1][0]
    start = before[0][0]
    written = _written(chain(before, blocks), start, shown[0].width, shown[0].height)
    return Strand(start / 1000, at / 1000, written)


def sound(clips: Iterable[Clip], files: Files) -> Strand | None:
    """The sound of all clips, from the origin on; None when there is none."""
    blocks = (block for clip in clips for block in _packets(files, clip, "audio"))
    first = next(blocks, None)
    if first is None:
        return None
    return Strand(0.0, 0.0, _written(_unbroken(chain([first], blocks)), 0, 0, 0))


def _unbroken(blocks: Iterable[_Block]) -> Iterator[_Block]:
    end = 0.0  # of what is written, in milliseconds
    for at, key, data in blocks:
        at = max(0, at)
        while at - end >= codecs.OPUS_SILENCE_MS:
            yield round(end), True, codecs.OPUS_SILENCE
            end += codecs.OPUS_SILENCE_MS
        yield at, key, data
        end = max(end, at + codecs.opus_duration_ms(data))


def _packets(files: Files, clip: Clip, kind: Literal["video", "audio"]) -> Iterator[_Block]:
    """Times from the origin. A file that ends in the middle of a block gives what is whole."""
    with files(clip.path) as file:
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
                        yield round(at * 1000), packet.is_keyframe, bytes(packet)
            except av.error.FFmpegError:
                return


def _written(blocks: Iterable[_Block], start: int, width: int, height: int) -> Iterator[bytes]:
    """A file of one track, in pieces; times in it are from `start`."""
    track = webm.VIDEO if width else webm.AUDIO
    buffer = bytearray(webm.webm_header(datetime(2001, 1, 1, tzinfo=UTC), width, height, not width))
    last, cluster = -1, -CLUSTER_MS
    for at, key, data in blocks:
        at = max(at - start, last + 1)
        last = at
        if at - cluster >= CLUSTER_MS or (key and track == webm.VIDEO):
            cluster = at
            buffer += webm.cluster_header(at)
        buffer += webm.block_header(track, at - cluster, key, len(data))
        buffer += data
        if len(buffer) >= _CHUNK:
            yield bytes(buffer)
            buffer.clear()
    yield bytes(buffer)
