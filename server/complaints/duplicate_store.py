"""The complaints a new one may repeat: looked up by keys in bounded time, whatever the number of complaints.

By phone, by credit code and by the beginning of the brand, the latter two among the nearest in time on either side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.complaint import ComplaintState, fold, stream
from complaints.duplicates import DAYS, FiledComplaint, Particulars, hints, likely, likeness, same_business
from complaints.record.rules import GOES, KEEPS, MERGED
from complaints.views import EarlierComplaint, Lookalikes, SuggestedDuplicate
from offices.people import Officer
from offices.refusal import Refused
from server.complaints.words import first_place
from server.db.engine import Database
from server.db.journal import stream_events
from server.db.rows import complaint_row, party_record
from server.db.schema import complaints, offices
from server.db.scope import within

OF_PHONE = 60
ALIKE = 0.2  # of what two accounts of one dispute have in common
NEAREST = 60  # on each side, of a code and of a brand

_c = complaints.c
_READ = (
    _c.id, _c.number, _c.state, _c.problem_class, _c.consumer, _c.business, _c.amount, _c.received, _c.title, _c.facts,
)  # fmt: skip


async def candidates(connection: AsyncConnection, row: Mapping[str, Any]) -> Sequence[FiledComplaint]:
    """`row`: of `complaints`. Of its office, without itself and what was merged or undone."""
    mine = (_c.office == row["office"], _c.id != row["id"])
    found: dict[str, FiledComplaint] = {}
    if row["phone_mark"] is not None:
        # Without an order: asked for one, SQLite would walk the whole list for it.
        await _take(connection, found, (*mine, _c.phone_mark == row["phone_mark"]), None, OF_PHONE)
    for key, value in ((_c.code_mark, row["code_mark"]), (_c.brand, row["brand"])):
        if value:
            await _around(connection, found, (*mine, key == value), row)
    return list(found.values())


async def first_receiver(connection: AsyncConnection, row: Mapping[str, Any]) -> EarlierComplaint | None:
    """Order 121 Art 14: of the offices of one installation, who received the same person's complaint of the same
    business first. By the digest of the phone, and the business's code or the core of its name."""
    if row["phone_mark"] is None:
        return None
    new = particulars_of(row)
    wanted = (
        select(*_READ, offices.c.name)
        .join(offices, offices.c.id == _c.office)
        .where(
            _c.office != row["office"],
            _c.phone_mark == row["phone_mark"],
            _c.received < row["received"],
            _c.received >= row["received"] - timedelta(days=DAYS),
            _c.state.not_in((MERGED, ComplaintState.UNDONE.value)),
        )
        .order_by(_c.received)
        .limit(OF_PHONE)
    )
    for other in (await connection.execute(wanted)).mappings():
        theirs = particulars_of(dict(other))
        if same_business(new, theirs) and likeness(new.shingles, theirs.shingles) >= ALIKE:
            return EarlierComplaint(other["name"], other["number"], other["received"])
    return None


def particulars_of(row: Mapping[str, Any]) -> Particulars:
    consumer, business = party_record(row["consumer"]), party_record(row["business"])
    return Particulars(
        consumer.phone_key,
        consumer.name,
        business.code_key,
        business.title,
        row["amount"],
        row["received"],
        f"{row['title']} {row['facts']}",
    )


async def _around(
    connection: AsyncConnection,
    found: dict[str, FiledComplaint],
    mine: Sequence[ColumnElement[bool]],
    row: Mapping[str, Any],
) -> None:
    received = row["received"].astimezone(UTC)
    first, last = (first_place(received + timedelta(days=days)) for days in (-DAYS, DAYS))
    before = (*mine, _c.place.between(first, row["place"]))
    after = (*mine, _c.place.between(row["place"], last))
    await _take(connection, found, before, _c.place.desc(), NEAREST)
    await _take(connection, found, after, _c.place, NEAREST)


async def _take(
    connection: AsyncConnection,
    found: dict[str, FiledComplaint],
    which: Sequence[ColumnElement[bool]],
    order: ColumnElement[Any] | None,
    most: int,
) -> None:
    wanted = select(*_READ).where(*which, _c.state.not_in((MERGED, ComplaintState.UNDONE.value))).limit(most)
    wanted = wanted if order is None else wanted.order_by(order)
    for row in (await connection.execute(wanted)).mappings():
        if row["id"] not in found:
            known = (row["id"], row["number"], row["state"], row["problem_class"])
            found[row["id"]] = FiledComplaint(*known, particulars_of(dict(row)))


SHOWN = 5


async def lookalikes(database: Database, officer: Officer, complaint: str) -> Lookalikes:
    """What a complaint's page says of others that may be the same dispute, in one transaction of a few bounded queries.

    Refused(404) when it is none of this officer's.
    """
    async with database.read() as connection:
        asked = select(complaints).where(complaints.c.id == complaint, within(officer, complaints.c.office))
        row: Any = (await connection.execute(asked)).mappings().one_or_none()
        state = None if row is None else fold(await stream_events(connection, stream(complaint)))
        if row is None or state is None:
            raise Refused("not_found", 404)
        if state.merged is not None or row["place"] is None:
            return Lookalikes(merged=state.merged, took=state.took)
        known = [one for one in await candidates(connection, row) if one.id not in state.different]
        new = particulars_of(row)
        earlier = await first_receiver(connection, row) if state.record.order == "121" else None
        found = likely(new, [(one.id, one.of) for one in known])[:SHOWN]
        wanted = select(complaints).where(complaints.c.id.in_([id_ for id_, _ in found]))
        rows = {one["id"]: dict(one) for one in (await connection.execute(wanted)).mappings()}
    goes, keeps = {state.value for state in GOES}, {state.value for state in KEEPS}
    here = state.state.value
    suggested = [
        SuggestedDuplicate(
            complaint_row(rows[id_], officer.language),
            resemblance,
            here in keeps and rows[id_]["state"] in keeps and (here in goes or rows[id_]["state"] in goes),
        )
        for id_, resemblance in found
    ]
    # Order 20 has no such factors.
    rules = hints(new, row["problem_class"], known, state.record.object.quantity) if state.record.order == "121" else []
    return Lookalikes(suggested, rules, took=state.took, earlier=earlier)
