"""What complaints say: hot spots and trends, and the nightly look for them."""

from __future__ import annotations

from aiohttp import web

from server.assembly.parts import Parts, utc_now
from server.assembly.running import until_stopped
from server.insight.desk import FocusDesk
from server.insight.detection import Detection
from server.insight.keeping import Keeping
from server.jobs.queue import JobQueue
from web.ports import SPOTS_AT_HAND
from web.ports.insight import FOCUS


def install(app: web.Application, parts: Parts) -> None:
    app[FOCUS] = app[SPOTS_AT_HAND] = FocusDesk(parts.database, parts.journal, utc_now)
    detection = Detection(parts.database, parts.journal, utc_now)
    keeping = Keeping(detection, JobQueue(parts.settings.data / "jobs.db"))
    app.cleanup_ctx.append(until_stopped(keeping.keep_looking))
