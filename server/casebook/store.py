"""Rows of cases, of notes of experience and of collections; and, sealed, the raw texts and compendiums cases are made
from.

What is sealed is in no journal and no export.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, RowMapping, String, Table, cast, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from casebook import STREAM, Case, CaseState, collections, stream
from casebook.collections import editions
from casebook.file import CaseFile, fold, published, working
from casebook.views import CaseRow
from journal import Event
from offices import Officer
from server.db.engine import Database
from server.db.journal import StreamProjector, stream_events
from server.db.rows import local_span, within
from server.db.schema import case_collections, case_cuts, case_notes, case_originals, cases, sessions

FIELDS = (
    "id", "number", "title_zh", "title_en", "industry", "problem", "tags", "facts", "claims", "process", "outcome",
    "experience", "articles", "comment", "comment_by", "claimed", "settled", "days", "event_date", "state", "edition",
    "sample", "office",
)  # fmt: skip


class CaseRows(StreamProjector):
    """Owns `cases`; projects `case/…`.

    A row holds only what a person approved: a draft's texts are not in it. While an edition stands its texts are the
    row's, whatever is being made beside it.
    """

    kind = STREAM

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        id_ = appended[0].stream.partition("/")[2]
        file = fold(await stream_events(connection, stream(id_)))
        if file is None:
            return  # its beginning was erased: the row stays as it is
        row = case_row(id_, file)
        changed = await connection.execute(update(cases).where(cases.c.id == id_).values(row))
        if not changed.rowcount:
            await connection.execute(insert(cases).values(row))


def case_row(id: str, file: CaseFile) -> dict[str, Any]:
    case = published(id, file) or working(id, file)
    row: dict[str, Any] = {name: getattr(case, name) for name in FIELDS}
    return row | {
        "tags": list(case.tags),
        "articles": list(case.articles),
        "work": file.state.value,
        "origin": file.begun.origin,
        "complaint": file.begun.source if file.begun.origin == "complaint" else "",
        "begun": file.begun_at,
        "changed": file.changed_at,
        "published": file.standing.at if file.standing else None,
    }


def case_of(row: RowMapping | Mapping[str, Any]) -> Case:
    lists = {"tags": tuple(row["tags"]), "articles": tuple(row["articles"])}
    return Case(**{name: row[name] for name in FIELDS} | lists)


async def published_cases(database: Database, ids: Sequence[str]) -> list[Case]:
    """Those of them that stand, in the order asked for."""
    wanted = select(cases).where(cases.c.id.in_(ids), cases.c.state == "published")
    async with database.read() as connection:
        found = {row["id"]: case_of(row) for row in (await connection.execute(wanted)).mappings()}
    return [found[id_] for id_ in ids if id_ in found]


@dataclass(frozen=True, slots=True)
class Shelved:
    """Which published cases: of a problem, an issue, these only, a trade with its branches, with samples or without,
    published between (from, until)."""

    problem: str = ""
    tag: str = ""
    ids: Sequence[str] | None = None
    industry: str = ""
    samples: bool = True
    between: tuple[datetime, datetime] | None = None


async def shelf_rows(database: Database, of: Shelved, page: int, size: int) -> tuple[list[CaseRow], int]:
    """A page of them, the newest first, and how many there are in all."""
    wanted: list[ColumnElement[bool]] = [cases.c.state == CaseState.PUBLISHED.value]
    if of.problem:
        wanted.append(cases.c.problem == of.problem)
    if of.tag:
        wanted.append(cast(cases.c.tags, String).contains(f'"{of.tag}"'))
    if of.ids is not None:
        wanted.append(cases.c.id.in_(of.ids))
    if of.industry:
        wanted.append(cases.c.industry.startswith(of.industry))
    if not of.samples:
        wanted.append(cases.c.sample.is_(False))
    if of.between:
        wanted += [cases.c.published >= of.between[0], cases.c.published < of.between[1]]
    return await _rows(database, wanted, cases.c.published, page, size)


async def making_rows(
    database: Database, officer: Officer, work: str, page: int, size: int
) -> tuple[list[CaseRow], int]:
    """Those of the officer's offices that are being worked at; of one state of work only, when one is given."""
    wanted = [within(officer, cases.c.office), cases.c.work == work if work else cases.c.work != "published"]
    return await _rows(database, wanted, cases.c.changed, page, size)


