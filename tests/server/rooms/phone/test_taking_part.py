"""A mediation in the real program with somebody on the telephone: called, asked, let in, heard and recorded."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import re
import signal
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import psutil  # type: ignore[import-untyped]
import pytest

from recordings.files import ANSWER
from recordings.gap_ledger import ledger
from rooms.events import KINDS, SessionEntry, typed
from server.app.rehearsal import RehearsalReport, Visitor
from server.app.rehearsal.command import PASSWORD
from server.app.rehearsal.person import Caller, seat_of
from server.app.rehearsal.story import MEDIATOR, Story
from server.rooms.phone import PROMPTS
from tests.server.app.application import _seeded, demo_program
from tests.server.rooms.phone.telephone import Telephone, decoded, free_port, pitch, telephone, tone

pytestmark = [
    pytest.mark.media,
    pytest.mark.long,
    pytest.mark.telephone,
]

CONSUMER = "13800005076"  # the demo's, on file
PITCH = {name: 1000.0 + 150 * n for n, name in enumerate(PROMPTS)}
VOICE = 600.0
QUIET = 0.6  # seconds in which nothing may come any more


@dataclass
class Hearing:
    """A room with the mediator in it, and a trunk that ends at `far`."""

    story: Story
    desk: Visitor
    far: Telephone
    token: str
    data: Path
    phone: str
    """Where the phone process listens."""

    def told(self, kind: str) -> list[dict[str, Any]]:
        """What the journal says of this session, of one kind."""
        with contextlib.closing(sqlite3.connect(f"file:{self.data / 'yuntiao.db'}?mode=ro", uri=True)) as database:
            wanted = "select data from events where stream = ? and type = ? order by version"
            rows = database.execute(wanted, (f"session/{self.story.session}", kind)).fetchall()
        return [json.loads(row[0]) for row in rows]

    async def history(self) -> list[SessionEntry]:
        """As whoever may take the record along reads it."""
        session = self.story.session
        told = await self.desk.json(f"/audit/{session}/journal.json")
        return [
            SessionEntry(
                session, one["version"], typed(KINDS[one["type"]], one["data"]), datetime.fromisoformat(one["at"])
            )
            for one in told["events"]
        ]

    def kept(self) -> list[str]:
        """Files of what was said when a consent was asked."""
        return sorted(file.name for file in (self.data / "recordings").rglob(f"*{ANSWER}*"))

    @property
    def mediator(self) -> Caller:
        return self.story.callers["mediator"]

    def seat(self, role: str = "consumer") -> str:
        return str(seat_of(self.mediator.person.view, role)["id"])

    async def press(self, what: str, role: str = "consumer") -> tuple[int, Any]:
        path = f"/api/sessions/{self.story.session}/seats/{self.seat(role)}/{what}"
        return await self.desk.send_json(path, {}, {"X-CSRF-Token": self.token, "Origin": self.story.base})

    async def call(self, role: str = "consumer") -> None:
        """Once the phone process is there: until then an officer is told that it is not (503)."""
        async with asyncio.timeout(60):
            while (answer := await self.press("call", role))[0] == 503:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.1)
        assert answer[0] == 200, answer

    def listens_at(self, process: psutil.Process) -> bool:
        return self.phone.partition(":")[2] in {str(one.laddr.port) for one in process.net_connections("udp")}

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
        await self.call()
        await self.agree()
        await self.until_seat(status="waiting")
        await self.mediator.person.ask("admit", {"seat": self.seat()})
        await self.until_seat(status="present")


@contextlib.asynccontextmanager
async def hearing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, answers: bool = True, voice: Path | None = None
) -> AsyncIterator[Hearing]:
    """`voice`: what the telephone says, in a room with a speech engine, whose model lies there already."""
    await asyncio.to_thread(_seeded, PASSWORD)  # without a trunk
    prompts = folder / "prompts"
    prompts.mkdir()
    for name, hz in PITCH.items():
        tone(prompts / f"{name}.wav", hz, 0.7)
    if voice is None:
        (prompts / "captions.wav").unlink()
    async with telephone(folder / "far", VOICE, answers, user=CONSUMER, voice=voice) as far:
        listen = f"127.0.0.1:{free_port('127.0.0.1')}"
        first = 20000 + free_port() % 500 * 20
        (folder / "connections.toml").write_text(
            f'[phone.trunk]\ndomain = "127.0.0.2:{far.port}"\nuser = "office"\nregister_every = 0\n'
            f'listen = "{listen}"\ninterface = "127.0.0.1"\nmost_calls = 4\n'
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
                yield Hearing(story, desk, far, token, venue.data, listen)
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
        routes = room.told("Routed")[-1]
        assert room.seat() in routes["hears"]
        assert room.seat() not in routes["sees"], "pictures go to a telephone"
        await room.far.keys("5")
        await room.until_seat(hand=True)
        await room.far.do("hangup")
        await room.until_seat(call="", call_ended="person", status="left", recording=False)
        [call] = {one["call"] for one in room.told("CallBegun")}
        keyed = [(one["kind"], one["key"], one["call"]) for one in room.told("ConsentKeyed")]
        assert keyed == [("participate", "1", call), ("record", "1", call)]
        assert [one["method"] for one in room.told("IdentityConfirmed")] == ["call"]
        assert [one["cause"] for one in room.told("CallEnded")] == ["person"]
        assert [(one["kind"], one["call"]) for one in room.told("ConsentSpoken")] == [
            ("participate", call), ("record", call),
        ]  # fmt: skip
        for spoken in room.told("ConsentSpoken"):
            path = room.data / "recordings" / spoken["path"]
            assert path.read_bytes()[:4] == b"YTS1", "it is sealed at rest"
            name = spoken["path"].rpartition("/")[2]
            status, said = await room.desk.download(f"/audit/{room.story.session}/tracks/{room.seat()}/{name}")
            assert (status, hashlib.sha256(said).hexdigest(), len(said)) == (200, spoken["sha256"], spoken["size"])
            samples = decoded(said)
            assert abs(pitch(samples[-48_000:], 48_000) - VOICE) < 15, "what they said is not in it"
            length = datetime.fromisoformat(spoken["ended"]) - datetime.fromisoformat(spoken["started"])
            assert abs(len(samples) / 48_000 - length.total_seconds()) < 0.1
            assert spoken["audible_ms"] > 100
        sealed = [one for one in room.told("SegmentSealed") if one["seat"] == room.seat()]
        assert sealed
        assert all((room.data / "recordings" / one["path"]).stat().st_size > 1000 for one in sealed)


async def test_in_a_private_talk_not_a_packet_goes_to_or_comes_from_whoever_is_on_the_telephone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hearing(tmp_path, monkeypatch) as room:
        await room.story.arrive(room.desk, "business")
        await room.mediator.person.ask("admit", {"seat": room.seat("business")})
        business = room.story.callers["business"]
        await business.person.until(lambda view: seat_of(view, "business")["status"] == "present", "being admitted")
        await business.join()
        await room.bring_in()
        own, others = room.seat(), (room.mediator, business)
        sounds = [one.peer.of(own, "mic") for one in others]
        for one, sound in zip(others, sounds, strict=True):
            await one.peer.until(lambda sound=sound: abs(sound.hz - VOICE) < 15)  # type: ignore[misc]
        business.peer.speak(False)
        await room.far.until_heard(room.mediator.pattern.tone)

        await room.mediator.person.ask("start_caucus", {"side": "business"})
        await asyncio.sleep(QUIET)  # what was on its way is played out
        talk = business.peer.of(room.seat("mediator"), "mic")
        before, heard, said = [sound.frames for sound in sounds], len(room.far.heard()), talk.frames
        await business.peer.until(lambda: talk.frames > said + 60)  # 1.2 s in which the mediator speaks to the business
        assert [sound.frames for sound in sounds] == before, "the telephone was sent to somebody"
        silence = room.far.heard()[heard:]
        assert len(silence) > 4000, "RTP goes on"
        assert abs(silence).max() < 20, "something was said to the telephone"
        assert room.told("Routed")[-1]["hears"].get(own) is None

        await room.mediator.person.ask("start_caucus", {"side": "consumer"})  # now it is theirs
        await room.far.until_heard(room.mediator.pattern.tone)
        quiet = sounds[1].frames
        mine = sounds[0].frames
        await room.mediator.peer.until(lambda: sounds[0].frames > mine + 25)
        assert sounds[1].frames == quiet, "the business hears what is private"

        await room.far.do("hangup")
        await room.until_seat(call="", status="left")
        await room.mediator.person.until(lambda view: view["caucus"] is None, "the talk to be over")


async def test_who_does_not_agree_to_be_recorded_takes_part_and_leaves_only_their_other_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hearing(tmp_path, monkeypatch) as room:
        await room.call()
        await room.answer("take_part", "1")
        await room.until_seat(call="asked")
        await room.answer("recording", "2")
        seat = await room.until_seat(status="waiting", call="answered")
        assert (seat["consents"]["participate"], seat["consents"]["record"]) == (True, False)
        assert [one["kind"] for one in room.told("ConsentSpoken")] == ["participate"]
        assert [(one["kind"], one["key"]) for one in room.told("ConsentKeyed")] == [
            ("participate", "1"),
            ("record", "2"),
        ]
        assert len(room.kept()) == 1


async def test_a_code_lets_one_telephone_dial_in_and_guesses_are_locked_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hearing(tmp_path, monkeypatch) as room:
        status, given = await room.press("dial-in")
        assert (status, given["number"], len(given["code"])) == (200, "01012345678", 8)
        office = f"sip:office@{room.phone}"
        await room.far.do("dial", office)
        await room.answer("code", "00000000")
        await room.answer("wrong_code", given["code"])
        await room.agree()
        seat = await room.until_seat(status="waiting", call="answered")
        assert seat["identity"] == "call"
        assert [one["method"] for one in room.told("IdentityConfirmed")] == ["dial_in"]
        await room.far.do("hangup")
        await room.until_seat(call="")

        async with telephone(tmp_path / "other", VOICE, address="127.0.0.1", user="other") as other:
            await other.do("dial", office)
            await other.until_heard(PITCH["code"])
            for prompt in ("wrong_code", "wrong_code", "locked"):  # the code is the first telephone's
                await other.keys(given["code"])
                await other.until_heard(PITCH[prompt])
            await other.until_told("CALL_CLOSED")
            assert (await room.until_seat())["call"] == ""

        await room.far.do("dial", office)
        await room.answer("code", given["code"])
        await room.until_seat(call="answered")  # who knows the code comes back with it, and is asked nothing twice
        await room.until_seat(status="waiting")


async def test_a_call_that_comes_to_nothing_says_why_and_a_killed_process_leaves_the_seat_and_its_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hearing(tmp_path, monkeypatch, answers=False) as room:
        await room.call()
        await room.until_seat(call="ringing")
        assert await room.press("call") == (409, {"error": ANY})
        await room.until_seat(call="", call_ended="no_answer", seconds=15)
        await room.press("call")
        await room.until_seat(call="ringing")
        await room.far.do("hangup")
        assert (await room.until_seat(call=""))["call_ended"] in ("busy", "rejected", "no_answer")
        await room.press("call")
        await room.until_seat(call="ringing")
        await room.far.do("accept")
        await room.far.until_heard(PITCH["spoken"])
        await room.far.keys("1")  # nobody has asked yet
        await room.until_seat(call="asked")
        await room.answer("take_part", "2")
        await room.until_seat(call="", call_ended="no_consent")
        said = [room.told(kind) for kind in ("IdentityConfirmed", "AgeStated", "ConsentRefused", "ConsentKeyed")]
        assert said == [[], [], [], []], "whoever does not want to take part has not said who they are"
        await room.press("call")
        await room.until_seat(call="ringing")
        await room.far.do("accept")
        await room.far.until_heard(PITCH["take_part"])
        await room.far.do("hangup")
        await room.until_seat(call="", call_ended="person")
        assert room.kept() == [], "of whoever does not agree nothing is left"

        place = room.data / "recordings" / room.story.session / room.seat()
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"")  # the disk does not take it
        await room.press("call")
        await room.until_seat(call="ringing")
        await room.far.do("accept")
        await room.answer("take_part", "1")
        await room.until_seat(call="", call_ended="server")
        assert room.told("ConsentGiven") == room.told("IdentityConfirmed") == [], "a consent without its sound"
        place.unlink()
        await room.press("call")
        await room.until_seat(call="ringing")
        await room.far.do("accept")
        await room.agree()
        await room.until_seat(status="waiting")
        await room.mediator.person.ask("admit", {"seat": room.seat()})
        await room.until_seat(recording=True)
        sound = room.mediator.peer.of(room.seat(), "mic")
        await room.mediator.peer.until(lambda: abs(sound.hz - VOICE) < 15)
        for process in psutil.process_iter(["cmdline"]):
            if "server.rooms.phone.worker" in (process.info["cmdline"] or []) and room.listens_at(process):
                process.send_signal(signal.SIGKILL)
        seat = await room.until_seat(call="", call_ended="server")
        assert seat["away_since"] is not None
        await room.mediator.person.until(lambda view: seat_of(view, "consumer")["status"] == "reconnecting", "it")
        await room.far.do("hangup")
        async with asyncio.timeout(20):
            while (await room.press("call"))[0] != 200:  # noqa: ASYNC110 - it is started again
                await asyncio.sleep(0.2)
        await room.until_seat(call="ringing")
        await room.far.do("accept")
        await room.until_seat(status="present", call="answered")
        await room.mediator.peer.until(lambda n=sound.frames: sound.frames > n + 25)  # type: ignore[misc]
        await room.press("hang-up")
        await room.until_seat(call="", call_ended="mediator", recording=False)
        assert len([one for one in room.told("SegmentSealed") if one["seat"] == room.seat()]) >= 1
        tracks = {track.source: track for track in ledger(await room.history()).tracks if track.seat == room.seat()}
        missing = [(gap.cause, gap.span) for gap in tracks["mic"].missing]
        assert {cause for cause, _ in missing} <= {"starting", "reconnecting", "silent", "loss", "writing"}, missing
        [away] = [span for cause, span in missing if cause == "reconnecting"]
        assert away.ms > 500, "nobody spoke while the line was down, and the ledger says so"
        assert tracks["mic"].recorded_ms > 1000
        assert {gap.cause for gap in tracks["camera"].missing} <= {"camera_off", "reconnecting"}
