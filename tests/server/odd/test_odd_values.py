"""Every route, for everybody who gets through it, with what nobody types: never a 500, never a traceback."""

from __future__ import annotations

import gc
import itertools
import json
import logging
import os
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from recordings.local_blobs import LocalBlobs
from server.demo import OFFICE
from tests.server import test_answers, test_window
from tests.server.filed import LIVE, SEAT, Filing
from tests.server.odd.crawler import Crawler
from tests.server.odd.values import RAW, TEXTS, VALUES, field_names
from tests.server.test_isolation import ROLES, built, now
from tests.server.test_isolation_of_files import Files, on_a_phone, signed_in
from tests.web.client import AiohttpClient, Browser, another
from web import cookies
from web.security import Access

SHARE = int(os.environ.get("YUNTIAO_CRAWL_SHARE", "10"))
"""One in so many odd values for each place; which ones, turns from place to place. 1: all of them, a quarter of an hour."""
NAMES = field_names()
OFFICERS = ("mediator", "supervisor", "administrator", "inspector")


@dataclass
class Everybody:
    files: Files
    people: Mapping[str, Crawler]

    def who(self, access: Access) -> Sequence[str]:
        """Who gets through, and a stranger who does not."""
        match access.who:
            case "officer":
                return (*(access.roles or OFFICERS), "nobody")
            case "guest":
                return ("party", "nobody")
            case "anyone" | "visitor":
                return ("nobody", "consumer at the window", "business", "lawyer", "party", "mediator")
            case _:
                return ("nobody",)


@pytest.fixture
async def everybody(tmp_path: Path, aiohttp_client: AiohttpClient) -> AsyncIterator[Everybody]:
    (tmp_path / "store").mkdir()
    site = await built(tmp_path / "data", aiohttp_client, (tmp_path / "store").as_uri())
    lying = Filing(site.parts, site.mediator, f"{OFFICE.id}-supervisor", LocalBlobs(tmp_path / "store"))
    await lying.everything(now())
    people: dict[str, Browser] = {role: await site.officer(role, OFFICE.id) for role in ROLES}
    people["mediator"] = await signed_in(site, site.mediator.id)
    people["party"] = await on_a_phone(site, await lying.device(site.mediator, LIVE, SEAT))
    people["nobody"] = await another(site.nobody)
    window, business, lawyer = [await another(site.nobody) for _ in range(3)]
    await test_window.filed(window)
    await test_answers.inside(business, await test_answers.invited(business))
    people |= {"consumer at the window": window, "business": business, "lawyer": lawyer}
    crawlers = {who: await Crawler.of(who, person) for who, person in people.items()}
    yield Everybody(Files(site, people, {}), crawlers)
    for crawler in crawlers.values():
        await crawler.close()


@pytest.fixture(autouse=True)
def no_traceback(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.ERROR):
        yield
    gc.collect()  # for tasks that nobody asked
    told = [record for record in caplog.records if record.exc_info or record.name in ("asyncio", "aiohttp.server")]
    assert not told, "\n".join(dict.fromkeys(f"{one.name}: {one.getMessage()[:300]}" for one in told))


def some(values: Sequence[str], turn: Iterator[int]) -> Sequence[str]:
    """A share of them, another one each time."""
    return values[next(turn) % SHARE :: SHARE]


def routes(everybody: Everybody, method: str) -> list[tuple[str, Access]]:
    found = [(path, access) for (of, path), access in everybody.files.site.access.items() if of == method]
    return sorted(found, key=lambda one: (one[0] in ("/sign-out", "/follow/leave"), one[0]))


async def test_nothing_that_anybody_sends_breaks_a_page(everybody: Everybody) -> None:
    await no_path_and_no_query_breaks_a_page(everybody)
    await no_header_breaks_a_page(everybody)
    await no_cookie_breaks_a_page_whoever_it_is_of(everybody)
    await no_form_breaks_a_page(everybody)  # last: some of them do something
    bad = {place: told for crawler in everybody.people.values() for place, told in crawler.bad.items()}
    assert not bad, "\n".join(f"{method} {route}: {told}" for (method, route), told in sorted(bad.items()))


