"""An office's messages go by the connection that serves it; its templates, bounds, receipts and costs hold."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry

from complaints.record.identifiers import PHONE
from journal.refusals import Refused
from offices.people import Office
from offices.systems import Message
from server.connections import Connections, Sections, read_connections
from server.connections.messages import MessageRouter, read_messages
from server.connections.store import ConnectionStore
from server.connections.wechat import AccountFollowing, Followers
from server.outbox.notifiers import SIGNATURE, TIMESTAMP, LogNotifier, OutboxMessage, Taken, genuine, signature
from server.outbox.service import OutboxService
from server.outbox.store import FollowerStore, MessageStore, TemplateStore, put_message
from server.outbox.templates import MessageTemplates
from server.outbox.texts import (
    InvitationText,
    Wording,
    cancelled_text,
    code_text,
    invitation_text,
    templates,
    unpacked,
    withdrawal_text,
)
from tests.server.app.office import FIRST, SECOND, World, secret_of
from tests.server.outbox.carriers import KEY, SECRET, AliyunSimulator, WeChatSimulator

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


# ------------------------------------------------------------------ whose messages go where


async def test_an_office_sends_by_the_nearest_connection_above_it_and_the_others_as_usual(
    world: World, gateway: Gateway, place: Place
) -> None:
    await below_wuhan(world)
    place.say(by_gateway(gateway))
    await place.begin()
    for office, to in ((FIRST, "below"), (CITY, "own"), (SECOND, "elsewhere")):
        await place.queue(office=office, to=to)
    await place.box.deliver_due()
    assert (sorted(one["to"] for one in gateway.taken), place.usual) == (["below", "own"], ["elsewhere"])
    (place.folder / "gate").write_text("renewed")  # read at each message
    gateway.secret = "renewed"
    assert (await place.send()).state == "sent"
    (place.folder / "gate").unlink()
    lost = await place.send()
    assert (lost.state, lost.trouble) == ("failed", "credentials")  # it waits until somebody has seen to that


async def test_one_citys_gateway_says_nothing_of_another_citys_messages(
    world: World, gateway: Gateway, place: Place
) -> None:
    await below_wuhan(world)
    place.say(by_gateway(gateway))
    box = await place.begin()
    ids = {office.id: await place.queue(office=office) for office in (FIRST, SECOND)}
    await box.deliver_due()

    async def secret(office: str) -> str:
        return await place.router.secret(office) or "usual"

    async def told(office: str, by: str) -> bool:
        body = json.dumps({"id": ids.get(office, office), "state": "delivered"}).encode()
        timestamp = str(int(world.clock.now().timestamp()))
        return await box.receipt(secret, timestamp, signature(by.encode(), timestamp, body), body)

    assert await told(FIRST.id, "secret-of-wuhan")
    assert not await told(FIRST.id, "usual")
    assert await told(SECOND.id, "usual")
    assert not await told(SECOND.id, "secret-of-wuhan")
    assert not await told("nobodys", "secret-of-wuhan")


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
    assert "invites you" in sent.text, sent.text
    assert sent.office == FIRST.id


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ('provider = "pigeon"', "pigeon"),
        ('provider = "http"\nurl = "ftp://a.example"\nsecret = { file = "FOLDER/gate" }', "http"),
        ('provider = "http"\nurl = "https://a.example"\nsecret = { file = "nowhere" }', "cannot be read"),
        ('provider = "http"\nurl = "https://a.example"\nsecret = "clear"', "secret"),
        ('provider = "smtp"\nhost = "a"\nsender = "a@b"\nto = "a@b"', "phone"),
        ('provider = "aliyun"\naccess_key_id = "a"', "access_key_secret"),
    ],
)
def test_a_section_that_cannot_be_used_is_refused_in_a_sentence(tmp_path: Path, said: str, wrong: str) -> None:
    file, secret = tmp_path / "connections.toml", tmp_path / "gate"
    secret.write_text("a-secret")
    secret.chmod(0o600)
    file.write_text("[messages.one]\n" + said.replace("FOLDER", str(tmp_path)))
    with pytest.raises(ValueError, match=wrong) as no:
        read_messages(read_connections(file))
    assert "a-secret" not in str(no.value)
    assert read_messages(Sections()) == {}


# ------------------------------------------------------------------ templates


async def test_what_no_template_was_approved_for_is_not_sent_and_says_why(
    world: World, aliyun: AliyunSimulator, place: Place
) -> None:
    place.say(by_aliyun(aliyun))
    box = await place.begin()
    said = invitation_text(InvitationText(FIRST, "周敏", "17号", world.clock.now(), f"{SITE}/j/{'x' * 24}"), "zh")
    first = await place.send(said)
    assert (first.state, first.trouble) == ("dead", "template_missing")
    await place.enter("aliyun", said, "waiting")
    await box.resend(world.zhou, first.id)
    await box.deliver_due()
    assert (await place.shown(first.id)).trouble == "template_waiting"
    await place.enter("aliyun", said)
    await box.resend(world.zhou, first.id)
    await box.deliver_due()
    assert (await place.shown(first.id)).state == "sent"
    (held,) = aliyun.held
    assert held.said["values"]["secret"] == "x" * 24  # no link among the values
    assert held.said["SignName"] == FIRST.signs_as
    assert (await place.send(unpacked("【一所】旧文"))).trouble == "template_missing"
    assert aliyun.ids() == [first.id]


async def test_an_approved_text_that_changed_since_is_not_sent(
    world: World, aliyun: AliyunSimulator, place: Place
) -> None:
    place.say(by_aliyun(aliyun))
    await place.begin()
    said = cancelled_text(FIRST, "17号", world.clock.now(), "zh")
    await place.enter("aliyun", said)
    assert (await place.send(said)).state == "sent"
    await world.store.change_offices([replace(FIRST, phone="027-99999")])
    assert (await place.send(said)).trouble == "template_changed"
    place.admin = replace(place.admin, office=replace(FIRST, phone="027-99999"))
    assert (await place.book.one(place.admin, "aliyun", said.template, "zh")).state == "changed"
    await place.enter("aliyun", said)
    assert (await place.send(said)).state == "sent"


async def test_a_value_that_does_not_fit_is_told_and_one_cut_in_parts_fits(
    world: World, aliyun: AliyunSimulator, place: Place
) -> None:
    place.say(by_aliyun(aliyun))
    await place.begin()
    reason = "终止理由写错" * 10
    said = withdrawal_text(FIRST, "17号", reason, "zh")
    await place.enter("aliyun", said)
    assert (await place.send(said)).trouble == "value_too_long"
    assert aliyun.held == []
    by = place.admin
    await place.book.enter(
        by, "aliyun", said.template, "zh", "SMS_1", "number reason:1/2 reason:2/2", "approved"
    )  # fmt: skip
    assert (await place.send(said)).state == "sent"
    values = aliyun.held[0].said["values"]
    assert values["reason1"] + values["reason2"] == f"{reason}。"


async def test_parameters_name_every_value_wholly_and_none_that_is_not_there(
    world: World, aliyun: AliyunSimulator, place: Place
) -> None:
    place.say(by_aliyun(aliyun))
    await place.begin()
    for written in ("", "number", "number starts reason", "number starts:1/2", "number starts:2/2 starts:1/2", "{x}"):
        with pytest.raises(Refused) as no:
            await place.book.enter(place.admin, "aliyun", "cancelled", "zh", "SMS_1", written, "approved")
        assert no.value.params["field"] == "parameters"
    for code in ("模板", "x" * 65):
        with pytest.raises(Refused, match="bad_choice"):
            await place.book.enter(place.admin, "aliyun", "cancelled", "zh", code, "number starts", "approved")
    for connection in ("city", "gateway"):
        with pytest.raises(Refused, match="not_found"):
            await place.book.enter(place.admin, connection, "cancelled", "zh", "SMS_1", "number starts", "approved")
    with pytest.raises(Refused):
        await place.book.listed(world.zhou, "aliyun", "zh")
    await place.book.enter(place.admin, "aliyun", "cancelled", "zh", "SMS_1", "number starts", "approved")
    await place.book.enter(place.admin, "aliyun", "cancelled", "zh", "", "", "approved")
    assert (await place.book.one(place.admin, "aliyun", "cancelled", "zh")).state == ""


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_what_is_suggested_for_a_template_can_be_entered_as_it_is(
    world: World, aliyun: AliyunSimulator, place: Place, language: str
) -> None:
    place.say(by_aliyun(aliyun, "longest_value = 12"))
    await place.begin()
    listed = await place.book.listed(place.admin, "aliyun", language)
    assert [one.name for one in listed] == list(templates())
    for one in listed:
        await place.book.enter(place.admin, "aliyun", one.name, language, "SMS_1", one.parameters, "approved")
        assert FIRST.phone in one.text or "{phone}" not in templates()[one.name].text(language)
        assert "secret:1/2" in one.text if templates()[one.name].path.endswith("/") else "secret" not in one.text


# ------------------------------------------------------------------ receipts


async def test_a_receipt_that_is_posted_asked_for_or_posted_twice_counts_once(
    world: World, aliyun: AliyunSimulator, place: Place
) -> None:
    place.say(by_aliyun(aliyun, "price = 0.045"))
    box = await place.begin()
    said = cancelled_text(FIRST, "17号", world.clock.now(), "zh")
    await place.enter("aliyun", said)
    first, second = await place.send(said), await place.send(said, to="13900000813")
    body = json.dumps(aliyun.report(aliyun.held[0], "DELIVERED")).encode()
    for _ in range(2):
        assert json.loads(await box.pushed("aliyun", "a-callback", {}, body))["code"] == 0
    shown = await place.shown(first.id)
    assert (shown.stands, shown.provider, shown.pieces) == ("arrived", "aliyun", 2)
    aliyun.arrived[aliyun.held[1].reference] = "MOBILE_NOT_ON_SERVICE"
    await box.ask()
    assert (await place.shown(second.id)).stands == "sent"  # it is not asked at once
    world.move(seconds=31)
    await box.ask()
    await box.ask()
    shown = await place.shown(second.id)
    assert (shown.stands, shown.trouble) == ("dead", "off")
    assert place.metric("yuntiao_messages_total", provider="aliyun", outcome="arrived") == 1
    assert place.metric("yuntiao_messages_total", provider="aliyun", outcome="off") == 1
    assert place.metric("yuntiao_message_pieces_total", provider="aliyun") == 4
    assert place.metric("yuntiao_message_cost_yuan_total", provider="aliyun") == pytest.approx(0.18)
    (sums,) = await box.sums(world.zhou)
    assert (sums.connection, sums.taken, sums.failed, sums.pieces, sums.cost) == ("aliyun", 2, 1, 4, 180)


async def test_receipts_of_strangers_of_others_messages_and_of_none_change_nothing(
    world: World, aliyun: AliyunSimulator, place: Place
) -> None:
    place.say(by_aliyun(aliyun) + by_aliyun(aliyun, 'offices = ["two"]').replace("aliyun]", "other]"))
    box = await place.begin()
    said = cancelled_text(FIRST, "17号", world.clock.now(), "zh")
    await place.enter("aliyun", said)
    sent = await place.send(said)
    body = json.dumps(aliyun.report(aliyun.held[0], "DELIVERED")).encode()
    with pytest.raises(Refused, match="not_allowed"):
        await box.pushed("aliyun", "guessed", {}, body)
    with pytest.raises(Refused, match="not_found"):
        await box.pushed("nobody", "a-callback", {}, body)
    await box.pushed("other", "a-callback", {}, body)  # a connection tells of its own messages
    unknown = replace(aliyun.held[0], id="nobodys", reference="none")
    await box.pushed("aliyun", "a-callback", {}, json.dumps(aliyun.report(unknown, "DELIVERED")).encode())
    assert (await place.shown(sent.id)).stands == "sent"
    assert place.metric("yuntiao_messages_total", provider="aliyun", outcome="unknown") == 1
    assert place.metric("yuntiao_messages_total", provider="aliyun", outcome="forged") == 1


# ------------------------------------------------------------------ bounds


async def test_one_number_an_office_and_a_day_have_bounds_and_what_is_over_them_waits(
    world: World, gateway: Gateway, place: Place
) -> None:
    more = "limits = { number_hour = 2, number_day = 3, office_day = 4 }"
    place.say(by_gateway(gateway, (), more))
    box = await place.begin()
    states = [await place.send() for _ in range(3)]
    assert [one.state for one in states] == ["sent", "sent", "failed"]
    assert (states[2].trouble, states[2].tries) == ("number_limit", 0)
    code = await place.send(code_text("code", "407216", 10, "一所", "zh"), kind="code")
    assert code.state == "sent"  # codes have bounds of their own
    again = OutboxService(  # as another node has it, or as after a restart
        MessageStore(world.database), place.router, world.seal, world.clock.now, carriers=place.router
    )
    world.move(minutes=59)
    assert await again.deliver_due() == 0
    world.move(minutes=2)
    await again.deliver_due()
    assert (await place.shown(states[2].id)).state == "sent"
    assert (await place.send()).trouble == "number_limit"  # the day's third was the last
    assert (await place.send(to="13900000813")).state == "sent"
    assert (await place.send(to="13900000814")).trouble == "office_limit"
    world.move(hours=24)
    while await box.deliver_due():
        pass
    rows, _ = await box.messages(world.zhou)
    assert {one.state for one in rows} == {"sent"}
    assert len(gateway.taken) == len(rows)  # nothing was lost, nothing went twice


async def test_a_message_that_is_tried_again_counts_once(world: World, gateway: Gateway, place: Place) -> None:
    place.say(by_gateway(gateway, (), "limits = { number_hour = 1, number_day = 0, office_day = 0 }"))
    box = await place.begin()
    gateway.secret = "another"
    (place.folder / "gate").unlink()
    first = await place.send()
    assert first.state == "failed"
    (place.folder / "gate").write_text("another")
    (place.folder / "gate").chmod(0o600)
    world.move(seconds=10)
    await box.deliver_due()
    assert (await place.shown(first.id)).state == "sent"


# ------------------------------------------------------------------ WeChat


@pytest.fixture
async def wechat(world: World) -> AsyncIterator[WeChatSimulator]:
    made = WeChatSimulator(world.clock.now)
    await made.start()
    yield made
    await made.stop()


def by_wechat(simulator: WeChatSimulator) -> str:
    return (
        f'[messages.account]\nprovider = "wechat"\nendpoint = "{simulator.server.make_url("")}"\napp_id = "wx1"\n'
        'app_secret = { file = "FOLDER/key" }\ntimeout = 0.5\n'
    )


async def test_who_follows_the_account_has_it_there_and_everybody_else_by_text_message(
    world: World, gateway: Gateway, wechat: WeChatSimulator, place: Place
) -> None:
    place.say(by_gateway(gateway, ()) + by_wechat(wechat))
    await place.begin()
    said = cancelled_text(FIRST, "17号", world.clock.now(), "zh")
    await place.book.enter(
        place.admin, "account", said.template, "zh", "tpl", "character_string1=number thing2=starts", "approved"
    )  # fmt: skip
    await place.followers.follow("account", PHONE_NUMBER, "oPerson")
    assert (await place.send(said)).provider == "account"
    assert (await place.send(said, to="13900000813")).provider == "city"
    code = await place.send(code_text("code", "407216", 10, "一所", "zh"), kind="code")
    assert code.provider == "city"  # a code proves the phone
    other = await place.send(withdrawal_text(FIRST, "17号", "错", "zh"))
    assert other.provider == "city"  # no template of the account's is approved for it
    wechat.gone.add("oPerson")
    assert (await place.send(said)).provider == "city"
    await place.followers.leave("account", PHONE_NUMBER)
    assert (await place.send(said)).provider == "city"
    assert [one.to for one in wechat.held] == ["oPerson"]
    assert wechat.held[0].said["data"]["character_string1"]["value"] == "17号"
    async with world.database.read() as connection:
        from sqlalchemy import text

        kept = str((await connection.execute(text("SELECT * FROM followers"))).all())
    assert PHONE_NUMBER not in kept


async def test_a_link_opens_the_mini_program_where_there_is_one_and_ours_while_it_is_away(
    world: World, gateway: Gateway, wechat: WeChatSimulator, place: Place
) -> None:
    program = by_wechat(wechat).replace('provider = "wechat"', 'provider = "mini_program"\npath = "pages/open"')
    place.say(by_gateway(gateway, ()) + program)
    await place.begin()
    url = f"{SITE}/j/{'x' * 20}abcd"
    said = invitation_text(InvitationText(FIRST, "周敏", "17号", world.clock.now(), url), "zh")
    await place.send(said)
    assert "https://wxaurl.cn/abcd" in gateway.taken[-1]["text"]
    assert url not in gateway.taken[-1]["text"]
    await wechat.stop()
    await place.send(said)
    assert url in gateway.taken[-1]["text"]


# ------------------------------------------------------------------ the page of connections


async def test_a_test_of_a_connection_says_how_it_went_and_logs_no_number(
    world: World, aliyun: AliyunSimulator, place: Place
) -> None:
    place.say(by_aliyun(aliyun))
    await place.begin()
    with structlog.testing.capture_logs() as logged:
        assert (await place.connections.test(place.admin, "messages", "aliyun", PHONE_NUMBER)).fault == "not_ready"
        known = await place.book.one(place.admin, "aliyun", "test", "zh")
        await place.book.enter(place.admin, "aliyun", "test", "zh", "SMS_9", known.parameters, "approved")
        assert not (await place.connections.test(place.admin, "messages", "aliyun", PHONE_NUMBER)).failing
        assert (await place.connections.test(place.admin, "messages", "aliyun", "110")).fault == "bad_input"
    assert len(aliyun.held) == 1
    assert PHONE_NUMBER not in str(logged)
    world.move(seconds=1)
    (place.folder / "key").write_text("another")
    said = cancelled_text(FIRST, "17号", world.clock.now(), "zh")
    await place.enter("aliyun", said)
    await place.send(said)
    (state,) = await place.connections.states(place.admin)
    assert (state.failing, state.fault) == (True, "refused")


def test_the_bounds_of_a_section_are_whole_numbers_not_below_nothing(tmp_path: Path) -> None:
    told = {"provider": "http", "url": "http://a", "limits": {"number_hour": -1}}
    with pytest.raises(ValueError, match="number_hour"):
        read_messages(Sections(tmp_path, {"messages": {"one": told}}))


async def test_who_is_sent_to_wechat_and_comes_back_has_messages_there_and_nobody_by_anothers_word(
    world: World, gateway: Gateway, wechat: WeChatSimulator, place: Place
) -> None:
    place.say(by_gateway(gateway, ()) + by_wechat(wechat))
    await place.begin()
    secrets = [secret_of(await world.invite(seat)) for seat in ("consumer", "business")]
    devices = [await world.links.begin(secret) for secret in secrets]
    consumer, business = [await world.links.guest(device) for device in devices]
    assert consumer is not None
    assert business is not None
    following = AccountFollowing(
        place.router,
        place.followers,
        world.links.phone,
        lambda told: world.seal.hash(told, "following"),
        SITE,
        world.clock.now,
    )
    address = urlsplit(await following.address(consumer))
    asked = parse_qs(address.query)
    assert (asked["scope"], asked["redirect_uri"]) == (["snsapi_base"], [f"{SITE}/join/wechat/back"])
    state = asked["state"][0]
    assert state.isalnum()
    assert len(state) <= 128
    with pytest.raises(Refused, match="not_allowed"):
        await following.come_back(business, "c0de", state)
    world.move(minutes=9)
    with pytest.raises(Refused, match="busy"):
        await following.come_back(consumer, "guessed", state)
    assert not await following.follows(consumer)
    await following.come_back(consumer, "c0de", state)
    assert await following.follows(consumer)
    assert not await following.follows(business)
    world.move(minutes=21)
    with pytest.raises(Refused, match="not_allowed"):
        await following.come_back(consumer, "c0de", state)
    await following.leave(consumer)
    assert not await following.follows(consumer)
    await following.come_back(consumer, "c0de", parse_qs(urlsplit(await following.address(consumer)).query)["state"][0])
    world.move(hours=24 * 181)
    assert not await following.follows(consumer)  # it ends by itself
