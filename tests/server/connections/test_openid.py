"""OpenID Connect: the contract, and each way in which a token, a key set or a provider can be wrong."""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from pydantic import ValidationError

from server.connections.openid import ASKED_EVERY, BEGUN_WITHIN, KNOWN_FOR, LOGOUT_EVENT, OpenId
from server.connections.sign_on import (
    BadReturn,
    OpenIdSection,
    Person,
    ProviderAway,
    ProviderRefused,
    ProviderUnsound,
    Redirecting,
    Rule,
    place_of,
)
from tests.contracts.sign_on_contract import ATTEMPT, OTHER, SECRET, TIMEOUT, RedirectingContract
from tests.server.app.office import FIRST, SECOND
from tests.server.connections.providers import OpenIdProvider


class Clock:
    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
async def provider() -> AsyncIterator[OpenIdProvider]:
    made = OpenIdProvider()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def way(provider: OpenIdProvider, clock: Clock, tmp_path: Path) -> AsyncIterator[OpenId]:
    made = OpenId(section(provider, tmp_path), clock)
    yield made
    await made.close()


def section(provider: OpenIdProvider, folder: Path, **said: Any) -> OpenIdSection:
    (kept := folder / "secret").write_text(f"{SECRET}\n")
    kept.chmod(0o600)
    return OpenIdSection.model_validate(
        {"preset": "oidc", "label": "统一身份认证", "issuer": provider.url, "client_id": "yuntiao",
         "client_secret": {"file": kept}, "timeout": TIMEOUT, "acr": ["mfa"], **said}
    )  # fmt: skip


async def came_in(way: OpenId, provider: OpenIdProvider, attempt: Any = ATTEMPT) -> Person:
    return await way.finish(attempt, await provider.gone_through(await way.begin(attempt)))


class TestOpenId(RedirectingContract):
    @pytest.fixture
    async def adapter(self, provider: OpenIdProvider, way: OpenId) -> Redirecting:
        self.provider = provider
        return way

    async def gone_through(self, address: str) -> Mapping[str, str]:
        return await self.provider.gone_through(address)

    async def stop(self) -> None:
        await self.provider.stop()

    def hush(self) -> None:
        self.provider.hushed = True

    def answer(self, status: int, body: bytes) -> None:
        self.provider.spoiled = status, body

    def take_no_secret(self) -> None:
        self.provider.secret = "another"


# ---------------------------------------------------------------- ID tokens


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": ["another-client"]},
        {"aud": []},
        {"aud": None},
        {"aud": ["yuntiao", "another-client"]},  # without azp nobody says to whom it was given
        {"azp": "another-client"},
        {"nonce": None},
        {"nonce": "another browser's"},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"iat": None},
        {"exp": 1},
        {"iat": 4_000_000_000, "exp": 4_000_000_300},
        {"nbf": 4_000_000_000},
        {"events": {LOGOUT_EVENT: {}}},
    ],
)
async def test_a_token_that_is_not_quite_ours_lets_nobody_in(
    provider: OpenIdProvider, way: OpenId, lie: dict[str, Any]
) -> None:
    provider.lie = lie
    with pytest.raises(ProviderUnsound):
        await came_in(way, provider)
    provider.lie = {}
    assert (await came_in(way, provider)).subject == provider.subject


async def test_not_a_number_is_no_time(provider: OpenIdProvider, way: OpenId) -> None:
    provider.lie = {"exp": float("nan")}
    with pytest.raises(ProviderUnsound):
        await came_in(way, provider)


async def test_clocks_may_differ_by_a_minute_and_not_by_more(
    provider: OpenIdProvider, way: OpenId, clock: Clock
) -> None:
    for ahead, good in ((-50, True), (350, True), (-70, False), (370, False)):
        clock.ahead = timedelta(seconds=ahead)
        if good:
            await came_in(way, provider)
        else:
            with pytest.raises(ProviderUnsound) as fault:
                await came_in(way, provider)
            assert fault.value.code == "clock"


def part(value: object) -> str:
    text = json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


async def forged(provider: OpenIdProvider, way: OpenId, token: str) -> None:
    provider.token = token
    with pytest.raises(ProviderUnsound):
        await came_in(way, provider)


async def test_a_token_that_nobody_signed_is_not_looked_at(provider: OpenIdProvider, way: OpenId) -> None:
    _, said, _ = provider.signed({"nonce": ATTEMPT.nonce}).split(".")
    none: tuple[object, ...] = ({"alg": "none"}, {"alg": "None", "kid": "one"}, {"typ": "JWT"}, {"alg": ["RS256"]})
    for header in (*none, [], "x"):
        await forged(provider, way, f"{part(header)}.{said}.")
        await forged(provider, way, f"{part(header)}.{said}.AA")


