"""kill -9 of a media worker: nobody reloads anything, and the journal says what was not recorded."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from server.app.rehearsal.command import Venue
from tests.survival.conftest import Figures
from tests.survival.sitting import Sitting, sitting

pytestmark = [pytest.mark.long, pytest.mark.media]


async def test_parties_hear_each_other_again_and_the_gap_is_in_the_journal(tmp_path: Path, figures: Figures) -> None:
    async with sitting(tmp_path, "--workers", "1") as here:
        told = [_rejoins_by_itself(here, role) for role in here.callers]
        (worker,) = media_workers(here.venue)
        began = time.monotonic()
        worker.kill()
        async with asyncio.timeout(20):
            await asyncio.gather(*(event.wait() for event in told))
        await here.all_meet()
        again = time.monotonic() - began
        figures["worker_killed_to_heard_again_s"] = again
        assert again < 10, f"heard each other only after {again:.1f} s"
        await here.all_recorded()

        events = await here.journal()
        seats = {here.seat(role) for role in here.callers}
        stops = {event.data["seat"]: event for event in events if event.type == "RecordingStopped"}
        assert {seat: stop.data["cause"] for seat, stop in stops.items()} == dict.fromkeys(seats, "server")
        for seat, stop in stops.items():
            starts = [e.at for e in events if e.type == "RecordingStarted" and e.data["seat"] == seat]
            assert starts[0] < stop.at < starts[1]
            figures["recording_gap_s"] = (starts[1] - stop.at).total_seconds()
        # What the dead worker had written is accounted for while the session goes on.
        for seat in seats:
            await here.until_journaled("SegmentSealed", seat=seat)
        here.segments(await here.journal())
        assert {role: here.person(role).gone for role in here.callers} == dict.fromkeys(here.callers, "")


def media_workers(venue: Venue) -> list[psutil.Process]:
    assert venue.process is not None
    children = psutil.Process(venue.process.pid).children()
    return [child for child in children if "server.rooms.worker" in child.cmdline()]


def _rejoins_by_itself(here: Sitting, role: str) -> asyncio.Event:
    """Do on `media_lost` what the page does: join and publish again over the same socket."""
    done = asyncio.Event()
    caller = here.callers[role]

    async def rejoin() -> None:
        await caller.leave()
        await caller.come_back()
        done.set()

    caller.person.on_media_lost = rejoin
    return done
