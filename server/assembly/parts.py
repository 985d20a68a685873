"""What the program consists of, and the key it lies under in the application."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from complaints.service import ComplaintService
from media.engine import MediaEngine
from media.turn import Turn
from recordings.encrypted_file_store import EncryptedFileStore
from rooms.live.registry import Rooms
from server.archive import Archive
from server.attachment_desk import AttachmentDesk
from server.case_finder import CaseFinder
from server.complaint_desk import ComplaintDesk
from server.copies import Copies
from server.erasure import Erasures
from server.evidence.exports import Exports
from server.exhibits.desk import ExhibitDesk
from server.exhibits.keeping import ExhibitKeeping
from server.file_erasure import FileErasures
from server.films import Films
from server.follow_up import FollowUp
from server.identity.links import JoinLinks
from server.identity.officers import Officers
from server.identity.sealing import Seal
from server.law_shelf import LawShelf
from server.log.timestamp import TimestampAuthority
from server.log.wiring import LogParts
from server.notices import NoticeDesk
from server.outbox.outbox import Outbox
from server.private_notes import PrivateNotes
from server.procedure_desk import ProcedureDesk
from server.retention.book import RetentionBook
from server.settings import Settings
from server.signing.papers_on_file import PapersOnFile
from server.signing.printing import PaperPress
from server.signing.seal_keys import SealKeys
from server.storage.engine import Database
from server.storage.identity_store import IdentityStore
from server.storage.journal_store import SqlJournal
from server.storage.reads import SqlReads
from web.ports import (
    Site,
)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the program consists of, put together but not yet started."""

    settings: Settings
    database: Database
    journal: SqlJournal
    seal: Seal
    store: IdentityStore
    officers: Officers
    complaints: ComplaintService
    engine: MediaEngine
    rooms: Rooms
    law: LawShelf
    case_finder: CaseFinder
    private_notes: PrivateNotes
    outbox: Outbox
    desk: ComplaintDesk
    notices: NoticeDesk
    procedure: ProcedureDesk
    attachments: AttachmentDesk
    links: JoinLinks
    reads: SqlReads
    copies: Copies
    follow_up: FollowUp
    films: Films
    log: LogParts
    shelf: EncryptedFileStore
    retention: RetentionBook
    erasures: Erasures
    files: FileErasures
    archive: Archive
    exports: Exports
    seals: SealKeys
    paper_press: PaperPress
    stamps: TimestampAuthority | None
    exhibits: ExhibitDesk
    exhibit_keeping: ExhibitKeeping
    papers: PapersOnFile
    site: Site
    turn: Turn | None


PARTS: web.AppKey[Parts] = web.AppKey("parts", Parts)
