"""Which respondents may be one another, for profiles: what they share, and whether a person may count them as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.duplicates.keys import core
from complaints.insight.respondents import Shared
from complaints.insight.same_business import KINDS, NAME, Mark, alike, marks, name_mark
from complaints.statistics.particulars import named_key
from server.storage import joins
from server.storage.rows import party_record
from server.storage.scope import within
from server.storage.tables import complaint_facts, complaints, respondent_marks
from web.ports import Officer

RELATED: Final = 20
CROWD: Final = 15  # respondents that share one mark: a market hall or a switchboard, which ties nobody to anybody
NEWEST: Final = 200  # complaints whose marks are looked at
_fact = complaint_facts.c


async def related(
    connection: AsyncConnection, officer: Officer, head: str, keys: Sequence[str], newest: Sequence[Any]
) -> tuple[list[Shared], list[str]]:
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
    heads = await joins.heads(connection) if perhaps else {}
    for key, role in perhaps.items():
        member, to = (key, head) if role == "member" else (head, key)
        if member in heads or member in heads.values():
            continue
        said = (await joins.joining(connection, [member])).get(member)
        elsewhere = select(exists().where(_fact.respondent == member, ~within(officer, _fact.office)))
        if not (await connection.execute(elsewhere)).scalar_one():
            found[key] = {"joins": role, "apart": said is not None and to in said.apart}
    return found


async def _shared(connection: AsyncConnection, officer: Officer, why: Mapping[str, set[str]]) -> list[Shared]:
    """One that counts as another stands there as that."""
    heads, many = await joins.heads(connection), func.count().label("many")
    reasons: dict[str, set[str]] = {}
    for key, kinds in why.items():
        reasons.setdefault(heads.get(key, key), set()).update(kinds)
    known = await joins.counted_as(connection, reasons)
    wanted = (
        select(_fact.respondent, many, func.max(_fact.id).label("one"))
        .where(_fact.respondent.in_(known), _fact.counted, within(officer, _fact.office))
        .group_by(_fact.respondent)
        .order_by(many.desc(), _fact.respondent)
    )
    rows = (await connection.execute(wanted)).all()
    names = await titles(connection, [row.one for row in rows])
    found: dict[str, Shared] = {}
    for row in rows:
        key = heads.get(row.respondent, row.respondent)
        before = found.get(key)
        why_this = tuple(kind for kind in KINDS if kind in reasons[key])
        name = names.get(row.one, "") if before is None else before.name
        found[key] = Shared(key, name, why_this, row.many + (before.complaints if before else 0))
    return sorted(found.values(), key=lambda one: (-one.complaints, one.respondent))[:RELATED]


async def titles(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, str]:
    wanted = select(complaints.c.id, complaints.c.business_title).where(complaints.c.id.in_(ids))
    return {row.id: row.business_title for row in await connection.execute(wanted)}
