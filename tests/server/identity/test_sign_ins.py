"""Signing in by the rules of a real office: two steps, a password of one's own, lost phones, and who is kept out."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from journal.refusals import Refused
from offices import Officer, SignIn
from server.identity.officers import ENFORCED, Officers
from server.identity.sign_ins import weak
from tests.server.app.office import IP, PASSWORD, QUICK, World

OWN = "at-the-lake-half-past-seven"
HOME, ATTACKER = "a-random-cookie-of-home-1", "a-random-cookie-of-theirs"


@pytest.fixture
def officers(world: World) -> Officers:
    return Officers(world.store, world.seal, world.clock.now, QUICK, ENFORCED)


@pytest.fixture
async def luo(world: World, officers: Officers) -> Officer:
    admin = await world.store.user_by_login("admin")
    assert admin is not None
    by = Officer(admin.id, "admin", admin.name, "administrator", world.zhou.office, totp=True)
    return await officers.add_officer(by, "luojianguo", "罗建国", "supervisor", PASSWORD)


async def code_of(refusing: object) -> str:
    with pytest.raises(Refused) as no:
        await refusing  # type: ignore[misc]
    return no.value.code


def app_of(address: str) -> pyotp.TOTP:
    return pyotp.TOTP(parse_qs(urlsplit(address).query)["secret"][0])


async def enrolled(world: World, officers: Officers, luo: Officer) -> tuple[str, list[str], pyotp.TOTP]:
    token = await officers.own_password(await officers.sign_in(luo.login, PASSWORD, "", IP), OWN)
    app = app_of(await officers.pending_totp(luo))
    fresh, codes = await officers.enrol(token, app.at(world.clock.now()))
    world.move(seconds=30)
    return fresh, list(codes), app


async def test_a_supervisor_gets_nowhere_before_an_own_password_and_the_second_step(
    world: World, officers: Officers, luo: Officer
) -> None:
    token = await officers.sign_in(luo.login, PASSWORD, "", IP)
    assert await officers.officer(token) is None
    owed = await officers.unfinished(token)
    assert owed is not None
    assert (owed.password, owed.second_step) == (True, True)
    assert await code_of(officers.enrol(token, "000000")) == "sign_in_needed"  # first the password
    assert await code_of(officers.own_password(token, PASSWORD)) == "weak_password"  # the one somebody else knows
    second = await officers.own_password(token, OWN)
    assert await officers.unfinished(token) is None
    assert await officers.officer(second) is None
    app = app_of(await officers.pending_totp(luo))
    assert app_of(await officers.pending_totp(luo)).secret == app.secret  # reloading leaves what was scanned good
    third, codes = await officers.enrol(second, app.at(world.clock.now()))
    assert len({second, third}) == 2
    assert len(set(codes)) == 10
    assert await officers.officer(second) is None
    assert await officers.officer(third) is not None
    assert await officers.unfinished(third) is None


async def test_the_second_step_cannot_be_dropped_where_the_role_asks_for_it(
    world: World, officers: Officers, luo: Officer
) -> None:
    await enrolled(world, officers, luo)
    assert await code_of(officers.drop_totp(luo, OWN, "")) == "two_steps_kept"
    assert await code_of(officers.sign_in(luo.login, OWN, "", IP)) == "totp_needed"


async def test_a_mediator_needs_no_second_step(world: World, officers: Officers) -> None:
    assert await officers.officer(await officers.sign_in("zhoumin", PASSWORD, "", IP)) is not None


async def test_a_code_for_a_lost_phone_opens_once_also_of_ten_tries_at_once(
    world: World, officers: Officers, luo: Officer
) -> None:
    _, codes, _ = await enrolled(world, officers, luo)

    async def came_in(code: str) -> bool:
        try:
            return bool(await officers.sign_in(luo.login, OWN, code.upper().replace("-", " "), IP))
        except Refused:
            return False

    assert sum(await asyncio.gather(*(came_in(codes[0]) for _ in range(8)))) == 1
    assert await officers.recovery_left(luo) == 9
    assert await officers.renew_recovery(luo, OWN)
    assert await code_of(officers.sign_in(luo.login, OWN, codes[1], IP)) == "bad_login"


async def test_a_stranger_who_guesses_keeps_nobody_out_of_the_browser_they_always_use(
    world: World, officers: Officers
) -> None:
    await officers.sign_in("zhoumin", PASSWORD, "", IP, "", HOME)
    for n in range(30):
        await code_of(officers.sign_in("zhoumin", f"guess-{n}", "", f"192.0.2.{n}", "", ATTACKER))
    assert (
        await code_of(officers.sign_in("zhoumin", PASSWORD, "", IP, "", "another-new-browser-of-his"))
        == "too_many_tries"
    )
    assert await officers.sign_in("zhoumin", PASSWORD, "", IP, "", HOME)
    # Coming in from home gives the guessing stranger no new tries.
    assert await code_of(officers.sign_in("zhoumin", PASSWORD, "", IP, "", ATTACKER)) == "too_many_tries"


async def test_a_known_browser_has_ten_guesses_too(world: World, officers: Officers) -> None:
    await officers.sign_in("zhoumin", PASSWORD, "", IP, "", HOME)
    told = [await code_of(officers.sign_in("zhoumin", f"guess-{n}", "", IP, "", HOME)) for n in range(12)]
    assert told == ["bad_login"] * 10 + ["too_many_tries"] * 2
    world.move(minutes=15)
    fresh = Officers(world.store, world.seal, world.clock.now, QUICK, ENFORCED)
    assert await fresh.sign_in("zhoumin", PASSWORD, "", IP, "", HOME)


async def test_every_try_is_in_the_history_and_nobody_elses(world: World, officers: Officers) -> None:
    await code_of(officers.sign_in("zhoumin", "guess", "", "192.0.2.9", "curl/8"))
    await code_of(officers.sign_in("nobody", "guess", "", "192.0.2.9", "curl/8"))
    world.move(seconds=1)
    await officers.sign_in("zhoumin", PASSWORD, "", IP, "Firefox", HOME)
    assert await officers.history(world.zhou) == [
        SignIn(world.clock.now(), IP, "Firefox", "in", nameless=False),
        SignIn((await officers.history(world.zhou))[1].at, "192.0.2.9", "curl/8", "bad_password", nameless=True),
    ]
    assert await officers.history(world.other) == []


async def test_sessions_are_listed_and_ended_one_by_one_and_only_ones_own(world: World, officers: Officers) -> None:
    here = await officers.sign_in("zhoumin", PASSWORD, "", IP, "Firefox", HOME)
    world.move(seconds=1)
    there = await officers.sign_in("zhoumin", PASSWORD, "", "192.0.2.77", "Edge", ATTACKER)
    listed = await officers.sessions(world.zhou, here)
    assert [(one.ip, one.agent, one.this) for one in listed] == [("192.0.2.77", "Edge", False), (IP, "Firefox", True)]
    assert there not in repr(listed)
    assert await code_of(officers.end_session(world.other, listed[0].id)) == "not_found"
    await officers.end_session(world.zhou, listed[0].id)
    assert await officers.officer(there) is None
    assert await officers.officer(here) is not None
    second = await officers.sign_in("zhoumin", PASSWORD, "", IP)
    await officers.end_others(world.zhou, here)
    assert await officers.officer(second) is None
    assert await officers.officer(here) is not None


async def test_nobody_signs_in_to_a_closed_account_nor_stays_in_it(world: World, officers: Officers) -> None:
    token = await officers.sign_in("zhoumin", PASSWORD, "", IP)
    await officers.sign_ins.store.close(world.zhou.id, world.clock.now())
    assert await officers.officer(token) is None
    assert await code_of(officers.sign_in("zhoumin", PASSWORD, "", IP)) == "bad_login"
    await officers.sign_ins.store.close(world.zhou.id, None)
    assert await officers.sign_in("zhoumin", PASSWORD, "", IP)


@pytest.mark.parametrize(
    "password",
    [
        "qwertyuiop[]",
        "qazwsxedcrfv",
        "abcdefghijkl1",
        "zyxwvutsrqponm",
        "zhangsanzhangsan",
        "tea-tea-tea-tea",
        "wuhan2026wuhan!",
        "罗建国罗建国罗建国罗建国",
        "东湖高新区市场监管一所2026",
        "nimuohz-zhoumin",
        "1qaz2wsx3edc4rfv",
        "woaini5201314!!",
        "P@ssw0rd12345678",
        "一二三四五六七八九十我你",
    ],
)
def test_what_everybody_tries_first_is_weak_however_long(password: str) -> None:
    assert weak(password, "zhoumin", "罗建国", "东湖高新区市场监管一所", "一所", "东高一投")


@pytest.mark.parametrize(
    "password",
    ["one small lamp by the window", "四月的雨落在旧船上很久", "x" + "7kd0-qmvw-3hzp", "a b c d e f g h 8 t"],
)
def test_no_signs_capitals_or_digits_are_asked_for(password: str) -> None:
    assert not weak(password + "嗯" * (len(password) < 12), "zhoumin", "周敏")
