"""Accepting complaints one after the other, each held for a moment in which it can be undone. Implements `QueueDesk`.

Owns the task that does what was held. An act is on disk before it is acknowledged, and nothing has happened until its
moment comes: no entry, no number, no message. Then triage is confirmed, the complaint accepted and its notice issued,
as their own desks do it. What a crash leaves half done is gone on with: each step is left out that is on file already.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from complaints.commands import Accept
from complaints.notices.notice import NoticeKind
from complaints.state import ComplaintState
from complaints.triage import ConfirmTriage, confirm
from complaints.views import NoticeWish, Queue
from journal.refusals import Refused, refusal_of
from offices.people import Officer, require_role
from server.complaints.notices import NoticeService
from server.complaints.queue_store import HeldAcceptance, QueueStore
from server.complaints.service import OfficeComplaints, TriageService
from server.complaints.store import SqlReads

HOLD: Final = timedelta(seconds=10)
LEASE: Final = timedelta(minutes=1)  # until what was taken up and neither done nor refused is tried again
LONGEST_WAIT: Final = timedelta(hours=1)
ACCEPTANCE: Final = NoticeWish(NoticeKind.ACCEPTANCE.value)
log = structlog.get_logger(__name__)


class QueueService:
    """`standing`: the officer of an account, None when it is closed."""

    def __init__(
        self,
        store: QueueStore,
        reads: SqlReads,
        desk: OfficeComplaints,
        triage: TriageService,
        notices: NoticeService,
        standing: Callable[[str], Awaitable[Officer | None]],
        now: Callable[[], datetime],
    ) -> None:
        self._store, self._reads = store, reads
        self._desk, self._triage, self._notices = desk, triage, notices
        self._standing, self._now = standing, now
        self._news = asyncio.Event()

    async def queue(self, officer: Officer, after: str = "", at: str = "") -> Queue:
        require_role(officer, "mediator")
        return await self._store.queue(officer, after, at, self._now().astimezone(ZoneInfo(officer.office.zone)).date())

    async def hold(self, officer: Officer, complaint: str, answers: ConfirmTriage) -> None:
        require_role(officer, "mediator")
        page = await self._reads.complaint(officer, complaint)
        if page.row.state != ComplaintState.REGISTERED:
            raise Refused("wrong_state", 409)
        with refusal_of():
            confirm(answers, None)
        areas = {area.jurisdiction.id for area in page.triage.areas} if page.triage else set()
        if answers.jurisdiction and answers.jurisdiction not in areas:
            raise Refused("bad_choice", 400, field="jurisdiction")
        if not (await self._notices.foreseen(officer, complaint, Accept(), ACCEPTANCE)).reachable:
            raise Refused("not_reachable", 409)
        act = HeldAcceptance(complaint, officer.office.id, officer.id, page.row.number, answers, due=self._now() + HOLD)
        if not await self._store.hold(act):
            raise Refused("wrong_state", 409)
        self._news.set()

    async def undo(self, officer: Officer, complaint: str) -> None:
        await self._reads.require_seen(officer, complaint)
        if not await self._store.undo(complaint, officer.id):
            raise Refused("too_late", 409)

    async def dismiss(self, officer: Officer, complaint: str) -> None:
        await self._reads.require_seen(officer, complaint)
        await self._store.dismiss(complaint, officer.id)

    # ------------------------------------------------------------ doing

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                self._news.clear()
                if not await self.do_due():
                    await self._wait()
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

    async def _do(self, act: HeldAcceptance) -> None:
        try:
            await self._accept(act)
        except Refused as no:
            if no.status == 503:
                return  # busy: it comes due again
            log.warning("a held acceptance was refused", complaint=act.complaint, code=no.code)
            await self._store.fail(act.complaint, no.code)
        except Exception:  # one that fails does not keep the others waiting
            log.exception("a held acceptance failed, it comes due again", complaint=act.complaint)
        else:
            await self._store.done(act.complaint)

    async def _accept(self, act: HeldAcceptance) -> None:
        officer = await self._standing(act.officer)
        if officer is None or officer.office.id != act.office:
            raise Refused("not_allowed", 403)
        page = await self._reads.complaint(officer, act.complaint)
        if page.row.state == ComplaintState.REGISTERED:
            await self._triage.confirm(officer, act.complaint, act.answers)
            await self._desk.accept(officer, act.complaint)
            page = await self._reads.complaint(officer, act.complaint)
        elif not act.begun:
            raise Refused("wrong_state", 409)
        if NoticeKind.ACCEPTANCE in page.notices.owed:
            await self._notices.issue(officer, act.complaint, ACCEPTANCE)
        elif not any(row.kind == NoticeKind.ACCEPTANCE and row.state == "standing" for row in page.notices.issued):
            raise Refused("wrong_state", 409)

    async def _wait(self) -> None:
        due = await self._store.next_due()
        longest = LONGEST_WAIT if due is None else min(LONGEST_WAIT, max(timedelta(milliseconds=20), due - self._now()))
        try:
            async with asyncio.timeout(longest.total_seconds()):
                await self._news.wait()
        except TimeoutError:
            pass
