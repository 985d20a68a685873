"""What a complaint owes to where it came from: what that system was told, and a settlement that is tried before
acceptance (先行和解), which stops no statutory clock.

Which system it is, in which words it is told, and which time limits it sets: `complaints.channels.platforms`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

from complaints import BadDay, Missing, TooLong, WrongState

# ---------------------------------------------------------------- what happened

RECEIVED, CLOSED, TAKEN_BACK = "received", "closed", "taken_back"
SETTLING, SETTLED_FIRST, NOT_SETTLED_FIRST = "settling", "settled_first", "not_settled_first"
REFERRED, CASE, NO_CASE = "referred", "case", "no_case"
STAGES: Final = (
    RECEIVED, SETTLING, SETTLED_FIRST, NOT_SETTLED_FIRST, "dispatched", "accepted", "refused", "mediating", "settled",
    "performed", "ended", "withdrawn", REFERRED, CASE, NO_CASE, TAKEN_BACK, CLOSED,
)  # fmt: skip
"""What a sender is told, in the order of the procedure. `case`: the complaint led to a case that was filed (诉转案)."""
HOW: Final = ("http", "file", "hand")
"""How a sender said that it has it: in its answer, in a file of receipts, or as somebody noted it."""
LONGEST: Final = {"note": 500, "receipt": 200, "number": 100}


@dataclass(frozen=True, slots=True)
class SenderTold:
    """The system it came from has taken what it was told: `stage`, the `sequence`th of this complaint, under its
    `number` there. `receipt`: what it answered."""

    connection: str
    platform: str
    stage: str
    sequence: int
    number: str
    receipt: str
    how: str = "http"


@dataclass(frozen=True, slots=True)
class PriorSettlementBegun:
    """The business tries to settle with the complainant before acceptance, until `due`."""

    due: date
    note: str = ""


@dataclass(frozen=True, slots=True)
class PriorSettlementEnded:
    settled: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class NoteSenderTold:
    """By the system. Noted again it changes nothing."""

    told: SenderTold


@dataclass(frozen=True, slots=True)
class BeginPriorSettlement:
    due: date
    note: str = ""


@dataclass(frozen=True, slots=True)
class EndPriorSettlement:
    """`settled`: the complainant takes the complaint back, as whoever notes it says in `note`."""

    settled: bool
    note: str = ""


ExchangeCommand = NoteSenderTold | BeginPriorSettlement | EndPriorSettlement
ExchangeEvent = SenderTold | PriorSettlementBegun | PriorSettlementEnded


@dataclass(frozen=True, slots=True)
class PriorSettlement:
    """`ended`: None while it lasts."""

    due: date | None
    ended: PriorSettlementEnded | None = None


@dataclass(frozen=True, slots=True)
class Exchanged:
    """Of one complaint, between it and where it came from."""

    told: tuple[SenderTold, ...] = ()
    prior: PriorSettlement | None = None

    def has(self, *stages: str) -> bool:
        return any(one.stage in stages for one in self.told)


NOTHING_EXCHANGED: Final = Exchanged()


def decide_exchange(
    command: ExchangeCommand, known: Exchanged, state: str, settling: bool, today: date
) -> Sequence[ExchangeEvent]:
    """WrongState, BadDay, Missing, TooLong. A complaint that was settled first is withdrawn by the caller. `settling`:
    the business is trying to settle it now."""
    match command:
        case NoteSenderTold(told):
            same = (told.connection, told.number, told.sequence)
            if any((one.connection, one.number, one.sequence) == same for one in known.told):
                return []
            return [replace(told, receipt=told.receipt[: LONGEST["receipt"]])]
        case BeginPriorSettlement(due, note):
            _short(note)
            if state != "registered" or settling:
                raise WrongState(state=state)
            if due < today:
                raise BadDay(field="prior_due")
            return [PriorSettlementBegun(due, note.strip())]
        case EndPriorSettlement(settled, note):
            _short(note)
            if settled and not note.strip():
                raise Missing(field="prior_note")
            if not settling:
                raise WrongState(state=state)
            return [PriorSettlementEnded(settled, note.strip())]


def exchanged_after(known: Exchanged, event: ExchangeEvent) -> Exchanged:
    match event:
        case SenderTold():
            return replace(known, told=(*known.told, event))
        case PriorSettlementBegun(due=due):
            return replace(known, prior=PriorSettlement(due))
        case PriorSettlementEnded():
            return replace(known, prior=PriorSettlement(known.prior.due if known.prior else None, event))


def _short(note: str) -> None:
    if len(note) > LONGEST["note"]:
        raise TooLong(field="prior_note", most=LONGEST["note"])


# ---------------------------------------------------------------- as stores and pages have it


@dataclass(frozen=True, slots=True)
class Statement:
    """What a platform has to be told of a complaint that it calls `number`. `state`: "queued" | "failed" (tried again
    at `next_try`) | "handed" (in a `file`, its receipt is awaited) | "sent" | "refused" (not taken there). `source`:
    the event it tells of; `version`: in the complaint's stream, 0 of what a lead led to."""

    id: str
    connection: str
    office: str
    complaint: str
    number: str
    own_number: str
    sequence: int
    stage: str
    source: str
    version: int
    at: datetime
    next_try: datetime
    state: str = "queued"
    tries: int = 0
    last_error: str = ""
    sent_at: datetime | None = None
    receipt: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class LineView:
    """A connection on the page. `counts`: statements by state; `oldest`: since when one waits."""

    name: str
    platform: str
    names: tuple[str, str]  # Chinese, English
    channel: str
    http: bool
    where: str
    counts: Mapping[str, int] = field(default_factory=dict)
    oldest: datetime | None = None

    @property
    def waiting(self) -> int:
        return sum(self.counts.get(state, 0) for state in ("queued", "failed", "handed"))


@dataclass(frozen=True, slots=True)
class LinePage:
    """`files`: handed out and not confirmed: id, when, how many statements. `last`: the newest reconciliation."""

    line: LineView
    waiting: Sequence[Statement] = ()
    refused: Sequence[Statement] = ()
    files: Sequence[tuple[str, datetime, int]] = ()
    last: ReconciliationView | None = None


@dataclass(frozen=True, slots=True)
class ReconciliationView:
    """Of complaints received from `first` to `last`. `differences`: number, our stage, theirs, our complaint's id."""

    first: date
    last: date
    made: datetime
    by: str
    how: str
    ours: Mapping[str, int]
    theirs: Mapping[str, int]
    differences: Sequence[tuple[str, str, str, str]]


@dataclass(frozen=True, slots=True)
class ComplaintExchange:
    """On a complaint's page. `lines`: name -> Chinese and English name; `versions`: what was sent over HTTP of it:
    connection, which, when, what became of it."""

    lines: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    statements: Sequence[Statement] = ()
    versions: Sequence[tuple[str, int, datetime, str]] = ()


@dataclass(frozen=True, slots=True)
class ReceiptsRead:
    """What a file of receipts said: how many statements were taken, refused, and which numbers nobody knows here.
    `unclear`: rows whose word for it is not known."""

    taken: int = 0
    refused: int = 0
    unclear: int = 0
    unknown: tuple[str, ...] = ()
