"""What every request must bring and every response carries."""

from __future__ import annotations

import re

import pytest
from aiohttp import web

from journal.refusals import Refused
from rooms import RoomFull
from tests.web.client import AiohttpClient, Browser, another, browser
from tests.web.fakes import EAST_LAKE, PASSWORD, World
from web import Site
from web.http import cookies
from web.http.security import BODY_LIMIT, anyone, local_path, officer_page


@anyone
async def echo(request: web.Request) -> web.Response:
    return web.Response(text=str((await request.post()).get("said", "")))


@anyone
async def broken(request: web.Request) -> web.Response:
    raise RuntimeError("a bug")


@anyone
async def refusing(request: web.Request) -> web.Response:
    raise Refused("link_expired", 410, office_name=EAST_LAKE.name, office_phone=EAST_LAKE.phone)


@anyone
async def full(request: web.Request) -> web.Response:
    raise RoomFull(most=8)


@officer_page()
async def signed(request: web.Request) -> web.Response:
    return web.Response(text="signed in")


def extra(app: web.Application) -> None:
    app.router.add_post("/echo", echo)
    app.router.add_get("/broken", broken)
    app.router.add_get("/api/broken", broken)
    app.router.add_get("/refusing", refusing)
    app.router.add_get("/full", full)
    app.router.add_get("/api/signed", signed)
    app.router.add_post("/signed", signed)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def person(world: World, aiohttp_client: AiohttpClient) -> Browser:
    return await browser(aiohttp_client, world.app(extra))


# ---------------------------------------------------------------- forms


async def test_our_own_form_is_accepted(person: Browser) -> None:
    await person.get("/nowhere")
    answer = await person.post("/echo", {"said": "你好"})
    assert (answer.status, answer.text) == (200, "你好")


async def test_a_script_may_send_the_token_in_a_header(person: Browser) -> None:
    await person.get("/nowhere")
    response = await person.client.post(
        "/echo", json={}, headers={"X-CSRF-Token": person.token}, cookies=person.cookies
    )
    assert response.status == 200


async def test_a_form_token_is_written_differently_on_every_page_and_all_of_them_hold(person: Browser) -> None:
    """A packed page's size would otherwise say what the token is (BREACH)."""
    tokens = []
    for _ in range(3):
        await person.get("/join")
        tokens.append(person.token)
    halves = [token[start::2][:32] for token in tokens for start in (0, 1)]
    assert len(set(halves)) == len(halves)
    for token in tokens:
        assert (await person.post("/echo", {"csrf": token})).status == 200


@pytest.mark.parametrize("token", ["", "0" * 64, "0" * 128, "0" * 127, "0" * 192, "zz" * 64])
async def test_a_form_without_our_token_is_refused(person: Browser, token: str) -> None:
    await person.get("/nowhere")
    answer = await person.post("/echo", {"csrf": token})
    assert answer.status == 403
    assert "This page was open for too long" in answer.text


async def test_somebody_elses_token_is_refused(person: Browser) -> None:
    attacker = await another(person)
    await attacker.get("/nowhere")
    await person.get("/nowhere")
    assert (await person.post("/echo", {"csrf": attacker.token})).status == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://yuntiao.example"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://yuntiao.example"}, 200),
        ({"Origin": "null"}, 200),  # what a browser without Sec-Fetch-Site sends under no-referrer
    ],
)
async def test_a_form_from_another_site_is_refused_even_with_the_token(
    person: Browser, headers: dict[str, str], status: int
) -> None:
    await person.get("/nowhere")
    assert (await person.post("/echo", None, **headers)).status == status


async def test_the_token_is_bound_to_the_session(world: World, person: Browser) -> None:
    await person.get("/nowhere")
    before = person.token
    person.sign_in(world.identity.token("zhou"))
    await person.get("/nowhere")
    assert person.token != before
    mine = person.token
    person.cookies = {cookies.OFFICER: world.identity.token("zhou")}  # signed in anew
    assert (await person.post("/signed", {"csrf": mine})).status == 403


async def test_a_form_that_is_too_large_is_turned_away_unread(person: Browser) -> None:
    await person.get("/nowhere")
    answer = await person.post("/echo", {"said": "x" * (BODY_LIMIT + 1)})
    assert answer.status == 413
    assert "That was too large to send" in answer.text


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--b--\r\n',
        ),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"),
        ("application/x-www-form-urlencoded", b"said=\xff"),
        ("application/x-www-form-urlencoded", b"said=a%00b"),
        ("application/x-www-form-urlencoded; charset=no-such", b"said=x"),
    ],
)
async def test_a_form_that_is_none_is_refused_in_a_sentence(person: Browser, kind: str, body: bytes) -> None:
    await person.get("/nowhere")
    headers = {"Content-Type": kind, "X-CSRF-Token": person.token, **person.headers}
    answer = await person.client.post("/echo", data=body, headers=headers, cookies=person.cookies)
    assert answer.status == 400
    assert "bad_request" in await answer.text()


