"""Complaints as numbers for what looks for hot spots: rows of facts, daily totals, and the words of each day.

Owns `insight_words`. Everything here reads facts and their daily sums, so it names nobody, but for the words of texts:
those of the complainants' own names are left out before anything is kept.
"""

from __future__ import annotations

import asyncio
import json
import zlib
from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, String, delete, func, insert, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.insight import NONE, RECENT, ComplaintColumns, History
from complaints.insight.months import terms
from offices import Office, OfficeTree
from server.complaints.office_store import DEFAULT_ZONE
from server.db.engine import Database
from server.db.schema import complaint_facts, complaints, fact_sums, insight_words, office_oversight, offices, users
from server.db.schema.base import among, every_one
from server.insight import business_store
from server.statistics.fact_store import any_waits, waiting_facts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SPAN: Final = 392  # days that series are read for: a year's baseline and the four weeks that are tested
YEARS: Final = timedelta(days=5 * 366)  # that seasons are learnt from
CHUNK: Final = 20_000
MOST_CIRCLES: Final = 64
TEXTS: Final = 5_000  # complaints whose words are counted between two commits
AT_ONCE: Final = 400
ONCE: Final = 500  # complaints a day from which on a word in only one of them is not kept
_facts = complaint_facts.c


@dataclass(frozen=True, slots=True)
class Circle:
    """Offices that some supervisor sees together; or one that has a mediator, who sees it alone."""

    offices: tuple[str, ...]
    zone: str


async def circles(connection: AsyncConnection) -> list[Circle]:
    """One for each different set of offices that a supervisor sees, and for each office that has a mediator."""
    known = [Office(**row) for row in (await connection.execute(select(offices))).mappings()]
    zones, tree = {one.id: one.zone for one in known}, OfficeTree(known)
    supervisors = select(users.c.id, users.c.office).where(users.c.role == "supervisor")
    seen: dict[str, set[str]] = {row.id: set(tree.within(row.office)) for row in await connection.execute(supervisors)}
    for row in await connection.execute(select(office_oversight.c.supervisor, office_oversight.c.office)):
        seen.get(row.supervisor, set()).add(row.office)
    alone = select(users.c.office).where(users.c.role == "mediator").distinct()
    sets = {tuple(sorted(some & zones.keys())) for some in seen.values()}
    mine = {(office,) for office in (await connection.execute(alone)).scalars() if office in zones}
    found = [*sorted(sets), *sorted(mine - sets)]  # supervisors' first, should there be too many
    return [Circle(some, zones[some[0]] or DEFAULT_ZONE) for some in found if some][:MOST_CIRCLES]


async def counted(connection: AsyncConnection, of: Collection[str], last: date) -> int:
    """Complaints up to a day that are in the span: a report of another number is out of date."""
    wanted = select(func.count()).where(*_within(of, last))
    return int((await connection.execute(wanted)).scalar_one())


def _within(of: Collection[str], last: date, span: int = SPAN) -> tuple[Any, ...]:
    return (
        _facts.office.in_(of),
        _facts.counted,
        _facts.received > last - timedelta(days=span),
        _facts.received <= last,
    )


class _Codes:
    """Numbers for names, in the order they come; "" and what is left out is `NONE`."""

    def __init__(self, known: Sequence[str] = ()) -> None:
        self.of: dict[str, int] = {name: n for n, name in enumerate(known)}

    def __call__(self, name: str) -> int:
        return self.of.setdefault(name, len(self.of)) if name else NONE

    def each(self, names: Sequence[str]) -> list[int]:
        for name in dict.fromkeys(names):
            self(name)
        return [self.of[name] if name else NONE for name in names]


