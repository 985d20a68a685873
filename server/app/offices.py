"""Installs what an office has (officers, second persons, the casebook, findings, bulletins, dashboards) and what the
program is connected to (`server.connections`): its adapters, each with the section it is said in.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import structlog
from aiohttp import web

from casebook import collections
from casebook.collections import CollectionService, NoteService, TopicService
from casebook.decisions import CaseService
from complaints.insight.warnings import AdviceService
from complaints.leads import LeadService, LiftLeadHold
from complaints.record.identifiers import PHONE as NUMBER
from journal.clock import utc_now
from journal.refusals import refusal_of
from offices import Office, Officer, most
from rooms.commands import CorrectEntry, LiftHold, OrderErasure
from rooms.session import Session
from server.app.parts import PARTS, Parts, until_stopped
from server.casebook.exchange import CaseCutter, CaseFileService
from server.casebook.service import CaseServices, CaseShelfService, OfficeCases
from server.casebook.store import CaseCuts, CaseOriginals
from server.casebook.workbench import CaseWorkbench, LawyerLinks, LawyerServices
from server.casebook.yearbook import YearbookRenderer, YearbookService
from server.cells.service import CellService, CellServices
from server.cells.store import CellStore
from server.cells.transfers import CellLine, Deliveries
from server.complaints.exchange.service import ExchangeService
from server.complaints.exchange.store import ExchangeStore
from server.complaints.exchange.traffic import ExchangeTraffic
from server.complaints.office_store import working_calendar
from server.complaints.service import OfficeComplaints
from server.confinement.reader import TextProcess
from server.connections import Connection
from server.connections.exchange import ExchangeLine, PlatformClient, add_lines
from server.connections.wechat import AccountFollowing
from server.documents import NoticeStore, PdfRenderer
from server.evidence.log_keeper import configured_signer
from server.identity import Seal
from server.identity.codes import OneTime
from server.identity.link_store import LinkStore
from server.identity.offices import HolidayService, OfficeAreas, OfficeRegister
from server.identity.roster import OfficeRoster
from server.identity.store import IdentityStore
from server.imports.batches import Batches
from server.insight.bulletins import BulletinRenderer, BulletinService, IssuedBulletinService, OfficeWarnings
from server.insight.detection import DetectionSchedule, HotspotDetector
from server.insight.hotspot_store import HotspotService
from server.insight.publicity import ObjectionLinks, PublicityService, PublicityServices
from server.outbox.store import FollowerStore
from server.oversight import Approval
from server.oversight.access import AccessService
from server.oversight.accounts import AccountsService, ActService, ProvisioningService
from server.oversight.act_store import ActStore, ApprovalStore
from server.oversight.service import ApprovalService, LookLimitService, UnmaskingLimit
from server.retention.appraisal import AppraisalService
from server.retention.service import RetentionService, all_kept
from server.rooms.phone import PhoneTrunk
from server.rooms.phone.calls import CallLine, OfficerCalls, PhoneProcess, installed
from server.rooms.phone.service import PhoneService
from server.rooms.phone.store import DialInStore
from server.statistics.store import Maps, MapService, SqlDashboards, SqlStatistics
from server.window.store import WindowCounts, WindowQuota, keep_forgetting
from web import READS, REAL_NAMES
from web.api.scim import PROVISIONED
from web.http.security import access_map
from web.i18n import words_of
from web.join import FOLLOWING
from web.join.invitation import data_handler
from web.links import OBJECTIONS
from web.office.administration import (
    CELL_FIGURES,
    CELLS,
    CONNECTIONS,
    HOLIDAYS,
    JURISDICTIONS,
    MAPS,
    MESSAGE_TEMPLATES,
    OFFICES,
    OUTBOX,
    ROSTER,
    SCRIPT_CARDS,
)
from web.office.casebook import (
    CASE_CUTTING,
    CASE_FILES,
    CASE_FINDER,
    CASE_SHELVES,
    CASE_WORK,
    CASEBOOK,
    COMPENDIUM,
    LAWYERS,
)
from web.office.complaints.exchange import EXCHANGE
from web.office.insight.bulletin_paper import bulletin_edition
from web.office.insight.services import ADVICE, BULLETINS, FOCUS, ISSUED, PUBLICITY, WARNINGS
from web.office.oversight import (
    ACCESS,
    ACCOUNTS,
    ACTS,
    APPRAISALS,
    APPROVALS,
    IDENTITY,
    LOOK_LIMITS,
    RETENTION,
    SETUP_SECRET,
    SIGN_ON,
    SIGNATURES,
)
from web.office.statistics import DASHBOARDS, STATISTICS
from web.telephone import OFFICER_CALLS, PHONE


def install_offices(app: web.Application, parts: Parts) -> None:
    """Who works here and where: officers, offices, their holidays and areas, and what is counted of them."""
    app[IDENTITY] = parts.officers
    app[SIGN_ON] = parts.sign_on
    app[SIGNATURES] = parts.signatures

    async def providers(_app: web.Application) -> AsyncIterator[None]:
        yield
        await parts.sign_on.close()

    app.cleanup_ctx.append(providers)
    app[SETUP_SECRET] = secrets.token_urlsafe(12)
    app[HOLIDAYS] = HolidayService(parts.database, parts.journal, utc_now)
    app[JURISDICTIONS] = OfficeAreas(parts.journal, utc_now)
    app[SCRIPT_CARDS] = parts.cards
    app[READS] = parts.reads
    app[STATISTICS] = SqlStatistics(parts.database)
    app[OUTBOX] = parts.outbox
    app[MESSAGE_TEMPLATES] = parts.templates
    app[FOLLOWING] = AccountFollowing(
        parts.messages,
        parts.followers,
        parts.links.phone,
        lambda told: parts.seal.hash(told, "following"),
        parts.settings.url,
        utc_now,
    )
    forget = FollowerStore(parts.database).forget_expired
    app.cleanup_ctx.append(until_stopped(partial(keep_forgetting, (forget,), utc_now)))


def install_oversight(app: web.Application, parts: Parts) -> None:
    """Those who watch are watched: second persons, accounts, and who did what."""
    rows, acts = ApprovalStore(parts.database), ActStore(parts.database)
    approvals = ApprovalService(parts.journal, rows, parts.store, parts.officers.sign_ins.store, utc_now)

    app[OFFICES] = register = OfficeRegister(parts.store, parts.journal, utc_now, approvals.ask)
    app[ROSTER] = OfficeRoster(register, parts.store, parts.officers)

    async def place(approval: Approval) -> None:
        asked = approval.asked
        await register.placed(approval.by, asked.subject, asked.details, asked.reason)

    async def erase(approval: Approval) -> None:
        await parts.rooms.submit(approval.asked.subject, OrderErasure(approval.asked.reason), approval.by)

    async def lift(approval: Approval) -> None:
        await parts.rooms.submit(approval.asked.subject, LiftHold(approval.asked.reason), approval.by)

    async def correct(approval: Approval) -> None:
        said_so = approval.asked.details
        await parts.rooms.submit(
            said_so["session"],
            CorrectEntry(
                int(said_so["entry"]),
                said_so["wrong"],
                said_so["right"],
                approval.asked.reason,
                approval.second.name if approval.second else "",
            ),
            approval.by,
        )

    leads = LeadService(parts.journal, utc_now)

    async def lift_lead(approval: Approval) -> None:
        with refusal_of():
            await leads.submit(approval.asked.subject, LiftLeadHold(approval.asked.reason), approval.by)

    named = publicity_services(parts)
    app[PUBLICITY] = publicity = PublicityService(named, approvals)
    app[OBJECTIONS] = ObjectionLinks(named)
    approvals.does["publish"] = publicity.publish
    approvals.does |= {"erase": erase, "lift": lift, "lift_lead": lift_lead, "correct": correct, "place": place}
    app[APPROVALS] = approvals
    kept = all_kept(parts.database, parts.files)
    app[APPRAISALS] = AppraisalService(
        parts.journal,
        parts.files,
        approvals,
        parts.store,
        NoticeStore(parts.settings.data / "certificates", parts.seal, parts.settings.reserve(), parts.shelf.away),
        parts.paper_press,
        parts.seals,
        parts.stamps,
        utc_now,
    )
    app[RETENTION] = RetentionService(parts.retention, approvals, parts.store, kept)
    access = AccessService(parts.store, parts.journal, approvals, utc_now)
    parts.officers.withheld = access.withheld
    app[ACCESS] = access

    async def routes_known(app: web.Application) -> None:
        access.most = most((path, one.roles) for (_, path), one in access_map(app).items() if one.who == "officer")

    app.on_startup.append(routes_known)
    app[ACCOUNTS] = accounts = AccountsService(
        parts.store, parts.officers, parts.journal, approvals, utc_now, parts.signatures.remove
    )
    app[PROVISIONED] = ProvisioningService(parts.store, parts.officers, parts.sign_on, accounts)
    app[ACTS] = ActService(acts, parts.store, parts.journal, partial(working_calendar, parts.database), utc_now)
    app[LOOK_LIMITS] = limits = LookLimitService(parts.journal, utc_now)
    parts.desk.unmasking = UnmaskingLimit(acts, rows, limits, utc_now)

    async def undone(_app: web.Application) -> AsyncIterator[None]:
        await approvals.catch_up()
        yield

    app.cleanup_ctx.append(undone)


def publicity_services(parts: Parts) -> PublicityServices:
    links, settings = LinkStore(parts.database), parts.settings
    return PublicityServices(
        parts.database,
        parts.journal,
        parts.store,
        links,
        OneTime(links, parts.outbox, parts.seal, utc_now),
        parts.seal,
        NoticeStore(settings.data / "publicity", parts.seal, settings.reserve(), parts.shelf.away),
        WindowQuota(WindowCounts(parts.database), settings.window_limits(), parts.seal, utc_now),
        parts.outbox.nudge,
        utc_now,
        settings.url,
        settings.message_language,
        settings.publicity_least,
        settings.publicity_days,
    )


def install_casebook(app: web.Application, parts: Parts) -> None:
    """The casebook: cases, notes of experience, collections, and lawyers' links."""
    cases, links = CaseService(parts.journal, utc_now), LinkStore(parts.database)
    services = CaseServices(
        parts.database,
        parts.journal,
        parts.store,
        parts.complaints,
        cases,
        NoteService(parts.journal, utc_now),
        CollectionService(parts.journal, utc_now),
        TopicService(parts.journal, utc_now),
        CaseOriginals(parts.database),
        parts.law,
        parts.seal,
        utc_now,
        text := TextProcess(),
        parts.transcripts,
    )

    async def end(_: web.Application) -> None:
        await text.close()

    app.on_cleanup.append(end)
    app[CASEBOOK] = desk = OfficeCases(services)
    app[CASE_WORK] = CaseWorkbench(services, desk)
    app[CASE_FILES], app[CASE_SHELVES] = CaseFileService(services, desk), CaseShelfService(services)
    app[CASE_CUTTING] = CaseCutter(services, desk, CaseCuts(parts.database))
    app[LAWYERS] = LawyerLinks(
        LawyerServices(
            links,
            parts.store,
            cases,
            desk,
            OneTime(links, parts.outbox, parts.seal, utc_now),
            parts.seal,
            utc_now,
            parts.settings.url,
        )
    )


