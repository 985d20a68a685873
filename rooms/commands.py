"""What can be asked of a session: imperative, without the asker (who is the `Actor` given beside it).

A command never names the seat it acts *as*: that comes from the actor. It may name the seat it acts *on*.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rooms.events import (
    Archived,
    CompositionFailed,
    RecordingComposed,
    RecordingFailed,
    RecordingStarted,
    RecordingStopped,
    SegmentSealed,
)
from rooms.vocabulary import Consent, Opening, Outcome, Phase, Seat


@dataclass(frozen=True, slots=True)
class Schedule:
    complaint: str
    number: str
    office: str
    ordinal: int
    title: str
    starts: datetime
    seats: tuple[Seat, ...]
    mediator: str
    order: str  # "121" | "20": under which the complaint is handled


@dataclass(frozen=True, slots=True)
class Cancel:
    reason: str


@dataclass(frozen=True, slots=True)
class AddSeat:
    seat: Seat


@dataclass(frozen=True, slots=True)
class IssueLink:
    """Records that a link exists; the secret itself lives hashed in server.storage."""

    seat: str
    link: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class RevokeLink:
    seat: str
    link: str
    reason: str


# By a party, before the room (actor.kind == "party", actor.id == seat id)


@dataclass(frozen=True, slots=True)
class OpenLink:
    link: str


@dataclass(frozen=True, slots=True)
class AnswerConsent:
    kind: Consent
    given: bool
    text: str


@dataclass(frozen=True, slots=True)
class WithdrawConsent:
    """Of recording: stops within a second. Of taking part: the seat leaves."""

    kind: Consent


@dataclass(frozen=True, slots=True)
class GiveConsent:
    """In the room, after an earlier no to recording."""

    kind: Consent
    text: str


@dataclass(frozen=True, slots=True)
class AskOtherTime:
    wish: str


@dataclass(frozen=True, slots=True)
class NoteCodeSent:
    pass


@dataclass(frozen=True, slots=True)
class ConfirmIdentity:
    method: str


@dataclass(frozen=True, slots=True)
class ChooseName:
    name: str


@dataclass(frozen=True, slots=True)
class CheckDevice:
    mode: str
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrive:
    """Enter the waiting room; for the mediator: enter the room, which opens a scheduled session."""


# In the room


@dataclass(frozen=True, slots=True)
class Admit:
    seat: str


@dataclass(frozen=True, slots=True)
class SendBack:
    seat: str


@dataclass(frozen=True, slots=True)
class Leave:
    pass


@dataclass(frozen=True, slots=True)
class Remove:
    seat: str
    reason: str


@dataclass(frozen=True, slots=True)
class CoverOpening:
    item: Opening
    done: bool = True


@dataclass(frozen=True, slots=True)
class EnterPhase:
    phase: Phase


@dataclass(frozen=True, slots=True)
class StartRecess:
    pass


@dataclass(frozen=True, slots=True)
class EndRecess:
    pass


@dataclass(frozen=True, slots=True)
class SetDoor:
    locked: bool


@dataclass(frozen=True, slots=True)
class Mute:
    seat: str  # own seat, or any seat for the mediator


@dataclass(frozen=True, slots=True)
class Unmute:
    """Only oneself: nobody opens another's microphone."""


@dataclass(frozen=True, slots=True)
class AskUnmute:
    seat: str


@dataclass(frozen=True, slots=True)
class SetHand:
    raised: bool


@dataclass(frozen=True, slots=True)
class SetCamera:
    on: bool


@dataclass(frozen=True, slots=True)
class SetScreen:
    on: bool


@dataclass(frozen=True, slots=True)
class Say:
    text: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class ProposeOutcome:
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class TakeBackOutcome:
    pass


@dataclass(frozen=True, slots=True)
class SeeOutcome:
    pass


@dataclass(frozen=True, slots=True)
class Close:
    """Close with the proposed outcome; parties have seen it, or `anyway` says why not."""

    anyway: str = ""


@dataclass(frozen=True, slots=True)
class Correct:
    text: str


@dataclass(frozen=True, slots=True)
class AddNote:
    """Of a supervisor; `at_ms` and `corrects` as in rooms.events.NoteAdded."""

    text: str
    at_ms: int | None = None
    corrects: int = 0


# By a supervisor, or an administrator of the office


@dataclass(frozen=True, slots=True)
class PlaceHold:
    reason: str


@dataclass(frozen=True, slots=True)
class LiftHold:
    reason: str


@dataclass(frozen=True, slots=True)
class OrderErasure:
    """Also by the system, when it is `due`. A held record is refused."""

    reason: str
    due: bool = False


# From the system (actor SYSTEM)


@dataclass(frozen=True, slots=True)
class NoteErased:
    files: int
    bytes: int
    entries: int


@dataclass(frozen=True, slots=True)
class NoteConnection:
    """`cause` of being away: "socket", "media", "server"; "absent": away for so long that the seat is left."""

    seat: str
    connected: bool
    cause: str = "socket"


@dataclass(frozen=True, slots=True)
class NoteSpeaking:
    seat: str
    speaking: bool


@dataclass(frozen=True, slots=True)
class NotePictures:
    """`way`: "to" or "from" the seat."""

    seat: str
    way: str
    paused: bool


@dataclass(frozen=True, slots=True)
class NoteQuality:
    seat: str
    level: int


@dataclass(frozen=True, slots=True)
class NoteRecording:
    fact: (
        RecordingStarted
        | RecordingStopped
        | SegmentSealed
        | RecordingFailed
        | RecordingComposed
        | CompositionFailed
        | Archived
    )


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
class Resume:
    """After a server restart: whoever was present is reconnecting, running recordings stopped."""


Command = (
    Schedule
    | Cancel
    | AddSeat
    | IssueLink
    | RevokeLink
    | OpenLink
    | AnswerConsent
    | WithdrawConsent
    | GiveConsent
    | AskOtherTime
    | NoteCodeSent
    | ConfirmIdentity
    | ChooseName
    | CheckDevice
    | Arrive
    | Admit
    | SendBack
    | Leave
    | Remove
    | CoverOpening
    | EnterPhase
    | StartRecess
    | EndRecess
    | SetDoor
    | Mute
    | Unmute
    | AskUnmute
    | SetHand
    | SetCamera
    | SetScreen
    | Say
    | ProposeOutcome
    | TakeBackOutcome
    | SeeOutcome
    | Close
    | Correct
    | AddNote
    | NoteConnection
    | NoteSpeaking
    | NotePictures
    | NoteQuality
    | NoteRecording
    | NoteExport
    | NoteView
    | PlaceHold
    | LiftHold
    | OrderErasure
    | NoteErased
    | Resume
)
