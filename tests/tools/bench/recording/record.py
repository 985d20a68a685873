"""What recording costs, what a killed media worker loses of it, and what a film of it costs and is like.

Forwarding with and without recording is measured in pairs, because only ratios travel between machines. The people of
the killed worker and of the clean network are guests, who number everything they send; those of the film are
`tests.tools.bench.media.studio`'s. CPU time of a composition is that of the encoder and of this process together.
"""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import signal
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any, BinaryIO

import av
import av.error

from media import FLUSH_INTERVAL
from media.engine import Recording, Segment
from recordings.composing import Caption, Clip, CompositionPlan, GridCell
from recordings.composing.composition import Composition
from recordings.files import encrypted_file_store
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from recordings.recorder import until_pass
from server.app.rehearsal.aftermath import inspect
from tests.tools.bench.forward import compiled, compiled_writer
from tests.tools.bench.media import duties, studio
from tests.tools.bench.media.crowd import record, unrecorded
from tests.tools.bench.media.floor import Course, alternate
from tests.tools.bench.media.guest import NUMBER
from tests.tools.bench.media.sitting import Sitting
from tests.tools.figures import Figures, by_chance, quantile

ROOMS = {3: 20, 8: 4}  # size -> how many at once, as in `bench forward`
FILLED, FILLED_QUICK = 6.5, 1.0
# As many of the recorder's passes in each span. What the neighbours do differs from minute to minute: many short spans
# are surer than a few long ones.
MEASURED, MEASURED_QUICK = 2 * FLUSH_INTERVAL, FLUSH_INTERVAL
PAIRS = 30
KILLED_ROOMS = 20
PEOPLE = 2
TOGETHER = 5  # rooms opened at once
LIVED, LIVED_QUICK = 20.0, 2.0  # seconds of the rooms that are then killed
FILM, FILM_QUICK = 180.0, 6.0
PIECE, PIECE_QUICK = 60.0, 3.0
WITHIN = 30.0  # seconds
SHORTLY = 0.03  # before the recorder's next pass
MOST_MORE = {"": 0.30, "compiled_": 0.15}
"""In Python for whoever can compile nothing; what a server does is in C."""
MOST_LOST, MOST_CORE, MOST_SKEW, LEAST_PRESENT = 1.0, 0.35, 150, 0.99


def measure(quick: bool) -> dict[str, Any]:
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as name:
        folder = Path(name)
        figures.on_disk(folder)
        _forwarding(figures, quick, folder / "forward")
        asyncio.run(_killed(figures, LIVED_QUICK if quick else LIVED, folder / "killed"))
        seconds, piece = (FILM_QUICK, PIECE_QUICK) if quick else (FILM, PIECE)
        asyncio.run(film(figures, seconds, piece, folder / "film"))
    figures.at_most("lost_after_kill_s_max", MOST_LOST)
    figures.at_least("recorded_share_clean_network", LEAST_PRESENT)
    figures.at_most("composition_core_s_per_s", MOST_CORE)
    figures.at_most("av_skew_ms", MOST_SKEW)
    return figures.json()


# ---------------------------------------------------------------- what recording adds to forwarding


def _forwarding(figures: Figures, quick: bool, folder: Path) -> None:
    """With everybody recorded beside nobody: in Python, and where it can be compiled in C. Medians of pairs, which
    are spans of the same rooms in turns."""
    course = Course(FILLED_QUICK if quick else FILLED, MEASURED_QUICK if quick else MEASURED)
    folder.mkdir(parents=True)
    least = _least(figures, folder / "duties", 1 if quick else 4)
    native = compiled(folder)
    ways = {"": course}
    if native is not None:
        ways["compiled_"] = replace(course, native=native, writer=compiled_writer(folder))
    for size, rooms in list(ROOMS.items())[: 1 if quick else None]:
        for way, along in ways.items():
            pairs = alternate(unrecorded, size, rooms, along, folder / "recordings", record, 1 if quick else PAIRS)
            shutil.rmtree(folder / "recordings")
            costs = [(without.us_per_packet, beside.us_per_packet) for without, beside in pairs]
            name, shares = f"{way}recording_added_share_room{size}", [more / cost - 1 for cost, more in costs]
            figures.values |= {
                f"us_per_forwarded_packet_{way}unrecorded_room{size}": round(median(cost for cost, _ in costs), 2),
                f"us_per_forwarded_packet_{way}recorded_room{size}": round(median(cost for _, cost in costs), 2),
                name: round(median(shares), 3),
                f"{way}recording_added_share_by_chance_room{size}": round(by_chance(shares), 3),
                # Each packet that is recorded is forwarded to everybody else.
                f"us_added_per_recorded_packet_{way}room{size}": round(
                    median(more - cost for cost, more in costs) * (size - 1), 2
                ),
                # What comes and goes with the neighbours less than a difference of two runs.
                f"us_writer_per_recorded_packet_{way}room{size}": round(
                    median(beside.us_per_recorded_packet for _, beside in pairs), 2
                ),
                # Not of this process: what the kernel's own threads do for it.
                f"us_kernel_per_recorded_packet_{way}room{size}": round(
                    median(beside.kernel_us - without.kernel_us for without, beside in pairs),
                    2,
                ),
                f"{way}recording_least_share_room{size}": round(
                    least / (size - 1) / median(cost for cost, _ in costs), 3
                ),
                f"{way}delivered_share_room{size}": round(min(load.delivered for pair in pairs for load in pair), 4),
            }
            figures.at_most(name, MOST_MORE[way])
            figures.at_least(f"{way}delivered_share_room{size}", 0.95)


