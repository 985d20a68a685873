"""Outgoing webhooks with a real receiver and database: signed, repeated, given up, sent again; only where allowed."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog
from aiohttp import web
from sqlalchemy import select

from complaints.commands import Accept
from complaints.service import ComplaintService
from journal import Actor
from journal.refusals import Refused
from offices import Officer
from server.connections import genuine, in_time
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors, rebuild
from server.db.schema import hook_deliveries, hooks as hook_table
from server.identity import Seal
from server.identity.store import IdentityStore
from server.outbox.hook_store import TRIES_MOST, HookService, HookStore, origin_of
from tests.server.app.office import FIRST
from tests.web.client import AiohttpClient

NOW = datetime(2026, 6, 24, 1, tzinfo=UTC)
HE = Officer("he", "he", "何", "administrator", FIRST, totp=False)
ZHOU = Actor("officer", "zhou", "周敏", "mediator", FIRST.id)


class Receiver:
    """What it was sent, and what it answers next."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.url = ""
        self.once: Callable[[], Awaitable[object]] | None = None  # while it takes the next

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        if (once := self.once) is not None:
            self.once = None
            await once()
        status = self.answers.pop(0) if self.answers else 200
        return web.Response(status=status, headers={"Location": "http://127.0.0.1:1/secret"} if status == 302 else {})


class Office:
    def __init__(self, database: Database, receiver: Receiver) -> None:
        self.database, self.receiver, self.clock = database, receiver, [NOW]
        self.journal = SqlJournal(database, projectors())
        self.service = ComplaintService(self.journal, Seal(bytes(32)), lambda: self.clock[0])
        self.hooks = HookService(
            HookStore(database), Seal(bytes(32)), [receiver.url], lambda: self.clock[0], lambda: 0.0
        )
        self.secret = ""

    async def file(self) -> str:
        from complaints.sample import filing, samples
        from journal.numbers import SAMPLE_MARK

        return await self.service.register(filing(next(iter(samples(1, 1))), FIRST.id, SAMPLE_MARK), ZHOU)

    async def look(self) -> int:
        async with aiohttp.ClientSession() as http:
            return await self.hooks.deliver_due(http)


@pytest.fixture
async def receiver(aiohttp_client: AiohttpClient) -> Receiver:
    made, app = Receiver(), web.Application()
    app.router.add_post("/hook", made.take)
    client = await aiohttp_client(app)
    made.url = str(client.make_url("/hook"))
    return made


@pytest.fixture
async def office(tmp_path: Path, receiver: Receiver) -> Any:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'y.db'}")
    await database.migrate()
    await IdentityStore(database).add_office(FIRST)
    made = Office(database, receiver)
    _, made.secret = await made.hooks.subscribe(HE, "平台", receiver.url)
    yield made
    await database.close()


async def test_a_change_of_state_is_told_signed_and_without_names(office: Office, receiver: Receiver) -> None:
    complaint = await office.file()
    office.clock[0] += timedelta(seconds=1)
    await office.service.submit(complaint, Accept(), ZHOU)
    assert await office.look() == 2
    told = [json.loads(body) for _, body in receiver.got]
    assert [(one["event"], one["state"]) for one in told] == [
        ("ComplaintRegistered", "registered"),
        ("ComplaintAccepted", "accepted"),
    ]
    assert told[0].keys() == {"id", "event", "at", "complaint", "version", "number", "state", "channel"}
    for headers, body in receiver.got:
        timestamp, signature = headers["X-Yuntiao-Timestamp"], headers["X-Yuntiao-Signature"]
        assert genuine([office.secret], timestamp, body, signature)
        assert in_time(timestamp, NOW)
        assert headers["Idempotency-Key"] == json.loads(body)["id"]
    assert await office.look() == 0


async def test_what_is_not_taken_is_repeated_later_and_given_up_where_everybody_sees_it(
    office: Office, receiver: Receiver
) -> None:
    receiver.answers = [500] * TRIES_MOST
    await office.file()
    for n in range(TRIES_MOST):
        assert await office.look() == 1
        assert await office.look() == 0  # not at once
        office.clock[0] += timedelta(hours=2)
        (one,) = await office.hooks.undelivered(HE)
        assert (one.state, one.tries) == ("failed" if n < TRIES_MOST - 1 else "dead", n + 1)
    assert (one.error, len({headers["Idempotency-Key"] for headers, _ in receiver.got})) == ("answered 500", 1)
    assert await office.look() == 0
    await office.hooks.resend(HE, one.id)
    assert await office.look() == 1
    assert await office.hooks.undelivered(HE) == []


@pytest.mark.parametrize("status", [302, 404, 410])
async def test_an_answer_that_will_not_change_and_a_redirect_are_final(
    office: Office, receiver: Receiver, status: int
) -> None:
    receiver.answers = [status]
    await office.file()
    await office.look()
    (one,) = await office.hooks.undelivered(HE)
    assert (one.state, one.error, len(receiver.got)) == ("dead", f"answered {status}", 1)


async def test_only_addresses_the_installation_names_are_called(office: Office, receiver: Receiver) -> None:
    for url in ("http://127.0.0.1:22/", "file:///etc/passwd", "http://user@127.0.0.1/", "", "https://[::1", "//x"):
        with pytest.raises(Refused) as no:
            await office.hooks.subscribe(HE, "x", url)
        assert no.value.code == "foreign_address"
    await office.file()
    office.hooks._allowed = frozenset({"https://elsewhere.example:443"})  # was taken off the list since
    await office.look()
    assert receiver.got == []
    assert (await office.hooks.undelivered(HE))[0].state == "dead"
    assert origin_of("https://a.example/x") == origin_of("https://a.example:443") == "https://a.example:443"


async def test_a_secret_is_sealed_at_rest_and_in_no_log(office: Office, receiver: Receiver) -> None:
    receiver.answers = [404]
    await office.file()
    with structlog.testing.capture_logs() as logged:
        await office.look()
    assert logged
    assert office.secret not in str(logged)
    async with office.database.read() as connection:
        for table in (hook_table, hook_deliveries):
            assert office.secret not in str((await connection.execute(select(table))).all())


async def test_of_what_was_taken_up_to_be_told_nothing_is_told_after_it_is_revoked(
    office: Office, receiver: Receiver
) -> None:
    """A batch is taken up at once and told one by one: each may take ten seconds."""
    for _ in range(3):
        await office.file()
    (hook,) = await office.hooks.hooks(HE)
    receiver.once = lambda: office.hooks.revoke(HE, hook.id)
    await office.look()
    assert len(receiver.got) == 1


async def test_a_revoked_one_hears_nothing_more_and_a_rebuild_tells_nothing_again(
    office: Office, receiver: Receiver
) -> None:
    await office.file()
    await office.look()
    await rebuild(office.database)
    assert await office.look() == 0
    (hook,) = await office.hooks.hooks(HE)
    await office.hooks.revoke(HE, hook.id)
    await office.file()
    assert await office.look() == 0
    with pytest.raises(Refused):
        await office.hooks.revoke(HE, hook.id)
    with pytest.raises(Refused):
        await office.hooks.hooks(Officer("x", "x", "x", "mediator", FIRST, totp=False))
