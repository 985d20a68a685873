"""The way in: from a personal link to the room, each page of it answered as its form."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

from server.rehearsal.person import Person
from server.rehearsal.report import expect
from server.rehearsal.visitor import Page, PageFault, Visitor

Seen = Callable[[Page, Visitor], Awaitable[None]]
PREVIEWS: Final = 3  # by messengers: they use nothing up
PAGES: Final = 12  # at the most, before somebody is stuck


async def arrived(visitor: Visitor, desk: Visitor, link: str, role: str, seen: Seen) -> Person:
    """Through invitation, notice, recording, code, name and device check. `desk`: where the code is read; `seen`: is
    shown every page before it is answered. PageFault."""
    for _ in range(PREVIEWS):
        await visitor.get(link)
    page = await visitor.get(link)
    page = await visitor.submit(page, page.form("/start"))
    for _ in range(PAGES):
        place = urlsplit(page.url).path
        if place.startswith("/room"):
            break
        await seen(page, visitor)
        page = await _answered(visitor, desk, page, place)
    expect(urlsplit(page.url).path.startswith("/room"), f"{role} got stuck at {page.url}")
    person = Person(role, visitor)
    await person.connect()
    return person


async def _answered(visitor: Visitor, desk: Visitor, page: Page, place: str) -> Page:
    match place.rsplit("/", 1)[1]:
        case "age":
            return await visitor.submit(page, page.form("age"), age="adult")
        case "notice":
            return await visitor.submit(page, page.form("notice"), answer="yes")
        case "recording":
            return await visitor.submit(page, page.form("recording"), answer="yes")
        case "code":
            if not any("code" in form.names for form in page.forms):
                page = await visitor.submit(page, page.form("code/send"))
            return await visitor.submit(page, page.form("code", "code"), code=await _code(desk))
        case "name":
            return await visitor.submit(page, page.form("name", "name"))
        case "device":
            return await visitor.submit(page, page.form("device", "mode"), mode="video")
    raise PageFault(f"no answer to {place}")


async def _code(desk: Visitor) -> str:
    """The newest one-time code in the demo office's outbox, as the newcomer reads it there."""
    words = (await desk.get("/outbox")).words
    codes = re.findall(r"(?<!\d)(\d{6})(?!\d)", words)
    expect(codes, "no one-time code in the outbox")
    return str(codes[0])
