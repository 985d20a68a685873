"""Whose account somebody is who signs on by a provider, what rules make of it, and what an administrator does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server.oversight.service import account_origin
from tests.server.app.office import IP, PASSWORD
from tests.server.connections.providers import OpenIdProvider
from tests.server.identity.sign_on_desk import (
    MEDIATOR,
    Desk,
    desk as desk,  # a fixture
    refused,
    signed_on,
    told,
)

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
