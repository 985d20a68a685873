"""An officer's saved signature on their account's pages: drawn, refused with what is wrong, replaced, removed."""

from __future__ import annotations

import json

from tests.web.client import AiohttpClient, Browser, browser
from tests.web.fakes import PASSWORD, World

DRAWN = json.dumps({"width": 400, "height": 200, "strokes": [[[10, 10, 500], [300, 150, 500]]]})
WHOLE = {"drawn": DRAWN, "agree": "yes", "code": "730914", "again": "730914", "password": PASSWORD}


async def test_it_is_saved_with_a_code_and_the_accounts_password_and_removed(world: World, zhou: Browser) -> None:
    assert "/account/signature" in (await zhou.get("/account")).text
    await zhou.get("/account/signature")
    page = await zhou.follow(await zhou.post("/account/signature", WHOLE))
    assert "It is saved" in page.text
    ((drawn, code),) = world.signatures.kept.values()
    assert (drawn.width, code) == (400, "730914")
    await zhou.get("/account/signature")
    page = await zhou.follow(await zhou.post("/account/signature/remove"))
    assert "It is removed" in page.text
    assert not world.signatures.kept


async def test_what_is_wrong_is_said_beside_it_and_nothing_secret_comes_back(world: World, zhou: Browser) -> None:
    await zhou.get("/account/signature")
    for change, said in (
        ({"drawn": ""}, "on the pad first"),
        ({"drawn": json.dumps({"width": 400, "height": 200, "strokes": [[[10, 10, 500]]]})}, "on the pad first"),
        ({"drawn": "x" * 200_000}, "on the pad first"),
        ({"agree": ""}, "keep your handwriting"),
        ({"again": "730915"}, "not the same"),
        ({"code": "123", "again": "123"}, "six to twelve digits"),
        ({"password": "falsch falsch falsch"}, "not your present password"),
    ):
        page = await zhou.post("/account/signature", WHOLE | change)
        assert page.status == 422
        assert said in page.text, change
        assert "730914" not in page.text
        assert PASSWORD not in page.text
    assert not world.signatures.kept


async def test_only_who_mediates_has_one(world: World, aiohttp_client: AiohttpClient) -> None:
    admin = await browser(aiohttp_client, world.app())
    admin.sign_in(world.identity.token("admin"))
    assert (await admin.get("/account/signature")).status == 403
    assert "/account/signature" not in (await admin.get("/account")).text
