"""What comes as a complaint or report and is neither: consultations and matters of other bodies (Order 121 Arts 2, 44).

Owns the stream `consultation/<id>`: registered, answered (told the answer, or where to turn) and closed. It has no
statutory clock and is in no figure of complaints; `law.grounds` says what kinds there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, assert_never, get_args

import complaints
from complaints import NotAllowed, UnknownComplaint, WrongState
from complaints.commands import MEDIATOR, SYSTEM, office_standing
from complaints.events import typed
from complaints.service import Serials, append
from complaints.state import among, past, said, short
from journal import Actor, Event, Journal
from journal.refusals import within_bounds
from law.grounds import MATTERS
from law.orders import ORDERS

__all__ = [
    "HOW",
    "KINDS",
    "RIGHTS",
    "STATES",
    "STREAM",
    "TAKEN_BACK",
    "AnswerConsultation",
    "CloseConsultation",
    "Consultation",
    "ConsultationAnswered",
    "ConsultationClosed",
    "ConsultationCommand",
    "ConsultationEvent",
    "ConsultationRegistered",
    "ConsultationService",
    "ConsultationTakenBack",
    "PersonRevealed",
    "RegisterConsultation",
    "RevealPerson",
    "TakeBackConsultation",
    "UndoConsultation",
    "decide",
    "evolve",
    "fold",
    "stream",
]


# ------------------------------------------------------------ commands, events, state


STREAM: Final = "consultation"
STATES: Final = ("registered", "answered", "closed", "withdrawn")
HOW: Final = ("phone", "message", "letter", "visit")
TAKEN_BACK: Final = ("answer", "closing")


@dataclass(frozen=True, slots=True)
class ConsultationRegistered:
    """`kind`: one of `law.grounds.MATTERS`; `order`: the one in force when it was received."""

    office: str
    number: str  # 东高一投询〔2026〕0007号
    kind: str
    received: datetime
    order: str
    channel: str  # complaints.Channel
    mode: str  # complaints.Mode
    title: str
    content: str
    person: str = ""
    phone: str = ""  # sealed
    phone_masked: str = ""
    source: str = ""  # its number where it came from
    row: str = ""  # of an import: "<batch>/<row>"


@dataclass(frozen=True, slots=True)
class ConsultationAnswered:
    """What the person was told, on a local day, and how. Written when it has been done: nothing is sent from here."""

    day: date
    how: str
    answer: str


@dataclass(frozen=True, slots=True)
class ConsultationClosed:
    note: str = ""


@dataclass(frozen=True, slots=True)
class ConsultationTakenBack:
    """The last note was a mistake. `what`: "answer" | "closing"."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class PersonRevealed:
    """An officer looked at the whole number."""

    reason: str


@dataclass(frozen=True, slots=True)
class ConsultationUndone:
    """Taken back with the batch it came by, or registered by mistake; its number stays given."""

    reason: str


ConsultationEvent = (
    ConsultationRegistered
    | ConsultationAnswered
    | ConsultationClosed
    | ConsultationTakenBack
    | PersonRevealed
    | ConsultationUndone
)
KINDS: Final[Mapping[str, type[ConsultationEvent]]] = {kind.__name__: kind for kind in get_args(ConsultationEvent)}


@dataclass(frozen=True, slots=True)
class RegisterConsultation:
    registered: ConsultationRegistered


@dataclass(frozen=True, slots=True)
class AnswerConsultation:
    """`today`: the office's local day, after which nothing can have been told yet."""

    day: date
    how: str
    answer: str
    today: date


@dataclass(frozen=True, slots=True)
class CloseConsultation:
    note: str = ""


@dataclass(frozen=True, slots=True)
class TakeBackConsultation:
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class RevealPerson:
    reason: str


@dataclass(frozen=True, slots=True)
class UndoConsultation:
    reason: str


ConsultationCommand = (
    RegisterConsultation
    | AnswerConsultation
    | CloseConsultation
    | TakeBackConsultation
    | RevealPerson
    | UndoConsultation
)
_OFFICE: Final = frozenset({MEDIATOR})
RIGHTS: Final[Mapping[type[ConsultationCommand], frozenset[str]]] = {
    RegisterConsultation: _OFFICE | {SYSTEM},  # of an import, a channel's
    AnswerConsultation: _OFFICE,
    CloseConsultation: _OFFICE,
    TakeBackConsultation: _OFFICE,
    RevealPerson: _OFFICE,
    UndoConsultation: _OFFICE | {SYSTEM},
}


