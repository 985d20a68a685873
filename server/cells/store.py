"""Rows of other installations: which are known, what each has still to confirm, and their figures.

Deliveries are written in the transaction of what they tell about (`CellDeliveries`); each is made of the journal again
at every try, so that no second copy of anybody's data waits here.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints import events as e, procedure as p
from complaints.procedure.rules import ComplaintWithdrawn
from complaints.record.changes import TransferReturned, TransferSent
from complaints.state import Complaint
from complaints.statistics import Measure, Part, current
from complaints.statistics.figures import TOTAL, MeasureTally, Period, each_month, figure, month, months_to
from complaints.statistics.views import CellMonth, CellStanding, CellStandingWord, Figures, ProvinceFigures
from journal import Event
from journal.refusals import Refused
from offices import Officer, require_role
from offices.systems import FiguresEdition, KnownCell
from server import cells as wire
from server.complaints.projection import ComplaintChange
from server.db.engine import Database
from server.db.schema import cell_deliveries, cell_figures, complaint_facts, known_cells
from server.identity.store import IdentityStore
from server.outbox.hook_store import KEPT
from server.statistics.counting_store import Counting
from server.statistics.fact_store import facts_at, of_offices

_k, _d, _f = known_cells.c, cell_deliveries.c, cell_figures.c
OPEN: Final = ("queued", "failed")
AT_ONCE: Final = 50
TRANSFER: Final = "transfer"


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    """`state`: "queued" | "sent" | "failed" (tried again at `next_try`). `version`: of the event that is told."""

    id: str
    cell: str
    office: str
    complaint: str
    number: str
    version: int
    what: str
    created: datetime
    next_try: datetime
    state: str = "queued"
    tries: int = 0
    last_error: str = ""
    sent_at: datetime | None = None


_TOLD: Final[Mapping[str, str]] = {
    e.ComplaintAccepted.__name__: "accepted",
    e.ComplaintRefused.__name__: "refused",
    e.NoteTakenBack.__name__: "taken_back",
    e.ComplaintClosed.__name__: "closed",
    p.MediationEnded.__name__: "ended",
    ComplaintWithdrawn.__name__: "withdrawn",
    TransferReturned.__name__: "returned",
}
_OUTCOMES: Final = {"settled": "settled", "not_settled": "ended", "ended": "ended"}
_MOVING: Final = {TransferSent.__name__, e.MediationClosed.__name__, *_TOLD}


def told_back(event: Event) -> str:
    """One of `complaints.record.changes.TOLD_BACK`, "" for what the sending bureau is not told."""
    if event.type == e.MediationClosed.__name__:
        return _OUTCOMES.get(str(event.data["outcome"]), "")
    return _TOLD.get(event.type, "")


class CellDeliveries:
    """A writer after the one of the complaint's own row. Never made anew."""

    types = _MOVING

    async def write(self, connection: AsyncConnection, changes: Sequence[ComplaintChange]) -> None:
        found = [
            asdict(delivery)
            for one in changes
            if not one.new and one.after is not None
            for delivery in _deliveries(one, one.after)
        ]
        if found:
            await connection.execute(insert(cell_deliveries), found)


def _deliveries(change: ComplaintChange, after: Complaint) -> Iterator[StoredDelivery]:
    came = after.transfers.came
    for event in change.appended:
        if event.type == TransferSent.__name__:
            cell, what = str(event.data["cell"]), TRANSFER
        elif came is not None:
            cell, what = came.received.cell, told_back(event)
        else:
            continue
        if what:
            record = after.record
            yield StoredDelivery(
                uuid.uuid4().hex, cell, record.office, change.id, record.number, event.version, what, event.at, event.at
            )


class CellStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ------------------------------------------------------------ who is known

    async def put(self, cell: KnownCell) -> None:
        """New, or instead of what was known of it."""
        async with self._database.write() as connection:
            await connection.execute(delete(known_cells).where(_k.id == cell.id))
            await connection.execute(insert(known_cells).values(asdict(cell)))

    async def known(self, cell: str) -> KnownCell | None:
        """Also one that is not let in any more."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(known_cells).where(_k.id == cell))).mappings().one_or_none()
            return KnownCell(**row) if row is not None else None

    async def revoke(self, cell: str, at: datetime) -> None:
        async with self._database.write() as connection:
            await connection.execute(update(known_cells).where(_k.id == cell).values(revoked_at=at))

    async def all(self, office: str = "") -> list[KnownCell]:
        """Those let in, by name; of one office or of all."""
        wanted = select(known_cells).where(_k.revoked_at.is_(None)).order_by(_k.name, _k.id)
        if office:
            wanted = wanted.where(_k.office == office)
        async with self._database.read() as connection:
            return [KnownCell(**row) for row in (await connection.execute(wanted)).mappings()]

    async def pulled(self, cell: str, at: datetime | None, error: str) -> None:
        values: dict[str, Any] = {"pull_error": error} | ({"pulled_at": at} if at else {})
        async with self._database.write() as connection:
            await connection.execute(update(known_cells).where(_k.id == cell).values(values))

    # ------------------------------------------------------------ what they have to confirm

    async def due(self, now: datetime) -> list[StoredDelivery]:
        """The oldest first. Of a complaint one after the other: the next is not due before the one before was sent."""
        earlier = cell_deliveries.alias()
        before = select(earlier.c.id).where(
            earlier.c.complaint == _d.complaint, earlier.c.version < _d.version, earlier.c.state.in_(OPEN)
        )
        wanted = (
            select(cell_deliveries)
            .where(_d.state.in_(OPEN), _d.next_try <= now, ~before.exists())
            .order_by(_d.created, _d.id)
            .limit(AT_ONCE)
        )
        async with self._database.read() as connection:
            return [StoredDelivery(**row) for row in (await connection.execute(wanted)).mappings()]

    async def told(self, delivery: str, **values: Any) -> None:
        async with self._database.write() as connection:
            await connection.execute(update(cell_deliveries).where(_d.id == delivery).values(values))

    async def again(self, cell: str, now: datetime) -> None:
        """What waits for a bureau is tried now: it answers again, or has another address."""
        async with self._database.write() as connection:
            waiting = (_d.cell == cell, _d.state.in_(OPEN))
            await connection.execute(update(cell_deliveries).where(*waiting).values(next_try=now))

    async def forget(self, before: datetime) -> None:
        """Of what was confirmed long ago."""
        async with self._database.write() as connection:
            await connection.execute(delete(cell_deliveries).where(_d.state == "sent", _d.created < before - KEPT))

    async def waiting(self) -> list[StoredDelivery]:
        """All that is not confirmed yet."""
        wanted = select(cell_deliveries).where(_d.state.in_(OPEN)).order_by(_d.created, _d.id)
        async with self._database.read() as connection:
            return [StoredDelivery(**row) for row in (await connection.execute(wanted)).mappings()]

    async def untaken(self, office: str) -> list[StoredDelivery]:
        """Tried at least once in vain, the oldest first."""
        wanted = (
            select(cell_deliveries)
            .where(_d.office == office, _d.state == "failed")
            .order_by(_d.created, _d.id)
            .limit(AT_ONCE)
        )
        async with self._database.read() as connection:
            return [StoredDelivery(**row) for row in (await connection.execute(wanted)).mappings()]

    # ------------------------------------------------------------ figures

    async def tallies(self, period: Period, today: date) -> dict[tuple[str, Part, date], MeasureTally]:
        """Of the whole installation: by statistic, part of its fraction ("top" | "bottom") and day."""
        found: dict[tuple[str, Part, date], MeasureTally] = {}
        async with (
            self._database.read(snapshot=True) as connection,
            facts_at(connection, None, of_offices(connection, None)(complaint_facts)) as then,
        ):
            counting = Counting(connection, then, None, today)
            parts: tuple[Part, Part] = ("top", "bottom")
            wanted = [(one, parts[n], measure) for one in current() for n, measure in enumerate(one.measures)]
            tallied = await counting.tallies(list(dict.fromkeys(measure for *_, measure in wanted)), period, "day")
        by_measure: dict[Any, list[tuple[str, MeasureTally]]] = {}
        for (measure, day), tally in tallied.items():
            by_measure.setdefault(measure, []).append((day, tally))
        for statistic, part, measure in wanted:
            for day, tally in by_measure.get(measure, ()):
                found[statistic.id, part, date.fromisoformat(day)] = tally
        return found

    async def editions(self, month: str, cell: str = "") -> list[FiguresEdition]:
        """Of a month, in the order they came; of one installation or of all."""
        names = FiguresEdition.__dataclass_fields__
        wanted = select(*(_f[name] for name in names)).where(_f.month == month).order_by(_f.cell, _f.edition)
        if cell:
            wanted = wanted.where(_f.cell == cell)
        async with self._database.read() as connection:
            return [FiguresEdition(**row) for row in (await connection.execute(wanted)).mappings()]

    async def bodies(self, month: str, cell: str = "", edition: int = 0) -> dict[str, tuple[FiguresEdition, str, str]]:
        """By installation its newest edition of a month (or this one), with body and signature."""
        newest = select(_f.cell, func.max(_f.edition).label("edition")).where(_f.month == month).group_by(_f.cell)
        last = newest.subquery()
        wanted = select(cell_figures).where(_f.month == month)
        if edition:
            wanted = wanted.where(_f.edition == edition)
        else:
            wanted = wanted.join(last, (last.c.cell == _f.cell) & (last.c.edition == _f.edition))
        if cell:
            wanted = wanted.where(_f.cell == cell)
        async with self._database.read() as connection:
            rows = [dict(row) for row in (await connection.execute(wanted)).mappings()]
        found = {}
        for row in rows:
            body, signature = row.pop("body"), row.pop("signature")
            found[row["cell"]] = (FiguresEdition(**row), body, signature)
        return found

    async def add(self, edition: FiguresEdition, body: str, signature: str) -> FiguresEdition:
        """As the next edition of its month."""
        last = select(func.coalesce(func.max(_f.edition), 0)).where(_f.cell == edition.cell, _f.month == edition.month)
        async with self._database.write() as connection:
            number = int((await connection.execute(last)).scalar_one()) + 1
            edition = replace(edition, edition=number)
            values = {**asdict(edition), "body": body, "signature": signature}
            await connection.execute(insert(cell_figures).values(values))
        return edition


# ---------------------------------------------------------------- figures of other installations


AGAIN: Final = timedelta(hours=6)  # after which figures are fetched anew
SOON: Final = timedelta(minutes=15)  # ... where the last try was in vain
LOOK: Final = 60.0  # seconds
LATE: Final = timedelta(days=2)  # a month's last day, or yesterday, may be so far off
MONTHS: Final = 13  # that are fetched: what was counted of a month changes long after it
_DAY: Final = timedelta(days=1)

log = structlog.get_logger(__name__)


class Line(Protocol):
    """`server.cells.transfers.CellLine`."""

    async def ask(self, cell: KnownCell, document: wire.Document) -> tuple[wire.Document, wire.Signed]: ...

    async def head(self, to: str, answers: str = "") -> dict[str, Any]: ...


def standard() -> str:
    """The hash of the definitions figures are counted by here."""
    return wire.digest_of([[one.id, one.words_zh, one.unit, one.digits] for one in current()])


def content_digest(name: str, through: date, by: str, rows: Sequence[wire.TallyOut]) -> str:
    return wire.digest_of([name, through.isoformat(), by, [row.model_dump(mode="json") for row in rows]])


class CellFigures:
    """Publishes this installation's figures to those above it, and keeps those of the ones below."""

    def __init__(self, store: CellStore, line: Line, offices: IdentityStore, now: Callable[[], datetime]) -> None:
        self._store, self._line, self._offices, self._now = store, line, offices, now

    async def published(self, asked: wire.FiguresRequest, zone: str, head: dict[str, Any]) -> wire.Document:
        """Whole days only, up to yesterday."""
        today = self._now().astimezone(ZoneInfo(zone)).date()
        whole = month(date.fromisoformat(f"{asked.month}-01"))
        through = min(whole.last, today - _DAY)
        if through < whole.first:
            return wire.Decline(**head, code="too_early", field="month")
        found = await self._store.tallies(Period(whole.first, through), today)
        rows = tuple(
            wire.TallyOut(
                day=day,
                statistic=name,
                part=part,
                count=one.count,
                total=one.total,
                days={str(n): count for n, count in sorted(one.days.items())},
            )
            for (name, part, day), one in sorted(found.items(), key=lambda one: (one[0][2], *one[0][:2]))
        )
        digest = content_digest(asked.month, through, standard(), rows)
        if digest == asked.known:
            return wire.Unchanged(**head, month=asked.month, digest=digest)
        return wire.Figures(**head, month=asked.month, through=through, standard=standard(), digest=digest, rows=rows)

    # ------------------------------------------------------------ fetching

    async def keep_pulling(self) -> None:
        """Until cancelled."""
        while True:
            try:
                for cell in await self._store.all():
                    pause = SOON if cell.pull_error else AGAIN
                    if cell.relation == "below" and (not cell.pulled_at or self._now() - cell.pulled_at >= pause):
                        await self.pull(cell)
            except Exception:
                log.exception("figures of other installations could not be fetched, going on")
            await asyncio.sleep(LOOK)

    async def pull(self, cell: KnownCell) -> str:
        """Every month that may have changed; why it was in vain, "" when it was not."""
        today, error = self._now().date(), ""
        try:
            for name in each_month(months_to(today, MONTHS)):
                await self._pull(cell, name)
        except wire.Unconfirmed as no:
            error = no.reason
        await self._store.pulled(cell.id, self._now(), error)
        return error

    async def _pull(self, cell: KnownCell, name: str) -> None:
        known = (await self._store.bodies(name, cell.id)).get(cell.id)
        head = await self._line.head(cell.id)
        asked = wire.FiguresRequest(**head, month=name, known=known[0].digest if known else "")
        said, signed = await self._line.ask(cell, asked)
        match said:
            case wire.Unchanged() | wire.Decline(code="too_early"):
                return
            case wire.Figures(month=same, through=to, standard=by, digest=digest, rows=rows) if (
                same == name and digest == content_digest(name, to, by, rows)
            ):
                before = wire.Figures.model_validate_json(known[1]) if known else None
                corrects = before is not None and _corrects(said, before)
                edition = FiguresEdition(cell.id, name, 0, to, said.at, self._now(), by, digest, corrects)
                await self._store.add(edition, *signed)
            case wire.Decline(code=code):
                raise wire.Unconfirmed(f"declined: {code}")
            case _:
                raise wire.Unconfirmed("other_answer")

    # ------------------------------------------------------------ pages

    async def below(self, officer: Officer) -> list[KnownCell]:
        require_role(officer, "supervisor")
        seen = {officer.office.id, *await self._offices.overseen(officer.id)}
        return [one for one in await self._store.all() if one.relation == "below" and one.office in seen]

    async def pull_now(self, officer: Officer) -> None:
        await asyncio.gather(*(self.pull(cell) for cell in await self.below(officer)))

    async def province(self, officer: Officer, name: str) -> ProvinceFigures:
        kept, cells = await self._store.bodies(name), list[CellStanding]()
        tallies: dict[tuple[Measure, str], MeasureTally] = {}
        for cell in await self.below(officer):
            edition = None
            if cell.id in kept:
                edition, body, _ = kept[cell.id]
                said = wire.Figures.model_validate_json(body)
                _add(tallies, [(row, (TOTAL, cell.id)) for row in said.rows])
            cells.append(self._standing(cell, name, edition))
        return ProvinceFigures(name, _figures(tallies), [(one, _figures(tallies, one.id)) for one in cells])

    async def one(self, officer: Officer, id: str, name: str, edition: int = 0) -> CellMonth:
        """Edition 0: the newest. Refused: not_found, also where nothing came of that month."""
        cell = next((one for one in await self.below(officer) if one.id == id), None)
        kept = (await self._store.bodies(name, id, edition)).get(id)
        if cell is None or kept is None:
            raise Refused("not_found", 404)
        shown, body, signature = kept
        said, tallies = wire.Figures.model_validate_json(body), dict[tuple[Measure, str], MeasureTally]()
        _add(tallies, [(row, (TOTAL, row.day.isoformat())) for row in said.rows])
        days = [(day, _figures(tallies, day)) for day in sorted({row.day.isoformat() for row in said.rows})]
        editions = await self._store.editions(name, id)
        standing = self._standing(cell, name, editions[-1])
        return CellMonth(standing, shown, editions, _figures(tallies), days, signature)

    def _standing(self, cell: KnownCell, name: str, edition: FiguresEdition | None) -> CellStanding:
        due = min(month(date.fromisoformat(f"{name}-01")).last, self._now().date() - LATE)
        late = edition is not None and edition.counted_to < due
        other = edition is not None and edition.standard != standard()
        word: CellStandingWord = "missing" if edition is None else "late" if late else "here"
        return CellStanding(cell.id, cell.name, word, edition, other, cell.pull_error)


