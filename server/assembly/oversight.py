"""Those who watch are watched: second persons, accounts, and who did what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

from aiohttp import web

from rooms.commands import LiftHold, OrderErasure
from server.assembly.parts import Parts, utc_now
from server.oversight.accounts import Accounts
from server.oversight.approval import Approval
from server.oversight.desk import Approvals
from server.oversight.unmasking import Unmasking
from server.oversight.watching import Watching
from server.storage.acts import ActStore
from server.storage.approvals import ApprovalStore
from server.storage.calendars import working_calendar
from web.ports import ACCOUNTS, ACTS, APPROVALS


def install(app: web.Application, parts: Parts) -> None:
    rows, acts = ApprovalStore(parts.database), ActStore(parts.database)
    approvals = Approvals(parts.journal, rows, parts.store, parts.officers.sign_ins.store, utc_now)

    async def erase(approval: Approval) -> None:
        await parts.rooms.submit(approval.asked.subject, OrderErasure(approval.asked.reason), approval.by)

    async def lift(approval: Approval) -> None:
        await parts.rooms.submit(approval.asked.subject, LiftHold(approval.asked.reason), approval.by)

    approvals.does |= {"erase": erase, "lift": lift}
    app[APPROVALS] = approvals
    app[ACCOUNTS] = Accounts(parts.store, parts.officers, parts.journal, approvals, utc_now)
    app[ACTS] = Watching(acts, parts.store, parts.journal, partial(working_calendar, parts.database), utc_now)
    parts.desk.unmasking = Unmasking(acts, rows, utc_now)

    async def undone(_app: web.Application) -> AsyncIterator[None]:
        await approvals.catch_up()
        yield

    app.cleanup_ctx.append(undone)
