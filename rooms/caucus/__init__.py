"""Who hears whom: private talks, consulting, the channel one listens to. Concessions: slips that are passed on, and two
figures that only their rule compares.

Here are their commands and events.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from rooms import Id, Money, Number, Text
from rooms.vocabulary import CONFERRING, EVERYBODY, MEDIATOR, SYSTEM, FloorChannel, GapRule, Role, Side, command


@command(MEDIATOR, "start_caucus", in_room=True)
@dataclass(frozen=True, slots=True)
class StartCaucus:
    """The mediator goes to talk with one side alone, also straight from a talk with the other side.
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

    channel: FloorChannel


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
    channel: FloorChannel


CirclesEvent = CaucusStarted | CaucusEnded | Confided | ConsultingStarted | ConsultingEnded | ChannelChosen


@command(CONFERRING, "write_slip", in_room=True)
@dataclass(frozen=True, slots=True)
class WriteSlip:
    """In a private talk with one's own side: what the mediator may tell the other, with a figure or without one."""

    text: Text
    amount: Money | None = None
    may_tell: bool = False


@command(CONFERRING, "mark_slip", in_room=True)
@dataclass(frozen=True, slots=True)
class MarkSlip:
    """Whether it may be told, by its own side, until it was shown."""

    number: Number
    may_tell: bool


@command(CONFERRING, "withdraw_slip", in_room=True)
@dataclass(frozen=True, slots=True)
class WithdrawSlip:
    """By its own side, until it was shown."""

    number: Number


@command(MEDIATOR, "show_slip", in_room=True)
@dataclass(frozen=True, slots=True)
class ShowSlip:
    """To everybody who is together now: the table, or a private talk with the other side."""

    number: Number


@command(MEDIATOR, "open_gap", in_room=True)
@dataclass(frozen=True, slots=True)
class OpenGap:
    """Double-blind offers: of two figures only whether they overlap is revealed, or also their midpoint."""

    rule: GapRule


@command(CONFERRING, "agree_gap", in_room=True)
@dataclass(frozen=True, slots=True)
class AgreeGap:
    """To the rule of the gap of this number, for one's own side."""

    number: Number


@command(CONFERRING, "enter_figure", in_room=True)
@dataclass(frozen=True, slots=True)
class EnterFigure:
    """In a private talk with one's own side, once both have agreed to the rule."""

    number: Number
    amount: Money


@command(MEDIATOR, "drop_gap", in_room=True)
@dataclass(frozen=True, slots=True)
class DropGap:
    number: Number


ConcessionsCommand = WriteSlip | MarkSlip | WithdrawSlip | ShowSlip | OpenGap | AgreeGap | EnterFigure | DropGap


# ------------------------------------------------------------ events


@dataclass(frozen=True, slots=True)
class SlipWritten:
    """In a private talk, by `seat` for its side. `number` counts from 1 in the session; `amount` in yuan."""

    number: int
    side: Side
    seat: str
    text: str
    amount: Decimal | None = None
    may_tell: bool = False


@dataclass(frozen=True, slots=True)
class SlipMarked:
    number: int
    seat: str
    may_tell: bool


@dataclass(frozen=True, slots=True)
class SlipWithdrawn:
    number: int
    seat: str


@dataclass(frozen=True, slots=True)
class SlipShown:
    """By the mediator, to `readers`: all who were together then."""

    number: int
    readers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GapOpened:
    """Each side may enter a figure once both have agreed to the rule by which something of them is revealed."""

    number: int
    rule: GapRule


@dataclass(frozen=True, slots=True)
class GapAgreed:
    number: int
    side: Side
    seat: str


@dataclass(frozen=True, slots=True)
class FigureEntered:
    """The least the consumer would take, or the most the business would give; in yuan. Nobody else is shown it."""

    number: int
    side: Side
    seat: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class GapRevealed:
    """All that is ever told of the two figures; `amount`, the midpoint, only when they overlap and the rule says so."""

    number: int
    meet: bool
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class GapDropped:
    number: int


ConcessionsEvent = (
    SlipWritten
    | SlipMarked
    | SlipWithdrawn
    | SlipShown
    | GapOpened
    | GapAgreed
    | FigureEntered
    | GapRevealed
    | GapDropped
)
