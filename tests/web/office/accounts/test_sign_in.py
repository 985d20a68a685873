"""Signing in, the first administrator, and what each role may open."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import ip_network

import pytest
from aiohttp import web

from tests.web.client import AiohttpClient, Browser, browser
from tests.web.fakes import CODE, PASSWORD, ZHOU, Account, World
from web.http import cookies
from web.http.security import PROXIES, Proxies
from web.office.oversight import SETUP_SECRET


@pytest.fixture
def world() -> World:
    return World()


async def test_the_desk_leads_to_signing_in_and_back_again(world: World, aiohttp_client: AiohttpClient) -> None:
    visitor = await browser(aiohttp_client, world.app())
    page = await visitor.follow(await visitor.get("/desk"))
    assert 'name="next" value="/desk"' in page.text
    answer = await visitor.post("/sign-in", {"login": "zhou", "password": PASSWORD, "next": "/desk"})
    assert answer.location == "/desk"
    assert (await visitor.follow(answer)).status == 200


async def test_nobody_is_led_to_another_site_after_signing_in(world: World, aiohttp_client: AiohttpClient) -> None:
    visitor = await browser(aiohttp_client, world.app())
    await visitor.get("/sign-in")
    answer = await visitor.post("/sign-in", {"login": "zhou", "password": PASSWORD, "next": "//evil.example/"})
    assert answer.location == "/"


async def test_a_wrong_password_keeps_the_name_but_not_the_password(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    visitor = await browser(aiohttp_client, world.app())
    await visitor.get("/sign-in")
    answer = await visitor.post("/sign-in", {"login": "zhou", "password": "nearly right"})
    assert answer.status == 422
    assert "Name or password is not right" in answer.text
    assert 'value="zhou"' in answer.text
    assert "nearly right" not in answer.text
    assert cookies.OFFICER not in visitor.cookies


async def test_the_second_factor_is_asked_for_when_it_is_on(world: World, aiohttp_client: AiohttpClient) -> None:
    world.identity.accounts["zhou"] = Account(replace(ZHOU, totp=True), PASSWORD)
    visitor = await browser(aiohttp_client, world.app())
    assert 'name="totp"' not in (await visitor.get("/sign-in")).text
    asked = await visitor.post("/sign-in", {"login": "zhou", "password": PASSWORD})
    assert 'name="totp"' in asked.text
    assert cookies.OFFICER not in visitor.cookies
    answer = await visitor.post("/sign-in", {"login": "zhou", "password": PASSWORD, "totp": CODE})
    assert answer.status == 303


async def test_signing_out_ends_the_session_on_the_server(world: World, aiohttp_client: AiohttpClient) -> None:
    visitor = await signed_in(world, aiohttp_client, "zhou")
    token = visitor.cookies[cookies.OFFICER]
    await visitor.get("/desk")
    assert (await visitor.post("/sign-out")).location == "/sign-in"
    visitor.sign_in(token)
    assert (await visitor.get("/desk")).status == 303


@pytest.mark.parametrize(("login", "start"), [("zhou", "/desk"), ("lin", "/focus"), ("admin", "/officers")])
async def test_every_role_starts_where_its_work_is(
    world: World, aiohttp_client: AiohttpClient, login: str, start: str
) -> None:
    visitor = await signed_in(world, aiohttp_client, login)
    answer = await visitor.get("/")
    assert answer.location == start
    assert (await visitor.follow(answer)).status == 200


@pytest.mark.parametrize(
    ("login", "path"),
    [
        ("lin", "/desk"),
        ("lin", "/sessions/m1"),
        ("lin", "/outbox"),
        ("lin", "/officers"),
        ("zhou", "/officers"),
        ("admin", "/complaints"),
        ("admin", "/audit"),
        ("admin", "/sessions/m1"),
    ],
)
async def test_a_role_does_not_open_what_is_not_its_work(
    world: World, aiohttp_client: AiohttpClient, login: str, path: str
) -> None:
    visitor = await signed_in(world, aiohttp_client, login)
    assert (await visitor.get(path)).status == 403


async def test_an_empty_installation_asks_for_its_first_administrator(aiohttp_client: AiohttpClient) -> None:
    visitor, world = await empty(aiohttp_client)
    assert (await visitor.get("/")).location == "/setup"
    await visitor.get("/setup")
    answer = await visitor.post("/setup", OFFICE | {"secret": "printed-at-start", "password": LONG, "again": LONG})
    assert answer.location == "/"
    assert (await visitor.get("/")).location == "/officers", "signed in, where mediators are added"
    assert [a.officer.role for a in world.identity.accounts.values()] == ["administrator"]
    assert (await visitor.get("/setup")).location == "/"  # never again


async def test_who_cannot_read_the_programs_output_cannot_become_administrator(aiohttp_client: AiohttpClient) -> None:
    visitor, world = await empty(aiohttp_client)
    await visitor.get("/setup")
    answer = await visitor.post("/setup", OFFICE | {"secret": "a guess", "password": LONG, "again": LONG})
    assert answer.status == 422
    assert "This is not the setup code" in answer.text
    assert 'value="何管"' in answer.text  # what was typed is kept
    assert await world.identity.empty()


async def test_without_a_setup_secret_nothing_can_be_set_up(aiohttp_client: AiohttpClient) -> None:
    visitor, world = await empty(aiohttp_client, secret="")
    await visitor.get("/setup")
    await visitor.post("/setup", OFFICE | {"secret": "", "password": LONG, "again": LONG})
    assert await world.identity.empty()


async def test_what_is_wrong_with_the_first_administrator_is_said_above_its_field(
    aiohttp_client: AiohttpClient,
) -> None:
    visitor, world = await empty(aiohttp_client)
    await visitor.get("/setup")
    good = OFFICE | {"secret": "printed-at-start", "password": LONG, "again": LONG}
    for wrong, field, said in (
        ({"login": "许 可"}, "login", "small letters, digits"),
        ({"password": "short", "again": "short"}, "password", "at least 12 characters"),
        ({"password": "", "again": ""}, "password", "fill this in"),
        ({"again": LONG + "x"}, "again", "not the same"),
        ({"office_phone": "12"}, "office_phone", "not look like a phone"),
    ):
        page = await visitor.post("/setup", good | wrong)
        assert page.status == 422
        assert re.search(f'id="{field}-error"[^>]*>.*?{said}', page.text, re.S), field
        assert LONG not in page.text
        assert 'value="何管"' in page.text
    assert await world.identity.empty()


LONG = "好长的一个密码2026"
OFFICE = {
    "office_name": "东湖高新区市场监管一所",
    "office_short": "一所",
    "office_phone": "027-0000 1201",
    "number_prefix": "东高一投",
    "login": "admin",
    "name": "何管",
}


async def empty(aiohttp_client: AiohttpClient, secret: str = "printed-at-start") -> tuple[Browser, World]:
    world = World()
    world.identity.accounts.clear()

    def with_secret(app: web.Application) -> None:
        if secret:
            app[SETUP_SECRET] = secret

    return await browser(aiohttp_client, world.app(with_secret)), world


async def signed_in(world: World, aiohttp_client: AiohttpClient, login: str) -> Browser:
    visitor = await browser(aiohttp_client, world.app())
    visitor.sign_in(world.identity.token(login))
    return visitor


async def test_behind_a_trusted_proxy_tries_are_counted_by_the_persons_own_address(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    def trusting(app: web.Application) -> None:
        app[PROXIES] = Proxies((ip_network("127.0.0.1"),))

    form = {"login": "zhou", "password": PASSWORD}
    for app, counted in ((world.app(trusting), "198.51.100.7"), (world.app(), "127.0.0.1")):
        visitor = await browser(aiohttp_client, app)
        await visitor.get("/sign-in")
        await visitor.post("/sign-in", form, **{"X-Forwarded-For": "192.0.2.66, 198.51.100.7"})
        assert world.identity.asked_from.pop() == counted