async def no_path_and_no_query_breaks_a_page(everybody: Everybody) -> None:
    turn = itertools.count()
    for path, access in routes(everybody, "GET"):
        if path == "/socket.io/":
            continue
        people = itertools.cycle(everybody.who(access))
        plain = everybody.files.filled(path, {})
        for place in re.findall(r"\{(\w+)\}", path):
            for value in some(VALUES, turn):
                odd = everybody.files.filled(path, {place: value.replace("\\", "\\\\")})
                await everybody.people[next(people)].ask("GET", odd, path)
        for who in everybody.who(access):
            for value in some(VALUES, turn):
                query = "&".join(f"{name}={value}" for name in NAMES)
                await everybody.people[who].ask("GET", f"{plain}?{query}"[:8000], path)
            for name, value in zip(some(NAMES, turn), itertools.cycle(some(VALUES, turn)), strict=False):
                await everybody.people[who].ask("GET", f"{plain}?{name}={value}&{name}={value}", path)


async def no_form_breaks_a_page(everybody: Everybody) -> None:
    turn = itertools.count()
    for path, access in routes(everybody, "POST"):
        if path == "/socket.io/":
            continue
        people = everybody.who(access)
        plain = everybody.files.filled(path, {})
        for place in re.findall(r"\{(\w+)\}", path):
            for who, value in zip(itertools.cycle(people), some(VALUES, turn), strict=False):
                await everybody.people[who].ask(
                    "POST", everybody.files.filled(path, {place: value.replace("\\", "\\\\")}), path
                )
        for who in people:
            crawler = everybody.people[who]
            for value in some(VALUES, turn):
                if len(value) * len(NAMES) < 200_000:
                    await crawler.ask("POST", plain, path, "&".join(f"{name}={value}" for name in NAMES).encode())
            for value in some(TEXTS, turn):
                body = json.dumps(dict.fromkeys(NAMES, value[:200])).encode()
                await crawler.ask("POST", plain, path, body, "application/json")
            for kind, body in (BODIES[next(turn) % len(BODIES)], BODIES[next(turn) % len(BODIES)]):
                await crawler.ask("POST", plain, path, body, kind)


