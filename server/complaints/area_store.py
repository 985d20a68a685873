"""Rows of offices' areas and of the official table of industries, and what triage says of a complaint with both.

`AreaRows` projects `office/<office>/areas`. The table of industries is imported, not projected: it is not ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.events import ComplaintRegistered
from complaints.record.places import Jurisdiction, areas
from complaints.triage.confirmation import TriageConfirmed
from complaints.triage.suggestions import Submission, triage
from complaints.views import Area, TriagePage
from journal import Event
from server.db.engine import Database
from server.db.journal import StreamProjector, stream_events
from server.db.schema import industries, jurisdictions, offices


class AreaRows(StreamProjector):
    """Projects `office/<office>/areas`; an office's other streams have no rows."""

    kind = "office"

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        _, office, what = f"{appended[0].stream}//".split("/")[:3]
        if what != "areas":
            return
        found = areas(office, await stream_events(connection, appended[0].stream))
        await connection.execute(delete(jurisdictions).where(jurisdictions.c.office == office))
        if found:
            rows = [
                {
                    "id": area.id,
                    "office": office,
                    "position": position,
                    "name": area.name,
                    "divisions": list(area.divisions),
                    "words": list(area.words),
                }
                for position, area in enumerate(found.values())
            ]
            await connection.execute(insert(jurisdictions), rows)


class IndustryStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def replace(self, table: Mapping[str, str]) -> None:
        """The whole table, in one transaction."""
        async with self._database.write() as connection:
            await connection.execute(delete(industries))
            await connection.execute(insert(industries), [{"code": code, "name": name} for code, name in table.items()])

    async def count(self) -> int:
        async with self._database.read() as connection:
            return len((await connection.execute(select(industries.c.code))).all())


async def all_areas(connection: AsyncConnection) -> list[Area]:
    """Of every office, each with its office's name."""
    wanted = (
        select(jurisdictions, offices.c.short)
        .join(offices, offices.c.id == jurisdictions.c.office)
        .order_by(offices.c.name, jurisdictions.c.position)
    )
    return [
        Area(
            Jurisdiction(row["id"], row["office"], row["name"], tuple(row["divisions"]), tuple(row["words"])),
            row["short"],
        )
        for row in (await connection.execute(wanted)).mappings()
    ]


async def triage_page(
    connection: AsyncConnection, record: ComplaintRegistered, confirmed: TriageConfirmed | None
) -> TriagePage:
    """What the lists say of this record now, and what it is classified as."""
    known = await all_areas(connection)
    business = record.business
    submission = Submission(
        title=record.title,
        request=record.request,
        facts=record.facts,
        business=business.title,
        object="，".join(filter(None, (record.object.category, record.object.name, record.object.brand))),
        industry=record.industry,
        problem=record.problem,
        place=f"{business.city}{business.address}",
    )
    official: dict[str, str] = {}
    if code := record.industry_code:  # the finer codes beside it, where the official table is there
        named = select(industries).where(industries.c.code.startswith(code[:3]))
        official = {row.code: row.name for row in await connection.execute(named)}
    return TriagePage(
        suggested=triage(submission, [area.jurisdiction for area in known]),
        submission=submission,
        record=record,
        areas=known,
        official=official,
        confirmed=confirmed,
    )
