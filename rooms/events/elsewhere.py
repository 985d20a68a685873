"""What can have happened where there was no room: a mediation by telephone, on site or by other means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class HeldElsewhere:
    """As the mediator recorded it afterwards; the outcome follows in `SessionClosed`. `mode` is one of law.modes.

    `consumer_by`, `business_by`: who spoke for each side, and as what; "" when nobody took part. `proof`: attachments
    of the complaint. `agreement`, of a settlement: "wanted" (to be signed), "waived" (by both), "" (done at once).
    `next_mode`, `next_place`, of one that was adjourned: how and, on site, where it goes on.
    """

    mode: str
    began: datetime
    ended: datetime
    place: str = ""
    consumer_by: str = ""
    business_by: str = ""
    others: str = ""
    course: str = ""
    proof: tuple[str, ...] = ()
    agreement: str = ""
    next_mode: str = ""
    next_place: str = ""


ElsewhereEvent = HeldElsewhere
