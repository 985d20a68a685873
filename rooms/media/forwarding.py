"""A room's sound and pictures at the media engine: what is asked of it, reported by it and waited for.

A room outlives its media: what the engine cannot do is logged, and the session goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from journal.clock import Clock
from media import engine as m
from rooms import NotInRoom, commands as c, events as e
from rooms.events import SessionEntry
from rooms.live.audience import Audience
from rooms.media import rules as media_rules
from rooms.media.diagnosis import Diagnosis, found, shared
from rooms.media.rules import QualityHysteresis, matrix
from rooms.seats import SeatState
from rooms.session import Session
from rooms.view import OfferedTrackView
from rooms.view.seat_view import NO_CALLS
from rooms.vocabulary import SENDING, Role, SeatStatus

MEDIA_TIMEOUT = 5.0
"""Seconds a room waits for the media engine before it goes on without."""
CLOSE_TIMEOUT = 60.0
"""Seconds the recordings get to be finished when a session closes."""
MOST_HOT = 30
"""Signs of a name that a machine is told to listen for."""
TOLD_TIMEOUT = 10.0
"""Seconds the engine's last word on a room may take to its mailbox, once its recordings are finished."""

log = logging.getLogger(__name__)


class Forwarding:
    def __init__(self, room: str, engine: m.MediaEngine) -> None:
        self._room, self._engine = room, engine
        self._joined: set[str] = set()  # admitted to media
        self._turned_away: set[str] = set()  # for whose media the server has no room
        self._up: set[str] = set()  # whose media transport has been up since they joined
        self._sending: dict[str, m.SendingState] = {}  # what there is of their way to us
        self._told = asyncio.Event()  # the engine has said its last word

    def __contains__(self, seat: str) -> bool:
        return seat in self._joined

    async def join(self, session: Session, seat: str, done: bool) -> None:
        """Before and after the engine admits a seat; NotInRoom when it may not, or may no longer."""
        inside = session.under_way and seat in session.seats and session.seats[seat].in_room
        if not inside or (done and seat not in self._joined):  # put out meanwhile
            if done:
                await self._ask(self._engine.remove(self._room, seat))
            raise NotInRoom(seat=seat)
        self._joined.add(seat)
        if done:
            self._turned_away.discard(seat)
            await self._ask(self._engine.route(self._room, engine_matrix(session)))
        else:
            self._forget(seat)

    async def end(self, seat: str) -> None:
        """The seat's media goes, the seat stays."""
        self._joined.discard(seat)
        self._forget(seat)
        await self._ask(self._engine.remove(self._room, seat))

    def left(self, session: Session) -> Sequence[str]:
        """Who was admitted and is in the room no more."""
        return [seat for seat in self._joined if not session.seats[seat].in_room]

    async def follow(self, session: Session, entries: Sequence[SessionEntry]) -> bool:
        """Whether the engine took the routes that are in force after these entries."""
        for seat in self.left(session):
            self._joined.discard(seat)
            self._forget(seat)
            await self._ask(self._engine.remove(self._room, seat))
        if any(isinstance(entry.event, e.Routed) for entry in entries):
            return await self._ask(self._engine.route(self._room, engine_matrix(session)))
        return True

    def connection(self, event: m.Connection, listens: bool) -> c.NoteConnection | None:
        """What of a seat's transport counts; `listens`: it has a socket too."""
        seat = event.participant
        if seat not in self._joined:
            return None
        if event.state == "connected":
            self._up.add(seat)
            return c.NoteConnection(seat, True) if listens else None  # media alone, without a socket, is not being here
        if seat not in self._up:
            return None
        self._up.discard(seat)
        return c.NoteConnection(seat, False, "media")

    def sending(self, seat: str, state: m.SendingState) -> None:
        if seat in self._joined:
            self._sending[seat] = state

    def sends(self, seat: str) -> bool:
        """Whether what this seat says and shows can reach us."""
        return self._sending.get(seat) == "connected"

    def why_not(self, seat: str) -> str:
        """A cause of `rooms.events.MediaAwaited`."""
        if seat in self._turned_away:
            return "full"
        # Only a device that receives has shown that it could have offered something.
        return "nothing" if seat in self._up and seat not in self._sending else "connection"

    def turn_away(self, seat: str) -> bool:
        """The server has no room for its media. Whether that is news."""
        news = seat not in self._turned_away
        self._turned_away.add(seat)
        return news

    def lost(self) -> Sequence[str]:
        """The worker died: nobody is admitted any more. Who could be heard and seen until then."""
        heard = [seat for seat in self._sending if self.sends(seat)]
        self._joined.clear()
        self._up.clear()
        self._sending.clear()
        return heard

    def told(self) -> None:
        """Every segment of the closed room has been reported."""
        self._told.set()

    async def finish(self) -> None:
        """Close the room at the engine, and wait until its recordings are finished and on their way to the mailbox."""
        self._told.clear()
        try:
            await asyncio.wait_for(self._engine.close_room(self._room), CLOSE_TIMEOUT)
            await asyncio.wait_for(self._told.wait(), TOLD_TIMEOUT)
        except (m.MediaError, TimeoutError, OSError):
            log.exception("room %s: recordings not finished in order", self._room)

    def _forget(self, seat: str) -> None:
        self._up.discard(seat)
        self._sending.pop(seat, None)

    async def _ask(self, doing: Awaitable[None]) -> bool:
        try:
            await asyncio.wait_for(doing, MEDIA_TIMEOUT)
        except (m.MediaError, TimeoutError, OSError):
            log.exception("room %s: the media engine did not follow", self._room)
            return False
        return True


