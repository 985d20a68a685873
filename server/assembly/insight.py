"""What complaints say: hot spots and trends, the nightly look for them, and warnings."""

from __future__ import annotations

from aiohttp import web

from server.assembly.parts import Parts, utc_now
from server.assembly.running import until_stopped
from server.bulletins.press import BulletinPress
from server.documents.press import Press
from server.insight.desk import FocusDesk
from server.insight.detection import Detection
from server.insight.keeping import Keeping
from server.insight.warning_desk import WarningDesk
from server.jobs.queue import JobQueue
from web.ports import SPOTS_AT_HAND
from web.ports.insight import FOCUS
from web.ports.warnings import WARNINGS


def install(app: web.Application, parts: Parts) -> None:
    spots = FocusDesk(parts.database, parts.journal, utc_now)
    app[FOCUS] = app[SPOTS_AT_HAND] = spots
    press = BulletinPress(Press(parts.settings.notice_fonts))
    app[WARNINGS] = WarningDesk(parts.database, parts.journal, spots, press, utc_now)
    detection = Detection(parts.database, parts.journal, utc_now)
    keeping = Keeping(detection, JobQueue(parts.settings.data / "jobs.db"))
    app.cleanup_ctx.append(until_stopped(keeping.keep_looking))
