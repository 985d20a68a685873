"""Attacks by somebody with a browser and no right: guessing, odd addresses, texts that are slow to read."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import quote, urlsplit

import aiohttp
from yarl import URL

from server.app.rehearsal import Page, PageFault, Visitor
from tests.tools.bench.attack.connections import SOURCES
from tests.tools.bench.attack.outcome import Outcome, Target

LOGINS: Final = ("zhoumin", "luojianguo", "admin", "nobody", "ｚｈｏｕｍｉｎ", "' or 1=1 --", "x" * 300)
PUBLIC: Final = (
    "/", "/sign-in", "/file", "/follow", "/public", "/join", "/join/code", "/verify-document", "/log", "/setup",
    "/test-call",
    "/healthz", "/c/{odd}", "/j/{odd}", "/q/{odd}", "/a/{odd}", "/log/growth/{odd}", "/public/warnings/{odd}",
    "/public/bulletins/{odd}/{odd}/{odd}", "/texts/{odd}/notice", "/static/{odd}", "/c-file/{odd}", "/file/{odd}",
    "/api/room/uploads/{odd}", "/api/{odd}", "/{odd}",
)  # fmt: skip
OFFICERS: Final = (
    "/desk", "/complaints", "/complaints/{odd}", "/complaints/new", "/imports", "/imports/{odd}", "/audit",
    "/audit/{odd}", "/audit/{odd}/recording.mp4", "/audit/{odd}/journal.json", "/statistics", "/statistics/dashboard",
    "/statistics/{odd}/records", "/focus", "/focus/{odd}", "/leads", "/leads/{odd}/files/{odd}", "/outbox", "/systems",
    "/account", "/casebook", "/casebook/{odd}", "/bulletins/{odd}/{odd}", "/respondents/{odd}", "/sessions/{odd}/room",
    "/api/sessions/{odd}/law", "/approvals", "/retention", "/map", "/holidays", "/offices", "/law", "/procedure",
)  # fmt: skip
ODD: Final = (
    "", "0", "-1", "1", "9" * 400, "%00", "%ff%fe", "%ed%a0%80", "..%2f..%2fetc%2fpasswd", "２０２４",
    "10000-01-01",
    "0000-00-00", "2024-02-30", "'%22%3E%3Cscript%3E", "%F0%9F%98%80", "%E2%80%AE", "a" * 3_000, "nan", "1e999",
    "[]", "null",
)  # fmt: skip
QUERIES: Final = (
    "page",
    "from",
    "to",
    "search",
    "q",
    "year",
    "month",
    "on",
    "channel",
    "state",
    "sort",
    "office",
    "lang",
)
NASTY: Final = tuple(sign * 20_000 for sign in ("9", "a", " ", "（", "《", "张", "@", "-", "\n", "年", "某", "１"))


async def guesses(target: Target) -> Outcome:
    """Sign-ins, codes at the public window for somebody else's number,
    answers and codes behind a link that was found."""
    return await _at_once(target, _sign_in, _window, _invitation)


async def addresses(target: Target) -> Outcome:
    """Every kind of path with odd values in path, query and cookies. What is an officer's must not open."""
    return await _at_once(target, _address, _address, _address)


async def texts(target: Target) -> Outcome:
    """Long texts of one sign, wherever a text is read for anybody."""
    return await _at_once(target, _text, _text)


async def _at_once(target: Target, *attacks: Callable[[Target, Outcome, random.Random], Awaitable[None]]) -> Outcome:
    outcome, ends = Outcome(), time.monotonic() + target.seconds

    async def go_on(attack: Callable[[Target, Outcome, random.Random], Awaitable[None]], seed: int) -> None:
        chance = random.Random(seed)
        while time.monotonic() < ends:
            try:
                async with asyncio.timeout(10):
                    await attack(target, outcome, chance)
            except (aiohttp.ClientError, PageFault, OSError, TimeoutError) as fault:
                outcome.answers[type(fault).__name__] += 1
                await asyncio.sleep(0.05)  # refused at once: not a loop that only measures itself

    await asyncio.gather(*(go_on(attack, seed) for seed, attack in enumerate(attacks)))
    return outcome


def _visitor(target: Target, chance: random.Random) -> Visitor:
    return Visitor(target.url, source=chance.choice(SOURCES))


