"""Taking part by an ordinary call: what is asked of the room for whoever is on the telephone, and what happens.

The server rings, answers and hangs up (`server.rooms.phone`); what a person presses is their own answer. A call shows
who it is by the number on file that was rung, or by the code that the office gave for this seat.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rooms.declarations import OFFICE, PARTIES, SYSTEM, command
from rooms.vocabulary import Consent

KEYS: Final = frozenset("0123456789*#")
STATES: Final = frozenset({"ringing", "answered"})
WAYS: Final = frozenset({"out", "in"})
CAUSES: Final = frozenset({
    "person", "mediator", "busy", "no_answer", "rejected", "wrong_number", "unreachable", "trunk", "lost",
    "no_consent", "elsewhere", "removed", "closed", "server",
})  # fmt: skip
"""Why a call ended; "server": the program or its telephone went down under it."""


@command(OFFICE | SYSTEM)
@dataclass(frozen=True, slots=True)
class BeginCall:
    """`way`: "out", the number on file is rung; "in", somebody dialled in with the seat's code."""

    seat: str
    call: str
    way: str


@command(SYSTEM)
@dataclass(frozen=True, slots=True)
class NoteCall:
    """`state`: of STATES."""

    seat: str
    call: str
    state: str


@dataclass(frozen=True, slots=True)
class AnswerSound:
    """What was said while a question was asked, in a file that is durable. Fields as of `rooms.media.SegmentSealed`;
    `audible_ms`: for how long it was louder than −45 dBFS."""

    path: str
    sha256: str
    size: int
    started: datetime
    ended: datetime
    audible_ms: int
    stored_sha256: str = ""
    stored_size: int = 0
    sm3: str = ""


@command(PARTIES)
@dataclass(frozen=True, slots=True)
class KeyConsent:
    """Asked by a recorded voice, answered with a key. `text`, `handler`: as in `AnswerConsent`; `sound` of a yes only:
    of a no nothing is kept."""

    call: str
    kind: Consent
    given: bool
    key: str
    text: str
    handler: str = ""
    sound: AnswerSound | None = None


@command(OFFICE | SYSTEM)
@dataclass(frozen=True, slots=True)
class EndCall:
    seat: str
    call: str
    cause: str


TelephoneCommand = BeginCall | NoteCall | KeyConsent | EndCall


@dataclass(frozen=True, slots=True)
class CallBegun:
    """A seat's person is rung at the number on file (`way` "out"), or dialled in ("in")."""

    seat: str
    call: str
    way: str


@dataclass(frozen=True, slots=True)
class CallProgressed:
    seat: str
    call: str
    state: str  # of STATES


@dataclass(frozen=True, slots=True)
class ConsentKeyed:
    """The answer before this was given on the telephone by pressing `key`."""

    seat: str
    call: str
    kind: Consent
    key: str


@dataclass(frozen=True, slots=True)
class ConsentSpoken:
    """What was heard of them while they were asked for the consent before this, until they pressed the key."""

    seat: str
    call: str
    kind: Consent
    path: str
    sha256: str
    size: int
    started: datetime
    ended: datetime
    audible_ms: int
    stored_sha256: str = ""
    stored_size: int = 0
    sm3: str = ""


@dataclass(frozen=True, slots=True)
class CallEnded:
    seat: str
    call: str
    cause: str  # of CAUSES


TelephoneEvent = CallBegun | CallProgressed | ConsentKeyed | ConsentSpoken | CallEnded
