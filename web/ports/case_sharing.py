"""What offices share of the casebook beside the cases: files, collections, own topics, notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from aiohttp import web

from casebook.notes import Edition
from casebook.own_topics import OwnTopic
from web.ports.casebook import CaseRow
from web.ports.people import Officer


@dataclass(frozen=True, slots=True)
class NoteRow:
    problem: str
    edition: int
    changed: datetime | None
    by: str


@dataclass(frozen=True, slots=True)
class NotePage:
    """`editions` newest first; the first stands."""

    problem: str
    editions: Sequence[Edition]
    cases: Sequence[CaseRow]


@dataclass(frozen=True, slots=True)
class CollectionRow:
    id: str
    title: str
    office: str
    mine: bool
    cases: tuple[str, ...]


class CaseFiles(Protocol):
    async def take_in(self, officer: Officer, name: str, content: bytes) -> Sequence[str]:
        """Drafts made of an exchange file or a Word compendium; each is still to be looked through."""
        ...

    async def give_out(self, officer: Officer, case: str, form: str, public: bool) -> tuple[str, bytes]:
        """A file name and its content; `form`: "json" | "docx". What is published; one's own approved, not `public`.

        Refused: wrong_state."""
        ...

    async def give_out_shelf(self, officer: Officer, form: str, public: bool) -> tuple[str, bytes]:
        """All that is published, samples left out: every installation has those. Refused: wrong_state for none."""
        ...


class CaseShelves(Protocol):
    async def collections(self, officer: Officer) -> Sequence[CollectionRow]: ...

    async def collect(self, officer: Officer, collection: str, title: str, case: str, put_in: bool) -> str:
        """Begin a collection (`collection` ""), or put a case in or take it out; its id."""
        ...

    async def topics(self) -> Mapping[str, OwnTopic]:
        """Every office's, withdrawn ones too, in the order they were added."""
        ...

    async def add_topic(self, officer: Officer, under: str, zh: str, en: str) -> None:
        """Refused: not_allowed for who is no supervisor; missing, too_long, bad_choice with the field."""
        ...

    async def withdraw_topic(self, officer: Officer, topic: str, reason: str) -> None: ...

    async def restore_topic(self, officer: Officer, topic: str, reason: str) -> None: ...

    async def notes(self, officer: Officer) -> Sequence[NoteRow]: ...

    async def note(self, officer: Officer, problem: str) -> NotePage: ...

    async def write_note(self, officer: Officer, problem: str, text: str, why: str, seen: int) -> None:
        """Refused: case_note_changed when another edition was written meanwhile."""
        ...


CASE_FILES: web.AppKey[CaseFiles] = web.AppKey("case_files", CaseFiles)
CASE_SHELVES: web.AppKey[CaseShelves] = web.AppKey("case_shelves", CaseShelves)
