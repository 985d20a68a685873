"""What the program consists of, and the key it lies under in the application."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from complaints.service import ComplaintService
from media.engine import MediaEngine
from media.turn import Turn
from recordings.files.encrypted_file_store import EncryptedFileStore
from rooms.live.registry import Rooms
from server.casebook.finder import CaseSearch
from server.complaints.attachments import AttachmentService
from server.complaints.follow_up import FollowUp
from server.complaints.notices import NoticeService
from server.complaints.procedure import ProcedureService
from server.complaints.service import OfficeComplaints
from server.complaints.store import SqlReads
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.documents.law_store import StoredLaws
from server.evidence.attesting import TimestampAuthority
from server.evidence.exports import ExportService
from server.evidence.log_parts import LogParts
from server.exhibits.desk import ExhibitService, ExhibitUpkeep
from server.identity.links import JoinLinks
from server.identity.officers import Officers
from server.identity.sealing import Seal
from server.identity.store import IdentityStore
from server.outbox.service import OutboxService
from server.retention.archive import Archive
from server.retention.erasure import Erasures
from server.retention.file_erasure import FileErasures
from server.retention.service import RetentionBook
from server.rooms.films import CompositionService, RecordingCopies
from server.rooms.service import PrivateNoteService
from server.serving.settings import Settings
from server.signing.papers import PaperRenderer
from server.signing.papers_on_file import PapersOnFile
from server.signing.seal_keys import SealKeys
from web.services import Site


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
    law: StoredLaws
    case_finder: CaseSearch
    private_notes: PrivateNoteService
    outbox: OutboxService
    desk: OfficeComplaints
    notices: NoticeService
    procedure: ProcedureService
    attachments: AttachmentService
    links: JoinLinks
    reads: SqlReads
    copies: RecordingCopies
    follow_up: FollowUp
    films: CompositionService
    log: LogParts
    shelf: EncryptedFileStore
    retention: RetentionBook
    erasures: Erasures
    files: FileErasures
    archive: Archive
    exports: ExportService
    seals: SealKeys
    paper_press: PaperRenderer
    stamps: TimestampAuthority | None
    exhibits: ExhibitService
    exhibit_keeping: ExhibitUpkeep
    papers: PapersOnFile
    site: Site
    turn: Turn | None


PARTS: web.AppKey[Parts] = web.AppKey("parts", Parts)
