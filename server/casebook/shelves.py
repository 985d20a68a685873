"""Collections, notes, own topics, shared by all offices. Implements `web.ports.case_sharing.CaseShelves`."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping, Sequence

from casebook import collections as co
from casebook.own_topics import OwnTopic, TopicAdded, TopicRestored, TopicWithdrawn
from server.casebook.services import CaseServices, said
from server.storage.case_notes import collection_rows, note_rows
from server.storage.cases import Shelved, published_cases, shelf_rows
from web.ports import Officer, Refused
from web.ports.case_sharing import CollectionRow, NotePage, NoteRow


class CaseShelves:
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
        with said():
            await self._at.collections.submit(collection, event, officer.actor)
        return collection

    async def topics(self) -> Mapping[str, OwnTopic]:
        return await self._at.topics.all()

    async def add_topic(self, officer: Officer, under: str, zh: str, en: str) -> None:
        with said():
            await self._at.topics.submit(TopicAdded(f"own-{secrets.token_hex(4)}", under, zh, en), officer.actor)

    async def withdraw_topic(self, officer: Officer, topic: str, reason: str) -> None:
        with said():
            await self._at.topics.submit(TopicWithdrawn(topic, reason), officer.actor)

    async def restore_topic(self, officer: Officer, topic: str, reason: str) -> None:
        with said():
            await self._at.topics.submit(TopicRestored(topic, reason), officer.actor)

    async def notes(self, officer: Officer) -> Sequence[NoteRow]:
        rows = await note_rows(self._at.database)
        return [NoteRow(row["id"], row["edition"], row["changed"], row["by"]) for row in rows]

    async def note(self, officer: Officer, problem: str) -> NotePage:
        with said():
            editions = await self._at.notes.editions(problem)
        of, _, industry = problem.partition("-")
        rows, _ = await shelf_rows(self._at.database, Shelved(of, industry=industry), 1, 10)
        return NotePage(problem, list(reversed(editions)), rows)

    async def write_note(self, officer: Officer, problem: str, text: str, why: str, seen: int) -> None:
        with said():
            await self._at.notes.write(problem, text, why, seen, officer.actor)
