"""Weekly and monthly bulletins."""

from __future__ import annotations

from aiohttp import web

from server.assembly.parts import Parts
from server.bulletins.desk import BulletinDesk
from server.bulletins.press import BulletinPress
from server.documents.press import Press
from web.ports import BULLETINS


def install(app: web.Application, parts: Parts) -> None:
    app[BULLETINS] = BulletinDesk(parts.database, BulletinPress(Press(parts.settings.notice_fonts)))
