"""One office with its people and one mediation, and an application around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import cast

from aiohttp import web

from journal.refusals import Refused
from recordings.files.encrypted_file_store import EncryptedFileStore
from rooms import events as e
from rooms.joining import consents
from rooms.joining.invitations import Guest
from rooms.vocabulary import Consent, SeatStatus
from tests.recordings.keyring import Keyring
from tests.web.fakes.accounts.access import FakeAccess, FakeLookLimits
from tests.web.fakes.accounts.first_steps import FakeFirstSteps
from tests.web.fakes.accounts.hooks import FakeCells, FakeConnections, FakeExchange, FakeHooks
from tests.web.fakes.accounts.officers import Account, FakeIdentity, FakePhones, FakeSignatures, FakeSignOn
from tests.web.fakes.accounts.offices import FakeOffices, FakeRoster
from tests.web.fakes.accounts.outbox import FakeMessageTemplates, FakeOutbox
from tests.web.fakes.accounts.oversight import FakeAccounts, FakeActs, FakeApprovals
from tests.web.fakes.accounts.systems import FakeSystems
from tests.web.fakes.cases.casebook import FakeCasebook, FakeLawyers
from tests.web.fakes.cases.casecutting import FakeCutting
from tests.web.fakes.cases.casefinding import FakeCompendium, FakeFinder
from tests.web.fakes.cases.law import FakeLaw, FakeNotes
from tests.web.fakes.cases.script_cards import FakeCards
from tests.web.fakes.desk.alerts import FakeAlerts
from tests.web.fakes.desk.appointments import FakeAppointments
from tests.web.fakes.desk.attachments import FakeAttachments
from tests.web.fakes.desk.complaints import FakeComplaints, complaint_page, complaint_row
from tests.web.fakes.desk.duplicates import FakeDuplicates
from tests.web.fakes.desk.imports import FakeImports
from tests.web.fakes.desk.intake import FakeIntake
from tests.web.fakes.desk.notices import FakeNotices
from tests.web.fakes.desk.procedure import FakeHolidays, FakeLeads, FakeProcedure
from tests.web.fakes.desk.queue import FakeQueue, FakeViews
from tests.web.fakes.desk.reads import FakeReads
from tests.web.fakes.desk.reports import FakeConsultations, FakeReports
from tests.web.fakes.desk.triage import FakeJurisdictions, FakeTriage, triage_page
from tests.web.fakes.figures.bulletins import FakeAdvice, FakeBulletins, FakeIssued
from tests.web.fakes.figures.dashboards import FakeDashboards
from tests.web.fakes.figures.insight import FakeFocus
from tests.web.fakes.figures.maps import FakeMaps
from tests.web.fakes.figures.publicity import FakeObjections, FakePublicity
from tests.web.fakes.figures.respondents import FakeRespondents
from tests.web.fakes.figures.screens import FakeScreens
from tests.web.fakes.figures.statistics import FakeStatistics
from tests.web.fakes.figures.supervision import FakeSupervision
from tests.web.fakes.figures.warnings import FakeWarnings
from tests.web.fakes.people import ADMIN, LIN, PASSWORD, STARTS, STRANGER, ZHOU, Clock
from tests.web.fakes.records.copies import FakeCopies
from tests.web.fakes.records.elsewhere import FakeElsewhere
from tests.web.fakes.records.exports import FakeExports
from tests.web.fakes.records.lines import FakeLines
from tests.web.fakes.records.log import FakeLog
from tests.web.fakes.records.retention import FakeRetention
from tests.web.fakes.records.seals import FakeSeals
from tests.web.fakes.records.sessions import FakeSessions, scheduled
from tests.web.fakes.records.signing import FakeConfirmations, FakeSigning, FakeSigningByLink
from tests.web.fakes.records.statements import FakeStatements
from tests.web.fakes.records.transcripts import FakeTranscripts
from tests.web.fakes.visitors.answers import FakeAnswers
from tests.web.fakes.visitors.apart import FakeApart
from tests.web.fakes.visitors.invitations import FakeLinks
from tests.web.fakes.visitors.questions import FakePerformance, FakeQuestions
from tests.web.fakes.visitors.window import FakeWindow
from web import (
    ANSWERS,
    APART,
    APPOINTMENTS,
    LAW,
    LINKS,
    LOG,
    PERFORMANCE,
    QUESTIONS,
    READS,
    SESSIONS,
    SHELF,
    SITE,
    WINDOW,
    Site,
    Window,
)
from web.api import PUSHED, RECEIPTS
from web.application import create_web
from web.http.forms import CLOCK
from web.join import FOLLOWING, Following
from web.links import OBJECTIONS
from web.office.administration import (
    CELL_FIGURES,
    CELLS,
    CONNECTIONS,
    HOLIDAYS,
    HOOKS,
    INTAKE,
    JURISDICTIONS,
    MAPS,
    MESSAGE_TEMPLATES,
    OFFICES,
    OUTBOX,
    ROSTER,
    SCRIPT_CARDS,
    SYSTEMS,
)
from web.office.alerts import ALERTS
from web.office.audit import COPIES, EXPORTS, SEALS, TRANSCRIPTS
from web.office.audit.transcript import STATEMENTS
from web.office.casebook import (
    CASE_CUTTING,
    CASE_FILES,
    CASE_FINDER,
    CASE_SHELVES,
    CASE_WORK,
    CASEBOOK,
    COMPENDIUM,
    LAWYERS,
)
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
from web.office.complaints.exchange import EXCHANGE
from web.office.complaints.imports import IMPORTS
from web.office.first_steps import FIRST_STEPS
from web.office.insight.services import ADVICE, BULLETINS, FOCUS, ISSUED, PUBLICITY, RESPONDENTS, WARNINGS
from web.office.leads import CONSULTATIONS, LEADS, REPORTS
from web.office.oversight import (
    ACCESS,
    ACCOUNTS,
    ACTS,
    APPROVALS,
    IDENTITY,
    LOOK_LIMITS,
    OFFICER_PHONES,
    RETENTION,
    SIGN_ON,
    SIGNATURES,
)
from web.office.sessions.confirmation import CONFIRMATIONS
from web.office.sessions.lines import LINES
from web.office.statistics import DASHBOARDS, STATISTICS
from web.office.statistics.screen import SCREENS
from web.office.supervision.plans import SUPERVISION
from web.room import PRIVATE_NOTES, SIGNING, SIGNING_BY_LINK
from web.telephone import OFFICER_CALLS, PHONE


async def no_receipts(_timestamp: str, _signature: str, _body: bytes) -> bool:
    return False


async def nothing_pushed(_name: str, _secret: str, _query: Mapping[str, str], _body: bytes) -> str:
    raise Refused("not_found", 404)


class FakeFollowing(Following):
    """An office with an official account, which knows a guest by the word that it was given."""

    def __init__(self) -> None:
        self.seats: set[str] = set()

    async def possible(self, guest: Guest) -> bool:
        return True

    async def address(self, guest: Guest) -> str:
        return f"https://open.weixin.qq.com/connect/oauth2/authorize?state={guest.seat.id}#wechat_redirect"

    async def follows(self, guest: Guest) -> bool:
        return guest.seat.id in self.seats

    async def come_back(self, guest: Guest, code: str, state: str) -> None:
        if state != guest.seat.id:
            raise Refused("not_allowed", 403)
        self.seats.add(guest.seat.id)

    async def leave(self, guest: Guest) -> None:
        self.seats.discard(guest.seat.id)


class World:
    """One office, four officers, one complaint (c0) with one mediation (m1) at ten o'clock."""

    def __init__(self, site: Site | None = None) -> None:
        self.clock = Clock()
        self.site = site or Site("http://yuntiao.example", True, False, consents.version(3), 3)
        self.respondents = FakeRespondents()
        self.identity = FakeIdentity(*(Account(officer, PASSWORD) for officer in (ZHOU, LIN, ADMIN, STRANGER)))
        self.sign_on = FakeSignOn(self.identity)
        self.sessions = FakeSessions(self.clock)
        self.appointments = FakeAppointments()
        self.apart = FakeApart()
        self.alerts = FakeAlerts(self.clock)
        self.approvals, self.acts = FakeApprovals(self.sessions, self.clock), FakeActs()
        self.accounts = FakeAccounts(self.identity)
        self.access, self.phones = FakeAccess(), FakePhones()
        self.signatures = FakeSignatures()
        self.look_limits = FakeLookLimits()
        self.retention = FakeRetention(self.site.retention_years)
        self.questions, self.performance = FakeQuestions(), FakePerformance(self.clock)
        self.links = FakeLinks(self.sessions, self.clock, self.site.public_url)
        self.complaints = FakeComplaints(self.sessions, self.clock)
        self.notices = FakeNotices(self.complaints)
        self.attachments = FakeAttachments(self.complaints)
        self.answers = FakeAnswers()
        self.reads = FakeReads(self.complaints, self.sessions)
        self.lines = FakeLines(self.reads, self.sessions)
        self.cells = FakeCells()
        self.connections, self.exchange = FakeConnections(), FakeExchange()
        self.procedure = FakeProcedure(self.complaints)
        self.queue = FakeQueue(self.complaints, self.clock.now)
        self.holidays = FakeHolidays()
        self.cards = FakeCards(self.clock)
        self.duplicates = FakeDuplicates(self.complaints)
        self.leads = FakeLeads(self.complaints)
        self.reports, self.consultations = FakeReports(), FakeConsultations()
        self.copies = FakeCopies(self.reads, self.sessions, self.clock)
        self.transcripts = FakeTranscripts(self.sessions)
        self.outbox = FakeOutbox()
        self.templates = FakeMessageTemplates()
        self.following = FakeFollowing()
        self.law, self.notes = FakeLaw(), FakeNotes(self.sessions, self.clock)
        self.statistics = FakeStatistics()
        self.focus = FakeFocus(self.clock)
        self.warnings = FakeWarnings(self.focus)
        self.issued = FakeIssued(self.clock)
        self.bulletins, self.advice = FakeBulletins(), FakeAdvice(self.clock)
        self.publicity = FakePublicity(self.clock)
        self.maps = FakeMaps()
        self.first_steps = FakeFirstSteps()
        self.dashboards = FakeDashboards(self.statistics)
        self.systems = FakeSystems(self.complaints, self.clock)
        self.log = FakeLog()
        self.seals = FakeSeals()
        self.signing, self.confirmations = FakeSigning(), FakeConfirmations()
        self.by_link = FakeSigningByLink()
        self.statements = FakeStatements()
        self.exports = FakeExports(self.clock)
        self.shelf = EncryptedFileStore(Path("nowhere"), Keyring())
        row = complaint_row(
            "c0", "东高一投〔2026〕0917号", "婚恋积分退款", "丁小禾", "武汉知遇桥信息技术有限公司", Decimal("2360.00")
        )
        self.complaints.keep(replace(complaint_page(row), triage=triage_page()))
        self.triage, self.jurisdictions = FakeTriage(self.complaints), FakeJurisdictions()
        self.casebook = FakeCasebook()
        self.lawyers = FakeLawyers(self.casebook)
        self.session = "m1"
        self.sessions.append(self.session, scheduled("c0", row.number, row.title, STARTS))

    def link(self, seat: str = "s-consumer") -> str:
        return self.links.link(self.session, seat)

    def app(self, *more: Callable[[web.Application], object]) -> web.Application:
        """`more` adds further routes before the application starts."""
        app = web.Application()
        app[CLOCK] = self.clock
        app[SITE] = self.site
        app[ANSWERS], app[ATTACHMENTS] = self.answers, self.attachments
        app[WINDOW] = cast(Window, FakeWindow())  # the two methods that guards ask
        app[QUESTIONS], app[PERFORMANCE] = self.questions, self.performance
        app[ACCESS], app[OFFICER_PHONES] = self.access, self.phones
        app[SIGNATURES] = self.signatures
        app[APPROVALS], app[ACCOUNTS], app[ACTS] = self.approvals, self.accounts, self.acts
        app[APPOINTMENTS], app[FIRST_STEPS], app[APART] = self.appointments, self.first_steps, self.apart
        app[ALERTS] = self.alerts
        app[FOLLOWING] = self.following
        app[RECEIPTS], app[PUSHED] = no_receipts, nothing_pushed
        app[IDENTITY], app[LINKS], app[SESSIONS] = self.identity, self.links, self.sessions
        app[SIGN_ON] = self.sign_on
        app[COMPLAINTS], app[READS], app[OUTBOX] = self.complaints, self.reads, self.outbox
        app[MESSAGE_TEMPLATES] = self.templates
        app[LOG], app[EXPORTS], app[SEALS] = self.log, self.exports, self.seals
        app[SIGNING], app[CONFIRMATIONS] = self.signing, self.confirmations
        app[SIGNING_BY_LINK], app[ELSEWHERE] = self.by_link, FakeElsewhere(self.clock)
        app[STATEMENTS] = self.statements
        app[SHELF], app[RETENTION] = self.shelf, self.retention
        app[COPIES], app[LINES] = self.copies, self.lines
        app[TRANSCRIPTS] = self.transcripts
        app[PHONE] = app[OFFICER_CALLS] = None
        app[LAW], app[PRIVATE_NOTES] = self.law, self.notes
        app[CASE_FINDER], app[COMPENDIUM] = FakeFinder(), FakeCompendium()
        app[CONNECTIONS], app[EXCHANGE] = self.connections, self.exchange
        app[CELLS] = app[CELL_FIGURES] = self.cells
        app[IMPORTS], app[INTAKE], app[HOOKS] = FakeImports(), FakeIntake(), FakeHooks()
        app[TRIAGE], app[JURISDICTIONS] = self.triage, self.jurisdictions
        app[SCRIPT_CARDS], app[LOOK_LIMITS] = self.cards, self.look_limits
        app[PROCEDURE], app[HOLIDAYS], app[LEADS] = self.procedure, self.holidays, self.leads
        app[REPORTS], app[CONSULTATIONS] = self.reports, self.consultations
        app[RESPONDENTS] = self.respondents
        app[BULLETINS], app[ADVICE] = self.bulletins, self.advice
        app[ISSUED] = self.issued
        app[PUBLICITY], app[OBJECTIONS] = self.publicity, FakeObjections(self.publicity)
        app[MAPS] = self.maps
        app[NOTICES], app[QUEUE] = self.notices, self.queue
        app[SAVED_VIEWS] = FakeViews()
        app[OFFICES], app[ROSTER] = FakeOffices(), FakeRoster()
        app[DUPLICATES] = self.duplicates
        app[FOCUS] = self.focus
        app[WARNINGS] = self.warnings
        app[STATISTICS], app[SYSTEMS] = self.statistics, self.systems
        app[CASEBOOK], app[LAWYERS] = self.casebook, self.lawyers
        app[CASE_WORK], app[CASE_FILES], app[CASE_SHELVES] = self.casebook, self.casebook, self.casebook
        app[CASE_CUTTING] = FakeCutting()
        app[DASHBOARDS] = self.dashboards
        app[SCREENS] = FakeScreens(self.systems, self.clock.now)
        app[SUPERVISION] = FakeSupervision()
        create_web(app)
        for register in more:
            register(app)
        return app

    async def seat(self, seat: str = "s-consumer") -> SeatStatus:
        return (await self.sessions.state(self.session)).seats[seat].status

    def answered(self, kind: Consent) -> list[bool]:
        """Every answer ever given to a consent, in order."""
        answers = (e.ConsentGiven, e.ConsentRefused)
        return [
            isinstance(event, e.ConsentGiven)
            for event in self.sessions.events(self.session)
            if isinstance(event, answers) and event.kind is kind
        ]
