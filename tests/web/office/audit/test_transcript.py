"""A transcript beside its film: who sees it, what can be done with it, and what is said where there is none."""

from __future__ import annotations

import io
import zipfile

import pytest
from markupsafe import escape

from recordings.views import FoundLine, TranscriptHit, TranscriptStage, TranscriptState
from rooms.vocabulary import Role
from tests.web.client import AiohttpClient, Browser
from tests.web.fakes import LIN, World
from tests.web.fakes.desk.reads import session_row
from tests.web.office.audit.records import lin, officer, world
from tests.web.office.audit.story import at
from web.office.audit.transcript import marked

__all__ = ["lin", "world"]
PATH = "/audit/s1/transcript"
LINES = f"{PATH}/lines"


def heard(world: World) -> None:
    world.transcripts.put("s1", at(0), ("s-mediator", 60, "我们开始<调解>"), ("s-consumer", 65, "退我三千圆"))


async def test_lines_stand_beside_the_film_and_the_look_is_noted(world: World, lin: Browser) -> None:
    heard(world)
    record = await lin.get("/audit/s1")
    assert f'href="{PATH}"' in record.text
    before = len(world.sessions.streams["s1"])
    page = await lin.get(PATH)
    assert "Machine transcript, not confirmed" in page.text
    assert "whisper-base" in page.text
    assert "abababababababab" in page.text
    assert "我们开始&lt;调解&gt;" in page.text
    assert page.text.count("data-from=") == 2
    assert 'id="film"' in page.text
    (look,) = world.sessions.streams["s1"][before:]
    assert (look.type, look.data["part"], look.actor.id) == ("Viewed", "transcript", LIN.id)


async def test_a_supervisor_corrects_nothing_and_the_mediator_does(
    world: World, lin: Browser, aiohttp_client: AiohttpClient
) -> None:
    heard(world)
    assert "transcript-edit" not in (await lin.get(PATH)).text
    assert (await lin.post(LINES, {"line": "2", "text": "改"})).status == 403
    zhou = await officer(world, aiohttp_client, "zhou")
    page = await zhou.get(PATH)
    assert page.text.count("transcript-edit") == 2
    page = await zhou.get(f"{PATH}?line=2")
    assert "What was really said" in page.text
    assert ">退我三千圆</textarea>" in page.text
    page = await zhou.follow(await zhou.post(LINES, {"line": "2", "text": "退我3000元"}))
    assert "退我3000元" in page.text
    assert "Corrected. The machine heard: 退我三千圆" in page.text
    page = await zhou.get(f"{PATH}?line=2")
    page = await zhou.follow(await zhou.post(LINES, {"line": "2", "text": "x", "undo": "1"}))
    assert "The machine heard" not in page.text


async def test_a_correction_that_is_too_long_is_not_lost(world: World, aiohttp_client: AiohttpClient) -> None:
    heard(world)
    zhou = await officer(world, aiohttp_client, "zhou")
    await zhou.get(PATH)
    page = await zhou.post(LINES, {"line": "2", "text": "长" * 501})
    assert page.status == 422
    assert "长" * 501 in page.text


async def test_copies_say_what_they_are_and_are_noted(world: World, lin: Browser) -> None:
    heard(world)
    captions = await lin.get(f"{PATH}.vtt")
    assert captions.text.startswith(
        "WEBVTT\n\nNOTE Machine transcript, not confirmed. Model: whisper-base, SHA-256 abab"
    )
    assert "我们开始&lt;调解&gt;" in captions.text
    assert captions.headers["Content-Disposition"] == 'attachment; filename="transcript-s1.vtt"'
    answer = await lin.client.get(f"{PATH}.docx", cookies=lin.cookies)
    with zipfile.ZipFile(io.BytesIO(await answer.read())) as parts:
        assert "退我三千圆" in parts.read("word/document.xml").decode()
    assert [event.type for event in world.sessions.streams["s1"]].count("Exported") == 2


async def test_nobody_of_another_office_sees_any_of_it(world: World, aiohttp_client: AiohttpClient) -> None:
    heard(world)
    stranger = await officer(world, aiohttp_client, "other")
    for path in (PATH, f"{PATH}.json", f"{PATH}.vtt", f"{PATH}.docx"):
        assert (await stranger.get(path)).status == 404, path


@pytest.mark.parametrize(
    ("state", "error", "said"),
    [
        ("no_model", "", "no speech model is installed on the server"),
        ("nobody", "", "nothing was recorded that may be transcribed"),
        ("queued", "", "waits for its turn"),
        ("working", "disk_full", "The disk is full. It goes on by itself"),
        ("failed", "model_unusable", "The speech model cannot be used"),
        ("failed", "speech_gone", "short of memory"),
        ("erased", "", "erased with the recording"),
    ],
)
async def test_where_there_is_none_the_page_says_why_and_what_to_do(
    world: World, lin: Browser, state: TranscriptStage, error: str, said: str
) -> None:
    world.transcripts.kept = TranscriptState(state, 0.4, error)
    page = await lin.get(PATH)
    assert page.status == 200
    assert said in page.text
    assert ("Try again" in page.text) == (state == "failed")
    told = (await lin.get(f"{PATH}.json")).text
    assert ('"composing"' in told) == (state == "working")


async def test_it_is_asked_for_once_a_model_is_there(world: World, lin: Browser) -> None:
    world.transcripts.kept = TranscriptState("unasked")
    assert "Make the transcript" in (await lin.get(PATH)).text
    page = await lin.follow(await lin.post(PATH))
    assert "waits for its turn" in page.text
    world.transcripts.kept = TranscriptState("no_model")
    await lin.get(PATH)
    refused = await lin.post(PATH)
    assert refused.status == 409
    assert "No speech model is installed" in refused.text


async def test_silence_is_said_to_be_silence(world: World, lin: Browser) -> None:
    world.transcripts.put("s1", at(0))
    assert "Nothing was heard" in (await lin.get(PATH)).text


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("要ABC牌的", "abc", "要<mark>ABC</mark>牌的"),
        ("<b>退款</b>", "退款", "&lt;b&gt;<mark>退款</mark>&lt;/b&gt;"),
        ("Straße退款", "退款", "Straße退款"),
        ("没有", "退款", "没有"),
    ],
)
def test_the_words_are_set_off_where_they_stand(text: str, words: str, shown: str) -> None:
    assert str(escape(marked(words, text))) == shown


async def test_what_is_found_across_sessions_is_a_look_at_each(
    world: World, lin: Browser, aiohttp_client: AiohttpClient
) -> None:
    heard(world)
    state = await world.sessions.state("s1")
    line = FoundLine("2", "丁小禾", Role.CONSUMER, "退我<三千>圆", 65.0)
    world.transcripts.hits = [TranscriptHit(session_row(state), 1, (line,))]
    assert 'href="/transcripts"' in (await lin.get("/audit")).text
    before = len(world.sessions.streams["s1"])
    assert (await lin.get("/transcripts")).status == 200
    assert "Not found" in (await lin.get("/transcripts?words=没有")).text
    assert len(world.sessions.streams["s1"]) == before  # nothing of it was shown
    world.transcripts.more, world.transcripts.unindexed = "s7", 3
    page = await lin.get("/transcripts?words=三千")
    assert "退我&lt;<mark>三千</mark>&gt;圆" in page.text
    assert "/audit/s1/transcript?t=65.0#line-2" in page.text
    assert "after=s7" in page.text
    assert "3 transcripts were read through" in page.text
    looks = [event.data for event in world.sessions.streams["s1"][before:] if event.type == "Viewed"]
    assert looks == [{"part": "transcript"}]
