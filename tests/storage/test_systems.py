"""Tokens and keys in the real store: digests at rest, one registration a key, whose office it is."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from complaints.complaint import stream
from complaints.service import ComplaintService, Person
from server.complaint_desk import ComplaintDesk
from server.identity.sealing import Seal
from server.storage.engine import Database
from server.storage.identity_store import IdentityStore
from server.storage.journal_store import SqlJournal
from server.storage.system_store import SystemStore
from server.storage.tables import system_tokens
from server.systems import PREFIX, Systems
from tests.storage.readers import FIRST, HE, SECOND, ZHOU, JournaledSessions
from web.ports import NewComplaint, Officer, Refused

NOW = datetime(2026, 6, 24, 2, 0, tzinfo=UTC)
OTHERS = Officer("u-x", "x", "外管", "administrator", SECOND, totp=False)
NEW = NewComplaint(
    channel="12315",
    received=NOW,
    title="健身卡退款",
    request="退款",
    facts="门店停业。",
    amount=Decimal("1200.50"),
    consumer=Person("甲某", "13800000001"),
    business=Person("", organisation="某健身公司"),
)


@pytest.fixture
def systems(database: Database, journal: SqlJournal) -> Systems:
    complaints = ComplaintService(journal, Seal(bytes(32)), lambda: NOW)
    desk = ComplaintDesk(complaints, JournaledSessions(journal))
    return Systems(SystemStore(database), IdentityStore(database), complaints, desk, lambda: NOW)


async def test_a_token_is_kept_as_a_digest_and_known_again_until_revoked(systems: Systems, database: Database) -> None:
    token = await systems.issue(HE, "全国12315平台", ["complaints:write", "rule:world"])
    assert token.startswith(PREFIX)
    async with database.read() as connection:
        (row,) = (await connection.execute(select(system_tokens))).all()
    assert token not in str(row)
    system = await systems.system(token)
    assert system is not None
    assert (system.office, set(system.scopes), str(system.actor.kind)) == (FIRST, {"complaints:write"}, "system")
    (shown,) = await systems.tokens(HE)
    assert shown.used == NOW
    with pytest.raises(Refused):
        await systems.revoke(OTHERS, shown.id)
    await systems.revoke(HE, shown.id)
    assert await systems.system(token) is None
    assert await systems.system("yt_other") is None


async def test_only_an_administrator_issues_and_a_name_and_scope_are_needed(systems: Systems) -> None:
    for officer, name, scopes in (
        (ZHOU, "平台", ["statistics:read"]),
        (HE, " ", ["statistics:read"]),
        (HE, "平台", []),
    ):
        with pytest.raises(Refused):
            await systems.issue(officer, name, scopes)
    assert await systems.tokens(OTHERS) == []


async def test_however_often_and_at_once_a_key_comes_it_registers_once_in_the_systems_name(
    systems: Systems, journal: SqlJournal
) -> None:
    system = await systems.system(await systems.issue(HE, "全国12315平台", ["complaints:write"]))
    assert system is not None
    complaint, fresh = await systems.register(system, NEW, "key-00000001", "d1")
    assert fresh
    again = await asyncio.gather(*(systems.register(system, NEW, "key-00000001", "d1") for _ in range(5)))
    assert set(again) == {(complaint, False)}
    with pytest.raises(Refused) as no:
        await systems.register(system, NEW, "key-00000001", "d2")
    assert (no.value.code, no.value.status) == ("key_reused", 409)
    (registered,) = await journal.read(stream(complaint))
    assert (registered.actor.kind, registered.actor.name, registered.data["office"]) == (
        "system",
        "全国12315平台",
        "o1",
    )
    assert (await systems.register(system, NEW, "key-00000002", "d1"))[0] != complaint
