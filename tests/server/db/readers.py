"""Three offices, their officers, and what each of them may read: fixtures of the tests of read models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from journal import Actor, Event
from offices import Office, Officer
from rooms import events as e
from rooms.commands import Command, NoteView
from rooms.events import event_draft, history, stream as session_stream
from rooms.live.registry import Sessions
from rooms.session import Session, fold
from server.complaints.store import SqlReads
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors
from server.identity.store import IdentityStore, User
from tests.server.db.history import MORNING, Teller

DAY = timedelta(days=1)
FIRST = Office("o1", "东湖高新区市场监管一所", "一所", "027-6000", "东高一投")
SECOND = replace(FIRST, id="o2", name="东湖高新区市场监管二所", short="二所")
THIRD = replace(FIRST, id="o3", name="东湖高新区市场监管三所", short="三所")
ZHOU = Officer("u-zhou", "zhou", "周敏", "mediator", FIRST, totp=False)
ELSEWHERE = Officer("u-else", "else", "外所", "mediator", SECOND, totp=False)
LIN = Officer("u-lin", "lin", "林督", "supervisor", FIRST, totp=False)
HE = Officer("u-he", "he", "何管", "administrator", FIRST, totp=False)


class JournaledSessions(Sessions):
    """Sessions that only take note of looks, straight in the journal."""

    def __init__(self, journal: SqlJournal) -> None:
        self._journal = journal

    async def submit(self, session: str, command: Command, actor: Actor) -> Sequence[Event]:
        assert isinstance(command, NoteView)
        stream = session_stream(session)
        after = await self._journal.last(stream)
        return await self._journal.append(stream, after, [event_draft(e.Viewed(command.part), MORNING, actor)])

    async def state(self, session: str) -> Session:
        folded = fold(history(await self._journal.read(session_stream(session))))
        assert folded is not None
        return folded


@pytest.fixture
async def journal(database: Database) -> SqlJournal:
    store = IdentityStore(database)
    for office in (FIRST, SECOND, THIRD):
        await store.add_office(office)
    for officer in (ZHOU, ELSEWHERE, LIN, HE):
        user = User(officer.id, officer.login, officer.name, officer.role, officer.office.id, "argon2", MORNING)
        await store.add_user(user)
    await store.oversee(LIN.id, [SECOND.id])
    return SqlJournal(database, projectors())


@pytest.fixture
async def tell(journal: SqlJournal) -> Teller:
    return Teller(journal)


@pytest.fixture
async def reads(database: Database, journal: SqlJournal, tmp_path: Path) -> SqlReads:
    return SqlReads(database, JournaledSessions(journal), tmp_path, lambda: MORNING + DAY)
