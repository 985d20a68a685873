"""The page on which a mediator chooses what the record quotes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recordings.transcripts.condensing import Rule
from recordings.transcripts.statements import RecordDraft
from rooms.session import StatementAnswer
from tests.web.client import AiohttpClient, Browser
from tests.web.fakes import World
from tests.web.fakes.records.statements import line
from tests.web.office.audit import story
from tests.web.office.audit.records import officer, world as world

PAGE = "/audit/s1/statements"
CLAIM, OFFER = "我要求退款三千六", "我最多让到两千"


@pytest.fixture
async def zhou(world: World, aiohttp_client: AiohttpClient) -> Browser:
    rows = (
        line("l1", "seat-c", story.at(2), CLAIM, Rule.CLAIM, Rule.AMOUNT),
        line("l2", "seat-c", story.at(3), OFFER, Rule.OFFER, taken=False),
    )
    world.statements.now = RecordDraft(rows, True, 3, 0, "preparing")
    return await officer(world, aiohttp_client, "zhou")


async def test_each_sentence_says_whose_it_is_when_and_why_it_is_proposed(zhou: Browser) -> None:
    page = await zhou.get(PAGE)
    assert page.status == 200
    for part in (CLAIM, "a claim", "an amount", 'data-seek="60.0"', "One sentence left out", "an offer to settle"):
        assert part in page.text, part
    assert "3 lines of private talks were not looked at" in page.text


async def test_a_press_leaves_a_sentence_out_and_comes_back_to_it(world: World, zhou: Browser) -> None:
    await zhou.get(PAGE)
    answer = await zhou.post(f"{PAGE}/l1", {"taken": "no"})
    assert (answer.status, answer.location) == (303, f"{PAGE}#s-l1")
    assert world.statements.decided == [("l1", False, CLAIM)]
    assert "2 sentences left out" in (await zhou.get(PAGE)).text
    assert (await zhou.post(f"{PAGE}/l1", {"taken": "perhaps"})).status == 422


async def test_what_is_edited_goes_as_it_was_typed(world: World, zhou: Browser) -> None:
    await zhou.get(PAGE)
    await zhou.post(f"{PAGE}/l1", {"taken": "yes", "text": "请求退款3,600元"})
    assert world.statements.decided == [("l1", True, "请求退款3,600元")]


async def test_what_they_object_to_and_what_is_the_mediators_own_stands_beside_the_sentence(
    world: World, zhou: Browser
) -> None:
    first, second = world.statements.now.rows
    wrong = StatementAnswer("x", False, "是三千八", story.at(50))
    changed = replace(first, text="请求退款3,600元", own=True, objected=wrong)
    world.statements.now = replace(world.statements.now, rows=(changed, replace(second, model="qwen")), undoable=1)
    page = await zhou.get(PAGE)
    for part in (
        "How it was: 是三千八",
        "your wording, not a quotation",
        f"Heard: {CLAIM}",
        "proposed by the language model qwen",
        "Undo the last choice",
    ):
        assert part in page.text, part


async def test_sending_and_sealing_lead_to_the_mediations_page(world: World, zhou: Browser) -> None:
    await zhou.get(PAGE)
    assert (await zhou.post("/audit/s1/record/send", {})).location == "/sessions/s1#signing"
    assert (await zhou.post("/audit/s1/record/seal", {})).location == "/sessions/s1#documents"
    assert (await zhou.post("/audit/s1/record/burn", {})).status == 404
    assert world.statements.done == ["send", "seal"]


async def test_what_fails_is_said_above_the_sentences_and_nothing_is_lost(world: World, zhou: Browser) -> None:
    world.statements.now = replace(world.statements.now, model="qwen")
    world.statements.refuse = "condenser_failed"
    await zhou.get(PAGE)
    page = await zhou.post("/audit/s1/record/propose", {})
    assert page.status == 502
    assert "The language model gave nothing usable this time" in page.text
    assert CLAIM in page.text


async def test_once_sealed_there_is_nothing_to_press(world: World, zhou: Browser) -> None:
    world.statements.now = replace(world.statements.now, stage="sealed")
    page = await zhou.get(PAGE)
    assert "This record is sealed" in page.text
    assert "data-choose" not in page.text


async def test_without_a_transcript_the_page_says_so_and_the_record_can_still_be_made(
    world: World, zhou: Browser
) -> None:
    world.statements.now = RecordDraft((), False, 0, 0, "preparing")
    page = await zhou.get(PAGE)
    assert "There is no transcript of this mediation yet." in page.text
    assert "Seal it without their signatures" in page.text


async def test_without_a_recording_it_says_that_the_record_quotes_what_was_written(world: World, zhou: Browser) -> None:
    events = world.sessions.streams["s1"]
    world.sessions.streams["s1"] = [
        event for event in events if event.type not in ("SegmentSealed", "RecordingComposed")
    ]
    row = line("w12", "seat-c", story.at(2), CLAIM, Rule.CLAIM)
    world.statements.now = RecordDraft((row,), False, 0, 0, "preparing")
    page = await zhou.get(PAGE)
    for part in ("what was written to everybody", "written, 2", CLAIM):
        assert part in page.text, part
    assert "There is no transcript" not in page.text
    assert "data-play" not in page.text
    world.statements.now = RecordDraft((), False, 0, 0, "preparing")
    assert "the record quotes nothing" in (await zhou.get(PAGE)).text
