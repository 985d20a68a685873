"""Those who watch are watched: second persons, accounts, and who did what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

from aiohttp import web

from complaints.leads import LeadService, LiftLeadHold
from rooms.commands import CorrectEntry, LiftHold, OrderErasure
from server.appraisal.desk import AppraisalDesk
from server.assembly.parts import Parts, utc_now
from server.cabinet import Cabinet
from server.oversight.access_desk import Access
from server.oversight.accounts import Accounts
from server.oversight.approval import Approval
from server.oversight.desk import Approvals
from server.oversight.unmasking import Unmasking
from server.oversight.watching import Watching
from server.refusing import said
from server.retention.desk import Desk as RetentionDesk
from server.retention.standing import all_kept
from server.storage.acts import ActStore
from server.storage.approvals import ApprovalStore
from server.storage.calendars import working_calendar
from web.permissions import most
from web.ports import ACCESS, ACCOUNTS, ACTS, APPRAISALS, APPROVALS, RETENTION
from web.security import access_map


def install(app: web.Application, parts: Parts) -> None:
    rows, acts = ApprovalStore(parts.database), ActStore(parts.database)
    approvals = Approvals(parts.journal, rows, parts.store, parts.officers.sign_ins.store, utc_now)

    async def erase(approval: Approval) -> None:
        await parts.rooms.submit(approval.asked.subject, OrderErasure(approval.asked.reason), approval.by)

    async def lift(approval: Approval) -> None:
        await parts.rooms.submit(approval.asked.subject, LiftHold(approval.asked.reason), approval.by)

    async def correct(approval: Approval) -> None:
        said_so = approval.asked.details
        await parts.rooms.submit(
            said_so["session"],
            CorrectEntry(
                int(said_so["entry"]),
                said_so["wrong"],
                said_so["right"],
                approval.asked.reason,
                approval.second.name if approval.second else "",
            ),
            approval.by,
        )

    leads = LeadService(parts.journal, utc_now)

    async def lift_lead(approval: Approval) -> None:
        with said():
            await leads.submit(approval.asked.subject, LiftLeadHold(approval.asked.reason), approval.by)

    approvals.does |= {"erase": erase, "lift": lift, "lift_lead": lift_lead, "correct": correct}
    app[APPROVALS] = approvals
    kept = all_kept(parts.database, parts.files)
    app[APPRAISALS] = AppraisalDesk(
        parts.journal,
        parts.files,
        approvals,
        parts.store,
        Cabinet(parts.settings.data / "certificates", parts.seal, parts.settings.reserve()),
        parts.paper_press,
        parts.seals,
        parts.stamps,
        utc_now,
    )
    app[RETENTION] = RetentionDesk(parts.retention, approvals, parts.store, kept)
    access = Access(parts.store, parts.journal, approvals, utc_now)
    parts.officers.withheld = access.withheld
    app[ACCESS] = access

    async def routes_known(app: web.Application) -> None:
        access.most = most((path, one.roles) for (_, path), one in access_map(app).items() if one.who == "officer")

    app.on_startup.append(routes_known)
    app[ACCOUNTS] = Accounts(parts.store, parts.officers, parts.journal, approvals, utc_now)
    app[ACTS] = Watching(acts, parts.store, parts.journal, partial(working_calendar, parts.database), utc_now)
    parts.desk.unmasking = Unmasking(acts, rows, utc_now)

    async def undone(_app: web.Application) -> AsyncIterator[None]:
        await approvals.catch_up()
        yield

    app.cleanup_ctx.append(undone)
