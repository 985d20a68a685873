"""The composition root: settings in, a runnable application out.

Owns the order in which parts start; they stop in the opposite order. Nothing here decides anything.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import socketio
import structlog
from aiohttp import web

from complaints.leads import LeadService
from complaints.service import ComplaintService
from journal.clock import WallClock
from media.engine import MediaEngine
from media.sfu.embedded import EmbeddedEngine
from media.turn import CHECK_TTL, Turn
from recordings.keys import case_keys
from recordings.recorder import free_bytes
from recordings.shelf import Shelf
from rooms.registry import Rooms
from rooms.retention import Retention
from server import demo
from server.adjournment import Adjournment
from server.archive import Archive
from server.archive_metrics import ArchiveMetrics
from server.archive_settings import NOTES
from server.attachment_desk import AttachmentDesk
from server.cabinet import Cabinet
from server.client_metrics import ClientMetrics
from server.complaint_desk import ComplaintDesk
from server.copies import Copies
from server.documents.press import Press
from server.duplicate_desk import DuplicateDesk
from server.erasure import Erasures, Removed
from server.evidence.exports import Exports
from server.evidence.gathering import Gathering
from server.exhibits.desk import ExhibitDesk
from server.exhibits.keeping import ExhibitKeeping
from server.films import Films
from server.follow_up import FollowUp
from server.health import Health
from server.holidays import Holidays
from server.hooks import Hooks
from server.identity.codes import OneTime
from server.identity.links import JoinLinks, LinkServices
from server.identity.officers import Officers
from server.identity.sealing import Seal, installation_seal
from server.intake.batches import Batches
from server.intake.desk import ImportDesk
from server.intake.senders import Senders
from server.jobs.compositions import Compositions
from server.jobs.queue import JobQueue
from server.jurisdictions import OfficeAreas
from server.law_shelf import LawShelf
from server.lead_desk import LeadDesk
from server.log import wiring as log_wiring
from server.log.key_file import existing_signer
from server.log.metrics import LogMetrics
from server.log.timestamp import TimestampAuthority, roots_in
from server.log.wiring import LogParts
from server.media_metrics import MediaMetrics
from server.notices import NoticeDesk, NoticeServices
from server.office_register import OfficeRegister
from server.origins import Origins
from server.outbox.http_notifier import HttpNotifier
from server.outbox.log_notifier import LogNotifier
from server.outbox.notifier import Notifier
from server.outbox.outbox import Outbox
from server.private_notes import PrivateNotes
from server.procedure_desk import ProcedureDesk
from server.reminders import Reminders
from server.room_metrics import RoomMetrics
from server.settings import Settings
from server.signing.codes import SigningCodes
from server.signing.desk import SigningDesk, SigningServices
from server.signing.papers_on_file import PapersOnFile
from server.signing.printing import PaperPress
from server.signing.seal_keys import SealKeys
from server.signing.seals import OfficeSeals
from server.signing.tickets import Tickets
from server.storage import facts
from server.storage.attestation_store import AttestationStore
from server.storage.calendars import working_calendar
from server.storage.contacts import Contacts
from server.storage.engine import Database
from server.storage.erasable import SqlRecords
from server.storage.hook_store import HookStore
from server.storage.identity_store import IdentityStore
from server.storage.intake_store import IntakeStore
from server.storage.journal_store import SqlJournal
from server.storage.law_store import LawStore
from server.storage.link_store import LinkStore
from server.storage.message_store import MessageStore
from server.storage.news import NewsMessages
from server.storage.note_store import NoteStore
from server.storage.projections import catch_up, projectors
from server.storage.reads import SqlReads
from server.storage.sender_store import SenderStore
from server.storage.statistics import SqlStatistics
from server.storage.system_store import SystemStore
from server.storage.unfinished import closed_before, closed_since, under_way, unfollowed
from server.storage.window_store import WindowStore
from server.surroundings import SurroundingsOf
from server.systems import Systems
from server.triage_desk import Classifying
from server.viewers import Viewers
from server.window.answers import Answers, AnswerServices
from server.window.window import PublicWindow
from signaling.namespace import NAMESPACE, Relay, create_socketio, no_relay
from web import consents
from web.application import create_web
from web.ports import (
    ANSWERS,
    ATTACHMENTS,
    COMPLAINTS,
    COPIES,
    DUPLICATES,
    EXHIBITS,
    EXPORTS,
    HOLIDAYS,
    HOOKS,
    IDENTITY,
    IMPORTS,
    INTAKE,
    JURISDICTIONS,
    LAW,
    LEADS,
    LINKS,
    LOG,
    NOTICES,
    OFFICES,
    OUTBOX,
    PRIVATE_NOTES,
    PROCEDURE,
    READS,
    RETENTION,
    SEALS,
    SESSIONS,
    SETUP_SECRET,
    SHELF,
    SIGNING,
    SITE,
    STATISTICS,
    SYSTEMS,
    TRIAGE,
    TRIAL,
    WINDOW,
    Site,
)
from web.ports.trial import Trial
from web.proxies import PROXIES, Proxies
from web.security import BODY_LIMIT, Access, declare

log = structlog.get_logger(__name__)

LOOSE_FOR = timedelta(days=7)  # after which a recording is no longer looked for at a start


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
    private_notes: PrivateNotes
    outbox: Outbox
    desk: ComplaintDesk
    notices: NoticeDesk
    attachments: AttachmentDesk
    links: JoinLinks
    reads: SqlReads
    copies: Copies
    follow_up: FollowUp
    films: Films
    log: LogParts
    shelf: Shelf
    retention: Retention
    erasures: Erasures
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


def assemble(settings: Settings, engine: MediaEngine | None = None) -> Parts:
    """Make every part. Touches the data folder only for the installation's keys; BadMaster."""
    database = Database(settings.database)
    seal = installation_seal(settings.data)
    news = NewsMessages(seal, settings.url, settings.message_language)
    journal = SqlJournal(database, [*projectors(), news])
    store = IdentityStore(database)
    complaints = ComplaintService(journal, seal, utc_now)
    engine = engine or _embedded(settings)
    surround = SurroundingsOf(complaints, store, partial(working_calendar, database))
    law = LawShelf(LawStore(database), complaints, store)
    rooms = Rooms(journal, engine, WallClock(), surround, lambda: _space(settings), law.leaf)
    private_notes = PrivateNotes(NoteStore(database), rooms, seal, utc_now)
    outbox = Outbox(MessageStore(database), _notifier(settings), seal, utc_now, show_texts=settings.demo)
    desk = ComplaintDesk(complaints, rooms)
    services = LinkServices(
        store=LinkStore(database),
        offices=store,
        sessions=rooms,
        contacts=desk,
        outbox=outbox,
        seal=seal,
        now=utc_now,
        public_url=settings.url,
        language=settings.message_language,
    )
    links = JoinLinks(services)
    desk.relink = links.issue
    keys = case_keys(settings.data, settings.master_key)
    keys.check()
    cellar = settings.archive_store(settings.data / NOTES)
    shelf = Shelf(settings.data / "recordings", keys, settings.sm3, cellar.open if cellar else None)
    queue = JobQueue(settings.data / "jobs.db")
    reads = SqlReads(database, rooms, settings.data, utc_now)
    films = Films(
        settings.data,
        shelf,
        journal,
        rooms,
        Compositions(settings.data / "recordings", queue, settings.message_language),
        lambda: _loose(database),
        settings.master_key,
        lambda: _live(engine),
        _job_options(settings),
    )
    log_parts = log_wiring.assemble(settings, database, journal, utc_now)
    retention = Retention(settings.retention_years, settings.retention_rules, consents.years)
    archive = Archive(
        settings.data,
        journal,
        rooms,
        queue,
        cellar,
        settings.archive_after,
        lambda when: closed_before(database, when),
        utc_now,
    )
    contacts = Contacts(database)

    async def forget_contacts(session: str) -> Removed:
        await contacts.forget(session)
        return Removed()  # no files

    papers = PapersOnFile(Shelf(settings.data / "documents", keys, settings.sm3))
    elsewhere = [archive.remove, private_notes.forget, forget_contacts, papers.remove]
    erasures = Erasures(shelf, journal, rooms, SqlRecords(database), retention, utc_now, elsewhere)
    exports = Exports(
        shelf,
        Gathering(
            journal,
            log_parts.store,
            AttestationStore(database),
            log_parts.keeper,
            partial(existing_signer, settings.data),
            settings.tsa_roots,
        ),
        rooms,
        queue,
        utc_now,
    )
    attachments = Shelf(settings.data / "attachments", keys, settings.sm3)
    exhibits = ExhibitDesk(shelf, rooms, complaints, attachments, queue, lambda: _space(settings))
    rooms.on_closed.append(exhibits.closed)
    rooms.on_closed.append(films.closed)
    rooms.on_closed.append(log_parts.keeper.closed)
    rooms.on_lost.append(films.lost)
    return Parts(
        settings=settings,
        database=database,
        journal=journal,
        seal=seal,
        store=store,
        officers=Officers(store, seal, utc_now),
        complaints=complaints,
        engine=engine,
        rooms=rooms,
        law=law,
        private_notes=private_notes,
        outbox=outbox,
        desk=desk,
        notices=NoticeDesk(
            NoticeServices(
                journal,
                complaints,
                rooms,
                links,
                reads,
                Press(settings.notice_fonts),
                Cabinet(settings.data / "notices", seal),
                seal,
                outbox.nudge,
                utc_now,
                partial(working_calendar, database),
                settings.message_language,
            )
        ),
        attachments=AttachmentDesk(complaints, attachments),
        links=links,
        reads=reads,
        copies=Copies(shelf, queue, reads, rooms, utc_now),
        follow_up=FollowUp(
            complaints,
            rooms,
            lambda: journal.follow(["session"]),
            lambda: unfollowed(database),
            [Adjournment(complaints, rooms, links, store, utc_now)],
        ),
        films=films,
        log=log_parts,
        shelf=shelf,
        retention=retention,
        erasures=erasures,
        archive=archive,
        exports=exports,
        seals=SealKeys(settings.seal_folder, seal, utc_now),
        paper_press=PaperPress(settings.notice_fonts, settings.song_fonts),
        stamps=_stamps(settings),
        exhibits=exhibits,
        exhibit_keeping=ExhibitKeeping(shelf, rooms, exhibits, lambda: journal.follow(["session"])),
        papers=papers,
        site=Site(
            public_url=settings.url,
            demo=settings.demo,
            secure=settings.secure,
            consent_version=consents.version(settings.retention_years),
            retention_years=settings.retention_years,
        ),
        turn=settings.turn(),
    )


