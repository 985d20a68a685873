"""The names of things at the desk and in the record: roles, states, grounds, channels, causes.

Owns English msgids only; the Chinese is in locales/zh/office.po. Keys are the values journals and read models use.
Grounds and orders are the law package's, which has both languages itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from web.i18n import N_

EXTRA_ROLES: Final = ("representative", "lawyer", "interpreter", "companion", "observer")

SIDES: Final[Mapping[str, str]] = {
    "consumer": N_("with the consumer"),
    "business": N_("with the business"),
    "": N_("with neither side"),
}

OFFICER_ROLES: Final[Mapping[str, str]] = {
    "mediator": N_("Mediator"),
    "supervisor": N_("Supervisor"),
    "administrator": N_("Administrator"),
    "inspector": N_("Inspector"),
}

SEAT_STATES: Final[Mapping[str, str]] = {
    "invited": N_("has not come yet"),
    "unlinked": N_("no link yet"),
    "linked": N_("has not opened the link yet"),
    "opened": N_("opened the link"),
    "agreed": N_("agreed to take part"),
    "undelivered": N_("the message did not arrive"),
    "waiting": N_("in the waiting room"),
    "present": N_("in the room"),
    "reconnecting": N_("reconnecting"),
    "left": N_("has left"),
    "removed": N_("was asked to leave"),
    "refused": N_("does not want to take part"),
}
SEAT_TONES: Final[Mapping[str, str]] = {
    "agreed": "ok",
    "undelivered": "danger",
    "waiting": "ok",
    "present": "ok",
    "reconnecting": "warn",
    "refused": "danger",
    "removed": "danger",
}

SESSION_STATES: Final[Mapping[str, str]] = {
    "scheduled": N_("Scheduled"),
    "live": N_("Under way"),
    "recess": N_("In recess"),
    "closed": N_("Closed"),
    "cancelled": N_("Cancelled"),
}

PHASES: Final[Mapping[str, str]] = {
    "opening": N_("Opening"),
    "consumer_statement": N_("Consumer’s statement"),
    "business_statement": N_("Business’s statement"),
    "discussion": N_("Discussion"),
    "proposal": N_("Proposal"),
    "closing": N_("Closing"),
}

OUTCOMES: Final[Mapping[str, str]] = {
    "settled": N_("Settled"),
    "not_settled": N_("Not settled"),
    "ended": N_("Terminated (statutory ground)"),
    "adjourned": N_("Adjourned"),
}
OUTCOME_TONES: Final[Mapping[str, str]] = {"settled": "ok", "ended": "seal", "adjourned": "warn"}

COMPLAINT_STATES: Final[Mapping[str, str]] = {
    "registered": N_("Registered"),
    "accepted": N_("Accepted"),
    "refused": N_("Not accepted"),
    "mediating": N_("In mediation"),
    "settled": N_("Settled"),
    "performing": N_("Waiting for performance"),
    "ended": N_("Mediation terminated"),
    "closed": N_("Complaint closed"),
    "undone": N_("Taken back"),
}

CHANNELS: Final[Mapping[str, str]] = {
    "12315": N_("National 12315 platform"),
    "hotline": N_("Citizen hotline"),
    "director": N_("Bureau chief’s hotline"),
    "board": N_("City message board"),
    "petition": N_("Online petition (letters and visits)"),
    "window": N_("Window"),
}

WHOSE: Final[Mapping[str, str]] = {
    "consumer": N_("complainant"),
    "business": N_("respondent"),
    "proxy": N_("proxy"),
    "joint": N_("joint complainant"),
}

ANSWERS: Final[Mapping[str, str]] = {
    "": N_("reached"),
    "yes": N_("satisfied"),
    "partly": N_("partly satisfied"),
    "no": N_("not satisfied"),
}

NUMBERS: Final[Mapping[str, str]] = {
    "phone": N_("Phone"),
    "other_phone": N_("Another phone"),
    "identity": N_("Identity document"),
    "credit_code": N_("Unified social credit code"),
}

DEADLINES: Final[Mapping[str, str]] = {
    "accept": N_("Decide on acceptance, and tell"),
    "mediate": N_("Finish mediation"),
    "tell_end": N_("Tell both sides of the termination"),
    "competence": N_("Settle who is competent"),
    "verify": N_("Verify the lead"),
    "tell_filing": N_("Tell the informant whether a case is filed"),
}

PERFORMANCES: Final[Mapping[str, str]] = {
    "on_the_spot": N_("done on the spot"),
    "later": N_("to be done later"),
}

MESSAGE_STATES: Final[Mapping[str, str]] = {
    "queued": N_("Waiting to be sent"),
    "sent": N_("Sent"),
    "failed": N_("Failed, will be tried again"),
    "dead": N_("Not delivered"),
}
MESSAGE_TONES: Final[Mapping[str, str]] = {"sent": "ok", "failed": "warn", "dead": "seal"}

STEPS: Final = (
    N_("Register"),
    N_("Accept"),
    N_("Mediate"),
    N_("Perform"),
    N_("File"),
)
STEP_OF_STATE: Final[Mapping[str, int]] = {
    "registered": 0,
    "accepted": 1,
    "refused": 4,
    "mediating": 2,
    "settled": 4,
    "performing": 3,
    "ended": 4,
    "undone": 4,
    "closed": len(STEPS),  # every step is done
}

NOTES: Final[Mapping[str, str]] = {
    "kept": N_("Everything promised was done"),
    "told": N_("Somebody was told of what was decided"),
    "closed": N_("The file was closed"),
    "refused": N_("Not accepted"),
    "ended": N_("Mediation terminated"),
}
