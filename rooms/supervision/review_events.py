"""What can have happened to a review. Owns the stream `review/<session>`; an event's type is its class name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, get_args

STREAM: Final = "review"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an answer or a finding rests on. `kind` "second": `at` in milliseconds since the session was opened;
    "entry": `at` a version of the session's journal."""

    kind: str
    at: int


@dataclass(frozen=True, slots=True)
class ReviewOpened:
    """`period`: the plan it was drawn for, "" when taken up by hand. `items`: rooms.supervision.checklist."""

    session: str
    office: str
    number: str
    ordinal: int
    mediator: str
    outcome: str
    period: str
    items: tuple[str, ...]
    edition: int = 1


@dataclass(frozen=True, slots=True)
class ReviewTakenOver:
    """By another supervisor, who answers for it from here on."""

    reason: str


@dataclass(frozen=True, slots=True)
class ItemAnswered:
    """`answer`: "yes" in order | "no" | "none" does not apply here."""

    item: str
    answer: str
    note: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class FindingNoted:
    """`severity`: "praise" | "minor" | "major" | "grave". `finding` counts from 1 and is never given twice."""

    finding: int
    severity: str
    item: str  # "" for the whole
    text: str
    evidence: tuple[Evidence, ...]
    remedy: str = ""  # what is to be done


@dataclass(frozen=True, slots=True)
class FindingDropped:
    finding: int


@dataclass(frozen=True, slots=True)
class Undone:
    """The act with this version is taken back; it stays readable."""

    version: int


@dataclass(frozen=True, slots=True)
class OpinionAsked:
    of: str  # a supervisor's id
    name: str
    question: str


@dataclass(frozen=True, slots=True)
class OpinionGiven:
    agrees: bool
    text: str


@dataclass(frozen=True, slots=True)
class OpinionWaived:
    reason: str


@dataclass(frozen=True, slots=True)
class HandedOn:
    """To the mediator, who answers."""

    summary: str


@dataclass(frozen=True, slots=True)
class Reply:
    finding: int
    accepts: bool
    text: str


@dataclass(frozen=True, slots=True)
class MediatorReplied:
    replies: tuple[Reply, ...]


@dataclass(frozen=True, slots=True)
class FindingDecided:
    """After an objection."""

    finding: int
    stands: bool
    reason: str


@dataclass(frozen=True, slots=True)
class RemedyNoted:
    finding: int
    text: str


@dataclass(frozen=True, slots=True)
class ReviewClosed:
    note: str = ""


@dataclass(frozen=True, slots=True)
class TrainingMarked:
    """By the mediator: kept among their training cases, or no longer."""

    kept: bool
    note: str = ""


ReviewEvent = (
    ReviewOpened
    | ReviewTakenOver
    | ItemAnswered
    | FindingNoted
    | FindingDropped
    | Undone
    | OpinionAsked
    | OpinionGiven
    | OpinionWaived
    | HandedOn
    | MediatorReplied
    | FindingDecided
    | RemedyNoted
    | ReviewClosed
    | TrainingMarked
)
KINDS: Final[Mapping[str, type[ReviewEvent]]] = {kind.__name__: kind for kind in get_args(ReviewEvent)}


def stream(session: str) -> str:
    return f"{STREAM}/{session}"
