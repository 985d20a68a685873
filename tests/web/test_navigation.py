"""What leads to the desk's pages: only to what opens, all of it, and the daily work without opening a heading."""

from __future__ import annotations

import re

import pytest

from offices import Officer
from tests.web.client import AiohttpClient, browser
from tests.web.fakes import ADMIN, LIN, ZHOU, World
from web.http import cookies
from web.http.security import access_map
from web.rendering import ENTRIES, navigation


@pytest.mark.parametrize("officer", [ZHOU, LIN, ADMIN], ids=lambda one: one.role)
async def test_every_page_that_is_named_opens_and_says_where_one_is(
    aiohttp_client: AiohttpClient, officer: Officer
) -> None:
    world = World()
    person = await browser(aiohttp_client, world.app())
    person.sign_in(world.identity.token(officer.login))
    person.cookies[cookies.LANGUAGE] = "en"
    for group in navigation(officer):
        for one in group.entries:
            page = await person.get(one.path)
            assert page.status == 200, one.path
            head = page.text[page.text.index("<header") : page.text.index("</header>")]
            assert re.findall(r'href="([^"]+)" aria-current="page"', head) == [one.path]
            open_headings = re.findall(r'<summary aria-current="true">([^<]+)<', head)
            assert open_headings == ([group.name] if group.name else []), one.path


def test_nothing_is_named_that_a_route_refuses() -> None:
    accesses = access_map(World().app())
    for one in ENTRIES:
        roles = accesses["GET", one.path].roles
        assert not roles or set(one.roles) <= set(roles), one.path
        assert set(one.first) <= set(one.roles), one.path


@pytest.mark.parametrize("officer", [ZHOU, LIN, ADMIN], ids=lambda one: one.role)
def test_each_page_is_named_once_and_no_heading_holds_a_single_one(officer: Officer) -> None:
    groups = navigation(officer)
    paths = [one.path for group in groups for one in group.entries]
    assert sorted(paths) == sorted({one.path for one in ENTRIES if officer.role in one.roles})
    assert all(len(group.entries) > 1 for group in groups if group.name)
    assert not groups[0].name  # the daily work comes first
