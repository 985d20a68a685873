"""SQL counts what the pure core counts: now, as of any moment, by any group, for any offices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import delete, insert, select, true, update

from complaints.events import to_draft
from complaints.state import stream
from complaints.statistics import DEFINITIONS, find_statistic
from complaints.statistics.facts import Fact, as_of, band, fact, fold_fact
from complaints.statistics.figures import GROUPS, NARROWED_BY, SAID, Figure, Period, figure, fits, month, tallies
from complaints.statistics.sums import YEARS
from complaints.statistics.views import StatisticsQuery
from journal import SYSTEM, Draft, Event
from journal.refusals import Refused
from server.complaints import listing_store
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import rebuild
from server.db.schema import (
    complaint_facts,
    complaints,
    events,
    fact_days,
    fact_sums,
    facts_waiting,
    office_oversight,
    offices,
    respondent_marks,
    source_numbers,
)
from server.statistics import fact_store, store
from server.statistics.counting_store import Counting
from server.statistics.fact_store import facts_at
from server.statistics.store import SqlStatistics
from tests.complaints.statistics.lives import BEGIN, DAYS, lives, moments
from tests.server.db.history import MORNING, Teller, registered
from tests.server.db.readers import ELSEWHERE, LIN, ZHOU

APRIL = month(date(2026, 4, 14))
ZONE = "Asia/Shanghai"
Figures = Mapping[str, Mapping[str, Figure]]

periods = st.builds(
    lambda first, length: Period(first, first + timedelta(days=length)),
    st.integers(-10, DAYS).map(lambda days: BEGIN.date() + timedelta(days=days)),
    st.integers(0, 90),
)


IN_FACTS = [by for by in NARROWED_BY if by != SAID]
NARROWED: st.SearchStrategy[list[str]] = st.lists(st.sampled_from(IN_FACTS), max_size=2, unique=True)


def values_of(known: Sequence[Fact], by: str) -> st.SearchStrategy[tuple[str, ...]]:
    """Some of those there are, whole or as a code begins; or one there is not."""
    there = {band(one.amount) if by == "band" else str(getattr(one, by)) for one in known}
    if by == "industry":
        there |= {one.industry_code[:3] for one in known}
    if by == "division":
        there |= {one.division[:4] for one in known}
    return st.lists(st.sampled_from([*sorted(there - {""}), "other"]), min_size=1, max_size=2, unique=True).map(tuple)


def reference(known: Sequence[Fact], asked: StatisticsQuery, offices: Sequence[str] | None) -> Figures:
    """The same figures, counted one by one."""
    mine = [one for one in known if (offices is None or one.office in offices) and fits(one, asked.only)]
    measures = list(dict.fromkeys(measure for one in DEFINITIONS for measure in one.measures))
    found = tallies(mine, measures, asked.period, asked.today, asked.by)
    groups = {group for _, group in found} | (set() if asked.by else {""})
    return {group: {one.id: figure(one, found, group) for one in DEFINITIONS} for group in groups}


def facts_of(streams: Mapping[str, Sequence[Event]], moment: datetime | None = None) -> list[Fact]:
    folded = {
        name: fold_fact(entries) if moment is None else as_of(entries, moment) for name, entries in streams.items()
    }
    return [fact(name, followed, ZONE) for name, followed in folded.items() if followed]


@pytest.mark.parametrize(  # on PostgreSQL on its day: what follows asks it for the same figures every day
    "database_url",
    ["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.long])],
    indirect=True,
)
@given(
    st.lists(lives(), min_size=1, max_size=8),
    periods,
    moments,
    st.sampled_from(["", *GROUPS, "problem|channel", "industry2|problem", "month|band", "division|month"]),
    st.data(),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_sql_and_core_agree_now_and_as_of_any_moment(
    database: Database, journal: SqlJournal, monkeypatch: pytest.MonkeyPatch,
    told: list[list[Draft]], period: Period, moment: datetime, by: str, data: st.DataObject,
) -> None:  # fmt: skip
    monkeypatch.setattr(fact_store, "FEW", 0)  # what an import begins waits, and some of it is changed while it does
    async with database.write() as connection:
        for table in (
            complaint_facts,
            fact_sums,
            fact_days,
            facts_waiting,
            respondent_marks,
            complaints,
            source_numbers,
        ):
            await connection.execute(delete(table))
        await listing_store.empty_index(connection)
        await connection.execute(delete(events).where(events.c.kind == "complaint"))
    streams: dict[str, list[Event]] = {}
    for n, life in enumerate(told):
        if data.draw(st.booleans()):
            await journal.begin([(stream(f"c{n}"), life[0])])
            streams[f"c{n}"] = await journal.read(stream(f"c{n}"))
        for draft in life[len(streams.get(f"c{n}", ())) :]:  # one append each, so that remembered folds are used too
            after = len(streams.setdefault(f"c{n}", []))
            streams[f"c{n}"] += await journal.append(stream(f"c{n}"), after, [draft])
    counting = SqlStatistics(database)
    offices = data.draw(st.sampled_from([None, ["o1"], ["o1", "o2"], []]))
    today = data.draw(moments).date()
    only = tuple((one, data.draw(values_of(facts_of(streams), one))) for one in data.draw(NARROWED))
    now = StatisticsQuery(period, today, by=by, only=only)
    then = replace(now, as_of=moment)
    assert await counting.figures(DEFINITIONS, now, offices) == reference(facts_of(streams), now, offices)
    stopped = facts_of(streams, moment)
    assert await counting.figures(DEFINITIONS, then, offices) == reference(stopped, then, offices)
    await fact_store.settled(database)
    assert await counting.figures(DEFINITIONS, now, offices) == reference(facts_of(streams), now, offices)
    plain = replace(now, by="", only=())
    before, behind = data.draw(st.integers(0, 500)), data.draw(st.integers(0, 500))
    years = Period(period.first - timedelta(days=before), period.last + timedelta(days=behind))
    beside = [period, period.previous(), period.year_before(), years, years.previous(), years.year_before()]
    async with database.read(snapshot=True) as connection, facts_at(connection, None, true()) as facts:
        assert await Counting(connection, facts, offices, today).totals(DEFINITIONS, beside) == [
            reference(facts_of(streams), replace(plain, period=one), offices)[""] for one in beside
        ]
    kept = await summed(database)
    async with database.write() as connection:
        await fact_store.refill(connection)
    assert await summed(database) == kept  # what was added step by step is what all add up to
    newest = replace(now, as_of=BEGIN + timedelta(days=DAYS + 1))
    assert await counting.figures(DEFINITIONS, newest, offices) == await counting.figures(DEFINITIONS, now, offices)


async def test_an_import_that_died_leaves_figures_that_are_right_and_the_next_start_puts_them_on(
    database: Database, journal: SqlJournal, tell: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fact_store, "FEW", 0)
    await tell.mediated("c0", "m0", office="o1")
    first = (await journal.read(stream("c0")))[0]
    await journal.begin([(stream(f"d{n}"), Draft(first.type, first.data, first.at, first.actor)) for n in range(3)])
    asked, kept = StatisticsQuery(APRIL, APRIL.last), await summed(database)
    assert (await SqlStatistics(database).figures([find_statistic("received")], asked))[""]["received@1"].top == 4
    assert await fact_store.complete_facts(database) == 0
    async with database.read() as connection:
        assert not await fact_store.any_waits(connection)
    assert len(await summed(database) - kept) > 10
    assert (await SqlStatistics(database).figures([find_statistic("received")], asked))[""]["received@1"].top == 4


async def test_days_of_a_whole_month_are_days_and_not_the_month_on_its_first(database: Database, tell: Teller) -> None:
    await tell.mediated("c0", "m0", office="o1")
    found = await SqlStatistics(database).figures(
        [find_statistic("received")], StatisticsQuery(APRIL, APRIL.last, by="day")
    )
    assert {day: one["received@1"].top for day, one in found.items()} == {"2026-04-11": 1}


async def test_a_rebuild_makes_the_same_facts(database: Database, journal: SqlJournal, tell: Teller) -> None:
    for number in range(3):
        await tell.mediated(f"c{number}", f"m{number}", office="o1")
    before = await rows(database)
    async with database.write() as connection:
        await connection.execute(delete(complaint_facts))
    await rebuild(database)
    assert await rows(database) == before
    assert len(before) == 3


async def test_complaints_from_before_there_were_facts_get_theirs(database: Database, tell: Teller) -> None:
    for number in range(3):
        await tell.mediated(f"c{number}", f"m{number}", office="o1")
    before = await rows(database)
    async with database.write() as connection:
        await connection.execute(delete(complaint_facts).where(complaint_facts.c.id != "c1"))
    assert await fact_store.complete_facts(database) == 2
    assert await rows(database) == before
    assert await fact_store.complete_facts(database) == 0


async def test_years_that_another_version_left_behind_are_what_their_months_add_up_to_again(
    database: Database, tell: Teller
) -> None:
    for number in range(3):
        await tell.mediated(f"c{number}", f"m{number}", office=f"o{number % 2}")
    kept, years = await summed(database), fact_days.c.dim == YEARS
    left_behind = (
        update(fact_days).where(years, fact_days.c.office == "o0").values(count=1),
        delete(fact_days).where(years, fact_days.c.of == "days_to_handling"),
        delete(fact_days).where(years),
    )
    for statement in left_behind:
        async with database.write() as connection:
            await connection.execute(statement)
        assert await summed(database) != kept
        assert await fact_store.complete_facts(database) == 0
        assert await summed(database) == kept
    async with database.write() as connection:
        assert not await fact_store.mend_years(connection)


async def test_facts_from_before_a_column_was_there_are_made_anew(
    database: Database, journal: SqlJournal, tell: Teller
) -> None:
    for number in range(3):
        await tell.mediated(f"c{number}", f"m{number}", office="o1")
    await journal.erase(stream("c2"), [1], SYSTEM, MORNING + timedelta(days=1))
    before = await rows(database)
    async with database.write() as connection:
        await connection.execute(update(complaint_facts).values(entered=None, respondent="", days_to_settlement=None))
    assert await fact_store.complete_facts(database) == 2
    after = await rows(database)
    assert after[:2] == before[:2]
    assert after[2] != before[2]  # its beginning is gone: it stays as it was last known
    assert await fact_store.complete_facts(database) == 0


async def test_an_erased_beginning_leaves_the_figures_as_they_were(
    database: Database, journal: SqlJournal, tell: Teller
) -> None:
    await tell.mediated("c1", "m1")
    await journal.erase(stream("c1"), [1], SYSTEM, MORNING + timedelta(days=1))
    before = await rows(database)
    assert len(before) == 1
    await rebuild(database)
    assert await rows(database) == before
    asked = StatisticsQuery(APRIL, APRIL.last, as_of=MORNING + timedelta(hours=1))
    assert (await SqlStatistics(database).figures([find_statistic("mediated")], asked))[""]["mediated@1"].value == 1


# ---------------------------------------------------------------- whose


@pytest.fixture
async def counting(database: Database, tell: Teller) -> SqlStatistics:
    for number in (1, 2, 3):
        await tell.mediated(f"c{number}", f"m{number}", office=f"o{number}")
    return SqlStatistics(database)


async def test_an_officer_counts_their_own_offices_and_a_supervisor_those_they_oversee(counting: SqlStatistics) -> None:
    asked = StatisticsQuery(APRIL, APRIL.last)
    for officer, count in ((ZHOU, 1), (ELSEWHERE, 1), (LIN, 2)):
        seen = await counting.overview(officer, asked)
        assert (seen.now["mediated@1"].top, len(seen.offices)) == (count, count)
    assert dict(seen.months)["2026-04"]["received@1"].value == 2
    assert seen.previous["mediated@1"].value == 0
    grouped = await counting.overview(LIN, StatisticsQuery(APRIL, APRIL.last, by="office"))
    assert [(group, one["received@1"].top) for group, one in grouped.groups] == [("o1", 1), ("o2", 1)]


async def test_a_bureaus_figures_are_those_of_all_below_it_counted_together(
    database: Database, counting: SqlStatistics, tell: Teller
) -> None:
    """o1 a city's bureau with o2 and a county with o3 below it; each figure as if all complaints were one office's."""
    await tell.mediated("c4", "m4", office="o3")
    async with database.write() as connection:
        for office, level, superior in (
            ("o1", "city", ""), ("o2", "office", "o1"), ("county", "county", "o1"), ("o3", "office", "county"),
        ):  # fmt: skip
            new = {"id": office, "name": office, "short": office, "phone": "1", "number_prefix": office, "zone": ZONE}
            place = {"level": level, "superior": superior}
            if office == "county":
                await connection.execute(insert(offices).values(new | place))
            else:
                await connection.execute(update(offices).where(offices.c.id == office).values(place))
        await connection.execute(delete(office_oversight))
    wanted, known = list(DEFINITIONS), {"o1": ["o1"], "o2": ["o2"], "below:county": ["county", "o3"]}
    asked = StatisticsQuery(APRIL, APRIL.last)
    found = await counting.compare(LIN, asked, wanted)
    assert found.at is not None
    assert (found.at.id, found.above, [(row.asked, row.below) for row in found.rows]) == (
        "o1",
        [],
        [("o1", 0), ("below:county", 1), ("o2", 0)],
    )
    for row in found.rows:
        assert row.figures == (await counting.figures(wanted, asked, known[row.asked]))[""]
    assert found.total == (await counting.figures(wanted, asked, ["o1", "o2", "county", "o3"]))[""]
    county = await counting.compare(LIN, replace(asked, office="below:county"), wanted)
    assert ([row.asked for row in county.rows], [one.id for one in county.above]) == (["county", "o3"], ["o1"])
    overview = await counting.overview(LIN, replace(asked, office="below:county"))
    assert overview.now["received@1"] == county.total["received@1"]
    assert overview.now["received@1"].top == 2
    behind, many = await counting.records(
        LIN, replace(asked, office="below:county"), find_statistic("received"), "top", None, 1
    )
    assert ([row.id for row in behind], many) == (["c3", "c4"], 2)
    for sideways in ("below:o1", "o1", "below:county"):
        with pytest.raises(Refused, match="not_found"):
            await counting.compare(replace(ELSEWHERE, role="supervisor"), replace(asked, office=sideways), wanted)


async def test_another_office_is_answered_like_one_that_does_not_exist(counting: SqlStatistics) -> None:
    for office in ("o3", "nowhere"):
        asked = StatisticsQuery(APRIL, APRIL.last, office)
        with pytest.raises(Refused) as no:
            await counting.overview(LIN, asked)
        assert (no.value.code, no.value.status) == ("not_found", 404)
        with pytest.raises(Refused):
            await counting.records(LIN, asked, find_statistic("received"), "top", None, 1)


async def test_behind_a_figure_stand_its_complaints(counting: SqlStatistics) -> None:
    asked = StatisticsQuery(APRIL, APRIL.last, by="office")
    found, total = await counting.records(LIN, asked, find_statistic("loss_recovered"), "top", None, 1)
    assert ([row.id for row in found], total) == (["c1", "c2"], 2)
    assert {str(row.value) for row in found} == {"2000.00"}
    one, total = await counting.records(LIN, asked, find_statistic("success_rate"), "bottom", "o2", 1)
    assert ([row.id for row in one], total) == (["c2"], 1)
    assert (await counting.records(LIN, asked, find_statistic("received"), "top", None, 2))[0] == []


@pytest.mark.parametrize("waiting", [False, True])
async def test_pages_behind_a_figure_are_all_its_complaints_once_in_the_order_of_days(
    database: Database, journal: SqlJournal, monkeypatch: pytest.MonkeyPatch, waiting: bool
) -> None:
    monkeypatch.setattr(store, "PAGE_SIZE", 3)
    monkeypatch.setattr(fact_store, "FEW", 0 if waiting else 100)
    begun, order = [], []
    for n in range(24):
        day = MORNING - timedelta(days=(n * 37) % 150)
        place, kind = f"武汉市洪山区{'甲乙'[n % 2]}路{n}号", ("quality", "price")[n % 3 > 0]
        business = replace(registered().business, address=place)
        record = registered(f"p{n:02d}", "o1", received=day, business=business, problem_class=kind)
        begun.append((stream(f"p{n:02d}"), to_draft(record, MORNING, SYSTEM)))
        order.append((day.astimezone(ZoneInfo(ZONE)).date(), f"p{n:02d}", "甲乙"[n % 2] + "路", record.problem_class))
    await journal.begin(begun)
    counting, last = SqlStatistics(database), MORNING.date()
    for first, until in ((150, 0), (100, 9)):
        period = Period(last - timedelta(days=first), last - timedelta(days=until))
        for by, at, groups in (("", 2, [None]), ("street", 2, ["甲路", "乙路"]), ("problem", 3, ["quality", "price"])):
            for group in groups:
                wanted = sorted(
                    (one[0], one[1]) for one in order
                    if period.holds(one[0]) and (group is None or one[at] == group)
                )  # fmt: skip
                seen: list[tuple[date, str]] = []
                for page in range(1, len(wanted) // 3 + 3):
                    asked = StatisticsQuery(period, last, by=by)
                    rows, total = await counting.records(LIN, asked, find_statistic("received"), "top", group, page)
                    assert total == len(wanted)
                    seen += [(row.day, row.id) for row in rows]
                assert seen == wanted, (period, by, group)


async def test_as_of_the_day_before_the_session_nothing_was_settled(counting: SqlStatistics) -> None:
    asked = StatisticsQuery(APRIL, APRIL.last, as_of=MORNING - timedelta(hours=1))
    seen = await counting.overview(ZHOU, asked)
    assert [seen.now[f"{name}@1"].top for name in ("received", "accepted", "mediated")] == [1, 1, 0]


async def summed(database: Database) -> set[tuple[object, ...]]:
    """All sums that are not nothing."""
    async with database.read() as connection:
        found = [tuple(row) for table in (fact_sums, fact_days) for row in await connection.execute(select(table))]
    return {row for row in found if any(isinstance(one, int) and one for one in (row[5:] if len(row) > 7 else row[6:]))}


async def rows(database: Database) -> list[tuple[object, ...]]:
    async with database.read() as connection:
        found = await connection.execute(select(complaint_facts).order_by(complaint_facts.c.id))
        return [tuple(row) for row in found]
