"""Statistics and dashboards in SQL, and the maps that dashboards are drawn on.

Counts what `complaints.statistics.figures` counts: in `server.statistics.counting_store`, from daily sums; what stands
behind a figure is read from the facts.

Maps are what offices supply of their divisions. Owns `<data>/maps/`: of each office the one in force, the one that is
being looked at (`.next`), and the one before (`.before`), each as `complaints.statistics.views` keeps it. Every change
is one rename, durable before it is told; so whatever is cut off, one whole map is in force.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import and_, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.statistics import Measure, Part, Statistic, current, find_statistic
from complaints.statistics.figures import (
    BETWEEN,
    TOTAL,
    Figure,
    Likeness,
    SettlementCount,
    Tallies,
    each_month,
    figure,
    gathered,
    like_for_like,
    months_to,
)
from complaints.statistics.views import (
    MOST_BYTES,
    BadOutline,
    Comparison,
    CountedComplaint,
    CrossTable,
    Dashboard,
    FigureChange,
    FigureGroup,
    MapPage,
    MediationFigures,
    MediationPerformance,
    OfficeComparison,
    Outline,
    Overview,
    Poster,
    StatisticsQuery,
    TooMuchChanged,
    compared,
    crossing,
    read_outline,
)
from journal import Draft, Journal, append_next
from journal.refusals import Refused
from offices import Office, Officer, require_role
from recordings.files import NO_RESERVE, FreeSpace, locked, sync_folder
from server.confinement import Declined, ReaderStopped
from server.confinement.reader import in_thread, read_now
from server.db.engine import Database
from server.db.schema import complaint_facts, complaints, industries
from server.db.schema.base import plan_by_values
from server.insight import business_store, store
from server.statistics.counting_store import (
    RESPONDENT,
    Counting,
    label,
    narrowing,
    within,
)
from server.statistics.fact_store import Offices, facts_at, of_offices, offices_seen, scope_of

PAGE_SIZE = 50
TREND = ("received", "handled")  # what the picture over months shows


class SqlStatistics:
    """Implements `Statistics` over the fact table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def overview(self, officer: Officer, asked: StatisticsQuery) -> Overview:
        async with self._database.read(snapshot=True) as connection:
            await plan_by_values(connection)  # of a month and of two years, of one office and of all
            seen = await offices_seen(connection, officer)
            scope = scope_of(asked.office, seen)
            wanted, narrow = current(), await narrowing(connection, asked.only)
            async with facts_at(connection, asked.as_of, of_offices(connection, scope)(complaint_facts)) as then:
                counting = Counting(connection, then, scope, asked.today, narrow)
                spans = asked.period, asked.period.previous(), asked.period.year_before()
                now, previous, year_before = await counting.totals(wanted, spans)
                trend = months_to(asked.period.last)
                months = await counting.figures([find_statistic(name) for name in TREND], trend, "month")
                groups = await counting.figures(wanted, asked.period, asked.by) if asked.by else {}
        return Overview(
            offices=seen,
            now=now,
            previous=previous,
            year_before=year_before,
            groups=sorted(groups.items()),
            months=[(month, months.get(month, {})) for month in each_month(trend)],
        )

    async def offices(self, officer: Officer) -> list[Office]:
        async with self._database.read() as connection:
            return await offices_seen(connection, officer)

    async def figures(
        self, wanted: Sequence[Statistic], asked: StatisticsQuery, scope: Offices = None
    ) -> dict[str, dict[str, Figure]]:
        """By group, then by statistic's id; without a grouping all stand under "". For the command line."""
        async with (
            self._database.read(snapshot=True) as connection,
            facts_at(connection, asked.as_of, of_offices(connection, scope)(complaint_facts)) as then,
        ):
            narrow = await narrowing(connection, asked.only)
            return await Counting(connection, then, scope, asked.today, narrow).figures(wanted, asked.period, asked.by)

    async def compare(self, officer: Officer, asked: StatisticsQuery, wanted: Sequence[Statistic]) -> OfficeComparison:
        measures = {measure for one in wanted for measure in one.measures}
        async with self._database.read(snapshot=True) as connection:
            seen = await offices_seen(connection, officer)
            scope = scope_of(asked.office, seen)
            narrow = await narrowing(connection, asked.only)
            async with facts_at(connection, asked.as_of, of_offices(connection, scope)(complaint_facts)) as then:
                counting = Counting(connection, then, scope, asked.today, narrow)
                counted = await counting.tallies(measures, asked.period, "office")
        return compared(seen, asked.office, wanted, counted)

    async def records(
        self, officer: Officer, asked: StatisticsQuery, statistic: Statistic, part: Part, group: str | None, page: int
    ) -> tuple[Sequence[CountedComplaint], int]:
        measure = statistic.measures[0 if part == "top" else -1]
        async with self._database.read(snapshot=True) as connection:
            seen = await offices_seen(connection, officer)
            scope = scope_of(asked.office, seen)
            short = {office.id: office.short for office in seen}
            narrow = await narrowing(connection, asked.only)
            async with facts_at(connection, asked.as_of, of_offices(connection, scope)(complaint_facts)) as then:
                facts, groups = then.facts, None
                counting = Counting(connection, then, scope, asked.today, narrow)
                if group is not None and asked.by:
                    groups = await business_store.counted_as(connection, [group]) if asked.by == RESPONDENT else [group]
                skip = (max(page, 1) - 1) * PAGE_SIZE
                days, skip = await counting.located(measure, asked.period, asked.by, groups, skip, PAGE_SIZE)
                there = within(facts, measure, days, asked.today, of_offices(connection, scope))
                if narrow is not None:
                    there = and_(there, narrow(facts))
                if groups is not None:
                    there = and_(there, label(facts, measure, asked.by).in_(groups))
                only = None if group is None or not asked.by else [group]
                counted = await counting.tallies([measure], asked.period, asked.by if only else "", only)
                total = sum(tally.count for tally in counted.values())
                value = facts.c[measure.of] if measure.of else literal(None)
                record = complaints.c
                rows = (
                    select(
                        facts.c.id, facts.c.office, facts.c.channel, facts.c[measure.by].label("day"),
                        value.label("value"), record.number, record.title, record.state,
                    )
                    .join_from(facts, complaints, facts.c.id == record.id, isouter=True)
                    .where(there)
                    .order_by(facts.c[measure.by], facts.c.id)
                    .limit(PAGE_SIZE)
                    .offset(skip)
                )  # fmt: skip
                found = [
                    CountedComplaint(
                        id=row.id,
                        number=row.number or row.id,
                        title=row.title or "",
                        state=row.state or "",
                        channel=row.channel,
                        office=short.get(row.office, row.office),
                        day=row.day,
                        value=row.value,
                    )
                    for row in await connection.execute(rows)
                ]
        return found, total


