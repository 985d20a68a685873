"""Every page leads to a place of the manual: the table of `web.help` knows every route that answers a page."""

from __future__ import annotations

import re

import pytest
from aiohttp import web

from journal.refusals import Refused
from tests.web.client import AiohttpClient, browser
from tests.web.fakes import World
from web.help import CHAPTERS, PLACES, STAFF
from web.http.security import anyone

# What answers a GET and is no page: data, pictures, files, and the manual itself.
NO_PAGE = re.compile(
    r"^/(api|scim|static|help|socket\.io)(/|$)|\.(json|svg|ics|vtt|mp4|pdf|png|xlsx|csv|zip|\{ending\}|\{form\})$"
    r"|^/(alerts(/socket)?|follow/alive|c-file/.*|log/.+|verify-document/certificates|supervision/plans/.*/draw\.json)$"
    r"|/(files|attachments|tracks|exhibits|documents)/\{|/file$|^/casebook/book/\{year\}/\{form\}$"
    r"|/appraisals/\{list\}/certificate$|^/sign-in/finish/"
)


def pages(app: web.Application) -> dict[str, str]:
    """Name -> path of each route that answers a page."""
    found = {}
    for route in app.router.routes():
        path = route.resource.canonical if route.resource else ""
        if route.method == "GET" and not NO_PAGE.search(path):
            found[(route.resource.name if route.resource else "") or path] = path
    return found


def test_every_page_has_a_place_in_the_manual() -> None:
    without = [f"{path} (the route {name})" for name, path in pages(World().app()).items() if name not in PLACES]
    assert not without, (
        "No help belongs to these pages: add a line to PLACES in web/help/__init__.py that names a chapter and an "
        "anchor of docs/manual, or, where it answers no page, to NO_PAGE here.\n" + "\n".join(without)
    )


def test_the_table_names_no_route_that_is_not_there() -> None:
    routes = {route.resource.name for route in World().app().router.routes() if route.resource}
    assert PLACES.keys() - routes == set()


async def test_a_page_says_where_its_help_is_in_its_head_and_by_a_button(aiohttp_client: AiohttpClient) -> None:
    world = World()
    person = await browser(aiohttp_client, world.app())
    for path, place in {"/sign-in": "clerk#sign-in", "/public": "consumer#public", "/log": "consumer#verify"}.items():
        text = (await person.get(path)).text
        assert f'<link rel="help" href="/help/{place}">' in text
        assert re.search(
            rf'<a class="btn btn-quiet help-button" href="/help/{place}" target="_blank"[^>]*>\?</a>', text
        )


async def test_the_same_page_leads_each_role_to_its_own_task(aiohttp_client: AiohttpClient) -> None:
    for login, place in {"zhou": "mediator#calendar", "lin": "supervisor#calendar"}.items():
        world = World()
        person = await browser(aiohttp_client, world.app())
        person.sign_in(world.identity.token(login))
        assert f'<link rel="help" href="/help/{place}">' in (await person.get("/calendar")).text


async def test_a_form_that_is_shown_again_leads_to_the_help_of_its_page(aiohttp_client: AiohttpClient) -> None:
    world = World()
    person = await browser(aiohttp_client, world.app())
    person.sign_in(world.identity.token("admin"))
    await person.get("/account")
    again = await person.post("/account/password", {"present": "", "new": "x", "again": "y"})
    assert '<link rel="help" href="/help/clerk#account">' in again.text


async def test_a_party_is_led_to_the_chapter_of_their_own_side(aiohttp_client: AiohttpClient) -> None:
    for seat, chapter in {"s-consumer": "consumer", "s-business": "business"}.items():
        world = World()
        person = await browser(aiohttp_client, world.app())
        link = f"/j/{world.link(seat)}"
        await person.get(link)
        await person.post(f"{link}/start")
        assert f'<link rel="help" href="/help/{chapter}#code">' in (await person.get("/join/code")).text


async def test_an_error_page_leads_to_help_too(aiohttp_client: AiohttpClient) -> None:
    @anyone
    async def broken(request: web.Request) -> web.StreamResponse:
        raise Refused("not_found", 404)

    world = World()
    person = await browser(aiohttp_client, world.app(lambda app: app.router.add_get("/broken", broken)))
    for path in ("/broken", "/nowhere"):
        assert '<link rel="help" href="/help/consumer">' in (await person.get(path)).text


@pytest.mark.parametrize("name", CHAPTERS)
async def test_every_chapter_is_read_without_signing_in(name: str, aiohttp_client: AiohttpClient) -> None:
    person = await browser(aiohttp_client, World().app())
    for language in ("zh", "en"):
        answer = await person.get(f"/help/{name}?lang={language}")
        assert answer.status == 200
        assert answer.text.count('<section class="help-section') >= 10


async def test_the_staffs_chapters_are_listed_to_staff_only(aiohttp_client: AiohttpClient) -> None:
    person = await browser(aiohttp_client, World().app())
    text = (await person.get("/help")).text + (await person.get("/help/consumer")).text
    assert not [name for name in STAFF if f"/help/{name}" in text]


async def test_one_section_comes_as_the_dialog_that_pages_lay_over_themselves(aiohttp_client: AiohttpClient) -> None:
    person = await browser(aiohttp_client, World().app())
    text = (await person.get("/help/consumer?part=photos&lang=en")).text
    dialog = text.partition("<dialog")[2].partition("</dialog>")[0]
    assert "Choose photos" not in dialog
    assert "Take or choose photos" in dialog
    assert 'href="/help/consumer#photos"' in dialog
    assert "<dialog" in (await person.get("/help/consumer?part=nothing")).text
    assert (await person.get("/help/nobody")).status == 404


async def test_a_picture_that_nobody_took_leaves_nothing_behind(aiohttp_client: AiohttpClient) -> None:
    person = await browser(aiohttp_client, World().app())
    text = (await person.get("/help/consumer")).text
    assert "picture://" not in text
    assert "<p></p>" not in text


async def test_the_list_of_keys_is_told_in_both_languages(aiohttp_client: AiohttpClient) -> None:
    person = await browser(aiohttp_client, World().app())
    assert "下一阶段" in (await person.get("/help/keys?lang=zh")).text
    assert "Next phase" in (await person.get("/help/keys?lang=en")).text
