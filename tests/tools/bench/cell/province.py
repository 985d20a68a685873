"""What grows how with the number of rooms: rooms of three on several nodes with one PostgreSQL, on this machine.

Really there: PostgreSQL, nodes with a media worker each, and in every room three people (`cell.rooms`) who came by the
pages, hold sockets and send sound, a quarter of the rooms pictures too; recordings on disk. Rooms open in steps. After
each everything is counted for a while, and a line is laid through the steps: what a room adds, and how straight it is.

Full pictures are measured beside it in the same run, with clients that cost less: everybody of so many rooms sends
720p, gets the others' and is recorded (`bench fanout`). So is a film's composition (`bench record`). Each is a process
of its own on one core. Clients share the cores with what is measured: times say little, processor time and ratios much.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any, Final

from aiortc.rtcdtlstransport import RTCCertificate

from recordings.recorder import SEGMENT_SECONDS
from server.app.rehearsal import Visitor
from server.app.rehearsal.command import PASSWORD, Launch, Process, Venue, free_port, launched
from tests.tools.bench import fanout
from tests.tools.bench.cell.accounts import FIGURES, Accounts, between
from tests.tools.bench.cell.rooms import Room, filed, opened, signed_in
from tests.tools.bench.media.traffic import AUDIO_BYTES, PACKETS_PER_SECOND, VIDEO_BYTES, VIDEO_EACH_TICK
from tests.tools.bench.recording.record import film
from tests.tools.data.postgres import OWN, named, postgres
from tests.tools.figures import Figures, quantile

ROOMS, ROOMS_QUICK = 48, 2
NODES: Final = 2
STEPS, STEPS_QUICK = 4, 2
# Seconds in which a step is counted, and before it. Every seat's segment is sealed once in so many, which is a third of
# what its room writes: counted before the first, a young room would be cheaper than an old one.
SPAN, SPAN_QUICK = SEGMENT_SECONDS, 3.0
SETTLING, SETTLING_QUICK = SEGMENT_SECONDS + 3.0, 0.5
WITH_PICTURES: Final = 4  # one room in so many
FULL, FULL_QUICK = (1, 6, 12, 18), (2,)  # rooms with full pictures, of everybody recorded
FILM, FILM_QUICK = 60.0, 3.0
PIECE: Final = 30.0
MOST_OFF: Final = 0.15  # how far a step may lie off the line, as a share of what the line says of the last
MOST_BENT: Final = 1.25  # what a room of the last step costs, to one of the first
MOST_SAY_MS: Final = 250.0
STRAIGHT: Final = ("web_cpu", "media_cpu", "database_cpu", "events_per_s", "event_kb_per_s", "sent_kb_per_s")


def measure(quick: bool, rooms: int = 0, nodes: int = NODES) -> dict[str, Any]:
    figures, wanted = Figures(), rooms or (ROOMS_QUICK if quick else ROOMS)
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as name:
        folder = Path(name)
        figures.on_disk(folder)
        with postgres(named() or OWN) as url:
            counted = asyncio.run(_cell(figures, folder, url, wanted, nodes, quick))
        _pictures(figures, folder / "full", quick)
        told = Figures()
        asyncio.run(film(told, FILM_QUICK if quick else FILM, PIECE, folder / "film"))
        figures.values["composition_core_s_per_s"] = told.values["composition_core_s_per_s"]
        figures.values["film_kbit_per_s"] = told.values["film_kbit_per_s"]
    figures.at_least("rooms_whole_share", 1.0)
    figures.at_most("say_ms_p95", MOST_SAY_MS)
    if not quick:
        for what in STRAIGHT:
            figures.at_most(f"{what}_off_line_share", MOST_OFF)
            figures.at_most(f"{what}_last_to_first_ratio", MOST_BENT)
    steps = [{"rooms": rooms, **{what: round(value, 5) for what, value in told.items()}} for rooms, told in counted]
    return figures.json() | {"steps": steps}


async def _cell(
    figures: Figures, folder: Path, url: str, wanted: int, count: int, quick: bool
) -> list[tuple[int, dict[str, float]]]:
    """What was counted with so many rooms, none to begin with."""
    span, settling = (SPAN_QUICK, SETTLING_QUICK) if quick else (SPAN, SETTLING)
    steps = min(STEPS_QUICK if quick else STEPS, wanted)
    async with cell(folder, url, count, wanted) as (nodes, complaints), contextlib.AsyncExitStack() as stack:
        desks = [await stack.enter_async_context(signed_in(node)) for node in nodes]
        accounts = Accounts(url, nodes)
        stack.callback(accounts.close)
        rooms: list[Room] = []
        stack.push_async_callback(_over, rooms)
        counted = [(0, await _counted(accounts, span))]
        ways_in = 0.0
        for step in range(1, steps + 1):
            before = accounts.now()
            await _open(rooms, desks, complaints, round(wanted * step / steps))
            opening = between(before, accounts.now())
            seconds = time.monotonic() - before.at
            await asyncio.sleep(settling)
            counted.append((len(rooms), await _counted(accounts, span)))
            # The rooms that were there talked on meanwhile: that is taken off as it was measured before and after.
            talk = fmean(told["web_cpu"] for _, told in counted[-2:])
            ways_in += max(0.0, opening["web_cpu"] - talk) * seconds
        says = [seconds for room in rooms for seconds in room.says]
        figures.values |= {
            "rooms": len(rooms),
            "rooms_with_pictures": sum(room.pictures for room in rooms),
            "nodes": len(nodes),
            "rooms_whole_share": round(sum(room.whole for room in rooms) / len(rooms), 3),
            "way_in_web_cpu_s": round(ways_in / len(rooms), 3),
            "lines_written": len(says),
            "say_ms_p95": round(quantile(says, 0.95) * 1000, 1) if says else 0.0,
        }
    fit(figures, counted)
    return counted


async def _counted(accounts: Accounts, span: float) -> dict[str, float]:
    before = accounts.now()
    await asyncio.sleep(span)
    return between(before, accounts.now())


async def _open(rooms: list[Room], desks: Sequence[Visitor], complaints: Sequence[str], until: int) -> None:
    certificate = RTCCertificate.generateCertificate()
    while (number := len(rooms)) < until:
        pictures = number % WITH_PICTURES == 0
        room = await opened(desks[number % len(desks)], complaints[number], pictures, certificate)
        room.begin()
        rooms.append(room)


async def _over(rooms: Sequence[Room]) -> None:
    await asyncio.gather(*(room.leave() for room in rooms))


# ---------------------------------------------------------------- the machines, as far as one can play them


@contextlib.asynccontextmanager
async def cell(folder: Path, url: str, count: int, complaints: int) -> AsyncIterator[tuple[list[Venue], list[str]]]:
    """So many nodes with the same keys on one database, and complaints that can be mediated."""
    async with contextlib.AsyncExitStack() as stack:
        nodes: list[Venue] = []
        filed_: list[str] = []
        for number in range(count):
            data = folder / f"node-{number}" / "data"
            if nodes:
                shutil.copytree(nodes[0].data / "keys", data / "keys")
            data.parent.mkdir(parents=True, exist_ok=True)
            address = f"http://127.0.0.1:{free_port()}"
            options = ("--media-port", "0", "--workers", "1")
            node = Venue(address, data, PASSWORD, data.parent / "log", options, launch=_node(url, f"node-{number}"))
            await node.start()
            stack.push_async_callback(node.stop)
            if not nodes:
                filed_ = await filed(url, node, complaints)
            nodes.append(node)
        yield nodes, filed_


def _node(url: str, name: str) -> Launch:
    async def launch(arguments: Sequence[str], environment: dict[str, str], log: Path) -> Process:
        return await launched(arguments, environment | {"YUNTIAO_DATABASE_URL": url, "YUNTIAO_NODE": name}, log)

    return launch


# ---------------------------------------------------------------- a line through the steps


def _off_line(points: Sequence[tuple[float, float]], slope: float) -> float:
    begin = fmean(value - slope * rooms for rooms, value in points)
    last = begin + slope * points[-1][0]
    return max(abs(value - begin - slope * rooms) for rooms, value in points) / last if last > 0 else 0.0


def fit(figures: Figures, counted: Sequence[tuple[int, dict[str, float]]]) -> None:
    """`…_per_room`: the slope; `…_idle`: what is used without a room; `…_last_to_first_ratio`: of what a room adds on
    an average up to the last step and up to the first; `…_off_line_share`: how far the worst step lies off the line,
    as a share of what it says of the last step. R² says little where rooms add next to nothing."""
    idle = counted[0][1]
    for what, _ in FIGURES.values():
        points = [(rooms, told[what]) for rooms, told in counted]
        slope, straight = fanout.line(points)
        first, last = ((value - idle[what]) / rooms for rooms, value in (points[1], points[-1]))
        figures.values[f"{what}_idle"] = round(idle[what], 4)
        figures.values[f"{what}_per_room"] = round(slope, 5)
        figures.values[f"{what}_r2"] = round(straight, 4)
        figures.values[f"{what}_off_line_share"] = round(_off_line(points, slope), 3)
        figures.values[f"{what}_last_to_first_ratio"] = round(last / first, 3) if first > 0 else 0.0
    events = figures.values["events_per_s_per_room"]
    for what, unit in (
        ("web_cpu", 1000),
        ("database_cpu", 1000),
        ("event_kb_per_s", 1),
        ("wal_kb_per_s", 1),
        ("sent_kb_per_s", 1),
    ):
        figures.values[f"{what.removesuffix('_per_s')}_{'ms_' if unit > 1 else ''}per_event"] = round(
            figures.values[f"{what}_per_room"] * unit / events, 3
        )


def _pictures(figures: Figures, folder: Path, quick: bool) -> None:
    """Everybody of rooms of three sends 720p, gets the others' and is recorded; the worker alone on a core."""
    seen = [
        fanout.in_process({"size": 3, "rooms": n, "quick": quick, "everybody": True, "folder": str(folder / str(n))})
        for n in (FULL_QUICK if quick else FULL)
    ]
    busy = [one for one in seen if one["rooms"] > 1] or seen
    megabytes, _ = fanout.line([(one["rooms"], one["busy_kb"] / 1000) for one in busy])
    forwarded = 3 * 2 * PACKETS_PER_SECOND
    # By what was really forwarded: where clients have no core to themselves they send less than they should. A worker
    # that has little to do is woken for each packet, one that has much takes several at a time, so rooms are on no
    # line: a room costs a share of what the most of them cost together.
    few, many = (one["cores"] / one["forwarded"] / one["rooms"] / forwarded for one in (seen[0], seen[-1]))
    bits = 8 * (VIDEO_EACH_TICK * VIDEO_BYTES + AUDIO_BYTES) * PACKETS_PER_SECOND / (VIDEO_EACH_TICK + 1)
    figures.values |= {
        "full_rooms": seen[-1]["rooms"],
        "full_media_cpu_per_room": round(many * forwarded, 5),
        "full_media_us_per_forwarded_packet_few_rooms": round(few * 1e6, 2),
        "full_media_us_per_forwarded_packet_all_rooms": round(many * 1e6, 2),
        "full_media_mb_per_room": round(megabytes, 2),
        "full_forwarded_packets_per_s_per_room": forwarded,
        "full_in_kbit_per_s_per_room": round(3 * bits / 1000),
        "full_out_kbit_per_s_per_room": round(6 * bits / 1000),
        "full_forwarded_share": round(min(one["forwarded"] for one in seen), 4),
        "full_delivered_share": round(min(one["delivered"] for one in seen), 4),
    }