async def table(connection: AsyncConnection, of: Collection[str], last: date, begins: date) -> ComplaintColumns:
    """The rows of the span, in order of days. `begins`: the first complaint there is."""
    first = max(last - timedelta(days=SPAN - 1), begins)
    respondent, street, trade, platform, group = _Codes(), _Codes(), _Codes(), _Codes(), _Codes([""])
    heads = await business_store.heads(connection)
    columns = [array("q") for _ in range(6)]  # a city has millions of rows in the span
    wanted = (
        select(
            type_coerce(_facts.received, String),  # as it is kept: a date of each row would take longer than the rest
            _facts.respondent,
            _facts.street,
            func.substr(_facts.industry_code, 1, 3),
            _facts.problem,
            _facts.platform,
        )
        .where(*_within(of, last))
        .order_by(_facts.received, _facts.id)
    )
    days: dict[Any, int] = {}
    result = await connection.stream(wanted.execution_options(yield_per=CHUNK))
    async for rows in result.partitions(CHUNK):
        received, who, where, industry, problem, site = zip(*rows, strict=True)
        for one in set(received) - days.keys():
            days[one] = (date.fromisoformat(str(one)) - first).days
        columns[0].extend(map(days.__getitem__, received))
        columns[1].extend(respondent.each([heads.get(one, one) for one in who] if heads else who))
        columns[2].extend(street.each(where))
        pairs = zip(industry, problem, strict=True)
        columns[3].extend(trade.each([f"{one}|{kind}" if one and kind else "" for one, kind in pairs]))
        columns[4].extend(platform.each(site))
        columns[5].extend(max(code, 0) for code in group.each(industry))
    day_, respondent_, street_, trade_, platform_, group_ = (np.array(one, np.int64) for one in columns)
    recent = int(np.searchsorted(day_, (last - first).days - RECENT + 1))
    ids, people, phones = await _recent(connection, of, last, len(day_) - recent)
    return ComplaintColumns(
        first,
        (last - first).days,
        day_,
        respondent_,
        street_,
        trade_,
        platform_,
        group_,
        list(respondent.of),
        list(street.of),
        list(trade.of),
        list(platform.of),
        list(group.of),
        recent,
        ids,
        people,
        phones,
    )


async def _recent(
    connection: AsyncConnection, of: Collection[str], last: date, many: int
) -> tuple[list[str], Ints, Ints]:
    """Ids and marks of the newest rows, in the order of `table`."""
    wanted = (
        select(_facts.id, complaints.c.phone_mark, complaints.c.business["phone_key"].as_string())
        .join_from(complaint_facts, complaints, complaints.c.id == _facts.id, isouter=True)
        .where(*_within(of, last, RECENT))
        .order_by(_facts.received, _facts.id)
    )
    person, phone = _Codes(), _Codes()
    ids: list[str] = []
    people, phones = [], []
    result = await connection.stream(wanted.execution_options(yield_per=CHUNK))
    async for rows in result.partitions(CHUNK):
        for id_, mark, key in rows:
            ids.append(id_)
            people.append(person("" if mark is None else str(mark)))
            phones.append(phone(key or ""))
    assert len(ids) == many, "read in one transaction"
    return ids, np.array(people, np.int64), np.array(phones, np.int64)


async def history(connection: AsyncConnection, of: Collection[str], last: date) -> History:
    """Daily totals of each industry section and each problem class, for five years at most."""
    sections = await _totals(connection, of, last, "industry")
    problems = await _totals(connection, of, last, "problem")
    first = await _first(connection, of, last)
    names, classes = ["", *sorted({name for _, name in sections} - {""})], sorted({name for _, name in problems} - {""})
    totals = _grid(sections, names, first, last)
    totals[0] = totals.sum(axis=0)  # those without an industry stood there
    return History(first, names, totals, classes, _grid(problems, classes, first, last))


async def _first(connection: AsyncConnection, of: Collection[str], last: date) -> date:
    """The first complaint there is; the last day when there is none."""
    found = [last]
    for office in of:
        there = (_facts.office == office, _facts.counted, _facts.received > last - YEARS)
        first = (await connection.execute(select(func.min(_facts.received)).where(*there))).scalar_one()
        found.extend([first] if first is not None and first <= last else [])
    return min(found)


async def _totals(
    connection: AsyncConnection, of: Collection[str], last: date, dim: str
) -> dict[tuple[date, str], int]:
    """From the daily sums: the same whatever the number of complaints."""
    sums = fact_sums.c
    wanted = (
        select(sums.day, sums.value, func.sum(sums.received))
        .where(sums.level == "d", sums.dim == dim, sums.office.in_(of), sums.day > last - YEARS, sums.day <= last)
        .group_by(sums.day, sums.value)
    )
    found = {(row[0], row[1]): int(row[2]) for row in await connection.execute(wanted)}
    if await any_waits(connection):
        facts = waiting_facts().c
        there = (facts.counted, facts.office.in_(of), facts.received > last - YEARS, facts.received <= last)
        for day, name in await connection.execute(select(facts.received, facts[dim]).where(*there)):
            found[day, name] = found.get((day, name), 0) + 1
    return found


