"""Hot spots as pages ask for them and as rows, and rows of what is published: warnings, bulletins, publicity."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, desc, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.events import plain, typed
from complaints.insight.bulletin import STREAM as BULLETINS, fold as bulletin_of
from complaints.insight.publicity import STREAM as PUBLICITY, BusinessTold
from complaints.insight.publicity_rules import PublicityEdition, fold as publicity_of
from complaints.insight.spots import (
    STREAM,
    HotSpotReport,
    Spot,
    SpotCommand,
    SpotFigures,
    SpotFound,
    SpotService,
    circle,
    fold,
    stream,
)
from complaints.insight.views import (
    FocusPage,
    IssuedBulletin,
    PublicityRow,
    PublicPublicity,
    PublicWarning,
    SpotNow,
    SpotPage,
    SpotRecord,
)
from complaints.insight.warnings import STREAM as WARNINGS, fold as warning_of, stream as warning_stream
from complaints.leads import SpotAtHand
from complaints.statistics.figures import Period
from journal import Event, Journal
from journal.refusals import Refused, refusal_of
from offices import Office, Officer
from server.db.engine import Database
from server.db.journal import StreamProjector, stream_events
from server.db.rows import within
from server.db.schema import (
    complaint_facts,
    complaints,
    consumer_warnings,
    hotspots,
    insight_reports,
    messages,
    offices,
    public_bulletins,
    public_warnings,
    publicity,
)
from server.outbox.store import StoredMessage, put_message

KEPT: Final = timedelta(days=400)  # reports older than that are made again when they are asked for
FOLLOWED: Final = timedelta(days=90)


class HotspotRows(StreamProjector):
    """Projects `hotspot/…`."""

    kind = STREAM

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        id_ = appended[0].stream.partition("/")[2]
        spot = fold(await stream_events(connection, stream(id_)))
        if spot is None:
            return  # its beginning was erased: the row stays as it is
        found, zone = spot.found, await _zone(connection, spot.found.offices)
        row = {
            "id": id_,
            "scope": found.scope,
            "kind": found.kind,
            "key": found.key,
            "stage": spot.stage,
            "day": found.day,
            "since": found.since,
            "lead": spot.lead,
            "acted": spot.acted.astimezone(zone).date() if spot.acted else None,
            "changed": appended[-1].at,
        }
        changed = await connection.execute(update(hotspots).where(hotspots.c.id == id_).values(row))
        if not changed.rowcount:
            await connection.execute(insert(hotspots).values(row))


async def _zone(connection: AsyncConnection, named: Sequence[str]) -> ZoneInfo:
    wanted = select(offices.c.zone).where(offices.c.id.in_(named)).order_by(offices.c.id).limit(1)
    return ZoneInfo((await connection.execute(wanted)).scalar_one_or_none() or "Asia/Shanghai")


async def seen_by(connection: AsyncConnection, officer: Officer) -> list[str]:
    """The offices whose complaints an officer sees, in order: their circle."""
    wanted = select(offices.c.id).where(within(officer, offices.c.id)).order_by(offices.c.id)
    return list((await connection.execute(wanted)).scalars())


@dataclass(frozen=True, slots=True)
class HotSpotRow:
    id: str
    kind: str
    key: str
    stage: str
    day: date
    since: date
    acted: date | None
    lead: str = ""


async def followed(connection: AsyncConnection, scope: str, day: date) -> list[HotSpotRow]:
    """Spots found up to a day, those of the last ninety; and handed on in that time."""
    table = hotspots.c
    wanted = (
        select(table.id, table.kind, table.key, table.stage, table.day, table.since, table.acted, table.lead)
        .where(table.scope == scope, table.day <= day, table.day > day - FOLLOWED)
        .order_by(table.day, table.id)
    )
    return [HotSpotRow(**row) for row in (await connection.execute(wanted)).mappings()]


async def keep_report(database: Database, report: HotSpotReport, made: datetime, took_ms: int, rows: int) -> None:
    table = insight_reports.c
    row = {"made": made, "took_ms": took_ms, "rows": rows, "body": plain(report)}
    async with database.write() as connection:
        where = (table.scope == report.scope, table.day == report.day)
        changed = await connection.execute(update(insight_reports).where(*where).values(row))
        if not changed.rowcount:
            await connection.execute(insert(insight_reports).values(scope=report.scope, day=report.day, **row))
        old = table.day < report.day - KEPT
        await connection.execute(delete(insight_reports).where(table.scope == report.scope, old))


@dataclass(frozen=True, slots=True)
class StoredReport:
    report: HotSpotReport
    made: datetime
    rows: int


async def newest(connection: AsyncConnection, scope: str, until: date | None = None) -> StoredReport | None:
    """The newest report, of days up to one when it is given."""
    table = insight_reports.c
    wanted = select(insight_reports).where(table.scope == scope)
    if until is not None:
        wanted = wanted.where(table.day <= until)
    row = (await connection.execute(wanted.order_by(desc(table.day)).limit(1))).mappings().one_or_none()
    return None if row is None else StoredReport(typed(HotSpotReport, row["body"]), row["made"], row["rows"])


@dataclass(frozen=True, slots=True)
class WarningRow:
    title: str
    body: str
    edition: int
    by: str
    changed: datetime


async def warning(connection: AsyncConnection, spot: str) -> WarningRow | None:
    """A draft from before drafts were journaled."""
    row = (
        (await connection.execute(select(consumer_warnings).where(consumer_warnings.c.spot == spot)))
        .mappings()
        .one_or_none()
    )
    if row is None:
        return None
    return WarningRow(row["title"], row["body"], row["edition"], row["by"], row["changed"])


AT_ONCE = 400


async def offices_by_id(connection: AsyncConnection, of: Collection[str]) -> list[Office]:
    wanted = select(offices).where(offices.c.id.in_(of)).order_by(offices.c.id)
    return [Office(**one) for one in (await connection.execute(wanted)).mappings()]


async def records_of(connection: AsyncConnection, seen: Collection[str], ids: Sequence[str]) -> list[SpotRecord]:
    """The complaints behind a hot spot, as an officer may see them: of their own offices only.

    In the order of the ids; those that are counted no more, being merged or undone, are left out.
    """
    short = {office.id: office.short for office in await offices_by_id(connection, seen)}
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


MOST_BULLETINS: Final = 60


class IssuedRows(StreamProjector):
    """Projects `bulletin/…`: of each scope the newest public edition."""

    kind = BULLETINS

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        stream = appended[0].stream
        kind = stream.partition("/")[2].partition("-")[0]
        shelf = bulletin_of(await stream_events(connection, stream))
        newest = {one.issued.scope: one for one in shelf.editions if one.issued.public}
        for scope, one in newest.items():
            it, table = one.issued, public_bulletins
            row = {
                "last": it.last,
                "edition": it.edition,
                "number": it.number,
                "office_name": it.office_name,
                "issued": one.at,
                "papers": it.papers,
                "prints": it.prints,
                "withdrawn": one.withdrawn,
                "withdrawn_at": one.withdrawn_at,
            }
            where = (table.c.kind == kind, table.c.first == it.first, table.c.scope == scope)
            changed = await connection.execute(update(table).where(*where).values(row))
            if not changed.rowcount:
                await connection.execute(insert(table).values(kind=kind, first=it.first, scope=scope, **row))


async def standing_bulletins(database: Database) -> list[IssuedBulletin]:
    """The newest first."""
    table = public_bulletins
    wanted = select(table).where(table.c.withdrawn == "").order_by(desc(table.c.issued)).limit(MOST_BULLETINS)
    async with database.read() as connection:
        rows = (await connection.execute(wanted)).mappings().all()
    return [
        IssuedBulletin(
            row["kind"], Period(row["first"], row["last"]), row["scope"], True, row["edition"], row["number"],
            row["office_name"], row["issued"], "", row["papers"], row["prints"],
        )
        for row in rows
    ]  # fmt: skip


MOST_WARNINGS: Final = 50


class WarningRows(StreamProjector):
    """Projects `warning/…`: a draft has no row, and of what was withdrawn the words are gone from it."""

    kind = WARNINGS

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        id_ = appended[0].stream.partition("/")[2]
        warning = warning_of(await stream_events(connection, warning_stream(id_)))
        if warning is None or warning.issued is None:
            return
        issued = warning.issued
        row = {
            "title": issued.wording.title,
            "body": "" if warning.withdrawn else issued.wording.body,
            "language": issued.wording.language,
            "office": issued.office,
            "office_name": issued.office_name,
            "published": issued.at,
            "digest": issued.digest,
            "withdrawn": warning.withdrawn,
            "withdrawn_at": warning.withdrawn_at,
        }
        changed = await connection.execute(update(public_warnings).where(public_warnings.c.id == id_).values(row))
        if not changed.rowcount:
            await connection.execute(insert(public_warnings).values(id=id_, **row))


_READ: list[ColumnElement[Any]] = [
    *(column for column in public_warnings.c if column.name not in ("office", "office_name")),
    public_warnings.c.office_name.label("office"),
]


async def standing_warnings(database: Database) -> list[PublicWarning]:
    """The newest first."""
    wanted = select(*_READ).where(public_warnings.c.withdrawn == "").order_by(desc(public_warnings.c.published))
    async with database.read() as connection:
        return [PublicWarning(**row) for row in (await connection.execute(wanted.limit(MOST_WARNINGS))).mappings()]


async def one(database: Database, warning: str) -> PublicWarning | None:
    wanted = select(*_READ).where(public_warnings.c.id == warning)
    async with database.read() as connection:
        row = (await connection.execute(wanted)).mappings().one_or_none()
    return None if row is None else PublicWarning(**row)


class PublicityRows(StreamProjector):
    """Projects `publicity/…`: of each its newest edition, as anybody reads it."""

    kind = PUBLICITY

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        id_ = appended[0].stream.partition("/")[2]
        now = publicity_of(await stream_events(connection, appended[0].stream))
        if now is None:
            return
        begun, newest = now.begun, now.editions[-1] if now.editions else None
        row = {
            "office": begun.office,
            "office_name": begun.office_name,
            "offices": list(begun.offices),
            "kind": begun.kind,
            "first": begun.first,
            "last": begun.last,
            "stage": now.stage,
            "edition": newest.edition if newest else 0,
            "entries": len(now.standing),
            "due": now.due,
            "objections": len(now.objections),
            "changed": now.changed,
            "issued": newest.at if newest else None,
            "public": plain(newest) if newest else None,
            "withdrawn": now.withdrawn,
            "withdrawn_at": now.withdrawn_at,
        }
        changed = await connection.execute(update(publicity).where(publicity.c.id == id_).values(row))
        if not changed.rowcount:
            await connection.execute(insert(publicity).values(id=id_, **row))


class PublicityMessages(StreamProjector):
    """Queues what businesses are told in the transaction that says they are; made anew, nothing is sent again."""

    kind = PUBLICITY
    types = (BusinessTold.__name__,)

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        mine = select(publicity.c.office).where(publicity.c.id == appended[0].stream.partition("/")[2])
        office = (await connection.execute(mine)).scalar_one()
        for entry in appended:
            to = typed(BusinessTold, entry.data).to if entry.type == BusinessTold.__name__ else None
            if to is not None:
                message = StoredMessage(
                    to.message, office, "", "notice", to.phone, to.phone_masked, to.text, entry.at, entry.at
                )
                await put_message(connection, message)


_LISTED: Final = [publicity.c[one.name] for one in fields(PublicityRow)]
MOST_PUBLICITY: Final = 100


async def publicity_rows(database: Database, office: str) -> list[PublicityRow]:
    """An office's own, the newest period first."""
    wanted = select(*_LISTED).where(publicity.c.office == office).order_by(desc(publicity.c.first), publicity.c.kind)
    async with database.read() as connection:
        rows = (await connection.execute(wanted.limit(MOST_PUBLICITY))).mappings()
        return [PublicityRow(**row) for row in rows]


