"""Whoever goes before the answer comes is no fault of ours, nor that there is too much to do; a connection of ours that
breaks is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from journal.refusals import Busy, room_refusal
from web.rendering import refusals_as_pages

Ask = Callable[[web.Application], Awaitable[TestServer]]


async def test_who_goes_before_the_answer_is_no_fault(aiohttp_server: Ask, caplog: pytest.LogCaptureFixture) -> None:
    asked, over = asyncio.Event(), asyncio.Event()

    async def film(request: web.Request) -> web.StreamResponse:
        asked.set()
        while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0)
        try:
            response = web.StreamResponse()
            await response.prepare(request)
            await response.write(b"a picture nobody waits for")
            return response
        finally:
            over.set()

    app = web.Application(middlewares=[refusals_as_pages])
    app.router.add_get("/film", film)
    server = await aiohttp_server(app)
    _, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(b"GET /film HTTP/1.1\r\nHost: here\r\n\r\n")
    await asked.wait()
    writer.close()
    await over.wait()
    await server.close()  # after the last line of a handler
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_connection_of_ours_that_breaks_is_one(aiohttp_server: Ask, caplog: pytest.LogCaptureFixture) -> None:
    async def film(request: web.Request) -> web.StreamResponse:
        raise ConnectionResetError("the store hung up")

    app = web.Application(middlewares=[refusals_as_pages])
    app.router.add_get("/api/film", film)
    server = await aiohttp_server(app)
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(b"GET /api/film HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert [record.levelname for record in caplog.records if record.name == "web.rendering"] == ["ERROR"]


async def test_a_database_that_has_no_connection_free_is_no_fault_and_may_be_asked_again(aiohttp_server: Ask) -> None:
    async def straight(request: web.Request) -> web.StreamResponse:
        raise Busy

    async def by_a_room(request: web.Request) -> web.StreamResponse:
        with room_refusal():
            raise Busy

    app = web.Application(middlewares=[refusals_as_pages])
    app.router.add_get("/api/straight", straight)
    app.router.add_get("/api/room", by_a_room)
    server = await aiohttp_server(app)
    async with ClientSession() as browser:
        for path in ("/api/straight", "/api/room"):
            async with browser.get(server.make_url(path)) as answer:
                assert (answer.status, (await answer.json())["error"]["code"]) == (503, "busy")
