"""Click-to-call: the officer's own telephone rings first, then the person's on file, and the two are put together.

No sound of it is kept. That it was, how long and how it ended is on the complaint.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, Protocol

from complaints.procedure import OfficerCalled
from journal.refusals import DomainError, Refused, Throttle, Unanswered
from offices.people import Officer
from server.phone import Cause, dialled
from server.phone.calls import CallLine, Leg, Over

log = logging.getLogger(__name__)


class CalledComplaints(Protocol):
    async def reveal(self, officer: Officer, complaint: str, which: str, reason: str) -> str: ...

    async def note_call(self, officer: Officer, complaint: str, call: OfficerCalled) -> None: ...


class OfficerCalls:
    def __init__(self, line: CallLine, complaints: CalledComplaints) -> None:
        self._line, self._complaints = line, complaints
        self._rings = Throttle(30, timedelta(hours=1), "too_many_calls")

    async def connect(self, officer: Officer, complaint: str, which: str) -> None:
        """Of a complaint in hand, which the caller has seen to; the look at the number is in the journal as any.
        Refused: no_phone, phone_down, too_many_calls."""
        self._line.ready(())
        number = dialled(await self._complaints.reveal(officer, complaint, which, ""))
        if not number:
            raise Refused("no_phone", 409)
        self._rings.pass_(officer.id)
        own = self._line.begin(self._line.trunk.officer_extension.replace("{officer}", officer.login))
        self._line.spawn(self._put_through(own, number, officer, complaint, which))

    async def _put_through(self, own: Leg, number: str, officer: Officer, complaint: str, which: str) -> None:
        whose, _, what = which.partition(".")
        loop, began, far = asyncio.get_running_loop(), 0.0, None
        cause: Cause = "server"
        try:
            await self._line.until_answered(own)
            far = self._line.begin(number)
            await self._while_there(own, self._line.until_answered(far))
            began = loop.time()
            self._line.process.do("bridge", own.id, **{"with": far.id})
            await self._while_there(own, self._until_over(far))
        except Over as over:
            cause = over.cause
            if far is None:
                log.info("an officer did not answer their own telephone: %s", cause)
        finally:
            for leg in filter(None, (own, far)):
                self._line.end(leg, "mediator")
                self._line.forget(leg)
            if far is not None:
                seconds = round(loop.time() - began) if began else 0
                called = OfficerCalled(whose, what or "phone", bool(began), seconds, cause)
                with contextlib.suppress(DomainError, Unanswered):
                    await self._complaints.note_call(officer, complaint, called)

    async def _while_there(self, own: Leg, doing: Coroutine[Any, Any, None]) -> None:
        """Until it is done; Over, as "mediator", once the officer has hung up."""
        wanted, gone = asyncio.ensure_future(doing), asyncio.ensure_future(self._until_over(own))
        try:
            await asyncio.wait({wanted, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not wanted.done():
                raise Over("mediator")
            await wanted
        finally:
            wanted.cancel()
            gone.cancel()
            await asyncio.gather(wanted, gone, return_exceptions=True)

    async def _until_over(self, leg: Leg) -> None:
        while True:
            await self._line.next(leg)
