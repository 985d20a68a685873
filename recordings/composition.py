"""One video out of all files of a session: everybody in a grid with names, phase and clock, all voices mixed.

Owns the encoder process: its inputs and filter graph, its progress, its end. Text reaches it only through a
subtitle file, files only under names made here.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import imageio_ffmpeg

from recordings import strands, subtitles
from recordings.errors import BlobError, CompositionError, Damaged, KeyDestroyed, KeyMissing, Missing
from recordings.graph import Inputs, graph
from recordings.manifest import Clip, Plan
from recordings.sealed import STRIDE, Digest
from recordings.segment import sync_folder
from recordings.shelf import Shelf
from recordings.strands import Files

WORK_PREFIX = ".composing-"
# An encoder that says nothing for so long will not finish.
STALLED_SECONDS = 120.0
# The part of the progress before the encoder starts.
THREADING_SHARE = 0.05
# Nothing of the machine's font set-up takes part: the same words look the same everywhere.
_FONTS_CONFIGURATION = "<fontconfig></fontconfig>\n"


@dataclass(frozen=True, slots=True)
class Composed:
    """`origin` is the wall-clock time of the first picture."""

    path: Path
    sha256: str
    size: int
    duration_ms: int
    origin: datetime


def default_font() -> Path:
    """The font file that is installed with the program."""
    found = importlib.util.find_spec("manimgx_fonts_cjk")
    if found is None or found.origin is None:
        raise CompositionError("encoder", "the font package is missing")
    fonts = sorted(path for path in Path(found.origin).parent.iterdir() if path.suffix in (".ttc", ".otf", ".ttf"))
    if not fonts:
        raise CompositionError("encoder", "the font package holds no font")
    return fonts[0]


async def compose(
    plan: Plan,
    shelf: Shelf,
    target: Path,
    progress: Callable[[float], None],
    *,
    font: Path | None = None,
    fps: int = 20,
) -> Composed:
    """Make the video at `target`, which appears only when it is whole. CompositionError says why not.

    Cancelling ends the encoder at once and leaves nothing behind. `font` has to hold the family
    `recordings.subtitles.FAMILY`.
    """
    work = Path(tempfile.mkdtemp(prefix=WORK_PREFIX, dir=target.parent))
    try:
        inputs = await asyncio.to_thread(_prepare, plan, shelf, work, font)
        progress(THREADING_SHARE)
        await _encode(plan, inputs, work, fps, progress)
        composed = await asyncio.to_thread(_keep, plan, work / "out.mp4", target)
    except OSError as fault:
        full = fault.errno in (errno.ENOSPC, errno.EDQUOT)
        raise CompositionError("disk_full" if full else "io", str(fault)) from fault
    except BlobError as fault:
        raise CompositionError("io", str(fault)) from fault
    finally:
        # Not in a thread: it is quick, and has to happen when this task is being cancelled.
        shutil.rmtree(work, ignore_errors=True)
    progress(1.0)
    return composed


def _prepare(plan: Plan, shelf: Shelf, work: Path, font: Path | None) -> Inputs:
    def files(path: str) -> BinaryIO:
        return shelf.open(plan.session, path)

    pictures, screens, sounds = {}, {}, []
    for index, person in enumerate(plan.people):
        for clip in (*person.clips, *person.screens):
            _verify(clip, files)
        if strand := strands.picture(person.clips, files, work / f"picture{index}.webm"):
            pictures[index] = strand
        if strand := strands.picture(person.screens, files, work / f"screen{index}.webm"):
            screens[index] = strand
        if strand := strands.sound(person.clips, files, work / f"sound{index}.webm"):
            sounds.append(strand)
    if not pictures and not screens and not sounds:
        raise CompositionError("nothing_recorded", "no file holds anything readable")
    (work / "words.ass").write_text(subtitles.script(plan), "utf-8")
    (work / "fonts.conf").write_text(_FONTS_CONFIGURATION, "utf-8")
    (work / "fonts").mkdir()
    chosen = (font or default_font()).resolve()
    (work / "fonts" / chosen.name).symlink_to(chosen)
    return Inputs(pictures, screens, sounds)


def _verify(clip: Clip, files: Files) -> None:
    """The video may be shown as evidence: nothing goes in that is not what the journal says was recorded."""
    try:
        with files(clip.path) as file:
            digest = Digest()
            while piece := file.read(STRIDE):
                digest.update(piece)
    except (Missing, KeyMissing, KeyDestroyed) as fault:
        raise CompositionError("source_missing", clip.path) from fault
    except Damaged as fault:
        raise CompositionError("source_changed", clip.path) from fault
    if digest.sha256 != clip.sha256:
        raise CompositionError("source_changed", clip.path)


async def _encode(plan: Plan, inputs: Inputs, work: Path, fps: int, progress: Callable[[float], None]) -> None:
    (work / "graph.txt").write_text(graph(plan, inputs, fps), "utf-8")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-loglevel", "error", "-y"]
    for strand in inputs.ordered:
        command += ["-reinit_filter", "0", "-i", strand.path.name]
    command += ["-/filter_complex", "graph.txt", "-map", "[picture]", "-map", "[sound]", "-t", f"{plan.seconds:.3f}"]
    command += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "25", "-pix_fmt", "yuv420p", "-g", str(fps * 2)]
    # VP8 is BT.601; without saying so players would take a picture of this size for BT.709.
    command += ["-colorspace", "smpte170m", "-color_primaries", "smpte170m", "-color_trc", "smpte170m"]
    command += ["-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart"]
    command += ["-progress", "pipe:1", "-stats_period", "0.5", "out.mp4"]
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=work,
        env={"PATH": os.defpath, "LANG": "C.UTF-8", "FONTCONFIG_FILE": str(work / "fonts.conf")},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    complaints = asyncio.create_task(_tail(process.stderr))
    try:
        while line := await asyncio.wait_for(process.stdout.readline(), STALLED_SECONDS):
            key, _, value = line.decode("ascii", "replace").strip().partition("=")
            if key == "out_time_us" and value.isdigit():
                share = min(1.0, int(value) / 1e6 / plan.seconds)
                progress(THREADING_SHARE + share * (0.99 - THREADING_SHARE))
        code = await asyncio.wait_for(process.wait(), STALLED_SECONDS)
        text = await complaints
    except TimeoutError:
        raise CompositionError("encoder", "stalled") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        complaints.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await complaints
    if code:
        raise CompositionError("disk_full" if "No space left" in text else "encoder", text or f"exit {code}")


async def _tail(stream: asyncio.StreamReader, most: int = 4000) -> str:
    """The last of what the encoder complains about."""
    kept = b""
    while piece := await stream.read(4096):
        kept = (kept + piece)[-most:]
    return kept.decode("utf-8", "replace").strip()


def _keep(plan: Plan, made: Path, target: Path) -> Composed:
    _, duration = imageio_ffmpeg.count_frames_and_secs(str(made))
    with made.open("rb") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
    made.rename(target)
    sync_folder(target.parent)
    return Composed(target, digest, size, round(duration * 1000), plan.origin)
