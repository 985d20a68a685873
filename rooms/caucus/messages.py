"""Commands and events of who hears whom: private talks, consulting, the channel one listens to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from rooms.declarations import CONFERRING, EVERYBODY, MEDIATOR, SYSTEM, command
from rooms.limits import Id
from rooms.vocabulary import Channel, Role, Side


@command(MEDIATOR, "start_caucus", in_room=True)
@dataclass(frozen=True, slots=True)
class StartCaucus:
    """With one side alone; from a talk with the other side it goes over without anybody meeting in between.
    `interpreters`: of neither side, who come along."""

    side: Side
    interpreters: Annotated[tuple[Id, ...], Field(max_length=8)] = ()  # of neither side, who come along


@command(MEDIATOR | SYSTEM, "end_caucus", in_room=True)  # the media did not follow
@dataclass(frozen=True, slots=True)
class EndCaucus:
    """Everybody is together again. Asked by the system when the media did not follow."""


@command(CONFERRING, "start_consulting", in_room=True)
@dataclass(frozen=True, slots=True)
class StartConsulting:
    """Whispering with one of one's own side."""

    seat: Id  # of one's own side


@command(CONFERRING | SYSTEM, "end_consulting", in_room=True)
@dataclass(frozen=True, slots=True)
class EndConsulting:
    """One's own; either of the two ends it, or the system when the media did not follow."""


@command(EVERYBODY - {Role.INTERPRETER}, "choose_channel", in_room=True)
@dataclass(frozen=True, slots=True)
class ChooseChannel:
    """What one listens to where there is an interpreter."""

    channel: Channel


CirclesCommand = StartCaucus | EndCaucus | StartConsulting | EndConsulting | ChooseChannel


# ------------------------------------------------------------ events


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
