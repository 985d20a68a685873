"""The room's pages sign over JSON: for whose seat comes from the cookie, the pad's numbers are held to a shape."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.client import AiohttpClient, Browser, another, browser
from tests.web.fakes import CODE, LIN, ZHOU, World
from tests.web.fakes.records.signing import PDF, TEXT
from web.http import cookies

DRAWN: dict[str, Any] = {"width": 320, "height": 200, "strokes": [[[1, 2, 500], [200, 100, 600]]]}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def phone(world: World, aiohttp_client: AiohttpClient) -> Browser:
    found = await browser(aiohttp_client, world.app())
    device = await world.links.begin(world.link("s-consumer"))
    await world.links.send_code(device, "")
    found.cookies[cookies.DEVICE] = await world.links.check_code(device, CODE, "")
    await found.get("/nowhere")
    return found


@pytest.fixture
async def desk(world: World, phone: Browser) -> Browser:
    found = await another(phone)
    found.sign_in(world.identity.token(ZHOU.login))
    await found.get("/desk")
    return found


async def ask(who: Browser, path: str, body: object) -> tuple[int, dict[str, Any]]:
    response = await who.client.post(
        path, json=body, headers={"X-CSRF-Token": who.token}, cookies=who.cookies, allow_redirects=False
    )
    return response.status, await response.json()


async def test_a_seat_reads_gets_its_code_and_signs(world: World, phone: Browser) -> None:
    page = await phone.get(f"/api/room/signing/{TEXT}")
    assert TEXT in page.text
    assert await ask(phone, f"/api/room/signing/{TEXT}/code", {}) == (200, {"phone": "138****2046"})
    status, _ = await ask(phone, f"/api/room/signing/{TEXT}/sign", {"name": "丁小禾", "code": "123456", "drawn": DRAWN})
    assert status == 200
    ((seat, code, name, drawn),) = world.signing.signed
    assert (seat, code, name) == ("s-consumer", "123456", "丁小禾")
    assert drawn is not None
    assert drawn.strokes == DRAWN["strokes"]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x" * 61},
        {"name": "x", "drawn": {"width": 320, "height": 200, "strokes": [[[1, 2]]]}},
        {"name": "x", "drawn": {"width": 320, "height": 200, "strokes": [[[1, 2, 9_999]]]}},
        {"name": "x", "drawn": {"width": 320, "height": 200, "strokes": [[[1.5, 2, 3]]]}},
        {"name": "x", "drawn": {"width": "320", "height": 200, "strokes": []}},
        {"name": "x", "drawn": {"width": 320, "height": 200, "strokes": [[[1, 2, 3]]] * 81}},
        {"name": "x", "drawn": {**DRAWN, "image": "data:image/png;base64,"}},
        {"name": "x", "seat": "s-business"},
        ["x"],
        "x",
    ],
)
async def test_what_has_not_the_shape_is_refused_with_a_sentences_code(
    world: World, phone: Browser, body: object
) -> None:
    status, answer = await ask(phone, f"/api/room/signing/{TEXT}/sign", body)
    assert (status, answer["error"]["code"]) == (400, "bad_ink")
    assert world.signing.signed == []


async def test_nothing_is_signed_without_the_pages_own_token(phone: Browser, world: World) -> None:
    phone.token = "00" * 64
    status, answer = await ask(phone, f"/api/room/signing/{TEXT}/sign", {"name": "丁小禾", "code": "1"})
    assert (status, answer["error"]["code"]) == (403, "foreign_form")
    assert world.signing.signed == []


async def test_the_mediator_offers_signs_and_seals(world: World, desk: Browser) -> None:
    assert await ask(desk, "/api/sessions/m1/signing", {}) == (200, {"text": TEXT})
    assert (await ask(desk, f"/api/sessions/m1/signing/{TEXT}/sign", {"name": "周敏", "drawn": None}))[0] == 200
    assert (await ask(desk, f"/api/sessions/m1/signing/{TEXT}/seal", {}))[0] == 200
    assert world.signing.done == ["offer", "seal"]


async def test_a_phone_does_not_seal_and_a_supervisor_does_not_sign(
    world: World, phone: Browser, desk: Browser
) -> None:
    assert (await ask(phone, f"/api/sessions/m1/signing/{TEXT}/seal", {}))[0] == 401
    lin = await another(desk)
    lin.sign_in(world.identity.token(LIN.login))
    await lin.get("/desk")
    assert (await ask(lin, f"/api/sessions/m1/signing/{TEXT}/seal", {}))[0] == 403
    assert world.signing.done == []


async def test_both_sides_and_officers_get_the_same_file(phone: Browser, desk: Browser) -> None:
    for who, path in ((phone, "/room/documents/d1"), (desk, "/sessions/m1/documents/d1")):
        response = await who.client.get(path, cookies=who.cookies)
        assert (response.status, await response.read()) == (200, PDF)
    assert (await phone.get("/room/documents/d2")).status == 404
