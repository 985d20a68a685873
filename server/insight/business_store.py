"""Businesses as rows: what respondents have in common, how they behaved, what complaints call them, which key counts as
which other and which may, and which of them may be named to the public, with which complaints
(`complaints.insight.publicity`).

Owns `respondent_joins`, `respondent_marks`, `respondent_conduct` and `respondent_names`; projects `respondent/…`. Facts
and sums keep the key a complaint was told by. Whoever groups by respondents, or asks for one, asks here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import insert as insert_into  # SQLite takes its form too
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.complaint import fold as complaint_of
from complaints.duplicates import core
from complaints.events import ComplaintRegistered
from complaints.insight.publicity import (
    BusinessNamed,
    EntryFigures,
    figures_of,
    stream as publicity_stream,
    uncounted,
)
from complaints.insight.respondents import (
    NAME,
    NOTHING,
    STREAM,
    TELLING,
    Conduct,
    Mark,
    RespondentJoin,
    RespondentJoined,
    RespondentParted,
    conduct,
    fold,
    marks,
    name_mark,
    stream,
)
from complaints.record import PartyRecord
from complaints.statistics.facts import Fact, named_key
from complaints.statistics.figures import Period
from journal import ERASED, Draft, Event
from journal.refusals import Refused
from server.complaints.projection import ComplaintChange, ComplaintProjection
from server.db.bulk import insert_rows
from server.db.engine import Database
from server.db.journal import EventBatch, SqlJournal, StreamProjector, stream_events, streams_events
from server.db.postponed_indexes import marks_table
from server.db.rows import party_record
from server.db.schema import (
    complaint_facts,
    complaints,
    events,
    facts_waiting,
    marks_coming,
    publicity,
    respondent_conduct,
    respondent_joins,
    respondent_marks,
    respondent_names,
)
from server.db.schema.base import among, among_column

MOVING: Final = frozenset({RespondentJoined.__name__, RespondentParted.__name__})
_join = respondent_joins.c


class JoinRows(StreamProjector):
    """A row for each business that is counted as another, or was: `head` is "" then."""

    kind = STREAM

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        if not any(event.type in MOVING for event in appended):
            return
        member = appended[0].stream.partition("/")[2]
        now = fold(await stream_events(connection, stream(member)))
        row = {"head": now.head, "changed": appended[-1].at, "by": now.by}
        changed = await connection.execute(update(respondent_joins).where(_join.member == member).values(row))
        if not changed.rowcount:
            await connection.execute(insert(respondent_joins).values(member=member, **row))


async def heads(connection: AsyncConnection) -> Mapping[str, str]:
    """All that count as another."""
    wanted = select(_join.member, _join.head).where(_join.head != "")
    return {row.member: row.head for row in await connection.execute(wanted)}


async def head_of(connection: AsyncConnection, key: str) -> str:
    wanted = select(_join.head).where(_join.member == key, _join.head != "")
    return (await connection.execute(wanted)).scalar_one_or_none() or key


async def counted_as(connection: AsyncConnection, keys: Collection[str]) -> list[str]:
    """These and every other that counts as one of them."""
    members = select(_join.member).where(among(connection, _join.head, list(keys)))
    return sorted({*keys, *(await connection.execute(members)).scalars()})


async def changed_after(connection: AsyncConnection, of: Collection[str], moment: datetime) -> int:
    """How many that some offices have complaints of were joined or parted since."""
    theirs = exists().where(complaint_facts.c.respondent == _join.member, complaint_facts.c.office.in_(of))
    wanted = select(func.count()).select_from(respondent_joins).where(_join.changed > moment, theirs)
    return int((await connection.execute(wanted)).scalar_one())


async def joining(connection: AsyncConnection, members: Collection[str]) -> dict[str, RespondentJoin]:
    """What people said of each, from the journal."""
    told = {key: fold(await stream_events(connection, stream(key))) for key in sorted(members)}
    return {key: one for key, one in told.items() if one != RespondentJoin()}


AT_ONCE: Final = 400
NEWEST: Final = 200  # complaints of either side that are compared
CHUNK: Final = 20_000
_facts = complaint_facts.c


@dataclass(frozen=True, slots=True)
class Namesake:
    """A name in a division, told without a code and with one. `key`: the respondent's that has none."""

    key: str
    name: str
    division: str


