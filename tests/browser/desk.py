"""A mediator's desk without a window: sessions arranged and guests brought as far as a test needs them.

Everything goes over the office's own pages, by plain HTTP; the windows are for what the test is about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from playwright.async_api import BrowserContext

from server.app.rehearsal import Page, Visitor
from server.app.rehearsal.command import Venue

MEDIATOR = "zhoumin"


@dataclass
class Sitting:
    """One arranged session: its personal links and seat ids by role."""

    id: str
    links: dict[str, str] = field(default_factory=dict)
    seats: dict[str, str] = field(default_factory=dict)
    complaint: str = ""  # where the desk arranged it


class Desk:
    """Use as an async context manager; signed in from the start."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.visitor = Visitor(venue.url)
        self.phones = 0  # given to further seats

    async def __aenter__(self) -> Desk:
        page = await self.visitor.get("/sign-in")
        page = await self.visitor.submit(page, page.form("sign-in"), login=MEDIATOR, password=self.venue.password)
        assert "sign-in" not in page.url, page.words
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.visitor.__aexit__()

    async def arrange(self, about: str = "知遇桥") -> Sitting:
        """A session that may begin now, about the complaint found by these words."""
        page = await self.visitor.get(f"/complaints?search={quote(about)}")
        found = re.search(r'href="[^"]*?/complaints/(?!new)([\w-]+)"', page.text)
        assert found, f"no complaint about {about}"
        page = await self.visitor.get(f"/complaints/{found[1]}/schedule")
        page = await self.visitor.submit(page, page.form("schedule"), at="now", send="yes")
        sitting = _sitting(urlsplit(page.url).path.rsplit("/", 1)[1], page)
        sitting.complaint = found[1]
        return sitting

    async def known(self, session: str) -> Sitting:
        """A session with the two sides that the program has arranged by itself."""
        return _sitting(session, await self.visitor.get(f"/sessions/{session}"))

    async def add(self, sitting: Sitting, role: str, name: str, side: str) -> None:
        """One further seat with its link, and a phone of its own: a phone gets one code a minute."""
        page = await self.session(sitting)
        before = _cards(page)
        self.phones += 1
        phone = f"139000007{self.phones:02}"
        page = await self.visitor.submit(
            page, page.form("/seats", "role"), role=role, name=name, phone=phone, side=side, send="yes"
        )
        ((seat, link),) = [(seat, link) for seat, link in _cards(page).items() if seat not in before]
        sitting.seats[role], sitting.links[role] = seat, link

    async def session(self, sitting: Sitting) -> Page:
        return await self.visitor.get(f"/sessions/{sitting.id}")

    async def renew(self, sitting: Sitting, role: str) -> None:
        """A new link for the seat; the old one stops working."""
        page = await self.session(sitting)
        path = f"/seats/{sitting.seats[role]}/link"
        stands = any(path in form.action and "replaces" in form.names for form in page.forms)
        page = await self.visitor.submit(page, page.form(path, "replaces" if stands else ""))
        sitting.links[role] = _cards(page)[sitting.seats[role]]

    async def withdraw(self, sitting: Sitting, role: str, reason: str) -> None:
        """The seat's link stops working and none takes its place."""
        page = await self.session(sitting)
        page = await self.visitor.submit(page, page.form(f"/seats/{sitting.seats[role]}/revoke"), reason=reason)
        assert _cards(page)[sitting.seats[role]] == ""

    async def code(self) -> str:
        """The newest one-time code, as the demo office's messages page shows it."""
        page = await self.visitor.get("/outbox")
        return str(re.findall(r"(?<!\d)(\d{6})(?!\d)", page.words)[0])

    async def guide(self, guest: Visitor, link: str, until: str, **answers: str) -> Page:
        """Answer the questions behind a link, everything with yes unless told, until the page at `until`."""
        page = await guest.get(urlsplit(link).path)
        page = await guest.submit(page, page.form("/start"))
        while (place := urlsplit(page.url).path) != until:
            match place:
                case "/join/age":
                    page = await guest.submit(page, page.form(place), age=answers.get("age", "adult"))
                case "/join/notice" | "/join/recording":
                    form = page.form(place)
                    page = await guest.submit(page, form, answer=answers.get(place.rsplit("/", 1)[1], "yes"))
                case "/join/code":
                    page = await guest.submit(page, page.form("code/send"))
                    page = await guest.submit(page, page.form("code", "code"), code=await self.code())
                case "/join/device":
                    form = page.form("device", "findings")
                    page = await guest.submit(page, form, mode=answers.get("mode", "video"))
                case _:
                    raise AssertionError(f"no way on from {place}")
        return page

    async def lead(
        self, context: BrowserContext, link: str, until: str = "/room", language: str = "en", **answers: str
    ) -> None:
        """As `guide`, and then the browser goes on where plain HTTP stopped."""
        async with Visitor(self.venue.url) as guest:
            await self.guide(guest, link, until, **answers)
            await hand_over(guest, context, language)

    async def sign_in(self, context: BrowserContext) -> None:
        """The mediator's browser is signed in too."""
        async with Visitor(self.venue.url) as officer:
            page = await officer.get("/sign-in")
            await officer.submit(page, page.form("sign-in"), login=MEDIATOR, password=self.venue.password)
            await hand_over(officer, context)


async def hand_over(visitor: Visitor, context: BrowserContext, language: str = "en", url: str = "") -> None:
    """Give a browser the cookies that a visitor was given, at the venue's own address or another one of it."""
    pairs = [pair.partition("=") for pair in (*visitor.cookies.split("; "), f"yt_lang={language}") if pair]
    await context.add_cookies([{"name": name, "value": value, "url": url or visitor.base} for name, _, value in pairs])


def _sitting(session: str, page: Page) -> Sitting:
    links = _cards(page)
    sitting = Sitting(session, seats=dict(zip(("consumer", "business"), links, strict=True)))
    sitting.links = {role: links[seat] for role, seat in sitting.seats.items()}
    return sitting


def _cards(page: Page) -> dict[str, str]:
    """The seats on a session's page in their order, each with its link; "" where none is good at the moment."""
    found = {}
    for card in re.split(r'id="seat-(?=[\w-]+")', page.text)[1:]:
        seat, _, rest = card.partition('"')
        link = re.search(r'data-copy="(http[^"\s]*/j/[\w-]+)"', rest)
        found[seat] = link[1] if link else ""
    return found
