"""The state of a mediation session: a fold of its events; and who may ask what of it, as the commands declare it.

Owns `Session` and `evolve`. Whether something may be done *now* is decided in `rooms.decisions`; a right only says
that this kind of person may ask it at all. Times in the state are those of the events.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import get_args

from journal import Actor
from journal.refusals import NotAllowed
from law.orders import APART, ROOM
from rooms import UnknownSeat, commands as c, events as e
from rooms.agreement.state import EMPTY, AgreementDraft, canonical, draft_after
from rooms.apart.state import Apart, apart_after
from rooms.caucus.state import Caucus, Circles, Concessions, circles_after, concessions_after
from rooms.events import SessionEntry, SessionEvent
from rooms.exhibits.state import ExhibitsState, exhibits_after
from rooms.floor.state import ShownCase, ShownLaw, WritingAllowance, law_after, script_after, typical_after, wrote
from rooms.seats import SeatState, replace, seat_after, seat_rescheduled
from rooms.signing.state import AGREEMENT, SealedDocument, SigningState, documents_after, signing_after
from rooms.vocabulary import DECLARED, Opening, Outcome, OutsideRole, Phase, Role, Standing, Status


@dataclass(frozen=True, slots=True)
class Viewing:
    """Granted to a seat. `held`: when it was shown to them."""

    seat: str
    request: str
    at: datetime
    by: Actor
    held: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class StatementAnswer:
    """`of`: which wording it answers."""

    of: str
    right: bool
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Statements:
    """What the record quotes, as its mediator chose, and what those it quotes say to it: by line, by seat.
    `decided`: entry and choice, those taken back are gone."""

    decided: tuple[tuple[int, e.StatementsDecided], ...] = ()
    answers: Mapping[str, Mapping[str, StatementAnswer]] = field(default_factory=dict)

    @property
    def choices(self) -> dict[str, e.StatementChoice]:
        """The newest of each line."""
        return {choice.line: choice for _, decided in self.decided for choice in decided.choices}

    @property
    def models(self) -> dict[str, str]:
        """By line the language model whose choice stands."""
        found = {choice.line: decided.model for _, decided in self.decided for choice in decided.choices}
        return {line: model for line, model in found.items() if model}

    @property
    def digest(self) -> str:
        said = [
            [choice.line, choice.taken, choice.text, choice.own]
            for _, choice in sorted(self.choices.items(), key=lambda item: item[0])
        ]
        return hashlib.sha256(canonical({"choices": said})).hexdigest()


def statements_after(
    before: Statements,
    event: e.StatementsDecided | e.StatementsTakenBack | e.StatementAnswered,
    entry: SessionEntry,
) -> Statements:
    match event:
        case e.StatementsDecided():
            return replace(before, decided=(*before.decided, (entry.version, event)))
        case e.StatementsTakenBack(entry=taken):
            return replace(before, decided=tuple(one for one in before.decided if one[0] != taken))
        case e.StatementAnswered(seat=seat, line=line):
            answer = StatementAnswer(event.of, event.right, event.words, entry.at)
            return replace(before, answers={**before.answers, line: {**before.answers.get(line, {}), seat: answer}})


Viewings = Mapping[str, Viewing]
"""By seat; a later grant to the same person replaces the one before, whose entries stay."""


def viewings_after(before: Viewings, event: e.ViewingGranted | e.ViewingHeld, entry: SessionEntry) -> Viewings:
    if isinstance(event, e.ViewingGranted):
        return {**before, event.seat: Viewing(event.seat, event.request, entry.at, entry.actor)}
    known = before[event.seat]
    return {**before, event.seat: replace(known, held=(*known.held, entry.at))}


MOST_SEATS = 8

UNDER_WAY = frozenset({Status.LIVE, Status.RECESS})


@dataclass(frozen=True, slots=True)
class OutcomeCorrection:
    text: str
    at: datetime
    by: Actor


@dataclass(frozen=True, slots=True)
class RecordNote:
    """A supervisor's; `n` is its version in the stream. `at_ms` and `corrects` as in rooms.events.NoteAdded."""

    n: int
    text: str
    at_ms: int | None
    corrects: int
    at: datetime
    by: Actor


