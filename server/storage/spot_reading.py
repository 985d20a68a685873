"""The complaints behind a hot spot, as an officer may see them: of their own offices only."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.storage.tables import complaint_facts, complaints, offices
from web.ports import Office
from web.ports.insight import SpotRecord

AT_ONCE = 400


async def offices_of(connection: AsyncConnection, of: Collection[str]) -> list[Office]:
    wanted = select(offices).where(offices.c.id.in_(of)).order_by(offices.c.id)
    return [Office(**one) for one in (await connection.execute(wanted)).mappings()]


async def records_of(connection: AsyncConnection, seen: Collection[str], ids: Sequence[str]) -> list[SpotRecord]:
    """In the order of the ids; those that are counted no more, being merged or undone, are left out."""
    short = {office.id: office.short for office in await offices_of(connection, seen)}
    found: dict[str, SpotRecord] = {}
    for start in range(0, len(ids), AT_ONCE):
        wanted = (
            select(complaints, complaint_facts.c.received.label("day"))
            .join(complaint_facts, complaint_facts.c.id == complaints.c.id)
            .where(
                complaints.c.id.in_(ids[start : start + AT_ONCE]),
                complaints.c.office.in_(seen),
                complaint_facts.c.counted,
            )
        )
        for row in (await connection.execute(wanted)).mappings():
            office = short.get(row["office"], row["office"])
            found[row["id"]] = SpotRecord(row["id"], row["number"], row["title"], row["state"], office, row["day"])
    return [found[one] for one in ids if one in found]
