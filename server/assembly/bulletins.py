"""Weekly and monthly bulletins."""

from __future__ import annotations

from aiohttp import web

from server.assembly.parts import Parts, utc_now
from server.bulletins.desk import BulletinDesk
from server.bulletins.issued import IssuedDesk
from server.bulletins.press import BulletinPress
from server.documents.press import Press
from web.ports import BULLETINS
from web.ports.bulletins import ISSUED


def install(app: web.Application, parts: Parts) -> None:
    desk = BulletinDesk(parts.database, BulletinPress(Press(parts.settings.notice_fonts)))
    app[BULLETINS] = desk
    app[ISSUED] = IssuedDesk(
        parts.database, parts.journal, desk, parts.settings.data / "bulletins", utc_now, parts.settings.reserve()
    )