FORM, JSON = "application/x-www-form-urlencoded", "application/json"
PARTS = "multipart/form-data; boundary=b"
BODIES: Sequence[tuple[str, bytes]] = (
    (FORM, b"\xff\xfe=\xff"), (FORM, b"=&=&&==%"), (FORM, b"login=%ff%fe&password=%ed%a0%80"), (FORM, b"a" * 5000),
    (f"{FORM}; charset=no-such", b"login=a"), (f"{FORM}; charset=utf-16", b"login=a"), (f"{FORM}; charset=base64", b"a=a"),
    (JSON, b""), (JSON, b"null"), (JSON, b"[]"), (JSON, b"1"), (JSON, b'"x"'), (JSON, b"{"), (JSON, b"\xff"), (JSON, b"[" * 20_000),
    (JSON, b'{"a":' * 5000), (JSON, b"9" * 6000), (JSON, b'{"text":"\\ud800"}'), (JSON, b"NaN"), (f"{JSON}; charset=no-such", b"{}"),
    ("multipart/form-data", b"x"), (PARTS, b""), (PARTS, b"--b"), (PARTS, b"--b\r\n\r\n"), (PARTS, b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"),
    (PARTS, b'--b\r\nContent-Disposition: form-data; name="file"; filename="\xff\x00../a"\r\n\r\nx\r\n--b--\r\n'),
    (PARTS, b'--b\r\nContent-Disposition: form-data; name="login"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n'),
    (PARTS, b'--b\r\nContent-Disposition: form-data; name="login"\r\nContent-Transfer-Encoding: base64\r\n\r\n***\r\n--b--\r\n'),
    (PARTS, b'--b\r\nContent-Disposition: form-data; name="login"\r\nContent-Encoding: gzip\r\n\r\n***\r\n--b--\r\n'),
    (PARTS, b'--b\r\nContent-Disposition: form-data; name="login"\r\nContent-Type: text/plain; charset=no-such\r\n\r\nx\r\n--b--\r\n'),
    (PARTS, b'--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n--b--\r\n'),
    ("multipart/form-data; boundary=" + "b" * 300, b"x"), ("multipart/mixed; boundary=b", b"--b--"), ("\xff/\xff", b"x"), ("text/plain", b"\x00"),
)  # fmt: skip
"""Kinds and bodies that are not what they say."""

HEADERS: Sequence[tuple[str, Sequence[bytes]]] = (
    ("Cookie", [b"\xff\xfe", b"=", b";;;", b"a=b; a=c", b"yt_officer", b'yt_officer="', b"yt_officer=\xe4\xbd\xa0", b"yt_lang=\xff; yt_type=\xff"]),
    ("Accept-Language", [b"\xff", b"zh;q=NaN", b"zh;q=1e999", b"zh;q=" + b"9" * 400, b",;,;=", b"*;q=", "²;q=²".encode()]),
    ("Range", [b"bytes=-", b"bytes=9-1", b"bytes=0-0,5-9", b"bytes=-99999999999999999999", b"bytes=99999999999999999999-", b"x", b"bytes=\xb2-", b"bytes=-0"]),
    ("Origin", [b"null", b"http://[::1", b"//", b"\xff", b"http://yuntiao.example:99999", b"http://yuntiao.example:x"]),
    ("Sec-Fetch-Site", [b"\xff", b""]),
    ("Host", [b"", b"[::1", b"\xff", b"a:99999999", b"a b", b"yuntiao.example:x", b"@", b"/"]),
    ("Authorization", [b"Bearer", b"Bearer \xff", b"Basic \xff", b"Basic " + b"=" * 9, b"\xff", b"Bearer " + b"a" * 5000]),
    ("X-CSRF-Token", [b"\xff", b"0" * 127, "０".encode() * 128, b"zz"]),
    ("X-Forwarded-For", [b"\xff", b"::ffff:1.2.3.4%eth0", b"1.2.3.4:x", b"[", b"," * 3000]),
    ("Accept-Encoding", [b"\xff", b"gzip;q=NaN", b"br;q=\xb2", b"*;q=0", b";,;"]),
    ("If-None-Match", [b"\xff", b'"', b"W/", b"*"]),
    ("If-Modified-Since", [b"\xff", b"Thu, 99 Foo 9999 99:99:99 GMT", b"0"]),
    ("Content-Type", [b"\xff", b";", b"multipart/form-data; boundary=", b"a/b; charset=\xff"]),
    ("Content-Encoding", [b"gzip", b"br", b"x", b"deflate"]),
    ("Accept", [b"\xff", b"text/html;q=NaN"]),
    ("Upgrade", [b"websocket", b"\xff"]),
    ("Expect", [b"100-continue", b"\xff", b"nothing"]),
    ("X-Yuntiao-Timestamp", [b"\xff", b"9" * 400, "²".encode(), b"NaN", b"-1"]),
    ("X-Yuntiao-Signature", [b"\xff", b"sha256=", b"sha256=\xff"]),
    ("Idempotency-Key", [b"\xff", b"a" * 5000, b""]),
    ("Content-Disposition", [b"\xff", b"attachment; filename*=x''%ff"]),
)  # fmt: skip


async def no_header_breaks_a_page(everybody: Everybody) -> None:
    turn = itertools.count()
    for method in ("GET", "POST"):
        for path, access in routes(everybody, method):
            plain = everybody.files.filled(path, {})
            for who in everybody.who(access)[:2]:
                for name, values in HEADERS:
                    if next(turn) % SHARE == 0 or path in ("/sign-in", "/metrics", "/join"):
                        for value in values:
                            await everybody.people[who].ask(method, plain, path, b"", headers={name: value})


async def no_cookie_breaks_a_page_whoever_it_is_of(everybody: Everybody) -> None:
    names = [value for key, value in vars(cookies).items() if key.isupper() and isinstance(value, str)]
    odd = [text.encode() for text in TEXTS if len(text) < 4000 and not set(text) & set("\r\n\0")]
    odd += [b"\xff\xfe", b"\xed\xa0\x80", b'"\\377"', b'"a\\"', b"a" * 7000, *(value.encode() for value in RAW)]
    pages = [
        "/",
        "/sign-in",
        "/join",
        "/file",
        "/file/code",
        "/follow/state",
        "/answer",
        "/comment",
        "/desk",
        "/room",
        "/log",
    ]
    for name, value in itertools.product(names, odd):
        page = pages[(len(value) + len(name)) % len(pages)]
        for target in {
            page,
            {"yt_window": "/follow/state", "yt_answer": "/answer", "yt_lawyer": "/comment"}.get(name, "/join"),
        }:
            await everybody.people["nobody"].ask(
                "GET", target, f"{target} with {name}", headers={"Cookie": name.encode() + b"=" + value}
            )