def create_app(settings: Settings, engine: MediaEngine | None = None) -> web.Application:
    """`engine` replaces the embedded one, for tests that need no media."""
    parts = assemble(settings, engine)
    app = web.Application(client_max_size=BODY_LIMIT)
    app[PARTS] = parts
    app[SITE] = parts.site
    app[PROXIES] = Proxies(settings.trusted_proxies)
    app[IDENTITY] = parts.officers
    app[LINKS] = parts.links
    batches = _batches(parts)
    app[IMPORTS] = ImportDesk(batches, JobQueue(settings.data / "jobs.db"), settings.data)
    app[INTAKE] = Senders(SenderStore(parts.database), parts.store, batches, parts.seal, utc_now)
    app[COMPLAINTS] = parts.desk
    steps = ProcedureDesk(parts.complaints, parts.rooms, parts.store, parts.database, utc_now, parts.notices)
    app[PROCEDURE] = steps
    app[LAW], app[PRIVATE_NOTES] = parts.law, parts.private_notes
    parts.desk.correct = parts.notices.correct
    app[LEADS] = LeadDesk(parts.complaints, LeadService(parts.journal, utc_now), steps, parts.database, utc_now)
    app[HOLIDAYS] = Holidays(parts.database, parts.journal, utc_now)
    app[DUPLICATES] = DuplicateDesk(parts.complaints, parts.reads.lookalikes, utc_now)
    app[ATTACHMENTS] = parts.attachments
    app[READS] = parts.reads
    app[COPIES] = parts.copies
    app[NOTICES] = parts.notices
    app[OUTBOX] = parts.outbox
    app[LOG] = parts.log.published
    app[SESSIONS] = parts.rooms
    app[SHELF] = parts.shelf
    app[RETENTION] = parts.retention
    app[EXPORTS] = parts.exports
    app[SEALS] = OfficeSeals(parts.seals)
    app[EXHIBITS] = parts.exhibits
    app[SIGNING] = _signing(parts)
    app[STATISTICS] = SqlStatistics(parts.database)
    app[SYSTEMS] = Systems(SystemStore(parts.database), parts.store, parts.complaints, parts.desk, utc_now)
    app[HOOKS] = hooks = Hooks(HookStore(parts.database), parts.seal, settings.hook_origins, utc_now)
    app[TRIAL] = _trial(parts)
    app[WINDOW] = window = PublicWindow(
        WindowStore(parts.database),
        parts.store,
        parts.complaints,
        OneTime(LinkStore(parts.database), parts.outbox, parts.seal, utc_now),
        parts.seal,
        utc_now,
        partial(working_calendar, parts.database),
        parts.attachments,
        parts.notices,
        steps.withdrawn,
    )
    app[ANSWERS] = Answers(
        AnswerServices(
            LinkStore(parts.database),
            parts.store,
            parts.complaints,
            OneTime(LinkStore(parts.database), parts.outbox, parts.seal, utc_now),
            parts.attachments,
            parts.seal,
            parts.outbox.nudge,
            utc_now,
            settings.url,
            settings.message_language,
        )
    )
    app[OFFICES] = OfficeRegister(parts.store, parts.journal, utc_now)
    app[TRIAGE] = Classifying(parts.complaints, parts.reads)
    app[JURISDICTIONS] = OfficeAreas(parts.journal, utc_now)
    app[SETUP_SECRET] = secrets.token_urlsafe(12)
    create_web(app)
    sockets = _attach_sockets(app, parts)
    health = _health(parts, sockets)
    health.install(app)
    for path in ("/healthz", "/readyz", "/metrics"):
        for method in ("GET", "HEAD"):
            declare(app, method, path, Access("anyone"))
    app.on_shutdown.append(_Cut(sockets))
    app.cleanup_ctx.extend(
        [_database, _log, _engine, _rooms, _outbox, _follow_up, _films, _exhibits, _archive, _erasures]
    )
    reminders = Reminders(
        parts.complaints,
        parts.rooms,
        parts.store,
        parts.database,
        parts.seal,
        parts.outbox.nudge,
        utc_now,
        settings.message_language,
    )
    app.cleanup_ctx.append(_until_stopped(reminders.keep_reminding))
    app.cleanup_ctx.extend(
        [_exports, _until_stopped(window.keep_forgetting), _until_stopped(hooks.deliver), health.running]
    )
    return app


