"""The list of complaints: one window of it for any filter, in bounded time whatever the number of complaints.

Two ways lead to a window. Words, and filters a row wears as marks, are answered by the word index, whose matches come
in the order of the list. Dates due are answered by their own index as long as few fall under them. Neither way
sorts more than a few thousand places, and a window ends at `MOST_COUNTED`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.changes.rules import MERGED
from complaints.complaint import State
from complaints.views import MOST_COUNTED, ComplaintFilter
from server.complaints.row_store import matching_complaints
from server.complaints.words import Token, first_place, mark, wanted
from server.db.schema import complaints
from server.db.scope import local_midnight

FEW_DUE = 1_500  # dates due that are gone through one by one
HIDDEN = (MERGED, State.UNDONE.value)  # unless they are asked for

_c = complaints.c


async def window(
    connection: AsyncConnection, asked: ComplaintFilter, offices: Sequence[str], zone: str, today: date, soon: date
) -> list[int]:
    """Places, newest receipt first; one more than MOST_COUNTED when there are more. `soon`: the last near day."""
    words = wanted(asked.search)
    if asked.search.strip() and not words:
        return []  # nothing but signs: it is written nowhere
    offices = [office for office in offices if asked.office in ("", office)]
    if not offices:
        return []
    plain = _places(asked, offices, zone)
    due = _due(_c.next_due, asked.due, today, soon)
    if due is not None and await _few(connection, offices, due):
        # The marks are columns too; of so few rows each is looked at.
        places = await _found(connection, _newest(select(_c.place).where(*plain, *_marks_as_columns(asked), due)))
        return places if not words else await _among(connection, places, words)
    # Many that are due lie close in the list, so it is walked; an expression keeps the planner from sorting them all.
    many = _due(func.coalesce(_c.next_due, date.max), asked.due, today, soon)
    if many is not None:
        plain.append(many)
    marks = [[Token(mark(kind, value))] for kind, value in _marks(asked) if value]
    if not (words or marks) and len(offices) == 1:
        return await _found(connection, _newest(select(_c.place).where(*plain)))
    marks.append([Token(mark("office", office)) for office in offices])
    place, found = matching_complaints(connection.dialect.name == "sqlite", [*words, *marks])
    joined = found.join(complaints, _c.place == place).where(*plain, *_within(place, asked, zone))
    return await _found(connection, joined.order_by(place.desc()))


def _marks(asked: ComplaintFilter) -> tuple[tuple[str, str], ...]:
    return (
        ("channel", asked.channel),
        ("state", asked.state),
        ("problem", asked.problem),
        ("industry", asked.industry),
    )


def _marks_as_columns(asked: ComplaintFilter) -> list[ColumnElement[bool]]:
    columns = ((_c.channel, asked.channel), (_c.state, asked.state), (_c.problem_class, asked.problem))
    found = [column == value for column, value in columns if value]
    return [*found, _c.industry_code.startswith(asked.industry, autoescape=True)] if asked.industry else found


def _places(asked: ComplaintFilter, offices: Sequence[str], zone: str) -> list[ColumnElement[bool]]:
    office = _c.office == offices[0] if len(offices) == 1 else _c.office.in_(offices)
    found = [office, *_within(_c.place, asked, zone)]
    return found if asked.state in HIDDEN else [*found, _c.state.not_in(HIDDEN)]


def _within(place: ColumnElement[int], asked: ComplaintFilter, zone: str) -> list[ColumnElement[bool]]:
    found = []
    if asked.since:
        found.append(place >= first_place(local_midnight(asked.since, ZoneInfo(zone))))
    ends = [] if asked.until is None else [first_place(local_midnight(asked.until + timedelta(days=1), ZoneInfo(zone)))]
    if asked.before is not None:
        ends.append(asked.before)
    return [*found, place < min(ends)] if ends else found


def _due(of: ColumnElement[Any], due: str, today: date, soon: date) -> ColumnElement[bool] | None:
    match due:
        case "late":
            return of < today
        case "today":
            return of == today
        case "soon":
            return of.between(today, soon)
        case _:
            return None


async def _few(connection: AsyncConnection, offices: Sequence[str], due: ColumnElement[bool]) -> bool:
    some = select(_c.next_due).where(_c.office.in_(offices), due).limit(FEW_DUE + 1).subquery()
    return (await connection.execute(select(func.count()).select_from(some))).scalar_one() <= FEW_DUE


def _newest(places: Select[int]) -> Select[int]:
    return places.order_by(_c.place.desc())


async def _found(connection: AsyncConnection, places: Select[int]) -> list[int]:
    return list((await connection.execute(places.limit(MOST_COUNTED + 1))).scalars())


async def _among(connection: AsyncConnection, places: Sequence[int], words: Sequence[Sequence[Token]]) -> list[int]:
    place, found = matching_complaints(connection.dialect.name == "sqlite", words)
    kept: list[int] = []
    for at in range(0, len(places), 500):
        some = found.where(place.in_(places[at : at + 500])).order_by(place.desc())
        kept.extend((await connection.execute(some)).scalars())
    return kept
