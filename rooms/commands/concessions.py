"""What can be asked about concessions: slips to be passed on, and the blind gap between two figures."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from rooms.vocabulary import GapRule


@dataclass(frozen=True, slots=True)
class WriteSlip:
    text: str
    amount: Decimal | None = None
    may_tell: bool = False


@dataclass(frozen=True, slots=True)
class MarkSlip:
    number: int
    may_tell: bool


@dataclass(frozen=True, slots=True)
class WithdrawSlip:
    number: int


@dataclass(frozen=True, slots=True)
class ShowSlip:
    """To everybody who is together now: the table, or a private talk with the other side."""

    number: int


@dataclass(frozen=True, slots=True)
class OpenGap:
    rule: GapRule


@dataclass(frozen=True, slots=True)
class AgreeGap:
    """To the rule of the gap of this number, for one's own side."""

    number: int


@dataclass(frozen=True, slots=True)
class EnterFigure:
    number: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class DropGap:
    number: int


ConcessionsCommand = WriteSlip | MarkSlip | WithdrawSlip | ShowSlip | OpenGap | AgreeGap | EnterFigure | DropGap
