"""After a session is over, its complaint follows by itself.

Owns the task that watches sessions close, and the one that tries again what went wrong. What it missed while the
program was down it makes up for at the start; telling a complaint twice changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import datetime

import structlog

from complaints.commands import Command, FollowCancelled, FollowClosed
from complaints.errors import ComplaintError
from complaints.service import ComplaintService
from journal import SYSTEM, Event
from rooms.codec import STREAM
from rooms.errors import RoomError
from rooms.events import SessionCancelled, SessionClosed
from rooms.session import Session
from rooms.vocabulary import Outcome, OutcomeKind, Performance, Status
from server.storage.errors import FollowerTooSlow
from web.ports import Refused, Sessions

log = structlog.get_logger(__name__)

_OVER = {SessionClosed.__name__, SessionCancelled.__name__}
_AGAIN_AFTER = 2.0  # seconds
_AGAIN_AT_MOST = 60.0


class FollowUp:
    """`unfollowed` names sessions that are over while their complaint still waits for them.

    Every callable in `then` is awaited with a session its complaint has followed, also more than once.
    """

    def __init__(
        self,
        complaints: ComplaintService,
        sessions: Sessions,
        events: Callable[[], AsyncIterator[Event]],
        unfollowed: Callable[[], Awaitable[Iterable[str]]],
        then: Sequence[Callable[[Session], Awaitable[None]]] = (),
    ) -> None:
        self._complaints = complaints
        self._sessions = sessions
        self._events = events
        self._unfollowed = unfollowed
        self.then = list(then)  # whoever is put together later adds to it
        self._tasks: list[asyncio.Task[None]] = []
        self._owed: set[str] = set()  # sessions whose complaint could not be told yet
        self._owing = asyncio.Event()

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._run(), name="follow-up"),
            asyncio.create_task(self._again(), name="follow-up once more"),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def catch_up(self) -> None:
        for session in await self._unfollowed():
            await self._try(session)

    async def follow(self, session: str) -> None:
        """Tell the complaint how its session ended."""
        try:
            state = await self._sessions.state(session)
            command = after(state)
            if command is not None:
                await self._complaints.submit(state.complaint, command, SYSTEM)
                for step in self.then:
                    await step(state)
        except (ComplaintError, RoomError, Refused) as no:
            log.warning("complaint did not follow", session=session, code=no.code)

    async def _try(self, session: str) -> bool:
        """What goes wrong with one session must not keep the others' complaints waiting."""
        try:
            await self.follow(session)
        except Exception:
            log.exception("complaint not told, trying again later", session=session)
            self._owed.add(session)
            self._owing.set()
            return False
        self._owed.discard(session)
        return True

    async def _again(self) -> None:
        pause = _AGAIN_AFTER
        while True:
            await self._owing.wait()
            await asyncio.sleep(pause)
            self._owing.clear()
            told = [await self._try(session) for session in sorted(self._owed)]
            pause = _AGAIN_AFTER if all(told) else min(_AGAIN_AT_MOST, pause * 2)

    async def _run(self) -> None:
        news = self._events()  # before catching up, so that nothing falls between the two
        while True:
            try:
                await self.catch_up()
                async for event in news:
                    if event.type in _OVER:
                        await self._try(event.stream.removeprefix(f"{STREAM}/"))
            except FollowerTooSlow:
                news = self._events()
            except Exception:
                # The disk may be full for a while; what was missed is caught up with.
                log.exception("follow-up failed, going on")
            await asyncio.sleep(_AGAIN_AFTER)


def after(session: Session) -> Command | None:
    """What a session that is over means for its complaint; None while it is not."""
    if session.status is Status.CANCELLED:
        return FollowCancelled(session.id, session.cancel_reason)
    if session.status is not Status.CLOSED or session.outcome is None:
        return None
    outcome = session.outcome
    return FollowClosed(
        session=session.id,
        outcome=outcome.kind.value,
        loss_recovered=outcome.loss_recovered,
        ground=outcome.ground,
        due=_last_due(outcome) if outcome.kind is OutcomeKind.SETTLED else None,
        adjourned_to=outcome.adjourned_to,
        mode=session.mode,
    )


def _last_due(outcome: Outcome) -> datetime | None:
    dues = [term.due for term in outcome.terms if term.performance is Performance.LATER and term.due is not None]
    return max(dues, default=None)
