"""What the program consists of, the key it lies under in the application, and what starts and stops with it. The log,
as pages see it and as `/metrics` tells of it, is one of its parts.

What starts does so in this order, and stops in the opposite one.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import zip_longest
from typing import Any

import structlog
from aiohttp import web
from prometheus_client import Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from complaints.service import ComplaintService
from journal import Journal
from journal.clock import utc_now
from journal.notes import witness_key_of
from media.engine import MediaEngine
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.uploader import Uploader
from rooms.live.registry import Rooms
from server.app import demo
from server.casebook import case_index_store
from server.casebook.case_index_store import CaseSearch
from server.complaints import officer_store, promise_store
from server.complaints.attachments import AttachmentService
from server.complaints.notices import NoticeService
from server.complaints.office_store import StoredLaws
from server.complaints.procedure import FollowUp, ProcedureService
from server.complaints.service import OfficeComplaints
from server.complaints.store import SqlReads
from server.connections import Connections, Sections
from server.connections.identity import RealNames
from server.connections.messages import MessageRouter
from server.connections.wechat import Followers
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.postponed_indexes import restore_indexes
from server.db.projections import catch_up
from server.evidence import log_keeper
from server.evidence.attesting import AttestationService, Attestor, TimestampAuthority, WitnessService, roots_in
from server.evidence.exports import ExportService
from server.evidence.log_keeper import CHECKPOINT, FAULTS, CheckpointKeeper, KnownKeys, PublishedLog
from server.evidence.log_store import AttestationStore, LogStore
from server.identity import Seal
from server.identity.links import JoinLinks
from server.identity.officers import Officers
from server.identity.sign_on import SignOnService
from server.identity.store import IdentityStore
from server.insight.business_store import complete_respondents
from server.leads.store import catch_up_leads
from server.outbox.service import OutboxService
from server.outbox.templates import MessageTemplates
from server.oversight import act_store
from server.retention.archive import Archive
from server.retention.erasure import Erasures
from server.retention.file_erasure import FileErasures
from server.retention.service import RetentionBook
from server.rooms.exhibits.desk import ExhibitService, ExhibitUpkeep
from server.rooms.films import CompositionService, RecordingCopies
from server.rooms.lines import LineLog
from server.rooms.service import CardService, PrivateNoteService
from server.rooms.store import sessions_under_way
from server.rooms.transcripts import TranscriptService
from server.serving.jobs import Bell, JobProcesses, JobResults
from server.serving.jobs.store import JobQueue
from server.serving.nodes.cell import Cell
from server.serving.settings import CurrentSettings, Settings
from server.signing import PaperRenderer
from server.signing.copies import PapersOnFile
from server.signing.saved_signature_store import SavedSignatures
from server.signing.seals import SealKeys
from server.statistics import fact_store
from web import Site


class LogMetrics(Collector):
    """How the log stands, in `/metrics`: signed up to where and when, what keeps it from that, what outsiders owe."""

    def __init__(self, keeper: CheckpointKeeper, attesting: AttestationService) -> None:
        self._keeper, self._attesting = keeper, attesting

    def collect(self) -> Iterator[GaugeMetricFamily]:
        newest = self._keeper.newest
        size = GaugeMetricFamily("yuntiao_log_checkpoint_events", "Events under the newest signed checkpoint.")
        size.add_metric([], newest.size if newest else 0)
        yield size
        made = GaugeMetricFamily("yuntiao_log_checkpoint_timestamp_seconds", "When it was signed, Unix time.")
        made.add_metric([], newest.made.timestamp() if newest else 0)
        yield made
        faults = GaugeMetricFamily("yuntiao_log_fault", "1: the log is not signed for this reason.", labels=["fault"])
        for fault in FAULTS:
            faults.add_metric([fault], float(self._keeper.fault == fault))
        yield faults
        attestations = GaugeMetricFamily(
            "yuntiao_log_attestations", "Of checkpoints by outsiders, by state.", labels=["kind", "state"]
        )
        for (kind, state), number in self._attesting.states.items():
            attestations.add_metric([kind, state], number)
        yield attestations


@dataclass(frozen=True, slots=True)
class LogParts:
    """Puts the log's parts together: what `server.app.wiring` starts, stops, shows and measures."""

    store: LogStore
    keeper: CheckpointKeeper
    attesting: AttestationService
    published: PublishedLog

    @asynccontextmanager
    async def running(self, cell: Cell | None) -> AsyncIterator[None]:
        """Of several nodes one signs."""
        tasks: list[asyncio.Task[None]] = []
        if cell is None:
            await self.keeper.start()
        else:
            tasks.append(asyncio.create_task(cell.carry("checkpoints", self.keeper.run), name="checkpoints"))
            tasks.append(asyncio.create_task(self.keeper.look(), name="what was signed last"))
        await self.attesting.start()
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.keeper.stop()
        await self.attesting.stop()


