"""Profiles of respondents, which of them may be one another, and counting two of them as one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.complaint import fold
from complaints.duplicates import core
from complaints.insight.respondents import (
    KINDS,
    NAME,
    Conduct,
    JoinRespondents,
    KeepRespondentsApart,
    Mark,
    PartRespondents,
    Profile,
    RespondentJoinService,
    SimilarRespondent,
    alike,
    marks,
    name_mark,
    profile,
)
from complaints.insight.views import (
    JoinedRespondent,
    RespondentPage,
    RespondentRecord,
    RespondentRecords,
    RespondentRow,
)
from complaints.record import masked_text
from complaints.record.identifiers import textable_masked
from complaints.state import stream
from complaints.statistics import Measure, find_statistic
from complaints.statistics.facts import Fact, named_key
from complaints.statistics.figures import Period, Tallies
from complaints.views import KnownContact
from journal import Journal
from journal.refusals import Refused, refusal_of
from offices import Officer
from server.db.engine import Database
from server.db.rows import party_record, within
from server.db.schema import complaint_facts, complaints, leads, offices, respondent_conduct, respondent_marks
from server.db.schema.base import among
from server.insight import business_store, store
from server.leads.store import lead_row, streams_of
from server.statistics.counting_store import RESPONDENT, Counting, Narrowing, Respondents
from server.statistics.fact_store import facts_at, of_offices, offices_seen

RELATED: Final = 20
CROWD: Final = 15  # respondents that share one mark: a market hall or a switchboard, which ties nobody to anybody
NEWEST: Final = 200  # complaints whose marks are looked at
_fact = complaint_facts.c


async def related(
    connection: AsyncConnection, officer: Officer, head: str, keys: Sequence[str], newest: Sequence[Any]
) -> tuple[list[SimilarRespondent], list[str]]:
    """Others that share a mark, those with the most complaints first, and the kinds of marks too many share."""
    ours: set[Mark] = set()
    namesakes: set[str] = set()
    coded = False
    for row in newest:
        business = party_record(row.business)
        coded = coded or bool(business.code_key)
        ours.update(marks(business, row.division))
        if name := core(business.title):
            ours.add(Mark(NAME, name_mark(name, row.division)))  # of one without a code, whose namesake has one
            namesakes.add(named_key(name, row.division))
    namesakes.difference_update(keys)
    mark = respondent_marks.c
    found: dict[tuple[str, int], set[str]] = {}
    if ours:
        same = or_(*(and_(mark.mark == one.mark, mark.kind == one.kind) for one in sorted(ours)[:NEWEST]))
        wanted = (
            select(mark.kind, mark.mark, _fact.respondent)
            .join(complaint_facts, _fact.id == mark.complaint)
            .where(same, _fact.counted, within(officer, _fact.office), _fact.respondent.not_in((*keys, "")))
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
    # A namesake known by its name only may be this one; and this one, known by its name only, one that has a code.
    if coded:
        perhaps = {key: "member" for key in namesakes if alike(why[key])}
    else:
        perhaps = {key: "head" for key in why if key not in namesakes and alike(why[key])}
    shared = await _shared(connection, officer, why)
    asked = {one.respondent: perhaps[one.respondent] for one in shared if one.respondent in perhaps}
    roles = await _joinable(connection, officer, head, asked)
    told = [replace(one, **roles.get(one.respondent, {})) for one in shared]
    return told, [kind for kind in KINDS if kind in crowded]


async def _joinable(
    connection: AsyncConnection, officer: Officer, head: str, perhaps: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """What each would be, and whether somebody said they are two; of those of whom the officer sees all complaints that
    would be moved."""
    found: dict[str, dict[str, Any]] = {}
    heads = await business_store.heads(connection) if perhaps else {}
    for key, role in perhaps.items():
        member, to = (key, head) if role == "member" else (head, key)
        if member in heads or member in heads.values():
            continue
        said = (await business_store.joining(connection, [member])).get(member)
        elsewhere = select(exists().where(_fact.respondent == member, ~within(officer, _fact.office)))
        if not (await connection.execute(elsewhere)).scalar_one():
            found[key] = {"joins": role, "apart": said is not None and to in said.apart}
    return found


async def _shared(
    connection: AsyncConnection, officer: Officer, why: Mapping[str, set[str]]
) -> list[SimilarRespondent]:
    """One that counts as another stands there as that."""
    heads, many = await business_store.heads(connection), func.count().label("many")
    reasons: dict[str, set[str]] = {}
    for key, kinds in why.items():
        reasons.setdefault(heads.get(key, key), set()).update(kinds)
    known = await business_store.counted_as(connection, reasons)
    wanted = (
        select(_fact.respondent, many, func.max(_fact.id).label("one"))
        .where(_fact.respondent.in_(known), _fact.counted, within(officer, _fact.office))
        .group_by(_fact.respondent)
        .order_by(many.desc(), _fact.respondent)
    )
    rows = (await connection.execute(wanted)).all()
    names = await titles(connection, [row.one for row in rows])
    found: dict[str, SimilarRespondent] = {}
    for row in rows:
        key = heads.get(row.respondent, row.respondent)
        before = found.get(key)
        why_this = tuple(kind for kind in KINDS if kind in reasons[key])
        name = names.get(row.one, "") if before is None else before.name
        found[key] = SimilarRespondent(key, name, why_this, row.many + (before.complaints if before else 0))
    return sorted(found.values(), key=lambda one: (-one.complaints, one.respondent))[:RELATED]


async def titles(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, str]:
    wanted = select(complaints.c.id, complaints.c.business_title).where(complaints.c.id.in_(ids))
    return {row.id: row.business_title for row in await connection.execute(wanted)}


MOST: Final = 20_000  # complaints one profile counts
LISTED: Final = 50
FEW_CALLED: Final = 100  # respondents with a text in their name
MOST_CALLED: Final = 10_000  # ... whose keys are carried from one statement to the next
PAGE: Final = 50
_FACT: Final = tuple(field.name for field in fields(Fact))


class SqlRespondents:
    """Profiles of respondents in SQL: `web.office.insight.services.Respondents` over the facts. What a number means is
    `complaints.insight.respondents`'."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def listed(self, officer: Officer, period: Period, text: str = "") -> list[RespondentRow]:
        """Those with most complaints. `text`: of those that any complaint the officer sees calls so; all of theirs
        that the officer sees count."""
        async with self._database.read(snapshot=True) as connection:
            scope = [one.id for one in await offices_seen(connection, officer)]
            received, settled = find_statistic("received").measures[0], find_statistic("mediated").measures[0]
            elsewhere = bool(text) and await _others(connection, scope)
            called = business_store.called(text, scope if elsewhere else None) if text else None
            narrow, of = (None, None) if called is None else await _found(connection, called)
            async with facts_at(connection, None, of_offices(connection, scope)(complaint_facts)) as then:
                counting = Counting(connection, then, scope, period.last, narrow)
                top = await counting.top([received, settled], period, RESPONDENT, LISTED + 1, of)
            many = {key: tally.count for (measure, key), tally in top.tallies.items() if measure == received and key}
            known = await store.newest(connection, scope, many, period.last)
            return [
                RespondentRow(key, known[key][1], count, _count(top.tallies, settled, key), known[key][0])
                for key, count in sorted(many.items(), key=lambda one: (-one[1], one[0]))[:LISTED]
                if key in known
            ]

    async def profile(self, officer: Officer, respondent: str, period: Period, today: date) -> RespondentPage:
        async with self._database.read(snapshot=True) as connection:
            head = await business_store.head_of(connection, respondent)
            keys = await business_store.counted_as(connection, [head])
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

    async def contacts(self, officer: Officer, complaint: str) -> list[KnownContact]:
        async with self._database.read() as connection:
            return await known_contacts(connection, officer, complaint)

    async def records(
        self, officer: Officer, respondent: str, period: Period, today: date, part: str, page: int
    ) -> RespondentRecords:
        async with self._database.read(snapshot=True) as connection:
            keys = await business_store.counted_as(connection, [await business_store.head_of(connection, respondent)])
            made, _ = await _made(connection, officer, keys, period, today)
            ids = made.parts.get(part, ())
            some = ids[(page - 1) * PAGE : page * PAGE]
            names = await _names(connection, officer, keys)
            rows = await _records(connection, some, masked=officer.role == "inspector")
        return RespondentRecords(names[0][0] if names else "", len(ids), rows)


