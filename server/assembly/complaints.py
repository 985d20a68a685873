"""The desks of a complaint: its record, procedure, notices, duplicates, triage and reminders."""

from __future__ import annotations

from aiohttp import web

from server.assembly.parts import Parts, utc_now
from server.assembly.running import until_stopped
from server.duplicate_desk import DuplicateDesk
from server.reminders import Reminders
from server.triage_desk import Classifying
from web.ports import (
    ATTACHMENTS,
    COMPLAINTS,
    DUPLICATES,
    NOTICES,
    PROCEDURE,
    TRIAGE,
)


def install(app: web.Application, parts: Parts) -> None:
    app[COMPLAINTS] = parts.desk
    app[PROCEDURE] = parts.procedure
    app[NOTICES] = parts.notices
    app[ATTACHMENTS] = parts.attachments
    app[DUPLICATES] = DuplicateDesk(parts.complaints, parts.reads.lookalikes, utc_now)
    app[TRIAGE] = Classifying(parts.complaints, parts.reads)
    reminders = Reminders(
        parts.complaints,
        parts.rooms,
        parts.store,
        parts.database,
        parts.seal,
        parts.outbox.nudge,
        utc_now,
        parts.settings.message_language,
    )
    app.cleanup_ctx.append(until_stopped(reminders.keep_reminding))
