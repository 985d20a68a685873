"""What a mediator is alerted of while they look elsewhere. Pure: which event of a session is one, and of what kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "LinkOpened": "arrival",
        "Arrived": "knock",
        "Confided": "message",
        "ConsentWithdrawn": "consent",
        "Disconnected": "lost",
        "OtherTimeAsked": "time",
        "HelpAsked": "help",
    }
)
"""Event -> kind. Beside these come clocks: "begins" (a mediation, in a quarter of an hour) and "due" (a complaint)."""
SHOWN: Final = frozenset(
    {
        *KINDS, "SessionScheduled", "SessionRescheduled", "SessionCancelled", "SessionOpened", "SessionClosed",
        "RecessStarted", "RecessEnded", "PhaseEntered", "SeatAdded", "LinkIssued", "LinkRevoked", "PhoneCorrected",
        "ConsentGiven", "ConsentRefused", "IdentityConfirmed", "IdentityConfirmedByVoice", "AgeStated",
        "GuardianNamed", "NameChosen", "DeviceChecked", "Admitted", "SentBack", "Left", "Removed", "Reconnected",
    }
)  # fmt: skip
"""Events of a session after which a page that shows it looks different."""


@dataclass(frozen=True, slots=True)
class Alert:
    """`about`: id of a session, of a complaint for "due"; `who`: whom it is from, or what it is about. Nothing that
    was written is in it."""

    id: str
    kind: str
    about: str
    number: str
    who: str
    seat: str
    at: datetime
    live: bool = False  # the session is under way: the room is where it is seen to


@dataclass(frozen=True, slots=True)
class Change:
    """Something that pages of these records show is different now."""

    session: str = ""
    complaint: str = ""


def alert_kind(event: str, data: Mapping[str, Any]) -> str:
    """ "" for an event that alerts nobody; the mediator's own coming and going does not."""
    return "" if data.get("seat", "") == "mediator" else KINDS.get(event, "")
