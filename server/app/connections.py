"""What the program is connected to (`server.connections`): its adapters, each with the section it is said in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import structlog
from aiohttp import web

from complaints.record.identifiers import PHONE as NUMBER
from journal.clock import utc_now
from offices.people import Office, Officer
from rooms.session import Session
from server.app.parts import PARTS, Parts, until_stopped
from server.cells.service import CellService, CellServices
from server.cells.store import CellStore
from server.cells.transfers import CellLine, Deliveries
from server.complaints.exchange.service import ExchangeService
from server.complaints.exchange.store import ExchangeStore
from server.complaints.exchange.traffic import ExchangeTraffic
from server.complaints.service import OfficeComplaints
from server.connections import Connection
from server.connections.exchange import ExchangeLine, PlatformClient, add_lines
from server.evidence.log_keeper import configured_signer
from server.identity.sealing import Seal
from server.identity.store import IdentityStore
from server.imports.batches import Batches
from server.rooms.phone import PhoneTrunk
from server.rooms.phone.calls import CallLine, OfficerCalls
from server.rooms.phone.process import PhoneProcess, installed
from server.rooms.phone.service import PhoneService
from server.rooms.phone.store import DialInStore
from web.i18n import words_of
from web.join.invitation import data_handler
from web.office.administration import CELL_FIGURES, CELLS, CONNECTIONS
from web.office.complaints.exchange import EXCHANGE
from web.services import REAL_NAMES
from web.telephone import OFFICER_CALLS, PHONE

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
