"""One recorded mediation, and whoever looks at it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from journal import Draft, Event
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.views import RecordingState
from tests.recordings.keyring import Keyring
from tests.web.client import AiohttpClient, Answer, Browser, browser
from tests.web.fakes import World
from tests.web.office.audit import story
from web.http import cookies

PIECE = "s1/seat-c/20260624T020100000Z-camera.webm"
SOUND = b"\x1a\x45\xdf\xa3" + bytes(500)
TRACK = f"/audit/s1/tracks/{PIECE.removeprefix('s1/')}"
FILM = b"\x00\x00\x00\x18ftypisom" + bytes(1000)


def of_this_office(drafts: list[Draft]) -> list[Event]:
    scheduled = {**drafts[0].data, "complaint": "c0", "mediator": "u-zhou"}
    return story.events([replace(drafts[0], data=scheduled), *drafts[1:]])


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World()
    made.sessions.streams.clear()
    made.sessions.streams["s1"] = of_this_office(story.told())
    made.shelf = EncryptedFileStore(tmp_path, Keyring())
    film = tmp_path / "s1" / "session.mp4"
    film.parent.mkdir()
    film.write_bytes(FILM)
    piece = tmp_path / PIECE
    piece.parent.mkdir()
    piece.write_bytes(SOUND)
    made.reads.recordings["s1"] = RecordingState("ready", 1.0, film, 2_400_000, story.at(1))
    return made


@pytest.fixture
async def lin(world: World, aiohttp_client: AiohttpClient) -> Browser:
    return await officer(world, aiohttp_client, "lin")


async def officer(world: World, aiohttp_client: AiohttpClient, login: str) -> Browser:
    visitor = await browser(aiohttp_client, world.app())
    visitor.sign_in(world.identity.token(login))
    visitor.cookies[cookies.LANGUAGE] = "en"
    return visitor


def page_data(page: Answer) -> Any:
    """What the page's script starts from."""
    found = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', page.text, re.S)
    assert found
    return json.loads(found[1])