async def _sign_in(target: Target, outcome: Outcome, chance: random.Random) -> None:
    async with _visitor(target, chance) as visitor:
        page = await visitor.get("/sign-in")
        guess = {"login": chance.choice(LOGINS), "password": f"guess-{chance.random()}"}
        page = await _sent(visitor, page, "sign-in", outcome, **guess)
        if urlsplit((await visitor.get("/desk")).url).path == "/desk":
            outcome.served.append(f"signed in as {guess['login']}")


async def _window(target: Target, outcome: Outcome, chance: random.Random) -> None:
    async with _visitor(target, chance) as visitor:
        page = await visitor.get("/follow")
        page = await _sent(visitor, page, "follow", outcome, phone=target.phone)
        for _ in range(6):
            page = await visitor.get("/follow/code")
            if not any("code" in form.names for form in page.forms):
                break
            await _sent(visitor, page, "code", outcome, code=f"{chance.randrange(10**6):06}")
        if (await visitor.get("/follow/state")).status == 200:
            outcome.served.append("somebody else's complaint at the window")


async def _invitation(target: Target, outcome: Outcome, chance: random.Random) -> None:
    """Answers given by whoever found the link, and guesses at the code."""
    async with _visitor(target, chance) as visitor:
        page = await visitor.get(target.link)
        outcome.sent += 1
        page = await _sent(visitor, page, "/start", outcome)
        for part in ("notice", "recording"):
            page = await visitor.get(f"/join/{part}")
            await _sent(visitor, page, part, outcome, answer=chance.choice(("yes", "no")))
        page = await visitor.get("/join/code")
        if any("code/send" in form.action for form in page.forms):
            page = await _sent(visitor, page, "code/send", outcome)
        for _ in range(6):
            page = await visitor.get("/join/code")
            if not any("code" in form.names for form in page.forms):
                break
            await _sent(visitor, page, "code", outcome, code=f"{chance.randrange(10**6):06}")
        page = await visitor.get(f"{target.link}/decline")
        await _sent(visitor, page, "decline", outcome, reason="")
        room = await visitor.get("/room")
        if room.status == 200 and room.url.endswith("/room"):
            outcome.served.append("a seat without a code")


async def _sent(visitor: Visitor, page: Page, part: str, outcome: Outcome, **fields: str) -> Page:
    """The form of this name, if the page has it; what it is answered, refusals too."""
    form = next((one for one in page.forms if part in one.action), None)
    if form is None:
        outcome.answers[f"no form {part}"] += 1
        return page
    outcome.sent += 1
    try:
        answered = await visitor.submit(page, form, **fields)
    except PageFault as no:
        outcome.answers[str(no).split(" answered ")[-1][:3]] += 1
        return page
    outcome.answers[str(answered.status)] += 1
    return answered


async def _address(target: Target, outcome: Outcome, chance: random.Random) -> None:
    officers = chance.random() < 0.5
    path = chance.choice(OFFICERS if officers else PUBLIC)
    while "{odd}" in path:
        path = path.replace("{odd}", chance.choice(ODD), 1)
    query = "&".join(f"{name}={chance.choice(ODD)}" for name in chance.sample(QUERIES, 3))
    cookie = f"yt_officer={chance.choice(ODD)}; yt_device={chance.choice(ODD)}"
    await _fetched(target, outcome, chance, f"{path}?{query}", officers, {"Cookie": cookie})


async def _text(target: Target, outcome: Outcome, chance: random.Random) -> None:
    text = chance.choice(NASTY)
    path = chance.choice(("/sign-in?next=", "/public?search=", "/follow?number=", "/j/", "/api/law?q="))
    await _fetched(
        target, outcome, chance, path + quote(text[:2_000]), False, {"Accept-Language": text[:3_000].strip()}
    )


async def _fetched(
    target: Target, outcome: Outcome, chance: random.Random, path: str, officers: bool, headers: dict[str, str]
) -> None:
    connector = aiohttp.TCPConnector(local_addr=(chance.choice(SOURCES), 0))
    headers = {name: value.encode("ascii", "ignore").decode().replace("\n", "") for name, value in headers.items()}
    async with aiohttp.ClientSession(connector=connector, headers=headers) as http:
        for _ in range(8):
            async with http.get(URL(target.url + path, encoded=True), allow_redirects=False) as response:
                outcome.sent += 1
                outcome.answers[str(response.status)] += 1
                if officers and response.status == 200:
                    outcome.served.append(f"{path[:200]} without a sign-in")
            if not officers:
                break
