"""Officers' rows: founding, sessions, and counts that parallel requests cannot outrun."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from offices import Office
from server.db.engine import Database, NameInUse
from server.db.schema import sign_in_guesses
from server.identity.sign_in_store import GUESSES_KEPT, SignInStore
from server.identity.store import IdentityStore, User

NOW = datetime(2026, 4, 14, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST = Office("o1", "东湖高新区市场监管一所", "一所", "027-6000", "东高一投")
SECOND = replace(FIRST, id="o2", name="东湖高新区市场监管二所", short="二所")
ADMIN = User("u1", "admin", "何管", "administrator", "o1", "argon2", NOW)
MEDIATOR = replace(ADMIN, id="u2", login="zhou", name="周敏", role="mediator", created=NOW + HOUR)


@pytest.fixture
async def store(database: Database) -> IdentityStore:
    return IdentityStore(database)


@pytest.fixture
async def founded(store: IdentityStore) -> IdentityStore:
    assert await store.found(FIRST, ADMIN)
    await store.add_user(MEDIATOR)
    return store


async def test_an_installation_is_founded_once_however_many_try_at_once(database: Database, other: Database) -> None:
    stores = [IdentityStore(database), IdentityStore(other)]
    assert not await stores[0].has_administrator()
    founders = [
        stores[n % 2].found(replace(FIRST, id=f"o{n}"), replace(ADMIN, id=f"u{n}", login=f"a{n}", office=f"o{n}"))
        for n in range(6)
    ]
    assert sorted(await asyncio.gather(*founders)) == [False] * 5 + [True]
    assert len(await stores[0].offices()) == 1
    assert await stores[1].has_administrator()


async def test_an_account_comes_back_as_it_was_stored(founded: IdentityStore) -> None:
    assert await founded.user("u2") == MEDIATOR
    assert await founded.user_by_login("zhou") == MEDIATOR
    assert await founded.users_of("o1") == [ADMIN, MEDIATOR]
    assert await founded.office("o1") == FIRST
    assert (await founded.user("u9"), await founded.user_by_login("x"), await founded.office("o9")) == (
        None,
        None,
        None,
    )


async def test_a_login_is_given_once(founded: IdentityStore) -> None:
    with pytest.raises(NameInUse):
        await founded.add_user(replace(MEDIATOR, id="u3"))
    with pytest.raises(NameInUse):
        await founded.add_office(FIRST)


async def test_a_signed_in_session_is_found_by_its_hash_until_it_expires(founded: IdentityStore) -> None:
    await founded.add_session("hash", "u2", NOW, NOW + HOUR)
    signed_in = await founded.signed_in("hash", NOW)
    assert signed_in is not None
    assert (signed_in.user, signed_in.office, signed_in.seen, signed_in.expires) == (MEDIATOR, FIRST, NOW, NOW + HOUR)
    assert await founded.signed_in("other", NOW) is None
    assert await founded.signed_in("hash", NOW + HOUR) is None


async def test_a_session_remembers_when_it_was_last_used(founded: IdentityStore) -> None:
    await founded.add_session("hash", "u2", NOW, NOW + HOUR)
    await founded.touch_session("hash", NOW + HOUR / 2)
    signed_in = await founded.signed_in("hash", NOW + HOUR / 2)
    assert signed_in is not None
    assert (signed_in.created, signed_in.seen) == (NOW, NOW + HOUR / 2)


async def test_sessions_end_one_by_one_or_all_but_one(founded: IdentityStore) -> None:
    for token in "abc":
        await founded.add_session(token, "u2", NOW, NOW + HOUR)
    await founded.add_session("admin", "u1", NOW, NOW + HOUR)
    await founded.end_session("a")
    assert await founded.signed_in("a", NOW) is None
    await founded.end_sessions_of("u2", but="b")
    alive = [token for token in ("a", "b", "c", "admin") if await founded.signed_in(token, NOW)]
    assert alive == ["b", "admin"]
    assert await founded.forget_expired(NOW + HOUR) == 2


@pytest.fixture
def guesses(founded: IdentityStore) -> SignInStore:
    return SignInStore(founded.database)


async def test_of_a_hundred_parallel_guesses_at_a_password_only_the_allowed_are_evaluated(guesses: SignInStore) -> None:
    taken = [guesses.take_guess("u2", NOW, most=5, lock=HOUR) for _ in range(100)]
    assert sum(await asyncio.gather(*taken)) == 5


async def test_a_login_that_rests_opens_again_with_a_fresh_count(guesses: SignInStore) -> None:
    for _ in range(5):
        assert await guesses.take_guess("u2", NOW, most=5, lock=HOUR)
    assert not await guesses.take_guess("u2", NOW + HOUR / 2, most=5, lock=HOUR)
    for _ in range(5):
        assert await guesses.take_guess("u2", NOW + HOUR, most=5, lock=HOUR)
    assert not await guesses.take_guess("u2", NOW + HOUR, most=5, lock=HOUR)


async def test_a_right_password_clears_the_count(guesses: SignInStore) -> None:
    for _ in range(4):
        assert await guesses.take_guess("u2", NOW, most=5, lock=HOUR)
    await guesses.clear_guesses("u2")
    for _ in range(5):
        assert await guesses.take_guess("u2", NOW, most=5, lock=HOUR)


async def test_guesses_at_logins_that_nobody_goes_on_with_are_forgotten(guesses: SignInStore) -> None:
    for n in range(50):
        await guesses.take_guess(f"made-up-{n}", NOW, most=5, lock=HOUR)
    await guesses.take_guess("u2", NOW + GUESSES_KEPT + HOUR, most=5, lock=HOUR)
    async with guesses._database.read() as connection:
        assert list((await connection.execute(select(sign_in_guesses.c.login))).scalars()) == ["u2"]


async def test_a_second_factor_comes_into_force_when_confirmed(founded: IdentityStore) -> None:
    assert not await founded.confirm_totp("u2", 7)  # nothing was begun
    await founded.begin_totp("u2", "sealed")
    user = await founded.user("u2")
    assert user is not None
    assert (user.totp_sealed, user.totp_pending_sealed) == ("", "sealed")
    assert await founded.confirm_totp("u2", 7)
    user = await founded.user("u2")
    assert user is not None
    assert (user.totp_sealed, user.totp_pending_sealed, user.totp_step) == ("sealed", "", 7)
    await founded.drop_totp("u2")
    user = await founded.user("u2")
    assert user is not None
    assert user.totp_sealed == ""


async def test_a_time_based_code_works_once_even_when_sent_twice_at_once(founded: IdentityStore) -> None:
    used = await asyncio.gather(*(founded.use_totp_step("u2", 100) for _ in range(10)))
    assert sum(used) == 1
    assert not await founded.use_totp_step("u2", 99)
    assert await founded.use_totp_step("u2", 101)


async def test_password_and_language_change(founded: IdentityStore) -> None:
    await founded.set_password("u2", "new")
    await founded.set_language("u2", "en")
    assert await founded.user("u2") == replace(MEDIATOR, password_hash="new", language="en")
