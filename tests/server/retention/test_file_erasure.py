"""A recording goes after its years; the file of the complaint stays, until two persons decide after ten years."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from complaints.commands import Refuse
from complaints.leads import MEDIATION, DecideLead, HoldLead, LeadService
from complaints.procedure.rules import NoticeAgreed
from journal import SYSTEM, Actor, unaccounted, verify
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from recordings.files.object_store import LocalBlobs
from rooms.commands import Arrive, Close, OrderErasure, ProposeOutcome
from rooms.record.rules import Retention
from rooms.vocabulary import Outcome, OutcomeKind
from server.complaints.attachments import AttachmentService
from server.complaints.procedure import after
from server.complaints.service import _filing
from server.retention.erasure import Erasures, RemovedFiles
from server.retention.file_erasure import FiledPlaces, FileErasures
from server.rooms.store import SqlRecords
from server.signing.copies import PapersOnFile
from tests.complaints.record.test_uploads import PDF, picture
from tests.server.app.office import PASSWORD, World, filing
from tests.server.leads.test_lead_desk import desk as lead_desk

SUPERVISOR = Actor("officer", "u-lin", "林督", "supervisor", "office-1")
YEAR = 366 * 24 * 3600.0
NAME = "丁小禾的收据.pdf"


class Cabinet:
    """A world whose complaints have files, and what erases them."""

    def __init__(self, world: World, data: Path) -> None:
        self.world, self.data, self.keys = world, data, case_keys(data)
        (data / "store").mkdir()
        self.store = LocalBlobs(data / "store")
        shelf = EncryptedFileStore(data / "attachments", self.keys, remote=self.store.open)
        filed = EncryptedFileStore(data / "files", self.keys)
        documents, recordings = (
            EncryptedFileStore(data / place, self.keys, filed=filed) for place in ("documents", "recordings")
        )
        self.papers = PapersOnFile(documents)
        self.attachments = AttachmentService(world.complaints, shelf)
        self.files = FileErasures(
            data, self.keys, world.journal, world.rooms, self.rule, world.clock.now, archived=self.from_store
        )
        self.erasures = Erasures(
            recordings, world.journal, world.rooms, SqlRecords(world.database),
            self.rule, world.clock.now, [self.papers.remove], self.files.look,
            FiledPlaces(world.journal, documents, recordings, filed).keep,
        )  # fmt: skip

    async def rule(self) -> Retention:
        return Retention(2, {"files": 10, "leads": 10}, version=3)

    async def from_store(self, case: str) -> RemovedFiles:
        names = list(self.store.names(case))
        for name in names:
            self.store.delete(name)
        return RemovedFiles(len(names))

    async def mediated(self) -> tuple[str, str]:
        """A complaint with a file, mediated, closed and told; and its session."""
        session = await self.world.session()
        complaint = (await self.world.rooms.state(session)).complaint
        await self.attachments.add(self.world.zhou, complaint, NAME, PDF, "evidence", "转账记录")
        aged(self.data / "attachments" / complaint)
        for command in (Arrive(), ProposeOutcome(Outcome(OutcomeKind.ENDED, ground=1)), Close()):
            await self.world.rooms.submit(session, command, self.world.zhou.actor)
        follow_up = after(await self.world.rooms.state(session))
        assert follow_up is not None
        await self.world.complaints.submit(complaint, follow_up, SYSTEM)
        return complaint, session

    def there(self, complaint: str) -> bool:
        return self.keys.state(complaint) == "there" and any((self.data / "attachments" / complaint).iterdir())

    def gone(self, complaint: str) -> bool:
        return self.keys.state(complaint) == "destroyed" and not (self.data / "attachments" / complaint).exists()


@pytest.fixture
def cabinet(world: World, tmp_path: Path) -> Cabinet:
    return Cabinet(world, tmp_path)


async def test_a_recording_goes_after_its_years_and_the_file_stays(cabinet: Cabinet) -> None:
    complaint, session = await cabinet.mediated()
    cabinet.world.move(seconds=3 * YEAR)
    assert await cabinet.erasures.look()
    erased = (await cabinet.world.rooms.state(session)).erasure
    assert erased is not None
    assert erased.done is not None
    assert cabinet.keys.state(session) == "destroyed"
    assert cabinet.there(complaint)
    cabinet.world.move(seconds=50 * YEAR)
    assert await cabinet.erasures.look()
    assert cabinet.there(complaint), "no file of a complaint is destroyed by itself, however old"


async def test_an_order_to_erase_a_record_leaves_the_file_as_well(cabinet: Cabinet) -> None:
    complaint, session = await cabinet.mediated()
    await cabinet.world.rooms.submit(session, OrderErasure("当事人要求"), SUPERVISOR)
    assert await cabinet.erasures.look()
    assert cabinet.keys.state(session) == "destroyed"
    assert cabinet.there(complaint)


async def test_a_lead_is_not_destroyed_by_itself(cabinet: Cabinet) -> None:
    world, leads = cabinet.world, lead_desk(cabinet.world, cabinet.data)
    inspector = await world.officers.add_officer(
        replace(world.zhou, role="administrator"), "cha", "何静", "inspector", PASSWORD
    )
    complaint, _ = await cabinet.mediated()
    await leads.hand_on(world.zhou, complaint, MEDIATION, "虚构原价", "标注的原价从未成交")
    (row,) = await leads.leads(inspector)
    await leads.add_file(inspector, row.id, NAME, PDF, "现场")
    folder = cabinet.data / "lead-files" / row.id
    await LeadService(world.journal, world.clock.now).submit(
        row.id, DecideLead("unfounded", "查无实据"), inspector.actor
    )
    world.move(seconds=50 * YEAR)
    aged(folder)
    assert await cabinet.erasures.look()
    assert folder.exists()
    assert row.id in [one.case for one in await cabinet.files.expired(world.zhou.office.id, 9)]
    await LeadService(world.journal, world.clock.now).submit(row.id, HoldLead("诉讼中"), SUPERVISOR)
    assert row.id not in [one.case for one in await cabinet.files.expired(world.zhou.office.id, 9)], "it is held"


async def test_what_was_handed_in_under_the_old_promise_to_delete_it_is_deleted_as_told(cabinet: Cabinet) -> None:
    kept, promised = [await filed(cabinet, edition) for edition in ("2099-01-01.2", "2026-11-25.2")]
    cabinet.world.move(seconds=1.5 * YEAR)
    assert await cabinet.erasures.look()
    assert cabinet.there(promised)
    cabinet.world.move(seconds=YEAR)
    assert await cabinet.erasures.look()
    assert cabinet.gone(promised)
    assert cabinet.there(kept), "a later text says that it belongs to the file"
    events = await cabinet.world.journal.read(f"complaint/{promised}")
    verify(events)
    assert unaccounted(events) == []
    assert NAME not in str(events)
    assert events[-1].data["reason"] == "retention: promised 2"


async def filed(cabinet: Cabinet, edition: str) -> str:
    """A complaint with a file, filed at the window under this text and refused."""
    world = cabinet.world
    complaint = await world.complaints.register(
        _filing(world.zhou, filing(world.clock.now(), "138 0000 5076")),
        world.zhou.actor,
        agreed=NoticeAgreed(edition, "zh"),
    )
    await cabinet.attachments.add(cabinet.world.zhou, complaint, NAME, picture("JPEG"), "evidence", "")
    aged(cabinet.data / "attachments" / complaint)
    await cabinet.world.complaints.submit(complaint, Refuse(1), cabinet.world.zhou.actor)
    return complaint


async def test_files_of_a_case_the_journal_does_not_know_are_not_destroyed(cabinet: Cabinet) -> None:
    """As after a restore: the database is older than the files."""
    left = [cabinet.data / place / "of-a-later-day" for place in ("attachments", "lead-files")]
    for folder in left:
        folder.mkdir(parents=True)
        (folder / "file").write_bytes(b"sealed")
        aged(folder)
    cabinet.world.move(seconds=50 * YEAR)
    assert await cabinet.erasures.look()
    assert all((folder / "file").exists() for folder in left)


def aged(folder: Path) -> None:
    """As if it had lain there for long."""
    os.utime(folder, (0, 0))
