"""What can have happened to a lead: past-tense facts, as the journal keeps them in `lead/<id>`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, get_args

from complaints.record import AttachmentAdded, AttachmentRemoved, AttachmentTaken

REPORT, MEDIATION, SPOT, PROFILE = "report", "mediation", "spot", "profile"
ORIGINS: Final = (REPORT, MEDIATION, SPOT, PROFILE)
OUTCOMES: Final = ("case", "verified", "unfounded", "moved")
"""A case is opened; true, and settled without one; not so; handed to whom it concerns. Journals from before there were
four also say "no_case"."""
ACTIONS: Final = ("inspection", "talk", "order", "penalty", "other")
FILING: Final = ("case", "verified", "unfounded")
"""Outcomes that say whether a case is filed."""
FILED: Final = frozenset({*FILING, "no_case"})
TOLD: Final = ("received", "joined", "moved", "decision", "result", "reward")  # Order 121 Arts 34 to 36
OF_DECISION: Final = frozenset({"moved", "decision", "result", "reward"})
"""What tells of a decision, and of nothing once that is taken back."""
OWED: Final = ("result", "reward")  # what a law may say the informant is told or given (Art 36)
BY_HAND: Final = ("phone", "letter", "visit", "platform")  # the last: answered where the report came from
HOW: Final = (*BY_HAND, "message")
"""How they were told. By message: noted by the outbox, and by hand in journals from before it did."""
TESTS: Final = ("testing", "inspection", "quarantine", "appraisal", "identification")
"""What takes its time out of the period (penalty procedure, Art 18); the last: by the holder of a right."""
BODIES: Final = ("police", "authority", "branch")
"""To whom something is handed over: the police (Art 42 and where a crime is suspected), another authority, or the
unit that takes in complaints and reports for all offices (统一接收机构)."""
SETTLED: Final = ("agreed", "designated")
JOINED: Final = ("repeat", "facts")
"""A report again of what was reported, which is not handled once more, or one with new facts (Art 35)."""


@dataclass(frozen=True, slots=True)
class ReportRecord:
    """What the register has of a report beside its text (Order 121 Arts 8, 28 to 32).

    `informant_key`: a keyed digest of the informant's phone, by which their reports are found again.
    """

    channel: str  # complaints.Channel
    mode: str  # complaints.Mode
    real_name: bool = False
    subject: str = "conduct"  # law.orders.SUBJECTS
    place: str = ""  # where it took place, in words
    credit_code: str = ""  # of whom it is about; masked in entries from before codes were open
    insider: bool = False  # from somebody within the business
    source: str = ""  # its number where it came from
    informant_key: str = ""
    row: str = ""  # of an import: "<batch>/<row>"


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
    report: ReportRecord | None = None  # of a report; old ones have none


@dataclass(frozen=True, slots=True)
class LeadTestingBegun:
    """On a local day; the days after it do not count until it has ended."""

    day: date
    kind: str
    body: str = ""  # who does it


@dataclass(frozen=True, slots=True)
class LeadTestingEnded:
    day: date


@dataclass(frozen=True, slots=True)
class LeadCompetenceDisputed:
    """`other`: the authority it is disputed with, by name. Order 121 Art 33."""

    day: date
    other: str
    reason: str


@dataclass(frozen=True, slots=True)
class LeadCompetenceSettled:
    """`how`: agreed, or designated by the common superior; `ours`: we handle it."""

    how: str
    ours: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReportJoined:
    """Another report by the same informant was joined to this one. `received`: when that one was; `how`: `JOINED`."""

    lead: str
    number: str
    received: datetime
    how: str


@dataclass(frozen=True, slots=True)
class JoinTakenBack:
    lead: str
    reason: str


@dataclass(frozen=True, slots=True)
class JoinedIntoReport:
    """It goes on as part of an earlier one."""

    lead: str
    number: str
    how: str


@dataclass(frozen=True, slots=True)
class ReportSeparated:
    """It was joined by mistake and goes on by itself."""

    reason: str


@dataclass(frozen=True, slots=True)
class ReportSupplemented:
    """Its source says more or other than before."""

    content: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class InformantWithdrew:
    """The informant takes the report back; what it points to is verified all the same."""

    day: date
    note: str = ""


@dataclass(frozen=True, slots=True)
class LeadReferred:
    """Handed over, wholly or in part, on a local day. `document`: the number of the paper that went with it."""

    day: date
    to: str  # BODIES
    name: str
    note: str = ""
    document: str = ""


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
    """Order 121 Art 36, and Art 34 of what is not ours to handle. `day` is local; `message`: that the gateway took."""

    day: date
    what: str
    how: str
    note: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class InformantMessaged:
    """A message to who reported was queued. `phone` and `text` are sealed; `message` is its id in the outbox."""

    what: str
    message: str
    phone: str
    phone_masked: str
    text: str


@dataclass(frozen=True, slots=True)
class InformantMessageLost:
    """The gateway refused it, or it was given up: they are not told."""

    message: str
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class InformantRevealed:
    """Somebody looked at who reported it, and at their whole number."""

    reason: str


@dataclass(frozen=True, slots=True)
class LeadDecided:
    """`approver`: the person in charge who decided whether a case is filed, by name; `document`: the case's number;
    `owed`: what a law says the informant is told or given; `competence`: the rule by which a report is ours to decide
    (`law.orders.CompetenceRule.key`, or DISPUTE), "" in entries from before it was asked for."""

    outcome: str
    note: str = ""
    approver: str = ""
    document: str = ""
    owed: tuple[str, ...] = ()
    competence: str = ""


@dataclass(frozen=True, slots=True)
class LeadWithdrawn:
    """It was opened by mistake; its number stays given."""

    reason: str


@dataclass(frozen=True, slots=True)
class LeadNoteTakenBack:
    """`what`: "decision" | "withdrawal" | "withdrew" | "testing" (the last one) | "dispute" (the last one), or
    "action" | "told" | "referral" with its `ordinal`, counted from 1."""

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


ReportEvent = (
    LeadTestingBegun
    | LeadTestingEnded
    | LeadCompetenceDisputed
    | LeadCompetenceSettled
    | ReportJoined
    | JoinTakenBack
    | JoinedIntoReport
    | ReportSeparated
    | ReportSupplemented
    | InformantWithdrew
    | LeadReferred
)
"""What interrupts, joins, disputes and hands over a lead; most of it is of reports alone."""

LeadEvent = (
    LeadOpened
    | ReportEvent
    | VerificationExtended
    | LeadAssigned
    | RecordAttached
    | RecordDetached
    | ActionNoted
    | InformantTold
    | InformantMessaged
    | InformantMessageLost
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
