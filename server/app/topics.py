"""Installs what complaints, leads and mediations need, and how they come in; `TOPICS` is all of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import nullcontext
from functools import partial

from aiohttp import web

from complaints.consultations import ConsultationService
from complaints.leads import LeadService
from journal import Event
from journal.clock import utc_now
from recordings.files.encrypted_file_store import EncryptedFileStore
from server.app.offices import (
    install_bulletins,
    install_case_finder,
    install_casebook,
    install_cells,
    install_connections,
    install_dashboards,
    install_exchange,
    install_insight,
    install_offices,
    install_oversight,
    install_phone,
)
from server.app.parts import Parts, until_stopped
from server.complaints.office_store import working_calendar
from server.complaints.officer_store import HandlerStore, ViewStore
from server.complaints.procedure import Reminders
from server.complaints.promise_store import PerformanceStore
from server.complaints.queue_store import QueueService, QueueStore
from server.complaints.service import DuplicateService, TriageService
from server.connections.exchange import lines_of
from server.documents import PdfRenderer
from server.documents.registers import ReportNames
from server.identity.account_store import FirstStepStore, OfficerPhoneStore, SenderStore, SystemStore
from server.identity.codes import OneTime, SigningCodes, Tickets
from server.identity.link_store import LinkStore
from server.identity.sign_in_store import TicketStore
from server.identity.sign_ins import OfficerPhoneService
from server.identity.systems import Senders, SystemsService
from server.imports.batches import Batches
from server.imports.desk import ImportService
from server.imports.store import IntakeStore
from server.insight.respondent_store import RespondentService
from server.leads.desk import LeadFiles, OfficeLeads
from server.leads.reports import InformantNotifier, OfficeConsultations, ReportService
from server.outbox.hook_store import HookService, HookStore
from server.outbox.store import MessageStore
from server.retention.archive_job import NOTES
from server.rooms.agenda_store import HEARD, AlertService, AlertStore, ApartStore, AppointmentStore
from server.rooms.apart import ApartService
from server.rooms.appointments import AppointmentService, AvailabilityBook
from server.rooms.lines import LineReports
from server.rooms.service import ElsewhereService
from server.rooms.store import LineStore
from server.serving.settings import Settings
from server.signing.confirmation import ConfirmationService
from server.signing.copies import SigningServices
from server.signing.desk import SigningService
from server.signing.seals import OfficeSeals
from server.signing.statements import Condenser, LinkSigning, LocalModel, StatementService
from server.statistics.screen_store import ScreenService
from server.supervision.reports import PlanScheduler, Practices, QuarterReportService, ReportPrinter
from server.supervision.service import SupervisionService
from server.window.answers import Answers, AnswerServices, QuestionService, QuestionServices
from server.window.service import PublicWindow
from server.window.store import AnswerDrafts, WindowCounts, WindowQuota, WindowStore, keep_forgetting
from signaling.namespace import trial
from web import (
    ANSWERS,
    APART,
    APPOINTMENTS,
    LAW,
    LINKS,
    LOG,
    PERFORMANCE,
    QUESTIONS,
    SESSIONS,
    SHELF,
    TRIAL,
    WINDOW,
    Trial,
)
from web.api import PUSHED, RECEIPTS
from web.i18n import words_of
from web.office import leads as leads_words
from web.office.administration import HOOKS, INTAKE, SYSTEMS
from web.office.alerts import ALERTS
from web.office.audit import COPIES, EXPORTS, SEALS, TRANSCRIPTS
from web.office.audit.transcript import STATEMENTS
from web.office.complaints import (
    ATTACHMENTS,
    COMPLAINTS,
    DUPLICATES,
    ELSEWHERE,
    NOTICES,
    PROCEDURE,
    QUEUE,
    SAVED_VIEWS,
    TRIAGE,
)
from web.office.complaints.imports import IMPORTS
from web.office.first_steps import FIRST_STEPS
from web.office.insight.services import RESPONDENTS
from web.office.leads import CONSULTATIONS, LEADS, REPORTS
from web.office.oversight import OFFICER_PHONES
from web.office.sessions.confirmation import CONFIRMATIONS
from web.office.sessions.lines import LINES
from web.office.statistics.screen import SCREENS
from web.office.supervision.plans import REPORT_PRESS, SUPERVISION
from web.room import EXHIBITS, PRIVATE_NOTES, SIGNING, SIGNING_BY_LINK


def install_rooms(app: web.Application, parts: Parts) -> None:
    """What happens in a room: sessions, their links, exhibits, the law at hand, private notes, the trial of a way."""
    app[SESSIONS] = parts.rooms
    app[LINKS] = parts.links
    app[EXHIBITS] = parts.exhibits
    app[LAW] = parts.law
    app[PRIVATE_NOTES] = parts.private_notes
    app[LINES] = LineReports(LineStore(parts.database), parts.journal, parts.reads)
    trying: Trial = partial(trial, parts.engine, parts.current, utc_now)
    app[TRIAL] = trying
    app[APPOINTMENTS] = appointments = appointment_service(parts)
    app.cleanup_ctx.append(until_stopped(appointments.keep_reminding, "appointments"))
    app[APART] = apart = apart_service(parts)
    app.cleanup_ctx.append(until_stopped(apart.keep_reminding, "apart"))


def apart_service(parts: Parts) -> ApartService:
    return ApartService(
        parts.rooms,
        parts.links,
        parts.store,
        parts.desk,
        parts.outbox,
        MessageStore(parts.database),
        ApartStore(parts.database),
        AnswerDrafts(parts.database),
        Tickets(parts.seal, utc_now, TicketStore(parts.database)),
        parts.seal,
        utc_now,
        parts.settings.message_language,
    )


def install_alerts(app: web.Application, parts: Parts) -> None:
    """What mediators are alerted of, and windows that stay up to date."""

    async def receipt(timestamp: str, signature: str, body: bytes) -> bool:
        async def secret(office: str) -> str:
            return await parts.messages.secret(office) or parts.current.sms_secret

        return await parts.outbox.receipt(secret, timestamp, signature, body)

    app[RECEIPTS] = receipt
    app[PUSHED] = parts.outbox.pushed

    async def followed() -> AsyncIterator[Sequence[Event]]:
        async for event in parts.journal.follow(HEARD):
            yield [event]

    follow = followed if parts.cell is None else partial(parts.journal.follow_all, HEARD)
    app[ALERTS] = alerts = AlertService(follow, AlertStore(parts.database), HandlerStore(parts.database), utc_now)
    parts.outbox.moved.append(alerts.message_moved)
    parts.database.credentials.of_messages.append(alerts.message_moved_elsewhere)

    async def end(_app: web.Application) -> None:
        alerts.end()

    app.on_shutdown.append(end)
    parts.database.credentials.of_officers.append(alerts.look_again)
    app.cleanup_ctx.append(until_stopped(alerts.run))


def appointment_service(parts: Parts) -> AppointmentService:
    store = AppointmentStore(parts.database)
    book = AvailabilityBook(parts.journal, store, partial(working_calendar, parts.database), utc_now)
    return AppointmentService(
        parts.complaints,
        parts.rooms,
        parts.links,
        parts.store,
        store,
        book,
        parts.seal,
        parts.outbox.nudge,
        utc_now,
        parts.settings.message_language,
        parts.notices,
    )


def install_signing(app: web.Application, parts: Parts) -> None:
    """Signing on the phone and the seals of the offices."""
    app[SEALS] = OfficeSeals(parts.seals)
    links, language = LinkStore(parts.database), parts.settings.message_language
    codes = SigningCodes(
        OneTime(links, parts.outbox, parts.seal, utc_now), links, parts.desk, parts.seal, utc_now, language
    )
    app[SIGNING] = desk = _signing(parts, codes)
    app[SIGNING_BY_LINK] = by_link = LinkSigning(
        desk,
        codes,
        parts.rooms,
        parts.store,
        Tickets(parts.seal, utc_now, TicketStore(parts.database)),
        parts.outbox,
        MessageStore(parts.database),
        utc_now,
        parts.settings.url,
        language,
    )
    app[STATEMENTS] = StatementService(desk, by_link, parts.rooms, _condenser(parts.settings))
    app[CONFIRMATIONS] = ConfirmationService(
        parts.journal,
        parts.complaints,
        parts.rooms,
        parts.store,
        desk,
        parts.exports,
        parts.shelf,
        parts.attachments,
        PdfRenderer(parts.settings.notice_fonts),
        parts.seal.open,
        partial(working_calendar, parts.database),
        parts.settings.data,
        utc_now,
    )


def _condenser(settings: Settings) -> Condenser | None:
    if not (settings.condenser_url and settings.condenser_model):
        return None
    key = settings.condenser_key.get_secret_value()
    return LocalModel(settings.condenser_url, settings.condenser_model, key, settings.condenser_seconds)


def _signing(parts: Parts, codes: SigningCodes) -> SigningService:
    return SigningService(
        SigningServices(
            parts.journal,
            parts.complaints,
            parts.rooms,
            parts.store,
            codes,
            parts.papers,
            parts.paper_press,
            parts.seals,
            parts.stamps,
            parts.outbox,
            MessageStore(parts.database),
            Tickets(parts.seal, utc_now, TicketStore(parts.database)),
            parts.notices,
            parts.signatures,
            parts.seal.open,
            parts.law.library,
            utc_now,
            parts.settings.url,
            parts.settings.message_language,
            parts.transcripts,
        )
    )


def install_evidence(app: web.Application, parts: Parts) -> None:
    """What stands as evidence: the log, recordings, copies, packages and how long all is kept."""
    app[LOG] = parts.log.published
    app[SHELF] = parts.shelf
    app[COPIES] = parts.copies
    app[EXPORTS] = parts.exports
    app[TRANSCRIPTS] = parts.transcripts


def install_supervision(app: web.Application, parts: Parts) -> None:
    """Supervision: plans drawn when their week begins, reviews, practice, reports."""
    planning = PlanScheduler(parts.database, parts.journal, parts.store, utc_now)
    reports = QuarterReportService(parts.database, parts.journal, planning, utc_now)
    practices = Practices(parts.database, utc_now)
    app[SUPERVISION] = SupervisionService(parts.database, parts.journal, planning, reports, practices, utc_now)
    app[REPORT_PRESS] = ReportPrinter(parts.settings.notice_fonts).print
    app.cleanup_ctx.append(until_stopped(planning.run, "plans"))


def install_complaints(app: web.Application, parts: Parts) -> None:
    """The desks of a complaint: its record, procedure, notices, duplicates, triage and reminders."""
    app[COMPLAINTS] = parts.desk
    app[ELSEWHERE] = ElsewhereService(parts.desk, parts.complaints, parts.rooms, SystemStore(parts.database), utc_now)
    app[PROCEDURE] = parts.procedure
    app[NOTICES] = parts.notices
    app[SAVED_VIEWS] = ViewStore(parts.database)
    app[ATTACHMENTS] = parts.attachments
    app[DUPLICATES] = DuplicateService(parts.complaints, parts.reads.lookalikes, utc_now)
    app[TRIAGE] = triage = TriageService(parts.complaints, parts.reads)
    app[QUEUE] = queue = QueueService(
        QueueStore(parts.database),
        HandlerStore(parts.database),
        parts.reads,
        parts.desk,
        triage,
        parts.notices,
        parts.procedure,
        parts.officers.standing,
        AppointmentStore(parts.database).mediators,
        utc_now,
    )
    app.cleanup_ctx.append(until_stopped(queue.run))
    app[FIRST_STEPS] = FirstStepStore(parts.database)
    app[OFFICER_PHONES] = phones = OfficerPhoneService(
        OfficerPhoneStore(parts.database), parts.seal, parts.officers.standing
    )
    reminders = Reminders(
        parts.complaints,
        parts.rooms,
        parts.store,
        parts.database,
        parts.seal,
        parts.outbox.nudge,
        utc_now,
        parts.settings.message_language,
        phones,
    )
    app.cleanup_ctx.append(until_stopped(reminders.keep_reminding, "reminders"))


def install_leads(app: web.Application, parts: Parts) -> None:
    """Leads, reports among them, and the files attached to them; consultations."""
    settings, leads = parts.settings, LeadService(parts.journal, utc_now)
    cellar = settings.archive_store(settings.data / NOTES)
    shelf = EncryptedFileStore(
        settings.data / "lead-files",
        parts.shelf.keys,
        settings.sm3,
        cellar.open if cellar else None,
        settings.reserve(),
        away=parts.shelf.away,
    )
    files = LeadFiles(leads, shelf, cellar.delete if cellar else lambda _name: None)
    telling = InformantNotifier(leads, parts.seal, parts.outbox.nudge, settings.message_language)
    app[LEADS] = OfficeLeads(
        parts.complaints, leads, parts.procedure, parts.database, parts.store, files, telling, utc_now
    )
    app[REPORTS] = ReportService(
        leads, parts.database, parts.seal, PdfRenderer(settings.notice_fonts), report_names(), utc_now
    )
    consultations = ConsultationService(parts.journal, utc_now)
    app[CONSULTATIONS] = OfficeConsultations(
        consultations,
        parts.database,
        parts.seal,
        lambda officer: parts.desk.unmasking.one_more(officer) if parts.desk.unmasking else nullcontext(),
    )


def report_names() -> ReportNames:
    def chinese(names: Mapping[str, str]) -> Mapping[str, str]:
        return {code: words_of("zh").gettext(name) for code, name in names.items()}

    return ReportNames(
        chinese(leads_words.STATES), chinese(leads_words.OUTCOMES), chinese(leads_words.TOLD), chinese(leads_words.HOW)
    )


def install_respondents(app: web.Application, parts: Parts) -> None:
    """Profiles of businesses."""
    app[RESPONDENTS] = RespondentService(parts.database, parts.journal, utc_now)


def install_window(app: web.Application, parts: Parts) -> None:
    """The public window: filing and following a complaint, and a business's written answer."""
    links, settings = LinkStore(parts.database), parts.settings
    codes = OneTime(links, parts.outbox, parts.seal, utc_now)
    visits, drafts = WindowStore(parts.database), AnswerDrafts(parts.database)
    app[WINDOW] = PublicWindow(
        visits,
        parts.store,
        parts.complaints,
        codes,
        parts.seal,
        utc_now,
        partial(working_calendar, parts.database),
        parts.attachments,
        parts.notices,
        quota := WindowQuota(WindowCounts(parts.database), settings.window_limits(), parts.seal, utc_now),
        parts.procedure.withdrawn,
    )
    app[ANSWERS] = Answers(
        AnswerServices(
            links,
            drafts,
            parts.store,
            parts.complaints,
            codes,
            parts.attachments,
            parts.seal,
            parts.outbox.nudge,
            utc_now,
            settings.url,
            quota,
            settings.message_language,
        )
    )
    app[QUESTIONS] = questions = QuestionService(
        QuestionServices(
            links,
            parts.store,
            parts.complaints,
            parts.rooms,
            parts.database,
            parts.seal,
            parts.outbox.nudge,
            utc_now,
            settings.url,
            settings.message_language,
        )
    )
    parts.follow_up.then.append(questions.after)
    app[PERFORMANCE] = PerformanceStore(parts.database)
    app.cleanup_ctx.append(until_stopped(questions.keep_asking, "questions"))
    app.cleanup_ctx.append(until_stopped(partial(keep_forgetting, (visits.forget, drafts.forget_expired), utc_now)))


