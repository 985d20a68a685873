"""Files of a case in byte ranges, as players ask for them: what is sealed on the disk comes out as it was recorded."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from recordings.files.encrypted_file_store import EncryptedFileStore
from tests.recordings.keyring import Keyring
from tests.web.client import AiohttpClient
from web.http.responses import PIECE, send_file

BODY = bytes(range(256)) * 1100  # more than one piece

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def client(aiohttp_client: AiohttpClient, tmp_path: Path) -> Client:
    shelf = EncryptedFileStore(tmp_path / "shelf", Keyring())
    source = tmp_path / "source"
    source.write_bytes(BODY)
    shelf.put("s1", "s1/c/piece.webm", source)
    assert BODY[:1000] not in shelf.stored("s1/c/piece.webm").read_bytes()

    async def handler(request: web.Request) -> web.StreamResponse:
        return await send_file(request, shelf, "s1", "s1/c/piece.webm", "video/webm", "piece.webm")

    app = web.Application()
    app.router.add_get("/file", handler)
    return await aiohttp_client(TestServer(app))


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-", 0, len(BODY)),
        ("bytes=0-99", 0, 100),
        ("bytes=5-5", 5, 6),
        (f"bytes={PIECE - 1}-{PIECE + 1}", PIECE - 1, PIECE + 2),
        ("bytes=-10", len(BODY) - 10, len(BODY)),
        (f"bytes=7-{10**9}", 7, len(BODY)),
        (f"bytes=-{10**9}", 0, len(BODY)),
    ],
)
async def test_a_range_is_just_those_bytes(client: Client, asked: str, start: int, end: int) -> None:
    answer = await client.get("/file", headers={"Range": asked})
    assert answer.status == 206
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(BODY)}"
    assert await answer.read() == BODY[start:end]


async def test_without_a_range_it_is_the_whole(client: Client) -> None:
    answer = await client.get("/file")
    assert (answer.status, answer.headers["Accept-Ranges"]) == (200, "bytes")
    assert await answer.read() == BODY


@pytest.mark.parametrize("asked", [f"bytes={len(BODY)}-", "bytes=3-1", "bytes=a-b", "bytes=0-1,5-6", "lines=1-2"])
async def test_a_range_that_is_not_there_is_said_to_be_none(client: Client, asked: str) -> None:
    answer = await client.get("/file", headers={"Range": asked})
    assert (answer.status, answer.headers["Content-Range"]) == (416, f"bytes */{len(BODY)}")


async def test_a_head_has_no_body(client: Client) -> None:
    answer = await client.head("/file")
    assert (answer.status, answer.headers["Content-Length"]) == (200, str(len(BODY)))
    assert await answer.read() == b""
