"""Taking a record along, as its page offers it."""

from __future__ import annotations

from pathlib import Path

import pytest

from recordings.files.encrypted_file_store import EncryptedFileStore
from tests.recordings.keyring import Keyring
from tests.web.client import AiohttpClient, Browser
from tests.web.fakes import World
from tests.web.office.audit import story
from tests.web.office.audit.records import of_this_office, officer


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World()
    made.sessions.streams["s1"] = of_this_office(story.told())
    made.shelf = EncryptedFileStore(tmp_path, Keyring())
    return made


@pytest.fixture
async def lin(world: World, aiohttp_client: AiohttpClient) -> Browser:
    return await officer(world, aiohttp_client, "lin")


async def test_a_supervisor_exports_and_downloads_and_the_look_is_noted(world: World, lin: Browser) -> None:
    page = await lin.get("/audit/s1?lang=en")
    assert "Export evidence package" in page.text
    asked = await lin.post("/audit/s1/exports", {"kind": "package"})
    assert asked.location == "/audit/s1#exports"
    page = await lin.get("/audit/s1")
    assert 'href="/audit/s1/exports/x1.zip"' in page.text
    assert "a" * 64 in page.text
    with (world.shelf.folder / "taken").open("wb") as file:
        file.write(b"PK\3\4")
    world.shelf.put("s1", "s1/exports/x1.zip", world.shelf.folder / "taken")
    answer = await lin.get("/audit/s1/exports/x1.zip")
    assert (answer.status, answer.text) == (200, "PK\3\4")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="yuntiao-evidence-s1.zip"'
    assert [event.data["part"] for event in world.sessions.streams["s1"] if event.type == "Viewed"][-1] == "package"


async def test_the_mediator_of_the_case_may_too_and_nobody_of_another_office(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    zhou = await officer(world, aiohttp_client, "zhou")
    await zhou.get("/audit/s1")
    assert (await zhou.post("/audit/s1/exports", {"kind": "masked"})).status == 303
    stranger = await officer(world, aiohttp_client, "other")
    for path in ("/audit/s1/exports/x1.zip", "/audit/s1/exports/x1.json"):
        assert (await stranger.get(path)).status == 404
    assert (await stranger.post("/audit/s1/exports", {"kind": "package"})).status == 404
    assert len(world.exports.made["s1"]) == 1


async def test_what_is_not_there_cannot_be_taken(lin: Browser) -> None:
    assert (await lin.get("/audit/s1/exports/none.zip")).status == 404
    assert (await lin.get("/audit/s1/exports/none.json")).status == 404


async def test_only_what_there_is_can_be_asked_for(world: World, lin: Browser) -> None:
    await lin.get("/audit/s1")
    assert (await lin.post("/audit/s1/exports", {"kind": "everything"})).status == 404
    assert world.exports.made == {}


async def test_a_session_that_goes_on_offers_no_export(world: World, lin: Browser) -> None:
    world.sessions.streams["s1"] = world.sessions.streams["s1"][:20]
    assert "/exports" not in (await lin.get("/audit/s1")).text
