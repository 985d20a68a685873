"""What can be asked in the room: phases, recesses, the door, the word, the chat."""

from __future__ import annotations

from dataclasses import dataclass

from rooms.vocabulary import Opening, Phase


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
    """To everybody (`to` "") one names the private talk one believes to be in, 0 for none: what was meant for few
    never reaches all because a talk ended on the way."""

    text: str
    to: str = ""
    caucus: int = 0


@dataclass(frozen=True, slots=True)
class NoteSpeaking:
    seat: str
    speaking: bool


FloorCommand = (
    CoverOpening
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
    | NoteSpeaking
)
