"""What every way of signing on promises. A suite per adapter subclasses one of these and says how its other end does.

The other end is a simulator on a socket that speaks the provider's own wire format, or the real thing.
"""

from __future__ import annotations

import asyncio
import time
from abc import abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial

import pytest

from server.connections.sign_on import (
    Attempt,
    BadReturn,
    Directory,
    Person,
    ProviderAway,
    ProviderFault,
    ProviderRefused,
    ProviderUnsound,
    Redirecting,
)

ATTEMPT = Attempt("state-" + "s" * 37, "nonce-" + "n" * 58, "v" * 64, "https://tiaojie.example/sign-on/one/back")
OTHER = replace(ATTEMPT, state="state-" + "t" * 37, nonce="nonce-" + "m" * 58, verifier="w" * 64)
SECRET = "the-apps-own-secret-9157"
TIMEOUT = 3.0  # seconds the adapters of a suite wait


class Away:
    """What holds of a provider that is not there, or is and says nothing that can be used."""

    @abstractmethod
    async def coming(self) -> Callable[[], Awaitable[Person]]:
        """Somebody whom the provider lets in, a moment before we hear of it."""

    async def signed_on(self) -> Person:
        return await (await self.coming())()

    @abstractmethod
    async def stop(self) -> None:
        """Nothing listens there any more."""

    @abstractmethod
    def hush(self) -> None:
        """It takes connections and says nothing from now on."""

    async def test_somebody_is_known_by_issuer_and_subject_and_is_the_same_the_next_time(self) -> None:
        first, second = await self.signed_on(), await self.signed_on()
        assert (first.issuer, first.subject) == (second.issuer, second.subject)
        assert first.issuer
        assert first.subject
        assert "@" not in first.subject

    async def test_one_that_is_not_there_is_said_to_be_away(self) -> None:
        coming = await self.coming()
        await self.stop()
        with pytest.raises(ProviderAway) as fault:
            await coming()
        assert fault.value.code in ("unreachable", "slow")

    async def test_one_that_says_nothing_is_given_up_in_time(self) -> None:
        coming = await self.coming()
        self.hush()
        begun = time.monotonic()
        with pytest.raises(ProviderAway) as fault:
            await coming()
        assert fault.value.code == "slow"
        assert time.monotonic() - begun < 10 * TIMEOUT