def _grid(counts: Mapping[tuple[date, str], int], names: Sequence[str], first: date, last: date) -> Floats:
    at = {name: n for n, name in enumerate(names)}
    found = np.zeros((len(names), (last - first).days + 1))
    for (day, name), count in counts.items():
        if name in at and day >= first:
            found[at[name], (day - first).days] += count
    return found


# ---------------------------------------------------------------- words


async def words(
    database: Database, of: Collection[str], last: date, first: date
) -> tuple[list[str], Ints, Ints, Ints, int]:
    """Terms, and by cell the term's number, the day from `first`, complaints that have it; how many days were read
    anew. A day whose complaints were added to, merged or undone is; the others are as they were kept."""
    async with database.read() as connection:
        counts = select(_facts.office, _facts.received, func.count()).where(*_within(of, last))
        now = {
            (row[0], row[1]): row[2]
            for row in await connection.execute(counts.group_by(_facts.office, _facts.received))
        }
        kept = insight_words.c
        known = select(kept.office, kept.day, kept.rows).where(kept.office.in_(of), kept.day >= first, kept.day <= last)
        before = {(row.office, row.day): row.rows for row in await connection.execute(known)}
    stale = sorted(key for key in now.keys() | before.keys() if now.get(key, 0) != before.get(key, 0))
    for some in _batches(stale, now):
        await _read_days(database, some, now)
    term = _Codes()
    numbers, days, times = array("q"), array("q"), array("q")  # a city has millions of them
    async with database.read() as connection:
        sheets = select(kept.day, kept.terms).where(kept.office.in_(of), kept.day >= first, kept.day <= last)
        result = await connection.stream(sheets.execution_options(yield_per=AT_ONCE))
        async for row in result:
            sheet: dict[str, int] = json.loads(zlib.decompress(row.terms))
            numbers.extend(map(term, sheet))
            times.extend(sheet.values())
            days.extend([(row.day - first).days] * len(sheet))
    found = [np.array(one, np.int64) for one in (numbers, days, times)]
    return list(term.of), found[0], found[1], found[2], len(stale)


def _batches(
    stale: Sequence[tuple[str, date]], now: Mapping[tuple[str, date], int]
) -> Iterator[Sequence[tuple[str, date]]]:
    """Of one office each, so many days that their texts are about `TEXTS`."""
    some: list[tuple[str, date]] = []
    rows = 0
    for key in stale:
        if some and (key[0] != some[0][0] or rows >= TEXTS):
            yield some
            some, rows = [], 0
        some.append(key)
        rows += now.get(key, 0)
    if some:
        yield some


async def _read_days(database: Database, keys: Sequence[tuple[str, date]], now: Mapping[tuple[str, date], int]) -> None:
    office, days = keys[0][0], {day for _, day in keys}
    by_day: dict[date, list[tuple[str, list[str]]]] = {day: [] for day in days}
    async with database.read() as connection:
        for _, day, text, names in await _texts(connection, (office,), min(days), max(days)):
            if day in days:
                by_day[day].append((text, names))
    sheets = await asyncio.to_thread(lambda: {day: _sheet(texts) for day, texts in by_day.items()})
    rows = [
        {"office": office, "day": day, "rows": now[office, day], "terms": sheets[day]}
        for day in days
        if now.get((office, day))
    ]
    async with database.write() as connection:
        table = insight_words.c
        for start in range(0, len(keys), AT_ONCE):
            some = [day for _, day in keys[start : start + AT_ONCE]]
            await connection.execute(delete(insight_words).where(table.office == office, table.day.in_(some)))
        if rows:
            await connection.execute(insert(insight_words), rows)


def _sheet(texts: Sequence[tuple[str, Sequence[str]]]) -> bytes:
    return zlib.compress(json.dumps(_counted(texts), ensure_ascii=False, separators=(",", ":")).encode(), 1)


