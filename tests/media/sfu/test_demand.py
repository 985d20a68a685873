"""What publishers are told to send, and who gets the better picture: from what everybody can take, and within caps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from media.engine import NotAdmitted, PicturesPaused
from media.sfu.bandwidth import AUDIO_BITRATE, NO_CAPS, Caps, Layer
from media.sfu.subscriptions import LOW_LAYER_CEILING
from tests.media.wire import Wire, matrix

TOGETHER = "med<con,bus con<med,bus bus<med,con"
PEOPLE = ("med", "con", "bus")


@asynccontextmanager
async def together(caps: Caps = NO_CAPS, recorded: tuple[str, ...] = ()) -> AsyncIterator[Wire]:
    wire = await Wire.open(caps)
    for name in PEOPLE:
        wire.join(name)
    wire.route(matrix(TOGETHER, recorded=recorded))
    yield wire
    await wire.close()


def second(wire: Wire, screen: str = "") -> None:
    """A second of everybody's camera at 500 and 100 kbit/s; of somebody's screen at 700."""
    for name in PEOPLE:
        for n in range(60):
            wire.send(name, "camera", "h", key=n == 0, size=1000)
            if n % 5 == 0:
                wire.send(name, "camera", "l", key=n == 0, size=1000)
                wire.send(name, "mic", size=80)
            if name == screen:
                wire.send(name, "screen", key=n == 0, size=1150)
    wire.tick(1.0)


def estimate(wire: Wire, name: str, bits: int) -> None:
    """What the receiving line of somebody is found to carry."""
    subscriber = wire.room.participants[name].subscriber
    assert subscriber is not None
    subscriber.estimator.bandwidth.estimate = bits
    subscriber.probe.rest(float("inf"))  # nothing is measured


def levels(wire: Wire, name: str) -> dict[tuple[str, str], Layer]:
    subscriber = wire.room.participants[name].subscriber
    assert subscriber is not None
    return {key: level for key, level in subscriber.estimator.layers.items() if level}


def told(wire: Wire, name: str) -> int:
    return wire.clients[name].publisher.uplink.announced


async def test_everybody_rises_to_the_large_layer_one_by_one() -> None:
    async with together() as wire:
        seen = []
        for _ in range(6):
            estimate(wire, "con", 3_000_000)
            second(wire)
            seen.append(sorted(level.name for level in levels(wire, "con").values()))
        assert seen[0] == ["LOW", "LOW"]
        assert ["HIGH", "LOW"] in seen
        assert seen[-1] == ["HIGH", "HIGH"]


async def test_who_is_shown_large_gets_the_better_layer_first() -> None:
    async with together() as wire:
        wire.room.pin("con", "bus")
        wire.room.pin("bus", "med")
        for _ in range(5):
            for name in ("con", "bus"):
                estimate(wire, name, 800_000)
            second(wire)
        assert levels(wire, "con") == {("bus", "camera"): Layer.HIGH, ("med", "camera"): Layer.LOW}
        assert levels(wire, "bus") == {("med", "camera"): Layer.HIGH, ("con", "camera"): Layer.LOW}


async def test_a_publisher_whose_large_layer_nobody_takes_is_told_so_after_a_while_and_asked_for_it_again() -> None:
    async with together() as wire:
        for seconds in range(14):
            for name in PEOPLE:
                estimate(wire, name, 450_000)
            second(wire)
            if seconds < 6:
                assert told(wire, "con") > LOW_LAYER_CEILING, "not at once"
        assert told(wire, "con") == LOW_LAYER_CEILING
        for _ in range(6):
            estimate(wire, "med", 3_000_000)
            second(wire)
        assert told(wire, "con") > LOW_LAYER_CEILING


async def test_the_recorder_takes_the_large_layer_whoever_else_does() -> None:
    async with together(recorded=("con",)) as wire:
        for _ in range(14):
            for name in PEOPLE:
                estimate(wire, name, 450_000)
            second(wire)
        assert told(wire, "con") > LOW_LAYER_CEILING
        assert told(wire, "bus") == LOW_LAYER_CEILING


async def test_a_screen_is_slowed_down_for_who_could_not_see_it_sharp_otherwise() -> None:
    async with together() as wire:
        for _ in range(4):
            estimate(wire, "con", 300_000)
            second(wire, screen="med")
        assert levels(wire, "con") == {("med", "screen"): Layer.HIGH}
        assert AUDIO_BITRATE < told(wire, "med") < 400_000
        for _ in range(4):
            estimate(wire, "con", 5_000_000)
            second(wire, screen="med")
        assert told(wire, "med") > 1_000_000


async def test_a_publisher_whose_line_carries_only_sound_is_told_so_and_everybody_learns_it_once() -> None:
    async with together() as wire:
        for _ in range(3):
            second(wire)
        uplink = wire.clients["con"].publisher.uplink
        for _ in range(3):
            uplink.estimate = 120_000
            second(wire)
        assert told(wire, "con") == AUDIO_BITRATE
        for _ in range(8):
            uplink.estimate = 400_000
            second(wire)
        said = [event for event in wire.events if isinstance(event, PicturesPaused)]
        assert said == [PicturesPaused("r", "con", "from", True), PicturesPaused("r", "con", "from", False)]
        assert told(wire, "con") > AUDIO_BITRATE


async def test_who_leaves_while_their_pictures_rest_is_not_left_waiting_for_them() -> None:
    async with together() as wire:
        for _ in range(3):
            estimate(wire, "con", 100_000)
            second(wire)
        assert PicturesPaused("r", "con", "to", True) in wire.events
        wire.leave("con")
        assert PicturesPaused("r", "con", "to", False) in wire.events


async def test_a_room_stays_within_its_cap_and_everybody_keeps_their_sound() -> None:
    async with together(Caps(room_bits=1_200_000)) as wire:
        for _ in range(6):
            second(wire)
        assert all(told(wire, name) <= 400_000 for name in PEOPLE)
        assert set(levels(wire, "con").values()) == {Layer.LOW}
    async with together(Caps(worker_bits=6_000_000)) as wire:
        wire.room.share_with(20)
        for _ in range(3):
            second(wire)
        assert {told(wire, name) for name in PEOPLE} == {100_000}


async def test_a_room_takes_no_more_people_than_its_cap() -> None:
    async with together(Caps(participants=3)) as wire:
        with pytest.raises(NotAdmitted):
            wire.join("dan")
        wire.room.admit("con")  # who is here already may come again
