"""The minimal clients at the end of docs/wire.md, as they stand there, in the real program."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from server.app.rehearsal import RehearsalReport
from server.app.rehearsal.person import Caller, Person, arrived, seat_of
from server.app.rehearsal.story import MEDIATOR, Story
from tests import ROOT
from tests.browser.people import FLAGS
from tests.machine import browser
from tests.server.app.application import demo_program

pytestmark = [pytest.mark.media, pytest.mark.long]

ROLE = "consumer"
SOCKET_IO = ROOT / "web/frontend/node_modules/socket.io-client/dist/socket.io.min.js"
ON_LOOPBACK = "import aioice.ice; aioice.ice.get_host_addresses = lambda *_, **__: ['127.0.0.1']\n"
PICTURE_AND_SOUND = """
const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
const paint = canvas.getContext("2d");
paint.fillStyle = "white";
setInterval(() => { paint.clearRect(0, 0, 320, 240); paint.fillText(Date.now(), 50, 50); }, 50);
const sound = new AudioContext(), tone = sound.createOscillator(), out = sound.createMediaStreamDestination();
tone.connect(out); tone.start();
window.got = {};
const stream = new MediaStream([...canvas.captureStream(15).getTracks(), ...out.stream.getTracks()]);
window.joining = join(stream, (seat, source, track) => { got[`${seat} ${source}`] = track.kind; })
  .then((call) => { window.call = call; });
"""
FLOWING = """async () => {
  const stats = [...(await window.call.receiving.getStats()).values()].filter((one) => one.type === "inbound-rtp");
  return stats.some((one) => one.framesDecoded > 3) && stats.some((one) => one.totalAudioEnergy > 0);
}"""


def client(language: str) -> str:
    _, last = (ROOT / "docs/wire.md").read_text(encoding="utf-8").split("## A minimal client")
    [found] = re.findall(rf"^```{language}\n(.*?)^```", last, re.MULTILINE | re.DOTALL)
    return str(found)


@dataclass
class Hearing:
    """A room with the mediator in it. `cookie` is the consumer's, who has been through all pages and is not there."""

    story: Story
    cookie: str

    @property
    def mediator(self) -> Caller:
        return self.story.callers["mediator"]

    async def admit(self) -> str:
        """Whoever comes with the cookie; their seat."""
        view = await self.mediator.person.until(lambda view: seat_of(view, ROLE)["status"] == "waiting", "who waits")
        seat = str(seat_of(view, ROLE)["id"])
        await self.mediator.person.ask("admit", {"seat": seat})
        return seat

    async def seen_and_heard(self, seat: str) -> None:
        picture, sound = (self.mediator.peer.of(seat, source) for source in ("camera", "mic"))
        await self.mediator.peer.until(lambda: picture.frames > 5 and sound.frames > 5)


@contextlib.asynccontextmanager
async def hearing(folder: Path) -> AsyncIterator[Hearing]:
    async with demo_program(folder) as venue:
        story = Story(venue.url, venue.password, RehearsalReport(), ("127.0.0.1",))
        try:
            desk, visitor = story._visitor(), story._visitor()
            await story.sign_in(desk, MEDIATOR)
            await story.schedule(desk)
            link = story.links[ROLE].removeprefix(venue.url)
            person: Person = await arrived(visitor, desk, link, ROLE, story.seen_on_the_way)
            await person.hang_up()
            await story.open_room(desk)
            yield Hearing(story, visitor.cookies)
        finally:
            await story.end()


async def test_the_one_in_python_sends_and_receives(tmp_path: Path) -> None:
    program = tmp_path / "client.py"
    program.write_text(ON_LOOPBACK + client("python"), encoding="utf-8")
    async with hearing(tmp_path) as one:
        process = await asyncio.create_subprocess_exec(
            sys.executable, program, one.story.base, one.cookie, stdout=asyncio.subprocess.PIPE
        )
        try:
            await one.seen_and_heard(await one.admit())
            assert process.stdout is not None
            said = {(await asyncio.wait_for(process.stdout.readline(), 20)).decode().strip() for _ in range(2)}
            assert said == {"receives audio", "receives video"}
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


@pytest.mark.browser
async def test_the_one_in_javascript_sends_and_receives(tmp_path: Path) -> None:
    async with hearing(tmp_path) as one, async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser(), args=FLAGS)
        context = await chromium.new_context(bypass_csp=True)
        cookies = [pair.partition("=") for pair in one.cookie.split("; ")]
        await context.add_cookies([{"name": name, "value": value, "url": one.story.base} for name, _, value in cookies])
        page = await context.new_page()
        await page.goto(f"{one.story.base}/sign-in")
        await page.add_script_tag(path=SOCKET_IO)
        await page.add_script_tag(content=client("js"))
        await page.add_script_tag(content=PICTURE_AND_SOUND)
        seat = await one.admit()
        await page.evaluate("window.joining")
        await one.seen_and_heard(seat)
        mediator = one.mediator.person.seat
        await page.wait_for_function(FLOWING)
        assert await page.evaluate("window.got") == {f"{mediator} mic": "audio", f"{mediator} camera": "video"}
        await chromium.close()