async def _rows(
    database: Database, wanted: Sequence[ColumnElement[bool]], newest: ColumnElement[Any], page: int, size: int
) -> tuple[list[CaseRow], int]:
    async with database.read() as connection:
        count = (await connection.execute(select(func.count()).select_from(cases).where(*wanted))).scalar_one()
        rows = select(cases).where(*wanted).order_by(newest.desc(), cases.c.id).limit(size).offset((page - 1) * size)
        return [_case_row(row) for row in (await connection.execute(rows)).mappings()], count


def _case_row(row: RowMapping) -> CaseRow:
    names = (
        "id", "number", "office", "state", "work", "edition", "sample", "title_zh", "title_en", "industry", "problem",
        "claimed", "settled", "days", "changed", "published",
    )  # fmt: skip
    return CaseRow(**{name: row[name] for name in names}, tags=tuple(row["tags"]))


async def case_of_complaint(database: Database, complaint: str) -> str:
    """The first that was drawn from it, "" for none."""
    wanted = select(cases.c.id).where(cases.c.complaint == complaint).order_by(cases.c.begun).limit(1)
    async with database.read() as connection:
        return (await connection.execute(wanted)).scalar() or ""


# Published cases by the year they were published in, for the compendium.


async def published_in(
    database: Database, year: int, offices: Sequence[str] | None, zone: str, most: int
) -> list[Case]:
    """`offices`: ids, None for all. What stands now, by id; no samples."""
    first, after = local_span(date(year, 1, 1), date(year, 12, 31), zone)
    wanted = select(cases).where(cases.c.state == "published", cases.c.published >= first, cases.c.published < after)
    wanted = wanted.where(cases.c.sample.is_(False))
    if offices is not None:
        wanted = wanted.where(cases.c.office.in_(offices))
    async with database.read() as connection:
        rows = (await connection.execute(wanted.order_by(cases.c.id).limit(most))).mappings()
        return [case_of(row) for row in rows]


async def kept_preface(database: Database, year: int, offices: Sequence[str] | None) -> str:
    """As it was last kept on its page, "" for none: of the one office, else of the book of all."""
    of = collections.is_preface(year, offices[0] if offices is not None and len(offices) == 1 else None)
    async with database.read() as connection:
        kept = editions(await stream_events(connection, collections.preface_stream(of)))
    return kept[-1].text if kept else ""


async def first_and_last(database: Database) -> tuple[datetime, datetime] | None:
    """When the first and the last of what stands were published."""
    ends = select(func.min(cases.c.published), func.max(cases.c.published)).where(cases.c.state == "published")
    async with database.read() as connection:
        first, last = (await connection.execute(ends)).one()
    return None if first is None or last is None else (first, last)


class NoteRows(StreamProjector):
    """Owns `case_notes`; projects the streams of notes of experience."""

    kind = collections.NOTE_STREAM

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        stream = appended[0].stream
        written = collections.editions(await stream_events(connection, stream))
        if not written:
            return
        last = written[-1]
        row = {"edition": last.number, "text": last.text, "changed": last.at, "by": last.by}
        await _store(connection, case_notes, stream.partition("/")[2], row)


class CollectionRows(StreamProjector):
    """Owns `case_collections`; projects the streams of collections."""

    kind = collections.STREAM

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        stream = appended[0].stream
        collection = collections.fold(await stream_events(connection, stream))
        if collection is not None:
            row = {"title": collection.title, "office": collection.office, "cases": list(collection.cases)}
            await _store(connection, case_collections, stream.partition("/")[2], row)


async def note_rows(database: Database) -> list[RowMapping]:
    async with database.read() as connection:
        return list((await connection.execute(select(case_notes).order_by(case_notes.c.id))).mappings())


async def collection_rows(database: Database) -> list[RowMapping]:
    async with database.read() as connection:
        return list((await connection.execute(select(case_collections).order_by(case_collections.c.title))).mappings())


async def _store(connection: AsyncConnection, table: Table, id: str, row: Mapping[str, object]) -> None:
    changed = await connection.execute(update(table).where(table.c.id == id).values(row))
    if not changed.rowcount:
        await connection.execute(insert(table).values(id=id, **row))


