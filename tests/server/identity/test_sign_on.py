"""Signing on by a provider's word: whose account it is, what rules make of it, and what nobody gets in by."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from journal.refusals import Refused
from offices.people import Officer
from server.connections import Connections
from server.connections.sign_on import AnySection, DirectorySection, OpenIdSection, Person, ProviderRefused
from server.connections.store import ConnectionStore
from server.identity.officers import ENFORCED, Officers
from server.identity.sign_on import SignOnService
from server.identity.sign_on_store import SignOnStore
from server.oversight.service import account_origin
from tests.contracts.sign_on_contract import SECRET
from tests.server.app.office import IP, PASSWORD, QUICK, World
from tests.server.connections.providers import OpenIdProvider

RULES = [
    {"claim": "groups", "value": "supervisors", "role": "supervisor", "office": "一所"},
    {"claim": "groups", "pattern": "/(?P<office>[^/]+)/mediators", "role": "mediator"},
]
MEDIATOR = {"groups": ["/一所/mediators"]}


@dataclass
class Desk:
    """One installation with a provider, and browsers that go to it."""

    world: World
    provider: OpenIdProvider
    folder: Path
    officers: Officers
    health: Connections
    others: list[OpenIdProvider] = field(default_factory=list)
    made: list[SignOnService] = field(default_factory=list)

    def service(self, name: str = "bureau", provider: OpenIdProvider | None = None, **said: Any) -> SignOnService:
        return self.of({name: self.section(provider or self.provider, **said)})

    def of(self, sections: Mapping[str, AnySection]) -> SignOnService:
        world = self.world
        self.health = Connections(ConnectionStore(world.database), world.clock.now)
        service = SignOnService(
            world.store, SignOnStore(world.database), self.officers, world.journal, world.seal, world.clock.now,
            "https://tiaojie.example", sections, self.health,
        )  # fmt: skip
        self.made.append(service)
        return service

    def section(self, provider: OpenIdProvider, **said: Any) -> OpenIdSection:
        (kept := self.folder / "secret").write_text(f"{SECRET}\n")
        kept.chmod(0o600)
        return OpenIdSection.model_validate(
            {"preset": "oidc", "label": "统一身份认证", "issuer": provider.url, "client_id": "yuntiao",
             "client_secret": {"file": kept}, "timeout": 30, "rules": RULES, "acr": ["mfa"], **said}
        )  # fmt: skip

    def is_called(self, **claims: Any) -> None:
        self.provider.claims = {"preferred_username": "wangfang", "name": "王芳", **claims}

    async def failing(self) -> bool:
        admin = await self.admin()
        return [one.failing for one in await self.health.states(admin)] == [True]

    async def admin(self) -> Officer:
        user = await self.world.store.user_by_login("admin")
        assert user is not None
        return Officer(user.id, user.login, user.name, user.role, self.world.zhou.office, totp=False)


@pytest.fixture
async def desk(world: World, tmp_path: Path) -> AsyncIterator[Desk]:
    provider = OpenIdProvider()
    provider.clock = lambda: world.clock.now().timestamp()
    await provider.start()
    officers = Officers(world.store, world.seal, world.clock.now, QUICK, ENFORCED)
    made = Desk(world, provider, tmp_path, officers, Connections(ConnectionStore(world.database), world.clock.now))
    made.is_called(**MEDIATOR)
    yield made
    for service in made.made:
        await service.close()
    for one in (provider, *made.others):
        await one.stop()


async def signed_on(desk: Desk, service: SignOnService, name: str = "bureau", browser: str = "home") -> str:
    address, kept = await service.begin(name, "/desk", IP)
    token, next_ = await service.finish(name, kept, await desk.provider.gone_through(address), IP, "Edge", browser)
    assert next_ == "/desk"
    return token


async def refused(coming: Any) -> str:
    with pytest.raises(Refused) as no:
        await coming
    return no.value.code


async def told(world: World, user: str) -> list[str]:
    return [event.type for event in await world.journal.read(f"officer/{user}")]


# ---------------------------------------------------------------- whose account it is


async def test_somebody_new_has_an_account_by_the_rules_and_the_record_says_by_whose_word(desk: Desk) -> None:
    service = desk.service()
    officer = await desk.officers.officer(await signed_on(desk, service))
    assert officer is not None
    assert (officer.login, officer.name, officer.role, officer.office.short) == ("wangfang", "王芳", "mediator", "一所")
    assert not await desk.officers.has_password(officer)
    (tried,) = await desk.officers.history(officer)
    assert tried.result == "provider"
    added, signed = await desk.world.journal.read(f"officer/{officer.id}")
    assert (added.type, added.actor.name, added.data["subject"]) == (
        "OfficerAdded", "统一身份认证", desk.provider.subject)  # fmt: skip
    assert (signed.type, signed.actor.id, signed.data["provider"]) == ("SignedOn", officer.id, "bureau")
    assert await refused(desk.officers.sign_in("wangfang", "", "", IP)) == "bad_login"
    assert await refused(desk.officers.sign_in("wangfang", PASSWORD, "", IP)) == "bad_login"


async def test_the_same_person_is_the_same_account_whatever_they_are_called_by_now(desk: Desk) -> None:
    service = desk.service()
    first = await desk.officers.officer(await signed_on(desk, service))
    desk.is_called(preferred_username="wang.fang2", name="王小芳", email="other@bureau.example", **MEDIATOR)
    second = await desk.officers.officer(await signed_on(desk, service))
    assert first is not None
    assert second is not None
    assert first.id == second.id


async def test_another_person_of_that_name_and_address_is_somebody_else(desk: Desk) -> None:
    service = desk.service(links_claim="")
    desk.is_called(email="wangfang@bureau.example", email_verified=True, **MEDIATOR)
    first = await desk.officers.officer(await signed_on(desk, service))
    desk.provider.subject = "another"
    second = await desk.officers.officer(await signed_on(desk, service))
    assert first is not None
    assert second is not None
    assert (first.login, second.login) == ("wangfang", "wangfang-2")
    assert first.id != second.id


async def test_a_subject_of_another_issuer_is_somebody_else(desk: Desk) -> None:
    other = OpenIdProvider()
    other.clock, other.subject, other.claims = desk.provider.clock, desk.provider.subject, desk.provider.claims
    desk.others.append(other)
    await other.start()
    service = desk.of({"bureau": desk.section(desk.provider), "other": desk.section(other)})
    first = await desk.officers.officer(await signed_on(desk, service))
    address, kept = await service.begin("other", "/", IP)
    token, _ = await service.finish("other", kept, await other.gone_through(address), IP)
    second = await desk.officers.officer(token)
    assert first is not None
    assert second is not None
    assert first.id != second.id


async def test_an_account_of_that_name_here_is_not_theirs_unless_a_rule_says_so(desk: Desk) -> None:
    desk.is_called(preferred_username="ZhouMin", **MEDIATOR)
    found = await desk.officers.officer(await signed_on(desk, desk.service()))
    assert found is not None
    assert (found.id != desk.world.zhou.id, found.login) == (True, "zhoumin-2")
    desk.provider.subject = "another"
    service = desk.service(links_claim="preferred_username")
    linked = await desk.officers.officer(await signed_on(desk, service))
    assert linked is not None
    assert linked.id == desk.world.zhou.id
    assert await told(desk.world, linked.id) == ["SignOnLinked", "SignedOn"]
    desk.provider.subject = "a third"  # who is called so as well: the account is somebody's already
    third = await desk.officers.officer(await signed_on(desk, service))
    assert third is not None
    assert third.login == "zhoumin-3"


async def test_an_account_that_was_closed_is_not_linked_either(desk: Desk) -> None:
    await desk.officers.sign_ins.store.close(desk.world.zhou.id, desk.world.clock.now())
    desk.is_called(preferred_username="zhoumin", **MEDIATOR)
    assert await refused(signed_on(desk, desk.service(links_claim="preferred_username"))) == "sign_on_closed"


@pytest.mark.parametrize("named", ["王芳", "a", "", None, ["x"], "../../etc", "管理员@局", "x" * 300])
async def test_whatever_they_are_called_there_they_have_a_name_that_can_be_used(desk: Desk, named: Any) -> None:
    desk.is_called(preferred_username=named, name="王芳【局】\u202e\n" + "长" * 200, **MEDIATOR)
    found = await desk.officers.officer(await signed_on(desk, desk.service()))
    assert found is not None
    assert found.login.startswith("bureau-") or found.login in ("etc", "x" * 56)
    assert found.name == ("王芳局" + "长" * 200)[:40]


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": "芳 王", "given_name": "芳", "family_name": "王"}, "王芳"),
        ({"name": "Fang Wang", "given_name": "Fang", "family_name": "Wang"}, "Fang Wang"),
        ({"name": "王芳"}, "王芳"),
    ],
)
async def test_a_chinese_name_stands_with_the_familys_first(desk: Desk, claims: dict[str, str], name: str) -> None:
    desk.is_called(**MEDIATOR, **claims)
    found = await desk.officers.officer(await signed_on(desk, desk.service()))
    assert found is not None
    assert found.name == name


async def test_two_tabs_of_somebody_new_are_one_person(desk: Desk) -> None:
    service = desk.service()
    tokens = await asyncio.gather(*(signed_on(desk, service) for _ in range(5)))
    found = [await desk.officers.officer(token) for token in tokens]
    assert len({one.id for one in found if one is not None}) == 1


# ---------------------------------------------------------------- rules, asked each time


async def test_whom_no_rule_gives_a_place_has_no_account(desk: Desk) -> None:
    for groups in ([], ["/三所/mediators"], ["mediators"], None):
        desk.is_called(groups=groups)
        assert await refused(signed_on(desk, desk.service())) == "sign_on_no_place"
    assert await desk.world.store.user_by_login("wangfang") is None


async def test_without_rules_only_linked_accounts_come_in(desk: Desk) -> None:
    assert await refused(signed_on(desk, desk.service(rules=[]))) == "sign_on_no_place"


async def test_what_is_taken_away_there_is_gone_at_the_next_sign_in_and_comes_back_when_given(desk: Desk) -> None:
    service = desk.service()
    before = await signed_on(desk, service)
    officer = await desk.officers.officer(before)
    assert officer is not None
    admin = await desk.admin()
    user = await desk.world.store.user(officer.id)
    assert user is not None
    await desk.officers.give_password(admin, user, "at-the-lake-half-past-seven")  # a way in of their own
    before = await signed_on(desk, service)
    desk.is_called(groups=["guests"])
    assert await refused(signed_on(desk, service)) == "sign_on_no_place"
    assert await desk.officers.officer(before) is None
    assert await refused(desk.officers.sign_in("wangfang", "at-the-lake-half-past-seven", "", IP)) == "bad_login"
    assert await refused(signed_on(desk, service)) == "sign_on_no_place"
    desk.is_called(**MEDIATOR)
    assert await desk.officers.officer(await signed_on(desk, service)) is not None
    changes = [one for one in await told(desk.world, officer.id) if one != "SignedOn"]
    assert changes == ["OfficerAdded", "AccountClosed", "AccountOpened"]


async def test_another_role_or_office_there_is_another_one_here_and_ends_what_was_open(desk: Desk) -> None:
    service = desk.service()
    before = await signed_on(desk, service)
    desk.is_called(groups=["/二所/mediators"])
    moved = await desk.officers.officer(await signed_on(desk, service))
    assert moved is not None
    assert moved.office.short == "二所"
    assert await desk.officers.officer(before) is None
    desk.is_called(groups=["supervisors"], acr="mfa")
    raised = await desk.officers.officer(await signed_on(desk, service))
    assert raised is not None
    assert (raised.role, raised.office.short) == ("supervisor", "一所")
    changes = [one for one in await told(desk.world, raised.id) if one != "SignedOn"]
    assert changes == ["OfficerAdded", "OfficerMoved", "RoleChanged", "OfficerMoved"]


@pytest.mark.parametrize("withdrawn", [False, True])
async def test_an_account_closed_here_stays_closed_whatever_the_provider_says(desk: Desk, withdrawn: bool) -> None:
    service = desk.service()
    officer = await desk.officers.officer(await signed_on(desk, service))
    assert officer is not None
    if withdrawn:
        desk.is_called(groups=[])
        assert await refused(signed_on(desk, service)) == "sign_on_no_place"
    desk.world.move(hours=1)
    await desk.officers.sign_ins.store.close(officer.id, desk.world.clock.now())
    desk.is_called(groups=["supervisors"], acr="mfa")
    for _ in range(2):
        assert await refused(signed_on(desk, service)) == "sign_on_closed"
    user = await desk.world.store.user(officer.id)
    assert user is not None
    assert user.role == "mediator"
    assert (await desk.officers.history(officer))[0].result == "closed"


# ---------------------------------------------------------------- in an administrator's hands


async def test_an_account_that_an_administrator_linked_keeps_the_role_it_has_here(desk: Desk) -> None:
    service, admin, zhou = desk.service(), await desk.admin(), desk.world.zhou
    await service.link(admin, zhou.id, "bureau", f" {desk.provider.subject} ")
    desk.is_called(groups=["supervisors"], preferred_username="somebody")
    token = await signed_on(desk, service)
    officer = await desk.officers.officer(token)
    assert officer is not None
    assert (officer.id, officer.role) == (zhou.id, "mediator")
    (shown,) = (await service.of(admin, [zhou.id]))[zhou.id]
    assert (shown.label, shown.subject, shown.by_rule) == ("统一身份认证", desk.provider.subject, False)
    entries = await desk.world.journal.read(f"officer/{zhou.id}")
    assert account_origin(entries) == (entries[0].at, admin.id)  # who linked it is no second person beside it
    await service.unlink(admin, zhou.id, shown.issuer, shown.subject)
    assert await desk.officers.officer(token) is None
    desk.is_called(groups=[])
    assert await refused(signed_on(desk, service)) == "sign_on_no_place"


async def test_who_was_unlinked_is_not_made_anew(desk: Desk) -> None:
    service, admin = desk.service(), await desk.admin()
    officer = await desk.officers.officer(await signed_on(desk, service))
    assert officer is not None
    await service.unlink(admin, officer.id, desk.provider.url, desk.provider.subject)
    assert await refused(signed_on(desk, service)) == "sign_on_closed"


async def test_nobody_is_linked_to_two_accounts_nor_by_whoever_may_not(desk: Desk) -> None:
    service, admin, world = desk.service(), await desk.admin(), desk.world
    await service.link(admin, world.zhou.id, "bureau", "s1")
    third = await desk.officers.add_officer(admin, "third", "第三", "mediator", PASSWORD)
    assert await refused(service.link(admin, third.id, "bureau", "s1")) == "sign_on_taken"
    assert await refused(service.link(admin, admin.id, "bureau", "s2")) == "own_account"
    assert await refused(service.link(admin, world.other.id, "bureau", "s2")) == "not_found"
    assert await refused(service.link(admin, world.zhou.id, "other", "s2")) == "not_found"
    assert await refused(service.link(admin, world.zhou.id, "bureau", " ")) == "missing"
    assert await refused(service.link(world.zhou, third.id, "bureau", "s2")) == "not_allowed"
    assert await refused(service.unlink(admin, third.id, desk.provider.url, "s1")) == "not_found"


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
