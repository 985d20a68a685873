"""The provider's button above the form that is folded, what is said when it does not work, and whose account it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from offices import SignOnButton
from tests.web.client import AiohttpClient, Browser, another, browser
from tests.web.fakes import ADMIN, CODE, PASSWORD, ZHOU, Account, World
from web.http import cookies

KEYCLOAK = SignOnButton("keycloak", "市局统一登录", "Bureau sign-on", asks=False)
DIRECTORY = SignOnButton("ad", "统一目录", "the directory", asks=True)


@pytest.fixture
async def visitor(world: World, aiohttp_client: AiohttpClient) -> Browser:
    world.sign_on.known = [KEYCLOAK, DIRECTORY]
    made = await browser(aiohttp_client, world.app())
    made.cookies[cookies.LANGUAGE] = "en"
    return made


async def another_of(visitor: Browser, token: str) -> Browser:
    made = await another(visitor)
    made.cookies[cookies.LANGUAGE] = "en"
    made.sign_in(token)
    return made


async def test_without_providers_the_page_is_as_it_was(world: World, aiohttp_client: AiohttpClient) -> None:
    page = await (await browser(aiohttp_client, world.app())).get("/sign-in")
    assert "<details" not in page.text
    assert "/sign-on/" not in page.text
    assert "autofocus" in page.text


async def test_the_button_stands_above_the_password_which_is_folded(world: World, visitor: Browser) -> None:
    page = await visitor.follow(await visitor.get("/audit?page=2"))
    assert 'href="/sign-on/keycloak?next=/audit%3Fpage%3D2"' in page.text
    assert page.text.index("Sign in with Bureau sign-on") < page.text.index('<details class="explain">')
    visitor.cookies[cookies.LANGUAGE] = "zh"
    assert "市局统一登录" in (await visitor.get("/sign-in")).text


async def test_the_browser_goes_there_and_comes_back_to_where_it_wanted(world: World, visitor: Browser) -> None:
    answer = await visitor.get("/sign-on/keycloak?next=/desk")
    assert (answer.status, answer.location) == (303, "https://login.example/authorize?state=s1")
    assert answer.headers["Cache-Control"] == "no-store"
    assert visitor.cookies[cookies.SIGN_ON] == "kept-/desk"
    back = await visitor.get("/sign-on/keycloak/back?state=s1&code=zhou")
    assert back.location == "/desk"
    assert (await visitor.follow(back)).status == 200
    assert not visitor.cookies.get(cookies.SIGN_ON)


@pytest.mark.parametrize("next_", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_nobody_is_led_to_another_site_by_it(world: World, visitor: Browser, next_: str) -> None:
    await visitor.get(f"/sign-on/keycloak?next={next_}")
    assert visitor.cookies[cookies.SIGN_ON] == "kept-/"
    visitor.cookies[cookies.SIGN_ON] = f"kept-{next_}"
    assert (await visitor.get("/sign-on/keycloak/back?code=zhou")).location == "/"


async def test_coming_back_in_a_browser_that_began_nothing_signs_nobody_in(world: World, visitor: Browser) -> None:
    page = await visitor.get("/sign-on/keycloak/back?state=s1&code=zhou")
    assert page.status == 403
    assert "begun in another window" in page.text
    assert cookies.OFFICER not in visitor.cookies


async def test_somebody_else_who_was_signed_in_here_is_signed_out(world: World, visitor: Browser) -> None:
    before = world.identity.token("lin")
    visitor.sign_in(before)
    await visitor.get("/sign-on/keycloak")
    await visitor.get("/sign-on/keycloak/back?state=s1&code=zhou")
    assert await world.identity.officer(before) is None


@pytest.mark.parametrize(
    ("code", "status", "said", "open_"),
    [
        ("sign_on_away", 503, "Bureau sign-on cannot be reached", True),
        ("sign_on_refused", 403, "Bureau sign-on did not let you in", False),
        ("sign_on_unsound", 403, "could not be verified", False),
        ("sign_on_no_place", 403, "no role here is assigned to you", False),
        ("sign_on_closed", 403, "is closed", False),
    ],
)
async def test_what_went_wrong_is_a_sentence_and_the_password_is_at_hand_when_nobody_answers(
    world: World, visitor: Browser, code: str, status: int, said: str, open_: bool
) -> None:
    await visitor.get("/sign-on/keycloak")
    world.sign_on.refuses = code
    for path in ("/sign-on/keycloak", "/sign-on/keycloak/back?state=s1&code=zhou"):
        page = await visitor.get(path)
        assert page.status == status
        assert said in page.text
        assert ('<details class="explain" open>' in page.text) is open_
    assert cookies.OFFICER not in visitor.cookies


async def test_a_provider_that_there_is_not_is_not_found(visitor: Browser) -> None:
    assert (await visitor.get("/sign-on/other")).status == 404
    assert (await visitor.get("/sign-on/other/back")).status == 404


async def test_a_directorys_password_is_typed_on_our_page_and_not_shown_again(world: World, visitor: Browser) -> None:
    await visitor.get("/sign-in")
    sent = {"login": "zhou", "password": "nearly right", "next": "/desk"}
    page = await visitor.post("/sign-on/ad", sent)
    assert page.status == 403
    assert "Name or password is not right" in page.text
    assert 'value="zhou"' in page.text
    assert "nearly right" not in page.text
    assert (await visitor.post("/sign-on/ad", {"login": ""})).status == 422
    assert (await visitor.post("/sign-on/ad", sent | {"password": PASSWORD})).location == "/desk"


async def test_a_directorys_form_of_another_site_signs_nobody_in(world: World, visitor: Browser) -> None:
    await visitor.get("/sign-in")
    answer = await visitor.post("/sign-on/ad", {"login": "zhou", "password": PASSWORD, "csrf": "00" * 64})
    assert answer.status == 403
    assert cookies.OFFICER not in visitor.cookies


async def test_the_provider_itself_ends_sessions_without_any_cookie_of_ours(world: World, visitor: Browser) -> None:
    client = visitor.client
    sent = await client.post("/sign-on/keycloak/logout", data={"logout_token": "signed"})
    assert (sent.status, sent.headers["Cache-Control"]) == (200, "no-store")
    assert world.sign_on.ended == ["keycloak"]
    for body in ({"logout_token": "forged"}, {}, {"logout_token": ""}):
        sent = await client.post("/sign-on/keycloak/logout", data=body)
        assert (sent.status, await sent.json()) == (400, {"error": "invalid_request"})
    assert (await client.post("/sign-on/keycloak/logout", json={"logout_token": "signed"})).status == 400
    assert (await client.get("/sign-on/keycloak/logout")).status == 405


async def test_six_digits_are_asked_for_where_the_provider_asked_for_none(world: World, visitor: Browser) -> None:
    world.identity.owed["zhou"] = ["code"]
    await visitor.get("/sign-on/keycloak?next=/desk")
    page = await visitor.follow(await visitor.get("/sign-on/keycloak/back?state=s1&code=zhou"))
    assert page.location == "/sign-in/finish?next=/desk"
    asked = await visitor.follow(page)
    assert "recognised by the unified sign-on" in asked.text
    assert (await visitor.post("/sign-in/finish/code", {"code": "000000"})).status == 422
    first = visitor.cookies[cookies.OFFICER]
    assert (await visitor.post("/sign-in/finish/code", {"code": CODE, "next": "/desk"})).location == "/desk"
    assert visitor.cookies[cookies.OFFICER] != first
    assert (await visitor.get("/desk")).status == 200


async def test_an_administrator_sees_how_an_account_signs_in_and_links_it(world: World, visitor: Browser) -> None:
    admin = await another_of(visitor, world.identity.token("admin"))
    page = await admin.get(f"/officers/{ZHOU.id}")
    assert "With a password kept here" in page.text
    sent = {"provider": "keycloak", "subject": "f2c1e8f0"}
    assert (await admin.post(f"/officers/{ZHOU.id}/sign-on", sent | {"subject": ""})).status == 422
    assert (await admin.post(f"/officers/{ZHOU.id}/sign-on", sent | {"provider": "other"})).status == 422
    page = await admin.follow(await admin.post(f"/officers/{ZHOU.id}/sign-on", sent))
    assert "as f2c1e8f0" in page.text
    assert "市局统一登录" in (await admin.get("/officers")).text
    taken = await admin.post(f"/officers/{ZHOU.id}/sign-on", sent)
    assert (taken.status, "linked to another account already" in taken.text) == (422, True)
    ended = {"issuer": "https://login.example", "subject": "f2c1e8f0"}
    page = await admin.follow(await admin.post(f"/officers/{ZHOU.id}/sign-on/end", ended))
    assert "as f2c1e8f0" not in page.text


async def test_nobody_links_their_own_account(world: World, visitor: Browser) -> None:
    admin = await another_of(visitor, world.identity.token("admin"))
    page = await admin.get(f"/officers/{ADMIN.id}")
    assert "How this account signs in" in page.text
    assert f"/officers/{ADMIN.id}/sign-on" not in page.text


async def test_who_has_no_password_here_is_asked_for_none(world: World, visitor: Browser) -> None:
    world.identity.accounts["zhou"] = Account(replace(ZHOU, totp=True), "")
    zhou = await another_of(visitor, world.identity.token("zhou"))
    page = await zhou.get("/account")
    assert 'type="password"' not in page.text
    assert "None is kept here" in page.text
    assert 'id="password"' not in (await zhou.get("/account/signature")).text
