"""LDAP keeps the contract against a real OpenLDAP server, by LDAPS and by StartTLS, and by nothing less."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from server.connections.directory import FILTERS, LdapDirectory
from server.connections.sign_on import Directory, DirectorySection, ProviderAway, ProviderRefused
from tests.contracts.sign_on_contract import TIMEOUT, DirectoryContract
from tests.server.connections.slapd import ADMIN, ADMIN_PASSWORD, BASE, Slapd, directory, group, person

pytestmark = pytest.mark.slapd

LOGIN, PASSWORD = DirectoryContract.LOGIN, DirectoryContract.PASSWORD
ENTRIES = directory(
    person(LOGIN, "周敏", PASSWORD),
    person("luojianguo", "罗建国", "Another-One-27"),
    group("mediators", LOGIN, "luojianguo"),
    group("supervisors", "luojianguo"),
)


@pytest.fixture
async def slapd(tmp_path: Path) -> AsyncIterator[Slapd]:
    made = Slapd(tmp_path, ENTRIES)
    await made.start()
    yield made
    await made.stop()


def section(slapd: Slapd, folder: Path, **said: Any) -> DirectorySection:
    (kept := folder / "reader").write_text(f"{ADMIN_PASSWORD}\n")
    kept.chmod(0o600)
    return DirectorySection.model_validate(
        {"preset": "ldap", "label": "统一目录", "address": f"ldaps://localhost:{slapd.secret}", "bind_dn": ADMIN,
         "bind_password": {"file": kept}, "people": f"ou=people,{BASE}", "groups": f"ou=groups,{BASE}",
         "ca_file": slapd.ca_file, "timeout": TIMEOUT, **said}
    )  # fmt: skip


class OpenLdap(DirectoryContract):
    server: Slapd

    async def running(self, slapd: Slapd, made: DirectorySection) -> AsyncIterator[Directory]:
        self.server = slapd
        adapter = LdapDirectory(made)
        yield adapter
        await adapter.close()

    async def stop(self) -> None:
        await self.server.stop()

    def hush(self) -> None:
        self.server.hush()


class TestLdaps(OpenLdap):
    @pytest.fixture
    async def adapter(self, slapd: Slapd, tmp_path: Path) -> AsyncIterator[Directory]:
        async for one in self.running(slapd, section(slapd, tmp_path)):
            yield one


class TestStartTls(OpenLdap):
    @pytest.fixture
    async def adapter(self, slapd: Slapd, tmp_path: Path) -> AsyncIterator[Directory]:
        async for one in self.running(slapd, section(slapd, tmp_path, address=f"ldap://localhost:{slapd.plain}")):
            yield one


async def test_groups_are_there_for_rules_and_a_subject_that_a_new_name_does_not_change(
    slapd: Slapd, tmp_path: Path
) -> None:
    way = LdapDirectory(section(slapd, tmp_path))
    zhou, luo = await way.check(LOGIN, PASSWORD), await way.check("luojianguo", "Another-One-27")
    assert zhou.claims["groups"] == [f"cn=mediators,ou=groups,{BASE}"]
    assert sorted(luo.claims["groups"]) == [f"cn={name},ou=groups,{BASE}" for name in ("mediators", "supervisors")]
    assert (zhou.claims["uid"], zhou.claims["cn"]) == (LOGIN, "周敏")
    assert zhou.subject != luo.subject
    assert len(zhou.subject) == 36  # entryUUID
    await way.close()


async def test_a_certificate_that_nobody_we_trust_signed_gets_no_password(slapd: Slapd, tmp_path: Path) -> None:
    for address in (f"ldaps://localhost:{slapd.secret}", f"ldap://localhost:{slapd.plain}"):
        way = LdapDirectory(section(slapd, tmp_path, address=address, ca_file=None))
        with pytest.raises(ProviderAway) as fault:
            await way.check(LOGIN, PASSWORD)
        assert fault.value.code == "unreachable"


async def test_a_certificate_for_another_name_gets_no_password(tmp_path: Path) -> None:
    other = Slapd(tmp_path, ENTRIES, name="ldap.elsewhere.example")
    await other.start()
    for address in (f"ldaps://localhost:{other.secret}", f"ldap://localhost:{other.plain}"):
        way = LdapDirectory(section(other, tmp_path, address=address))
        with pytest.raises(ProviderAway):
            await way.check(LOGIN, PASSWORD)
    await other.stop()


async def test_our_own_account_that_it_does_not_take_is_our_fault_and_nobodys_password(
    slapd: Slapd, tmp_path: Path
) -> None:
    way = LdapDirectory(section(slapd, tmp_path, bind_dn=f"cn=nobody,{BASE}"))
    with pytest.raises(ProviderAway) as fault:
        await way.check(LOGIN, PASSWORD)
    assert fault.value.code == "refused"
    assert ADMIN_PASSWORD not in str(fault.value)


async def test_a_filter_that_finds_several_lets_in_none_of_them(slapd: Slapd, tmp_path: Path) -> None:
    way = LdapDirectory(section(slapd, tmp_path, people_filter="(|(uid={login})(objectClass=inetOrgPerson))"))
    with pytest.raises(ProviderRefused):
        await way.check(LOGIN, PASSWORD)
    await way.close()


async def test_a_connection_that_the_server_closed_meanwhile_costs_nobody_their_sign_in(
    slapd: Slapd, tmp_path: Path
) -> None:
    way = LdapDirectory(section(slapd, tmp_path))
    await way.check(LOGIN, PASSWORD)
    await slapd.stop()
    await slapd.start()
    assert (await way.check(LOGIN, PASSWORD)).claims["uid"] == LOGIN
    await way.close()


async def test_a_referral_is_not_followed(tmp_path: Path) -> None:
    """What it leads to would be asked with the password of whoever signs in."""
    elsewhere = await asyncio.start_server(lambda reader, writer: asked.append(1), "127.0.0.1", 0)
    asked: list[int] = []
    port = elsewhere.sockets[0].getsockname()[1]
    leads = (f"dn: ou=more,ou=people,{BASE}\nobjectClass: referral\nobjectClass: extensibleObject\nou: more\n"
             f"ref: ldap://127.0.0.1:{port}/ou=people,{BASE}\n")  # fmt: skip
    made = Slapd(tmp_path, ENTRIES + "\n" + leads)
    await made.start()
    way = LdapDirectory(section(made, tmp_path))
    assert (await way.check(LOGIN, PASSWORD)).claims["uid"] == LOGIN
    with pytest.raises(ProviderRefused):
        await way.check("somebody-there", PASSWORD)
    assert not asked
    await way.close()
    await made.stop()
    elsewhere.close()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"address": "http://directory.example"}, "ldaps://host"),
        ({"address": "directory.example"}, "ldaps://host"),
        ({"people_filter": "(uid=*)"}, "{login}"),
        ({"bind_dn": ""}, "at least 1"),
    ],
)
def test_what_cannot_be_asked_safely_is_said_before_the_program_starts(
    said: dict[str, Any], why: str, tmp_path: Path
) -> None:
    (kept := tmp_path / "reader").write_text(ADMIN_PASSWORD)
    kept.chmod(0o600)
    usual = {"preset": "ad", "label": "x", "address": "ldaps://dc1.example", "bind_dn": "cn=a", "people": "dc=b"}
    with pytest.raises(ValidationError, match=why):
        DirectorySection.model_validate({**usual, "bind_password": {"file": kept}, **said})


def test_active_directory_is_asked_for_accounts_that_are_not_disabled() -> None:
    """No Active Directory is here: the filter is Microsoft's own for it."""
    assert "(!(userAccountControl:1.2.840.113556.1.4.803:=2))" in FILTERS["ad"]
