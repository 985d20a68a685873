"""The desks of a complaint: its record, procedure, notices, duplicates, triage and reminders."""

from __future__ import annotations

from aiohttp import web

from server.assembly.parts import Parts, utc_now
from server.assembly.running import until_stopped
from server.duplicate_desk import DuplicateDesk
from server.elsewhere import ElsewhereDesk
from server.identity.officer_phones import OfficerPhones
from server.reminders import Reminders
from server.storage.officer_phones import OfficerPhoneStore
from server.storage.system_store import SystemStore
from server.triage_desk import Classifying
from web.ports import (
    ATTACHMENTS,
    COMPLAINTS,
    DUPLICATES,
    NOTICES,
    PROCEDURE,
    TRIAGE,
)
from web.ports.keys import ELSEWHERE, OFFICER_PHONES


def install(app: web.Application, parts: Parts) -> None:
    app[COMPLAINTS] = parts.desk
    app[ELSEWHERE] = ElsewhereDesk(parts.desk, parts.complaints, parts.rooms, SystemStore(parts.database), utc_now)
    app[PROCEDURE] = parts.procedure
    app[NOTICES] = parts.notices
    app[ATTACHMENTS] = parts.attachments
    app[DUPLICATES] = DuplicateDesk(parts.complaints, parts.reads.lookalikes, utc_now)
    app[TRIAGE] = Classifying(parts.complaints, parts.reads)
    app[OFFICER_PHONES] = phones = OfficerPhones(OfficerPhoneStore(parts.database), parts.seal, parts.officers.standing)
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
    app.cleanup_ctx.append(until_stopped(reminders.keep_reminding))
