"""Officers: founding, signing in, guessing, the second factor, and one office's reach."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from sqlalchemy import event

from journal.refusals import Refused
from offices import Officer
from rooms.vocabulary import Role
from server.identity import Seal, SealBroken, digest, installation_seal
from server.identity.officers import Officers
from server.identity.sign_in_store import SignInStore
from server.identity.sign_ins import weak
from tests.server.app.office import FIRST, IP, PASSWORD, QUICK, World


async def signed_in(world: World, login: str = "zhoumin", totp: str = "") -> str:
    return await world.officers.sign_in(login, PASSWORD, totp, IP)


async def code_of(refusing: object) -> str:
    with pytest.raises(Refused) as no:
        await refusing  # type: ignore[misc]
    return no.value.code


async def second_factor(world: World) -> pyotp.TOTP:
    address = await world.officers.begin_totp(world.zhou)
    totp = pyotp.TOTP(parse_qs(urlsplit(address).query)["secret"][0])
    await world.officers.confirm_totp(world.zhou, totp.at(world.clock.now()), "")
    world.move(seconds=30)
    return totp


async def test_signing_in_gives_a_new_token_each_time(world: World) -> None:
    first, second = await signed_in(world), await signed_in(world, " ZhouMin ")
    assert first != second
    officer = await world.officers.officer(first)
    assert officer is not None
    assert (officer.name, officer.role, officer.office) == ("周敏", "mediator", FIRST)


async def test_an_unknown_login_and_a_wrong_password_sound_the_same(world: World) -> None:
    unknown = await code_of(world.officers.sign_in("nobody", PASSWORD, "", IP))
    wrong = await code_of(world.officers.sign_in("zhoumin", "not-it", "", IP))
    assert unknown == wrong == "bad_login"


async def test_a_login_that_does_not_exist_is_answered_as_one_that_does_try_for_try(world: World) -> None:
    async def told(login: str) -> tuple[list[tuple[str, int]], list[int]]:
        answers, waits = [], []
        for n in range(25):
            with pytest.raises(Refused) as no:
                await world.officers.sign_in(login, f"guess-{n}", "", f"192.0.2.{n}")
            answers.append((no.value.code, no.value.status))
            waits.append(no.value.params.get("seconds", 0))
        return answers, waits

    await SignInStore(world.database).close(world.other.id, world.clock.now())
    began = time.monotonic()
    (exists, wait), *others = await told("zhoumin"), await told("wanglin"), await told("nobody-at-all")
    passed = time.monotonic() - began  # by which the seconds to wait may differ, and by their rounding
    assert [answers for answers, _ in others] == [exists, exists]
    for _, waits in others:
        assert all(abs(one - another) <= passed + 1 for one, another in zip(wait, waits, strict=True))
    assert Counter(code for code, _ in exists) == {"bad_login": 10, "too_many_tries": 15}


async def test_a_login_that_does_not_exist_costs_the_server_what_one_that_does_costs(world: World) -> None:
    """The clock must not tell what the words do not: the same statements and the same hashing."""
    done: list[str] = []
    hashed = QUICK.holds

    def statement(_connection: object, _cursor: object, sql: str, *_: object) -> None:
        done.append(" ".join(sql.split()))

    async def holds(password: str, against: str) -> bool:
        done.append("argon2id")
        return await hashed(password, against)

    async def cost(login: str) -> list[str]:
        done.clear()
        assert await code_of(world.officers.sign_in(login, "guess", "", IP, "agent", "browser-1")) == "bad_login"
        return list(done)

    engine = world.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", statement)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QUICK, "holds", holds)
        try:
            known, unknown = await cost("zhoumin"), await cost("nobody-at-all")
        finally:
            event.remove(engine, "before_cursor_execute", statement)
    assert known == unknown
    assert "argon2id" in known


async def test_strangers_who_guess_at_the_sign_in_do_not_keep_an_officer_from_their_own_account(world: World) -> None:
    for n in range(12):
        await code_of(world.officers.sign_in("zhoumin", f"guess-{n}", "", IP))
    await world.officers.change_password(world.zhou, PASSWORD, "another-good-one-7")


async def test_an_office_is_founded_once(world: World) -> None:
    assert not await world.officers.empty()
    assert await code_of(world.officers.found(FIRST, "second", "乙", PASSWORD)) == "not_empty"


async def test_a_session_ends_after_twelve_hours_even_when_used(world: World) -> None:
    token = await signed_in(world)
    for _ in range(11):
        world.move(hours=1)
        assert await world.officers.officer(token) is not None
    world.move(hours=1)
    assert await world.officers.officer(token) is None


async def test_a_session_ends_after_two_hours_unused(world: World) -> None:
    token = await signed_in(world)
    world.move(hours=2)
    assert await world.officers.officer(token) is None


async def test_signing_out_ends_the_session_at_once(world: World) -> None:
    token = await signed_in(world)
    await world.officers.sign_out(token)
    assert await world.officers.officer(token) is None


async def test_of_many_parallel_passwords_ten_are_looked_at(world: World) -> None:
    told = Counter(
        await asyncio.gather(
            *(code_of(world.officers.sign_in("zhoumin", f"guess-{n}", "", f"192.0.2.{n}")) for n in range(40))
        )
    )
    assert told == {"bad_login": 10, "too_many_tries": 30}
    assert await code_of(signed_in(world)) == "too_many_tries"


async def test_an_account_rests_for_a_quarter_of_an_hour(world: World) -> None:
    for n in range(10):
        await code_of(world.officers.sign_in("zhoumin", f"guess-{n}", "", IP))
    world.move(minutes=15)
    # Another process: its throttle knows nothing, the account's own count does.
    fresh = Officers(world.store, world.seal, world.clock.now, QUICK)
    assert await fresh.sign_in("zhoumin", PASSWORD, "", IP)


async def test_with_a_second_factor_the_password_is_not_enough(world: World) -> None:
    totp = await second_factor(world)
    assert await code_of(signed_in(world)) == "totp_needed"
    assert await code_of(signed_in(world, totp="000000")) == "bad_login"
    officer = await world.officers.officer(await signed_in(world, totp=totp.at(world.clock.now())))
    assert officer is not None
    assert officer.totp


async def test_a_second_factors_code_works_once(world: World) -> None:
    totp = await second_factor(world)
    code = totp.at(world.clock.now())
    await signed_in(world, totp=code)
    assert await code_of(signed_in(world, totp=code)) == "bad_login"


async def test_a_second_factor_is_in_force_only_once_proved(world: World) -> None:
    await world.officers.begin_totp(world.zhou)
    assert await code_of(world.officers.confirm_totp(world.zhou, "000000", "")) == "bad_code"
    assert await signed_in(world)


async def test_dropping_the_second_factor_takes_the_password(world: World) -> None:
    await second_factor(world)
    assert await code_of(world.officers.drop_totp(world.zhou, "not-it", "")) == "bad_password"
    await world.officers.drop_totp(world.zhou, PASSWORD, "")
    assert await signed_in(world)


async def test_a_new_password_ends_every_session(world: World) -> None:
    token = await signed_in(world)
    assert await code_of(world.officers.change_password(world.zhou, PASSWORD, "zhoumin-zhoumin")) == "weak_password"
    await world.officers.change_password(world.zhou, PASSWORD, "another-good-one-7")
    assert await world.officers.officer(token) is None
    assert await code_of(signed_in(world)) == "bad_login"


async def test_only_the_administrator_adds_officers_and_only_to_the_own_office(world: World) -> None:
    assert await code_of(world.officers.add_officer(world.zhou, "new", "新", "mediator", PASSWORD)) == "not_allowed"
    assert await code_of(world.officers.officers(world.zhou)) == "not_allowed"
    admin = await world.officers.officer(await signed_in(world, "admin"))
    assert admin is not None
    assert await code_of(world.officers.add_officer(admin, "zhoumin", "周", "mediator", PASSWORD)) == "login_taken"
    added = await world.officers.add_officer(admin, "liqing", "李青", "supervisor", PASSWORD)
    assert added.office == FIRST
    assert {officer.login for officer in await world.officers.officers(admin)} == {"admin", "zhoumin", "liqing"}


async def test_another_offices_mediator_finds_no_complaint_of_ours(world: World) -> None:
    complaint, session = await world.register(), await world.session()
    for ask in (
        world.desk.accept(world.other, complaint),
        world.desk.refuse(world.other, complaint, 1, ""),
        world.desk.schedule(world.other, complaint, world.clock.now() + timedelta(days=1), []),
        world.desk.add_seat(world.other, session, Role.OBSERVER, "观察", "", None),
    ):
        assert await code_of(ask) == "not_found"


@pytest.mark.parametrize(
    ("password", "bad"),
    [
        ("short-one", True),
        ("password2026!", True),
        ("1234567890abc", True),
        ("zhoumin-likes-tea", True),
        ("aaaaaaaaaaaaaaaa", True),
        ("tea-at-four-in-wuhan", False),
        ("东湖边上七点半一起散步", True),
        ("东湖边上七点半我们一起散步", False),
    ],
)
def test_passwords_everybody_tries_first_are_weak(password: str, bad: bool) -> None:
    assert weak(password, "zhoumin") is bad


def test_a_seal_opens_only_for_its_purpose_key_and_text() -> None:
    seal = Seal(b"k" * 32)
    sealed = seal.seal("13800005076", "phone")
    assert seal.open(sealed, "phone") == "13800005076"
    assert seal.seal("13800005076", "phone") != sealed
    for other, text, purpose in (
        (Seal(b"x" * 32), sealed, "phone"),
        (seal, sealed, "link"),
        (seal, sealed[:-4] + "AAAA", "phone"),
        (seal, "", "phone"),
        (seal, "€", "phone"),
    ):
        with pytest.raises(SealBroken):
            other.open(text, purpose)


def test_the_installations_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    sealed = installation_seal(tmp_path).seal("x", "phone")
    assert installation_seal(tmp_path).open(sealed, "phone") == "x"
    key = tmp_path / "keys" / "seal.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in key.parent.iterdir()] == ["seal.key"]


async def test_only_digests_of_tokens_are_kept(world: World) -> None:
    token = await signed_in(world)
    assert await world.store.signed_in(token, world.clock.now()) is None
    assert await world.store.signed_in(digest(token), world.clock.now()) is not None
    assert isinstance(await world.officers.officer(token), Officer)
