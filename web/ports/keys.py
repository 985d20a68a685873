"""The keys under which `server.app.wiring` puts the services into the application."""

from __future__ import annotations

from aiohttp import web

from recordings.files.encrypted_file_store import EncryptedFileStore
from web.ports.access import AccessDesk
from web.ports.answers import AnswerDesk
from web.ports.appraisals import Appraisals
from web.ports.attachments import Attachments
from web.ports.bulletins import Bulletins
from web.ports.complaints import Complaints
from web.ports.copies import Copies
from web.ports.duplicates import Duplicates
from web.ports.elsewhere import Elsewhere
from web.ports.exhibits import Exhibits
from web.ports.exports import Exports
from web.ports.hooks import Hooks
from web.ports.imports import Imports
from web.ports.invitations import Links
from web.ports.law import LawShelf, PrivateNotes
from web.ports.leads import HotSpots, Leads
from web.ports.log import Log
from web.ports.messages import Outbox
from web.ports.notices import Notices
from web.ports.offices import Offices
from web.ports.oversight import Accounts, Acts, Approvals
from web.ports.people import Identity, OfficerPhones
from web.ports.procedure import Holidays, Procedure
from web.ports.questions import PerformanceDesk, Questions
from web.ports.reads import Reads
from web.ports.reports import Consultations, Reports
from web.ports.respondents import Respondents
from web.ports.retention import RetentionDesk
from web.ports.seals import Seals
from web.ports.senders import Intake
from web.ports.sessions import Sessions
from web.ports.signing import Signing, SigningByLink
from web.ports.site import Site
from web.ports.statistics import Statistics
from web.ports.supervision import ReportPress, Supervision
from web.ports.systems import Systems
from web.ports.triage import Jurisdictions, TriageDesk
from web.ports.trial import Trial
from web.ports.window import Window

ACCESS: web.AppKey[AccessDesk] = web.AppKey("access", AccessDesk)
ANSWERS: web.AppKey[AnswerDesk] = web.AppKey("answers", AnswerDesk)
ATTACHMENTS: web.AppKey[Attachments] = web.AppKey("attachments", Attachments)
ACCOUNTS: web.AppKey[Accounts] = web.AppKey("accounts", Accounts)
ACTS: web.AppKey[Acts] = web.AppKey("acts", Acts)
APPROVALS: web.AppKey[Approvals] = web.AppKey("approvals", Approvals)
IDENTITY: web.AppKey[Identity] = web.AppKey("identity", Identity)
IMPORTS: web.AppKey[Imports] = web.AppKey("imports", Imports)
INTAKE: web.AppKey[Intake] = web.AppKey("intake", Intake)
LINKS: web.AppKey[Links] = web.AppKey("links", Links)
COMPLAINTS: web.AppKey[Complaints] = web.AppKey("complaints", Complaints)
DUPLICATES: web.AppKey[Duplicates] = web.AppKey("duplicates", Duplicates)
COPIES: web.AppKey[Copies] = web.AppKey("copies", Copies)
PROCEDURE: web.AppKey[Procedure] = web.AppKey("procedure", Procedure)
HOOKS: web.AppKey[Hooks] = web.AppKey("hooks", Hooks)
HOLIDAYS: web.AppKey[Holidays] = web.AppKey("holidays", Holidays)
PERFORMANCE: web.AppKey[PerformanceDesk] = web.AppKey("performance", PerformanceDesk)
QUESTIONS: web.AppKey[Questions] = web.AppKey("questions", Questions)
PRIVATE_NOTES: web.AppKey[PrivateNotes] = web.AppKey("private_notes", PrivateNotes)
READS: web.AppKey[Reads] = web.AppKey("reads", Reads)
LAW: web.AppKey[LawShelf] = web.AppKey("law", LawShelf)
LEADS: web.AppKey[Leads] = web.AppKey("leads", Leads)
REPORTS: web.AppKey[Reports] = web.AppKey("reports", Reports)
CONSULTATIONS: web.AppKey[Consultations] = web.AppKey("consultations", Consultations)
BULLETINS: web.AppKey[Bulletins] = web.AppKey("bulletins", Bulletins)
RESPONDENTS: web.AppKey[Respondents] = web.AppKey("respondents", Respondents)
SPOTS_AT_HAND: web.AppKey[HotSpots] = web.AppKey("hot spots at hand", HotSpots)  # absent: none are looked for
LOG: web.AppKey[Log] = web.AppKey("log", Log)
OFFICER_PHONES: web.AppKey[OfficerPhones] = web.AppKey("officer_phones", OfficerPhones)
OFFICES: web.AppKey[Offices] = web.AppKey("offices", Offices)
NOTICES: web.AppKey[Notices] = web.AppKey("notices", Notices)
OUTBOX: web.AppKey[Outbox] = web.AppKey("outbox", Outbox)
APPRAISALS: web.AppKey[Appraisals] = web.AppKey("appraisals", Appraisals)
RETENTION: web.AppKey[RetentionDesk] = web.AppKey("retention", RetentionDesk)
SEALS: web.AppKey[Seals] = web.AppKey("seals", Seals)
SESSIONS: web.AppKey[Sessions] = web.AppKey("sessions", Sessions)
EXHIBITS: web.AppKey[Exhibits] = web.AppKey("exhibits", Exhibits)
EXPORTS: web.AppKey[Exports] = web.AppKey("exports", Exports)
SHELF: web.AppKey[EncryptedFileStore] = web.AppKey("shelf", EncryptedFileStore)
SIGNING: web.AppKey[Signing] = web.AppKey("signing", Signing)
SITE: web.AppKey[Site] = web.AppKey("site", Site)
STATISTICS: web.AppKey[Statistics] = web.AppKey("statistics", Statistics)
TRIAGE: web.AppKey[TriageDesk] = web.AppKey("triage", TriageDesk)
JURISDICTIONS: web.AppKey[Jurisdictions] = web.AppKey("jurisdictions", Jurisdictions)
WINDOW: web.AppKey[Window] = web.AppKey("window", Window)
SUPERVISION: web.AppKey[Supervision] = web.AppKey("supervision", Supervision)
REPORT_PRESS: web.AppKey[ReportPress] = web.AppKey("report_press", ReportPress)
"""From what web.supervision.reports.sheet says to a PDF; takes a quarter of a second: in a thread."""
SYSTEMS: web.AppKey[Systems] = web.AppKey("systems", Systems)
TRIAL: web.AppKey[Trial] = web.AppKey("trial", Trial)
SETUP_SECRET: web.AppKey[str] = web.AppKey("setup_secret", str)
"""Printed at start while there is no administrator; whoever types it at /setup becomes the first one."""
ELSEWHERE: web.AppKey[Elsewhere] = web.AppKey("elsewhere", Elsewhere)
SIGNING_BY_LINK: web.AppKey[SigningByLink] = web.AppKey("signing_by_link", SigningByLink)