@dataclass(frozen=True, slots=True)
class RecordHold:
    reason: str
    at: datetime
    by: Actor


@dataclass(frozen=True, slots=True)
class RecordErasure:
    """Ordered; `done` and `done_at` once nothing is left."""

    reason: str
    due: bool
    at: datetime
    by: Actor
    done: e.RecordErased | None = None
    done_at: datetime | None = None
    years: int = 0  # how long it was kept, and the version of the rule, of one that was due
    rule: int = 0


@dataclass(frozen=True, slots=True)
class Routes:
    """Who receives whom: seat -> seats, both in seat order; whoever receives nobody is absent."""

    hears: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sees: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    recorded: tuple[str, ...] = ()
    captioned: tuple[str, ...] = ()  # whose words become text


@dataclass(frozen=True, slots=True)
class Session:
    """Everything that is true of a session at `version`."""

    id: str
    complaint: str
    number: str
    office: str
    ordinal: int
    title: str
    starts: datetime
    mediator: str  # user id
    seats: Mapping[str, SeatState]
    order: str = "121"  # or "20"
    mode: str = ROOM  # law.orders: as it is to be held; as it was, once `held` is there
    place: str = ""
    held: e.HeldElsewhere | None = None  # without a room
    version: int = 1
    status: Status = Status.SCHEDULED
    phase: Phase | None = None
    locked: bool = False
    opened: datetime | None = None
    closed_at: datetime | None = None
    recess_since: datetime | None = None
    cancel_reason: str = ""
    rescheduled: int = 0  # how often; a calendar entry's SEQUENCE
    covered: frozenset[Opening] = frozenset()
    proposed: Outcome | None = None
    seen: tuple[str, ...] = ()
    objections: Mapping[str, str] = field(default_factory=dict)  # to what is proposed: seat -> why it is not right
    proposals: int = 0  # outcomes that were ever shown
    outcome: Outcome | None = None  # of a closed session
    written: Mapping[str, WritingAllowance] = field(default_factory=dict)  # in the chat, by seat
    circles: Circles = field(default_factory=Circles)
    concessions: Concessions = field(default_factory=Concessions)
    corrections: tuple[OutcomeCorrection, ...] = ()
    entries_corrected: Mapping[int, e.EntryCorrected] = field(default_factory=dict)  # by the entry's number; the newest
    notes: tuple[RecordNote, ...] = ()  # of supervisors
    statements: Statements = Statements()  # that the record quotes
    viewings: Viewings = field(default_factory=dict)  # of the recording, by who took part, as it was granted
    routed: Routes = Routes()
    captions: bool = True  # for whoever asks to see them
    recording_failed: str = ""
    segments: tuple[e.SegmentSealed, ...] = ()
    spoken: tuple[e.ConsentSpoken, ...] = ()  # answers on the telephone, kept as sound
    composed: e.RecordingComposed | None = None
    composition_failed: str = ""
    transcript: e.TranscriptMade | None = None
    transcript_failed: e.TranscriptFailed | None = None
    transcript_corrections: Mapping[str, str] = field(default_factory=dict)  # by line
    hold: RecordHold | None = None
    erasure: RecordErasure | None = None
    exhibits: ExhibitsState = field(default_factory=ExhibitsState)
    archived: Mapping[str, str] = field(default_factory=dict)  # path of a file -> address of the store it lies in
    draft: AgreementDraft = EMPTY  # of the agreement
    shown_law: ShownLaw | None = None  # the article everybody looks at
    shown_typical: ShownCase | None = None  # the typical case everybody looks at
    checked: frozenset[str] = frozenset()  # of what the mediator asks for, and of the card
    card: e.ScriptCard | None = None  # the script card; None in sessions from before there were cards by kind
    signing: SigningState | None = None  # the last one
    documents: tuple[SealedDocument, ...] = ()  # under the office's seal
    apart: Apart | None = None  # once it was held, or is, without meeting

    @property
    def mediator_seat(self) -> str:
        for id_, state in self.seats.items():  # asked for thirty times with every event
            if state.seat.role is Role.MEDIATOR:
                return id_
        raise LookupError(f"{self.id} has no mediator")

    def observing_seat(self, officer: str) -> str:
        """Of a supervisor who looks on, or did; "" without one."""
        return next((s.id for s in self.seats.values() if s.role is Role.SUPERVISOR and s.officer == officer), "")

    @property
    def taken(self) -> int:
        """Seats that count: a supervisor's only while they look on."""
        return sum(seat.role is not Role.SUPERVISOR or seat.in_room for seat in self.seats.values())

    @property
    def caucus(self) -> Caucus | None:
        return self.circles.caucus

    def attends(self, seat: SeatState) -> bool:
        """In the room; while the mediation goes on without meeting: takes part in it."""
        return seat.in_room or (self.apart is not None and self.apart.on and seat.takes_part)

    @property
    def by_link(self) -> bool:
        """What lies there is signed by personal links: there was no room, or there is none just now or any more."""
        of_record = self.signing is not None and self.signing.of_record
        return self.held is not None or of_record or (self.apart is not None and self.apart.on)

    @property
    def under_way(self) -> bool:
        return self.status in UNDER_WAY

    @property
    def sealed(self) -> bool:
        """The agreement is in effect: nothing in it changes any more."""
        if self.signing is not None and self.signing.of_record:  # its record is signed after it
            return any(one.sealed.kind == AGREEMENT for one in self.documents)
        return self.signing is not None and self.signing.sealed

    @property
    def over(self) -> bool:
        return self.status in (Status.CLOSED, Status.CANCELLED)