@pytest.mark.parametrize("address", ["/nowhere?a=%00", "/now%00here"])
async def test_an_address_with_a_nul_in_it_is_refused(person: Browser, address: str) -> None:
    assert (await person.get(address)).status == 400


# ---------------------------------------------------------------- headers


async def test_every_answer_carries_the_protecting_headers(person: Browser) -> None:
    for path in ("/nowhere", "/broken", "/static/app.css", "/refusing", "/api/broken", "/join"):
        headers = (await person.get(path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=(self)" in headers["Permissions-Policy"]
        policy = headers["Content-Security-Policy"]
        for part in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert part in policy
        assert "unsafe" not in policy
        assert "Server" not in headers


async def test_the_nonce_is_new_each_time(person: Browser) -> None:
    seen = {(await person.get("/nowhere")).headers["Content-Security-Policy"] for _ in range(3)}
    assert len(seen) == 3


async def test_a_strange_host_does_not_get_into_the_policy(person: Browser) -> None:
    answer = await person.get("/nowhere", Host="x;script-src *")
    assert "script-src *" not in answer.headers.get("Content-Security-Policy", "")


@pytest.mark.parametrize("path", ["/nowhere", "/refusing", "/join"])
async def test_no_page_has_inline_script_or_style(person: Browser, path: str) -> None:
    text = (await person.get(path)).text
    assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:", text)
    for tag in re.findall(r"<script[^>]*>", text):
        assert " src=" in tag or 'type="application/json"' in tag


# ---------------------------------------------------------------- errors


async def test_our_own_fault_shows_a_reference_and_hides_the_cause(
    person: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    page = await person.get("/broken")
    assert page.status == 500
    assert "a bug" not in page.text
    found = re.search(r"internal · ([0-9a-f]{8})", page.text)
    assert found
    assert found[1] in caplog.text


async def test_a_refusal_is_a_sentence_an_advice_and_a_number_to_ring(person: Browser) -> None:
    page = await person.get("/refusing")
    assert page.status == 410
    assert "<h1>This link has expired</h1>" in page.text
    assert f'href="tel:02700001201" class="nowrap">{EAST_LAKE.phone}' in page.text
    assert "link_expired" in page.text


async def test_the_rooms_refusals_fill_their_blanks(person: Browser) -> None:
    page = await person.get("/full")
    assert page.status == 409
    assert "A room has up to 8 seats." in page.text


async def test_scripts_get_codes_not_pages(person: Browser) -> None:
    for path, status, code in (
        ("/api/broken", 500, "internal"),
        ("/api/nowhere", 404, "not_found"),
        ("/api/signed", 401, "sign_in_needed"),
    ):
        response = await person.client.get(path)
        assert response.status == status
        assert (await response.json())["error"]["code"] == code


# ---------------------------------------------------------------- cookies


@pytest.mark.parametrize("secure", [True, False])
async def test_cookies_are_guarded_and_prefixed_under_tls(aiohttp_client: AiohttpClient, secure: bool) -> None:
    world = World(Site("https://yuntiao.example", True, secure, "2026-04", 3))
    person = await browser(aiohttp_client, world.app())
    secret = world.link()
    response = await person.client.get(f"/j/{secret}")
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-yt_seen=" if secure else "yt_seen=")
    assert ("Secure" in cookie) is secure
    for flag in ("HttpOnly", "SameSite=Lax", "Path=/"):
        assert flag in cookie
    assert "Domain" not in cookie
    assert PASSWORD not in cookie


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/desk?page=2", "/desk?page=2"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("", "/"),
        ("desk", "/"),
    ],
)
def test_a_next_address_stays_on_this_site(text: str, path: str) -> None:
    assert local_path(text) == path


async def test_where_pages_may_be_framed_a_partys_cookies_are_kept_apart_and_an_officers_are_not_sent_there(
    aiohttp_client: AiohttpClient,
) -> None:
    framed = Site("https://yuntiao.example", True, True, "2026-04", 3, framed_by=("https://www.example.cn",))
    person = await browser(aiohttp_client, (world := World(framed)).app())
    party = (await person.client.get(f"/j/{world.link()}")).headers
    assert "SameSite=None; Partitioned" in party["Set-Cookie"]
    assert "frame-ancestors https://www.example.cn" in party["Content-Security-Policy"]
    for path in ("/sign-in", "/", "/desk", "/verify-document", "/publicity", "/publicity/p1"):
        assert "frame-ancestors 'none'" in (await person.client.get(path)).headers["Content-Security-Policy"], path
    assert cookies.same_site(framed, cookies.OFFICER) == cookies.same_site(framed, cookies.BROWSER) == "Lax"