MOST_CHANGED: Final = 20_000  # complaints folded again while somebody waits
MEDIATION: Final = (
    "settled_share", "median_days_to_settlement", "mediated", "loss_recovered", "travel_saved", "success_rate",
)  # fmt: skip
IN_ORDER: Final = ("month", "day")


class SqlDashboards:
    """Implements `Dashboards` over the daily sums.

    `maps`: the folder of the maps that offices supplied; `fonts`: of what pictures are written with.
    """

    def __init__(self, database: Database, maps: Path, fonts: Path | None = None) -> None:
        self._database, self._maps, self._fonts = database, Maps(maps), fonts

    async def board(
        self, officer: Officer, asked: StatisticsQuery, statistic: Statistic, against: Comparison | None, most: int
    ) -> Dashboard:
        async with self._database.read(snapshot=True) as connection:
            seen = await offices_seen(connection, officer)
            scope, measures = scope_of(asked.office, seen), list(dict.fromkeys(reversed(statistic.measures)))
            narrow = await narrowing(connection, asked.only)
            beside = scope if against is None or not against.office else scope_of(against.office, seen)
            every = of_offices(connection, None if asked.as_of is None else {*scope, *beside})(complaint_facts)
            async with facts_at(connection, asked.as_of, every) as then:
                counting = Counting(connection, then, scope, asked.today, narrow)
                ordered = asked.by in IN_ORDER
                top = await counting.top(measures, asked.period, asked.by, 4_000 if ordered else most)
                total = (await counting.figures([statistic], asked.period))[TOTAL][statistic.id]
                labels = [label for _, label in top.tallies]
                labels = sorted(set(labels)) if ordered else list(dict.fromkeys(labels))
                other, others = None, None
                if against is not None:
                    elsewhere = Counting(connection, then, beside, asked.today, narrow)
                    other = (await elsewhere.figures([statistic], against.period))[TOTAL][statistic.id]
                    same = asked.by not in IN_ORDER  # another period has other months
                    others = await elsewhere.tallies(measures, against.period, asked.by, labels) if same else None
            names = await _names(connection, asked.by, labels, scope)
        rows = [
            FigureGroup(
                label,
                figure(statistic, top.tallies, label),
                None if others is None else figure(statistic, others, label),
            )
            for label in labels
        ]
        return Dashboard(seen, total, other, rows, top.groups, names)

    async def cross(self, officer: Officer, asked: StatisticsQuery, statistic: Statistic) -> CrossTable:
        measures, rows_by, _, columns_by = statistic.measures, *asked.by.partition(BETWEEN)
        async with self._database.read(snapshot=True) as connection:
            seen = await offices_seen(connection, officer)
            scope, narrow = scope_of(asked.office, seen), await narrowing(connection, asked.only)
            async with facts_at(connection, asked.as_of, of_offices(connection, scope)(complaint_facts)) as then:
                counting = Counting(connection, then, scope, asked.today, narrow)
                cells = await counting.tallies(measures, asked.period, asked.by)
                rows = await counting.tallies(measures, asked.period, rows_by)
                columns = await counting.tallies(measures, asked.period, columns_by)
                total = await counting.tallies(measures, asked.period)
        return crossing(seen, statistic, cells, rows, columns, total)

    async def since(
        self, officer: Officer, asked: StatisticsQuery, statistic: Statistic, moment: datetime
    ) -> FigureChange:
        measure = statistic.measures[0]
        async with self._database.read(snapshot=True) as connection:
            scope = scope_of(asked.office, await offices_seen(connection, officer))
            narrow = await narrowing(connection, asked.only)
            fresh = select(func.count()).select_from(complaint_facts).where(complaint_facts.c.changed > moment)
            if (await connection.execute(fresh)).scalar_one() > MOST_CHANGED:
                raise TooMuchChanged
            async with facts_at(connection, moment, of_offices(connection, None)(complaint_facts)) as then:
                assert then.gone is not None
                assert then.came is not None
                now_, was = then.gone, then.came
                of = of_offices(connection, scope)
                there = within(now_, measure, asked.period, asked.today, of)
                before = within(was, measure, asked.period, asked.today, of)
                if narrow is not None:
                    there, before = and_(there, narrow(now_)), and_(before, narrow(was))
                stayed = select(was.c.id).where(before)
                added = select(now_.c.id).where(there, now_.c.id.not_in(stayed)).subquery()
                left = select(was.c.id).where(before, was.c.id.not_in(select(now_.c.id).where(there))).subquery()
                new = select(func.count()).select_from(added).where(added.c.id.not_in(select(was.c.id)))
                entered = int((await connection.execute(new)).scalar_one())
                came = int((await connection.execute(select(func.count()).select_from(added))).scalar_one())
                why = (
                    select(now_.c.dropped_as, func.count())
                    .join(left, left.c.id == now_.c.id)
                    .group_by(now_.c.dropped_as)
                )
                lost = {row[0]: int(row[1]) for row in await connection.execute(why)}
                counting = Counting(connection, then, scope, asked.today, narrow)
                tallies = await counting.tallies([measure], asked.period)
        then_count = tallies[measure, TOTAL].count if (measure, TOTAL) in tallies else 0
        now_count = then_count + came - sum(lost.values())
        return FigureChange(
            then_count,
            now_count,
            entered,
            lost.get("merged", 0),
            lost.get("undone", 0),
            came - entered,
            lost.get("", 0) + lost.get("transferred", 0),
        )

    async def performance(self, officer: Officer, asked: StatisticsQuery) -> MediationPerformance:
        by = asked.by if asked.by in ("problem", "industry", "channel") else "problem"
        wanted = [find_statistic(name) for name in MEDIATION]
        measures = list(dict.fromkeys(measure for one in wanted for measure in one.measures))
        spread = find_statistic("median_days_to_settlement").measures[0]
        async with self._database.read(snapshot=True) as connection:
            seen = await offices_seen(connection, officer)
            scope, narrow = scope_of(asked.office, seen), await narrowing(connection, asked.only)
            async with facts_at(connection, asked.as_of, of_offices(connection, scope)(complaint_facts)) as then:
                counting = Counting(connection, then, scope, asked.today, narrow)
                classes = await counting.tallies(measures, asked.period, by)
                mine = await counting.tallies(measures, asked.period, "office")
                total = gathered(mine, {TOTAL: scope})
                mixed = await counting.tallies([_SETTLED, _CONCLUDED], asked.period, f"office{BETWEEN}{by}")

        def of(
            found: Mapping[tuple[Measure, str], object], label: str, like: Likeness | None = None
        ) -> MediationFigures:
            figures = {one.id: figure(one, found, label) for one in wanted}  # type: ignore[arg-type]
            tally = found.get((spread, label))
            return MediationFigures(label, figures, tally.days if tally else {}, like)  # type: ignore[attr-defined]

        alike = like_for_like(_mix(mixed))
        concluded = {label: tally.count for (measure, label), tally in classes.items() if measure == _CONCLUDED}
        listed = [one for one in seen if one.id in scope]
        return MediationPerformance(
            offices=seen,
            total=of(total, TOTAL),
            mine=[of(mine, one.id, alike.get(one.id)) for one in listed],
            classes=[of(classes, name) for name in sorted(concluded, key=lambda name: (-concluded[name], name))],
        )

    async def picture(self, poster: Poster) -> bytes:
        from server.documents.poster import png

        return await asyncio.to_thread(png, poster, self._fonts)

    async def outline(self, office: str) -> bytes | None:
        return await asyncio.to_thread(self._maps.kept, office)