KNOWN: Final = 3  # numbers and addresses that are offered


async def known_contacts(connection: AsyncConnection, officer: Officer, complaint: str) -> list[KnownContact]:
    """Of earlier complaints of the officer's own office, each number and address once."""
    keys = select(_fact.respondent).where(_fact.id == complaint, _fact.office == officer.office.id)
    key = (await connection.execute(keys)).scalar_one_or_none()
    if not key:
        return []
    head = await business_store.head_of(connection, key)
    wanted = (
        select(complaints.c.id, complaints.c.number, complaints.c.business, _fact.received)
        .join(complaint_facts, _fact.id == complaints.c.id)
        .where(
            _fact.respondent.in_(await business_store.counted_as(connection, [head])),
            _fact.office == officer.office.id,
            _fact.id != complaint,
        )
        .order_by(_fact.received.desc(), _fact.id)
        .limit(NEWEST)
    )
    found: dict[tuple[str, str], KnownContact] = {}
    for row in await connection.execute(wanted):
        one = party_record(row.business)
        if one.phone or one.email:
            contact = KnownContact(
                row.id, row.number, row.received, one.phone_masked, one.email, textable_masked(one.phone_masked)
            )
            found.setdefault((one.phone_key or one.phone_masked, one.email), contact)
    # Numbers that take text messages first; within them the newest stay first.
    return sorted(found.values(), key=lambda one: not one.textable)[:KNOWN]


