"""Files of complaints and leads: erased by their own key with the last record, never while anything holds them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from complaints.commands import Refuse
from complaints.leads import MEDIATION, DecideLead, LeadService
from journal import SYSTEM, Actor
from journal.events import unaccounted, verify
from recordings.keys import case_keys
from recordings.local_blobs import LocalBlobs
from recordings.shelf import Shelf
from rooms.commands import Arrive, Close, LiftHold, OrderErasure, PlaceHold, ProposeOutcome
from rooms.retention import Retention
from rooms.vocabulary import Outcome, OutcomeKind
from server.attachment_desk import AttachmentDesk
from server.erasure import Erasures, Removed
from server.file_erasure import FileErasures
from server.follow_up import after
from server.storage.erasable import SqlRecords
from tests.complaints.test_uploads import PDF, picture
from tests.identity.office import PASSWORD, World
from tests.log.house import House
from tests.server.test_lead_desk import desk as lead_desk
from web.ports import Refused

SUPERVISOR = Actor("officer", "u-lin", "林督", "supervisor", "office-1")
YEAR = 366 * 24 * 3600.0
NAME = "丁小禾的收据.pdf"


class Cabinet:
    """A world whose complaints have files, and what erases them."""

    def __init__(self, world: World, data: Path) -> None:
        self.world, self.data, self.keys = world, data, case_keys(data)
        (data / "store").mkdir()
        self.store = LocalBlobs(data / "store")
        shelf = Shelf(data / "attachments", self.keys, remote=self.store.open)
        self.attachments = AttachmentDesk(world.complaints, shelf)
        self.files = FileErasures(
            data, self.keys, world.journal, world.rooms, self.rule, world.clock.now, archived=self.from_store
        )
        self.erasures = Erasures(
            Shelf(data / "recordings", self.keys), world.journal, world.rooms, SqlRecords(world.database),
            self.rule, world.clock.now, [self.files.with_record], self.files.look,
        )  # fmt: skip

    async def rule(self) -> Retention:
        return Retention(2, {"leads": 4}, version=3)

    async def from_store(self, case: str) -> Removed:
        names = list(self.store.names(case))
        for name in names:
            self.store.delete(name)
        return Removed(len(names))

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


async def test_the_files_go_with_the_last_record_and_the_log_still_verifies(cabinet: Cabinet) -> None:
    complaint, session = await cabinet.mediated()
    house = House(cabinet.world.database, cabinet.data)
    await house.sign()
    await cabinet.world.rooms.submit(session, OrderErasure("当事人要求"), SUPERVISOR)
    assert await cabinet.erasures.look()
    assert cabinet.gone(complaint)
    events = await cabinet.world.journal.read(f"complaint/{complaint}")
    verify(events)
    assert unaccounted(events) == []
    assert {event.type for event in events if event.erased} == {"AttachmentAdded"}
    assert NAME not in str(events)
    assert (events[-1].type, events[-1].actor, events[-1].data["reason"]) == ("ContentErased", SUPERVISOR, "当事人要求")
    await house.sign()
    report = await house.check()
    assert report.holds, report.findings
    erased = (await cabinet.world.rooms.state(session)).erasure
    assert erased is not None
    assert erased.done is not None
    assert erased.done.files == 1
    with pytest.raises(Refused, match="erased"):
        await cabinet.attachments.add(cabinet.world.zhou, complaint, NAME, PDF, "evidence", "")
    assert await cabinet.erasures.look()  # again: nothing is done twice
    assert len(await cabinet.world.journal.read(f"complaint/{complaint}")) == len(events)


async def test_what_lies_in_the_archive_goes_too(cabinet: Cabinet) -> None:
    complaint, session = await cabinet.mediated()
    (file,) = (cabinet.data / "attachments" / complaint).iterdir()
    (cabinet.data / "store" / complaint).mkdir()
    file.rename(cabinet.data / "store" / complaint / file.name)
    await cabinet.world.rooms.submit(session, OrderErasure("当事人要求"), SUPERVISOR)
    assert await cabinet.erasures.look()
    assert cabinet.gone(complaint)
    assert list(cabinet.store.names(complaint)) == []


async def test_a_hold_keeps_the_files_until_it_is_lifted(cabinet: Cabinet) -> None:
    complaint, session = await cabinet.mediated()
    await cabinet.world.rooms.submit(session, PlaceHold("诉讼中"), SUPERVISOR)
    cabinet.world.move(seconds=3 * YEAR)
    assert await cabinet.erasures.look()
    assert cabinet.there(complaint)
    await cabinet.world.rooms.submit(session, LiftHold("结案"), SUPERVISOR)
    assert await cabinet.erasures.look()
    assert cabinet.gone(complaint)


async def test_a_complaint_that_was_never_mediated_keeps_its_files_for_the_years_of_a_record(
    cabinet: Cabinet,
) -> None:
    complaint = await cabinet.world.register()
    await cabinet.attachments.add(cabinet.world.zhou, complaint, NAME, picture("JPEG"), "evidence", "")
    cabinet.world.move(seconds=5 * YEAR)
    aged(cabinet.data / "attachments" / complaint)
    assert await cabinet.erasures.look()
    assert cabinet.there(complaint)  # nobody has decided about it yet
    await cabinet.world.complaints.submit(complaint, Refuse(1), cabinet.world.zhou.actor)
    cabinet.world.move(seconds=YEAR)
    assert await cabinet.erasures.look()
    assert cabinet.there(complaint)
    cabinet.world.move(seconds=YEAR)
    assert await cabinet.erasures.look()
    assert cabinet.gone(complaint)
    events = await cabinet.world.journal.read(f"complaint/{complaint}")
    assert events[-1].data["reason"] == "retention: files 2, rule 3"


async def test_a_lead_has_a_key_and_years_of_its_own_and_a_hold_on_the_mediation_keeps_it(cabinet: Cabinet) -> None:
    world, leads = cabinet.world, lead_desk(cabinet.world, cabinet.data)
    inspector = await world.officers.add_officer(
        replace(world.zhou, role="administrator"), "cha", "何静", "inspector", PASSWORD
    )
    complaint, session = await cabinet.mediated()
    await leads.hand_on(world.zhou, complaint, MEDIATION, "虚构原价", "标注的原价从未成交")
    (row,) = await leads.leads(inspector)
    await leads.add_file(inspector, row.id, NAME, PDF, "现场")
    folder, keys = cabinet.data / "lead-files" / row.id, cabinet.keys
    await world.rooms.submit(session, PlaceHold("诉讼中"), SUPERVISOR)
    cabinet.world.move(seconds=9 * YEAR)
    aged(folder)
    assert await cabinet.erasures.look()
    assert folder.exists()  # it is being verified
    await LeadService(world.journal, world.clock.now).submit(
        row.id, DecideLead("unfounded", "查无实据"), inspector.actor
    )
    world.move(seconds=5 * YEAR)
    assert await cabinet.erasures.look()
    assert folder.exists()  # its mediation is held
    await world.rooms.submit(session, LiftHold("结案"), SUPERVISOR)
    assert await cabinet.erasures.look()
    assert (folder.exists(), keys.state(f"lead-{row.id}")) == (False, "destroyed")
    events = await world.journal.read(f"lead/{row.id}")
    verify(events)
    assert unaccounted(events) == []
    assert NAME not in str(events)


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
