"""What pages ask of the rest of the program: services and read models, and the keys they hang under.

The implementations live in server (storage, identity, outbox) and rooms; `server.wiring` puts them into
the application. Pages never see SQL. All times are aware UTC; pages show them in the office's zone.
"""

from __future__ import annotations

from web.ports.attachments import Attachments
from web.ports.complaints import Complaints, NewComplaint
from web.ports.copies import Copies, VideoCopy
from web.ports.exports import ExportKind, ExportRow, Exports
from web.ports.imports import ImportBatch, ImportPreview, ImportRow, Imports, Reason
from web.ports.invitations import IssuedLink, Links
from web.ports.keys import (
    ANSWERS,
    ATTACHMENTS,
    COMPLAINTS,
    COPIES,
    DUPLICATES,
    EXPORTS,
    HOLIDAYS,
    IDENTITY,
    IMPORTS,
    INTAKE,
    JURISDICTIONS,
    LAW,
    LEADS,
    LINKS,
    LOG,
    NOTICES,
    OUTBOX,
    PRIVATE_NOTES,
    PROCEDURE,
    READS,
    RETENTION,
    SEALS,
    SESSIONS,
    SETUP_SECRET,
    SHELF,
    SITE,
    STATISTICS,
    SYSTEMS,
    TRIAGE,
    TRIAL,
    WINDOW,
)
from web.ports.law import LawShelf, PrivateNote, PrivateNotes
from web.ports.leads import LeadPage, LeadRow, Leads
from web.ports.listing import MOST_COUNTED, ComplaintFilter, ComplaintList
from web.ports.log import Attested, Log, LogState
from web.ports.messages import Message, Outbox
from web.ports.notices import NoticeList, NoticeRow, Notices, NoticeWish, Printed, ReadableNotice, Told
from web.ports.people import Guest, Identity, Office, Officer, OfficerRole
from web.ports.procedure import Board, DueRow, Holidays, HolidayYear, Procedure, ProcedureView
from web.ports.reads import (
    AuditFilter,
    AuditList,
    AuditPage,
    ComplaintPage,
    Desk,
    Keeping,
    LaterTerm,
    Party,
    Reads,
    Recording,
)
from web.ports.refusal import Refused
from web.ports.rows import ComplaintRow, Deadline, SessionRow
from web.ports.seals import Seals, SealVerdict
from web.ports.senders import Answer, Intake, Sender, Signed
from web.ports.sessions import Sessions
from web.ports.site import Site
from web.ports.statistics import Asked, Behind, Figures, Overview, Statistics
from web.ports.systems import SCOPES, Scope, System, Systems, SystemToken
from web.ports.triage import Area, Jurisdictions, TriageDesk, TriagePage

__all__ = [
    "ANSWERS",
    "ATTACHMENTS",
    "COMPLAINTS",
    "COPIES",
    "DUPLICATES",
    "EXPORTS",
    "HOLIDAYS",
    "IDENTITY",
    "IMPORTS",
    "INTAKE",
    "JURISDICTIONS",
    "LAW",
    "LEADS",
    "LINKS",
    "LOG",
    "MOST_COUNTED",
    "NOTICES",
    "OUTBOX",
    "PRIVATE_NOTES",
    "PROCEDURE",
    "READS",
    "RETENTION",
    "SCOPES",
    "SEALS",
    "SESSIONS",
    "SETUP_SECRET",
    "SHELF",
    "SITE",
    "STATISTICS",
    "SYSTEMS",
    "TRIAGE",
    "TRIAL",
    "WINDOW",
    "Answer",
    "Area",
    "Asked",
    "Attachments",
    "Attested",
    "AuditFilter",
    "AuditList",
    "AuditPage",
    "Behind",
    "Board",
    "ComplaintFilter",
    "ComplaintList",
    "ComplaintPage",
    "ComplaintRow",
    "Complaints",
    "Copies",
    "Deadline",
    "Desk",
    "DueRow",
    "ExportKind",
    "ExportRow",
    "Exports",
    "Figures",
    "Guest",
    "HolidayYear",
    "Holidays",
    "Identity",
    "ImportBatch",
    "ImportPreview",
    "ImportRow",
    "Imports",
    "Intake",
    "IssuedLink",
    "Jurisdictions",
    "Keeping",
    "LaterTerm",
    "LawShelf",
    "LeadPage",
    "LeadRow",
    "Leads",
    "Links",
    "Log",
    "LogState",
    "Message",
    "NewComplaint",
    "NoticeList",
    "NoticeRow",
    "NoticeWish",
    "Notices",
    "Office",
    "Officer",
    "OfficerRole",
    "Outbox",
    "Overview",
    "Party",
    "Printed",
    "PrivateNote",
    "PrivateNotes",
    "Procedure",
    "ProcedureView",
    "ReadableNotice",
    "Reads",
    "Reason",
    "Recording",
    "Refused",
    "Scope",
    "SealVerdict",
    "Seals",
    "Sender",
    "SessionRow",
    "Sessions",
    "Signed",
    "Site",
    "Statistics",
    "System",
    "SystemToken",
    "Systems",
    "Told",
    "TriageDesk",
    "TriagePage",
    "VideoCopy",
]