def _space(settings: Settings) -> bool:
    """Whether one more session can be recorded without touching the disk's reserve."""
    try:
        return free_bytes(settings.data) >= settings.disk_reserve
    except OSError:
        log.exception("the disk does not say how much is free")
        return False


def _live(engine: MediaEngine) -> int:
    """Rooms that media flow in, as far as the engine says."""
    loads = engine.loads if isinstance(engine, EmbeddedEngine) else []
    return sum(int(load.get("rooms", 0)) for load in loads if load.get("packets"))


async def _loose(database: Database) -> list[str]:
    """Sessions a crash may have left with files nobody accounts for, or without their video."""
    return [*await under_way(database), *await closed_since(database, utc_now() - LOOSE_FOR)]


# ---------------------------------------------------------------- parts with a choice


def _embedded(settings: Settings) -> EmbeddedEngine:
    return EmbeddedEngine(
        workers=settings.worker_count,
        hosts=settings.media_listens(),
        port=settings.media_port,
        public_addresses=settings.announced(),
        worker_command=[
            sys.executable, "-m", "server.worker", "--fan-out", settings.media_fan_out,
            *(["--master", str(settings.master_key)] if settings.master_key is not None else []),
            *(["--sm3"] if settings.sm3 else []),
        ],
        recordings=settings.data / "recordings",
        reserve_bytes=settings.disk_reserve,
        limits=settings.media_limits(),
    )  # fmt: skip