@dataclass(frozen=True, slots=True)
class NamePair:
    """`head`: the one respondent with a code of that name there; what complaints say of each."""

    key: str
    head: str
    division: str
    theirs: Sequence[PartyRecord]
    coded: Sequence[PartyRecord]


async def told_both_ways(
    connection: AsyncConnection, of: Collection[str], first: date, changed: datetime | None
) -> list[Namesake]:
    """Businesses known by their name only whose namesake in the same division has a credit code: what tells whether
    they are one. Read-only; who counts them as one is `server.insight.detection`.

    Of complaints received since a day, or only of those that changed after a moment.
    """
    there = [_facts.office.in_(of), _facts.counted, _facts.received >= first, _facts.respondent != ""]
    if changed is not None:
        there.append(_facts.changed >= changed)
    # A respondent without a code has the key of its name, so nothing more has to be read of a row.
    wanted = (
        select(complaints.c.business_title, _facts.division, _facts.respondent)
        .join(complaint_facts, _facts.id == complaints.c.id)
        .where(*there)
        .distinct()
    )
    seen: dict[tuple[str, str], set[bool]] = {}
    result = await connection.stream(wanted.execution_options(yield_per=CHUNK))
    async for rows in result.partitions(CHUNK):
        for title, division, respondent in rows:
            if name := core(title or ""):
                seen.setdefault((name, division), set()).add(respondent == named_key(name, division))
    both = [one for one, plain in seen.items() if changed is not None or len(plain) == 2]
    named = {named_key(name, division): (name, division) for name, division in both}
    found = []
    for some in _some(sorted(named)):
        known = select(_facts.respondent).where(_facts.respondent.in_(some), _facts.office.in_(of)).distinct()
        found += [Namesake(key, *named[key]) for key in (await connection.execute(known)).scalars()]
    return found


async def pair(connection: AsyncConnection, of: Collection[str], one: Namesake) -> NamePair | None:
    """None where no complaint or several businesses with a code bear that name there."""
    mark = respondent_marks.c
    mine = select(mark.complaint).where(mark.mark == name_mark(one.name, one.division), mark.kind == NAME)
    bears_it = and_(_facts.id.in_(mine), _facts.counted, _facts.office.in_(of))
    heads = (await connection.execute(select(_facts.respondent).where(bears_it).distinct().limit(2))).scalars().all()
    if len(heads) != 1:
        return None
    is_it = and_(_facts.respondent == one.key, _facts.counted, _facts.office.in_(of))
    theirs, coded = await _records(connection, is_it), await _records(connection, bears_it)
    return NamePair(one.key, heads[0], one.division, theirs, coded)


async def _records(connection: AsyncConnection, which: ColumnElement[bool]) -> list[PartyRecord]:
    wanted = (
        select(complaints.c.business)
        .join(complaint_facts, _facts.id == complaints.c.id)
        .where(which)
        .order_by(_facts.received.desc())
        .limit(NEWEST)
    )
    return [party_record(business) for business in (await connection.execute(wanted)).scalars()]


def _some(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))


# ------------------------------------------------------------ what complaints call them

LONGEST_NAME: Final = 200


def names_told(of: FromClause = complaint_facts) -> Select[Any]:
    """Respondents and what complaints call them, of facts or of those whose ids stand there."""
    name = func.substr(complaints.c.business_title, 1, LONGEST_NAME).label("name")
    wanted = select(_facts.respondent, name).join_from(complaint_facts, complaints, complaints.c.id == _facts.id)
    if of is not complaint_facts:
        wanted = wanted.where(among_column(_facts.id, of.c.id))
    else:  # whoever was erased is found by no word (`server.complaints.listing_store.place_unread`)
        begun = events.c.stream == literal(_PREFIX) + _facts.id, events.c.version == 1
        wanted = wanted.where(~exists().where(*begun, events.c.salt == ""))
    return wanted.where(_facts.respondent != "", complaints.c.business_title != "")