def _counted(texts: Sequence[tuple[str, Sequence[str]]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for text, names in texts:
        found.update(terms(text, names))
    least = 2 if len(texts) >= ONCE else 1
    return {term: n for term, n in found.items() if n >= least}


async def _texts(
    connection: AsyncConnection, of: Collection[str], first: date, last: date
) -> list[tuple[str, date, str, list[str]]]:
    """(id, day, title and facts, names of the consumer)."""
    record = complaints.c
    wanted: Select[Any] = (
        select(record.id, _facts.received, record.title, record.facts, record.consumer["name"].as_string())
        .join_from(complaint_facts, complaints, record.id == _facts.id)
        .where(_facts.office.in_(of), _facts.counted, _facts.received >= first, _facts.received <= last)
    )
    return [(row[0], row[1], f"{row[2]}。{row[3]}", [row[4] or ""]) for row in await connection.execute(wanted)]


async def holding(
    connection: AsyncConnection, of: Collection[str], wanted: Mapping[str, date], last: date
) -> dict[str, set[str]]:
    """Ids of the complaints that have each of some words, from each word's day on."""
    if not wanted:
        return {}
    found: dict[str, set[str]] = {word: set() for word in wanted}
    for id_, _, text, names in await _texts(connection, of, min(wanted.values()), last):
        if any(word in text for word in wanted):
            there = terms(text, names)
            for word in wanted.keys() & there:
                found[word].add(id_)
    return found


async def saying(
    connection: AsyncConnection, of: Collection[str], wanted: Mapping[str, date], last: date
) -> dict[str, list[str]]:
    """Texts of the complaints that say each of some words, from each word's day on."""
    found: dict[str, list[str]] = {word: [] for word in wanted}
    if wanted:
        for _, day, text, _ in await _texts(connection, of, min(wanted.values()), last):
            for word, since in wanted.items():
                if day >= since and word in text:
                    found[word].append(text)
    return found


async def accounts(connection: AsyncConnection, ids: Collection[str]) -> dict[str, str]:
    """What complaints say, by id."""
    wanted = select(complaints.c.id, complaints.c.title, complaints.c.facts)
    found: dict[str, str] = {}
    every = list(ids)
    for start in range(0, len(every), AT_ONCE):
        some = wanted.where(complaints.c.id.in_(every[start : start + AT_ONCE]))
        found |= {row.id: f"{row.title}。{row.facts}" for row in await connection.execute(some)}
    return found


# ---------------------------------------------------------------- names


async def names(connection: AsyncConnection, of: Collection[str], keys: Collection[str]) -> dict[str, str]:
    """Of respondents, as their newest complaint has them."""
    found = await newest(connection, of, keys)
    return {key: found[key][1] if key in found else "" for key in keys}


async def newest(
    connection: AsyncConnection, of: Collection[str], keys: Collection[str], until: date = date.max
) -> dict[str, tuple[date, str]]:
    """Of respondents: the day of their newest complaint, and what it calls them. One look into the index for each: a
    large one has as many complaints as a whole office."""
    members: dict[str, list[str]] = {key: [key] for key in keys}
    for member, head in (await business_store.heads(connection)).items():
        if head in members and member not in members[head]:
            members[head].append(member)
    counts_as = {one: key for key, theirs in members.items() for one in theirs}
    each = every_one(connection, _facts.respondent, list(counts_as))
    seen = _facts.received <= until, among(connection, _facts.office, list(of))
    # Asked for in one statement: fifty of them cost a page three times what the fifty looks do.
    last = select(_facts.id).where(_facts.respondent == each.c.value, *seen).order_by(_facts.received.desc()).limit(1)
    looked = select(last.correlate(each).scalar_subquery()).select_from(each)
    ids = list((await connection.execute(looked)).scalars())
    wanted = (
        select(_facts.respondent, _facts.received, complaints.c.business_title)
        .join(complaints, complaints.c.id == _facts.id, isouter=True)
        .where(among(connection, _facts.id, [id_ for id_ in ids if id_ is not None]))
        .order_by(_facts.received, _facts.id)
    )
    return {
        counts_as[row.respondent]: (row.received, row.business_title or "") for row in await connection.execute(wanted)
    }


async def merged_since(connection: AsyncConnection, of: Collection[str], day: date) -> int:
    """Complaints that stopped being counted after a day because they were merged into others."""
    wanted = select(func.count()).where(_facts.office.in_(of), _facts.dropped > day, _facts.dropped_as == "merged")
    return int((await connection.execute(wanted)).scalar_one())