def _least(figures: Figures, folder: Path, seconds: int) -> float:
    """What nobody can do without, per recorded packet."""
    found = duties.measure(folder, seconds)
    shutil.rmtree(folder)
    figures.values |= {
        "us_hash_per_recorded_packet": round(found.hash, 2),
        "us_encrypt_per_recorded_packet": round(found.encrypt, 2),
        "us_durable_per_recorded_packet": round(found.durable, 2),
        "us_least_per_recorded_packet": round(found.least, 2),
    }
    return found.least


# ---------------------------------------------------------------- what a killed worker loses


async def _killed(figures: Figures, seconds: float, folder: Path) -> None:
    sitting, shelf = Sitting(folder), EncryptedFileStore(folder / "recordings", case_keys(folder))
    await sitting.start()
    names = [f"p{number}" for number in range(PEOPLE)]
    rooms = [f"room-{number}" for number in range(KILLED_ROOMS + 1)]
    try:
        for first in range(0, len(rooms), TOGETHER):
            await asyncio.gather(*(sitting.open(room, names) for room in rooms[first : first + TOGETHER]))
        await _all_recorded(sitting, len(rooms) * PEOPLE)
        await asyncio.sleep(seconds)
        clean, *others = rooms
        present = await _leave(sitting, clean, names, shelf)
        guests = {key: guest for key, guest in sitting.guests.items() if key[0] in others}
        killed = sitting.pid
        await _the_worst_moment()
        os.kill(killed, signal.SIGKILL)
        sent = {key: guest.sent for key, guest in guests.items()}
        lasted = {key: guest.lasted for key, guest in guests.items()}
        await sitting.gone(killed)
        await sitting.gone(killed)  # a dying process still holds its files
        lost = await asyncio.to_thread(_lost, shelf, sent, lasted)
    finally:
        await sitting.stop()
    figures.values |= {
        "live_rooms_count": KILLED_ROOMS,
        "killed_tracks_count": len(lost),
        "lost_after_kill_s_max": round(max(lost), 3),
        "lost_after_kill_s_p50": round(quantile(lost, 0.5), 3),
        "recorded_share_clean_network": round(present, 4),
    }


async def _the_worst_moment() -> None:
    """Shortly before one of the recorder's passes, and not the next: a room that has just ended made it write for all.
    Whoever wakes up too late for one waits for the one behind it."""
    await asyncio.sleep(FLUSH_INTERVAL)
    while True:
        await asyncio.sleep((until_pass(time.monotonic()) - SHORTLY) % FLUSH_INTERVAL)
        if until_pass(time.monotonic()) <= SHORTLY:
            return


async def _all_recorded(sitting: Sitting, people: int) -> None:
    async with asyncio.timeout(WITHIN):
        while sum(isinstance(event, Recording) and event.on for event in sitting.events) < people:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def _leave(sitting: Sitting, room: str, names: Sequence[str], shelf: EncryptedFileStore) -> float:
    """End a room in order; the share of what was sent, since recording began, that its files hold. The worst track."""
    guests = {name: sitting.guests[room, name] for name in names}
    for guest in guests.values():
        guest.hush()
    sent = {name: guest.sent for name, guest in guests.items()}
    await asyncio.sleep(1.5)  # what is on its way arrives
    await sitting.finish(room, len(names))
    shares = []
    for name in names:
        for numbers in _numbers(shelf.open(room, path) for path in _files(shelf.folder, room, name)).values():
            shares.append(len(numbers) / (sent[name] - min(numbers)))
    return min(shares)


