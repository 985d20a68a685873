"""What can be asked about a session as such, its seats and their links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from law.modes import ROOM
from rooms.vocabulary import Seat


@dataclass(frozen=True, slots=True)
class Schedule:
    complaint: str
    number: str
    office: str
    ordinal: int
    title: str
    starts: datetime
    seats: tuple[Seat, ...]
    mediator: str
    order: str  # "121" | "20": under which the complaint is handled
    mode: str = ROOM  # law.modes
    place: str = ""


@dataclass(frozen=True, slots=True)
class Cancel:
    reason: str


@dataclass(frozen=True, slots=True)
class AddSeat:
    seat: Seat


@dataclass(frozen=True, slots=True)
class IssueLink:
    """Records that a link exists; the secret itself lives hashed in server.storage."""

    seat: str
    link: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class RevokeLink:
    seat: str
    link: str
    reason: str


@dataclass(frozen=True, slots=True)
class OpenLink:
    link: str


@dataclass(frozen=True, slots=True)
class CorrectPhone:
    """The number on file was corrected: links and codes go to the new one. `phone` is masked."""

    seat: str
    phone: str


InvitationCommand = Cancel | AddSeat | CorrectPhone | IssueLink | RevokeLink | OpenLink
