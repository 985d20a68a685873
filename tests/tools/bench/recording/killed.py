"""What `kill -9` costs while many people are recorded: a process with the real recorder, in Python and where it can be
compiled in C, is killed at random moments. Files are short, so that many are just being finished or begun.

Also what sealing costs: one pass of the writer over one person, encrypted and not. Network and people are left out;
packets come as the forwarding plane hands them over, on time.

python -m tests.tools.bench.recording.killed --record FOLDER --rooms N [--writer LIBRARY] is what is killed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from media import FLUSH_INTERVAL, Tap
from media.engine import MediaEvent, Recording
from recordings.files import encrypted_file_store
from recordings.files.encrypted_file import SealedWriter
from recordings.files.encrypted_file_store import DAMAGED, EncryptedFileStore
from recordings.files.keys import case_keys
from recordings.native import loaded
from recordings.recorder import Recorder
from tests.tools.bench.forward import compiled_writer
from tests.tools.bench.media.traffic import KEY_FRAME
from tests.tools.figures import Figures, quantile

ROOMS, ROOMS_QUICK = 20, 4
PEOPLE = 3
KILLS, KILLS_QUICK = 5, 1
MOST_LOST = 1.0  # seconds of a track
TICK = 0.02
PICTURE_EVERY = 2  # ticks
PACKETS = 3  # of a picture
PAYLOAD = 1100
KEY_EVERY = 20  # pictures
FILE_SECONDS = 2.2  # then the next key frame begins a new one: in each pass a third of all are finished
SOUND = b"\xf8\xff\xfe" + bytes(60)
BEGUN_WITHIN = 60.0
PASS_BYTES = round(110_000 * FLUSH_INTERVAL)  # of one person: 880 kbit/s
PASSES = 3000


def measure(quick: bool, kills: int | None = None) -> dict[str, Any]:
    """`kills` of each writer."""
    figures = Figures()
    rooms, kills = (ROOMS_QUICK, kills or KILLS_QUICK) if quick else (ROOMS, kills or KILLS)
    lost: list[float] = []
    seconds: list[float] = []
    files = unfinished = 0
    with tempfile.TemporaryDirectory() as built:
        compiled = compiled_writer(Path(built))
        writers = [None] if compiled is None else [None, compiled.path]
        for writer in writers * kills:
            with tempfile.TemporaryDirectory() as folder:
                figures.on_disk(Path(folder))
                after = _killed(Path(folder), rooms, writer)
            lost += after.lost
            seconds.append(after.seconds)
            files += after.files
            unfinished += after.unfinished
    figures.values = {
        "rooms_level": rooms,
        "writers_level": len(writers),
        "tracks_level": rooms * PEOPLE * 2 * kills * len(writers),
        "files_level": files,
        "unfinished_files_level": unfinished,
        "lost_most_s": round(max(lost), 3),
        "lost_s_p50": round(quantile(lost, 0.5), 3),
        "accounted_for_s": round(max(seconds), 2),
    }
    with tempfile.TemporaryDirectory() as folder:
        sealed, plain = _passes(Path(folder))
    figures.values["sealed_pass_ms"] = round(sealed * 1000, 4)
    figures.values["plain_pass_ms"] = round(plain * 1000, 4)
    # Of everybody, as a share of one core.
    figures.values["sealing_core_ratio"] = round(max(1e-6, sealed - plain) / FLUSH_INTERVAL * ROOMS * PEOPLE, 5)
    figures.at_most("lost_most_s", MOST_LOST)
    figures.at_most("sealing_core_ratio", 0.05)
    return figures.json()


@dataclass(frozen=True, slots=True)
class _After:
    """Seconds lost of every track, how long it took to account for all files, how many these are, and how many of them
    were being written."""

    lost: list[float]
    seconds: float
    files: int
    unfinished: int


def _killed(data: Path, rooms: int, writer: Path | None) -> _After:
    command = [sys.executable, "-m", "tests.tools.bench.recording.killed", "--record", str(data), "--rooms", str(rooms)]
    if writer is not None:
        command += ["--writer", str(writer)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            if process.stdout.readline() != b"recording\n":
                raise RuntimeError("nobody was recorded")
            time.sleep(random.uniform(3.0, 6.0))
        finally:
            process.kill()
            killed = time.time()
    shelf, begun = EncryptedFileStore(data / "recordings", case_keys(data)), time.monotonic()
    ends: dict[tuple[str, str, str], float] = {}  # of each track, seconds since the epoch
    found = encrypted_file_store.find_orphans(shelf.folder, set())
    for orphan in found:
        kept = encrypted_file_store.seal_orphan(orphan, shelf)
        if kept is None:
            continue  # begun, and nothing was written yet
        with shelf.open(orphan.session, kept.path) as file, av.open(file, "r") as container:
            for packet in container.demux():
                if packet.pts is not None and packet.time_base is not None:
                    track = orphan.session, orphan.seat, packet.stream.type
                    at = kept.started.timestamp() + float(packet.pts * packet.time_base)
                    ends[track] = max(at, ends.get(track, 0.0))
    if damaged := list(shelf.folder.rglob(f"*{DAMAGED}")):
        raise RuntimeError(f"something in {damaged[0].name} does not verify")
    if len(ends) != rooms * PEOPLE * 2:
        raise RuntimeError(f"{len(ends)} tracks of {rooms * PEOPLE} people")
    return _After(
        [killed - end for end in ends.values()],
        time.monotonic() - begun,
        len(found),
        sum(not orphan.sealed for orphan in found),
    )


def _passes(folder: Path) -> tuple[float, float]:
    """Processor seconds of one person's pass, sealed and in the clear."""
    data = os.urandom(PASS_BYTES)

    def timed(name: str, made: Callable[[int], Callable[[], object]]) -> float:
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            once = made(handle)
            begun = time.process_time()
            for _ in range(PASSES):
                once()
            return (time.process_time() - begun) / PASSES
        finally:
            os.close(handle)

    def sealed(handle: int) -> Callable[[], object]:
        writer = SealedWriter(lambda piece: os.write(handle, piece), bytes(32))

        def once() -> None:
            writer.append(data)
            writer.flush()

        return once

    def plain(handle: int) -> Callable[[], object]:
        return lambda: os.write(handle, bytes(bytearray(data)))

    return timed("sealed", sealed), timed("plain", plain)


