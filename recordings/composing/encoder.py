"""The encoder: what flows into it and out of it, the graph it is given, what it may take of the machine, how it ends.

It reads its inputs from pipes and writes to an open file without a name, so that what is sealed on the disk is never
there in plain. While rooms are live it gets only what of one core nobody else wants.

The graph is made of our own numbers and labels only. One person's files are threaded into one continuous stream each
of picture and sound, without transcoding: the composition needs two inputs a person, however often they reconnected.
A strand is written while the encoder reads it. Every block stands at its time from the plan's origin, and holes in
sound are filled with coded silence.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Literal

import imageio_ffmpeg

from journal.numbers import is_number
from recordings import CompositionError, webm
from recordings.composing import Clip, CompositionPlan, Span, picture_spans, within, without
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
from recordings.timeline import SEAM
from recordings.webm import CLUSTER_MS

OnProgress = Callable[[float], None]
Live = Callable[[], bool]

# An encoder that says nothing for so long will not finish; one that has to give way may wait for its turn.
STALLED_SECONDS = 120.0
WAITING_SECONDS = 3600.0
LOOK_SECONDS = 0.5
UNLIMITED: Mapping[str, int] = {}
_GUARD = Path(__file__).with_name("parent_death_guard.py")
# Nothing of the machine's font set-up takes part: the same words look the same everywhere.
_FONTS_CONFIGURATION = "<fontconfig></fontconfig>\n"
_FONTS = "fonts.conf"


@dataclass(frozen=True, slots=True)
class EncoderInput:
    """An input: `write` is called in a thread of its own and may raise OSError. `options` stand before it."""

    write: Callable[[BinaryIO], None]
    options: tuple[str, ...] = ()


def nameless(folder: Path) -> BinaryIO:
    """An open file that is gone when it is closed, however that comes about: in memory where that can be had."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("piece"), "w+b")
    return tempfile.TemporaryFile(dir=folder)


def path_of(file: BinaryIO) -> str:
    """By which an open file is opened once more, also by a process that was given it."""
    return f"/dev/fd/{file.fileno()}"


async def encode(
    feeds: Sequence[EncoderInput],
    arguments: Sequence[str],
    output: BinaryIO,
    folder: Path,
    on_progress: OnProgress,
    live: Live,
    held: Sequence[BinaryIO] = (),
    limits: Mapping[str, int] = UNLIMITED,
) -> None:
    """Make `output` of the feeds. `on_progress` hears the seconds done. CompositionError, and what a feed raises.

    `held` are open files that arguments name by `path_of`; `limits` those of recordings.composing.parent_death_guard.
    It runs in `folder`, which is where files that arguments name lie. Cancelling ends it at once.
    """
    (folder / _FONTS).write_text(_FONTS_CONFIGURATION, "utf-8")
    pipes = [os.pipe() for _ in feeds]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-loglevel", "error", "-y"]
    for feed, (inner, _) in zip(feeds, pipes, strict=True):
        command += ["-threads", "1", *feed.options, "-i", f"pipe:{inner}"]
    command += ["-filter_complex_threads", "1", *arguments, "-threads", "1"]
    command += ["-progress", "pipe:1", "-stats_period", "0.5", path_of(output)]
    writers = [os.fdopen(outer, "wb", buffering=0) for _, outer in pipes]
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-S", str(_GUARD), str(os.getpid()), *command,
            cwd=folder,
            env={
                "PATH": os.defpath,
                "LANG": "C.UTF-8",
                "FONTCONFIG_FILE": str(folder / _FONTS),
                **{name: str(most) for name, most in limits.items()},
            },
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            pass_fds=[output.fileno(), *(inner for inner, _ in pipes), *(file.fileno() for file in held)],
        )  # fmt: skip
    except BaseException:
        for writer in writers:
            writer.close()
        raise
    finally:
        for inner, _ in pipes:
            os.close(inner)
    # A thread each: the encoder waits for one input while others are full.
    with ThreadPoolExecutor(max(1, len(feeds)), "strand") as threads:
        loop = asyncio.get_running_loop()
        feeding = [
            loop.run_in_executor(threads, _feed, feed, writer) for feed, writer in zip(feeds, writers, strict=True)
        ]
        for one in feeding:
            one.add_done_callback(lambda done: None if done.cancelled() or not done.exception() else _kill(process))
        try:
            fault = await _watch(process, on_progress, live)
        finally:
            _kill(process)
            await process.wait()
            failed = [error for error in await asyncio.gather(*feeding, return_exceptions=True) if error]
    if failed:
        raise failed[0]
    if process.returncode:
        full = "No space left" in fault
        raise CompositionError("disk_full" if full else "encoder", fault or f"exit {process.returncode}")


def _feed(feed: EncoderInput, writer: BinaryIO) -> None:
    with writer, contextlib.suppress(BrokenPipeError):  # it has seen enough
        feed.write(writer)


def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()


async def _watch(process: asyncio.subprocess.Process, on_progress: OnProgress, live: Live) -> str:
    """Until it ends; the last of what it complains about."""
    assert process.stdout is not None
    assert process.stderr is not None
    complaints = asyncio.create_task(_tail(process.stderr))
    manners = asyncio.create_task(_give_way(process.pid, live))
    try:
        moved, furthest = time.monotonic(), -1
        while True:
            patience = WAITING_SECONDS if live() else STALLED_SECONDS
            line = await asyncio.wait_for(process.stdout.readline(), patience)
            if not line:
                break
            key, _, value = line.decode("ascii", "replace").strip().partition("=")
            if key == "out_time_us" and is_number(value) and int(value) > furthest:
                moved, furthest = time.monotonic(), int(value)
                on_progress(furthest / 1e6)
            elif time.monotonic() - moved > patience:
                raise TimeoutError
        await asyncio.wait_for(process.wait(), STALLED_SECONDS)
        return await complaints
    except TimeoutError:
        raise CompositionError("encoder", "stalled") from None
    finally:
        for task in (complaints, manners):
            task.cancel()
        await asyncio.gather(complaints, manners, return_exceptions=True)


async def _give_way(process: int, live: Live) -> None:
    """As long as rooms are live. Its low rank stays with it: who gave it up cannot have it back without rights."""
    cores = sorted(os.sched_getaffinity(process)) if hasattr(os, "sched_getaffinity") else []
    apart = False
    while True:
        if live() or apart:
            apart = live()
            for thread in _threads(process):
                with contextlib.suppress(OSError):  # it ended meanwhile
                    _step_back(thread, cores[-max(1, len(cores) // 4) :] if apart else cores)
        await asyncio.sleep(LOOK_SECONDS)


def _step_back(thread: int, cores: Sequence[int]) -> None:
    if cores:
        os.sched_setaffinity(thread, cores)
    if hasattr(os, "SCHED_IDLE"):  # whoever wakes up takes the core from it at once
        os.sched_setscheduler(thread, os.SCHED_IDLE, os.sched_param(0))
    os.setpriority(os.PRIO_PROCESS, thread, 19)


def _threads(process: int) -> list[int]:
    try:
        return [int(name) for name in os.listdir(f"/proc/{process}/task")]  # noqa: PTH208 - no paths wanted
    except OSError:
        return [process]


async def _tail(stream: asyncio.StreamReader, most: int = 4000) -> str:
    kept = b""
    while piece := await stream.read(4096):
        kept = (kept + piece)[-most:]
    return kept.decode("utf-8", "replace").strip()


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
    import av.error  # libav: not loaded by a server, which only says what the encoder may take

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
