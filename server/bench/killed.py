"""What `kill -9` costs while many people are recorded: a process with the real recorder is killed at random moments.

Also what sealing costs: one pass of the writer over one person, encrypted and not. Network and people are left out;
packets come as the forwarding plane hands them over, on time.

python -m server.bench.killed --record FOLDER --rooms N is what is killed.
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
from pathlib import Path
from typing import Any

import av

from media.engine import MediaEvent, Recording
from media.tap import COLLECTING, Tap
from recordings import orphans
from recordings.keys import case_keys
from recordings.recorder import Recorder
from recordings.sealed import SealedWriter
from recordings.shelf import Shelf
from server.bench.figures import Figures, quantile
from server.bench.traffic import KEY_FRAME

ROOMS, ROOMS_QUICK = 20, 4
PEOPLE = 3
KILLS, KILLS_QUICK = 5, 1
MOST_LOST = 1.0  # seconds of a track
TICK = 0.02
PICTURE_EVERY = 2  # ticks
PACKETS = 3  # of a picture
PAYLOAD = 1100
KEY_EVERY = 50  # pictures
SOUND = b"\xf8\xff\xfe" + bytes(60)
BEGUN_WITHIN = 60.0
PASS_BYTES = round(110_000 * COLLECTING)  # of one person: 880 kbit/s
PASSES = 3000


def measure(quick: bool) -> dict[str, Any]:
    figures = Figures()
    rooms, kills = (ROOMS_QUICK, KILLS_QUICK) if quick else (ROOMS, KILLS)
    lost: list[float] = []
    seconds: list[float] = []
    for _ in range(kills):
        with tempfile.TemporaryDirectory() as folder:
            figures.on_disk(Path(folder))
            found, took = _killed(Path(folder), rooms)
            lost += found
            seconds.append(took)
    figures.values = {
        "rooms_level": rooms,
        "tracks_level": rooms * PEOPLE * 2 * kills,
        "lost_most_s": round(max(lost), 3),
        "lost_s_p50": round(quantile(lost, 0.5), 3),
        "accounted_for_s": round(max(seconds), 2),
    }
    with tempfile.TemporaryDirectory() as folder:
        sealed, plain = _passes(Path(folder))
    figures.values["sealed_pass_ms"] = round(sealed * 1000, 4)
    figures.values["plain_pass_ms"] = round(plain * 1000, 4)
    # Of everybody, as a share of one core.
    figures.values["sealing_core_ratio"] = round(max(1e-6, sealed - plain) / COLLECTING * ROOMS * PEOPLE, 5)
    figures.at_most("lost_most_s", MOST_LOST)
    figures.at_most("sealing_core_ratio", 0.05)
    return figures.json()


def _killed(data: Path, rooms: int) -> tuple[list[float], float]:
    """Seconds lost of every track, and how long it took to account for all files."""
    command = [sys.executable, "-m", "server.bench.killed", "--record", str(data), "--rooms", str(rooms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            if process.stdout.readline() != b"recording\n":
                raise RuntimeError("nobody was recorded")
            time.sleep(random.uniform(2.0, 4.0))  # noqa: S311 - any moment will do
        finally:
            process.kill()
            killed = time.time()
    shelf, begun = Shelf(data / "recordings", case_keys(data)), time.monotonic()
    lost: list[float] = []
    found = orphans.find(shelf.folder, set())
    for orphan in found:
        kept = orphans.seal(orphan, shelf)
        if kept is None:
            raise RuntimeError(f"{orphan.path} holds nothing")
        with shelf.open(orphan.session, kept.path) as file, av.open(file, "r") as container:
            ends: dict[str, float] = {}
            for packet in container.demux():
                if packet.pts is not None and packet.time_base is not None:
                    at = float(packet.pts * packet.time_base)
                    ends[packet.stream.type] = max(at, ends.get(packet.stream.type, 0.0))
        lost += [killed - kept.started.timestamp() - ends.get(kind, 0.0) for kind in ("audio", "video")]
    if len(found) != rooms * PEOPLE:
        raise RuntimeError(f"{len(found)} files of {rooms * PEOPLE} people")
    return lost, time.monotonic() - begun


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

    def __init__(self, tap: Tap) -> None:
        self._tap = tap
        self._sound = self._packets = self._pictures = 0

    def tick(self, number: int) -> None:
        now = time.time()
        self._tap.packet("mic", self._sound & 0xFFFF, self._sound * 960 & 0xFFFF_FFFF, True, SOUND, now)
        self._sound += 1
        if number % PICTURE_EVERY == 0:
            self._picture(now)

    def _picture(self, now: float) -> None:
        key = self._pictures % KEY_EVERY == 0
        stamp = self._pictures * PICTURE_EVERY * round(TICK * 90_000) & 0xFFFF_FFFF
        for at in range(PACKETS):
            head = b"\x10" + (KEY_FRAME if key else b"\x31") if at == 0 else b"\x00"
            payload = head + bytes(PAYLOAD - len(head))
            self._tap.packet("camera", self._packets & 0xFFFF, stamp, at == PACKETS - 1, payload, now)
            self._packets += 1
        self._pictures += 1


async def record(data: Path, rooms: int) -> None:
    recorder = Recorder(data / "recordings", 0, case_keys(data))
    begun: set[tuple[str, str]] = set()

    def tell(event: MediaEvent) -> None:
        if isinstance(event, Recording) and event.on:
            begun.add((event.room, event.participant))
            if len(begun) == rooms * PEOPLE:
                sys.stdout.write("recording\n")
                sys.stdout.flush()

    people = [
        _Voice(recorder.open(f"room-{room}", f"seat-{seat}", tell, lambda source: None))
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
    given = options.parse_args()
    asyncio.run(record(given.record, given.rooms))


if __name__ == "__main__":
    main()
