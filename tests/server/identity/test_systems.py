"""Tokens and keys in the real store: digests at rest, one registration a key, whose office it is."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from complaints.record import PartyTyped
from complaints.service import ComplaintService
from complaints.state import stream
from complaints.views import NewComplaint
from journal.refusals import Refused
from offices import Officer
from offices.oversight import ActFilter
from server.complaints.service import OfficeComplaints
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.schema import system_tokens
from server.identity import Seal, digest as token_digest
from server.identity.account_store import StoredToken, SystemStore
from server.identity.store import IdentityStore
from server.identity.systems import SYSTEM_PREFIX, SystemsService
from server.oversight.act_store import ActStore
from tests.server.db.readers import FIRST, HE, LIN, SECOND, ZHOU, JournaledSessions

NOW = datetime(2026, 6, 24, 2, 0, tzinfo=UTC)
OTHERS = Officer("u-x", "x", "外管", "administrator", SECOND, totp=False)
NEW = NewComplaint(
    channel="12315",
    received=NOW,
    title="健身卡退款",
    request="退款",
    facts="门店停业。",
    amount=Decimal("1200.50"),
    consumer=PartyTyped("甲某", "13800000001"),
    business=PartyTyped("", organisation="某健身公司"),
)


LAST = NOW.date() + timedelta(days=90)


WITHHELD: dict[tuple[str, str], frozenset[str]] = {}  # nothing, until a test says otherwise


async def withheld(office: str, role: str) -> frozenset[str]:
    return WITHHELD.get((office, role), frozenset())


async def standing(officer: str) -> Officer | None:
    return ZHOU if officer == ZHOU.id else None


@pytest.fixture
def systems(database: Database, journal: SqlJournal) -> SystemsService:
    complaints = ComplaintService(journal, Seal(bytes(32)), lambda: NOW)
    desk = OfficeComplaints(complaints, JournaledSessions(journal))
    return SystemsService(
        SystemStore(database), IdentityStore(database), complaints, desk, journal, lambda: NOW, standing, withheld
    )


async def test_a_token_is_kept_as_a_digest_and_known_again_until_revoked(
    systems: SystemsService, database: Database
) -> None:
    token = await systems.issue(HE, "全国12315平台", ["complaints:write", "rule:world"], LAST)
    assert token.startswith(SYSTEM_PREFIX)
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
    with pytest.raises(Refused, match="token_revoked"):
        await systems.system(token)
    assert await systems.system("yt_other") is None


async def test_only_an_administrator_issues_and_a_name_and_scope_are_needed(systems: SystemsService) -> None:
    for officer, name, scopes in (
        (ZHOU, "平台", ["statistics:read"]),
        (HE, " ", ["statistics:read"]),
        (HE, "平台", []),
    ):
        with pytest.raises(Refused):
            await systems.issue(officer, name, scopes, LAST)
    assert await systems.tokens(OTHERS) == []


async def test_however_often_and_at_once_a_key_comes_it_registers_once_in_the_systems_name(
    systems: SystemsService, journal: SqlJournal
) -> None:
    system = await systems.system(await systems.issue(HE, "全国12315平台", ["complaints:write"], LAST))
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


async def test_who_issued_and_revoked_a_token_is_in_the_journal_and_never_the_secret(
    systems: SystemsService, journal: SqlJournal, database: Database
) -> None:
    token = await systems.issue_own(ZHOU, "每日报表", ["complaints:read"], LAST)
    (shown,) = await systems.own(ZHOU)
    with pytest.raises(Refused, match="not_found"):
        await systems.revoke_own(LIN, shown.id)
    await systems.revoke(HE, shown.id)
    with pytest.raises(Refused, match="not_found"):
        await systems.revoke(HE, shown.id)  # told once
    issued, revoked = await journal.read(f"token/{shown.id}")
    assert (issued.type, issued.actor.name, issued.data) == (
        "TokenIssued",
        ZHOU.name,
        {
            "office": FIRST.id,
            "name": "每日报表",
            "officer": ZHOU.id,
            "scopes": ["complaints:read"],
            "last": LAST.isoformat(),
        },
    )
    assert (revoked.type, revoked.actor.name) == ("TokenRevoked", HE.name)
    assert token not in str((issued, revoked))
    assert token_digest(token) not in str((issued, revoked))
    told = await ActStore(database).acts(HE, ActFilter(act="token"))
    assert {(one.what, one.actor, one.label) for one in told.rows} == {
        ("TokenIssued", ZHOU.name, "每日报表"),
        ("TokenRevoked", HE.name, "每日报表"),
    }


async def test_of_those_who_revoke_a_token_at_once_one_is_told_in_the_journal(
    systems: SystemsService, journal: SqlJournal
) -> None:
    await systems.issue(HE, "平台", ["statistics:read"], LAST)
    (shown,) = await systems.tokens(HE)
    told = await asyncio.gather(*(systems.revoke(HE, shown.id) for _ in range(4)), return_exceptions=True)
    assert sorted(str(one) for one in told if one is not None) == ["not_found"] * 3
    assert [event.type for event in await journal.read(f"token/{shown.id}")] == ["TokenIssued", "TokenRevoked"]


async def test_a_token_from_before_the_journal_said_so_is_revoked_too(
    systems: SystemsService, journal: SqlJournal, database: Database
) -> None:
    old = StoredToken("old", FIRST.id, "平台", "statistics:read", token_digest("yt_old"), NOW, HE.id)
    await SystemStore(database).add(old)
    with pytest.raises(Refused, match="token_over"):
        await systems.system("yt_old")  # until it was given a last day
    await systems.revoke(HE, "old")
    with pytest.raises(Refused, match="token_revoked"):
        await systems.system("yt_old")
    assert [event.type for event in await journal.read("token/old")] == ["TokenRevoked"]


async def test_tokens_from_before_there_were_last_days_are_given_one_once(
    systems: SystemsService, journal: SqlJournal, database: Database
) -> None:
    store = SystemStore(database)
    for name, officer in (("old", ""), ("own", ZHOU.id), ("gone", "")):
        await store.add(
            StoredToken(
                name, FIRST.id, name, "statistics:read", token_digest(f"yt_{name}"), NOW, HE.id, officer=officer
            )
        )
    await systems.revoke(HE, "gone")
    await systems.issue(HE, "新平台", ["statistics:read"], LAST)
    assert await systems.give_last_days() == 2
    assert await systems.give_last_days() == 0
    assert await systems.system("yt_old") is not None
    shown = {one.name: one for one in await systems.tokens(HE)}
    assert {name for name, one in shown.items() if one.given} == {"old", "own"}
    assert shown["old"].last is not None
    assert shown["old"].last.date() == NOW.date() + timedelta(days=90)  # in the office's zone
    assert [one.given for one in await systems.own(ZHOU)] == [True]
    [told] = await journal.read("token/old")
    assert (told.type, told.actor.kind, told.data["last"]) == ("LastDayGiven", "system", LAST.isoformat())
    later = SystemsService(
        store, IdentityStore(database), systems._complaints, systems._desk, journal,
        lambda: NOW + timedelta(days=91), standing, withheld,
    )  # fmt: skip
    with pytest.raises(Refused, match="token_over"):
        await later.system("yt_old")


async def test_a_day_too_far_or_gone_by_is_no_last_day(systems: SystemsService) -> None:
    for days in (-1, 367):
        with pytest.raises(Refused, match="bad_day"):
            await systems.issue(HE, "平台", ["statistics:read"], NOW.date() + timedelta(days=days))
