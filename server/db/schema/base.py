"""What every table is made with, and the tables of the journal."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from server.db.columns import Position, Utc

metadata = MetaData(
    # Constraints need known names to be altered later, on SQLite too.
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
ID = String(64)
WORD = String(32)  # a value of one of our enumerations
DIGEST = String(128)


# The journal, and the tree over all events with what was signed of it.


events = Table(
    "events",
    metadata,
    Column("leaf", Position, primary_key=True, autoincrement=False),  # its number in the tree: from 0, without gaps
    Column("stream", String(128), nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", WORD, nullable=False),  # of the stream: what stands before its first "/"
    Column("type", String(64), nullable=False),
    Column("at", Utc, nullable=False),
    Column("actor_kind", WORD, nullable=False),
    Column("actor_id", ID, nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("actor_role", WORD, nullable=False),
    Column("actor_office", ID, nullable=False),
    Column("data", JSON, nullable=False),
    Column("salt", WORD, nullable=False),  # "": the content was erased
    Column("content", DIGEST, nullable=False),
    Column("hash", DIGEST, nullable=False),
    UniqueConstraint("stream", "version"),
)

log_head = Table(
    "log_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("size", Position, nullable=False),
    Column("peaks", LargeBinary, nullable=False),  # journal.merkle.Peaks: 32 bytes each, from left to right
)

log_nodes = Table(
    "log_nodes",
    metadata,
    # Only levels that are multiples of server.db.tree.TILE: what lies between is hashed again when asked for.
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("number", Position, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)

log_checkpoints = Table(
    "log_checkpoints",
    metadata,
    Column("size", Position, primary_key=True, autoincrement=False),
    Column("made", Utc, nullable=False),
    Column("note", Text, nullable=False),  # journal.notes: body and signature, as it was published
)

log_attestations = Table(
    "log_attestations",
    metadata,
    Column("size", Position, ForeignKey(log_checkpoints.c.size), primary_key=True, autoincrement=False),
    Column("kind", WORD, primary_key=True),  # "timestamp" | "witness"
    Column("place", String(512), primary_key=True),  # whose: a URL
    Column("state", WORD, nullable=False),  # "queued" | "failed" | "got" | "dead"
    Column("tries", Integer, nullable=False),
    Column("next_try", Utc, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("got_at", Utc),
    Column("answer", LargeBinary),  # RFC 3161's TimeStampResp, or the witness's signature line
    Index(None, "state", "next_try"),
)
