"""What became of leads: how many were opened and decided in a period, and those that were acted on."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import func, select

from complaints.insight.bulletin import Effect, LeadsTold
from complaints.leads import fold, stream
from complaints.statistics.periods import Period
from offices.people import Officer
from server.db.engine import Database
from server.db.journal import stream_events
from server.db.schema import leads
from server.db.scope import local_span, within
from server.leads.evidence_store import measured

BACK = timedelta(days=182)  # how long an action is looked back at
MOST = 20


async def leads_told(database: Database, officer: Officer, period: Period, today: date) -> LeadsTold:
    """Days are the officer's office's. Leads opened by mistake are none."""
    row = leads.c
    first, after = local_span(period.first, period.last, officer.office.zone)
    mine = (within(officer, row.office), row.state != "withdrawn")
    opened = select(func.count()).select_from(leads).where(*mine, row.found >= first, row.found < after)
    decided = (
        select(row.outcome, func.count().label("many"))
        .where(*mine, row.state == "decided", row.decided >= first, row.decided < after)
        .group_by(row.outcome)
        .order_by(row.outcome)
    )
    acted = (
        select(row.id, row.office, row.number, row.title, row.outcome, row.acted)
        .where(*mine, row.acted >= period.first - BACK, row.acted <= period.last)
        .order_by(row.acted, row.id)
        .limit(MOST)
    )
    async with database.read() as connection:
        many = (await connection.execute(opened)).scalar_one()
        by_outcome = [(one.outcome, one.many) for one in await connection.execute(decided)]
        found = [
            (one, fold(await stream_events(connection, stream(one.id))))
            for one in (await connection.execute(acted)).all()
        ]
    effects = []
    for one, lead in found:
        subject = lead.opened.subject if lead else {}
        aftermath = await measured(database, one.office, subject, one.acted, today)
        effects.append(Effect(one.id, one.number, one.title, one.outcome, aftermath))
    return LeadsTold(many, by_outcome, effects)
