"""The names of notices, of what a message's way is called, and of drafts. English msgids, as in `web.office.words`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from web.i18n import N_

KINDS: Final[Mapping[str, str]] = {
    "acceptance": N_("Notice of acceptance"),
    "refusal": N_("Notice of refusal"),
    "mediation": N_("Notice of mediation"),
    "termination": N_("Notice of termination of mediation"),
    "dispatch": N_("Notice that the complaint was sent on"),
    "identity": N_("Notice to prove identity"),
}
DECIDED: Final[Mapping[str, str]] = {
    "acceptance": N_("that the complaint is accepted"),
    "refusal": N_("that the complaint is not accepted"),
    "mediation": N_("when and where the mediation is"),
    "termination": N_("that the mediation was terminated"),
    "dispatch": N_("that the complaint was sent on"),
}
"""What somebody was told of, in a sentence."""
WHY: Final[Mapping[str, str]] = {
    "acceptance": N_("The complainant is to be told within seven working days of receipt."),
    "refusal": N_("The complainant is to be told the ground and the other ways, within seven working days of receipt."),
    "mediation": N_("Both sides should have time, way of joining and their rights in writing before they meet."),
    "termination": N_("Both sides are to be told within seven working days."),
    "dispatch": N_("Only to who is competent, and back to the intake unit: never sideways."),
    "identity": N_("Where it is not certain who complains. Refusing the check is a ground for not accepting."),
}
DRAFTS: Final[Mapping[str, str]] = {
    "register": N_("Register form of the complaint"),
    "agreement": N_("Draft of the mediation agreement"),
    "record": N_("Draft of the mediation record"),
}
STATES: Final[Mapping[str, str]] = {
    "standing": N_("In force"),
    "replaced": N_("Replaced"),
    "withdrawn": N_("Withdrawn"),
}
STATE_TONES: Final[Mapping[str, str]] = {"standing": "ok", "withdrawn": "seal"}
WAYS: Final[Mapping[str, str]] = {
    "queued": N_("message waiting to be sent"),
    "sent": N_("message sent"),
    "failed": N_("message failed, will be tried again"),
    "dead": N_("message given up: see Messages"),
    "by_hand": N_("no mobile number: hand the sheet over"),
}
WAY_TONES: Final[Mapping[str, str]] = {"sent": "ok", "failed": "warn", "dead": "danger", "by_hand": "warn"}
