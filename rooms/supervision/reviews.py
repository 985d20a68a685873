"""The events and the state of a review: a fold of the stream `review/<session>`; a type is its class name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, assert_never, get_args

from journal import Actor, Event
from rooms.events import typed

STREAM: Final = "review"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an answer or a finding rests on. `kind` "second": `at` in milliseconds since the session was opened;
    "entry": `at` a version of the session's journal."""

    kind: str
    at: int


@dataclass(frozen=True, slots=True)
class ReviewOpened:
    """`period`: the plan it was drawn for, "" when taken up by hand. `items`: rooms.supervision.reviewing."""

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


def review_stream(session: str) -> str:
    return f"{STREAM}/{session}"


# ------------------------------------------------------------ state


SEVERITIES: Final = ("praise", "minor", "major", "grave")  # in this order
ANSWERS: Final = ("yes", "no", "none")


@dataclass(frozen=True, slots=True)
class ReviewAnswer:
    answer: str
    note: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    n: int
    severity: str
    item: str
    text: str
    evidence: tuple[Evidence, ...]
    remedy: str = ""
    accepted: bool | None = None  # None: not answered
    reply: str = ""
    stands: bool = True
    decided: str = ""  # the reason it stands or does not, after an objection
    done: tuple[str, ...] = ()  # what was done about it

    @property
    def asks(self) -> bool:
        """The mediator is to answer it."""
        return self.severity != "praise"

    @property
    def disputed(self) -> bool:
        """Objected to, and not yet decided."""
        return self.accepted is False and not self.decided


@dataclass(frozen=True, slots=True)
class Opinion:
    of: str
    name: str
    question: str
    agrees: bool | None = None  # None: not given
    text: str = ""
    waived: str = ""

    @property
    def open(self) -> bool:
        return self.agrees is None and not self.waived


@dataclass(frozen=True, slots=True)
class ReviewAct:
    """Something the reviewer did and may take back. `answer` is what stood there before."""

    version: int
    item: str = ""
    answer: ReviewAnswer | None = None
    finding: Finding | None = None  # dropped, to be put back
    noted: int = 0  # a finding noted, to be taken out


