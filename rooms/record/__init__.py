"""The record of a session: its minutes, who may see it, how long it is kept.

Here are its commands and events: copies, looks, notes, holds, erasure; and what it quotes.
"""

from __future__ import annotations

from dataclasses import dataclass

from rooms.vocabulary import CONFERRING, KEEPER, MEDIATOR, OFFICER, OVERSEER, SYSTEM, command


@command(OVERSEER)
@dataclass(frozen=True, slots=True)
class AddNote:
    """Of a supervisor; `at_ms` and `corrects` as in rooms.events.NoteAdded."""

    text: str
    at_ms: int | None = None
    corrects: int = 0


@command(OVERSEER)
@dataclass(frozen=True, slots=True)
class CorrectEntry:
    """Once a second person, `agreed_by`, has agreed; `entry` is an entry's number in the session's journal."""

    entry: int
    wrong: str
    right: str
    reason: str
    agreed_by: str


@command(KEEPER)
@dataclass(frozen=True, slots=True)
class PlaceHold:
    reason: str


@command(KEEPER)
@dataclass(frozen=True, slots=True)
class LiftHold:
    reason: str


@command(KEEPER | SYSTEM)
@dataclass(frozen=True, slots=True)
class OrderErasure:
    """Also by the system, when it is `due`: after so many `years`, by which `rule`. A held record is refused."""

    reason: str
    due: bool = False
    years: int = 0
    rule: int = 0


@command(OFFICER)
@dataclass(frozen=True, slots=True)
class CorrectTranscript:
    """By the mediator of the session; see `TranscriptCorrected`."""

    line: str
    text: str


@command(SYSTEM)
@dataclass(frozen=True, slots=True)
class NoteErased:
    files: int
    bytes: int
    entries: int


@command(OFFICER)
@dataclass(frozen=True, slots=True)
class NoteExport:
    """A file of the record was made for this officer; see `rooms.events.Exported`."""

    kind: str
    export: str
    sha256: str
    size: int


@command(OFFICER)
@dataclass(frozen=True, slots=True)
class NoteView:
    part: str


@command(OVERSEER)
@dataclass(frozen=True, slots=True)
class GrantViewing:
    """By a supervisor, to somebody who took part. `request`: when and how they asked, and how it is known
    that it is them."""

    seat: str
    request: str


@command(OFFICER)
@dataclass(frozen=True, slots=True)
class NoteViewing:
    """It is shown to them, at the office."""

    seat: str


@dataclass(frozen=True, slots=True)
class StatementChoice:
    """Of one line of the transcript: whether the record has it, and with what text, "" for what the rules would quote.
    `own`: the text is the mediator's words and no quotation any more."""

    line: str
    taken: bool
    text: str = ""
    own: bool = False


@command(MEDIATOR)
@dataclass(frozen=True, slots=True)
class DecideStatements:
    """`model`: the language model that proposed them, "" of the mediator's own hand."""

    choices: tuple[StatementChoice, ...]
    model: str = ""


@command(MEDIATOR)
@dataclass(frozen=True, slots=True)
class TakeBackStatements:
    """The last choice that stands."""


@command(CONFERRING)
@dataclass(frozen=True, slots=True)
class AnswerStatement:
    """By whom it quotes, of the text that lies there to be signed. `words`: how it was, where it is not right."""

    text: str
    line: str
    right: bool
    words: str = ""


RecordCommand = (
    AddNote
    | CorrectEntry
    | CorrectTranscript
    | PlaceHold
    | LiftHold
    | OrderErasure
    | NoteErased
    | NoteExport
    | NoteView
    | GrantViewing
    | NoteViewing
    | DecideStatements
    | TakeBackStatements
    | AnswerStatement
)


# ------------------------------------------------------------ events


@dataclass(frozen=True, slots=True)
class Exported:
    """An officer has made a file of the record, to take it along. Hash and size are of that file."""

    kind: str  # "package" | "masked" | "video": a copy with their name in it, noted whenever it is taken | "transcript"
    export: str  # its id
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Viewed:
    """A supervisor (or other officer) looked at the record."""

    part: str  # "record" | "recording" | "journal" | "transcript" | "track:<seat>"


@dataclass(frozen=True, slots=True)
class ViewingGranted:
    """Somebody who took part may watch the recording: a supervisor granted what they asked for, `request`."""

    seat: str
    request: str


@dataclass(frozen=True, slots=True)
class ViewingHeld:
    """The recording was shown to them at the office; the actor showed it."""

    seat: str


@dataclass(frozen=True, slots=True)
class NoteAdded:
    """What a supervisor says about a moment of the session; it is not told in the room, and nothing takes it back."""

    text: str
    at_ms: int | None = None  # since the session was opened; None: of the whole
    corrects: int = 0  # version of the note that this one replaces; that one stays readable


@dataclass(frozen=True, slots=True)
class EntryCorrected:
    """Entry `entry` of this journal says something that is not so. It stays; this one says what is wrong and what is
    true, and why that is known. `agreed_by` is the name of the second person."""

    entry: int
    wrong: str
    right: str
    reason: str
    agreed_by: str


@dataclass(frozen=True, slots=True)
class TranscriptCorrected:
    """Line `line` of the transcript is read as `text` from here on; "" takes a correction back. What the machine heard
    stays as it is in its file."""

    line: str
    text: str


@dataclass(frozen=True, slots=True)
class ContentErased:
    """What these entries of the session said was wiped; that they were made, when and of what kind stays."""

    versions: tuple[int, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HoldPlaced:
    """The record is kept beyond its time, until the hold is lifted; nobody can erase it meanwhile."""

    reason: str


@dataclass(frozen=True, slots=True)
class HoldLifted:
    reason: str


@dataclass(frozen=True, slots=True)
class ErasureOrdered:
    """From here on nobody opens the record. `due`: because its time had come, not because somebody asked; then `years`
    is how long it was kept and `rule` the version of the entry of `installation/retention` in force."""

    reason: str
    due: bool = False
    years: int = 0
    rule: int = 0


@dataclass(frozen=True, slots=True)
class RecordErased:
    """Done: the session's key is destroyed, with it every copy of its files; those that lay here are removed."""

    files: int
    bytes: int
    entries: int = 0  # of this journal whose content was erased


@dataclass(frozen=True, slots=True)
class StatementsDecided:
    """The mediator chose what the record quotes; where a language model proposed it, `model` says which."""

    choices: tuple[StatementChoice, ...]
    model: str = ""


@dataclass(frozen=True, slots=True)
class StatementsTakenBack:
    """The choice in entry `entry` does not count any more."""

    entry: int


@dataclass(frozen=True, slots=True)
class StatementAnswered:
    """Whom the record quotes said whether this is what they said. `of`: which wording of it, as `SigningOffered` has
    it; an answer to another wording does not count."""

    seat: str
    line: str
    of: str
    right: bool
    words: str = ""


RecordEvent = (
    Exported
    | Viewed
    | ViewingGranted
    | ViewingHeld
    | NoteAdded
    | EntryCorrected
    | TranscriptCorrected
    | ContentErased
    | HoldPlaced
    | HoldLifted
    | ErasureOrdered
    | RecordErased
    | StatementsDecided
    | StatementsTakenBack
    | StatementAnswered
)