# ---------------------------------------------------------------- the process that is killed


class _Voice:
    """One person's packets, when they are due."""

    def __init__(self, tap: Tap, phase: int) -> None:
        """`phase`: pictures before the first key frame."""
        self._tap, self._phase = tap, phase
        self._sound = self._packets = self._pictures = 0

    def tick(self, number: int) -> None:
        now = time.time()
        self._tap.packet("mic", self._sound & 0xFFFF, self._sound * 960 & 0xFFFF_FFFF, True, SOUND, now)
        self._sound += 1
        if number % PICTURE_EVERY == 0:
            self._picture(now)

    def _picture(self, now: float) -> None:
        key = self._pictures % KEY_EVERY == self._phase
        stamp = self._pictures * PICTURE_EVERY * round(TICK * 90_000) & 0xFFFF_FFFF
        for at in range(PACKETS):
            head = b"\x10" + (KEY_FRAME if key else b"\x31") if at == 0 else b"\x00"
            payload = head + bytes(PAYLOAD - len(head))
            self._tap.packet("camera", self._packets & 0xFFFF, stamp, at == PACKETS - 1, payload, now)
            self._packets += 1
        self._pictures += 1


async def record(data: Path, rooms: int, writer: Path | None) -> None:
    compiled = loaded(writer) if writer is not None else None
    recorder = Recorder(data / "recordings", 0, case_keys(data), FILE_SECONDS, writer=compiled)
    begun: set[tuple[str, str]] = set()

    def tell(event: MediaEvent) -> None:
        if isinstance(event, Recording) and event.on:
            begun.add((event.room, event.participant))
            if len(begun) == rooms * PEOPLE:
                sys.stdout.write("recording\n")
                sys.stdout.flush()

    people = [
        _Voice(
            recorder.open(f"room-{room}", f"seat-{seat}", tell, lambda source: None), (room * PEOPLE + seat) % KEY_EVERY
        )
        for room in range(rooms)
        for seat in range(PEOPLE)
    ]
    loop = asyncio.get_running_loop()
    start = loop.time()
    for number in range(round(BEGUN_WITHIN / TICK)):
        await asyncio.sleep(max(0.0, start + number * TICK - loop.time()))
        for person in people:
            person.tick(number)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--record", type=Path, required=True)
    options.add_argument("--rooms", type=int, default=ROOMS)
    options.add_argument("--writer", type=Path)
    given = options.parse_args()
    asyncio.run(record(given.record, given.rooms, given.writer))


if __name__ == "__main__":
    main()
