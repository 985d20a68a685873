"""The list of complaints: each one's row, the index it is found by, a window of it, and those a new one may repeat.

Owns `complaints`, `complaint_words` and complaints' `clocks`. The column `place` is the order of the list: the second
of receipt, then one of the places within it. It is given once and changes only with the day of receipt. What a
complaint is found by (SQLite's FTS5 or PostgreSQL's tsvector) stands at its place, so that matches come in the order of
the list. Neither engine keeps the text: on SQLite whoever takes a row out must say which tokens it had.

A window takes bounded time whatever the number of complaints. Words, and filters a row wears as marks, are answered by
the word index; dates due by their own as long as few fall under them. Neither way sorts more than a few thousand
places, and a window ends at `MOST_COUNTED`. Possible duplicates are looked up by phone, by credit code and by the
beginning of the brand, the latter two among the nearest in time on either side.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    column,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    table,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.complaint import fold
from complaints.duplicates import DAYS, FiledComplaint, Particulars, by_others, hints, likely, same_business
from complaints.likeness import likeness
from complaints.record.rules import GOES, KEEPS, MERGED
from complaints.state import STREAM, ComplaintState, stream
from complaints.views import MOST_COUNTED, ComplaintFilter, EarlierComplaint, Lookalikes, SuggestedDuplicate
from journal.refusals import Refused
from law import Deadline
from offices import Officer
from server.complaints import (
    Filed,
    Row,
    Token,
    Wanted,
    clock_row,
    first_place,
    fts_query,
    mark,
    place_of,
    place_span,
    ts_query,
    wanted,
)  # fmt: skip
from server.complaints.officer_store import handled_by
from server.complaints.projection import ComplaintChange, ComplaintWriter
from server.db.bulk import FEW, copy_rows, insert_rows
from server.db.engine import Database
from server.db.journal import stream_events
from server.db.rows import complaint_row, local_midnight, party_record, within
from server.db.schema import clocks, complaints, offices
from server.db.schema.base import among, plan_by_values

NAME = "complaint_words"

_postgres = table(NAME, column("place", BigInteger), column("words"))


async def index_complaint(connection: AsyncConnection, rows: Iterable[tuple[int, str]]) -> None:
    """(place, words with a space between), at places where nothing stands. FTS5 writes out what it gathered when a
    place is lower."""
    given = sorted(rows)
    if not given:
        return
    if not _sqlite(connection) and len(given) > FEW:
        await copy_rows(connection, NAME, ("place", "words"), given)
        return
    words = ":words" if _sqlite(connection) else "CAST(:words AS tsvector)"
    at = "rowid" if _sqlite(connection) else "place"
    sql = f"INSERT INTO complaint_words ({at}, words) VALUES (:place, {words})"  # noqa: S608 - our own words
    await connection.execute(text(sql), [{"place": place, "words": words} for place, words in given])


async def unindex_complaint(connection: AsyncConnection, place: int, words: str) -> None:
    """`words`: exactly those it was put with; PostgreSQL knows them."""
    if _sqlite(connection):
        sql = "INSERT INTO complaint_words (complaint_words, rowid, words) VALUES ('delete', :place, :words)"
        await connection.execute(text(sql), {"place": place, "words": words})
    else:
        await connection.execute(text("DELETE FROM complaint_words WHERE place = :place"), {"place": place})


async def empty_index(connection: AsyncConnection) -> None:
    if _sqlite(connection):
        await connection.execute(text("INSERT INTO complaint_words (complaint_words) VALUES ('delete-all')"))
    else:
        await connection.execute(text("TRUNCATE complaint_words"))


def matching_complaints(sqlite: bool, wanted: Wanted, but: Sequence[Token] = ()) -> tuple[Any, Select[Any]]:
    """The column of places and a SELECT of it; order, limit and further conditions are the caller's. `but`, of
    PostgreSQL's: with none of these."""
    if sqlite:
        words = table(NAME, column("rowid", BigInteger))
        match = literal_column(NAME).op("MATCH")(literal(fts_query(wanted)))
        return words.c.rowid, select(words.c.rowid.label("place")).where(match)
    found = _postgres.c.words.op("@@")(literal(ts_query(wanted, but)).cast(TSQUERY))
    return _postgres.c.place, select(_postgres.c.place).where(found)


