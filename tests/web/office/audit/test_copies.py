"""A copy of the recording as officers ask for it and take it: theirs alone, and never unnoted."""

from __future__ import annotations

import pytest

from recordings.views import RecordingState
from rooms import events as e
from tests.web.client import AiohttpClient, Browser
from tests.web.fakes import LIN, World
from tests.web.office.audit.records import lin, officer, world

__all__ = ["lin", "world"]


async def test_a_copy_is_asked_for_waited_for_and_taken(world: World, lin: Browser) -> None:
    page = await lin.get("/audit/s1/copy")
    assert "You have no copy of this recording." in page.text
    page = await lin.follow(await lin.post("/audit/s1/copy"))
    assert "The copy waits for its turn." in page.text
    assert f"In the picture stands: {LIN.name} {LIN.office.name}" in page.text
    assert 'http-equiv="refresh"' in page.text
    assert "Make a copy" not in page.text  # one at a time

    world.copies.finish(LIN, "s1")
    page = await lin.get("/audit/s1/copy")
    assert 'href="/audit/s1/copy/copy-0.mp4"' in page.text
    assert 'http-equiv="refresh"' not in page.text
    before = len(world.sessions.streams["s1"])
    taken = await lin.get("/audit/s1/copy/copy-0.mp4")
    assert taken.text == world.copies.data.decode()
    assert taken.headers["Content-Disposition"].startswith('attachment; filename="session-s1-')
    assert taken.headers["Cache-Control"] == "no-store"
    (noted,) = world.sessions.streams["s1"][before:]
    assert (noted.type, noted.actor) == ("Exported", LIN.actor)


async def test_nobody_takes_another_officers_copy_or_one_of_a_foreign_office(
    world: World, lin: Browser, aiohttp_client: AiohttpClient
) -> None:
    await lin.get("/audit/s1/copy")
    await lin.post("/audit/s1/copy")
    world.copies.finish(LIN, "s1")
    zhou = await officer(world, aiohttp_client, "zhou")
    assert (await zhou.get("/audit/s1/copy/copy-0.mp4")).status == 404
    stranger = await officer(world, aiohttp_client, "other")
    for path in ("/audit/s1/copy", "/audit/s1/copy/copy-0.mp4"):
        assert (await stranger.get(path)).status == 404
    assert "Exported" not in [event.type for event in world.sessions.streams["s1"]]


@pytest.mark.parametrize("state", ["none", "composing", "failed"])
async def test_without_a_video_there_is_nothing_to_copy(world: World, lin: Browser, state: str) -> None:
    world.reads.recordings["s1"] = RecordingState(state, 0.5, None)  # type: ignore[arg-type]
    page = await lin.get("/audit/s1/copy")
    assert "Make a copy" not in page.text
    answer = await lin.post("/audit/s1/copy")
    assert answer.status == 409


async def test_a_foreign_form_makes_no_copy(world: World, lin: Browser) -> None:
    answer = await lin.post("/audit/s1/copy", {"csrf": "00"})
    assert answer.status == 403
    assert not world.copies.made


def test_an_export_is_an_entry_people_can_read() -> None:
    from rooms.events import KINDS

    assert KINDS["Exported"] is e.Exported
