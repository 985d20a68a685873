"""A review: what may be done to it, by whom, and what follows (`decide`); its checklist, and where the journal speaks
of what it goes through.

Whoever opened it answers for it, or who took it over. A second opinion is somebody else's. Only the mediator of the
mediation replies. Nothing is closed before it was answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from journal import Actor
from journal.refusals import BadChoice, Missing, NotAllowed, WrongState
from rooms import events as room
from rooms.events import SessionEntry
from rooms.supervision import reviews as e
from rooms.supervision.drawing import NoEvidence, NothingToUndo, Unanswered
from rooms.supervision.reviews import ANSWERS, SEVERITIES, Evidence, Finding, Reply, Review, ReviewEvent
from rooms.vocabulary import Opening

MOST_TEXT: Final = 2000
MOST_EVIDENCE: Final = 10
MOST_FINDINGS: Final = 50
LONGEST_MS: Final = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class OpenReview:
    """By the program on a supervisor's behalf, once the mediation is known to be closed and theirs to see."""

    opened: e.ReviewOpened


@dataclass(frozen=True, slots=True)
class TakeOver:
    reason: str


@dataclass(frozen=True, slots=True)
class AnswerItem:
    item: str
    answer: str
    note: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class NoteFinding:
    severity: str
    item: str
    text: str
    evidence: tuple[Evidence, ...]
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class DropFinding:
    finding: int


@dataclass(frozen=True, slots=True)
class Undo:
    pass


@dataclass(frozen=True, slots=True)
class AskOpinion:
    of: str
    name: str
    question: str


@dataclass(frozen=True, slots=True)
class GiveOpinion:
    agrees: bool
    text: str


@dataclass(frozen=True, slots=True)
class WaiveOpinion:
    reason: str


@dataclass(frozen=True, slots=True)
class HandOn:
    summary: str = ""


@dataclass(frozen=True, slots=True)
class AnswerFindings:
    replies: tuple[Reply, ...]


@dataclass(frozen=True, slots=True)
class DecideFinding:
    finding: int
    stands: bool
    reason: str


@dataclass(frozen=True, slots=True)
class NoteRemedy:
    finding: int
    text: str


@dataclass(frozen=True, slots=True)
class CloseReview:
    note: str = ""


@dataclass(frozen=True, slots=True)
class MarkTraining:
    kept: bool
    note: str = ""


ReviewCommand = (
    OpenReview
    | TakeOver
    | AnswerItem
    | NoteFinding
    | DropFinding
    | Undo
    | AskOpinion
    | GiveOpinion
    | WaiveOpinion
    | HandOn
    | AnswerFindings
    | DecideFinding
    | NoteRemedy
    | CloseReview
    | MarkTraining
)

_OTHERS: Final = (OpenReview, TakeOver, GiveOpinion, AnswerFindings, MarkTraining)
"""Asked by somebody else than the reviewer."""
_WHEN: Final[Mapping[type[ReviewCommand], tuple[str, ...]]] = {
    TakeOver: ("open", "replying", "replied"),
    AnswerItem: ("open",),
    NoteFinding: ("open",),
    DropFinding: ("open",),
    Undo: ("open",),
    AskOpinion: ("open", "replied"),
    GiveOpinion: ("open", "replying", "replied"),
    WaiveOpinion: ("open", "replying", "replied"),
    HandOn: ("open",),
    AnswerFindings: ("replying",),
    DecideFinding: ("replied",),
    NoteRemedy: ("replied", "closed"),
    CloseReview: ("replied",),
    MarkTraining: ("replying", "replied", "closed"),
}
"""Stages of the review in which each may be asked."""