def _sqlite(connection: AsyncConnection) -> bool:
    return connection.dialect.name == "sqlite"


class ListedRows(ComplaintWriter):
    """Writes `complaints`, what they are found by, and `clocks`."""

    async def write(self, connection: AsyncConnection, changes: Sequence[ComplaintChange]) -> None:
        changed = [one for one in changes if one.first or (one.after is not None and one.before != one.after)]
        held = await _held(connection, [one.id for one in changed if not one.new])
        await add_complaint_row(connection, [one.rows.filed for one in changed if one.rows and one.id not in held])
        for one in changed:
            if one.rows and one.id in held:
                await _move(connection, one.rows.filed, one.filed_before, held[one.id])
        # Also when none runs any more: most complaints never have such a clock and cost nothing here.
        timed = [(one.rows.filed.row, one.rows.clocks) for one in changes if one.rows and one.rows.clocks is not None]
        await store_clocks(connection, timed, [one.id for one in changes if not one.new])


async def _held(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, int | None]:
    """Complaints that have a row, with their place."""
    asked = select(complaints.c.id, complaints.c.place).where(among(connection, complaints.c.id, ids))
    return {row.id: row.place for row in await connection.execute(asked)} if ids else {}


async def store_clocks(
    connection: AsyncConnection, timed: Sequence[tuple[Row, Sequence[Deadline]]], known: Collection[str]
) -> None:
    """Clocks that run beside the one in a complaint's row. `known`: complaints that may have had some."""
    if before := [row["id"] for row, _ in timed if row["id"] in known]:
        theirs = among(connection, clocks.c.subject, before)
        await connection.execute(delete(clocks).where(clocks.c.kind == STREAM, theirs))
    rows = [
        {
            "kind": STREAM, "subject": row["id"], "code": one.code, "office": row["office"], "number": row["number"],
            "title": row["title"], "due": one.due, "clock": clock_row(one),
        }
        for row, found in timed
        for one in found
    ]  # fmt: skip
    if rows:
        await connection.execute(insert(clocks), rows)


async def add_complaint_row(connection: AsyncConnection, new: Sequence[Filed]) -> None:
    """Complaints that are in no row yet, in few statements."""
    if not new:
        return
    places = await _free(connection, [place_of(one.row["id"], one.row["received"]) for one in new])
    rows = [{**one.row, "place": place} for one, place in zip(new, places, strict=True)]
    await insert_rows(connection, complaints, rows)
    await index_complaint(connection, [(place, one.words) for one, place in zip(new, places, strict=True)])


async def keep_complaint_row(connection: AsyncConnection, now: Filed, before: Filed | None) -> None:
    """Write what became of one. `before`: as it was last written, None when it was not or nobody knows."""
    held = await _held(connection, [now.row["id"]])
    if held:
        await _move(connection, now, before, held[now.row["id"]])
    else:
        await add_complaint_row(connection, [now])


async def _move(connection: AsyncConnection, now: Filed, before: Filed | None, held: int | None) -> None:
    """`held`: its place."""
    # Of a row nobody remembers the words cannot be taken out on SQLite: it moves, and its old place matches nothing.
    place = held if before is not None and before.row["received"] == now.row["received"] else None
    if place is None:
        (place,) = await _free(connection, [place_of(now.row["id"], now.row["received"])])
    if before is None or now.row != before.row or place != held:
        changed = update(complaints).where(complaints.c.id == now.row["id"])
        await connection.execute(changed.values({**now.row, "place": place}))
    if before is None or place != held or set(now.words.split()) != set(before.words.split()):
        if held is not None and (before is not None or not _sqlite(connection)):
            await unindex_complaint(connection, held, before.words if before is not None else "")
        await index_complaint(connection, [(place, now.words)])


