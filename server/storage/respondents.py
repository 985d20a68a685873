"""Profiles of respondents in SQL: `web.ports.Respondents` over the facts. What a number means is
`complaints.insight.respondents`'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from typing import Any, Final

from sqlalchemy import and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.complaint import fold, stream
from complaints.insight.respondents import Conduct, Profile, profile
from complaints.record.parties import masked_text
from complaints.statistics.definitions import Measure, find_statistic
from complaints.statistics.facts import Fact
from complaints.statistics.figures import Tallies
from complaints.statistics.periods import Period
from server.storage import insight, joins
from server.storage.counting import RESPONDENT, Counting
from server.storage.engine import Database
from server.storage.facts import facts_at
from server.storage.lead_evidence import streams_of
from server.storage.leads import lead_row
from server.storage.related import NEWEST, related, titles
from server.storage.rows import party_record
from server.storage.scope import within
from server.storage.statistics import offices_of
from server.storage.tables import (
    complaint_facts,
    complaints,
    leads,
    respondent_conduct,
    respondent_joins,
)
from web.ports import Officer, Refused
from web.ports.respondents import Joined, RespondentPage, RespondentRecord, RespondentRecords, RespondentRow

MOST: Final = 20_000  # complaints one profile counts
LISTED: Final = 50
PAGE: Final = 50
_FACT: Final = tuple(field.name for field in fields(Fact))
_fact = complaint_facts.c


class SqlRespondents:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def listed(self, officer: Officer, period: Period, text: str = "") -> list[RespondentRow]:
        """From the sums; those with some text in their name from the complaints themselves."""
        async with self._database.read(snapshot=True) as connection:
            if text:
                return await _named(connection, officer, period, text)
            scope = [one.id for one in await offices_of(connection, officer)]
            received, settled = find_statistic("received").measures[0], find_statistic("mediated").measures[0]
            async with facts_at(connection, None, complaint_facts.c.office.in_(scope)) as then:
                counting = Counting(connection, then, scope, period.last)
                top = await counting.top([received, settled], period, RESPONDENT, LISTED + 1)
            many = {key: tally.count for (measure, key), tally in top.tallies.items() if measure == received and key}
            known = await insight.newest(connection, scope, many, period.last)
            return [
                RespondentRow(key, known[key][1], count, _count(top.tallies, settled, key), known[key][0])
                for key, count in sorted(many.items(), key=lambda one: (-one[1], one[0]))[:LISTED]
                if key in known
            ]

    async def profile(self, officer: Officer, respondent: str, period: Period, today: date) -> RespondentPage:
        async with self._database.read(snapshot=True) as connection:
            head = await joins.head_of(connection, respondent)
            keys = await joins.counted_as(connection, [head])
            made, left_out = await _made(connection, officer, keys, period, today)
            names = await _names(connection, officer, keys)
            newest = await _newest(connection, officer, keys, NEWEST)
            others, crowded = await related(connection, officer, head, keys, newest)
            theirs = await _leads(connection, officer, keys)
            joined = await _joined(connection, officer, head, keys)
            alone = await _complaints(connection, officer, head)
        told = [party_record(row.business) for row in newest]
        return RespondentPage(
            head,
            names[0][0] if names else "",
            names,
            # Files from before codes were kept open have it masked.
            max((one.credit_code for one in told), key=lambda code: (bool(code), "*" not in code), default=""),
            next((one.phone_masked for one in told if one.phone_masked), ""),
            next((one.address for one in told if one.address), ""),
            made,
            others,
            crowded,
            theirs,
            left_out,
            joined,
            alone,
        )

    async def records(
        self, officer: Officer, respondent: str, period: Period, today: date, part: str, page: int
    ) -> RespondentRecords:
        async with self._database.read(snapshot=True) as connection:
            keys = await joins.counted_as(connection, [await joins.head_of(connection, respondent)])
            made, _ = await _made(connection, officer, keys, period, today)
            ids = made.parts.get(part, ())
            some = ids[(page - 1) * PAGE : page * PAGE]
            names = await _names(connection, officer, keys)
            rows = await _records(connection, some, masked=officer.role == "inspector")
        return RespondentRecords(names[0][0] if names else "", len(ids), rows)


async def _named(connection: AsyncConnection, officer: Officer, period: Period, text: str) -> list[RespondentRow]:
    there = and_(
        within(officer, _fact.office), _fact.counted, _fact.received.between(period.first, period.last),
        _fact.respondent != "", complaints.c.business_title.contains(text, autoescape=True),
    )  # fmt: skip
    one, many = func.coalesce(respondent_joins.c.head, _fact.respondent), func.count().label("many")
    joined = and_(respondent_joins.c.member == _fact.respondent, respondent_joins.c.head != "")
    settled = _fact.settled.between(period.first, period.last)
    wanted = (
        select(
            one.label("respondent"), many, func.count(case((settled, 1))).label("settled"),
            func.max(_fact.received).label("last"), func.max(_fact.id).label("one"),
        )
        .select_from(
            complaint_facts.join(complaints, complaints.c.id == _fact.id).join(respondent_joins, joined, isouter=True)
        )
        .where(there)
        .group_by(one)
        .order_by(many.desc(), one)
        .limit(LISTED)
    )  # fmt: skip
    rows = (await connection.execute(wanted)).all()
    names = await titles(connection, [row.one for row in rows])
    return [RespondentRow(row.respondent, names.get(row.one, ""), row.many, row.settled, row.last) for row in rows]


def _count(tallies: Tallies, measure: Measure, key: str) -> int:
    found = tallies.get((measure, key))
    return found.count if found else 0


async def _made(
    connection: AsyncConnection, officer: Officer, keys: Sequence[str], period: Period, today: date
) -> tuple[Profile, int]:
    there = and_(_fact.respondent.in_(keys), within(officer, _fact.office))
    total = (await connection.execute(select(func.count()).select_from(complaint_facts).where(there))).scalar_one()
    if not any(keys) or not total:
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


async def _names(connection: AsyncConnection, officer: Officer, keys: Sequence[str]) -> list[tuple[str, int]]:
    many = func.count().label("many")
    wanted = (
        select(complaints.c.business_title, many)
        .join(complaint_facts, _fact.id == complaints.c.id)
        .where(_fact.respondent.in_(keys), within(officer, _fact.office))
        .group_by(complaints.c.business_title)
        .order_by(many.desc(), complaints.c.business_title)
        .limit(10)
    )
    return [(row.business_title, row.many) for row in await connection.execute(wanted)]


async def _newest(connection: AsyncConnection, officer: Officer, keys: Sequence[str], most: int) -> Sequence[Any]:
    wanted = (
        select(complaints.c.business, complaints.c.division)
        .join(complaint_facts, _fact.id == complaints.c.id)
        .where(_fact.respondent.in_(keys), within(officer, _fact.office))
        .order_by(_fact.received.desc(), _fact.id)
        .limit(most)
    )
    return (await connection.execute(wanted)).all()


async def _joined(connection: AsyncConnection, officer: Officer, head: str, keys: Sequence[str]) -> list[Joined]:
    """Who counts with it, of whose complaints the officer sees any."""
    found = []
    for key, one in (await joins.joining(connection, [key for key in keys if key != head])).items():
        many = await _complaints(connection, officer, key)
        if many and one.at is not None:
            names = await _names(connection, officer, [key])
            found.append(Joined(key, names[0][0] if names else "", many, one.why, one.at, one.by))
    return found


async def _complaints(connection: AsyncConnection, officer: Officer, key: str) -> int:
    there = and_(_fact.respondent == key, _fact.counted, within(officer, _fact.office))
    return int((await connection.execute(select(func.count()).select_from(complaint_facts).where(there))).scalar_one())


async def _leads(connection: AsyncConnection, officer: Officer, keys: Sequence[str]) -> list[Any]:
    if officer.role not in ("inspector", "supervisor"):
        return []  # who mediates reads no lead (Order 121 Art 37)
    wanted = (
        select(leads)
        .where(leads.c.respondent.in_(keys), within(officer, leads.c.office))
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