@dataclass(frozen=True, slots=True)
class Review:
    """A review at a moment: a fold of its stream.

    open → replying (with the mediator) → replied → closed; with nothing to answer for, handing on leads to replied at
    once.
    """

    opened: ReviewOpened
    at: datetime
    reviewer: str
    reviewer_name: str
    version: int = 1
    state: str = "open"
    answers: Mapping[str, ReviewAnswer] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    noted: int = 0  # findings ever noted
    acts: tuple[ReviewAct, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    summary: str = ""
    handed_on: datetime | None = None
    replied: datetime | None = None
    closed: datetime | None = None
    note: str = ""
    training: bool = False
    training_note: str = ""

    @property
    def left(self) -> tuple[str, ...]:
        """Items without an answer, in order."""
        return tuple(item for item in self.opened.items if item not in self.answers)

    @property
    def opinion(self) -> Opinion | None:
        """The one being waited for."""
        return next((one for one in self.opinions if one.open), None)

    @property
    def asking(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.asks)

    @property
    def worst(self) -> str:
        """The gravest severity among findings that stand; "" without any."""
        return max((one.severity for one in self.findings if one.stands), key=SEVERITIES.index, default="")

    def finding(self, n: int) -> Finding | None:
        return next((one for one in self.findings if one.n == n), None)


@dataclass(frozen=True, slots=True)
class ReviewEntry:
    version: int
    event: ReviewEvent
    at: datetime
    actor: Actor


def entry_of(event: Event) -> ReviewEntry:
    return ReviewEntry(event.version, typed(KINDS[event.type], event.data), event.at, event.actor)


def fold(entries: Iterable[Event], review: Review | None = None) -> Review | None:
    for event in entries:
        if event.type in KINDS and not event.erased:
            review = evolve(review, entry_of(event))
    return review


def evolve(review: Review | None, entry: ReviewEntry) -> Review:
    if isinstance(entry.event, ReviewOpened):
        return Review(entry.event, entry.at, entry.actor.id, entry.actor.name, entry.version)
    if review is None:
        raise ValueError(f"a review begins with {type(entry.event).__name__}")
    return replace(_after(review, entry), version=entry.version)


def _after(review: Review, entry: ReviewEntry) -> Review:
    event, version = entry.event, entry.version
    match event:
        case ReviewTakenOver():
            return replace(review, reviewer=entry.actor.id, reviewer_name=entry.actor.name, acts=())
        case ItemAnswered(item=item, answer=answer, note=note, evidence=evidence):
            act = ReviewAct(version, item=item, answer=review.answers.get(item))
            answers = {**review.answers, item: ReviewAnswer(answer, note, evidence)}
            return replace(review, answers=answers, acts=(*review.acts, act))
        case FindingNoted(finding=n):
            made = Finding(n, event.severity, event.item, event.text, event.evidence, event.remedy)
            act = ReviewAct(version, noted=n)
            return replace(review, findings=(*review.findings, made), noted=n, acts=(*review.acts, act))
        case FindingDropped(finding=n):
            act = ReviewAct(version, finding=review.finding(n))
            return replace(review, findings=_without(review, n), acts=(*review.acts, act))
        case Undone():
            return _undone(review)
        case OpinionAsked(of=of, name=name, question=question):
            return replace(review, opinions=(*review.opinions, Opinion(of, name, question)))
        case OpinionGiven(agrees=agrees, text=text):
            return replace(review, opinions=_opined(review, agrees=agrees, text=text))
        case OpinionWaived(reason=reason):
            return replace(review, opinions=_opined(review, waived=reason))
        case HandedOn(summary=summary):
            state = "replying" if review.asking else "replied"
            return replace(review, state=state, summary=summary, handed_on=entry.at, acts=())
        case MediatorReplied(replies=replies):
            said = {one.finding: one for one in replies}
            answered = tuple(
                replace(one, accepted=said[one.n].accepts, reply=said[one.n].text) if one.n in said else one
                for one in review.findings
            )
            return replace(review, state="replied", findings=answered, replied=entry.at)
        case FindingDecided(finding=n, stands=stands, reason=reason):
            return _changed(review, n, stands=stands, decided=reason)
        case RemedyNoted(finding=n, text=text):
            found = review.finding(n)
            return _changed(review, n, done=(*(found.done if found else ()), text))
        case ReviewClosed(note=note):
            return replace(review, state="closed", closed=entry.at, note=note)
        case TrainingMarked(kept=kept, note=note):
            return replace(review, training=kept, training_note=note if kept else "")
        case ReviewOpened():
            return review
        case _:
            assert_never(event)


def _undone(review: Review) -> Review:
    *before, last = review.acts
    review = replace(review, acts=tuple(before))
    if last.noted:
        return replace(review, findings=_without(review, last.noted))
    if last.finding is not None:
        findings = sorted((*review.findings, last.finding), key=lambda one: one.n)
        return replace(review, findings=tuple(findings))
    rest = {item: answer for item, answer in review.answers.items() if item != last.item}
    return replace(review, answers=rest if last.answer is None else {**rest, last.item: last.answer})


def _without(review: Review, n: int) -> tuple[Finding, ...]:
    return tuple(one for one in review.findings if one.n != n)


def _changed(review: Review, n: int, **changes: object) -> Review:
    changed = tuple(
        replace(one, **changes) if one.n == n else one  # type: ignore[arg-type]
        for one in review.findings
    )
    return replace(review, findings=changed)


def _opined(review: Review, **changes: object) -> tuple[Opinion, ...]:
    return tuple(
        replace(one, **changes) if one.open else one  # type: ignore[arg-type]
        for one in review.opinions
    )
