"""Parts of a record: events as rows, what is told in confidence, clauses, consents, notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from journal import Actor, Event, StreamBroken, stamp, verify
from recordings.evidence.lines import JournalLine, withheld
from rooms import events as e
from rooms.agreement import outcome
from rooms.agreement.state import SIDES, Clause
from rooms.commands import AddNote
from rooms.events import KINDS, SessionEntry, session_entry
from rooms.joining.consents import TEXTS, kept
from rooms.record.rules import LONGEST_MS
from rooms.session import RecordNote, Session
from rooms.vocabulary import Consent, Role, Seat, Side
from web.http.forms import Form
from web.i18n import N_
from web.office.audit.files import Player
from web.office.audit.sentences import Voice, sentence


@dataclass(frozen=True, slots=True)
class SaidClause:
    """One side's answer. `seconds` into the recording, None where there is none of that moment."""

    side: Side
    seat: str
    agrees: bool
    at: datetime
    version: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class ClauseLine:
    clause: Clause
    said: tuple[SaidClause, ...]


def agreed_clauses(session: Session, film: Player | None) -> list[ClauseLine]:
    return [ClauseLine(clause, tuple(_said(session, clause, film))) for clause in session.draft.clauses]


def _said(session: Session, clause: Clause, film: Player | None) -> Iterator[SaidClause]:
    for side in SIDES:
        stance = outcome.stance(session, clause, side)
        if stance is None:
            continue
        seat, answer = stance
        second = None if film is None else film.second(answer.at)
        inside = second is not None and film is not None and 0 <= second < film.seconds
        yield SaidClause(side, seat, answer.agrees, answer.at, answer.version, second if inside else None)


