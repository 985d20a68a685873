"""Both notifiers keep the contract; the gateway's sees what a provider would: headers, answers, silence."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.connections import signature
from server.outbox.notifiers import HttpNotifier, LogNotifier, NotDelivered, Notifier
from tests.contracts.notifier_contract import NOTICE, NotifierContract

SECRET = "shared-with-the-gateway"
NOW = datetime(2026, 6, 24, 1, 0, tzinfo=UTC)


class TestLogNotifier(NotifierContract):
    @pytest.fixture
    async def notifier(self) -> AsyncIterator[Notifier]:
        with structlog.testing.capture_logs() as self.logged:
            notifier = LogNotifier()
            await notifier.start()
            yield notifier
            await notifier.stop()

    def arrived(self) -> list[str]:
        return [entry["id"] for entry in self.logged]

    async def test_neither_text_nor_number_is_logged(self, notifier: Notifier) -> None:
        await notifier.deliver(NOTICE)
        assert "407216" not in str(self.logged)
        assert "13800005076" not in str(self.logged)


class Gateway:
    """A provider on a real socket: checks the signature as its documentation would ask, answers as told."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.taken: list[dict[str, str]] = []
        self.silent = asyncio.Event()
        self.hush = False
        app = web.Application()
        app.router.add_post("/sms", self.take)
        self.server = TestServer(app)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if self.hush:
            await self.silent.wait()
        timestamp = request.headers["X-Yuntiao-Timestamp"]
        if request.headers["X-Yuntiao-Signature"] != signature(SECRET.encode(), timestamp, body):
            return web.Response(status=401)
        status = self.answers.pop(0) if self.answers else 202
        if status == 302:
            return web.Response(status=302, headers={"Location": "/elsewhere"})
        if status < 300:
            self.taken.append({**json.loads(body), "key": request.headers["Idempotency-Key"]})
        return web.Response(status=status)


class TestHttpNotifier(NotifierContract):
    @pytest.fixture
    async def gateway(self) -> AsyncIterator[Gateway]:
        self.provider = Gateway()
        await self.provider.server.start_server()
        yield self.provider
        self.provider.silent.set()
        await self.provider.server.close()

    @pytest.fixture
    async def notifier(self, gateway: Gateway) -> AsyncIterator[Notifier]:
        notifier = HttpNotifier(str(gateway.server.make_url("/sms")), lambda: SECRET, lambda: NOW, timeout=0.5)
        await notifier.start()
        yield notifier
        await notifier.stop()

    def arrived(self) -> list[str]:
        return [taken["key"] for taken in self.provider.taken]

    async def test_the_provider_gets_number_text_and_a_key(self, notifier: Notifier, gateway: Gateway) -> None:
        await notifier.deliver(NOTICE)
        (taken,) = gateway.taken
        assert (taken["to"], taken["text"], taken["kind"]) == (NOTICE.to, NOTICE.text, "code")
        assert taken["key"] == taken["id"] == NOTICE.id

    @pytest.mark.parametrize(
        ("status", "final"),
        [(500, False), (503, False), (429, False), (408, False), (400, True), (401, True), (404, True), (302, True)],
    )
    async def test_an_answer_says_whether_to_try_again(
        self, notifier: Notifier, gateway: Gateway, status: int, final: bool
    ) -> None:
        gateway.answers = [status]
        with pytest.raises(NotDelivered) as no:
            await notifier.deliver(NOTICE)
        assert no.value.final is final
        assert str(status) in no.value.reason
        assert gateway.taken == []

    async def test_a_silent_provider_is_given_up_for_now(self, notifier: Notifier, gateway: Gateway) -> None:
        gateway.hush = True
        with pytest.raises(NotDelivered) as no:
            await notifier.deliver(NOTICE)
        assert not no.value.final

    async def test_a_provider_that_is_away_is_tried_again(self, notifier: Notifier, gateway: Gateway) -> None:
        await gateway.server.close()
        with pytest.raises(NotDelivered) as no:
            await notifier.deliver(NOTICE)
        assert not no.value.final
        assert "13800005076" not in str(no.value)

    async def test_a_wrong_secret_is_refused_by_the_provider(self, gateway: Gateway) -> None:
        stranger = HttpNotifier(str(gateway.server.make_url("/sms")), lambda: "guessed", lambda: NOW)
        await stranger.start()
        with pytest.raises(NotDelivered) as no:
            await stranger.deliver(NOTICE)
        await stranger.stop()
        assert no.value.final
