"""Looks for hot spots in what complaints say, and beforehand counts as one what surely is one firm; from a process of
its own: the command line, and the job process beside a server.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import structlog
from numpy.typing import NDArray

from complaints.insight import NONE, RESPONDENT, WORD, History, examination, months
from complaints.insight.bursts import Alarm
from complaints.insight.examination import Examination, KnownSpot
from complaints.insight.months import holds_together, pieces, stands_alone
from complaints.insight.respondents import (
    KINDS,
    NAME,
    TITLE,
    JoinRespondents,
    RespondentJoinService,
    alike,
    marks,
    registered,
)
from complaints.insight.spots import (
    FindSpot,
    HotSpotReport,
    NewTerm,
    ShiftedClass,
    SpotFigures,
    SpotFound,
    SpotService,
    Trait,
    circle,
    spot_id,
)
from complaints.record import PartyRecord
from complaints.record.places import names_place
from journal import SYSTEM, Journal
from journal.refusals import DomainError
from server.complaints.office_store import calendar_of
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors
from server.insight import business_store, hotspot_store, store as insight_store
from server.insight.business_store import NamePair
from server.insight.store import Circle
from server.serving.jobs import Claim
from server.serving.jobs.store import JobQueue
from server.serving.settings import Settings


class Namesakes:
    """One firm is one, with its credit code and without it: counted as one by the program where nothing speaks against
    it.

    Where exactly one business with a code bears a name in a division, and complaints that name it without a code give
    its phone, its address or its whole registered name, they are about that one. Anything less is left to a person, and
    what a person said of two stays as it was said (decision 48).
    """

    def __init__(self, database: Database, journal: Journal, now: Callable[[], datetime]) -> None:
        self._database, self._joining = database, RespondentJoinService(journal, now)

    async def settle(self, of: Collection[str], first: date, changed: datetime | None = None) -> int:
        """Count as one what is one; how many were. `first`: the oldest day that is looked at; `changed`: only what
        changed after that moment."""
        pairs: list[tuple[NamePair, tuple[str, ...]]] = []
        async with self._database.read() as connection:
            heads = await business_store.heads(connection)
            taken = {*heads, *heads.values()}
            for one in await business_store.told_both_ways(connection, of, first, changed):
                if one.key in taken:
                    continue
                pair = await business_store.pair(connection, of, one)
                why = () if pair is None or pair.head in heads else shared_name(pair.theirs, pair.coded, one.division)
                if pair is not None and alike(why):
                    pairs.append((pair, why))
            told = await business_store.joining(connection, {pair.key for pair, _ in pairs})
        made = 0
        for pair, why in pairs:
            if pair.key in told and pair.head in told[pair.key].apart:
                continue  # a person looked at both: they are two
            try:
                await self._joining.submit(pair.key, JoinRespondents(pair.head, why), SYSTEM)
            except DomainError:
                continue  # a person was quicker
            made += 1
        return made


def shared_name(theirs: Sequence[PartyRecord], coded: Sequence[PartyRecord], division: str) -> tuple[str, ...]:
    """What both are known by, in the order of `marks.KINDS`; the name goes without saying."""
    here, there = ({mark for one in some for mark in marks(one, division)} for some in (theirs, coded))
    found = {NAME, *(mark.kind for mark in here & there if mark.kind != NAME)}
    ours = {registered(one.title) for one in theirs} - {""}
    if ours & {registered(one.title) for one in coded}:
        found.add(TITLE)
    return tuple(kind for kind in (*KINDS, TITLE) if kind in found)


Ints = NDArray[np.int64]

QUIET: Final = timedelta(days=28)  # after which a series that is above the line again is found anew
MOST_NEW: Final = 50  # spots that one look may find: beyond it something else has happened, and the report says so
CLASSES, STREETS = 8, 12
OVERLAP: Final = timedelta(hours=1)  # of looks: what changed while the last one went on


@dataclass(frozen=True, slots=True)
class DetectionResult:
    """`rows`: complaints counted; `read`: days whose words were read anew."""

    scope: str
    day: date
    rows: int
    read: int
    spots: int
    found: int
    seconds: float


class HotspotDetector:
    """One look: the complaints of a circle of offices up to a day, examined, explained, kept.

    What is found goes into the journal, once; the report is kept beside it and can be made again from the same
    complaints. Looking twice at the same day finds nothing twice. The pure part is `complaints.insight`.
    """

    def __init__(self, database: Database, journal: Journal, now: Callable[[], datetime]) -> None:
        self._database, self._spots, self._now = database, SpotService(journal, now), now
        self._namesakes = Namesakes(database, journal, now)

    async def circles(self) -> list[Circle]:
        async with self._database.read() as connection:
            return await insight_store.circles(connection)

    def yesterday(self, of: Circle) -> date:
        """The last whole day."""
        return self._now().astimezone(ZoneInfo(of.zone)).date() - timedelta(days=1)

    async def stale(self) -> list[Circle]:
        """Those that have no report of yesterday, or whose complaints are others since."""
        found = []
        for one in await self.circles():
            day = self.yesterday(one)
            async with self._database.read() as connection:
                kept = await hotspot_store.newest(connection, circle(one.offices))
                now = await insight_store.counted(connection, one.offices, day)
                if kept is None or kept.report.day != day or kept.rows != now:
                    found.append(one)
                    continue
                if await business_store.changed_after(
                    connection, one.offices, kept.made
                ):  # a business counts as another since
                    found.append(one)
        return found

    async def look(self, of: Circle, day: date) -> DetectionResult:
        begun, scope = time.monotonic(), circle(of.offices)
        await self._join(of, day)
        moment = self._now()  # after it, or what was just joined would make this report out of date
        async with self._database.read(snapshot=True) as connection:
            history = await insight_store.history(connection, of.offices, day)
            table = await insight_store.table(connection, of.offices, day, history.first)
            _, calendar = await calendar_of(connection, of.offices[0])
            heads = await business_store.heads(connection)
            known = [
                replace(row, key=heads.get(row.key, row.key)) if row.kind == RESPONDENT else row
                for row in await hotspot_store.followed(connection, scope, day)
            ]
            before = await hotspot_store.newest(connection, scope, day - timedelta(days=1))
        terms, term, at, n, read = await insight_store.words(self._database, of.offices, day, table.first)
        examined = await asyncio.to_thread(examination.examine, table, (terms, term, at, n), history, calendar)
        news = await asyncio.to_thread(months.news, examined)
        examined, fresh = await self._worded(of, examined, news, _lately(terms, term, at, n, table.last))
        members = await self._members(of, examined, known, fresh)
        kept = await asyncio.to_thread(examination.heads, examined, members)
        figures, found = await self._figures(scope, of, examined, kept, known, members)
        rows = [(one, self._rows(examined, one.kind, one.key, table.first, members)) for one in fresh]
        fresh = examination.news_once(table, rows, figures)
        async with self._database.read() as connection:
            named = await insight_store.names(connection, of.offices, _respondents(figures, fresh))
            merged = await insight_store.merged_since(connection, of.offices, before.report.day) if before else 0
            joined = await business_store.changed_after(connection, of.offices, before.made) if before else 0
        report = await asyncio.to_thread(_report, scope, examined, history, figures, fresh, named)
        if before is not None and before.report.totals:
            was = before.report
            corrected = examination.corrected(was.totals, was.day, report.totals, day, merged, joined)
            report = replace(report, correction=corrected)
        seconds = time.monotonic() - begun
        await hotspot_store.keep_report(self._database, report, moment, int(seconds * 1000), len(table.day))
        return DetectionResult(scope, day, len(table.day), read, len(figures), found, round(seconds, 2))

    async def _join(self, of: Circle, day: date) -> None:
        """Before anything is counted. Once a day all that is looked at, then what changed since the last look."""
        async with self._database.read() as connection:
            kept = await hotspot_store.newest(connection, circle(of.offices))
        since = kept.made - OVERLAP if kept is not None and kept.report.day == day else None
        await self._namesakes.settle(of.offices, day - timedelta(days=insight_store.SPAN), since)

    async def _worded(
        self, of: Circle, examined: Examination, fresh: Sequence[NewTerm], seen: Mapping[str, int]
    ) -> tuple[Examination, Sequence[NewTerm]]:
        """Without what is no word: a piece of a longer one or of a turn of speech, two words that met by chance, a
        place (told as a street, or by its complaints). `seen`: complaints of the last four weeks by term."""
        table, alarms = examined.table, examined.tested.alarms
        since = {one.key: table.date(one.since) for one in alarms if one.kind == WORD}
        month = table.date(max(table.last - months.MONTH + 1, 0))
        for new in fresh:
            if new.kind == WORD:
                since[new.key] = min(since.get(new.key, month), month)
        async with self._database.read() as connection:
            texts = await insight_store.saying(connection, of.offices, since, table.date(table.last))
        places = set(table.streets)
        no_words = {
            word
            for word, some in texts.items()
            if word in places or names_place(word) or not holds_together(word, seen) or not stands_alone(word, some)
        }
        no_words |= pieces({one.key: one.seen for one in alarms if one.kind == WORD and one.key not in no_words})
        no_words |= pieces({one.key: one.seen for one in fresh if one.kind == WORD and one.key not in no_words})
        kept = [one for one in alarms if one.kind != WORD or one.key not in no_words]
        told = [one for one in fresh if one.kind != WORD or one.key not in no_words]
        return replace(examined, tested=replace(examined.tested, alarms=kept)), told

    async def _members(
        self,
        of: Circle,
        examined: Examination,
        known: Sequence[hotspot_store.HotSpotRow],
        fresh: Sequence[NewTerm],
    ) -> Callable[[Alarm], Ints]:
        """Rows of series come from the table; of words, from the texts themselves."""
        table = examined.table
        since = {one.key: table.date(one.since) for one in examined.tested.alarms if one.kind == WORD}
        oldest = table.date(max(table.last - 27, 0))
        for key, day in (
            *((row.key, max(row.since, oldest)) for row in known if row.kind == WORD),
            *((new.key, oldest) for new in fresh if new.kind == WORD),
        ):
            since[key] = min(since.get(key, day), day)
        async with self._database.read() as connection:
            holding = await insight_store.holding(connection, of.offices, since, table.date(table.last))
        place = {id_: table.recent + n for n, id_ in enumerate(table.ids)}
        rows = {
            word: np.array(sorted(place[id_] for id_ in ids if id_ in place), np.int64) for word, ids in holding.items()
        }

        def members(alarm: Alarm) -> Ints:
            if alarm.kind != WORD:
                return table.members(alarm.kind, alarm.series, alarm.since)
            there = rows.get(alarm.key, np.zeros(0, np.int64))
            return there[table.day[there] >= alarm.since]

        return members

    async def _figures(
        self,
        scope: str,
        of: Circle,
        examined: Examination,
        kept: Sequence[tuple[Alarm, Ints, tuple[Alarm, ...]]],
        known: Sequence[hotspot_store.HotSpotRow],
        members: Callable[[Alarm], Ints],
    ) -> tuple[list[SpotFigures], int]:
        """Of what is above the line, each once; then of what was found before and is followed."""
        table, day = examined.table, examined.table.date(examined.table.last)
        open_ = {(row.kind, row.key): row for row in known}
        figures, told, new = [], set[str](), 0
        for alarm, rows, also in kept:
            row = open_.get((alarm.kind, alarm.key))
            fresh = row is None or (day - row.day > QUIET and row.stage in ("dismissed", "handed_on"))
            if fresh and new >= MOST_NEW:
                continue
            id_ = spot_id(scope, alarm.kind, alarm.key, day) if fresh or row is None else row.id
            if fresh:
                new += 1
                found = SpotFound(
                    scope,
                    of.offices,
                    alarm.kind,
                    alarm.key,
                    day,
                    table.date(alarm.since),
                    alarm.window,
                    alarm.in_window,
                    f"{alarm.window_expected:.2f}",
                    f"{alarm.tail:.2e}",
                    f"{examined.tested.line:.2e}",
                )
                await self._spots.submit(id_, FindSpot(found), SYSTEM)
            one = examination.figures(examined, id_, alarm, rows, also, fresh or (row is not None and row.day == day))
            figures.append(await self._voiced(examined, one, alarm, rows))
            told.add(id_)
        matters = {(one.kind, one.key) for one in figures}
        for row in known:
            # What counts as one business since had a spot for each half: one that nobody acted on says nothing more.
            if row.id in told or ((row.kind, row.key) in matters and row.stage in ("new", "looked")):
                continue
            matters.add((row.kind, row.key))
            rows = self._rows(examined, row.kind, row.key, row.since, members)
            followed = examination.follow_spots(
                examined, KnownSpot(row.id, row.kind, row.key, row.since, row.acted), rows
            )
            if followed is not None:
                figures.append(followed)
        return figures, new

    async def _voiced(self, examined: Examination, one: SpotFigures, alarm: Alarm, rows: Ints) -> SpotFigures:
        async with self._database.read() as connection:
            texts = await insight_store.accounts(connection, one.records)
        people = examined.table.people[rows[::-1][: len(one.records)] - examined.table.recent].tolist()
        said = [texts.get(id_, "") for id_ in one.records]
        return await asyncio.to_thread(examination.voiced, one, alarm, said, people)

    @staticmethod
    def _rows(examined: Examination, kind: str, key: str, first: date, members: Callable[[Alarm], Ints]) -> Ints:
        table, counts = examined.table, examined.counts(kind)
        since = max((first - table.first).days, table.last - 27, 0)
        if key not in counts.keys:
            return np.zeros(0, np.int64)
        return members(Alarm(kind, counts.keys.index(key), key, 7, 0, 0.0, 1.0, 1.0, since, 0, 0.0))


def _lately(terms: Sequence[str], term: Ints, day: Ints, n: Ints, last: int) -> dict[str, int]:
    """How many complaints of the last four weeks have each term."""
    here = day > last - 28
    return dict(zip(terms, np.bincount(term[here], n[here], len(terms)).astype(int).tolist(), strict=True))


def _respondents(figures: Sequence[SpotFigures], fresh: Sequence[NewTerm]) -> set[str]:
    parts = [
        part for one in figures for part in (*one.also, *one.shared, *([one.respondent] if one.respondent else []))
    ]
    keys = {part.key for part in parts if part.kind == RESPONDENT}
    keys |= {one.key for one in figures if one.kind == RESPONDENT}
    return keys | {one.key for one in fresh if one.kind == RESPONDENT}


def _report(
    scope: str,
    examined: Examination,
    history: History,
    figures: Sequence[SpotFigures],
    fresh: Sequence[NewTerm],
    named: Mapping[str, str],
) -> HotSpotReport:
    table, tested = examined.table, examined.tested
    day = table.date(table.last)

    def called(part: Trait) -> Trait:
        return replace(part, name=named.get(part.key, "")) if part.kind == RESPONDENT else part

    spots = tuple(
        replace(
            one,
            name=named.get(one.key, "") if one.kind == RESPONDENT else "",
            respondent=called(one.respondent) if one.respondent else None,
            also=tuple(map(called, one.also)),
            shared=tuple(map(called, one.shared)),
        )
        for one in figures
    )
    group = np.where(table.group > 0, table.group, NONE)
    return HotSpotReport(
        scope=scope,
        day=day,
        tests=tested.tests,
        series=tested.series,
        line=tested.line,
        weekly=examined.rules.weekly,
        week_seen=tested.city_seen,
        week_expected=round(tested.city_expected, 1),
        spots=spots,
        classes=examination.classes(table.groups, group, examined, CLASSES, spots),
        streets=examination.classes(table.streets, table.street, examined, STREETS, spots),
        moved=tuple(_moved(examined, history, day)),
        fresh=tuple(replace(one, name=named.get(one.key, "")) for one in fresh),
        season=tuple(months.coming_season(examined)),
        first=history.first,
        totals=tuple(int(n) for n in examined.city),
        history_days=history.totals.shape[1],
    )


def _moved(examined: Examination, history: History, day: date) -> Sequence[ShiftedClass]:
    """Industry divisions in the year that series are read for, problem classes in all there is of them."""
    last = examined.table.last
    return [
        *months.shifted_classes(
            "industry", examined.table.groups, examined.totals, examined.exposure[:, : last + 1], day
        ),
        *months.shifted_classes("problem", history.problems, history.by_problem, examined.borne(history), day),
    ]


log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_detector(settings: Settings, migrate: bool) -> AsyncIterator[HotspotDetector]:
    """On the installation's own database. A job leaves its tables as they are: the server it belongs to has brought
    them up, and another one may have brought them further since."""
    database = Database(settings.database)
    if migrate:
        await database.migrate()
    try:
        yield HotspotDetector(database, SqlJournal(database, projectors()), _now)
    finally:
        await database.close()


async def detect_hotspots(
    settings: Settings, day: date | None, anew: bool, migrate: bool = True
) -> list[DetectionResult]:
    """Every circle's last whole day, or a given one; without `anew` those that need it."""
    async with open_detector(settings, migrate) as detection:
        wanted = await (detection.circles() if anew or day else detection.stale())
        return [await detection.look(one, day or detection.yesterday(one)) for one in wanted]