Answer = Literal["given", "refused", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Answered:
    kind: Consent
    answer: Answer
    at: datetime
    text: str  # version of the text shown; "" for a withdrawal
    entry: int = 0  # in the journal
    handler: str = ""  # who answers for the data, as they were named
    key: str = ""  # pressed on the telephone
    spoken: tuple[e.ConsentSpoken, ...] = ()  # whenever they were asked: an answer that was withdrawn was given once

    @property
    def kept(self) -> bool:
        """The text can still be read."""
        return kept(self.text, self.text_kind)

    @property
    def text_kind(self) -> str:
        return TEXTS[self.kind]


@dataclass(frozen=True, slots=True)
class RecordPerson:
    seat: Seat
    name: str
    answers: tuple[Answered, ...]
    confirmed: datetime | None  # identity
    by_voice: str  # the officer who knew it, "" when a code did


def people(history: Iterable[SessionEntry]) -> list[RecordPerson]:
    """Everybody with a seat, in seat order."""
    seats: dict[str, Seat] = {}
    names: dict[str, str] = {}
    answers: dict[tuple[str, Consent], Answered] = {}
    confirmed: dict[str, tuple[datetime, str]] = {}
    for entry in history:
        match entry.event:
            case e.SessionScheduled(seats=invited):
                seats.update((seat.id, seat) for seat in invited)
            case e.SeatAdded(seat=added):
                seats[added.id] = added
            case e.NameChosen(seat=seat, name=name):
                names[seat] = name
            case e.ConsentGiven(seat=seat, kind=kind, text=text, handler=handler):
                said = _sounds(answers, seat, kind)
                answers[seat, kind] = Answered(kind, "given", entry.at, text, entry.version, handler, spoken=said)
            case e.ConsentRefused(seat=seat, kind=kind, text=text, handler=handler):
                said = _sounds(answers, seat, kind)
                answers[seat, kind] = Answered(kind, "refused", entry.at, text, entry.version, handler, spoken=said)
            case e.ConsentWithdrawn(seat=seat, kind=kind):
                said = _sounds(answers, seat, kind)
                answers[seat, kind] = Answered(kind, "withdrawn", entry.at, "", entry.version, spoken=said)
            case e.ConsentKeyed(seat=seat, kind=kind, key=key) if (seat, kind) in answers:
                answers[seat, kind] = replace(answers[seat, kind], key=key)
            case e.ConsentSpoken(seat=seat, kind=kind) if (seat, kind) in answers:
                answers[seat, kind] = replace(answers[seat, kind], spoken=(*_sounds(answers, seat, kind), entry.event))
            case e.IdentityConfirmed(seat=seat):
                confirmed[seat] = entry.at, ""
            case e.IdentityConfirmedByVoice(seat=seat):
                confirmed[seat] = entry.at, entry.actor.name
            case _:
                pass
    return [
        RecordPerson(
            seat,
            names.get(seat.id, seat.name),
            tuple(answers[seat.id, kind] for kind in Consent if (seat.id, kind) in answers),
            *confirmed.get(seat.id, (None, "")),
        )
        for seat in seats.values()
        if seat.role is not Role.MEDIATOR or any(of == seat.id for of, _ in answers)
    ]


def _sounds(answers: Mapping[tuple[str, Consent], Answered], seat: str, kind: Consent) -> tuple[e.ConsentSpoken, ...]:
    before = answers.get((seat, kind))
    return before.spoken if before is not None else ()


BAD_TIME: Final = N_("Write the moment as minutes and seconds of the recording, for example 23:40, or leave it empty.")
_CLOCK: Final = re.compile(r"(?:([0-9]{1,2}):)?([0-9]{1,3}):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class ShownNote:
    """A note as the page lists it; `seconds` into the recording, `by` the notes that correct it."""

    note: RecordNote
    seconds: float | None
    corrected_by: RecordNote | None
    corrects: RecordNote | None


def listed_notes(session: Session, player: Player | None) -> Sequence[ShownNote]:
    """By the moment they are about, those about the whole last; a correction stands behind what it corrects."""
    notes = {note.n: note for note in session.notes}
    later = {note.corrects: note for note in session.notes if note.corrects}

    def first(note: RecordNote) -> RecordNote:
        while note.corrects in notes:
            note = notes[note.corrects]
        return note

    def place(note: RecordNote) -> tuple[bool, int, int, int]:
        begun = first(note)
        return begun.at_ms is None, begun.at_ms or 0, begun.n, note.n

    return [
        ShownNote(note, _second(session, player, note), later.get(note.n), notes.get(note.corrects))
        for note in sorted(session.notes, key=place)
    ]


def _second(session: Session, player: Player | None, note: RecordNote) -> float | None:
    if note.at_ms is None or session.opened is None or player is None:
        return None
    return player.second(session.opened + timedelta(milliseconds=note.at_ms))


def command(form: Form, session: Session, player: Player | None) -> AddNote:
    """What was typed, as a command; look at `form.good` before it is sent."""
    text = form.text("text", needed=True)
    corrects = form.values.get("corrects", "")
    origin = player.origin if player else session.opened
    return AddNote(
        text, _at(form, origin, session.opened), int(corrects) if corrects.isascii() and corrects.isdigit() else 0
    )


def _at(form: Form, origin: datetime | None, opened: datetime | None) -> int | None:
    typed = form.text("at").replace("：", ":")
    if not typed:
        return None
    found = _CLOCK.fullmatch(typed)
    if found is None or origin is None or opened is None:
        form.errors["at"] = BAD_TIME
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    moment = origin + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    at_ms = max(0, (moment - opened) // timedelta(milliseconds=1))
    if at_ms > LONGEST_MS:
        form.errors["at"] = BAD_TIME
        return None
    return at_ms


def outward(events: Sequence[Event]) -> list[Event]:
    """Of what was confided or offered in vain only type, time and hashes; the chain still holds."""
    told = withheld([_line(event) for event in events])
    return [event if line.salt == event.salt else _without(event) for event, line in zip(events, told, strict=True)]


def _without(event: Event) -> Event:
    return replace(event, data={}, actor=Actor(event.actor.kind, "", ""), salt="")


def _line(event: Event) -> JournalLine:
    actor = (event.actor.kind, event.actor.id, event.actor.name, event.actor.role, event.actor.office)
    data, at = dict(event.data), stamp(event.at)
    return JournalLine(
        event.stream, event.version, event.type, data, at, actor, event.salt, event.content, event.hash, leaf=0
    )


# What happened to somebody, whoever brought it about: who mutes another does not stop speaking.
OF_A_SEAT: Final = (
    e.SpeakingStarted,
    e.SpeakingStopped,
    e.RecordingStarted,
    e.RecordingStopped,
    e.MediaAwaited,
    e.MediaConnected,
    e.NothingRecorded,
)
# Too frequent to be read one by one; the whole journal has them.
NOISE: Final = (
    e.SpeakingStarted,
    e.SpeakingStopped,
    e.Routed,
    e.RecordingStarted,
    e.SegmentSealed,
    e.NothingRecorded,
    e.Viewed,
    e.LinkIssued,
    e.CodeSent,
    e.ExhibitMarked,
    e.ExhibitUnmarked,
)
ROUTINE: Final = ("recess", "closed", "left", "disconnected")  # causes for which recording always stops


PER_PAGE: Final = 300  # of the journal's own page


@dataclass(frozen=True, slots=True)
class Moment:
    version: int
    at: datetime
    who: str
    what: str
    type: str
    hash: str
    seconds: float | None  # into the recording
    corrected_by: int = 0  # the newest entry that corrects it

    @property
    def corrected_page(self) -> int:
        """Of the journal, on which the entry that corrects it stands."""
        return -(-self.corrected_by // PER_PAGE)

    @property
    def brief_hash(self) -> str:
        return f"{self.hash[:4]}…{self.hash[-2:]}"


@dataclass(frozen=True, slots=True)
class ChainVerdict:
    """Whether the stream's hash chain holds; `broken` is the first version that does not."""

    count: int
    broken: int | None
    last_hash: str = ""

    @property
    def holds(self) -> bool:
        return self.broken is None


def titles(facts: Iterable[e.SessionEvent]) -> Mapping[str, str]:
    """Exhibit -> its title, as far as it was not erased."""
    return {fact.exhibit: f"“{fact.title}”" for fact in facts if isinstance(fact, e.ExhibitTitled)}


def event_names(events: Iterable[Event]) -> Mapping[str, str]:
    """Seat id -> the name last shown in the room."""
    found: dict[str, str] = {}
    for event in events:
        if event.erased or event.type not in KINDS:
            continue
        match session_entry(event).event:
            case e.SessionScheduled(seats=seats):
                found.update((seat.id, seat.name) for seat in seats)
            case e.SeatAdded(seat=seat):
                found[seat.id] = seat.name
            case e.NameChosen(seat=seat_id, name=name):
                found[seat_id] = name
            case _:
                pass
    return found


def doer(kind: str, id_: str, name: str, fact: e.SessionEvent | None, voice: Voice, system: str) -> str:
    """Of whom an entry tells, by its actor and what it says."""
    if kind == "system" or isinstance(fact, OF_A_SEAT):
        seat = getattr(fact, "seat", "")
        return voice.name(seat) if isinstance(seat, str) and seat else system
    return voice.name(id_) if kind == "party" and id_ in voice.names else name


def moments(
    events: Sequence[Event], voice: Voice, system: str, origin: datetime | None = None, brief: bool = False
) -> list[Moment]:
    """One entry per event; `brief` leaves out what is too frequent. `system` names the machine.

    An event this version of the program does not know is still shown, by its type: nothing is hidden.
    """
    out, corrected = [], corrections(events)
    for event in events:
        fact = session_entry(event).event if event.type in KINDS and not event.erased else None
        if brief and (isinstance(fact, NOISE) or (isinstance(fact, e.RecordingStopped) and fact.cause in ROUTINE)):
            continue
        who = doer(event.actor.kind, event.actor.id, event.actor.name, fact, voice, system)
        what = sentence(fact, voice) if fact is not None else event.type
        if event.erased:
            what = voice.gettext("Content erased (%(type)s)", type=event.type)
        seconds = None if origin is None else (event.at - origin).total_seconds()
        out.append(
            Moment(
                event.version,
                event.at,
                who,
                what,
                event.type,
                event.hash,
                round(seconds, 1) if seconds is not None and seconds >= 0 else None,
                corrected.get(event.version, 0),
            )
        )
    return out


def corrections(events: Iterable[Event]) -> Mapping[int, int]:
    """Entry -> the newest entry that corrects it."""
    name = e.EntryCorrected.__name__
    return {event.data["entry"]: event.version for event in events if event.type == name and not event.erased}


def looked(events: Sequence[Event], officer: str) -> datetime:
    """When this officer's visit to the record was noted."""
    mine = (event.at for event in reversed(events) if event.type == e.Viewed.__name__ and event.actor.id == officer)
    return next(mine, events[-1].at)


def verdict(events: Sequence[Event]) -> ChainVerdict:
    """Recompute every hash of the stream."""
    try:
        verify(events)
    except StreamBroken as broken:
        return ChainVerdict(len(events), broken.version)
    return ChainVerdict(len(events), None, events[-1].hash if events else "")
