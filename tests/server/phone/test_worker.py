"""The phone process and a real telephone: SIP, sound both ways through a room, and who may not reach it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from media.engine import Connection, Offer
from server.phone import PhoneTrunk
from server.phone.process import PhoneProcess, installed
from tests.media.stage import InProcess, Stage, full, stage
from tests.server.phone.telephone import free_port, has_baresip, telephone

pytestmark = [
    pytest.mark.media,
    pytest.mark.skipif(not has_baresip() or not installed(), reason="needs baresip and baresip-python"),
]


class Line:
    """The phone process, as the web process has it, with all it said."""

    def __init__(self, trunk: PhoneTrunk) -> None:
        self.process = PhoneProcess(trunk, "127.0.0.1")
        self.process.on_said = self._take
        self.said: list[dict[str, Any]] = []
        self._changed = asyncio.Event()

    def _take(self, said: dict[str, Any]) -> None:
        self.said.append(said)
        self._changed.set()

    async def until(self, holds: Callable[[dict[str, Any]], bool], seconds: float = 30) -> dict[str, Any]:
        try:
            async with asyncio.timeout(seconds):
                while not (found := [said for said in self.said if holds(said)]):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"it only said {self.said}") from None
        return found[0]

    async def until_said(self, what: str, call: str = "", seconds: float = 30) -> dict[str, Any]:
        return await self.until(lambda said: said["said"] == what and (not call or said.get("call") == call), seconds)


def trunk(port: int, **more: Any) -> PhoneTrunk:
    first = 20000 + free_port() % 500 * 20  # workers of a test run side by side
    given: dict[str, Any] = {
        "domain": f"127.0.0.2:{port}", "user": "office", "register_every": 0,
        "listen": f"127.0.0.1:{free_port('127.0.0.1')}",
        "interface": "127.0.0.1", "peers": ("127.0.0.1/32", "127.0.0.2/32"), "rtp_first": first, "rtp_last": first + 40,
    }  # fmt: skip
    return PhoneTrunk.model_validate(given | more)


@contextlib.asynccontextmanager
async def line(settings: PhoneTrunk) -> AsyncIterator[Line]:
    one = Line(settings)
    one.process.start()
    try:
        await one.until_said("registered")
        yield one
    finally:
        await one.process.stop()


async def join(one: Line, room: Stage, call: str, seat: str) -> None:
    """What the web process does when somebody on the telephone is let in."""
    await room.engine.admit(room.room, seat)
    one.process.do("join", call)
    wanted = await one.until_said("publish", call)
    answer = await room.engine.publish(room.room, seat, wanted["sdp"], wanted["sources"])
    one.process.do("published", call, sdp=answer)


def answer_offers(one: Line, room: Stage, call: str, seat: str) -> asyncio.Task[None]:
    async def answering() -> None:
        given = 0
        while True:
            offers = [event for event in room.said(Offer) if isinstance(event, Offer) and event.participant == seat]
            for offer in offers[given:]:
                one.process.do("offer", call, sdp=offer.sdp)
                await one.until(lambda said: said["said"] == "answer" and said not in answered)
                answer = next(said for said in one.said if said["said"] == "answer" and said not in answered)
                answered.append(answer)
                await room.engine.answer(room.room, seat, answer["sdp"])
            given = len(offers)
            await asyncio.sleep(0.02)

    answered: list[dict[str, Any]] = []
    return asyncio.create_task(answering())


@pytest.mark.parametrize("codec", ["pcma", "opus/48000/2"])
async def test_whoever_answers_the_telephone_is_heard_in_the_room_and_hears_it(tmp_path: Path, codec: str) -> None:
    async with telephone(tmp_path / "a", codecs=codec) as far, line(trunk(far.port)) as one, stage(InProcess()) as room:
        bob = await room.join("bob")
        one.process.do("call", "c1", number="13800000000")
        await one.until_said("ringing", "c1")
        await one.until_said("answered", "c1")
        answering = answer_offers(one, room, "c1", "phone")
        try:
            await join(one, room, "c1", "phone")
            await room.engine.route(room.room, full(("bob", "phone")))
            await room.until(lambda event: event == Connection("r", "phone", "connected"))
            await bob.until(lambda: abs(bob.of("phone", "mic").hz - 770) < 15)
            await far.until_heard(bob.pattern.tone)
            await far.do("hangup")
            ended = await one.until_said("closed", "c1")
            assert ended["sent"] > 20
            assert ended["received"] > 20
        finally:
            answering.cancel()
