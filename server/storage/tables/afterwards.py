"""What comes after a mediation: promises, and wishes to be called. Projections, made anew from the journal."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Text

from server.storage.columns import Utc, Yuan
from server.storage.tables.base import ID, WORD, metadata

promises = Table(
    "promises",
    metadata,
    Column("session", ID, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # of the promise, from 1
    Column("complaint", ID, nullable=False, index=True),
    Column("complaint_number", Text, nullable=False),
    Column("office", ID, nullable=False),
    Column("respondent", String(24), nullable=False, index=True),
    Column("business", Text, nullable=False),
    Column("who", WORD, nullable=False),
    Column("action", Text, nullable=False),
    Column("amount", Yuan),
    Column("due", Date, nullable=False),
    Column("kept", Date),
    Column("reminded", Boolean, nullable=False),
    Column("paid", WORD, nullable=False),  # as the side it was promised to answered
    Index(None, "office", "due"),
)

call_wishes = Table(
    "call_wishes",
    metadata,
    Column("complaint", ID, primary_key=True),
    Column("whom", WORD, primary_key=True),
    Column("office", ID, nullable=False, index=True),
    Column("number", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("since", Utc, nullable=False),
)
