"""Counts measures in SQL: from daily sums where they hold them, from facts where not. `Tally`s come out.

As of an earlier moment the sums of today are taken, what changed since is taken off as it is now and put on as it
was then. `tests/server/statistics/test_statistics.py` holds all of it to `complaints.statistics.figures`. Longer
than other modules, since every count is made of the same parts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any, Final, assert_never

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    String,
    and_,
    case,
    cast,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    type_coerce,
    union,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.statistics import Done, Judged, Measure, OnTime, Statistic, Test
from complaints.statistics.facts import BANDS, EDGES
from complaints.statistics.figures import (
    ADDED,
    BETWEEN,
    INDUSTRY,
    SAID,
    TOTAL,
    Figure,
    MeasureTally,
    Narrowed,
    Period,
    Tallies,
    figure,
    month,
)
from complaints.statistics.sums import (
    LEVELS,
    SPREAD,
    SPREAD_BY,
    YEARS,
    MeasureColumns,
    apart,
    firsts,
    in_years,
    merged,
    months,
    read_of,
    spans,
)
from server.complaints import wanted as wanted_words
from server.complaints.listing_store import matching_complaints
from server.db.schema import complaints, fact_days, fact_sums, respondent_joins
from server.db.schema.base import every_one
from server.insight import business_store
from server.statistics.fact_store import Offices, Scope, Then, of_offices

# One instance of each: SQLAlchemy adapts every new one to the dialect, and a statement here has hundreds of casts.
_TEXT: Final = String()
_WHOLE: Final = BigInteger()
ALL: Final = cast(literal_column("''"), _TEXT)  # PostgreSQL groups by no bare constant


def within(facts: FromClause, measure: Measure, period: Period, today: date, scope: Scope) -> ColumnElement[bool]:
    """`complaints.statistics.figures.belongs`, for some offices."""
    day = facts.c[measure.by]
    in_period = and_(day >= period.first, day <= period.last)
    return and_(scope(facts), in_period, facts.c.counted, *tests(facts, measure.tests, today))


def label(facts: FromClause, measure: Measure, by: str) -> ColumnElement[Any]:
    """No bound parameters: PostgreSQL must see that what is selected is what is grouped by."""
    if BETWEEN in by:
        first, _, second = by.partition(BETWEEN)
        left, right = (cast(label(facts, measure, one), _TEXT) for one in (first, second))
        return left + literal_column(f"'{BETWEEN}'", _TEXT) + right
    match by:
        case "":
            return ALL
        case "month" | "day":
            return cut(cast(facts.c[measure.by], _TEXT), 7 if by == "month" else 10)
        case "band":
            fen = type_coerce(facts.c.amount, _WHOLE)
            steps: list[Any] = [
                (fen >= literal_column(str(edge * 100)), literal_column(f"'{name}'")) for edge, name in _BANDS
            ]
            return case(
                *steps, (fen > literal_column("0"), literal_column(f"'{BANDS[0]}'")), else_=literal_column("''")
            )
        case _ if by in INDUSTRY:
            return cut(facts.c.industry_code, INDUSTRY[by])
        case _:
            return facts.c[by]


_BANDS: Final = list(zip(reversed(EDGES), reversed(BANDS[1:]), strict=True))


def cut(text: ColumnElement[Any], length: int) -> ColumnElement[Any]:
    return func.substr(text, literal_column("1"), literal_column(str(length)))


def tests(facts: FromClause, tests: Sequence[Test], today: date) -> Iterable[ColumnElement[bool]]:
    for test in tests:
        done = facts.c[test.done]
        match test:
            case Done():
                yield done.is_not(None)
            case OnTime(due=due):
                yield done <= facts.c[due]
            case Judged(due=due):
                yield or_(done.is_not(None), facts.c[due] < today)
            case _:
                assert_never(test)


Narrowing = Callable[[FromClause], ColumnElement[bool]]
"""Of facts: whether they are among those a question was narrowed to."""


async def narrowing(connection: AsyncConnection, only: Narrowed) -> Narrowing | None:
    """None: it was not."""
    if not only:
        return None
    joined = [await business_store.counted_as(connection, values) for by, values in only if by == RESPONDENT]
    sqlite = connection.dialect.name == "sqlite"

    def there(facts: FromClause) -> ColumnElement[bool]:
        return and_(*(_fits(facts, by, joined[0] if by == RESPONDENT else values, sqlite) for by, values in only))

    return there


def _fits(facts: FromClause, by: str, values: Sequence[str], sqlite: bool) -> ColumnElement[bool]:
    match by:
        case "industry":
            codes = [facts.c.industry_code.startswith(value, autoescape=True) for value in values]
            return or_(facts.c.industry.in_(values), *codes)
        case "division":
            return or_(*(facts.c.division.startswith(value, autoescape=True) for value in values))
        case _ if by == SAID:
            return or_(*(_says(facts, value, sqlite) for value in values))
        case _:
            return func.coalesce(label(facts, Measure("received"), by), _NOBODY).in_(values)


def _says(facts: FromClause, words: str, sqlite: bool) -> ColumnElement[bool]:
    looked_for = wanted_words(words)
    if not looked_for:
        return false()
    _, places = matching_complaints(sqlite, looked_for)
    return facts.c.id.in_(select(complaints.c.id).where(complaints.c.place.in_(places)))


_OFFICE_AND: Final = f"office{BETWEEN}"
_NOBODY: Final[ColumnElement[Any]] = literal_column("''")
_DAY: Final = timedelta(days=1)
RESPONDENT: Final = "respondent"


@dataclass(frozen=True, slots=True)
class Top:
    """Only the groups with most of the first measure, and how many groups there are in all."""

    tallies: Tallies
    groups: int


Respondents = Select[Any] | Sequence[str]
"""Some of them: heads, to be read with all that count as one; or the keys of both."""


def _each_of(connection: AsyncConnection, some: Respondents) -> FromClause:
    if not isinstance(some, Select):
        return every_one(connection, fact_sums.c.value, some)
    named = some.cte("named")  # gone through once, however many parts ask
    member = select(respondent_joins.c.member).where(respondent_joins.c.head.in_(select(named)))
    return union(select(named), member).cte("some")


class Counting:
    """In one set of facts, for some offices, on some day."""

    def __init__(
        self, connection: AsyncConnection, then: Then, scope: Offices, today: date, narrow: Narrowing | None = None
    ) -> None:
        self._connection = connection
        self._then = then
        self._scope = of_offices(connection, scope)
        self._today = today
        self._narrow = narrow

    async def figures(self, wanted: Sequence[Statistic], period: Period, by: str = "") -> dict[str, dict[str, Figure]]:
        """By group; the total's is there even when nothing was counted."""
        found = await self.tallies({measure for one in wanted for measure in one.measures}, period, by)
        groups = {group for _, group in found} | (set() if by else {TOTAL})
        return {group: {one.id: figure(one, found, group) for one in wanted} for group in groups}

    async def tallies(
        self, measures: Collection[Measure], period: Period, by: str = "", only: Sequence[str] | None = None
    ) -> Tallies:
        """Of all of them; nothing for a group nothing was counted in. `only`: these groups.

        `by` may also be two at once, as "o1|quality": from the sums where it is "office|" and a coarse dimension, from
        facts otherwise.
        """
        spread = [one for one in measures if _ordered(one)]
        if only is not None and by == RESPONDENT:
            only = await business_store.counted_as(self._connection, only)
        found = {**await self._spread(spread, period, by)}
        counted = sorted((one for one in measures if one not in spread), key=lambda one: one.by)
        if counted:
            found.update((await self._counted(counted, period, by, 0, only)).tallies)
        return found

    async def totals(self, wanted: Sequence[Statistic], periods: Sequence[Period]) -> list[dict[str, Figure]]:
        """The figures of each period, ungrouped. What several periods have in common is read once."""
        measures = {measure for one in wanted for measure in one.measures}
        plain = self._narrow is None and self._then.waiting is None and self._then.gone is None
        columns = {one: read for one in measures if (read := read_of(one)) is not None}
        spread = [one for one in measures if not one.tests and (one.by, one.of) in SPREAD]
        if not plain or len(columns) + len(spread) < len(measures):  # sums do not say it all
            found = [await self.tallies(measures, period) for period in periods]
        else:
            days = await self._spread_over(spread, periods)
            found = [{**one, **two} for one, two in zip(await self._counted_over(columns, periods), days, strict=True)]
        return [{one.id: figure(one, tallies) for one in wanted} for tallies in found]

    async def _counted_over(
        self, measures: Mapping[Measure, MeasureColumns], periods: Sequence[Period]
    ) -> list[Tallies]:
        """Of the sums of whole days and months, added up to each period here: they are some dozens."""
        pieces = {
            (n, measure): [
                (column, level, span)
                for column, piece in _ways(read, period, self._today)
                for level, span in spans(piece, "total")
            ]
            for n, period in enumerate(periods)
            for measure, read in measures.items()
        }
        columns = {column for some in pieces.values() for column, _, _ in some}
        columns |= {read.added for read in measures.values() if read.added}
        table = fact_sums.c
        sums = [cast(func.sum(table[name]), _WHOLE).label(name) for name in sorted(columns)]
        parts = []
        for level in ("m", "d"):
            for span in merged(one for some in pieces.values() for _, at, one in some if at == level):
                there = and_(
                    table.level == level, table.dim == "total", self._scope(fact_sums),
                    table.day >= span.first, table.day <= span.last,
                )  # fmt: skip
                parts.append(select(literal_column(f"'{level}'").label("level"), table.day, *sums).where(there))
        read_rows = union_all(*(part.group_by(table.day) for part in parts))
        rows = [dict(row) for row in (await self._connection.execute(read_rows)).mappings()]
        found: list[dict[tuple[Measure, str], MeasureTally]] = [{} for _ in periods]
        for (n, measure), some in pieces.items():
            added, count, total = measures[measure].added, 0, 0
            for column, level, span in some:
                for row in rows:
                    if row["level"] == level and span.holds(row["day"]):
                        count += row[column]
                        total += row[added] if added else 0
            if count:
                found[n][measure, TOTAL] = MeasureTally(count, _amount(measure, total))
        return list(found)

    async def _spread_over(self, measures: Sequence[Measure], periods: Sequence[Period]) -> list[Tallies]:
        """Of whole months as they are kept, of other days from facts."""
        pieces = [spans(period, "total") for period in periods]
        kept = [
            {(at, day): sign for level, span in some if level == "m" for at, day, sign in in_years(span)}
            for some in pieces
        ]
        rest = [[span for level, span in some if level != "m"] for some in pieces]
        parts: list[Select[Any]] = []
        names: dict[str, Measure] = {measure.of: measure for measure in measures}
        table, facts = fact_days.c, self._then.now
        for level, dim in (("y", YEARS), ("m", "total")):
            if days := sorted({day for some in kept for at, day in some if at == level}):
                there = and_(
                    table.of.in_(sorted(names)), table.dim == dim, self._scope(fact_days), table.day.in_(days)
                )  # fmt: skip
                of_which = table.of, table.day, table.days
                kind = cast(literal_column(f"'{level}'"), _TEXT)
                parts.append(select(kind, *of_which, func.sum(table.count)).where(there).group_by(*of_which))
        for of, measure in sorted(names.items()):
            name = cast(literal_column(f"'{of}'"), _TEXT)
            for span in apart(one for some in rest for one in some):
                day, days_ = facts.c[measure.by], facts.c[of]
                there = and_(self._within(facts, measure, span), days_.is_not(None))
                kind = cast(literal_column("''"), _TEXT)
                parts.append(select(kind, name, func.min(day), days_, func.count()).where(there).group_by(days_))
        taken: list[dict[Measure, dict[int, int]]] = [{} for _ in periods]
        for level, of, day, days_, count in await self._connection.execute(union_all(*parts)) if parts else ():
            for n, signs in enumerate(kept):
                sign = signs.get((level, day), 0) if level else any(span.holds(day) for span in rest[n])
                if sign:
                    some = taken[n].setdefault(names[of], {})
                    some[days_] = some.get(days_, 0) + sign * int(count)
        return [{(measure, TOTAL): _spread_tally(some) for measure, some in one.items()} for one in taken]

    async def top(
        self, measures: Sequence[Measure], period: Period, by: str, most: int, of: Respondents | None = None
    ) -> Top:
        """The groups that have most of the first. `of`: of these respondents, where numbers are counted or added up."""
        if not _ordered(measures[0]):
            return await self._counted(measures, period, by, most, of=of)
        found = await self._spread(measures, period, by)
        labels = sorted({group for _, group in found}, key=lambda group: (-found[measures[0], group].count, group))
        return Top({(measures[0], group): found[measures[0], group] for group in labels[:most]}, len(labels))

    async def _counted(
        self,
        measures: Sequence[Measure],
        period: Period,
        by: str,
        most: int,
        only: Sequence[str] | None = None,
        of: Respondents | None = None,
    ) -> Top:
        parts = [part for n, one in enumerate(measures) for part in self._parts(n, one, period, by)]
        if only is not None:
            parts = [_only(part, only) for part in parts]
        if of is not None:  # before anything is added up, which is most of the work
            some = select(_each_of(self._connection, of))
            parts = [replace(part, condition=and_(part.condition, part.label.in_(some))) for part in parts]
        every = union_all(*_together(parts, len(measures))).subquery("parts")
        sums = [func.sum(every.c[name]).label(name) for n in range(len(measures)) for name in (f"n{n}", f"t{n}")]
        any_there = or_(*(func.sum(every.c[f"n{n}"]) != 0 for n in range(len(measures))))
        named: ColumnElement[Any] = every.c.label
        if by == RESPONDENT:  # one that a person joined to another counts as that
            named = func.coalesce(respondent_joins.c.head, every.c.label)
        grouped = select(named.label("label"), *sums).group_by(named).having(any_there)
        if by == RESPONDENT:
            joined = and_(respondent_joins.c.member == every.c.label, respondent_joins.c.head != _NOBODY)
            grouped = grouped.select_from(every.join(respondent_joins, joined, isouter=True))
        if most:
            # By what is added up, where something is.
            first = func.sum(every.c.t0) if measures[0].of else func.sum(every.c.n0)
            grouped = grouped.add_columns(func.count().over().label("groups")).having(first > 0)
            grouped = grouped.order_by(first.desc(), named).limit(most)
        found: dict[tuple[Measure, str], MeasureTally] = {}
        groups = 0
        for name, *numbers in await self._connection.execute(grouped):
            groups = int(numbers[-1]) if most else groups + 1
            for measure, count, total in zip(measures, numbers[::2], numbers[1::2], strict=False):
                if count:
                    found[measure, name] = MeasureTally(int(count), _amount(measure, total))
        return Top(found, groups)

    async def located(
        self, measure: Measure, period: Period, by: str, groups: Sequence[str] | None, skip: int, most: int
    ) -> tuple[Period, int]:
        """The days that hold `most` complaints after the first `skip`, in the order of days, and how many of these are
        before them. `groups`: of these groups; None: of all. Sums say it, so that nobody has to sort a whole period;
        where they do not, it is the period itself."""
        read, dim = read_of(measure), _dim(by)
        if read is None or read.open != read.column or not dim or self._then.gone is not None or self._narrow:
            return period, skip
        for unit, length in (("m", 7), ("d", 10)):
            if unit == "d" and "d" not in LEVELS[dim]:
                break
            pieces = months(period, dim) if unit == "m" else [("d", period)]
            days = await self._on_days(measure, read.column, pieces, dim, by, groups, length)
            period, skip = _holding(days, period, skip, most)
        return period, skip

    async def _on_days(
        self, measure: Measure, column: str, pieces: Sequence[tuple[str, Period]], dim: str, by: str,
        groups: Sequence[str] | None, length: int,
    ) -> dict[str, int]:  # fmt: skip
        parts: list[_RowsCounted] = []
        for level, span in pieces:
            if level == "facts":
                parts.append(self._of_facts(0, self._then.now, measure, span, by))
                continue
            if self._then.waiting is not None:
                parts.append(self._of_facts(0, self._then.waiting, measure, span, by))
            table = fact_sums.c
            there = and_(
                table.level == level, table.dim == dim, self._scope(fact_sums),
                table.day >= span.first, table.day <= span.last,
            )  # fmt: skip
            parts.append(_RowsCounted(0, (level, dim, span), fact_sums, _group(by), there, table[column], None))
        found: dict[str, int] = {}
        for part in parts:
            one = part if groups is None else _only(part, groups)
            day = fact_sums.c.day if one.of is fact_sums else one.of.c[measure.by]
            name_of = cut(cast(day, _TEXT), length)
            wanted = select(name_of, func.sum(one.count)).select_from(one.of).where(one.condition).group_by(name_of)
            for name, count in await self._connection.execute(wanted):
                found[name] = found.get(name, 0) + int(count)
        return found

    # ------------------------------------------------------------ where the numbers are

    def _parts(self, n: int, measure: Measure, period: Period, by: str) -> Iterable[_RowsCounted]:
        """What is added up to the `n`th measure."""
        read, dim = read_of(measure), _dim(by)
        if read is None or not dim or self._narrow:  # sums say nothing of a part of them
            yield self._of_facts(n, self._then.facts, measure, period, by)
            return
        for column, piece in _ways(read, period, self._today):
            for level, span in _spans(piece, dim, by):
                if level == "facts":
                    yield self._of_facts(n, self._then.now, measure, span, by)
                    continue
                if self._then.waiting is not None:
                    yield self._of_facts(n, self._then.waiting, measure, span, by)
                table = fact_sums.c
                there = and_(
                    table.level == level, table.dim == dim, self._scope(fact_sums),
                    table.day >= span.first, table.day <= span.last,
                )  # fmt: skip
                added = table[read.added] if read.added else None
                yield _RowsCounted(n, (level, dim, span), fact_sums, _group(by), there, table[column], added)
        if self._then.gone is not None and self._then.came is not None:
            yield self._of_facts(n, self._then.gone, measure, period, by, -1)
            yield self._of_facts(n, self._then.came, measure, period, by)

    def _of_facts(
        self, n: int, facts: FromClause, measure: Measure, period: Period, by: str, sign: int = 1
    ) -> _RowsCounted:
        passes = and_(true(), *tests(facts, measure.tests, self._today))
        one = case((passes, literal_column(str(sign))), else_=literal_column("0"))
        added = None
        if measure.of:
            amount = type_coerce(func.coalesce(facts.c[measure.of], literal_column("0")), _WHOLE)
            added = amount * literal_column(str(sign))
        in_period = self._within(facts, Measure(measure.by), period)
        where = (
            facts.name if isinstance(facts, FromClause) and hasattr(facts, "name") else "",
            sign,
            measure.by,
            period,
        )
        return _RowsCounted(n, where, facts, label(facts, measure, by), in_period, one, added)

    async def _spread(self, measures: Sequence[Measure], period: Period, by: str) -> Tallies:
        """How many took how many days."""
        heads = await business_store.heads(self._connection) if measures and by == RESPONDENT else {}
        found: dict[tuple[Measure, str], MeasureTally] = {}
        for measure in measures:
            groups: dict[str, dict[int, int]] = {}
            for group, days, count in await self._connection.execute(union_all(*self._taken(measure, period, by))):
                some = groups.setdefault(heads.get(group, group), {})
                some[days] = some.get(days, 0) + int(count)
            found |= {(measure, group): _spread_tally(some) for group, some in groups.items() if sum(some.values())}
        return found

    def _taken(self, measure: Measure, period: Period, by: str) -> Iterable[Select[Any]]:
        dim = _dim(by)
        summed = (measure.by, measure.of) in SPREAD and dim in SPREAD_BY and by != "day"
        if measure.tests or self._narrow or not summed:
            yield self._taken_of_facts(self._then.facts, measure, period, by)
            return
        for level, span in spans(period, dim):
            if level != "m":
                yield self._taken_of_facts(self._then.now, measure, span, by)
                continue
            if self._then.waiting is not None:
                yield self._taken_of_facts(self._then.waiting, measure, span, by)
            table = fact_days.c
            there = and_(
                table.of == measure.of, table.dim == dim, self._scope(fact_days),
                table.day >= span.first, table.day <= span.last,
            )  # fmt: skip
            group = _group_of(fact_days, by)
            yield (
                select(group.label("label"), table.days, func.sum(table.count)).where(there).group_by(group, table.days)
            )
        if self._then.gone is not None and self._then.came is not None:
            yield self._taken_of_facts(self._then.gone, measure, period, by, -1)
            yield self._taken_of_facts(self._then.came, measure, period, by)

    def _taken_of_facts(
        self, facts: FromClause, measure: Measure, period: Period, by: str, sign: int = 1
    ) -> Select[Any]:
        group, days = label(facts, measure, by), facts.c[measure.of]
        there = self._within(facts, measure, period)
        counted = func.count() * literal_column(str(sign))
        return select(group.label("label"), days, counted).where(there, days.is_not(None)).group_by(group, days)

    def _within(self, facts: FromClause, measure: Measure, period: Period) -> ColumnElement[bool]:
        there = within(facts, measure, period, self._today, self._scope)
        return there if self._narrow is None else and_(there, self._narrow(facts))


