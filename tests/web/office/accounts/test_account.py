"""The outbox, the officers of an office, and an officer's own account."""

from __future__ import annotations

from offices.systems import Message
from tests.web.client import AiohttpClient, Browser, another, browser
from tests.web.fakes import EAST_LAKE, PASSWORD, ZHOU, World
from web.http import cookies


async def test_a_message_that_did_not_go_out_can_be_sent_again(world: World, zhou: Browser) -> None:
    world.outbox.kept = [Message("m", "138 **** 5076", "验证码 407215", "dead", world.clock.now, 5, "HTTP 502")]
    page = await zhou.get("/outbox")
    assert "407215" in page.text
    assert "HTTP 502" in page.text
    page = await zhou.follow(await zhou.post("/outbox/m/resend"))
    assert "Waiting to be sent" in page.text


async def test_the_administrator_adds_an_officer(world: World, aiohttp_client: AiohttpClient) -> None:
    admin = await browser(aiohttp_client, world.app())
    admin.sign_in(world.identity.token("admin"))
    admin.cookies[cookies.LANGUAGE] = "en"
    await admin.get("/officers")
    form = {"name": "孙调", "login": "sun", "role": "mediator", "password": "又一个很长的密码"}
    short = await admin.post("/officers", form | {"password": "短"})
    assert short.status == 422
    assert 'value="孙调"' in short.text
    taken = await admin.post("/officers", form | {"login": "zhou", "password": "又一个很长很长的密码"})
    assert "already signs in" in taken.text
    page = await admin.follow(await admin.post("/officers", form | {"password": "又一个很长很长的密码"}))
    assert "孙调" in page.text
    assert world.identity.accounts["sun"].officer.office == EAST_LAKE


async def test_the_second_factor_is_turned_on_with_a_code_from_the_app(world: World, zhou: Browser) -> None:
    await zhou.get("/account")
    shown = await zhou.post("/account/totp")
    assert "data:image/svg+xml" in shown.text
    assert "otpauth://" in shown.text
    assert (await zhou.post("/account/totp/confirm", {"code": "000000"})).status == 422
    page = await zhou.post("/account/totp/confirm", {"code": "407 215"})
    assert "takes the six digits as well" in page.text
    assert "abcde-fghjk" in page.text
    assert world.identity.accounts["zhou"].officer.totp


async def test_an_officer_says_where_messages_go_and_takes_it_back(world: World, zhou: Browser) -> None:
    assert "no messages are sent" in (await zhou.get("/account")).text
    assert (await zhou.post("/account/phone", {"phone": "027-00001201"})).status == 422  # takes no text
    page = await zhou.follow(await zhou.post("/account/phone", {"phone": "139 0000 4411"}))
    assert "Messages go to 139 **** 4411." in page.text
    assert "13900004411" not in page.text
    page = await zhou.follow(await zhou.post("/account/phone", {"phone": ""}))
    assert "No messages are sent to you." in page.text
    assert world.phones.given[ZHOU.id] == ""


async def test_who_gave_no_number_is_asked_once_where_they_begin(world: World, zhou: Browser) -> None:
    assert "you have given no mobile number" in (await zhou.get("/desk")).text
    done = await zhou.post("/account/phone/without", {"back": "/desk"})
    assert done.location == "/desk"
    assert "phone-asked" not in (await zhou.get("/desk")).text
    assert (await zhou.post("/account/phone/without", {"back": "https://elsewhere.example/"})).location == "/"
    lin = await another(zhou)
    lin.sign_in(world.identity.token("lin"))
    for page in ("/focus", "/supervision"):
        assert 'id="phone-asked"' in (await lin.get(page)).text
    await lin.get("/account")
    await lin.post("/account/phone", {"phone": "13900004411"})
    await lin.get("/supervision")
    await lin.post("/account/phone/without", {"back": "/supervision"})  # of a page that was open still
    assert world.phones.given["u-lin"] == "13900004411"
    assert 'id="phone-asked"' not in (await lin.get("/focus")).text


async def test_who_is_sent_no_messages_is_not_asked_for_a_number(world: World, aiohttp_client: AiohttpClient) -> None:
    admin = await browser(aiohttp_client, world.app())
    admin.sign_in(world.identity.token("admin"))
    assert 'name="phone"' not in (await admin.get("/account")).text
    assert (await admin.post("/account/phone", {"phone": "13900004411"})).status == 403


async def test_a_password_is_changed_only_by_who_knows_the_old_one(world: World, zhou: Browser) -> None:
    before = world.identity.accounts["zhou"].password
    await zhou.get("/account")
    new = {"new": "新的一个很长的密码", "again": "新的一个很长的密码"}
    assert "not your present password" in (await zhou.post("/account/password", new | {"old": "wrong"})).text
    assert "not the same" in (await zhou.post("/account/password", new | {"old": before, "again": "x"})).text
    assert world.identity.accounts["zhou"].password == before
    page = await zhou.follow(
        await zhou.post(
            "/account/password", {"old": before, "new": "新的一个很长很长的密码", "again": "新的一个很长很长的密码"}
        )
    )
    assert "Your password is changed." in page.text


async def test_what_is_open_is_listed_and_ended_from_here(world: World, zhou: Browser) -> None:
    elsewhere = await another(zhou)
    elsewhere.sign_in(world.identity.token("zhou"))
    page = await zhou.get("/account")
    assert "2 active sign-ins" in page.text
    [other] = [one.id for one in await world.identity.sessions(ZHOU, zhou.cookies[cookies.OFFICER]) if not one.this]
    await zhou.follow(await zhou.post(f"/account/sessions/{other}/end"))
    assert (await elsewhere.get("/desk")).location.startswith("/sign-in")
    assert (await zhou.get("/desk")).status == 200
    assert (await zhou.post("/account/sessions/unknown/end")).status == 404


async def test_what_a_strangers_browser_says_of_itself_stays_text(world: World, zhou: Browser) -> None:
    page = await zhou.get("/account")
    assert "wrong password" in page.text
    assert "<script>alert" not in page.text


async def test_codes_for_a_lost_phone_are_shown_once_and_by_nobody_kept(world: World, zhou: Browser) -> None:
    await zhou.get("/account")
    await zhou.post("/account/totp")
    await zhou.post("/account/totp/confirm", {"code": "407215"})
    wrong = await zhou.post("/account/recovery", {"recovery_password": "nope"})
    assert wrong.status == 422
    shown = await zhou.post("/account/recovery", {"recovery_password": PASSWORD})
    assert "mnpqr-stuvw" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert "mnpqr-stuvw" not in (await zhou.get("/account")).text
