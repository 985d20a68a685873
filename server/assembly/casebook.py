"""The casebook: cases, notes of experience, collections, and lawyers' links."""

from __future__ import annotations

from aiohttp import web

from casebook.collections import CollectionService
from casebook.notes import NoteService
from casebook.service import CaseService
from server.assembly.parts import Parts, utc_now
from server.casebook.desk import CaseDesk, CaseServices
from server.casebook.lawyers import LawyerLinks, LawyerServices
from server.identity.codes import OneTime
from server.storage.case_originals import CaseOriginals
from server.storage.link_store import LinkStore
from web.ports.casebook import CASEBOOK, LAWYERS


def install(app: web.Application, parts: Parts) -> None:
    cases, links = CaseService(parts.journal, utc_now), LinkStore(parts.database)
    app[CASEBOOK] = desk = CaseDesk(
        CaseServices(
            parts.database,
            parts.journal,
            parts.store,
            parts.complaints,
            cases,
            NoteService(parts.journal, utc_now),
            CollectionService(parts.journal, utc_now),
            CaseOriginals(parts.database),
            parts.law,
            parts.seal,
            utc_now,
        )
    )
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