async def keep_names(connection: AsyncConnection, of: FromClause) -> None:
    """Of new facts."""
    kept = insert_into(respondent_names).from_select(["respondent", "name"], names_told(of).distinct())
    await connection.execute(kept.on_conflict_do_nothing())


async def rename(
    connection: AsyncConnection, changes: Sequence[ComplaintChange], facts: Mapping[str, Mapping[str, Any]]
) -> None:
    """What complaints say now instead of what they said; `facts`: as they were. Behind rows and facts as they are."""
    now, before = set[tuple[str, str]](), set[tuple[str, str]]()
    for one in changes:
        if any(entry.type == ERASED and 1 in entry.data["versions"] for entry in one.appended):
            before |= await _last_said(connection, one.id)
        if one.rows is None:
            continue
        said = one.rows.fact["respondent"], one.rows.filed.row["business_title"][:LONGEST_NAME]
        was = "", ""
        if one.id in facts and one.before is not None:
            was = facts[one.id]["respondent"], one.before.record.business.title[:LONGEST_NAME]
        if said != was:
            now.add(said)
            before.add(was)
    if rows := [{"respondent": key, "name": name} for key, name in sorted(now) if key and name]:
        await connection.execute(insert_into(respondent_names).on_conflict_do_nothing(), rows)
    row = respondent_names.c
    for key, name in sorted(before - now - {("", "")}):
        others = names_told().where(
            _facts.respondent == key, func.substr(complaints.c.business_title, 1, LONGEST_NAME) == name
        )
        await connection.execute(
            delete(respondent_names).where(row.respondent == key, row.name == name, ~others.exists())
        )


async def _last_said(connection: AsyncConnection, complaint: str) -> set[tuple[str, str]]:
    name = func.substr(complaints.c.business_title, 1, LONGEST_NAME)
    wanted = select(_facts.respondent, name).join_from(complaint_facts, complaints, complaints.c.id == _facts.id)
    return {(row[0], row[1]) for row in await connection.execute(wanted.where(_facts.id == complaint))}


def called(text: str, of: Collection[str] | None = None) -> Select[Any]:
    """Respondents of whose names some text is a part, each as what it counts as; also of complaints that just came.
    `of`: names that complaints of these offices say; None: of all."""
    named, told, fact, row = respondent_names.c, names_told(facts_waiting), complaint_facts.alias(), complaints.alias()
    kept = select(named.respondent).where(named.name.contains(text, autoescape=True))
    if of is not None:
        told = told.where(_facts.office.in_(of))
        says = (
            select(fact.c.id)
            .join_from(fact, row, row.c.id == fact.c.id)
            .where(
                fact.c.respondent == named.respondent,
                fact.c.office.in_(of),
                func.substr(row.c.business_title, 1, LONGEST_NAME) == named.name,
            )
        )
        kept = kept.where(says.correlate(respondent_names).exists())
    new = told.subquery("told").c
    every = union(kept, select(new.respondent).where(new.name.contains(text, autoescape=True))).subquery("called")
    joined = and_(_join.member == every.c.respondent, _join.head != "")
    one = func.coalesce(_join.head, every.c.respondent)
    return select(one).select_from(every.join(respondent_joins, joined, isouter=True))


_PREFIX = "complaint/"
CHANGING = frozenset({"RecordAmended", "AmendmentUndone", "SourceUpdated", "TriageConfirmed"})
"""Types of events after which a record may have other marks."""
ROWS_AT_ONCE = 500


