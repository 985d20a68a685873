"""What the desks of the casebook stand on, and what offices share beside cases."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from casebook import collections as co
from casebook.collections import CollectionService
from casebook.decisions import CaseService
from casebook.errors import UnknownCase
from casebook.notes import NoteService
from casebook.own_topics import OwnTopic, TopicAdded, TopicRestored, TopicService, TopicWithdrawn
from casebook.views import CollectionRow, NotePage, NoteRow
from complaints.service import ComplaintService
from journal.refusals import DomainError
from offices.people import Officer
from offices.refusal import Refused
from server.casebook.original_store import CaseOriginals
from server.casebook.store import Shelved, collection_rows, note_rows, published_cases, shelf_rows
from server.confinement.text_process import TextProcess
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.documents.law_shelf import LawShelf
from server.identity.sealing import Seal
from server.identity.store import IdentityStore

MAKERS: Final = ("mediator", "supervisor")


@dataclass(frozen=True, slots=True)
class CaseServices:
    database: Database
    journal: SqlJournal
    offices: IdentityStore
    complaints: ComplaintService
    cases: CaseService
    notes: NoteService
    collections: CollectionService
    topics: TopicService
    originals: CaseOriginals
    law: LawShelf
    seal: Seal
    now: Callable[[], datetime]
    text: TextProcess


@contextmanager
def case_refusal() -> Iterator[None]:
    """DomainError becomes Refused."""
    try:
        yield
    except Refused:
        raise
    except DomainError as no:
        raise refused(no) from None


_STATUS: Final = {UnknownCase.code: 404, "not_allowed": 403, "busy": 503, "wrong_state": 409, "case_same_person": 403}


def refused(fault: DomainError) -> Refused:
    return Refused(fault.code, _STATUS.get(fault.code, 400), **fault.params)


class CaseShelves:
    """Collections, notes, own topics, shared by all offices. Implements `CaseShelves`."""

    def __init__(self, services: CaseServices) -> None:
        self._at = services

    async def collections(self, officer: Officer) -> Sequence[CollectionRow]:
        return [
            CollectionRow(
                row["id"], row["title"], row["office"], row["office"] == officer.office.id, tuple(row["cases"])
            )
            for row in await collection_rows(self._at.database)
        ]

    async def collect(self, officer: Officer, collection: str, title: str, case: str, put_in: bool) -> str:
        event: co.CollectionEvent
        if not collection:
            collection, event = uuid.uuid4().hex, co.CollectionBegun(title, officer.office.id)
        else:
            if not await published_cases(self._at.database, [case]):
                raise Refused("wrong_state", 409)
            event = co.CaseCollected(case) if put_in else co.CaseUncollected(case)
        with case_refusal():
            await self._at.collections.submit(collection, event, officer.actor)
        return collection

    async def topics(self) -> Mapping[str, OwnTopic]:
        return await self._at.topics.all()

    async def add_topic(self, officer: Officer, under: str, zh: str, en: str) -> None:
        with case_refusal():
            await self._at.topics.submit(TopicAdded(f"own-{secrets.token_hex(4)}", under, zh, en), officer.actor)

    async def withdraw_topic(self, officer: Officer, topic: str, reason: str) -> None:
        with case_refusal():
            await self._at.topics.submit(TopicWithdrawn(topic, reason), officer.actor)

    async def restore_topic(self, officer: Officer, topic: str, reason: str) -> None:
        with case_refusal():
            await self._at.topics.submit(TopicRestored(topic, reason), officer.actor)

    async def notes(self, officer: Officer) -> Sequence[NoteRow]:
        rows = await note_rows(self._at.database)
        return [NoteRow(row["id"], row["edition"], row["changed"], row["by"]) for row in rows]

    async def note(self, officer: Officer, problem: str) -> NotePage:
        with case_refusal():
            editions = await self._at.notes.editions(problem)
        of, _, industry = problem.partition("-")
        rows, _ = await shelf_rows(self._at.database, Shelved(of, industry=industry), 1, 10)
        return NotePage(problem, list(reversed(editions)), rows)

    async def write_note(self, officer: Officer, problem: str, text: str, why: str, seen: int) -> None:
        with case_refusal():
            await self._at.notes.write(problem, text, why, seen, officer.actor)
