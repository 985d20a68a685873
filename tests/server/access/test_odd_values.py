"""Every route, for everybody who gets through it, with what nobody types: never a 500, never a traceback."""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import logging
import os
import re
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from recordings.files.object_store import LocalBlobs
from server.app.demo import OFFICE
from server.app.wiring import listener
from tests.server.access.crawler import Ask, Crawler
from tests.server.access.filed import LIVE, SEAT, Filing
from tests.server.access.test_isolation import ROLES, Site, built, now
from tests.server.access.test_isolation_of_files import Files, on_a_phone, signed_in
from tests.server.access.values import BODIES, HEADERS, RAW, TARGETS, TEXTS, VALUES, field_names
from tests.server.casebook import test_casebook
from tests.server.window import test_answers, test_window
from tests.web.client import AiohttpClient, Browser, another
from web.http import cookies
from web.http.security import Access
from web.office.casebook import LAWYERS

SHARE = int(os.environ.get("YUNTIAO_CRAWL_SHARE", "16"))
"""One in so many odd values for each place; which ones, turns from place to place. 1: all, a quarter of an hour."""
EDGES = ("0001-01-01", "9999-12-31")
NAMES = field_names()
T = TypeVar("T")
LAST = ("/sign-out", "/follow/leave")
"""They end what the others need."""


@dataclass
class Everybody:
    files: Files
    people: Mapping[str, Crawler]

    def who(self, access: Access) -> Sequence[str]:
        """Who gets through, and a stranger who does not."""
        match access.who:
            case "officer":
                return (*(access.roles or ROLES), "nobody")
            case "guest":
                return ("party", "nobody")
            case "anyone" | "visitor":
                return ("nobody", "consumer at the window", "business", "lawyer", "party", "mediator")
            case _:
                return ("nobody",)

    def routes(self, method: str) -> list[tuple[str, Access]]:
        access = self.files.site.access.items()
        found = [(path, one) for (of, path), one in access if of == method and path != "/socket.io/"]
        return sorted(found, key=lambda one: (one[0] in LAST, one[0]))

    async def crawl(self, asks: Iterator[Ask]) -> None:
        """Everybody at the same time, each one request after the other."""
        theirs: dict[str, list[Ask]] = {who: [] for who in self.people}
        for ask in asks:
            theirs[ask.who].append(ask)
        await asyncio.gather(*(self.people[who].crawl(some) for who, some in theirs.items()))


@pytest.fixture
async def everybody(tmp_path: Path, aiohttp_client: AiohttpClient) -> Everybody:
    (tmp_path / "store").mkdir()
    site = await built(tmp_path / "data", aiohttp_client, (tmp_path / "store").as_uri())
    lying = Filing(site.parts, site.mediator, f"{OFFICE.id}-supervisor", LocalBlobs(tmp_path / "store"))
    await lying.everything(now())
    people: dict[str, Browser] = {role: await site.officer(role, OFFICE.id) for role in ROLES}
    people["mediator"] = await signed_in(site, site.mediator.id)
    people["party"] = await on_a_phone(site, await lying.device(site.mediator, LIVE, SEAT))
    people["nobody"], window, business = [await another(site.nobody) for _ in range(3)]
    await test_window.filed(window)
    await test_answers.inside(business, await test_answers.invited(business))
    people |= {"consumer at the window": window, "business": business, "lawyer": await lawyer(site)}
    port = await listening(site.nobody)
    return Everybody(Files(site, people, {}), {who: await Crawler.of(one, port) for who, one in people.items()})


async def lawyer(site: Site) -> Browser:
    """With a confirmed phone, at a case."""
    desk = site.nobody.client.server.app[LAWYERS]  # type: ignore[attr-defined]
    case = await test_casebook.to_the_board(site.nobody)
    mediator = await signed_in(site, site.mediator.id)
    await mediator.get("/nowhere")
    await mediator.post(f"/casebook/cases/{case}/ask/take-from-board")
    until = date.today() + timedelta(days=10)
    link = await desk.invite(site.mediator, case, "吴青", "明理所", "13700012345", until)
    token = await desk.begin(link.rpartition("/")[2])
    await desk.send_code(token, "192.0.2.3", "zh")
    token = await desk.check_code(token, await test_window.newest_code(site.nobody), "192.0.2.3")
    person = await another(site.nobody)
    person.cookies[cookies.LAWYER] = token
    assert (await person.get("/comment")).status == 200
    return person


async def listening(person: Browser) -> int:
    """The application as the program serves it, beside the test's own server; it ends with that."""
    runner = person.client.server.runner
    assert runner is not None
    app = person.client.server.app  # type: ignore[attr-defined]
    end = socket.socket()
    end.bind(("127.0.0.1", 0))
    await listener(app, runner, end).start()
    return int(end.getsockname()[1])


