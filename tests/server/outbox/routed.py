"""Offices whose messages go by connections, and the gateway and carrier they go to."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry

from complaints.record.identifiers import PHONE
from offices import Office
from offices.systems import Message
from server.connections import SIGNATURE, TIMESTAMP, Connections, genuine, read_connections
from server.connections.messages import MessageRouter, read_messages
from server.connections.store import ConnectionStore
from server.connections.wechat import Followers
from server.outbox import (
    Wording,
    cancelled_text,
)
from server.outbox.notifiers import LogNotifier, OutboxMessage, Taken
from server.outbox.service import OutboxService
from server.outbox.store import FollowerStore, MessageStore, TemplateStore, put_message
from server.outbox.templates import MessageTemplates
from tests.server.app.office import FIRST, World
from tests.server.outbox.carriers import KEY, SECRET, AliyunSimulator

CITY = Office(
    "wuhan", "武汉市市场监督管理局", "武汉市局", "027-1", "武投", level="city", signature="武汉市监", language="en"
)
SITE, PHONE_NUMBER = "https://tj.example", "13900000812"


@dataclass
class Gateway:
    """A real server that notes what came and whether it was signed with its secret."""

    secret: str = "secret-of-wuhan"
    taken: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        app = web.Application()
        app.router.add_post("/sms", self.take)
        self.server = TestServer(app)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if not genuine([self.secret], request.headers[TIMESTAMP], body, request.headers[SIGNATURE]):
            return web.Response(status=403)
        self.taken.append(json.loads(body))
        return web.Response(status=204)


@dataclass
class Place:
    """The outbox of an office, and what its connections file says."""

    world: World
    folder: Path
    usual: list[str] = field(default_factory=list)
    told: str = ""

    def __post_init__(self) -> None:
        self.admin = replace(self.world.zhou, role="administrator")

    def say(self, section: str) -> None:
        for name, secret in (("key", SECRET), ("back", "a-callback"), ("gate", "secret-of-wuhan")):
            file = self.folder / name
            file.write_text(secret)
            file.chmod(0o600)
        self.told += section.replace("FOLDER", str(self.folder))

    async def begin(self) -> OutboxService:
        file = self.folder / "connections.toml"
        file.write_text(self.told)
        usual = self.usual

        class Usual(LogNotifier):
            async def deliver(self, notice: OutboxMessage) -> Taken:
                usual.append(notice.to)
                return Taken()

        world, now = self.world, self.world.clock.now
        self.book = MessageTemplates(TemplateStore(world.database), world.store.office, world.store.line, SITE, now)
        self.connections = Connections(ConnectionStore(world.database), now)
        sections = read_messages(read_connections(file))
        self.router = MessageRouter(sections, Usual(), self.book, world.store.line, now, self.connections)
        self.book.connections = self.router.with_templates
        store, seal = FollowerStore(world.database), world.seal
        self.followers = Followers(store, seal, lambda phone: seal.hash(phone, PHONE), now)
        self.router.follower = self.followers.openid
        self.box = OutboxService(MessageStore(world.database), self.router, seal, now, carriers=self.router)
        await self.router.start()
        return self.box

    async def queue(
        self, wording: Wording | None = None, office: Office = FIRST, to: str = PHONE_NUMBER, kind: str = "link"
    ) -> str:
        said = wording or cancelled_text(office, "东高一投〔2026〕17号", self.world.clock.now(), "zh")
        made = self.box.compose(office.id, "", kind, to, said)
        async with self.world.database.write() as connection:
            await put_message(connection, made)
        return made.id

    async def send(self, *given: object, **more: object) -> Message:
        id_ = await self.queue(*given, **more)  # type: ignore[arg-type]
        await self.box.deliver_due()
        return await self.shown(id_)

    async def shown(self, id_: str) -> Message:
        rows, _ = await self.box.messages(self.world.zhou)
        return next(one for one in rows if one.id == id_)

    async def enter(self, connection: str, wording: Wording, state: str = "approved", code: str = "SMS_1") -> None:
        known = await self.book.one(self.admin, connection, wording.template, "zh")
        await self.book.enter(
            self.admin, connection, wording.template, "zh", code, known.parameters, state
        )  # fmt: skip

    def metric(self, name: str, **labels: str) -> float | None:
        registry = CollectorRegistry()
        registry.register(self.router.collector())
        return registry.get_sample_value(name, labels)


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    made = Gateway()
    await made.server.start_server()
    yield made
    await made.server.close()


@pytest.fixture
async def place(world: World, tmp_path: Path) -> AsyncIterator[Place]:
    made = Place(world, tmp_path)
    yield made
    await made.router.stop()


@pytest.fixture
async def aliyun(world: World) -> AsyncIterator[AliyunSimulator]:
    made = AliyunSimulator(world.clock.now)
    made.signatures = frozenset({FIRST.signs_as})
    await made.start()
    yield made
    await made.stop()


def by_gateway(gateway: Gateway, offices: Sequence[str] = ("wuhan",), more: str = "") -> str:
    return (
        f'[messages.city]\nprovider = "http"\noffices = {json.dumps(list(offices))}\nurl = "'
        f'{gateway.server.make_url("/sms")}"\nsecret = {{ file = "FOLDER/gate" }}\n{more}\n'
    )


def by_aliyun(simulator: AliyunSimulator, more: str = "") -> str:
    return (
        f'[messages.aliyun]\nprovider = "aliyun"\nendpoint = "{simulator.server.make_url("")}"\n'
        f'access_key_id = "{KEY}"\naccess_key_secret = {{ file = "FOLDER/key" }}\ntimeout = 0.5\n'
        f'callback = {{ file = "FOLDER/back" }}\n{more}\n'
    )


async def below_wuhan(world: World) -> None:
    await world.store.add_office(CITY)
    await world.store.change_offices([replace(FIRST, superior="wuhan")])
