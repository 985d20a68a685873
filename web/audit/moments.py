"""Events of a record as rows, and what is told in confidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from journal import Actor, Event, StreamBroken
from journal.events import stamp, verify
from recordings.evidence.lines import Line, withheld
from rooms import events as e
from rooms.codec import KINDS, session_entry
from web.audit.audience import Voice
from web.audit.sentences import sentence
from web.i18n import N_

CONFIDED: Final = {
    "Confided": N_("something written in a private talk"),
    "ReasonConfided": N_("a reason told to the mediator alone"),
    "SlipWritten": N_("a message slip for the mediator"),
    "SlipMarked": N_("whether a message slip may be passed on"),
    "SlipWithdrawn": N_("a message slip that was taken back"),
    "SlipShown": N_("a message slip that the mediator passed on"),
    "FigureEntered": N_("a figure entered by one side, to be compared unseen"),
    "GapRevealed": N_("whether the two sides' offers overlap"),
    "ExhibitConfided": N_("evidence shown to the mediator alone"),
    "ClausePut": N_("a clause that was proposed and not agreed to"),
    "ClauseRemoved": N_("a proposed clause that was taken out"),
    "ClauseAnswered": N_("an answer to a proposed clause"),
}
"""Type -> what kind of thing it was; all of `recordings.evidence.lines.WITHHOLDABLE`."""


def outward(events: Sequence[Event]) -> list[Event]:
    """Of what was confided or offered in vain only type, time and hashes; the chain still holds."""
    told = withheld([_line(event) for event in events])
    return [event if line.salt == event.salt else _without(event) for event, line in zip(events, told, strict=True)]


def _without(event: Event) -> Event:
    return replace(event, data={}, actor=Actor(event.actor.kind, "", ""), salt="")


def _line(event: Event) -> Line:
    actor = (event.actor.kind, event.actor.id, event.actor.name, event.actor.role, event.actor.office)
    data, at = dict(event.data), stamp(event.at)
    return Line(event.stream, event.version, event.type, data, at, actor, event.salt, event.content, event.hash, leaf=0)


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
class Verdict:
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


def verdict(events: Sequence[Event]) -> Verdict:
    """Recompute every hash of the stream."""
    try:
        verify(events)
    except StreamBroken as broken:
        return Verdict(len(events), broken.version)
    return Verdict(len(events), None, events[-1].hash if events else "")
