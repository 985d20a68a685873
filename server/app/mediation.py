"""Installs what a mediation needs: its room, signing, evidence, supervision."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiohttp import web

from media.turn import CHECK_TTL
from server.app.parts import Parts, utc_now
from server.app.running import until_stopped
from server.identity.codes import OneTime
from server.identity.link_store import LinkStore
from server.outbox.store import MessageStore
from server.signing.by_link import LinkSigning
from server.signing.codes import SigningCodes, Tickets
from server.signing.desk import SigningService
from server.signing.seals import OfficeSeals
from server.signing.services import SigningServices
from server.signing.ticket_store import TicketStore
from server.supervision.planning import PlanScheduler
from server.supervision.practice import Practices
from server.supervision.reports import ReportPrinter, Reports
from server.supervision.service import SupervisionService
from web.audit.services import COPIES, EXPORTS, SEALS
from web.join.services import LINKS, TRIAL, Trial
from web.room.services import EXHIBITS, PRIVATE_NOTES, SIGNING, SIGNING_BY_LINK
from web.services import LAW, LOG, SESSIONS, SHELF
from web.supervision.services import REPORT_PRESS, SUPERVISION


def install_rooms(app: web.Application, parts: Parts) -> None:
    """What happens in a room: sessions, their links, exhibits, the law at hand, private notes, the trial of a way."""
    app[SESSIONS] = parts.rooms
    app[LINKS] = parts.links
    app[EXHIBITS] = parts.exhibits
    app[LAW] = parts.law
    app[PRIVATE_NOTES] = parts.private_notes
    app[TRIAL] = _trial(parts)


def _trial(parts: Parts) -> Trial:
    """For whoever's identity is known; nobody needs to be in a room yet, so the credentials are short."""

    def trial(session: str, seat: str) -> dict[str, Any] | None:
        reach = parts.engine.probe_target()
        if reach is None:
            return None
        relay = None if parts.turn is None else parts.turn.grant(session, seat, utc_now(), CHECK_TTL).body()
        return {**asdict(reach), "relay": relay}

    return trial


def install_signing(app: web.Application, parts: Parts) -> None:
    """Signing on the phone and the seals of the offices."""
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


def _signing(parts: Parts, codes: SigningCodes) -> SigningService:
    return SigningService(
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


def install_evidence(app: web.Application, parts: Parts) -> None:
    """What stands as evidence: the log, recordings, copies, packages and how long all is kept."""
    app[LOG] = parts.log.published
    app[SHELF] = parts.shelf
    app[COPIES] = parts.copies
    app[EXPORTS] = parts.exports


def install_supervision(app: web.Application, parts: Parts) -> None:
    """Supervision: plans drawn when their week begins, reviews, practice, reports."""
    planning = PlanScheduler(parts.database, parts.journal, parts.store, utc_now)
    reports = Reports(parts.database, parts.journal, planning, utc_now)
    practices = Practices(parts.database, utc_now)
    app[SUPERVISION] = SupervisionService(parts.database, parts.journal, planning, reports, practices, utc_now)
    app[REPORT_PRESS] = ReportPrinter(parts.settings.notice_fonts).print
    app.cleanup_ctx.append(until_stopped(planning.run))
