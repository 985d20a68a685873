"""A film's pieces: how it is cut, which of them are done, and how they become one file without being encoded again.

Sound is one piece from beginning to end: it costs little, and a cut in it could be heard. Pictures are cut at whole
frames; each piece begins with a key frame, as every few seconds of the film do anyway. Finished pieces lie sealed in
a folder of the session, with a list of their digests: who comes after a killed process goes on where it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import math
import shutil
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, BinaryIO, ParamSpec, TypeVar

import av

from recordings import CompositionError, Damaged, StoreRefuses, StoreUnreachable, VaultError
from recordings.composing import replace_file
from recordings.composing.encoder import OnProgress, nameless, path_of
from recordings.files.encrypted_file import Digest
from recordings.files.encrypted_file_store import EncryptedFileStore

WORK_PREFIX, COPY_PREFIX = ".composing-", ".copying-"
PIECE_SECONDS = 180.0  # of pictures in a piece
_LIST = "pieces.json"
_JOINING = 0.01  # what it costs beside all the rest, for the progress only

Made = TypeVar("Made")
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class FilmPiece:
    """`first` and `frames` count the film's frames."""

    name: str
    first: int
    frames: int


def cut_pieces(seconds: float, fps: int, piece: float = PIECE_SECONDS) -> list[FilmPiece]:
    """Equal pieces of about `piece` seconds, so that the last is not a mere rest."""
    frames = max(1, math.ceil(round(seconds * fps, 3)))
    count = max(1, round(frames / (piece * fps)))
    edges = [frames * n // count for n in range(count + 1)]
    return [FilmPiece(f"picture-{n:04d}.piece", start, end - start) for n, (start, end) in enumerate(pairwise(edges))]


@dataclass(frozen=True, slots=True)
class WorkStep:
    """What makes one piece: `work` writes it and tells the seconds done of `seconds`; `weight`: what it costs beside
    the others."""

    name: str
    seconds: float
    weight: float
    work: Callable[[BinaryIO, OnProgress], Awaitable[None]]


async def in_thread(call: Callable[P, Made], *arguments: P.args, **options: P.kwargs) -> Made:
    """As `asyncio.to_thread`, but what was begun has ended before a cancellation goes on: it may still be writing."""
    task = asyncio.ensure_future(asyncio.to_thread(call, *arguments, **options))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


class Pieces:
    """Of one film of a session, of which there is one at a time for each `prefix`. `key` is a digest of everything that
    makes it what it is."""

    def __init__(self, files: EncryptedFileStore, case: str, key: str, prefix: str = WORK_PREFIX) -> None:
        self._files, self._case, self._prefix = files, case, prefix
        self._place = f"{case}/{prefix}{key[:16]}"
        self._folder = files.folder / self._place
        self.scratch = self._folder / "scratch"

    async def make(
        self, steps: Sequence[WorkStep], finish: Callable[[], Made], progress: OnProgress, kept: Callable[[], None]
    ) -> Made:
        """Do every step that is not done, then `finish` in a thread. CompositionError says why not.

        Cancelling leaves the finished pieces, and nothing in plain. `progress` hears 0…1, and of what is taken up again
        first how far it was; `kept` is called after each piece.
        """
        try:
            await in_thread(self._begin)
            try:
                await self._do(steps, progress, kept)
                made = await in_thread(finish)
            finally:
                # Not in a thread: it is quick, and has to happen when this task is being cancelled.
                shutil.rmtree(self.scratch, ignore_errors=True)
                with contextlib.suppress(OSError):
                    self._folder.rmdir()  # unless there are pieces
            await in_thread(self.forget)
        except OSError as fault:
            full = fault.errno in (errno.ENOSPC, errno.EDQUOT)
            raise CompositionError("disk_full" if full else "io", str(fault)) from fault
        except StoreUnreachable as fault:
            raise CompositionError("store_away", str(fault)) from fault
        except StoreRefuses as fault:  # what was archived cannot be read now
            raise CompositionError("io", str(fault)) from fault
        except VaultError as fault:
            changed = isinstance(fault, Damaged)
            raise CompositionError("source_changed" if changed else "source_missing", str(fault)) from fault
        progress(1.0)
        return made

    async def _do(self, steps: Sequence[WorkStep], progress: OnProgress, kept: Callable[[], None]) -> None:
        whole = sum(step.weight for step in steps) * (1 + _JOINING)
        wanted = [step for step in steps if not await in_thread(self._has, step.name)]
        done = (sum(step.weight for step in steps) - sum(step.weight for step in wanted)) / whole
        progress(done)
        for step in wanted:
            share = step.weight / whole

            def on_progress(at: float, done: float = done, share: float = share, length: float = step.seconds) -> None:
                progress(done + share * min(1.0, at / length))

            with nameless(self.scratch) as made:
                await step.work(made, on_progress)
                await in_thread(self._put, step.name, made)
            kept()
            done += share
            progress(done)

    def _begin(self) -> None:
        """Whatever is there in plain, of another film or not on the list goes; `scratch` is new and empty."""
        for other in self._folder.parent.glob(f"{self._prefix}*"):
            if other != self._folder:
                shutil.rmtree(other, ignore_errors=True)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.rmtree(self.scratch, ignore_errors=True)
        listed = {_LIST, *self._listed()}
        for left in self._folder.iterdir():
            if left.name not in listed:
                left.unlink()
        self.scratch.mkdir(mode=0o700)

    def forget(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _has(self, name: str) -> bool:
        """Whether a piece is there and what it was when it was finished."""
        listed = self._listed().get(name)
        if listed is None:
            return False
        try:
            with self.open(name) as file:
                return digest(file) == listed
        except (VaultError, OSError):
            return False

    def open(self, name: str) -> BinaryIO:
        return self._files.open(self._case, f"{self._place}/{name}")

    def _put(self, name: str, source: BinaryIO) -> None:
        """Keep a finished piece: durable when it returns."""
        source.seek(0)
        made = self._files.put(self._case, f"{self._place}/{name}", source)
        listed = {**self._listed(), name: made.sha256}
        replace_file(self._folder / _LIST, json.dumps(listed).encode())

    def _listed(self) -> dict[str, str]:
        try:
            listed: Any = json.loads((self._folder / _LIST).read_bytes())
        except (OSError, ValueError):
            return {}
        return {str(name): str(digest) for name, digest in listed.items()} if isinstance(listed, dict) else {}


def digest(file: BinaryIO) -> str:
    """SHA-256 of what a file holds from here on."""
    found = Digest()
    while data := file.read(1 << 20):
        found.update(data)
    return found.sha256


Opener = Callable[[], BinaryIO]


def join_pieces(pictures: Sequence[tuple[FilmPiece, Opener]], sound: BinaryIO, fps: int, film: BinaryIO) -> None:
    """Write the film, so that it plays while it loads. CompositionError when a piece is not as long as it should be."""
    with contextlib.ExitStack() as opened:
        heard = opened.enter_context(av.open(sound, "r"))
        first = opened.enter_context(av.open(opened.enter_context(pictures[0][1]()), "r"))
        out = opened.enter_context(
            av.open(
                path_of(film), "w", format="mp4", options={"movflags": "+faststart", "video_track_timescale": "10240"}
            )
        )
        seen_out = out.add_stream_from_template(first.streams.video[0])
        heard_out = out.add_stream_from_template(heard.streams.audio[0])
        sounds = _sounds(heard)
        waiting = next(sounds, None)
        for at, packet in _pictures(pictures, fps):
            while waiting is not None and waiting[0] <= at:
                waiting[1].stream = heard_out
                out.mux(waiting[1])
                waiting = next(sounds, None)
            packet.stream = seen_out
            out.mux(packet)
        while waiting is not None:
            waiting[1].stream = heard_out
            out.mux(waiting[1])
            waiting = next(sounds, None)


def _sounds(container: Any) -> Iterator[tuple[float, Any]]:
    for packet in container.demux(container.streams.audio[0]):
        if packet.dts is not None:
            yield float(packet.dts * packet.time_base), packet


def _pictures(pictures: Sequence[tuple[FilmPiece, Opener]], fps: int) -> Iterator[tuple[float, Any]]:
    """Packets at their times in the film, seconds beside them: to the tick, or a player would stumble at each seam."""
    for piece, opener in pictures:
        with opener() as file, av.open(file, "r") as container:
            stream = container.streams.video[0]
            assert stream.time_base is not None
            ticks = Fraction(1, fps) / stream.time_base
            count = 0
            for packet in container.demux(stream):
                if packet.dts is None or packet.pts is None:
                    continue
                packet.pts = int((round(packet.pts / ticks) + piece.first) * ticks)
                packet.dts = int((round(packet.dts / ticks) + piece.first) * ticks)
                packet.duration = int(ticks)
                count += 1
                yield float(packet.dts * stream.time_base), packet
            if count != piece.frames:
                raise CompositionError("encoder", f"{piece.name} has {count} pictures, not {piece.frames}")
