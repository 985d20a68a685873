"""A mediation under way in the real application: three people in the room with real sound and pictures, over loopback.

What somebody holds of it is measured by what still reaches them, and what of theirs still reaches the others.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import aiohttp
from aiohttp import web
from pydantic import SecretStr
from sqlalchemy import update

from media.engine import MediaEngine
from offices import Officer, OfficerRole
from rooms.commands import Admit, AnswerConsent, Arrive
from rooms.views import AnnouncedFile, NewExhibit, SeatedPerson
from rooms.vocabulary import Consent, SeatStatus
from server.app.demo import MEDIATOR, OFFICE
from server.app.rehearsal.peer import Pattern
from server.app.rehearsal.person import Caller, Person
from server.app.wiring import PARTS, Parts, create_app
from server.db.schema import codes
from server.identity import digest, fresh_token
from server.identity.store import User
from server.serving.settings import Settings
from signaling import RECHECK
from tests.server.access.filed import Filing
from tests.server.access.sockets import Socket
from tests.server.app.office import PASSWORD, SECOND
from tests.server.rooms.exhibits.files import picture
from tests.web.client import AiohttpClient, Browser, another, browser
from web.http import cookies

COMPLAINT: Final = "demo-0918"
LOOPBACK: Final = ("127.0.0.1",)
PROMISED: Final = 1.0  # seconds
PATTERNS: Final = {
    "mediator": Pattern((60, 90, 200), 440.0, 160, 120, 8),
    "consumer": Pattern((200, 60, 60), 660.0, 160, 120, 8),
    "business": Pattern((60, 180, 60), 880.0, 160, 120, 8),
}


class Door:
    """What `Person` needs of a visitor: where the server is, and the cookies of the browser they came in with."""

    def __init__(self, person: Browser) -> None:
        self.base = str(person.client.make_url("")).rstrip("/")
        self.cookies = "; ".join(f"{name}={value}" for name, value in person.cookies.items())

    def connector(self) -> aiohttp.TCPConnector:
        return aiohttp.TCPConnector()


class Onlooker(Caller):
    """Receives and sends nothing."""

    async def join(self) -> None:
        self._answering = asyncio.create_task(self._answer_offers())
        await self.person.ask("media_join")


@dataclass
class Held:
    """What somebody has open: a socket, sound and pictures both ways, and a browser that is given files."""

    name: str
    seat: str
    browser: Browser
    person: Person
    caller: Caller
    session: str  # as its socket names it
    file: str

    async def packets(self) -> int:
        """Of sound and pictures that came in so far."""
        connection = self.caller.peer.receiving
        assert connection is not None
        return sum(one.packetsReceived for one in (await connection.getStats()).values() if one.type == "inbound-rtp")

    async def hang_up(self) -> None:
        await self.caller.leave(silently=True)
        await self.person.hang_up()


@dataclass
class Scene:
    parts: Parts
    app: web.Application
    nobody: Browser
    zhou: Officer
    admin: Officer
    session: str
    exhibit: str = ""
    there: dict[str, Held] = field(default_factory=dict)

    # ------------------------------------------------------------ coming in

    async def token(self, user: str) -> str:
        """Of a sign-in, without what argon2 costs."""
        token, now = fresh_token(), datetime.now(UTC)
        await self.parts.store.add_session(digest(token), user, now, now + timedelta(hours=1))
        return token

    async def desk(self) -> Browser:
        """The mediator's own."""
        person = await another(self.nobody)
        person.sign_in(await self.token(self.zhou.id))
        return person

    async def mediator(self) -> Held:
        person = await self.desk()
        held = await self._connected("mediator", "mediator", person, self.session)
        await held.person.ask("arrive")
        return await self._with_media(held)

    async def phone(self, seat: str) -> Browser:
        """Whose code was confirmed, with the consents given."""
        phone = await another(self.nobody)
        async with self.parts.database.write() as connection:  # or the next code would have to wait a minute
            await connection.execute(update(codes).values(sent_at=datetime.now(UTC) - timedelta(days=2)))
        filing = Filing(self.parts, self.zhou, "", None)  # type: ignore[arg-type]  # nothing is archived here
        phone.cookies[cookies.DEVICE] = await filing.device(self.zhou, self.session, seat)
        guest = await self.parts.links.guest(phone.cookies[cookies.DEVICE])
        assert guest is not None
        before = (await self.parts.rooms.state(self.session)).seats[seat].status
        for consent in (Consent.PARTICIPATE, Consent.RECORD) if before is SeatStatus.INVITED else ():
            await self.parts.rooms.submit(self.session, AnswerConsent(consent, True, "v1"), guest.actor)
        return phone

    async def party(self, seat: str, media: bool = True) -> Held:
        """`media`: sound and pictures too, as soon as they are in; else by the socket alone."""
        held = await self._connected(seat, seat, await self.phone(seat), "")
        await held.person.ask("arrive")
        if (await self.parts.rooms.state(self.session)).seats[seat].status is SeatStatus.WAITING:
            await self.parts.rooms.submit(self.session, Admit(seat), self.zhou.actor)
        if media:
            return await self._with_media(held)
        self.there[held.name] = held
        return held

    async def supervisor(self, user: str) -> Held:
        person = await another(self.nobody)
        person.sign_in(await self.token(user))
        address = f"/supervision/live/{self.session}"
        if 'id="room"' not in (await person.get(address)).text:  # a seat is kept for ten minutes
            assert (await person.post(address, {"reason": "例行检查"})).status == 303
        held = await self._connected("supervisor", "", person, self.session)
        held.seat = held.person.seat
        held.file = address
        return await self._with_media(held)

    async def _connected(self, name: str, seat: str, person: Browser, session: str) -> Held:
        made = Person(name, Door(person))  # type: ignore[arg-type]  # as much of a visitor as it needs
        await made.connect(session)
        caller = Caller(made, PATTERNS[name], LOOPBACK) if name in PATTERNS else Onlooker(made, Pattern(), LOOPBACK)
        whose = f"/api/sessions/{session}" if session else "/api/room"
        return Held(name, seat, person, made, caller, session, f"{whose}/exhibits/{self.exhibit}/pages/1")

    async def _with_media(self, held: Held) -> Held:
        await held.caller.join()
        self.there[held.name] = held
        return held

    async def everybody_receives(self, *names: str) -> None:
        """Sound and pictures of all who send, at each of these."""
        for name in names:
            others = [other.seat for other in self.there.values() if other.name not in (name, "supervisor")]
            await self.there[name].caller.until_received(others, 30)

    async def show_something(self) -> None:
        room = SeatedPerson(self.session, "mediator", self.zhou.actor)
        page = picture("PNG")
        upload = (await self.parts.exhibits.begin(room, NewExhibit("截图", [AnnouncedFile("a.png", len(page))]))).upload
        await self.parts.exhibits.append(room, upload, 0, 0, page)
        self.exhibit = await self.parts.exhibits.finish(room, upload)

    async def account(self, role: OfficerRole, office: str) -> str:
        user = User(f"{office}-{role}", f"{role}.{office}", "何人", role, office, "-", datetime.now(UTC))
        await self.parts.store.add_user(user)
        return user.id

    # ------------------------------------------------------------ what is left

    async def left_to(self, held: Held, changed: float, others: tuple[str, str]) -> list[str]:
        """What somebody still has a second after the change, or the others have no more; waits until it can be told."""
        one, other = (self.there[name] for name in others)
        wrong = []
        try:
            async with asyncio.timeout(changed + PROMISED - time.monotonic()):
                code = await held.person.until_gone()
        except TimeoutError:
            code = ""
            wrong.append("socket: not told within a second")
        await asyncio.sleep(max(0.0, changed + PROMISED - time.monotonic()))  # what is promised
        packets, frames = await held.packets(), self._of(held, one, other)
        seen = held.person.view.get("_version", 0)
        mic = one.caller.peer.of(other.seat, "mic")
        heard = mic.seconds
        said = await one.person.ask("say", {"text": "还在谈", "to": ""})
        await one.caller.peer.until(lambda: mic.seconds > heard + 1.0)  # the others go on
        if said != {}:
            wrong.append("others: cannot write")
        if held.person.view.get("_version", 0) != seen:
            wrong.append("socket: saw what was written")
        if (await held.packets()) != packets:
            wrong.append(f"media: received {await held.packets() - packets} packets")
        if self._of(held, one, other) != frames:
            wrong.append(f"media: others received {self._of(held, one, other)} after {frames}")
        wrong += await self._refused(held, code)
        return wrong

    def _of(self, held: Held, *others: Held) -> dict[str, int]:
        return {
            f"{other.name} {source}": other.caller.peer.of(held.seat, source).frames
            for other in others
            for source in ("mic", "camera")
        }

    async def _refused(self, held: Held, code: str) -> list[str]:
        """The room and its files, asked for once more with the same cookies."""
        wrong = []
        try:
            await held.person.ask("say", {"text": "我还在", "to": ""})
            wrong.append("chat: what they wrote was taken")
        except Exception as no:
            if "gone" not in str(no) and "not a connected" not in str(no) and "disconnected" not in str(no):
                wrong.append(f"chat: {no}")
        again = await Socket.open(held.browser, held.session)
        if again.refused != code or not code:
            wrong.append(f"socket: told {code!r}, and {again.refused!r} at the door")
            await again.close()
        if (answer := await held.browser.get(held.file)).status == 200:
            wrong.append("files: given out")
        elif answer.status >= 500:
            wrong.append(f"files: {answer.status}")
        return wrong


@asynccontextmanager
async def scene(
    folder: Path, aiohttp_client: AiohttpClient, engine: MediaEngine | None = None, recheck: float = RECHECK
) -> AsyncIterator[Scene]:
    settings = Settings(data=folder, demo=True, demo_password=SecretStr(PASSWORD), media_port=0, workers=1)
    app = create_app(settings, engine, recheck)
    nobody = await browser(aiohttp_client, app)
    parts = app[PARTS]
    await parts.store.add_office(SECOND)
    officers = {}
    for login in (MEDIATOR, "admin"):
        user = await parts.store.user_by_login(login)
        assert user is not None
        officers[login] = Officer(user.id, user.login, user.name, user.role, OFFICE, totp=False)
    zhou = officers[MEDIATOR]
    session = await parts.desk.schedule(zhou, COMPLAINT, datetime.now(UTC), [])
    bureau = replace(officers["admin"], office=replace(OFFICE, intake=True))
    made = Scene(parts, app, nobody, zhou, bureau, session)
    await parts.rooms.submit(session, Arrive(), zhou.actor)
    await made.show_something()
    try:
        yield made
    finally:
        await asyncio.gather(*(held.hang_up() for held in made.there.values()))
