"""Indexes that each new complaint touches somewhere else, left out while one import alone writes very many, and a word
index that is tidied less often meanwhile.

Among a million complaints each of them costs a new one a page of its own: read, changed, logged and written back. Made
at the end, of all rows in their order, they cost seconds together. Whether they are there is what the database itself
says: a process that dies meanwhile leaves them out, and whoever opens the installation next makes them. Owns
`marks_coming`, where the marks of new complaints wait for theirs. SQLite only; elsewhere nothing is left out.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, select, true
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from server.storage.engine import Database
from server.storage.making import MARK
from server.storage.tables import complaint_facts, complaints, marks_coming, respondent_marks

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
_THERE: Final = f"SELECT count(*) FROM sqlite_master WHERE type = 'index' AND name IN {NAMES}"  # noqa: S608 - our own names


async def leave_out(database: Database) -> None:
    """Until `complete`: for who alone works with the database, since nothing is found quickly meanwhile."""
    if database.sqlite:
        async with database.write() as connection:
            for index in _INDEXES:
                await connection.run_sync(index.drop, checkfirst=True)
            await connection.exec_driver_sql(_MERGING, (_SELDOM,))


async def are_left_out(connection: AsyncConnection) -> bool:
    return connection.dialect.name == "sqlite" and (await connection.exec_driver_sql(_THERE)).scalar_one() < len(NAMES)


async def complete(database: Database) -> bool:
    """Make what was left out; False when nothing was. In one transaction: there are all of them, or none."""
    if not database.sqlite:
        return False
    async with database.write() as connection:
        waits = (await connection.execute(_FIRST_ROW)).first() is not None
        if not waits and not await are_left_out(connection):
            return False
        for setting in _SORTING:
            await connection.exec_driver_sql(setting)
        ordered = [marks_coming.c[name] for name in MARK]
        waiting = select(*ordered).where(true()).order_by(*ordered)  # with a condition SQLite reads ON as the insert's
        await connection.execute(insert(respondent_marks).from_select(MARK, waiting).on_conflict_do_nothing())
        await connection.execute(delete(marks_coming))
        await connection.exec_driver_sql(_MERGING, (_OFTEN,))
        for index in _INDEXES:
            await connection.run_sync(index.create, checkfirst=True)
    return True