def decide(command: ReviewCommand, review: Review | None, actor: Actor) -> Sequence[ReviewEvent]:
    """The events to append, none when it is so already. DomainError says why not."""
    if isinstance(command, OpenReview):
        _supervises(actor)
        return [] if review is not None else [command.opened]
    if review is None:
        raise WrongState
    _may(command, review, actor)
    if review.state not in _WHEN[type(command)]:
        raise WrongState(state=review.state)
    match command:
        case TakeOver(reason):
            return [] if actor.id == review.reviewer else [e.ReviewTakenOver(_text(reason))]
        case AnswerItem():
            return _answer(command, review)
        case NoteFinding():
            return _note(command, review)
        case DropFinding(n):
            _known(review, n)
            return [e.FindingDropped(n)]
        case Undo():
            if not review.acts:
                raise NothingToUndo
            return [e.Undone(review.acts[-1].version)]
        case AskOpinion(of, name, question):
            if of in (review.reviewer, review.opened.mediator) or not of:
                raise BadChoice(field="of")
            if review.opinion is not None:
                raise WrongState(state="opinion")
            return [e.OpinionAsked(of, name, _text(question))]
        case GiveOpinion(agrees, text):
            return [e.OpinionGiven(agrees, _text(text))]
        case WaiveOpinion(reason):
            if review.opinion is None:
                raise WrongState(state="opinion")
            return [e.OpinionWaived(_text(reason))]
        case HandOn(summary):
            if review.left or review.opinion is not None:
                raise Unanswered(items=list(review.left))
            if not all(_found(review, item) for item, said in review.answers.items() if said.answer == "no"):
                raise NoEvidence(field="findings")
            return [e.HandedOn(_optional(summary))]
        case AnswerFindings(replies):
            return _reply(replies, review)
        case DecideFinding(n, stands, reason):
            found = _known(review, n)
            if found.accepted is not False:
                raise WrongState(state="accepted")
            return [e.FindingDecided(n, stands, _text(reason))]
        case NoteRemedy(n, text):
            _known(review, n)
            return [e.RemedyNoted(n, _text(text))]
        case CloseReview(note):
            if review.opinion is not None or any(one.disputed for one in review.findings):
                raise Unanswered(items=[])
            return [e.ReviewClosed(_optional(note))]
        case MarkTraining(kept, note):
            same = (kept, note.strip() if kept else "") == (review.training, review.training_note)
            return [] if same else [e.TrainingMarked(kept, _optional(note))]
        case _:
            assert_never(command)


def _may(command: ReviewCommand, review: Review, actor: Actor) -> None:
    """NotAllowed."""
    if isinstance(command, AnswerFindings | MarkTraining):
        if actor.id != review.opened.mediator:
            raise NotAllowed
        return
    _supervises(actor)
    if isinstance(command, GiveOpinion):
        if review.opinion is None or actor.id != review.opinion.of:
            raise NotAllowed
    elif not isinstance(command, _OTHERS) and actor.id != review.reviewer:
        raise NotAllowed


def _supervises(actor: Actor) -> None:
    if actor.role != "supervisor":
        raise NotAllowed


def _answer(command: AnswerItem, review: Review) -> Sequence[ReviewEvent]:
    if command.item not in review.opened.items:
        raise BadChoice(field="item")
    if command.answer not in ANSWERS:
        raise BadChoice(field="answer")
    note = _optional(command.note)
    evidence = _evidence(command.evidence)
    if command.answer == "none":
        if not note:
            raise Missing(field="note")
    elif not evidence:
        raise NoEvidence(field="evidence")
    before = review.answers.get(command.item)
    if before is not None and (before.answer, before.note, before.evidence) == (command.answer, note, evidence):
        return []
    return [e.ItemAnswered(command.item, command.answer, note, evidence)]


def _note(command: NoteFinding, review: Review) -> Sequence[ReviewEvent]:
    if command.severity not in SEVERITIES:
        raise BadChoice(field="severity")
    if command.item and command.item not in review.opened.items:
        raise BadChoice(field="item")
    if review.noted >= MOST_FINDINGS:
        raise BadChoice(field="finding")
    evidence = _evidence(command.evidence)
    if not evidence:
        raise NoEvidence(field="evidence")
    found = review.noted + 1
    text, remedy = _text(command.text), _optional(command.remedy)
    return [e.FindingNoted(found, command.severity, command.item, text, evidence, remedy)]


def _reply(replies: Sequence[Reply], review: Review) -> Sequence[ReviewEvent]:
    """One for each finding that asks for one, and an objection says why."""
    said = {one.finding: one for one in replies}
    asked = [one.n for one in review.asking]
    if len(said) != len(replies) or not said.keys() <= set(asked):
        raise BadChoice(field="finding")
    if missing := [n for n in asked if n not in said]:
        raise Unanswered(items=missing)
    sound = tuple(
        Reply(n, said[n].accepts, _optional(said[n].text) if said[n].accepts else _text(said[n].text)) for n in asked
    )
    return [e.MediatorReplied(sound)]