def assemble_log(
    settings: Settings, database: Database, journal: Journal, now: Callable[[], datetime], queue: JobQueue
) -> LogParts:
    """ValueError when the authority's root certificates cannot be read."""
    store, attestations = LogStore(database), AttestationStore(database)
    attestors = _attestors(settings, now)
    keeper = CheckpointKeeper(
        store,
        KnownKeys(journal, now),
        partial(log_keeper.configured_signer, settings.data),
        settings.data,
        timedelta(minutes=settings.log_every),
        now,
        list(attestors),
        Bell(CHECKPOINT, queue if settings.node else None),
    )
    attesting = AttestationService(attestations, attestors, now)
    if attestors:
        keeper.on_made.append(attesting.nudge)
    return LogParts(store, keeper, attesting, PublishedLog(journal, store, attestations, keeper))


def witness_keys(settings: Settings) -> list[tuple[str, bytes]]:
    """Name and raw key of each witness that has one, in the order of the addresses."""
    return [witness_key_of(text) for text in settings.witness_keys]


def _attestors(settings: Settings, now: Callable[[], datetime]) -> dict[tuple[str, str], Attestor]:
    found: dict[tuple[str, str], Attestor] = {}
    if settings.tsa_url and settings.tsa_roots is not None:
        found["timestamp", settings.tsa_url] = TimestampAuthority(settings.tsa_url, roots_in(settings.tsa_roots))
    secret = settings.witness_secret.get_secret_value()
    for url, key in zip_longest(settings.witness_urls, witness_keys(settings)):
        found["witness", url] = WitnessService(url, secret, now, key=key)
    return found


@dataclass(frozen=True, slots=True)
class Parts:
    """What the program consists of, put together but not yet started."""

    settings: Settings
    database: Database
    journal: SqlJournal
    journal_seconds: Histogram
    seal: Seal
    store: IdentityStore
    officers: Officers
    sign_on: SignOnService
    complaints: ComplaintService
    engine: MediaEngine
    rooms: Rooms
    law: StoredLaws
    case_finder: CaseSearch
    cards: CardService
    lines: LineLog
    private_notes: PrivateNoteService
    outbox: OutboxService
    messages: MessageRouter
    templates: MessageTemplates
    followers: Followers
    desk: OfficeComplaints
    notices: NoticeService
    procedure: ProcedureService
    attachments: AttachmentService
    links: JoinLinks
    reads: SqlReads
    copies: RecordingCopies
    follow_up: FollowUp
    queue: JobQueue
    workers: JobProcesses
    results: JobResults
    films: CompositionService
    transcripts: TranscriptService
    log: LogParts
    shelf: EncryptedFileStore
    retention: RetentionBook
    erasures: Erasures
    files: FileErasures
    archive: Archive
    uploader: Uploader | None  # None: files stay on this disk
    exports: ExportService
    seals: SealKeys
    paper_press: PaperRenderer
    stamps: TimestampAuthority | None
    exhibits: ExhibitService
    exhibit_keeping: ExhibitUpkeep
    papers: PapersOnFile
    signatures: SavedSignatures
    site: Site
    current: CurrentSettings
    sections: Sections
    connections: Connections
    real_names: RealNames
    cell: Cell | None


PARTS: web.AppKey[Parts] = web.AppKey("parts", Parts)

log = structlog.get_logger(__name__)


