"""What published cases are found by: entries, how many have a token, and of which making the index is.

Beside them lies `case_words`, SQLite's FTS5 or PostgreSQL's tsvector (`server.storage.case_index`). All of it can be
made anew from `cases` and what the program brings along.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Integer, LargeBinary, String, Table, Text

from server.storage.columns import Position
from server.storage.tables.base import DIGEST, ID, WORD, metadata

case_entries = Table(
    "case_entries",
    metadata,
    Column("place", Position, primary_key=True, autoincrement=False),  # in the order of what happened, newest last
    Column("id", ID, nullable=False, unique=True),
    Column("office", ID, nullable=False),  # "" for a sample
    Column("sample", Boolean, nullable=False),
    Column("industry", String(8), nullable=False),
    Column("problem", WORD, nullable=False),
    Column("articles", Text, nullable=False),  # ids, a space between
    Column("event_date", Date, nullable=False),
    Column("claimed", Position),  # fen
    Column("settled", Position),
    Column("days", Integer),
    Column("impacts", LargeBinary, nullable=False),  # casebook.search.impacts
    Column("tokens", Text, nullable=False),  # that `case_words` was given: SQLite must be told them to take a case out
)

case_terms = Table(
    "case_terms",
    metadata,
    Column("token", String(160), primary_key=True),
    Column("cases", Integer, nullable=False),
    sqlite_with_rowid=False,
)

case_index_head = Table(
    "case_index_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("making", DIGEST, nullable=False),  # of the rules and the samples it was made with
    Column("cases", Integer, nullable=False),
)
