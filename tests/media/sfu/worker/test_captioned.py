"""Sound that becomes text leaves the worker as a copy, of whom the routes say and of nobody else, recorded or not."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable, Sequence, Set
from pathlib import Path

import pytest

from media.engine import MediaEvent, Recording, RouteMatrix, Segment
from media.sfu.engine import EmbeddedEngine
from recordings.captions import LARGEST, packets_of
from recordings.captions.worker import Ear, Energy
from tests.media.stage import Stage, stage

pytestmark = pytest.mark.media

COMMAND = [sys.executable, "-m", "server.rooms.worker"]


class Listening:
    """The other end of the workers' socket; counts packets by room and participant."""

    def __init__(self, room: int | None = None) -> None:
        """`room`: bytes that a worker can put there before it has to hold back."""
        self._sound, self._out = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        if room is not None:
            self._out.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, room)
        self._sound.setblocking(False)
        self.followed: list[tuple[Set[str], Sequence[str]]] = []

    @property
    def sound_fd(self) -> int:
        return self._out.fileno()

    def follow(self, room: str, participants: Set[str], hot: Sequence[str], emit: Callable[[MediaEvent], None]) -> None:
        self.followed.append((participants, hot))

    async def stop(self) -> None:
        self._sound.close()
        self._out.close()

    async def next(self) -> tuple[str, str, int]:
        """The next helping: whose, and how many seconds of sound it decodes to, in hundredths."""
        datagram = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(self._sound, LARGEST), 20)
        room, participant, runs = packets_of(datagram)
        ear = Ear(Energy())
        return room, participant, sum(ear._decoded(run.payload)[1] for run in runs) * 100 // 48_000

    def emptied(self) -> int:
        """How many helpings there were; none is left."""
        count = 0
        while True:
            try:
                self._sound.recv(LARGEST)
            except BlockingIOError:
                return count
            count += 1


async def routed(one: Stage, engine: EmbeddedEngine, captioned: Set[str], recorded: Set[str] = frozenset()) -> None:
    everybody = {"ann": frozenset({"bob"}), "bob": frozenset({"ann"})}
    await engine.route("r", RouteMatrix(everybody, everybody, frozenset(recorded), frozenset(captioned), ("知遇桥",)))


async def test_only_of_whoever_is_captioned_a_copy_goes_out_and_at_once_none_any_more(tmp_path: Path) -> None:
    listening = Listening()
    engine = EmbeddedEngine(1, ["127.0.0.1"], 0, ["127.0.0.1"], COMMAND, tmp_path / "recordings", 0, captions=listening)
    async with stage(engine) as one:
        await one.join("ann")
        bob = await one.join("bob")
        await routed(one, engine, set())
        await bob.until(lambda: bob.of("ann", "mic").frames > 20)
        assert listening.emptied() == 0
        await routed(one, engine, {"ann"})
        assert listening.followed[-1] == ({"ann"}, ("知遇桥",))
        helpings = [await listening.next() for _ in range(4)]
        assert {(room, who) for room, who, _ in helpings} == {("r", "ann")}
        assert sum(hundredths for _, _, hundredths in helpings) >= 20
        await routed(one, engine, set())  # a private talk, consent withdrawn, a recess
        listening.emptied()
        frames = bob.of("ann", "mic").frames
        await bob.until(lambda: bob.of("ann", "mic").frames > frames + 60)  # who hears them goes on hearing them
        assert listening.emptied() == 0


async def test_what_was_held_back_when_consent_ends_goes_to_nobody(tmp_path: Path) -> None:
    listening = Listening(room=4096)
    engine = EmbeddedEngine(1, ["127.0.0.1"], 0, ["127.0.0.1"], COMMAND, tmp_path / "recordings", 0, captions=listening)
    async with stage(engine) as one:
        await one.join("ann")
        bob = await one.join("bob")
        await routed(one, engine, {"ann"})
        await bob.until(lambda: bob.of("ann", "mic").frames > 200)  # while nobody takes it
        await routed(one, engine, set())
        assert 0 < listening.emptied() < 20
        await routed(one, engine, {"bob"})
        assert {(await listening.next())[1] for _ in range(5)} == {"bob"}


async def test_captions_begin_and_end_without_a_break_in_the_recording(tmp_path: Path) -> None:
    listening = Listening()
    engine = EmbeddedEngine(1, ["127.0.0.1"], 0, ["127.0.0.1"], COMMAND, tmp_path / "recordings", 0, captions=listening)
    async with stage(engine) as one:
        await one.join("ann")
        bob = await one.join("bob")
        await routed(one, engine, {"ann"})
        await listening.next()
        await routed(one, engine, {"ann"}, {"ann"})  # now both
        await one.until(lambda e: e == Recording("r", "ann", True))
        listening.emptied()
        await listening.next()
        await routed(one, engine, set(), {"ann"})
        await routed(one, engine, {"ann"}, {"ann"})
        listening.emptied()
        await listening.next()
        frames = bob.of("ann", "camera").frames
        await bob.until(lambda: bob.of("ann", "camera").frames >= frames + 20)
        await routed(one, engine, {"ann"})
        segment = await one.until(lambda e: isinstance(e, Segment))
        assert isinstance(segment, Segment)
        assert [gap for gap in segment.gaps if gap.source == "mic" and gap.cause != "unbegun"] == []
        listening.emptied()
        assert (await listening.next())[1] == "ann"  # and captions go on
