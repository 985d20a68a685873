"""A recording has no gap that the journal does not explain, whatever becomes of people's media.

Real people over loopback, the real worker and recorder; what is asked is the ledger of the real journal.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from media.sfu.engine import EmbeddedEngine
from recordings.gap_ledger import STARTING, Ledger, ledger
from rooms import events as e
from rooms.commands import Close, ProposeOutcome
from rooms.events import SessionEntry, history, stream
from rooms.vocabulary import Outcome, OutcomeKind
from tests.server.access.mediation import Held, Scene, scene
from tests.web.client import AiohttpClient

pytestmark = pytest.mark.media

LONGER = STARTING.total_seconds() + 1  # no start any more


async def entries(it: Scene) -> list[SessionEntry]:
    return history(await it.parts.journal.read(stream(it.session)))


async def noted(it: Scene, holds: Callable[[e.SessionEvent], bool], seconds: float = 30) -> None:
    """Once the journal has such an entry."""
    async with asyncio.timeout(seconds):
        while not any(holds(entry.event) for entry in await entries(it)):  # noqa: ASYNC110 - of a database
            await asyncio.sleep(0.1)


async def recorded(it: Scene, seat: str) -> None:
    await noted(it, lambda event: event == e.RecordingStarted(seat))


async def inside_for(it: Scene, seat: str, seconds: float) -> None:
    (came,) = (entry.at for entry in await entries(it) if entry.event == e.Admitted(seat))
    await asyncio.sleep(seconds - (datetime.now(UTC) - came).total_seconds())


async def heard(one: Held, of: str, seconds: float) -> None:
    """So much more of somebody's sound has arrived at one."""
    sound = one.caller.peer.of(of, "mic")
    before = sound.seconds
    await one.caller.peer.until(lambda: sound.seconds > before + seconds, seconds + 30)


async def stop_sending(held: Held) -> None:
    """The device gives nothing more; its connections stay."""
    assert held.caller.peer.sending is not None
    for sender in held.caller.peer.sending.getSenders():
        sender.replaceTrack(None)


async def closed(it: Scene) -> Ledger:
    """What is missing once the session has ended and all of it has been reported."""
    finished = asyncio.Event()

    async def over(*_: object) -> None:
        finished.set()

    it.parts.rooms.on_closed.append(over)
    for command in (ProposeOutcome(Outcome(OutcomeKind.NOT_SETTLED)), Close("说过了")):
        await it.parts.rooms.submit(it.session, command, it.zhou.actor)
    await asyncio.wait_for(finished.wait(), 60)
    return ledger(await entries(it), sealed=True)


def causes(found: Ledger, seat: str, source: str = "mic", least_ms: int = 1000) -> list[str]:
    """Of what is missing of a track for a second and more, in order."""
    gaps = [gap for track in found.tracks if (track.seat, track.source) == (seat, source) for gap in track.missing]
    return [gap.cause for gap in gaps if gap.span.ms >= least_ms]


async def test_media_that_takes_long_to_begin_never_comes_or_ends_is_explained_by_the_journal(
    tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    """One is in the room for longer than a start takes before any media, one offers none, one's device falls silent."""
    async with scene(tmp_path, aiohttp_client) as it:
        mediator = await it.mediator()
        late = await it.party("consumer", media=False)
        await it.party("business", media=False)
        await it.there["business"].person.ask("media_join")  # and offers nothing: no microphone, no camera
        await recorded(it, "mediator")
        await noted(it, lambda event: isinstance(event, e.MediaAwaited) and event.seat == "consumer")
        await inside_for(it, "consumer", LONGER)
        await late.caller.join()
        await recorded(it, "consumer")
        await heard(mediator, "consumer", 2)
        await stop_sending(late)
        await noted(it, lambda event: event == e.RecordingStopped("consumer", "disconnected"))
        found = await closed(it)
        told = [entry.event for entry in await entries(it)]
    assert e.MediaConnected("consumer") in told
    assert found.unexplained_ms == 0
    assert causes(found, "consumer")[0] == "connecting"
    assert causes(found, "consumer")[-1] == "silent", "and nothing was lost on the network"
    assert set(causes(found, "business")) <= {"connecting", "silent"} != set()
    assert found.ms("loss") == 0


async def test_a_worker_that_dies_before_anything_was_written_of_somebody_is_the_servers_doing(
    tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    async with scene(tmp_path, aiohttp_client) as it:
        await it.mediator()
        held = await it.party("consumer", media=False)
        await recorded(it, "mediator")
        await held.person.ask("media_join")
        await held.caller.peer.start(["mic"])
        await stop_sending(held)  # before the first packet
        await inside_for(it, "consumer", LONGER)
        engine = it.parts.engine
        assert isinstance(engine, EmbeddedEngine)
        os.kill(engine.pids[0], signal.SIGKILL)
        await noted(it, lambda event: event == e.RecordingStopped("mediator", "server"))
        found = await closed(it)
    assert found.unexplained_ms == 0
    assert set(causes(found, "consumer")) <= {"connecting", "server"}


async def test_a_recorder_that_waits_for_somebody_until_the_end_says_so(
    tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    """Connected and recorded, and the device never sends: there is no file that could say anything."""
    async with scene(tmp_path, aiohttp_client) as it:
        await it.mediator()
        held = await it.party("consumer", media=False)
        await held.person.ask("media_join")
        await held.caller.peer.start(["mic"])
        await stop_sending(held)
        await inside_for(it, "consumer", LONGER)
        found = await closed(it)
        told = [entry.event for entry in await entries(it)]
    (nothing,) = (event for event in told if isinstance(event, e.NothingRecorded) and event.seat == "consumer")
    assert {hole.cause for hole in nothing.holes} == {"unbegun"}
    assert found.unexplained_ms == 0
    assert causes(found, "consumer") == ["silent"]