def install_case_finder(app: web.Application, parts: Parts) -> None:
    """Finding typical cases, and the year's book of them."""
    app[CASE_FINDER] = parts.case_finder
    app[COMPENDIUM] = YearbookService(
        parts.database, NoteService(parts.journal, utc_now, collections.preface_stream), YearbookRenderer()
    )


def install_insight(app: web.Application, parts: Parts) -> None:
    """What complaints say: hot spots and trends, the nightly look for them, and warnings."""
    spots = HotspotService(parts.database, parts.journal, utc_now)
    app[FOCUS] = spots
    app[WARNINGS] = OfficeWarnings(parts.database, parts.journal, spots, utc_now)
    detection = HotspotDetector(parts.database, parts.journal, utc_now)
    keeping = DetectionSchedule(detection, parts.queue)
    app.cleanup_ctx.append(until_stopped(keeping.keep_looking, "detection"))


def install_bulletins(app: web.Application, parts: Parts) -> None:
    """Weekly and monthly bulletins."""
    press = BulletinRenderer(PdfRenderer(parts.settings.notice_fonts))
    app[ADVICE] = AdviceService(parts.journal, utc_now)
    desk = BulletinService(parts.database, press, parts.law.library, parts.settings.demo)
    app[BULLETINS] = desk
    app[ISSUED] = IssuedBulletinService(
        parts.database,
        parts.journal,
        desk,
        bulletin_edition,
        parts.settings.data / "bulletins",
        utc_now,
        parts.settings.reserve(),
    )


