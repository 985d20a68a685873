"""Messages inside WeChat: who follows the account, and links that open a mini-program."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from journal.refusals import Refused
from server.connections.wechat import AccountFollowing
from server.outbox import (
    InvitationText,
    cancelled_text,
    code_text,
    invitation_text,
    withdrawal_text,
)
from tests.server.app.office import FIRST, World, secret_of
from tests.server.outbox.carriers import WeChatSimulator
from tests.server.outbox.routed import (
    PHONE_NUMBER,
    SITE,
    Gateway,
    Place,
    aliyun as aliyun,  # a fixture
    by_gateway,
    gateway as gateway,  # a fixture
    place as place,  # a fixture
)

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