@dataclass(frozen=True, slots=True)
class _RowsCounted:
    """Rows of one table that add to one measure. Those with the same `where` are read together."""

    n: int
    where: tuple[Any, ...]
    of: FromClause
    label: ColumnElement[Any]
    condition: ColumnElement[bool]
    count: ColumnElement[Any]
    added: ColumnElement[Any] | None


def _together(parts: Iterable[_RowsCounted], count: int) -> Iterable[Select[Any]]:
    """One SELECT for each place that is read, with two columns for each measure."""
    for _, some in groupby(sorted(parts, key=lambda part: str(part.where)), key=lambda part: part.where):
        read = list(some)
        columns: dict[str, ColumnElement[Any]] = {}
        for part in read:
            columns[f"n{part.n}"] = func.sum(part.count)
            if part.added is not None:
                columns[f"t{part.n}"] = func.sum(part.added)
        names = [name for n in range(count) for name in (f"n{n}", f"t{n}")]
        sums = [cast(columns.get(name, literal_column("0")), _WHOLE).label(name) for name in names]
        first = read[0]
        yield select(first.label.label("label"), *sums).where(first.condition).group_by(first.label)


def _ordered(measure: Measure) -> bool:
    return bool(measure.of) and measure.of not in ADDED


def _only(part: _RowsCounted, groups: Sequence[str]) -> _RowsCounted:
    """Of facts not by an index of the group: one with very many complaints has more of them than the days have. Of sums
    by their whole key, which is to look each up."""
    if part.of is not fact_sums:
        return replace(part, condition=and_(part.condition, func.coalesce(part.label, _NOBODY).in_(groups)))
    found = and_(part.condition, part.label.in_(groups))
    level, _, span = part.where
    if level in ("m", "y"):
        found = and_(found, fact_sums.c.day.in_(firsts(level, span)))
    return replace(part, condition=found)


