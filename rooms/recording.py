"""Decisions about what media and the machine report: recording facts, and coming back after a restart."""

from __future__ import annotations

from typing import assert_never

from rooms import commands as c, events as e, network
from rooms.errors import WrongState
from rooms.events import SessionEvent
from rooms.invitations import seat_of
from rooms.routing import matrix
from rooms.session import Session
from rooms.vocabulary import SeatStatus

Fact = (
    e.RecordingStarted
    | e.RecordingStopped
    | e.SegmentSealed
    | e.NothingRecorded
    | e.RecordingFailed
    | e.RecordingComposed
    | e.CompositionFailed
    | e.Archived
)


def decided(command: c.RecordingCommand, session: Session) -> list[SessionEvent]:
    match command:
        case c.NoteRecording():
            return note(command.fact, session)
        case c.Resume():
            return resume(session)
        case _:
            assert_never(command)


def note(fact: Fact, session: Session) -> list[SessionEvent]:
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
            return [fact]
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
    events: list[SessionEvent] = [*network.resumed(session.seats.values())]
    for seat in session.seats.values():
        if seat.recording:
            events.append(e.RecordingStopped(seat.id, "server"))
        if seat.status in (SeatStatus.PRESENT, SeatStatus.WAITING) and seat.away_since is None:
            events.append(e.Disconnected(seat.id, "server"))
    return events