async def place_unread(connection: AsyncConnection, complaint: str) -> None:
    """A place for a row whose stream's beginning was erased: it stands in the list and is found by no word."""
    received = (
        await connection.execute(select(complaints.c.received).where(complaints.c.id == complaint))
    ).scalar_one()
    (place,) = await _free(connection, [place_of(complaint, received)])
    await connection.execute(update(complaints).where(complaints.c.id == complaint).values(place=place))


async def _free(connection: AsyncConnection, wished: Sequence[int]) -> list[int]:
    """Each as wished or, where somebody stands, the next one that is free."""
    taken: set[int] = set()
    given = []
    standing = await _standing(connection, wished)
    for place in wished:
        while place in taken or place in standing:
            place += 1
            if place not in taken and place not in standing:
                standing |= await _standing(connection, [place])
        taken.add(place)
        given.append(place)
    return given


async def _standing(connection: AsyncConnection, places: Sequence[int]) -> set[int]:
    asked = select(complaints.c.place).where(among(connection, complaints.c.place, places))
    return set((await connection.execute(asked)).scalars())


MINE, RECENT = "mine", timedelta(days=60)  # words are looked for in these first
LATELY = timedelta(days=240)  # ... and then, where a window fills in them; else in all there are
FEW_OFFICES = 20  # that are asked for as marks; more are a condition on what was found
FEW_DUE = 1_500  # dates due that are gone through one by one
HIDDEN = (MERGED, ComplaintState.UNDONE.value)  # unless they are asked for

_c = complaints.c


async def window(
    connection: AsyncConnection,
    asked: ComplaintFilter,
    offices: Sequence[str],
    zone: str,
    today: date,
    soon: date,
    officer: str = "",
) -> list[int]:
    """Places, newest receipt first; one more than MOST_COUNTED when there are more. `soon`: the last near day.
    `officer`: whose own are asked for, where they are."""
    await plan_by_values(connection)
    words = wanted(asked.search)
    if asked.search.strip() and not words:
        return []  # nothing but signs: it is written nowhere
    if not offices:
        return []
    due = _due(_c.next_due, asked.due, today, soon)
    mine = [among(connection, _c.id, await handled_by(connection, officer))] if asked.whose == MINE else []
    if mine or (due is not None and await _few(connection, offices, due)):
        # The marks are columns too; of so few rows each is looked at.
        few = [*_places(asked, offices, zone), *_marks_as_columns(asked), *mine, *([due] if due is not None else [])]
        places = await _found(connection, _newest(select(_c.place).where(*few)))
        return await _among(connection, places, words) if words else places
    # Many that are due lie close in the list, so it is walked; an expression keeps the planner from sorting them all.
    many = _due(func.coalesce(_c.next_due, date.max), asked.due, today, soon)
    beside = [] if many is None else [many]
    marks = [[Token(mark(kind, value))] for kind, value in _marks(asked) if value]
    narrow = 1 < len(offices) <= FEW_OFFICES
    every = len(offices) > FEW_OFFICES and await _all(connection, offices)
    plain = _places(asked, () if every else offices, zone)
    if not (words or marks or narrow):
        return await _found(connection, _newest(select(_c.place).where(*plain, *beside)))
    if narrow or len(offices) == 1:
        marks.append([Token(mark("office", office)) for office in offices])
    elif not every:
        beside.append(among(connection, _c.office, offices))
    if connection.dialect.name == "sqlite":
        place, found = matching_complaints(True, [*words, *marks])
        found = found.join(complaints, _c.place == place).where(*plain, *beside)
    else:  # what its marks say is not looked up in each row
        hidden = () if asked.state in HIDDEN else [Token(mark("state", state)) for state in HIDDEN]
        place, found = matching_complaints(False, [*words, *marks], hidden)
        if beside:
            found = found.join(complaints, _c.place == place).where(*beside)
    found = found.where(*_within(place, asked, zone)).order_by(place.desc())
    if connection.dialect.name != "sqlite":
        # Of what is found often all places would be fetched to be sorted, of which the newest thousand are shown.
        recent = await _found(connection, found.where(place >= _recently(asked, zone, today, RECENT)))
        if RECENT < (span := _span_of_enough(len(recent))) <= LATELY:
            recent = await _found(connection, found.where(place >= _recently(asked, zone, today, span)))
        if len(recent) > MOST_COUNTED:
            return recent
    return await _found(connection, found)