@pytest.mark.parametrize("form", ["PEM", "DER", "JSON", "SECRET"])
async def test_a_token_signed_with_what_everybody_or_both_of_us_know_is_not_the_providers(
    provider: OpenIdProvider, way: OpenId, form: str
) -> None:
    public = provider.keys["one"]
    key = {
        "PEM": public.as_pem(private=False),
        "DER": public.as_der(private=False),
        "JSON": json.dumps(public.as_dict(private=False)).encode(),
        "SECRET": SECRET.encode(),
    }[form]
    _, said, _ = provider.signed({"nonce": ATTEMPT.nonce}).split(".")
    signed = f"{part({'alg': 'HS256', 'kid': 'one'})}.{said}"
    digest = hmac.new(key, signed.encode(), hashlib.sha256).digest()
    await forged(provider, way, f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}")


async def test_a_symmetric_key_in_the_key_set_is_no_key(provider: OpenIdProvider, way: OpenId) -> None:
    class Known:
        def as_dict(self, private: bool) -> dict[str, str]:
            return {"kty": "oct", "kid": "known", "k": base64.urlsafe_b64encode(b"k" * 32).decode()}

    provider.keys["known"] = Known()  # type: ignore[assignment]
    _, said, _ = provider.signed({"nonce": ATTEMPT.nonce}).split(".")
    signed = f"{part({'alg': 'HS256', 'kid': 'known'})}.{said}"
    digest = hmac.new(b"k" * 32, signed.encode(), hashlib.sha256).digest()
    await forged(provider, way, f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}")


async def test_a_token_changed_by_a_bit_or_with_a_key_of_its_own_is_forged(
    provider: OpenIdProvider, way: OpenId
) -> None:
    head, said, sign = provider.signed({"nonce": ATTEMPT.nonce}).split(".")
    await forged(provider, way, f"{head}.{said}.{'A' if sign[0] != 'A' else 'B'}{sign[1:]}")
    other = OpenIdProvider()
    other.server = provider.server
    await forged(provider, way, other.signed({"nonce": ATTEMPT.nonce}))
    own = other.keys["one"].as_dict(private=False)
    await forged(provider, way, other.signed({"nonce": ATTEMPT.nonce}, {"jwk": own}))
    await forged(provider, way, other.signed({"nonce": ATTEMPT.nonce}, {"jku": "https://elsewhere.example/keys"}))


async def test_another_browsers_code_fits_no_verifier_of_ours(provider: OpenIdProvider, way: OpenId) -> None:
    back = await provider.gone_through(await way.begin(OTHER))
    with pytest.raises(BadReturn):
        await way.finish(ATTEMPT, back)


async def test_a_token_of_another_sign_in_is_not_taken_again(provider: OpenIdProvider, way: OpenId) -> None:
    provider.token = provider.signed({"nonce": OTHER.nonce})  # good, and somebody's a minute ago
    with pytest.raises(ProviderUnsound):
        await came_in(way, provider)


async def test_a_second_token_that_the_first_does_not_name_is_not_taken(provider: OpenIdProvider, way: OpenId) -> None:
    right = base64.urlsafe_b64encode(hashlib.sha256(b"at").digest()[:16]).rstrip(b"=").decode()
    provider.lie = {"at_hash": right}
    await came_in(way, provider)
    provider.lie = {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}
    with pytest.raises(ProviderUnsound):
        await came_in(way, provider)


# ---------------------------------------------------------------- who answers


async def test_who_answered_is_held_to_who_was_asked(provider: OpenIdProvider, way: OpenId) -> None:
    back = await provider.gone_through(await way.begin(ATTEMPT))
    with pytest.raises(BadReturn):
        await way.finish(ATTEMPT, {**back, "iss": "https://attacker.example"})
    assert "/token" not in provider.asked  # where a code goes that was another's


async def test_one_that_says_who_it_is_has_to_each_time(provider: OpenIdProvider, clock: Clock, tmp_path: Path) -> None:
    provider.about = {"authorization_response_iss_parameter_supported": True}
    way = OpenId(section(provider, tmp_path), clock)
    back = await provider.gone_through(await way.begin(ATTEMPT))
    assert back.pop("iss") == provider.url
    with pytest.raises(BadReturn):
        await way.finish(ATTEMPT, back)
    await came_in(way, provider)
    await way.close()


@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "https://elsewhere.example"},
        {"issuer": None},
        {"token_endpoint": "http://elsewhere.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": ""},
    ],
)
async def test_what_it_says_of_itself_has_to_fit(provider: OpenIdProvider, way: OpenId, about: dict[str, Any]) -> None:
    provider.about = about
    with pytest.raises(ProviderUnsound):
        await way.begin(ATTEMPT)


async def test_somebody_who_says_no_there_is_not_let_in_here(way: OpenId) -> None:
    with pytest.raises(ProviderRefused):
        await way.finish(ATTEMPT, {"state": ATTEMPT.state, "error": "access_denied", "error_description": "x" * 5000})


