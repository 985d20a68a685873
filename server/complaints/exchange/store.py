"""Platforms that complaints come from: what each has to be told, what it sent, and how both sides counted.

Owns `exchange_connections`, `exchange_outbox`, `exchange_intake` and `exchange_reconciliations`. What a platform has to
be told is written in the transaction of the event it tells of, under the number it knows the complaint by, counted
from 1; what it says is made of the journal at each try.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, and_, case, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.channels.platforms import MOVING, Difference, Reconciliation, stage_now, stage_of
from complaints.exchange import CASE, NO_CASE, RECEIVED, TAKEN_BACK, Statement
from complaints.leads.events import LeadDecided, LeadNoteTakenBack
from complaints.leads.lead import STREAM as LEAD, fold as fold_lead
from complaints.procedure.rules import ended_on
from complaints.state import stream
from journal import Event
from server.complaints.projection import ComplaintChange
from server.db.engine import Database
from server.db.journal import StreamProjector, stream_events
from server.db.rows import local_span
from server.db.schema import (
    clocks,
    complaints,
    exchange_connections,
    exchange_intake,
    exchange_outbox,
    exchange_reconciliations,
    source_numbers,
)
from server.db.schema.base import among

_c, _o, _i, _r = exchange_connections.c, exchange_outbox.c, exchange_intake.c, exchange_reconciliations.c
OPEN: Final = ("queued", "failed", "handed")
TOLD_BY_HTTP: Final = ("queued", "failed")
BY_HTTP: Final = "http"
"""Stands for a file where a platform has said that its receipts follow."""
AT_ONCE: Final = 50
SHOWN: Final = 100
MOST_IN_FILE: Final = 20_000
MOST_COMPARED: Final = 100_000


@dataclass(frozen=True, slots=True)
class Taken:
    """What a platform said of a number, once: `version` counts what it said differently."""

    connection: str
    number: str
    digest: str
    version: int
    receipt: str
    at: datetime
    complaint: str
    outcome: str
    batch: str
    row: int


# ---------------------------------------------------------------- written with the journal


@dataclass(frozen=True, slots=True)
class _News:
    """Of `complaint`, also as `known_as` other complaints it took in."""

    complaint: str
    own_number: str
    known_as: tuple[str, ...]
    told: tuple[tuple[str, str, int, datetime], ...]  # stage, source, version, at


class ExchangeTellings:
    """A writer after the one of the complaint's own numbers. Never made anew; what an import registers is queued by it
    (`queue_received`)."""

    types = MOVING

    async def write(self, connection: AsyncConnection, changes: Sequence[ComplaintChange]) -> None:
        found = [news for one in changes if not one.new and (news := _news(one)) is not None]
        await _queue(connection, found)


def _news(change: ComplaintChange) -> _News | None:
    after = change.after
    if after is None or not (after.record.sources or after.took):
        return None  # no system knows it by a number: nobody is told
    told = [
        (stage, f"{step.entry.stream}:{step.entry.version}", step.entry.version, step.entry.at)
        for step in change.steps
        if (stage := stage_of(step.entry, step.after))
        and not (stage == RECEIVED and ended_on(after.record) is not None)
    ]
    return _News(change.id, after.record.number, tuple(one.id for one in after.took), tuple(told)) if told else None


class CaseTellings(StreamProjector):
    """Of leads: whether a complaint became a case (诉转案). As of `ExchangeTellings`."""

    kind = LEAD
    types = (LeadDecided.__name__, LeadNoteTakenBack.__name__)

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        told = [
            (stage, f"{one.stream}:{one.version}", 0, one.at)
            for one in appended
            if not one.erased and (stage := _of_lead(one))
        ]
        lead = fold_lead(await stream_events(connection, appended[0].stream)) if told else None
        if lead is None:
            return
        about = {lead.opened.complaint, *lead.records} - {""}
        wanted = select(complaints.c.id, complaints.c.number).where(complaints.c.id.in_(about))
        rows = (await connection.execute(wanted)).all()
        await _queue(connection, [_News(row.id, row.number, (), tuple(told)) for row in rows])


def _of_lead(event: Event) -> str:
    if event.type == LeadNoteTakenBack.__name__:
        return TAKEN_BACK if event.data["what"] == "decision" else ""
    if event.type == LeadDecided.__name__:
        return {"case": CASE, "verified": NO_CASE, "unfounded": NO_CASE}.get(str(event.data["outcome"]), "")
    return ""


async def _queue(connection: AsyncConnection, news: Sequence[_News]) -> None:
    if not news:
        return
    of = source_numbers.c
    ids = {id: one.complaint for one in news for id in (one.complaint, *one.known_as)}
    wanted = (
        select(_c.name, _c.office, of.number, of.complaint)
        .join(source_numbers, and_(_c.office == of.office, _c.channel == of.channel))
        .where(_c.active, among(connection, of.complaint, list(ids)))
        .order_by(_c.name, of.number)
    )
    addressed = (await connection.execute(wanted)).all()
    if not addressed:
        return
    by_id = {one.complaint: one for one in news}
    rows: list[dict[str, Any]] = []
    last = await _last_sequences(connection, [(row.name, row.number) for row in addressed])
    for row in addressed:
        one = by_id[ids[row.complaint]]
        for stage, source, version, at in one.told:
            key = (row.name, row.number)
            last[key] = last.get(key, 0) + 1
            place = row.name, row.office, row.number, last[key], one.complaint, one.own_number
            rows.append(_row(*place, stage, source, version, at))
    await connection.execute(insert(exchange_outbox), rows)


async def _last_sequences(connection: AsyncConnection, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Whoever counts holds the connection's row: two that tell of one number wait for each other."""
    names = {name for name, _ in keys}
    await connection.execute(select(_c.name).where(_c.name.in_(names)).order_by(_c.name).with_for_update())
    numbers = [number for _, number in keys]
    wanted = (
        select(_o.connection, _o.number, func.max(_o.sequence).label("last"))
        .where(_o.connection.in_(names), among(connection, _o.number, numbers))
        .group_by(_o.connection, _o.number)
    )
    return {(row.connection, row.number): row.last for row in await connection.execute(wanted)}


