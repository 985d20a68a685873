"""Commands and events of concessions: slips to be passed on, and the blind gap between two figures."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from rooms.declarations import CONFERRING, MEDIATOR, command
from rooms.limits import Money, Number, Text
from rooms.vocabulary import GapRule, Side


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
    """The blind gap: of two figures is revealed whether they meet, or also the middle between them."""

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
    """All that is ever told of the two figures; `amount` only under a rule that says where, and when they meet."""

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