def _job_options(settings: Settings) -> list[str]:
    if settings.mail_drop is None:
        return []
    return ["--mail-drop", str(settings.mail_drop.resolve()), "--mail-drop-office", settings.mail_drop_office]


def _notifier(settings: Settings) -> Notifier:
    """The demo's people are invented: nothing is ever sent to their numbers."""
    if settings.sms_url and not settings.demo:
        return HttpNotifier(settings.sms_url, settings.sms_secret.get_secret_value(), utc_now)
    return LogNotifier()


def _stamps(settings: Settings) -> TimestampAuthority | None:
    """Who says when a document was sealed; the log's authority."""
    if not settings.tsa_url or settings.tsa_roots is None:
        return None
    return TimestampAuthority(settings.tsa_url, roots_in(settings.tsa_roots))


def _relay(turn: Turn | None) -> Relay:
    return no_relay if turn is None else lambda session, seat: turn.grant(session, seat, utc_now())


def _batches(parts: Parts) -> Batches:
    store = IntakeStore(parts.database)
    return Batches(parts.complaints, parts.journal, store, parts.seal, parts.settings.data, utc_now)


def _signing(parts: Parts) -> SigningDesk:
    links, language = LinkStore(parts.database), parts.settings.message_language
    codes = OneTime(links, parts.outbox, parts.seal, utc_now)
    return SigningDesk(
        SigningServices(
            parts.journal,
            parts.complaints,
            parts.rooms,
            parts.store,
            SigningCodes(codes, links, parts.desk, parts.seal, utc_now, language),
            parts.papers,
            parts.paper_press,
            parts.seals,
            parts.stamps,
            parts.outbox,
            MessageStore(parts.database),
            Tickets(parts.seal, utc_now),
            utc_now,
            parts.settings.url,
            language,
        )
    )