@pytest.fixture(autouse=True)
async def no_traceback(caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    with caplog.at_level(logging.ERROR):
        yield
        gc.collect()  # for tasks that nobody asked
    told = [
        record
        for record in caplog.get_records("call")
        if record.exc_info or record.name in ("asyncio", "aiohttp.server")
    ]
    assert not told, "\n".join(dict.fromkeys(f"{one.name}: {one.getMessage()[:300]}" for one in told))


@pytest.mark.long
async def test_nothing_that_anybody_sends_breaks_a_page(everybody: Everybody) -> None:
    await everybody.crawl(addresses(everybody))
    await everybody.crawl(headers(everybody))
    await everybody.crawl(jars(everybody))
    await everybody.crawl(forms(everybody))  # at the end: some of them do something
    bad = {place: told for crawler in everybody.people.values() for place, told in crawler.bad.items()}
    assert not bad, "\n".join(f"{place}: {told}" for place, told in sorted(bad.items()))
    assert sum(crawler.asked for crawler in everybody.people.values()) > 3000, "it went somewhere"


# ---------------------------------------------------------------- what is asked


def addresses(everybody: Everybody) -> Iterator[Ask]:
    turn = itertools.count()
    yield from (Ask("nobody", "GET", target, repr(target[:40])) for target in TARGETS)
    for path, access in everybody.routes("GET"):
        people, plain = itertools.cycle(everybody.who(access)), everybody.files.filled(path, {})
        yield from (Ask(next(people), "GET", target, path) for target in places(everybody, path, turn))
        for day in EDGES:  # whatever the share: where days are compared, one before or after has to be there
            yield Ask(next(people), "GET", f"{plain}?{everywhere(day, 8000)}".encode(), path)
        for value in some(VALUES, turn):
            yield Ask(next(people), "GET", f"{plain}?{everywhere(value, 8000)}".encode(), path)
            name = NAMES[next(turn) % len(NAMES)]
            yield Ask(next(people), "GET", f"{plain}?{name}={value}&{name}={value}".encode(), path)


def forms(everybody: Everybody) -> Iterator[Ask]:
    turn = itertools.count()
    for path, access in everybody.routes("POST"):
        people, plain = itertools.cycle(everybody.who(access)), everybody.files.filled(path, {}).encode()
        yield from (Ask(next(people), "POST", target, path) for target in places(everybody, path, turn))
        for value in some(VALUES, turn):
            yield Ask(next(people), "POST", plain, path, everywhere(value, 200_000).encode())
        for text in some(TEXTS, turn)[:2]:
            told = json.dumps(dict.fromkeys(NAMES, text[:200])).encode()
            yield Ask(next(people), "POST", plain, path, told, "application/json")
        for kind, body in some(BODIES, turn):
            yield Ask(next(people), "POST", plain, path, body, kind)


def headers(everybody: Everybody) -> Iterator[Ask]:
    odd = [(name, value) for name, values in HEADERS for value in values]
    ways = [(method, path, access) for method in ("GET", "POST") for path, access in everybody.routes(method)]
    for turn, (method, path, access) in enumerate(ways):
        people, plain = itertools.cycle(everybody.who(access)), everybody.files.filled(path, {}).encode()
        all_of_them = (method, path) in (("GET", "/sign-in"), ("POST", "/language"))
        for name, value in odd if all_of_them else odd[turn % 25 :: 25]:
            yield Ask(next(people), method, plain, path, headers={name: value})


def jars(everybody: Everybody) -> Iterator[Ask]:
    """Each of our cookies, where it is read."""
    read = {
        cookies.OFFICER: "/desk",
        cookies.DEVICE: "/join",
        cookies.WINDOW: "/follow/state",
        cookies.LAWYER: "/comment",
    }
    read |= {cookies.ANSWER: "/answer", cookies.SEEN: "/sign-in", cookies.LINK: "/room"}
    odd = [text.encode() for text in TEXTS if len(text) < 4000 and not set(text) & set("\r\n\0")]
    odd += [b"\xff\xfe", b"\xed\xa0\x80", b'"\\377"', b'"a\\"', b"a" * 7000, *(value.encode() for value in RAW)]
    for name, value in itertools.product(cookies.LIFETIMES, odd):
        path = read.get(name, "/sign-in")
        yield Ask(
            "nobody", "GET", path.encode(), f"{path} with {name}", headers={"Cookie": f"{name}=".encode() + value}
        )


def places(everybody: Everybody, path: str, turn: Iterator[int]) -> Iterator[bytes]:
    """The path with something odd in one of its places."""
    for place in re.findall(r"\{(\w+)\}", path):
        for value in some(VALUES, turn):
            yield everybody.files.filled(path, {place: value}).encode()


def everywhere(value: str, longest: int) -> str:
    """Under every name there is, as far as that goes."""
    return "&".join(f"{name}={value}" for name in NAMES[: longest // (len(value) + 30)])


def some(values: Sequence[T], turn: Iterator[int]) -> Sequence[T]:
    """A share of them, another one each time."""
    return values[next(turn) % SHARE :: SHARE]
