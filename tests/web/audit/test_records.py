"""The list and the record as supervisors and mediators see them: read-only, and every look noted."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from journal import Draft
from recordings.errors import StoreUnreachable
from recordings.shelf import Shelf
from rooms import events as e
from tests.recordings.keyring import Keyring
from tests.web.audit import story
from tests.web.client import AiohttpClient, Browser, browser
from tests.web.fakes import World
from web import cookies
from web.audit.looks import MOST, Looks
from web.audit.moments import moments
from web.audit.voice import Voice
from web.i18n import Words
from web.ports import Keeping, Recording

FILM = b"\x00\x00\x00\x18ftypisom" + bytes(1000)


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World()
    made.sessions.streams.clear()
    drafts = story.told()
    scheduled = {**drafts[0].data, "complaint": "c0", "mediator": "u-zhou"}
    made.sessions.streams["s1"] = story.events([replace(drafts[0], data=scheduled), *drafts[1:]])
    film = tmp_path / "film.mp4"
    film.write_bytes(FILM)
    made.shelf = Shelf(tmp_path, Keyring())
    made.reads.recordings["s1"] = Recording("ready", 1.0, film, 2_400_000, story.at(1))
    return made


@pytest.fixture
async def lin(world: World, aiohttp_client: AiohttpClient) -> Browser:
    return await officer(world, aiohttp_client, "lin")


async def officer(world: World, aiohttp_client: AiohttpClient, login: str) -> Browser:
    visitor = await browser(aiohttp_client, world.app())
    visitor.sign_in(world.identity.token(login))
    visitor.cookies[cookies.LANGUAGE] = "en"
    return visitor


async def test_the_list_can_be_narrowed_and_says_so(lin: Browser) -> None:
    page = await lin.get("/audit")
    assert "One mediation to look back at" in page.text
    assert 'href="/audit/s1"' in page.text
    page = await lin.get("/audit?outcome=not_settled&since=2026-01-01&shortest=5")
    assert "No mediation fits these filters." in page.text
    assert '<option value="not_settled" selected>' in page.text


async def test_a_filter_nobody_can_read_is_left_out(lin: Browser) -> None:
    page = await lin.get("/audit?outcome=victory&since=soon&shortest=-3&longest=x&page=0")
    assert page.status == 200
    assert 'href="/audit/s1"' in page.text


async def test_the_record_tells_what_came_of_it_and_who_agreed(lin: Browser) -> None:
    page = await lin.get("/audit/s1")
    assert "<h1>Settled: 退款 ¥2,000.00</h1>" in page.text
    assert "The journal is whole and unchanged" in page.text
    assert "recording 09:53" in page.text  # when 丁小禾 agreed, in the office's zone
    for words in ("All together", "Interruptions", "退款", "Came back to the same seat without a new code"):
        assert words in page.text


async def test_the_film_has_a_jump_mark_for_every_phase(lin: Browser) -> None:
    page = await lin.get("/audit/s1")
    jumps = re.findall(
        r'class="btn btn-dense" href="/audit/s1/recording.mp4#t=([\d.]+)" data-seek="([\d.]+)"', page.text
    )
    assert [seconds for seconds, _ in jumps] == ["0.0", "300.0", "840.0", "1260.0", "1800.0", "2220.0"]


async def test_the_picture_is_painted_by_class_only(lin: Browser) -> None:
    page = await lin.get("/audit/s1")
    chart = page.text[page.text.index('<svg class="chart"') :]
    chart = chart[: chart.index("</svg>")]
    assert 'class="c-consumer-soft"' in chart
    assert "<title" in chart
    assert "<desc" in chart
    assert "#" not in re.sub(r'href="[^"]*"', "", chart).replace("url(#hatch)", "")
    assert "style=" not in page.text


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/audit/s1", "record"),
        ("/audit/s1/journal", "journal"),
        ("/audit/s1/journal.json", "journal"),
        ("/audit/s1/recording.mp4", "recording"),
    ],
)
async def test_every_look_is_in_the_journal(world: World, lin: Browser, path: str, part: str) -> None:
    assert (await lin.get(path)).status == 200
    assert world.reads.looks == [("lin", "s1", part)]
    assert world.sessions.events("s1")[-1] == e.Viewed(part)


async def test_nothing_in_the_record_can_be_posted_to(lin: Browser) -> None:
    await lin.get("/audit/s1")
    for path in ("/audit", "/audit/s1", "/audit/s1/journal", "/audit/s1/recording.mp4"):
        assert (await lin.post(path)).status in (404, 405), path


async def test_the_film_is_served_in_pieces_and_one_playback_is_one_look(world: World, lin: Browser) -> None:
    first = await lin.get("/audit/s1/recording.mp4", Range="bytes=0-99")
    assert first.status == 206
    assert first.headers["Content-Range"] == f"bytes 0-99/{len(FILM)}"
    await lin.get("/audit/s1/recording.mp4", Range="bytes=100-")
    assert [part for _, _, part in world.reads.looks] == ["recording"]


async def test_skipping_the_beginning_does_not_skip_the_journal(world: World, lin: Browser) -> None:
    await lin.get("/audit/s1/recording.mp4", Range="bytes=500-")
    assert [part for _, _, part in world.reads.looks] == ["recording"]


async def test_while_it_is_composed_the_page_shows_how_far_it_is(world: World, lin: Browser) -> None:
    world.reads.recordings["s1"] = Recording("composing", 0.42, None)
    page = await lin.get("/audit/s1")
    assert '<progress value="0.42"' in page.text
    assert "<video" not in page.text
    assert 'http-equiv="refresh"' in page.text  # inside noscript
    state = json.loads((await lin.get("/audit/s1/recording.json")).text)
    assert (state["state"], state["progress"]) == ("composing", 0.42)
    assert (await lin.get("/audit/s1/recording.mp4")).status == 404


@pytest.mark.parametrize("state", ["none", "queued", "failed"])
async def test_a_record_without_a_film_says_why(world: World, lin: Browser, state: str) -> None:
    world.reads.recordings["s1"] = Recording(state, 0.0, None)  # type: ignore[arg-type]
    page = await lin.get("/audit/s1")
    told = {"none": "Nothing was recorded", "queued": "waits to be composed", "failed": "could not be composed"}
    assert told[state] in page.text


async def test_a_film_in_an_archive_that_is_away_is_said_not_to_be_lost(
    world: World, tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    def away(path: str) -> BinaryIO:
        raise StoreUnreachable(path)

    world.shelf = Shelf(tmp_path, Keyring(), remote=away)
    (tmp_path / "film.mp4").unlink()
    lin = await officer(world, aiohttp_client, "lin")
    page = await lin.get("/audit/s1/recording.mp4")
    assert (page.status, "lies there and is not lost" in page.text) == (503, True)


async def test_the_record_says_how_many_of_its_files_lie_in_the_archive(world: World, lin: Browser) -> None:
    assert "Archive:" not in (await lin.get("/audit/s1")).text
    world.reads.keepings["s1"] = Keeping(12, 9)
    page = await lin.get("/audit/s1")
    assert "Archive: 9 of 12 files were put there and read back." in page.text
    assert "stay on this server" not in page.text
    world.reads.keepings["s1"] = Keeping(12, 9, 2)
    assert "2 could not be put there and stay on this server." in (await lin.get("/audit/s1")).text
    lin.cookies[cookies.LANGUAGE] = "zh"
    assert "归档：共 12 个文件，已有 9 个存入归档库并回读核对。" in (await lin.get("/audit/s1")).text


async def test_a_journal_that_was_tampered_with_is_shown_as_such(world: World, lin: Browser) -> None:
    stream = world.sessions.streams["s1"]
    stream[4] = replace(stream[4], data={**stream[4].data, "text": "another version"})
    for path in ("/audit/s1", "/audit/s1/journal"):
        assert "does not hold from entry 5 on" in (await lin.get(path)).text
    assert json.loads((await lin.get("/audit/s1/journal.json")).text)["broken_at"] == 5


async def test_the_download_holds_every_entry_with_its_hash(world: World, lin: Browser) -> None:
    answer = await lin.get("/audit/s1/journal.json")
    held = json.loads(answer.text)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert [event["version"] for event in held["events"]] == list(range(1, len(held["events"]) + 1))
    assert all(len(event["hash"]) == 64 for event in held["events"])
    assert held["verified"] is True
    assert held["timing"]["joint_ms"] > 0


def test_an_unknown_kind_of_event_is_shown_by_its_type() -> None:
    later = story.events([*story.told(), Draft("SomethingFromTheFuture", {}, story.at(50))])
    voice = Voice(Words("en", {}).gettext, str, str, {})
    assert [moment.what for moment in moments(later, voice, "the program")][-1] == "SomethingFromTheFuture"


async def test_mediators_see_their_own_offices_records_only(world: World, aiohttp_client: AiohttpClient) -> None:
    own = await officer(world, aiohttp_client, "zhou")
    assert (await own.get("/audit/s1")).status == 200
    other = await officer(world, aiohttp_client, "other")
    for path in ("/audit/s1", "/audit/s1/journal", "/audit/s1/journal.json", "/audit/s1/recording.json"):
        assert (await other.get(path)).status == 404, path
    assert (await other.get("/audit/s1/recording.mp4")).status == 404
    assert [login for login, _, _ in world.reads.looks] == ["zhou"]


async def test_before_anybody_came_the_record_stands_without_a_picture(world: World, lin: Browser) -> None:
    world.sessions.streams["s1"] = world.sessions.streams["s1"][:3]
    world.reads.recordings.clear()
    page = await lin.get("/audit/s1")
    assert "This mediation has not begun" in page.text
    assert "The picture begins when the first person comes." in page.text


def test_a_look_ends_when_nothing_was_asked_for_ten_minutes() -> None:
    looks = Looks()
    assert looks.fresh("lin", "s1", story.at(0))
    assert not looks.fresh("lin", "s1", story.at(9))
    assert not looks.fresh("lin", "s1", story.at(18))  # asking on keeps it going
    assert looks.fresh("lin", "s1", story.at(29))
    assert looks.fresh("zhou", "s1", story.at(29))


def test_looks_are_remembered_up_to_a_limit() -> None:
    looks = Looks()
    for number in range(MOST + 1):
        looks.fresh("lin", str(number), story.at(0))
    assert looks.fresh("lin", "0", story.at(1))
    assert not looks.fresh("lin", str(MOST), story.at(1))