def install_dashboards(app: web.Application, parts: Parts) -> None:
    """Dashboards and how mediation goes, counted from daily sums; maps that offices supplied lie in the data folder."""
    app[MAPS] = MapService(parts.journal, Maps(parts.settings.data / "maps", parts.settings.reserve()), utc_now)
    app[DASHBOARDS] = SqlDashboards(parts.database, parts.settings.data / "maps", parts.settings.notice_fonts)


# ------------------------------------------------------------ connections


log = structlog.get_logger(__name__)

UNSPECIFIED = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared with, not bound


@dataclass(frozen=True, slots=True)
class NumbersOnFile:
    contacts: OfficeComplaints
    seal: Seal

    async def of_seat(self, state: Session, seat: str) -> str:
        sealed = (await self.contacts.of_session(state.complaint, state.id)).get(seat, "")
        return self.seal.open(sealed, NUMBER) if sealed else ""


@dataclass(frozen=True, slots=True)
class OfficeHandler:
    """Who answers for an office's data, in the language that its prompts are spoken in."""

    offices: IdentityStore
    language: str

    async def __call__(self, office: str) -> tuple[Office | None, str]:
        found = await self.offices.office(office)
        return found, "" if found is None else data_handler(found, words_of(self.language))


def install_phone(app: web.Application, parts: Parts) -> None:
    """ValueError, fit for the person at the terminal."""
    trunks: dict[str, PhoneTrunk] = parts.sections.of("phone", PhoneTrunk)
    app[PHONE] = app[OFFICER_CALLS] = None
    if not trunks:
        return
    if len(trunks) > 1:
        raise ValueError(f"one [phone.…] is as many as there may be: {', '.join(trunks)}")
    if not installed():
        raise ValueError("[phone.…] needs a SIP stack beside the program: pip install yuntiao[phone]")
    [(name, trunk)] = trunks.items()
    settings = parts.settings
    if settings.demo and not trunk.domain.startswith("127."):
        log.warning("the demo's people are invented, and so are their numbers: nobody is called")
        return
    media = next((host for host in settings.media_listens() if ":" not in host), "")
    process = PhoneProcess(trunk, "127.0.0.1" if media in UNSPECIFIED else media, settings.log_format)
    line = CallLine(process, trunk, name)
    line.went = parts.connections.succeeded, parts.connections.failed
    service = PhoneService(
        line,
        parts.rooms,
        DialInStore(parts.database, parts.seal),
        parts.shelf,
        NumbersOnFile(parts.desk, parts.seal),
        OfficeHandler(parts.store, settings.message_language),
        parts.site.consent_version,
        parts.site.captions,
        utc_now,
    )
    app[PHONE] = service
    app[OFFICER_CALLS] = OfficerCalls(line, parts.desk) if trunk.officer_extension else None
    parts.rooms.on_closed.append(service.closed)

    async def test(_: Officer, number: str) -> None:
        await line.try_line(number)

    parts.connections.add(Connection("phone", name, trunk.domain, test, "phone"))

    async def running(_app: web.Application) -> AsyncIterator[None]:
        process.start()
        yield
        await line.stop()

    app.cleanup_ctx.append(running)


