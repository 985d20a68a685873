"""What can have happened to a session as such, its seats and their links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from law.modes import ROOM
from rooms.vocabulary import Seat


@dataclass(frozen=True, slots=True)
class SessionScheduled:
    complaint: str  # complaint id
    number: str  # complaint number as printed
    office: str  # office id
    ordinal: int  # 1: first mediation of this complaint
    title: str
    starts: datetime
    seats: tuple[Seat, ...]  # the mediator's is among them
    mediator: str  # user id
    order: str = "121"  # or "20": whose grounds end it; sessions from before this was noted get the longer list
    mode: str = ROOM  # law.modes: where it is to be held
    place: str = ""  # of one on site


@dataclass(frozen=True, slots=True)
class SessionCancelled:
    reason: str


@dataclass(frozen=True, slots=True)
class SeatAdded:
    seat: Seat


@dataclass(frozen=True, slots=True)
class LinkIssued:
    seat: str
    link: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class LinkRevoked:
    seat: str
    link: str
    reason: str


@dataclass(frozen=True, slots=True)
class LinkOpened:
    """Somebody tapped 'start' on the invitation (a mere GET is not an opening)."""

    seat: str
    link: str


@dataclass(frozen=True, slots=True)
class PhoneCorrected:
    seat: str
    phone: str  # masked


InvitationEvent = (
    PhoneCorrected | SessionScheduled | SessionCancelled | SeatAdded | LinkIssued | LinkRevoked | LinkOpened
)
