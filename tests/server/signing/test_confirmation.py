"""Judicial confirmation on a real agreement under seal: the archive for the court, the period, and the ruling."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from complaints import ConfirmationPrepared, RulingNoted
from complaints.state import stream
from journal.refusals import Refused
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from recordings.views import ExportRow
from server.complaints.attachments import AttachmentService
from server.complaints.office_store import working_calendar
from server.documents import PdfRenderer
from server.signing.confirmation import ConfirmationService
from tests.server.signing.sittings import (
    Room,
    room as room,  # a fixture
    text_in,
)

COURT = "武汉市江夏区人民法院"
NUMBER = "（2026）鄂0115民特12号"
RULING = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


class MadePackages:
    """Evidence packages as their service tells of them (tests/server/evidence/test_exports.py)."""

    def __init__(self) -> None:
        self.rows: list[ExportRow] = []

    async def of(self, session: str) -> Sequence[ExportRow]:
        return self.rows

    async def path(self, session: str, export: str) -> str:
        return f"{session}/{export}.zip"


@pytest.fixture
def packages() -> MadePackages:
    return MadePackages()


@pytest.fixture
def shelf(tmp_path: Path) -> EncryptedFileStore:
    return EncryptedFileStore(tmp_path / "recordings", case_keys(tmp_path))


@pytest.fixture
def desk(room: Room, packages: MadePackages, shelf: EncryptedFileStore, tmp_path: Path) -> ConfirmationService:
    world = room.world
    files = EncryptedFileStore(tmp_path / "attachments", case_keys(tmp_path))
    return ConfirmationService(
        world.journal,
        world.complaints,
        world.rooms,
        world.store,
        room.signing,
        packages,
        shelf,
        AttachmentService(world.complaints, files),
        PdfRenderer(),
        world.seal.open,
        partial(working_calendar, world.database),
        tmp_path,
        world.clock.now,
    )


async def handed_out(desk: ConfirmationService, room: Room, court: str = COURT) -> tuple[dict[str, bytes], str]:
    _, file = await desk.archive(room.world.zhou, room.session, court)
    with file:
        content = file.read()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}, hashlib.sha256(content).hexdigest()


async def test_without_an_agreement_under_seal_there_is_nothing_to_confirm(
    room: Room, desk: ConfirmationService
) -> None:
    with pytest.raises(Refused, match="not_found"):
        await desk.view(room.world.zhou, room.session)


async def test_the_application_is_filled_from_the_record_and_leaves_open_what_the_office_does_not_keep(
    room: Room, desk: ConfirmationService
) -> None:
    original = await room.sealed()
    papers, _ = await handed_out(desk, room)
    assert papers.keys() == {"1 司法确认申请书.pdf", "2 调解书.pdf", "0 申请材料清单.pdf"}
    assert papers["2 调解书.pdf"] == original
    said = text_in(papers["1 司法确认申请书.pdf"])
    for part in (
        "丁小禾",
        "武汉知遇桥信息技术有限公司",
        "13800005076",
        "第二百零五条",
        COURT,
        "达成的消费争议调解书",
        "由申请人填写",
    ):
        assert part in said, part
    assert "身份证件及号码＿" in said
    listed = text_in(papers["0 申请材料清单.pdf"])
    assert hashlib.sha256(original).hexdigest() in listed
    assert "导出时尚未制作证据包" in listed


async def test_the_evidence_package_goes_along_once_it_is_made(
    room: Room, desk: ConfirmationService, packages: MadePackages, shelf: EncryptedFileStore
) -> None:
    await room.sealed()
    assert "evidence" in (await desk.view(room.world.zhou, room.session)).missing
    at = room.world.clock.now()
    packages.rows = [
        ExportRow("e1", "masked", "ready", 1.0, at, "周敏", at),
        ExportRow("e2", "package", "working", 0.5, at, "周敏", at),
        ExportRow("e3", "package", "ready", 1.0, at, "周敏", at),
    ]
    shelf.put(room.session, f"{room.session}/e3.zip", io.BytesIO(b"the package"))
    seen = await desk.view(room.world.zhou, room.session)
    assert seen.evidence
    assert "evidence" not in seen.missing
    papers, _ = await handed_out(desk, room)
    assert papers["3 证据包.zip"] == b"the package"
    assert hashlib.sha256(b"the package").hexdigest() in text_in(papers["0 申请材料清单.pdf"])


async def test_that_the_papers_were_handed_out_is_in_the_journal_with_their_hash(
    room: Room, desk: ConfirmationService
) -> None:
    await room.sealed()
    _, sha256 = await handed_out(desk, room)
    last = (await room.world.journal.read(stream(room.complaint)))[-1]
    assert (last.type, last.data["sha256"], last.data["court"]) == (ConfirmationPrepared.__name__, sha256, COURT)
    ((at, who, court),) = (await desk.view(room.world.zhou, room.session)).prepared
    assert (at, who, court) == (last.at, "周敏", COURT)


async def test_the_period_counts_from_the_seal_and_is_said_to_be_over(room: Room, desk: ConfirmationService) -> None:
    await room.sealed()
    seen = await desk.view(room.world.zhou, room.session)
    assert (seen.by - seen.effective).days >= 30
    assert "over" not in seen.missing
    room.world.move(minutes=60 * 24 * 40)
    late = await desk.view(room.world.zhou, room.session)
    assert late.left < 0
    assert "over" in late.missing


def ruled(room: Room) -> RulingNoted:
    return RulingNoted(room.session, COURT, NUMBER, room.world.clock.now().date(), True, "")


async def test_the_ruling_is_put_on_the_record_with_its_file_and_stands_once(
    room: Room, desk: ConfirmationService
) -> None:
    await room.sealed()
    officer, ruling = room.world.zhou, ruled(room)
    for _ in range(2):
        await desk.note_ruling(officer, ruling, "裁定书.pdf", RULING)
    seen = await desk.view(officer, room.session)
    assert seen.ruling is not None
    assert (seen.ruling.upheld, seen.ruling.number, seen.ruling_name) == (True, NUMBER, "裁定书.pdf")
    told = [event.type for event in await room.world.journal.read(stream(room.complaint))]
    assert told.count(RulingNoted.__name__) == 1
    (file,) = (await room.world.complaints.state(room.complaint)).attachments
    assert file.about == "ruling"
    await desk.take_back(officer, room.session, "录入了别的案件")
    assert (await desk.view(officer, room.session)).ruling is None


async def test_a_file_that_is_none_and_a_day_to_come_put_nothing_on_the_record(
    room: Room, desk: ConfirmationService
) -> None:
    await room.sealed()
    officer, ruling = room.world.zhou, ruled(room)
    with pytest.raises(Refused, match="bad_upload"):
        await desk.note_ruling(officer, ruling, "裁定书.exe", b"MZ\x90")
    with pytest.raises(Refused, match="bad_day"):
        await desk.note_ruling(officer, replace(ruling, day=ruling.day + timedelta(days=2)), "裁定书.pdf", RULING)
    assert (await room.world.complaints.state(room.complaint)).attachments == ()