def _holding(counts: Mapping[str, int], period: Period, skip: int, most: int) -> tuple[Period, int]:
    """The months or days, by name, that hold `most` after `skip`."""
    first, last, before, upto = "", "", 0, 0
    for name in sorted(counts):
        upto += counts[name]
        if not first and upto > skip:
            first, before = name, upto - counts[name]
        last = name
        if upto >= skip + most:
            break
    if not first:
        return period, skip
    begin, end = _named_days(first).first, _named_days(last).last
    return Period(max(begin, period.first), min(end, period.last)), skip - before


def _named_days(name: str) -> Period:
    day = date.fromisoformat(name if len(name) > 7 else f"{name}-01")
    return Period(day, day) if len(name) > 7 else month(day)


def _amount(measure: Measure, total: Any) -> Decimal:
    if not measure.of:
        return Decimal("0.00")
    return Decimal(int(total)) if measure.of == "travel" else Decimal(int(total)) / 100


def _spans(period: Period, dim: str, by: str) -> Sequence[tuple[str, Period]]:
    """A month's sum does not say on which days."""
    return [("d", period)] if by == "day" else spans(period, dim)


def _spread_tally(days: Mapping[int, int]) -> MeasureTally:
    return MeasureTally(sum(days.values()), days={taken: count for taken, count in days.items() if count})


