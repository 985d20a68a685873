"""Files of leads in the archive, and leads that are held: kept, carried and read back behind their own wall.

No timer erases them: two persons destroy them by a list, and then nothing of them is left in the archive either.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from complaints.leads import SPOT, DecideLead, HoldLead, LeadService, LiftLeadHold, NewLead, TakeBackLeadNote
from journal.refusals import Refused
from offices import Officer
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from recordings.files.object_store import LocalBlobs
from rooms.record.rules import Retention
from server.complaints.procedure import ProcedureService
from server.documents import NoticeStore
from server.leads.desk import JOB, LeadArchive, LeadFiles, OfficeLeads
from server.leads.reports import InformantNotifier
from server.leads.store import settled_leads
from server.oversight.act_store import ApprovalStore
from server.oversight.service import ApprovalService
from server.retention.appraisal import AppraisalService
from server.retention.archive import Archive, ArchivePapers
from server.retention.archive_job import ArchiveJob
from server.retention.erasure import RemovedFiles
from server.retention.file_erasure import FileErasures
from server.serving.jobs.store import JobQueue
from server.signing import PaperRenderer
from server.signing.seals import SealKeys
from tests.complaints.record.test_uploads import PDF, picture
from tests.server.app.office import PASSWORD, SECOND, World
from tests.server.leads.test_lead_desk import colleague
from tests.server.retention.test_file_erasure import YEAR, aged

PHOTO = picture("JPEG")
JOB_CLAIM: Any = None  # of which the archive makes no use


class Cellar:
    """A lead that figures led to, its files, and the archive with a job process that is called by hand."""

    def __init__(self, world: World, data: Path) -> None:
        self.world, self.data, now = world, data, world.clock.now
        (data / "store").mkdir()
        self.store, self.keys, self.queue = LocalBlobs(data / "store"), case_keys(data), JobQueue(world.database)
        self.shelf = EncryptedFileStore(data / "lead-files", self.keys, remote=self.store.open)
        self.leads = LeadService(world.journal, now)
        steps = ProcedureService(world.complaints, world.rooms, world.store, world.database, now)
        files = LeadFiles(self.leads, self.shelf, self.store.delete)
        telling = InformantNotifier(self.leads, world.seal, world.outbox.nudge)
        self.desk = OfficeLeads(world.complaints, self.leads, steps, world.database, world.store, files, telling, now)
        self.archive = self.anew()
        self.carrier = ArchiveJob(data / "lead-files", lambda check: self.store, self.shelf)
        self.erasures = FileErasures(data, self.keys, world.journal, world.rooms, self.rule, now, self.from_store)
        rows, sign_ins = ApprovalStore(world.database), world.officers.sign_ins.store
        self.approvals = ApprovalService(world.journal, rows, world.store, sign_ins, now)
        certificates, seals = NoticeStore(data / "certificates", world.seal), SealKeys(data / "seals", world.seal, now)
        self.appraisals = AppraisalService(
            world.journal, self.erasures, self.approvals, world.store, certificates, PaperRenderer(), seals, None, now
        )

    async def rule(self) -> Retention:
        return Retention(2, {"leads": 4}, version=1)

    def anew(self) -> Archive:
        """As after a restart."""
        world, now = self.world, self.world.clock.now
        documents, attachments = (
            EncryptedFileStore(self.data / place, self.keys) for place in ("documents", "attachments")
        )
        beside = LeadArchive(
            world.journal, self.queue, self.shelf, self.store.address, lambda: settled_leads(world.database), now
        )

        async def none(_: object) -> list[tuple[str, str]]:
            return []

        self.archive = Archive(
            self.data, world.journal, world.rooms, self.queue, self.store, timedelta(days=1), none, now,
            ArchivePapers(world.complaints, documents, attachments), beside,
        )  # fmt: skip
        return self.archive

    async def from_store(self, case: str) -> RemovedFiles:
        return await self.archive.remove(case)

    async def lead(self, inspector: Officer) -> str:
        """Nobody's complaint led to it. Two files, the photo with its original beside it."""
        complaint = await self.world.register()
        new = NewLead(SPOT, "虚构原价", "标注的原价从未成交", "某店", "k1", {}, (complaint,))
        lead = await self.desk.open(inspector, new)
        for name, content in (("现场.jpg", PHOTO), ("笔录.pdf", PDF)):
            await self.desk.add_file(inspector, lead, name, content, "现场")
        return lead

    async def decided(self, inspector: Officer) -> str:
        """A lead that was found to be nothing, a minute ago."""
        lead = await self.lead(inspector)
        await self.desk.ask(inspector, lead, DecideLead("unfounded", "查无实据"))
        self.world.move(seconds=60)
        return lead

    async def due(self, officer: Officer) -> list[str]:
        """Leads whose years are over; nothing was destroyed on the way, however long ago that was."""
        for one in (self.data / "lead-files").iterdir():
            aged(one)
        assert await self.erasures.look()
        return [one.case for one in await self.appraisals.due(officer)]

    async def listed(self, officer: Officer, lead: str) -> str:
        """It is to be destroyed: the request for a second person's yes."""
        drawn = await self.appraisals.propose(officer, "", {lead: "destroy"}, "鉴定小组意见：无继续保存价值")
        return (await self.appraisals.one(officer, drawn)).waits

    async def second(self) -> Officer:
        """Who agrees: an administrator of another name."""
        by = replace(self.world.zhou, role="administrator")
        return await self.world.officers.add_officer(by, "chief", "江宁", "administrator", PASSWORD)

    async def look(self) -> None:
        await self.archive.look(self.world.clock.now())

    async def carry(self, lead: str) -> None:
        """Until nothing is left to do."""
        for _ in range(2):
            await self.carrier(JOB_CLAIM, lead)
            await self.archive.note()

    def here(self, lead: str) -> list[str]:
        return sorted(one.name for one in (self.data / "lead-files" / lead).iterdir() if one.name != "archive.json")

    async def read(self, officer: Officer, lead: str) -> list[bytes]:
        found = []
        for one in (await self.leads.state(lead)).files:
            _, file = await self.desk.take_file(officer, lead, one.attachment, one.original)
            with file:
                found.append(file.read())
        return found


