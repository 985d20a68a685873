"""Tables of what needs a second person and of who did what: projections, made anew from the journal."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from server.storage.columns import Utc
from server.storage.tables.base import ID, WORD, metadata

approvals = Table(
    "approvals",
    metadata,
    Column("id", ID, primary_key=True),
    Column("office", ID, nullable=False),
    Column("kind", WORD, nullable=False),
    Column("subject", ID, nullable=False),
    Column("state", WORD, nullable=False),
    Column("asker", ID, nullable=False),
    Column("asked", Utc, nullable=False),
    Column("expires", Utc, nullable=False),
    Column("decided", Utc),
    Index(None, "office", "state", "asked"),
)

acts = Table(
    "acts",
    metadata,
    Column("stream", String(128), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", Utc, nullable=False),
    Column("act", WORD, nullable=False),
    Column("what", Text, nullable=False),  # a part, a kind: as its event calls it
    Column("actor", ID, nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("actor_role", WORD, nullable=False),
    Column("actor_office", ID, nullable=False),
    Column("office", ID, nullable=False),  # whose the thing is
    Column("kind", WORD, nullable=False),  # of the thing: a stream's
    Column("subject", ID, nullable=False),
    Column("label", Text, nullable=False),  # what people call it
    Column("reason", Text, nullable=False),
    Index(None, "office", "at"),
    Index(None, "actor", "act", "at"),
    Index(None, "actor_office", "at"),
)
