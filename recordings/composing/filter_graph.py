"""The encoder's filter graph, made of our own numbers and labels only.

One person's files threaded into one continuous stream each of picture and sound, without transcoding.

The composition then needs two inputs a person, however often they reconnected. A strand is written while the encoder
reads it: nothing of it is ever on the disk. Every block stands at its time from the plan's origin, and holes in
sound are filled with coded silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import BinaryIO, Literal

import av.error

from recordings import webm
from recordings.composing.composition_plan import SEAM, Clip, CompositionPlan, Span, picture_spans, within, without
from recordings.composing.subtitles import (
    CANVAS,
    CARD,
    HEIGHT,
    STRIPE,
    WIDTH,
    Box,
    bar_box,
    grid_boxes,
    screen_box,
    screen_spans,
    strip_boxes,
    times,
)
from recordings.webm import CLUSTER_MS

Files = Callable[[str], BinaryIO]
"""Opens a file of the session by its path."""

_CHUNK = 1 << 16  # bytes handed over at once: what a pipe takes
_Block = tuple[int, bool, bytes]  # milliseconds, key, data


@dataclass(frozen=True, slots=True)
class InputStrand:
    """`start`: time of the first block in seconds; a reader counts from there. `shown`: what comes before this is only
    there to be decoded. `pieces` can be taken once, and reads files as it goes on: OSError."""

    start: float
    shown: float
    pieces: Iterator[bytes]

    def write(self, file: BinaryIO) -> None:
        for piece in self.pieces:
            file.write(piece)


def picture(clips: Iterable[Clip], files: Files, end: float = float("inf")) -> InputStrand | None:
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
    return InputStrand(start / 1000, at / 1000, written)


def sound(clips: Iterable[Clip], files: Files) -> InputStrand | None:
    """The sound of all clips, from the origin on; None when there is none."""
    blocks = (block for clip in clips for block in _packets(files, clip, "audio"))
    first = next(blocks, None)
    if first is None:
        return None
    return InputStrand(0.0, 0.0, _written(_unbroken(chain([first], blocks)), 0, 0, 0))


def _unbroken(blocks: Iterable[_Block]) -> Iterator[_Block]:
    end = 0.0  # of what is written, in milliseconds
    for at, key, data in blocks:
        at = max(0, at)
        while at - end >= webm.OPUS_SILENCE_MS:
            yield round(end), True, webm.OPUS_SILENCE
            end += webm.OPUS_SILENCE_MS
        yield at, key, data
        end = max(end, at + webm.opus_duration_ms(data))


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


WORDS = "ass=f=words.ass:fontsdir=fonts"


@dataclass(frozen=True, slots=True)
class GraphInputs:
    """Strands by the person's place in the plan."""

    pictures: Mapping[int, InputStrand]
    screens: Mapping[int, InputStrand]


def picture_graph(plan: CompositionPlan, inputs: GraphInputs, fps: int) -> str:
    """Of pictures, then screens, in their order; ends in the label [picture]."""
    shared = screen_spans(plan)
    alone = without([(0.0, plan.seconds)], shared)
    count = len(plan.people)
    cells, small = grid_boxes(count), strip_boxes(count)
    lines, below, number = [f"{_canvas(cells, fps)}[b0]"], 0, 0
    if shared:
        lines.append(f"{_canvas(small, fps)}[aside]")
        lines.append(f"[b0][aside]overlay=enable='{times(shared)}'[b1]")
        below = 1

    def lay(source: str, box: Box, spans: Sequence[Span]) -> None:
        nonlocal below
        fit = f"scale={box.width}:{box.height}:force_original_aspect_ratio=decrease:force_divisible_by=2,setsar=1"
        label = f"p{below}"
        lines.append(f"{source}{fit}[{label}]")
        middle = f"x={box.x}+({box.width}-w)/2:y={box.y}+({box.height}-h)/2"
        lines.append(f"[b{below}][{label}]overlay={middle}:eof_action=repeat:enable='{times(spans)}'[b{below + 1}]")
        below += 1

    for index, strand in inputs.pictures.items():
        seen = picture_spans(plan.people[index].clips)
        source = f"[{number}:v]{_in_time(strand)},"
        if within(seen, shared):
            lines.append(f"{source}split[l{number}][s{number}]")
            lay(f"[l{number}]", cells[index], within(seen, alone))
            lay(f"[s{number}]", small[index], within(seen, shared))
        else:
            lay(source, cells[index], seen)
        number += 1
    for index, strand in inputs.screens.items():
        seen = picture_spans(plan.people[index].screens)
        lay(f"[{number}:v]{_in_time(strand)},", screen_box(), seen)
        number += 1
    lines.append(f"[b{below}]{WORDS}[picture]")
    return ";\n".join(lines)


def _in_time(strand: InputStrand) -> str:
    """Without what is only there to be decoded."""
    begun = f"trim=start={strand.shown - strand.start - 0.002:.3f}," if strand.shown > strand.start else ""
    return f"{begun}setpts=PTS{strand.start:+.3f}/TB"


def _canvas(cells: Sequence[Box], fps: int) -> str:
    """What is behind everybody: painted once and repeated. Painting it for each picture was half of all filtering."""
    boxes = [_card(bar_box(), STRIPE), *(_card(cell, CARD) for cell in cells)]
    once = f"color=c={CANVAS}:s={WIDTH}x{HEIGHT}:r={fps}:d={1 / fps:.3f},format=yuv420p"
    return f"{once},{','.join(boxes)},loop=loop=-1:size=1"


def _card(box: Box, colour: str) -> str:
    return f"drawbox=x={box.x}:y={box.y}:w={box.width}:h={box.height}:color={colour}:t=fill"


def sound_graph(count: int, seconds: float) -> str:
    """Of so many inputs; ends in the label [sound]."""
    if not count:
        return f"anullsrc=r=48000:cl=mono:d={seconds:.3f}[sound]"
    lines, labels = [], ""
    for number in range(count):
        # Clocks drift: sound is stretched to its timestamps by inaudible amounts.
        even = "aresample=48000:async=1000:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=mono"
        lines.append(f"[{number}:a]{even}[a{number}]")
        labels += f"[a{number}]"
    # Nobody gets quieter because others are in the room; two who shout at once are limited, not clipped.
    mix = f"amix=inputs={count}:duration=longest:normalize=0,alimiter=limit=0.95:level=0:latency=1"
    return ";\n".join([*lines, f"{labels}{mix},apad=whole_dur={seconds:.3f}[sound]"])
