"""The demo office: there is something on every desk, and seeding twice makes nothing twice."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from complaints.service import ComplaintService
from complaints.state import Complaint, ComplaintState
from journal.clock import WallClock
from journal.numbers import is_sample
from rooms.live.registry import Rooms
from server.app import demo
from server.complaints.store import SqlReads
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors
from server.identity import Seal
from server.identity.officers import Officers
from server.identity.store import IdentityStore
from tests.server.app.office import IP, PASSWORD, QUICK, NoMedia, World

NOW = datetime(2026, 6, 24, 1, 0, tzinfo=UTC)
SEAL = Seal(bytes(32))


@dataclass
class Empty:
    """An installation nobody has founded yet."""

    database: Database
    journal: SqlJournal
    store: IdentityStore
    officers: Officers

    async def seed(self, at: datetime = NOW, password: str = PASSWORD) -> None:
        await demo.seed(self.store, self.officers, self.journal, SEAL, at, password)

    async def complaint(self, id: str) -> Complaint:
        return await ComplaintService(self.journal, SEAL, lambda: NOW).state(id)


@pytest.fixture
async def empty(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Empty]:
    shutil.copy(sqlite_template, tmp_path / "demo.db")
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'demo.db'}")
    store = IdentityStore(database)
    yield Empty(database, SqlJournal(database, projectors()), store, Officers(store, SEAL, lambda: NOW, QUICK))
    await database.close()


async def test_the_story_is_numbered_accepted_and_seeded_once(empty: Empty) -> None:
    await empty.seed()
    await empty.seed(NOW + timedelta(days=1))
    story = await empty.complaint("demo-0917")
    assert story.record.number == "样例东高一投〔2026〕0917号"
    assert (story.state, str(story.record.amount)) == (ComplaintState.ACCEPTED, "2360.00")
    numbers = [(await empty.complaint(case.id)).record.number for case in demo.CASES]
    assert all(is_sample(office.number_prefix) for office in await empty.store.offices())
    assert numbers == [f"样例东高一投〔2026〕{n:04d}号" for n in range(917, 917 + len(demo.CASES))]


async def test_the_mediators_desk_is_not_empty(empty: Empty) -> None:
    await empty.seed()
    officer = await empty.officers.officer(await empty.officers.sign_in(demo.MEDIATOR, PASSWORD, "", IP))
    assert officer is not None
    rooms = Rooms(empty.journal, NoMedia(), WallClock())
    desk = await SqlReads(empty.database, rooms, Path(), lambda: NOW).desk(officer, NOW)
    assert len(desk.waiting) == len(demo.CASES)
    assert desk.due


async def test_another_password_given_at_a_later_start_is_the_one_that_counts(empty: Empty) -> None:
    await empty.seed()
    await empty.seed(password="another-good-one-7")
    assert await empty.officers.sign_in(demo.SUPERVISOR, "another-good-one-7", "", IP)


async def test_a_real_offices_folder_is_refused(world: World) -> None:
    with pytest.raises(demo.NotADemo):
        await demo.seed(world.store, world.officers, world.journal, world.seal, NOW, PASSWORD)
    assert await world.journal.read("complaint/demo-0917") == []


def test_the_made_up_password_is_kept_and_for_its_owner_only(tmp_path: Path) -> None:
    first = demo.demo_password(tmp_path, "")
    assert demo.demo_password(tmp_path, "") == first
    assert demo.demo_password(tmp_path, "given-instead") == "given-instead"
    (tmp_path / "keys" / "demo-password").write_text("")  # it died while writing it
    assert len(demo.demo_password(tmp_path, "")) > 10
    assert (tmp_path / "keys" / "demo-password").stat().st_mode & 0o777 == 0o600
