"""What an office has still to accept or refuse, in the order it is due, and acts that wait for their moment.

Owns `held_acts`: rows of acts that were asked for and are not done yet. Each is gone once it is done or undone; one
that could not be done stays, with why, until its officer has seen it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.procedure.messages import Assign
from complaints.state import ComplaintState
from complaints.triage import ConfirmTriage
from complaints.views import HeldAct, Queue
from offices.people import Officer
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
