"""Makes every part, in the order in which they need each other; starts nothing."""

from __future__ import annotations

from functools import partial

from complaints.leads import LeadService
from complaints.service import ComplaintService
from journal.clock import WallClock
from law import OrderRule
from media.engine import MediaEngine
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from rooms.joining import consents
from rooms.live.registry import Rooms
from server.app import choices
from server.app.parts import Parts, utc_now
from server.archive.papers import ArchivePapers
from server.archive.service import Archive
from server.archive.settings import NOTES
from server.casebook.finder import CaseFinder
from server.casebook.original_store import CaseCuts, CaseOriginals
from server.complaints.attachments import AttachmentService
from server.complaints.calendar_store import working_calendar
from server.complaints.follow_up import FollowUp, NoticeOutcomeRecorder
from server.complaints.message_store import NewsMessages
from server.complaints.notices import NoticeService, NoticeServices
from server.complaints.procedure import ProcedureService
from server.complaints.service import OfficeComplaints
from server.complaints.store import SqlReads
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors
from server.documents.cabinet import NoticeStore
from server.documents.law_shelf import LawShelf
from server.documents.law_store import LawStore
from server.documents.press import PdfRenderer
from server.evidence import log_keys
from server.evidence.attestation_store import AttestationStore
from server.evidence.exports import Exports
from server.evidence.gathering import Gathering
from server.evidence.log_parts import assemble_log, witness_keys
from server.exhibits.desk import ExhibitService
from server.exhibits.keeping import ExhibitUpkeep
from server.identity.account_store import AccountJournal
from server.identity.link_store import LinkStore
from server.identity.links import JoinLinks, LinkServices
from server.identity.officers import ENFORCED, Officers, Policy
from server.identity.sealing import installation_seal
from server.identity.store import IdentityStore
from server.jobs.queue import JobQueue
from server.leads.files import LeadArchive
from server.leads.store import settled_leads
from server.media.copies import Copies
from server.media.films import Compositions, CompositionService
from server.outbox.service import Outbox
from server.outbox.store import MessageStore
from server.retention.erasure import Erasures, Removed
from server.retention.file_erasure import FileErasures
from server.retention.filing import Filing
from server.retention.periods import Years
from server.retention.service import RetentionBook
from server.retention.store import SqlRecords
from server.rooms.adjournment import Adjournment
from server.rooms.note_store import NoteStore
from server.rooms.service import PrivateNotes, RoomContextReader
from server.rooms.store import Contacts, sessions_closed_before, unfollowed_sessions
from server.settings import Settings
from server.signing.codes import Tickets
from server.signing.papers import PaperRenderer
from server.signing.papers_on_file import PapersOnFile
from server.signing.seal_keys import SealKeys
from server.signing.ticket_store import TicketStore
from web.services import Site


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
        certified=not settings.tls_self_signed,
        office_called=settings.office_called,
    )
    database = Database(settings.database)
    seal = installation_seal(settings.data)
    news = NewsMessages(seal, settings.url, settings.message_language)
    journal = SqlJournal(database, projectors(news))
    store = IdentityStore(database)
    store.accounts = AccountJournal(database, journal, utc_now)
    complaints = ComplaintService(journal, seal, utc_now, OrderRule(settings.order_rule))
    engine = engine or choices.embedded(settings)
    read_context = RoomContextReader(complaints, store, partial(working_calendar, database))
    law = LawShelf(LawStore(database), complaints, store)
    finder = CaseFinder(database, law.library, settings.demo)
    rooms = Rooms(
        journal, engine, WallClock(), read_context, lambda: choices.space(settings), law.leaf, finder.leaf, site.shown
    )
    private_notes = PrivateNotes(NoteStore(database), rooms, seal, utc_now)
    outbox = Outbox(MessageStore(database), choices.notifier(settings), seal, utc_now, show_texts=settings.demo)
    desk = OfficeComplaints(complaints, rooms)
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
    remote = cellar.open if cellar else None
    filed = EncryptedFileStore(settings.data / "files", keys, settings.sm3, reserve=settings.reserve())
    shelf, documents, attachments = (
        EncryptedFileStore(settings.data / place, keys, settings.sm3, remote, settings.reserve(), behind)
        for place, behind in (("recordings", filed), ("documents", filed), ("attachments", None))
    )
    queue = JobQueue(settings.data / "jobs.db")
    reads = SqlReads(database, rooms, settings.data, utc_now)
    films = CompositionService(
        settings.data,
        shelf,
        journal,
        rooms,
        Compositions(settings.data / "recordings", queue, settings.message_language),
        lambda: choices.loose(database),
        settings.master_key,
        lambda: choices.live(engine),
        choices.job_options(settings),
    )
    log_parts = assemble_log(settings, database, journal, utc_now)
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
        lambda when: sessions_closed_before(database, when),
        utc_now,
        ArchivePapers(complaints, documents, attachments),
        LeadArchive(
            journal,
            queue,
            EncryptedFileStore(settings.data / "lead-files", keys, settings.sm3, reserve=settings.reserve()),
            cellar.address if cellar else "",
            lambda: settled_leads(database),
            utc_now,
        ),
    )
    contacts = Contacts(database)

    async def forget_contacts(session: str) -> Removed:
        await contacts.forget(session)
        return Removed()  # no files

    papers = PapersOnFile(documents)
    originals = CaseOriginals(database)

    async def forget_originals(session: str) -> Removed:
        await originals.forget_session(session)
        return Removed()

    files = FileErasures(
        settings.data,
        keys,
        journal,
        rooms,
        retention.retention,
        utc_now,
        archive.remove,
    )
    cuts = CaseCuts(database)

    async def look_besides() -> bool:
        await cuts.forget_old(utc_now())
        return await files.look()

    elsewhere = [
        archive.remove, private_notes.forget, forget_contacts, forget_originals, papers.remove
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
        Filing(journal, documents, shelf, filed).keep,
    )
    exports = Exports(
        shelf,
        Gathering(
            journal,
            log_parts.store,
            AttestationStore(database),
            log_parts.keeper,
            partial(log_keys.configured_existing_signer, settings.data),
            settings.tsa_roots,
            witness_keys(settings),
        ),
        rooms,
        queue,
        utc_now,
    )
    exhibits = ExhibitService(shelf, rooms, complaints, attachments, queue)
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
            NoticeStore(settings.data / "notices", seal, settings.reserve()),
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
        seal=seal,
        store=store,
        officers=Officers(store, seal, utc_now, policy=ENFORCED if settings.two_steps_kept else Policy()),
        complaints=complaints,
        engine=engine,
        rooms=rooms,
        law=law,
        case_finder=finder,
        private_notes=private_notes,
        outbox=outbox,
        desk=desk,
        notices=notices,
        procedure=ProcedureService(complaints, rooms, store, database, utc_now, notices),
        attachments=AttachmentService(complaints, attachments, cellar.delete if cellar else lambda _name: None),
        links=links,
        reads=reads,
        copies=Copies(shelf, queue, reads, rooms, utc_now),
        follow_up=FollowUp(
            complaints,
            rooms,
            lambda: journal.follow(["session"]),
            lambda: unfollowed_sessions(database),
            [Adjournment(complaints, rooms, links, store, utc_now, notices)],
        ),
        films=films,
        log=log_parts,
        shelf=shelf,
        retention=retention,
        erasures=erasures,
        files=files,
        archive=archive,
        exports=exports,
        seals=SealKeys(settings.seal_folder, seal, utc_now),
        paper_press=PaperRenderer(settings.notice_fonts, settings.song_fonts),
        stamps=choices.stamps(settings),
        exhibits=exhibits,
        exhibit_keeping=ExhibitUpkeep(shelf, rooms, exhibits, lambda: journal.follow(["session"])),
        papers=papers,
        site=site,
        turn=settings.turn(),
    )