def _files(folder: Path, room: str, name: str) -> list[str]:
    return [file.relative_to(folder).as_posix() for file in sorted((folder / room / name).glob("*.webm"))]


def _lost(
    shelf: EncryptedFileStore, sent: Mapping[tuple[str, str], int], lasted: Mapping[tuple[str, str], float]
) -> list[float]:
    """Seconds of each track that had been sent and are in no file."""
    for orphan in encrypted_file_store.find_orphans(shelf.folder, set()):
        encrypted_file_store.seal_orphan(orphan, shelf)
    lost = []
    for (room, name), count in sent.items():
        found = _numbers(shelf.open(room, path) for path in _files(shelf.folder, room, name))
        for track in ("audio", "video"):
            last = max(found.get(track, {-1}))
            lost.append((count - 1 - last) * lasted[room, name] / count)
    return lost


def _numbers(files: Any) -> dict[str, set[int]]:
    """What guests wrote into their packets, by track."""
    found: dict[str, set[int]] = {}
    for file in files:
        with file:
            _read(file, found)
    return found


def _read(file: BinaryIO, found: dict[str, set[int]]) -> None:
    try:
        with av.open(file, "r") as container:
            for packet in container.demux():
                if packet.pts is not None and not packet.is_corrupt and packet.size >= NUMBER.size:
                    found.setdefault(packet.stream.type, set()).add(NUMBER.unpack(bytes(packet)[-NUMBER.size :])[0])
    except av.error.FFmpegError:  # it ends in the middle of something
        return


# ---------------------------------------------------------------- a film


@dataclass(frozen=True, slots=True)
class _Spent:
    cpu: float
    wall: float


async def film(figures: Figures, seconds: float, piece: float, folder: Path) -> None:
    shelf = EncryptedFileStore(folder / "recordings", case_keys(folder))
    plan = planned(await studio.record(shelf, seconds))
    before = _spent()
    made = await Composition(plan, shelf, piece_seconds=piece).make(f"{studio.SESSION}/film.mp4", _nobody)
    after = _spent()
    with shelf.open(studio.SESSION, made.path) as film:
        seen = await asyncio.to_thread(inspect, film.read(), studio.PATTERNS)
    if seen["av_skew_ms"] is None:
        raise RuntimeError(f"not everybody is seen and heard in the film: {seen}")
    figures.values |= {
        "film_s": round(made.duration_ms / 1000, 1),
        "film_people_count": len(plan.people),
        "film_kbit_per_s": round(made.stored.size * 8 / made.duration_ms),
        "composition_core_s_per_s": round((after.cpu - before.cpu) / plan.seconds, 3),
        "composition_s_per_s": round((after.wall - before.wall) / plan.seconds, 3),
        "av_skew_ms": seen["av_skew_ms"],
    }


def planned(recorded: Mapping[str, Sequence[Segment]]) -> CompositionPlan:
    """Of everybody in a grid, with a caption."""
    segments = [segment for each in recorded.values() for segment in each]
    origin = min(segment.started for segment in segments)
    seconds = (max(segment.ended for segment in segments) - origin) / timedelta(seconds=1)

    def clip(segment: Segment) -> Clip:
        start, length = segment.started - origin, segment.ended - segment.started
        return Clip(
            segment.path, segment.sha256, start.total_seconds(), length.total_seconds(), segment.width, segment.height
        )  # fmt: skip

    people = [
        GridCell(seat, mark, name, tuple(clip(segment) for segment in recorded[seat]))
        for seat, mark, name in zip(recorded, "调消商律", ("陈立", "张女士", "良缘网客服", "王律师"), strict=True)
    ]
    return CompositionPlan(
        studio.SESSION, origin, seconds, "Asia/Shanghai", "东高一投〔2026〕7号　第1次调解",
        people=tuple(people), captions=(Caption(0.0, seconds, "消费者陈述"),),
    )  # fmt: skip


def _spent() -> _Spent:
    ours, theirs = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return _Spent(sum(each.ru_utime + each.ru_stime for each in (ours, theirs)), time.monotonic())


def _nobody(_share: float) -> None:
    pass
