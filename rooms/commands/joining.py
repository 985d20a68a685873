"""What can be asked on the way into the room and out of it."""

from __future__ import annotations

from dataclasses import dataclass

from rooms.vocabulary import Consent


@dataclass(frozen=True, slots=True)
class AnswerConsent:
    """On the way in. `text` is the edition that the server showed with the question, `handler` whom it named."""

    kind: Consent
    given: bool
    text: str
    handler: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawConsent:
    """Of recording: stops within a second. Of taking part: the seat leaves."""

    kind: Consent


@dataclass(frozen=True, slots=True)
class GiveConsent:
    """In the room, after an earlier no to recording. `text` is filled in by the room: the edition that it shows."""

    kind: Consent
    text: str = ""


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
class StateAge:
    """Of a minor with the guardian's name and who they are to them; `consents`: the guardian agreed to the notice whose
    version is `text`."""

    age: str
    guardian: str = ""
    relation: str = ""
    consents: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmByVoice:
    """By an officer who speaks with the person; asked only by the server, which gives the seat to their device."""

    seat: str
    recognised: str


@dataclass(frozen=True, slots=True)
class AskHelp:
    why: str


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
class Observe:
    """By a supervisor, of an office they oversee (checked where it is asked). `seat`: a fresh id for a first coming;
    `officer` their account, which must be the asker's."""

    seat: str
    officer: str
    name: str
    organisation: str
    reason: str


@dataclass(frozen=True, slots=True)
class NoteConnection:
    """`cause` of being away: as `rooms.events.Disconnected`; "absent": away for so long that the seat is left."""

    seat: str
    connected: bool
    cause: str = "socket"


JoiningCommand = (
    AnswerConsent
    | WithdrawConsent
    | GiveConsent
    | AskOtherTime
    | NoteCodeSent
    | ConfirmIdentity
    | StateAge
    | ConfirmByVoice
    | AskHelp
    | ChooseName
    | CheckDevice
    | Arrive
    | Admit
    | SendBack
    | Leave
    | Remove
    | Observe
    | NoteConnection
)
