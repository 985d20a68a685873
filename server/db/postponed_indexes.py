"""Indexes that are left out while a great import has the database to itself, and made at its end.

Among a million complaints an index that each new one touches somewhere else costs it a page of its own: read, changed,
logged and written back. Made at the end, of all rows in their order, all of them cost seconds together. Of PostgreSQL
that is the word index above all, a third of what its server did; SQLite tidies its own less often meanwhile.
Whether they are there is what the database itself says: a process that dies meanwhile leaves them out, and whoever
opens the installation next makes them. Owns `marks_coming`, where on SQLite marks of new complaints wait for theirs.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Table, delete, select, true
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from server.db.appending import GROWING
from server.db.engine import Database
from server.db.schema import complaint_facts, complaints, marks_coming, respondent_marks

NAMES: Final = (
    "ix_complaint_facts_respondent_received",
    "ix_complaints_office_brand_place",
    "ix_complaints_office_code_mark_place",
    "ix_complaints_office_phone_mark",
)
_INDEXES: Final = tuple(
    index for table in (complaint_facts, complaints) for index in table.indexes if index.name in NAMES
)
_SORTING: Final = ("PRAGMA cache_size=-8192", "PRAGMA threads=2")
"""What is sorted in memory at once, the rest lies in files meanwhile; and that another thread sorts beside."""
_MERGING: Final = "INSERT INTO complaint_words (complaint_words, rank) VALUES ('automerge', ?)"
_SELDOM, _OFTEN = 16, 4  # parts of the word index that become one; each is written again with them. 4 is SQLite's own
_FIRST_ROW: Final = select(marks_coming.c.complaint).limit(1)
_WORDS: Final = "ix_complaint_words_words"  # of PostgreSQL; what SQLite keeps of words is a table
ON_POSTGRES: Final = (*NAMES, _WORDS)
_THERE: Final = {
    "sqlite": f"SELECT count(*) FROM sqlite_master WHERE type = 'index' AND name IN {NAMES}",  # noqa: S608 - our own names
    "postgresql": "SELECT count(*) FROM pg_indexes WHERE schemaname = current_schema()"  # noqa: S608 - our own names
    f" AND indexname IN {ON_POSTGRES}",
}
_MEMORY: Final = "SET LOCAL maintenance_work_mem = '256MB'"  # of the server, which comes with a quarter of it


async def drop_indexes(database: Database) -> None:
    """Until `restore_indexes`: for who alone works with the database, since nothing is found quickly meanwhile."""
    async with database.write() as connection:
        await database.alone(connection, GROWING)
        for index in _INDEXES:
            await connection.run_sync(index.drop, checkfirst=True)
        if database.sqlite:
            await connection.exec_driver_sql(_MERGING, (_SELDOM,))
        else:
            await connection.exec_driver_sql(f"DROP INDEX IF EXISTS {_WORDS}")


async def indexes_are_dropped(connection: AsyncConnection) -> bool:
    there: int = (await connection.exec_driver_sql(_THERE[connection.dialect.name])).scalar_one()
    return there < len(NAMES if connection.dialect.name == "sqlite" else ON_POSTGRES)


async def restore_indexes(database: Database) -> bool:
    """Make what was left out; False when nothing was. In one transaction: there are all of them, or none."""
    async with database.write() as connection:
        await database.alone(connection, GROWING)  # who appends has tables that are locked here, and wants others
        waits = database.sqlite and (await connection.execute(_FIRST_ROW)).first() is not None
        if not waits and not await indexes_are_dropped(connection):
            return False
        if database.sqlite:
            await _place_marks(connection)
        else:
            await connection.exec_driver_sql(_MEMORY)
            made = f"CREATE INDEX IF NOT EXISTS {_WORDS} ON complaint_words USING gin (words)"
            await connection.exec_driver_sql(made)
        for index in _INDEXES:
            await connection.run_sync(index.create, checkfirst=True)
    return True


async def _place_marks(connection: AsyncConnection) -> None:
    """And have the word index tidied as it was."""
    for setting in _SORTING:
        await connection.exec_driver_sql(setting)
    names = [column.name for column in respondent_marks.columns]
    ordered = [marks_coming.c[name] for name in names]
    waiting = select(*ordered).where(true()).order_by(*ordered)  # with a condition SQLite reads ON as the insert's
    await connection.execute(insert(respondent_marks).from_select(names, waiting).on_conflict_do_nothing())
    await connection.execute(delete(marks_coming))
    await connection.exec_driver_sql(_MERGING, (_OFTEN,))


async def marks_table(connection: AsyncConnection) -> Table:
    """Where marks of new complaints go now."""
    waiting = connection.dialect.name == "sqlite" and await indexes_are_dropped(connection)
    return marks_coming if waiting else respondent_marks