def _trial(parts: Parts) -> Trial:
    """For whoever's identity is known; nobody needs to be in a room yet, so the credentials are short."""

    def trial(session: str, seat: str) -> dict[str, Any] | None:
        reach = parts.engine.reach()
        if reach is None:
            return None
        relay = None if parts.turn is None else parts.turn.grant(session, seat, utc_now(), CHECK_TTL).body()
        return {**asdict(reach), "relay": relay}

    return trial


def _attach_sockets(app: web.Application, parts: Parts) -> socketio.AsyncServer:
    resolve = Viewers(parts.officers, parts.links, parts.rooms, parts.site)
    sockets = create_socketio(parts.rooms, resolve, Origins(parts.settings), _relay(parts.turn))
    sockets.attach(app)
    declare(app, "*", "/socket.io/", Access("anyone", self_checked=True))
    return sockets


def _health(parts: Parts, sockets: socketio.AsyncServer) -> Health:
    async def database_answers() -> bool:
        await parts.store.has_administrator()
        return True

    health = Health({"database": database_answers}, {"sockets": lambda: float(len(sockets.eio.sockets))})
    health.registry.register(RoomMetrics(parts.rooms))
    health.registry.register(LogMetrics(parts.log.keeper, parts.log.attesting))
    health.registry.register(ArchiveMetrics(lambda: parts.archive.tally))
    parts.rooms.on_measured.append(ClientMetrics(health.registry).note)
    if isinstance(engine := parts.engine, EmbeddedEngine):
        health.registry.register(MediaMetrics(lambda: engine.loads))
    return health


class _Cut:
    """Cuts the sockets, so that stopping need not wait for them: clients come back by themselves."""

    def __init__(self, sockets: socketio.AsyncServer) -> None:
        self._sockets = sockets

    async def __call__(self, _app: web.Application) -> None:
        await self._sockets.namespace_handlers[NAMESPACE].stop()
        await self._sockets.shutdown()


# ---------------------------------------------------------------- starting and stopping, in this order


async def _database(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.database.migrate()
    await facts.complete(parts.database)
    await catch_up(parts.database)
    if parts.settings.demo:
        password = demo.demo_password(parts.settings.data, parts.settings.demo_password.get_secret_value())
        await demo.seed(parts.store, parts.officers, parts.journal, parts.seal, utc_now(), password)
        if parts.seals.info(demo.OFFICE.id) is None:
            await asyncio.to_thread(parts.seals.create, demo.OFFICE.id, demo.OFFICE.name)
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
    await parts.rooms.recover(lambda: under_way(parts.database))
    yield
    # First the engine: it finishes the recordings, and rooms are still there to note their segments.
    live = await under_way(parts.database)
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
    await parts.erasures.start()
    yield
    await parts.erasures.stop()


async def _archive(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.archive.start()
    yield
    await parts.archive.stop()


def _until_stopped(work: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[web.Application], AsyncIterator[None]]:
    """Work that goes on beside the pages, as a part of the application."""

    async def running(app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(work())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    return running


async def _exports(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.exports.start()
    yield
    await parts.exports.stop()