_SETTLED: Final = Measure("settled")
_CONCLUDED: Final = Measure("concluded")


def _mix(counts: Tallies) -> dict[tuple[str, str], SettlementCount]:
    """Of each office and class, as they are called together."""
    found: dict[str, tuple[int, int]] = {}
    for (measure, both), tally in counts.items():
        settled, concluded = found.get(both, (0, 0))
        found[both] = (tally.count, concluded) if measure == _SETTLED else (settled, tally.count)
    split = {both: both.partition(BETWEEN) for both in found}
    return {(split[both][0], split[both][2]): SettlementCount(*numbers) for both, numbers in found.items()}


async def _names(connection: AsyncConnection, by: str, labels: Sequence[str], scope: Sequence[str]) -> dict[str, str]:
    wanted = [label for label in labels if label][:500]
    if by == RESPONDENT:
        return await store.names(connection, scope, wanted)
    if by.startswith("industry"):
        official = select(industries.c.code, industries.c.name).where(industries.c.code.in_(wanted))
        return {row.code: row.name for row in await connection.execute(official)}
    return {}


_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _taken(geojson: bytes) -> bytes:
    if len(geojson) > MOST_BYTES:
        raise BadOutline("large")
    try:
        (kept,) = read_now("outline", geojson).frames
    except Declined as no:
        raise BadOutline(no.code, int(no.params["at"])) from None
    except ReaderStopped:
        raise BadOutline("hard") from None
    return kept


