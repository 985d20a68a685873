"""Who may see a session's record, and what they may do with it: one table.

Owns `ACCESS`. Every way to a record asks it (`server.complaints.store`), and what people are told before they agree is
made from it (`web.consents.pages`): whoever changes a line changes what is promised, and owes a new edition.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class RecordReader(StrEnum):
    """As whom somebody comes to a record. Whoever is none of these has no way to it."""

    MEDIATOR = "mediator"  # who conducts this mediation, or another one of the same complaint
    SUPERVISOR = "supervisor"  # of the office, or overseeing it
    PERSON = "person"  # who took part, once a supervisor granted what they asked for


class RecordUse(StrEnum):
    """What can be done with a record. Each is written into its journal."""

    READ = "read"  # what happened: the record's page, its journal, captions, texts that were signed
    WATCH = "watch"  # the recording, composed or each person's own
    TAKE = "take"  # a copy: of the recording, an exhibit's original, the journal, a sealed document
    EXPORT = "export"  # an evidence package


ACCESS: Final[Mapping[RecordReader, frozenset[RecordUse]]] = {
    RecordReader.MEDIATOR: frozenset(RecordUse),
    RecordReader.SUPERVISOR: frozenset(RecordUse),
    RecordReader.PERSON: frozenset({RecordUse.WATCH}),
}


def reader(role: str, conducts: bool) -> RecordReader | None:
    """An officer, whose offices reach as far as the session: as whom they come. `conducts`: they are, or were, the
    mediator of a session of its complaint."""
    if role == "supervisor":
        return RecordReader.SUPERVISOR
    return RecordReader.MEDIATOR if role == "mediator" and conducts else None


def may(who: RecordReader | None, use: RecordUse) -> bool:
    return who is not None and use in ACCESS[who]
