"""What an office has still to accept or refuse, in the order it is due, and acts held until they cannot be undone.

Implements `QueueDesk`. Owns `held_acts`: rows of acts that were asked for and are not done yet. Each is gone once it is
done or undone; one that could not be done stays, with why, until its officer has seen it.

Also owns the task that does what was held. An act is on disk before it is acknowledged, and nothing has happened until
its moment comes: no entry, no number, no message. Then triage is confirmed, the complaint accepted and its notice
issued, as their own desks do it. What a crash leaves half done is gone on with: each step is left out that is on file
already.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import ColumnElement, and_, case, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.commands import Accept
from complaints.decisions import decide, owed_notices
from complaints.notices import NoticeKind
from complaints.procedure import Assign
from complaints.state import Complaint, ComplaintState
from complaints.triage import ConfirmTriage, confirm
from complaints.views import DueCase, HeldAct, NoticeWish, Queue
from journal.refusals import Refused, refusal_of
from offices import Officer, require_role
from server.complaints.notices import NoticeService
from server.complaints.officer_store import HandlerStore
from server.complaints.procedure import ProcedureService
from server.complaints.service import OfficeComplaints, TriageService
from server.complaints.store import SqlReads
from server.db.engine import Database
from server.db.schema import complaints, held_acts

ACCEPT, ASSIGN = "accept", "assign"
MOST_SHOWN: Final = 5  # of an officer's acts that wait, and of those that were not done
MOST_AT_ONCE: Final = 20
_POSITION: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.([0-9]{1,18})")
_c, _h = complaints.c, held_acts.c


@dataclass(frozen=True, slots=True)
class HeldRow:
    """An act that waits: to accept with these `answers`, or to assign. `begun`: it was taken up before, and how far it
    came its complaint says."""

    complaint: str
    office: str
    officer: str
    number: str
    answers: ConfirmTriage | Assign
    due: datetime
    begun: bool = False

    @property
    def act(self) -> str:
        return ASSIGN if isinstance(self.answers, Assign) else ACCEPT


class QueueStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def queue(self, officer: Officer, after: str, at: str, today: date) -> Queue:
        """The first behind the position `after`, or the complaint `at`, and how many there are in all."""
        async with self._database.read() as connection:
            shown = await _shown(connection, officer.office.id, after, at)
            waiting, late, due_today = await _counts(connection, officer.office.id, today)
            mine = select(held_acts).where(_h.officer == officer.id, _h.office == officer.office.id)
            held = mine.where(_h.act == ACCEPT, _h.failed == "", ~_h.begun).order_by(_h.due.desc()).limit(MOST_SHOWN)
            failed = mine.where(_h.failed != "").order_by(_h.due.desc()).limit(MOST_SHOWN)
            return Queue(
                complaint=shown[0] if shown else "",
                position=shown[1] if shown else "",
                waiting=waiting,
                late=late,
                today=due_today,
                held=[_act(row) for row in (await connection.execute(held)).mappings()],
                failed=[_act(row) for row in (await connection.execute(failed)).mappings()],
            )

    async def hold(self, held: HeldRow) -> bool:
        """False: it is held already."""
        same = (_h.complaint == held.complaint, _h.act == held.act)
        try:
            async with self._database.write() as connection:
                await connection.execute(delete(held_acts).where(*same, _h.failed != ""))
                await connection.execute(insert(held_acts).values({**asdict(held), "act": held.act, "failed": ""}))
        except IntegrityError:
            return False
        return True

    async def undo(self, complaint: str, act: str, officer: str) -> bool:
        """False: it is none of theirs, or it was taken up."""
        mine = (_h.complaint == complaint, _h.act == act, _h.officer == officer)
        return await self._delete(*mine, ~_h.begun, _h.failed == "")

    async def dismiss(self, complaint: str, officer: str) -> bool:
        return await self._delete(_h.complaint == complaint, _h.officer == officer, _h.failed != "")

    async def done(self, held: HeldRow) -> None:
        await self._delete(_h.complaint == held.complaint, _h.act == held.act)

    async def fail(self, held: HeldRow, code: str) -> None:
        same = (_h.complaint == held.complaint, _h.act == held.act)
        async with self._database.write() as connection:
            await connection.execute(update(held_acts).where(*same).values(failed=code))

    async def claim(self, now: datetime, lease: timedelta) -> Sequence[HeldRow]:
        """Those whose moment has come, the earliest first, as they were before; each comes due again after `lease`."""
        due = select(held_acts).where(_h.failed == "", _h.due <= now).order_by(_h.due, _h.complaint, _h.act)
        async with self._database.write() as connection:
            rows = (await connection.execute(due.limit(MOST_AT_ONCE).with_for_update(skip_locked=True))).mappings()
            found = [_held(row) for row in rows]
            for one in found:
                taken = update(held_acts).where(_h.complaint == one.complaint, _h.act == one.act)
                await connection.execute(taken.values(begun=True, due=now + lease))
        return found

    async def next_due(self) -> datetime | None:
        async with self._database.read() as connection:
            earliest: datetime | None = (
                await connection.execute(select(func.min(_h.due)).where(_h.failed == ""))
            ).scalar_one_or_none()
            return earliest

    async def _delete(self, *which: ColumnElement[bool]) -> bool:
        async with self._database.write() as connection:
            return bool((await connection.execute(delete(held_acts).where(*which))).rowcount)


def _undecided(office: str) -> tuple[ColumnElement[bool], ...]:
    """Along the index of office, state and date due."""
    return (_c.office == office, _c.state == ComplaintState.REGISTERED.value, _c.next_due.is_not(None))


async def _shown(connection: AsyncConnection, office: str, after: str, at: str) -> tuple[str, str] | None:
    """Its id and position."""
    waits = select(_h.complaint).where(_h.office == office, _h.act == ACCEPT, _h.failed == "")
    wanted = select(_c.id, _c.next_due, _c.place).where(*_undecided(office), _c.id.not_in(waits))
    if at and (row := (await connection.execute(wanted.where(_c.id == at))).one_or_none()) is not None:
        return row.id, f"{row.next_due}.{row.place}"
    if (told := _POSITION.fullmatch(after)) and (due := _day(told[1])) is not None:
        wanted = wanted.where(or_(_c.next_due > due, and_(_c.next_due == due, _c.place > int(told[2]))))
    row = (await connection.execute(wanted.order_by(_c.next_due, _c.place).limit(1))).one_or_none()
    return None if row is None else (row.id, f"{row.next_due}.{row.place}")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


async def _counts(connection: AsyncConnection, office: str, today: date) -> tuple[int, int, int]:
    """All, late, due today; without those that are held."""
    figures = (
        func.count(),
        func.coalesce(func.sum(case((_c.next_due < today, 1), else_=0)), 0),
        func.coalesce(func.sum(case((_c.next_due == today, 1), else_=0)), 0),
    )
    every = (await connection.execute(select(*figures).where(*_undecided(office)))).one()
    waits = select(_h.complaint).where(_h.office == office, _h.act == ACCEPT, _h.failed == "")
    held = (await connection.execute(select(*figures).where(*_undecided(office), _c.id.in_(waits)))).one()
    waiting, late, due_today = (int(one) - int(less) for one, less in zip(every, held, strict=True))
    return waiting, late, due_today


def _act(row: Any) -> HeldAct:
    return HeldAct(row["complaint"], row["number"], row["due"], row["failed"], row["act"])


def _held(row: Any) -> HeldRow:
    answers: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row["answers"].items()
    }
    return HeldRow(
        complaint=row["complaint"],
        office=row["office"],
        officer=row["officer"],
        number=row["number"],
        answers=Assign(**answers) if row["act"] == ASSIGN else ConfirmTriage(**answers),
        due=row["due"],
        begun=row["begun"],
    )


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
        if not _is_undecided(state):
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
        if state.state in _OVER or state.merged is not None or state.transfers.rests:
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
        if _is_undecided(state):
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


def _is_undecided(complaint: Complaint) -> bool:
    return complaint.state is ComplaintState.REGISTERED and complaint.merged is None and not complaint.transfers.rests
