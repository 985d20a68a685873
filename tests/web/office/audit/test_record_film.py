"""A record's film: served in pieces, from the archive, on its way, or absent and why."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from recordings import StoreUnreachable
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.object_store import LocalBlobs, sha256_of
from recordings.views import FileKeeping, RecordingState
from tests.recordings.keyring import Keyring
from tests.web.client import AiohttpClient, Browser
from tests.web.fakes import World
from tests.web.office.audit import story
from tests.web.office.audit.records import (
    FILM,
    lin as lin,  # a fixture
    officer,
    page_data,
    world as world,  # a fixture
)
from web.http import cookies


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
    world.reads.recordings["s1"] = RecordingState("composing", 0.42, None)
    page = await lin.get("/audit/s1")
    assert '<progress value="0.42"' in page.text
    assert page_data(page)["player"]["film"] == ""
    assert 'src="/audit/s1/tracks/seat-m/' in page.text  # each person's own can be played meanwhile
    assert 'http-equiv="refresh"' in page.text  # inside noscript
    state = json.loads((await lin.get("/audit/s1/recording.json")).text)
    assert (state["state"], state["progress"]) == ("composing", 0.42)


@pytest.mark.parametrize("state", ["none", "queued", "failed"])
async def test_a_record_without_a_film_says_why(world: World, lin: Browser, state: str) -> None:
    world.reads.recordings["s1"] = RecordingState(state, 0.0, None)  # type: ignore[arg-type]
    drafts = [draft for draft in story.told() if draft.type != "SegmentSealed"]
    world.sessions.streams["s1"] = story.events(
        [replace(drafts[0], data={**drafts[0].data, "complaint": "c0"}), *drafts[1:]]
    )
    page = await lin.get("/audit/s1")
    assert "<video" not in page.text
    told = {"none": "Nothing was recorded", "queued": "waits to be composed", "failed": "could not be composed"}
    assert told[state] in page.text


async def test_a_film_in_an_archive_that_is_away_is_said_not_to_be_lost(
    world: World, tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    def away(path: str) -> BinaryIO:
        raise StoreUnreachable(path)

    world.shelf = EncryptedFileStore(tmp_path, Keyring(), remote=away)
    (tmp_path / "s1" / "session.mp4").unlink()
    lin = await officer(world, aiohttp_client, "lin")
    page = await lin.get("/audit/s1/recording.mp4")
    assert (page.status, "cannot be reached, and is not lost" in page.text) == (503, True)


async def test_a_film_that_lies_in_the_archive_is_played_from_there(
    world: World, tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    film = tmp_path / "s1" / "session.mp4"
    (tmp_path / "store").mkdir()
    store = LocalBlobs(tmp_path / "store")
    store.put("s1/session.mp4", film, sha256_of(film))
    film.unlink()
    world.shelf = EncryptedFileStore(tmp_path, Keyring(), remote=store.open)
    lin = await officer(world, aiohttp_client, "lin")
    page = await lin.get("/audit/s1/recording.mp4", Range="bytes=4-11")
    assert (page.status, page.headers["Content-Range"]) == (206, f"bytes 4-11/{len(FILM)}")


async def test_the_record_says_how_many_of_its_files_lie_on_this_server_alone(world: World, lin: Browser) -> None:
    world.reads.keepings["s1"] = FileKeeping(12, 0, 0, 2)
    page = await lin.get("/audit/s1")
    assert "2 files of this record lie on this server alone so far." in page.text
    assert "cannot be reached" not in page.text
    world.reads.keepings["s1"] = FileKeeping(12, 0, 0, 1, away=True)
    page = await lin.get("/audit/s1")
    assert "One file of this record lies on this server alone so far." in page.text
    assert "The store of files cannot be reached." in page.text
    lin.cookies[cookies.LANGUAGE] = "zh"
    assert "有1个文件目前只保存在本服务器上。" in (await lin.get("/audit/s1")).text


async def test_the_record_says_how_many_of_its_files_lie_in_the_archive(world: World, lin: Browser) -> None:
    assert "Archive:" not in (await lin.get("/audit/s1")).text
    world.reads.keepings["s1"] = FileKeeping(12, 9)
    page = await lin.get("/audit/s1")
    assert "Archive: 9 of 12 files were put there and read back." in page.text
    assert "stay on this server" not in page.text
    world.reads.keepings["s1"] = FileKeeping(12, 9, 2)
    assert "2 could not be put there and stay on this server." in (await lin.get("/audit/s1")).text
    lin.cookies[cookies.LANGUAGE] = "zh"
    assert "归档：共12个文件，已有9个存入归档库并回读核对。" in (await lin.get("/audit/s1")).text
