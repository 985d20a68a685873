"""Who is with whom (the private talk that is on, who consults with whom, which channel somebody listens to), and what
people say in order to settle: slips, the blind gap, and which events are confidential.

Owns `Circles` and who belongs where. Belonging is computed, not kept: whoever of the side is let in during a private
talk belongs to it, whoever leaves does not.

Owns `Concessions` and `CONFIDENTIAL`: the types of events whose content leaves the office in no export. A package
has such entries withheld, with their hashes, so that its log still verifies (docs/evidence.md, section 2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Final, assert_never

from rooms import events as e
from rooms.vocabulary import FloorChannel, GapRule, Side


@dataclass(frozen=True, slots=True)
class Caucus:
    number: int
    side: Side
    interpreters: tuple[str, ...]
    since: datetime


@dataclass(frozen=True, slots=True)
class Consulting:
    seat: str  # who began it
    other: str
    since: datetime

    @property
    def pair(self) -> tuple[str, str]:
        return self.seat, self.other


@dataclass(frozen=True, slots=True)
class Circles:
    caucus: Caucus | None = None
    caucuses: int = 0  # so far
    consulting: tuple[Consulting, ...] = ()
    partners: Mapping[str, str] = field(default_factory=dict)  # of both who consult; asked of each pair, at each event
    channels: Mapping[str, FloorChannel] = field(default_factory=dict)  # of those who chose


def circles_after(circles: Circles, event: e.CirclesEvent, at: datetime) -> Circles:
    match event:
        case e.CaucusStarted(number=number, side=side, interpreters=interpreters):
            return replace(circles, caucus=Caucus(number, side, interpreters, at), caucuses=number)
        case e.CaucusEnded():
            return replace(circles, caucus=None)
        case e.ConsultingStarted(seat=seat, other=other):
            return _consulting(circles, (*circles.consulting, Consulting(seat, other, at)))
        case e.ConsultingEnded(seat=seat, other=other):
            return _consulting(circles, tuple(one for one in circles.consulting if one.pair != (seat, other)))
        case e.ChannelChosen(seat=seat, channel=channel):
            return replace(circles, channels={**circles.channels, seat: channel})
        case e.Confided():
            return circles  # the session keeps the chat
        case _:
            assert_never(event)


def _consulting(circles: Circles, now: tuple[Consulting, ...]) -> Circles:
    partners = {one: other for pair in now for one, other in (pair.pair, pair.pair[::-1])}
    return replace(circles, consulting=now, partners=partners)


CONFIDENTIAL: Final[tuple[type[e.SessionEvent], ...]] = (
    e.Confided,
    e.ReasonConfided,
    e.OutcomeObjected,
    e.SlipWritten,
    e.SlipMarked,
    e.SlipWithdrawn,
    e.SlipShown,
    e.FigureEntered,
    e.GapRevealed,
    e.ExhibitConfided,
    e.OfferPut,
    e.OfferTakenBack,
    e.OfferAnswered,
)
"""Whoever adds a type here adds it to docs/evidence.md and to verify/journal.ts: a test compares."""

OFFERED: Final[tuple[type[e.SessionEvent], ...]] = (e.ClausePut, e.ClauseRemoved, e.ClauseAnswered)
"""Of the draft: a proposal, and as confidential, unless the session closed with it as its agreement."""


@dataclass(frozen=True, slots=True)
class Slip:
    """`shown`: when the mediator passed it on, to `readers`. Until then its side can mark it anew or withdraw it."""

    number: int
    side: Side
    seat: str
    text: str
    amount: Decimal | None
    may_tell: bool
    at: datetime
    shown: datetime | None = None
    readers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BlindOffer:
    """`result` once both figures are there: whether they meet, and where by the rule."""

    number: int
    rule: GapRule
    agreed: frozenset[Side] = frozenset()
    figures: Mapping[Side, Decimal] = field(default_factory=dict)
    result: e.GapRevealed | None = None

    @property
    def open(self) -> bool:
        return self.result is None


@dataclass(frozen=True, slots=True)
class Concessions:
    slips: Mapping[int, Slip] = field(default_factory=dict)  # those not withdrawn, in order
    written: int = 0
    gap: BlindOffer | None = None  # the last one, unless it was dropped
    gaps: int = 0


def concessions_after(before: Concessions, event: e.ConcessionsEvent, at: datetime) -> Concessions:
    match event:
        case e.SlipWritten(number=n, side=side, seat=seat, text=text, amount=amount, may_tell=may_tell):
            made = Slip(n, side, seat, text, amount, may_tell, at)
            return replace(before, slips={**before.slips, n: made}, written=n)
        case e.SlipMarked(number=n, may_tell=may_tell):
            return _with(before, replace(before.slips[n], may_tell=may_tell))
        case e.SlipShown(number=n, readers=readers):
            return _with(before, replace(before.slips[n], shown=at, readers=readers))
        case e.SlipWithdrawn(number=n):
            return replace(before, slips={k: slip for k, slip in before.slips.items() if k != n})
        case e.GapOpened(number=n, rule=rule):
            return replace(before, gap=BlindOffer(n, rule), gaps=n)
        case e.GapDropped():
            return replace(before, gap=None)
        case e.GapAgreed() | e.FigureEntered() | e.GapRevealed():
            return replace(before, gap=before.gap and _moved(before.gap, event))
        case _:
            assert_never(event)


def _with(before: Concessions, slip: Slip) -> Concessions:
    return replace(before, slips={**before.slips, slip.number: slip})


def _moved(gap: BlindOffer, event: e.GapAgreed | e.FigureEntered | e.GapRevealed) -> BlindOffer:
    match event:
        case e.GapAgreed(side=side):
            return replace(gap, agreed=gap.agreed | {side})
        case e.FigureEntered(side=side, amount=amount):
            return replace(gap, figures={**gap.figures, side: amount})
        case e.GapRevealed():
            return replace(gap, result=event)
        case _:
            assert_never(event)
