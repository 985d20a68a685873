"""A map is taken in from a file: looked at, put in force, taken back; and what cannot be taken says why."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.web.client import AiohttpClient, Browser, another, browser
from tests.web.fakes import ADMIN, ZHOU, World


def geojson(*codes: str, x: float = 114.0) -> bytes:
    features = [
        {
            "properties": {"adcode": code},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[x + n, 30], [x + n + 1, 30], [x + n + 1, 31], [x + n, 31], [x + n, 30]]],
            },
        }
        for n, code in enumerate(codes)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@pytest.fixture
async def admin(aiohttp_client: AiohttpClient) -> Browser:
    world = World()
    one = await browser(aiohttp_client, world.app())
    one.sign_in(world.identity.token(ADMIN.login))
    await one.get("/map?lang=en")
    return one


async def test_a_map_is_looked_at_before_it_is_in_force_and_can_be_taken_back(admin: Browser) -> None:
    assert "There is no map" in (await admin.get("/map")).text
    assert (await admin.upload("/map/file", "a.geojson", geojson("420111"))).location == "/map"
    page = await admin.get("/map")
    assert "It is not in force yet." in page.text
    assert "洪山区" in page.text
    assert "There is no map" in page.text
    await admin.post("/map", {"do": "use"})
    await admin.upload("/map/file", "b.geojson", geojson("420115"))
    await admin.post("/map", {"do": "use"})
    assert "江夏区" in (await admin.get("/map")).text
    await admin.post("/map", {"do": "back"})
    page = await admin.get("/map")
    assert "洪山区" in page.text
    assert "江夏区" not in page.text
    await admin.post("/map", {"do": "back"})  # and the other way again
    assert "江夏区" in (await admin.get("/map")).text
    await admin.post("/map", {"do": "forget"})
    page = await admin.get("/map")
    assert "There is no map" in page.text
    assert "Restore the previous map" in page.text


async def test_what_was_discarded_is_not_used(admin: Browser) -> None:
    await admin.upload("/map/file", "a.geojson", geojson("420111"))
    await admin.post("/map", {"do": "discard"})
    assert (await admin.post("/map", {"do": "use"})).status == 409


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no json", "This is not a GeoJSON file."),
        (b'{"type": "FeatureCollection", "features": []}', "There is nothing in this file."),
        (geojson("999999"), "An area has no GB/T 2260 code that exists"),
        (geojson("420111", x=10.0), "It is area 1 of the file."),
        (b" " * 8_000_001, "The file is larger than 8 MB."),
        (geojson(*["420111"] * 501), "There are more than 500 areas in it."),
    ],
)
async def test_what_cannot_be_taken_says_why_and_changes_nothing(admin: Browser, content: bytes, said: Any) -> None:
    answer = await admin.upload("/map/file", "a.geojson", content)
    assert answer.status == 422
    assert said in answer.text
    assert "Preview" not in answer.text


async def test_only_an_administrator_takes_a_map(aiohttp_client: AiohttpClient, admin: Browser) -> None:
    world = World()
    zhou = await another(await browser(aiohttp_client, world.app()))
    zhou.sign_in(world.identity.token(ZHOU.login))
    assert (await zhou.get("/map")).status == 403