async def public_publicity(database: Database, id_: str = "") -> list[PublicPublicity]:
    """What was published and stands, the newest period first; the one with an id also where it was withdrawn."""
    row = publicity.c
    wanted = select(publicity).where(row.edition > 0).order_by(desc(row.first), row.office_name)
    wanted = wanted.where(row.id == id_) if id_ else wanted.where(row.stage == "published")
    async with database.read() as connection:
        rows = (await connection.execute(wanted.limit(MOST_PUBLICITY))).mappings().all()
    return [
        PublicPublicity(
            one["id"], one["office_name"], one["kind"], Period(one["first"], one["last"]),
            typed(PublicityEdition, one["public"]) if one["stage"] == "published" else None,
            one["withdrawn"], one["withdrawn_at"],
        )
        for one in rows
    ]  # fmt: skip


async def message_states(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(ids), AT_ONCE):
        wanted = select(messages.c.id, messages.c.state).where(messages.c.id.in_(ids[start : start + AT_ONCE]))
        found |= {row.id: row.state for row in await connection.execute(wanted)}
    return found


READERS: Final = ("supervisor", "mediator")


def _subject(found: SpotFound) -> dict[str, str]:
    """The facts' columns that are counted before and after an action; of words there are none."""
    match found.kind:
        case "respondent":
            return {"respondent": found.key}
        case "street" | "platform":
            return {found.kind: found.key}
        case "trade":
            industry, _, problem = found.key.partition("|")
            return {"industry_code": industry, "problem": problem}
        case _:
            return {}


