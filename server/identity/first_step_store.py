"""How far an officer has come with what each role does first, and whether their desk still says so.

What is done is read from where it happened: accounts, complaints, sessions, reviews, leads. Owns `first_steps`, which
holds only whether an officer put the card away or asked for it again.
"""

from __future__ import annotations

from typing import Final, Literal

from sqlalchemy import ColumnElement, delete, exists, insert, literal, select

from offices.people import Officer
from server.db.engine import Database
from server.db.schema import (
    acts,
    complaints,
    events,
    first_steps,
    jurisdictions,
    leads,
    officer_phones,
    offices,
    reviews,
    sessions,
    users,
)

Shown = Literal["", "away", "wanted"]
"""What an officer said of the card: nothing, that it go, that it come back."""

_UNDECIDED: Final = ("registered", "undone")


def _conditions(officer: Officer) -> dict[str, ColumnElement[bool]]:
    """Step -> what must be true, each one look into an index or a table of a few rows."""
    own, office = officer.id, officer.office.id
    complaint, session, lead, user = complaints.c, sessions.c, leads.c, users.c
    own_office = complaint.office == office
    hours = events.c.stream.in_((f"availability/officer-{own}", f"availability/office-{office}"))

    def colleague(role: str) -> ColumnElement[bool]:
        return exists().where(user.office == office, user.role == role, user.id != own)

    return {
        "two_steps": exists().where(user.id == own, user.totp_sealed != ""),
        "phone": exists().where(officer_phones.c.officer == own),
        "hours": exists().where(hours),
        "complaint": exists().where(own_office),
        "decision": exists().where(own_office, complaint.state.not_in(_UNDECIDED)),
        "arranged": exists().where(session.office == office, session.mediator == own),
        "held": exists().where(session.office == office, session.mediator == own, session.status == "closed"),
        "rule": exists().where(events.c.stream == f"sampling/{office}"),
        "watched": exists().where(acts.c.actor == own, acts.c.act == "viewed"),
        "reviewed": exists().where(reviews.c.reviewer == own),
        "office": exists().where(offices.c.id == office, offices.c.authority != "", offices.c.address != ""),
        "mediator": colleague("mediator"),
        "supervisor": colleague("supervisor"),
        "area": exists().where(jurisdictions.c.office == office),
        "report": exists().where(lead.office == office),
        "taken": exists().where(lead.owner == own),
        "decided": exists().where(lead.owner == own, lead.state == "decided"),
    }


class FirstStepStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def shown(self, officer: Officer) -> Shown:
        wanted = select(first_steps.c.shown).where(first_steps.c.officer == officer.id)
        async with self._database.read() as connection:
            found = (await connection.execute(wanted)).scalar()
        return "wanted" if found == "wanted" else "away" if found == "away" else ""

    async def done(self, officer: Officer, steps: tuple[str, ...]) -> frozenset[str]:
        """Those of `steps` that happened. KeyError: no such step."""
        conditions = _conditions(officer)
        wanted = select(*(conditions[step].label(step) for step in steps)).select_from(select(literal(1)).subquery())
        async with self._database.read() as connection:
            row = (await connection.execute(wanted)).mappings().one()
        return frozenset(step for step in steps if row[step])

    async def show(self, officer: Officer, shown: Literal["away", "wanted"]) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(first_steps).where(first_steps.c.officer == officer.id))
            await connection.execute(insert(first_steps).values(officer=officer.id, shown=shown))