async def test_further_claims_are_about_the_same_person_or_none(
    provider: OpenIdProvider, clock: Clock, tmp_path: Path
) -> None:
    way = OpenId(section(provider, tmp_path, userinfo=True), clock)
    assert (await came_in(way, provider)).claims["groups"] == ["/mediators"]
    provider.userinfo_subject = "somebody else"
    with pytest.raises(ProviderUnsound):
        await came_in(way, provider)
    await way.close()


async def test_a_secret_is_sent_as_the_provider_takes_it(
    provider: OpenIdProvider, clock: Clock, tmp_path: Path
) -> None:
    provider.about = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    way = OpenId(section(provider, tmp_path), clock)
    await came_in(way, provider)
    await way.close()


@pytest.mark.parametrize(("acr", "twice"), [("mfa", True), ("pwd", False), (None, False), (["mfa"], True), (1, False)])
async def test_two_steps_are_what_the_token_says_and_not_what_was_asked_for(
    provider: OpenIdProvider, way: OpenId, acr: object, twice: bool
) -> None:
    provider.lie = {"acr": acr}
    assert (await came_in(way, provider)).two_steps is twice


# ---------------------------------------------------------------- keys that change


@functools.cache
def another(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"}, private=True)


async def test_a_new_key_is_looked_for_and_an_old_one_forgotten(
    provider: OpenIdProvider, way: OpenId, clock: Clock
) -> None:
    await came_in(way, provider)
    provider.keys = {"two": another("two")}
    provider.signs_with = "two"
    clock.ahead += timedelta(seconds=ASKED_EVERY + 1)
    await came_in(way, provider)
    assert provider.asked.count("/keys") == 2


async def test_invented_key_ids_do_not_make_us_ask_more_than_twice_a_minute(
    provider: OpenIdProvider, way: OpenId, clock: Clock
) -> None:
    await came_in(way, provider)
    for n in range(20):
        with pytest.raises(ProviderUnsound):
            await way.signed_out(provider.signed({"events": {LOGOUT_EVENT: {}}}, {"kid": f"invented-{n}"}))
    assert provider.asked.count("/keys") == 1
    clock.ahead += timedelta(seconds=ASKED_EVERY + 1)
    for n in range(20):
        with pytest.raises(ProviderUnsound):
            await way.signed_out(provider.signed({"events": {LOGOUT_EVENT: {}}}, {"kid": f"invented-{n}"}))
    assert provider.asked.count("/keys") == 2


async def test_a_token_that_names_no_key_is_held_to_each(provider: OpenIdProvider, way: OpenId) -> None:
    provider.keys = {"zero": another("zero"), **provider.keys}
    provider.token = provider.signed({"nonce": ATTEMPT.nonce}, {"kid": None})
    await came_in(way, provider)


async def test_what_it_says_of_itself_is_asked_for_when_somebody_is_sent_there_and_else_once_an_hour(
    provider: OpenIdProvider, way: OpenId, clock: Clock
) -> None:
    provider.clock = lambda: clock().timestamp()
    await came_in(way, provider)
    await came_in(way, provider)
    for ahead, asked in ((BEGUN_WITHIN + 1, 1), (KNOWN_FOR, 2)):
        clock.ahead += timedelta(seconds=ahead)
        await way.signed_out(provider.logout_token())
        assert provider.asked.count("/.well-known/openid-configuration") == asked
    clock.ahead += timedelta(seconds=BEGUN_WITHIN + 1)
    await way.begin(ATTEMPT)
    assert provider.asked.count("/.well-known/openid-configuration") == 3
    await provider.stop()
    clock.ahead += timedelta(seconds=BEGUN_WITHIN + 1)
    with pytest.raises(ProviderAway):
        await way.begin(ATTEMPT)


async def test_keys_of_kinds_that_nobody_knows_are_left_out(provider: OpenIdProvider, way: OpenId) -> None:
    class Odd:
        def __init__(self, **said: object) -> None:
            self.said = said

        def as_dict(self, private: bool) -> dict[str, object]:
            return self.said

    odd = {"a": Odd(kty="AKP", kid="a"), "b": Odd(kty="RSA", kid="b"), "c": Odd(kty="EC", crv="SM2", kid="c")}
    provider.keys = {**odd, **provider.keys}  # type: ignore[dict-item]
    await came_in(way, provider)
    provider.keys = odd  # type: ignore[assignment]
    with pytest.raises(ProviderUnsound):
        await way.look()


# ---------------------------------------------------------------- signing out by the back channel


async def test_a_logout_token_says_what_ends(provider: OpenIdProvider, way: OpenId) -> None:
    ended = await way.signed_out(provider.logout_token(sid="s1", jti="j1"))
    assert (ended.issuer, ended.session, ended.subject, ended.id) == (provider.url, "s1", provider.subject, "j1")
    assert 300 < ended.seconds < 600
    ended = await way.signed_out(provider.logout_token(exp=None))
    assert ended.seconds > 300


@pytest.mark.parametrize(
    "wrong",
    [
        {"events": None},
        {"events": {}},
        {"events": {LOGOUT_EVENT: "yes"}},
        {"events": [LOGOUT_EVENT]},
        {"events": {"http://schemas.openid.net/event/other": {}}},
        {"nonce": "n"},
        {"nonce": ""},
        {"jti": None},
        {"sub": None},  # and no sid
        {"aud": "another-client"},
        {"iss": "https://elsewhere.example"},
        {"iat": None},
        {"iat": 1, "exp": 2},
        {"iat": 1, "exp": None},
        {"iat": 4_000_000_000, "exp": 4_000_000_001},
    ],
)
async def test_what_is_no_logout_token_ends_nothing(
    provider: OpenIdProvider, way: OpenId, wrong: dict[str, Any]
) -> None:
    provider.lie = wrong
    with pytest.raises(ProviderUnsound):
        await way.signed_out(provider.logout_token())


async def test_an_id_token_is_no_logout_token(provider: OpenIdProvider, way: OpenId) -> None:
    with pytest.raises(ProviderUnsound):
        await way.signed_out(provider.signed({"nonce": ATTEMPT.nonce, "sid": "s1", "jti": "j"}))
    with pytest.raises(ProviderUnsound):
        await way.signed_out(provider.signed({"sid": "s1", "jti": "j"}))


async def test_a_provider_that_is_down_is_not_said_to_have_lied(provider: OpenIdProvider, way: OpenId) -> None:
    token = provider.logout_token()
    await provider.stop()
    with pytest.raises(ProviderAway):
        await way.signed_out(token)


# ---------------------------------------------------------------- what is set


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"issuer": "http://login.example"}, "begins with https://"),
        ({"issuer": "https://login.example/?x=1"}, "begins with https://"),
        ({"links_claim": "email"}, "does not say whose"),
        ({"rules": [{"claim": "groups", "role": "mediator", "office": "一所"}]}, "either a value or a pattern"),
        ({"rules": [{"claim": "groups", "value": "a", "role": "mediator"}]}, "names its office"),
        ({"rules": [{"claim": "groups", "pattern": "(", "role": "mediator"}]}, "cannot be read"),
        ({"rules": [{"claim": "groups", "value": "a", "role": "chief", "office": "一所"}]}, "mediator"),
        ({"rule": []}, "Extra inputs"),
    ],
)
def test_what_would_not_hold_is_said_before_the_program_starts(said: dict[str, Any], why: str, tmp_path: Path) -> None:
    (kept := tmp_path / "secret").write_text(SECRET)
    kept.chmod(0o600)
    usual = {"preset": "oidc", "label": "x", "issuer": "https://login.example", "client_id": "y"}
    with pytest.raises(ValidationError, match=why):
        OpenIdSection.model_validate({**usual, "client_secret": {"file": kept}, **said})


