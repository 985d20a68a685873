"""Leads, reports among them, and the files attached to them; consultations."""

from __future__ import annotations

from contextlib import nullcontext

from aiohttp import web

from complaints.consultations import ConsultationService
from complaints.leads import LeadService
from recordings.encrypted_file_store import EncryptedFileStore
from recordings.keys import case_keys
from server.archive_settings import NOTES
from server.assembly.parts import Parts, utc_now
from server.documents.press import Press
from server.lead_desk import LeadDesk
from server.lead_files import LeadFiles
from server.reports.consultations import ConsultationDesk
from server.reports.desk import ReportDesk
from server.reports.telling import InformantTelling
from web.ports import CONSULTATIONS, LEADS, REPORTS


def install(app: web.Application, parts: Parts) -> None:
    settings, leads = parts.settings, LeadService(parts.journal, utc_now)
    keys = case_keys(settings.data, settings.master_key)
    cellar = settings.archive_store(settings.data / NOTES)
    shelf = EncryptedFileStore(
        settings.data / "lead-files", keys, settings.sm3, cellar.open if cellar else None, settings.reserve()
    )
    files = LeadFiles(leads, shelf, cellar.delete if cellar else lambda _name: None)
    telling = InformantTelling(leads, parts.seal, parts.outbox.nudge, settings.message_language)
    app[LEADS] = LeadDesk(
        parts.complaints, leads, parts.procedure, parts.database, parts.store, files, telling, utc_now
    )
    app[REPORTS] = ReportDesk(leads, parts.database, parts.seal, Press(settings.notice_fonts), utc_now)
    consultations = ConsultationService(parts.journal, utc_now)
    app[CONSULTATIONS] = ConsultationDesk(
        consultations,
        parts.database,
        parts.seal,
        lambda officer: parts.desk.unmasking.one_more(officer) if parts.desk.unmasking else nullcontext(),
    )
