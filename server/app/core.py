"""Makes every part, in the order in which they need each other, with what settings choose; starts nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import structlog

from complaints.leads import LeadService
from complaints.record.identifiers import PHONE
from complaints.service import ComplaintService
from journal.clock import WallClock, utc_now
from law import OrderRule
from media.engine import MediaEngine
from media.sfu.engine import EmbeddedEngine
from recordings.captions import CaptionsProcess
from recordings.files import safe_id
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import KeyStore
from recordings.files.uploader import Uploader
from recordings.speech.models import lacking
from rooms.floor.rules import shown_texts
from rooms.joining import consents
from rooms.live.registry import Rooms
from server.app.parts import Parts, assemble_log, witness_keys
from server.casebook.case_index_store import CaseSearch
from server.casebook.store import CaseCuts, CaseOriginals
from server.complaints.attachments import AttachmentService
from server.complaints.message_store import NewsMessages
from server.complaints.notices import NoticeService, NoticeServices
from server.complaints.office_store import LawStore, StoredLaws, working_calendar
from server.complaints.procedure import FollowUp, NoticeOutcomeRecorder, ProcedureService
from server.complaints.service import OfficeComplaints
from server.complaints.store import SqlReads
from server.connections import Connections, Sections, read_connections
from server.connections.identity import RealNames
from server.connections.messages import MessageRouter, read_messages
from server.connections.seal import seal_services
from server.connections.sign_on import AnySection
from server.connections.store import ConnectionStore
from server.connections.wechat import Followers
from server.db.appending import Guard, anybody
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors
from server.documents import NoticeStore, PdfRenderer
from server.evidence import log_keeper
from server.evidence.attesting import TimestampAuthority, roots_in
from server.evidence.exports import EXPORT, ExportService, Gathering
from server.evidence.log_store import AttestationStore
from server.identity import installation_seal
from server.identity.account_store import AccountJournal
from server.identity.codes import Tickets
from server.identity.key_store import TableKeys, configured_keys
from server.identity.link_store import LinkStore
from server.identity.links import JoinLinks, LinkServices
from server.identity.officers import ENFORCED, Officers, Policy
from server.identity.sign_in_store import SignOnStore, TicketStore
from server.identity.sign_on import SignOnService
from server.identity.store import IdentityStore
from server.leads.desk import LeadArchive
from server.leads.store import settled_leads
from server.outbox.notifiers import HttpNotifier, LogNotifier
from server.outbox.service import OutboxService
from server.outbox.store import FollowerStore, MessageStore, TemplateStore
from server.outbox.templates import MessageTemplates
from server.retention.archive import Archive, ArchivePapers
from server.retention.archive_job import NOTES
from server.retention.erasure import ERASURE, Erasures, OtherDisks, RemovedFiles, Years
from server.retention.file_erasure import FiledPlaces, FileErasures
from server.retention.service import RetentionBook
from server.rooms.exhibits.desk import ExhibitService, ExhibitUpkeep
from server.rooms.films import COMPOSE, CompositionService, RecordingCopies
from server.rooms.lines import LineLog
from server.rooms.recording_jobs import JOB as PREPARE
from server.rooms.service import Adjournment, CardService, PrivateNoteService, RoomContextReader
from server.rooms.store import (
    Contacts,
    LineStore,
    NoteStore,
    SqlRecords,
    sessions_closed_before,
    sessions_closed_since,
    sessions_recorded,
    sessions_under_way,
    unfollowed_sessions,
)
from server.rooms.transcript_store import TranscriptIndex
from server.rooms.transcripts import TRANSCRIBE, TranscriptService
from server.serving.health import journal_seconds, lasted
from server.serving.jobs import Bell, JobProcesses, JobResults
from server.serving.jobs.store import ALONE, JobQueue
from server.serving.nodes.cell import Cell
from server.serving.settings import CurrentSettings, Settings
from server.signing import PaperRenderer
from server.signing.copies import PapersOnFile
from server.signing.saved_signature_store import SavedSignatures
from server.signing.seals import SealKeys
from web import Site

log = structlog.get_logger(__name__)

LOOSE_FOR = timedelta(days=7)  # after which a recording is no longer looked for at a start


async def loose(database: Database, rooms: Rooms, recordings: Path, node: bool, away: bool) -> list[str]:
    """Sessions a crash may have left with files nobody accounts for, or without their video. `node`: of several, which
    looks after what lies there and has no video yet. `away`: the home of files is a store, which may know of some."""
    found = [*await sessions_under_way(database), *await sessions_closed_since(database, utc_now() - LOOSE_FOR)]
    here = {session for session in found if (recordings / safe_id(session)).is_dir()}
    if node:
        return [session for session in found if session in here and (await rooms.state(session)).composed is None]
    if not away:  # most mediations are not recorded: of those there is nothing to look for
        here |= await sessions_recorded(database, found)
    return [session for session in found if away or session in here]


def node(settings: Settings, database: Database, journal: Callable[[], SqlJournal]) -> Cell | None:
    """This server as one of several, where it has a name among them."""
    if not settings.node:
        return None
    address = settings.node_address or settings.url_at(settings.host)
    return Cell(database, journal, settings.node, address, settings.media_most_rooms)


def embedded(settings: Settings) -> EmbeddedEngine:
    return EmbeddedEngine(
        workers=settings.worker_count,
        hosts=settings.media_listens(),
        port=settings.media_port,
        public_addresses=settings.announced(),
        worker_command=[
            sys.executable, "-m", "server.rooms.worker", "--fan-out", settings.media_fan_out,
            "--log-format", settings.log_format,
            *(["--master", str(settings.master_key)] if settings.master_key is not None else []),
            *(["--sm3"] if settings.sm3 else []),
        ],
        recordings=settings.data / "recordings",
        reserve_bytes=settings.disk_reserve,
        limits=settings.media_limits(),
        captions=None if lacking(settings.speech_folder) else CaptionsProcess(settings.speech_folder),
        leased=bool(settings.node),
    )  # fmt: skip


def job_processes(settings: Settings, queue: JobQueue, live: Callable[[], int] = lambda: 0) -> JobProcesses:
    options = ["--log-format", settings.log_format]
    if settings.master_key is not None:
        options += ["--master", str(settings.master_key)]
    mail: list[str] = []
    if settings.mail_drop is not None:
        mail = ["--mail-drop", str(settings.mail_drop.resolve()), "--mail-drop-office", settings.mail_drop_office]
    told = {"YUNTIAO_DATABASE_URL": settings.database_url.get_secret_value(), "YUNTIAO_NODE": settings.node}
    return JobProcesses(queue, settings.data, options, settings.job_workers, live, told, mail)


def message_router(
    current: CurrentSettings, store: IdentityStore, book: MessageTemplates, sections: Sections, connections: Connections
) -> MessageRouter:
    """The demo's people are invented: nothing is ever sent to their numbers. ValueError."""
    settings = current.settings
    if settings.demo:
        return MessageRouter({}, LogNotifier(), book, store.line, utc_now)
    usual = HttpNotifier(settings.sms_url, lambda: current.sms_secret, utc_now) if settings.sms_url else LogNotifier()
    return MessageRouter(read_messages(sections), usual, book, store.line, utc_now, connections)