async def _all(connection: AsyncConnection, seen: Sequence[str]) -> bool:
    """Whether there is no other office."""
    return (await connection.execute(select(func.count()).select_from(offices))).scalar_one() == len(seen)


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
    """`offices`: none for all there are."""
    found = [_c.office == offices[0]] if len(offices) == 1 else [_c.office.in_(offices)] if offices else []
    found += _within(_c.place, asked, zone)
    return found if asked.state in HIDDEN else [*found, _c.state.not_in(HIDDEN)]


def _within(place: ColumnElement[int], asked: ComplaintFilter, zone: str) -> list[ColumnElement[bool]]:
    found = []
    if asked.since:
        found.append(place >= first_place(local_midnight(asked.since, ZoneInfo(zone))))
    ends = [] if asked.until is None else [first_place(local_midnight(asked.until + timedelta(days=1), ZoneInfo(zone)))]
    if asked.before is not None:
        ends.append(asked.before)
    return [*found, place < min(ends)] if ends else found


def _recently(asked: ComplaintFilter, zone: str, today: date, span: timedelta) -> int:
    last = local_midnight(asked.until or today, ZoneInfo(zone)) - span
    return first_place(last) if asked.before is None else min(first_place(last), asked.before - place_span(span))


def _span_of_enough(recent: int) -> timedelta:
    """In which a window fills, where `RECENT` had so many: as many come in other months, give or take a third."""
    if recent > MOST_COUNTED:
        return RECENT
    return RECENT * min(100.0, 1.5 * MOST_COUNTED / max(1, recent))


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


OF_PHONE = 60
ALIKE = 0.2  # of what two accounts of one dispute have in common
NEAREST = 60  # on each side, of a code and of a brand
_READ = (
    _c.id, _c.number, _c.state, _c.problem_class, _c.consumer, _c.business, _c.amount, _c.received, _c.title, _c.facts,
)  # fmt: skip


async def candidates(connection: AsyncConnection, row: Mapping[str, Any]) -> Sequence[FiledComplaint]:
    """`row`: of `complaints`. Of its office, without itself and what was merged or undone."""
    mine = (_c.office == row["office"], _c.id != row["id"])
    found: dict[str, FiledComplaint] = {}
    if row["phone_mark"] is not None:
        # Without an order: asked for one, SQLite would walk the whole list for it.
        await _take(connection, found, (*mine, _c.phone_mark == row["phone_mark"]), None, OF_PHONE)
    for key, value in ((_c.code_mark, row["code_mark"]), (_c.brand, row["brand"])):
        if value:
            await _around(connection, found, (*mine, key == value), row)
    return list(found.values())


async def first_receiver(connection: AsyncConnection, row: Mapping[str, Any]) -> EarlierComplaint | None:
    """Order 121 Art 14: of the offices of one installation, who received the same person's complaint of the same
    business first. By the digest of the phone, and the business's code or the core of its name."""
    if row["phone_mark"] is None:
        return None
    new = particulars_of(row)
    wanted = (
        select(*_READ, offices.c.name)
        .join(offices, offices.c.id == _c.office)
        .where(
            _c.office != row["office"],
            _c.phone_mark == row["phone_mark"],
            _c.received < row["received"],
            _c.received >= row["received"] - timedelta(days=DAYS),
            _c.state.not_in((MERGED, ComplaintState.UNDONE.value)),
        )
        .order_by(_c.received)
        .limit(OF_PHONE)
    )
    for other in (await connection.execute(wanted)).mappings():
        theirs = particulars_of(dict(other))
        if same_business(new, theirs) and likeness(new.shingles, theirs.shingles) >= ALIKE:
            return EarlierComplaint(other["name"], other["number"], other["received"])
    return None