class RespondentRows:
    """Writes `respondent_marks` and `respondent_conduct`."""

    types = CHANGING | TELLING | {ComplaintRegistered.__name__}

    async def write(self, connection: AsyncConnection, changes: Sequence[ComplaintChange]) -> None:
        new = []
        for one in changes:
            if one.rows is None:
                continue  # its beginning was erased: the rows stay as they are
            if one.first or one.types & CHANGING:
                before = record_marks(one.before.record) if one.before else ()
                await _drop_marks(connection, one.id, [mark for mark in before if mark not in one.rows.marks])
                new += [(mark, one.id) for mark in one.rows.marks if mark not in before]
            if one.types & TELLING and one.history is not None:
                await _keep_conduct(
                    connection, one.id, conduct(one.history.conduct, one.history.complaint, one.days[0])
                )
        if new:
            rows = [{"mark": mark.mark, "kind": mark.kind, "complaint": id} for mark, id in new]
            await insert_rows(connection, await marks_table(connection), rows)


def record_marks(record: ComplaintRegistered) -> tuple[Mark, ...]:
    return marks(record.business, record.division)


async def _drop_marks(connection: AsyncConnection, complaint: str, gone: Sequence[Mark]) -> None:
    for table in (respondent_marks, marks_coming) if gone else ():
        these = or_(*(and_(table.c.mark == one.mark, table.c.kind == one.kind) for one in gone))
        await connection.execute(delete(table).where(table.c.complaint == complaint, these))


async def _keep_conduct(connection: AsyncConnection, complaint: str, now: Conduct) -> None:
    row = asdict(now)
    changed = await connection.execute(
        update(respondent_conduct).where(respondent_conduct.c.complaint == complaint).values(row)
    )
    if not changed.rowcount and now != NOTHING:
        await connection.execute(insert(respondent_conduct).values({"complaint": complaint, **row}))


async def complete_respondents(database: Database) -> int:
    """Make the rows of complaints from before there were tables; how many. Nothing once there is one row."""
    async with database.read() as connection:
        if (await connection.execute(select(respondent_marks.c.complaint).limit(1))).first() is not None:
            return 0
    made, last, projector = 0, "", ComplaintProjection([RespondentRows()])
    while True:
        async with database.write() as connection:
            wanted = select(complaints.c.id).where(complaints.c.id > last).order_by(complaints.c.id).limit(ROWS_AT_ONCE)
            found = list((await connection.execute(wanted)).scalars())
            entries = await streams_events(connection, [_PREFIX + complaint for complaint in found])
            await projector.project(connection, EventBatch(list(entries.values()), announced=False))
            made += len(entries)
        if not found:
            return made
        last = found[-1]


