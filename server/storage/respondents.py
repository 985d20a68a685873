"""Profiles of respondents in SQL: `web.ports.Respondents` over the facts. What a number means is
`complaints.insight.respondents`'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any, Final

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.complaint import fold, stream
from complaints.duplicates.keys import core
from complaints.insight.conduct import Conduct
from complaints.insight.marks import KINDS, NAME, Mark, marks, name_mark
from complaints.insight.respondents import Profile, Shared, profile
from complaints.masking import masked_text
from complaints.statistics.facts import Fact
from complaints.statistics.particulars import named_key
from complaints.statistics.periods import Period
from server.storage.engine import Database
from server.storage.lead_evidence import streams_of
from server.storage.leads import lead_row
from server.storage.rows import party_record
from server.storage.scope import within
from server.storage.tables import complaint_facts, complaints, leads, respondent_conduct, respondent_marks
from web.ports import Officer, Refused
from web.ports.respondents import RespondentPage, RespondentRecord, RespondentRecords, RespondentRow

MOST: Final = 20_000  # complaints one profile counts
LISTED: Final = 50
PAGE: Final = 50
RELATED: Final = 20
CROWD: Final = 15  # respondents that share one mark: a market hall or a switchboard, which ties nobody to anybody
NEWEST: Final = 200  # complaints whose marks are looked at
_FACT: Final = tuple(field.name for field in fields(Fact))
_fact = complaint_facts.c


class SqlRespondents:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def listed(self, officer: Officer, period: Period, text: str = "") -> list[RespondentRow]:
        there = and_(
            within(officer, _fact.office), _fact.counted, _fact.received.between(period.first, period.last),
            _fact.respondent != "",
        )  # fmt: skip
        many = func.count().label("many")
        wanted = select(
            _fact.respondent, many, func.count(_fact.settled).label("settled"),
            func.max(_fact.received).label("last"), func.max(_fact.id).label("one"),
        ).where(there)  # fmt: skip
        if text:
            wanted = wanted.join(complaints, complaints.c.id == _fact.id).where(
                complaints.c.business_title.contains(text, autoescape=True)
            )
        wanted = wanted.group_by(_fact.respondent).order_by(many.desc(), _fact.respondent).limit(LISTED)
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted)).all()
            names = await _titles(connection, [row.one for row in rows])
        return [RespondentRow(row.respondent, names.get(row.one, ""), row.many, row.settled, row.last) for row in rows]

    async def profile(self, officer: Officer, respondent: str, period: Period, today: date) -> RespondentPage:
        async with self._database.read(snapshot=True) as connection:
            made, left_out = await _made(connection, officer, respondent, period, today)
            names = await _names(connection, officer, respondent)
            newest = await _newest(connection, officer, respondent, NEWEST)
            related, crowded = await _related(connection, officer, respondent, newest)
            theirs = await _leads(connection, officer, respondent)
        business = next((party_record(row.business) for row in newest), None)
        return RespondentPage(
            respondent,
            names[0][0] if names else "",
            names,
            business.credit_code if business else "",
            business.phone_masked if business else "",
            business.address if business else "",
            made,
            related,
            crowded,
            theirs,
            left_out,
        )

    async def records(
        self, officer: Officer, respondent: str, period: Period, today: date, part: str, page: int
    ) -> RespondentRecords:
        async with self._database.read(snapshot=True) as connection:
            made, _ = await _made(connection, officer, respondent, period, today)
            ids = made.parts.get(part, ())
            some = ids[(page - 1) * PAGE : page * PAGE]
            names = await _names(connection, officer, respondent)
            rows = await _records(connection, some, masked=officer.role == "inspector")
        return RespondentRecords(names[0][0] if names else "", len(ids), rows)


async def _made(
    connection: AsyncConnection, officer: Officer, respondent: str, period: Period, today: date
) -> tuple[Profile, int]:
    there = and_(_fact.respondent == respondent, within(officer, _fact.office))
    total = (await connection.execute(select(func.count()).select_from(complaint_facts).where(there))).scalar_one()
    if not respondent or not total:
        raise Refused("not_found", 404)
    wanted = select(*(_fact[name] for name in _FACT)).where(there).order_by(_fact.received.desc(), _fact.id).limit(MOST)
    facts = [Fact(**row) for row in (await connection.execute(wanted)).mappings()]
    behaved = (
        select(respondent_conduct)
        .join(complaint_facts, _fact.id == respondent_conduct.c.complaint)
        .where(there)
        .limit(MOST)
    )
    conducts = {
        row.complaint: Conduct(row.willing, row.held, row.away, row.promised, row.kept)
        for row in await connection.execute(behaved)
    }
    return profile(facts, conducts, period, today), total - len(facts)


async def _names(connection: AsyncConnection, officer: Officer, respondent: str) -> list[tuple[str, int]]:
    many = func.count().label("many")
    wanted = (
        select(complaints.c.business_title, many)
        .join(complaint_facts, _fact.id == complaints.c.id)
        .where(_fact.respondent == respondent, within(officer, _fact.office))
        .group_by(complaints.c.business_title)
        .order_by(many.desc(), complaints.c.business_title)
        .limit(10)
    )
    return [(row.business_title, row.many) for row in await connection.execute(wanted)]


async def _newest(connection: AsyncConnection, officer: Officer, respondent: str, most: int) -> Sequence[Any]:
    wanted = (
        select(complaints.c.business, complaints.c.division)
        .join(complaint_facts, _fact.id == complaints.c.id)
        .where(_fact.respondent == respondent, within(officer, _fact.office))
        .order_by(_fact.received.desc(), _fact.id)
        .limit(most)
    )
    return (await connection.execute(wanted)).all()


async def _titles(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, str]:
    wanted = select(complaints.c.id, complaints.c.business_title).where(complaints.c.id.in_(ids))
    return {row.id: row.business_title for row in await connection.execute(wanted)}


async def _related(
    connection: AsyncConnection, officer: Officer, respondent: str, newest: Sequence[Any]
) -> tuple[list[Shared], list[str]]:
    """Others that share a mark, those with the most complaints first, and the kinds of marks too many share."""
    ours: set[Mark] = set()
    namesakes: set[str] = set()
    for row in newest:
        business = party_record(row.business)
        ours.update(marks(business, row.division))
        if name := core(business.title):
            ours.add(Mark(NAME, name_mark(name, row.division)))  # of one without a code, whose namesake has one
            namesakes.add(named_key(name, row.division))
    namesakes.discard(respondent)
    mark = respondent_marks.c
    found: dict[tuple[str, int], set[str]] = {}
    if ours:
        same = or_(*(and_(mark.mark == one.mark, mark.kind == one.kind) for one in sorted(ours)[:NEWEST]))
        wanted = (
            select(mark.kind, mark.mark, _fact.respondent)
            .join(complaint_facts, _fact.id == mark.complaint)
            .where(same, _fact.counted, within(officer, _fact.office), _fact.respondent.not_in((respondent, "")))
            .distinct()
            .limit(RELATED * CROWD * 4)
        )
        for row in await connection.execute(wanted):
            found.setdefault((row.kind, row.mark), set()).add(row.respondent)
    crowded = {kind for (kind, _), some in found.items() if len(some) > CROWD}
    why: dict[str, set[str]] = {key: {NAME} for key in namesakes}
    for (kind, _), some in found.items():
        if len(some) <= CROWD:
            for key in some:
                why.setdefault(key, set()).add(kind)
    return await _shared(connection, officer, why), [kind for kind in KINDS if kind in crowded]


async def _shared(connection: AsyncConnection, officer: Officer, why: Mapping[str, set[str]]) -> list[Shared]:
    many = func.count().label("many")
    wanted = (
        select(_fact.respondent, many, func.max(_fact.id).label("one"))
        .where(_fact.respondent.in_(sorted(why)), _fact.counted, within(officer, _fact.office))
        .group_by(_fact.respondent)
        .order_by(many.desc(), _fact.respondent)
        .limit(RELATED)
    )
    rows = (await connection.execute(wanted)).all()
    names = await _titles(connection, [row.one for row in rows])
    return [
        Shared(
            row.respondent,
            names.get(row.one, ""),
            tuple(kind for kind in KINDS if kind in why[row.respondent]),
            row.many,
        )
        for row in rows
    ]


async def _leads(connection: AsyncConnection, officer: Officer, respondent: str) -> list[Any]:
    if officer.role not in ("inspector", "supervisor"):
        return []  # who mediates reads no lead (Order 121 Art 37)
    wanted = (
        select(leads)
        .where(leads.c.respondent == respondent, within(officer, leads.c.office))
        .order_by(leads.c.found.desc(), leads.c.id)
        .limit(LISTED)
    )
    return [lead_row(row) for row in (await connection.execute(wanted)).mappings()]


async def _records(connection: AsyncConnection, ids: Sequence[str], masked: bool) -> list[RespondentRecord]:
    record = complaints.c
    wanted = (
        select(record.id, record.number, record.title, record.state, record.amount, _fact.received, _fact.problem)
        .join(complaint_facts, _fact.id == record.id)
        .where(record.id.in_(ids))
    )
    rows = {row.id: row for row in await connection.execute(wanted)}
    titles = {id_: row.title for id_, row in rows.items()}
    if masked:
        told = await streams_of(connection, [stream(one) for one in ids])
        for id_ in ids:
            state = fold(told.get(stream(id_), ()))
            titles[id_] = masked_text(state.record.title, state.record) if state else ""
    return [
        RespondentRecord(id_, row.number, titles[id_], row.state, row.received, row.amount, row.problem)
        for id_ in ids
        if (row := rows.get(id_)) is not None
    ]
