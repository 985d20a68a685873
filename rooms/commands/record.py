"""What can be asked about the record of a session."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AddNote:
    """Of a supervisor; `at_ms` and `corrects` as in rooms.events.NoteAdded."""

    text: str
    at_ms: int | None = None
    corrects: int = 0


@dataclass(frozen=True, slots=True)
class CorrectEntry:
    """Once a second person, `agreed_by`, has agreed; `entry` is an entry's number in the session's journal."""

    entry: int
    wrong: str
    right: str
    reason: str
    agreed_by: str


@dataclass(frozen=True, slots=True)
class PlaceHold:
    reason: str


@dataclass(frozen=True, slots=True)
class LiftHold:
    reason: str


@dataclass(frozen=True, slots=True)
class OrderErasure:
    """Also by the system, when it is `due`: after so many `years`, by which `rule`. A held record is refused."""

    reason: str
    due: bool = False
    years: int = 0
    rule: int = 0


@dataclass(frozen=True, slots=True)
class NoteErased:
    files: int
    bytes: int
    entries: int


@dataclass(frozen=True, slots=True)
class NoteExport:
    """A file of the record was made for this officer; see `rooms.events.Exported`."""

    kind: str
    export: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class NoteView:
    part: str


@dataclass(frozen=True, slots=True)
class GrantViewing:
    """By a supervisor, to somebody who took part. `request`: when and how they asked, and how it is known
    that it is them."""

    seat: str
    request: str


@dataclass(frozen=True, slots=True)
class NoteViewing:
    """It is shown to them, at the office."""

    seat: str


RecordCommand = (
    AddNote
    | CorrectEntry
    | PlaceHold
    | LiftHold
    | OrderErasure
    | NoteErased
    | NoteExport
    | NoteView
    | GrantViewing
    | NoteViewing
)
