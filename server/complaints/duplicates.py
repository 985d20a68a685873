"""Duplicates as the office's pages ask for them. Implements `Duplicates`.

A merge stands in two streams. The kept one's is written first; should the program end in between, the suggestion is
still there and merging again completes it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from complaints.changes.messages import DismissDuplicate, KeepMerged, MergeInto, UndoMerge
from complaints.complaint import Complaint
from complaints.decisions import decide
from complaints.errors import Busy, NotAllowed, UnknownComplaint
from complaints.service import ComplaintService
from complaints.views import Lookalikes
from journal.refusals import DomainError
from offices.people import Officer
from offices.refusal import Refused
from server.identity.roles import require_role

_STATUS = {UnknownComplaint.code: 404, Busy.code: 503, NotAllowed.code: 403, "wrong_state": 409}

Look = Callable[[Officer, str], Awaitable[Lookalikes]]


class DuplicateService:
    def __init__(self, complaints: ComplaintService, look: Look, now: Callable[[], datetime]) -> None:
        self._complaints = complaints
        self._look = look
        self._now = now

    async def of(self, officer: Officer, complaint: str) -> Lookalikes:
        return await self._look(officer, complaint)

    async def merge(self, officer: Officer, kept: str, gone: str, reason: str) -> None:
        stays, goes = await self._own(officer, kept), await self._own(officer, gone)
        if kept == gone:
            raise Refused("wrong_state", 409)
        into = MergeInto(kept, stays.record.number, reason)
        with _said():
            decide(into, goes, self._now())  # before anything is written in the other
            take = KeepMerged(gone, goes.record.number, goes.record.sources, reason)
            await self._complaints.submit(kept, take, officer.actor)
            try:
                await self._complaints.submit(gone, into, officer.actor)
            except DomainError:
                await self._complaints.submit(kept, UndoMerge(gone, "the other refused"), officer.actor)
                raise

    async def undo(self, officer: Officer, kept: str, gone: str, reason: str) -> None:
        await self._own(officer, kept)
        await self._own(officer, gone)
        with _said():
            await self._complaints.submit(gone, UndoMerge(kept, reason), officer.actor)
            await self._complaints.submit(kept, UndoMerge(gone, reason), officer.actor)

    async def dismiss(self, officer: Officer, complaint: str, other: str, reason: str) -> None:
        one, two = await self._own(officer, complaint), await self._own(officer, other)
        with _said():
            await self._complaints.submit(complaint, DismissDuplicate(other, two.record.number, reason), officer.actor)
            await self._complaints.submit(other, DismissDuplicate(complaint, one.record.number, reason), officer.actor)

    async def _own(self, officer: Officer, complaint: str) -> Complaint:
        with _said():
            state = await self._complaints.state(complaint)
        if state.record.office != officer.office.id:
            raise Refused("not_found", 404)
        require_role(officer, "mediator")
        return state


@contextmanager
def _said() -> Iterator[None]:
    """Refusals of complaints, as pages understand them."""
    try:
        yield
    except Refused:
        raise
    except DomainError as no:
        raise Refused(no.code, _STATUS.get(no.code, 400), **no.params) from None
