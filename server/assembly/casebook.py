"""The casebook: cases, notes of experience, collections, and lawyers' links."""

from __future__ import annotations

from aiohttp import web

from casebook.collections import CollectionService
from casebook.notes import NoteService
from casebook.own_topics import TopicService
from casebook.service import CaseService
from server.assembly.parts import Parts, utc_now
from server.casebook.cutting import CaseCutter
from server.casebook.desk import CaseDesk
from server.casebook.files import CaseFiles
from server.casebook.lawyers import LawyerLinks, LawyerServices
from server.casebook.services import CaseServices
from server.casebook.shelves import CaseShelves
from server.casebook.workbench import CaseWorkbench
from server.identity.codes import OneTime
from server.storage.case_cuts import CaseCuts
from server.storage.case_originals import CaseOriginals
from server.storage.link_store import LinkStore
from server.text_process import TextProcess
from web.ports.case_cutting import CASE_CUTTING
from web.ports.case_sharing import CASE_FILES, CASE_SHELVES
from web.ports.case_work import CASE_WORK
from web.ports.casebook import CASEBOOK, LAWYERS


def install(app: web.Application, parts: Parts) -> None:
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
    )

    async def end(_: web.Application) -> None:
        await text.close()

    app.on_cleanup.append(end)
    app[CASEBOOK] = desk = CaseDesk(services)
    app[CASE_WORK] = CaseWorkbench(services, desk)
    app[CASE_FILES], app[CASE_SHELVES] = CaseFiles(services, desk), CaseShelves(services)
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
