"""Signing on the phone and the seals of the offices."""

from __future__ import annotations

from aiohttp import web

from server.assembly.parts import Parts, utc_now
from server.identity.codes import OneTime
from server.signing.by_link import LinkSigning
from server.signing.codes import SigningCodes
from server.signing.desk import SigningDesk
from server.signing.seals import OfficeSeals
from server.signing.services import SigningServices
from server.signing.tickets import Tickets
from server.storage.link_store import LinkStore
from server.storage.message_store import MessageStore
from server.storage.ticket_store import TicketStore
from web.ports import (
    SEALS,
    SIGNING,
)
from web.ports.keys import SIGNING_BY_LINK


def install(app: web.Application, parts: Parts) -> None:
    app[SEALS] = OfficeSeals(parts.seals)
    links, language = LinkStore(parts.database), parts.settings.message_language
    codes = SigningCodes(
        OneTime(links, parts.outbox, parts.seal, utc_now), links, parts.desk, parts.seal, utc_now, language
    )
    app[SIGNING] = desk = _signing(parts, codes)
    app[SIGNING_BY_LINK] = LinkSigning(
        desk,
        codes,
        parts.rooms,
        parts.store,
        Tickets(parts.seal, utc_now, TicketStore(parts.database)),
        parts.outbox,
        MessageStore(parts.database),
        utc_now,
        parts.settings.url,
        language,
    )


def _signing(parts: Parts, codes: SigningCodes) -> SigningDesk:
    return SigningDesk(
        SigningServices(
            parts.journal,
            parts.complaints,
            parts.rooms,
            parts.store,
            codes,
            parts.papers,
            parts.paper_press,
            parts.seals,
            parts.stamps,
            parts.outbox,
            MessageStore(parts.database),
            Tickets(parts.seal, utc_now, TicketStore(parts.database)),
            parts.notices,
            parts.seal.open,
            parts.law.library,
            utc_now,
            parts.settings.url,
            parts.settings.message_language,
        )
    )
