"""What lies in a room's mailbox: questions that want an answer, and news that wants none."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from journal import Actor, Event
from media import engine as m
from rooms import commands as c
from rooms.measurement import Measurement
from rooms.session import Session
from rooms.subscription import Subscription


@dataclass(frozen=True, slots=True)
class Ask:
    command: c.Command
    actor: Actor
    answer: asyncio.Future[list[Event]]


@dataclass(frozen=True, slots=True)
class Look:
    answer: asyncio.Future[Session]


@dataclass(frozen=True, slots=True)
class ReadLines:
    """Of the chat: those `after` a number, or those `before` one."""

    seat: str
    after: int | None
    before: int | None
    answer: asyncio.Future[list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Attach:
    subscription: Subscription
    answer: asyncio.Future[Subscription]


@dataclass(frozen=True, slots=True)
class Join:
    """About to be admitted to media (`done` False): what the seat's old transport did no longer counts. Or admitted."""

    seat: str
    done: bool
    answer: asyncio.Future[None]


@dataclass(frozen=True, slots=True)
class Detach:
    subscription: Subscription


@dataclass(frozen=True, slots=True)
class Measured:
    seat: str
    measurement: Measurement


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """The server has no room for the seat's sound and pictures."""

    seat: str


@dataclass(frozen=True, slots=True)
class Pointed:
    """Whoever shows an exhibit looks there: `looking` as in docs/wire.md."""

    seat: str
    looking: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EndMedia:
    """Whoever sent and received for the seat may do so no longer; whoever may joins anew."""

    seat: str


class Tick:
    """A moment has come at which time alone changes something."""


Asked = Ask | Look | ReadLines | Attach | Join
Item = Asked | Detach | Measured | Pointed | TurnedAway | EndMedia | Tick | m.MediaEvent
