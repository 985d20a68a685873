"""Judicial confirmation of an agreement under seal: the papers for the court, and what it ruled.

Implements `web.office.sessions.confirmation.Confirmations`. The archive holds the application (司法确认申请书) filled
from the record, the agreement as it was sealed, the evidence package where one was made, and a list of them with their
hashes. What the application asks and the office does not keep is left blank, to be written in by hand.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
import zipfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import IO, BinaryIO, Final, Protocol
from zoneinfo import ZoneInfo

from complaints import (
    SEXES,
    ConfirmationPrepared,
    ConfirmationView,
    NoteRuling,
    PrepareConfirmation,
    RulingNoted,
    TakeBackRuling,
    apply_by,
    name,
)
from complaints.record import PartyRecord
from complaints.record.identifiers import PHONE
from complaints.service import ComplaintService
from complaints.state import Complaint, stream
from complaints.views import PrintedPaper
from journal import Journal
from journal.refusals import Refused, refusal_of
from law import WorkingCalendar
from offices import Office, Officer
from recordings import VaultError
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.views import ExportRow, unread
from rooms.live.registry import Sessions
from rooms.session import Session
from rooms.signing.state import AGREEMENT, SealedDocument
from server.complaints.attachments import AttachmentService
from server.documents import NEWEST, PdfRenderer, PrintedSheet, SheetBlock, chinese_day
from server.documents.facts import Open, address, public_code
from server.identity.store import IdentityStore

TITLE: Final = "司法确认申请书"
LIST_TITLE: Final = "申请材料清单"
BY_HAND: Final = "＿＿＿＿＿＿＿＿（由申请人填写）"
_PIECE: Final = 1 << 20


class Papers(Protocol):
    """`server.signing.desk.SigningService`."""

    async def copy_for_officer(self, officer: Officer, session: str, document: str) -> PrintedPaper: ...


class Packages(Protocol):
    """`server.evidence.exports.ExportService`."""

    async def of(self, session: str) -> Sequence[ExportRow]: ...

    async def path(self, session: str, export: str) -> str: ...


class ConfirmationService:
    def __init__(
        self,
        journal: Journal,
        complaints: ComplaintService,
        sessions: Sessions,
        offices: IdentityStore,
        papers: Papers,
        packages: Packages,
        shelf: EncryptedFileStore,
        attachments: AttachmentService,
        press: PdfRenderer,
        open_: Open,
        calendar: Callable[[str], Awaitable[WorkingCalendar]],
        folder: Path,
        now: Callable[[], datetime],
    ) -> None:
        """`shelf`: of evidence packages. `folder`: where an archive is made; it has no name there."""
        self._journal, self._complaints, self._sessions, self._offices = journal, complaints, sessions, offices
        self._papers, self._packages, self._shelf, self._attachments = papers, packages, shelf, attachments
        self._press, self._open, self._calendar, self._folder, self._now = press, open_, calendar, folder, now

    async def view(self, officer: Officer, session: str) -> ConfirmationView:
        """Refused(404) of a session without an agreement under seal."""
        state, sealed, office = await self._sealed(session)
        complaint = await self._complaints.state(state.complaint)
        effective = _local(sealed.at, office)
        by = apply_by(effective, await self._calendar(office.id))
        package = await self._package(session)
        ruling = complaint.rulings.get(session)
        named = {one.attachment: one.name for one in complaint.attachments}
        prepared = [
            (event.at, event.actor.name, str(event.data["court"]))
            for event in await self._journal.read(stream(state.complaint))
            if event.type == ConfirmationPrepared.__name__ and not event.erased and event.data["session"] == session
        ]
        left = (by - _local(self._now(), office)).days
        missing = [*_blanks(complaint), *([] if package else ["evidence"]), *(["over"] if left < 0 else [])]
        return ConfirmationView(
            session, sealed.sealed.number, effective, by, left, missing, package is not None, prepared, ruling,
            named.get(ruling.attachment, "") if ruling else "",
        )  # fmt: skip

    async def archive(self, officer: Officer, session: str, court: str) -> tuple[str, BinaryIO]:
        """Its name, and the archive, which whoever takes it closes. It is in the journal before it is handed out."""
        state, sealed, office = await self._sealed(session)
        complaint = await self._complaints.state(state.complaint)
        agreement = await self._papers.copy_for_officer(officer, session, sealed.sealed.document)
        package = await self._package(session)
        opened = await self._opened(session, package) if package is not None else None
        try:
            sheet = application(complaint, sealed, office, court, self._open)
            file, sha256 = await asyncio.to_thread(
                self._packed, complaint, office, sheet, agreement.content, opened, _local(self._now(), office)
            )
        finally:
            if opened is not None:
                await asyncio.to_thread(opened.close)
        prepared = ConfirmationPrepared(session, court.strip(), sha256, opened is not None)
        try:
            with refusal_of():
                await self._complaints.submit(state.complaint, PrepareConfirmation(prepared), officer.actor)
        except BaseException:
            file.close()
            raise
        return f"judicial-confirmation-{session}.zip", file

    async def note_ruling(self, officer: Officer, ruling: RulingNoted, name: str, content: bytes) -> None:
        """With the ruling itself, which is looked at like any file from outside and becomes its attachment. Refused:
        bad_upload, bad_day, …"""
        state, _, _ = await self._sealed(ruling.session)
        if ruling.day > self._now().astimezone(ZoneInfo(officer.office.zone)).date():
            raise Refused("bad_day", 422, field="day")
        key = f"ruling/{ruling.session}/{hashlib.sha256(content).hexdigest()}"
        file = await self._attachments.put(officer.actor, state.complaint, name, content, "ruling", ruling.number, key)
        with refusal_of():
            await self._complaints.submit(state.complaint, NoteRuling(replace(ruling, attachment=file)), officer.actor)

    async def take_back(self, officer: Officer, session: str, reason: str) -> None:
        state, _, _ = await self._sealed(session)
        with refusal_of():
            await self._complaints.submit(state.complaint, TakeBackRuling(session, reason), officer.actor)

    async def _sealed(self, session: str) -> tuple[Session, SealedDocument, Office]:
        state = await self._sessions.state(session)
        sealed = next((one for one in state.documents if one.sealed.kind == AGREEMENT), None)
        office = await self._offices.office(state.office)
        if sealed is None or office is None:
            raise Refused("not_found", 404)
        return state, sealed, office

    async def _package(self, session: str) -> str | None:
        """The newest evidence package that is ready."""
        ready = (one for one in await self._packages.of(session) if one.kind == "package" and one.state == "ready")
        return next((one.id for one in ready), None)

    async def _opened(self, session: str, package: str) -> BinaryIO:
        path = await self._packages.path(session, package)
        try:
            return await asyncio.to_thread(self._shelf.open, session, path)
        except VaultError as fault:
            raise unread(fault) from fault

    def _packed(
        self,
        complaint: Complaint,
        office: Office,
        sheet: PrintedSheet,
        agreement: bytes,
        evidence: BinaryIO | None,
        day: date,
    ) -> tuple[BinaryIO, str]:
        """The archive and its SHA-256. Blocks."""
        file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - whoever takes it closes it
        hashes: list[tuple[str, str]] = []
        try:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                texts = {f"1 {TITLE}.pdf": self._press.print(sheet), "2 调解书.pdf": agreement}
                for entry, content in texts.items():
                    archive.writestr(entry, content)
                    hashes.append((entry, hashlib.sha256(content).hexdigest()))
                if evidence is not None:
                    with archive.open("3 证据包.zip", "w", force_zip64=True) as into:
                        hashes.append(("3 证据包.zip", _copied(evidence, into)))
                listing = _list(complaint, office, hashes, evidence is not None, day)
                archive.writestr(f"0 {LIST_TITLE}.pdf", self._press.print(listing))
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return file, sha256


def _copied(source: BinaryIO, into: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while piece := source.read(_PIECE):
        digest.update(piece)
        into.write(piece)
    return digest.hexdigest()


def _local(at: datetime, office: Office) -> date:
    return at.astimezone(ZoneInfo(office.zone)).date()


def _blanks(complaint: Complaint) -> list[str]:
    """What the application asks for and the record cannot say: identity numbers are not written into it from here."""
    record = complaint.record
    found = ["identity", "birth"]
    if record.business.organisation:
        found.append("head")
    if not address(record.consumer) or not address(record.business):
        found.append("address")
    return found


def application(complaint: Complaint, sealed: SealedDocument, office: Office, court: str, open_: Open) -> PrintedSheet:
    """As the courts' form of a joint application has it (2016 civil procedure forms). Pure but for `open_`."""
    record, effective = complaint.record, chinese_day(_local(sealed.at, office))
    consumer, business = record.consumer, record.business
    rows = [
        ("申请人（投诉人）", consumer.name or BY_HAND),
        ("性别", name(SEXES, consumer.sex, "zh") if consumer.sex else BY_HAND),
        ("出生日期、民族", BY_HAND),
        ("身份证件及号码", BY_HAND),
        ("住址", address(consumer) or BY_HAND),
        ("联系电话", _phone(consumer, open_)),
    ]
    if record.proxy is not None:
        told = (record.proxy.name, record.proxy.relation, record.proxy.matters, record.proxy.powers)
        rows.append(("委托代理人", "，".join(part for part in told if part)))
    rows += [(f"共同申请人{number}", one.name) for number, one in enumerate(record.joint, 1)]
    if business.organisation:
        rows += [
            ("申请人（经营者）", business.organisation),
            ("统一社会信用代码", public_code(business, open_) or BY_HAND),
            ("住所", address(business) or BY_HAND),
            ("法定代表人或者负责人、职务", BY_HAND),
        ]
    else:
        rows += [
            ("申请人（经营者）", business.name or BY_HAND),
            ("身份证件及号码", BY_HAND),
            ("住址", address(business) or BY_HAND),
        ]
    rows += [
        ("联系电话", _phone(business, open_)),
        ("调解组织", office.issuer),
        ("调解协议", f"消费争议调解书（{sealed.sealed.number}）"),
        ("协议生效日期", effective),
    ]
    both = f"{consumer.name}与{business.title}"
    blocks = (
        SheetBlock("heading", "请求事项"),
        SheetBlock(
            "text",
            f"请求依法确认申请人{both}于{effective}达成的消费争议调解书（编号：{sealed.sealed.number}）有效。",
        ),
        SheetBlock("heading", "事实和理由"),
        SheetBlock(
            "text",
            f"申请人{both}因“{record.title}”发生消费争议，经{office.issuer}调解，双方自愿达成协议。协议经双方签名并加盖"
            f"调解机关印章，自{effective}起生效，内容见所附调解书。",
        ),
        SheetBlock(
            "text",
            "双方申请人出于解决纠纷的目的自愿达成协议，没有恶意串通、规避法律的行为；如因该协议内容给国家、集体或者他人造成损害的，"
            "愿意承担相应的民事责任和其他法律责任。",
        ),
        SheetBlock(
            "text",
            "根据《中华人民共和国民事诉讼法》第二百零五条、第二百零六条，自调解协议生效之日起三十日内共同提出申请，请依法确认。",
        ),
        SheetBlock("close", f"此致\n{court.strip() or '＿＿＿＿＿＿＿＿人民法院'}"),
    )
    return PrintedSheet(
        office="",
        number="",
        title=TITLE,
        addressee="",
        blocks=blocks,
        date="＿＿＿＿年＿＿月＿＿日",
        file_number=f"投诉登记编号 {record.number}",
        day=(sealed.at.year, sealed.at.month, sealed.at.day),
        edition=NEWEST,
        signatures=("申请人（签名或者捺印）：", "申请人（盖章，法定代表人或者负责人签名）："),
        seal=False,
        rows=tuple(rows),
    )


def _phone(party: PartyRecord, open_: Open) -> str:
    return open_(party.phone, PHONE) if party.phone else BY_HAND


def _list(
    complaint: Complaint, office: Office, hashes: Sequence[tuple[str, str]], evidence: bool, day: date
) -> PrintedSheet:
    rows = [(entry.removesuffix(".pdf"), f"SHA-256 {digest}") for entry, digest in hashes]
    if not evidence:
        rows.append(("3 证据包", "未附：导出时尚未制作证据包"))
    rows.append(("申请人另行准备", "双方身份证明、营业执照复印件，法定代表人身份证明，委托代理的附授权委托书"))
    note = "申请书中空白处由申请人填写，并由双方签名或者盖章。本清单所列文件与投诉登记档案一致，可用所列散列值核对。"
    return PrintedSheet(
        office=office.issuer,
        number="",
        title=LIST_TITLE,
        addressee="",
        blocks=(SheetBlock("text", note),),
        date=chinese_day(day),
        file_number=f"投诉登记编号 {complaint.record.number}",
        day=(day.year, day.month, day.day),
        edition=NEWEST,
        seal=False,
        rows=tuple(rows),
    )
