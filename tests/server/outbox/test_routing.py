"""An office's messages go by the connection that serves it, within its bounds; its page says how that went."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from server.connections import Sections, read_connections, signature
from server.connections.messages import read_messages
from server.outbox import (
    cancelled_text,
    code_text,
)
from server.outbox.service import OutboxService
from server.outbox.store import MessageStore
from tests.server.app.office import FIRST, SECOND, World
from tests.server.outbox.carriers import AliyunSimulator
from tests.server.outbox.routed import (
    CITY,
    PHONE_NUMBER,
    Gateway,
    Place,
    aliyun as aliyun,  # a fixture
    below_wuhan,
    by_aliyun,
    by_gateway,
    gateway as gateway,  # a fixture
    place as place,  # a fixture
)

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