@dataclass(frozen=True, slots=True)
class Consultation:
    """A fold of the stream."""

    registered: ConsultationRegistered
    answer: ConsultationAnswered | None = None
    closed: ConsultationClosed | None = None
    withdrawn: bool = False

    @property
    def state(self) -> str:
        if self.withdrawn:
            return "withdrawn"
        if self.closed is not None:
            return "closed"
        return "registered" if self.answer is None else "answered"


def decide(command: ConsultationCommand, state: Consultation | None, actor: Actor) -> Sequence[ConsultationEvent]:
    """DomainError says why not. Empty: already so."""
    return within_bounds(_decided(command, state, actor))


def _decided(command: ConsultationCommand, state: Consultation | None, actor: Actor) -> Sequence[ConsultationEvent]:
    if office_standing(actor) not in RIGHTS[type(command)]:
        raise NotAllowed
    if isinstance(command, RegisterConsultation):
        _check(command.registered)
        return [] if state is not None else [command.registered]
    if state is None or (actor.role == MEDIATOR and actor.office != state.registered.office):
        raise UnknownComplaint
    if isinstance(command, RevealPerson):
        said("reason", command.reason, "reason")
        if not state.registered.phone:
            raise WrongState(state=state.state)
        return [PersonRevealed(command.reason.strip())]
    match command:
        case AnswerConsultation(day, how, answer, today):
            among("how", how, HOW)
            said("answer", answer, "answer")
            past(day, today)
            _in(state, "registered")
            return [ConsultationAnswered(day, how, answer.strip())]
        case CloseConsultation(note):
            short("note", note)
            _in(state, "answered")  # nobody is left without an answer
            return [ConsultationClosed(note.strip())]
        case TakeBackConsultation(what, reason):
            among("what", what, TAKEN_BACK)
            said("reason", reason, "reason")
            _in(state, "answered" if what == "answer" else "closed")
            return [ConsultationTakenBack(what, reason.strip())]
        case UndoConsultation(reason):
            said("reason", reason, "reason")
            _in(state, "registered")
            return [ConsultationUndone(reason.strip())]
        case _:
            assert_never(command)


def evolve(state: Consultation | None, event: ConsultationEvent) -> Consultation:
    if isinstance(event, ConsultationRegistered):
        return Consultation(event)
    if state is None:
        raise UnknownComplaint
    match event:
        case ConsultationAnswered():
            return replace(state, answer=event)
        case ConsultationClosed():
            return replace(state, closed=event)
        case ConsultationTakenBack(what=what):
            return replace(state, answer=None) if what == "answer" else replace(state, closed=None)
        case ConsultationUndone():
            return replace(state, withdrawn=True)
        case PersonRevealed():
            return state
        case _:
            assert_never(event)


def fold(entries: Iterable[Event]) -> Consultation | None:
    state: Consultation | None = None
    for entry in entries:
        if not entry.erased and (kind := KINDS.get(entry.type)) is not None:
            state = evolve(state, typed(kind, entry.data))
    return state


def stream(consultation: str) -> str:
    return f"{STREAM}/{consultation}"


def _check(registered: ConsultationRegistered) -> None:
    among("kind", registered.kind, tuple(MATTERS))
    among("order", registered.order, tuple(ORDERS))
    among("channel", registered.channel, tuple(complaints.CHANNELS))
    among("mode", registered.mode, ("", *complaints.MODES))
    said("title", registered.title, "title")
    said("facts", registered.content, "facts")
    short("whom", registered.person)


def _in(state: Consultation, *wanted: str) -> None:
    if state.state not in wanted:
        raise WrongState(state=state.state)


class ConsultationService:
    """The one writer of consultation streams."""

    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal, self._now = journal, now
        self._numbers = Serials(journal, "consultations", "询")

    async def state(self, consultation: str) -> Consultation:
        """UnknownComplaint when there is none."""
        folded = fold(await self._journal.read(stream(consultation)))
        if folded is None:
            raise UnknownComplaint
        return folded

    async def register(
        self, consultation: str, registered: ConsultationRegistered, prefix: str, year: int, actor: Actor
    ) -> str:
        """Its number; registered again under the same id it keeps the one it has. A refusal uses no number."""
        known = fold(await self._journal.read(stream(consultation)))
        if known is not None:
            return known.registered.number
        decide(RegisterConsultation(registered), None, actor)
        number = await self._numbers.number(registered.office, prefix, year, consultation, self._now(), actor)
        await self.submit(consultation, RegisterConsultation(replace(registered, number=number)), actor)
        return number

    async def submit(self, consultation: str, command: ConsultationCommand, actor: Actor) -> None:
        await append(
            self._journal, stream(consultation), self._now, actor, lambda entries: decide(command, fold(entries), actor)
        )
