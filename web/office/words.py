"""The names of things at the desk and in the record: roles, states, grounds, channels, causes.

Owns English msgids only; the Chinese is in locales/zh/office.po. Keys are the values journals and read models use.
Grounds and orders are the law package's, which has both languages itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


def msgid(text: str) -> str:
    """Mark a text for the catalogue without translating it here (nothing is translated at import)."""
    return text


ROLES: Final[Mapping[str, str]] = {
    "mediator": msgid("mediator"),
    "consumer": msgid("consumer"),
    "business": msgid("business"),
    "representative": msgid("second representative"),
    "lawyer": msgid("lawyer"),
    "interpreter": msgid("interpreter"),
    "companion": msgid("companion"),
    "observer": msgid("observer"),
}
EXTRA_ROLES: Final = ("representative", "lawyer", "interpreter", "companion", "observer")

SIDES: Final[Mapping[str, str]] = {
    "consumer": msgid("with the consumer"),
    "business": msgid("with the business"),
    "": msgid("with neither side"),
}

OFFICER_ROLES: Final[Mapping[str, str]] = {
    "mediator": msgid("Mediator"),
    "supervisor": msgid("Supervisor"),
    "administrator": msgid("Administrator"),
}

SEAT_STATES: Final[Mapping[str, str]] = {
    "invited": msgid("has not come yet"),
    "waiting": msgid("in the waiting room"),
    "present": msgid("in the room"),
    "reconnecting": msgid("reconnecting"),
    "left": msgid("has left"),
    "removed": msgid("was asked to leave"),
    "refused": msgid("does not want to take part"),
}
SEAT_TONES: Final[Mapping[str, str]] = {
    "waiting": "ok",
    "present": "ok",
    "reconnecting": "warn",
    "refused": "danger",
    "removed": "danger",
}

SESSION_STATES: Final[Mapping[str, str]] = {
    "scheduled": msgid("Scheduled"),
    "live": msgid("Under way"),
    "recess": msgid("In recess"),
    "closed": msgid("Closed"),
    "cancelled": msgid("Cancelled"),
}

PHASES: Final[Mapping[str, str]] = {
    "opening": msgid("Opening"),
    "consumer_statement": msgid("Consumer’s statement"),
    "business_statement": msgid("Business’s statement"),
    "discussion": msgid("Discussion"),
    "proposal": msgid("Proposal"),
    "closing": msgid("Closing"),
}

OUTCOMES: Final[Mapping[str, str]] = {
    "settled": msgid("Settled"),
    "not_settled": msgid("Not settled"),
    "ended": msgid("Ended by law"),
    "adjourned": msgid("Adjourned"),
}
OUTCOME_TONES: Final[Mapping[str, str]] = {"settled": "ok", "ended": "seal", "adjourned": "warn"}

COMPLAINT_STATES: Final[Mapping[str, str]] = {
    "registered": msgid("Registered"),
    "accepted": msgid("Accepted"),
    "refused": msgid("Not accepted"),
    "mediating": msgid("In mediation"),
    "settled": msgid("Settled"),
    "performing": msgid("Waiting for performance"),
    "ended": msgid("Mediation ended"),
    "closed": msgid("Complaint closed"),
}

CHANNELS: Final[Mapping[str, str]] = {
    "12315": msgid("National 12315 platform"),
    "hotline": msgid("12345 hotline"),
    "director": msgid("Director’s mailbox"),
    "board": msgid("Message board"),
    "petition": msgid("Sunshine petition"),
    "window": msgid("Service window"),
}

DEADLINES: Final[Mapping[str, str]] = {
    "accept": msgid("Decide on acceptance"),
    "mediate": msgid("Finish mediation"),
    "tell_end": msgid("Tell both sides it ended"),
}

PERFORMANCES: Final[Mapping[str, str]] = {
    "on_the_spot": msgid("done on the spot"),
    "later": msgid("to be done later"),
}

MESSAGE_STATES: Final[Mapping[str, str]] = {
    "queued": msgid("Waiting to be sent"),
    "sent": msgid("Sent"),
    "failed": msgid("Failed, will be tried again"),
    "dead": msgid("Given up"),
}
MESSAGE_TONES: Final[Mapping[str, str]] = {"sent": "ok", "failed": "warn", "dead": "seal"}

# What the complaint's own stream can say has happened.
HISTORY: Final[Mapping[str, str]] = {}

STEPS: Final = (
    msgid("Register"),
    msgid("Accept"),
    msgid("Mediate"),
    msgid("Perform"),
    msgid("File"),
)
STEP_OF_STATE: Final[Mapping[str, int]] = {
    "registered": 0,
    "accepted": 1,
    "refused": 4,
    "mediating": 2,
    "settled": 4,
    "performing": 3,
    "ended": 4,
    "closed": 4,
}
