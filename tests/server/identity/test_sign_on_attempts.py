"""Signing on by a provider's word: what nobody gets in by, what is owed besides, and how it ends."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from server.connections.sign_on import DirectorySection, Person, ProviderRefused
from server.identity.sign_on import SignOnService
from tests.contracts.sign_on_contract import SECRET
from tests.server.app.office import IP, PASSWORD
from tests.server.connections.providers import OpenIdProvider
from tests.server.identity.sign_on_desk import (
    MEDIATOR,
    Desk,
    desk as desk,  # a fixture
    refused,
    signed_on,
)

# ---------------------------------------------------------------- attempts


async def test_only_the_browser_that_began_finishes_and_only_once(desk: Desk) -> None:
    service = desk.service()
    address, kept = await service.begin("bureau", "/", IP)
    back = await desk.provider.gone_through(address)
    _, others = await service.begin("bureau", "/", IP)
    for cookie, query in (
        ("", back),  # a browser that was sent here by somebody else's address
        (others, back),
        (kept, {**back, "state": "another"}),
        (kept, {"code": back["code"]}),
        (kept[:-4] + "AAAA", back),
        ("not sealed", back),
    ):
        assert await refused(service.finish("bureau", cookie, query, IP)) == "sign_on_again"
    assert "/token" not in desk.provider.asked
    await service.finish("bureau", kept, back, IP)
    assert await refused(service.finish("bureau", kept, back, IP)) == "sign_on_again"
    assert desk.provider.asked.count("/token") == 1


async def test_an_attempt_is_over_after_ten_minutes(desk: Desk) -> None:
    service = desk.service()
    address, kept = await service.begin("bureau", "/", IP)
    back = await desk.provider.gone_through(address)
    desk.world.move(minutes=10, seconds=1)
    assert await refused(service.finish("bureau", kept, back, IP)) == "sign_on_again"


async def test_what_was_begun_at_one_provider_is_not_finished_at_another(desk: Desk) -> None:
    other = OpenIdProvider()
    desk.others.append(other)
    await other.start()
    service = desk.of({"bureau": desk.section(desk.provider), "other": desk.section(other)})
    address, kept = await service.begin("bureau", "/", IP)
    back = await desk.provider.gone_through(address)
    assert await refused(service.finish("other", kept, back, IP)) == "sign_on_again"
    assert "/token" not in other.asked  # where the code would have gone
    one = parse_qs(urlsplit(address).query)
    two = parse_qs(urlsplit((await service.begin("other", "/", IP))[0]).query)
    assert one["redirect_uri"] == ["https://tiaojie.example/sign-on/bureau/back"]
    assert two["redirect_uri"] == ["https://tiaojie.example/sign-on/other/back"]
    assert not {"state", "nonce", "code_challenge"} & {key for key in one if one[key] == two[key]}


async def test_a_provider_that_is_down_is_said_and_passwords_kept_here_still_open(desk: Desk) -> None:
    service = desk.service()
    await desk.provider.stop()
    assert await refused(service.begin("bureau", "/", IP)) == "sign_on_away"
    assert await desk.failing()
    assert await desk.officers.officer(await desk.officers.sign_in("zhoumin", PASSWORD, "", IP)) is not None


async def test_a_provider_that_lies_is_shown_as_failing_and_a_browser_that_invents_is_not(desk: Desk) -> None:
    service = desk.service()
    address, kept = await service.begin("bureau", "/", IP)
    state = parse_qs(urlsplit(address).query)["state"][0]
    assert await refused(service.finish("bureau", kept, {"state": state, "code": "invented"}, IP)) == "sign_on_again"
    assert not await desk.failing()
    desk.provider.lie = {"aud": "another"}
    assert await refused(signed_on(desk, service)) == "sign_on_unsound"
    assert await desk.failing()
    desk.provider.lie = {}
    desk.world.move(seconds=1)
    await signed_on(desk, service)
    assert not await desk.failing()


async def test_a_test_says_when_a_rule_names_an_office_that_there_is_not(desk: Desk) -> None:
    admin = await desk.admin()
    desk.service()
    assert not (await desk.health.test(admin, "sign_on", "bureau", "")).failing
    desk.world.move(seconds=1)
    desk.service(rules=[{"claim": "groups", "value": "a", "role": "mediator", "office": "九所"}])
    state = await desk.health.test(admin, "sign_on", "bureau", "")
    assert (state.fault, "九所" in state.told) == ("not_ready", True)


# ---------------------------------------------------------------- passwords kept here


async def test_where_a_provider_says_so_only_named_accounts_sign_in_with_a_password(desk: Desk) -> None:
    desk.service(accounts=["Admin"])
    assert await refused(desk.officers.sign_in("zhoumin", PASSWORD, "", IP)) == "use_sign_on"
    assert await refused(desk.officers.sign_in("zhoumin", "wrong-password-1", "", IP)) == "bad_login"
    assert await desk.officers.sign_in("admin", PASSWORD, "", IP)
    desk.service(accounts=[])
    assert await refused(desk.officers.sign_in("admin", PASSWORD, "", IP)) == "use_sign_on"
    desk.service()
    assert await desk.officers.sign_in("zhoumin", PASSWORD, "", IP)


async def test_who_has_no_password_shows_who_they_are_by_having_just_come_in(desk: Desk) -> None:
    officer = await desk.officers.officer(await signed_on(desk, desk.service()))
    assert officer is not None
    await desk.officers.check_password(officer, "")
    desk.world.move(minutes=5, seconds=1)
    assert await refused(desk.officers.check_password(officer, "")) == "sign_on_anew"


# ---------------------------------------------------------------- two steps


async def enrolled(desk: Desk, service: SignOnService) -> tuple[str, pyotp.TOTP]:
    """A supervisor who has come in for the first time, and has an app now."""
    desk.is_called(groups=["supervisors"])
    token = await signed_on(desk, service)
    owed = await desk.officers.unfinished(token)
    assert owed is not None
    assert (owed.password, owed.second_step, owed.code) == (False, True, False)
    app = pyotp.TOTP(parse_qs(urlsplit(await desk.officers.pending_totp(owed.officer)).query)["secret"][0])
    fresh, _ = await desk.officers.enrol(token, app.at(desk.world.clock.now()))
    assert await desk.officers.officer(fresh) is not None
    desk.world.move(seconds=30)
    return fresh, app


async def test_two_steps_are_kept_here_where_the_provider_does_not_say_that_it_asked(desk: Desk) -> None:
    service = desk.service()
    _, app = await enrolled(desk, service)
    token = await signed_on(desk, service)
    assert await desk.officers.officer(token) is None
    owed = await desk.officers.unfinished(token)
    assert owed is not None
    assert (owed.second_step, owed.code) == (False, True)
    assert await refused(desk.officers.prove(token, "000000", IP)) == "bad_code"
    assert await refused(desk.officers.enrol(token, "000000")) == "sign_in_needed"
    fresh = await desk.officers.prove(token, app.at(desk.world.clock.now()), IP)
    assert await desk.officers.officer(token) is None
    assert await desk.officers.officer(fresh) is not None
    assert await refused(desk.officers.prove(fresh, app.at(desk.world.clock.now()), IP)) == "sign_in_needed"
    results = [one.result for one in await desk.officers.history(owed.officer)]
    assert sorted(results[:3]) == ["bad_code", "code_owed", "provider"]


async def test_digits_are_guessed_ten_times_and_then_rest(desk: Desk) -> None:
    service = desk.service()
    await enrolled(desk, service)
    token = await signed_on(desk, service)
    found = [await refused(desk.officers.prove(token, f"{n:06d}", IP)) for n in range(12)]
    assert found == ["bad_code"] * 10 + ["too_many_tries"] * 2


async def test_two_steps_there_are_enough_where_it_says_so(desk: Desk) -> None:
    service = desk.service()
    desk.is_called(groups=["supervisors"], acr="mfa")
    officer = await desk.officers.officer(await signed_on(desk, service))
    assert officer is not None
    assert await desk.officers.standing(officer.id) is not None  # messages about promises go to them too
    desk.is_called(groups=["supervisors"], acr="pwd")
    assert await desk.officers.officer(await signed_on(desk, service)) is None
    assert await desk.officers.standing(officer.id) is None


# ---------------------------------------------------------------- signing out there


async def test_what_ends_there_ends_here_one_session_or_all(desk: Desk) -> None:
    service = desk.service()
    tokens = []
    for sid in ("s1", "s2", "s3"):
        desk.is_called(**MEDIATOR, sid=sid)
        tokens.append(await signed_on(desk, service))
    changed: list[str] = []
    desk.world.database.credentials.subscribers.append(lambda officer, session, seat: changed.append(officer))
    desk.is_called()
    assert await service.signed_out("bureau", desk.provider.logout_token(sid="s2"), IP) == 1
    assert [await desk.officers.officer(one) is not None for one in tokens] == [True, False, True]
    assert len(changed) == 1  # sockets that are open by it are asked again
    assert await service.signed_out("bureau", desk.provider.logout_token(), IP) == 2
    assert [await desk.officers.officer(one) for one in tokens] == [None, None, None]


async def test_a_session_that_owes_digits_and_one_that_has_given_them_end_as_well(desk: Desk) -> None:
    service = desk.service()
    fresh, app = await enrolled(desk, service)
    desk.is_called(groups=["supervisors"], sid="s7")
    owing = await signed_on(desk, service)
    proved = await desk.officers.prove(await signed_on(desk, service), app.at(desk.world.clock.now()), IP)
    assert await service.signed_out("bureau", desk.provider.logout_token(sid="s7"), IP) == 2
    assert await desk.officers.unfinished(owing) is None
    assert await desk.officers.officer(proved) is None
    assert await desk.officers.officer(fresh) is not None  # begun by another session there


async def test_a_logout_token_counts_once_and_only_for_its_own_provider(desk: Desk) -> None:
    other = OpenIdProvider()
    other.clock, other.subject = desk.provider.clock, desk.provider.subject
    desk.others.append(other)
    await other.start()
    service = desk.of({"bureau": desk.section(desk.provider), "other": desk.section(other)})
    desk.is_called(**MEDIATOR, sid="s1")
    token = await signed_on(desk, service)
    assert await service.signed_out("other", other.logout_token(sid="s1"), IP) == 0
    assert await refused(service.signed_out("other", desk.provider.logout_token(sid="s1"), IP)) == "sign_on_unsound"
    assert await desk.officers.officer(token) is not None
    said = desk.provider.logout_token(sid="s1")
    assert await service.signed_out("bureau", said, IP) == 1
    desk.is_called(**MEDIATOR, sid="s1")
    await signed_on(desk, service)
    assert await refused(service.signed_out("bureau", said, IP)) == "sign_on_unsound"
    desk.world.clock.move(timedelta(minutes=20))
    assert await refused(service.signed_out("bureau", said, IP)) == "sign_on_unsound"


async def test_whoever_knocks_at_the_back_channel_raises_no_alarm(desk: Desk) -> None:
    service = desk.service()
    for token in ("", "x", "a.b.c", desk.provider.signed({}), "e30." * 100_000):
        assert await refused(service.signed_out("bureau", token, IP)) == "sign_on_unsound"
    assert not await desk.failing()
    assert await refused(service.signed_out("nowhere", "x", IP)) == "not_found"


# ---------------------------------------------------------------- a directory


class Telephone:
    """A directory of two people; the real one is asked in tests/server/connections/test_directory.py."""

    issuer, host = "ldap:ou=people", "directory.example"

    async def look(self) -> None: ...

    async def close(self) -> None: ...

    async def check(self, login: str, password: str) -> Person:
        if (login, password) not in (("wangfang", PASSWORD), ("liqiang", PASSWORD)):
            raise ProviderRefused("nobody is called so, or the password is wrong")
        return Person(self.issuer, f"uuid-{login}", {"uid": login, "cn": "王芳", "groups": ["cn=mediators"]})


@pytest.fixture
def by_directory(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SignOnService:
    (kept := tmp_path / "reader").write_text(SECRET)
    kept.chmod(0o600)
    rule = {"claim": "groups", "value": "cn=mediators", "role": "mediator", "office": "一所"}
    section = DirectorySection.model_validate(
        {"preset": "ldap", "label": "统一目录", "address": "ldaps://directory.example", "bind_dn": "cn=reader",
         "bind_password": {"file": kept}, "people": "ou=people", "rules": [rule]}
    )  # fmt: skip
    monkeypatch.setattr("server.identity.sign_on.provider_of", lambda section, now: Telephone())
    return desk.of({"directory": section})


async def test_somebody_comes_in_by_a_directorys_password_which_is_not_kept(
    desk: Desk, by_directory: SignOnService
) -> None:
    token = await by_directory.with_password("directory", " wangfang ", PASSWORD, IP)
    officer = await desk.officers.officer(token)
    assert officer is not None
    assert (officer.login, officer.name, officer.role) == ("wangfang", "王芳", "mediator")
    assert not await desk.officers.has_password(officer)
    assert await refused(by_directory.with_password("directory", "wangfang", "wrong", IP)) == "bad_login"
    assert await refused(by_directory.begin("directory", "/", IP)) == "not_found"
    assert await refused(by_directory.finish("directory", "", {}, IP)) == "not_found"
    assert await refused(by_directory.signed_out("directory", "x", IP)) == "not_found"
    assert not await desk.failing()


async def test_whoever_guesses_is_stopped_and_keeps_nobody_out_of_the_browser_they_use(
    desk: Desk, by_directory: SignOnService
) -> None:
    home = "a-random-cookie-of-home-1"
    await by_directory.with_password("directory", "wangfang", PASSWORD, IP, "", home)
    found = [await refused(by_directory.with_password("directory", "wangfang", f"guess-{n}", IP)) for n in range(12)]
    assert found == ["bad_login"] * 10 + ["too_many_tries"] * 2
    assert await refused(by_directory.with_password("directory", "wangfang", PASSWORD, IP)) == "too_many_tries"
    assert await by_directory.with_password("directory", "wangfang", PASSWORD, IP, "", home)
    assert await by_directory.with_password("directory", "liqiang", PASSWORD, IP)