@pytest.fixture
def cellar(world: World, tmp_path: Path) -> Cellar:
    return Cellar(world, tmp_path)


@pytest.fixture
async def inspector(world: World) -> Officer:
    return await colleague(world, "cha", "inspector")


async def test_files_of_a_decided_lead_go_are_noted_in_its_own_stream_and_can_still_be_read(
    cellar: Cellar, inspector: Officer
) -> None:
    lead = await cellar.lead(inspector)
    cellar.world.move(seconds=60)
    await cellar.look()
    assert await cellar.queue.waiting() == []  # it is being verified
    await cellar.desk.ask(inspector, lead, DecideLead("unfounded", "查无实据"))
    await cellar.look()
    assert await cellar.queue.waiting() == []  # its time has not come
    cellar.world.move(seconds=60)
    await cellar.look()
    assert await cellar.queue.waiting() == [(JOB, {"session": lead})]
    before = cellar.here(lead)
    assert len(before) == 3
    await cellar.carry(lead)
    assert cellar.here(lead) == []
    assert sorted(cellar.store.names(lead)) == [f"{lead}/{name}" for name in before]
    told = [event for event in await cellar.world.journal.read(f"lead/{lead}") if event.type == "LeadFileArchived"]
    assert {event.data["path"]: event.data["store"] for event in told} == (await cellar.leads.state(lead)).archived
    assert len(told) == 3
    assert await cellar.read(inspector, lead) == [PHOTO, PDF]
    await cellar.look()
    assert (cellar.archive.tally.archived, cellar.archive.tally.waiting) == (3, 0)


async def test_a_process_that_dies_between_two_steps_goes_on_where_it_was(cellar: Cellar, inspector: Officer) -> None:
    lead = await cellar.decided(inspector)
    await cellar.look()
    await cellar.carrier(JOB_CLAIM, lead)
    cellar.anew()
    await cellar.look()
    await cellar.archive.note()
    assert len((await cellar.leads.state(lead)).archived) == 3
    cellar.anew()
    await cellar.look()
    await cellar.carrier(JOB_CLAIM, lead)
    assert cellar.here(lead) == []
    assert len((await cellar.leads.state(lead)).archived) == 3


async def test_what_a_lead_taken_up_again_gets_follows(cellar: Cellar, inspector: Officer) -> None:
    lead = await cellar.decided(inspector)
    await cellar.look()
    await cellar.carry(lead)
    await cellar.desk.ask(inspector, lead, TakeBackLeadNote("decision", 0, "又有线索"))
    await cellar.desk.add_file(inspector, lead, "补充.pdf", PDF, "")
    cellar.world.move(seconds=60)
    await cellar.look()
    assert len(cellar.here(lead)) == 1
    await cellar.desk.ask(inspector, lead, DecideLead("verified"))
    cellar.world.move(seconds=60)
    await cellar.look()
    await cellar.carry(lead)
    assert cellar.here(lead) == []
    assert len(list(cellar.store.names(lead))) == 4


