"""Sessions by the real rules, without a mailbox and without a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from journal import SYSTEM, Actor, Draft, Event, sealed
from journal.refusals import UnknownSession
from rooms import commands as c, events as e
from rooms.decisions import decide
from rooms.events import SessionEvent, event_draft, history, stream
from rooms.live.registry import Sessions
from rooms.session import Session, fold
from rooms.vocabulary import Seat
from tests.web.fakes.people import EAST_LAKE, SEATS, Clock


class FakeSessions(Sessions):
    """The real rules, without a mailbox and without a database."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.streams: dict[str, list[Event]] = {}
        self.refusal: Exception | None = None  # the next submit raises it

    def events(self, session: str) -> list[SessionEvent]:
        return [entry.event for entry in history(self.streams[session])]

    def append(self, session: str, *happened: SessionEvent, actor: Actor = SYSTEM) -> Sequence[Event]:
        earlier = self.streams.setdefault(session, [])
        drafts: list[Draft] = [event_draft(event, self.clock(), actor) for event in happened]
        events = sealed(stream(session), len(earlier), earlier[-1].hash if earlier else "", drafts)
        earlier.extend(events)
        return events

    async def submit(self, session: str, command: c.Command, actor: Actor) -> Sequence[Event]:
        if self.refusal is not None:
            refusal, self.refusal = self.refusal, None
            raise refusal
        happened = decide(command, await self.state(session), actor, self.clock())
        return self.append(session, *happened, actor=actor)

    async def state(self, session: str) -> Session:
        folded = fold(history(self.streams.get(session, [])))
        if folded is None:
            raise UnknownSession(session=session)
        return folded


def scheduled(complaint: str, number: str, title: str, starts: datetime, *more: Seat) -> e.SessionScheduled:
    return e.SessionScheduled(complaint, number, EAST_LAKE.id, 1, title, starts, (*SEATS, *more), "u-zhou")