def install_imports(app: web.Application, parts: Parts) -> None:
    """How complaints come in by files and by other systems."""
    settings = parts.settings
    batches = Batches(
        parts.complaints,
        parts.journal,
        IntakeStore(parts.database),
        parts.seal,
        settings.data,
        utc_now,
        reserve=settings.reserve(),
    )
    lines = lines_of(parts.sections)
    batches.platforms = {(line.office, line.channel): line.platform for line in lines.values()}
    app[IMPORTS] = ImportService(batches, parts.queue, settings.data)
    app[INTAKE] = Senders(SenderStore(parts.database), parts.store, batches, parts.seal, utc_now)
    install_exchange(app, parts, batches, lines)


def install_systems(app: web.Application, parts: Parts) -> None:
    """Other systems: what they may read and write, and what they are told."""
    app[SYSTEMS] = systems = SystemsService(
        SystemStore(parts.database),
        parts.store,
        parts.complaints,
        parts.desk,
        parts.journal,
        utc_now,
        parts.officers.standing,
        lambda office, role: parts.officers.withheld(office, role),  # set where oversight is put together
    )

    app[SCREENS] = ScreenService(systems, parts.seal, parts.database, parts.settings.data / "maps", utc_now)

    async def last_days(_app: web.Application) -> AsyncIterator[None]:
        await systems.give_last_days()
        yield

    app.cleanup_ctx.append(last_days)
    app[HOOKS] = hooks = HookService(HookStore(parts.database), parts.seal, parts.settings.hook_origins, utc_now)
    app.cleanup_ctx.append(until_stopped(hooks.deliver))


# Every topic that pages are served of: each puts its services under their keys, and brings its own background work.
TOPICS = (
    install_case_finder,
    install_offices,
    install_dashboards,
    install_complaints,
    install_leads,
    install_respondents,
    install_bulletins,
    install_imports,
    install_rooms,
    install_alerts,
    install_signing,
    install_evidence,
    install_window,
    install_supervision,
    install_systems,
    install_cells,
    install_connections,
    install_phone,
    install_oversight,
    install_casebook,
    install_insight,
)