class RedirectingContract(Away):
    @pytest.fixture
    @abstractmethod
    def adapter(self) -> AsyncIterator[Redirecting]:
        """Of a provider that lets somebody in."""

    @abstractmethod
    async def gone_through(self, address: str) -> Mapping[str, str]:
        """What a browser that was sent there and let in comes back with."""

    @abstractmethod
    def answer(self, status: int, body: bytes) -> None:
        """With this, whatever it is asked from now on."""

    @abstractmethod
    def take_no_secret(self) -> None:
        """Whatever secret is sent is wrong from now on."""

    @pytest.fixture(autouse=True)
    def _adapter(self, adapter: Redirecting) -> None:
        self.way = adapter

    async def coming(self) -> Callable[[], Awaitable[Person]]:
        return partial(self.way.finish, ATTEMPT, await self.gone_through(await self.way.begin(ATTEMPT)))

    async def test_the_browser_is_sent_with_the_state_and_our_exact_address_and_no_secret(self) -> None:
        address = await self.way.begin(ATTEMPT)
        back = await self.gone_through(address)
        assert back["state"] == ATTEMPT.state
        assert SECRET not in address
        assert ATTEMPT.verifier not in address

    async def test_a_code_is_good_once(self) -> None:
        back = await self.gone_through(await self.way.begin(ATTEMPT))
        await self.way.finish(ATTEMPT, back)
        with pytest.raises(BadReturn):
            await self.way.finish(ATTEMPT, back)

    async def test_of_two_at_once_with_one_code_one_comes_in(self) -> None:
        back = await self.gone_through(await self.way.begin(ATTEMPT))
        found = await asyncio.gather(*(self.way.finish(ATTEMPT, back) for _ in range(2)), return_exceptions=True)
        assert len([one for one in found if isinstance(one, Person)]) == 1

    async def test_an_invented_code_lets_nobody_in(self) -> None:
        with pytest.raises(BadReturn):
            await self.way.finish(ATTEMPT, {"state": ATTEMPT.state, "code": "invented", "iss": self.way.issuer})

    async def test_coming_back_without_a_code_lets_nobody_in(self) -> None:
        with pytest.raises((ProviderRefused, BadReturn)):
            await self.way.finish(ATTEMPT, {"state": ATTEMPT.state})

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (500, b"{}"),
            (503, b"<html>busy</html>"),
            (200, b"<html>please sign in to the hotel's network</html>"),
            (200, b"[]"),
            (200, b"[" * 5000),
            (200, b'{"a":"' + b"x" * (1 << 20) + b'"}'),
            (302, b""),
        ],
    )
    async def test_an_answer_that_cannot_be_used_is_away_and_not_a_crash(self, status: int, body: bytes) -> None:
        back = await self.gone_through(await self.way.begin(ATTEMPT))
        self.answer(status, body)
        with pytest.raises(ProviderAway):
            await self.way.finish(ATTEMPT, back)

    async def test_it_can_be_looked_at_and_says_when_the_secret_is_wrong(self) -> None:
        await self.way.look()
        back = await self.gone_through(await self.way.begin(ATTEMPT))
        self.take_no_secret()

        async def noticed() -> None:
            """At once, or when the secret is first needed."""
            await self.way.look()
            await self.way.finish(ATTEMPT, back)

        with pytest.raises(ProviderFault) as fault:
            await noticed()
        assert SECRET not in f"{fault.value} {fault.value!r}"
        assert fault.value.code == "refused"

    async def test_closed_twice_it_opens_again(self) -> None:
        await self.way.close()
        await self.way.close()
        assert (await self.signed_on()).subject

    async def test_a_token_that_nobody_signed_ends_nothing(self) -> None:
        with pytest.raises(ProviderUnsound):
            await self.way.signed_out("e30.e30.")

    async def test_what_is_known_of_somebody_is_not_in_how_they_print(self) -> None:
        person = await self.signed_on()
        assert not [one for one in person.claims.values() if isinstance(one, str) and len(one) > 3 and one in
                    repr(replace(person, issuer="", subject=""))]  # fmt: skip


class DirectoryContract(Away):
    LOGIN, PASSWORD = "zhoumin", "Spring-at-the-Lake-94"

    @pytest.fixture
    @abstractmethod
    def adapter(self) -> AsyncIterator[Directory]:
        """Of a directory that knows somebody by these two."""

    @pytest.fixture(autouse=True)
    def _adapter(self, adapter: Directory) -> None:
        self.way = adapter

    async def coming(self) -> Callable[[], Awaitable[Person]]:
        return partial(self.way.check, self.LOGIN, self.PASSWORD)

    @pytest.mark.parametrize("password", ["", " ", "wrong", "\x00", "Spring-at-the-Lake-9", "x" * 10_000])
    async def test_another_password_lets_nobody_in(self, password: str) -> None:
        with pytest.raises(ProviderRefused):
            await self.way.check(self.LOGIN, password)

    @pytest.mark.parametrize(
        "login",
        ["", "*", "zhou*", "zhoumin)(uid=*", "*)(objectClass=*))(|(uid=*", "nobody", "zhoumin\x00", "(", "\\2a", "周敏",
         "x" * 5000],
    )  # fmt: skip
    async def test_what_is_typed_is_a_name_and_nothing_else(self, login: str) -> None:
        with pytest.raises(ProviderRefused):
            await self.way.check(login, self.PASSWORD)

    async def test_many_at_once_are_all_answered(self) -> None:
        found = await asyncio.gather(*(self.signed_on() for _ in range(20)))
        assert {one.subject for one in found} == {found[0].subject}

    async def test_it_can_be_looked_at(self) -> None:
        await self.way.look()

    async def test_closed_twice_it_opens_again(self) -> None:
        await self.way.close()
        await self.way.close()
        assert (await self.signed_on()).subject
