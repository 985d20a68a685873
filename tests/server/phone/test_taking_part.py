"""A mediation in the real program with somebody on the telephone: called, asked, let in, heard and recorded."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from server.app.rehearsal import RehearsalReport, Visitor
from server.app.rehearsal.command import PASSWORD
from server.app.rehearsal.person import Caller, seat_of
from server.app.rehearsal.story import MEDIATOR, Story
from server.phone import PROMPTS
from server.phone.process import installed
from tests.server.app.application import _seeded, demo_program
from tests.server.phone.telephone import Telephone, free_port, has_baresip, telephone, tone

pytestmark = [
    pytest.mark.media,
    pytest.mark.long,
    pytest.mark.skipif(not has_baresip() or not installed(), reason="needs baresip and baresip-python"),
]

CONSUMER = "13800005076"  # the demo's, on file
PITCH = {name: 1000.0 + 150 * n for n, name in enumerate(PROMPTS)}
VOICE = 600.0


@dataclass
class Hearing:
    """A room with the mediator in it, and a trunk that ends at `far`."""

    story: Story
    desk: Visitor
    far: Telephone
    token: str

    @property
    def mediator(self) -> Caller:
        return self.story.callers["mediator"]

    def seat(self, role: str = "consumer") -> str:
        return str(seat_of(self.mediator.person.view, role)["id"])

    async def press(self, what: str, role: str = "consumer") -> tuple[int, Any]:
        path = f"/api/sessions/{self.story.session}/seats/{self.seat(role)}/{what}"
        return await self.desk.send_json(path, {}, {"X-CSRF-Token": self.token, "Origin": self.story.base})

    async def until_seat(self, role: str = "consumer", seconds: float = 20, **holds: Any) -> dict[str, Any]:
        view = await self.mediator.person.until(
            lambda view: all(seat_of(view, role)[name] == value for name, value in holds.items()), str(holds), seconds
        )
        return seat_of(view, role)

    async def answer(self, prompt: str, key: str) -> None:
        """Press a key once the prompt that asks for it is heard."""
        await self.far.until_heard(PITCH[prompt])
        await self.far.keys(key)

    async def agree(self) -> None:
        await self.answer("take_part", "1")
        await self.answer("recording", "1")

    async def bring_in(self) -> None:
        assert (await self.press("call"))[0] == 200
        await self.agree()
        await self.until_seat(status="waiting")
        await self.mediator.person.ask("admit", {"seat": self.seat()})
        await self.until_seat(status="present")


@contextlib.asynccontextmanager
async def hearing(folder: Path, monkeypatch: pytest.MonkeyPatch, answers: bool = True) -> AsyncIterator[Hearing]:
    await asyncio.to_thread(_seeded, PASSWORD)  # without a trunk
    prompts = folder / "prompts"
    prompts.mkdir()
    for name, hz in PITCH.items():
        tone(prompts / f"{name}.wav", hz, 0.7)
    (prompts / "captions.wav").unlink()  # there is no speech engine here
    async with telephone(folder / "far", VOICE, answers, user=CONSUMER) as far:
        first = 20000 + free_port() % 500 * 20
        (folder / "connections.toml").write_text(
            f'[phone.trunk]\ndomain = "127.0.0.2:{far.port}"\nuser = "office"\nregister_every = 0\n'
            f'listen = "127.0.0.1:{free_port("127.0.0.1")}"\ninterface = "127.0.0.1"\nmost_calls = 4\n'
            f'peers = ["127.0.0.1/32", "127.0.0.2/32"]\nrtp_first = {first}\nrtp_last = {first + 40}\n'
            f'prompts = "{prompts}"\ndial_in = "01012345678"\nrtp_timeout = 3\nrings = 5\n'
        )
        monkeypatch.setenv("YUNTIAO_CONNECTIONS", str(folder / "connections.toml"))
        async with demo_program(folder) as venue:
            story = Story(venue.url, venue.password, RehearsalReport(), ("127.0.0.1",))
            try:
                desk = story._visitor()
                await story.sign_in(desk, MEDIATOR)
                await story.schedule(desk)
                await story.open_room(desk)
                page = await desk.get(f"/sessions/{story.session}/room")
                [token] = re.findall(r'"form_token":\s*"([^"]+)"', page.text)
                yield Hearing(story, desk, far, token)
            finally:
                await story.end()


async def test_somebody_is_rung_asked_let_in_heard_and_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hearing(tmp_path, monkeypatch) as room:
        await room.bring_in()
        seat = await room.until_seat(call="answered", recording=True)
        assert seat["identity"] == "call"
        assert seat["consents"]["record"] is True
        sound = room.mediator.peer.of(room.seat(), "mic")
        await room.mediator.peer.until(lambda: abs(sound.hz - VOICE) < 15)
        await room.far.until_heard(room.mediator.pattern.tone)
        await room.far.keys("5")
        await room.until_seat(hand=True)
        await room.far.do("hangup")
        await room.until_seat(call="", call_ended="person", status="left")