def until_stopped(
    work: Callable[[], Coroutine[Any, Any, None]], duty: str = ""
) -> Callable[[web.Application], AsyncIterator[None]]:
    """Work that goes on beside the pages, as a part of the application. `duty`: the name of what one of several nodes
    does for all of them."""

    async def running(app: web.Application) -> AsyncIterator[None]:
        cell = app[PARTS].cell if duty else None
        task = asyncio.create_task(work() if cell is None else cell.carry(duty, work))
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    return running


async def _database(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    async with parts.cell.starting() if parts.cell is not None else nullcontext():
        await _prepare(parts)
    yield
    await parts.database.close()


async def _prepare(parts: Parts) -> None:
    """Tables of this version, everything projected, and whoever has to be there."""
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
    await officer_store.complete_handlers(parts.database)
    if parts.store.accounts is not None:
        await parts.store.accounts.count()
    if parts.settings.demo:
        password = demo.demo_password(parts.settings.data, parts.settings.demo_password.get_secret_value())
        await demo.seed(parts.store, parts.officers, parts.journal, parts.seal, utc_now(), password)
        if parts.seals.info(demo.OFFICE.id) is None:
            await asyncio.to_thread(parts.seals.create, demo.OFFICE.id, demo.OFFICE.issuer)
        if parts.settings.demo_complaints:
            from server.app import two_years

            await two_years.fill(parts, parts.settings.demo_complaints, password)
    else:
        await demo.require_real(parts.store)


async def _cell(app: web.Application) -> AsyncIterator[None]:
    """Before anything appends, and until nothing does any more."""
    if (cell := app[PARTS].cell) is None:
        yield
        return
    await cell.join()
    async with cell.running():
        yield


async def _log(app: web.Application) -> AsyncIterator[None]:
    """Started before, and stopped after, whatever appends: the last thing that is signed is how it all ended."""
    async with app[PARTS].log.running(app[PARTS].cell):
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
    await parts.rooms.recover(await sessions_under_way(parts.database))
    if parts.cell is not None:
        parts.cell.on_lapsed.append(parts.rooms.lapse)
        parts.cell.on_back += [parts.rooms.recover, parts.follow_up.follow_each]
    yield
    # First the engine: it finishes the recordings, and rooms are still there to note their segments.
    live = await sessions_under_way(parts.database)
    await parts.engine.stop()
    for session in live:
        await parts.rooms.state(session)
    await parts.rooms.stop()


async def _lines(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    writing = asyncio.create_task(parts.lines.run(), name="figures of connections")
    yield
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await parts.lines.finish()


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


async def _transcripts(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.transcripts.start()
    yield
    await parts.transcripts.stop()


async def _exhibits(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.exhibit_keeping.start()
    yield
    await parts.exhibit_keeping.stop()


async def _erasures(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.retention.begin()  # before anything is erased by it
    await parts.erasures.start()
    async with contextlib.asynccontextmanager(until_stopped(parts.erasures.run, "erasures"))(app):
        yield
    await parts.erasures.stop()


async def _archive(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.archive.start()
    yield
    await parts.archive.stop()


async def _uploads(app: web.Application) -> AsyncIterator[None]:
    """Stopped when everything that writes files has been."""
    uploader = app[PARTS].uploader
    if uploader is not None:
        uploader.start()
    yield
    if uploader is not None:
        await asyncio.to_thread(uploader.stop)


async def _jobs(app: web.Application) -> AsyncIterator[None]:
    """The processes that work jobs off, and what is done with their results."""
    parts = app[PARTS]
    async with contextlib.AsyncExitStack() as running:
        for work, duty in (
            (parts.results.run, "results"),
            (parts.exports.keep_clean, "exports"),
            (parts.workers.run, ""),
        ):
            await running.enter_async_context(contextlib.asynccontextmanager(until_stopped(work, duty))(app))
        yield


ORDER = (
    _database,
    _uploads,
    _cell,
    _log,
    _lines,
    _engine,
    _rooms,
    _outbox,
    _follow_up,
    _transcripts,
    _films,
    _exhibits,
    _archive,
    _erasures,
    _jobs,
)
