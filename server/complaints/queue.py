"""Accepting and assigning complaints, each held for a moment in which it can be undone. Implements `QueueDesk`.

Owns the task that does what was held. An act is on disk before it is acknowledged, and nothing has happened until its
moment comes: no entry, no number, no message. Then triage is confirmed, the complaint accepted and its notice issued,
as their own desks do it. What a crash leaves half done is gone on with: each step is left out that is on file already.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from complaints.commands import Accept
from complaints.decisions import decide, owed_notices
from complaints.notices import NoticeKind
from complaints.procedure.messages import Assign
from complaints.state import Complaint, ComplaintState
from complaints.triage import ConfirmTriage, confirm
from complaints.views import DueCase, NoticeWish, Queue
from journal.refusals import Refused, refusal_of
from offices.people import Officer, require_role
from server.complaints.notices import NoticeService
from server.complaints.officer_store import HandlerStore
from server.complaints.procedure import ProcedureService
from server.complaints.queue_store import ACCEPT, HeldRow, QueueStore
from server.complaints.service import OfficeComplaints, TriageService
from server.complaints.store import SqlReads

HOLD: Final = timedelta(seconds=10)
LEASE: Final = timedelta(minutes=1)  # until what was taken up and neither done nor refused is tried again
LONGEST_WAIT: Final = timedelta(hours=1)
_OVER: Final = (ComplaintState.CLOSED, ComplaintState.UNDONE)
ACCEPTANCE: Final = NoticeWish(NoticeKind.ACCEPTANCE.value)
log = structlog.get_logger(__name__)


class QueueService:
    """`standing`: the officer of an account, None when it is closed. `mediators`: (user id, name) of those who mediate
    in an office."""

    def __init__(
        self,
        store: QueueStore,
        handlers: HandlerStore,
        reads: SqlReads,
        desk: OfficeComplaints,
        triage: TriageService,
        notices: NoticeService,
        procedure: ProcedureService,
        standing: Callable[[str], Awaitable[Officer | None]],
        mediators: Callable[[str], Awaitable[Sequence[tuple[str, str]]]],
        now: Callable[[], datetime],
    ) -> None:
        self._store, self._handlers, self._reads = store, handlers, reads
        self._desk, self._triage, self._notices, self._procedure = desk, triage, notices, procedure
        self._standing, self._mediators, self._now = standing, mediators, now
        self._news = asyncio.Event()

    async def queue(self, officer: Officer, after: str = "", at: str = "") -> Queue:
        require_role(officer, "mediator")
        return await self._store.queue(officer, after, at, self._now().astimezone(ZoneInfo(officer.office.zone)).date())

    async def hold(self, officer: Officer, complaint: str, answers: ConfirmTriage) -> None:
        require_role(officer, "mediator")
        state = await self._reads.state(officer, complaint)
        if not _undecided(state):
            raise Refused("wrong_state", 409)
        with refusal_of():
            confirm(answers, None)
            decide(Accept(), state, self._now())
        await self._reads.require_area(answers.jurisdiction)
        if not self._notices.reaches(state, NoticeKind.ACCEPTANCE):
            raise Refused("not_reachable", 409)
        await self._hold(officer, complaint, state, answers)

    async def colleagues(self, officer: Officer) -> Sequence[tuple[str, str]]:
        require_role(officer, "mediator")
        found = await self._mediators(officer.office.id)
        return [one for one in found if await self._colleague(one[0], officer.office.id)]

    async def assign(self, officer: Officer, complaint: str, to: str) -> None:
        require_role(officer, "mediator")
        state = await self._reads.state(officer, complaint)
        names = dict(await self.colleagues(officer))
        if to not in names:
            raise Refused("bad_choice", 400, field="to")
        if state.state in _OVER or state.merged is not None:
            raise Refused("wrong_state", 409)
        await self._hold(officer, complaint, state, Assign(to, names[to]))

    async def _hold(self, officer: Officer, complaint: str, state: Complaint, answers: ConfirmTriage | Assign) -> None:
        held = HeldRow(complaint, officer.office.id, officer.id, state.record.number, answers, due=self._now() + HOLD)
        if not await self._store.hold(held):
            raise Refused("wrong_state", 409)
        self._news.set()

    async def _colleague(self, account: str, office: str) -> Officer | None:
        """Who mediates in the office, with an account that is not closed."""
        officer = await self._standing(account)
        here = officer is not None and officer.office.id == office and officer.role == "mediator"
        return officer if here else None

    async def undo(self, officer: Officer, complaint: str, act: str = ACCEPT) -> None:
        await self._reads.require_seen(officer, complaint)
        if not await self._store.undo(complaint, act, officer.id):
            raise Refused("too_late", 409)

    async def next_due(self, officer: Officer, but: str) -> DueCase | None:
        return await self._handlers.next_due(officer, but)

    async def dismiss(self, officer: Officer, complaint: str) -> None:
        await self._reads.require_seen(officer, complaint)
        await self._store.dismiss(complaint, officer.id)

    # ------------------------------------------------------------ doing

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                self._news.clear()
                due = await self._store.next_due()
                if due is not None and due <= self._now():
                    await self.do_due()
                else:
                    await self._wait(due)
            except Exception:
                # The database may be locked or the disk full for a while; the acts are still there afterwards.
                log.exception("the queue failed, going on")
                await asyncio.sleep(1)

    async def do_due(self) -> int:
        """Do what is due now; how many were taken up."""
        due = await self._store.claim(self._now(), LEASE)
        for act in due:
            await self._do(act)
        return len(due)

    async def _do(self, held: HeldRow) -> None:
        try:
            officer = await self._standing(held.officer)
            if officer is None or officer.office.id != held.office:
                raise Refused("not_allowed", 403)
            if isinstance(held.answers, Assign):
                await self._assign(officer, held.complaint, held.answers)
            else:
                await self._accept(officer, held, held.answers)
        except Refused as no:
            if no.status == 503:
                return  # busy: it comes due again
            log.warning("a held act was refused", act=held.act, complaint=held.complaint, code=no.code)
            await self._store.fail(held, no.code)
        except Exception:  # one that fails does not keep the others waiting
            log.exception("a held act failed, it comes due again", act=held.act, complaint=held.complaint)
        else:
            await self._store.done(held)

    async def _assign(self, officer: Officer, complaint: str, answers: Assign) -> None:
        if await self._colleague(answers.to, officer.office.id) is None:
            raise Refused("bad_choice", 400, field="to")
        await self._procedure.ask(officer, complaint, answers)

    async def _accept(self, officer: Officer, act: HeldRow, answers: ConfirmTriage) -> None:
        state = await self._reads.state(officer, act.complaint)
        if _undecided(state):
            await self._triage.confirm(officer, act.complaint, answers)
            await self._desk.accept(officer, act.complaint)
            state = await self._reads.state(officer, act.complaint)
        elif not act.begun:
            raise Refused("wrong_state", 409)
        if NoticeKind.ACCEPTANCE in owed_notices(state):
            await self._notices.issue(officer, act.complaint, ACCEPTANCE)
        elif not any(one.issued.kind == NoticeKind.ACCEPTANCE and one.standing for one in state.notices):
            raise Refused("wrong_state", 409)

    async def _wait(self, due: datetime | None) -> None:
        longest = LONGEST_WAIT if due is None else min(LONGEST_WAIT, max(timedelta(milliseconds=20), due - self._now()))
        try:
            async with asyncio.timeout(longest.total_seconds()):
                await self._news.wait()
        except TimeoutError:
            pass


def _undecided(complaint: Complaint) -> bool:
    return complaint.state is ComplaintState.REGISTERED and complaint.merged is None