async def test_a_file_that_is_not_what_the_journal_says_stays_and_is_not_asked_for_for_ever(
    cellar: Cellar, inspector: Officer
) -> None:
    lead = await cellar.decided(inspector)
    changed = cellar.data / "lead-files" / lead / cellar.here(lead)[0]
    raw = bytearray(changed.read_bytes())
    raw[len(raw) // 2] ^= 1
    changed.write_bytes(raw)
    await cellar.look()
    await cellar.carry(lead)
    assert cellar.here(lead) == [changed.name]
    asked = len(await cellar.queue.waiting())
    cellar.world.move(seconds=60)
    for _ in range(3):
        await cellar.look()
    assert len(await cellar.queue.waiting()) == asked


async def test_a_removed_file_leaves_the_archive_and_of_a_destroyed_lead_nothing_is_left_there(
    cellar: Cellar, inspector: Officer
) -> None:
    lead = await cellar.decided(inspector)
    supervisor, second = await colleague(cellar.world, "luping", "supervisor"), await cellar.second()
    await cellar.look()
    await cellar.carry(lead)
    photo, paper = (await cellar.leads.state(lead)).files
    await cellar.desk.remove_file(inspector, lead, paper.attachment, "传错")
    left = [f"{lead}/{photo.attachment}", f"{lead}/{photo.attachment}.original"]
    assert sorted(cellar.store.names(lead)) == left
    cellar.world.move(seconds=3 * YEAR)
    assert await cellar.due(supervisor) == []
    cellar.world.move(seconds=2 * YEAR)
    assert await cellar.due(supervisor) == [lead]
    asked = await cellar.listed(supervisor, lead)
    with pytest.raises(Refused):  # not by one person
        await cellar.approvals.approve(supervisor, "", asked)
    assert sorted(cellar.store.names(lead)) == left
    assert await cellar.read(inspector, lead) == [PHOTO], "nothing goes by itself, and nothing by a proposal"
    await cellar.approvals.approve(second, "", asked)
    assert list(cellar.store.names(lead)) == []
    assert not (cellar.data / "lead-files" / lead).exists()
    assert cellar.keys.state(f"lead-{lead}") == "destroyed"
    told = await cellar.world.journal.read(f"appraisal/{supervisor.office.id}")
    assert [event.type for event in told] == ["AppraisalListed", "FileDestroyed", "AppraisalCarriedOut"]
    assert (told[1].data["kind"], told[1].data["case"]) == ("leads", lead)
    assert told[1].data["files"] >= 2, "those in the archive are counted"
    assert await cellar.due(supervisor) == []
    await cellar.look()
    await cellar.archive.note()
    assert list(cellar.store.names(lead)) == []


@pytest.mark.parametrize("archived", [False, True], ids=["here", "in the archive"])
async def test_a_held_lead_that_no_complaint_led_to_keeps_its_files_until_the_hold_is_lifted(
    cellar: Cellar, inspector: Officer, archived: bool
) -> None:
    lead = await cellar.lead(inspector)
    supervisor = await colleague(cellar.world, "luping", "supervisor")
    await cellar.desk.ask(inspector, lead, DecideLead("unfounded", "查无实据"))
    with pytest.raises(Refused, match="not_allowed"):
        await cellar.desk.ask(inspector, lead, HoldLead("行政复议"))
    await cellar.desk.ask(supervisor, lead, HoldLead(" 行政复议 "))
    assert (await cellar.leads.state(lead)).hold == "行政复议"
    cellar.world.move(seconds=60)
    if archived:
        await cellar.look()
        await cellar.carry(lead)
    (first, _) = (await cellar.leads.state(lead)).files
    with pytest.raises(Refused, match="file_held"):
        await cellar.desk.remove_file(inspector, lead, first.attachment, "传错")
    cellar.world.move(seconds=9 * YEAR)
    assert await cellar.due(supervisor) == []
    with pytest.raises(Refused, match="changed_since"):
        await cellar.listed(supervisor, lead)
    assert await cellar.read(inspector, lead) == [PHOTO, PDF]
    with pytest.raises(Refused, match="not_allowed"):  # not by one person
        await cellar.desk.ask(supervisor, lead, LiftLeadHold("复议已结"))
    await cellar.leads.submit(lead, LiftLeadHold("复议已结"), supervisor.actor)
    assert await cellar.due(supervisor) == []  # its years begin anew
    cellar.world.move(seconds=5 * YEAR)
    assert await cellar.due(supervisor) == [lead]
    await cellar.approvals.approve(await cellar.second(), "", await cellar.listed(supervisor, lead))
    assert cellar.keys.state(f"lead-{lead}") == "destroyed"
    assert list(cellar.store.names(lead)) == []
    assert not (cellar.data / "lead-files" / lead).exists()


async def test_a_hold_that_comes_between_the_list_and_the_yes_keeps_what_lies_in_the_archive(
    cellar: Cellar, inspector: Officer
) -> None:
    lead = await cellar.decided(inspector)
    supervisor, second = await colleague(cellar.world, "luping", "supervisor"), await cellar.second()
    await cellar.look()
    await cellar.carry(lead)
    cellar.world.move(seconds=5 * YEAR)
    assert await cellar.due(supervisor) == [lead]
    asked = await cellar.listed(supervisor, lead)
    await cellar.desk.ask(supervisor, lead, HoldLead("行政复议"))
    await cellar.approvals.approve(second, "", asked)
    assert len(list(cellar.store.names(lead))) == 3
    assert await cellar.read(inspector, lead) == [PHOTO, PDF]
    told = await cellar.world.journal.read(f"appraisal/{supervisor.office.id}")
    assert [event.type for event in told] == ["AppraisalListed", "FileLeft", "AppraisalCarriedOut"]


async def test_another_offices_supervisor_holds_nothing(cellar: Cellar, inspector: Officer) -> None:
    lead = await cellar.lead(inspector)
    stranger = replace(await colleague(cellar.world, "luping", "supervisor"), office=SECOND)
    with pytest.raises(Refused, match="not_found"):
        await cellar.desk.ask(stranger, lead, HoldLead("行政复议"))
