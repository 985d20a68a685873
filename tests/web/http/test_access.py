"""Who may use which route: every route says so, and nobody else gets through. Generated from the route table."""

from __future__ import annotations

import re

import pytest
from aiohttp import web

from tests.web.client import AiohttpClient, Browser, another, browser
from tests.web.fakes import ADMIN, CODE, LIN, STRANGER, ZHOU, World
from web.http import cookies
from web.http.security import DECLARED, Access, Undeclared, access_map, anyone, check_declarations, declare

PEOPLE = {"nobody": None, "begun": None, "verified": None, "zhou": ZHOU, "lin": LIN, "admin": ADMIN}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def anybody(world: World, aiohttp_client: AiohttpClient) -> dict[str, Browser]:
    """One browser per kind of person."""
    first = await browser(aiohttp_client, world.app())
    people = {name: await another(first) for name in PEOPLE}
    for name, officer in PEOPLE.items():
        if officer is not None:
            people[name].sign_in(world.identity.token(officer.login))
    people["begun"].cookies[cookies.DEVICE] = await world.links.begin(world.link("s-consumer"))
    device = await world.links.begin(world.link("s-business"))
    await world.links.send_code(device, "")
    people["verified"].cookies[cookies.DEVICE] = await world.links.check_code(device, CODE, "")
    return people


def may(access: Access, name: str) -> bool:
    officer = PEOPLE[name]
    match access.who:
        case "anyone":
            return True
        case "officer":
            return officer is not None and (not access.roles or officer.role in access.roles)
        case "enrolling":
            return False  # web/office/accounts/test_finishing.py
        case "visitor":
            return False  # their codes are tests/server's
        case "system" | "sender":
            return False  # their tokens and signatures are tests/web/api's and tests/server/imports'
        case _:
            return name == "verified" or (name == "begun" and not access.verified)


def filled(path: str) -> str:
    """A route's path with ids that exist."""
    known = {"complaint": "c0", "session": "m1", "case": "k2", "form": "vtt"}
    return re.sub(r"\{(\w+)\}", lambda part: known.get(part[1], "s-consumer"), path)


async def test_nobody_gets_through_a_route_that_is_not_for_them(anybody: dict[str, Browser]) -> None:
    app = anybody["nobody"].client.server.app  # type: ignore[attr-defined]
    wrong = []
    for (method, path), access in sorted(access_map(app).items()):
        if method == "*" or access.self_checked:
            continue
        for name, person in anybody.items():
            if may(access, name):
                continue
            if method in ("GET", "HEAD"):
                answer = await person.get(filled(path), method=method)
            else:
                await person.get("/nowhere")  # for a form token of their own
                answer = await person.post(filled(path))
            sent_away = answer.status == 303 and answer.location.startswith(("/sign-in", "/join"))
            sent_away |= access.who == "enrolling" and answer.location == "/"  # nothing is owed
            if not sent_away and answer.status not in (401, 403):
                wrong.append((method, path, name, answer.status, answer.location))
    assert not wrong


async def test_another_offices_officer_finds_nothing_behind_an_id(world: World, anybody: dict[str, Browser]) -> None:
    stranger = await another(anybody["nobody"])
    stranger.sign_in(world.identity.token(STRANGER.login))
    app = stranger.client.server.app  # type: ignore[attr-defined]
    for (method, path), access in access_map(app).items():
        if access.who != "officer" or not re.search(r"\{(complaint|session|case)\}", path):
            continue
        if method in ("GET", "HEAD"):
            answer = await stranger.get(filled(path), method=method)
        else:
            await stranger.get("/nowhere")
            answer = await stranger.post(filled(path))
        assert answer.status in (403, 404), (method, path, answer.status)


async def test_a_route_that_does_not_say_who_may_use_it_keeps_the_program_from_starting(world: World) -> None:
    async def silent(request: web.Request) -> web.Response:
        return web.Response()

    app = world.app(lambda app: app.router.add_get("/silent", silent))
    with pytest.raises(Undeclared, match="/silent does not declare"):
        await check_declarations(app)
    declare(app, "*", "/silent", Access("anyone"))
    await check_declarations(app)
    assert ("*", "/silent") in app[DECLARED]


def test_a_declaration_is_what_the_decorator_says(world: World) -> None:
    @anyone
    async def page(request: web.Request) -> web.Response:
        return web.Response()

    app = world.app(lambda app: app.router.add_get("/page", page))
    assert access_map(app)["GET", "/page"] == Access("anyone")
    assert access_map(app)["HEAD", "/page"] == Access("anyone")
    assert access_map(app)["GET", "/join/device"] == Access("guest", verified=True)


async def test_an_officer_who_is_not_signed_in_comes_back_to_where_they_wanted(anybody: dict[str, Browser]) -> None:
    nobody = anybody["nobody"]
    app = nobody.client.server.app  # type: ignore[attr-defined]
    pages = [path for (method, path), access in access_map(app).items() if access.who == "officer" and method == "GET"]
    for path in pages:
        if not path.startswith("/api/"):
            answer = await nobody.get(filled(path) + "?page=2")
            assert answer.location.startswith("/sign-in?next=/"), path
