"""Has outsiders attest checkpoints: time stamp authorities and witnesses. Tries for two days, then gives up visibly.

Owns the task that asks them. The newest checkpoint is asked about first; whoever answers is never asked twice.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

import aiohttp
import structlog

from server.evidence.attestation_store import Asked, AttestationStore
from server.outbox.service import FIRST_WAIT, LONGEST_WAIT, backoff

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=2)
TRIES_MOST = 56  # an hour apart at the end
STOP_WITHIN = 12.0  # seconds


class NotAttested(Exception):
    """This time not. `final`: asking again is of no use."""

    def __init__(self, reason: str, final: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.final = reason, final


class Attestor(Protocol):
    """Somebody outside, at one place."""

    async def attest(self, note: str) -> bytes:
        """What is kept as their answer, checked as far as it can be; NotAttested."""
        ...


class AttestationService:
    """`attestors`: (kind, place) -> who is asked."""

    def __init__(
        self,
        store: AttestationStore,
        attestors: Mapping[tuple[str, str], Attestor],
        now: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._store, self._attestors, self._now, self._chance = store, attestors, now, chance
        self._news = asyncio.Event()
        self.states: Mapping[tuple[str, str], int] = {}  # (kind, state) -> how many there are
        self._task: asyncio.Task[None] | None = None

    def nudge(self) -> None:
        """There is a new checkpoint."""
        self._news.set()

    async def start(self) -> None:
        if self._attestors:
            self._task = asyncio.create_task(self._run(), name="attestations")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        while True:
            self._news.clear()
            pause = FIRST_WAIT
            try:
                while await self.ask_due():
                    pass
                self.states = await self._store.states()
                due = await self._store.next_due()
                pause = min(max(timedelta(0), due - self._now()), LONGEST_WAIT) if due else LONGEST_WAIT
            except Exception:
                log.exception("attestations failed, going on")
            try:
                async with asyncio.timeout(pause.total_seconds()):
                    await self._news.wait()
            except TimeoutError:
                pass

    async def ask_due(self) -> int:
        """Ask for everything due now once; how many were asked for."""
        due = await self._store.claim(self._now(), LEASE)
        for asked in due:
            await self._ask(asked)
        return len(due)

    async def _ask(self, asked: Asked) -> None:
        which = asked.attestation
        attestor = self._attestors.get((which.kind, which.place))
        if attestor is None:
            await self._store.dead(which, "no longer configured")
            return
        try:
            answer = await attestor.attest(asked.note)
        except NotAttested as no:
            await self._not(asked, no.reason, no.final)
        except Exception as fault:  # one failed try, whatever it is
            log.exception("attestor failed", kind=which.kind, place=which.place)
            await self._not(asked, type(fault).__name__, final=False)
        else:
            await self._store.got(which, answer, self._now())

    async def _not(self, asked: Asked, reason: str, final: bool) -> None:
        which = asked.attestation
        log.warning("not attested", kind=which.kind, place=which.place, size=which.size, reason=reason)
        if final or which.tries >= TRIES_MOST:
            await self._store.dead(which, reason)
        else:
            await self._store.failed(which, reason, self._now() + backoff(which.tries, self._chance()))


async def answer_body(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """At most so many bytes; NotAttested beyond."""
    read = bytearray()
    async for piece in answer.content.iter_chunked(16 * 1024):
        read += piece
        if len(read) > most:
            raise NotAttested(f"the answer is longer than {most} bytes", final=True)
    return bytes(read)


def check_answer_status(answer: aiohttp.ClientResponse) -> None:
    """NotAttested for anything but 2xx; 408, 425, 429 and 5xx are worth another try."""
    if not 200 <= answer.status < 300:
        again = answer.status >= 500 or answer.status in (408, 425, 429)
        raise NotAttested(f"answered {answer.status}", final=not again)