# ------------------------------------------------------------ who may be named to the public


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A concluded complaint and its business; `why` it does not count, "" when it does."""

    fact: Fact
    business: PartyRecord
    why: str


async def to_be_named(
    connection: AsyncConnection,
    offices: Collection[str],
    many: Collection[str],
    period: Period,
    today: date,
    least: int,
) -> tuple[list[BusinessNamed], int]:
    """Of these respondents those with enough complaints that count and a credit code, and how many had none."""
    joined = {member: head for member, head in (await heads(connection)).items() if head in set(many)}
    keys = {key: key for key in many} | joined
    ids = list[str]()
    for some in _some(sorted(keys)):
        wanted = select(_facts.id).where(
            _facts.respondent.in_(some), _facts.office.in_(offices), _facts.counted, _facts.accepted.is_not(None),
            _facts.concluded.between(period.first, period.last),
        )  # fmt: skip
        ids += (await connection.execute(wanted)).scalars()
    found: dict[str, list[LookedAt]] = {}
    for one in await looked(connection, ids, period):
        found.setdefault(keys[one.fact.respondent], []).append(one)
    named, unnamed = list[BusinessNamed](), 0
    for key, theirs in sorted(found.items()):
        records = tuple(one.fact.id for one in theirs if not one.why)
        if len(records) < least:
            continue
        code, name = _registered([one.business for one in theirs])
        if not code:
            unnamed += 1
            continue
        out = {one.fact.id: one.why for one in theirs if one.why}
        counted = await figures(connection, records, period, today)
        named.append(BusinessNamed(key, name, code, counted, records, out))
    return named, unnamed


def _registered(told: Sequence[PartyRecord]) -> tuple[str, str]:
    """The credit code most complaints gave whole, and what most of these called it; "" for none."""
    codes = Counter(one.credit_code for one in told if one.credit_code and "*" not in one.credit_code)
    if not codes:
        return "", ""
    code = codes.most_common(1)[0][0]
    return code, Counter(one.title for one in told if one.credit_code == code).most_common(1)[0][0]


async def looked(connection: AsyncConnection, ids: Sequence[str], period: Period) -> list[LookedAt]:
    """Each with why it does not count now."""
    found = list[LookedAt]()
    for some in _some(ids):
        streams = await streams_events(connection, [_PREFIX + one for one in some])
        wanted = select(complaints.c.business, *(_facts[name] for name in _FACT))
        wanted = wanted.join(complaint_facts, _facts.id == complaints.c.id).where(_facts.id.in_(some))
        for row in (await connection.execute(wanted.order_by(_facts.id))).mappings():
            fact = Fact(**{name: row[name] for name in _FACT})
            entries = streams.get(_PREFIX + fact.id, [])
            state = None if not entries or entries[0].erased else complaint_of(entries)
            grounds = [one.data["ground"] for one in entries if not one.erased and one.data.get("ground")]
            why = fact.dropped_as or ("" if fact.counted else "undone")
            if not why and (fact.accepted is None or not period.holds(fact.concluded)):
                why = "reopened"
            why = why or (uncounted(state, grounds[-1] if grounds else None) if state else "undone")
            found.append(LookedAt(fact, party_record(row["business"]), why))
    return found


async def newest_parties(connection: AsyncConnection, ids: Sequence[str]) -> list[PartyRecord]:
    """The business as these complaints have it, the newest first."""
    return await _records(connection, _facts.id.in_(ids[:AT_ONCE]))


async def figures(connection: AsyncConnection, ids: Sequence[str], period: Period, today: date) -> EntryFigures:
    """Of these complaints of one business."""
    facts, conducts = list[Fact](), dict[str, Conduct]()
    for some in _some(ids):
        rows = await connection.execute(select(*(_facts[name] for name in _FACT)).where(_facts.id.in_(some)))
        facts += [Fact(**row) for row in rows.mappings()]
        behaved = select(respondent_conduct).where(respondent_conduct.c.complaint.in_(some))
        for row in await connection.execute(behaved):
            conducts[row.complaint] = Conduct(row.willing, row.held, row.away, row.promised, row.kept)
    return figures_of(facts, conducts, period, today)


_FACT: Final = tuple(field.name for field in fields(Fact))


async def published_beside(connection: AsyncConnection, id_: str, offices: Collection[str], period: Period) -> str:
    """In whose name something was published of days of this period for one of these offices; "" for nobody's."""
    row = publicity.c
    wanted = select(row.office_name, row.offices).where(
        row.edition > 0, row.id != id_, row.first <= period.last, row.last >= period.first
    )
    found = (await connection.execute(wanted)).all()
    return next((one.office_name for one in found if set(one.offices) & set(offices)), "")


async def refuse_overlap(connection: AsyncConnection, id_: str, offices: Collection[str], period: Period) -> None:
    """Refused(409): publicity_overlaps; two tables of days that overlap could be subtracted."""
    other = await published_beside(connection, id_, offices, period)
    if other:
        raise Refused("publicity_overlaps", 409, office=other)


async def publish_alone(
    journal: SqlJournal, id_: str, offices: Collection[str], period: Period, decided: Callable[[list[Event]], Draft]
) -> None:
    """What goes out, while nobody else appends: of two who overlap and publish at the same instant the second is
    refused. Refused: as `refuse_overlap`, and what `decided` raises of the entries there are."""

    async def alone(connection: AsyncConnection) -> Draft:
        await refuse_overlap(connection, id_, offices, period)
        return decided(await stream_events(connection, publicity_stream(id_)))

    await journal.along(publicity_stream(id_), alone)
