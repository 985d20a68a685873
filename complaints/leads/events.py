"""What can have happened to a lead: past-tense facts, as the journal keeps them in `lead/<id>`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, get_args

from complaints.attachments import AttachmentAdded, AttachmentRemoved, AttachmentTaken

REPORT, MEDIATION, SPOT, PROFILE = "report", "mediation", "spot", "profile"
ORIGINS: Final = (REPORT, MEDIATION, SPOT, PROFILE)
OUTCOMES: Final = ("case", "verified", "unfounded", "moved")
"""A case is opened; true, and settled without one; not so; handed to whom it concerns. Journals from before there were
four also say "no_case"."""
ACTIONS: Final = ("inspection", "talk", "order", "penalty", "other")
TOLD: Final = ("moved", "decision", "result", "reward")  # Order 121 Arts 34 and 36
HOW: Final = ("phone", "message", "letter", "visit")


@dataclass(frozen=True, slots=True)
class LeadOpened:
    """`found`: when the report was received, or the sign found. `informant` is "" when nobody reported it.

    `complaint` and `number` are of the complaint it was split from or found in; "" for one that figures led to.
    `subject`: the columns of the facts it is about and their values ("respondent", "industry_code", …), so that
    complaints can be counted before and after action. `records`: ids of complaints it began with.
    """

    office: str
    complaint: str
    number: str  # the complaint's
    origin: str
    found: datetime
    order: str
    title: str
    content: str
    about: str  # whom it is about
    informant: str = ""
    phone: str = ""  # sealed
    phone_masked: str = ""
    own_number: str = ""  # 东高一投线〔2026〕0007号; "" of one from before leads had numbers
    spot: str = ""  # the hot spot's id
    subject: dict[str, str] = field(default_factory=dict)
    records: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VerificationExtended:
    reason: str


@dataclass(frozen=True, slots=True)
class LeadAssigned:
    """`owner`: user id of the inspector who verifies it from now on."""

    owner: str
    name: str


@dataclass(frozen=True, slots=True)
class RecordAttached:
    complaint: str


@dataclass(frozen=True, slots=True)
class RecordDetached:
    complaint: str
    reason: str


@dataclass(frozen=True, slots=True)
class ActionNoted:
    """What the office did about it, on an office's local day."""

    day: date
    kind: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class InformantTold:
    """Order 121 Art 36, and Art 34 of what is not ours to handle. `day` is local."""

    day: date
    what: str
    how: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class InformantRevealed:
    """Somebody looked at who reported it, and at their whole number."""

    reason: str


@dataclass(frozen=True, slots=True)
class LeadDecided:
    outcome: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class LeadWithdrawn:
    """It was opened by mistake; its number stays given."""

    reason: str


@dataclass(frozen=True, slots=True)
class LeadNoteTakenBack:
    """`what`: "decision" | "withdrawal", or "action" | "told" with its `ordinal`, counted from 1."""

    what: str
    ordinal: int
    reason: str


@dataclass(frozen=True, slots=True)
class LeadHeld:
    """Its files are kept beyond their time, until the hold is lifted; nobody removes one meanwhile."""

    reason: str


@dataclass(frozen=True, slots=True)
class LeadHoldLifted:
    reason: str


@dataclass(frozen=True, slots=True)
class LeadFileArchived:
    """`path` is its name in the archive; `sha256` of the bytes that lie there."""

    path: str
    store: str
    sha256: str


LeadEvent = (
    LeadOpened
    | VerificationExtended
    | LeadAssigned
    | RecordAttached
    | RecordDetached
    | ActionNoted
    | InformantTold
    | InformantRevealed
    | LeadDecided
    | LeadWithdrawn
    | LeadNoteTakenBack
    | LeadHeld
    | LeadHoldLifted
    | LeadFileArchived
    | AttachmentAdded
    | AttachmentTaken
    | AttachmentRemoved
)
KINDS: Mapping[str, type[LeadEvent]] = {kind.__name__: kind for kind in get_args(LeadEvent)}
