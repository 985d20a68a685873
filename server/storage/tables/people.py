"""Offices, officers and what each looks after."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    false,
)

from server.storage.columns import Position, Utc
from server.storage.tables.base import DIGEST, ID, WORD, metadata

offices = Table(
    "offices",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("short", Text, nullable=False),
    Column("phone", WORD, nullable=False),
    Column("number_prefix", WORD, nullable=False),
    Column("zone", String(64), nullable=False),
    # The unit that receives complaints for the bureau and dispatches them (Order 121 Art 41).
    Column("intake", Boolean, nullable=False, server_default=false()),
    # In whose name it acts, where that is found, and how its text messages are signed; "" where nobody said.
    Column("authority", Text, nullable=False, server_default=""),
    Column("address", Text, nullable=False, server_default=""),
    Column("signature", Text, nullable=False, server_default=""),
    # What its seal under agreements and records says beside the authority's name; "" for nothing.
    Column("mediation_seal", Text, nullable=False, server_default="调解专用章"),
)

office_series = Table(
    "office_series",  # the words before the numbers of its papers; a kind without a row has the usual ones
    metadata,
    Column("office", ForeignKey(offices.c.id), primary_key=True),
    Column("kind", WORD, primary_key=True),
    Column("words", Text, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", ID, primary_key=True),
    Column("login", String(128), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", WORD, nullable=False),
    Column("office", ForeignKey(offices.c.id), nullable=False, index=True),
    Column("password_hash", Text, nullable=False),
    Column("totp_sealed", Text, nullable=False),  # "": no second factor
    Column("totp_pending_sealed", Text, nullable=False),  # begun, not yet confirmed
    Column("totp_step", Position, nullable=False),  # newest time step used
    Column("language", WORD, nullable=False),
    Column("created", Utc, nullable=False),
)

jurisdictions = Table(
    "jurisdictions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("office", ID, nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("divisions", JSON, nullable=False),  # six digits each
    Column("words", JSON, nullable=False),
)

office_oversight = Table(
    "office_oversight",
    metadata,
    Column("supervisor", ForeignKey(users.c.id), primary_key=True),
    Column("office", ForeignKey(offices.c.id), primary_key=True),
)

officer_phones = Table(
    "officer_phones",  # where messages of the office's own go; "" for who does without; who has no row is asked
    metadata,
    Column("officer", ForeignKey(users.c.id), primary_key=True),
    Column("phone_sealed", Text, nullable=False),
)

credential_changes = Table(
    "credential_changes",  # the last thousand, in the order they were made; read by processes that did not make them
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("process", ID, nullable=False),
    Column("officer", ID, nullable=False),
    Column("session", ID, nullable=False),
    Column("seat", ID, nullable=False),
    sqlite_autoincrement=True,
)

officer_sessions = Table(
    "officer_sessions",
    metadata,
    Column("token_hash", DIGEST, primary_key=True),
    Column("user", ForeignKey(users.c.id), nullable=False, index=True),
    Column("created", Utc, nullable=False),
    Column("seen", Utc, nullable=False),
    Column("expires", Utc, nullable=False, index=True),
)