def engine_matrix(session: Session) -> m.RouteMatrix:
    """Who receives whom, as the engine is told it."""
    routes = matrix(session)
    return m.RouteMatrix(
        {seat: frozenset(others) for seat, others in routes.hears.items()},
        {seat: frozenset(others) for seat, others in routes.sees.items()},
        frozenset(routes.recorded),
        frozenset(routes.captioned),
        hot_words(session) if routes.captioned else (),
    )


def hot_words(session: Session) -> tuple[str, ...]:
    """Names that are likely to be said, and that no machine could guess."""
    people = [seat.seat for seat in session.seats.values() if seat.role is not Role.SUPERVISOR]
    words = [*(seat.name for seat in people), *(seat.organisation for seat in people), session.title]
    return tuple(dict.fromkeys(word[:MOST_HOT] for word in words if word))


# ------------------------------------------------------------ what the engine reports


def report_command(event: m.MediaEvent) -> c.NoteSpeaking | c.NotePictures | c.NoteRecording | None:
    """A report of the media engine as a command to the session.

    None for what is not the session's to remember, and for connections: the room weighs those itself.
    """
    match event:
        case m.Speaking():
            return c.NoteSpeaking(event.participant, event.speaking)
        case m.PicturesPaused():
            return c.NotePictures(event.participant, event.way, event.paused)
        case m.Recording(on=True):
            return c.NoteRecording(e.RecordingStarted(event.participant))
        case m.Recording():
            return c.NoteRecording(e.RecordingStopped(event.participant, event.cause or "disconnected"))
        case m.Segment():
            return c.NoteRecording(
                e.SegmentSealed(
                    event.participant,
                    event.path,
                    event.sha256,
                    event.size,
                    event.started,
                    event.ended,
                    event.width,
                    event.height,
                    event.source,
                    event.stored_sha256,
                    event.stored_size,
                    event.sm3,
                    _holes(event.gaps),
                    event.clock_ms,
                )
            )
        case m.Unrecorded():
            fact = e.NothingRecorded(event.participant, event.started, event.ended, _holes(event.gaps))
            return c.NoteRecording(fact)
        case m.RecordingAlarm():
            return c.NoteRecording(e.RecordingFailed(event.cause, event.participant))
        case _:
            return None


def _holes(found: Iterable[m.Gap]) -> tuple[e.Hole, ...]:
    return tuple(e.Hole(hole.source, hole.started, hole.ended, hole.cause) for hole in found)


def report_tracks(offer: m.Offer) -> list[OfferedTrackView]:
    """What an offer carries, as `media_offer` of docs/wire.md tells it."""
    return [{"mid": t.mid, "seat": t.participant, "source": t.source, "active": t.active} for t in offer.tracks]


# ------------------------------------------------------------ what the room makes of it


Note = Callable[[c.Command], Awaitable[Any]]
"""Has the room decide and append, by the system."""


