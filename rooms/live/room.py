"""One live room: one task, one bounded mailbox, one session.

Owns the only hand that writes to the session's stream. Everything that happens to a room (a command, somebody
attaching, a report from media, a timer) waits its turn in the mailbox, so that nothing here needs a lock: order of
arrival is order of decision. `rooms.live.audience` says who hears of it, `rooms.media.forwarding` what media is asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from journal import SYSTEM, TRIES, Actor, Conflict, Draft, Event, Journal, NotOurs
from journal.clock import Clock
from journal.refusals import Busy, DomainError, Suspended, Unanswered, UnknownSession
from media import engine as m
from media.engine import Measurement
from rooms import UnknownSeat, commands as c, events as e
from rooms.apart.rules import SUSPENDED
from rooms.decisions import decide
from rooms.events import SessionEntry, event_draft, history, stream
from rooms.exhibits.rules import may_show, sees_showing
from rooms.floor.rules import (
    NO_TEXTS,
    ArticleFinder,
    CardFinder,
    CaseFinder,
    ShownTexts,
    catalogue_leaf,
    fill_command,
    no_cards,
    no_cases,
)
from rooms.floor.state import Chat
from rooms.joining.rules import ABSENCE, ended_by
from rooms.live import (
    MOST_WAITING,
    AttachRequest,
    ChatRequest,
    CommandRequest,
    ListenerGone,
    Mailbox,
    MailboxItem,
    MediaEnd,
    MediaJoinRequest,
    MediaTurnedAway,
    PointerMoved,
    QualityMeasured,
    Request,
    RoomTimer,
    StateRequest,
    Subscription,
    Tick,
    Unwritten,
)
from rooms.live.audience import Audience, RoomMoment, chat_page
from rooms.media.diagnosis import SeatReport
from rooms.media.forwarding import Forwarding, MediaWatch
from rooms.session import Session, apart_on, evolve, fold
from rooms.view import LineView
from rooms.view.seat_view import RoomContext, RunningTimes
from rooms.vocabulary import Status

IDLE = timedelta(seconds=60)
REST = timedelta(seconds=1)
"""After something failed, before time alone has it tried again."""

log = logging.getLogger(__name__)

ReadContext = Callable[[Session], Awaitable[RoomContext]]
Closed = Callable[[str, Session], Awaitable[None]]


class Room:
    """Start with `start()`; it lives until `stop()`, or until it is idle and `forget` is called."""

    def __init__(
        self,
        session: str,
        journal: Journal,
        engine: m.MediaEngine,
        clock: Clock,
        read_context: ReadContext,
        on_closed: Sequence[Closed],
        forget: Callable[[Room], None],
        may_open: Callable[[], None] = lambda: None,
        articles: ArticleFinder = catalogue_leaf,
        cases: CaseFinder = no_cases,
        shown: ShownTexts = NO_TEXTS,
        cards: CardFinder = no_cards,
        lag: Callable[[str], float] = lambda room: 0.0,
        reported: Callable[[str, SeatReport], None] = lambda room, report: None,
    ) -> None:
        self.id = session
        self._lag, self._reported = lag, reported
        self._journal, self._clock = journal, clock
        self._read_context, self._on_closed, self._forget, self._may_open = read_context, on_closed, forget, may_open
        self._articles, self._cases, self._cards, self._shown = articles, cases, cards, shown
        self._mailbox = Mailbox()
        self._session: Session | None = None
        self._loaded = False
        self.left_behind = False  # by another server, with everybody in it: written before anything else is decided
        self._times, self._chat = RunningTimes(), Chat()
        self._unwritten = Unwritten()
        self._audience = Audience()
        self._forwarding = Forwarding(session, engine)
        self._watch = MediaWatch(self._forwarding, self._audience, clock, self._known, self._note)
        self._busy_at = clock.now()
        self._rests_until: datetime | None = None
        self._task: asyncio.Task[None] | None = None
        self._alarm = RoomTimer(session, clock, lambda: self._mailbox.put(Tick()))
        self._ending: asyncio.Task[None] | None = None

    # ------------------------------------------------------------ from outside

    @property
    def qualities(self) -> Sequence[int]:
        """Of the connections of those in the room, as measured last."""
        return self._audience.qualities

    @property
    def resting(self) -> Sequence[str]:
        """The ways of everybody whose pictures rest."""
        seats = self._session.seats.values() if self._session is not None and not self._session.over else ()
        return [way for seat in seats for way in seat.paused]

    @property
    def occupied(self) -> bool:
        return self._session is not None and self._session.under_way and not self._audience.empty

    def movable(self, whatever_goes_on: bool) -> bool:
        """Whether it can be another server's from now on, everybody coming back."""
        session = self._session
        return session is not None and not session.over and (whatever_goes_on or session.status is not Status.LIVE)

    async def end_recordings(self) -> Session:
        """Media end; with every segment in it."""
        await self._forwarding.finish()
        answer: asyncio.Future[Session] = asyncio.get_running_loop().create_future()
        await self._mailbox.put(StateRequest(answer))  # behind every segment; waits rather than be refused
        return await answer

    def tell_restart(self, at: datetime) -> None:
        self._audience.tell_restart(at)

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._live(), name=f"room {self.id}")

    def cut(self) -> None:
        """Whoever listens comes back, to whichever server has the room then."""
        self._audience.cut()

    async def stop(self) -> None:
        """Listeners are let go without a word: they come back to the next server."""
        tasks = [task for task in (self._task, self._alarm.task, self._ending) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            await self._write_speaking()
        except Exception:
            log.exception("room %s: who spoke last could not be written", self.id)
        self._mailbox.refuse_all()

    def ask(self, command: c.Command, actor: Actor) -> asyncio.Future[list[Event]]:
        return self._mailbox.ask(lambda answer: CommandRequest(command, actor, answer))

    def look(self) -> asyncio.Future[Session]:
        """The state once everything asked before has been decided."""
        return self._mailbox.ask(StateRequest)

    def read_lines(self, seat: str, after: int | None, before: int | None) -> asyncio.Future[list[LineView]]:
        return self._mailbox.ask(lambda answer: ChatRequest(seat, after, before, answer))

    def attach(self, seat: str) -> asyncio.Future[Subscription]:
        """A newer listener for the same seat ends the older with `elsewhere`."""
        return self._mailbox.ask(lambda answer: AttachRequest(Subscription(seat, self._detached), answer))

    def join(self, seat: str, done: bool) -> asyncio.Future[None]:
        """Before and after the engine admits a seat. DomainError when it may not (or may no longer)."""
        return self._mailbox.ask(lambda answer: MediaJoinRequest(seat, done, answer))

    def measured(self, seat: str, measurement: Measurement, client: str, network: str) -> None:
        """By the seat's own client. Lost when the room is busier than that."""
        self._mailbox.offer(QualityMeasured(seat, measurement, client, network))

    def pointed(self, seat: str, looking: Mapping[str, Any]) -> None:
        """By the page of whoever shows an exhibit, several times a second. Lost when the room is busier than that."""
        self._mailbox.offer(PointerMoved(seat, looking), MOST_WAITING // 2)

    def turned_away(self, seat: str) -> None:
        """There is no room for its sound and pictures; its page tries again. Lost when the room is busier than that."""
        self._mailbox.offer(MediaTurnedAway(seat))

    def carries(self, seat: str) -> bool:
        """Whether the seat's sound and pictures are admitted."""
        return seat in self._forwarding

    async def end_media(self, seat: str) -> None:
        """Waits while the mailbox is full: it must not be lost."""
        await self._mailbox.put(MediaEnd(seat))

    async def report(self, event: m.MediaEvent) -> None:
        """From the engine; waits while the mailbox is full, because media says a thing once."""
        await self._mailbox.put(event)

    def _detached(self, subscription: Subscription) -> None:
        if not self._mailbox.offer(ListenerGone(subscription)):
            log.warning("room %s: mailbox full, a listener's going is noticed only by media", self.id)

    # ------------------------------------------------------------ the task

    async def _live(self) -> None:
        while True:
            item = await self._mailbox.take()
            await self._handle(item)
            if not isinstance(item, Tick):
                self._busy_at = self._clock.now()
            # No await lies between this test and being forgotten: nobody enqueues in between.
            if self._mailbox.empty and (self._session is None or (isinstance(item, Tick) and self._idle())):
                self._forget(self)
                self._alarm.cancel()
                return
            self._alarm.set(self._due())

    async def _handle(self, item: MailboxItem) -> None:
        if isinstance(item, Tick):
            self._alarm.rang()
        try:
            if not self._loaded:
                await self._load()
            if self.left_behind and self._session is not None:
                await self._do(c.Resume(), SYSTEM)
            self.left_behind = False
            await self._watch.note_waits(self._session)  # before anything that would end them
            result = await self._result(item)
            self._watch.look(self._session)
        except asyncio.CancelledError:
            if isinstance(item, Request):
                item.answer.cancel()
            raise
        except Exception as fault:
            if not isinstance(fault, DomainError):
                self._loaded = False  # what is in memory may not be what was written
                self._rests_until = self._clock.now() + REST
                why = None if isinstance(fault, Unanswered) else fault  # the reason stands in the log already
                log.error("room %s: %s failed", self.id, type(item).__name__, exc_info=why)
            if isinstance(item, Request) and not item.answer.done():
                item.answer.set_exception(fault)
        else:
            if isinstance(item, Request) and not item.answer.done():
                item.answer.set_result(result)

    async def _result(self, item: MailboxItem) -> Any:
        match item:
            case CommandRequest(command, actor):
                return await self._do(command, actor)
            case StateRequest():
                return self._known()
            case ChatRequest(seat, after, before):
                return chat_page(self._known(), self._chat, seat, after, before)
            case AttachRequest(subscription):
                return await self._attach(subscription)
            case MediaJoinRequest(seat, done):
                return await self._forwarding.join(self._known(), seat, done)
            case ListenerGone(subscription):
                return await self._lost(subscription)
            case QualityMeasured(seat, measurement, client, network):
                if seat in self._known().seats:
                    lag = self._lag(self.id)
                    finding = await self._watch.measured(seat, measurement, lag, network)
                    self._reported(self.id, SeatReport(seat, self._clock.now(), measurement, client, lag, finding))
                return None
            case PointerMoved(seat, looking):
                return self._point(seat, looking)
            case MediaTurnedAway(seat):
                return self._watch.turn_away(seat)
            case MediaEnd(seat):
                self._watch.forget(seat)
                return await self._forwarding.end(seat)
            case Tick():
                return await self._expire()
            case _:
                return await self._watch.reported(item)

    async def _load(self) -> None:
        # What was known stays known while the journal cannot be read.
        entries = history(await self._journal.read(stream(self.id)))
        self._session, self._times, self._chat = fold(entries), RunningTimes(entries), Chat(entries)
        self._loaded = True
        for event, at in self._unwritten.take(entries):
            with contextlib.suppress(DomainError):  # it is over meanwhile
                self._hear(c.NoteSpeaking(event.seat, isinstance(event, e.SpeakingStarted)), at)
        if not self._audience.empty:
            await self._refresh_context()

    async def _refresh_context(self) -> None:
        if self._session is not None:
            try:
                self._audience.set_context(await self._read_context(self._session))
            except Exception:
                log.exception("room %s: its office and complaint could not be read", self.id)

    def _known(self) -> Session:
        if self._session is None:
            raise UnknownSession(session=self.id)
        return self._session

    def _at(self, now: datetime) -> RoomMoment:
        return RoomMoment(self._known(), self._times.at(now), self._chat, now)

    async def _do(self, command: c.Command, actor: Actor) -> list[Event]:
        """Decide and append. Whoever appended between is heard first; DomainError."""
        for _ in range(TRIES):
            with contextlib.suppress(Conflict):
                return await self._append(command, actor)
            await self._load()
        raise Busy

    async def _note(self, command: c.Command) -> None:
        if isinstance(command, c.NoteSpeaking):
            now = self._clock.now()
            self._audience.tell(self._hear(command, now), self._at(now))
        else:
            await self._do(command, SYSTEM)

    def _hear(self, command: c.NoteSpeaking, at: datetime) -> list[SessionEntry]:
        """What is to be told of it at once, and written with what comes next."""
        entries = []
        for event in decide(command, self._known(), SYSTEM, at):
            if isinstance(event, e.SpeakingStarted | e.SpeakingStopped):
                self._unwritten.events.append((event, at))
                entries.append(SessionEntry(self.id, self._known().version, event, at))
        self._fold(entries)
        return entries

    def _fold(self, entries: Sequence[SessionEntry]) -> None:
        for entry in entries:
            self._session = evolve(self._session, entry)
            self._times.note(entry)
            self._chat.note(entry)

    async def _write_speaking(self) -> None:
        """By itself, when nothing else was to be written in time."""
        for _ in range(TRIES):
            with contextlib.suppress(Conflict):
                if self._unwritten.events:
                    self._session = replace(self._known(), version=(await self._write([]))[-1].version)
                return
            await self._load()
        raise Busy

    async def _write(self, drafts: Sequence[Draft]) -> list[Event]:
        """Behind who spoke before; the events of `drafts`, or of who spoke when there are none."""
        spoken = self._unwritten.drafts()
        version = 0 if self._session is None else self._session.version
        try:
            appended = await self._journal.append(stream(self.id), version, [*spoken, *drafts])
        except NotOurs as fault:  # another server has the room by now, and hears who speaks
            self._loaded = False
            self._unwritten.events.clear()
            raise Busy from fault
        self._unwritten.events.clear()
        return appended[len(spoken) :] if drafts else appended

    async def _append(self, command: c.Command, actor: Actor) -> list[Event]:
        finders = self._articles, self._cases, self._cards
        command = await fill_command(command, self._session, actor, *finders, self._shown)
        now = self._clock.now()
        events = decide(command, self._session, actor, now)
        if not events:
            return []
        if any(isinstance(event, e.SessionOpened) for event in events):
            self._may_open()
        goes_on = any(isinstance(event, e.SessionOpened | e.RecessEnded) for event in events)
        acts = type(command) in SUSPENDED and self._session is not None and apart_on(self._session) is not None
        if goes_on or acts:
            await self._refresh_context()
            if self._audience.suspended:
                raise Suspended  # Order 121 Art 21
        appended = await self._write([event_draft(event, now, actor) for event in events])
        entries = [
            SessionEntry(self.id, entry.version, event, now, actor)
            for entry, event in zip(appended, events, strict=True)
        ]
        self._fold(entries)
        # Nobody reads that they are among themselves before they are.
        parting = any(isinstance(event, e.CaucusStarted | e.ConsultingStarted) for event in events)
        followed = await self._move_media(entries) if parting else True
        self._audience.tell(entries, self._at(now))
        if not parting:
            await self._move_media(entries)
        elif not followed:
            await self._part_nobody()
        return appended

    # ------------------------------------------------------------ listeners

    async def _attach(self, subscription: Subscription) -> Subscription:
        seat = subscription.seat
        if seat not in self._known().seats:
            raise UnknownSeat(seat=seat)
        # Nobody is shown it while nobody is there, and the case to the mediator alone.
        if self._audience.empty or seat == self._known().mediator_seat:
            await self._refresh_context()
        self._audience.give_way(seat)
        if not self._known().over:
            await self._do(c.NoteConnection(seat, True), SYSTEM)
        self._audience.welcome(subscription, self._at(self._clock.now()))
        return subscription

    async def _lost(self, subscription: Subscription) -> None:
        if self._audience.part(subscription):
            cause = (
                ended_by(subscription.code, self._known().seats[subscription.seat])
                if subscription.put_out
                else "socket"
            )
            await self._do(c.NoteConnection(subscription.seat, False, cause), SYSTEM)

    # ------------------------------------------------------------ media

    async def _move_media(self, entries: Sequence[SessionEntry]) -> bool:
        """Whether the engine took the routes that are in force now."""
        session = self._known()
        for seat in self._forwarding.left(session):
            self._watch.forget(seat)
        followed = await self._forwarding.follow(session, entries)
        if any(isinstance(entry.event, e.SessionClosed) for entry in entries):
            self._ending = asyncio.get_running_loop().create_task(self._end(), name=f"end of {self.id}")
        return followed

    async def _part_nobody(self) -> None:
        """A talk that the media did not follow is no private one: it ends, and says so."""
        circles = self._known().circles
        if circles.caucus is not None:
            await self._do(c.EndCaucus(), SYSTEM)
        if circles.consulting:
            await self._do(c.EndConsulting(), SYSTEM)

    async def _end(self) -> None:
        """Finish the recordings, then tell whoever waits for a closed session, with every segment in it."""
        session = await self.end_recordings()
        for hook in self._on_closed:
            try:
                await hook(self.id, session)
            except Exception:
                log.exception("room %s: a follow-up of closing failed", self.id)

    def _point(self, seat: str, looking: Mapping[str, Any]) -> None:
        session = self._known()
        showing = session.exhibits.showing
        if showing is None or session.over or not may_show(session, seat) or not sees_showing(session, showing, seat):
            return
        self._audience.look(seat, looking, showing.exhibit, session)

    # ------------------------------------------------------------ time

    def _absent(self) -> list[tuple[datetime, str]]:
        """When whose seat is given up: of those away without a socket."""
        if self._session is None or self._session.over:
            return []
        return [
            (seat.away_since + ABSENCE, seat.id)
            for seat in self._session.seats.values()
            if seat.away_since is not None and seat.id not in self._audience
        ]

    async def _expire(self) -> None:
        now = self._clock.now()
        for due, seat in self._absent():
            if due <= now:
                await self._do(c.NoteConnection(seat, False, "absent"), SYSTEM)
        if self._unwritten.due is not None and self._unwritten.due <= now:
            await self._write_speaking()

    def _resting(self) -> bool:
        ending = self._ending is not None and not self._ending.done()
        return self._audience.empty and not self._absent() and not ending and not self._unwritten.events

    def _idle(self) -> bool:
        return self._resting() and self._clock.now() - self._busy_at >= IDLE

    def _due(self) -> datetime | None:
        """The next moment at which time alone changes something."""
        moments = [when for when, _ in self._absent()] + ([self._busy_at + IDLE] if self._resting() else [])
        others = (self._watch.next_wait(self._session), self._unwritten.due)
        due = min(moments + [due for due in others if due is not None], default=None)
        return due if due is None or self._rests_until is None else max(due, self._rests_until)