async def _others(connection: AsyncConnection, scope: Collection[str]) -> bool:
    """Whether there are offices besides."""
    beyond = exists().where(~among(connection, offices.c.id, list(scope)))
    return bool((await connection.execute(select(beyond))).scalar_one())


async def _found(connection: AsyncConnection, called: Select[Any]) -> tuple[Narrowing | None, Respondents | None]:
    """Where few are called so their complaints are looked up, where many are, sums of theirs are gone through. Names
    are gone through once: what was found in them is carried on, unless it is too much."""
    found = list((await connection.execute(called.distinct().limit(MOST_CALLED + 1))).scalars())
    if len(found) > MOST_CALLED:
        return None, called
    keys = {*found}
    keys |= {member for member, head in (await business_store.heads(connection)).items() if head in keys}
    if len(found) > FEW_CALLED:
        return None, list(keys)
    return lambda facts: among(connection, facts.c.respondent, list(keys)), None


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


async def _joined(
    connection: AsyncConnection, officer: Officer, head: str, keys: Sequence[str]
) -> list[JoinedRespondent]:
    """Who counts with it, of whose complaints the officer sees any."""
    found = []
    for key, one in (await business_store.joining(connection, [key for key in keys if key != head])).items():
        many = await _complaints(connection, officer, key)
        if many and one.at is not None:
            names = await _names(connection, officer, [key])
            found.append(JoinedRespondent(key, names[0][0] if names else "", many, one.why, one.at, one.by))
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


async def concluded_most(
    connection: AsyncConnection, offices: Sequence[str], period: Period, today: date, least: int, most: int
) -> list[str]:
    """Respondents with at least so many complaints whose mediation was concluded in the period."""
    async with facts_at(connection, None, of_offices(connection, offices)(complaint_facts)) as then:
        top = await Counting(connection, then, offices, today).top([Measure("concluded")], period, RESPONDENT, most)
    return [key for (_, key), tally in top.tallies.items() if key and tally.count >= least]


_NO_DAY: Final = Period(date(2000, 1, 1), date(2000, 1, 1))  # what they share is asked for, and no figure


class RespondentService(SqlRespondents):
    """Profiles of businesses, and counting two of them as one. Implements `Respondents`.

    Two are joined from the profile of either, and only while what they share suggests it to this officer.
    """

    def __init__(self, database: Database, journal: Journal, now: Callable[[], datetime]) -> None:
        super().__init__(database)
        self._joining = RespondentJoinService(journal, now)

    async def join(self, officer: Officer, respondent: str, other: str) -> str:
        key, shared = await self._suggested(officer, respondent, other)
        member, head = (other, key) if shared.joins == "member" else (key, other)
        with refusal_of():
            await self._joining.submit(member, JoinRespondents(head, shared.reasons), officer.actor)
        return head

    async def keep_apart(self, officer: Officer, respondent: str, other: str) -> None:
        key, shared = await self._suggested(officer, respondent, other)
        member, head = (other, key) if shared.joins == "member" else (key, other)
        with refusal_of():
            await self._joining.submit(member, KeepRespondentsApart(head), officer.actor)

    async def part(self, officer: Officer, respondent: str, member: str, reason: str) -> None:
        page = await self.profile(officer, respondent, _NO_DAY, _NO_DAY.last)
        if all(one.key != member for one in page.joined):
            raise Refused("not_found", 404)
        with refusal_of():
            await self._joining.submit(member, PartRespondents(page.key, reason), officer.actor)

    async def _suggested(self, officer: Officer, respondent: str, other: str) -> tuple[str, SimilarRespondent]:
        page = await self.profile(officer, respondent, _NO_DAY, _NO_DAY.last)
        for shared in page.related:
            if shared.respondent == other and shared.joins:
                return page.key, shared
        raise Refused("wrong_state", 409, state="apart")
