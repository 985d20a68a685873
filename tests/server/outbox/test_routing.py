"""A city's messages go by the city's gateway, in its language and under its signature; receipts are its own too."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from offices.people import Office
from server.outbox.service import (
    SIGNATURE,
    TIMESTAMP,
    CityGateways,
    LogNotifier,
    NotDelivered,
    OutboxMessage,
    OutboxService,
    genuine,
    read_gateways,
    signature,
)
from server.outbox.store import MessageStore, put_message
from tests.server.app.office import FIRST, SECOND, World

CITY = Office(
    "wuhan", "武汉市市场监督管理局", "武汉市局", "027-1", "武投", level="city", signature="武汉市监", language="en"
)


@dataclass
class CitysGateway:
    """A real server that notes what came and whether it was signed with its secret."""

    secret: str
    taken: list[str] = field(default_factory=list)
    server: TestServer | None = None

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if not genuine([self.secret], request.headers[TIMESTAMP], body, request.headers[SIGNATURE]):
            return web.Response(status=403)
        self.taken.append(json.loads(body)["to"])
        return web.Response(status=204)

    async def begin(self) -> str:
        app = web.Application()
        app.router.add_post("/sms", self.take)
        self.server = TestServer(app)
        await self.server.start_server()
        return str(self.server.make_url("/sms"))


@pytest.fixture
async def gateway() -> AsyncIterator[CitysGateway]:
    made = CitysGateway("secret-of-wuhan")
    yield made
    if made.server is not None:
        await made.server.close()


async def written(folder: Path, gateway: CitysGateway, office: str = "wuhan") -> Path:
    secret, file = folder / "wuhan.secret", folder / "gateways.toml"
    secret.write_text(gateway.secret)
    secret.chmod(0o600)
    file.write_text(f'[{office}]\nurl = "{await gateway.begin()}"\nsecret_file = "{secret}"\n')
    return file


def message(office: str, to: str) -> OutboxMessage:
    return OutboxMessage(f"m-{office}", "link", to, "138****", "文", office)


async def test_an_office_sends_by_the_nearest_gateway_above_it_and_the_others_as_usual(
    world: World, gateway: CitysGateway, tmp_path: Path
) -> None:
    await world.store.add_office(CITY)
    await world.store.change_offices([replace(FIRST, superior="wuhan")])
    usual: list[str] = []

    class Usual(LogNotifier):
        async def deliver(self, notice: OutboxMessage) -> None:
            usual.append(notice.to)

    gateways = CityGateways(read_gateways(await written(tmp_path, gateway)), Usual(), world.store.line, world.clock.now)
    await gateways.start()
    await gateways.deliver(message(FIRST.id, "below"))
    await gateways.deliver(message("wuhan", "own"))
    await gateways.deliver(message(SECOND.id, "elsewhere"))
    assert (gateway.taken, usual) == (["below", "own"], ["elsewhere"])
    (tmp_path / "wuhan.secret").write_text("renewed")  # read at each message
    gateway.secret = "renewed"
    await gateways.deliver(message(FIRST.id, "again"))
    assert gateway.taken[-1] == "again"
    (tmp_path / "wuhan.secret").unlink()
    with pytest.raises(NotDelivered, match="secret cannot be read") as no:
        await gateways.deliver(message(FIRST.id, "lost"))
    assert not no.value.final  # it waits until somebody has seen to that
    await gateways.stop()


async def test_one_citys_gateway_says_nothing_of_another_citys_messages(
    world: World, gateway: CitysGateway, tmp_path: Path
) -> None:
    await world.store.add_office(CITY)
    await world.store.change_offices([replace(FIRST, superior="wuhan")])
    gateways = CityGateways(
        read_gateways(await written(tmp_path, gateway)), LogNotifier(), world.store.line, world.clock.now
    )
    box = OutboxService(MessageStore(world.database), gateways, world.seal, world.clock.now)
    ids = {}
    for office in (FIRST, SECOND):
        made = box.compose(office.id, "", "link", "13900000812", "文")
        async with world.database.write() as connection:
            await put_message(connection, made)
        ids[office.id] = made.id
    await gateways.start()
    await box.deliver_due()

    async def secret(office: str) -> str:
        return await gateways.secret(office) or "usual"

    async def told(office: str, by: str) -> bool:
        body = json.dumps({"id": ids.get(office, office), "state": "delivered"}).encode()
        timestamp = str(int(world.clock.now().timestamp()))
        return await box.receipt(secret, timestamp, signature(by.encode(), timestamp, body), body)

    assert await told(FIRST.id, "secret-of-wuhan")
    assert not await told(FIRST.id, "usual")
    assert await told(SECOND.id, "usual")
    assert not await told(SECOND.id, "secret-of-wuhan")
    assert not await told("nobodys", "secret-of-wuhan")
    await gateways.stop()


async def test_a_citys_messages_are_in_its_language_and_under_its_signature(world: World) -> None:
    await world.store.add_office(CITY)
    await world.store.change_offices(
        [replace(FIRST, superior="wuhan", signature="武汉市监", language="en", takes="signature language")]
    )
    office = await world.store.office(FIRST.id)
    assert office is not None
    world.zhou = replace(world.zhou, office=office)
    await world.invite(send=True)
    await world.outbox.deliver_due()
    [sent] = world.phones.received
    assert sent.text.startswith("【武汉市监】")
    assert "invites you" in sent.text or "Mediation" in sent.text, sent.text
    assert sent.office == FIRST.id


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[wuhan", "cannot be read"),
        ('[wuhan]\nurl = "https://a.example"\n', "has a url and a secret_file"),
        ('[wuhan]\nurl = "ftp://a.example"\nsecret_file = "SECRET"\n', "begins with http"),
        ('[wuhan]\nurl = "https://a.example"\nsecret_file = "nowhere"\n', "cannot be read"),
        ('[wuhan]\nurl = "https://a.example"\nsecret_file = "OPEN"\n', "open to others"),
    ],
)
def test_a_file_of_gateways_that_cannot_be_used_is_refused_in_a_sentence(
    tmp_path: Path, content: str, said: str
) -> None:
    secret, wide = tmp_path / "secret", tmp_path / "wide"
    for path, mode in ((secret, 0o600), (wide, 0o644)):
        path.write_text("a-secret")
        path.chmod(mode)
    file = tmp_path / "gateways.toml"
    file.write_text(content.replace("SECRET", str(secret)).replace("OPEN", str(wide)))
    with pytest.raises(ValueError, match=said) as no:
        read_gateways(file)
    assert "a-secret" not in str(no.value)
