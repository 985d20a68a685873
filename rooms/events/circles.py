"""What can have happened to who hears whom: private talks, consulting, the channel somebody listens to."""

from __future__ import annotations

from dataclasses import dataclass

from rooms.vocabulary import Channel, Side


@dataclass(frozen=True, slots=True)
class CaucusStarted:
    """The mediator talks to one side alone, with `interpreters` of neither side; `number` counts from 1 in the session.

    Nothing of it is recorded.
    """

    number: int
    side: Side
    interpreters: tuple[str, ...] = ()  # seats


@dataclass(frozen=True, slots=True)
class CaucusEnded:
    number: int
    cause: str  # "mediator" | "recess" | "closed" | "alone": its side is gone | "mediator_left" | "media"


@dataclass(frozen=True, slots=True)
class Confided:
    """Written during a private talk. `readers` are all who could read it then, and whoever may ever read it.

    `to` "": to the talk's members.
    """

    seat: str
    text: str
    to: str
    caucus: int
    readers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsultingStarted:
    """Two of one side whisper: they hear each other and the room, nobody hears them, they are not recorded."""

    seat: str
    other: str


@dataclass(frozen=True, slots=True)
class ConsultingEnded:
    seat: str
    other: str
    cause: str  # "asked" | "recess" | "closed" | "left" | "media"


@dataclass(frozen=True, slots=True)
class ChannelChosen:
    seat: str
    channel: Channel


CirclesEvent = CaucusStarted | CaucusEnded | Confided | ConsultingStarted | ConsultingEnded | ChannelChosen