class Maps:
    def __init__(self, folder: Path, reserve: FreeSpace = NO_RESERVE) -> None:
        self._folder, self._reserve = folder, reserve

    def offer(self, office: str, geojson: bytes) -> None:
        """Checked and thinned out by a confined child, and not in force yet. BadOutline. Blocks."""
        kept = _taken(geojson)
        self._reserve.require(len(kept))
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._path(office, ".part")
        with locked(self._folder, alone=True), part.open("wb") as file:
            file.write(kept)
            file.flush()
            os.fsync(file.fileno())
            self._move(part, self._path(office, ".next"))

    def use(self, office: str) -> str:
        """What was offered is in force, the one before is kept; its SHA-256, "" when nothing was offered."""
        offered = self._path(office, ".next")
        if not offered.is_file():
            return ""
        with locked(self._folder, alone=True):
            if offered.is_file():  # who pressed twice has it in force already
                self._keep_before(office)
                self._move(offered, self._path(office))
            return hashlib.sha256(self._path(office).read_bytes()).hexdigest()

    def discard(self, office: str) -> None:
        self._path(office, ".next").unlink(missing_ok=True)

    def forget(self, office: str) -> bool:
        """Tiles are shown again; the map can be taken back. False when there was none."""
        if not self._path(office).is_file():
            return False
        with locked(self._folder, alone=True):
            return self._keep_before(office)

    def _keep_before(self, office: str) -> bool:
        if now := self._path(office).is_file():
            self._move(self._path(office), self._path(office, ".before"))
        return now

    def back(self, office: str) -> bool:
        """The one before is in force; the one that was, is before. False when there is none before."""
        before, now, aside = self._path(office, ".before"), self._path(office), self._path(office, ".part")
        if not before.is_file():
            return False
        with locked(self._folder, alone=True):
            if not before.is_file():
                return False
            if now.is_file():
                self._move(now, aside)
            self._move(before, now)
            if aside.is_file():
                self._move(aside, before)
        return True

    def kept(self, office: str, which: str = "") -> bytes | None:
        """`which`: "" in force, ".next" offered, ".before"."""
        if not _ID.fullmatch(office):
            return None
        path = self._path(office, which)
        return path.read_bytes() if path.is_file() else None

    def _move(self, here: Path, there: Path) -> None:
        os.replace(here, there)  # noqa: PTH105 - atomic
        sync_folder(self._folder)

    def _path(self, office: str, which: str = "") -> Path:
        if not _ID.fullmatch(office):
            raise ValueError(office)
        return self._folder / f"{office}{which}.json"


