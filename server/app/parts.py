"""What the program consists of, the key it lies under in the application, and what starts and stops with it.

What starts does so in this order, and stops in the opposite one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import web

from complaints.service import ComplaintService
from journal.clock import utc_now
from media.engine import MediaEngine, Turn
from recordings.files.encrypted_file_store import EncryptedFileStore
from rooms.live.registry import Rooms
from server.app import demo
from server.casebook import case_index_store
from server.casebook.case_index_store import CaseSearch
from server.complaints import promise_store
from server.complaints.attachments import AttachmentService
from server.complaints.follow_up import FollowUp
from server.complaints.notices import NoticeService
from server.complaints.procedure import ProcedureService
from server.complaints.service import OfficeComplaints
from server.complaints.store import SqlReads
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.postponed_indexes import restore_indexes
from server.db.projections import catch_up
from server.documents.law_store import StoredLaws
from server.evidence.attesting import TimestampAuthority
from server.evidence.exports import ExportService
from server.evidence.log_parts import LogParts
from server.exhibits.desk import ExhibitService, ExhibitUpkeep
from server.identity.links import JoinLinks
from server.identity.officers import Officers
from server.identity.sealing import Seal
from server.identity.store import IdentityStore
from server.insight.business_store import complete_respondents
from server.leads.store import catch_up_leads
from server.outbox.service import OutboxService
from server.oversight import act_store
from server.retention.archive import Archive
from server.retention.erasure import Erasures
from server.retention.file_erasure import FileErasures
from server.retention.service import RetentionBook
from server.rooms.cards import CardService
from server.rooms.films import CompositionService, RecordingCopies
from server.rooms.service import PrivateNoteService
from server.rooms.store import sessions_under_way
from server.serving.settings import Settings
from server.signing.papers import PaperRenderer
from server.signing.papers_on_file import PapersOnFile
from server.signing.seal_keys import SealKeys
from server.statistics import fact_store
from web.services import Site


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
    cards: CardService
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

log = structlog.get_logger(__name__)


def until_stopped(work: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[web.Application], AsyncIterator[None]]:
    """Work that goes on beside the pages, as a part of the application."""

    async def running(app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(work())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    return running


async def _database(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.database.migrate()
    if await restore_indexes(parts.database):
        log.info("indexes that an interrupted import had left out were made")
    await fact_store.complete_facts(parts.database)
    await catch_up(parts.database)
    await catch_up_leads(parts.database)
    await case_index_store.complete(parts.database)
    await complete_respondents(parts.database)
    await act_store.complete_acts(parts.database)
    await promise_store.complete_promises(parts.database)
    if parts.store.accounts is not None:
        await parts.store.accounts.count()
    if parts.settings.demo:
        password = demo.demo_password(parts.settings.data, parts.settings.demo_password.get_secret_value())
        await demo.seed(parts.store, parts.officers, parts.journal, parts.seal, utc_now(), password)
        if parts.seals.info(demo.OFFICE.id) is None:
            await asyncio.to_thread(parts.seals.create, demo.OFFICE.id, demo.OFFICE.issuer)
    else:
        await demo.require_real(parts.store)
    yield
    await parts.database.close()


async def _log(app: web.Application) -> AsyncIterator[None]:
    """Started before, and stopped after, whatever appends: the last thing that is signed is how it all ended."""
    async with app[PARTS].log.running():
        yield


async def _engine(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.engine.start()
    yield
    try:
        await parts.engine.stop()  # the rooms have stopped it already; this is for a start that failed midway
    except Exception:
        log.exception("the media engine did not end in order")


async def _rooms(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.rooms.start()
    await parts.rooms.recover(lambda: sessions_under_way(parts.database))
    yield
    # First the engine: it finishes the recordings, and rooms are still there to note their segments.
    live = await sessions_under_way(parts.database)
    await parts.engine.stop()
    for session in live:
        await parts.rooms.state(session)
    await parts.rooms.stop()


async def _outbox(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.outbox.start()
    yield
    await parts.outbox.stop()


async def _follow_up(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.follow_up.start()
    yield
    await parts.follow_up.stop()


async def _films(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.films.start()
    yield
    await parts.films.stop()


async def _exhibits(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.exhibit_keeping.start()
    yield
    await parts.exhibit_keeping.stop()


async def _erasures(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.retention.begin()  # before anything is erased by it
    await parts.erasures.start()
    yield
    await parts.erasures.stop()


async def _archive(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.archive.start()
    yield
    await parts.archive.stop()


async def _exports(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.exports.start()
    yield
    await parts.exports.stop()


ORDER = (_database, _log, _engine, _rooms, _outbox, _follow_up, _films, _exhibits, _archive, _erasures, _exports)
