"""The addresses of exhibits: every step of an upload reaches its own handler, and refusals are JSON with a code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from offices import Officer
from rooms.views import NewExhibit, SeatedPerson, UploadState
from tests.web.client import AiohttpClient, Browser, browser
from tests.web.fakes import CODE, World
from web.http import cookies
from web.room import EXHIBITS


class Desk:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    async def begin(self, who: SeatedPerson, wanted: NewExhibit) -> UploadState:
        self.asked.append(("begin", who.seat, wanted.title, len(wanted.files), wanted.private))
        return self._coming()

    async def state(self, who: SeatedPerson, upload: str) -> UploadState:
        self.asked.append(("state", upload))
        return self._coming()

    async def append(self, who: SeatedPerson, upload: str, file: int, at: int, content: bytes) -> UploadState:
        self.asked.append(("append", upload, file, at, content))
        return self._coming([at + len(content)])

    async def finish(self, who: SeatedPerson, upload: str) -> str:
        self.asked.append(("finish", upload))
        return upload

    async def cancel(self, who: SeatedPerson, upload: str) -> None:
        self.asked.append(("cancel", upload))

    async def bring(self, who: SeatedPerson, officer: Officer, attachment: str) -> str:
        self.asked.append(("bring", attachment))
        return attachment

    def _coming(self, received: Sequence[int] = (0,)) -> UploadState:
        return UploadState("u1", received, 512)


@pytest.fixture
async def phone(aiohttp_client: AiohttpClient) -> tuple[Browser, Desk]:
    world, desk = World(), Desk()
    person = await browser(aiohttp_client, world.app(lambda app: app.__setitem__(EXHIBITS, desk)))
    device = await world.links.begin(world.link("s-consumer"))
    await world.links.send_code(device, "")
    person.cookies[cookies.DEVICE] = await world.links.check_code(device, CODE, "")
    await person.get("/nowhere")  # for a token of its own
    return person, desk


async def post(phone: Browser, path: str, body: bytes, kind: str = "application/json") -> tuple[int, dict[str, Any]]:
    response = await phone.client.post(
        path, data=body, cookies=phone.cookies, headers={"X-CSRF-Token": phone.token, "Content-Type": kind}
    )
    return response.status, json.loads(await response.text())


async def test_every_step_of_an_upload_reaches_its_handler(phone: tuple[Browser, Desk]) -> None:
    person, desk = phone
    begin = json.dumps({"title": "付款", "files": [{"name": "a.jpg", "size": 3}], "private": True}).encode()
    assert await post(person, "/api/room/uploads", begin) == (201, {"upload": "u1", "received": [0], "piece": 512})
    status, said = await post(person, "/api/room/uploads/u1/0?at=7", b"\xff\xd8\xff", "application/octet-stream")
    assert (status, said["received"]) == (200, [10])
    assert await post(person, "/api/room/uploads/u1/finish", b"") == (200, {"exhibit": "u1"})
    assert await post(person, "/api/room/uploads/u1/cancel", b"") == (200, {})
    assert desk.asked == [
        ("begin", "s-consumer", "付款", 1, True),
        ("append", "u1", 0, 7, b"\xff\xd8\xff"),
        ("finish", "u1"),
        ("cancel", "u1"),
    ]


async def test_nonsense_and_requests_from_elsewhere_are_refused_in_json(phone: tuple[Browser, Desk]) -> None:
    person, desk = phone
    for path, body in (
        ("/api/room/uploads", b"{"),
        ("/api/room/uploads", b'{"title": "x", "files": []}'),
        ("/api/room/uploads", b'{"title": "x", "files": [{"name": "a.jpg", "size": 3}], "seat": "s-business"}'),
        ("/api/room/uploads/u1/x?at=0", b"1"),
        ("/api/room/uploads/u1/0?at=-1", b"1"),
        ("/api/room/uploads/u1/0", b"1"),
    ):
        status, said = await post(person, path, body)
        assert (status, said["error"]["code"]) == (400, "bad_request"), path
    status, said = await post(person, "/api/room/uploads/u1/0?at=0", bytes(2 << 20), "application/octet-stream")
    assert (status, said["error"]["code"]) == (413, "too_large")
    person.token = ""
    status, said = await post(person, "/api/room/uploads/u1/finish", b"")
    assert (status, said["error"]["code"]) == (403, "foreign_form")
    assert desk.asked == []


async def test_a_page_that_is_not_there_or_not_for_one_is_not_found(phone: tuple[Browser, Desk]) -> None:
    person, _ = phone
    for path in ("/api/room/exhibits/nope/pages/1", "/api/room/exhibits/..%2f..%2fx/film"):
        answer = await person.get(path)
        assert (answer.status, json.loads(answer.text)["error"]["code"]) == (404, "not_found")
