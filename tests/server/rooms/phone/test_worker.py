"""The phone process and a real telephone: SIP, sound both ways through a room, and who may not reach it."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
from base64 import b64decode
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from media.engine import Connection, Offer
from server.rooms.phone import KEYS_A_SECOND, KEYS_AT_ONCE, Ended, PhoneTrunk, caller_of, cause_of
from server.rooms.phone.calls import PhoneProcess
from tests.media.stage import InProcess, Stage, full, stage
from tests.server.rooms.phone.telephone import (
    STRANGER,
    TRUNK,
    decoded,
    free_port,
    pitch,
    telephone,
    tone,
)

pytestmark = [
    pytest.mark.media,
    pytest.mark.telephone,
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


@pytest.mark.parametrize(("codec", "srtp"), [("pcma", False), ("opus/48000/2", False), ("pcma", True)])
async def test_whoever_answers_the_telephone_is_heard_in_the_room_and_hears_it(
    tmp_path: Path, codec: str, srtp: bool
) -> None:
    async with (
        telephone(tmp_path / "a", codecs=codec, srtp=srtp) as far,
        line(trunk(far.port, srtp=srtp)) as one,
        stage(InProcess()) as room,
    ):
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


async def test_what_is_announced_is_heard_to_its_end_and_what_is_said_then_is_handed_over(tmp_path: Path) -> None:
    announced, question = tone(tmp_path / "announced.wav", 1200, 2.0), tone(tmp_path / "question.wav", 1500, 8.0)
    async with telephone(tmp_path / "a") as far, line(trunk(far.port)) as one:
        one.process.do("call", "c1", number="13800000000")
        await one.until_said("answered", "c1")
        one.process.do("spoken", "c1")  # nothing is kept, so nothing is handed over
        one.process.do("play", "c1", files=[str(announced)], whole=True)
        await far.until_heard(1200)
        await far.keys("1")
        await one.until_said("played", "c1")
        assert [said for said in one.said if said["said"] in ("key", "spoken")] == []
        one.process.do("keep", "c1")
        one.process.do("play", "c1", files=[str(question)])
        await far.until_heard(1500)
        await far.keys("1")
        await one.until_said("key", "c1")
        one.process.do("spoken", "c1")
        said = await one.until_said("spoken", "c1")
        samples = decoded(b64decode(said["sound"]))
        assert abs(pitch(samples[-24_000:], 48_000) - 770) < 15, "the telephone's sound, and not the question"
        assert abs(len(samples) / 48_000 - (said["ended"] - said["began"])) < 0.1
        one.process.do("keep", "c1")
        one.process.do("drop", "c1")
        one.process.do("spoken", "c1")
        await far.do("hangup")
        await one.until_said("closed", "c1")
        assert len([said for said in one.said if said["said"] == "spoken"]) == 1


@pytest.mark.parametrize(
    ("address", "caller"),
    [
        ("sip:13800005076@203.0.113.1", "13800005076"),
        ("sip:13800005076;phone-context=+86@sbc2.example:5080;user=phone", "13800005076"),
        ("tel:+8613800005076", "+8613800005076"),
        ("sip:anonymous@anonymous.invalid", ""),
        ("sip:Anonymous@203.0.113.1", ""),
        ("", ""),
    ],
)
def test_a_caller_is_known_by_the_number_and_not_when_it_is_withheld(address: str, caller: str) -> None:
    assert caller_of(address) == caller


async def test_a_stranger_is_not_even_answered(tmp_path: Path) -> None:
    settings = trunk(free_port())
    host, _, port = settings.listen.rpartition(":")
    async with line(settings) as one:
        for source, counts in ((STRANGER, 0), (TRUNK, 1)):
            caller = await asyncio.create_subprocess_exec(
                "sipp", "-sn", "uac", f"{host}:{port}", "-i", source, "-p", str(free_port(source)), "-s", "office",
                "-m", "1", "-timeout", "3s", "-timeout_error", "-nostdin",
                cwd=tmp_path, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
            if counts:
                one.process.do("hang_up", (await one.until_said("incoming"))["call"])
            await asyncio.wait_for(caller.wait(), 20)
            assert len([said for said in one.said if said["said"] == "incoming"]) == counts


async def test_rtp_from_another_address_is_nothing(tmp_path: Path) -> None:
    settings = trunk(free_port())
    async with telephone(tmp_path / "a") as far:
        settings = settings.model_copy(update={"domain": f"{TRUNK}:{far.port}"})
        async with line(settings) as one:
            one.process.do("call", "c", number="13800000000")
            await one.until_said("answered")
            began = asyncio.get_running_loop().time()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                stranger.bind((STRANGER, 0))
                for n in range(1000):
                    packet = struct.pack("!BBHII", 0x80, 8, n, n * 160, 0x1234) + b"\x55" * 160
                    for to in range(settings.rtp_first, settings.rtp_last):
                        stranger.sendto(packet, ("127.0.0.1", to))
                    if n % 100 == 0:
                        await asyncio.sleep(0)
            await far.do("hangup")
            ended = await one.until_said("closed")
            assert 0 < ended["received"] < 60 * (asyncio.get_running_loop().time() - began + 2)


async def test_a_line_that_falls_silent_is_given_up(tmp_path: Path) -> None:
    async with telephone(tmp_path / "a") as far, line(trunk(far.port, rtp_timeout=2)) as one:
        one.process.do("call", "c", number="13800000000")
        await one.until_said("answered")
        far.process.kill()
        ended = await one.until_said("closed")
        assert cause_of(Ended(ended["status"], ended["text"]), answered=True) == "lost"


async def test_keys_that_come_too_fast_are_dropped(tmp_path: Path) -> None:
    async with telephone(tmp_path / "a") as far, line(trunk(far.port)) as one:
        one.process.do("call", "c", number="13800000000")
        await one.until_said("answered")
        began = asyncio.get_running_loop().time()
        for _ in range(60):
            await far.keys("7", held=0.05)
        await far.do("hangup")
        await one.until_said("closed")
        lasted = asyncio.get_running_loop().time() - began
        keys = [said for said in one.said if said["said"] == "key"]
        assert KEYS_AT_ONCE / 2 < len(keys) <= KEYS_AT_ONCE + KEYS_A_SECOND * lasted + 1


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        ("486 Busy Here", "busy"),
        ("404 Not Found", "wrong_number"),
        ("603 Decline", "rejected"),
        ("503 Service Unavailable", "trunk"),
        ("", "trunk"),
    ],
)
async def test_what_the_trunk_answers_is_said_in_plain_words(answer: str, cause: str) -> None:
    """\"\": nobody listens there."""
    async with registrar(answer) as port, line(trunk(port if answer else free_port())) as one:
        one.process.do("call", "c", number="13800000000")
        ended = await one.until_said("closed", seconds=40)
        assert cause_of(Ended(ended["status"], ended["text"]), answered=False) == cause