def particulars_of(row: Mapping[str, Any]) -> Particulars:
    consumer, business = party_record(row["consumer"]), party_record(row["business"])
    return Particulars(
        consumer.phone_key,
        consumer.name,
        business.code_key,
        business.title,
        row["amount"],
        row["received"],
        f"{row['title']} {row['facts']}",
        consumer.phone_masked[-4:],
    )


async def _around(
    connection: AsyncConnection,
    found: dict[str, FiledComplaint],
    mine: Sequence[ColumnElement[bool]],
    row: Mapping[str, Any],
) -> None:
    received = row["received"].astimezone(UTC)
    first, last = (first_place(received + timedelta(days=days)) for days in (-DAYS, DAYS))
    before = (*mine, _c.place.between(first, row["place"]))
    after = (*mine, _c.place.between(row["place"], last))
    await _take(connection, found, before, _c.place.desc(), NEAREST)
    await _take(connection, found, after, _c.place, NEAREST)


async def _take(
    connection: AsyncConnection,
    found: dict[str, FiledComplaint],
    which: Sequence[ColumnElement[bool]],
    order: ColumnElement[Any] | None,
    most: int,
) -> None:
    wanted = select(*_READ).where(*which, _c.state.not_in((MERGED, ComplaintState.UNDONE.value))).limit(most)
    wanted = wanted if order is None else wanted.order_by(order)
    for row in (await connection.execute(wanted)).mappings():
        if row["id"] not in found:
            known = (row["id"], row["number"], row["state"], row["problem_class"])
            found[row["id"]] = FiledComplaint(*known, particulars_of(dict(row)))


SHOWN = 5


async def lookalikes(database: Database, officer: Officer, complaint: str) -> Lookalikes:
    """What a complaint's page says of others that may be the same dispute, in one transaction of a few bounded queries.

    Refused(404) when it is none of this officer's.
    """
    async with database.read() as connection:
        asked = select(complaints).where(complaints.c.id == complaint, within(officer, complaints.c.office))
        row: Any = (await connection.execute(asked)).mappings().one_or_none()
        state = None if row is None else fold(await stream_events(connection, stream(complaint)))
        if row is None or state is None:
            raise Refused("not_found", 404)
        if state.merged is not None or row["place"] is None:
            return Lookalikes(merged=state.merged, took=state.took)
        known = [one for one in await candidates(connection, row) if one.id not in state.different]
        new = particulars_of(row)
        earlier = await first_receiver(connection, row) if state.record.order == "121" else None
        found = likely(new, [(one.id, one.of) for one in known])[:SHOWN]
        wanted = select(complaints).where(complaints.c.id.in_([id_ for id_, _ in found]))
        rows = {one["id"]: dict(one) for one in (await connection.execute(wanted)).mappings()}
    goes, keeps = {state.value for state in GOES}, {state.value for state in KEEPS}
    here = state.state.value
    suggested = [
        SuggestedDuplicate(
            complaint_row(rows[id_], officer.language),
            resemblance,
            here in keeps and rows[id_]["state"] in keeps and (here in goes or rows[id_]["state"] in goes),
        )
        for id_, resemblance in found
    ]
    same = new, row["problem_class"], known, state.record.object.quantity
    rules = hints(*same) if state.record.order == "121" else []  # Order 20 has no such factors
    alike = by_others(new, [one for one in known if one.id not in rows])
    return Lookalikes(suggested, rules, took=state.took, earlier=earlier, by_others=alike)
