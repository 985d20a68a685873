"""Signing on the phone and the seals of the offices."""

from __future__ import annotations

from aiohttp import web

from server.assembly.parts import Parts, utc_now
from server.identity.codes import OneTime
from server.signing.codes import SigningCodes
from server.signing.desk import SigningDesk
from server.signing.seals import OfficeSeals
from server.signing.services import SigningServices
from server.signing.tickets import Tickets
from server.storage.link_store import LinkStore
from server.storage.message_store import MessageStore
from web.ports import (
    SEALS,
    SIGNING,
)


def install(app: web.Application, parts: Parts) -> None:
    app[SEALS] = OfficeSeals(parts.seals)
    app[SIGNING] = _signing(parts)


def _signing(parts: Parts) -> SigningDesk:
    links, language = LinkStore(parts.database), parts.settings.message_language
    codes = OneTime(links, parts.outbox, parts.seal, utc_now)
    return SigningDesk(
        SigningServices(
            parts.journal,
            parts.complaints,
            parts.rooms,
            parts.store,
            SigningCodes(codes, links, parts.desk, parts.seal, utc_now, language),
            parts.papers,
            parts.paper_press,
            parts.seals,
            parts.stamps,
            parts.outbox,
            MessageStore(parts.database),
            Tickets(parts.seal, utc_now),
            parts.notices,
            parts.seal.open,
            parts.law.library,
            utc_now,
            parts.settings.url,
            language,
        )
    )