def detection_summary(looked: DetectionResult) -> dict[str, Any]:
    return {
        "scope": looked.scope,
        "day": looked.day.isoformat(),
        "complaints": looked.rows,
        "days_of_words_read": looked.read,
        "spots": looked.spots,
        "new_spots": looked.found,
        "seconds": looked.seconds,
    }


def _now() -> datetime:
    return datetime.now(UTC)


JOB = "look_for_spots"


class HotspotJob:
    """Handler of `look_for_spots()`: every report that is out of date. Begun again, it goes on with those left.

    What complaints say is counted in the job process because that gives way to live rooms.
    """

    def __init__(self, data: Path) -> None:
        self._data = data

    async def __call__(self, job: Claim) -> None:
        await detect_hotspots(Settings(data=self._data), None, anew=False, migrate=False)


EVERY: Final = 600.0  # seconds; the first time soon after a start
FIRST: Final = 20.0


class DetectionSchedule:
    """Asks for a look when a report is out of date: each night, and after imports, merging and undoing."""

    def __init__(
        self, detection: HotspotDetector, queue: JobQueue, wait: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._detection, self._queue, self._wait = detection, queue, wait

    async def keep_looking(self) -> None:
        pause = FIRST
        while True:
            await self._wait(pause)
            pause = EVERY
            try:
                await self.ask()
            except Exception:
                log.exception("whether hot spots have to be looked for could not be found out")

    async def ask(self) -> bool:
        """Whether a look is asked for now; one that waits is enough."""
        if not await self._detection.stale():
            return False
        await self._queue.enqueue(JOB, of="all", needs="nothing")
        return True
