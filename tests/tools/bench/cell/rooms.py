"""Rooms of three light clients on a node: real pages on the way in, real sockets, real ICE, DTLS and SRTP.

Nobody encodes or decodes. Everybody sends sound in packets of 60 ms that say how loud they are, so that media workers
notice who speaks, by turns; in a room with pictures everybody also sends 25 small ones a second, and sound in packets
of 20 ms. Somebody writes a line and raises a hand now and then. What browsers report about their lines is left out.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import struct
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlsplit

from aiortc.rtcdtlstransport import RTCCertificate

from journal.clock import utc_now
from media.sfu import sdp
from media.sfu.rtp import HEADER
from media.sfu.sdp import OPUS, VP8, SentTrack
from offices import Officer
from server.app import demo
from server.app.rehearsal import Page, Visitor
from server.app.rehearsal.command import Venue
from server.app.rehearsal.person import Person, arrived, seat_of
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors
from server.identity import installation_seal
from server.identity.store import IdentityStore
from tests.tools.bench.media.guest import KEY_FRAME, NUMBER, TOC, Answer, Guest, Publish
from tests.tools.bench.media.traffic import LEVEL_ID

PARTIES: Final = ("consumer", "business")
TURN = 6.0  # seconds that somebody speaks; then it is the next one's turn
LINE_EVERY = 30.0  # seconds between two written lines in a room, and between two raised hands
LONG_TICK, TICK = 0.06, 0.02  # seconds of sound in a packet
PICTURES_EVERY = 2  # ticks
PART_BYTES, SOUND_BYTES = 500, 80  # a picture is two parts
KEY_EVERY = 50  # pictures
LOUD, QUIET = 25, 100  # -dBov
WITHIN = 30.0


class Talker(Guest):
    """`loud`: whether they speak just now."""

    def __init__(self, certificate: RTCCertificate, publish: Publish, answer: Answer, pictures: bool) -> None:
        super().__init__(certificate, publish, answer)
        self.loud = False
        self.packets = 0
        self._pictures = pictures

    async def start(self, talk: bool = True, pictures: bool = True) -> None:
        """`pictures`: also of one who has a camera."""
        self._pictures = self._pictures and pictures
        sound, picture = (struct.unpack("!I", os.urandom(4))[0] for _ in range(2))
        streams = [SentTrack("audio", "s", "mic", sound)]
        if self._pictures:
            streams.append(SentTrack("video", "s", "camera", picture, picture ^ 1))
        offer = sdp.offer(streams, self._up.local, 1).replace("a=ice-lite\r\n", "")
        offer = offer.replace("a=rtpmap:", f"a=extmap:{LEVEL_ID} {sdp.LEVEL_URI}\r\na=rtpmap:", 1)
        answer = await self._publish(offer, {"0": "mic", "1": "camera"} if self._pictures else {"0": "mic"})
        await self._up.connect(answer)
        if talk:
            self._talking = asyncio.create_task(self._talk(sound, picture))

    async def _talk(self, sound: int, picture: int) -> None:
        noise, tick = os.urandom(PART_BYTES), TICK if self._pictures else LONG_TICK
        self._began = time.monotonic()
        for n in itertools.count():
            level = struct.pack("!HHBBH", 0xBEDE, 1, LEVEL_ID << 4, LOUD if self.loud else QUIET, 0)
            head = HEADER.pack(0x90, OPUS, n & 0xFFFF, round(n * tick * 48_000) & 0xFFFFFFFF, sound)
            self._up.send(head + level + TOC + noise[:SOUND_BYTES] + NUMBER.pack(n))
            self.packets += 1
            if self._pictures and n % PICTURES_EVERY == 0:
                self._picture(n // PICTURES_EVERY, noise, picture)
            self.sent = n + 1
            await asyncio.sleep(max(0.0, self._began + (n + 1) * tick - time.monotonic()))

    def _picture(self, n: int, noise: bytes, ssrc: int) -> None:
        begin = KEY_FRAME if n % KEY_EVERY == 0 else b"\x01"
        for part, (first, marker, body) in enumerate(((0x90, 0, begin + noise), (0x80, 0x80, noise + NUMBER.pack(n)))):
            header = HEADER.pack(0x80, marker | VP8, 2 * n + part & 0xFFFF, n * 3600 & 0xFFFFFFFF, ssrc)
            self._up.send(header + struct.pack("!BBH", first, 0x80, 0x8000 | n & 0x7FFF) + body)
            self.packets += 1


@dataclass
class Room:
    """`says`: seconds until each written line was acknowledged, which is when it is on disk."""

    session: str
    pictures: bool
    people: dict[str, Person]
    talkers: dict[str, Talker]
    says: list[float] = field(default_factory=list)
    _talk: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self._talk = asyncio.create_task(self._converse())

    @property
    def whole(self) -> bool:
        """Everybody is still there, and hears somebody."""
        there = all(not person.gone and person.view.get("seats") for person in self.people.values())
        return there and all(talker.connected for talker in self.talkers.values())

    async def leave(self) -> None:
        if self._talk is not None:
            self._talk.cancel()
            await asyncio.gather(self._talk, return_exceptions=True)
        for talker in self.talkers.values():
            with contextlib.suppress(Exception):
                await asyncio.wait_for(talker.leave(), 5)
        for role, person in self.people.items():
            with contextlib.suppress(Exception):
                await asyncio.wait_for(person.hang_up(), 5)
            if role in PARTIES:
                await person.visitor.__aexit__()

    async def _converse(self) -> None:
        begun, lines = time.monotonic() - (hash(self.session) % 1000) / 1000 * LINE_EVERY, 0
        for turn in itertools.cycle(self.talkers.values()):
            turn.loud = True
            await asyncio.sleep(TURN)
            turn.loud = False
            if time.monotonic() - begun > (lines + 1) * LINE_EVERY:
                lines += 1
                await self._write(lines)

    async def _write(self, n: int) -> None:
        person = self.people[PARTIES[n % 2]]
        asked = time.monotonic()
        await person.ask("say", {"text": f"第{n}次说：同意退还剩余积分对应的部分款项，九日内原路退回。", "to": ""})
        self.says.append(time.monotonic() - asked)
        await person.ask("set_hand", {"raised": n % 4 < 2})


async def opened(desk: Visitor, complaint: str, pictures: bool, certificate: RTCCertificate) -> Room:
    """Scheduled for now, both parties through all pages, the mediator in the room, both admitted, media connected.

    One at a time: codes are read in the office's outbox, the newest first.
    """
    page = await desk.get(f"/complaints/{complaint}/schedule")
    page = await desk.submit(page, page.form("schedule"), at="now", send="yes", anyway="yes")
    session = urlsplit(page.url).path.rsplit("/", 1)[1]
    links = list(dict.fromkeys(value for value in page.values if "/j/" in value and value.startswith("http")))
    people: dict[str, Person] = {}
    for role, link in zip(PARTIES, links, strict=False):
        person = people[role] = await arrived(Visitor(desk.base), desk, urlsplit(link).path, role, _unseen)
        if person.view["you"].get("status", "") != "waiting":
            await person.ask("arrive")
    await desk.get(f"/sessions/{session}/room")
    mediator = people["mediator"] = Person("mediator", desk)
    await mediator.connect(session)
    await mediator.ask("arrive")
    talkers: dict[str, Talker] = {}
    for role, person in people.items():
        if role in PARTIES:
            await mediator.until(lambda view, role=role: bool(seat_of(view, role)["status"]), "their seat")  # type: ignore[misc]
            await mediator.ask("admit", {"seat": seat_of(mediator.view, role)["id"]})
            await person.until(lambda view, role=role: seat_of(view, role)["status"] == "present", "being admitted")  # type: ignore[misc]
    for role, person in people.items():
        talkers[role] = await _joined(person, pictures, certificate)
    async with asyncio.timeout(WITHIN):
        while not all(talker.connected for talker in talkers.values()):  # noqa: ASYNC110 - it has no waiters
            await asyncio.sleep(0.02)
    return Room(session, pictures, people, talkers)


async def _unseen(_page: Page, _visitor: Visitor) -> None:
    pass


async def _joined(person: Person, pictures: bool, certificate: RTCCertificate) -> Talker:
    async def publish(sdp: str, sources: dict[str, str]) -> str:
        return str((await person.ask("media_publish", {"sdp": sdp, "sources": sources}))["sdp"])

    async def answer(sdp: str) -> object:
        return await person.ask("media_answer", {"sdp": sdp})

    talker = Talker(certificate, publish, answer, pictures)

    async def offered(body: dict[str, Any]) -> None:
        await talker.offer(body["sdp"])

    person.on_offer = offered
    await person.ask("media_join")
    await talker.start()
    return talker


async def filed(url: str, venue: Venue, count: int) -> list[str]:
    """So many more complaints like the demo's first, each of people with numbers of their own, accepted."""
    database = Database(url)
    try:
        account = await IdentityStore(database).user_by_login(demo.MEDIATOR)
        assert account is not None
        mediator = Officer(account.id, account.login, account.name, account.role, demo.OFFICE, totp=False)
        journal, seal = SqlJournal(database, projectors()), installation_seal(venue.data)
        cases = [_like(demo.CASES[0], n) for n in range(count)]
        for case in cases:
            await demo._file(journal, seal, case, utc_now(), mediator.actor)
    finally:
        await database.close()
    return [case.id for case in cases]


def _like(case: demo.DemoCase, n: int) -> demo.DemoCase:
    consumer, business = (
        who._replace(phone=f"1{lead}{n:08}") for who, lead in ((case.consumer, "38"), (case.business, "39"))
    )
    return replace(case, id=f"bench-{n:05}", consumer=consumer, business=business)


@contextlib.asynccontextmanager
async def signed_in(venue: Venue) -> AsyncIterator[Visitor]:
    async with Visitor(venue.url) as desk:
        page = await desk.get("/sign-in")
        await desk.submit(page, page.form("sign-in"), login=demo.MEDIATOR, password=venue.password)
        yield desk