def _add(tallies: dict[tuple[Measure, str], MeasureTally], rows: Sequence[tuple[wire.TallyOut, Sequence[str]]]) -> None:
    """Rows of one installation, each to its groups; of definitions that are ours too."""
    known = {one.id: one.measures for one in current()}
    counted: set[tuple[Measure, date]] = set()
    for row, groups in rows:
        measures, part = known.get(row.statistic, ()), int(row.part == "bottom")
        if part >= len(measures) or (measures[part], row.day) in counted:  # of several statistics the same
            continue
        counted.add((measures[part], row.day))
        tally = MeasureTally(row.count, row.total, {int(n): count for n, count in row.days.items()})
        for group in groups:
            tallies[measures[part], group] = tallies.get((measures[part], group), MeasureTally()) + tally


def _figures(tallies: Mapping[tuple[Measure, str], MeasureTally], group: str = TOTAL) -> Figures:
    return {one.id: figure(one, tallies, group) for one in current()}


def _corrects(said: wire.Figures, before: wire.Figures) -> bool:
    """Whether days that an earlier edition held read otherwise now, but for what goes on growing by itself."""
    growing = {one.id for one in current() if one.grows}

    def kept(of: wire.Figures) -> set[str]:
        return {row.model_dump_json() for row in of.rows if row.day <= before.through and row.statistic not in growing}

    return kept(said) != kept(before)