def _ways(read: MeasureColumns, period: Period, today: date) -> list[tuple[str, Period]]:
    """Which column says it over which days: some measures count from today on what they do not count before."""
    if read.open == read.column:
        return [(read.column, period)]
    done, later = _until(period, today), _since(period, today)
    return [(column, piece) for column, piece in ((read.column, done), (read.open, later)) if piece]


def _until(period: Period, today: date) -> Period | None:
    """The days of it before today, whose due days are over."""
    last = min(period.last, today - _DAY)
    return Period(period.first, last) if period.first <= last else None


def _since(period: Period, today: date) -> Period | None:
    first = max(period.first, today)
    return Period(first, period.last) if first <= period.last else None


def _dim(by: str) -> str:
    """The dimension of the sums a grouping is read from."""
    by = by.removeprefix(_OFFICE_AND)
    if by in ("", "office", "month", "day"):
        return "total"
    if by in INDUSTRY:
        return "industry_code"
    return by if by in LEVELS else ""


def _group(by: str) -> ColumnElement[Any]:
    return _group_of(fact_sums, by)


def _group_of(table: FromClause, by: str) -> ColumnElement[Any]:
    if by.startswith(_OFFICE_AND):
        return table.c.office + literal_column(f"'{BETWEEN}'") + _group_of(table, by.removeprefix(_OFFICE_AND))
    match by:
        case "":
            return ALL
        case "office":
            return table.c.office
        case "month" | "day":
            return cut(cast(table.c.day, _TEXT), 7 if by == "month" else 10)
        case _ if by in INDUSTRY:
            return cut(table.c.value, INDUSTRY[by])
        case _:
            return table.c.value
