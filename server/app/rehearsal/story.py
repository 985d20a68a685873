"""The story: a consumer in Huanggang, a matchmaking site in Wuhan, a mediator who brings both into one room.

Every step does what a person does, over the same pages, the same socket and the same media as theirs, and says
what it saw. Steps stand in the order they happen.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import time
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Final
from urllib.parse import urlsplit

from server.app.rehearsal import Page, PageFault, RehearsalReport, Visitor, expect
from server.app.rehearsal.aftermath import REFUND, AfterTheSession
from server.app.rehearsal.peer import CLAP_EVERY, Pattern
from server.app.rehearsal.person import PAGES, Caller, Person, answered, arrived, seat_of

MEDIATOR, SUPERVISOR = "zhoumin", "luojianguo"
SEARCH: Final = "知遇桥"
APART_SEARCH: Final = "平板电脑"  # the complaint that is mediated without anybody meeting
PATTERNS: Final = {
    "mediator": Pattern((40, 120, 60), 330.0),
    "consumer": Pattern((200, 90, 40), 440.0),
    "business": Pattern((50, 70, 200), 560.0),
}
LAW: Final = "《消费者权益保护法》第五十三条：收了预付款却没有按约定提供的，应当退回。"
QUIET: Final = 0.6  # seconds in which nothing may come any more
TALK_SECONDS: Final = 2.5  # each statement: enough for the speaker to be noticed


class Story:
    """One mediation on the server at `base`, whose demo officers have `password`."""

    def __init__(
        self,
        base: str,
        password: str,
        report: RehearsalReport,
        addresses: tuple[str, ...] | None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.base = base
        self.tls = tls
        self.password = password
        self.report = report
        self.addresses = addresses
        self.session = ""
        self.complaint = ""
        self.links: dict[str, str] = {}
        self.callers: dict[str, Caller] = {}
        self._visitors: list[Visitor] = []

    async def play(self) -> None:
        """Every step; what does not hold is in the report, and ends the story."""
        desk = self._visitor()
        try:
            await self._step("mediator signs in", self.sign_in(desk, MEDIATOR))
            await self._step("complaint is opened and a session scheduled", self.schedule(desk))
            for role in ("consumer", "business"):
                await self._step(f"{role} comes in by the link", self.arrive(desk, role))
            await self._step("mediator opens the room", self.open_room(desk))
            await self._step("parties wait unheard and are admitted", self.admit())
            await self._step("everybody sees and hears everybody", self.meet())
            await self._step("phases, statements, a law cited", self.talk())
            await self._step("consumer drops and comes back", self.drop())
            await self._step("mediator talks to the business alone", self.aside())
            await self._step("everybody talks", self.discuss())
            await self._step("outcome is shown, seen and the session closed", self.settle())
            after = AfterTheSession(self.report, self.complaint, self.session, list(PATTERNS.values()))
            await self._step("complaint follows by itself", after.follow(desk))
            supervisor = self._visitor()
            await self._step("recording is composed", self._recording(after, supervisor))
            await self._step("supervisor reads the record", after.audit(supervisor))
            await self._step("evidence package is exported and verifies", after.take(supervisor))
            await self._step("another is mediated in everybody's own time", self.in_their_own_time(desk))
        finally:
            await self.end()

    async def end(self) -> None:
        """Everybody hangs up and closes their browser."""
        for caller in self.callers.values():
            await caller.leave()
            await caller.person.hang_up()
        for visitor in self._visitors:
            await visitor.__aexit__()

    async def _step(self, name: str, work: Awaitable[None]) -> None:
        with self.report.step(name):
            await work

    def _visitor(self) -> Visitor:
        visitor = Visitor(self.base, tls=self.tls)
        self._visitors.append(visitor)
        return visitor

    # ------------------------------------------------------------ without a room

    async def in_their_own_time(self, desk: Visitor) -> None:
        """Each side says something and agrees to a clause when it looks in, a meeting is called and called off, and
        both have read the result before it is closed. Nobody has a camera or script."""
        complaint = await self._found(desk, APART_SEARCH)
        page = await desk.get(f"/complaints/{complaint}/schedule")
        until = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()
        wish = {"mode": "apart", "until_day": until, "until_time": "18:00", "send": "yes", "anyway": "yes"}
        page = await desk.submit(page, page.form("schedule"), **wish)
        own = urlsplit(page.url).path
        expect(own.endswith("/apart"), f"no asynchronous mediation was begun: {page.url}")
        session = await desk.get(own.removesuffix("/apart"))
        links = list(dict.fromkeys(v for v in session.values if "/j/" in v and v.startswith("http")))
        sides = [await self._own_page(desk, link) for link in links[:2]]
        for side, words in zip(sides, ("屏幕有亮线，要求换货。", "同意退款，不换货。"), strict=True):
            page = await side.get("/join/apart")
            await side.submit(page, page.form("/say"), text=words)
        page = await desk.get(own)
        expect("同意退款，不换货。" in page.words, "the mediator does not read what was said")
        while acts := [one for one in page.forms if "/authority" in one.action]:
            await desk.submit(page, acts[0], capacity="self")
            page = await desk.get(own)
        for days in range(1, 7):  # the next on which nothing is in the calendar, and the office is open
            day = (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
            with contextlib.suppress(PageFault):
                page = await desk.submit(page, page.form("/meet"), meet_day=day, meet_time="09:30")
                break
        await desk.submit(page, page.form("/no_meeting"))
        page = await desk.get(own)
        promise = {"who": "business", "action": "退还货款", "amount": "1899.00", "done": "yes"}
        await desk.submit(page, page.form("/clause", "action"), **promise)
        for side in sides:
            page = await side.get("/join/apart")
            await side.submit(page, page.form("/clause"), answer="agree")
        page = await desk.get(own)
        await desk.submit(page, page.form("/propose"), outcome="settled")
        for side in sides:
            page = await side.get("/join/apart")
            await side.submit(page, page.form("/outcome"))
        page = await desk.get(own)
        page = await desk.submit(page, page.form("/close"))
        expect(not page.url.endswith("/apart"), f"it was not closed: {page.url}")

    async def _own_page(self, desk: Visitor, link: str) -> Visitor:
        """As far as the page of a side, its rights read."""
        visitor = self._visitor()
        page = await visitor.get(urlsplit(link).path)
        page = await visitor.submit(page, page.form("/start"))
        for _ in range(PAGES):
            place = urlsplit(page.url).path
            if place == "/join/apart":
                break
            page = await answered(visitor, desk, page, place)
        await visitor.submit(page, page.form("/rights"))
        return visitor

    async def _found(self, desk: Visitor, words: str) -> str:
        page = await desk.get(f"/complaints?search={words}")
        found = re.search(r'href="[^"]*?/complaints/(?!new)([\w-]+)"', page.text)
        expect(found, f"no complaint about {words}")
        return found[1] if found else ""

    async def _recording(self, after: AfterTheSession, supervisor: Visitor) -> None:
        await self.sign_in(supervisor, SUPERVISOR)
        await after.recording(supervisor)

    # ------------------------------------------------------------ before the room

    async def sign_in(self, visitor: Visitor, login: str) -> None:
        page = await visitor.get("/sign-in")
        page = await visitor.submit(page, page.form("sign-in"), login=login, password=self.password)
        expect("sign-in" not in page.url, f"{login} could not sign in: {' '.join(page.words.split())[:200]}")

    async def schedule(self, desk: Visitor) -> None:
        await desk.get("/desk")
        self.complaint = await self._found(desk, SEARCH)
        page = await desk.get(f"/complaints/{self.complaint}/schedule")
        page = await desk.submit(page, page.form("schedule"), at="now", send="yes")
        self.session = urlsplit(page.url).path.rsplit("/", 1)[1]
        addresses = list(dict.fromkeys(v for v in page.values if "/j/" in v and v.startswith("http")))
        expect(len(addresses) >= 2, f"no personal links on the session page: {page.values}")
        self.links = {"consumer": addresses[0], "business": addresses[1]}

    async def seen_on_the_way(self, page: Page, visitor: Visitor) -> None:
        """A page somebody coming in is about to answer, for whoever looks at those."""

    async def arrive(self, desk: Visitor, role: str) -> None:
        person = await arrived(self._visitor(), desk, urlsplit(self.links[role]).path, role, self.seen_on_the_way)
        self.callers[role] = Caller(person, PATTERNS[role], self.addresses)
        if person.view["you"].get("status", "") != "waiting":
            await person.ask("arrive")
        await person.until(lambda view: seat_of(view, role)["status"] == "waiting", "a place in the waiting room")

    # ------------------------------------------------------------ in the room

    async def open_room(self, desk: Visitor) -> None:
        page = await desk.get(f"/sessions/{self.session}/room")
        expect(page.status == 200, f"the cockpit answered {page.status}")
        person = Person("mediator", desk)
        await person.connect(self.session)
        caller = self.callers["mediator"] = Caller(person, PATTERNS["mediator"], self.addresses)
        await person.ask("arrive")
        await person.until(lambda view: view["session"]["status"] == "live", "the session to be live")
        await caller.join()

    async def admit(self) -> None:
        mediator = self.callers["mediator"].person
        for role in ("consumer", "business"):
            caller = self.callers[role]
            expect("chat" not in caller.person.view, f"the waiting {role} already sees the room")
            seat = seat_of(mediator.view, role)
            expect(seat["consents"]["record"] is True, f"the mediator does not see the {role}'s consent")
            await mediator.ask("admit", {"seat": seat["id"]})
            await caller.person.until(
                lambda view, role=role: seat_of(view, role)["status"] == "present",  # type: ignore[misc]
                "being admitted",
            )
            await caller.join()

    async def meet(self) -> None:
        for role, caller in self.callers.items():
            await caller.until_received([self._seat(other) for other in self.callers if other != role])
        await self.callers["mediator"].person.until(
            lambda view: view["recording"]["on"] and len(view["recording"]["seats"]) == 3, "recording of all three", 15
        )
        taps = {role: caller.first() for role, caller in self.callers.items()}
        for role, tap in taps.items():
            self.report.figures[f"{role}_tap_to_first_audio_s"] = round(tap.audio, 3)
            self.report.figures[f"{role}_tap_to_first_frame_s"] = round(tap.frame, 3)
        # The mediator waits for the others by definition: their tap comes after.
        parties = [taps["consumer"], taps["business"]]
        self.report.figures["median_tap_to_first_audio_s"] = round(median(t.audio for t in parties), 3)
        self.report.figures["median_tap_to_first_frame_s"] = round(median(t.frame for t in parties), 3)
        self._check_patterns()

    def _check_patterns(self) -> None:
        for role, caller in self.callers.items():
            for other in self.callers:
                if other == role:
                    continue
                picture, sound = (caller.peer.of(self._seat(other), kind) for kind in ("camera", "mic"))
                wanted = PATTERNS[other]
                far = max(abs(a - b) for a, b in zip(picture.colour, wanted.colour, strict=True))
                expect(far < 60, f"{role} sees {picture.colour} of the {other}, who is {wanted.colour}")
                near = min(abs(sound.hz - wanted.tone), abs(sound.hz - 2 * wanted.tone))
                expect(near < 25, f"{role} hears {sound.hz:.0f} Hz of the {other}, who sounds at {wanted.tone} Hz")

    async def talk(self) -> None:
        mediator = self.callers["mediator"].person
        for item in ("identity", "rights", "recusal", "sham"):
            await mediator.ask("cover_opening", {"item": item, "done": True})
        for phase, speaker in (("consumer_statement", "consumer"), ("business_statement", "business")):
            await mediator.ask("enter_phase", {"phase": phase})
            for role, caller in self.callers.items():
                caller.peer.speak(role == speaker)
            seat = self._seat(speaker)
            await mediator.until(
                lambda view, seat=seat: (view["clock"]["speaker"] or {}).get("seat") == seat,  # type: ignore[misc]
                f"the {speaker} to be seen speaking",
            )
            await asyncio.sleep(TALK_SECONDS)
        await mediator.ask("enter_phase", {"phase": "discussion"})
        await mediator.ask(
            "say", {"text": "《消费者权益保护法》第五十三条：预付款未按约定提供的，应当退回。", "to": ""}
        )
        consumer = self.callers["consumer"].person
        await consumer.until(lambda view: any("第五十三条" in line["text"] for line in view["chat"]), "the law cited")
        await self._mute(mediator)
        await mediator.ask("enter_phase", {"phase": "proposal"})

    async def _mute(self, mediator: Person) -> None:
        """The mediator mutes the business; only the business itself opens its microphone again."""
        business = self.callers["business"].person
        seat = self._seat("business")
        await mediator.ask("mute", {"seat": seat})
        await business.until(lambda view: seat_of(view, "business")["muted"], "being muted")
        await mediator.ask("ask_unmute", {"seat": seat})
        await business.ask("unmute")
        await mediator.until(lambda view: not seat_of(view, "business")["muted"], "the business's sound to be back")

    async def drop(self) -> None:
        mediator, caller = self.callers["mediator"].person, self.callers["consumer"]
        for each in self.callers.values():
            each.peer.speak(True)
        await caller.leave(silently=True)
        await caller.person.hang_up()
        await mediator.until(lambda view: seat_of(view, "consumer")["status"] == "reconnecting", "the drop to show")
        await caller.person.connect()
        await caller.person.until(lambda view: seat_of(view, "consumer")["status"] == "present", "the same seat")
        frames = {role: caller.peer.of(self._seat(role), "camera").frames for role in ("mediator", "business")}
        await caller.come_back()
        await caller.peer.until(
            lambda: all(caller.peer.of(self._seat(role), "camera").frames > n + 5 for role, n in frames.items()), 15
        )
        self.report.figures["back_after_drop_to_first_frame_s"] = round(
            min(r.last for (_, kind), r in caller.peer.received.items() if kind == "camera") - caller.tapped, 3
        )

    async def aside(self) -> None:
        """Nothing more reaches the consumer, who writes to the mediator; then all are together without joining anew.

        How long the last packets took is a figure; what was on its way is played out by the receiver's buffers.
        """
        mediator, business, consumer = (self.callers[role] for role in ("mediator", "business", "consumer"))
        tapped = time.monotonic()
        await mediator.person.ask("start_caucus", {"side": "business"})
        acknowledged = time.monotonic()
        await consumer.person.until(lambda view: view["caucus"] is not None, "being told of the private talk")
        await consumer.person.ask("say", {"text": "我等着", "to": self._seat("mediator")})
        await mediator.person.ask("say", {"text": "最多能退多少？", "to": "", "caucus": 1})
        await business.person.until(lambda view: any("最多" in line["text"] for line in view["chat"]), "the question")
        await asyncio.sleep(QUIET)
        last = max(received.last for received in consumer.peer.received.values())
        frames = sum(received.frames for received in consumer.peer.received.values())
        await asyncio.sleep(QUIET)
        expect(
            frames == sum(received.frames for received in consumer.peer.received.values()),
            "the consumer goes on receiving during a private talk",
        )
        expect(
            not any("最多" in line["text"] for line in consumer.person.view["chat"]),
            "the consumer reads what is private",
        )
        self.report.figures["private_talk_acknowledged_ms"] = round((acknowledged - tapped) * 1000)
        self.report.figures["private_talk_last_received_ms"] = round(max(0.0, last - tapped) * 1000)
        await mediator.person.ask("end_caucus")
        await consumer.peer.until(
            lambda: sum(received.frames for received in consumer.peer.received.values()) > frames + 10, 15
        )

    async def discuss(self) -> None:
        """All three speak long enough for everybody to clap at least once: the film is measured by that."""
        for caller in self.callers.values():
            caller.peer.speak(True)
        await asyncio.sleep(CLAP_EVERY + TALK_SECONDS)

    async def settle(self) -> None:
        mediator = self.callers["mediator"].person
        due = (datetime.now(UTC) + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M:%SZ")
        term = {
            "who": "business",
            "action": "退还剩余积分对应的部分款项",
            "amount": REFUND,
            "due": due,
            "how": "原支付方式退回",
            "performance": "later",
        }
        await mediator.ask("enter_phase", {"phase": "closing"})
        await mediator.ask("propose_outcome", {"outcome": {"kind": "settled", "terms": [term]}})
        for role in ("consumer", "business"):
            party = self.callers[role].person
            view = await party.until(lambda view: view["outcome"] is not None, "the outcome")
            expect(view["outcome"]["proposed"]["terms"][0]["amount"] == REFUND, "the outcome shown is another one")
            await party.ask("see_outcome", {"number": view["outcome"]["number"]})
        await mediator.until(lambda view: len(view["outcome"]["seen"]) == 2, "both to have seen the outcome")
        self._count_received()
        await mediator.ask("close", {"anyway": ""})
        for role in ("consumer", "business"):
            await self.callers[role].person.until(
                lambda view: view.get("closed") is not None or view["session"]["status"] == "closed", "the end"
            )
        closed = mediator.view.get("closed") or {}
        self.report.outcome = {"kind": closed.get("kind"), "loss_recovered": closed.get("loss_recovered")}

    def _count_received(self) -> None:
        for role, caller in self.callers.items():
            self.report.received[role] = {
                other: {
                    "frames": caller.peer.of(self._seat(other), "camera").frames,
                    "audio_s": round(caller.peer.of(self._seat(other), "mic").seconds, 1),
                    "sound_s": round(caller.peer.of(self._seat(other), "mic").loud, 1),
                }
                for other in self.callers
                if other != role
            }

    def _seat(self, role: str) -> str:
        return str(seat_of(self.callers["mediator"].person.view, role)["id"])