OFFICES = (FIRST, SECOND)


@pytest.mark.parametrize(
    ("claims", "place"),
    [
        ({"realm_access": {"roles": ["offline_access", "yt-supervisor"]}}, ("supervisor", "office-1")),
        ({"groups": ["/东高一投/mediators"]}, ("mediator", "office-1")),
        ({"groups": ["/二所/mediators", "/一所/mediators"]}, ("mediator", "office-2")),
        ({"groups": "/office-2/mediators"}, ("mediator", "office-2")),
        ({"groups": ["/三所/mediators"]}, None),  # there is no such office
        ({"groups": ["x/一所/mediators"]}, None),
        ({"groups": ["/一所/mediators\n"]}, None),
        ({"groups": {"/一所/mediators": 1}}, None),
        ({"groups": [["/一所/mediators"]]}, None),
        ({"realm_access": "yt-supervisor"}, None),
        ({"realm_access.roles": ["yt-supervisor"]}, ("supervisor", "office-1")),
        ({"department": [7]}, ("inspector", "office-2")),
        ({"department": [True]}, None),
        ({}, None),
    ],
)
def test_rules_say_role_and_office(claims: dict[str, Any], place: tuple[str, str] | None) -> None:
    rules = [
        Rule(claim="realm_access.roles", value="yt-supervisor", role="supervisor", office="一所"),
        Rule(claim="groups", pattern="/(?P<office>[^/]+)/mediators", role="mediator"),
        Rule(claim="department", value="7", role="inspector", office="东湖高新区市场监管二所"),
    ]
    found = place_of(rules, claims, OFFICES)
    assert (found and (found.role, found.office.id)) == place
