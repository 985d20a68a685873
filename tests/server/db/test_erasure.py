"""Content is wiped from the rows and from the files; what proves that the entries were made stays."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from journal import ERASED, Actor, Draft, unaccounted, verify
from journal.merkle import leaf_hash, verify_inclusion
from rooms import events as e
from rooms.vocabulary import Status
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors, rebuild
from server.evidence.log_store import LogStore
from tests.server.db.history import CONSUMER, MORNING, Teller, registered, scheduled

AT = datetime(2026, 6, 24, 1, 2, 3, 4, tzinfo=UTC)
LIN = Actor("officer", "u-lin", "林督", "supervisor", "o1")
SECRET = "SomethingVeryPrivate"


@pytest.fixture
async def journal(database: Database) -> SqlJournal:
    journal = SqlJournal(database, projectors())
    drafts = [Draft("Said", {"text": f"{SECRET} {n}"}, AT, Actor("party", "s1", f"{SECRET}Name")) for n in range(5)]
    await journal.append("notes/n1", 0, drafts)
    return journal


async def test_content_name_and_salt_are_gone_and_everything_still_verifies(
    journal: SqlJournal, database: Database
) -> None:
    before = await journal.read("notes/n1")
    log = LogStore(database)
    leaves, root, proofs = await log.leaves("notes/n1"), await log.root(5), await log.proofs(range(5), 5)
    account = await journal.erase("notes/n1", [4, 2], LIN, AT, "保存期限届满")
    after = await journal.read("notes/n1")
    verify(after)
    assert unaccounted(after) == []
    assert [event.erased for event in after] == [False, True, False, True, False, False]
    assert [(event.data, event.actor.name, event.salt) for event in after if event.erased] == [({}, "", "")] * 2
    assert (account.type, account.data, account.actor) == (ERASED, {"versions": [2, 4], "reason": "保存期限届满"}, LIN)
    assert [event.hash for event in after[:5]] == [event.hash for event in before]
    for event, leaf in zip(after, leaves, strict=False):
        assert verify_inclusion(leaf_hash(bytes.fromhex(event.hash)), leaf, 5, proofs[leaf], root)


async def test_not_a_byte_of_it_is_left_in_the_files(journal: SqlJournal, database_url: URL) -> None:
    if database_url.get_backend_name() != "sqlite":
        return  # its files hold many databases, and its log goes as it is set up to
    await journal.erase("notes/n1", range(1, 6), LIN, AT)
    assert SECRET.encode() not in _files(database_url)


async def test_what_was_not_erased_is_in_the_files(journal: SqlJournal, database_url: URL) -> None:
    if database_url.get_backend_name() == "sqlite":
        await journal.erase("notes/n1", [1], LIN, AT)
        assert f"{SECRET} 3".encode() in _files(database_url)
        assert f"{SECRET} 0".encode() not in _files(database_url)


async def test_followers_hear_of_it_and_the_stream_goes_on(journal: SqlJournal) -> None:
    told = journal.follow(["notes"])
    account = await journal.erase("notes/n1", [1], LIN, AT)
    assert await anext(told) == account
    assert account.version == 6
    await journal.append("notes/n1", 6, [Draft("Said", {}, AT)])
    verify(await journal.read("notes/n1"))


@pytest.mark.parametrize(("versions", "error"), [([], ValueError), ([7], LookupError), ([1, 99], LookupError)])
async def test_what_is_not_there_cannot_be_erased_and_then_nothing_is(
    journal: SqlJournal, versions: list[int], error: type[Exception]
) -> None:
    before = await journal.read("notes/n1")
    with pytest.raises(error):
        await journal.erase("notes/n1", versions, LIN, AT)
    assert await journal.read("notes/n1") == before


async def test_the_account_of_an_erasure_cannot_be_erased(journal: SqlJournal) -> None:
    await journal.erase("notes/n1", [1], LIN, AT)
    with pytest.raises(ValueError, match="not erased"):
        await journal.erase("notes/n1", [6], LIN, AT)


async def test_erasing_again_is_only_noted_again(journal: SqlJournal) -> None:
    await journal.erase("notes/n1", [1], LIN, AT)
    await journal.erase("notes/n1", [1, 2], LIN, AT)
    after = await journal.read("notes/n1")
    verify(after)
    assert unaccounted(after) == []


async def test_a_session_and_a_complaint_can_still_be_read_and_their_rows_made_anew(
    journal: SqlJournal, database: Database
) -> None:
    tell = Teller(journal)
    await tell.complaint("c1", registered())
    await tell.session("m1", scheduled())
    await tell.session("m1", e.Said(CONSUMER.id, "退款"), e.SessionCancelled("双方已和解"))
    await journal.erase("session/m1", [2], LIN, MORNING)
    assert await rebuild(database) == 2
    async with database.read() as connection:
        rows = (await connection.exec_driver_sql("SELECT status, consumer FROM sessions")).all()
    assert [tuple(row) for row in rows] == [(Status.CANCELLED.value, CONSUMER.name)]


def _files(url: URL) -> bytes:
    path = Path(url.database or "")
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))