class MapService:
    """An office's map as its administrator takes it in; who did it stands in the stream `map/<office>`.

    Implements `OfficeMaps`.
    """

    def __init__(self, journal: Journal, maps: Maps, now: Callable[[], datetime]) -> None:
        self._journal, self._maps, self._now = journal, maps, now

    async def page(self, officer: Officer) -> MapPage:
        require_role(officer, "administrator")
        office = officer.office.id
        now, offered, before = [await asyncio.to_thread(self._read, office, it) for it in ("", ".next", ".before")]
        return MapPage(now, offered, before is not None, await self._journal.read(f"map/{office}"))

    async def offer(self, officer: Officer, geojson: bytes) -> None:
        require_role(officer, "administrator")
        await in_thread(partial(self._maps.offer, officer.office.id, geojson))

    async def use(self, officer: Officer) -> None:
        require_role(officer, "administrator")
        if not (digest := await asyncio.to_thread(self._maps.use, officer.office.id)):
            raise Refused("wrong_state", 409)
        await self._note(officer, "MapTaken", {"sha256": digest})

    async def discard(self, officer: Officer) -> None:
        require_role(officer, "administrator")
        await asyncio.to_thread(self._maps.discard, officer.office.id)

    async def forget(self, officer: Officer) -> None:
        require_role(officer, "administrator")
        if await asyncio.to_thread(self._maps.forget, officer.office.id):
            await self._note(officer, "MapForgotten", {})

    async def back(self, officer: Officer) -> None:
        require_role(officer, "administrator")
        if not await asyncio.to_thread(self._maps.back, officer.office.id):
            raise Refused("wrong_state", 409)
        await self._note(officer, "MapTakenBack", {})

    def _read(self, office: str, which: str) -> Outline | None:
        kept = self._maps.kept(office, which)
        return None if kept is None else read_outline(kept)

    async def _note(self, officer: Officer, what: str, data: dict[str, Any]) -> None:
        draft = Draft(what, data, self._now(), officer.actor)
        await append_next(self._journal, f"map/{officer.office.id}", draft)