def fold(entries: Iterable[SessionEntry], session: Session | None = None) -> Session | None:
    """Evolve through all entries; None when there are none."""
    for entry in entries:
        session = evolve(session, entry)
    return session


def evolve(session: Session | None, entry: SessionEntry) -> Session:
    """The state after an entry. Never refuses: what is in the journal has happened."""
    event = entry.event
    if isinstance(event, e.SessionScheduled):
        return Session(
            id=entry.session,
            complaint=event.complaint,
            number=event.number,
            office=event.office,
            ordinal=event.ordinal,
            title=event.title,
            starts=event.starts,
            mediator=event.mediator,
            seats={seat.id: SeatState(seat) for seat in event.seats},
            order=event.order,
            mode=event.mode,
            place=event.place,
            version=entry.version,
        )
    if session is None:
        raise ValueError(f"{entry.session} begins with {type(event).__name__}")
    return replace(_after(session, event, entry), version=entry.version)


def _after(session: Session, event: SessionEvent, entry: SessionEntry) -> Session:
    if isinstance(event, e.AgreementEvent):
        return replace(session, draft=draft_after(session.draft, event, entry.at, entry.version))
    if isinstance(event, e.ConcessionsEvent):
        return replace(session, concessions=concessions_after(session.concessions, event, entry.at))
    if isinstance(event, e.SigningEvent):
        return replace(
            session,
            signing=signing_after(session.signing, event, entry),
            documents=documents_after(session.documents, event, entry),
        )
    if isinstance(event, e.CirclesEvent) and not isinstance(event, e.Confided):
        return replace(session, circles=circles_after(session.circles, event, entry.at))
    if isinstance(event, e.LawEvent):
        return replace(session, shown_law=law_after(event, entry))
    if isinstance(event, e.TypicalEvent):
        return replace(session, shown_typical=typical_after(event, entry))
    if isinstance(event, e.ScriptEvent):
        checked, card = script_after(session.checked, session.card, event)
        return replace(session, checked=checked, card=card)
    if isinstance(event, e.ExhibitEvent):
        return replace(session, exhibits=exhibits_after(session.exhibits, event, entry))
    if isinstance(event, e.ApartEvent):
        return _apart_after(session, event, entry)
    match event:
        case e.HeldElsewhere():
            return replace(session, held=event, mode=event.mode, place=event.place)
        case e.SessionRescheduled(starts=starts, links_until=until):
            seats = {id_: seat_rescheduled(seat, until) for id_, seat in session.seats.items()}
            return replace(session, starts=starts, seats=seats, rescheduled=session.rescheduled + 1)
        case e.SessionCancelled(reason=reason):
            return replace(session, status=Status.CANCELLED, cancel_reason=reason, closed_at=entry.at)
        case e.SeatAdded(seat=seat):
            return replace(session, seats={**session.seats, seat.id: SeatState(seat)})
        case e.SessionOpened():
            return replace(session, status=Status.LIVE, opened=entry.at)
        case e.OpeningCovered(item=item, done=done):
            return replace(session, covered=session.covered | {item} if done else session.covered - {item})
        case e.PhaseEntered(phase=phase):
            return replace(session, phase=phase)
        case e.RecessStarted():
            return replace(session, status=Status.RECESS, recess_since=entry.at)
        case e.RecessEnded():
            return replace(session, status=Status.LIVE, recess_since=None)
        case e.DoorLocked():
            return replace(session, locked=True)
        case e.DoorUnlocked():
            return replace(session, locked=False)
        case e.Said(seat=seat, text=text) | e.Confided(seat=seat, text=text):
            return replace(session, written={**session.written, seat: wrote(session.written.get(seat), text, entry.at)})
        case e.OutcomeProposed(outcome=outcome):
            return replace(session, proposed=outcome, seen=(), objections={}, proposals=session.proposals + 1)
        case e.OutcomeTakenBack():
            return replace(session, proposed=None, seen=(), objections={})
        case e.OutcomeSeen(seat=seat):
            return replace(session, seen=(*session.seen, seat))
        case e.OutcomeObjected(seat=seat, reason=reason):
            return replace(session, objections={**session.objections, seat: reason})
        case e.SessionClosed(outcome=outcome):
            ended = session.apart.ended(entry.at) if session.apart is not None else None
            closed = replace(session, status=Status.CLOSED, outcome=outcome, proposed=None, closed_at=entry.at)
            return replace(closed, recess_since=None, apart=ended)
        case e.Corrected(text=text):
            return replace(session, corrections=(*session.corrections, OutcomeCorrection(text, entry.at, entry.actor)))
        case e.EntryCorrected(entry=number):
            return replace(session, entries_corrected={**session.entries_corrected, number: event})
        case e.NoteAdded(text=text, at_ms=at_ms, corrects=corrects):
            note = RecordNote(entry.version, text, at_ms, corrects, entry.at, entry.actor)
            return replace(session, notes=(*session.notes, note))
        case e.StatementsDecided() | e.StatementsTakenBack() | e.StatementAnswered():
            return replace(session, statements=statements_after(session.statements, event, entry))
        case e.ViewingGranted() | e.ViewingHeld():
            return replace(session, viewings=viewings_after(session.viewings, event, entry))
        case e.Routed(hears=hears, sees=sees, recorded=recorded, captioned=captioned):
            return replace(session, routed=Routes(hears, sees, recorded, captioned))
        case e.CaptionsSet(on=on):
            return replace(session, captions=on)
        case e.RecordingFailed(cause=cause):
            return replace(session, recording_failed=cause)
        case e.SegmentSealed():
            return replace(session, segments=(*session.segments, event))
        case e.ConsentSpoken():
            return replace(session, spoken=(*session.spoken, event))
        case e.RecordingComposed():
            return replace(session, composed=event, composition_failed="")
        case e.CompositionFailed(cause=cause):
            return replace(session, composition_failed=cause)
        case e.TranscriptMade():
            return replace(session, transcript=event, transcript_failed=None)
        case e.TranscriptFailed():
            return replace(session, transcript_failed=event)
        case e.TranscriptCorrected(line=one, text=text):
            others = {id_: said for id_, said in session.transcript_corrections.items() if id_ != one}
            return replace(session, transcript_corrections={**others, one: text} if text else others)
        case e.HoldPlaced(reason=reason):
            return replace(session, hold=RecordHold(reason, entry.at, entry.actor))
        case e.HoldLifted():
            return replace(session, hold=None)
        case e.ErasureOrdered(reason=reason, due=due, years=years, rule=rule):
            return replace(session, erasure=RecordErasure(reason, due, entry.at, entry.actor, years=years, rule=rule))
        case e.RecordErased() if session.erasure is not None:
            return replace(session, erasure=replace(session.erasure, done=event, done_at=entry.at))
        case e.RecordErased():
            return session
        case e.Archived(path=path, store=store):
            return replace(session, archived={**session.archived, path: store})
        case e.SessionScheduled() | e.Exported() | e.Viewed() | e.ContentErased() | e.UnmuteAsked() | e.CodeSent():
            return session
        case _:
            changed = seat_after(session.seats[event.seat], event, entry.at)
            session = replace(session, seats={**session.seats, event.seat: changed})
            # Bytes on disk again: the alarm is over.
            return replace(session, recording_failed="") if isinstance(event, e.RecordingStarted) else session


