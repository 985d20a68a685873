"""What is heard, seen and recorded on bad lines: two people in a real room, each behind a line of their own.

Three lines, each in its own room, all at once: a phone at the edge of its cell, a network that loses one packet in
five, and one so narrow that only sound fits. `tests.tools.bench.media.caller` says what the people do, `playout` what
counts as heard. The first seconds, in which senders learn what the line carries, are left out.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import av

from media.engine import MediaEvent, Offer, PicturesPaused, RouteMatrix, Segment
from media.sfu.room import ForwardingRoom
from media.sfu.udp_mux import UdpMux
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from recordings.recorder import Recorder
from server.serving import loop_factory
from tests.tools.bench.media.caller import MARK, Caller
from tests.tools.bench.media.crowd import publishing, receiving
from tests.tools.bench.media.floor import Floor, ssrcs_of
from tests.tools.bench.media.network import Condition, Network
from tests.tools.bench.media.playout import FRAME
from tests.tools.figures import Figures, quantile

LINES = {
    "edge": Condition(delay=0.1, jitter=0.02, loss=0.05, rate=300_000, queue=0.3),
    "lossy": Condition(delay=0.04, jitter=0.01, loss=0.2),
    "narrow": Condition(delay=0.04, jitter=0.01, loss=0.1, burst=3, rate=50_000, queue=0.5),
}
MEASURED, MEASURED_QUICK = 60.0, 9.0  # seconds
SETTLED, SETTLED_QUICK = 20.0, 15.0
UNDER_WAY = 1.5  # seconds that the last of the sound may take to the recording
LOOK = 0.01
STOOD = 0.03
MOST_MUTE = 0.5  # seconds, at the edge
MOST_LAG = 50  # ms: on a machine busier than that the figures say little of the lines
NAMES = ("ann", "bob")


class Steady:
    """Seconds, without those in which the whole process stood still: a busy machine is no bad line.

    To be asked at least every LOOK.
    """

    def __init__(self) -> None:
        self.stood = 0.0
        self._asked = time.monotonic()

    def __call__(self) -> float:
        now = time.monotonic()
        if now - self._asked > STOOD:
            self.stood += now - self._asked - LOOK
        self._asked = now
        return now - self.stood


@dataclass
class Conversation:
    """A room of two on one kind of line."""

    name: str
    room: ForwardingRoom
    lines: list[Network]
    callers: list[Caller] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    began: list[int] = field(default_factory=list)  # frames spoken by each when measuring began, and when it ended
    ended: list[int] = field(default_factory=list)


def measure(quick: bool, minutes: float | None = None) -> dict[str, Any]:
    span = minutes * 60 if minutes is not None else MEASURED_QUICK if quick else MEASURED
    settled = SETTLED_QUICK if quick else SETTLED
    figures = Figures()
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner(loop_factory=loop_factory()) as runner:
        figures.values |= runner.run(_run(span, settled, Path(folder)))
    figures.at_most("loop_lag_p99_ms", MOST_LAG)
    figures.at_most("edge_longest_mute_s", MOST_MUTE)
    figures.at_least("edge_sound_heard_share", 0.95)
    figures.at_least("edge_sound_recorded_share", 0.98)
    figures.at_least("lossy_sound_heard_share", 0.9)
    figures.at_least("lossy_sound_recorded_share", 0.98)
    if not quick:  # on that line it takes longer to learn how little fits
        figures.at_least("narrow_sound_heard_share", 0.9)
    return figures.json()


async def _run(span: float, settled: float, folder: Path) -> dict[str, float]:
    mux = await UdpMux.bind("127.0.0.1", 0)
    floor = Floor(mux, folder)
    shelf = EncryptedFileStore(folder / "recordings", case_keys(folder))
    recorder = Recorder(shelf.folder, 0, shelf.keys)
    floor.closing.append(recorder.stop)
    clock = Steady()
    conversations = [
        await _begin(floor, recorder, clock, n, name, condition) for n, (name, condition) in enumerate(LINES.items())
    ]
    lags: list[float] = []
    tasks = [asyncio.create_task(floor.ticks()), asyncio.create_task(_look(lags, clock))]
    try:
        callers = [caller for each in conversations for caller in each.callers]
        await asyncio.gather(
            *(c.open(line.port) for each in conversations for c, line in zip(each.callers, each.lines, strict=True))
        )
        tasks += [asyncio.create_task(caller.talk()) for caller in callers]
        await _while_all_run(tasks, settled)
        for each in conversations:
            each.began = [caller.sounds for caller in each.callers]
        for caller in callers:
            caller.ear.forgive()
            caller.eye.forgive()
        lags.clear()
        await _while_all_run(tasks, span)
        for each in conversations:
            each.ended = [caller.sounds for caller in each.callers]
        await _while_all_run(tasks, UNDER_WAY)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await floor.close()
        for each in conversations:
            for caller, line in zip(each.callers, each.lines, strict=True):
                caller.close()
                await line.close()
    values: dict[str, float] = {
        "seconds": span,
        "loop_lag_p99_ms": round(quantile(lags, 0.99) * 1000, 1),
        "stood_still_s": round(clock.stood, 1),
    }
    for each in conversations:
        values |= {f"{each.name}_{what}": value for what, value in _heard(each, span).items()}
        values |= {f"{each.name}_{what}": value for what, value in _recorded(each, shelf).items()}
    return values


async def _while_all_run(tasks: list[asyncio.Task[None]], seconds: float) -> None:
    done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()


async def _look(lags: list[float], clock: Steady) -> None:
    loop = asyncio.get_running_loop()
    while True:
        clock()
        due = loop.time() + LOOK
        await asyncio.sleep(LOOK)
        lags.append(max(0.0, loop.time() - due))


async def _begin(
    floor: Floor, recorder: Recorder, clock: Steady, number: int, name: str, condition: Condition
) -> Conversation:
    offers: list[Offer] = []
    conversation: Conversation

    def emit(event: MediaEvent) -> None:
        match event:
            case Offer():
                offers.append(event)
            case Segment():
                conversation.segments.append(event)
            case PicturesPaused():
                conversation.callers[NAMES.index(event.participant)].told_of_pause(event.way, event.paused)

    room = ForwardingRoom(name, floor.mux, floor.certificate, ["127.0.0.1"], recorder, emit, time.monotonic)
    chances = [random.Random(f"{name}{n}") for n in range(len(NAMES))]
    lines = [Network(condition, condition, chance) for chance in chances]
    conversation = Conversation(name, room, lines)
    floor.rooms.append(room)
    for line in lines:
        await line.lead_to(floor.mux.port)
    for at, who in enumerate(NAMES):
        room.admit(who)
        room.publish(who, publishing(floor, ssrcs_of(len(NAMES) * number + at)), {"0": "mic", "1": "camera"})
    everybody = frozenset(NAMES)
    routes = {who: everybody - {who} for who in NAMES}
    room.route(RouteMatrix(routes, routes, everybody))
    while offers:
        offer = offers.pop(0)
        room.answer(offer.participant, receiving(offer.sdp))
    for at, who in enumerate(NAMES):
        participant = room.participants[who]
        assert participant.publisher is not None
        assert participant.subscriber is not None
        floor.connect(participant.publisher, participant.subscriber, ssrcs_of(len(NAMES) * number + at))
        conversation.callers.append(Caller(floor.clients[-1], clock))
    return conversation


def _heard(conversation: Conversation, span: float) -> dict[str, float]:
    ears = [caller.ear for caller in conversation.callers]
    eyes = [caller.eye for caller in conversation.callers]
    return {
        "sound_heard_share": round(sum(ear.share for ear in ears) / len(ears), 4),
        "longest_mute_s": round(max(ear.longest_mute for ear in ears), 2),
        "sound_delay_p50_ms": round(quantile([delay for ear in ears for delay in ear.delays], 0.5) * 1000),
        "sound_delay_p95_ms": round(quantile([delay for ear in ears for delay in ear.delays], 0.95) * 1000),
        "pictures_per_s": round(sum(eye.shown for eye in eyes) / len(eyes) / span, 1),
        "freezes_per_minute": round(sum(eye.freezes for eye in eyes) / len(eyes) / span * 60, 1),
        "frozen_share": round(sum(eye.frozen for eye in eyes) / len(eyes) / span, 3),
        "packets_lost": sum(
            way.count.lost + way.count.dropped for line in conversation.lines for way in (line.up, line.down)
        ),
    }


def _recorded(conversation: Conversation, shelf: EncryptedFileStore) -> dict[str, float]:
    """The share of the measured sound that is in the files, and the longest hole in it."""
    shares, longest = [], 0
    for who, began, ended in zip(NAMES, conversation.began, conversation.ended, strict=True):
        mine = [segment for segment in conversation.segments if segment.participant == who]
        files = [shelf.open(segment.room, segment.path) for segment in mine]
        held = {frame for file in files for frame in _frames(file) if began <= frame < ended}
        shares.append(len(held) / max(1, ended - began))
        marks = [began - 1, *sorted(held), ended]
        longest = max(longest, *(after - before - 1 for before, after in itertools.pairwise(marks)))
    return {
        "sound_recorded_share": round(sum(shares) / len(shares), 4),
        "longest_hole_recorded_s": round(longest * FRAME, 2),
    }


def _frames(file: BinaryIO) -> list[int]:
    with file, av.open(file, "r") as container:
        streams = container.streams.audio
        return (
            [MARK.unpack_from(bytes(packet), 1)[0] for packet in container.demux(streams) if packet.size]
            if streams
            else []
        )
