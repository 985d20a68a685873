"""Who is with whom: the private talk that is on, who consults with whom, which channel somebody listens to.

Owns `Circles` and who belongs where. Belonging is computed, not kept: whoever of the side is let in during a private
talk belongs to it, whoever leaves does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from rooms import events as e
from rooms.vocabulary import Channel, Side


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
    channels: Mapping[str, Channel] = field(default_factory=dict)  # of those who chose

    def partner(self, seat: str) -> str:
        """Whom this seat consults with, "" when with nobody."""
        for one in self.consulting:
            if seat in one.pair:
                return one.other if seat == one.seat else one.seat
        return ""

    def channel(self, seat: str) -> Channel:
        return self.channels.get(seat, Channel.BOTH)


def circles_after(circles: Circles, event: e.CirclesEvent, at: datetime) -> Circles:
    match event:
        case e.CaucusStarted(number=number, side=side, interpreters=interpreters):
            return replace(circles, caucus=Caucus(number, side, interpreters, at), caucuses=number)
        case e.CaucusEnded():
            return replace(circles, caucus=None)
        case e.ConsultingStarted(seat=seat, other=other):
            return replace(circles, consulting=(*circles.consulting, Consulting(seat, other, at)))
        case e.ConsultingEnded(seat=seat, other=other):
            left = tuple(one for one in circles.consulting if one.pair != (seat, other))
            return replace(circles, consulting=left)
        case e.ChannelChosen(seat=seat, channel=channel):
            return replace(circles, channels={**circles.channels, seat: channel})
        case e.Confided():
            return circles  # the session keeps the chat
        case _:
            assert_never(event)