def _shown(officer: Officer, spot: Spot) -> Spot:
    """What was done about it is for supervisors: that a lead was opened is walled off from who mediates (Order 121
    Art 37)."""
    return spot if officer.role == "supervisor" else replace(spot, acts=())


class HotspotService:
    """Implements `Focus`."""

    def __init__(self, database: Database, journal: Journal, now: Callable[[], datetime]) -> None:
        self._database, self._spots = database, SpotService(journal, now)

    async def page(self, officer: Officer) -> FocusPage:
        async with self._database.read(snapshot=True) as connection:
            seen = await seen_by(connection, officer)
            offices = await offices_by_id(connection, seen)
            kept = await newest(connection, circle(seen))
            if kept is None:
                return FocusPage(offices)
            spots = [
                SpotNow(figures, _shown(officer, spot))
                for figures in kept.report.spots
                if (spot := fold(await stream_events(connection, stream(figures.id)))) is not None
            ]
        return FocusPage(offices, kept.report, kept.made, kept.rows, spots)

    async def spot(self, officer: Officer, spot: str) -> SpotPage:
        async with self._database.read(snapshot=True) as connection:
            told = await stream_events(connection, stream(spot))
            state, seen = await self._seen(connection, officer, fold(told))
            kept = await newest(connection, state.found.scope)
            figures: Sequence[SpotFigures] = kept.report.spots if kept else ()
            one = next((figure for figure in figures if figure.id == spot), None)
            records = await records_of(connection, seen, one.records if one else ())
        day = kept.report.day if kept else state.found.day
        history = told if officer.role == "supervisor" else ()
        return SpotPage(spot, _shown(officer, state), one, day, records, history)

    async def ask(self, officer: Officer, spot: str, command: SpotCommand) -> None:
        await self.known(officer, spot)
        with refusal_of():
            await self._spots.submit(spot, command, officer.actor)

    async def at_hand(self, officer: Officer, spot: str) -> SpotAtHand:
        await self.known(officer, spot)
        seen = await self.spot(officer, spot)
        found, figures = seen.spot.found, seen.figures
        if figures is None or not seen.records:
            raise Refused("not_found", 404)
        return SpotAtHand(
            spot, found.kind, found.key, figures, seen.day, _subject(found), [row.id for row in seen.records]
        )

    async def known(self, officer: Officer, spot: str) -> Spot:
        """As somebody finds it who may do something about it."""
        if officer.role != "supervisor":
            raise Refused("not_found", 404)
        async with self._database.read() as connection:
            state, _ = await self._seen(connection, officer, fold(await stream_events(connection, stream(spot))))
        return state

    async def _seen(
        self, connection: AsyncConnection, officer: Officer, spot: Spot | None
    ) -> tuple[Spot, Sequence[str]]:
        """Only whoever sees every office it was counted from (ASVS 8.2.2)."""
        seen = await seen_by(connection, officer)
        if spot is None or officer.role not in READERS or not set(spot.found.offices) <= set(seen):
            raise Refused("not_found", 404)
        return spot, seen