async def test_a_password_that_is_refused_is_not_tried_in_a_loop() -> None:
    asked: list[str] = []
    async with registrar("401 Unauthorized", asked) as port:
        one = Line(trunk(port, register_every=60, password={"variable": "PATH"}))
        one.process.start()
        try:
            said = await one.until(lambda said: said["said"] == "registered")
            assert not said["on"]
            assert said["why"].startswith("401")
            assert not one.process.registered
            assert len(asked) <= 6
        finally:
            await one.process.stop()


@contextlib.asynccontextmanager
async def registrar(answer: str, asked: list[str] | None = None) -> AsyncIterator[int]:
    """A trunk that answers every request with this."""
    loop, told = asyncio.get_running_loop(), asked if asked is not None else []

    class Answering(asyncio.DatagramProtocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, address: Any) -> None:
            request = data.decode()
            if request.startswith(("ACK", "SIP/2.0")) or not answer:
                return
            told.append(request)
            kept = [
                line for line in request.split("\r\n") if line.partition(":")[0] in ("Via", "From", "Call-ID", "CSeq")
            ]
            [to] = re.findall(r"^To: .*$", request, re.MULTILINE)
            challenge = (
                [f'WWW-Authenticate: Digest realm="t", nonce="n{len(told)}", qop="auth"'] if "401" in answer else []
            )
            lines = [f"SIP/2.0 {answer}", *kept, f"{to.strip()};tag=1", *challenge, "Content-Length: 0", "", ""]
            self.transport.sendto("\r\n".join(lines).encode(), address)

    port = free_port()
    transport, _ = await loop.create_datagram_endpoint(Answering, (TRUNK, port))
    try:
        yield port
    finally:
        transport.close()
