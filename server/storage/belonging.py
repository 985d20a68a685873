"""What a measure asks of facts, in SQL: which of them belong to it, and what group each is in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, Final, assert_never

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    String,
    and_,
    case,
    cast,
    func,
    literal_column,
    or_,
    true,
    type_coerce,
)

from complaints.statistics.definitions import Done, Judged, Measure, OnTime, Test
from complaints.statistics.figures import BETWEEN, INDUSTRY
from complaints.statistics.particulars import BANDS, EDGES
from complaints.statistics.periods import Period

Offices = Collection[str] | None  # None: all there are
ALL: Final = cast(literal_column("''"), String)  # PostgreSQL groups by no bare constant


def within(facts: FromClause, measure: Measure, period: Period, today: date, scope: Offices) -> ColumnElement[bool]:
    """`complaints.statistics.figures.belongs`, for some offices."""
    day = facts.c[measure.by]
    in_period = and_(day >= period.first, day <= period.last)
    return and_(of_offices(facts, scope), in_period, facts.c.counted, *tests(facts, measure.tests, today))


def label(facts: FromClause, measure: Measure, by: str) -> ColumnElement[Any]:
    """No bound parameters: PostgreSQL must see that what is selected is what is grouped by."""
    if BETWEEN in by:
        first, _, second = by.partition(BETWEEN)
        left, right = (cast(label(facts, measure, one), String) for one in (first, second))
        return left + literal_column(f"'{BETWEEN}'", String) + right
    match by:
        case "":
            return ALL
        case "month" | "day":
            return cut(cast(facts.c[measure.by], String), 7 if by == "month" else 10)
        case "band":
            fen = type_coerce(facts.c.amount, BigInteger)
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


def of_offices(table: FromClause, scope: Offices) -> ColumnElement[bool]:
    return true() if scope is None else table.c.office.in_(scope)
