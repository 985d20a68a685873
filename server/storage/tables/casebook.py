"""Tables of the casebook. `cases`, `case_notes` and `case_collections` are projections; `case_originals` holds
what must not be in a journal: raw texts; so does `case_cuts`, before they are cases."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, Index, Integer, String, Table, Text

from server.storage.columns import Utc, Yuan
from server.storage.tables.base import ID, WORD, metadata

cases = Table(
    "cases",  # texts and figures are of what is published, else of what is approved; before that they are ""
    metadata,
    Column("id", ID, primary_key=True),
    Column("office", ID, nullable=False),
    Column("number", String(64), nullable=False),
    Column("state", WORD, nullable=False),  # "published" while an edition stands, whatever is being made beside it
    Column("work", WORD, nullable=False),  # casebook.case.State of what is being worked on
    Column("edition", Integer, nullable=False),
    Column("sample", Boolean, nullable=False),
    Column("origin", WORD, nullable=False),
    Column("complaint", ID, nullable=False),  # "" when it came another way
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("industry", String(8), nullable=False),
    Column("problem", WORD, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("articles", JSON, nullable=False),
    Column("facts", Text, nullable=False),
    Column("claims", Text, nullable=False),
    Column("process", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("experience", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("comment_by", Text, nullable=False),
    Column("claimed", Yuan),
    Column("settled", Yuan),
    Column("days", Integer),
    Column("event_date", Date, nullable=False),
    Column("begun", Utc, nullable=False),
    Column("changed", Utc, nullable=False),
    Column("published", Utc),
    Index(None, "state", "published"),
    Index(None, "office", "work", "changed"),
    Index(None, "complaint"),
)

case_originals = Table(
    "case_originals",
    metadata,
    Column("case", ID, primary_key=True),
    Column("field", WORD, primary_key=True),
    Column("text_sealed", Text, nullable=False),
    Column("changed", Utc, nullable=False),
)

case_cuts = Table(
    "case_cuts",  # compendiums that were sent in, until drafts are made of them
    metadata,
    Column("id", ID, primary_key=True),
    Column("office", ID, nullable=False),
    Column("name", Text, nullable=False),  # of the file
    Column("by", Text, nullable=False),
    Column("at", Utc, nullable=False),
    Column("paragraphs_sealed", Text, nullable=False),
    Column("starts", JSON, nullable=False),  # places of paragraphs that a case begins at
    Column("left_out", JSON, nullable=False),  # of these
    Column("version", Integer, nullable=False),  # counts changes
    Index(None, "office", "at"),
)

case_notes = Table(
    "case_notes",
    metadata,
    Column("id", ID, primary_key=True),  # the class of problem
    Column("edition", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("changed", Utc, nullable=False),
    Column("by", Text, nullable=False),
)

case_collections = Table(
    "case_collections",
    metadata,
    Column("id", ID, primary_key=True),
    Column("title", Text, nullable=False),
    Column("office", ID, nullable=False),
    Column("cases", JSON, nullable=False),  # ids, in the order they were put in
)