def install_connections(app: web.Application, parts: Parts) -> None:
    app[CONNECTIONS] = parts.connections
    app[REAL_NAMES] = parts.real_names
    app.cleanup_ctx.append(_keep)


async def _keep(app: web.Application) -> AsyncIterator[None]:
    connections = app[PARTS].connections
    async with asynccontextmanager(until_stopped(connections.keep))(app):
        yield
    await connections.flush()


def install_exchange(app: web.Application, parts: Parts, batches: Batches, lines: Mapping[str, ExchangeLine]) -> None:
    """`lines`: to platforms that complaints come from, by name."""
    exchanged, client = ExchangeStore(parts.database), PlatformClient(utc_now)
    add_lines(parts.connections, lines, client, utc_now)
    traffic = ExchangeTraffic(
        lines, exchanged, client, parts.connections, parts.journal, parts.complaints, batches, parts.store, utc_now
    )
    app[EXCHANGE] = ExchangeService(traffic, exchanged, parts.reads, parts.settings.data)

    async def known(_app: web.Application) -> AsyncIterator[None]:
        await traffic.know()
        yield
        await client.close()

    app.cleanup_ctx.append(known)
    app.cleanup_ctx.append(until_stopped(traffic.deliver, "exchange"))


def install_cells(app: web.Application, parts: Parts) -> None:
    """Other installations: complaints that go to them and come from them, and figures of those below."""
    store = CellStore(parts.database)
    line = CellLine(partial(configured_signer, parts.settings.data), parts.settings.cell_origins, utc_now)
    deliveries = Deliveries(
        line, store, parts.journal, parts.complaints, parts.attachments, parts.store, parts.seal.open, utc_now
    )
    app[CELLS] = cells = CellService(
        CellServices(
            parts.database,
            store,
            parts.journal,
            parts.complaints,
            parts.procedure,
            parts.attachments,
            parts.store,
            line,
            deliveries,
            utc_now,
        )
    )
    app[CELL_FIGURES] = cells.figures

    async def end(_app: web.Application) -> None:
        await line.close()

    app.on_cleanup.append(end)
    app.cleanup_ctx.append(until_stopped(deliveries.deliver, "cells"))
    app.cleanup_ctx.append(until_stopped(cells.figures.keep_pulling, "figures"))
