"""Where a complaint stands in its procedure, for its page: a function of its fold and of the offices there are."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.complaint import Complaint
from complaints.procedure.transitions import next_steps
from server.storage.tables import offices
from web.ports import Officer, ProcedureView


async def procedure_view(connection: AsyncConnection, officer: Officer, complaint: Complaint) -> ProcedureView:
    steps = list(next_steps(complaint, officer.role))
    others: list[tuple[str, str]] = []
    if "dispatch" in steps and officer.office.intake:
        wanted = select(offices.c.id, offices.c.name).where(offices.c.id != officer.office.id).order_by(offices.c.name)
        others = [(row.id, row.name) for row in await connection.execute(wanted)]
    if not others:
        steps = [step for step in steps if step != "dispatch"]
    return ProcedureView(
        state=complaint.state.value,
        steps=steps,
        testing=complaint.tested.body if complaint.tested else "",
        testing_since=complaint.tested.begun if complaint.tested else None,
        recusal_by=complaint.recusal.by if complaint.recusal else "",
        recusal_since=complaint.recusal.at if complaint.recusal else None,
        delegated=complaint.delegated,
        disputed=complaint.disputed.other if complaint.disputed else "",
        dispatched=bool(complaint.intake),
        split=bool(complaint.report),
        offices=others,
    )
