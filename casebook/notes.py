"""Notes of experience and prefaces of a year's book, edition by edition."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from casebook.errors import BadChoice, Busy, Missing, NotAllowed, TooLong
from casebook.events import draft, typed
from journal import Actor, Conflict, Draft, Event, Journal, append_decided
from journal.refusals import DomainError

NOTE_STREAM = "note"
LONGEST = 6_000
CLASS = re.compile(r"[a-z_]{3,20}(-[A-T]([0-9]{2})?)?")
_OFFICERS = frozenset({"mediator", "supervisor"})


class NoteChanged(DomainError):
    """Somebody else wrote meanwhile; params: edition, the present one."""

    code = "case_note_changed"


@dataclass(frozen=True, slots=True)
class NoteWritten:
    edition: int
    text: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class NoteEdition:
    number: int
    text: str
    why: str
    at: datetime
    by: str


def note_stream(of: str) -> str:
    """BadChoice for what is no class."""
    if not CLASS.fullmatch(of):
        raise BadChoice(field="problem")
    return f"{NOTE_STREAM}/{of}"


def editions(entries: Iterable[Event]) -> list[NoteEdition]:
    """Oldest first."""
    found = []
    for entry in entries:
        if not entry.erased and entry.type == NoteWritten.__name__:
            event: NoteWritten = typed(NoteWritten, entry.data)
            found.append(NoteEdition(event.edition, event.text, event.why, entry.at, entry.actor.name))
    return found


def decide_note(text: str, why: str, seen: int, written: Sequence[NoteEdition], actor: Actor) -> Sequence[NoteWritten]:
    """`seen`: the edition the writer had before them, 0 for none."""
    if actor.kind != "officer" or actor.role not in _OFFICERS:
        raise NotAllowed
    text, why = text.strip(), why.strip()
    if not text:
        raise Missing(field="text")
    if len(text) > LONGEST:
        raise TooLong(field="text", most=LONGEST)
    if len(why) > 200:
        raise TooLong(field="why", most=200)
    last = written[-1].number if written else 0
    if seen != last:
        raise NoteChanged(edition=last)
    return [] if written and written[-1].text == text else [NoteWritten(last + 1, text, why)]


class NoteService:
    """The one writer of texts kept by editions; `named` gives the stream: notes, or prefaces of the year's book."""

    def __init__(
        self, journal: Journal, now: Callable[[], datetime], named: Callable[[str], str] = note_stream
    ) -> None:
        self._journal, self._now, self._stream = journal, now, named

    async def editions(self, of: str) -> list[NoteEdition]:
        return editions(await self._journal.read(self._stream(of)))

    async def write(self, of: str, text: str, why: str, seen: int, actor: Actor) -> None:
        def decided(entries: list[Event]) -> list[Draft]:
            events = decide_note(text, why, seen, editions(entries), actor)
            return [draft(event, self._now(), actor) for event in events]

        try:
            await append_decided(self._journal, self._stream(of), decided)
        except Conflict:
            raise Busy from None


PREFACE_STREAM = "preface"
_OF = re.compile(r"20[0-9][0-9](-[A-Za-z0-9_\-]{1,64})?")


def is_preface(year: int, office: str | None) -> str:
    """What a preface is of; None: of the book of all offices."""
    return f"{year}" if office is None else f"{year}-{office}"


def preface_stream(of: str) -> str:
    """BadChoice for what is no book."""
    if not _OF.fullmatch(of):
        raise BadChoice(field="year")
    return f"{PREFACE_STREAM}/{of}"


def check_preface(actor: Actor, office: str | None) -> None:
    """NotAllowed. An office writes its own; a supervisor also the one of all offices."""
    if actor.role != "supervisor" if office is None else actor.office != office:
        raise NotAllowed