class CaseOriginals:
    """The raw texts a case is made from, while it is made. Owns `case_originals`.

    They go when the case is published, and with the record of the complaint they were taken from.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def sealed(self, case: str) -> dict[str, str]:
        """Sealed texts by field."""
        wanted = select(case_originals.c.field, case_originals.c.text_sealed).where(case_originals.c.case == case)
        async with self._database.read() as connection:
            return {row.field: row.text_sealed for row in await connection.execute(wanted)}

    async def keep(self, case: str, sealed: Mapping[str, str], at: datetime) -> None:
        """In place of what was there under these fields."""
        rows = [{"case": case, "field": name, "text_sealed": text, "changed": at} for name, text in sealed.items()]
        row = case_originals.c
        async with self._database.write() as connection:
            await connection.execute(delete(case_originals).where(row.case == case, row.field.in_(list(sealed))))
            if rows:
                await connection.execute(insert(case_originals), rows)

    async def forget(self, case: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(case_originals).where(case_originals.c.case == case))

    async def forget_session(self, session: str) -> None:
        """Its record is erased: of every case that was drawn from its complaint."""
        complaint = select(sessions.c.complaint).where(sessions.c.id == session).scalar_subquery()
        drawn = select(cases.c.id).where(cases.c.complaint == complaint)
        async with self._database.write() as connection:
            await connection.execute(delete(case_originals).where(case_originals.c.case.in_(drawn)))


KEPT: Final = timedelta(days=30)
MOST: Final = 20
"""Of an office at a time."""
_LISTED = (case_cuts.c.id, case_cuts.c.name, case_cuts.c.by, case_cuts.c.at, case_cuts.c.starts, case_cuts.c.left_out)


@dataclass(frozen=True, slots=True)
class KeptCut:
    """`starts`: places of the paragraphs cases begin at; `left_out`: those of which no draft is to be made."""

    id: str
    name: str
    by: str
    at: datetime
    paragraphs_sealed: str
    starts: tuple[int, ...]
    left_out: tuple[int, ...]
    version: int


class CaseCuts:
    """Compendiums that were sent in and are looked at before drafts are made of them. Owns `case_cuts`; in no journal.

    Their texts name people: they are sealed, and go when drafts are made, when somebody drops them, or after `KEPT`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, office: str, cut: KeptCut) -> bool:
        """False when the office has too many already."""
        row = {
            "id": cut.id, "office": office, "name": cut.name, "by": cut.by, "at": cut.at, "version": cut.version,
            "paragraphs_sealed": cut.paragraphs_sealed, "starts": list(cut.starts), "left_out": list(cut.left_out),
        }  # fmt: skip
        async with self._database.write() as connection:
            having = (
                select(func.count())
                .select_from(case_cuts)
                .where(case_cuts.c.office == office, case_cuts.c.at >= cut.at - KEPT)
            )
            if (await connection.execute(having)).scalar_one() >= MOST:
                return False
            await connection.execute(insert(case_cuts), [row])
        return True

    async def waiting(self, office: str, now: datetime) -> list[Mapping[str, Any]]:
        """Newest first."""
        of = select(*_LISTED).where(case_cuts.c.office == office, case_cuts.c.at >= now - KEPT)
        async with self._database.read() as connection:
            return [dict(row) for row in (await connection.execute(of.order_by(case_cuts.c.at.desc()))).mappings()]

    async def cut(self, office: str, id: str, now: datetime) -> KeptCut | None:
        of = select(case_cuts).where(case_cuts.c.id == id, case_cuts.c.office == office, case_cuts.c.at >= now - KEPT)
        async with self._database.read() as connection:
            row = (await connection.execute(of)).mappings().first()
        if row is None:
            return None
        kept = {name: row[name] for name in ("id", "name", "by", "at", "paragraphs_sealed", "version")}
        return KeptCut(**kept, starts=tuple(row["starts"]), left_out=tuple(row["left_out"]))

    async def change(self, id: str, seen: int, starts: Sequence[int], left_out: Sequence[int]) -> bool:
        """False when somebody changed it meanwhile."""
        changed = (
            update(case_cuts)
            .where(case_cuts.c.id == id, case_cuts.c.version == seen)
            .values(starts=list(starts), left_out=list(left_out), version=seen + 1)
        )
        async with self._database.write() as connection:
            return bool((await connection.execute(changed)).rowcount)

    async def forget_old(self, now: datetime) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(case_cuts).where(case_cuts.c.at < now - KEPT))

    async def forget(self, id: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(case_cuts).where(case_cuts.c.id == id))