class MediaWatch:
    """What a room makes of reports of the engine, of measured quality, and of what does not come.

    Decides nothing: what is worth noting is asked of the room, in its turn. `known` is the session now;
    DomainError when there is none.
    """

    def __init__(
        self, forwarding: Forwarding, audience: Audience, clock: Clock, known: Callable[[], Session], note: Note
    ) -> None:
        self._forwarding, self._audience, self._clock = forwarding, audience, clock
        self._known, self._note = known, note
        self._waits = MediaWaits()
        self._steadiness: dict[str, QualityHysteresis] = {}
        self._diagnoses: dict[str, Diagnosis] = {}
        self._networks: dict[str, str] = {}
        self._echoes = Echoes()

    async def measured(self, seat: str, measurement: m.Measurement, lag: float, network: str = "") -> str:
        """What a seat's own client says of its connection; the finding that is said of it from here on. `network`: the
        address it comes from."""
        session = self._known()
        diagnosis = self._diagnoses.setdefault(seat, Diagnosis())
        echo = self._echoes.asks(seat, session)
        held = found(measurement, session.seats[seat].paused, lag, diagnosis.finding, echo=echo)
        diagnosis.note(held, self._clock.now())
        self._networks[seat] = network
        outage = shared({one: said.finding for one, said in self._diagnoses.items()}, self._networks)
        told = {"seat": seat, **measurement.body(), "finding": diagnosis.finding, "outage": asdict(outage)}
        self._audience.send(session.mediator_seat, "measured", told)
        await self.judged(seat, "client", measurement.level)
        return diagnosis.finding

    def forget(self, seat: str) -> None:
        """Their connection is no more; the next is looked at anew."""
        self._audience.forget_quality(seat)
        self._diagnoses.pop(seat, None)
        self._networks.pop(seat, None)
        self._echoes.forget(seat)

    async def reported(self, event: m.MediaEvent) -> None:
        session = self._known()
        match event:
            case m.Connection(participant=seat):
                noted = self._forwarding.connection(event, seat in self._audience) if not session.over else None
                if noted is not None:
                    await self._note(noted)
            case m.Offer(participant=seat):
                if seat in self._forwarding:
                    self._audience.send(seat, "media_offer", {"sdp": event.sdp, "tracks": report_tracks(event)})
            case m.PublisherState(participant=seat, state=state):
                await self._sending(seat, state)
            case m.Quality(participant=seat, level=level):
                await self.judged(seat, "engine", level)
            case m.Echo():
                self._echoes.note(event, session)
            case m.Heard(participant=seat):
                if seat in session.routed.captioned:  # what was on its way when they said no is dropped
                    self._audience.caption(event, session)
            case m.CaptionsFault(code=code):
                self._audience.captions_fault(code, session)
            case m.RoomClosed():
                self._forwarding.told()
            case m.RoomLost():
                await self._worker_lost(session)
            case _:
                if isinstance(event, m.Recording) and event.on:
                    await self._sending(event.participant, "connected")
                if (command := report_command(event)) is not None:
                    await self._note(command)

    async def judged(self, seat: str, by: str, level: int) -> None:
        """Shown at once; noted once it has lasted."""
        self._audience.measured(seat, by, level, self._known())
        worst = self._audience.quality(seat)
        steadiness = self._steadiness.setdefault(seat, QualityHysteresis())
        if worst is not None and not self._known().over and steadiness.due(worst, self._clock.now()):
            await self._note(c.NoteQuality(seat, worst))

    def turn_away(self, seat: str) -> None:
        """The mediator is told, once; whoever it is about knows from the answer to their own page."""
        session = self._known()
        if self._forwarding.turn_away(seat) and seat != session.mediator_seat:
            self._audience.send(session.mediator_seat, "media_full", {"seat": seat})

    # ------------------------------------------------------------ what does not come

    async def note_waits(self, session: Session | None) -> None:
        if session is not None and not session.over:
            for awaited in self._waits.due(session, self._forwarding, self._clock.now()):
                await self._note(awaited)

    def look(self, session: Session | None) -> None:
        """After everything that may have begun a wait or an echo, or ended one."""
        self._waits.look(session, self._forwarding, self._clock.now())
        if session is not None:
            for seat, on in self._echoes.changes(session):
                self._audience.send(seat, "echo", {"on": on})

    def next_wait(self, session: Session | None) -> datetime | None:
        """When the next is to be noted."""
        return self._waits.next(session)

    async def _sending(self, seat: str, state: m.SendingState) -> None:
        self._forwarding.sending(seat, state)
        if state == "connected" and not self._known().over:
            await self._note(c.NoteMediaConnected(seat))

    async def _worker_lost(self, session: Session) -> None:
        """Of whom nothing was written yet, only the worker knew why."""
        heard, now = self._forwarding.lost(), self._clock.now()
        self._echoes.clear()
        for seat in session.seats.values():
            if seat.recording:
                await self._note(c.NoteRecording(e.RecordingStopped(seat.id, "server")))
            elif seat.id in heard and seat.id in session.routed.recorded and not session.over:
                await self._note(c.NoteMediaAwaited(seat.id, now, "server"))
        for resting in media_rules.resumed(self._known().seats.values()):
            await self._note(c.NotePictures(resting.seat, resting.way, False))
        self._audience.send_inside("media_lost", {}, self._known())


