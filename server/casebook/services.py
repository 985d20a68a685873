"""What the desks of the casebook stand on, and a case's no in the words pages know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from casebook.collections import CollectionService
from casebook.errors import CaseError, UnknownCase
from casebook.notes import NoteService
from casebook.own_topics import TopicService
from casebook.service import CaseService
from complaints.service import ComplaintService
from server.identity.sealing import Seal
from server.law_shelf import LawShelf
from server.storage.case_originals import CaseOriginals
from server.storage.engine import Database
from server.storage.identity_store import IdentityStore
from server.storage.journal_store import SqlJournal
from server.text_process import TextProcess
from web.ports import Officer, Refused

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


def makes(officer: Officer) -> None:
    if officer.role not in MAKERS:
        raise Refused("not_allowed", 403)


@contextmanager
def said() -> Iterator[None]:
    """CaseError becomes Refused."""
    try:
        yield
    except CaseError as no:
        raise refused(no) from None


_STATUS: Final = {UnknownCase.code: 404, "not_allowed": 403, "busy": 503, "wrong_state": 409, "case_same_person": 403}


def refused(fault: CaseError) -> Refused:
    return Refused(fault.code, _STATUS.get(fault.code, 400), **fault.params)
