"""Decisions about what media and the machine report (recording facts, resting pictures, quality, coming back), and who
hears, sees and is recorded: a function of the session's state, so that the journal can say it of any moment.

A private talk parts the room in two: its members receive each other, everybody else receives nobody, and nothing of
either is recorded or becomes text. Two who consult hear each other besides what they would hear anyway; nobody else
hears them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import assert_never

from journal.refusals import WrongState
from rooms import commands as c, events as e
from rooms.caucus import rules as caucus_rules
from rooms.events import SessionEvent
from rooms.joining.rules import may_receive
from rooms.seats import BEST, SeatState
from rooms.session import Asker, Routes, Session, seat_of
from rooms.vocabulary import SENDING, FloorChannel, Role, SeatStatus, Status


def matrix(session: Session) -> Routes:
    """Only those in the room, only while it is live: in the waiting room and in a recess nobody receives anybody.

    A seat that is reconnecting stays in, so that its streams flow again the moment it is back.
    """
    if session.status is not Status.LIVE:
        return Routes()
    inside = [seat for seat in session.seats.values() if seat.in_room and may_receive(seat)]
    senders = [seat for seat in inside if seat.role in SENDING]
    hears = {who.id: tuple(one.id for one in senders if _heard(session, who, one)) for who in inside}
    sees = {
        who.id: tuple(one.id for one in senders if one.id != who.id and _with(session, who, one))
        for who in inside
        if not who.by_phone
    }
    recorded = tuple(seat.id for seat in senders if _recorded(session, seat))
    captioned = tuple(seat.id for seat in senders if captions_on(session) and _captioned(session, seat))
    return Routes(_some(hears), _some(sees), recorded, captioned)


def _heard(session: Session, who: SeatState, one: SeatState) -> bool:
    if one.id == who.id or one.muted:
        return False
    if (partner := session.circles.partners.get(one.id)) is not None:
        return partner == who.id
    return _with(session, who, one) and _on_the_channel(session, who, one)


def _with(session: Session, who: SeatState, one: SeatState) -> bool:
    return caucus_rules.together(session, who.id, one.id)


def _on_the_channel(session: Session, who: SeatState, one: SeatState) -> bool:
    """Whoever chose the interpreter hears the room while no interpreter can be heard: nobody is left in silence."""
    channel = caucus_rules.chosen_channel(session, who.id)
    if who.role is Role.INTERPRETER or channel is FloorChannel.BOTH:
        return True
    interprets = one.role is Role.INTERPRETER
    if channel is FloorChannel.FLOOR:
        return not interprets
    return interprets or not any(_interprets(session, who, other) for other in session.seats.values())


def _interprets(session: Session, who: SeatState, other: SeatState) -> bool:
    able = other.role is Role.INTERPRETER and other.status is SeatStatus.PRESENT and not other.muted
    return able and other.id != who.id and _with(session, who, other)


def _recorded(session: Session, seat: SeatState) -> bool:
    return session.caucus is None and seat.id not in session.circles.partners and seat.consents_to_record


def captions_on(session: Session) -> bool:
    """Somebody in the room reads along, and the mediator has not said no."""
    return session.captions and any(seat.captions and seat.in_room for seat in session.seats.values())


def _captioned(session: Session, seat: SeatState) -> bool:
    shared = session.caucus is None and seat.id not in session.circles.partners
    return shared and seat.consents_to_transcribe and not seat.muted


def _some(received: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {who: others for who, others in received.items() if others}


Fact = (
    e.RecordingStarted
    | e.RecordingStopped
    | e.SegmentSealed
    | e.NothingRecorded
    | e.RecordingFailed
    | e.RecordingComposed
    | e.CompositionFailed
    | e.TranscriptMade
    | e.TranscriptFailed
    | e.Archived
)


def decide_captions(command: c.CaptionsCommand, session: Session, who: Asker) -> list[SessionEvent]:
    match command:
        case c.SetCaptions(on=on):
            return [] if session.captions is on else [e.CaptionsSet(on)]
        case c.AskCaptions(on=on):
            return [] if session.seats[who.seat].captions is on else [e.CaptionsAsked(who.seat, on)]
        case _:
            assert_never(command)


def decide_recording(command: c.RecordingCommand, session: Session) -> list[SessionEvent]:
    match command:
        case c.NoteRecording():
            return note_recording(command.fact, session)
        case c.Resume():
            return resume(session)
        case _:
            assert_never(command)


def note_recording(fact: Fact, session: Session) -> list[SessionEvent]:
    match fact:
        case e.RecordingStarted():
            # A byte that was on its way while consent was withdrawn does not switch the sign on again.
            starts = not seat_of(session, fact.seat).recording and fact.seat in matrix(session).recorded
            return [fact] if starts else []
        case e.RecordingStopped():
            return [fact] if seat_of(session, fact.seat).recording else []
        case e.SegmentSealed():
            seat_of(session, fact.seat)
            return [] if any(segment.path == fact.path for segment in session.segments) else [fact]
        case e.NothingRecorded():
            seat_of(session, fact.seat)
            return [fact]
        case e.RecordingFailed():
            return _failed(fact, session)
        case e.RecordingComposed():
            return [] if session.composed == fact else [fact]
        case e.CompositionFailed():
            return [] if session.composition_failed == fact.cause else [fact]
        case e.TranscriptMade() | e.TranscriptFailed():
            # Lines are quoted and corrected by their names: there is one transcript.
            return [] if session.transcript is not None or session.transcript_failed == fact else [fact]
        case e.Archived():
            if not session.over:
                raise WrongState(status=session.status.value)
            return [] if session.archived.get(fact.path) == fact.store else [fact]
        case _:
            assert_never(fact)


def _failed(fact: e.RecordingFailed, session: Session) -> list[SessionEvent]:
    hit = [seat.id for seat in session.seats.values() if seat.recording and fact.seat in ("", seat.id)]
    if session.recording_failed == fact.cause and not hit:
        return []
    return [fact, *(e.RecordingStopped(seat, "disk") for seat in hit)]


def resume(session: Session) -> list[SessionEvent]:
    """Nobody is connected to a server that has just started, and nothing is being recorded by it."""
    events: list[SessionEvent] = [*resumed(session.seats.values())]
    for seat in session.seats.values():
        if seat.recording:
            events.append(e.RecordingStopped(seat.id, "server"))
        if seat.status in (SeatStatus.PRESENT, SeatStatus.WAITING) and seat.away_since is None:
            events.append(e.Disconnected(seat.id, "server"))
        if seat.call:
            events.append(e.CallEnded(seat.id, seat.call, "server"))
    return events


# ------------------------------------------------------------ connections


SETTLED = timedelta(seconds=8)
EVERY = timedelta(seconds=30)
"""A quality is noted once it has lasted, and not more often than this for a seat: the journal is no graph."""
NEVER = datetime.min.replace(tzinfo=UTC)


def decide_network(command: c.NetworkCommand, session: Session) -> list[SessionEvent]:
    match command:
        case c.NotePictures():
            return note_pictures(command, session)
        case c.NoteQuality():
            return note_quality(command, session)
        case c.NoteMediaAwaited():
            return note_awaited(command, session)
        case c.NoteMediaConnected():
            return [e.MediaConnected(command.seat)] if seat_of(session, command.seat).awaited else []
        case _:
            assert_never(command)


def note_pictures(command: c.NotePictures, session: Session) -> list[SessionEvent]:
    seat = seat_of(session, command.seat)
    if command.paused is (command.way in seat.paused) or not seat.in_room:
        return []
    kind = e.PicturesPaused if command.paused else e.PicturesResumed
    return [kind(seat.id, command.way)]


def note_quality(command: c.NoteQuality, session: Session) -> list[SessionEvent]:
    seat = seat_of(session, command.seat)
    changed = seat.in_room and command.level != seat.quality
    return [e.QualityChanged(seat.id, command.level)] if changed else []


def note_awaited(command: c.NoteMediaAwaited, session: Session) -> list[SessionEvent]:
    """Once, and again when more is known of why."""
    seat = seat_of(session, command.seat)
    if not seat.in_room or command.cause == seat.awaited or (seat.awaited and command.cause == "connection"):
        return []
    return [e.MediaAwaited(seat.id, command.since, command.cause)]


def resumed(seats: Iterable[SeatState]) -> list[e.PicturesResumed]:
    """Whatever paused them is gone: a new media worker begins anew."""
    return [e.PicturesResumed(seat.id, way) for seat in seats for way in seat.paused]


class QualityHysteresis:
    """When a seat's quality is worth noting. Its level is looked at as often as it is measured."""

    def __init__(self) -> None:
        self._level = self._noted = BEST
        self._since = self._noted_at = NEVER

    def due(self, level: int, now: datetime) -> bool:
        """Whether to note it now; then it counts as noted."""
        if level != self._level:
            self._level, self._since = level, now
        if level == self._noted or now - self._since < SETTLED or now - self._noted_at < EVERY:
            return False
        self._noted, self._noted_at = level, now
        return True
