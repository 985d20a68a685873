"""How complaints come in by files and by other systems."""

from __future__ import annotations

from aiohttp import web

from server.assembly.parts import Parts, utc_now
from server.intake.batches import Batches
from server.intake.desk import ImportDesk
from server.intake.senders import Senders
from server.jobs.queue import JobQueue
from server.storage.intake_store import IntakeStore
from server.storage.sender_store import SenderStore
from web.ports import (
    IMPORTS,
    INTAKE,
)


def install(app: web.Application, parts: Parts) -> None:
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
    app[IMPORTS] = ImportDesk(batches, JobQueue(settings.data / "jobs.db"), settings.data)
    app[INTAKE] = Senders(SenderStore(parts.database), parts.store, batches, parts.seal, utc_now)