def _evidence(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Each once, in order of time. BadChoice."""
    if len(evidence) > MOST_EVIDENCE:
        raise BadChoice(field="evidence")
    for one in evidence:
        if one.kind not in ("second", "entry") or not 0 <= one.at <= LONGEST_MS or (one.kind == "entry" and not one.at):
            raise BadChoice(field="evidence")
    return tuple(sorted(set(evidence), key=lambda one: (one.kind != "second", one.at)))


def _found(review: Review, item: str) -> bool:
    return any(one.item == item and one.asks for one in review.findings)


def _known(review: Review, n: int) -> Finding:
    found = review.finding(n)
    if found is None:
        raise BadChoice(field="finding")
    return found


def _text(text: str) -> str:
    text = _optional(text)
    if not text:
        raise Missing(most=MOST_TEXT)
    return text


def _optional(text: str) -> str:
    text = text.strip()
    if len(text) > MOST_TEXT:
        raise Missing(most=MOST_TEXT)
    return text


# ------------------------------------------------------------ the checklist


EDITION: Final = 2
"""2: a mediation without a room has a list of its own, without what only a room shows."""
_OPENING: Final = ("identity", "rights", "recusal", "consent")
_RECORD: Final = ("notices", "record")
ITEMS: Final[Mapping[str, tuple[str, ...]]] = {
    "settled": (*_OPENING, "balance", "concessions", "terms", *_RECORD),
    "not_settled": (*_OPENING, "balance", "concessions", *_RECORD),
    "ended": (*_OPENING, "balance", "ground", *_RECORD),
    "adjourned": (*_OPENING, "balance", "concessions", *_RECORD),
}
HELD: Final[Mapping[str, tuple[str, ...]]] = {
    outcome: tuple(
        "agreed" if item == "consent" else "papers" if item == "record" else item
        for item in found
        if item not in ("balance", "concessions")
    )
    for outcome, found in ITEMS.items()
}
"""Of one without a room: nothing was recorded, nobody's turns were measured and no private talk was cut off."""
EVERY: Final = (*_OPENING, "balance", "concessions", "terms", "ground", *_RECORD, "agreed", "papers")
MOST: Final = 8
"""Pointers of one item: the first ones."""

_KINDS: Final[Mapping[str, tuple[type[room.SessionEvent], ...]]] = {
    "identity": (
        room.IdentityConfirmed,
        room.IdentityConfirmedByVoice,
        room.AuthorityRecorded,
        room.HeldElsewhere,
    ),
    "rights": (),
    "recusal": (),
    "consent": (room.ConsentGiven, room.ConsentRefused, room.ConsentWithdrawn),
    "balance": (room.PhaseEntered,),
    "concessions": (room.CaucusStarted, room.CaucusEnded, room.FactAnswered),
    "terms": (
        room.ClausePut,
        room.ClauseAnswered,
        room.LawShown,
        room.Signed,
        room.DocumentSealed,
        room.OutcomeProposed,
    ),
    "ground": (room.OutcomeProposed, room.SessionClosed),
    "notices": (room.LinkIssued, room.LinkOpened),
    "record": (
        room.RecordingFailed,
        room.RecordingStopped,
        room.RecordingComposed,
        room.SessionClosed,
    ),
    "agreed": (room.HeldElsewhere,),
    "papers": (
        room.HeldElsewhere,
        room.SessionClosed,
        room.Signed,
        room.DocumentSealed,
    ),
}
_COVERED: Final[Mapping[str, tuple[Opening, ...]]] = {
    "identity": (Opening.IDENTITY,),
    "rights": (Opening.RIGHTS, Opening.SHAM),
    "recusal": (Opening.RECUSAL,),
}


def checklist_items(outcome: str, without_room: bool = False) -> tuple[str, ...]:
    """What the review of a closed mediation goes through, by how it ended. KeyError for what is no outcome."""
    return (HELD if without_room else ITEMS)[outcome]


def checklist_pointers(history: Iterable[SessionEntry]) -> Mapping[str, tuple[int, ...]]:
    """Item -> versions of the session's journal that speak of it, in order, the first few.

    Suggestions: which entries an answer rests on is for the person who looked.
    """
    found: dict[str, list[int]] = {item: [] for item in EVERY}
    for entry in history:
        for item in EVERY:
            if _speaks_of(item, entry.event) and len(found[item]) < MOST:
                found[item].append(entry.version)
    return {item: tuple(versions) for item, versions in found.items()}


def _speaks_of(item: str, event: room.SessionEvent) -> bool:
    if isinstance(event, room.OpeningCovered):
        return event.done and event.item in _COVERED.get(item, ())
    return isinstance(event, _KINDS[item])
