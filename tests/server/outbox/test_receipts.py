"""The gateway says later whether a phone has a message: only signed by it, once, and of nothing it never took."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from pydantic import SecretStr
from sqlalchemy.engine import URL

from journal.clock import utc_now
from journal.refusals import Refused
from offices import Office, Officer
from rooms.views import Change
from server.app.parts import PARTS
from server.app.wiring import create_app
from server.connections import signature
from server.db.engine import Database
from server.outbox import Wording
from server.outbox.store import MessageStore
from server.rooms.agenda_store import AppointmentStore
from server.serving.settings import Settings
from tests.server.app.office import NoMedia, World
from web.office.alerts import ALERTS

SECRET = "a-secret-between-us"
OFFICE = Office("east", "东湖市监局东湖所", "东湖所", "027-87001234", "东投")
ZHOU = Officer("u", "zhou", "周敏", "mediator", OFFICE, totp=False)


async def sent(world: World) -> tuple[str, str]:
    """(session, id of the message with the consumer's link), taken by the gateway."""
    session = await world.session(world.clock.now() + timedelta(days=1))
    await world.links.issue(world.zhou, session, "consumer", send=True)
    await world.outbox.deliver_due()
    return session, world.phones.received[-1].id


async def say(world: World, told: object, secret: str = SECRET) -> bool:
    body = json.dumps(told).encode()
    timestamp = str(int(world.clock.now().timestamp()))

    async def known(office: str) -> str:
        return SECRET

    return await world.outbox.receipt(known, timestamp, signature(secret.encode(), timestamp, body), body)


async def states(world: World, session: str) -> list[str]:
    shown = await AppointmentStore(world.database).sent(session)
    return [one.state for each in shown.values() for one in each]


async def test_a_message_is_sent_and_then_has_arrived_and_stays_so(world: World) -> None:
    session, message = await sent(world)
    assert await states(world, session) == ["sent"]
    assert await say(world, {"id": message, "state": "delivered"})
    assert await states(world, session) == ["arrived"]
    assert await say(world, {"id": message, "state": "failed", "reason": "late"})
    assert await states(world, session) == ["arrived"]


async def test_one_that_the_phone_did_not_get_is_told_and_can_be_sent_again(world: World) -> None:
    session, message = await sent(world)
    moved: list[str] = []
    world.outbox.moved.append(lambda one: moved.append(one.id))
    assert await say(world, {"id": message, "state": "failed", "reason": "switched off"})
    assert await states(world, session) == ["dead"]
    assert moved == [message]


async def test_nobody_else_says_so_and_nonsense_is_refused(world: World) -> None:
    session, message = await sent(world)
    assert not await say(world, {"id": message, "state": "delivered"}, "another")
    assert await say(world, {"id": "unknown", "state": "delivered"})
    wrong: tuple[object, ...] = ([], {"id": message}, {"id": message, "state": "lost"}, {"id": 1, "state": "delivered"})
    for nonsense in wrong:
        with pytest.raises(Refused, match="bad_request"):
            await say(world, nonsense)
    assert await states(world, session) == ["sent"]


async def test_a_strangers_nonsense_is_not_from_the_gateway_and_no_fault(world: World) -> None:
    async def known(office: str) -> str:
        return SECRET

    timestamp = str(int(world.clock.now().timestamp()))
    for body in (b"[" * 4000, b'{"id": "\\u0000"}', b'{"id": "\\ud800"}', b"\xff"):
        assert not await world.outbox.receipt(known, timestamp, "sha256=0", body)


@pytest.mark.postgres
async def test_pages_of_another_node_are_told_at_once_that_a_message_has_arrived(
    tmp_path: Path, postgres_database: URL
) -> None:
    url = postgres_database.render_as_string(hide_password=False)
    app, elsewhere = (
        create_app(Settings(data=tmp_path, database_url=SecretStr(url)), NoMedia()),
        Database(postgres_database),
    )
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        async with (
            app[ALERTS].window(replace(ZHOU, office=OFFICE)) as mine,
            app[ALERTS].window(replace(ZHOU, office=replace(OFFICE, id="west"))) as anothers,
        ):
            assert mine is not None
            assert anothers is not None
            wording = Wording("请您参加调解", "", "zh", "", {})
            store, at = MessageStore(elsewhere), utc_now()
            queued = app[PARTS].outbox.compose(OFFICE.id, "s1", "link", "13900000812", wording)
            await store.put(replace(queued, state="sent"))
            await app[PARTS].database.credentials.listen(elsewhere.read)
            async with asyncio.timeout(20):
                assert await store.receipt(queued.id, True, "", at) is not None
                assert await mine.get() == Change("s1")
                assert await store.receipt(queued.id, True, "", at) is None  # and not twice
            assert mine.empty()
            assert anothers.empty()
    finally:
        await elsewhere.close()
        await runner.cleanup()