# ------------------------------------------------------------ two microphones in one room


class Echoes:
    """Whom a room asks to use another's sound, because both microphones stand in one room.

    During private talk nobody is asked anything: who is heard there is not for others to conclude.
    """

    def __init__(self) -> None:
        self._on: set[frozenset[str]] = set()
        self._asked: dict[frozenset[str], str] = {}  # always the same one of two
        self._told: set[str] = set()

    def note(self, event: m.Echo, session: Session) -> None:
        pair = frozenset((event.participant, event.of))
        if not event.on:
            self._on.discard(pair)
        elif pair <= session.seats.keys():
            self._on.add(pair)
            both = (session.seats[event.participant], session.seats[event.of])
            self._asked.setdefault(pair, min(both, key=_keeps_own_sound).id)

    def asks(self, seat: str, session: Session) -> bool:
        return any(self._asked[pair] == seat and not _private(session, pair) for pair in self._on)

    def changes(self, session: Session) -> Sequence[tuple[str, bool]]:
        """Who is to be asked from now on, and who no longer."""
        now = {self._asked[pair] for pair in self._on if not session.over and not _private(session, pair)}
        changed, self._told = self._told ^ now, now
        return [(seat, seat in now) for seat in sorted(changed)]

    def forget(self, seat: str) -> None:
        self._on = {pair for pair in self._on if seat not in pair}

    def clear(self) -> None:
        self._on.clear()


def _keeps_own_sound(seat: SeatState) -> int:
    """The more, the rather: the mediator is heard by themselves, and what an interpreter says is heard apart."""
    return {Role.COMPANION: 0, Role.INTERPRETER: 2, Role.MEDIATOR: 3}.get(seat.role, 1)


def _private(session: Session, pair: Iterable[str]) -> bool:
    return session.caucus is not None or not session.circles.partners.keys().isdisjoint(pair)


# ------------------------------------------------------------ what it waits for


PATIENCE = timedelta(seconds=5)


class MediaWaits:
    """Whose sound and picture a room waits for, and since when: why nothing of somebody is recorded yet.

    Noted once it has lasted, with when it began: a start that goes as it mostly does needs no entry.
    """

    def __init__(self) -> None:
        self._since: dict[str, datetime] = {}

    def look(self, session: Session | None, forwarding: Forwarding, now: datetime) -> None:
        """After everything that may have begun a wait, or ended one."""
        seats = session.seats.values() if session is not None and session.under_way else ()
        waited = {seat.id for seat in seats if media_expected(seat) and not forwarding.sends(seat.id)}
        self._since = {seat: self._since.get(seat, now) for seat in waited}

    def due(self, session: Session, forwarding: Forwarding, now: datetime) -> Iterator[c.NoteMediaAwaited]:
        """What is to be noted now."""
        for seat, since in list(self._since.items()):
            if since + PATIENCE <= now and seat in session.seats:
                yield c.NoteMediaAwaited(seat, since, forwarding.why_not(seat))

    def next(self, session: Session | None) -> datetime | None:
        """When the next is to be noted, of those of which nothing is noted."""
        seats = session.seats if session is not None else {}
        return min(
            (at + PATIENCE for id_, at in self._since.items() if id_ in seats and not seats[id_].awaited), default=None
        )


def media_expected(seat: SeatState) -> bool:
    """Who reads and writes sends nothing; who is away is told apart."""
    writes = seat.mode == "text" or NO_CALLS in seat.findings
    return seat.status is SeatStatus.PRESENT and seat.role in SENDING and not writes