def _row(
    name: str, office: str, number: str, sequence: int, complaint: str, own: str,
    stage: str, source: str, version: int, at: datetime,
) -> dict[str, Any]:  # fmt: skip
    return asdict(
        Statement(uuid.uuid4().hex, name, office, complaint, number, own, sequence, stage, source, version, at, at)
    )


async def queue_received(
    connection: AsyncConnection,
    office: str,
    new: Iterable[tuple[str, str, Sequence[tuple[str, str]]]],
    at: datetime,
) -> None:
    """Of complaints that an import registers, in its transaction: id, number here, and (channel, number there)."""
    wanted = select(_c.name, _c.channel).where(_c.active, _c.office == office)
    active = (await connection.execute(wanted)).all()
    if not active:
        return
    rows = [
        _row(one.name, office, number, 1, complaint, own, RECEIVED, f"{stream(complaint)}:1", 1, at)
        for complaint, own, sources in new
        for channel, number in sources
        for one in active
        if one.channel == channel
    ]
    known = await _last_sequences(connection, [(one["connection"], one["number"]) for one in rows]) if rows else {}
    for one in rows:  # its number had another complaint before, whose import was undone
        one["sequence"] += known.get((one["connection"], one["number"]), 0)
    if rows:
        await connection.execute(insert(exchange_outbox), rows)


class ExchangeStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def know(self, known: Sequence[tuple[str, str, str, str]], now: datetime) -> None:
        """Name, office, platform and channel of the connections there are now; others are told nothing new."""
        async with self._database.write() as connection:
            await connection.execute(update(exchange_connections).values(active=False))
            for name, office, platform, channel in known:
                values = {"office": office, "platform": platform, "channel": channel, "active": True}
                changed = await connection.execute(update(exchange_connections).where(_c.name == name).values(values))
                if not changed.rowcount:
                    await connection.execute(insert(exchange_connections).values(name=name, since=now, **values))

    # ------------------------------------------------------------ what they have to be told

    async def due(self, name: str, now: datetime) -> list[Statement]:
        """The oldest first. Of a number one after the other: the next is not due before the one before was taken."""
        earlier = exchange_outbox.alias()
        before = select(earlier.c.id).where(
            earlier.c.connection == _o.connection,
            earlier.c.number == _o.number,
            earlier.c.sequence < _o.sequence,
            earlier.c.state.in_(OPEN),
        )
        waits, late = _o.state.in_(TOLD_BY_HTTP), and_(_o.state == "handed", _o.file == BY_HTTP)
        wanted = (
            select(exchange_outbox)
            .where(_o.connection == name, or_(waits, late), _o.next_try <= now, ~before.exists())
            .order_by(_o.at, _o.number, _o.sequence)
            .limit(AT_ONCE)
        )
        return await self._tellings(wanted)

    async def waiting(self, name: str) -> list[Statement]:
        """All that a file can hold: what no file was made of first of each number."""
        wanted = select(exchange_outbox).where(_o.connection == name, _o.state.in_(TOLD_BY_HTTP))
        return await self._tellings(wanted.order_by(_o.at, _o.number, _o.sequence).limit(MOST_IN_FILE))

    async def in_file(self, name: str, file: str) -> list[Statement]:
        wanted = select(exchange_outbox).where(_o.connection == name, _o.file == file, _o.file != "")
        return await self._tellings(wanted.order_by(_o.at, _o.number, _o.sequence).limit(MOST_IN_FILE))

    async def hand(self, ids: Sequence[str], file: str, now: datetime) -> None:
        """They go by this file: nothing else is tried until its receipts came, or they are let go."""
        async with self._database.write() as connection:
            await connection.execute(
                update(exchange_outbox)
                .where(among(connection, _o.id, ids), _o.state.in_(TOLD_BY_HTTP))
                .values(state="handed", file=file, next_try=now)
            )

    async def files(self, name: str) -> list[tuple[str, datetime, int]]:
        """Files whose receipts are awaited: id, when, and of how many statements."""
        wanted = (
            select(_o.file, func.max(_o.next_try).label("at"), func.count().label("n"))
            .where(_o.connection == name, _o.state == "handed", _o.file != BY_HTTP)
            .group_by(_o.file)
            .order_by(func.max(_o.next_try).desc())
        )
        async with self._database.read() as connection:
            return [(row.file, row.at, row.n) for row in await connection.execute(wanted)]

    async def telling(self, name: str, number: str, sequence: int) -> Statement | None:
        same = (_o.connection == name, _o.number == number, _o.sequence == sequence)
        found = await self._tellings(select(exchange_outbox).where(*same))
        return found[0] if found else None

    async def by_id(self, telling: str) -> Statement | None:
        found = await self._tellings(select(exchange_outbox).where(_o.id == telling))
        return found[0] if found else None

    async def told(self, telling: str, **values: Any) -> None:
        async with self._database.write() as connection:
            await connection.execute(update(exchange_outbox).where(_o.id == telling).values(values))

    async def again(self, name: str, now: datetime, telling: str = "") -> int:
        """Try what waits, or this one that was refused, now."""
        mine = [_o.connection == name, _o.state.in_(("failed", "handed", "refused"))]
        mine += [_o.id == telling] if telling else [_o.state != "refused"]
        async with self._database.write() as connection:
            changed = await connection.execute(
                update(exchange_outbox)
                .where(*mine)
                .values(state="queued", next_try=now, tries=0, last_error="", file="")
            )
            return int(changed.rowcount)

    async def of_complaint(self, complaint: str) -> list[Statement]:
        wanted = select(exchange_outbox).where(_o.complaint == complaint)
        return await self._tellings(wanted.order_by(_o.connection, _o.number, _o.sequence))

    async def list_of(self, name: str, states: Sequence[str]) -> list[Statement]:
        """The oldest first, so many as a page shows."""
        wanted = select(exchange_outbox).where(_o.connection == name, _o.state.in_(states))
        return await self._tellings(wanted.order_by(_o.at, _o.number, _o.sequence).limit(SHOWN))

    async def counts(self, name: str) -> dict[str, int]:
        """By state."""
        wanted = select(_o.state, func.count().label("n")).where(_o.connection == name).group_by(_o.state)
        async with self._database.read() as connection:
            return {row.state: row.n for row in await connection.execute(wanted)}

    async def oldest(self, name: str) -> datetime | None:
        """Since when something waits."""
        wanted = select(func.min(_o.at)).where(_o.connection == name, _o.state.in_(OPEN))
        async with self._database.read() as connection:
            found: datetime | None = (await connection.execute(wanted)).scalar_one()
            return found

    async def _tellings(self, wanted: Select[Any]) -> list[Statement]:
        async with self._database.read() as connection:
            return [Statement(**row) for row in (await connection.execute(wanted)).mappings()]

    # ------------------------------------------------------------ what they sent

    async def taken(self, name: str, numbers: Sequence[str]) -> dict[tuple[str, str], Taken]:
        """By number and digest."""
        async with self._database.read() as connection:
            wanted = select(exchange_intake).where(_i.connection == name, among(connection, _i.number, numbers))
            rows = [Taken(**row) for row in (await connection.execute(wanted)).mappings()]
        return {(one.number, one.digest): one for one in rows}

    async def take(self, one: Taken) -> Taken:
        """With its version; what was noted before, when somebody was faster."""
        mine = (_i.connection == one.connection, _i.number == one.number)
        for _ in range(20):
            try:
                async with self._database.write() as connection:
                    last = select(func.coalesce(func.max(_i.version), 0)).where(*mine)
                    version = int((await connection.execute(last)).scalar_one()) + 1
                    await connection.execute(insert(exchange_intake).values({**asdict(one), "version": version}))
            except IntegrityError:
                async with self._database.read() as connection:
                    again = select(exchange_intake).where(*mine, _i.digest == one.digest)
                    row = (await connection.execute(again)).mappings().one_or_none()
                if row is not None:
                    return Taken(**row)
            else:
                return Taken(**{**asdict(one), "version": version})
        raise TimeoutError

    async def versions(self, complaint: str) -> list[Taken]:
        """What was sent of it, the first first."""
        wanted = select(exchange_intake).where(_i.complaint == complaint).order_by(_i.connection, _i.version)
        async with self._database.read() as connection:
            return [Taken(**row) for row in (await connection.execute(wanted)).mappings()]

    # ------------------------------------------------------------ both sides' counts

    async def stages(
        self, office: str, channel: str, zone: str, first: date, last: date
    ) -> Mapping[str, tuple[str, str]]:
        """Of complaints received in these days: by their number there, where each stands, and its id. Those that an
        undone import brought are none."""
        of, row, beside = source_numbers.c, complaints.c, clocks.c
        settling = select(beside.subject).where(beside.kind == "complaint", beside.code == "sender_settle")
        since, until = local_span(first, last, zone)
        wanted = (
            select(of.number, row.id, row.state, case((row.id.in_(settling), True), else_=False).label("settling"))
            .join(complaints, row.id == of.complaint)
            .where(of.office == office, of.channel == channel, row.received >= since, row.received < until)
            .where(row.state != "undone")
            .limit(MOST_COMPARED)
        )
        async with self._database.read() as connection:
            found = (await connection.execute(wanted)).all()
            merged = [one.number for one in found if one.state == "merged"]
            said = select(_o.number, _o.stage).where(among(connection, _o.number, merged)).order_by(_o.sequence)
            told = {one.number: one.stage for one in await connection.execute(said)} if merged else {}
        return {
            one.number: (
                told.get(one.number, RECEIVED) if one.state == "merged" else stage_now(one.state, one.settling),
                one.id,
            )
            for one in found
        }

    async def reconciled(
        self, name: str, office: str, first: date, last: date, made: datetime, by: str, how: str, report: Reconciliation
    ) -> None:
        plain = {
            "ours": dict(report.ours),
            "theirs": dict(report.theirs),
            "differences": [asdict(one) for one in report.differences],
        }
        values = {"id": uuid.uuid4().hex, "connection": name, "office": office, "first": first, "last": last}
        values |= {"made": made, "by": by, "how": how, "report": plain}
        async with self._database.write() as connection:
            await connection.execute(insert(exchange_reconciliations).values(values))

    async def last_reconciliation(self, name: str) -> Mapping[str, Any] | None:
        wanted = select(exchange_reconciliations).where(_r.connection == name).order_by(_r.made.desc(), _r.id).limit(1)
        async with self._database.read() as connection:
            row = (await connection.execute(wanted)).mappings().one_or_none()
        if row is None:
            return None
        report = row["report"]
        differences = [Difference(**one) for one in report["differences"]]
        return {**row, "report": Reconciliation(report["ours"], report["theirs"], differences)}
