"""Notes beside a record: a supervisor's, about a moment, corrected by further ones."""

from __future__ import annotations

import pytest

from rooms import events as e
from tests.web.client import AiohttpClient, Browser
from tests.web.fakes import World
from tests.web.office.audit.records import (
    TRACK,
    lin as lin,  # a fixture
    officer,
    world as world,  # a fixture
)


async def test_a_supervisor_notes_something_about_a_moment(world: World, lin: Browser) -> None:
    await lin.get("/audit/s1")
    answer = await lin.post("/audit/s1/notes", {"text": "第二条没有念", "at": "23:40", "t": "1420"})
    assert answer.location == "/audit/s1?t=1420#notes"
    assert world.sessions.events("s1")[-1] == e.NoteAdded("第二条没有念", 1_480_000)  # the recording began at 1:00
    page = await lin.get("/audit/s1")
    note = page.text[page.text.index('<ol class="notes">') :]
    assert 'data-seek="1420.0">23:40</a> <span class="said">第二条没有念</span>' in note
    assert "Noted: 第二条没有念" in page.text  # in the journal


async def test_a_note_is_corrected_by_a_further_one(world: World, lin: Browser) -> None:
    await lin.get("/audit/s1")
    await lin.post("/audit/s1/notes", {"text": "第二条没有念", "at": "23:40"})
    number = len(world.sessions.streams["s1"])
    await lin.get("/audit/s1")
    answer = await lin.post("/audit/s1/notes", {"text": "念了", "at": "24:02", "corrects": str(number)})
    assert answer.status == 303
    assert world.sessions.events("s1")[-1] == e.NoteAdded("念了", 1_502_000, number)
    page = await lin.get("/audit/s1")
    assert 'class="corrected"' in page.text
    assert "corrected later" in page.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"text": "  ", "at": ""}, "Please fill this in."),
        ({"text": "念了", "at": "soon"}, "Write the moment as minutes and seconds"),
        ({"text": "念了", "at": "999:99"}, "Write the moment as minutes and seconds"),
        ({"text": "x" * 2001, "at": ""}, "This is too long"),
    ],
)
async def test_a_note_that_cannot_be_taken_says_why_and_keeps_what_was_typed(
    world: World, lin: Browser, typed: dict[str, str], said: str
) -> None:
    await lin.get("/audit/s1")
    answer = await lin.post("/audit/s1/notes", typed)
    assert answer.status == 422
    assert said in answer.text
    assert typed["text"].strip()[:100] in answer.text
    assert not any(isinstance(event, e.NoteAdded) for event in world.sessions.events("s1"))


async def test_a_note_about_no_note_is_refused(lin: Browser) -> None:
    await lin.get("/audit/s1")
    assert (await lin.post("/audit/s1/notes", {"text": "念了", "corrects": "3"})).status == 409


async def test_mediators_read_notes_and_write_none(world: World, lin: Browser, aiohttp_client: AiohttpClient) -> None:
    await lin.get("/audit/s1")
    await lin.post("/audit/s1/notes", {"text": "第二条没有念"})
    zhou = await officer(world, aiohttp_client, "zhou")
    page = await zhou.get("/audit/s1")
    assert "第二条没有念" in page.text
    assert 'action="/audit/s1/notes"' not in page.text
    assert (await zhou.post("/audit/s1/notes", {"text": "不同意"})).status == 403


async def test_nothing_else_in_the_record_can_be_posted_to(lin: Browser) -> None:
    await lin.get("/audit/s1")
    for path in ("/audit", "/audit/s1", "/audit/s1/journal", "/audit/s1/recording.mp4", TRACK):
        assert (await lin.post(path)).status in (404, 405), path