def stamps(settings: Settings) -> TimestampAuthority | None:
    """Who says when a document was sealed; the log's authority."""
    roots = settings.tsa_roots if settings.tsa_url else None
    return None if roots is None else TimestampAuthority(settings.tsa_url, roots_in(roots))


def checked_keys(settings: Settings) -> KeyStore:
    """Where keys lie. An empty data folder gets the installation's own secrets from there. BadMaster, KeysAway."""
    keys = configured_keys(settings.data, settings.master_key)
    keys.check()
    if isinstance(keys, TableKeys):
        own = settings.data / "keys"
        own.mkdir(mode=0o700, parents=True, exist_ok=True)
        keys.keep(own / "seal.key", partial(installation_seal, settings.data))
        if not log_keeper.SignerSettings().signer_command:
            keys.keep(log_keeper.key_path(settings.data), partial(log_keeper.installation_signer, settings.data))
    return keys


def assemble(settings: Settings, engine: MediaEngine | None = None) -> Parts:
    """Make every part. Touches the data folder only for the installation's keys; BadMaster."""
    site = Site(
        public_url=settings.url,
        demo=settings.demo,
        secure=settings.secure,
        consent_version=consents.version(settings.retention_years),
        retention_years=settings.retention_years,
        file_years=settings.file_years,
        two_steps=settings.two_steps_kept,
        captions=lacking(settings.speech_folder) is None,
        certified=not settings.tls_self_signed,
        office_called=settings.office_called,
        call_url=settings.call_url,
        framed_by=settings.frame_ancestors,
    )
    current = CurrentSettings(settings)
    database = Database(settings.database)
    sections, connections = read_connections(settings.connections), Connections(ConnectionStore(database), utc_now)
    keys = checked_keys(settings)
    seal = installation_seal(settings.data)
    news = NewsMessages(seal, settings.url, settings.message_language)
    cell = node(settings, database, lambda: journal)
    seconds = journal_seconds()
    guard: Guard = anybody if cell is None else cell.guard
    journal = SqlJournal(database, projectors(news), guard, lasted(seconds))
    store = IdentityStore(database)
    store.accounts = AccountJournal(database, journal, utc_now)
    complaints = ComplaintService(journal, seal, utc_now, OrderRule(settings.order_rule))
    engine = engine or embedded(settings)
    read_context = RoomContextReader(complaints, store, partial(working_calendar, database))
    law = StoredLaws(LawStore(database), complaints, store)
    cards = CardService(database, journal, complaints, utc_now)
    finder = CaseSearch(database, law.library, settings.demo)
    rooms = Rooms(
        journal,
        engine,
        WallClock(),
        read_context,
        settings.reserve().left,
        law.leaf,
        finder.leaf,
        shown_texts(site.consent_version),
        cards.find,
        cell,
    )
    if cell is not None and isinstance(engine, EmbeddedEngine):
        cell.on_renewed.append(engine.hold)
        cell.on_lapsed.append(engine.close_all)
        cell.lets_go = engine.forget
    lines = LineLog(LineStore(database), utc_now)
    rooms.on_reported.append(lines.take)
    private_notes = PrivateNoteService(NoteStore(database), rooms, seal, utc_now)
    templates = MessageTemplates(TemplateStore(database), store.office, store.line, settings.url, utc_now)
    messages = message_router(current, store, templates, sections, connections)
    templates.connections = messages.with_templates
    followers = Followers(FollowerStore(database), seal, lambda phone: seal.hash(phone, PHONE), utc_now)
    messages.follower = followers.openid
    outbox = OutboxService(MessageStore(database), messages, seal, utc_now, show_texts=settings.demo, carriers=messages)
    desk = OfficeComplaints(complaints, rooms)
    real_names = RealNames(sections, connections)
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
        demanded=real_names.demanded if real_names.configured else None,
    )
    links = JoinLinks(services)
    desk.renumber, desk.held = links.follow_number, links.is_held
    cellar = settings.archive_store(settings.data / NOTES)
    remote = cellar.open if cellar else None
    away = settings.remote_files(settings.data)
    filed = EncryptedFileStore(settings.data / "files", keys, settings.sm3, reserve=settings.reserve(), away=away)
    shelf, documents, attachments = (
        EncryptedFileStore(settings.data / place, keys, settings.sm3, remote, settings.reserve(), behind, away)
        for place, behind in (("recordings", filed), ("documents", filed), ("attachments", None))
    )
    queue = JobQueue(database, settings.node or ALONE, away is not None)
    reads = SqlReads(database, rooms, settings.data, utc_now, away is not None)
    films = CompositionService(
        shelf,
        journal,
        rooms,
        queue,
        partial(loose, database, rooms, settings.data / "recordings", bool(settings.node), away is not None),
        settings.message_language,
    )
    workers = job_processes(settings, queue, engine.live_rooms if isinstance(engine, EmbeddedEngine) else lambda: 0)
    transcripts = TranscriptService(
        shelf, journal, rooms, complaints, reads, queue, settings.speech_folder, TranscriptIndex(database)
    )
    films.on_filmed.append(transcripts.filmed)
    log_parts = assemble_log(settings, database, journal, utc_now, queue)
    rules = tuple(sorted((outcome.value, years) for outcome, years in settings.retention_rules.items()))
    retention = RetentionBook(
        journal,
        Years(settings.retention_years, rules, settings.lead_retention_years, settings.file_years),
        settings.retention_least,
        settings.lead_retention_least,
        consents.years,
        utc_now,
    )
    archive = Archive(
        settings.data,
        journal,
        rooms,
        queue,
        cellar,
        settings.archive_after,
        partial(sessions_closed_before, database),
        utc_now,
        ArchivePapers(complaints, documents, attachments),
        LeadArchive(
            journal,
            queue,
            EncryptedFileStore(settings.data / "lead-files", keys, settings.sm3, reserve=settings.reserve(), away=away),
            cellar.address if cellar else "",
            partial(settled_leads, database),
            utc_now,
        ),
        moves=away is None,  # else they have left this disk already
    )
    contacts = Contacts(database)

    async def forget_contacts(session: str) -> RemovedFiles:
        await contacts.forget(session)
        return RemovedFiles()  # no files

    papers = PapersOnFile(documents)
    officers = Officers(store, seal, utc_now, policy=ENFORCED if settings.two_steps_kept else Policy())
    sign_on = SignOnService(
        store,
        SignOnStore(database),
        officers,
        journal,
        seal,
        utc_now,
        settings.url,
        sections.of("sign_on", AnySection),
        connections,
    )
    originals = CaseOriginals(database)

    async def forget_originals(session: str) -> RemovedFiles:
        await originals.forget_session(session)
        return RemovedFiles()

    others = OtherDisks(queue, settings.node or ALONE, cell.every if cell is not None else None)
    files = FileErasures(
        settings.data,
        keys,
        journal,
        rooms,
        retention.retention,
        utc_now,
        archive.remove,
        away,
        others,
    )
    cuts = CaseCuts(database)

    async def look_besides() -> bool:
        await cuts.forget_old(utc_now())
        return await files.look()

    places = FiledPlaces(journal, documents, shelf, filed)

    async def keep_filed(session: str) -> None:
        await rooms.own(session, here=True)  # what follows takes content out of its stream
        await queue.forget_all(session)
        await places.keep(session)

    elsewhere = [
        archive.remove, private_notes.forget, forget_contacts, forget_originals, papers.remove, lines.forget,
        transcripts.forget,
    ]  # fmt: skip
    erasures = Erasures(
        shelf,
        journal,
        rooms,
        SqlRecords(database),
        retention.retention,
        utc_now,
        elsewhere,
        look_besides,
        keep_filed,
        Bell(ERASURE, queue if cell is not None else None),
        others,
    )
    exports = ExportService(
        shelf,
        Gathering(
            journal,
            log_parts.store,
            AttestationStore(database),
            log_parts.keeper,
            partial(log_keeper.configured_existing_signer, settings.data),
            settings.tsa_roots,
            witness_keys(settings),
        ),
        rooms,
        queue,
        utc_now,
    )
    exhibits = ExhibitService(shelf, rooms, complaints, attachments, queue)
    results = JobResults(queue)
    results.notes = {
        COMPOSE: films.note,
        TRANSCRIBE: transcripts.note,
        EXPORT: exports.note,
        PREPARE: exhibits.note,
    }
    results.kept = {EXPORT}
    rooms.on_closed.append(lines.closed)
    rooms.on_closed.append(exhibits.closed)
    rooms.on_closed.append(films.closed)
    rooms.on_closed.append(log_parts.keeper.closed)
    rooms.on_lost.append(films.lost)
    calendar = partial(working_calendar, database)
    notices = NoticeService(
        NoticeServices(
            journal,
            complaints,
            rooms,
            links,
            reads,
            PdfRenderer(settings.notice_fonts),
            NoticeStore(settings.data / "notices", seal, settings.reserve(), away),
            seal,
            outbox.nudge,
            utc_now,
            calendar,
            law.library,
            store.words,
            Tickets(seal, utc_now, TicketStore(database)),
            settings.url,
            settings.message_language,
        )
    )
    desk.correct = notices.correct
    telling = NoticeOutcomeRecorder(complaints, LeadService(journal, utc_now), store, utc_now)
    outbox.taken, outbox.given_up = telling.taken, telling.given_up
    return Parts(
        settings=settings,
        database=database,
        journal=journal,
        journal_seconds=seconds,
        seal=seal,
        store=store,
        officers=officers,
        sign_on=sign_on,
        complaints=complaints,
        engine=engine,
        rooms=rooms,
        law=law,
        case_finder=finder,
        cards=cards,
        lines=lines,
        private_notes=private_notes,
        outbox=outbox,
        messages=messages,
        templates=templates,
        followers=followers,
        desk=desk,
        notices=notices,
        procedure=ProcedureService(complaints, rooms, store, database, utc_now, notices),
        attachments=AttachmentService(complaints, attachments, cellar.delete if cellar else lambda _name: None),
        links=links,
        reads=reads,
        copies=RecordingCopies(shelf, queue, reads, rooms, utc_now),
        follow_up=FollowUp(
            complaints,
            rooms,
            partial(journal.follow, ["session"]),
            partial(unfollowed_sessions, database),
            adjourned=Adjournment(complaints, rooms, links, store, utc_now, notices),
        ),
        queue=queue,
        workers=workers,
        results=results,
        films=films,
        transcripts=transcripts,
        log=log_parts,
        shelf=shelf,
        retention=retention,
        erasures=erasures,
        files=files,
        archive=archive,
        uploader=Uploader(away, rooms.open_sessions, settings.files_cache, settings.low_on_disk) if away else None,
        exports=exports,
        seals=SealKeys(settings.seal_folder, seal, utc_now, seal_services(sections, connections, utc_now)),
        paper_press=PaperRenderer(settings.notice_fonts, settings.song_fonts),
        stamps=stamps(settings),
        exhibits=exhibits,
        exhibit_keeping=ExhibitUpkeep(exhibits, partial(journal.follow, ["session"])),
        papers=papers,
        signatures=SavedSignatures(database, journal, seal, officers.passwords, utc_now),
        site=site,
        current=current,
        sections=sections,
        connections=connections,
        real_names=real_names,
        cell=cell,
    )