def _apart_after(session: Session, event: e.ApartEvent, entry: SessionEntry) -> Session:
    session = replace(session, apart=apart_after(session.apart, event, entry))
    if not isinstance(event, e.ApartBegun | e.EndMoved):
        return session
    seats = {id_: seat_rescheduled(seat, event.links_until) for id_, seat in session.seats.items()}
    return replace(session, seats=seats, mode=APART)


RIGHTS: Mapping[type[c.Command], frozenset[Standing]] = {kind: DECLARED[kind].by for kind in get_args(c.Command)}

IN_ROOM: frozenset[type[c.Command]] = frozenset(kind for kind in RIGHTS if DECLARED[kind].in_room)
"""Asked only by somebody who is in the room."""


@dataclass(frozen=True, slots=True)
class Asker:
    """An actor as the session sees them: their seat ("" without one) and what they are."""

    seat: str
    standings: frozenset[Standing]

    @property
    def mediator(self) -> bool:
        return Role.MEDIATOR in self.standings


def asker(session: Session, actor: Actor) -> Asker:
    """NotAllowed for a party whose seat is not of this session."""
    if actor.kind == "system":
        return Asker("", frozenset({OutsideRole.SYSTEM}))
    if actor.kind == "party":
        seat = session.seats.get(actor.id)
        if seat is None or seat.signs_in:
            raise NotAllowed
        return Asker(actor.id, frozenset({seat.role}))
    if actor.id == session.mediator:
        return Asker(session.mediator_seat, frozenset({Role.MEDIATOR, OutsideRole.OFFICE, OutsideRole.OFFICER}))
    watches = session.observing_seat(actor.id)
    return Asker(watches, _officer(session.office, actor) | (frozenset({Role.SUPERVISOR}) if watches else frozenset()))


def scheduler(office: str, actor: Actor) -> Asker:
    """Somebody asking before there is a session."""
    if actor.kind == "party":
        raise NotAllowed
    return Asker("", frozenset({OutsideRole.SYSTEM}) if actor.kind == "system" else _officer(office, actor))


def _officer(office: str, actor: Actor) -> frozenset[Standing]:
    colleague = actor.office == office and actor.role in ("mediator", "administrator")
    supervisor = actor.role == "supervisor"
    keeper = supervisor or (actor.office == office and actor.role == "administrator")
    standings = {OutsideRole.OFFICE: colleague, OutsideRole.KEEPER: keeper, OutsideRole.SUPERVISOR: supervisor}
    return frozenset({OutsideRole.OFFICER, *(standing for standing, holds in standings.items() if holds)})


def seat_of(session: Session, seat: str) -> SeatState:
    """UnknownSeat."""
    try:
        return session.seats[seat]
    except KeyError:
        raise UnknownSeat(seat=seat) from None


def apart_on(session: Session) -> Apart | None:
    """The asynchronous mediation that is on, if one is."""
    return session.apart if session.apart is not None and session.apart.on else None
