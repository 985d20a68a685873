"""Other systems: their tokens, what they sent, what they are sent."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from server.storage.columns import Utc
from server.storage.tables.base import DIGEST, ID, WORD, metadata
from server.storage.tables.people import offices

system_tokens = Table(
    "system_tokens",
    metadata,
    Column("id", ID, primary_key=True),
    Column("office", ForeignKey(offices.c.id), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("scopes", String(128), nullable=False),  # with spaces between them
    Column("token_hash", DIGEST, nullable=False, unique=True),
    Column("created", Utc, nullable=False),
    Column("created_by", ID, nullable=False),
    Column("used_at", Utc),
    Column("revoked_at", Utc),
    Column("officer", ID, nullable=False, server_default=""),  # whose own it is; "" for a system's
    Column("expires", Utc),  # until the next start none, of tokens from before there were last days
)

system_requests = Table(
    "system_requests",  # so that the same key registers once
    metadata,
    Column("token", ForeignKey(system_tokens.c.id), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("digest", DIGEST, nullable=False),  # of the request's body
    Column("complaint", ID, nullable=False),
    Column("at", Utc, nullable=False),
)

intake_senders = Table(
    "intake_senders",  # systems whose signed requests make complaints
    metadata,
    Column("id", ID, primary_key=True),
    Column("office", ForeignKey(offices.c.id), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("channel", WORD, nullable=False),
    Column("secret", Text, nullable=False),  # sealed
    Column("before", Text),  # the sealed one before it,
    Column("before_until", Utc),  # good until then
    Column("created", Utc, nullable=False),
    Column("created_by", ID, nullable=False),
    Column("used_at", Utc),
    Column("revoked_at", Utc),
)

intake_requests = Table(
    "intake_requests",  # so that the same key is answered once and the same way
    metadata,
    Column("sender", ForeignKey(intake_senders.c.id), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("digest", DIGEST, nullable=False),  # of the request's body
    Column("signature", DIGEST, nullable=False),  # nobody sends a signed body again under another key
    Column("batch", ID, nullable=False),
    Column("answer", JSON),  # None until it was given
    Column("at", Utc, nullable=False),
    UniqueConstraint("sender", "signature"),
)

hooks = Table(
    "hooks",  # systems that are told of changes
    metadata,
    Column("id", ID, primary_key=True),
    Column("office", ForeignKey(offices.c.id), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),  # sealed
    Column("created", Utc, nullable=False),
    Column("created_by", ID, nullable=False),
    Column("revoked_at", Utc),
)

hook_deliveries = Table(
    "hook_deliveries",
    metadata,
    Column("id", ID, primary_key=True),
    Column("hook", ForeignKey(hooks.c.id), nullable=False),
    Column("office", ID, nullable=False),
    Column("event", String(64), nullable=False),
    Column("number", String(64), nullable=False),  # of the complaint
    Column("body", Text, nullable=False),
    Column("created", Utc, nullable=False),
    Column("next_try", Utc, nullable=False),
    Column("state", WORD, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("sent_at", Utc),
    Index(None, "state", "next_try"),
    Index(None, "office", "state", "created"),
)
